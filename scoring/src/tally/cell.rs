//! What is counted of a group of people.

use super::layout::{Layout, NOT_APPLICABLE, NOT_SHOWN, SKIPPED, ScaleLayout};
use crate::stats::{Complete, Exact, Moments, Partial, add, ratio, subtracted};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything that is counted of a group of people: integers, which add up in any order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// People.
    pub n: u64,
    /// One a rating or choice item, in the order of the [`Layout`].
    pub items: Vec<ItemCounts>,
    /// One a scale, in the order of the [`Layout`].
    pub scales: Vec<ScaleSums>,
    /// How many people wrote something, one number a text item.
    pub texts: Vec<u64>,
}

/// How an item was answered, as it was answered: not reversed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemCounts {
    /// How often each option was chosen.
    pub codes: Vec<u64>,
    /// "Don't know / not applicable".
    pub not_applicable: u64,
    /// Shown and skipped.
    pub skipped: u64,
}

impl ItemCounts {
    /// How often each option was chosen, from the lowest to the highest in the direction of the scale.
    #[must_use]
    pub fn keyed(&self, reversed: bool) -> Vec<u64> {
        let mut counts = self.codes.clone();
        if reversed {
            counts.reverse();
        }
        counts
    }
}

/// The sums of one scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScaleSums {
    /// Scores: how many people have which number of answered items and which sum of values.
    pub scores: ScoreCounts,
    /// Over people who answered every item.
    pub complete: Complete,
    /// Over people who left out some.
    pub partial: Partial,
}

/// People by number of answered items and sum of their values (keyed, counted from the lowest code).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<[u64; 3]>", into = "Vec<[u64; 3]>")]
pub struct ScoreCounts(BTreeMap<(u64, u64), u64>);

impl TryFrom<Vec<[u64; 3]>> for ScoreCounts {
    type Error = &'static str;

    fn try_from(triples: Vec<[u64; 3]>) -> Result<Self, Self::Error> {
        let ascend = triples.is_sorted_by(|[a, b, _], [c, d, _]| (a, b) < (c, d));
        if !ascend || triples.iter().any(|[_, _, n]| *n == 0) {
            return Err("scores of nobody, or not in ascending order");
        }
        Ok(ScoreCounts(
            triples.into_iter().map(|[answered, sum, n]| ((answered, sum), n)).collect(),
        ))
    }
}

impl From<ScoreCounts> for Vec<[u64; 3]> {
    fn from(counts: ScoreCounts) -> Self {
        counts.0.into_iter().map(|((answered, sum), n)| [answered, sum, n]).collect()
    }
}

impl ScoreCounts {
    pub(super) fn add(&mut self, answered: u64, sum: u64, n: u64) {
        if n > 0 {
            *self.0.entry((answered, sum)).or_default() += n;
        }
    }

    /// Every score with how many people have it: the mean of the answered items, counted from L.
    pub fn scored(&self, min_answered: usize) -> impl Iterator<Item = (Exact, u64)> {
        self.0
            .iter()
            .filter(move |((answered, _), _)| *answered >= min_answered.max(1) as u64)
            .map(|((answered, sum), n)| (ratio(*sum, *answered), *n))
    }

    /// People by number of answered items, sum of values.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64, u64)> {
        self.0.iter().map(|((answered, sum), n)| (*answered, *sum, *n))
    }

    /// Over people with such a number of answered items: answers, the sum of values, and the sum of the squares
    /// of everybody's own sum.
    fn totals(&self, of: impl Fn(u64) -> bool) -> [i128; 3] {
        let mut totals = [0; 3];
        for (answered, sum, n) in self.iter().filter(|(answered, ..)| of(*answered)) {
            let [answered, sum, n] = [answered, sum, n].map(i128::from);
            totals = [totals[0] + n * answered, totals[1] + n * sum, totals[2] + n * sum * sum];
        }
        totals
    }

    fn merge(&mut self, other: &Self) {
        for ((answered, sum), n) in &other.0 {
            self.add(*answered, *sum, *n);
        }
    }

    fn minus(&self, other: &Self) -> Option<Self> {
        let mut rest = self.0.clone();
        for (score, n) in &other.0 {
            let left = rest.remove(score)?.checked_sub(*n)?;
            if left > 0 {
                rest.insert(*score, left);
            }
        }
        Some(ScoreCounts(rest))
    }
}

