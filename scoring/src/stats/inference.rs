//! What a sample says about those who are not in it: intervals, comparisons of two groups or waves,
//! effect sizes, and the error of one person's score.
//!
//! Every interval is at 95 %, every p two-sided, and every difference the first minus the second.

use super::distribution::{NORMAL_975, f_quantile, gamma_ratio, noncentrality, t_cdf, t_quantile};
use super::{Exact, Interval, Moments, Reason, nearest, ratio};
use num_traits::{Signed, Zero};

/// Interval of Cronbach's α over `k` items and `n` complete rows: with F of n − 1 and (n − 1)(k − 1)
/// degrees of freedom from 1 − (1 − α) F(0.975) to 1 − (1 − α) F(0.025) (Feldt 1965, Psychometrika 30,
/// 357–370).
///
/// # Errors
///
/// Below two items or two rows.
///
/// ```
/// let interval = scoring::stats::feldt(0.85, 7, 89).unwrap();
/// assert!((interval.low - 0.797064879034911).abs() < 1e-14);
/// ```
pub fn feldt(alpha: f64, k: u64, n: u64) -> Result<Interval, Reason> {
    if k < 2 {
        return Err(Reason::TooFewItems);
    }
    if n < 2 {
        return Err(Reason::TooFewPeople);
    }
    let df1 = (n - 1) as f64;
    let df2 = df1 * (k - 1) as f64;
    let end = |p| 1.0 - (1.0 - alpha) * f_quantile(p, df1, df2);
    Ok(Interval { low: end(0.975), high: end(0.025) })
}

/// Student's interval for a mean, clipped to the scale's bounds.
///
/// Where `n` of a known roster of R people answered, the standard error is multiplied by
/// √(1 − n/R), so that the mean of everyone has no error (Cochran 1977, Sampling techniques, 2.6). That
/// is the factor for an SD with n − 1; √((R − n)/(R − 1)) belongs to one with R.
///
/// # Errors
///
/// Below two people.
pub fn student_interval(
    mean: f64,
    sd: f64,
    n: u64,
    roster: Option<u64>,
    bounds: Interval,
) -> Result<Interval, Reason> {
    if n < 2 {
        return Err(Reason::TooFewPeople);
    }
    let correction = match roster {
        None => 1.0,
        Some(roster) if roster > n => (roster - n) as f64 / roster as f64,
        Some(_) => 0.0,
    };
    let standard_error = sd * (correction / n as f64).sqrt();
    let margin = t_quantile(0.975, (n - 1) as f64) * standard_error;
    Ok(Interval { low: (mean - margin).max(bounds.low), high: (mean + margin).min(bounds.high) })
}

/// What is known of one group's values, or of the differences of pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Number of values n, at least two.
    n: u64,
    mean: Exact,
    /// With n − 1.
    variance: Exact,
}

impl Sample {
    /// A sample of `n` values with this sum and sum of squares.
    ///
    /// # Errors
    ///
    /// Below two values.
    pub fn of_sums(n: u64, sum: &Exact, squares: &Exact) -> Result<Self, Reason> {
        if n < 2 {
            return Err(Reason::TooFewPeople);
        }
        let mean = sum / whole(n);
        let variance = (squares - &mean * sum) / whole(n - 1);
        Ok(Sample { n, mean, variance })
    }

    /// The sample that some moments are of.
    ///
    /// # Errors
    ///
    /// Below two values.
    pub fn of(moments: &Moments) -> Result<Self, Reason> {
        let variance = moments.variance.clone().ok_or(Reason::TooFewPeople)?;
        Ok(Sample { n: moments.n, mean: moments.mean.clone(), variance })
    }

    /// Standard deviation with n − 1.
    fn sd(&self) -> f64 {
        nearest(&self.variance).sqrt()
    }

    /// Square of the mean's standard error.
    fn squared_error(&self) -> Exact {
        &self.variance / whole(self.n)
    }
}

/// Two means compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The first mean minus the second.
    pub difference: f64,
    /// Its interval, which knows nothing of a scale's bounds.
    pub interval: Interval,
    /// The statistic t.
    pub t: f64,
    /// Its degrees of freedom.
    pub df: f64,
    /// Two-sided p.
    pub p: f64,
}

