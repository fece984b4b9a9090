//! What may be said of a leader and a manager.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

use proptest::prelude::*;
use scoring::answers::{Answer, AnswerSheet};
use scoring::instrument::{Instrument, PAIR_CODES, Rater, Wording};
use scoring::pair::{PLACES, PairReport};
use scoring::stats::{nearest, ratio};
use std::path::Path;
use std::sync::LazyLock;

static LEADER: LazyLock<Instrument> =
    LazyLock::new(|| Instrument::load(&file("definition.json")).unwrap());
static WORDING: LazyLock<Wording> =
    LazyLock::new(|| LEADER.wording("en.json", &file("en.json")).unwrap());

fn file(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/instruments/leader_180/1.0");
    std::fs::read(folder.join(name)).unwrap()
}

/// Ratings in the order of the behaviours; 0 is "not observed". Behaviours at these places are picked.
fn sheet(rater: Rater, ratings: &[i64], picked: &[usize]) -> AnswerSheet {
    let behaviours: Vec<String> =
        LEADER.definition().items.iter().take(24).map(|item| item.id.clone()).collect();
    let mut sheet = AnswerSheet::new(rater);
    for (id, rating) in behaviours.iter().zip(ratings) {
        let answer = if *rating == 0 { Answer::NotApplicable } else { Answer::Code(*rating) };
        sheet.answers.insert(id.clone(), answer);
    }
    let picked = picked.iter().map(|place| behaviours[*place].clone()).collect();
    sheet.rankings.insert("priorities".to_owned(), picked);
    sheet.completed(&LEADER)
}

fn report(own: &[i64], manager: &[i64]) -> PairReport {
    let own = sheet(Rater::Own, own, &[0, 1, 2, 3, 4]);
    let manager = sheet(Rater::Manager, manager, &[0, 1, 2, 3, 4]);
    PairReport::of(&LEADER, &own, &manager, None).unwrap()
}

/// Everything differs by one step: the error is that of rounding, 1/6 a difference, over three behaviours.
#[test]
fn equal_differences_are_not_without_error() {
    let found = report(&[4; 24], &[3; 24]);
    for area in &found.areas {
        assert_eq!(area.error_squared.value(), Some(&ratio(1, 18)));
        assert_eq!(area.says, "blind_spot");
    }
    assert_eq!(found.overall.error_squared.value(), Some(&ratio(1, 144)));
    assert_eq!((found.overall.says.as_str(), found.overall.n_items), ("overall_over", 24));
    assert_eq!(found.priorities.says, "priorities_beyond_chance");
}

#[test]
fn what_nobody_rated_is_compared_with_nothing() {
    let found = report(&[0; 24], &[4; 24]);
    assert!(found.areas.iter().all(|area| area.says == "not_compared"));
    assert_eq!(found.overall.says, "not_compared");
    assert_eq!(found.placed("protect").count(), 5);
    let unseen = report(&[4; 24], &[0; 24]);
    assert_eq!((unseen.placed("not_seen").count(), unseen.placed("leave").count()), (5, 0));
}

#[test]
fn every_code_has_texts_that_end_in_something_to_do() {
    let found = report(&[4; 24], &[3; 24]);
    for code in PAIR_CODES {
        let of = [None, Some(&found.overall)];
        for rule in of.map(|of| found.rule(code, of, &LEADER, &WORDING)) {
            assert!(!rule.is_empty() && !rule.contains('{'), "{rule}");
        }
        assert!(WORDING.list(&format!("pair.{code}.next")).count() > 0, "{code}");
    }
    assert!(PLACES.iter().all(|place| PAIR_CODES.contains(place)));
}

proptest! {
    #[test]
    fn a_gap_inside_its_error_has_no_name(
        own in proptest::collection::vec(0i64..6, 24),
        manager in proptest::collection::vec(0i64..6, 24),
    ) {
        let found = report(&own, &manager);
        let named = ["over_estimator", "under_estimator"];
        for of in found.areas.iter().chain([&found.overall]) {
            let is_named = of.agreement.as_deref().is_some_and(|code| named.contains(&code));
            let Some((gap, error)) = of.gap.value().zip(of.error_squared.value()) else {
                prop_assert!(!is_named);
                continue;
            };
            let gap = nearest(gap).abs();
            prop_assert!(!is_named || gap > 1.959_963 * nearest(error).sqrt());
            prop_assert!(!is_named || gap > 0.5);
        }
        for behaviour in &found.behaviours {
            let is_named = behaviour.agreement.as_deref().is_some_and(|code| named.contains(&code));
            let Some((gap, error)) = behaviour.gap().zip(behaviour.error_squared.value()) else {
                prop_assert!(!is_named);
                continue;
            };
            prop_assert!(!is_named || gap.abs() as f64 > 1.959_963 * nearest(error).sqrt());
        }
        // Whichever of both is called the leader: a gap only turns round.
        let turned = report(&manager, &own);
        for (there, back) in found.areas.iter().zip(&turned.areas) {
            prop_assert_eq!(there.gap.value().cloned(), back.gap.value().map(|gap| -gap));
            prop_assert_eq!(&there.error_squared, &back.error_squared);
        }
        let json = serde_json::to_string(&found).unwrap();
        prop_assert_eq!(serde_json::from_str::<PairReport>(&json).unwrap(), found);
    }
}
