//! A published group report.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plumbline_fuzz::{COACH, Input, KEY, LINK, NOW, READER};
use scoring::cohort::{GroupReport, report_csv};
use scoring::explain::explain;

fuzz_target!(|input: &[u8]| {
    let file = Input::of(input).flattened("survey-group-report+jwt", &COACH);
    let explained = explain(&file, &READER, NOW);
    if let Ok(report) = GroupReport::verify(&file) {
        assert_ne!(explained.refusal.as_deref(), Some("content"));
        let _ = report_csv(&report.reports);
        // What was read can be written, and says the same when it is read again.
        let unsigned = GroupReport::unsigned(&LINK, &report.reports, &report.counted, report.iat);
        let again = unsigned.signed(&KEY.sign(&unsigned.signing_input()));
        let again = GroupReport::verify(again.as_bytes()).expect("a report as we write it");
        assert_eq!(again.reports, report.reports);
        assert!(report.counted.iter().all(|receipt| again.lists(receipt)));
    }
});
