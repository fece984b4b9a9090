//! How far raters who all rated the same targets agree: the six intraclass correlations of Shrout &
//! Fleiss (1979), Psychological Bulletin 86.

use super::distribution::f_quantile;
use super::exact::{Exact, nearest, ratio};
use super::{Interval, Reason};
use num_traits::{Signed, Zero};

/// One intraclass correlation.
#[derive(Debug, Clone, PartialEq)]
pub struct Icc {
    /// The estimate, at most 1; it may be negative.
    pub value: Exact,
    /// Its 95 % interval, from the F distribution.
    pub interval: Result<Interval, Reason>,
}

/// The six coefficients, each with the name ICC(model, raters) of the paper.
///
/// A coefficient is [`Reason::VarianceNotPositive`] where its denominator, an estimated variance, is
/// 0 or less: a quotient of that would not be a correlation.
#[derive(Debug, Clone, PartialEq)]
pub struct ShroutFleiss {
    /// ICC(1,1): each target has its own raters; one of them.
    pub icc_1_1: Result<Icc, Reason>,
    /// ICC(2,1): the raters are a sample of all; one of them, absolute agreement.
    pub icc_2_1: Result<Icc, Reason>,
    /// ICC(3,1): there are no other raters; one of them, consistency.
    pub icc_3_1: Result<Icc, Reason>,
    /// ICC(1,k): as (1,1), the mean of the k raters.
    pub icc_1_k: Result<Icc, Reason>,
    /// ICC(2,k): as (2,1), the mean of the k raters.
    pub icc_2_k: Result<Icc, Reason>,
    /// ICC(3,k): as (3,1), the mean of the k raters.
    pub icc_3_k: Result<Icc, Reason>,
}

/// The coefficients of a complete table: a row a target, in each row the ratings of the same k raters
/// in the same order. Values are exact.
///
/// ```
/// use scoring::stats::{ratio, shrout_fleiss};
/// let table = [vec![9, 2, 5, 8], vec![6, 1, 3, 2], vec![8, 4, 6, 8], vec![7, 1, 2, 6],
///              vec![10, 5, 6, 9], vec![6, 2, 4, 7]];
/// let icc = shrout_fleiss(&table).unwrap();
/// assert_eq!(icc.icc_2_1.unwrap().value, ratio(184, 635));
/// ```
///
/// # Errors
/// [`Reason::TooFewPeople`] below two targets or raters, or if a row lacks a rating;
/// [`Reason::NoVariance`] if all ratings are the same.
pub fn shrout_fleiss(table: &[Vec<i64>]) -> Result<ShroutFleiss, Reason> {
    let (n_targets, n_raters) = (table.len(), table.first().map_or(0, Vec::len));
    if n_targets < 2 || n_raters < 2 || table.iter().any(|row| row.len() != n_raters) {
        return Err(Reason::TooFewPeople);
    }
    let mean_squares = MeanSquares::of(table, n_targets, n_raters);
    let MeanSquares { n, k, targets, within, raters, error } = &mean_squares;
    if (targets + within).is_zero() {
        return Err(Reason::NoVariance);
    }
    let k_less_1 = k - ratio(1, 1);
    let between_raters = (raters - error) / n;
    let coefficient = |noise: &Exact, denominator: Exact, interval: Result<Interval, Reason>| {
        if !denominator.is_positive() {
            return Err(Reason::VarianceNotPositive);
        }
        Ok(Icc { value: (targets - noise) / denominator, interval })
    };
    let df_within = nearest(&(n * &k_less_1));
    let df_error = nearest(&((n - ratio(1, 1)) * &k_less_1));
    let one_way = mean_squares.interval(within, df_within);
    let fixed = mean_squares.interval(error, df_error);
    let mut icc_2_1 = coefficient(
        error,
        targets + &k_less_1 * error + k * &between_raters,
        Err(Reason::NoVariance),
    );
    if let Ok(icc) = &mut icc_2_1 {
        icc.interval = mean_squares.random_raters_interval(&icc.value);
    }
    let random = icc_2_1.as_ref().map_err(|reason| *reason).and_then(|icc| icc.interval);
    let averaged = |single: Result<Interval, Reason>| single.and_then(|i| mean_squares.averaged(i));
    Ok(ShroutFleiss {
        icc_1_1: coefficient(within, targets + &k_less_1 * within, one_way),
        icc_2_1,
        icc_3_1: coefficient(error, targets + &k_less_1 * error, fixed),
        icc_1_k: coefficient(within, targets.clone(), averaged(one_way)),
        icc_2_k: coefficient(error, targets + between_raters, averaged(random)),
        icc_3_k: coefficient(error, targets.clone(), averaged(fixed)),
    })
}

