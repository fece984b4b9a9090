//! The 90-day test as published: its form tests on phrases that were judged before the rules were written, and its
//! verdicts on twelve simulated weeks, each of which just comes about and, one fact away, does not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test should stop at the line that failed"
)]

use scoring::instrument::Wording;
use scoring::plan::ninety_days::{
    Answer, Definition, Direction, Event, Fact, Form, Indicator, Next, NinetyDays, Obstacle,
    Reading, Refused, RuleKind, Shown, Span, Stage, Verdict, WeekState, read,
};
use scoring::plan::{Day, Worksheet};
use std::path::PathBuf;
use std::sync::LazyLock;

const DEFINITION: &str = include_str!("../../public/worksheets/ninety_days/1.0/definition.json");
const ENGLISH: &str = include_str!("../../public/worksheets/ninety_days/1.0/en.json");

fn definition() -> Definition {
    static LOADED: LazyLock<Definition> = LazyLock::new(|| {
        Definition::load(DEFINITION.as_bytes()).unwrap_or_else(|problems| panic!("{problems:#?}"))
    });
    LOADED.clone()
}

fn wording() -> Wording {
    definition()
        .wording("en.json", ENGLISH.as_bytes())
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
}

#[test]
fn phrases_are_judged_as_people_judged_them() {
    let form = Form::new(&definition(), &wording());
    let phrases = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/behaviours.tsv");
    let phrases = std::fs::read_to_string(phrases).unwrap();
    let mut wrong = Vec::new();
    let (mut n_good, mut n_bad) = (0, 0);
    for line in phrases.lines() {
        let (judged, phrase) = line.split_once('\t').unwrap();
        let expected = (judged != "good").then_some(judged);
        *(if expected.is_none() { &mut n_good } else { &mut n_bad }) += 1;
        let found = form.fault(phrase);
        if found != expected {
            wrong.push(format!("{phrase}: judged {judged}, found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(n_good >= 40 && n_bad >= 40, "{n_good} good and {n_bad} bad phrases");
}

#[test]
fn every_example_reads_as_a_behaviour() {
    let (definition, wording) = (definition(), wording());
    let form = Form::new(&definition, &wording);
    for example in &definition.examples {
        for part in ["behaviour", "team"] {
            let phrase = wording.text(&format!("examples.{example}.{part}"));
            assert_eq!(form.fault(phrase), None, "{phrase}");
        }
    }
}

/// Twelve weeks of somebody, in few words.
#[derive(Clone)]
struct Persona {
    /// Weeks with a check-in.
    checked: Vec<usize>,
    /// Of these, weeks that are filled in two weeks later.
    late: Vec<usize>,
    /// How often each behaviour showed in weeks 1–8, and then in weeks 9–12.
    before: [u8; 3],
    after: [u8; 3],
    /// In how many of weeks 9–12 each indicator was better than its start.
    better: [usize; 3],
    /// In how many of the checked weeks from week 5 on the mechanism ran.
    ran: usize,
    asked: i64,
    sees: [i64; 3],
    does: [i64; 3],
    by_other: bool,
    named: Vec<Obstacle>,
    pressure: [Answer; 3],
    runs_alone: Answer,
}

/// Just enough for the verdict that coaching is the lever: every number at its threshold.
fn barely() -> Persona {
    Persona {
        checked: (1..=4).chain(9..=12).collect(),
        late: Vec::new(),
        before: [2, 4, 1],
        after: [3, 4, 1],
        better: [3, 3, 0],
        ran: 0,
        asked: 4,
        sees: [2, 2, 0],
        does: [2, 2, 0],
        by_other: true,
        named: Vec::new(),
        pressure: [Answer::Yes, Answer::Yes, Answer::No],
        runs_alone: Answer::Yes,
    }
}

fn start() -> Day {
    Day::read("2026-09-07").unwrap()
}

fn drafted() -> NinetyDays {
    let mut plan = NinetyDays::default();
    let mut apply = |event| plan.apply(event, start().after(-3)).unwrap();
    for slot in 0..3 {
        apply(Event::Own { slot, text: format!("Ask question {slot}") });
        apply(Event::Team { slot, text: format!("Answer question {slot}") });
        apply(Event::Indicator {
            slot,
            indicator: Indicator {
                text: "Escalations".to_owned(),
                unit: "escalations".to_owned(),
                wanted: Some(Direction::Down),
                baseline: Some(10),
            },
        });
    }
    apply(Event::Mechanism("A note of five lines".to_owned()));
    apply(Event::Start(start()));
    plan
}

/// The last day on which anything could be added has gone by.
fn afterwards() -> Day {
    start().after(7 * 14)
}

fn lived(persona: &Persona) -> NinetyDays {
    let mut plan = drafted();
    let mut n_ran = 0;
    for week in 1..=12_usize {
        if !persona.checked.contains(&week) {
            continue;
        }
        let friday = start().after(7 * week as i64 - 3);
        let day = friday.after(if persona.late.contains(&week) { 14 } else { 0 });
        let shown = if week >= 9 { persona.after } else { persona.before };
        for (slot, code) in shown.into_iter().enumerate() {
            let shown = Some(Shown::Often(code));
            plan.apply(Event::Shown { week, slot, shown }, day).unwrap();
            if week >= 3 {
                let is_better = week >= 9 && week - 9 < persona.better[slot];
                let value = Some(if is_better { 9 } else { 10 });
                plan.apply(Event::Value { week, slot, value }, day).unwrap();
            }
        }
        if week >= 5 {
            let ran = Some(n_ran < persona.ran);
            n_ran += 1;
            plan.apply(Event::Ran { week, ran }, day).unwrap();
        }
    }
    let asking = start().after(75);
    let mut apply = |event| plan.apply(event, asking).unwrap();
    apply(Event::Asked(Some(persona.asked)));
    apply(Event::ByOther(persona.by_other));
    for slot in 0..3 {
        apply(Event::Sees { slot, people: Some(persona.sees[slot]) });
        apply(Event::Does { slot, people: Some(persona.does[slot]) });
        apply(Event::Pressure { slot, answer: persona.pressure[slot] });
    }
    for obstacle in &persona.named {
        apply(Event::Named { obstacle: *obstacle, named: true });
    }
    apply(Event::RunsAlone(persona.runs_alone));
    plan
}

fn reading(plan: &NinetyDays, day: Day) -> Reading {
    read(&definition(), plan, day).unwrap()
}

fn rule(reading: &Reading) -> &str {
    match &reading.verdict {
        Verdict::Reached(fired) => &fired.rule,
        Verdict::Undecided { rule, .. } => rule,
    }
}

#[track_caller]
fn check(change: impl FnOnce(&mut Persona), expected: (&str, RuleKind)) {
    let mut persona = barely();
    change(&mut persona);
    let reading = reading(&lived(&persona), afterwards());
    assert!(matches!(reading.verdict, Verdict::Reached(_)), "{:?}", reading.verdict);
    assert_eq!((rule(&reading), reading.verdict.kind()), expected);
}

const LEVER: (&str, RuleKind) = ("lever", RuleKind::Lever);
const STRUCTURAL: (&str, RuleKind) = ("structural", RuleKind::Structural);

fn not_enough(rule: &str) -> (&str, RuleKind) {
    (rule, RuleKind::NotEnough)
}

/// Every fact at its threshold, and each one step below it.
#[test]
fn coaching_is_the_lever_and_just_is_not() {
    check(|_| {}, LEVER);
    check(|p| p.checked.truncate(7), not_enough("too_few_weeks"));
    check(|p| p.asked = 3, LEVER);
    check(|p| (p.asked, p.sees, p.does) = (2, [2; 3], [2; 3]), not_enough("team_not_asked"));
    check(|p| p.after[0] = 2, not_enough("no_change"));
    check(|p| p.after[1] = 3, not_enough("no_change"));
    check(|p| p.sees[0] = 1, not_enough("unseen"));
    check(|p| p.does[0] = 1, not_enough("no_mechanism"));
    check(|p| p.better[0] = 2, not_enough("indicators_flat"));
}

#[test]
fn the_constraint_is_structural_and_just_is_not() {
    let stuck = |p: &mut Persona| (p.does[0], p.ran) = (1, 2);
    check(stuck, STRUCTURAL);
    let and = |change: fn(&mut Persona)| {
        move |p: &mut Persona| {
            stuck(p);
            change(p);
        }
    };
    check(and(|p| p.ran = 1), not_enough("no_mechanism"));
    check(and(|p| p.does[0] = 2), LEVER);
    check(and(|p| p.does = [0; 3]), STRUCTURAL);
    check(and(|p| p.after[0] = 2), not_enough("no_change"));
    check(and(|p| p.sees[1] = 1), not_enough("unseen"));
    check(and(|p| p.checked.truncate(7)), not_enough("too_few_weeks"));
    // Numbers that moved do not make up for a team that did not.
    check(and(|p| p.better = [4; 3]), STRUCTURAL);
    check(and(|p| p.better = [0; 3]), STRUCTURAL);
}

#[test]
fn notes_and_steps_fire_and_just_do_not() {
    let check = |change: fn(&mut Persona), rule: &str, fires: bool| {
        let mut persona = barely();
        change(&mut persona);
        let reading = reading(&lived(&persona), afterwards());
        let said: Vec<_> =
            reading.notes.iter().chain(&reading.steps).map(|fired| fired.rule.as_str()).collect();
        assert_eq!(said, if fires { vec![rule] } else { vec![] });
    };
    check(|_| {}, "", false);
    check(|p| p.late = vec![1, 2, 3], "", false);
    check(|p| p.late = vec![1, 2, 3, 4], "filled_in_later", true);
    check(|p| p.by_other = false, "asked_by_leader", true);
    check(|p| p.pressure[0] = Answer::No, "slips", true);
    check(|p| p.pressure[0] = Answer::Unsure, "", false);
    check(|p| p.runs_alone = Answer::No, "needs_push", true);
    check(|p| p.runs_alone = Answer::Unsure, "", false);
    check(|p| p.named = vec![Obstacle::Decisions], "step_decisions", true);
    check(|p| p.named = vec![Obstacle::Cadence], "step_cadence", true);
    check(|p| p.named = vec![Obstacle::Measures], "step_measures", true);
    check(|p| p.named = vec![Obstacle::Rewards], "step_rewards", true);
    check(|p| p.named = vec![Obstacle::Owners], "step_owners", true);
}

/// A verdict says which comparisons decided it, and which contradict those before it.
#[test]
fn a_verdict_names_its_reasons() {
    let reading = reading(&lived(&barely()), afterwards());
    let Verdict::Reached(fired) = &reading.verdict else { panic!("{:?}", reading.verdict) };
    let facts: Vec<_> =
        fired.because.iter().map(|e| (e.bound.fact, e.is, e.bound.threshold)).collect();
    let two = Span::known(2);
    assert_eq!(
        facts,
        [
            (Fact::BehavioursChanged, two, 2),
            (Fact::TeamSees, two, 2),
            (Fact::TeamDoes, two, 2),
            (Fact::IndicatorsMoved, two, 2),
        ]
    );
    let before: Vec<_> = reading.passed_over.iter().map(|fired| fired.rule.as_str()).collect();
    assert_eq!(before, ["too_few_weeks", "team_not_asked"]);
    assert_eq!(reading.passed_over[0].because[0].is, Span::known(8));
    // Python 3: (Fraction(2) - 1) * 25 and so on; [2, 4, 1] before and [3, 4, 1] after.
    let early = reading.behaviours.iter().map(|part| part.facts.get(Fact::Early));
    let late = reading.behaviours.iter().map(|part| part.facts.get(Fact::Late));
    assert!(early.eq([25, 75, 0].map(Span::known)) && late.eq([50, 75, 0].map(Span::known)));
    let better = reading.indicators.iter().map(|part| part.facts.get(Fact::Better));
    assert!(better.eq([75, 75, 0].map(Span::known)));
}

/// While weeks are to come, what they may bring is open: no verdict is given before it is certain.
#[test]
fn what_is_not_over_is_undecided() {
    let mut plan = drafted();
    let undecided = |plan: &NinetyDays, day: Day| {
        let reading = reading(plan, day);
        let Verdict::Undecided { rule, missing } = reading.verdict else {
            panic!("{:?}", reading.verdict)
        };
        (rule, missing.into_iter().map(|e| e.bound.fact).collect::<Vec<_>>())
    };
    let weeks = ("too_few_weeks".to_owned(), vec![Fact::WeeksChecked]);
    assert_eq!(undecided(&plan, start()), weeks);
    // Five weeks that nobody can fill in any more: eight of twelve are out of reach.
    let day = start().after(7 * 7);
    assert_eq!(rule(&reading(&plan, day)), "too_few_weeks");
    assert!(matches!(reading(&plan, day).verdict, Verdict::Reached(_)));
    assert!(matches!(reading(&plan, day.after(-1)).verdict, Verdict::Undecided { .. }));
    // Eight checked weeks, nobody asked yet.
    plan = lived(&barely());
    let Stage::Running(run) = &mut plan.stage else { panic!("not running") };
    run.validation = Default::default();
    let asked = ("team_not_asked".to_owned(), vec![Fact::TeamAsked]);
    assert_eq!(undecided(&plan, start().after(83)), asked);
    assert_eq!(rule(&reading(&plan, afterwards())), "team_not_asked");
    assert!(matches!(reading(&plan, afterwards()).verdict, Verdict::Reached(_)));
    // Numbers that were never noted leave the verdict open for good, and it says which.
    let mut persona = barely();
    persona.better = [4; 3];
    let mut plan = lived(&persona);
    let Stage::Running(run) = &mut plan.stage else { panic!("not running") };
    run.weeks.iter_mut().for_each(|week| week.values = [None; 3]);
    assert_eq!(undecided(&plan, afterwards()), ("lever".to_owned(), vec![Fact::IndicatorsMoved]));
}

/// Changing a number in the data changes the verdict, and nothing is built anew.
#[test]
fn a_threshold_in_the_data_changes_the_verdict() {
    let plan = lived(&barely());
    let verdict = |from: &str, to: &str| {
        let changed = DEFINITION.replacen(from, to, 1);
        assert_ne!(changed, DEFINITION);
        let definition = Definition::load(changed.as_bytes()).unwrap();
        rule(&read(&definition, &plan, afterwards()).unwrap()).to_owned()
    };
    let weeks = r#""fact": "weeks_checked", "below": "#;
    assert_eq!(verdict(&format!("{weeks}8"), &format!("{weeks}9")), "too_few_weeks");
    let does = r#""fact": "does", "at_least": "#;
    assert_eq!(verdict(&format!("{does}50"), &format!("{does}51")), "no_mechanism");
    let better = r#""fact": "better", "at_least": "#;
    assert_eq!(verdict(&format!("{better}75"), &format!("{better}76")), "indicators_flat");
}

#[test]
fn a_rule_that_can_never_fire_is_refused() {
    let refused = |from: &str, to: &str, path: &str, message: &str| {
        let changed = DEFINITION.replacen(from, to, 1);
        assert_ne!(changed, DEFINITION, "{from}");
        let problems = Definition::load(changed.as_bytes()).unwrap_err();
        let found =
            problems.iter().any(|p| p.path.starts_with(path) && p.message.contains(message));
        assert!(found, "{from} → {to}: {problems:#?}");
    };
    let never = "can never fire";
    // Contradicts itself, asks for more than there can be, comes after a rule that always takes precedence.
    let few = r#""when": {"fact": "weeks_checked", "below": 8}"#;
    let both = r#""when": {"all": [{"fact": "weeks_checked", "below": 8}, {"fact": "weeks_checked", "at_least": 8}]}"#;
    refused(few, both, "rules[0]", never);
    refused(few, r#""when": {"fact": "weeks_checked", "below": 14}"#, "rules[0]", "says nothing");
    refused(few, r#""when": {"always": true}"#, "rules[1]", never);
    refused(few, r#""when": {"any": []}"#, "rules[0]", never);
    refused(few, r#""when": {"fact": "better", "below": 8}"#, "rules[0]", "not known here");
    refused(
        r#"{"fact": "team_sees", "at_least": 2}"#,
        r#"{"fact": "team_sees", "at_least": 4}"#,
        "rules[2]",
        never,
    );
    refused(r#""when": {"always": true}"#, few, "rules[7]", never);
    refused(r#""min_weeks": 2"#, r#""min_weeks": 5"#, "min_weeks", "so many weeks");
    refused(r#""late": [9, 12]"#, r#""late": [12, 9]"#, "late", "in order");
    refused(
        r#"{"fact": "sees", "at_least": 50}"#,
        r#"{"fact": "sees", "at_least": 101}"#,
        "seen",
        never,
    );
    refused(r#""id": "lever""#, r#""id": "too_few_weeks""#, "rules[2]", "once");
    refused(r#""kind": "lever""#, r#""kind": "not_enough""#, "rules", "no rule gives the verdict");
}

#[test]
fn a_missing_or_surplus_text_is_refused() {
    let refused = |from: &str, to: &str, path: &str| {
        let changed = ENGLISH.replacen(from, to, 1);
        assert_ne!(changed, ENGLISH, "{from}");
        let problems = definition().wording("en.json", changed.as_bytes()).unwrap_err();
        assert!(problems.iter().any(|problem| problem.path == path), "{from}: {problems:#?}");
    };
    refused(r#""title": "Your change spreads""#, r#""title": " ""#, "rules.lever.title");
    refused(r#""unseen": {"#, r#""unsaid": {"#, "rules.unseen.text");
    refused(r#""unseen": {"#, r#""unsaid": {"#, "rules.unsaid.text");
    refused(r#""weeks_late": "#, r#""weeks_latest": "#, "facts.weeks_late");
    refused(r#""na": "No occasion""#, r#""none": "No occasion""#, "shown.na");
    refused(r#""patterns": ["#, r#""pattern": ["#, "form.target.patterns.0");
}

#[test]
fn weeks_open_close_and_are_marked_late() {
    let mut plan = drafted();
    let say = |plan: &mut NinetyDays, week: usize, day: i64| {
        let mut apply = |slot| {
            let shown = Some(Shown::NoOccasion);
            plan.apply(Event::Shown { week, slot, shown }, start().after(day))
        };
        (0..3).try_for_each(&mut apply)
    };
    let state = |plan: &NinetyDays, week: usize, day: i64| {
        plan.stage.run().unwrap().state(week, start().after(day))
    };
    assert_eq!(state(&plan, 1, -1), WeekState::Ahead);
    assert_eq!(say(&mut plan, 1, -1), Err(Refused::WeekClosed));
    assert_eq!(state(&plan, 1, 0), WeekState::Open { late: false });
    assert_eq!(state(&plan, 1, 6), WeekState::Open { late: false });
    assert_eq!(state(&plan, 1, 7), WeekState::Open { late: true });
    assert_eq!(state(&plan, 1, 20), WeekState::Open { late: true });
    assert_eq!(state(&plan, 1, 21), WeekState::Missed);
    assert_eq!(say(&mut plan, 1, 21), Err(Refused::WeekClosed));
    say(&mut plan, 2, 13).unwrap();
    assert_eq!(state(&plan, 2, 90), WeekState::Checked { late: false });
    say(&mut plan, 3, 21).unwrap();
    assert_eq!(state(&plan, 3, 90), WeekState::Checked { late: true });
    // What is changed after the week is late from then on.
    say(&mut plan, 2, 14).unwrap();
    assert_eq!(state(&plan, 2, 90), WeekState::Checked { late: true });
    let before = plan.clone();
    assert_eq!(say(&mut plan, 13, 30), Err(Refused::NoSuchPlace));
    assert_eq!(say(&mut plan, 0, 30), Err(Refused::NoSuchPlace));
    assert_eq!(plan, before);
    assert_eq!(plan.stage.run().unwrap().catching_up(start().after(30)), [4]);
}

/// What comes next is what closes first; the team is asked once nothing else is open.
#[test]
fn what_comes_next_is_what_closes_first() {
    let mut plan = NinetyDays::default();
    assert_eq!(plan.next(start()), Next::Write);
    plan = drafted();
    let next = |plan: &NinetyDays, day: i64| plan.next(start().after(day));
    assert_eq!(next(&plan, -1), Next::Wait(start()));
    assert_eq!(next(&plan, 0), Next::CheckIn(1));
    assert_eq!(next(&plan, 20), Next::CheckIn(1));
    assert_eq!(next(&plan, 21), Next::CheckIn(2));
    // Weeks 9 to 12 are filled in, the last one on its Friday.
    plan = lived(&barely());
    assert_eq!(next(&plan, 60), Next::CheckIn(7));
    assert_eq!(next(&plan, 77), Next::Verdict);
    let Stage::Running(run) = &mut plan.stage else { panic!("not running") };
    run.validation = Default::default();
    run.weeks[11] = Default::default();
    assert_eq!(next(&plan, 76), Next::Ask);
    plan.apply(Event::Asked(Some(4)), start().after(76)).unwrap();
    assert_eq!(next(&plan, 76), Next::Wait(start().after(77)));
    assert_eq!(next(&plan, 77), Next::CheckIn(12));
    assert_eq!(next(&plan, 97), Next::CheckIn(12));
    assert_eq!(next(&plan, 98), Next::Verdict);
    plan.apply(Event::End, start().after(30)).unwrap();
    assert_eq!(next(&plan, 30), Next::Verdict);
}

#[test]
fn what_cannot_be_seen_is_left_out() {
    let mut plan = NinetyDays::default();
    let unchanged = "Ask\nfirst, 👩\u{200d}💻";
    for (text, kept) in [
        ("a\u{202e}b", "ab"),
        ("a\tb\u{200b}", "ab"),
        ("\u{feff}a\u{2066}", "a"),
        (unchanged, unchanged),
    ] {
        plan.apply(Event::Title(text.to_owned()), start()).unwrap();
        assert_eq!(plan.title, kept, "{text:?}");
    }
}

/// Read and kept is no longer refused; other words are looked at anew.
#[test]
fn a_phrase_is_refused_until_it_is_kept() {
    let form = Form::new(&definition(), &wording());
    let mut plan = NinetyDays::default();
    let refused = |plan: &NinetyDays| plan.behaviours[0].own.refused_by(&form).map(str::to_owned);
    assert_eq!(refused(&plan), None);
    let text = "Improve collaboration across the functions".to_owned();
    plan.apply(Event::Own { slot: 0, text: text.clone() }, start()).unwrap();
    assert_eq!(refused(&plan).as_deref(), Some("outcome"));
    plan.apply(Event::Keep { slot: 0, team: false, kept: true }, start()).unwrap();
    assert_eq!(refused(&plan), None);
    plan.apply(Event::Own { slot: 0, text }, start()).unwrap();
    assert_eq!(refused(&plan).as_deref(), Some("outcome"));
}

/// What was taken back leaves no trace; a week without words has no day.
#[test]
fn a_check_in_taken_back_is_none() {
    let mut plan = drafted();
    let before = plan.clone();
    for shown in [Some(Shown::Often(3)), None] {
        plan.apply(Event::Shown { week: 1, slot: 0, shown }, start()).unwrap();
    }
    assert_eq!(plan, before);
}

#[test]
fn parts_can_be_changed_until_their_weeks_are_over() {
    let event = |part: usize| match part {
        0 => Event::Own { slot: 0, text: "Ask".to_owned() },
        1 => Event::Indicator { slot: 0, indicator: Indicator::default() },
        _ => Event::Mechanism("A note".to_owned()),
    };
    for (part, last_day) in [(0, 13), (1, 27), (2, 55)] {
        let mut plan = drafted();
        assert_eq!(plan.apply(event(part), start().after(last_day)), Ok(()));
        assert_eq!(plan.apply(event(part), start().after(last_day + 1)), Err(Refused::Settled));
    }
    let mut plan = drafted();
    plan.apply(Event::End, start().after(3)).unwrap();
    assert_eq!(plan.apply(event(0), start().after(3)), Err(Refused::Settled));
    plan.apply(Event::Reopen, start().after(3)).unwrap();
    assert_eq!(plan.apply(event(0), start().after(3)), Ok(()));
    plan.apply(Event::StartOver, start().after(3)).unwrap();
    assert_eq!(plan.stage, Stage::Drafting);
    assert_eq!(plan.behaviours[1].own.text, "Ask question 1");
}

/// A first day that was set by mistake moves, unless something was said that belongs to its days.
#[test]
fn the_first_day_moves_until_something_is_said() {
    let moved = Event::Start(start().after(7));
    let mut plan = drafted();
    plan.apply(moved.clone(), start()).unwrap();
    assert_eq!(plan.stage.run().unwrap().start, start().after(7));
    let said = [
        (Event::Shown { week: 1, slot: 0, shown: Some(Shown::NoOccasion) }, 0),
        (Event::Asked(Some(4)), 60),
        (Event::Moment("Ben asked first".to_owned()), 60),
    ];
    for (event, day) in said {
        let mut plan = drafted();
        plan.apply(event, start().after(day)).unwrap();
        assert!(!plan.can_set_start());
        assert_eq!(plan.apply(moved.clone(), start().after(day)), Err(Refused::Stage));
    }
    // What was taken back keeps nothing from moving.
    let mut plan = drafted();
    for people in [Some(4), None] {
        plan.apply(Event::Asked(people), start().after(60)).unwrap();
    }
    assert_eq!(plan.apply(moved, start().after(60)), Ok(()));
}

#[test]
fn a_plan_without_three_behaviours_does_not_start() {
    let mut plan = NinetyDays::default();
    assert_eq!(plan.apply(Event::Start(start()), start()), Err(Refused::NotReady));
    for slot in 0..3 {
        plan.apply(Event::Own { slot, text: "Ask".to_owned() }, start()).unwrap();
        plan.apply(Event::Team { slot, text: " ".to_owned() }, start()).unwrap();
    }
    assert_eq!(plan.apply(Event::Start(start()), start()), Err(Refused::NotReady));
}

#[test]
fn counts_of_people_stay_within_those_asked() {
    let mut plan = lived(&barely());
    let day = start().after(76);
    let sees = |people| Event::Sees { slot: 0, people };
    assert_eq!(plan.apply(sees(Some(5)), day), Err(Refused::TooLarge));
    plan.apply(sees(Some(4)), day).unwrap();
    plan.apply(Event::Asked(Some(3)), day).unwrap();
    let said = &plan.stage.run().unwrap().validation;
    assert_eq!(said.most_counted(), 2);
    assert_eq!((said.sees, said.does), ([None, Some(2), Some(0)], [Some(2), Some(2), Some(0)]));
}

#[test]
fn what_is_written_is_read_and_nothing_else() {
    let mut plans = vec![NinetyDays::default(), drafted(), lived(&barely())];
    let mut ended = lived(&barely());
    ended.apply(Event::End, start().after(84)).unwrap();
    plans.push(ended);
    for plan in &plans {
        assert_eq!(NinetyDays::from_json(&plan.to_json()).as_ref(), Ok(plan));
    }
    let good = plans[3].to_json();
    let refused = |pointer: &str, value: serde_json::Value, at: &str| {
        let mut changed = good.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        assert_eq!(NinetyDays::from_json(&changed), Err(at.to_owned()), "{pointer}");
    };
    use serde_json::json;
    refused("/title", json!(1), "title");
    refused("/title", json!("x".repeat(81)), "title");
    refused("/title", json!("a\u{200b}"), "title");
    refused("/behaviours", json!([]), "behaviours");
    refused("/behaviours/1/own/kept", json!(null), "behaviours[1].own.kept");
    refused("/indicators/2/wanted", json!("sideways"), "indicators[2].wanted");
    refused("/indicators/2/baseline", json!(1_000_000_001), "indicators[2].baseline");
    refused("/run", json!(null), "ended");
    refused("/run/start", json!("2026-02-30"), "run.start");
    refused("/run/weeks/0/shown/0", json!(6), "run.weeks[0].shown[0]");
    refused("/run/weeks/0/on", json!(null), "run.weeks[0].on");
    refused("/run/weeks/0/on", json!("2026-09-06"), "run.weeks[0].on");
    refused("/run/weeks/0/on", json!("2026-09-28"), "run.weeks[0].on");
    refused("/run/weeks/5/on", json!("2026-10-16"), "run.weeks[5].on");
    refused("/run/validation/sees/0", json!(5), "run.validation.sees[0]");
    refused("/run/validation/named", json!(["owners", "decisions"]), "run.validation.named");
    refused("/run/validation/runs_alone", json!("maybe"), "run.validation.runs_alone");
    refused("/ended", json!("soon"), "ended");
    let mut surplus = good.clone();
    surplus["verdict"] = json!("lever");
    assert_eq!(NinetyDays::from_json(&surplus), Err("verdict".to_owned()));
}

mod laws {
    use super::*;
    use proptest::prelude::*;

    fn events() -> impl Strategy<Value = Event> {
        let (week, slot) = (0..14_usize, 0..4_usize);
        let text = "[a-z \t\u{200b}]{0,12}";
        prop_oneof![
            (slot.clone(), text).prop_map(|(slot, text)| Event::Own { slot, text }),
            (slot.clone(), text).prop_map(|(slot, text)| Event::Team { slot, text }),
            text.prop_map(Event::Mechanism),
            (0..40_i64).prop_map(|day| Event::Start(start().after(day))),
            (week.clone(), slot.clone(), proptest::option::of(0..7_u8)).prop_map(
                |(week, slot, code)| { Event::Shown { week, slot, shown: code.map(Shown::Often) } }
            ),
            (week.clone(), slot.clone(), proptest::option::of(-5..5_i64))
                .prop_map(|(week, slot, value)| Event::Value { week, slot, value }),
            (week, proptest::option::of(any::<bool>()))
                .prop_map(|(week, ran)| Event::Ran { week, ran }),
            proptest::option::of(-1..9_i64).prop_map(Event::Asked),
            (slot.clone(), proptest::option::of(0..9_i64))
                .prop_map(|(slot, people)| Event::Sees { slot, people }),
            (slot, proptest::option::of(0..9_i64))
                .prop_map(|(slot, people)| Event::Does { slot, people }),
            Just(Event::End),
            Just(Event::Reopen),
        ]
    }

    proptest! {
        /// Whatever is done on whatever days, the plan is one that its own file can hold, and there is a reading of it.
        #[test]
        fn every_reachable_plan_can_be_kept(
            done in proptest::collection::vec((events(), 0..110_i64), 0..60),
        ) {
            let definition = definition();
            let mut plan = drafted();
            for (event, day) in done {
                let (before, day) = (plan.clone(), start().after(day));
                if plan.apply(event, day).is_err() {
                    prop_assert_eq!(&plan, &before);
                }
                prop_assert_eq!(NinetyDays::from_json(&plan.to_json()), Ok(plan.clone()));
                prop_assert!(read(&definition, &plan, day).is_some());
            }
        }

        #[test]
        fn any_text_is_judged(phrase in "\\PC{0,60}") {
            static FORM: LazyLock<Form> = LazyLock::new(|| Form::new(&definition(), &wording()));
            let _ = FORM.fault(&phrase);
        }
    }
}
