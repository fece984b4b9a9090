//! How a person's own answers and their manager's agree.

use super::distribution::NORMAL_975;
use super::exact::{Exact, nearest, ratio};
use super::reason::Reason;
use num_traits::{Signed, Zero};
use std::collections::BTreeMap;

/// Below this many items a profile correlation is called unstable.
const STABLE_FROM: u64 = 10;

/// How often each pair of keyed codes (own, manager's) was given to an item that both answered: of
/// one person, or merged over a group. Everything below is exact, in points of the response scale.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dyads(BTreeMap<(i64, i64), u64>);

impl Dyads {
    /// Counts an item that both answered with a code. An item that one of them left out is in
    /// neither mean: adding it to one side would compare different items.
    pub fn add(&mut self, own: i64, manager: i64) {
        *self.0.entry((own, manager)).or_default() += 1;
    }

    /// Counts everything that another histogram of the same instrument counted.
    pub fn merge(&mut self, other: &Self) {
        for (pair, count) in &other.0 {
            *self.0.entry(*pair).or_default() += count;
        }
    }

    /// Number of pairs.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.0.values().sum()
    }

    /// Both means, over the same items.
    ///
    /// # Errors
    /// [`Reason::TooFewItems`] without a pair.
    pub fn means(&self) -> Result<DyadMeans, Reason> {
        if self.0.is_empty() {
            return Err(Reason::TooFewItems);
        }
        let mean = |of: fn(i64, i64) -> i64| self.sum(of) / ratio(self.n(), 1);
        Ok(DyadMeans { own: mean(|own, _| own), manager: mean(|_, manager| manager) })
    }

    /// Weighted κ with quadratic weights, 1 − Σ wO/Σ wE and w = (i − j)². Cohen (1968),
    /// Psychological Bulletin 70. At most 1; 0 is what the two margins give by chance.
    ///
    /// # Errors
    /// [`Reason::NoVariance`] if Σ wE = 0: there is no pair, or both gave one and the same code only.
    pub fn kappa(&self) -> Result<Exact, Reason> {
        // n Σ wE = Σᵢⱼ (i − j)² rᵢcⱼ, multiplied out: n Σ i²rᵢ + n Σ j²cⱼ − 2 Σ irᵢ Σ jcⱼ.
        let squares = self.sum(|own, manager| own * own + manager * manager);
        let product = self.sum(|own, _| own) * self.sum(|_, manager| manager);
        let n = ratio(self.n(), 1);
        let expected = &n * squares - product * ratio(2, 1);
        if expected.is_zero() {
            return Err(Reason::NoVariance);
        }
        let observed = self.sum(|own, manager| (own - manager) * (own - manager));
        Ok(ratio(1, 1) - n * observed / expected)
    }

    /// Agreement of two profiles in shape, height and spread: the double-entry intraclass
    /// correlation (cov − d²/4)/((v₁ + v₂)/2 + d²/4) with population moments, d the difference of
    /// the means. Furr (2010), Journal of Personality Assessment 92.
    ///
    /// # Errors
    /// [`Reason::TooFewItems`] below three items, [`Reason::NoVariance`] if all answers are the same.
    pub fn double_entry(&self) -> Result<DoubleEntry, Reason> {
        let n_items = self.n();
        if n_items < 3 {
            return Err(Reason::TooFewItems);
        }
        let DyadMeans { own, manager } = self.means()?;
        let n = ratio(n_items, 1);
        let products = self.sum(|own, manager| own * manager) / &n;
        let squares = self.sum(|own, manager| own * own + manager * manager) / n;
        let distance = (&own - &manager) * (&own - &manager) / ratio(4, 1);
        let covariance = products - &own * &manager;
        let variance = (squares - &own * &own - &manager * &manager) / ratio(2, 1);
        let denominator = variance + &distance;
        if denominator.is_zero() {
            return Err(Reason::NoVariance);
        }
        let value = (covariance - distance) / denominator;
        Ok(DoubleEntry { value, is_unstable: n_items < STABLE_FROM })
    }

    fn sum(&self, of: impl Fn(i64, i64) -> i64) -> Exact {
        self.0
            .iter()
            .map(|((own, manager), count)| ratio(of(*own, *manager), 1) * ratio(*count, 1))
            .sum()
    }
}

