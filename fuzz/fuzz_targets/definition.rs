//! A definition and a wording of it, parted by an empty line; written canonically for the fuzzer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plumbline_fuzz::INSTRUMENT;
use scoring::answers::AnswerSheet;
use scoring::instrument::Instrument;
use scoring::json::{canonical, parse};
use scoring::score::{interpret, score};

fuzz_target!(|input: &[u8]| {
    let cut = input.windows(2).position(|pair| pair == b"\n\n").unwrap_or(input.len());
    let (definition, wording) = (&input[..cut], input.get(cut + 2..).unwrap_or_default());
    let _ = Instrument::load(definition);
    let Ok(definition) = parse(definition) else {
        let _ = INSTRUMENT.wording("en.json", wording);
        return;
    };
    let definition = canonical(&definition);
    assert_eq!(parse(definition.as_bytes()).map(|v| canonical(&v)).as_deref(), Ok(&*definition));
    let Ok(instrument) = Instrument::load(definition.as_bytes()) else { return };
    assert!(Instrument::load_published(definition.as_bytes()).is_ok());
    let _ = instrument.wording("en.json", wording);
    for rater in &instrument.definition().raters {
        let sheet = AnswerSheet::new(*rater).completed(&instrument);
        assert_eq!(sheet.check(&instrument), Ok(()), "an empty sheet can always be completed");
        let _ = interpret(&instrument, &sheet, &score(&instrument, &sheet));
    }
});