impl Difference {
    fn of(difference: &Exact, squared_error: &Exact, df: f64) -> Result<Self, Reason> {
        let t = root_ratio(difference, squared_error)?;
        let margin = t_quantile(0.975, df) * nearest(squared_error).sqrt();
        let difference = nearest(difference);
        Ok(Difference {
            difference,
            interval: Interval { low: difference - margin, high: difference + margin },
            t,
            df,
            p: 2.0 * t_cdf(-t.abs(), df),
        })
    }
}

/// Two groups of different people, whose variances may differ (Welch 1947, Biometrika 34, 28–35).
///
/// # Errors
///
/// When neither group varies.
pub fn welch(a: &Sample, b: &Sample) -> Result<Difference, Reason> {
    let (error_a, error_b) = (a.squared_error(), b.squared_error());
    let squared_error = &error_a + &error_b;
    if squared_error.is_zero() {
        return Err(Reason::NoVariance);
    }
    let weight = &error_a * &error_a / whole(a.n - 1) + &error_b * &error_b / whole(b.n - 1);
    let df = nearest(&(&squared_error * &squared_error / weight));
    Difference::of(&(&a.mean - &b.mean), &squared_error, df)
}

/// The same people twice, from the differences of their values (Student 1908, Biometrika 6, 1–25).
///
/// # Errors
///
/// When all differences are the same.
pub fn paired(differences: &Sample) -> Result<Difference, Reason> {
    let df = (differences.n - 1) as f64;
    Difference::of(&differences.mean, &differences.squared_error(), df)
}

/// A standardized difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EffectSize {
    /// The estimate.
    pub value: f64,
    /// Exact interval of the population's value, from noncentral t (Steiger & Fouladi 1997; Cumming &
    /// Finch 2001, Educational and Psychological Measurement 61, 532–574). It is not an interval around
    /// the estimate: a correction for bias moves the one and not the other.
    pub interval: Interval,
}

impl EffectSize {
    /// From t = effect · scale.
    fn of(value: f64, t: f64, df: f64, scale: f64) -> Self {
        let end = |p| noncentrality(p, t, df) / scale;
        EffectSize { value, interval: Interval { low: end(0.975), high: end(0.025) } }
    }
}

/// Hedges' g of two groups of different people: the difference over the pooled SD, times the exact
/// J(ν) = Γ(ν/2)/(√(ν/2) Γ((ν − 1)/2)) with ν = n₁ + n₂ − 2 (Hedges 1981, Journal of Educational
/// Statistics 6, 107–128).
///
/// # Errors
///
/// When neither group varies.
pub fn hedges_g(a: &Sample, b: &Sample) -> Result<EffectSize, Reason> {
    let df = a.n + b.n - 2;
    let pooled = (&a.variance * whole(a.n - 1) + &b.variance * whole(b.n - 1)) / whole(df);
    let d = root_ratio(&(&a.mean - &b.mean), &pooled)?;
    let scale = nearest(&(whole(a.n) * whole(b.n) / whole(a.n + b.n))).sqrt();
    let df = df as f64;
    Ok(EffectSize::of(d * gamma_ratio(df / 2.0), d * scale, df, scale))
}

/// Cohen's d_z of the same people twice: the mean difference over the SD of the differences (Lakens
/// 2013, Frontiers in Psychology 4:863).
///
/// # Errors
///
/// When all differences are the same.
pub fn d_z(differences: &Sample) -> Result<EffectSize, Reason> {
    let d = root_ratio(&differences.mean, &differences.variance)?;
    let scale = (differences.n as f64).sqrt();
    Ok(EffectSize::of(d, d * scale, (differences.n - 1) as f64, scale))
}

/// Cohen's d_av of the same people twice: the mean difference over the mean of both SDs (Lakens 2013; other
/// authors take the root of the mean variance). No exact interval is known.
///
/// # Errors
///
/// When neither time varies.
pub fn d_av(first: &Sample, second: &Sample) -> Result<f64, Reason> {
    let sds = first.sd() + second.sd();
    if sds == 0.0 {
        return Err(Reason::NoVariance);
    }
    Ok(2.0 * nearest(&(&first.mean - &second.mean)) / sds)
}

