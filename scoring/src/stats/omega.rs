//! ω: how much of a scale's variance its items have in common.

use super::exact::{Exact, nearest};
use super::factor::{OneFactor, dot};
use super::reason::Reason;
use num_traits::Signed;

/// ω total, (Σλ)² / ((Σλ)² + Σθ), of one common factor with loadings λ and unique variances θ that
/// are fitted by maximum likelihood. McDonald (1999), Test Theory, chapter 6; the fit is that of
/// Jöreskog (1967), Psychometrika 32.
///
/// `covariances` is the symmetric matrix of the k keyed items in any common unit: n does not matter.
/// The likelihood is scale-equivariant, so the fit is made on correlations and carried back: this is
/// ω of the items as they are scored, not of standardized ones. It is 0 to 1, and does not depend on
/// which way the factor points.
///
/// # Errors
/// [`Reason::TooFewItems`] below three items, [`Reason::NoVariance`] if an item has none,
/// [`Reason::Heywood`] if the likelihood grows until a unique variance is 0, and
/// [`Reason::NoConvergence`] if there is no single best fit, as with items that do not correlate.
pub fn omega_total(covariances: &[Vec<Exact>]) -> Result<f64, Reason> {
    let sds = standard_deviations(covariances)?;
    let correlations: Vec<Vec<f64>> = covariances
        .iter()
        .zip(&sds)
        .map(|(row, sd)| {
            row.iter().zip(&sds).map(|(value, other)| nearest(value) / (sd * other)).collect()
        })
        .collect();
    let fit = OneFactor::fit(&correlations)?;
    let common = dot(&sds, &fit.loadings);
    let unique: f64 = sds.iter().zip(&fit.uniquenesses).map(|(sd, theta)| sd * sd * theta).sum();
    Ok(common * common / (common * common + unique))
}

/// ω in closed form, (Σλ)²/ΣΣC with λᵢ² = Σ CᵢₐCᵢ_b / Σ C_ab over all pairs a < b of the other
/// items. Hancock & An (2020), Measurement: Interdisciplinary Research and Perspectives 18.
///
/// Takes the matrix that [`omega_total`] takes; only the square roots are rounded. λᵢ has the sign
/// of the item's covariance with the sum of the others. A λᵢ² above the item's own variance passes,
/// because this is what is printed where maximum likelihood ends in a Heywood case.
///
/// # Errors
/// [`Reason::TooFewItems`] below three items, [`Reason::NoVariance`] if an item has none,
/// [`Reason::NotPositivelyRelated`] if a λ² is negative or its denominator not positive, and
/// [`Reason::Heywood`] if the items would have more variance in common than there is.
pub fn hancock_an(covariances: &[Vec<Exact>]) -> Result<f64, Reason> {
    standard_deviations(covariances)?;
    let variances = covariances.iter().enumerate().filter_map(|(i, row)| row.get(i));
    let all: Exact = covariances.iter().flatten().sum();
    let between = &all - variances.clone().sum::<Exact>();
    let mut common = 0.0;
    for (row, variance) in covariances.iter().zip(variances) {
        let sum = row.iter().sum::<Exact>() - variance;
        let squares = row.iter().map(|value| value * value).sum::<Exact>() - variance * variance;
        // Both sums over pairs a < b, twice: 2 Σ xₐx_b = (Σx)² − Σx².
        let products = &sum * &sum - squares;
        let others = &between - &sum - &sum;
        if !others.is_positive() || products.is_negative() {
            return Err(Reason::NotPositivelyRelated);
        }
        let loading = libm::sqrt(nearest(&(products / others)));
        common += if sum.is_negative() { -loading } else { loading };
    }
    let omega = common * common / nearest(&all);
    if omega <= 1.0 { Ok(omega) } else { Err(Reason::Heywood) }
}

