//! Moments of exact values, distributions, intervals and comparisons, and exact decimal printing.
//!
//! Sums and counts are integers or rationals, so that no order of addition changes a digit. Where a
//! transcendental is needed it comes from `libm`, the same code natively and in the browser.

mod agreement;
mod careless;
mod distribution;
mod dyads;
mod exact;
mod factor;
mod icc;
mod inference;
mod omega;
mod products;
mod reason;
mod reliability;
mod shrout_fleiss;

pub use agreement::{Null, WithinGroup, ad_mean, ad_median, awg_j, rwg_j};
pub use careless::{Careless, Evidence, Flag, Thresholds, has_plain_flag, is_suspect};
pub use distribution::{
    NORMAL_975, f_cdf, f_quantile, noncentral_t_cdf, noncentrality, normal_cdf, t_cdf, t_quantile,
};
pub use dyads::{Agreement, DoubleEntry, DyadMeans, Dyads, Reference};
pub use exact::{Exact, nearest, ratio, rounded};
pub use icc::{GroupIcc, GroupScores, group_icc};
pub use inference::{
    Difference, EffectSize, ReliableChange, Sample, d_av, d_z, feldt, hedges_g, holm, paired,
    reliable_change, se_difference, sem, student_interval, welch,
};
pub use omega::{hancock_an, omega_total};
pub use products::{Complete, Partial};
pub(crate) use products::{add, subtracted};
pub use reason::Reason;
pub use reliability::{alpha, alpha_pairwise, alpha_without, item_rest};
pub use shrout_fleiss::{Icc, ShroutFleiss, shrout_fleiss};

use num_bigint::BigInt;
use num_rational::{Ratio, Rational64};
use num_traits::Zero;

/// A rational wide enough for sums of squares over any cohort that fits on one machine.
pub type Wide = Ratio<i128>;

/// An interval with its two ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Prints a rational with some decimals, rounding half away from zero, exactly.
///
/// ```
/// use num_rational::Ratio;
/// use scoring::stats::decimal;
/// assert_eq!(decimal(Ratio::new(125, 2), 0), "63");
/// assert_eq!(decimal(Ratio::new(-1, 3), 2), "-0.33");
/// ```
#[must_use]
pub fn decimal(value: Rational64, digits: u32) -> String {
    decimal_wide(widen(value), digits)
}

/// Prints a wide rational as [`decimal`] does.
#[must_use]
pub fn decimal_wide(value: Wide, digits: u32) -> String {
    let unit = 10_i128.pow(digits);
    let scaled = (value * unit).round().to_integer();
    let sign = if scaled < 0 { "-" } else { "" };
    let (whole, fraction) = (scaled.abs() / unit, scaled.abs() % unit);
    match digits {
        0 => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{fraction:0width$}", width = digits as usize),
    }
}

/// The same value in a wider type.
#[must_use]
pub fn widen(value: Rational64) -> Wide {
    Wide::new(i128::from(*value.numer()), i128::from(*value.denom()))
}

/// Mean and standard deviation of exact values.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// Number of values n.
    pub n: u64,
    /// Arithmetic mean.
    pub mean: Exact,
    /// Variance with n − 1, none below two values.
    pub variance: Option<Exact>,
}

impl Moments {
    /// Moments of values, each with how often it occurs; none when there are no values. The result does not
    /// depend on order.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = (Exact, u64)>) -> Option<Self> {
        let (mut n, mut sum, mut squares) = (0_u64, Exact::zero(), Exact::zero());
        for (value, count) in values {
            n += count;
            let weighted = &value * BigInt::from(count);
            squares += &weighted * &value;
            sum += weighted;
        }
        if n == 0 {
            return None;
        }
        let mean = &sum / BigInt::from(n);
        let variance = (n > 1).then(|| (squares - &sum * &mean) / BigInt::from(n - 1));
        Some(Moments { n, mean, variance })
    }

    /// Standard deviation with n − 1, none below two values.
    #[must_use]
    pub fn sd(&self) -> Option<f64> {
        self.variance.as_ref().map(|variance| libm::sqrt(nearest(variance)))
    }

    /// Student's interval for the mean at 95 %, clipped to the bounds; none below two values. Narrower where
    /// the values are some of a known number: see [`student_interval`].
    #[must_use]
    pub fn interval(&self, low: f64, high: f64, roster: Option<u64>) -> Option<Interval> {
        let bounds = Interval { low, high };
        student_interval(nearest(&self.mean), self.sd()?, self.n, roster, bounds).ok()
    }
}

/// The nearest double: numerator and denominator are exact doubles up to 2^53, so one division rounds.
#[must_use]
pub fn to_f64(value: Wide) -> f64 {
    *value.numer() as f64 / *value.denom() as f64
}

/// Score interval for a proportion at 95 %, Wilson (1927), Journal of the American Statistical
/// Association 22; none when there are no trials.
///
/// ```
/// let interval = scoring::stats::wilson(4, 5).unwrap();
/// assert!((interval.low - 0.375534629762525).abs() < 1e-12);
/// ```
#[must_use]
pub fn wilson(successes: u64, trials: u64) -> Option<Interval> {
    const Z: f64 = NORMAL_975;
    if trials == 0 {
        return None;
    }
    let (x, n) = (successes as f64, trials as f64);
    let (p, z2) = (x / n, Z * Z);
    let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let margin = Z / (1.0 + z2 / n) * libm::sqrt(p * (1.0 - p) / n + z2 / (4.0 * n * n));
    // At the edges the formula is exact, and only its rounding could leave a stray digit.
    Some(Interval {
        low: if successes == 0 { 0.0 } else { centre - margin },
        high: if successes == trials { 1.0 } else { centre + margin },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn near(got: f64, expected: f64) {
        assert!(
            (got - expected).abs() <= 1e-12 * expected.abs().max(1.0),
            "{got} is not {expected}"
        );
    }

    /// R 4.2.2: `prop.test(x, n, correct = FALSE)$conf.int`.
    #[test]
    fn wilson_equals_r() {
        let interval = wilson(4, 5).unwrap();
        near(interval.low, 0.375_534_629_762_525);
        near(interval.high, 0.963_775_891_367_57);
        let none = wilson(0, 5).unwrap();
        assert_eq!(none.low, 0.0);
        near(none.high, 0.434_482_464_783_175);
        assert_eq!(wilson(5, 5).unwrap().high, 1.0);
        assert_eq!(wilson(0, 0), None);
    }

    #[test]
    fn prints_halves_away_from_zero() {
        let check = |numer, denom, digits, expected: &str| {
            assert_eq!(decimal(Rational64::new(numer, denom), digits), expected);
        };
        check(1, 2, 0, "1");
        check(-1, 2, 0, "-1");
        check(133, 4, 1, "33.3");
        check(-1, 100, 1, "0.0");
        check(200, 3, 1, "66.7");
        check(7, 1, 2, "7.00");
    }

    #[test]
    fn one_value_has_a_mean_and_no_spread() {
        let moments = Moments::of([(ratio(3, 1), 1)]).unwrap();
        assert_eq!((moments.sd(), moments.interval(0.0, 100.0, None)), (None, None));
        assert_eq!(Moments::of([]), None);
    }

    proptest! {
        #[test]
        fn order_never_changes_a_moment(mut values in proptest::collection::vec((0i64..500, 1i64..12), 1..50)) {
            let of = |values: &[(i64, i64)]| {
                Moments::of(values.iter().map(|(n, d)| (ratio(*n, *d), 1)))
            };
            let before = of(&values);
            values.reverse();
            prop_assert_eq!(before, of(&values));
        }
    }
}
