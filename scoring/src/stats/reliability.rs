//! How well the items of a scale hang together.

use super::products::{Complete, Partial};
use super::{Exact, Reason, nearest, ratio};
use num_bigint::BigInt;
use num_traits::Zero;

/// Cronbach's α = k/(k−1) · (1 − Σ Cᵢᵢ / ΣΣ C) over people who answered every item. It may be negative.
/// Cronbach (1951), Psychometrika 16.
///
/// # Errors
/// Fewer than two items or people, or everybody has the same sum.
pub fn alpha(rows: &Complete) -> Result<Exact, Reason> {
    let all: Vec<usize> = (0..rows.k()).collect();
    alpha_of(rows, &all)
}

/// α without one item, over the same people.
///
/// # Errors
/// As [`alpha`], of the items that are left.
pub fn alpha_without(rows: &Complete, item: usize) -> Result<Exact, Reason> {
    let others: Vec<usize> = (0..rows.k()).filter(|other| *other != item).collect();
    alpha_of(rows, &others)
}

fn alpha_of(rows: &Complete, items: &[usize]) -> Result<Exact, Reason> {
    let k = items.len();
    check_size(k, rows.n())?;
    let own: i128 = items.iter().map(|i| rows.deviation(*i, *i)).sum();
    let pairs = items.iter().flat_map(|i| items.iter().map(move |j| rows.deviation(*i, *j)));
    let total: i128 = pairs.sum();
    alpha_from(k, &ratio(own, 1), &ratio(total, 1))
}

fn check_size(k: usize, n: u64) -> Result<(), Reason> {
    match (k, n) {
        (..2, _) => Err(Reason::TooFewItems),
        (_, ..2) => Err(Reason::TooFewPeople),
        _ => Ok(()),
    }
}

fn alpha_from(k: usize, own: &Exact, total: &Exact) -> Result<Exact, Reason> {
    if total.is_zero() {
        return Err(Reason::NoVariance);
    }
    let k = BigInt::from(k);
    Ok(ratio(k.clone(), k - 1) * (ratio(1, 1) - own / total))
}

/// α from covariances that each rest on everybody who answered both items: another statistic than [`alpha`]
/// where answers are missing, and one that no interval belongs to.
///
/// # Errors
/// As [`alpha`]; too few people where a pair of items was answered by fewer than two.
pub fn alpha_pairwise(rows: &Complete, partial: &Partial) -> Result<Exact, Reason> {
    let k = rows.k();
    if k < 2 {
        return Err(Reason::TooFewItems);
    }
    let complete = i128::from(rows.n());
    let covariance = |i: usize, j: usize| {
        let [n, sum_i, sum_j, product] = partial.pair(k, i, j);
        let n = n + complete;
        let (sum_i, sum_j) = (sum_i + rows.sum(i), sum_j + rows.sum(j));
        let product = product + rows.product(i, j);
        (n > 1).then(|| ratio(n * product - sum_i * sum_j, n * (n - 1))).ok_or(Reason::TooFewPeople)
    };
    let (mut own, mut total) = (Exact::zero(), Exact::zero());
    for i in 0..k {
        let variance = covariance(i, i)?;
        own += &variance;
        total += variance;
        for j in 0..i {
            total += covariance(i, j)? * BigInt::from(2);
        }
    }
    alpha_from(k, &own, &total)
}

/// Correlation of an item with the sum of the others: (ΣⱼCᵢⱼ − Cᵢᵢ)/√(Cᵢᵢ (ΣΣC − 2ΣⱼCᵢⱼ + Cᵢᵢ)).
///
/// # Errors
/// Fewer than two items or people, or no variance in the item or in the others.
pub fn item_rest(rows: &Complete, item: usize) -> Result<f64, Reason> {
    let k = rows.k();
    check_size(k, rows.n())?;
    let own = rows.deviation(item, item);
    let with_all: i128 = (0..k).map(|j| rows.deviation(item, j)).sum();
    let total: i128 =
        (0..k).flat_map(|i| (0..k).map(move |j| (i, j))).map(|(i, j)| rows.deviation(i, j)).sum();
    let rest = total - 2 * with_all + own;
    if own == 0 || rest == 0 {
        return Err(Reason::NoVariance);
    }
    let with_rest = BigInt::from(with_all - own);
    let squared = ratio(&with_rest * &with_rest, BigInt::from(own) * rest);
    let size = libm::sqrt(nearest(&squared));
    Ok(if with_rest < BigInt::zero() { -size } else { size })
}
