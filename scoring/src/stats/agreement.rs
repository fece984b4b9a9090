//! How far the members of one group agree. All over members who answered every item of the scale.

use super::products::Complete;
use super::{Exact, Reason, ratio};
use num_bigint::BigInt;
use num_traits::{One, Zero};

/// What answers would vary like if people answered without any common view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Null {
    /// Every option is as likely: σ² = (A² − 1)/12 with A options.
    Uniform,
    /// A slight skew towards one end: σ² = 1.34, published for five options.
    /// LeBreton & Senter (2008), Organizational Research Methods 11, table 2.
    SlightSkew,
}

impl Null {
    /// σ² with this many options.
    ///
    /// # Errors
    /// No variance is published for this number of options.
    pub fn variance(self, n_options: usize) -> Result<Exact, Reason> {
        match (self, n_options) {
            (Null::Uniform, a) => Ok(ratio(BigInt::from(a) * a - 1, 12)),
            (Null::SlightSkew, 5) => Ok(ratio(134, 100)),
            (Null::SlightSkew, _) => Err(Reason::NotFivePoints),
        }
    }
}

/// r_wg(J), and whether it had to be set to 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithinGroup {
    /// The index, 0 to 1.
    pub value: Exact,
    /// Members disagree more than chance would have them: the formula leaves 0 to 1, and 0 is reported.
    pub above_null: bool,
}

/// r_wg(J) = J(1 − S̄²/σ²)/(J(1 − S̄²/σ²) + S̄²/σ²), which for one item is r_wg = 1 − S²/σ².
/// James, Demaree & Wolf (1984), Journal of Applied Psychology 69.
///
/// # Errors
/// Fewer than two members, no items, or no σ² for this response format.
pub fn rwg_j(rows: &Complete, null: Null) -> Result<WithinGroup, Reason> {
    let variances = variances(rows)?;
    let j = BigInt::from(variances.len());
    let mean = variances.into_iter().sum::<Exact>() / &j;
    let share = mean / null.variance(n_options(rows))?;
    let agreement = Exact::one() - &share;
    if agreement < Exact::zero() {
        return Ok(WithinGroup { value: Exact::zero(), above_null: true });
    }
    let expected = agreement * &j;
    // Never 0: agreement and share add up to 1.
    Ok(WithinGroup { value: &expected / (&expected + share), above_null: false })
}

/// a_wg(J): the mean over items of 1 − 2S²/{[(H + L)M − M² − HL] · n/(n − 1)}, 1 where everybody chose
/// the same end. An item whose mean lies too near an end for a group of this size has none and is left out, as
/// in R's `multilevel::awg`. Brown & Hauenstein (2005), Organizational Research Methods 8.
///
/// # Errors
/// Fewer than two members, no items, or none that has a value.
pub fn awg_j(rows: &Complete) -> Result<Exact, Reason> {
    let n = BigInt::from(rows.n());
    // Counted from the lowest option L = 0.
    let high = ratio(n_options(rows) - 1, 1);
    let mut values = Vec::new();
    for (item, variance) in variances(rows)?.iter().enumerate() {
        let mean = ratio(rows.sum(item), n.clone());
        let (lowest, highest) = (&high / &n, &high * ratio(&n - 1, n.clone()));
        if mean.is_zero() || mean == high {
            values.push(Exact::one());
        } else if lowest <= mean && mean <= highest {
            let largest = (&high * &mean - &mean * &mean) * ratio(n.clone(), &n - 1);
            values.push(Exact::one() - variance * BigInt::from(2) / largest);
        }
    }
    if values.is_empty() {
        return Err(Reason::MeanOutOfRange);
    }
    let n_values = BigInt::from(values.len());
    Ok(values.into_iter().sum::<Exact>() / n_values)
}

/// AD_M: the mean over items of members' mean distance from the item's mean, on the response scale.
/// Burke & Dunlap (2002), Organizational Research Methods 5.
///
/// # Errors
/// Fewer than two members, or no items.
pub fn ad_mean(rows: &Complete) -> Result<Exact, Reason> {
    let n = BigInt::from(rows.n());
    average_deviation(rows, |item| ratio(rows.sum(item), n.clone()))
}

/// AD_Md: as [`ad_mean`], from the item's median.
///
/// # Errors
/// Fewer than two members, or no items.
pub fn ad_median(rows: &Complete) -> Result<Exact, Reason> {
    average_deviation(rows, |item| rows.values.get(item).map_or_else(Exact::zero, |c| median(c)))
}

fn average_deviation(rows: &Complete, centre: impl Fn(usize) -> Exact) -> Result<Exact, Reason> {
    if rows.k() == 0 {
        return Err(Reason::TooFewItems);
    }
    if rows.n() < 2 {
        return Err(Reason::TooFewPeople);
    }
    let mut total = Exact::zero();
    for (item, counts) in rows.values.iter().enumerate() {
        let centre = centre(item);
        for (value, count) in counts.iter().enumerate() {
            let distance = ratio(value, 1) - &centre;
            let distance = if distance < Exact::zero() { -distance } else { distance };
            total += distance * BigInt::from(*count);
        }
    }
    Ok(total / (BigInt::from(rows.n()) * rows.k()))
}

/// The median of counted values; between two middle ones, halfway.
fn median(counts: &[u64]) -> Exact {
    let n: u64 = counts.iter().sum();
    let value_at = |rank: u64| {
        let mut before = 0;
        let found = counts.iter().position(|count| {
            before += count;
            rank < before
        });
        BigInt::from(found.unwrap_or(0))
    };
    ratio(value_at(n.saturating_sub(1) / 2) + value_at(n / 2), 2)
}

fn variances(rows: &Complete) -> Result<Vec<Exact>, Reason> {
    if rows.k() == 0 {
        return Err(Reason::TooFewItems);
    }
    let variance = |item| rows.covariance(item, item).ok_or(Reason::TooFewPeople);
    (0..rows.k()).map(variance).collect()
}

fn n_options(rows: &Complete) -> usize {
    rows.values.first().map_or(0, Vec::len)
}
