//! Declared rules: what an interpretation may say, and when.

use serde::Deserialize;

/// A sentence of an interpretation together with the condition that calls for it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Identifier, and key of its texts.
    pub id: String,
    /// What part of the report it belongs to.
    pub kind: RuleKind,
    /// When it is said.
    pub when: Condition,
    /// Focus rules only: the scale whose score orders them, lowest first.
    #[serde(default)]
    pub rank_by: Option<String>,
}

/// What part of the report a rule belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleKind {
    /// Something to settle first.
    Gate,
    /// The one conclusion; the first that holds.
    Verdict,
    /// A named pattern over several scales.
    Pattern,
    /// An area to develop.
    Focus,
    /// A step to take.
    Recommendation,
}

/// A condition over scores and answers, three-valued: true, false, or unknown while answers are
/// missing (Kleene's strong logic).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
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
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreThreshold {
    /// The scale.
    pub scale: String,
    /// True when POMP < this.
    #[serde(default)]
    pub below: Option<i64>,
    /// True when POMP ≥ this.
    #[serde(default)]
    pub at_least: Option<i64>,
}

/// Parameters of [`Condition::Count`]; exactly one bound is given.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerCount {
    /// The items.
    pub items: Vec<String>,
    /// Codes that count.
    pub is: Vec<i64>,
    /// True when at least this many count.
    #[serde(default)]
    pub at_least: Option<usize>,
    /// True when at most this many count.
    #[serde(default)]
    pub at_most: Option<usize>,
}

/// Parameters of [`Condition::CountScores`]; exactly one threshold is given.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreCount {
    /// The scales.
    pub scales: Vec<String>,
    /// Counts scales with POMP < this.
    #[serde(default)]
    pub below: Option<i64>,
    /// Counts scales with POMP ≥ this.
    #[serde(default)]
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
}