/// p values adjusted for their number, in the order given (Holm 1979, Scandinavian Journal of
/// Statistics 6, 65–70): the i-th smallest of m times m − i + 1, at most 1, and never below a smaller one.
#[must_use]
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut ranked: Vec<(usize, f64)> = p.iter().copied().enumerate().collect();
    ranked.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (n, mut largest) = (p.len(), 0.0_f64);
    for (rank, (_, p)) in ranked.iter_mut().enumerate() {
        let remaining = n - rank;
        largest = largest.max(*p * remaining as f64).min(1.0);
        *p = largest;
    }
    ranked.sort_by_key(|(place, _)| *place);
    ranked.into_iter().map(|(_, p)| p).collect()
}

/// Standard error of measurement SD √(1 − r) of a scale with reliability r ≤ 1 (Lord & Novick 1968).
///
/// # Errors
///
/// When the reliability is not positive.
pub fn sem(sd: f64, reliability: f64) -> Result<f64, Reason> {
    if reliability > 0.0 {
        Ok(sd * (1.0 - reliability).sqrt())
    } else {
        Err(Reason::ReliabilityNotPositive)
    }
}

/// One person's change on a scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReliableChange {
    /// The reliable change index: the change over its standard error.
    pub index: f64,
    /// Whether the change is beyond what error of measurement does in 95 % of people.
    pub reliable: bool,
}

/// Change from the first score to the second over SEM √2 (Jacobson & Truax 1991, Journal of Consulting
/// and Clinical Psychology 59, 12–19).
///
/// # Errors
///
/// When the reliability is not positive, or there is no error to compare with.
pub fn reliable_change(
    first: f64,
    second: f64,
    sd: f64,
    reliability: f64,
) -> Result<ReliableChange, Reason> {
    let standard_error = sem(sd, reliability)? * std::f64::consts::SQRT_2;
    if standard_error == 0.0 {
        return Err(Reason::NoVariance);
    }
    let index = (second - first) / standard_error;
    Ok(ReliableChange { index, reliable: index.abs() > NORMAL_975 })
}

/// Standard error SD √(2 − r₁ − r₂) of the difference of one person's scores on two scales with the
/// same SD (Lord & Novick 1968).
///
/// # Errors
///
/// When a reliability is not positive.
pub fn se_difference(sd: f64, reliability_1: f64, reliability_2: f64) -> Result<f64, Reason> {
    if reliability_1 > 0.0 && reliability_2 > 0.0 {
        Ok(sd * (2.0 - reliability_1 - reliability_2).sqrt())
    } else {
        Err(Reason::ReliabilityNotPositive)
    }
}

/// value / √square with one rounding under the root; none where the square is 0.
fn root_ratio(value: &Exact, square: &Exact) -> Result<f64, Reason> {
    if square.is_zero() {
        return Err(Reason::NoVariance);
    }
    let size = nearest(&(value * value / square)).sqrt();
    Ok(if value.is_negative() { -size } else { size })
}

