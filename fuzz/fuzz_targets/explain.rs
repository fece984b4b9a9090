//! What is said about any file or text at all.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plumbline_fuzz::{Input, NOW, PARTICIPANT, READER};
use scoring::explain::{Kind, explain};

fuzz_target!(|input: &[u8]| {
    let input = Input::of(input);
    let file = input.flattened("survey-result+jwt", &PARTICIPANT);
    let explained = explain(&file, &READER, NOW);
    let verdict = READER.verify(&file);
    match explained.kind {
        Kind::Result | Kind::SealedResult | Kind::Unknown => {
            let code = verdict.as_ref().err().map(|refusal| refusal.code());
            assert_eq!(explained.refusal.as_deref(), code, "{:?}", explained.kind);
        }
        _ => assert!(verdict.is_err(), "a result is explained as {:?}", explained.kind),
    }
    // One check fails exactly where something is refused.
    let failed = explained.checks.iter().filter(|check| check.passed == Some(false)).count();
    if explained.kind != Kind::Unknown {
        assert_eq!(failed, usize::from(explained.refusal.is_some()), "{explained:?}");
    }
    let token = input.compact("survey-invitation+jwt", &PARTICIPANT);
    let _ = explain(token.as_bytes(), &READER, NOW);
});
