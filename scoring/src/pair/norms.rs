//! What the pairs of a cohort say about the error and the spread of a gap.

use super::{Both, Pair, compared};
use crate::instrument::{Instrument, PairRules};
use crate::result::VerifiedResult;
use crate::stats::{Exact, Moments, alpha, ratio};
use crate::tally::{Cell, Gathering, Layout};
use num_traits::{One, Signed};

/// Numbers of a cohort's pairs that a single pair is compared with, by place of the scale in the definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairNorms {
    /// Pairs.
    pub n: u64,
    item_errors: Vec<Option<Exact>>,
    gap_variances: Vec<Option<Exact>>,
    overall: Option<Exact>,
}

impl PairNorms {
    /// The norms of some pairs that answered one instrument; none if it does not compare pairs.
    #[must_use]
    pub fn of(instrument: &Instrument, pairs: &[Pair<'_>]) -> Option<Self> {
        let rules = instrument.definition().pair.as_ref()?;
        let layout = Layout::of(instrument);
        let own = cell(&layout, pairs.iter().map(|pair| pair.own));
        let manager = cell(&layout, pairs.iter().map(|pair| pair.manager));
        let both: Vec<Both<'_>> = pairs
            .iter()
            .map(|pair| Both::of(instrument, pair.own.placed(), pair.manager.placed()))
            .collect();
        let n_scales = instrument.definition().scales.len();
        let mut norms = PairNorms {
            n: pairs.len() as u64,
            item_errors: vec![None; n_scales],
            gap_variances: vec![None; n_scales],
            overall: None,
        };
        for (place, scale) in compared(instrument, rules) {
            let error = item_error(&own, place).zip(item_error(&manager, place));
            if let Some(slot) = norms.item_errors.get_mut(place) {
                *slot = error.map(|(own, manager)| own + manager);
            }
            let gaps = both.iter().filter_map(|both| {
                let dyads = both.of_scale(scale);
                let enough = dyads.n() >= scale.min_answered as u64;
                Some(dyads.means().ok().filter(|_| enough)?.gap())
            });
            if let Some(slot) = norms.gap_variances.get_mut(place) {
                *slot = variance(gaps);
            }
        }
        norms.overall = variance(both.iter().filter_map(|both| overall(both, instrument, rules)));
        Some(norms)
    }

    /// Error variance of one behaviour's difference: of a scale of k, k (SEM² + SEM²) (Lord & Novick 1968).
    pub(super) fn item_error(&self, place: usize) -> Option<&Exact> {
        self.item_errors.get(place)?.as_ref()
    }

    /// Variance of the gaps on a scale.
    pub(super) fn gap_variance(&self, place: usize) -> Option<&Exact> {
        self.gap_variances.get(place)?.as_ref()
    }

    /// Variance of the gaps over all behaviours.
    pub(super) fn overall_variance(&self) -> Option<&Exact> {
        self.overall.as_ref()
    }
}

fn overall(both: &Both<'_>, instrument: &Instrument, rules: &PairRules) -> Option<Exact> {
    Some(both.all(compared(instrument, rules).map(|(_, scale)| scale)).means().ok()?.gap())
}

fn variance(gaps: impl Iterator<Item = Exact>) -> Option<Exact> {
    Moments::of(gaps.map(|gap| (gap, 1)))?.variance.filter(Signed::is_positive)
}

fn cell<'a>(layout: &Layout, results: impl Iterator<Item = &'a VerifiedResult>) -> Cell {
    let mut gathering = Gathering::new(layout);
    for result in results {
        gathering.add(layout, &layout.row(&result.claims().survey.sheet), &[]);
    }
    gathering.finish(layout)
}

/// k SEM², with SEM² = SD² (1 − α) of the scale's mean over people who answered all of it. None where α says
/// nothing about error.
fn item_error(cell: &Cell, place: usize) -> Option<Exact> {
    let rows = &cell.scales.get(place)?.complete;
    let alpha = alpha(rows).ok().filter(Signed::is_positive)?;
    let covariances = rows.covariances().ok()?;
    let of_sum: Exact = covariances.iter().flatten().cloned().sum();
    // The variance of the mean is that of the sum over k².
    Some(of_sum * (Exact::one() - alpha) / ratio(rows.k(), 1))
}
