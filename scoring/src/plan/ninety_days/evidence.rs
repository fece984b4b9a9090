//! What the declared rules make of a plan, and because of what.

use super::definition::{Condition, Definition, Evidence, Rule, RuleKind};
use super::fact::{Fact, Facts, Span};
use super::{
    Answer, CheckIn, MAX_ASKED, N_SLOTS, NinetyDays, Obstacle, Phase, Run, Shown, WEEKS, WeekState,
};
use crate::plan::Day;
use crate::score::Truth;
use num_rational::Rational64;
use std::ops::RangeInclusive;

/// A rule that fired, or that was passed over, with the comparisons that decided it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fired {
    /// Rule id, key of its texts.
    pub rule: String,
    /// What it says.
    pub kind: RuleKind,
    /// The comparisons, in the order written.
    pub because: Vec<Evidence>,
}

/// The one conclusion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The first verdict rule that holds.
    Reached(Fired),
    /// A verdict that takes precedence cannot be decided yet: these comparisons are open. Until they are, there is
    /// not enough evidence.
    Undecided {
        /// The rule.
        rule: String,
        /// What is open.
        missing: Vec<Evidence>,
    },
}

impl Verdict {
    /// What it comes to.
    #[must_use]
    pub fn kind(&self) -> RuleKind {
        match self {
            Verdict::Reached(fired) => fired.kind,
            Verdict::Undecided { .. } => RuleKind::NotEnough,
        }
    }
}

/// What is known of one behaviour or one indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its facts.
    pub facts: Facts,
    /// Where an indicator stood at the start, if that is known; nothing for a behaviour.
    pub start: Option<Rational64>,
    /// Whether the behaviour changed, or the indicator moved.
    pub changed: Truth,
    /// Whether the team sees the behaviour; unknown for an indicator.
    pub seen: Truth,
    /// Whether the team does its part; unknown for an indicator.
    pub done: Truth,
}

/// Everything that the rules say about a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The conclusion.
    pub verdict: Verdict,
    /// Verdict rules that come before it and do not hold, each with what contradicts it.
    pub passed_over: Vec<Fired>,
    /// Things to bear in mind.
    pub notes: Vec<Fired>,
    /// Steps that what the team named calls for.
    pub steps: Vec<Fired>,
    /// What is known of the plan.
    pub facts: Facts,
    /// What is known of each behaviour.
    pub behaviours: Vec<Part>,
    /// What is known of each indicator.
    pub indicators: Vec<Part>,
}

/// Applies the rules to a plan as it stands on a day; none before it has begun.
#[must_use]
pub fn read(definition: &Definition, plan: &NinetyDays, today: Day) -> Option<Reading> {
    let run = plan.stage.run()?;
    let reader = Reader { definition, plan, run, is_final: plan.is_final(today), today };
    let behaviours: Vec<Part> = (0..N_SLOTS).map(|slot| reader.behaviour(slot)).collect();
    let indicators: Vec<Part> = (0..N_SLOTS).map(|slot| reader.indicator(slot)).collect();
    let facts = reader.facts(&behaviours, &indicators);
    let (verdict, passed_over) = conclude(definition, &facts);
    let fired = |kind: RuleKind| {
        let rules = definition.rules.iter().filter(|rule| rule.kind == kind);
        rules
            .filter(|rule| rule.when.truth(&facts) == Truth::True)
            .map(|rule| fired(rule, &facts, Truth::True))
            .collect()
    };
    let (notes, steps) = (fired(RuleKind::Note), fired(RuleKind::Step));
    Some(Reading { verdict, passed_over, notes, steps, facts, behaviours, indicators })
}

fn conclude(definition: &Definition, facts: &Facts) -> (Verdict, Vec<Fired>) {
    let mut passed_over = Vec::new();
    for rule in definition.rules.iter().filter(|rule| rule.kind.is_verdict()) {
        match rule.when.truth(facts) {
            Truth::True => return (Verdict::Reached(fired(rule, facts, Truth::True)), passed_over),
            Truth::False => passed_over.push(fired(rule, facts, Truth::False)),
            Truth::Unknown => {
                let missing = rule.when.because(facts, Truth::Unknown);
                return (Verdict::Undecided { rule: rule.id.clone(), missing }, passed_over);
            }
        }
    }
    // A checked definition ends in a verdict that always holds.
    (Verdict::Undecided { rule: String::new(), missing: Vec::new() }, passed_over)
}

