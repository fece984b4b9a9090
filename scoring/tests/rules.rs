//! Scoring and interpretation on small definitions whose numbers are worked out by hand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

use num_rational::Rational64;
use proptest::prelude::*;
use scoring::answers::{Answer, AnswerSheet, SheetFault};
use scoring::instrument::{Instrument, Rater};
use scoring::json::canonical;
use scoring::score::{Truth, Verdict, band, interpret, score};
use serde_json::{Value, json};

/// Two scales of three items on a scale from 2 to 6, the third item of each reversed; a gate.
fn definition(rules: &Value) -> Value {
    let item = |id: &str, reversed: bool| json!({"type": "rating", "id": id, "response": "r", "reversed": reversed});
    let scale = |id: &str, items: [&str; 3]| {
        json!({"id": id, "group": "g", "items": items, "min_answered": 2,
               "bands": [{"id": "low", "from": 0}, {"id": "high", "from": 50}]})
    };
    json!({
        "format": 1, "id": "demo", "version": "1.0", "languages": ["en"], "minutes": 1, "raters": ["self"],
        "responses": {
            "r": {"type": "rating", "min": 2, "max": 6, "favourable_from": 5, "not_applicable": true},
            "yn": {"type": "choice", "codes": [1, 2], "not_applicable": false},
        },
        "items": [
            {"type": "choice", "id": "gate", "response": "yn", "cut": false},
            {"type": "choice", "id": "led", "response": "yn", "cut": false,
             "shown_when": {"answer": {"item": "gate", "is": [1]}}},
            item("a1", false), item("a2", false), item("a3", true),
            item("b1", false), item("b2", false), item("b3", true),
        ],
        "sections": [{"id": "s", "screens": [["gate", "led", "a1", "a2", "a3", "b1", "b2", "b3"]]}],
        "groups": [{"id": "g", "chart": "bars"}],
        "scales": [scale("a", ["a1", "a2", "a3"]), scale("b", ["b1", "b2", "b3"])],
        "rules": rules,
        "limits": {"focus": 1},
    })
}

