//! Rationals without a bound: what every group statistic is until it is rounded, once.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive};

/// An exact value.
pub type Exact = BigRational;

/// The exact value of a fraction, whose denominator is not 0.
#[must_use]
pub fn ratio(numer: impl Into<BigInt>, denom: impl Into<BigInt>) -> Exact {
    Exact::new(numer.into(), denom.into())
}

/// The nearest double, ties to even.
///
/// ```
/// use scoring::stats::{nearest, ratio};
/// assert_eq!(nearest(&ratio(209_342_125, 297_464_116)), 0.703_755_894_374_836_1);
/// ```
#[must_use]
pub fn nearest(value: &Exact) -> f64 {
    // Larger than the largest double is infinite, and there is no other way to have none.
    value.to_f64().unwrap_or(f64::INFINITY)
}

/// Prints an exact value with some decimals, rounding half away from zero.
///
/// ```
/// use scoring::stats::{ratio, rounded};
/// assert_eq!(rounded(&ratio(125, 2), 0), "63");
/// assert_eq!(rounded(&ratio(-1, 3), 2), "-0.33");
/// assert_eq!(rounded(&ratio(-1, 300), 1), "0.0");
/// ```
#[must_use]
pub fn rounded(value: &Exact, digits: u32) -> String {
    let unit = BigInt::from(10).pow(digits);
    let scaled = (value * &unit).round().to_integer();
    let sign = if scaled.is_negative() { "-" } else { "" };
    let (whole, fraction) = (scaled.abs() / &unit, (scaled.abs() % &unit).to_string());
    match digits {
        0 => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{fraction:0>width$}", width = digits as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::{nearest, ratio};
    use num_bigint::BigInt;

    /// Python 3: `float(fractions.Fraction(n, d))`, which rounds correctly.
    #[test]
    fn nearest_rounds_once() {
        // A quotient of two rounded doubles is off in the last place here.
        let check = |numer: &str, denom: &str, expected: f64| {
            let parse = |text: &str| text.parse::<BigInt>().unwrap();
            assert_eq!(nearest(&ratio(parse(numer), parse(denom))).to_bits(), expected.to_bits());
        };
        check("1", "3", 0.333_333_333_333_333_3);
        check(
            "175778225921657257858532929604509259",
            "1765589413264796482965452507861297",
            99.55781599110365,
        );
        check(
            "264369321907194452910154102279759709",
            "207934524678274711856825297802005655",
            1.2714065752969022,
        );
        check(
            "28671744948457738711542510532706611",
            "310970392560555416287200003919114635",
            0.09220088353869405,
        );
        check(
            "614376366188352043308793330008974359",
            "296654116239935997332487425988585497",
            2.0710191854929123,
        );
        check("18014398509481986", "1", 1.8014398509481984e+16);
        check(
            "-10000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
            "7000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
            -1.4285714285714286,
        );
    }
}