fn fired(rule: &Rule, facts: &Facts, truth: Truth) -> Fired {
    Fired { rule: rule.id.clone(), kind: rule.kind, because: rule.when.because(facts, truth) }
}

struct Reader<'a> {
    definition: &'a Definition,
    plan: &'a NinetyDays,
    run: &'a Run,
    is_final: bool,
    today: Day,
}

impl Reader<'_> {
    fn weeks(&self, weeks: &RangeInclusive<usize>) -> impl Iterator<Item = &CheckIn> {
        weeks.clone().filter_map(|week| self.run.check_in(week))
    }

    /// The mean of what is known of some weeks, if enough of them have a value.
    fn mean(&self, values: Vec<i64>) -> Option<Rational64> {
        let n = i64::try_from(values.len()).ok().filter(|n| *n > 0)?;
        (values.len() >= self.definition.min_weeks).then(|| Rational64::new(values.iter().sum(), n))
    }

    /// How often a behaviour showed, from 0 (never) to 100 (always).
    fn frequency(&self, slot: usize, weeks: &RangeInclusive<usize>) -> Option<Rational64> {
        let code = |week: &CheckIn| match week.shown.get(slot) {
            Some(Some(Shown::Often(code))) => Some(i64::from(*code)),
            _ => None,
        };
        let mean = self.mean(self.weeks(weeks).filter_map(code).collect())?;
        Some((mean - 1) * 25)
    }

    fn behaviour(&self, slot: usize) -> Part {
        let mut facts = Facts::default();
        let mut note = |fact, value: Option<Rational64>| {
            if let Some(value) = value {
                facts.set(fact, Span::known(value));
            }
        };
        let (early, late) = (&self.definition.early, &self.definition.late);
        let (early, late) = (self.frequency(slot, early), self.frequency(slot, late));
        note(Fact::Early, early);
        note(Fact::Late, late);
        note(Fact::Rise, early.zip(late).map(|(early, late)| late - early));
        let said = &self.run.validation;
        let share = |counts: &[Option<i64>]| {
            let asked = said.asked.filter(|asked| *asked > 0)?;
            let count = counts.get(slot).copied().flatten()?;
            Some(Rational64::new(100 * count, asked))
        };
        note(Fact::Sees, share(&said.sees));
        note(Fact::Does, share(&said.does));
        Part {
            changed: self.definition.changed.truth(&facts),
            seen: self.definition.seen.truth(&facts),
            done: self.definition.done.truth(&facts),
            start: None,
            facts,
        }
    }

    fn indicator(&self, slot: usize) -> Part {
        let mut facts = Facts::default();
        let start = self.start(slot);
        if let Some(better) = start.and_then(|start| self.better(slot, start)) {
            facts.set(Fact::Better, Span::known(better));
        }
        let changed = self.definition.moved.truth(&facts);
        Part { facts, start, changed, seen: Truth::Unknown, done: Truth::Unknown }
    }

    fn values(&self, slot: usize, weeks: &RangeInclusive<usize>) -> Vec<i64> {
        let value = |week: &CheckIn| week.values.get(slot).copied().flatten();
        self.weeks(weeks).filter_map(value).collect()
    }

    /// Where an indicator stood: its baseline, or what the weeks at the beginning say.
    fn start(&self, slot: usize) -> Option<Rational64> {
        match self.plan.indicators.get(slot)?.baseline {
            Some(baseline) => Some(Rational64::from(baseline)),
            None => self.mean(self.values(slot, &self.definition.early)),
        }
    }

    /// The share of weeks at the end in which an indicator was better than at the start. Weeks are counted, not
    /// averaged: one week out of the ordinary counts as one, and no unit or zero can distort it.
    fn better(&self, slot: usize, start: Rational64) -> Option<Rational64> {
        let indicator = self.plan.indicators.get(slot)?;
        let is_better = |value| indicator.is_better(start, value);
        let better = self.values(slot, &self.definition.late).into_iter().map(is_better);
        let better = better.collect::<Option<Vec<bool>>>()?;
        self.mean(better.into_iter().map(|better| 100 * i64::from(better)).collect())
    }

    fn facts(&self, behaviours: &[Part], indicators: &[Part]) -> Facts {
        let mut facts = Facts::default();
        let states = (1..=WEEKS).map(|week| self.run.state(week, self.today));
        let (mut checked, mut late, mut possible) = (0, 0, 0);
        for state in states {
            match state {
                WeekState::Checked { late: is_late } => {
                    checked += 1;
                    late += i64::from(is_late);
                }
                WeekState::Ahead | WeekState::Open { .. } => possible += i64::from(!self.is_final),
                WeekState::Missed => {}
            }
        }
        facts.set(Fact::WeeksChecked, Span::between(checked, checked + possible));
        facts.set(Fact::WeeksLate, Span::known(late));
        let count = |parts: &[Part], truth: fn(&Part) -> Truth| {
            let n = |is: fn(Truth) -> bool| {
                let n = parts.iter().filter(|part| is(truth(part))).count();
                i64::try_from(n).unwrap_or(0)
            };
            Span::between(n(|truth| truth == Truth::True), n(|truth| truth != Truth::False))
        };
        facts.set(Fact::BehavioursChanged, count(behaviours, |part| part.changed));
        facts.set(Fact::IndicatorsMoved, count(indicators, |part| part.changed));
        facts.set(Fact::TeamSees, count(behaviours, |part| part.seen));
        facts.set(Fact::TeamDoes, count(behaviours, |part| part.done));
        let (from, _) = Phase::Mechanism.weeks();
        let weeks = from..=WEEKS;
        let ran = self.weeks(&weeks).filter_map(|week| week.ran);
        if let Some(ran) = self.mean(ran.map(|ran| 100 * i64::from(ran)).collect()) {
            facts.set(Fact::MechanismRan, Span::known(ran));
        }
        self.said(&mut facts);
        facts
    }

    /// What leader and team said.
    fn said(&self, facts: &mut Facts) {
        let said = &self.run.validation;
        let asked = said.asked.unwrap_or(0);
        let most = if self.is_final || said.asked.is_some() { asked } else { MAX_ASKED };
        facts.set(Fact::TeamAsked, Span::between(asked, most));
        if let Some(by_other) = said.by_other {
            facts.set(Fact::AskedByOther, Span::known(i64::from(by_other)));
        }
        let may_be = |answer: &Option<Answer>, is: Answer| match answer {
            Some(Answer::Unsure) | None => true,
            Some(answer) => *answer == is,
        };
        let n = |answers: &[Option<Answer>]| {
            let yes = answers.iter().filter(|answer| **answer == Some(Answer::Yes)).count();
            let possible = answers.iter().filter(|answer| may_be(answer, Answer::Yes)).count();
            Span::between(i64::try_from(yes).unwrap_or(0), i64::try_from(possible).unwrap_or(0))
        };
        facts.set(Fact::UnderPressure, n(&said.pressure));
        facts.set(Fact::RunsAlone, n(&[said.runs_alone]));
        if asked > 0 {
            for obstacle in Obstacle::ALL {
                let named = i64::from(said.named.contains(&obstacle));
                facts.set(obstacle.fact(), Span::known(named));
            }
        }
    }
}

impl Definition {
    /// The declared condition of a rule.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// The condition that a counted fact counts by, such as when a behaviour counts as changed.
    #[must_use]
    pub fn counted_by(&self, fact: Fact) -> Option<&Condition> {
        match fact {
            Fact::BehavioursChanged => Some(&self.changed),
            Fact::IndicatorsMoved => Some(&self.moved),
            Fact::TeamSees => Some(&self.seen),
            Fact::TeamDoes => Some(&self.done),
            _ => None,
        }
    }
}
