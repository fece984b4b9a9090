//! How much of a score's variance lies between groups.

use super::{Exact, Reason, ratio};
use num_bigint::BigInt;
use num_traits::Zero;

/// Scores of one group: how many, their sum and the sum of their squares, exact in any unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupScores {
    /// Members nᵢ.
    pub n: u64,
    /// Sum of scores.
    pub sum: Exact,
    /// Sum of squared scores.
    pub squares: Exact,
}

/// Intraclass correlations of a score by group, from a one-way random-effects analysis of variance. They may be negative.
/// Bliese (2000), in Klein & Kozlowski (eds.), Multilevel theory, research, and methods in organizations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupIcc {
    /// ICC(1) = (MSB − MSW)/(MSB + (n̄ − 1) MSW) with the mean group size n̄ = N/G.
    pub icc1: Result<Exact, Reason>,
    /// ICC(1) with n₀ = (N − Σnᵢ²/N)/(G − 1), which is right for groups of unequal size.
    pub icc1_n0: Result<Exact, Reason>,
    /// ICC(2) = (MSB − MSW)/MSB: how reliable the group means are.
    pub icc2: Result<Exact, Reason>,
}

/// The intraclass correlations over groups that have members.
///
/// # Errors
/// Fewer than two groups, or nobody more than there are groups.
pub fn group_icc(groups: &[GroupScores]) -> Result<GroupIcc, Reason> {
    let groups: Vec<&GroupScores> = groups.iter().filter(|group| group.n > 0).collect();
    let n: u64 = groups.iter().map(|group| group.n).sum();
    let n_groups = groups.len() as u64;
    if n_groups < 2 {
        return Err(Reason::TooFewGroups);
    }
    if n <= n_groups {
        return Err(Reason::TooFewPeople);
    }
    let (mut sum, mut squares, mut between) = (Exact::zero(), Exact::zero(), Exact::zero());
    for group in &groups {
        sum += &group.sum;
        squares += &group.squares;
        between += &group.sum * &group.sum / BigInt::from(group.n);
    }
    let msb = (&between - &sum * &sum / BigInt::from(n)) / BigInt::from(n_groups - 1);
    let msw = (squares - between) / BigInt::from(n - n_groups);
    let of_sizes: BigInt = groups.iter().map(|group| BigInt::from(group.n) * group.n).sum();
    let n0 = (ratio(n, 1) - ratio(of_sizes, n)) / BigInt::from(n_groups - 1);
    let share = |size: Exact| divided(&msb - &msw, &msb + (size - BigInt::from(1)) * &msw);
    Ok(GroupIcc {
        icc1: share(ratio(n, n_groups)),
        icc1_n0: share(n0),
        icc2: divided(&msb - &msw, msb.clone()),
    })
}

fn divided(numer: Exact, denom: Exact) -> Result<Exact, Reason> {
    if denom.is_zero() { Err(Reason::NoVariance) } else { Ok(numer / denom) }
}
