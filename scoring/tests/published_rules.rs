//! Every rule of every published instrument: answers for which it fires, and the same answers but for one, for
//! which it just does not. And people as the seed articles describe them, with the verdict that those reach.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

use scoring::answers::{Answer, AnswerSheet};
use scoring::instrument::{Instrument, Item, ItemKind, Rater, Response};
use scoring::score::{Interpretation, Verdict, interpret, score};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn published(id: &str) -> Instrument {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/instruments").join(id);
    let definition = fs::read(path.join("1.0/definition.json")).unwrap();
    Instrument::load(&definition).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// Keyed values of 1 to 5 (5 is most of the construct) for items, and codes for choices. A name stands for the
/// item, or for all items of the scale; later ones replace earlier ones, and 0 takes an answer back.
type Answers<'a> = &'a [(&'a str, i64)];

/// Everybody's start: 4 of 5 in each scale, which is a score of 75, no crisis, authority given, no sign seen.
fn sheet(instrument: &Instrument, given: &[Answers<'_>]) -> AnswerSheet {
    let mut sheet = AnswerSheet::new(Rater::Own);
    let mut answer = |item: &Item, value: i64| {
        let code = match (&item.kind, instrument.response_of(item)) {
            (ItemKind::Rating { reversed: true, .. }, Some(Response::Rating { min, max, .. })) => {
                min + max - value
            }
            _ => value,
        };
        if value == 0 {
            sheet.answers.remove(&item.id);
        } else {
            sheet.answers.insert(item.id.clone(), Answer::Code(code));
        }
    };
    for item in &instrument.definition().items {
        match &item.kind {
            ItemKind::Rating { .. } => answer(item, 4),
            ItemKind::Choice { .. } if item.id == "design_authority" => answer(item, 1),
            ItemKind::Choice { .. } => answer(item, 2),
            ItemKind::Text { .. } | ItemKind::Ranking { .. } => {}
        }
    }
    for (name, value) in given.iter().copied().flatten() {
        match instrument.scale(name) {
            Some(scale) => {
                scale.items.iter().for_each(|id| answer(instrument.item(id).unwrap(), *value));
            }
            None => answer(instrument.item(name).unwrap_or_else(|| panic!("{name}")), *value),
        }
    }
    let sheet = sheet.completed(instrument);
    sheet.check(instrument).unwrap();
    sheet
}

fn said(instrument: &Instrument, sheet: &AnswerSheet) -> Interpretation {
    interpret(instrument, sheet, &score(instrument, sheet))
}

fn fired(said: &Interpretation) -> BTreeSet<&str> {
    let Interpretation { verdict, gates, patterns, levers, focus, recommendations } = said;
    let verdict = verdict.iter().filter_map(|verdict| match verdict {
        Verdict::Reached(fired) => Some(fired),
        Verdict::Undetermined { .. } => None,
    });
    let lists = [gates, patterns, levers, focus, recommendations];
    verdict.chain(lists.into_iter().flatten()).map(|fired| fired.rule.as_str()).collect()
}

/// A rule, answers for which it fires, and one answer more for which it does not.
type Case<'a> = (&'a str, Answers<'a>, (&'a str, i64));

/// Checks the cases, and that no rule of the instrument is without one.
#[track_caller]
fn check(id: &str, cases: &[Case<'_>]) {
    let instrument = published(id);
    for (rule, answers, one_more) in cases {
        let (fires, does_not) =
            (sheet(&instrument, &[answers]), sheet(&instrument, &[answers, &[*one_more]]));
        let n_changed = instrument.presented().filter(|item| {
            fires.answers.get(&item.id) != does_not.answers.get(&item.id)
                // Whoever leads a crisis is only asked of those who have one.
                && item.shown_when.is_none()
        });
        assert_eq!(n_changed.count(), 1, "{id}: {rule}: one answer away");
        let (yes, no) = (said(&instrument, &fires), said(&instrument, &does_not));
        assert!(fired(&yes).contains(rule), "{id}: {rule} does not fire: {:?}", fired(&yes));
        assert!(!fired(&no).contains(rule), "{id}: {rule} still fires: {:?}", fired(&no));
    }
    let covered: BTreeSet<&str> = cases.iter().map(|(rule, ..)| *rule).collect();
    let rules = instrument.definition().rules.iter().map(|rule| rule.id.as_str());
    assert_eq!(covered, rules.collect(), "{id}: each rule has a case");
}

/// A dimension has 6 items and a level has 10, two of each in both: 59 of 100 is no score, 58.3 and 62.5 are.
#[test]
fn each_rule_of_the_organizational_survey() {
    // A dimension at 58.3: 20 of 6 to 30; with one answer more, at 62.5, it is not among the two lowest either.
    const OTHERS_LOW: Answers<'_> = &[
        ("strategy", 3),
        ("purpose", 3),
        ("adaptiveness", 3),
        ("resilience", 3),
        ("collaboration", 3),
    ];
    let focus = |scale: &'static str, items: [&'static str; 3]| -> Vec<(&'static str, i64)> {
        let lower = OTHERS_LOW.iter().filter(|(other, _)| *other != scale).take(2).copied();
        lower.chain([(scale, 3)]).chain(items[1..].iter().map(|item| (*item, 4))).collect()
    };
    let strategy =
        focus("strategy", ["strategy_internal_1", "strategy_internal_2", "strategy_relational_1"]);
    let purpose =
        focus("purpose", ["purpose_internal_1", "purpose_internal_2", "purpose_relational_1"]);
    let adaptiveness = focus(
        "adaptiveness",
        ["adaptiveness_internal_1", "adaptiveness_internal_2", "adaptiveness_relational_1"],
    );
    let resilience = focus(
        "resilience",
        ["resilience_internal_1", "resilience_internal_2", "resilience_relational_1"],
    );
    let collaboration = focus(
        "collaboration",
        ["collaboration_internal_1", "collaboration_internal_2", "collaboration_relational_1"],
    );
    // Ten answers of 3 are a score of 50; one of 2 less is 47.5.
    let low = |scale: &'static str, item: &'static str| [(scale, 3), (item, 2)];
    let (internal, relational, outcomes) = (
        low("internal", "strategy_internal_1"),
        low("relational", "strategy_relational_1"),
        low("outcomes", "strategy_outcomes_1"),
    );
    check(
        "ops",
        &[
            ("pattern_steady", &[], ("purpose_outcomes_1", 3)),
            ("pattern_foundations", &internal, ("strategy_internal_1", 3)),
            ("pattern_results_ahead", &internal, ("strategy_internal_1", 3)),
            ("pattern_between_people", &relational, ("strategy_relational_1", 3)),
            ("pattern_systems", &outcomes, ("strategy_outcomes_1", 3)),
            ("focus_strategy", &strategy, ("strategy_internal_1", 4)),
            ("focus_purpose", &purpose, ("purpose_internal_1", 4)),
            ("focus_adaptiveness", &adaptiveness, ("adaptiveness_internal_1", 4)),
            ("focus_resilience", &resilience, ("resilience_internal_1", 4)),
            ("focus_collaboration", &collaboration, ("collaboration_internal_1", 4)),
        ],
    );
}

/// The other way into a focus rule of both: among the two lowest, and below 75.
#[test]
fn the_two_lowest_are_named_only_below_75() {
    for (id, scale, item) in
        [("ops", "strategy", "strategy_internal_1"), ("leader_180", "learning", "learning_1")]
    {
        let instrument = published(id);
        let names = |answers: Answers<'_>| {
            let said = said(&instrument, &sheet(&instrument, &[answers]));
            fired(&said).contains(format!("focus_{scale}").as_str())
        };
        // All at 75, and one answer of this scale lower.
        assert!(!names(&[]) && names(&[(item, 3)]), "{id}");
    }
}