impl ScaleSums {
    pub(super) fn new(layout: &ScaleLayout) -> Self {
        ScaleSums {
            scores: ScoreCounts::default(),
            complete: Complete::new(layout.items.len(), layout.span),
            partial: Partial::default(),
        }
    }

    fn merge(&mut self, other: &Self) {
        self.scores.merge(&other.scores);
        self.complete.merge(&other.complete);
        self.partial.merge(&other.partial);
    }

    fn minus(&self, other: &Self) -> Option<Self> {
        Some(ScaleSums {
            scores: self.scores.minus(&other.scores)?,
            complete: self.complete.minus(&other.complete)?,
            partial: self.partial.minus(&other.partial)?,
        })
    }

    /// Scores in the unit of the response scale.
    #[must_use]
    pub fn moments(&self, layout: &ScaleLayout) -> Option<Moments> {
        let low = ratio(layout.low, 1);
        let scores = self.scores.scored(layout.min_answered);
        Moments::of(scores.map(|(score, n)| (score + &low, n)))
    }

    fn has_shape(&self, layout: &ScaleLayout, n: u64) -> bool {
        let (k, span) = (layout.items.len(), layout.span);
        let in_range = |(answered, sum, _): (u64, u64, u64)| {
            answered <= k as u64 && sum <= answered * u64::from(span)
        };
        let people = self.scores.iter().try_fold(0_u64, |all, (_, _, n)| all.checked_add(n));
        self.complete.has_shape(k, span)
            && self.partial.has_shape(k, span)
            && self.scores.iter().all(in_range)
            && people == Some(n)
            && self.scores.totals(|answered| answered == k as u64) == self.complete.totals()
            && self.scores.totals(|answered| answered < k as u64) == self.partial.totals(k)
    }
}

impl Cell {
    /// Nobody yet.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        let counts =
            |n_codes| ItemCounts { codes: vec![0; n_codes], not_applicable: 0, skipped: 0 };
        Cell {
            n: 0,
            items: layout.items.iter().map(|place| counts(place.codes.len())).collect(),
            scales: layout.scales.iter().map(ScaleSums::new).collect(),
            texts: vec![0; layout.texts.len()],
        }
    }

    /// Adds other people of the same layout.
    pub fn merge(&mut self, other: &Self) {
        self.n += other.n;
        for (own, other) in self.items.iter_mut().zip(&other.items) {
            add(&mut own.codes, &other.codes);
            own.not_applicable += other.not_applicable;
            own.skipped += other.skipped;
        }
        for (own, other) in self.scales.iter_mut().zip(&other.scales) {
            own.merge(other);
        }
        add(&mut self.texts, &other.texts);
    }

    /// These people without some of them; none if those are not among them.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Option<Self> {
        let items = self.items.iter().zip(&other.items).map(|(own, other)| {
            Some(ItemCounts {
                codes: subtracted(&own.codes, &other.codes)?,
                not_applicable: own.not_applicable.checked_sub(other.not_applicable)?,
                skipped: own.skipped.checked_sub(other.skipped)?,
            })
        });
        let scales = self.scales.iter().zip(&other.scales).map(|(own, other)| own.minus(other));
        Some(Cell {
            n: self.n.checked_sub(other.n)?,
            items: items.collect::<Option<_>>()?,
            scales: scales.collect::<Option<_>>()?,
            texts: subtracted(&self.texts, &other.texts)?,
        })
    }

    /// How many people stand behind each number (its base): all, then by scale those who have a score, then by
    /// scale those who answered every item.
    #[must_use]
    pub fn bases(&self, layout: &Layout) -> Vec<u64> {
        let scales = self.scales.iter().zip(&layout.scales);
        let scored = scales.map(|(sums, scale)| {
            sums.scores.scored(scale.min_answered).map(|(_, n)| n).sum::<u64>()
        });
        let complete = self.scales.iter().map(|sums| sums.complete.n());
        std::iter::once(self.n).chain(scored).chain(complete).collect()
    }

    /// Whether the numbers could have been counted on this layout.
    #[must_use]
    pub fn has_shape(&self, layout: &Layout) -> bool {
        let item_fits = |(counts, codes): (&ItemCounts, usize)| {
            let all = counts.codes.iter().chain([&counts.not_applicable, &counts.skipped]);
            let n = all.copied().try_fold(0_u64, u64::checked_add);
            counts.codes.len() == codes && n.is_some_and(|n| n <= self.n)
        };
        self.items.len() == layout.items.len()
            && self.items.iter().zip(layout.items.iter().map(|p| p.codes.len())).all(item_fits)
            && self.scales.len() == layout.scales.len()
            && self.scales.iter().zip(&layout.scales).all(|(sums, of)| {
                sums.has_shape(of, self.n) && self.rests_on(sums, of).is_some_and(|fits| fits)
            })
            && self.texts.len() == layout.texts.len()
            && self.texts.iter().all(|n| *n <= self.n)
    }

    /// Whether a scale's sums are those of its items: what people who answered all of them did not choose, the
    /// others did.
    fn rests_on(&self, sums: &ScaleSums, layout: &ScaleLayout) -> Option<bool> {
        let k = layout.items.len();
        for (i, ((place, reversed), complete)) in
            layout.items.iter().zip(&sums.complete.values).enumerate()
        {
            let keyed = self.items.get(*place)?.keyed(*reversed);
            let others = subtracted(&keyed, complete)?;
            let moment = |of: fn(i128) -> i128| -> i128 {
                (0..).zip(&others).map(|(value, n)| of(value) * i128::from(*n)).sum()
            };
            let (sum, square) = (moment(|value| value), moment(|value| value * value));
            if sums.partial.pair(k, i, i) != [moment(|_| 1), sum, sum, square] {
                return Some(false);
            }
        }
        Some(true)
    }
}

