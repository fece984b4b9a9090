//! Distribution functions and quantiles: normal, Student's t, F and noncentral t.
//!
//! Degrees of freedom are positive, finite and need not be whole. Where an argument has no meaning
//! the value is NaN; a probability too small for a double is 0. Quantiles are found by bisection,
//! which cannot miss: each is the least double whose probability is large enough.

use std::f64::consts::{PI, SQRT_2};

/// Φ⁻¹(0.975): half the width of a 95 % interval, in standard errors.
pub const NORMAL_975: f64 = 1.959_963_984_540_054;

/// The normal distribution function Φ(z), from the complementary error function (NIST Digital Library
/// of Mathematical Functions, DLMF, 7.2.2).
#[must_use]
pub fn normal_cdf(z: f64) -> f64 {
    libm::erfc(-z / SQRT_2) / 2.0
}

/// Probability of at most `t` under Student's t; small ones keep all their digits.
///
/// Its square has the F distribution with 1 and `df` degrees of freedom.
#[must_use]
pub fn t_cdf(t: f64, df: f64) -> f64 {
    let square = f_tails(t * t, 1.0, df);
    if t < 0.0 { square.upper / 2.0 } else { 0.5 + square.lower / 2.0 }
}

/// The quantile of Student's t at probability `p`, 0 < p < 1.
///
/// ```
/// let quantile = scoring::stats::t_quantile(0.975, 4.0);
/// assert!((quantile - 2.776_445_105_197_793_4).abs() < 1e-14);
/// ```
#[must_use]
pub fn t_quantile(p: f64, df: f64) -> f64 {
    let outside = 2.0 * p.min(1.0 - p);
    let size = f_at(Tails { lower: 1.0 - outside, upper: outside }, 1.0, df).sqrt();
    if p < 0.5 { -size } else { size }
}

/// Probability of at most `f` under F with `df1` and `df2` degrees of freedom.
#[must_use]
pub fn f_cdf(f: f64, df1: f64, df2: f64) -> f64 {
    f_tails(f, df1, df2).lower
}

/// The quantile of F at probability `p`, 0 ≤ p < 1.
#[must_use]
pub fn f_quantile(p: f64, df1: f64, df2: f64) -> f64 {
    f_at(Tails { lower: p, upper: 1.0 - p }, df1, df2)
}

/// Probability of at most `t` under noncentral t: of (Z + noncentrality) / s, where Z is normal and
/// s² an independent χ² over its degrees of freedom.
///
/// That is the mean of Φ(t s − noncentrality) over s (Owen 1968, Technometrics 10, 445–478). As an
/// integral over y = ln s it is smooth and vanishes at both ends, where the trapezoidal rule converges
/// exponentially (Trefethen & Weideman 2014, SIAM Review 56, 385–458). No term is negative, so small
/// probabilities keep their digits down to 1e-14; the work grows with the noncentrality.
#[must_use]
pub fn noncentral_t_cdf(t: f64, df: f64, noncentrality: f64) -> f64 {
    if !(is_df(df) && t.is_finite() && noncentrality.is_finite()) {
        return f64::NAN;
    }
    // Over a strip of half-width η the integrand grows like exp((df + noncentrality²/2) η²), and η
    // must stay below π/4: by their theorem this step leaves less than one double's rounding.
    let step = 0.5 / (df + noncentrality * noncentrality / 2.0 + 16.0).sqrt();
    let half = df / 2.0;
    // The logarithm of the density of y over that at y = 0.
    let exponent = |y: f64| -half * deviance(libm::exp(2.0 * y), libm::expm1(2.0 * y));
    let side = |direction: f64| -> f64 {
        (1_u32..)
            .map(|k| direction * f64::from(k) * step)
            .map(|y| (y, exponent(y)))
            .take_while(|(_, exponent)| *exponent > -70.0)
            .map(|(y, exponent)| libm::exp(exponent) * normal_cdf(t * libm::exp(y) - noncentrality))
            .sum()
    };
    let sum = side(-1.0) + side(1.0) + normal_cdf(t - noncentrality);
    let peak = (2.0 * half / PI).sqrt() * libm::exp(-stirling_error(half));
    sum * step * peak
}