#[test]
fn each_rule_of_the_180() {
    // Three answers: 3, 3 and 2 are a score of 41.7, and 50 with a 3 more; two others are lower still.
    let focus = |scale: &'static str, others: [&'static str; 2]| {
        [(others[0], 1), (others[1], 1), (scale, 3)]
    };
    let with = |scale: &'static str, item: &'static str, others| {
        [&focus(scale, others)[..], &[(item, 2)]].concat()
    };
    let others = ["trust", "decisions"];
    let regulation = with("regulation", "regulation_1", others);
    let learning = with("learning", "learning_1", others);
    let communication = with("communication", "communication_1", others);
    let developing = with("developing", "developing_1", others);
    let enterprise = with("enterprise", "enterprise_1", others);
    let accountability = with("accountability", "accountability_1", others);
    let trust = with("trust", "trust_1", ["learning", "decisions"]);
    let decisions = with("decisions", "decisions_1", ["learning", "trust"]);
    let low = |scale: &'static str, item: &'static str| [(scale, 3), (item, 2)];
    let (internal, relational, outcomes) = (
        low("internal", "regulation_1"),
        low("relational", "trust_1"),
        low("outcomes", "decisions_1"),
    );
    check(
        "leader_180",
        &[
            ("pattern_steady", &[], ("trust_1", 3)),
            ("pattern_foundations", &internal, ("regulation_1", 3)),
            ("pattern_results_ahead", &internal, ("regulation_1", 3)),
            ("pattern_between_people", &relational, ("trust_1", 3)),
            ("pattern_systems", &outcomes, ("decisions_1", 3)),
            ("focus_regulation", &regulation, ("regulation_1", 3)),
            ("focus_learning", &learning, ("learning_1", 3)),
            ("focus_communication", &communication, ("communication_1", 3)),
            ("focus_developing", &developing, ("developing_1", 3)),
            ("focus_trust", &trust, ("trust_1", 3)),
            ("focus_enterprise", &enterprise, ("enterprise_1", 3)),
            ("focus_decisions", &decisions, ("decisions_1", 3)),
            ("focus_accountability", &accountability, ("accountability_1", 3)),
        ],
    );
}