/// Standard deviations of at least three items that have one.
fn standard_deviations(covariances: &[Vec<Exact>]) -> Result<Vec<f64>, Reason> {
    if covariances.len() < 3 {
        return Err(Reason::TooFewItems);
    }
    covariances
        .iter()
        .enumerate()
        .map(|(i, row)| row.get(i).filter(|variance| variance.is_positive()))
        .map(|variance| variance.map(|variance| libm::sqrt(nearest(variance))))
        .collect::<Option<_>>()
        .ok_or(Reason::NoVariance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::ratio;

    fn exact(rows: &[&[i64]]) -> Vec<Vec<Exact>> {
        rows.iter().map(|row| row.iter().map(|value| ratio(*value, 1)).collect()).collect()
    }

    /// n²Cov from the sums and the upper rows of the cross-products of n people.
    fn from_sums(n: i64, sums: &[i64], upper: &[&[i64]]) -> Vec<Vec<Exact>> {
        let k = sums.len();
        let cross = |i: usize, j: usize| upper[i.min(j)][i.max(j) - i.min(j)];
        let cell = |i, j| ratio(n * cross(i, j) - sums[i] * sums[j], 1);
        (0..k).map(|i| (0..k).map(|j| cell(i, j)).collect()).collect()
    }

    #[track_caller]
    fn near(got: Result<f64, Reason>, expected: f64) {
        let got = got.unwrap();
        assert!((got - expected).abs() < 1e-11, "{got} is not {expected}");
    }

    /// Agreeableness in R 4.2.2, psych 2.2.9: `x <- na.omit(bfi[, 1:5]); x[, 1] <- 7 - x[, 1]`, the
    /// sums by `colSums(x)`, the cross-products by `crossprod(as.matrix(x))`.
    fn agreeableness() -> Vec<Vec<Exact>> {
        from_sums(
            2709,
            &[12428, 12996, 12459, 12684, 12329],
            &[
                &[62358, 61150, 58489, 59029, 57438],
                &[66094, 61793, 62437, 60705],
                &[61909, 60237, 58954],
                &[65372, 59284],
                &[60421],
            ],
        )
    }

    #[test]
    fn agreeableness_equals_r() {
        near(omega_total(&agreeableness()), 0.712_129_290_824_807);
        near(hancock_an(&agreeableness()), 0.708_128_780_932_730);
    }

    /// Six items of 200 people, drawn in R 4.2.2 from one factor after `set.seed(20)`. ω: mpmath with
    /// 40 digits, `findroot` on the likelihood equations Σ⁻¹(Σ − S)Σ⁻¹λ = 0 and diag = 0; R's
    /// `factanal(x, 1)` and lavaan 0.6-14 agree to 8 digits. Closed form: Python `fractions`.
    #[test]
    fn simulated_items_equal_mpmath() {
        let items = from_sums(
            200,
            &[601, 603, 608, 604, 596, 580],
            &[
                &[2047, 1926, 1873, 1915, 1823, 1817],
                &[2057, 1873, 1909, 1844, 1794],
                &[2072, 1886, 1850, 1807],
                &[2114, 1832, 1801],
                &[2020, 1753],
                &[2010],
            ],
        );
        near(omega_total(&items), 0.624_412_089_477_145_5);
        near(hancock_an(&items), 0.620_869_916_459_639);
    }

    /// The same people with the fifth item left unreversed, 6 − x: mpmath as above.
    #[test]
    fn an_item_against_the_others_lowers_omega() {
        let items = from_sums(
            200,
            &[601, 603, 608, 604, 604, 580],
            &[
                &[2047, 1926, 1873, 1915, 1783, 1817],
                &[2057, 1873, 1909, 1774, 1794],
                &[2072, 1886, 1798, 1807],
                &[2114, 1792, 1801],
                &[2068, 1727],
                &[2010],
            ],
        );
        near(omega_total(&items), 0.532_810_848_467_398_6);
        near(hancock_an(&items), 0.537_838_366_293_213_8);
    }

    /// A matrix λλᵀ + Θ has its ω by definition, whatever fits it.
    #[track_caller]
    fn model(lambdas: &[i64], thetas: &[i64]) {
        let cell = |i: usize, j: usize| {
            ratio(lambdas[i] * lambdas[j] + if i == j { thetas[i] } else { 0 }, 1)
        };
        let k = lambdas.len();
        let matrix: Vec<Vec<Exact>> =
            (0..k).map(|i| (0..k).map(|j| cell(i, j)).collect()).collect();
        let common = lambdas.iter().sum::<i64>().pow(2);
        let omega = common as f64 / (common + thetas.iter().sum::<i64>()) as f64;
        near(omega_total(&matrix), omega);
        near(hancock_an(&matrix), omega);
    }

    #[test]
    fn a_matrix_that_is_one_factor_has_its_omega() {
        model(&[1, 2, 3], &[4, 5, 6]);
        model(&[5, 4, -1, 3], &[1, 20, 3, 7]);
        let hundred = |cycle: i64| (0..100).map(|i| 1 + i % cycle).collect::<Vec<_>>();
        model(&hundred(3), &hundred(7));
    }

    /// With three items λ₁² = C₁₂C₁₃/C₂₃ = 162 is more than the first item's variance of 100. The
    /// closed form is (√162 + 2√50)²/760 = 722/760.
    #[test]
    fn a_heywood_case_has_a_closed_form_only() {
        let items = exact(&[&[100, 90, 90], &[90, 100, 50], &[90, 50, 100]]);
        assert_eq!(omega_total(&items), Err(Reason::Heywood));
        near(hancock_an(&items), 0.95);
    }

    #[test]
    fn says_why_there_is_none() {
        let check = |rows: &[&[i64]], reason| {
            assert_eq!(omega_total(&exact(rows)), Err(reason));
            assert_eq!(hancock_an(&exact(rows)), Err(reason));
        };
        check(&[], Reason::TooFewItems);
        check(&[&[2, 1], &[1, 2]], Reason::TooFewItems);
        check(&[&[2, 1, 0], &[1, 2, 0], &[0, 0, 0]], Reason::NoVariance);
        let unrelated = exact(&[&[2, 0, 0], &[0, 2, 0], &[0, 0, 2]]);
        assert_eq!(omega_total(&unrelated), Err(Reason::NoConvergence));
        assert_eq!(hancock_an(&unrelated), Err(Reason::NotPositivelyRelated));
        // λ₁²λ₂²λ₃² = C₁₂C₁₃C₂₃ is negative: no three real loadings give these covariances.
        let impossible = exact(&[&[4, 1, 1], &[1, 4, -1], &[1, -1, 4]]);
        assert!(omega_total(&impossible).is_err());
        assert_eq!(hancock_an(&impossible), Err(Reason::NotPositivelyRelated));
    }
}
