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
use scoring::instrument::{Condition, Instrument, Rater};
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
        Verdict::Undetermined { scales, items, .. } => format!("missing {scales:?} {items:?}"),
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

/// The problems of a definition with these rules, which are otherwise without fault.
fn problems(rules: &Value) -> Vec<String> {
    let found = Instrument::load(canonical(&definition(rules)).as_bytes()).err();
    found.unwrap_or_default().iter().map(ToString::to_string).collect()
}

#[track_caller]
fn dead(when: Value) {
    let found = problems(&json!([{"id": "p", "kind": "pattern", "when": when}]));
    let expected = "definition.json: rules[0]: no answers make this hold, so it is never said";
    assert_eq!(found, [expected], "{when}");
}

#[track_caller]
fn alive(when: Value) {
    assert_eq!(problems(&json!([{"id": "p", "kind": "pattern", "when": when}])), [""; 0], "{when}");
}

fn answer(item: &str, is: &[i64]) -> Value {
    json!({"answer": {"item": item, "is": is}})
}

/// Scales of the demo have three items from 2 to 6, of which two are enough: scores are twelfths and eighths.
#[test]
fn a_rule_that_can_never_fire_is_refused() {
    let below = |scale: &str, n: i64| json!({"score": {"scale": scale, "below": n}});
    let from = |scale: &str, n: i64| json!({"score": {"scale": scale, "at_least": n}});
    // One scale, two thresholds.
    dead(json!({"all": [below("a", 40), from("a", 60)]}));
    dead(json!({"all": [below("a", 60), {"not": below("a", 60)}]}));
    // 50 and 58.3 are scores, and 51 to 58 are none; 62.5 is one of two answers.
    dead(json!({"all": [from("a", 51), below("a", 58)]}));
    alive(json!({"all": [from("a", 51), below("a", 59)]}));
    alive(json!({"all": [from("a", 59), below("a", 63)]}));
    // One question, two answers; and none that is left.
    dead(json!({"all": [answer("gate", &[1]), answer("gate", &[2])]}));
    dead(json!({"not": answer("gate", &[1, 2])}));
    // A question that is asked only after another answer.
    dead(json!({"all": [answer("led", &[1, 2]), answer("gate", &[2])]}));
    alive(json!({"all": [answer("led", &[1]), answer("gate", &[1])]}));
    dead(json!({"all": [{"not": answer("led", &[1])}, answer("gate", &[2])]}));
    // Counts of the same answers.
    let count = |items: &[&str], is: &[i64], bound: &str, n: usize| json!({"count": {"items": items, "is": is, bound: n}});
    let three = ["a1", "a2", "b1"];
    dead(
        json!({"all": [count(&three, &[5, 6], "at_least", 2), count(&three, &[5, 6], "at_most", 1)]}),
    );
    dead(
        json!({"all": [count(&three, &[5, 6], "at_least", 2), count(&three, &[2, 3], "at_least", 2)]}),
    );
    alive(
        json!({"all": [count(&three, &[5, 6], "at_least", 2), count(&three, &[2, 3], "at_least", 1)]}),
    );
    dead(json!({"all": [count(&["gate", "led"], &[2], "at_least", 2)]}));
    // Counts of scales.
    let scales = |bound: &str, n: i64, least: usize| json!({"count_scores": {"scales": ["a", "b"], bound: n, "at_least": least}});
    dead(json!({"all": [scales("below", 50, 2), from("a", 50)]}));
    alive(json!({"all": [scales("below", 50, 1), from("a", 50)]}));
    dead(json!({"all": [scales("below", 50, 1), scales("at_least_score", 50, 2)]}));
    // The lowest of two cannot be higher than the other.
    let lowest = |scale: &str| json!({"lowest": {"scale": scale, "among": 1}});
    dead(json!({"all": [lowest("a"), from("a", 60), below("b", 60)]}));
    dead(json!({"all": [{"not": lowest("a")}, below("a", 60), from("b", 60)]}));
    alive(json!({"all": [lowest("a"), from("a", 60)]}));
    // Every way of several.
    dead(
        json!({"all": [{"any": [below("a", 40), answer("gate", &[2])]}, from("a", 40), answer("gate", &[1])]}),
    );
    alive(json!({"all": [{"any": [below("a", 40), answer("gate", &[2])]}, from("a", 40)]}));
}