/// Four answers of 3 are a score of 50, and one of 2 among them is 43.8; 3, 3, 3 and 4 are 56.3, and 62.5 with
/// another 4. Two answers of 3 and 4 are 62.5, and two of 3 are 50.
#[test]
fn each_rule_of_readiness() {
    let below_50 = |scale: &'static str, item: &'static str| [(scale, 3), (item, 2)];
    let below_60 = |scale: &'static str, item: &'static str| [(scale, 3), (item, 4)];
    let rights = below_50("decision_rights", "decision_rights_1");
    let owners = below_50("accountability", "accountability_1");
    let with = |one: &[(&'static str, i64)], other: &[(&'static str, i64)]| [one, other].concat();
    let relational_open = [("core_relational", 3)];
    let ongoing_open = [("core_ongoing", 3)];
    let cadence = below_50("operating_cadence", "operating_cadence_1");
    check(
        "readiness",
        &[
            ("gate_crisis_cash", &[("crisis_cash", 1)], ("crisis_cash", 2)),
            ("gate_crisis_team", &[("crisis_team", 1)], ("crisis_team", 3)),
            ("gate_crisis_product", &[("crisis_product", 1)], ("crisis_product", 2)),
            ("gate_crisis_unled", &[("crisis_cash", 1), ("crisis_led", 3)], ("crisis_cash", 2)),
            ("gate_design_authority", &[("design_authority", 2)], ("design_authority", 3)),
            ("gate_crisis_unsure", &[("crisis_team", 3)], ("crisis_cash", 1)),
            ("gate_design_unsure", &[("design_authority", 3)], ("design_authority", 1)),
            ("stabilize_first", &[("crisis_team", 1)], ("crisis_team", 3)),
            ("fix_design_first", &[("design_authority", 2)], ("design_authority", 3)),
            (
                "train_skill",
                &[
                    ("skill_untaught", 1),
                    ("skill_falls_short", 1),
                    ("sign_stalling", 1),
                    ("sign_drifting", 3),
                ],
                ("sign_busy_meetings", 1),
            ),
            ("build_structure", &with(&rights, &owners), ("accountability_1", 3)),
            (
                "coach_and_build",
                &below_60("feedback_loops", "feedback_loops_2"),
                ("feedback_loops_1", 4),
            ),
            (
                "ready",
                &[("sign_stalling", 1), ("sign_drifting", 1), ("skill_untaught", 1)],
                ("sign_busy_meetings", 1),
            ),
            (
                "insight_without_absorption",
                &[
                    &rights[..],
                    &owners,
                    &ongoing_open,
                    &[("core_clarity", 3), ("core_clarity_1", 4)],
                ]
                .concat(),
                ("core_clarity_1", 3),
            ),
            (
                "behaviour_without_reinforcement",
                &[&cadence[..], &ongoing_open, &relational_open, &[("core_relational_2", 4)]]
                    .concat(),
                ("core_relational_2", 3),
            ),
            ("clarity_without_decision_hygiene", &rights, ("decision_rights_1", 3)),
            (
                "decisions_flow_up",
                &with(&rights, &[("sign_firefighting", 1)]),
                ("sign_firefighting", 3),
            ),
            (
                "numbers_without_authority",
                &with(
                    &rights,
                    &[
                        ("leading_indicators", 3),
                        ("leading_indicators_1", 4),
                        ("leading_indicators_4", 4),
                    ],
                ),
                ("leading_indicators_4", 3),
            ),
            ("shared_ownership", &owners, ("accountability_1", 3)),
            (
                "system_gap",
                &[("sign_stalling", 1), ("sign_busy_meetings", 1), ("sign_firefighting", 1)],
                ("sign_busy_meetings", 3),
            ),
            (
                "skill_gap",
                &[("skill_untaught", 1), ("skill_expert_solves", 1)],
                ("skill_untaught", 3),
            ),
            (
                "no_clear_gap",
                &[("sign_stalling", 1), ("skill_untaught", 1)],
                ("skill_falls_short", 1),
            ),
            (
                "focus_decision_rights",
                &below_60("decision_rights", "decision_rights_4"),
                ("decision_rights_3", 4),
            ),
            (
                "focus_operating_cadence",
                &below_60("operating_cadence", "operating_cadence_4"),
                ("operating_cadence_2", 4),
            ),
            (
                "focus_leading_indicators",
                &below_60("leading_indicators", "leading_indicators_4"),
                ("leading_indicators_1", 4),
            ),
            (
                "focus_reinforcement",
                &below_60("reinforcement", "reinforcement_4"),
                ("reinforcement_1", 4),
            ),
            (
                "focus_feedback_loops",
                &below_60("feedback_loops", "feedback_loops_4"),
                ("feedback_loops_1", 4),
            ),
            (
                "focus_accountability",
                &below_60("accountability", "accountability_4"),
                ("accountability_1", 4),
            ),
            ("rec_behaviour_targets", &[], ("design_authority", 2)),
            ("rec_behaviour_expectation", &[("core_clarity", 3)], ("core_clarity_1", 4)),
            ("rec_behaviour_agreement", &relational_open, ("core_relational_1", 4)),
            (
                "rec_systems_mechanism",
                &below_60("operating_cadence", "operating_cadence_4"),
                ("operating_cadence_2", 4),
            ),
            ("rec_systems_practice", &ongoing_open, ("core_ongoing_2", 4)),
            ("rec_systems_baseline", &[("core_evidence", 3)], ("core_evidence_1", 4)),
            (
                "rec_scale_check",
                &[("reinforcement", 3), ("reinforcement_1", 4), ("reinforcement_2", 4)],
                ("reinforcement_2", 3),
            ),
            ("rec_scale_widen", &[], ("feedback_loops_2", 3)),
        ],
    );
}

