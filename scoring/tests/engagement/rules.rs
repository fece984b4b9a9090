//! Each rule fires when what it needs is gone, alone or with those that need the same, and just does not when it
//! is there.

use crate::fixture::{BASELINE, COMMITMENT, SESSION, change, complete, content, id, key};
use scoring::plan::engagement::{Content, Engagement, Key, Kind, Phase, RULES};

fn fired(record: &Engagement) -> Vec<(&'static str, &'static str, Vec<Key>)> {
    let findings = record.findings().into_iter();
    findings.map(|f| (f.rule.code, f.rule.phase.code(), f.because)).collect()
}

fn codes(record: &Engagement) -> Vec<&'static str> {
    fired(record).into_iter().map(|(code, ..)| code).collect()
}

/// The complete record, changed.
#[track_caller]
fn with(changes: &[(Key, Option<Content>)]) -> Engagement {
    let mut record = complete();
    for (version, (key, content)) in (2000..).zip(changes) {
        record.apply(change(&record, key.clone(), content.clone(), version)).unwrap();
    }
    record
}

#[track_caller]
fn check(changes: &[(Key, Option<Content>)], expected: &[&str]) {
    assert_eq!(codes(&with(changes)), expected);
}

#[test]
fn a_complete_record_lacks_nothing() {
    assert_eq!(fired(&complete()), []);
}

#[test]
fn an_empty_record_lacks_what_has_to_be_there() {
    // What is wrong with entries is not said where there are none.
    let of_entries = [
        "one_version",
        "criterion_observable",
        "baselines_recorded",
        "commitments_whole",
        "commitments_few",
        "sessions_whole",
        "commitments_judged",
    ];
    let needed: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
    let expected: Vec<&str> =
        needed.into_iter().filter(|code| !of_entries.contains(code)).collect();
    assert_eq!(codes(&Engagement::default()), expected);
}

#[test]
fn each_thing_that_is_there_once_is_missed() {
    let gone =
        |kind: Kind, id: &str, expected: &str| check(&[(Key::new(kind, id), None)], &[expected]);
    for (id, code) in [
        ("goals", "goals_agreed"),
        ("confidentiality", "confidentiality_agreed"),
        ("who_hears", "who_hears_agreed"),
        ("context", "context_described"),
        ("findings", "findings_written"),
        ("loop", "loop_agreed"),
        ("review", "review_written"),
        ("sustain", "sustained"),
    ] {
        gone(Kind::Statement, id, code);
    }
    for id in
        ["met_together", "findings_discussed", "commitments_told", "told_back", "review_together"]
    {
        gone(Kind::Check, id, id);
        let no = content(Kind::Check, &[("done", "no")]);
        check(&[(Key::new(Kind::Check, id), Some(no))], &[id]);
    }
    for phase in Phase::ALL {
        let record = with(&[(Key::new(Kind::Phase, phase.code()), None)]);
        assert_eq!(fired(&record), [("dated", phase.code(), vec![])]);
        // A last day alone is no first one.
        let end = content(Kind::Phase, &[("to", "2026-12-01")]);
        let record = with(&[(Key::new(Kind::Phase, phase.code()), Some(end))]);
        assert_eq!(fired(&record), [("dated", phase.code(), vec![])]);
    }
    for (n, code) in [(1, "leader_named"), (2, "coach_named"), (3, "sponsor_named")] {
        gone(Kind::Person, &id(n), code);
    }
    gone(Kind::Evidence, &id(1), "evidence_gathered");
    gone(Kind::Commitment, &id(1), "commitment_made");
}

#[test]
fn evidence_of_another_phase_is_none_of_the_assessment() {
    let fields = |phase| {
        [
            ("phase", phase),
            ("source", "decision_map"),
            ("name", "x"),
            ("reference", "AAAAAAAAAAAAAAAAAAAAAQ"),
            ("date", "2026-01-20"),
        ]
    };
    let evidence =
        |phase| [(key(Kind::Evidence, 1), Some(content(Kind::Evidence, &fields(phase))))];
    check(&evidence("planning"), &["evidence_gathered"]);
    check(&evidence("assessment"), &[]);
}

#[track_caller]
fn criterion(n: u64, fields: &[(&'static str, &'static str)]) -> (Key, Option<Content>) {
    (key(Kind::Criterion, n), Some(content(Kind::Criterion, &[&BASELINE[..], fields].concat())))
}

