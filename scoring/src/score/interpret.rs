//! Declared rules applied to one respondent: which sentences are said, and because of what.

use super::Scores;
use crate::answers::AnswerSheet;
use crate::instrument::{Condition, Instrument, Rule, RuleKind};
use litemap::LiteMap;
use num_rational::Rational64;
use std::ops::Not;

/// Truth under missing answers: Kleene's strong three-valued logic.
///
/// | | and True | and Unknown | and False |
/// |---|---|---|---|
/// | **True** | True | Unknown | False |
/// | **Unknown** | Unknown | Unknown | False |
/// | **False** | False | False | False |
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// Does not hold, whatever the missing answers would have been.
    False,
    /// Cannot be decided without the missing answers.
    Unknown,
    /// Holds, whatever the missing answers would have been.
    True,
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Truth::True } else { Truth::False }
    }
}

impl Not for Truth {
    type Output = Truth;
    fn not(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::Unknown => Truth::Unknown,
            Truth::False => Truth::True,
        }
    }
}

impl Truth {
    pub(crate) fn all(parts: impl Iterator<Item = Truth>) -> Truth {
        parts.min().unwrap_or(Truth::True)
    }

    pub(crate) fn any(parts: impl Iterator<Item = Truth>) -> Truth {
        parts.max().unwrap_or(Truth::False)
    }

    /// Truth of "at least / at most so many are true" while some are unknown.
    pub(crate) fn count(
        parts: impl Iterator<Item = Truth>,
        at_least: Option<usize>,
        at_most: Option<usize>,
    ) -> Truth {
        let (mut sure, mut possible) = (0, 0);
        for part in parts {
            sure += usize::from(part == Truth::True);
            possible += usize::from(part != Truth::False);
        }
        let lower = at_least.map(|n| Truth::between(sure >= n, possible >= n));
        let upper = at_most.map(|n| Truth::between(possible <= n, sure <= n));
        Truth::all(lower.into_iter().chain(upper))
    }

    /// True when it holds already, unknown when it may still come to hold.
    fn between(already: bool, possibly: bool) -> Truth {
        match (already, possibly) {
            (true, _) => Truth::True,
            (false, true) => Truth::Unknown,
            (false, false) => Truth::False,
        }
    }
}

/// A fact that a sentence rests on.
#[derive(Debug, Clone, PartialEq)]
pub enum Evidence {
    /// A scale's score lies below a threshold.
    Below {
        /// The scale.
        scale: String,
        /// Its score, 0–100.
        pomp: Rational64,
        /// The declared threshold.
        threshold: i64,
    },
    /// A scale's score reaches a threshold.
    AtLeast {
        /// The scale.
        scale: String,
        /// Its score, 0–100.
        pomp: Rational64,
        /// The declared threshold.
        threshold: i64,
    },
    /// A scale is among the lowest of its group.
    AmongLowest {
        /// The scale.
        scale: String,
        /// Its score, 0–100.
        pomp: Rational64,
        /// How many places from below were declared.
        among: usize,
    },
    /// An item was answered so.
    Answered {
        /// The item.
        item: String,
        /// The chosen code.
        code: i64,
    },
}

/// A rule that fired, with the facts that made it fire.
#[derive(Debug, Clone, PartialEq)]
pub struct Fired {
    /// Rule id, key of its texts.
    pub rule: String,
    /// The facts, in the condition's order, each once.
    pub because: Vec<Evidence>,
}

/// The one conclusion of an instrument that has verdict rules.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The first verdict rule that holds.
    Reached(Fired),
    /// A verdict that takes precedence cannot be decided: these scales and items are missing.
    Undetermined {
        /// The verdict that cannot be decided.
        rule: String,
        /// Scales without a score.
        scales: Vec<String>,
        /// Items without an answer.
        items: Vec<String>,
    },
}

