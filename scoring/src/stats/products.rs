//! The sums that everything about a scale's items follows from: integers that can be added up in any order.
//!
//! Values are keyed and counted from the lowest code: 0 stands for L, `span` for H. A covariance does not
//! notice, a mean gets L back.

use super::{Exact, Reason, ratio};
use serde::{Deserialize, Serialize};

/// Sums over people who answered every item of a scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Complete {
    /// How many people gave which value: a list of `span` + 1 counts an item.
    pub values: Vec<Vec<u64>>,
    /// Σ xᵢxⱼ for every i < j, row by row: (0, 1), (0, 2) … (1, 2) …
    pub products: Vec<u64>,
}

/// Sums over people who left out some items of a scale, but not all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partial {
    /// How many people answered both i and j, for every i ≤ j, row by row; no list at all where nobody left
    /// out an item.
    pub n: Vec<u64>,
    /// Σ xᵢ over people who answered i and j, for every i and j, row by row. Not symmetric.
    pub sums: Vec<u64>,
    /// Σ xᵢxⱼ over people who answered both, for every i ≤ j, row by row.
    pub products: Vec<u64>,
}

/// The place of (i, j), i < j, in a list that holds each pair of `k` once.
pub(crate) fn pair(k: usize, i: usize, j: usize) -> usize {
    i * (2 * k - i - 1) / 2 + j - i - 1
}

/// The place of (i, j), i ≤ j, in a list that holds each pair of `k` once and each item with itself.
pub(crate) fn pair_or_self(k: usize, i: usize, j: usize) -> usize {
    i * (2 * k - i + 1) / 2 + j - i
}

/// Every (i, j) with i < j < k.
fn pairs(k: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..k).flat_map(move |i| (i + 1..k).map(move |j| (i, j)))
}

fn at(list: &[u64], idx: usize) -> i128 {
    list.get(idx).copied().unwrap_or(0).into()
}

impl Complete {
    /// Nobody yet.
    #[must_use]
    pub fn new(k: usize, span: u8) -> Self {
        Complete {
            values: vec![vec![0; usize::from(span) + 1]; k],
            products: vec![0; k * k.saturating_sub(1) / 2],
        }
    }

    /// Number of items k.
    #[must_use]
    pub fn k(&self) -> usize {
        self.values.len()
    }

    /// Number of people n.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.values.first().map_or(0, |counts| counts.iter().sum())
    }

    /// Σ xᵢ.
    #[must_use]
    pub fn sum(&self, i: usize) -> i128 {
        self.moment(i, |value| value)
    }

    /// Σ xᵢxⱼ.
    #[must_use]
    pub fn product(&self, i: usize, j: usize) -> i128 {
        match i.cmp(&j) {
            std::cmp::Ordering::Less => at(&self.products, pair(self.k(), i, j)),
            std::cmp::Ordering::Equal => self.moment(i, |value| value * value),
            std::cmp::Ordering::Greater => self.product(j, i),
        }
    }

    fn moment(&self, i: usize, of: impl Fn(i128) -> i128) -> i128 {
        let counts = self.values.get(i).into_iter().flatten();
        (0..).zip(counts).map(|(value, count)| of(value) * i128::from(*count)).sum()
    }

    /// n(n − 1) times the covariance of i and j: n Σ xᵢxⱼ − Σ xᵢ Σ xⱼ, an integer.
    #[must_use]
    pub fn deviation(&self, i: usize, j: usize) -> i128 {
        i128::from(self.n()) * self.product(i, j) - self.sum(i) * self.sum(j)
    }

    /// The covariance of i and j with n − 1; the variance where i = j. Of fewer than two people there is none.
    #[must_use]
    pub fn covariance(&self, i: usize, j: usize) -> Option<Exact> {
        let n = i128::from(self.n());
        (n > 1).then(|| ratio(self.deviation(i, j), n * (n - 1)))
    }

    /// The covariances of all items with n − 1, as a full matrix.
    ///
    /// # Errors
    /// Fewer than two people.
    pub fn covariances(&self) -> Result<Vec<Vec<Exact>>, Reason> {
        let k = self.k();
        let row = |i: usize| (0..k).map(|j| self.covariance(i, j)).collect::<Option<_>>();
        (0..k).map(row).collect::<Option<_>>().ok_or(Reason::TooFewPeople)
    }

    /// Adds other people.
    pub fn merge(&mut self, other: &Self) {
        for (own, other) in self.values.iter_mut().zip(&other.values) {
            add(own, other);
        }
        add(&mut self.products, &other.products);
    }

    /// These people without some of them; none if those are not among them.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Option<Self> {
        let values = self.values.iter().zip(&other.values);
        Some(Complete {
            values: values.map(|(own, other)| subtracted(own, other)).collect::<Option<_>>()?,
            products: subtracted(&self.products, &other.products)?,
        })
    }

    /// Whether the lists are as long as `k` items of this span need, with the same number of people everywhere,
    /// and no product is larger than its items allow.
    #[must_use]
    pub fn has_shape(&self, k: usize, span: u8) -> bool {
        let fits = |(i, j)| self.product(i, j) <= i128::from(span) * self.sum(i).min(self.sum(j));
        self.k() == k
            && self.products.len() == k * k.saturating_sub(1) / 2
            && self.values.iter().all(|counts| {
                counts.len() == usize::from(span) + 1
                    && counts.iter().try_fold(0_u64, |sum, count| sum.checked_add(*count))
                        == Some(self.n())
            })
            && pairs(k).all(fits)
    }

    /// Over all people: answers, the sum of values, and the sum of the squares of everybody's own sum.
    #[must_use]
    pub(crate) fn totals(&self) -> [i128; 3] {
        let k = self.k();
        let sum = (0..k).map(|i| self.sum(i)).sum();
        let own: i128 = (0..k).map(|i| self.product(i, i)).sum();
        let others: i128 = pairs(k).map(|(i, j)| self.product(i, j)).sum();
        [k as i128 * i128::from(self.n()), sum, own + 2 * others]
    }
}

