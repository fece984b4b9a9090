//! A record to which nothing is missing, and short ways to change it.

use scoring::jose::base64url;
use scoring::plan::engagement::{Change, Content, Engagement, Key, Kind, Number};

/// 128 bits that are as good as random.
pub fn id(n: u64) -> String {
    base64url(&u128::from(n).to_be_bytes())
}

pub fn key(kind: Kind, n: u64) -> Key {
    Key::new(kind, &id(n))
}

#[track_caller]
pub fn number(text: &str) -> Number {
    Number::read(text).unwrap()
}

/// What somebody wrote; of a field that is named twice the last.
#[track_caller]
pub fn content(kind: Kind, fields: &[(&'static str, &'static str)]) -> Content {
    let said =
        |code: &str| fields.iter().rev().find(|(own, _)| *own == code).map_or("", |(_, text)| text);
    Content::read(kind, |code| said(code).to_owned()).unwrap()
}

/// A change by somebody who saw everything.
pub fn change(record: &Engagement, key: Key, content: Option<Content>, version: u64) -> Change {
    let seen = record.versions(&key).map(|versions| versions.ids()).unwrap_or_default();
    Change { key, content, version: id(version), seen }
}

/// A criterion with a baseline.
pub const BASELINE: [(&str, &str); 8] = [
    ("name", "Days until a decision of high stakes"),
    ("unit", "days"),
    ("better", "down"),
    ("known", "counted"),
    ("supplied_by", "Office of the chief executive"),
    ("baseline", "12.5"),
    ("baseline_date", "2026-01-31"),
    ("baseline_source", "Minutes of the last quarter"),
];

pub const COMMITMENT: [(&str, &str); 8] = [
    ("behaviour", "Decides in the meeting"),
    ("shows_when", "A decision is on the agenda"),
    ("outcome", "Decisions take fewer days"),
    ("took_part", "Leader and manager"),
    ("monitored", "A list of open decisions, weekly"),
    ("judged", "By the manager, each month"),
    ("state", "kept"),
    ("came_of_it", "Two decisions in three were made in the meeting."),
];

pub const SESSION: [(&str, &str); 5] = [
    ("date", "2026-02-10"),
    ("focus", "The next decision"),
    ("agreed", "To name who decides."),
    ("next_step", "Write the decision down"),
    ("held", "yes"),
];

type Fields = &'static [(&'static str, &'static str)];

/// The entries of which there is one each.
const SINGLE: [(Kind, &str, Fields); 20] = [
    (
        Kind::About,
        "record",
        &[("title", "Northern region"), ("leader", "Head of operations"), ("began", "2026-01-05")],
    ),
    (Kind::Phase, "contracting", &[("from", "2026-01-05")]),
    (Kind::Phase, "assessment", &[("from", "2026-01-15"), ("to", "2026-01-31")]),
    (Kind::Phase, "planning", &[("from", "2026-02-01")]),
    (Kind::Phase, "sessions", &[("from", "2026-02-10")]),
    (Kind::Phase, "feedback", &[("from", "2026-03-01")]),
    (Kind::Phase, "evaluation", &[("from", "2026-07-01")]),
    (Kind::Statement, "goals", &[("text", "Decisions are made where the knowledge is.")]),
    (
        Kind::Statement,
        "confidentiality",
        &[("text", "What is said stays between coach and leader.")],
    ),
    (Kind::Statement, "who_hears", &[("text", "The manager hears goals and progress.")]),
    (Kind::Statement, "context", &[("text", "Two sites are merging.")]),
    (Kind::Statement, "findings", &[("text", "Decisions wait for the head.")]),
    (Kind::Statement, "loop", &[("text", "Three colleagues, every two months.")]),
    (Kind::Statement, "review", &[("text", "Decisions take three days less.")]),
    (Kind::Statement, "sustain", &[("text", "The list stays on the weekly agenda.")]),
    (Kind::Check, "met_together", &[("done", "yes")]),
    (Kind::Check, "findings_discussed", &[("done", "yes")]),
    (Kind::Check, "commitments_told", &[("done", "yes")]),
    (Kind::Check, "told_back", &[("done", "yes")]),
    (Kind::Check, "review_together", &[("done", "yes")]),
];

/// The others, each with the number that its id is made of.
const NUMBERED: [(Kind, u64, Fields); 9] = [
    (Kind::Person, 1, &[("part", "leader"), ("role", "Head of operations")]),
    (Kind::Person, 2, &[("part", "coach"), ("role", "External coach")]),
    (Kind::Person, 3, &[("part", "sponsor"), ("role", "Chief executive")]),
    (Kind::Criterion, 1, &BASELINE),
    (
        Kind::Evidence,
        1,
        &[
            ("phase", "assessment"),
            ("source", "result"),
            ("name", "Survey of the team"),
            ("reference", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("date", "2026-01-20"),
        ],
    ),
    (
        Kind::Voice,
        1,
        &[("date", "2026-02-10"), ("who", "A peer"), ("seen", "Asks everybody first.")],
    ),
    (
        Kind::Voice,
        2,
        &[("date", "2026-02-11"), ("who", "A peer"), ("seen", "Decides in the room.")],
    ),
    (Kind::Commitment, 1, &COMMITMENT),
    (Kind::Session, 1, &SESSION),
];

/// A record to which nothing is missing.
pub fn complete() -> Engagement {
    let mut record = Engagement::default();
    let single =
        SINGLE.iter().map(|(kind, id, fields)| (Key::new(*kind, id), content(*kind, fields)));
    let numbered =
        NUMBERED.iter().map(|(kind, n, fields)| (key(*kind, *n), content(*kind, fields)));
    let values = [("2026-02", "11"), ("2026-03", "9.25")]
        .map(|(month, value)| (Key::value(&id(1), month), [("value", value)]));
    let values = values.iter().map(|(key, fields)| (key.clone(), content(Kind::Value, fields)));
    for (version, (key, content)) in (1000..).zip(single.chain(numbered).chain(values)) {
        record.apply(change(&record, key, Some(content), version)).unwrap();
    }
    record
}