/// Everything the declared rules say about one respondent.
#[derive(Debug, Clone, PartialEq)]
pub struct Interpretation {
    /// The conclusion, for instruments that have one.
    pub verdict: Option<Verdict>,
    /// Things to settle first.
    pub gates: Vec<Fired>,
    /// Named patterns.
    pub patterns: Vec<Fired>,
    /// Where to act.
    pub levers: Vec<Fired>,
    /// Areas to develop, lowest score first, at most the declared number.
    pub focus: Vec<Fired>,
    /// Steps, in declared order.
    pub recommendations: Vec<Fired>,
}

/// Applies an instrument's rules to one respondent's answers and scores.
#[must_use]
pub fn interpret(instrument: &Instrument, sheet: &AnswerSheet, scores: &Scores) -> Interpretation {
    let evaluator = Evaluator { instrument, sheet, scores };
    let fired = |kind| evaluator.fired(kind);
    // Lowest score first; equal scores stay in declared order.
    let mut focus = LiteMap::new_vec();
    for (idx, rule) in evaluator.rules(RuleKind::Focus).enumerate() {
        if let Some(fired) = evaluator.fire(rule) {
            let rank = rule.rank_by.as_deref().and_then(|scale| scores.pomp(scale));
            focus.insert((rank, idx), fired);
        }
    }
    Interpretation {
        verdict: evaluator.verdict(),
        gates: fired(RuleKind::Gate),
        patterns: fired(RuleKind::Pattern),
        levers: fired(RuleKind::Lever),
        focus: focus
            .into_iter()
            .map(|(_, fired)| fired)
            .take(instrument.definition().focus_limit)
            .collect(),
        recommendations: fired(RuleKind::Recommendation),
    }
}

struct Evaluator<'a> {
    instrument: &'a Instrument,
    sheet: &'a AnswerSheet,
    scores: &'a Scores,
}

impl<'a> Evaluator<'a> {
    fn rules(&self, kind: RuleKind) -> impl Iterator<Item = &'a Rule> + use<'a> {
        self.instrument.definition().rules.iter().filter(move |rule| rule.kind == kind)
    }

    fn fired(&self, kind: RuleKind) -> Vec<Fired> {
        self.rules(kind).filter_map(|rule| self.fire(rule)).collect()
    }

    fn fire(&self, rule: &Rule) -> Option<Fired> {
        (self.truth(&rule.when) == Truth::True).then(|| {
            let mut because = Vec::new();
            self.evidence(&self.instrument.affirmed(&rule.when), &mut because);
            Fired { rule: rule.id.clone(), because }
        })
    }

    fn verdict(&self) -> Option<Verdict> {
        for rule in self.rules(RuleKind::Verdict) {
            match self.truth(&rule.when) {
                Truth::False => {}
                Truth::True => return self.fire(rule).map(Verdict::Reached),
                Truth::Unknown => return Some(self.undetermined(rule)),
            }
        }
        None
    }

    fn undetermined(&self, rule: &Rule) -> Verdict {
        let (mut scales, mut items) = (Vec::new(), Vec::new());
        rule.when.walk(&mut |part| {
            let (asked_scales, asked_items) = match part {
                Condition::Score(threshold) => (vec![&threshold.scale], Vec::new()),
                Condition::Lowest { scale, .. } => (vec![scale], Vec::new()),
                Condition::CountScores(count) => (count.scales.iter().collect(), Vec::new()),
                Condition::Answer { item, .. } => (Vec::new(), vec![item]),
                Condition::Count(count) => (Vec::new(), count.items.iter().collect()),
                _ => (Vec::new(), Vec::new()),
            };
            for scale in asked_scales {
                if self.scores.pomp(scale).is_none() && !scales.contains(scale) {
                    scales.push(scale.clone());
                }
            }
            for item in asked_items {
                if self.sheet.code(item).is_none() && !items.contains(item) {
                    items.push(item.clone());
                }
            }
        });
        Verdict::Undetermined { rule: rule.id.clone(), scales, items }
    }