/// The analysis of variance of n targets by k raters.
struct MeanSquares {
    n: Exact,
    k: Exact,
    /// BMS, n − 1 degrees of freedom.
    targets: Exact,
    /// WMS, n(k − 1).
    within: Exact,
    /// JMS, k − 1.
    raters: Exact,
    /// EMS, (n − 1)(k − 1).
    error: Exact,
}

impl MeanSquares {
    fn of(table: &[Vec<i64>], n_targets: usize, n_raters: usize) -> Self {
        let (n, k) = (ratio(n_targets, 1), ratio(n_raters, 1));
        let one = ratio(1, 1);
        let exact = |value: &i64| ratio(*value, 1);
        let square = |value: Exact| &value * &value;
        let total: Exact = table.iter().flatten().map(exact).sum();
        let mean_part = square(total) / (&n * &k);
        let rows: Exact = table.iter().map(|row| square(row.iter().map(exact).sum())).sum();
        let columns: Exact = (0..n_raters)
            .map(|rater| square(table.iter().filter_map(|row| row.get(rater)).map(exact).sum()))
            .sum();
        let all =
            table.iter().flatten().map(|value| square(exact(value))).sum::<Exact>() - &mean_part;
        let targets = rows / &k - &mean_part;
        let raters = columns / &n - mean_part;
        MeanSquares {
            within: (&all - &targets) / (&n * (&k - &one)),
            error: (all - &targets - &raters) / ((&n - &one) * (&k - &one)),
            targets: targets / (&n - &one),
            raters: raters / (&k - one),
            n,
            k,
        }
    }

    /// The interval of (BMS − noise)/(BMS + (k − 1) noise), for ICC(1,1) and ICC(3,1).
    fn interval(&self, noise: &Exact, df_noise: f64) -> Result<Interval, Reason> {
        if noise.is_zero() || self.targets.is_zero() {
            return Err(Reason::NoVariance);
        }
        let (f, k) = (nearest(&(&self.targets / noise)), nearest(&self.k));
        let df_targets = nearest(&self.n) - 1.0;
        let icc = |f: f64| (f - 1.0) / (f + k - 1.0);
        Ok(Interval {
            low: icc(f / f_quantile(0.975, df_targets, df_noise)),
            high: icc(f * f_quantile(0.975, df_noise, df_targets)),
        })
    }

    /// The interval of ICC(2,1), whose degrees of freedom are Satterthwaite's (1946).
    fn random_raters_interval(&self, icc: &Exact) -> Result<Interval, Reason> {
        if self.error.is_zero() || self.targets.is_zero() {
            return Err(Reason::NoVariance);
        }
        let [n, k, icc] = [&self.n, &self.k, icc].map(nearest);
        let [targets, raters, error] = [&self.targets, &self.raters, &self.error].map(nearest);
        let of_raters = k * icc * raters / error;
        let of_error = n * (1.0 + (k - 1.0) * icc) - k * icc;
        let df = (k - 1.0) * (n - 1.0) * (of_raters + of_error) * (of_raters + of_error)
            / ((n - 1.0) * of_raters * of_raters + of_error * of_error);
        // Mean squares that cancel: below one degree of freedom F's upper quantile may be less than 1,
        // and the interval would pass by the estimate.
        if df.is_nan() || df < 1.0 {
            return Err(Reason::VarianceNotPositive);
        }
        let other = k * raters + (k * n - k - n) * error;
        let end = |f: f64| n * (f * targets - error) / (other + n * f * targets);
        Ok(Interval {
            low: end(1.0 / f_quantile(0.975, n - 1.0, df)),
            high: end(f_quantile(0.975, df, n - 1.0)),
        })
    }