/// Rows on their way into a [`Cell`]: sums of products are taken of many rows at once.
#[derive(Debug, Clone)]
pub struct Gathering {
    cell: Cell,
    /// Rows that are not in the cell yet, one after the other.
    rows: Vec<u8>,
    /// For each scale, people who answered every item, by the sum of their values.
    complete_scores: Vec<Vec<u64>>,
}

/// Rows that are added at once: few enough that a sum of products of values up to 100 fits 32 bits, and that
/// the columns stay in a processor's nearest memory.
const BLOCK: usize = 512;

/// Stands in a scale's columns for a missing value.
const MISSING: u8 = 255;

impl Gathering {
    /// Nobody yet.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        let scores = |scale: &ScaleLayout| vec![0; scale.items.len() * usize::from(scale.span) + 1];
        Gathering {
            cell: Cell::new(layout),
            rows: Vec::new(),
            complete_scores: layout.scales.iter().map(scores).collect(),
        }
    }

    /// Adds one person: the row of their answers, and whether they wrote something for each text item.
    pub fn add(&mut self, layout: &Layout, row: &[u8], wrote: &[bool]) {
        for (n, wrote) in self.cell.texts.iter_mut().zip(wrote) {
            *n += u64::from(*wrote);
        }
        self.rows.extend_from_slice(row);
        self.cell.n += 1;
        if self.rows.len() >= BLOCK * layout.items.len() {
            self.flush(layout);
        }
    }

    /// Adds other people of the same layout.
    pub fn merge(&mut self, layout: &Layout, other: Self) {
        self.cell.merge(&other.finish(layout));
    }

    /// What was counted.
    #[must_use]
    pub fn finish(mut self, layout: &Layout) -> Cell {
        self.flush(layout);
        for (sums, scores) in self.cell.scales.iter_mut().zip(self.complete_scores) {
            let k = sums.complete.k() as u64;
            for (sum, n) in (0..).zip(scores) {
                sums.scores.add(k, sum, n);
            }
        }
        self.cell
    }

    fn flush(&mut self, layout: &Layout) {
        let width = layout.items.len();
        if width == 0 || self.rows.is_empty() {
            return;
        }
        let column = |place| self.rows.iter().skip(place).step_by(width).copied().collect();
        let columns: Vec<Vec<u8>> = (0..width).map(column).collect();
        let n_rows = self.rows.len() / width;
        for (column, counts) in columns.iter().zip(&mut self.cell.items) {
            for (own, byte) in counts.codes.iter_mut().zip(0..NOT_SHOWN) {
                *own += n_equal(column, byte);
            }
            counts.not_applicable += n_equal(column, NOT_APPLICABLE);
            counts.skipped += n_equal(column, SKIPPED);
        }
        let scales = self.cell.scales.iter_mut().zip(&mut self.complete_scores);
        for ((sums, scores), scale) in scales.zip(&layout.scales) {
            add_columns(sums, scores, &keyed(scale, &columns), n_rows);
        }
        self.rows.clear();
    }
}

