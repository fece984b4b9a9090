//! The engagement record: what may be written, what two devices make of it, what it lacks, what it says.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a failing test should stop at the line that failed"
)]

mod fixture;
mod merge;
mod rules;

use fixture::{BASELINE, change, complete, content, id, key, number};
use scoring::json;
use scoring::plan::engagement::{
    Content, Difference, Engagement, Key, Kind, Movement, Phase, Quality, RULES, Refusal, Takes,
    Unfit,
};
use scoring::plan::{Day, Worksheet};
use serde_json::{Value, json};

#[test]
fn what_is_written_is_read() {
    let record = complete();
    assert_eq!(Engagement::from_json(&record.to_json()), Ok(record.clone()));
    // As it comes back from a file, too.
    let text = json::canonical(&record.to_json());
    assert_eq!(Engagement::from_json(&json::parse(text.as_bytes()).unwrap()), Ok(record));
    assert_eq!(Engagement::from_json(&json!({"entries": []})), Ok(Engagement::default()));
}

#[track_caller]
fn refused(pointer: &str, value: Value, expected: &str) {
    let mut written = json!({"entries": [
        {
            "kind": "criterion", "id": id(1), "replaced": [id(2)],
            "versions": [{"id": id(3), "content": {
                "name": "Days", "unit": "days", "better": "down", "known": "counted", "supplied_by": "",
                "baseline": {"n": 125, "decimals": 1}, "baseline_date": "2026-01-31",
                "baseline_source": "", "target": null,
            }}],
        },
        {"kind": "session", "id": id(1), "replaced": [], "versions": [{"id": id(4), "content": null}]},
    ]});
    assert!(Engagement::from_json(&written).is_ok());
    *written.pointer_mut(pointer).unwrap() = value;
    assert_eq!(Engagement::from_json(&written).unwrap_err(), expected);
}

#[test]
fn what_differs_from_what_we_write_is_refused_by_its_place() {
    let content = "entries[0].versions[0].content";
    let at = |member: &str| format!("{content}.{member}");
    let path = "/entries/0/versions/0/content";
    let of = |member: &str| format!("{path}/{member}");
    refused("/entries/0/kind", json!("Criterion"), "entries[0].kind");
    refused("/entries/0/id", json!("short"), "entries[0].id");
    refused("/entries/0/kind", json!("value"), "entries[0].id");
    refused("/entries/0/replaced/0", json!("x"), "entries[0].replaced[0]");
    refused("/entries/0/replaced/0", json!(id(3)), "entries[0].versions");
    refused("/entries/0/versions/0/id", json!(7), "entries[0].versions[0].id");
    refused(path, json!({}), &at("name"));
    refused(&of("name"), json!(" Days"), &at("name"));
    refused(&of("name"), json!(""), &at("name"));
    refused(&of("name"), json!("Days\u{202e}"), &at("name"));
    refused(&of("name"), json!("x".repeat(121)), &at("name"));
    refused(&of("better"), json!("sideways"), &at("better"));
    refused(&of("supplied_by"), json!(" "), &at("supplied_by"));
    refused(&of("baseline"), json!("12.5"), &at("baseline"));
    refused(&of("baseline/n"), json!(1_000_000_000_000_i64), &at("baseline.n"));
    refused(&of("baseline/decimals"), json!(5), &at("baseline.decimals"));
    refused(&of("baseline_date"), json!("2026-02-30"), &at("baseline_date"));
    let session = json!({"kind": "session", "id": id(1), "replaced": [], "versions": []});
    refused("/entries/0", session, "entries");
}

#[test]
fn a_change_that_cannot_be_read_back_is_not_made() {
    let mut record = complete();
    let before = record.clone();
    let session = content(Kind::Session, &[("date", "2026-03-01"), ("focus", "x"), ("held", "no")]);
    let mut check = |key: Key, content: &Content, version: &str| {
        let mut change = change(&record, key, Some(content.clone()), 900);
        change.version = version.to_owned();
        assert_eq!(record.apply(change), Err(Refusal::Unfit));
    };
    check(key(Kind::Commitment, 99), &session, &id(900));
    check(Key::new(Kind::Session, "short"), &session, &id(900));
    check(key(Kind::Session, 99), &session, "short");
    assert_eq!(record, before);
}