/// A double-entry intraclass correlation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoubleEntry {
    /// −1 to 1.
    pub value: Exact,
    /// Whether it rests on fewer than ten items.
    pub is_unstable: bool,
}

/// Both means over the items that both answered, in points of the response scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DyadMeans {
    /// The person's own.
    pub own: Exact,
    /// The manager's.
    pub manager: Exact,
}

/// What a gap is large or small in comparison with. A report prints which one it used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reference {
    /// Half the standard deviation of the norm sample's scores.
    NormSd(f64),
    /// Half the standard deviation of the gaps in this cohort.
    CohortSd(f64),
    /// So many points of the response scale.
    Points(f64),
}

impl Reference {
    /// The largest gap that still is agreement, in points. Half a standard deviation is the
    /// convention of Atwater & Yammarino (1992), Personnel Psychology 45.
    #[must_use]
    pub fn tolerance(self) -> f64 {
        match self {
            Reference::NormSd(sd) | Reference::CohortSd(sd) => sd / 2.0,
            Reference::Points(points) => points,
        }
    }
}

/// The four categories of Atwater & Yammarino (1997), Research in Personnel and Human Resources
/// Management 15; Brutus, Fleenor & Taylor (1996).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// Rates themselves higher than the manager does.
    OverEstimator,
    /// Rates themselves lower than the manager does.
    UnderEstimator,
    /// Both rate alike, and high.
    InAgreementGood,
    /// Both rate alike, and low.
    InAgreementPoor,
}

impl Agreement {
    /// Stable code, also the key of its text.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Agreement::OverEstimator => "over_estimator",
            Agreement::UnderEstimator => "under_estimator",
            Agreement::InAgreementGood => "in_agreement_good",
            Agreement::InAgreementPoor => "in_agreement_poor",
        }
    }
}

impl DyadMeans {
    /// Self − manager.
    #[must_use]
    pub fn gap(&self) -> Exact {
        &self.own - &self.manager
    }

    /// Whether the gap is more than error of measurement: |gap| > 1.96 times the standard error of
    /// the difference, √(SEM² + SEM²) of both scores, in points (Lord & Novick 1968).
    #[must_use]
    pub fn is_clear(&self, standard_error: f64) -> bool {
        nearest(&self.gap()).abs() > NORMAL_975 * standard_error
    }