/// How often a byte is among others. In this form compilers compare many at once.
fn n_equal(bytes: &[u8], byte: u8) -> u64 {
    // So few at a time that a byte can count them.
    let counts = bytes.chunks(255).map(|few| few.iter().map(|b| u8::from(*b == byte)).sum::<u8>());
    counts.map(u64::from).sum()
}

/// The columns of a scale's items: values in its direction, from 0, or [`MISSING`].
fn keyed(scale: &ScaleLayout, columns: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let span = scale.span;
    let column = |(place, reversed): &(usize, bool)| {
        let value = |byte: &u8| match (*byte <= span, reversed) {
            (true, true) => span - byte,
            (true, false) => *byte,
            (false, _) => MISSING,
        };
        columns.get(*place).map(|column| column.iter().map(value).collect())
    };
    scale.items.iter().filter_map(column).collect()
}

/// Adds a scale's columns to its sums, and those who answered every item to `complete_scores`.
fn add_columns(
    sums: &mut ScaleSums,
    complete_scores: &mut [u64],
    columns: &[Vec<u8>],
    n_rows: usize,
) {
    let (mut answered, mut scores) = (vec![0_u32; n_rows], vec![0_u32; n_rows]);
    for column in columns {
        for ((answered, score), value) in answered.iter_mut().zip(&mut scores).zip(column) {
            let is_answer = u32::from(*value != MISSING);
            *answered += is_answer;
            *score += is_answer * u32::from(*value);
        }
    }
    let (mut complete, mut partial) = (Vec::new(), Vec::new());
    for (row, (answered, score)) in answered.into_iter().zip(scores).enumerate() {
        if answered as usize == columns.len() {
            complete.push(row);
            if let Some(n) = complete_scores.get_mut(score as usize) {
                *n += 1;
            }
        } else {
            sums.scores.add(answered.into(), score.into(), 1);
            if answered > 0 {
                partial.push(row);
            }
        }
    }
    if complete.len() == n_rows {
        add_complete(&mut sums.complete, columns);
    } else {
        let rows = |rows: &[usize]| -> Vec<Vec<u8>> {
            let of = |c: &Vec<u8>| rows.iter().filter_map(|row| c.get(*row)).copied().collect();
            columns.iter().map(of).collect()
        };
        add_complete(&mut sums.complete, &rows(&complete));
        if !partial.is_empty() {
            if sums.partial.is_empty() {
                sums.partial = Partial::new(columns.len());
            }
            add_partial(&mut sums.partial, &rows(&partial));
        }
    }
}

fn add_complete(sums: &mut Complete, columns: &[Vec<u8>]) {
    for (counts, column) in sums.values.iter_mut().zip(columns) {
        for (n, value) in counts.iter_mut().zip(0..) {
            *n += n_equal(column, value);
        }
    }
    let values: Vec<Vec<i16>> =
        columns.iter().map(|column| column.iter().map(|v| i16::from(*v)).collect()).collect();
    let mut products = sums.products.iter_mut();
    for (i, own) in values.iter().enumerate() {
        for (other, sum) in values.iter().skip(i + 1).zip(&mut products) {
            *sum += dot(own, other);
        }
    }
}

fn add_partial(sums: &mut Partial, columns: &[Vec<u8>]) {
    let wide = |of: fn(u8) -> i16| -> Vec<Vec<i16>> {
        columns.iter().map(|column| column.iter().map(|value| of(*value)).collect()).collect()
    };
    let values = wide(|value| if value == MISSING { 0 } else { value.into() });
    let answered = wide(|value| i16::from(value != MISSING));
    let (mut n, mut products) = (sums.n.iter_mut(), sums.products.iter_mut());
    let mut both = sums.sums.iter_mut();
    for (i, (own, own_answered)) in values.iter().zip(&answered).enumerate() {
        for (j, (other, other_answered)) in values.iter().zip(&answered).enumerate() {
            if let Some(sum) = both.next() {
                *sum += dot(own, other_answered);
            }
            if i <= j
                && let (Some(n), Some(product)) = (n.next(), products.next())
            {
                *n += dot(own_answered, other_answered);
                *product += dot(own, other);
            }
        }
    }
}

/// Σ aᵢbᵢ of at most [`BLOCK`] values up to 100. In this form compilers use instructions for many at once.
fn dot(a: &[i16], b: &[i16]) -> u64 {
    let sum: i32 = a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum();
    sum.unsigned_abs().into()
}
