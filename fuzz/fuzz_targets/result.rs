//! A result file: read, counted, reported and published.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plumbline_fuzz::{Input, LINK, NOW, PARTICIPANT, READER};
use scoring::cohort::{GroupReport, Import, report_csv, reports};
use scoring::explain::explain;
use scoring::score::interpret;

fuzz_target!(|input: &[u8]| {
    let file = Input::of(input).flattened("survey-result+jwt", &PARTICIPANT);
    let verdict = READER.verify(&file);
    let explained = explain(&file, &READER, NOW);
    if let Ok(result) = &verdict {
        assert_eq!(explained.refusal, None);
        let _ = interpret(result.instrument(), &result.claims().survey.sheet, result.scores());
    }

    let mut import = Import::default();
    import.add("a.json", &file, &READER);
    import.add("b.json", &file, &READER);
    let counted = import.counted();
    assert_eq!(counted.len(), usize::from(verdict.is_ok()), "the same file counts once");
    let reports = reports(&counted);
    let _ = report_csv(&reports);
    if counted.iter().any(|result| result.link().is_some()) {
        let receipts: Vec<[u8; 32]> = counted.iter().map(|result| *result.receipt()).collect();
        let _ = GroupReport::unsigned(&LINK, &reports, &receipts, NOW);
    }
});
