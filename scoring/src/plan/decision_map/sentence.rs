//! Which sentences tell what was found: keys of texts, so that page and terminal say the same.

use super::{Kind, Ratio, RatioSays, Repair};

/// A text of the interface, and what fills its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// Its key; of a text with plural forms, without the form.
    pub key: &'static str,
    /// The count that chooses the plural form, and fills `{n}`.
    pub n: Option<u32>,
    /// Other places and what fills them.
    pub values: Vec<(&'static str, String)>,
}

impl Sentence {
    fn plain(key: &'static str) -> Self {
        Sentence { key, n: None, values: Vec::new() }
    }

    fn counted(key: &'static str, n: u32) -> Self {
        Sentence { key, n: Some(n), values: Vec::new() }
    }
}

impl Ratio {
    /// What it says, and what to do about it.
    #[must_use]
    pub fn sentences(self) -> Vec<Sentence> {
        let numbers = vec![("numbers", self.n_metrics.to_string())];
        let to_do = match self.n_without {
            0 => Sentence::plain("map.ratio.all_used"),
            n => Sentence { values: numbers, ..Sentence::counted("map.ratio.without", n) },
        };
        let says = match self.says() {
            RatioSays::Nothing => vec![Sentence::plain("map.ratio.nothing")],
            RatioSays::NoDecision => {
                vec![Sentence::counted("map.ratio.no_decision", self.n_metrics)]
            }
            RatioSays::NumbersADecision(n) => {
                vec![Sentence::counted("map.ratio.numbers_a_decision", n), to_do]
            }
            RatioSays::DecisionsANumber(n) => {
                vec![Sentence::counted("map.ratio.decisions_a_number", n), to_do]
            }
            RatioSays::NumbersForDecisions(numbers, n) => {
                let values = vec![("numbers", numbers.to_string())];
                let says = Sentence::counted("map.ratio.numbers_for_decisions", n);
                vec![Sentence { values, ..says }, to_do]
            }
        };
        let unstated = Sentence::counted("map.ratio.unstated", self.n_unstated);
        let is_counted = self.n_unstated > 0 && self.n_metrics > 0;
        says.into_iter().chain(is_counted.then_some(unstated)).collect()
    }
}

impl Repair<'_> {
    /// Why it stands where it stands among those of its step.
    #[must_use]
    pub fn sentences(&self) -> Vec<Sentence> {
        let n = u32::try_from(self.hanging).unwrap_or(u32::MAX);
        let hanging = match (self.kind, n) {
            (Kind::Metric, 0) => Sentence::plain("map.hanging.none"),
            (Kind::Metric, n) => Sentence::counted("map.hanging.metric", n),
            (_, 1) => Sentence::plain("map.hanging.outcome_alone"),
            (_, n) => Sentence::counted("map.hanging.outcome", n.saturating_sub(1)),
        };
        let tied = self.is_tied.then(|| Sentence::plain("map.repair.tied"));
        [hanging].into_iter().chain(tied).collect()
    }
}
