//! Declared rules: what an interpretation may say, and when.

use super::Problems;
use super::decode::{Node, Object};

/// A sentence of an interpretation together with the condition that calls for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Identifier, and key of its texts.
    pub id: String,
    /// What part of the report it belongs to.
    pub kind: RuleKind,
    /// When it is said.
    pub when: Condition,
    /// Focus rules only: the scale whose score orders them, lowest first.
    pub rank_by: Option<String>,
    /// Verdicts only: what the reader may go on to.
    pub then: Option<Then>,
}

/// What a verdict leads on to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The plan of the 90-day test.
    Plan,
}

/// What part of the report a rule belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleKind {
    /// Something to settle first.
    Gate,
    /// The one conclusion; the first that holds.
    Verdict,
    /// A named pattern over several scales.
    Pattern,
    /// Where to act: on a skill, or on the way work is set up.
    Lever,
    /// An area to develop.
    Focus,
    /// A step to take.
    Recommendation,
}

/// A condition over scores and answers, three-valued: true, false, or unknown while answers are
/// missing (Kleene's strong logic).
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Always true (written `{"always": true}`).
    Always(bool),
    /// All hold.
    All(Vec<Condition>),
    /// At least one holds.
    Any(Vec<Condition>),
    /// Does not hold.
    Not(Box<Condition>),
    /// A scale's POMP compared with an integer threshold.
    Score(ScoreThreshold),
    /// A scale is among the lowest scored of its group; ties at the edge count.
    Lowest {
        /// The scale.
        scale: String,
        /// How many places from below.
        among: usize,
    },
    /// A choice or rating item was answered with one of these codes (raw, not reversed).
    Answer {
        /// The item.
        item: String,
        /// Codes that make it true.
        is: Vec<i64>,
    },
    /// How many of some items were answered with one of these codes.
    Count(AnswerCount),
    /// How many of some scales lie below, or at or above, a threshold.
    CountScores(ScoreCount),
}

/// Parameters of [`Condition::Score`]; exactly one threshold is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreThreshold {
    /// The scale.
    pub scale: String,
    /// True when POMP < this.
    pub below: Option<i64>,
    /// True when POMP ≥ this.
    pub at_least: Option<i64>,
}

/// Parameters of [`Condition::Count`]; exactly one bound is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerCount {
    /// The items.
    pub items: Vec<String>,
    /// Codes that count.
    pub is: Vec<i64>,
    /// True when at least this many count.
    pub at_least: Option<usize>,
    /// True when at most this many count.
    pub at_most: Option<usize>,
}

/// Parameters of [`Condition::CountScores`]; exactly one threshold is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreCount {
    /// The scales.
    pub scales: Vec<String>,
    /// Counts scales with POMP < this.
    pub below: Option<i64>,
    /// Counts scales with POMP ≥ this.
    pub at_least_score: Option<i64>,
    /// True when at least this many count.
    pub at_least: usize,
}

impl Condition {
    /// Calls `visit` on this condition and all below it.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Condition)) {
        visit(self);
        match self {
            Condition::All(parts) | Condition::Any(parts) => {
                for part in parts {
                    part.walk(visit);
                }
            }
            Condition::Not(part) => part.walk(visit),
            _ => {}
        }
    }

    /// The same condition said without "not", as far as that is possible: "not below 60" is "60 or more", and a
    /// negation of several parts is one of each (De Morgan's laws, which hold in Kleene's logic too). Only that a
    /// scale is not among the lowest keeps its negation. `codes_of` gives all codes of an item.
    pub(crate) fn affirmed(&self, codes_of: &dyn Fn(&str) -> Vec<i64>) -> Condition {
        self.turned(true, codes_of)
    }

    fn turned(&self, holds: bool, codes_of: &dyn Fn(&str) -> Vec<i64>) -> Condition {
        let each = |parts: &[Condition]| {
            parts.iter().map(|part| part.turned(holds, codes_of)).collect::<Vec<_>>()
        };
        match (self, holds) {
            (Condition::Not(part), _) => part.turned(!holds, codes_of),
            (Condition::All(parts), true) | (Condition::Any(parts), false) => {
                Condition::All(each(parts))
            }
            (Condition::Any(parts), true) | (Condition::All(parts), false) => {
                Condition::Any(each(parts))
            }
            (other, true) => other.clone(),
            (Condition::Always(always), false) => Condition::Always(!always),
            (Condition::Answer { item, is }, false) => {
                let mut others = codes_of(item);
                others.retain(|code| !is.contains(code));
                Condition::Answer { item: item.clone(), is: others }
            }
            (Condition::Count(count), false) => Condition::Count(AnswerCount {
                at_least: count.at_most.map(|n| n + 1),
                at_most: count.at_least.map(|n| n.saturating_sub(1)),
                ..count.clone()
            }),
            (Condition::Score(at), false) => Condition::Score(ScoreThreshold {
                scale: at.scale.clone(),
                below: at.at_least,
                at_least: at.below,
            }),
            (Condition::CountScores(count), false) => Condition::CountScores(ScoreCount {
                scales: count.scales.clone(),
                below: count.at_least_score,
                at_least_score: count.below,
                at_least: (count.scales.len() + 1).saturating_sub(count.at_least),
            }),
            (Condition::Lowest { .. }, false) => Condition::Not(Box::new(self.clone())),
        }
    }
}