/// The noncentrality under which `t` has probability `p`, 0 < p < 1: an end of the interval for an
/// effect size (Steiger & Fouladi 1997).
#[must_use]
pub fn noncentrality(p: f64, t: f64, df: f64) -> f64 {
    let (lower, upper) = (p, 1.0 - p);
    if !(lower > 0.0 && upper > 0.0 && t.is_finite() && is_df(df)) {
        return f64::NAN;
    }
    // By symmetry only noncentralities from 0 on are looked for.
    if t_cdf(t, df) > p {
        positive_noncentrality(lower, upper, t, df)
    } else {
        -positive_noncentrality(upper, lower, -t, df)
    }
}

fn positive_noncentrality(lower: f64, upper: f64, t: f64, df: f64) -> f64 {
    let below = |shift: f64| {
        if lower < upper {
            noncentral_t_cdf(t, df, shift) > lower
        } else {
            noncentral_t_cdf(-t, df, -shift) < upper
        }
    };
    let mut high = 1.0;
    while below(high) {
        high *= 2.0;
    }
    bisect(high, below)
}

/// The probabilities below and above; the smaller one keeps all its digits.
#[derive(Clone, Copy)]
struct Tails {
    lower: f64,
    upper: f64,
}

fn is_df(df: f64) -> bool {
    df > 0.0 && df.is_finite()
}

/// Where F has these tails.
fn f_at(tails: Tails, df1: f64, df2: f64) -> f64 {
    if !(tails.lower >= 0.0 && tails.upper > 0.0 && is_df(df1) && is_df(df2)) {
        return f64::NAN;
    }
    bisect(f64::INFINITY, |f| {
        let at = f_tails(f, df1, df2);
        if tails.lower < tails.upper { at.lower < tails.lower } else { at.upper > tails.upper }
    })
}

/// The least double from 0 to `high` that is not `below`.
fn bisect(high: f64, below: impl Fn(f64) -> bool) -> f64 {
    // Positive doubles are ordered as their bits are.
    let (mut low, mut high) = (0, high.to_bits());
    while low < high {
        let middle = low + (high - low) / 2;
        if below(f64::from_bits(middle)) { low = middle + 1 } else { high = middle }
    }
    f64::from_bits(high)
}

/// Both tails of F: with a = df₁/2, b = df₂/2 and x = a f/(a f + b) they are the regularized incomplete
/// beta functions I(x; a, b) and I(1 − x; b, a) (Abramowitz & Stegun 26.6.2, DLMF 8.17.4). The one whose
/// argument does not exceed its mean is computed, and the other is the rest.
fn f_tails(f: f64, df1: f64, df2: f64) -> Tails {
    if !(is_df(df1) && is_df(df2)) {
        return Tails { lower: f64::NAN, upper: f64::NAN };
    }
    if f <= 0.0 {
        return Tails { lower: 0.0, upper: 1.0 };
    }
    if f == f64::INFINITY {
        return Tails { lower: 1.0, upper: 0.0 };
    }
    let (a, b) = (df1 / 2.0, df2 / 2.0);
    let sum = f + b / a;
    let (x, y) = (f / sum, b / a / sum);
    // From f, because a − (a + b) x would cancel where a and b are large.
    let distance = b * (1.0 - f) / sum;
    if distance >= 0.0 {
        let lower = incomplete_beta(a, b, x, y, distance);
        Tails { lower, upper: 1.0 - lower }
    } else {
        let upper = incomplete_beta(b, a, y, x, -distance);
        Tails { lower: 1.0 - upper, upper }
    }
}