impl Partial {
    /// Nobody yet, with room for everybody.
    #[must_use]
    pub fn new(k: usize) -> Self {
        let n_pairs = k * (k + 1) / 2;
        Partial { n: vec![0; n_pairs], sums: vec![0; k * k], products: vec![0; n_pairs] }
    }

    /// Whether nobody left out an item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n.is_empty()
    }

    /// Adds other people.
    pub fn merge(&mut self, other: &Self) {
        if self.is_empty() {
            self.clone_from(other);
        } else {
            add(&mut self.n, &other.n);
            add(&mut self.sums, &other.sums);
            add(&mut self.products, &other.products);
        }
    }

    /// These people without some of them; none if those are not among them.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Option<Self> {
        if other.is_empty() {
            return Some(self.clone());
        }
        let rest = Partial {
            n: subtracted(&self.n, &other.n)?,
            sums: subtracted(&self.sums, &other.sums)?,
            products: subtracted(&self.products, &other.products)?,
        };
        // Nobody is nobody, however it came about.
        Some(if rest.n.iter().all(|n| *n == 0) { Partial::default() } else { rest })
    }

    /// Whether the lists are as long as `k` items of this span need, with nothing larger than its items allow, or
    /// there are none.
    #[must_use]
    pub fn has_shape(&self, k: usize, span: u8) -> bool {
        let n_pairs = k * (k + 1) / 2;
        let lengths = [self.n.len(), self.sums.len(), self.products.len()];
        let fits = |(i, j)| {
            let [[n_i, sum_i, ..], [n_j, sum_j, ..]] = [self.pair(k, i, i), self.pair(k, j, j)];
            let [n, sum, other, product] = self.pair(k, i, j);
            n <= n_i.min(n_j)
                && sum <= sum_i
                && other <= sum_j
                && product <= i128::from(span) * sum.min(other)
        };
        lengths == [0; 3]
            || lengths == [n_pairs, k * k, n_pairs]
                && self.n.iter().any(|n| *n > 0)
                && pairs(k).all(fits)
    }

    /// Over all people: answers, the sum of values, and the sum of the squares of everybody's own sum.
    #[must_use]
    pub(crate) fn totals(&self, k: usize) -> [i128; 3] {
        let mut totals = [0; 3];
        for i in 0..k {
            let [n, sum, _, square] = self.pair(k, i, i);
            let others: i128 = (i + 1..k).map(|j| self.pair(k, i, j)[3]).sum();
            totals = [totals[0] + n, totals[1] + sum, totals[2] + square + 2 * others];
        }
        totals
    }

    /// People who answered both i and j, Σ xᵢ, Σ xⱼ and Σ xᵢxⱼ over them.
    pub(crate) fn pair(&self, k: usize, i: usize, j: usize) -> [i128; 4] {
        let (low, high) = (i.min(j), i.max(j));
        let idx = pair_or_self(k, low, high);
        [
            at(&self.n, idx),
            at(&self.sums, i * k + j),
            at(&self.sums, j * k + i),
            at(&self.products, idx),
        ]
    }
}

/// Adds list to list, number by number.
pub(crate) fn add(own: &mut [u64], other: &[u64]) {
    for (own, other) in own.iter_mut().zip(other) {
        *own += other;
    }
}

/// List without list, number by number; none where less than nothing would be left.
pub(crate) fn subtracted(own: &[u64], other: &[u64]) -> Option<Vec<u64>> {
    (own.len() == other.len()).then_some(())?;
    own.iter().zip(other).map(|(own, other)| own.checked_sub(*other)).collect()
}