pub(super) fn decode_rule(node: Node<'_>, p: &mut Problems) -> Option<Rule> {
    let rule = node.object(&["id", "kind", "when", "rank_by", "then"], p)?;
    let kinds = [
        ("gate", RuleKind::Gate),
        ("verdict", RuleKind::Verdict),
        ("pattern", RuleKind::Pattern),
        ("lever", RuleKind::Lever),
        ("focus", RuleKind::Focus),
        ("recommendation", RuleKind::Recommendation),
    ];
    Some(Rule {
        id: rule.text("id", p),
        kind: rule.get("kind", p).one_of(&kinds, p)?,
        when: decode_condition(rule.get("when", p), p)?,
        rank_by: rule.optional("rank_by").map(|node| node.text(p)),
        then: rule.optional("then").and_then(|node| node.one_of(&[("plan", Then::Plan)], p)),
    })
}

/// A condition is an object with exactly one member, which names its kind.
pub(super) fn decode_condition(node: Node<'_>, p: &mut Problems) -> Option<Condition> {
    let kinds =
        ["always", "all", "any", "not", "score", "lowest", "answer", "count", "count_scores"];
    let object = node.object(&kinds, p)?;
    let mut named = kinds.into_iter().filter(|kind| object.has(kind));
    let (Some(kind), None) = (named.next(), named.next()) else {
        object.expected_one_member(p);
        return None;
    };
    let inner = object.get(kind, p);
    let number = |object: &Object<'_>, key: &str, p: &mut Problems| {
        object.optional(key).map(|node| node.integer(p))
    };
    let count = |object: &Object<'_>, key: &str, p: &mut Problems| {
        object.optional(key).map(|node| node.count(p))
    };
    Some(match kind {
        "always" => Condition::Always(inner.flag(p)),
        "all" => Condition::All(decode_conditions(&inner, p)),
        "any" => Condition::Any(decode_conditions(&inner, p)),
        "not" => Condition::Not(Box::new(decode_condition(inner, p)?)),
        "score" => {
            let at = inner.object(&["scale", "below", "at_least"], p)?;
            Condition::Score(ScoreThreshold {
                scale: at.text("scale", p),
                below: number(&at, "below", p),
                at_least: number(&at, "at_least", p),
            })
        }
        "lowest" => {
            let lowest = inner.object(&["scale", "among"], p)?;
            Condition::Lowest {
                scale: lowest.text("scale", p),
                among: lowest.get("among", p).count(p),
            }
        }
        "answer" => {
            let answer = inner.object(&["item", "is"], p)?;
            Condition::Answer { item: answer.text("item", p), is: answer.get("is", p).integers(p) }
        }
        "count" => {
            let counted = inner.object(&["items", "is", "at_least", "at_most"], p)?;
            Condition::Count(AnswerCount {
                items: counted.get("items", p).texts(p),
                is: counted.get("is", p).integers(p),
                at_least: count(&counted, "at_least", p),
                at_most: count(&counted, "at_most", p),
            })
        }
        _ => {
            let counted = inner.object(&["scales", "below", "at_least_score", "at_least"], p)?;
            Condition::CountScores(ScoreCount {
                scales: counted.get("scales", p).texts(p),
                below: number(&counted, "below", p),
                at_least_score: number(&counted, "at_least_score", p),
                at_least: counted.get("at_least", p).count(p),
            })
        }
    })
}

fn decode_conditions(node: &Node<'_>, p: &mut Problems) -> Vec<Condition> {
    node.list(p).into_iter().filter_map(|part| decode_condition(part, p)).collect()
}