/// I(x; a, b) for y = 1 − x and a distance a − (a + b) x that is not negative, to about 1e-14 of its
/// value from df 0.1 to 1e9 and beyond.
///
/// The front factor x^a y^b / B(a, b) is written with deviances and errors of Stirling's formula
/// (Loader 2000, "Fast and accurate computation of binomial probabilities"), since differences of
/// log-gammas lose all digits where a and b are large.
fn incomplete_beta(a: f64, b: f64, x: f64, y: f64, distance: f64) -> f64 {
    let n = a + b;
    let exponent = stirling_error(n)
        - stirling_error(a)
        - stirling_error(b)
        - a * deviance(n * x / a, -distance / a)
        - b * deviance(n * y / b, distance / b);
    let front = (a / n * b / (2.0 * PI)).sqrt() * libm::exp(exponent);
    if front == 0.0 { 0.0 } else { front / beta_fraction(a, b, x, y, distance) }
}

/// The continued fraction of DiDonato & Morris (1992, ACM Transactions on Mathematical Software 18,
/// 360–373), in which nothing cancels, evaluated from its end, so that rounding errors die out.
fn beta_fraction(a: f64, b: f64, x: f64, y: f64, distance: f64) -> f64 {
    let numerator = |n: f64| {
        let odd = a + 2.0 * n - 1.0;
        (a + n - 1.0) / odd * ((a + b + n - 1.0) / odd) * n * (b - n) * x * x
    };
    let denominator = |n: f64| {
        let mixed = if n > 0.0 { n * (b - n) * x / (a + 2.0 * n - 1.0) } else { 0.0 };
        n + mixed + (a + n) / (a + 2.0 * n + 1.0) * (distance + 1.0 + n * (1.0 + y))
    };
    // At the mean, where it is slowest, its error is about exp(−(n³/min(a, b))^(1/2)) for large a and b,
    // and that of an incomplete gamma function for large a alone.
    let steps = 20.0 + 20.0 * libm::cbrt(a.min(500.0)) + 10.0 * libm::cbrt(a.min(b));
    let end = denominator(steps.floor());
    (1..=steps as u32)
        .rev()
        .map(f64::from)
        .fold(end, |value, n| denominator(n - 1.0) + numerator(n) / value)
}

/// r − 1 − ln r of a ratio r whose excess r − 1 is known to all digits.
fn deviance(ratio: f64, excess: f64) -> f64 {
    if excess.abs() > 0.5 {
        return excess - libm::log(ratio);
    }
    // ln r = 2 artanh v = 2 (v + v³/3 + v⁵/5 + …) with v = excess/(2 + excess) (DLMF 4.6.4).
    let v = excess / (2.0 + excess);
    let mut power = 2.0 * v;
    let mut value = excess * v;
    for odd in (3_u32..40).step_by(2).map(f64::from) {
        power *= v * v;
        value -= power / odd;
    }
    value
}

/// The error of Stirling's formula: ln Γ(z + 1) − (z + 1/2) ln z + z − ln(2π)/2 (DLMF 5.11.1).
fn stirling_error(z: f64) -> f64 {
    const SERIES: [f64; 6] =
        [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360_360.0];
    if z < 16.0 {
        // Γ(z + 2) = (z + 1) Γ(z + 1)
        return stirling_error(z + 1.0) + (z + 0.5) * libm::log1p(1.0 / z) - 1.0;
    }
    SERIES.iter().rev().fold(0.0, |sum, term| sum / (z * z) + term) / z
}