/// Somebody's answers to readiness, the verdict, and what else must be said (and what must not, with "!").
#[track_caller]
fn reads(answers: Answers<'_>, verdict: &str, rules: &[&str]) {
    let instrument = published("readiness");
    let said = said(&instrument, &sheet(&instrument, &[answers]));
    let reached = match &said.verdict {
        Some(Verdict::Reached(fired)) => fired.rule.clone(),
        other => format!("{other:?}"),
    };
    assert_eq!(reached, verdict);
    let fired = fired(&said);
    for rule in rules {
        match rule.strip_prefix('!') {
            Some(rule) => assert!(!fired.contains(rule), "{rule} is said: {fired:?}"),
            None => assert!(fired.contains(rule), "{rule} is not said: {fired:?}"),
        }
    }
}

/// A firm grows and adds managers, and still delivery slows: who decides is unclear, so managers pass decisions up
/// to be safe. The answer is twofold: the leader learns not to step in, and decision rights are written down.
#[test]
fn the_bottleneck_executive() {
    let answers = [
        ("decision_rights", 3),
        ("decision_rights_2", 2),
        ("decision_rights_3", 2),
        ("decision_rights_4", 4),
        ("sign_firefighting", 1),
        ("sign_stalling", 1),
    ];
    reads(&answers, "coach_and_build", &["decisions_flow_up", "focus_decision_rights"]);
}

/// Meetings feel united, and priorities still drift: doubts are not voiced, and decisions are not written down.
/// Dissent is to be made safe, and decisions are to be made clear, at the same time.
#[test]
fn the_silent_alignment_problem() {
    let answers = [
        ("core_clarity", 5),
        ("core_relational", 5),
        ("feedback_loops", 4),
        ("feedback_loops_2", 1),
        ("feedback_loops_3", 3),
        ("decision_rights", 3),
        ("decision_rights_2", 4),
        ("decision_rights_4", 1),
        ("sign_drifting", 1),
    ];
    let said =
        ["clarity_without_decision_hygiene", "focus_feedback_loops", "!insight_without_absorption"];
    reads(&answers, "coach_and_build", &said);
}