fn instrument(rules: &Value) -> Instrument {
    Instrument::load(canonical(&definition(rules)).as_bytes())
        .unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn sheet(codes: &[(&str, i64)]) -> AnswerSheet {
    let mut sheet = AnswerSheet::new(Rater::Own);
    for (item, code) in codes {
        sheet.answers.insert((*item).to_owned(), Answer::Code(*code));
    }
    sheet
}

#[test]
fn a_reversed_item_turns_about_the_definitions_bounds() {
    let instrument = instrument(&json!([]));
    // 6 + 4 + (2 + 6 − 3) = 15: mean 5, POMP 100 (5 − 2)/4 = 75, two of three at 5 or more.
    let scores = score(&instrument, &sheet(&[("a1", 6), ("a2", 4), ("a3", 3)]));
    let a = scores.get("a").unwrap();
    assert_eq!((a.sum, a.n_answered, a.n_favourable), (15, 3, 2));
    assert_eq!(a.mean(), Some(Rational64::from(5)));
    assert_eq!(a.pomp(), Some(Rational64::from(75)));
}

#[test]
fn one_answer_too_few_gives_no_score_and_not_applicable_is_no_number() {
    let instrument = instrument(&json!([]));
    let mut answers = sheet(&[("a1", 6)]);
    answers.answers.insert("a2".to_owned(), Answer::NotApplicable);
    answers.answers.insert("a3".to_owned(), Answer::Skipped);
    assert_eq!(score(&instrument, &answers).pomp("a"), None);
    answers.answers.insert("a2".to_owned(), Answer::Code(6));
    assert_eq!(score(&instrument, &answers).pomp("a"), Some(Rational64::from(100)));
}

#[test]
fn a_band_begins_exactly_at_its_score() {
    let instrument = instrument(&json!([]));
    let scale = instrument.scale("a").unwrap();
    assert_eq!(band(scale, Rational64::new(4_999_999, 100_000)), Some("low"));
    assert_eq!(band(scale, Rational64::from(50)), Some("high"));
}

fn verdicts() -> Value {
    json!([
        {"id": "stop", "kind": "verdict", "when": {"answer": {"item": "gate", "is": [1]}}},
        {"id": "weak", "kind": "verdict", "when": {"score": {"scale": "a", "below": 50}}},
        {"id": "fine", "kind": "verdict", "when": {"always": true}},
    ])
}

#[track_caller]
fn check_verdict(answers: &AnswerSheet, expected: &str) {
    let instrument = instrument(&verdicts());
    let said = interpret(&instrument, answers, &score(&instrument, answers));
    let got = match said.verdict.expect("a verdict always comes out") {
        Verdict::Reached(fired) => fired.rule,
        Verdict::Undetermined { scales, items } => format!("missing {scales:?} {items:?}"),
    };
    assert_eq!(got, expected);
}

#[test]
fn the_first_verdict_that_holds_takes_precedence() {
    let weak = [("a1", 2), ("a2", 2), ("a3", 6)];
    check_verdict(&sheet(&[&[("gate", 1)], &weak[..]].concat()), "stop");
    check_verdict(&sheet(&[&[("gate", 2)], &weak[..]].concat()), "weak");
    // POMP exactly 50 is not below 50.
    check_verdict(&sheet(&[("gate", 2), ("a1", 4), ("a2", 4), ("a3", 4)]), "fine");
}

#[test]
fn a_verdict_that_cannot_be_decided_is_not_passed_over() {
    let fine = [("a1", 6), ("a2", 6), ("a3", 2)];
    check_verdict(&sheet(&fine), "missing [] [\"gate\"]");
    check_verdict(&sheet(&[("gate", 2)]), "missing [\"a\"] []");
}

#[test]
fn focus_names_the_lowest_and_keeps_the_declared_order_for_ties() {
    let focus = |id: &str, scale: &str| json!({"id": id, "kind": "focus", "rank_by": scale, "when": {"score": {"scale": scale, "below": 60}}});
    let instrument = instrument(&json!([focus("fa", "a"), focus("fb", "b")]));
    let first = |codes: &[(&str, i64)]| {
        let answers = sheet(codes);
        let said = interpret(&instrument, &answers, &score(&instrument, &answers));
        said.focus.iter().map(|fired| fired.rule.clone()).collect::<Vec<_>>()
    };
    assert_eq!(first(&[("a1", 3), ("a2", 3), ("b1", 2), ("b2", 3)]), ["fb"]);
    assert_eq!(first(&[("a1", 3), ("a2", 3), ("b1", 3), ("b2", 3)]), ["fa"]);
    assert!(first(&[("a1", 6), ("a2", 6), ("b1", 6), ("b2", 6)]).is_empty());
}

#[test]
fn a_sheet_states_every_shown_item_and_no_hidden_one() {
    let instrument = instrument(&json!([]));
    let hidden = sheet(&[("gate", 2), ("led", 1)]).completed(&instrument);
    assert_eq!(hidden.answers.get("led"), None);
    assert_eq!(hidden.answers.get("a1"), Some(&Answer::Skipped));
    assert_eq!(hidden.check(&instrument), Ok(()));

    let mut crafted = hidden.clone();
    crafted.answers.insert("led".to_owned(), Answer::Code(1));
    assert_eq!(crafted.check(&instrument), Err(SheetFault::NotShown("led".to_owned())));
    let mut crafted = hidden.clone();
    crafted.answers.remove("b3");
    assert_eq!(crafted.check(&instrument), Err(SheetFault::Missing("b3".to_owned())));
    let mut crafted = hidden.clone();
    crafted.answers.insert("b3".to_owned(), Answer::Code(7));
    assert_eq!(crafted.check(&instrument), Err(SheetFault::UnknownOption("b3".to_owned())));
    let mut crafted = hidden;
    crafted.answers.insert("gate".to_owned(), Answer::NotApplicable);
    assert_eq!(crafted.check(&instrument), Err(SheetFault::UnknownOption("gate".to_owned())));
}

#[test]
fn the_checker_refuses_a_rule_that_can_never_be_right() {
    let refused = |rule: Value, at: &str| {
        let problems =
            Instrument::load(canonical(&definition(&json!([rule]))).as_bytes()).unwrap_err();
        assert!(problems.iter().any(|problem| problem.path == at), "{problems:?}");
    };
    let pattern = |when: Value| json!({"id": "p", "kind": "pattern", "when": when});
    refused(pattern(json!({"score": {"scale": "c", "below": 50}})), "rules[0]");
    refused(pattern(json!({"score": {"scale": "a"}})), "rules[0]");
    refused(pattern(json!({"score": {"scale": "a", "below": 50, "at_least": 20}})), "rules[0]");
    refused(pattern(json!({"answer": {"item": "gate", "is": [3]}})), "rules[0]");
    refused(pattern(json!({"answer": {"item": "gate", "is": []}})), "rules[0]");
    refused(pattern(json!({"lowest": {"scale": "a", "among": 2}})), "rules[0]");
    refused(pattern(json!({"count": {"items": ["gate"], "is": [1], "at_least": 2}})), "rules[0]");
    refused(pattern(json!({"any": []})), "rules[0]");
    refused(pattern(json!({"always": false})), "rules[0]");
    refused(
        json!({"id": "v", "kind": "verdict", "when": {"answer": {"item": "gate", "is": [1]}}}),
        "rules",
    );
    refused(json!({"id": "f", "kind": "focus", "when": {"always": true}}), "rules[0]");
}

proptest! {
    /// A rule that fires on a part of the answers still fires when the rest are given, whatever they are.
    #[test]
    fn more_answers_never_take_a_sentence_back(
        codes in proptest::collection::vec(2i64..=6, 6),
        gate in 1i64..=2,
        hidden in proptest::collection::vec(any::<bool>(), 7),
    ) {
        // Count and answer conditions are decided by single answers; scores are means and may move.
        let when = json!({"any": [
            {"count": {"items": ["a1", "a2", "a3", "b1"], "is": [5, 6], "at_least": 2}},
            {"all": [{"answer": {"item": "gate", "is": [1]}},
                     {"not": {"count": {"items": ["b1", "b2", "b3"], "is": [2], "at_most": 1}}}]},
        ]});
        let instrument = instrument(&json!([{"id": "p", "kind": "pattern", "when": when}]));
        let items = ["a1", "a2", "a3", "b1", "b2", "b3"];
        let mut all: Vec<(&str, i64)> = items.into_iter().zip(codes).collect();
        all.push(("gate", gate));
        let some: Vec<(&str, i64)> =
            all.iter().zip(&hidden).filter(|(_, hidden)| !**hidden).map(|(answer, _)| *answer).collect();
        let fires = |codes: &[(&str, i64)]| {
            let answers = sheet(codes);
            !interpret(&instrument, &answers, &score(&instrument, &answers)).patterns.is_empty()
        };
        prop_assert!(!fires(&some) || fires(&all));
    }
}

/// Kleene (1952), Introduction to Metamathematics, section 64.
#[test]
fn negation_keeps_the_unknown() {
    assert_eq!(
        [!Truth::True, !Truth::Unknown, !Truth::False],
        [Truth::False, Truth::Unknown, Truth::True]
    );
}