    /// The category, or none: a gap beyond the tolerance that may be error of measurement is no
    /// label for a person.
    ///
    /// Gaps are measured from 0, not from the cohort's mean gap, so that nobody who rates themselves
    /// lower than the manager does is called an over-estimator. In agreement is good where the
    /// manager's mean is at least `good_from` points.
    #[must_use]
    pub fn agreement(
        &self,
        standard_error: f64,
        reference: Reference,
        good_from: f64,
    ) -> Option<Agreement> {
        let gap = self.gap();
        if nearest(&gap).abs() <= reference.tolerance() {
            let good = nearest(&self.manager) >= good_from;
            Some(if good { Agreement::InAgreementGood } else { Agreement::InAgreementPoor })
        } else if !self.is_clear(standard_error) {
            None
        } else if gap.is_positive() {
            Some(Agreement::OverEstimator)
        } else {
            Some(Agreement::UnderEstimator)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dyads(pairs: &[(i64, i64)]) -> Dyads {
        let mut dyads = Dyads::default();
        for (own, manager) in pairs {
            dyads.add(*own, *manager);
        }
        dyads
    }

    #[track_caller]
    fn check(pairs: &[(i64, i64)], kappa: Exact, double_entry: Exact, is_unstable: bool) {
        let dyads = dyads(pairs);
        assert_eq!(dyads.kappa(), Ok(kappa));
        assert_eq!(dyads.double_entry(), Ok(DoubleEntry { value: double_entry, is_unstable }));
    }

    /// Python `fractions` over all n² pairs and over the doubled data; scikit-learn's
    /// `cohen_kappa_score(a, b, weights="quadratic", labels=[1, 2, 3, 4, 5])`, R's psych
    /// `cohen.kappa` and SciPy's `pearsonr(a + b, b + a)` agree.
    #[test]
    fn agreement_equals_python_and_r() {
        let own = [4, 5, 3, 4, 2, 5, 4, 3, 1, 4];
        let manager = [3, 5, 4, 3, 2, 4, 4, 2, 3, 5];
        let pairs: Vec<_> = own.into_iter().zip(manager).collect();
        check(&pairs, ratio(3, 5), ratio(3, 5), false);
        check(&[(1, 5), (2, 4), (5, 2)], ratio(-38, 49), ratio(-85, 89), true);
        check(&[(5, 1), (4, 2), (5, 1), (5, 1)], ratio(-3, 101), ratio(-1, 1), true);
    }

    #[test]
    fn says_why_there_is_none() {
        let none = Dyads::default();
        assert_eq!(none.means(), Err(Reason::TooFewItems));
        assert_eq!(none.kappa(), Err(Reason::NoVariance));
        assert_eq!(dyads(&[(1, 2), (3, 3)]).double_entry(), Err(Reason::TooFewItems));
        let same = dyads(&[(4, 4), (4, 4), (4, 4)]);
        assert_eq!(same.kappa(), Err(Reason::NoVariance));
        assert_eq!(same.double_entry(), Err(Reason::NoVariance));
        // Each gave one code only, but not the same one: chance explains it all.
        assert_eq!(dyads(&[(4, 2), (4, 2), (4, 2)]).kappa(), Ok(ratio(0, 1)));
    }

    /// Own mean, manager's mean, standard error, tolerance in points; good from 3.5.
    #[test]
    fn labels_need_a_gap_that_is_large_and_clear() {
        let check = |own: i64, manager: i64, error, tolerance, expected| {
            let means = DyadMeans { own: ratio(own, 10), manager: ratio(manager, 10) };
            let reference = Reference::Points(tolerance);
            assert_eq!(means.agreement(error, reference, 3.5), expected, "{own} {manager}");
        };
        check(45, 35, 0.5, 0.5, Some(Agreement::OverEstimator));
        check(35, 45, 0.5, 0.5, Some(Agreement::UnderEstimator));
        // 1.0 is 1.92 standard errors of 0.52.
        check(45, 35, 0.52, 0.5, None);
        check(40, 35, 0.1, 0.5, Some(Agreement::InAgreementGood));
        check(39, 34, 0.1, 0.5, Some(Agreement::InAgreementPoor));
        check(30, 35, 9.0, 0.5, Some(Agreement::InAgreementGood));
        check(41, 35, 0.1, 0.5, Some(Agreement::OverEstimator));
        assert_eq!(Reference::NormSd(0.8).tolerance(), 0.4);
        assert_eq!(Reference::CohortSd(0.8).tolerance(), 0.4);
    }

    #[test]
    fn the_gap_is_self_less_manager() {
        let means = dyads(&[(5, 3), (4, 4), (4, 3)]).means().unwrap();
        assert_eq!((means.own.clone(), means.gap()), (ratio(13, 3), ratio(1, 1)));
    }

    proptest! {
        #[test]
        fn merging_is_counting_together(
            pairs in proptest::collection::vec((1i64..6, 1i64..6), 0..40),
            cut in 0usize..40,
        ) {
            let (first, second) = pairs.split_at(cut.min(pairs.len()));
            let (mut forth, mut back) = (dyads(first), dyads(second));
            forth.merge(&dyads(second));
            back.merge(&dyads(first));
            prop_assert_eq!(&forth, &dyads(&pairs));
            prop_assert_eq!(forth, back);
        }
    }
}
