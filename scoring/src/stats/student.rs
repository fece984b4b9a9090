//! Quantiles of Student's t distribution.

/// The quantile of Student's t with `df` degrees of freedom at probability `p`, 0.5 ≤ p < 1.
///
/// The distribution function is 1 − I(ν/(ν+t²); ν/2, 1/2)/2 (Abramowitz & Stegun 26.5.27, 26.7.1);
/// it is inverted by bisection, which cannot miss and costs little for the few quantiles a report needs.
#[must_use]
pub fn t_quantile(p: f64, df: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    while t_cdf(high, df) < p {
        high *= 2.0;
    }
    // Each step halves the bracket; it ends when no double lies between.
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return high;
        }
        if t_cdf(middle, df) < p { low = middle } else { high = middle }
    }
}

fn t_cdf(t: f64, df: f64) -> f64 {
    1.0 - incomplete_beta(df / (df + t * t), df / 2.0, 0.5) / 2.0
}

/// The regularized incomplete beta function I(x; a, b) by its continued fraction
/// (NIST Digital Library of Mathematical Functions, 8.17.22), evaluated with Lentz's method.
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    // The fraction converges fast only on the side below (a + 1)/(a + b + 2): DLMF 8.17.4.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(1.0 - x, b, a);
    }
    let front = libm::exp(
        libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b)
            + a * libm::log(x)
            + b * libm::log1p(-x),
    ) / a;
    front / fraction(x, a, b)
}

fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let nonzero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let (mut value, mut numerator, mut denominator) = (1.0, 1.0, 0.0);
    for step in 1..10_000_u32 {
        let m = f64::from(step / 2);
        let coefficient = if step % 2 == 0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        };
        denominator = 1.0 / nonzero(1.0 + coefficient * denominator);
        numerator = nonzero(1.0 + coefficient / numerator);
        let change = numerator * denominator;
        value *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::t_quantile;

    /// SciPy: `[scipy.stats.t.ppf(.975, df) for df in (1, 2, 4, 9, 29, 199, 9999)]`.
    #[test]
    fn equals_scipy() {
        for (df, expected) in [
            (1.0, 12.706_204_736_174_694),
            (2.0, 4.302_652_729_749_462),
            (4.0, 2.776_445_105_197_793_4),
            (9.0, 2.262_157_162_798_205),
            (29.0, 2.045_229_642_132_703),
            (199.0, 1.971_956_544_251_753_3),
            (9999.0, 1.960_201_263_621_357),
        ] {
            let got = t_quantile(0.975, df);
            assert!((got - expected).abs() < 1e-11, "df {df}: {got} is not {expected}");
        }
    }
}