/// A senior leader takes much coaching and feels less effective: the firm runs on rescue work and informal
/// ownership. More coaching has to wait until rhythm, ownership and rewards are repaired.
#[test]
fn the_coaching_trap() {
    let answers = [
        ("core_ongoing", 5),
        ("operating_cadence", 2),
        ("accountability", 2),
        ("reinforcement", 2),
        ("sign_firefighting", 1),
    ];
    let said = [
        "insight_without_absorption",
        "focus_operating_cadence",
        "focus_accountability",
        "focus_reinforcement",
        "!decisions_flow_up",
    ];
    reads(&answers, "build_structure", &said);
}

/// The dashboard is complete and everybody argues from it: the numbers are good, and nobody may act on them.
/// Coaching cannot mend that; each number needs somebody with the right to decide.
#[test]
fn the_attribution_war() {
    let answers = [("leading_indicators", 5), ("leading_indicators_3", 2), ("decision_rights", 2)];
    reads(&answers, "build_structure", &["numbers_without_authority", "focus_decision_rights"]);
}

/// Two heads share the lead, both work hard and get on, and after six months nothing is out: nobody owns it. One
/// is made responsible first; talking is not what is missing.
#[test]
fn the_co_leads_without_a_lead() {
    let answers = [("accountability", 2), ("feedback_loops", 5), ("core_relational", 5)];
    reads(&answers, "build_structure", &["shared_ownership", "focus_accountability"]);
}

/// Cash, a team or a product in an emergency needs action now, and coaching takes months, whatever else is good or
/// bad.
#[test]
fn the_three_crises() {
    for crisis in ["crisis_cash", "crisis_team", "crisis_product"] {
        let gate = format!("gate_{crisis}");
        let answers = [("decision_rights", 1), ("design_authority", 2), (crisis, 1)];
        reads(&answers, "stabilize_first", &[&gate, "!rec_behaviour_targets"]);
    }
    // Shared leadership of a crisis is nobody's.
    reads(&[("crisis_cash", 1), ("crisis_led", 2)], "stabilize_first", &["gate_crisis_unled"]);
    reads(&[("crisis_cash", 1), ("crisis_led", 1)], "stabilize_first", &["!gate_crisis_unled"]);
}

/// A chief operating officer looks indecisive, and the structure delegates no authority to the role. The design is
/// to be fixed, not the person.
#[test]
fn the_officer_without_authority() {
    let said = ["gate_design_authority", "!rec_behaviour_targets", "!gate_crisis_cash"];
    reads(&[("design_authority", 2), ("decision_rights", 2)], "fix_design_first", &said);
}

/// A leader means it, and the team never sees it long enough to believe it: no rhythm carries the new behaviour.
#[test]
fn the_change_that_does_not_last() {
    let answers = [("core_ongoing", 5), ("operating_cadence", 2)];
    let said = ["behaviour_without_reinforcement", "!insight_without_absorption"];
    reads(&answers, "coach_and_build", &said);
}

/// All five signs of the training article: able people, clear plans, full calendars, and still no result. That is a
/// gap of the system, and another course is not the answer.
#[test]
fn the_five_signs() {
    let answers = [
        ("sign_stalling", 1),
        ("sign_busy_meetings", 1),
        ("sign_firefighting", 1),
        ("sign_drifting", 1),
        ("sign_training_fatigue", 1),
        ("skill_untaught", 1),
        ("skill_falls_short", 1),
    ];
    reads(&answers, "coach_and_build", &["system_gap", "skill_gap", "!no_clear_gap"]);
}

/// People who were never taught a task are trained; the system is not what holds them back.
#[test]
fn the_new_tool() {
    let answers = [("skill_untaught", 1), ("skill_falls_short", 1), ("skill_expert_solves", 1)];
    reads(&answers, "train_skill", &["skill_gap", "!system_gap", "!rec_scale_check"]);
}

/// The structure is there: coaching can start, and the plan is to check that the team changes too.
#[test]
fn the_firm_that_is_ready() {
    reads(&[], "ready", &["rec_behaviour_targets", "rec_scale_check", "!focus_accountability"]);
}

/// Answers just before and just after a boundary, one answer apart, and both verdicts.
#[track_caller]
fn turns(before: Answers<'_>, verdict: &str, answer: (&str, i64), other: &str) {
    reads(before, verdict, &[]);
    reads(&[before, &[answer]].concat(), other, &[]);
}

const UNDECIDED: &str = "";