#[test]
fn every_field_says_what_it_does_not_take() {
    let unfit = |kind: Kind, code: &str, text: &str| {
        let filled = |asked: &'static str| if asked == code { text } else { "" }.to_owned();
        Content::read(kind, filled).unwrap_err()
    };
    #[track_caller]
    fn check(found: (&scoring::plan::engagement::Field, Unfit), code: &str, expected: Unfit) {
        assert_eq!((found.0.code, found.1), (code, expected));
    }
    check(unfit(Kind::About, "title", " \n "), "title", Unfit::Missing);
    check(unfit(Kind::About, "title", &"x".repeat(121)), "title", Unfit::TooLong);
    check(unfit(Kind::About, "title", "two\nlines"), "title", Unfit::Hidden);
    check(unfit(Kind::Phase, "from", "1.2.2026"), "from", Unfit::Day);
    check(unfit(Kind::Check, "done", "maybe"), "done", Unfit::Choice);
    check(unfit(Kind::Value, "value", "1,5"), "value", Unfit::Number);
    let evidence = [
        ("phase", "assessment"),
        ("source", "result"),
        ("name", "x"),
        ("reference", "AB"),
        ("date", "2026-01-01"),
    ];
    let said =
        |code: &str| evidence.iter().find(|(own, _)| *own == code).map_or("", |(_, text)| text);
    let found = Content::read(Kind::Evidence, |code| said(code).to_owned()).unwrap_err();
    check(found, "reference", Unfit::Reference);
    let lines = Content::read(Kind::Statement, |_| "two\nlines".to_owned());
    assert_eq!(lines.unwrap().text("text"), "two\nlines");
}

#[test]
fn a_value_comes_after_a_baseline() {
    let mut record = Engagement::default();
    let name = [("name", "Days"), ("unit", "days"), ("better", "down"), ("known", "counted")];
    let with =
        |more: &[(&'static str, &'static str)]| content(Kind::Criterion, &[&name, more].concat());
    let value = |record: &mut Engagement, month: &str, at: u64| {
        let said = content(Kind::Value, &[("value", "3")]);
        record.apply(change(record, Key::value(&id(1), month), Some(said), at))
    };
    assert_eq!(value(&mut record, "2026-03", 10), Err(Refusal::NoBaseline));
    let criterion = key(Kind::Criterion, 1);
    record.apply(change(&record, criterion.clone(), Some(with(&[])), 11)).unwrap();
    assert_eq!(value(&mut record, "2026-03", 12), Err(Refusal::NoBaseline));
    // A number without its day is no baseline.
    let undated = with(&[("baseline", "5")]);
    record.apply(change(&record, criterion.clone(), Some(undated), 13)).unwrap();
    assert_eq!(value(&mut record, "2026-03", 14), Err(Refusal::NoBaseline));
    let dated = with(&[("baseline", "5"), ("baseline_date", "2026-03-31")]);
    record.apply(change(&record, criterion.clone(), Some(dated), 15)).unwrap();
    assert_eq!(value(&mut record, "2026-02", 16), Err(Refusal::BeforeBaseline));
    assert_eq!(value(&mut record, "2026-03", 17), Ok(()));
    // What the values rest on stays.
    let later = with(&[("baseline", "5"), ("baseline_date", "2026-04-01")]);
    let refused = record.apply(change(&record, criterion.clone(), Some(later), 18));
    assert_eq!(refused, Err(Refusal::BeforeBaseline));
    let refused = record.apply(change(&record, criterion.clone(), Some(with(&[])), 19));
    assert_eq!(refused, Err(Refusal::NoBaseline));
    assert!(record.apply(change(&record, criterion, None, 20)).is_ok());
}

#[test]
fn three_commitments_may_be_open() {
    let mut record = Engagement::default();
    let mut put = |n: u64, state: &'static str, at: u64| {
        let said = content(Kind::Commitment, &[("behaviour", "x"), ("state", state)]);
        record.apply(change(&record, key(Kind::Commitment, n), Some(said), at))
    };
    for n in 1..=3 {
        assert_eq!(put(n, "open", n + 10), Ok(()));
    }
    assert_eq!(put(4, "open", 20), Err(Refusal::ThreeOpen));
    assert_eq!(put(4, "kept", 21), Ok(()));
    assert_eq!(put(3, "open", 22), Ok(()));
    assert_eq!(put(3, "dropped", 23), Ok(()));
    assert_eq!(put(4, "open", 24), Ok(()));
}