    fn truth(&self, condition: &Condition) -> Truth {
        match condition {
            Condition::Always(_) | Condition::Answer { .. } | Condition::Count(_) => {
                self.sheet.truth(condition)
            }
            Condition::All(parts) => Truth::all(parts.iter().map(|part| self.truth(part))),
            Condition::Any(parts) => Truth::any(parts.iter().map(|part| self.truth(part))),
            Condition::Not(part) => !self.truth(part),
            Condition::Score(at) => self.compare(&at.scale, at.below, at.at_least),
            Condition::CountScores(count) => {
                let compare =
                    |scale: &String| self.compare(scale, count.below, count.at_least_score);
                Truth::count(count.scales.iter().map(compare), Some(count.at_least), None)
            }
            Condition::Lowest { scale, among } => self.among_lowest(scale, *among),
        }
    }

    /// Compares a score with the one given threshold, before any rounding.
    fn compare(&self, scale: &str, below: Option<i64>, at_least: Option<i64>) -> Truth {
        let Some(pomp) = self.scores.pomp(scale) else { return Truth::Unknown };
        match (below, at_least) {
            (Some(below), _) => Truth::from(pomp < Rational64::from(below)),
            (None, Some(at_least)) => Truth::from(pomp >= Rational64::from(at_least)),
            (None, None) => Truth::Unknown,
        }
    }

    /// True when fewer than `among` scored scales of the group lie strictly below this one.
    fn among_lowest(&self, scale: &str, among: usize) -> Truth {
        let Some(own) = self.scores.pomp(scale) else { return Truth::Unknown };
        let group = self.instrument.scale(scale).map(|definition| &definition.group);
        let siblings = self.instrument.definition().scales.iter();
        let lower = siblings
            .filter(|sibling| Some(&sibling.group) == group)
            .filter(|sibling| self.scores.pomp(&sibling.id).is_some_and(|pomp| pomp < own));
        Truth::from(lower.count() < among)
    }

    /// Collects the facts behind a condition that holds and is [affirmed](Instrument::affirmed); of alternatives, only those that hold.
    fn evidence(&self, condition: &Condition, found: &mut Vec<Evidence>) {
        let mut add = |evidence: Evidence| {
            if !found.contains(&evidence) {
                found.push(evidence);
            }
        };
        match condition {
            // Where only one negation is left, other scales are lower, which is no fact about this one.
            Condition::Always(_) | Condition::Not(_) => {}
            Condition::All(parts) => parts.iter().for_each(|part| self.evidence(part, found)),
            Condition::Any(parts) => parts
                .iter()
                .filter(|part| self.truth(part) == Truth::True)
                .for_each(|part| self.evidence(part, found)),
            Condition::Answer { item, .. } => {
                if let Some(code) = self.sheet.code(item) {
                    add(Evidence::Answered { item: item.clone(), code });
                }
            }
            Condition::Count(count) => {
                // "At least" rests on the answers that count, "at most" on those that do not.
                let wanted = Truth::from(count.at_least.is_some());
                for item in &count.items {
                    if let Some(code) = self.sheet.code(item)
                        && self.sheet.is_one_of(item, &count.is) == wanted
                    {
                        add(Evidence::Answered { item: item.clone(), code });
                    }
                }
            }
            Condition::Score(at) => {
                self.score_fact(&at.scale, at.below, at.at_least).into_iter().for_each(add);
            }
            Condition::CountScores(count) => count
                .scales
                .iter()
                .filter(|scale| {
                    self.compare(scale, count.below, count.at_least_score) == Truth::True
                })
                .filter_map(|scale| self.score_fact(scale, count.below, count.at_least_score))
                .for_each(add),
            Condition::Lowest { scale, among } => {
                if let Some(pomp) = self.scores.pomp(scale) {
                    add(Evidence::AmongLowest { scale: scale.clone(), pomp, among: *among });
                }
            }
        }
    }

    fn score_fact(
        &self,
        scale: &str,
        below: Option<i64>,
        at_least: Option<i64>,
    ) -> Option<Evidence> {
        let (scale, pomp) = (scale.to_owned(), self.scores.pomp(scale)?);
        match (below, at_least) {
            (Some(threshold), _) => Some(Evidence::Below { scale, pomp, threshold }),
            (None, Some(threshold)) => Some(Evidence::AtLeast { scale, pomp, threshold }),
            (None, None) => None,
        }
    }
}