    /// What an interval for one rater says about the mean of k, by Spearman and Brown's formula.
    fn averaged(&self, single: Interval) -> Result<Interval, Reason> {
        let k = nearest(&self.k);
        let stepped = |icc: f64| k * icc / (1.0 + (k - 1.0) * icc);
        // Below −1/(k − 1) one rater has no counterpart in k.
        if 1.0 + (k - 1.0) * single.low > 0.0 {
            Ok(Interval { low: stepped(single.low), high: stepped(single.high) })
        } else {
            Err(Reason::VarianceNotPositive)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(got: &Result<Icc, Reason>, numer: i64, denom: i64, low: f64, high: f64) {
        let got = got.as_ref().unwrap();
        assert_eq!(got.value, ratio(numer, denom));
        let near =
            |got: f64, expected: f64| (got - expected).abs() < 1e-12 * expected.abs().max(1.0);
        let interval = got.interval.unwrap();
        assert!(near(interval.low, low) && near(interval.high, high), "{interval:?}");
    }

    fn table(rows: &[&[i64]]) -> Vec<Vec<i64>> {
        rows.iter().map(|row| row.to_vec()).collect()
    }

    /// Values: Python `fractions` over the analysis of variance. Intervals: R 4.2.2, psych 2.2.9,
    /// `ICC(m, lmer = FALSE)$results`, whose values agree.
    #[test]
    fn the_papers_table_equals_r() {
        let icc = shrout_fleiss(&table(&[
            &[9, 2, 5, 8],
            &[6, 1, 3, 2],
            &[8, 4, 6, 8],
            &[7, 1, 2, 6],
            &[10, 5, 6, 9],
            &[6, 2, 4, 7],
        ]))
        .unwrap();
        check(&icc.icc_1_1, 448, 2703, -0.132_932_324_874_751_1, 0.722_560_062_328_120_9);
        check(&icc.icc_2_1, 184, 635, 0.018_786_513_374_712, 0.761_084_369_648_953);
        check(&icc.icc_3_1, 920, 1287, 0.342_464_765_033_925, 0.945_858_259_955_359_4);
        check(&icc.icc_1_k, 1792, 4047, -0.884_442_155_238_121, 0.912_415_420_340_777_5);
        check(&icc.icc_2_k, 736, 1187, 0.071_136_815_302_503_2, 0.927_232_040_167_721_9);
        check(&icc.icc_3_k, 3680, 4047, 0.675_674_713_816_304_3, 0.985_891_678_169_062_3);
    }

    /// As above; for ICC(2,k) and its interval R prints 22.7 and 6.4 to .2, which are no correlations.
    #[test]
    fn disagreement_is_negative() {
        let icc =
            shrout_fleiss(&table(&[&[1, 4, 2], &[3, 2, 5], &[2, 5, 1], &[4, 1, 3], &[2, 2, 4]]))
                .unwrap();
        check(&icc.icc_1_1, -16, 41, -0.473_957_878_194_893_3, 0.116_712_399_990_116_6);
        check(&icc.icc_2_1, -53, 99, -0.652_905_110_588_162_4, 0.088_844_710_471_226_7);
        check(&icc.icc_3_1, -53, 130, -0.480_782_200_643_917_1, 0.055_906_061_591_220_7);
        check(&icc.icc_1_k, -16, 3, -27.299_496_662_093_43, 0.283_873_974_299_820_4);
        assert_eq!(icc.icc_2_k, Err(Reason::VarianceNotPositive));
        check(&icc.icc_3_k, -53, 8, -37.526_320_657_396_75, 0.150_851_192_639_982_3);
    }

    #[test]
    fn says_why_there_is_none() {
        let fault = |rows: &[&[i64]]| shrout_fleiss(&table(rows)).unwrap_err();
        assert_eq!(fault(&[]), Reason::TooFewPeople);
        assert_eq!(fault(&[&[1, 2]]), Reason::TooFewPeople);
        assert_eq!(fault(&[&[1], &[2]]), Reason::TooFewPeople);
        assert_eq!(fault(&[&[1, 2], &[2]]), Reason::TooFewPeople);
        assert_eq!(fault(&[&[3, 3], &[3, 3]]), Reason::NoVariance);
        // No target differs from another in its mean.
        let icc = shrout_fleiss(&table(&[&[1, 2], &[2, 1]])).unwrap();
        assert_eq!(icc.icc_1_1.unwrap().value, ratio(-1, 1));
        assert_eq!(icc.icc_2_1, Err(Reason::VarianceNotPositive));
        assert_eq!(icc.icc_1_k, Err(Reason::VarianceNotPositive));
        // Raters who agree to the point: 1, and no error to make an interval of.
        let icc = shrout_fleiss(&table(&[&[1, 1], &[2, 2], &[4, 4]])).unwrap().icc_2_1.unwrap();
        assert_eq!((icc.value, icc.interval), (ratio(1, 1), Err(Reason::NoVariance)));
    }

    proptest! {
        #[test]
        fn values_are_at_most_1_and_intervals_hold_them(
            rows in proptest::collection::vec(proptest::collection::vec(1i64..6, 3), 2..8),
        ) {
            if let Ok(icc) = shrout_fleiss(&rows) {
                let all =
                    [icc.icc_1_1, icc.icc_2_1, icc.icc_3_1, icc.icc_1_k, icc.icc_2_k, icc.icc_3_k];
                for icc in all.into_iter().flatten() {
                    prop_assert!(icc.value <= ratio(1, 1));
                    if let Ok(Interval { low, high }) = icc.interval {
                        let value = nearest(&icc.value);
                        prop_assert!(low <= value && value <= high && high <= 1.0, "{low} {value} {high}");
                    }
                }
            }
        }
    }
}