#[track_caller]
fn moved(
    better: &'static str,
    target: &'static str,
    months: &[(&str, &'static str)],
) -> (Movement, Option<bool>) {
    let mut record = Engagement::default();
    let said = [&BASELINE[..], &[("better", better), ("target", target)]].concat();
    let said = content(Kind::Criterion, &said);
    record.apply(change(&record, key(Kind::Criterion, 1), Some(said), 50)).unwrap();
    for (at, (month, value)) in months.iter().enumerate() {
        let said = content(Kind::Value, &[("value", value)]);
        let change = change(&record, Key::value(&id(1), month), Some(said), 60 + at as u64);
        record.apply(change).unwrap();
    }
    let course = record.course(&id(1)).unwrap();
    (course.movement, course.is_at_target)
}

/// The baseline is 12.5 on 31 January 2026.
#[test]
fn a_course_says_what_moved() {
    assert_eq!(moved("down", "", &[]), (Movement::NoValues, None));
    assert_eq!(moved("down", "10", &[]), (Movement::NoValues, None));
    assert_eq!(moved("down", "", &[("2026-02", "12.4")]), (Movement::Wanted, None));
    assert_eq!(moved("up", "", &[("2026-02", "12.4")]), (Movement::Unwanted, None));
    assert_eq!(moved("up", "", &[("2026-02", "12.50")]), (Movement::Same, None));
    // The latest month counts, in whichever order they were written.
    let months = [("2026-10", "13"), ("2026-09", "1")];
    assert_eq!(moved("down", "", &months), (Movement::Unwanted, None));
    assert_eq!(moved("down", "10", &[("2026-02", "10.0")]), (Movement::Wanted, Some(true)));
    assert_eq!(moved("down", "10", &[("2026-02", "10.1")]), (Movement::Wanted, Some(false)));
    assert_eq!(moved("up", "12", &[("2026-02", "12.1")]), (Movement::Unwanted, Some(true)));
}

#[test]
fn a_course_holds_exact_differences() {
    let record = complete();
    let course = record.course(&id(1)).unwrap();
    assert_eq!(course.baseline, Some((Day::read("2026-01-31").unwrap(), number("12.5"))));
    let months =
        course.months.iter().map(|m| (m.month.as_str(), m.value.to_string(), m.change.to_string()));
    let expected = [("2026-02", "11", "-1.5"), ("2026-03", "9.25", "-3.25")];
    let expected =
        expected.map(|(month, value, change)| (month, value.to_owned(), change.to_owned()));
    assert_eq!(months.collect::<Vec<_>>(), expected);
    assert_eq!(record.course(&id(77)), None);
}

#[test]
fn codes_are_what_ids_and_choices_say() {
    let phases: Vec<&str> = Phase::ALL.iter().map(|phase| phase.code()).collect();
    assert_eq!(Kind::Phase.ids(), Some(&phases[..]));
    let choice = Kind::Evidence.field("phase").unwrap().takes;
    assert!(matches!(choice, Takes::Choice(codes) if codes == phases));
    for kind in Kind::ALL {
        assert_eq!(Kind::of_code(kind.code()), Some(*kind));
    }
}

#[test]
fn a_difference_is_told_for_each_entry_once() {
    let before = complete();
    let mut after = before.clone();
    let said = content(Kind::Statement, &[("text", "Others.")]);
    let of = |kind: Kind, n: u64| key(kind, n);
    let goals = Key::new(Kind::Statement, "goals");
    after.apply(change(&after, goals.clone(), Some(said.clone()), 300)).unwrap();
    after.apply(change(&after, of(Kind::Session, 1), None, 301)).unwrap();
    let voice = [("date", "2026-09-01"), ("who", "A peer"), ("seen", "Listens.")];
    let voice = content(Kind::Voice, &voice);
    after.apply(change(&after, of(Kind::Voice, 88), Some(voice), 302)).unwrap();
    assert_eq!(
        after.differences(&before),
        [
            (Difference::Added, of(Kind::Voice, 88)),
            (Difference::Changed, goals.clone()),
            (Difference::Deleted, of(Kind::Session, 1)),
        ]
    );
    assert_eq!(before.differences(&before), []);
    let mut other = before.clone();
    let said = content(Kind::Statement, &[("text", "Different ones.")]);
    other.apply(change(&other, goals.clone(), Some(said), 303)).unwrap();
    let both = after.merge(&other);
    assert_eq!(both.differences(&after), [(Difference::Conflict, goals)]);
}

#[test]
fn what_rests_on_nothing_is_not_in_place() {
    let in_place = |record: &Engagement| Quality::ALL.map(|quality| record.soundness(quality).0);
    let n_rules = Quality::ALL.map(|quality| RULES.iter().filter(|r| r.quality == quality).count());
    assert_eq!(in_place(&complete()), n_rules);
    // That nothing stands in two versions is true of an empty record; that each of no measures has a baseline
    // is no merit.
    let empty = Engagement::default();
    assert_eq!(in_place(&empty), [1, 0, 0, 0]);
    assert_eq!(empty.progress(Phase::Contracting).0, 1);
    assert_eq!(empty.progress(Phase::Planning).0, 0);
}

#[test]
fn every_rule_belongs_to_a_phase_that_has_one() {
    for phase in Phase::ALL {
        let n_rules = RULES.iter().filter(|rule| rule.phase == *phase).count();
        assert_eq!(complete().progress(*phase), (n_rules, n_rules));
        assert!(n_rules > 2);
    }
}
