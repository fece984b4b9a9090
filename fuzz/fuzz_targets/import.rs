//! An import: the map, an empty line, and the table. Whatever is imported is a tally that others read, and counts
//! every row once.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plumbline_fuzz::INSTRUMENT;
use scoring::table::{ImportMap, import};
use scoring::tally::{Layout, Tally, statistics};

fuzz_target!(|input: &[u8]| {
    let cut = input.windows(2).position(|pair| pair == b"\n\n").unwrap_or(input.len());
    let (map, table) = (&input[..cut], input.get(cut + 2..).unwrap_or_default());
    let Ok(map) = ImportMap::read(map, "map.json", &INSTRUMENT) else { return };
    let Ok(imported) = import(table, &map, &INSTRUMENT) else { return };
    let left_out: u64 = imported.n_left_out.iter().sum();
    assert_eq!(imported.n_rows, imported.n_counted + left_out + imported.n_replaced);
    assert_eq!(imported.tally.respondents.len() as u64, imported.n_counted);
    let written = imported.tally.to_json();
    let read = Tally::read(written.as_bytes(), std::slice::from_ref(&INSTRUMENT));
    assert_eq!(read.as_ref(), Ok(&imported.tally));
    for survey in imported.tally.surveys.values() {
        assert_eq!(survey.all.n, imported.n_counted);
        let groups = survey.cuts.values().next();
        let _ = statistics(&Layout::of(&INSTRUMENT), &survey.all, groups);
    }
});