#[test]
fn criteria_are_observable_and_begin_with_a_baseline() {
    check(&[criterion(1, &[("known", "felt")])], &["criterion_observable"]);
    // One that others can see is enough.
    check(&[criterion(1, &[("known", "felt")]), criterion(2, &[])], &[]);
    check(
        &[criterion(1, &[("known", "felt")]), criterion(2, &[("known", "felt")])],
        &["criterion_observable"],
    );
    for (code, empty) in [("baseline", ""), ("baseline_date", "")] {
        let record = with(&[criterion(2, &[(code, empty)])]);
        assert_eq!(
            fired(&record),
            [("baselines_recorded", "contracting", vec![key(Kind::Criterion, 2)])]
        );
    }
    check(&[(key(Kind::Criterion, 1), None)], &["criterion_set", "outcome_measured"]);
}

#[test]
fn an_outcome_is_measured_by_a_baseline_and_two_months() {
    let last = Key::value(&id(1), "2026-03");
    let record = with(&[(last.clone(), None)]);
    assert_eq!(fired(&record), [("outcome_measured", "evaluation", vec![key(Kind::Criterion, 1)])]);
    // Months of two criteria do not add up; a third month makes up for the second.
    let value = |of: u64, month: &str| {
        (Key::value(&id(of), month), Some(content(Kind::Value, &[("value", "1")])))
    };
    let other = [(last.clone(), None), criterion(2, &[]), value(2, "2026-03")];
    check(&other, &["outcome_measured"]);
    check(&[(last, None), value(1, "2026-04")], &[]);
}

#[test]
fn voices_come_before_and_after_the_first_session() {
    let voice = |n: u64, date| {
        let fields = [("date", date), ("who", "A peer"), ("seen", "x")];
        (key(Kind::Voice, n), Some(content(Kind::Voice, &fields)))
    };
    check(&[voice(1, "2026-02-11")], &["voice_before"]);
    check(&[voice(1, "2026-02-10")], &[]);
    check(&[voice(2, "2026-02-10")], &["voice_after"]);
    // A session that was not held is no first one.
    let planned = [&SESSION[..], &[("date", "2026-01-01"), ("held", "no")]].concat();
    let planned = (key(Kind::Session, 2), Some(content(Kind::Session, &planned)));
    check(&[planned, voice(1, "2026-02-09")], &[]);
    check(&[(key(Kind::Session, 1), None)], &["session_held", "voice_after"]);
}

#[test]
fn commitments_say_everything_and_are_judged() {
    let commitment = |n: u64, fields: &[(&'static str, &'static str)]| {
        let fields = [&COMMITMENT[..], fields].concat();
        (key(Kind::Commitment, n), Some(content(Kind::Commitment, &fields)))
    };
    for part in ["shows_when", "outcome", "took_part", "monitored", "judged"] {
        let record = with(&[commitment(2, &[(part, "")])]);
        assert_eq!(
            fired(&record),
            [("commitments_whole", "planning", vec![key(Kind::Commitment, 2)])]
        );
    }
    check(&[commitment(2, &[("state", "open")])], &["commitments_judged"]);
    check(&[commitment(2, &[("state", "dropped"), ("came_of_it", "")])], &["commitments_judged"]);
    check(&[commitment(2, &[("state", "dropped")])], &[]);
    // More than three come only from two devices.
    let open = |numbers: [u64; 2]| with(&numbers.map(|n| commitment(n, &[("state", "open")])));
    let both = open([2, 3]).merge(&open([4, 3]));
    assert_eq!(codes(&both), ["commitments_judged"]);
    let both = open([2, 3]).merge(&open([4, 5]));
    assert_eq!(codes(&both), ["commitments_few", "commitments_judged"]);
}

#[test]
fn sessions_say_what_was_agreed_and_what_comes_next() {
    for (part, held, expected) in [
        ("agreed", "yes", &["sessions_whole"][..]),
        ("next_step", "yes", &["sessions_whole"]),
        ("agreed", "no", &[]),
    ] {
        let fields = [&SESSION[..], &[(part, ""), ("held", held)]].concat();
        check(&[(key(Kind::Session, 2), Some(content(Kind::Session, &fields)))], expected);
    }
}

#[test]
fn two_versions_wait_for_a_choice() {
    let goals = Key::new(Kind::Statement, "goals");
    let says = |text| content(Kind::Statement, &[("text", text)]);
    let (mut one, mut other) = (complete(), complete());
    one.apply(change(&one, goals.clone(), Some(says("One.")), 3000)).unwrap();
    other.apply(change(&other, goals.clone(), Some(says("Other.")), 3001)).unwrap();
    let mut both = one.merge(&other);
    assert_eq!(fired(&both), [("one_version", "contracting", vec![goals.clone()])]);
    both.apply(change(&both, goals, Some(says("One.")), 3002)).unwrap();
    assert_eq!(fired(&both), []);
}
