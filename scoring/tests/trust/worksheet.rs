//! Signed worksheets, as whoever is handed one has them explained.

use crate::fixture::READER;
use scoring::explain::{Kind, explain};
use scoring::jose::sign;
use scoring::participant::public;
use scoring::plan::decision_map::DecisionMap;
use scoring::plan::engagement::Engagement;
use scoring::plan::ninety_days::NinetyDays;
use scoring::plan::{Worksheet, unsigned};

/// A published test seed.
const SEED: [u8; 32] = [3; 32];
const ID: &str = "AAAAAAAAAAAAAAAAAAAAAA";

fn check<T: Worksheet + Default>(expected: Kind) {
    let unsigned = unsigned(&T::default(), ID, &public(&SEED), 5);
    let file = unsigned.signed(&sign(&SEED, &unsigned.signing_input()));
    let told = |file: &str| {
        let explained = explain(file.as_bytes(), &READER, 0);
        assert_eq!(explained.kind, expected);
        let failed = explained.checks.into_iter().find(|check| check.passed == Some(false));
        (explained.refusal, failed.map(|check| check.step))
    };
    assert_eq!(told(&file), (None, None));
    let other = unsigned.signed(&sign(&[4; 32], &unsigned.signing_input()));
    let signature = || Some("signature".to_owned());
    assert_eq!(told(&other), (signature(), signature()));
    // The largest is read, and one byte more is not even parsed.
    let room = scoring::plan::MAX_WORKSHEET_BYTES - file.len();
    assert_eq!(told(&format!("{file}{}", " ".repeat(room))), (None, None));
    let too_large = told(&format!("{file}{}", " ".repeat(room + 1)));
    assert_eq!(too_large, (Some("too_large".to_owned()), Some("form".to_owned())));
}

#[test]
fn worksheets_are_explained() {
    check::<NinetyDays>(Kind::NinetyDays);
    check::<DecisionMap>(Kind::DecisionMap);
    check::<Engagement>(Kind::Engagement);
}