#[test]
fn a_verdict_that_is_always_preceded_is_refused() {
    let shadowed = |first: Value, second: Value| {
        let rules = json!([
            {"id": "one", "kind": "verdict", "when": first},
            {"id": "two", "kind": "verdict", "when": second},
            {"id": "last", "kind": "verdict", "when": {"always": true}},
        ]);
        problems(&rules)
    };
    let below = |n: i64| json!({"score": {"scale": "a", "below": n}});
    let hidden = |idx: usize| {
        [format!(
            "definition.json: rules[{idx}]: whenever this holds, a verdict before it does, so it is never said"
        )]
    };
    assert_eq!(shadowed(below(60), below(50)), hidden(1));
    assert_eq!(shadowed(below(50), below(60)), [""; 0]);
    assert_eq!(shadowed(answer("gate", &[1, 2]), below(60)), [hidden(1), hidden(2)].concat());
    // Who is not asked the second question leaves the second verdict open, so that the last never comes out.
    assert_eq!(
        shadowed(answer("gate", &[1]), answer("led", &[1])),
        [hidden(1), hidden(2)].concat()
    );
    assert_eq!(shadowed(answer("gate", &[1]), answer("gate", &[2])), hidden(2));
    // Neither does a verdict that can never hold, where it stays open for whoever is not asked.
    let both = json!({"count": {"items": ["gate", "led"], "is": [2], "at_least": 2}});
    let dead =
        "definition.json: rules[0]: no answers make this hold, so it is never said".to_owned();
    assert_eq!(shadowed(both, answer("gate", &[1])), [&[dead], &hidden(2)[..]].concat());
}