/// Γ(z) / (√z Γ(z − 1/2)) for z > 1/2, by Stirling's formula and its errors.
pub(super) fn gamma_ratio(z: f64) -> f64 {
    let w = z - 0.5;
    let exponent = stirling_error(z) - stirling_error(w) - w * deviance(z / w, 0.5 / w);
    (w / z).sqrt() * libm::exp(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn near(got: f64, expected: f64) {
        assert!(((got - expected) / expected).abs() < 1e-13, "{got:e} is not {expected:e}");
    }

    /// SciPy 1.17.1: `scipy.stats.norm.cdf(z)`.
    #[test]
    fn normal_equals_scipy() {
        near(normal_cdf(-8.0), 6.220_960_574_271_74e-16);
        near(normal_cdf(-NORMAL_975), 0.025);
        near(normal_cdf(0.5), 0.691_462_461_274_013_1);
        near(normal_cdf(3.0), 0.998_650_101_968_369_9);
    }

    /// SciPy 1.17.1: `scipy.stats.t.cdf(t, df)` and `scipy.stats.t.ppf(.975, df)`.
    #[test]
    fn t_equals_scipy() {
        near(t_cdf(-2.2, 18.0), 0.020_554_293_698_182_14);
        near(t_cdf(0.5, 1.5), 0.659_716_444_665_03);
        near(t_cdf(-40.0, 7.0), 7.951_089_992_425_182e-10);
        near(t_cdf(3.0, 1e6), 0.998_650_068_729_289_1);
        near(t_cdf(-8.0, 30.0), 3.132_911_237_850_379_4e-9);
        for (df, expected) in [
            (1.0, 12.706_204_736_174_694),
            (2.0, 4.302_652_729_749_462),
            (4.0, 2.776_445_105_197_793_4),
            (9.0, 2.262_157_162_798_205),
            (29.0, 2.045_229_642_132_703),
            (199.0, 1.971_956_544_251_753_3),
            (9999.0, 1.960_201_263_621_357),
        ] {
            near(t_quantile(0.975, df), expected);
            near(t_quantile(0.025, df), -expected);
        }
    }

    /// SciPy 1.17.1: `scipy.stats.f.cdf(f, df1, df2)` and `scipy.stats.f.ppf(p, df1, df2)`.
    #[test]
    fn f_equals_scipy() {
        near(f_cdf(2.5, 7.0, 5.0), 0.834_833_427_503_702_9);
        near(f_cdf(0.3, 88.0, 528.0), 1.002_312_471_840_957_5e-10);
        near(f_cdf(0.01, 1.0, 9.0), 0.077_463_552_043_318_81);
        near(f_cdf(1.05, 2708.0, 10832.0), 0.947_341_482_577_533_4);
        near(f_quantile(0.025, 88.0, 528.0), 0.712_222_708_419_472_3);
        near(f_quantile(0.975, 88.0, 528.0), 1.352_900_806_433_929_8);
        near(f_quantile(0.025, 1.0, 4.0), 0.001_111_625_781_276_543_7);
        near(f_quantile(0.975, 3.0, 7.0), 5.889_819_167_203_253);
    }

    /// mpmath 1.4.1 at 40 digits: `quad` of the beta density over the logarithm of the odds, and
    /// Newton's method on it.
    #[test]
    fn large_and_small_df_equal_mpmath() {
        near(f_cdf(0.9995, 1e8, 3e9), 0.000_252_024_462_265_807_07);
        near(f_cdf(1.0002, 1e8, 3e9), 0.917_912_420_153_136_1);
        near(f_cdf(0.99, 1e6, 1e7), 6.608_084_241_573_548e-12);
        near(f_cdf(1.0001, 2e9, 2e9), 0.987_322_679_177_645_2);
        near(f_cdf(1.0, 2e9, 2e9), 0.5);
        near(f_cdf(0.39, 1e9, 5.0), 0.025_120_088_834_604_943);
        near(f_cdf(0.001, 0.1, 1e9), 0.626_050_846_902_485_5);
        near(f_cdf(3.0, 1e9, 0.1), 0.163_605_380_151_457_45);
        near(f_quantile(0.025, 1e8, 3e9), 0.999_718_258_297_300_9);
        near(f_quantile(0.975, 1e8, 3e9), 1.000_281_783_447_891_2);
        near(f_quantile(0.975, 2e9, 2e9), 1.000_087_656_095_653_8);
        near(t_quantile(0.975, 1e8), 1.959_964_008_262_766_5);
        near(t_quantile(0.975, 1e9), 1.959_963_986_912_325);
        near(t_quantile(0.975, 1.5), 6.016_663_104_427_928);
    }

    /// mpmath 1.4.1 at 30 digits: `quad(lambda s: chi_density(s) * erfc((d - t*s)/sqrt(2))/2, ...)`; the
    /// first five are also SciPy's `scipy.stats.nct.cdf(t, df, d)` to its own 1e-13.
    #[test]
    fn noncentral_t_equals_mpmath() {
        near(noncentral_t_cdf(2.2, 18.0, 2.0), 0.562_894_267_207_072_7);
        near(noncentral_t_cdf(-1.86, 17.78, 0.5), 0.012_788_178_099_998_56);
        near(noncentral_t_cdf(5.0, 9.0, 2.0), 0.972_535_109_296_164_4);
        near(noncentral_t_cdf(30.0, 10.0, 20.0), 0.922_318_616_706_945_1);
        near(noncentral_t_cdf(-2.0, 1.0, 1.0), 0.031_848_881_558_295_38);
        near(noncentral_t_cdf(100.0, 50.0, 95.0), 0.668_206_716_450_953_5);
        near(noncentral_t_cdf(40.0, 1e5, 38.5), 0.932_403_891_242_408_7);
        near(noncentral_t_cdf(2.0, 1e9, 0.1), 0.971_283_440_026_520_2);
    }

    /// SciPy 1.17.1: `brentq(lambda d: scipy.stats.nct.cdf(2.2, 18, d) - p, -2, 6, xtol=1e-14)`.
    #[test]
    fn noncentrality_equals_scipy() {
        near(noncentrality(0.025, 2.2, 18.0), 4.258_947_040_278_48);
        near(noncentrality(0.975, 2.2, 18.0), 0.087_359_103_409_464_55);
    }

    #[test]
    fn edges() {
        assert_eq!((f_cdf(-1.0, 3.0, 7.0), f_cdf(f64::INFINITY, 3.0, 7.0)), (0.0, 1.0));
        assert_eq!((t_cdf(f64::NEG_INFINITY, 3.0), t_cdf(0.0, 3.0)), (0.0, 0.5));
        assert_eq!((f_quantile(0.0, 3.0, 7.0), t_quantile(0.5, 3.0)), (0.0, 0.0));
        for undefined in [
            f_cdf(1.0, 0.0, 7.0),
            f_cdf(f64::NAN, 3.0, 7.0),
            t_cdf(1.0, f64::INFINITY),
            f_quantile(-0.1, 3.0, 7.0),
            f_quantile(1.0, 3.0, 7.0),
            t_quantile(0.0, 3.0),
            t_quantile(1.5, 3.0),
            t_quantile(0.975, -1.0),
            noncentral_t_cdf(f64::INFINITY, 3.0, 0.0),
            noncentral_t_cdf(1.0, -3.0, 0.0),
            noncentrality(1.0, 2.0, 3.0),
            noncentrality(0.5, f64::NAN, 3.0),
        ] {
            assert!(undefined.is_nan(), "{undefined}");
        }
    }

    proptest! {
        /// Two ways to one value: the continued fraction and the trapezoidal rule.
        #[test]
        fn t_without_noncentrality_is_t(t in -50.0_f64..50.0, log_df in -1.0_f64..9.0) {
            let df = libm::exp10(log_df);
            let (noncentral, central) = (noncentral_t_cdf(t, df, 0.0), t_cdf(t, df));
            prop_assert!((noncentral - central).abs() <= 1e-13 * central + 1e-25, "{noncentral} {central}");
        }

        #[test]
        fn quantiles_invert(p in 1e-6_f64..0.999_999, log1 in -1.0_f64..5.0, log2 in -1.0_f64..5.0) {
            let (df1, df2) = (libm::exp10(log1), libm::exp10(log2));
            let f = f_quantile(p, df1, df2);
            // A step of f to the next double may be a large step of the probability.
            prop_assert!(f_cdf(f, df1, df2) >= p * (1.0 - 1e-12));
            prop_assert!(f_cdf(f.next_down(), df1, df2) <= p * (1.0 + 1e-12));
            let t = t_quantile(p, df1);
            prop_assert!((t_cdf(t, df1) - p).abs() < 1e-12);
        }
    }
}
