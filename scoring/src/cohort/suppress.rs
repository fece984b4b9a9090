//! What must stay hidden, so that nobody can be computed out of what is shown.

use std::collections::BTreeMap;

/// Where the search gives up and takes the worst for granted. Anything that people could read stays far below.
const MAX_STEPS: u32 = 20_000;

/// Whether sums and differences of published numbers can be combined into one that rests on somebody, but on
/// fewer than `min_group` people.
///
/// A row is for people who are in the same published sets: in which of them they are, and how many they are.
/// A combination gives each set a weight, and rests on those people whose sets' weights do not cancel out. The
/// search is for people to leave out, fewer than `min_group`, so that some combination cancels out for everybody
/// else: then the rows of the others have a lower rank than all rows together.
///
/// ```
/// use scoring::cohort::isolates;
/// // Everybody and a group: 9 people in it, 2 not.
/// assert!(isolates([(vec![true, true], 9), (vec![true, false], 2)], 5));
/// assert!(!isolates([(vec![true, true], 9), (vec![true, false], 6)], 5));
/// // Two groups of 10 that are the same people but for two.
/// assert!(isolates([(vec![true, true], 9), (vec![true, false], 1), (vec![false, true], 1)], 5));
/// ```
#[must_use]
pub fn isolates(rows: impl IntoIterator<Item = (Vec<bool>, u64)>, min_group: u64) -> bool {
    let mut people: BTreeMap<Vec<bool>, u64> = BTreeMap::new();
    for (sets, n) in rows.into_iter().filter(|(_, n)| *n > 0) {
        *people.entry(sets).or_default() += n;
    }
    // Many people first: whoever cannot be left out anyway decides most.
    let mut rows: Vec<(Vec<i64>, u64)> = people
        .into_iter()
        .map(|(sets, n)| (sets.into_iter().map(i64::from).collect(), n))
        .collect();
    rows.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let mut all = Independent::default();
    for (row, _) in &rows {
        match all.rest(row) {
            Some(rest) if rest.iter().any(|value| *value != 0) => all.0.push(rest),
            Some(_) => {}
            None => return true,
        }
    }
    let mut search = Search { kept: Independent::default(), rank: all.0.len(), steps: 0 };
    search.finds(&rows, min_group.saturating_sub(1))
}

/// Rows of integers, none of which is a combination of the others.
#[derive(Default)]
struct Independent(Vec<Vec<i64>>);

impl Independent {
    /// What is left of a row after these are taken out of it: nothing but zeros if it is a combination of them.
    /// None where numbers grow beyond 64 bits.
    fn rest(&self, row: &[i64]) -> Option<Vec<i64>> {
        let mut rest = row.to_vec();
        for known in &self.0 {
            let pivot = known.iter().position(|value| *value != 0)?;
            let (own, other) = (*known.get(pivot)?, *rest.get(pivot)?);
            if other == 0 {
                continue;
            }
            for (value, known) in rest.iter_mut().zip(known) {
                *value = value.checked_mul(own)?.checked_sub(known.checked_mul(other)?)?;
            }
            // Small numbers stay small.
            let divisor = rest.iter().fold(0, |divisor, value| gcd(value.unsigned_abs(), divisor));
            if let Ok(divisor @ 2..) = i64::try_from(divisor) {
                rest.iter_mut().for_each(|value| *value /= divisor);
            }
        }
        Some(rest)
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

struct Search {
    kept: Independent,
    rank: usize,
    steps: u32,
}

impl Search {
    /// Whether the rank falls when some of these rows, of no more people than `budget`, are left out.
    fn finds(&mut self, mut rows: &[(Vec<i64>, u64)], budget: u64) -> bool {
        let n_kept = self.kept.0.len();
        let found = loop {
            if self.kept.0.len() == self.rank {
                break false;
            }
            let Some(((row, n), others)) = rows.split_first() else { break true };
            rows = others;
            self.steps += 1;
            let Some(rest) = self.kept.rest(row).filter(|_| self.steps < MAX_STEPS) else {
                break true;
            };
            if rest.iter().all(|value| *value == 0) {
                continue;
            }
            if budget.checked_sub(*n).is_some_and(|budget| self.finds(others, budget)) {
                break true;
            }
            self.kept.0.push(rest);
        };
        self.kept.0.truncate(n_kept);
        found
    }
}

/// Which parts of a partition stay hidden, when everybody's number is known.
///
/// Parts that are barred or may not be shown by themselves are hidden, and then one after the other the smallest of the shown
/// ones, until the hidden ones together may be shown, since the difference to everybody shows them, and nothing
/// else isolates anybody (complementary suppression). Parts without anybody hide nothing.
///
/// `may_show` says whether the marked parts together may be shown; `isolates`, whether showing all but the
/// marked ones would isolate somebody.
#[must_use]
pub(super) fn suppressed(
    sizes: &[u64],
    barred: &[bool],
    may_show: impl Fn(&[bool]) -> bool,
    isolates: impl Fn(&[bool]) -> bool,
) -> Vec<bool> {
    let parts = || 0..sizes.len();
    let alone = |part: usize| may_show(&parts().map(|other| other == part).collect::<Vec<_>>());
    let all = sizes.iter().zip(barred).enumerate();
    let mut hidden: Vec<bool> =
        all.map(|(part, (n, barred))| *n > 0 && (*barred || !alone(part))).collect();
    loop {
        let shows_too_much = (hidden.contains(&true) && !may_show(&hidden)) || isolates(&hidden);
        let shown = sizes.iter().zip(&mut hidden).filter(|(n, hidden)| **n > 0 && !**hidden);
        match shown.min_by_key(|(n, _)| **n) {
            Some((_, smallest)) if shows_too_much => *smallest = true,
            _ => return hidden,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::suppressed;

    #[track_caller]
    fn check(sizes: &[u64], unfit: &[usize], expected: &[usize]) {
        let n = |marked: &[bool]| -> u64 {
            sizes.iter().zip(marked).filter(|(_, marked)| **marked).map(|(n, _)| n).sum()
        };
        let is_unfit = |marked: &[bool]| {
            let marked: Vec<usize> = (0..sizes.len()).filter(|part| marked[*part]).collect();
            matches!(marked.as_slice(), [only] if unfit.contains(only))
        };
        let barred = vec![false; sizes.len()];
        let hidden =
            suppressed(sizes, &barred, |marked| n(marked) >= 5 && !is_unfit(marked), |_| false);
        let hidden: Vec<usize> = (0..sizes.len()).filter(|part| hidden[*part]).collect();
        assert_eq!(hidden, expected);
    }

    #[test]
    fn a_small_part_takes_the_next_smallest_with_it() {
        check(&[12, 3, 9], &[], &[1, 2]);
        check(&[12, 3, 3], &[], &[1, 2]);
        check(&[12, 0, 9], &[], &[]);
        check(&[12, 7, 9], &[1], &[1, 2]);
        check(&[4, 0, 0], &[], &[0]);
    }
}
