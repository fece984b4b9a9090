//! Scale scores and the interpretation that an instrument's declared rules give.
//!
//! Scores are exact: a keyed sum and a count, from which every shown number is one rational. Only
//! printing rounds, once (see [`crate::stats::decimal`]).

mod interpret;

pub use interpret::{Evidence, Fired, Interpretation, Truth, Verdict, interpret};

use crate::answers::{Answer, AnswerSheet};
use crate::instrument::{Instrument, ItemKind, Response, ScaleDefinition};
use num_rational::Rational64;

/// The score of one scale for one respondent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScaleScore {
    /// Scale id.
    pub scale: String,
    /// Number of items k.
    pub n_items: usize,
    /// Number of items answered with a code.
    pub n_answered: usize,
    /// Sum of the answered items after reversing (reversed x becomes L + H − x, with the
    /// definition's bounds).
    pub sum: i64,
    /// How many answered items are favourable after reversing.
    pub n_favourable: usize,
    /// Fewest answered items that give a score.
    pub min_answered: usize,
    bounds: (i64, i64),
}

impl ScaleScore {
    /// Whether enough items were answered for a score.
    #[must_use]
    pub fn is_scored(&self) -> bool {
        self.n_answered >= self.min_answered
    }

    /// Mean of the answered items, on the response scale; none when too few were answered.
    #[must_use]
    pub fn mean(&self) -> Option<Rational64> {
        let n_answered = i64::try_from(self.n_answered).ok().filter(|_| self.is_scored())?;
        Some(Rational64::new(self.sum, n_answered))
    }

    /// Percentage of the maximum possible, 100 (x̄ − L)/(H − L), 0 to 100; none when too few items
    /// were answered. Cohen, Cohen, Aiken & West (1999), Multivariate Behavioral Research 34.
    #[must_use]
    pub fn pomp(&self) -> Option<Rational64> {
        let (low, high) = self.bounds;
        self.mean().map(|mean| (mean - low) * 100 / (high - low))
    }
}

/// The scores of one respondent, in the definition's order of scales.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scores {
    /// One a scale.
    pub scales: Vec<ScaleScore>,
}

impl Scores {
    /// The score of a scale.
    #[must_use]
    pub fn get(&self, scale: &str) -> Option<&ScaleScore> {
        self.scales.iter().find(|score| score.scale == scale)
    }

    /// The score of a scale as POMP, if it has one.
    #[must_use]
    pub fn pomp(&self, scale: &str) -> Option<Rational64> {
        self.get(scale).and_then(ScaleScore::pomp)
    }
}

/// The keyed value of the rating item at a place: its code, reversed where the definition says so. None when
/// the item was not answered with a code, or is no rating.
pub(crate) fn keyed(
    instrument: &Instrument,
    place: usize,
    answers: &[Option<Answer>],
) -> Option<i64> {
    let item = instrument.definition().items.get(place)?;
    let (ItemKind::Rating { reversed, .. }, Some(Response::Rating { min, max, .. })) =
        (&item.kind, instrument.response_at(place))
    else {
        return None;
    };
    match answers.get(place).copied().flatten()? {
        Answer::Code(code) if *reversed => Some(min + max - code),
        Answer::Code(code) => Some(code),
        Answer::NotApplicable | Answer::Skipped => None,
    }
}

/// Scores every scale of an instrument.
#[must_use]
pub fn score(instrument: &Instrument, sheet: &AnswerSheet) -> Scores {
    score_placed(instrument, &instrument.by_item(&sheet.answers))
}

/// [`score`] with the answers by the places of their items.
pub(crate) fn score_placed(instrument: &Instrument, answers: &[Option<Answer>]) -> Scores {
    let scales = instrument.definition().scales.iter().zip(instrument.scale_items());
    let scales = scales.map(|(scale, places)| {
        let response = places.first().and_then(|place| instrument.response_at(*place));
        let values = places.iter().filter_map(|place| keyed(instrument, *place, answers));
        score_scale(scale, response, values)
    });
    Scores { scales: scales.collect() }
}

fn score_scale(
    scale: &ScaleDefinition,
    response: Option<&Response>,
    values: impl Iterator<Item = i64>,
) -> ScaleScore {
    let (bounds, favourable_from) = match response {
        Some(Response::Rating { min, max, favourable_from, .. }) => {
            ((*min, *max), *favourable_from)
        }
        // A scale that passed the definition's checks has ratings.
        Some(Response::Choice { .. }) | None => ((0, 1), i64::MAX),
    };
    let mut score = ScaleScore {
        scale: scale.id.clone(),
        n_items: scale.items.len(),
        n_answered: 0,
        sum: 0,
        n_favourable: 0,
        min_answered: scale.min_answered,
        bounds,
    };
    for value in values {
        score.n_answered += 1;
        score.sum += value;
        score.n_favourable += usize::from(value >= favourable_from);
    }
    score
}

/// The band a score falls in: the last that begins at or below it, compared before any rounding.
#[must_use]
pub fn band(scale: &ScaleDefinition, pomp: Rational64) -> Option<&str> {
    let begun = scale.bands.iter().take_while(|band| Rational64::from(band.from) <= pomp);
    begun.last().map(|band| band.id.as_str())
}
