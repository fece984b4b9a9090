//! Whether two people find the same important, beyond what chance would give.

use crate::answers::AnswerSheet;
use crate::instrument::{Instrument, ItemKind, PairRules};
use crate::stats::{Exact, ratio};
use num_bigint::BigInt;
use num_traits::One;
use serde::{Deserialize, Serialize};

/// The picks of both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Priorities {
    /// The leader's, most important first.
    pub own: Vec<String>,
    /// The manager's.
    pub manager: Vec<String>,
    /// What both picked, in the leader's order.
    pub shared: Vec<String>,
    /// Of how many behaviours they picked.
    pub n_candidates: usize,
    /// How many shared ones chance would give on average.
    #[serde(with = "super::fraction")]
    pub expected: Exact,
    /// The probability of so many shared ones, or more, if both picked at random.
    #[serde(with = "super::fraction")]
    pub probability: Exact,
    /// Code of what is said.
    pub says: String,
}

impl Priorities {
    pub(super) fn of(
        instrument: &Instrument,
        rules: &PairRules,
        own: &AnswerSheet,
        manager: &AnswerSheet,
    ) -> Self {
        let picked = |sheet: &AnswerSheet| {
            sheet.rankings.get(&rules.priorities).cloned().unwrap_or_default()
        };
        let (own, manager) = (picked(own), picked(manager));
        let n_candidates = match instrument.item(&rules.priorities).map(|item| &item.kind) {
            Some(ItemKind::Ranking { candidates, .. }) => candidates.len(),
            _ => 0,
        };
        let shared: Vec<String> =
            own.iter().filter(|item| manager.contains(item)).cloned().collect();
        let probability = at_least(shared.len(), own.len(), manager.len(), n_candidates);
        let says = if own.is_empty() || manager.is_empty() {
            "priorities_missing"
        } else if probability < ratio(rules.chance, 100) {
            "priorities_beyond_chance"
        } else {
            "priorities_chance"
        };
        Priorities {
            expected: ratio(own.len() * manager.len(), n_candidates.max(1)),
            own,
            manager,
            shared,
            n_candidates,
            probability,
            says: says.to_owned(),
        }
    }
}

/// The probability that two random sets of `a` and `b` out of `n` share at least `x`: the upper tail of the
/// hypergeometric distribution.
fn at_least(x: usize, a: usize, b: usize, n: usize) -> Exact {
    let ways = |i: usize| {
        let others = b.checked_sub(i)?;
        Some(choose(a, i) * choose(n.checked_sub(a)?, others))
    };
    let sum: BigInt = (x..=a.min(b)).filter_map(ways).sum();
    Exact::new(sum, choose(n, b).max(BigInt::one()))
}

/// Binomial coefficient; 0 where `k` is larger than `n`.
fn choose(n: usize, k: usize) -> BigInt {
    // Each step divides without a rest: after i steps the product is C(n, i).
    (0..k).fold(BigInt::one(), |product, i| product * n.saturating_sub(i) / (i + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Python: `fractions` over `math.comb`; SciPy 1.10.1 `hypergeom.sf(x - 1, n, a, b)` agrees to 1e-15.
    #[test]
    fn overlaps_have_hypergeometric_probabilities() {
        let check = |x, (a, b), n, expected| assert_eq!(at_least(x, a, b, n), expected, "{x}");
        check(0, (5, 5), 24, ratio(1, 1));
        check(1, (5, 5), 24, ratio(2573, 3542));
        check(2, (5, 5), 24, ratio(479, 1771));
        check(3, (5, 5), 24, ratio(43, 1012));
        check(5, (5, 5), 24, ratio(1, 42504));
        check(2, (3, 5), 24, ratio(25, 253));
        check(0, (0, 5), 24, ratio(1, 1));
    }
}
