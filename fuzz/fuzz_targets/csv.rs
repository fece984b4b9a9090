//! A report as a table: whatever its texts are, other programs read the same cells and run none.
//! An input is texts that are parted by zero bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scoring::cohort::{Cut, CutGroup, Estimate, ItemRow, Report, ScaleRow, report_csv};

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    let mut texts = text.split('\0').map(str::to_owned);
    let mut next = || texts.next().unwrap_or_default();
    let estimate = Estimate { n: 7, mean: 50.0, sd: Some(0.1), ci95: Some([0.0, 100.0]) };
    let report = Report {
        cohort: None,
        instrument: next(),
        version: next(),
        rater: next(),
        unsigned: true,
        n: 7,
        roster: Some(9),
        min_group: 5,
        min_comments: 10,
        scales: vec![ScaleRow {
            scale: next(),
            group: next(),
            estimate: Some(estimate.clone()),
            quality: None,
        }],
        items: vec![ItemRow {
            item: next(),
            reversed: true,
            estimate: Some(estimate),
            favourable: Some(12.5),
            favourable_ci95: Some([2.0, 60.3]),
        }],
        cuts: vec![Cut {
            item: next(),
            asked: None,
            groups: vec![CutGroup {
                code: None,
                n: None,
                scales: vec![ScaleRow {
                    scale: next(),
                    group: next(),
                    estimate: None,
                    quality: None,
                }],
            }],
            other: None,
        }],
        comments: Vec::new(),
        without_suspects: None,
        change: None,
        outcomes: None,
        gaps: None,
    };
    let table = report_csv(std::slice::from_ref(&report));
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(table.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a table")).collect();
    assert_eq!(rows.len(), 4);
    let identity = [&report.instrument, &report.version, &report.rater];
    let (scale, item, cut) = (&report.scales[0], &report.items[0], &report.cuts[0]);
    same(&rows[1], identity, ["scale", "", &scale.group, &scale.scale]);
    same(&rows[2], identity, ["item", "", "", &item.item]);
    same(&rows[3], identity, ["cut", &cut.item, "not_stated", &cut.groups[0].scales[0].scale]);
});

fn same(row: &csv::StringRecord, identity: [&String; 3], texts: [&str; 4]) {
    let texts = identity.into_iter().map(String::as_str).chain(texts);
    for (cell, text) in row.iter().zip(texts) {
        assert!(cell == text || cell.strip_prefix('\'') == Some(text), "{cell:?} for {text:?}");
        let starts_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
        assert!(!starts_formula || cell.parse::<f64>().is_ok(), "{cell:?} would be run");
    }
}