#[test]
fn an_item_that_is_never_asked_and_a_band_that_is_never_reached_are_refused() {
    let broken = |change: &dyn Fn(&mut Value)| {
        let mut definition = definition(&json!([]));
        change(&mut definition);
        let problems =
            Instrument::load(canonical(&definition).as_bytes()).err().unwrap_or_default();
        problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let never = |definition: &mut Value| {
        definition["items"][1]["shown_when"] =
            json!({"all": [answer("gate", &[1]), answer("gate", &[2])]});
    };
    let expected = "definition.json: items[1].shown_when: no answers make this hold, so the item is never shown";
    assert_eq!(broken(&never), [expected]);
    let narrow = |definition: &mut Value| {
        definition["scales"][0]["bands"] = json!([{"id": "low", "from": 0}, {"id": "high", "from": 51}, {"id": "top", "from": 58}]);
    };
    assert_eq!(broken(&narrow), ["definition.json: scales[0]: no score falls in band \"high\""]);
}

/// Conditions over what does not hang together: two questions, of which one is asked only after an answer to the
/// other, and a scale.
fn condition() -> impl Strategy<Value = Value> {
    let gate =
        proptest::sample::subsequence(vec![1_i64, 2], 1..=2).prop_map(|is| answer("gate", &is));
    let led =
        proptest::sample::subsequence(vec![1_i64, 2], 1..=2).prop_map(|is| answer("led", &is));
    let count = (1_usize..=2, proptest::sample::subsequence(vec![1_i64, 2], 1..=2))
        .prop_map(|(n, is)| json!({"count": {"items": ["gate", "led"], "is": is, "at_least": n}}));
    let at_most = (0_usize..=1)
        .prop_map(|n| json!({"count": {"items": ["gate", "led"], "is": [1], "at_most": n}}));
    let score = (1_i64..=100, any::<bool>()).prop_map(
        |(n, below)| json!({"score": {"scale": "a", if below { "below" } else { "at_least" }: n}}),
    );
    let scores = (1_i64..=100, 1_usize..=2).prop_map(
        |(n, least)| json!({"count_scores": {"scales": ["a", "b"], "below": n, "at_least": least}}),
    );
    prop_oneof![gate, led, count, at_most, score, scores].prop_recursive(3, 12, 3, |part| {
        prop_oneof![
            proptest::collection::vec(part.clone(), 1..=3).prop_map(|parts| json!({"all": parts})),
            proptest::collection::vec(part.clone(), 1..=3).prop_map(|parts| json!({"any": parts})),
            part.prop_map(|part| json!({"not": part})),
        ]
    })
}

/// Every sheet that differs in what the conditions ask for: both questions, and both scales with each sum of their
/// three answers, of two, or of none. The items of a scale are exchangeable.
fn every_sheet() -> Vec<AnswerSheet> {
    let choice = || [None, Some(1), Some(2)].into_iter();
    let scale = |id: &str| -> Vec<Vec<(String, i64)>> {
        let two = (4..=12).map(|sum| vec![(1, sum / 2), (2, sum - sum / 2)]);
        let three =
            (6..=18).map(|sum| vec![(1, sum / 3), (2, (sum + 1) / 3), (3, 8 - (sum + 2) / 3)]);
        let named = two.chain(three).chain([Vec::new()]).map(|codes: Vec<(i64, i64)>| {
            codes.into_iter().map(|(item, code)| (format!("{id}{item}"), code)).collect()
        });
        named.collect()
    };
    let (a, b) = (scale("a"), scale("b"));
    let mut sheets = Vec::new();
    for (gate, led) in choice().flat_map(|gate| choice().map(move |led| (gate, led))) {
        for (a, b) in a.iter().flat_map(|a| b.iter().map(move |b| (a, b))) {
            let mut codes: Vec<(&str, i64)> =
                a.iter().chain(b).map(|(item, code)| (item.as_str(), *code)).collect();
            codes.extend(gate.map(|code| ("gate", code)));
            codes.extend(led.map(|code| ("led", code)));
            sheets.push(sheet(&codes));
        }
    }
    sheets
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// What the checker refuses never fires on any sheet, and what it lets pass does.
    #[test]
    fn the_checker_refuses_exactly_what_never_fires(first in condition(), second in condition()) {
        let rules = json!([
            {"id": "one", "kind": "verdict", "when": first},
            {"id": "two", "kind": "verdict", "when": second},
            {"id": "pattern", "kind": "pattern", "when": first},
            {"id": "last", "kind": "verdict", "when": {"always": true}},
        ]);
        let refused: Vec<String> = problems(&rules)
            .iter()
            .map(|problem| problem.split(": ").nth(1).unwrap_or_default().to_owned())
            .collect();
        let definition = canonical(&definition(&rules));
        let instrument = Instrument::load_published(definition.as_bytes()).unwrap();
        let mut said = std::collections::BTreeSet::new();
        for sheet in every_sheet() {
            let sheet = sheet.completed(&instrument);
            let found = interpret(&instrument, &sheet, &score(&instrument, &sheet));
            if let Some(Verdict::Reached(fired)) = found.verdict {
                said.insert(fired.rule);
            }
            said.extend(found.patterns.into_iter().map(|fired| fired.rule));
        }
        for (idx, rule) in ["one", "two", "pattern", "last"].into_iter().enumerate() {
            let is_refused = refused.contains(&format!("rules[{idx}]"));
            prop_assert_eq!(is_refused, !said.contains(rule), "{} of {}", rule, rules);
        }
    }

    /// Without "not" a condition says the same, and the facts behind a rule are not lost.
    #[test]
    fn what_is_said_without_not_is_the_same(when in condition()) {
        let rules = json!([
            {"id": "plain", "kind": "pattern", "when": when},
            {"id": "twice", "kind": "pattern", "when": {"not": {"not": when}}},
        ]);
        let definition = canonical(&definition(&rules));
        let instrument = Instrument::load_published(definition.as_bytes()).unwrap();
        let affirmed = instrument.affirmed(&instrument.definition().rules[1].when);
        affirmed.walk(&mut |part| assert!(!matches!(part, Condition::Not(_)), "{affirmed:?}"));
        for sheet in every_sheet().iter().step_by(37) {
            let sheet = sheet.completed(&instrument);
            let said = interpret(&instrument, &sheet, &score(&instrument, &sheet));
            let because: Vec<_> = said.patterns.iter().map(|fired| &fired.because).collect();
            prop_assert!(because.is_empty() || (because.len() == 2 && because[0] == because[1]));
        }
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
