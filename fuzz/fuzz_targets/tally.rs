//! A tally: read, reported on and added up. An input is the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plumbline_fuzz::READER;
use scoring::cohort::{report_csv, tally_reports};
use scoring::tally::Tally;

fuzz_target!(|file: &[u8]| {
    let Ok(tally) = Tally::read(file, &READER.instruments) else { return };
    let written = tally.to_json();
    let again = Tally::read(written.as_bytes(), &READER.instruments);
    assert_eq!(again.as_ref(), Ok(&tally), "what was read can be written");
    let _ = report_csv(&tally_reports(&tally, &READER.instruments));

    let mut merged = Tally::default();
    merged.merge(&tally).expect("nobody is in both");
    assert_eq!(merged, tally);
    let is_empty = tally.surveys.values().all(|survey| survey.all.n == 0);
    assert_eq!(merged.merge(&tally).is_ok(), is_empty, "nobody counts twice");
    assert_eq!(merged, tally);
});