fn whole(count: u64) -> Exact {
    ratio(count, 1)
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

    #[track_caller]
    fn spans(got: Interval, low: f64, high: f64) {
        near(got.low, low);
        near(got.high, high);
    }

    fn sample(tenths: &[i64]) -> Sample {
        let sum = tenths.iter().sum::<i64>();
        let squares = tenths.iter().map(|value| value * value).sum::<i64>();
        Sample::of_sums(tenths.len() as u64, &ratio(sum, 10), &ratio(squares, 100)).unwrap()
    }

    /// R's `sleep`, both groups and their differences, in tenths of an hour.
    fn sleep() -> [Sample; 3] {
        let x = [7, -16, -2, -12, -1, 34, 37, 8, 0, 20];
        let y = [19, 8, 11, 1, -1, 44, 55, 16, 46, 34];
        let differences: Vec<i64> = x.iter().zip(y).map(|(x, y)| x - y).collect();
        [sample(&x), sample(&y), sample(&differences)]
    }

    const WITHOUT_BOUNDS: Interval = Interval { low: f64::NEG_INFINITY, high: f64::INFINITY };

    /// R 4.2.2: `1 - (1 - alpha) * qf(c(.975, .025), n - 1, (n - 1) * (k - 1))`.
    #[test]
    fn feldt_equals_r() {
        spans(feldt(0.85, 7, 89).unwrap(), 0.797_064_879_034_911, 0.893_166_593_737_079);
        // The agreeableness items of psych's `bfi`.
        let alpha = nearest(&ratio(209_342_125, 297_464_116));
        spans(feldt(alpha, 5, 2709).unwrap(), 0.685_744_635_049_661, 0.721_035_962_795_739);
        spans(feldt(-0.3, 3, 10).unwrap(), -2.807_846_241_060_244, 0.648_789_218_828_983);
        assert_eq!(feldt(0.85, 1, 89), Err(Reason::TooFewItems));
        assert_eq!(feldt(0.85, 7, 1), Err(Reason::TooFewPeople));
    }

    /// R 4.2.2: `t.test(x)$conf.int`, and with a roster
    /// `mean(x) + c(-1, 1) * qt(.975, 9) * sd(x) / sqrt(10) * sqrt(1 - 10 / 40)`.
    #[test]
    fn student_equals_r() {
        let interval = |roster, bounds| {
            let [x, ..] = sleep();
            student_interval(nearest(&x.mean), x.sd(), x.n, roster, bounds).unwrap()
        };
        spans(interval(None, WITHOUT_BOUNDS), -0.529_780_413_526_232_2, 2.029_780_413_526_232);
        spans(
            interval(Some(40), WITHOUT_BOUNDS),
            -0.358_322_349_379_471_2,
            1.858_322_349_379_471_2,
        );
        spans(interval(None, Interval { low: 0.0, high: 2.0 }), 0.0, 2.0);
        for roster in [10, 9, 0] {
            spans(interval(Some(roster), WITHOUT_BOUNDS), 0.75, 0.75);
        }
        let alone = student_interval(1.0, 0.0, 1, Some(1), WITHOUT_BOUNDS);
        assert_eq!(alone, Err(Reason::TooFewPeople));
    }

    /// R 4.2.2: `t.test(x, y)` and `t.test(x, y, paired = TRUE)`.
    #[test]
    fn comparisons_equal_r() {
        let [x, y, differences] = sleep();
        let check = |got: Difference, t, df, p, low, high| {
            near(got.t, t);
            near(got.df, df);
            near(got.p, p);
            spans(got.interval, low, high);
        };
        let unpaired = welch(&x, &y).unwrap();
        assert_eq!(unpaired.difference, -1.58);
        check(
            unpaired,
            -1.860_813_467_486_853,
            17.776_473_516_178_5,
            0.079_394_140_187_358_17,
            -3.365_483_230_711_71,
            0.205_483_230_711_71,
        );
        check(
            paired(&differences).unwrap(),
            -4.062_127_683_382_037,
            9.0,
            0.002_832_890_197_384_27,
            -2.459_885_763_276_982,
            -0.700_114_236_723_018,
        );
        let (a, b) = (sample(&[40, 50, 20, 50, 30, 10]), sample(&[20, 20, 30, 10]));
        check(
            welch(&a, &b).unwrap(),
            1.705_605_730_844_884,
            7.658_227_848_101_266,
            0.128_157_752_032_689_9,
            -0.483_452_990_251_173_9,
            3.150_119_656_917_841,
        );
    }

    /// R 4.2.2: `J * (mean(x) - mean(y)) / sp` with
    /// `J <- exp(lgamma(nu / 2) - log(sqrt(nu / 2)) - lgamma((nu - 1) / 2))`. SciPy 1.17.1:
    /// `brentq(lambda d: scipy.stats.nct.cdf(t, nu, d) - p, t - 4, t + 4, xtol=1e-14)` times
    /// `sqrt(1 / n1 + 1 / n2)`; R's `uniroot` on `pt(t, nu, d)` says the same.
    #[test]
    fn hedges_g_equals_r_and_scipy() {
        let [x, y, _] = sleep();
        let g = hedges_g(&x, &y).unwrap();
        near(g.value, -0.796_935_239_191_122);
        spans(g.interval, -1.738_816_899_106_7, 0.095_450_398_211_4);
        let (a, b) = (sample(&[40, 50, 20, 50, 30, 10]), sample(&[20, 20, 30, 10]));
        let g = hedges_g(&a, &b).unwrap();
        near(g.value, 0.869_381_687_264_019_1);
        spans(g.interval, -0.410_451_212_467_5, 2.284_686_481_126_9);
    }

    /// R 4.2.2: `t.test(x, y, paired = TRUE)$statistic / sqrt(10)` and
    /// `mean(x - y) / ((sd(x) + sd(y)) / 2)`; the interval as for g, over `sqrt(10)`.
    #[test]
    fn paired_effects_equal_r_and_scipy() {
        let [x, y, differences] = sleep();
        let effect = d_z(&differences).unwrap();
        near(effect.value, -1.284_557_562_591_055);
        spans(effect.interval, -2.118_016_513_98, -0.414_627_756_38);
        near(d_av(&x, &y).unwrap(), -0.833_496_341_312_704);
    }

    #[test]
    fn without_variance_there_is_no_number() {
        let (same, other) = (sample(&[10, 10, 10]), sample(&[20, 20]));
        assert_eq!(welch(&same, &other), Err(Reason::NoVariance));
        assert_eq!(paired(&same), Err(Reason::NoVariance));
        assert_eq!(hedges_g(&same, &other), Err(Reason::NoVariance));
        assert_eq!(d_z(&same), Err(Reason::NoVariance));
        assert_eq!(d_av(&same, &other), Err(Reason::NoVariance));
        let one = Sample::of_sums(1, &ratio(1, 1), &ratio(1, 1));
        assert_eq!(one, Err(Reason::TooFewPeople));
        // One group that varies is enough.
        assert!(welch(&same, &sample(&[10, 20])).is_ok());
    }

    /// R 4.2.2: `p.adjust(p, method = "holm")`.
    #[test]
    fn holm_equals_r() {
        let check = |p: &[f64], expected: &[f64]| {
            let adjusted = holm(p);
            assert_eq!(adjusted.len(), expected.len());
            adjusted.iter().zip(expected).for_each(|(got, expected)| near(*got, *expected));
        };
        check(&[0.01, 0.04, 0.03, 0.005, 0.04, 0.6], &[0.05, 0.12, 0.12, 0.03, 0.12, 0.6]);
        check(&[0.5, 0.9, 0.7], &[1.0, 1.0, 1.0]);
        check(&[], &[]);
    }

    /// R 4.2.2: `7.5 * sqrt(1 - .8)`, `(47.5 - 32.5) / (7.5 * sqrt(1 - .8) * sqrt(2))` (the example of
    /// Jacobson & Truax) and `10 * sqrt(2 - .9 - .85)`.
    #[test]
    fn errors_of_one_score_equal_r() {
        near(sem(7.5, 0.8).unwrap(), 3.354_101_966_249_68);
        let change = reliable_change(32.5, 47.5, 7.5, 0.8).unwrap();
        near(change.index, 3.162_277_660_168_38);
        assert!(change.reliable);
        let back = reliable_change(40.0, 35.0, 7.5, 0.8).unwrap();
        assert!(back.index < 0.0 && !back.reliable);
        near(se_difference(10.0, 0.9, 0.85).unwrap(), 5.0);
        for reliability in [0.0, -0.3] {
            let refused = Err(Reason::ReliabilityNotPositive);
            assert_eq!(sem(7.5, reliability), refused);
            assert_eq!(se_difference(7.5, 0.8, reliability), refused);
        }
        assert_eq!(reliable_change(1.0, 2.0, 0.0, 0.8), Err(Reason::NoVariance));
    }

    proptest! {
        #[test]
        fn swapping_groups_turns_every_sign(
            a in proptest::collection::vec(-50_i64..50, 2..20),
            b in proptest::collection::vec(-50_i64..50, 2..20),
        ) {
            let (a, b) = (sample(&a), sample(&b));
            if let (Ok(one), Ok(other)) = (welch(&a, &b), welch(&b, &a)) {
                prop_assert_eq!((one.t, one.p, one.df), (-other.t, other.p, other.df));
                prop_assert_eq!(one.interval.low, -other.interval.high);
            }
            if let (Ok(one), Ok(other)) = (hedges_g(&a, &b), hedges_g(&b, &a)) {
                prop_assert_eq!(one.value, -other.value);
                near(one.interval.low, -other.interval.high);
            }
        }
    }
}