#[test]
fn people_on_the_boundaries() {
    // Not sure counts as no crisis and as authority, and the report says so.
    turns(&[], "ready", ("crisis_team", 1), "stabilize_first");
    turns(&[("crisis_cash", 3)], "ready", ("crisis_team", 1), "stabilize_first");
    reads(&[("crisis_cash", 3)], "ready", &["gate_crisis_unsure"]);
    turns(&[("design_authority", 3)], "ready", ("design_authority", 2), "fix_design_first");
    reads(&[("design_authority", 3)], "ready", &["gate_design_unsure"]);
    // A crisis comes before a missing authority.
    turns(&[("design_authority", 2)], "fix_design_first", ("crisis_cash", 1), "stabilize_first");
    // Two scales may decide alone, from 43.8 to 37.5; the other four may not.
    for scale in ["decision_rights", "accountability"] {
        let [one, other] = ["1", "2"].map(|n| format!("{scale}_{n}"));
        turns(&[(scale, 3), (&one, 2)], "coach_and_build", (&other, 2), "build_structure");
    }
    for scale in ["operating_cadence", "leading_indicators", "reinforcement", "feedback_loops"] {
        reads(&[(scale, 1)], "coach_and_build", &["!focus_accountability"]);
    }
    // Two scales below 50 where one was: 50 itself is not below.
    let one_below = [("operating_cadence", 2), ("feedback_loops", 3)];
    turns(&one_below, "coach_and_build", ("feedback_loops_2", 2), "build_structure");
    // Four scales below 60 where three were: from 62.5 to 56.3.
    let three_below = [
        ("operating_cadence", 3),
        ("leading_indicators", 3),
        ("reinforcement", 3),
        ("feedback_loops", 3),
        ("feedback_loops_1", 4),
        ("feedback_loops_2", 4),
    ];
    turns(&three_below, "coach_and_build", ("feedback_loops_2", 3), "build_structure");
    // One scale below 60, or none.
    let at_62 = [("reinforcement", 3), ("reinforcement_1", 4), ("reinforcement_2", 4)];
    turns(&at_62, "ready", ("reinforcement_2", 3), "coach_and_build");
    // The third sign of the system.
    let two_signs = [("sign_drifting", 1), ("sign_stalling", 1), ("sign_busy_meetings", 3)];
    turns(&two_signs, "ready", ("sign_busy_meetings", 1), "coach_and_build");
    // The second sign of a skill; and a second sign of the system, or a second doubt, ends that.
    let one_skill = [("skill_untaught", 1), ("sign_stalling", 1), ("sign_drifting", 3)];
    turns(&one_skill, "ready", ("skill_falls_short", 1), "train_skill");
    let two_skills = [&one_skill[..], &[("skill_falls_short", 1)]].concat();
    turns(&two_skills, "train_skill", ("sign_busy_meetings", 1), "ready");
    turns(&two_skills, "train_skill", ("sign_busy_meetings", 3), "ready");
    // A missing skill comes before a thin structure, whose areas are still named.
    let thin = [&two_skills[..], &[("decision_rights", 1)]].concat();
    reads(&thin, "train_skill", &["focus_decision_rights"]);
}

/// What was left out is not guessed, and what is certain without it is said.
#[test]
fn people_who_left_something_out() {
    let verdict = |answers: Answers<'_>| {
        let instrument = published("readiness");
        match said(&instrument, &sheet(&instrument, &[answers])).verdict {
            Some(Verdict::Reached(fired)) => fired.rule,
            _ => UNDECIDED.to_owned(),
        }
    };
    // Three answers of four are a score, two are none.
    assert_eq!(verdict(&[("decision_rights_1", 0)]), "ready");
    let without = [("decision_rights_1", 0), ("decision_rights_2", 0)];
    assert_eq!(verdict(&without), UNDECIDED);
    assert_eq!(verdict(&[&without[..], &[("accountability", 2)]].concat()), "build_structure");
    // A sign that could make two of a skill.
    let one = [("skill_untaught", 1), ("skill_falls_short", 0)];
    assert_eq!(verdict(&one), UNDECIDED);
    assert_eq!(verdict(&[("skill_falls_short", 0)]), "ready");
    // Unanswered, a crisis is possible; another that is certain decides.
    assert_eq!(verdict(&[("crisis_cash", 0)]), UNDECIDED);
    assert_eq!(verdict(&[("crisis_cash", 0), ("crisis_team", 1)]), "stabilize_first");
}
