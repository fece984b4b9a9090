//! Signs of answers given without reading. They are flags: nothing here removes a file, and a coach
//! decides after seeing the group with and without it.

use super::exact::{Exact, nearest, ratio};
use super::reason::Reason;
use num_traits::{Signed, Zero};

/// The indices of one respondent.
#[derive(Debug, Clone, PartialEq)]
pub struct Careless {
    /// Length of the longest run of one raw code.
    pub longstring: usize,
    /// Rating items presented, answered or not.
    pub n_items: usize,
    /// Standard deviation of the raw codes within this person, n − 1. Dunn et al. (2018), Journal of
    /// Business and Psychology 33.
    pub irv: Result<f64, Reason>,
    /// Mean seconds an item.
    pub seconds_per_item: Result<Exact, Reason>,
    /// Even–odd consistency, −1 to 1, high if consistent.
    pub even_odd: Result<f64, Reason>,
}

/// Where an index becomes a flag.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// A longest run of at least this share of the items. Curran (2016), Journal of Experimental
    /// Social Psychology 66: half of them.
    pub longstring_share: f64,
    /// A spread below this. No constant is published, because spread depends on the instrument:
    /// Dunn et al. (2018) cut off the lowest part of the sample. None sets no flag.
    pub irv: Option<f64>,
    /// Fewer seconds an item. Huang et al. (2012), Journal of Business and Psychology 27: 2.
    pub seconds: f64,
    /// So few seconds that no item was read. Wood et al. (2017), Social Psychological and
    /// Personality Science 8: 1.
    pub severe_seconds: f64,
    /// A consistency below this. Johnson (2005), Journal of Research in Personality 39, after
    /// Jackson: 0.30.
    pub even_odd: f64,
}

impl Thresholds {
    /// The published ones.
    pub const PUBLISHED: Self = Thresholds {
        longstring_share: 0.5,
        irv: None,
        seconds: 2.0,
        severe_seconds: 1.0,
        even_odd: 0.3,
    };
}

/// One sign of careless answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flag {
    /// A long run of one code.
    Longstring,
    /// Hardly any spread.
    LowSpread,
    /// Less time than reading takes.
    Fast,
    /// So little time that nothing was read.
    VeryFast,
    /// The halves of the scales contradict each other.
    Inconsistent,
}

/// What a flag is evidence of. Meade & Craig (2012), Psychological Methods 17, found runs,
/// consistency and time to be different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// One answer to everything.
    Straightlining,
    /// No time to read.
    Speed,
    /// Answers at random.
    Inconsistency,
}

impl Flag {
    /// What it is evidence of. A long run makes the spread small, so both of these are the same one.
    #[must_use]
    pub fn evidence(self) -> Evidence {
        match self {
            Flag::Longstring | Flag::LowSpread => Evidence::Straightlining,
            Flag::Fast | Flag::VeryFast => Evidence::Speed,
            Flag::Inconsistent => Evidence::Inconsistency,
        }
    }

    /// Stable code, also the key of its text.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Flag::Longstring => "longstring",
            Flag::LowSpread => "low_spread",
            Flag::Fast => "fast",
            Flag::VeryFast => "very_fast",
            Flag::Inconsistent => "inconsistent",
        }
    }
}

/// Whether flags are of two different kinds of [`Evidence`]. One kind alone has an innocent reading:
/// some agree with everything, some read fast.
#[must_use]
pub fn is_suspect(flags: &[Flag]) -> bool {
    flags.iter().any(|flag| flags.iter().any(|other| flag.evidence() != other.evidence()))
}

/// Whether one of the flags is set that take a moment to find: a long run of one code, or little time. Spread and
/// consistency take many times as long.
#[must_use]
pub fn has_plain_flag(
    raw: &[Option<i64>],
    screens: &[(i64, usize)],
    thresholds: &Thresholds,
) -> bool {
    // The same as by the seconds of one item, without a division.
    let seconds = asking(screens).map(|(seconds, _)| *seconds as f64).sum::<f64>();
    let n_items = asking(screens).map(|(_, n_items)| *n_items as f64).sum::<f64>();
    let limit = thresholds.seconds.max(thresholds.severe_seconds) * n_items;
    is_long(longstring(raw), raw.len(), thresholds) || seconds < limit
}

impl Careless {
    /// All indices of one sheet.
    ///
    /// `raw` holds the codes of the rating items as chosen, not reversed, in the order of
    /// presentation, none where there is no code. `screens` holds the seconds a screen was looked at,
    /// idle time left out, and the number of its items. `scales` holds the keyed codes of each scale.
    #[must_use]
    pub fn of(raw: &[Option<i64>], screens: &[(i64, usize)], scales: &[Vec<Option<i64>>]) -> Self {
        Careless {
            longstring: longstring(raw),
            n_items: raw.len(),
            irv: irv(raw),
            seconds_per_item: seconds_per_item(screens),
            even_odd: even_odd(scales),
        }
    }

    /// The flags that some thresholds set; an index without a value sets none.
    #[must_use]
    pub fn flags(&self, thresholds: &Thresholds) -> Vec<Flag> {
        let below =
            |value: &Result<f64, Reason>, limit: f64| value.is_ok_and(|value| value < limit);
        let seconds = self.seconds_per_item.as_ref().map(nearest).map_err(|reason| *reason);
        let severe = below(&seconds, thresholds.severe_seconds);
        [
            (Flag::Longstring, is_long(self.longstring, self.n_items, thresholds)),
            (Flag::LowSpread, thresholds.irv.is_some_and(|limit| below(&self.irv, limit))),
            (Flag::Fast, below(&seconds, thresholds.seconds) && !severe),
            (Flag::VeryFast, severe),
            (Flag::Inconsistent, below(&self.even_odd, thresholds.even_odd)),
        ]
        .into_iter()
        .filter_map(|(flag, is_set)| is_set.then_some(flag))
        .collect()
    }
}

fn is_long(longstring: usize, n_items: usize, thresholds: &Thresholds) -> bool {
    longstring > 0 && longstring as f64 >= thresholds.longstring_share * n_items as f64
}

/// A missing answer ends a run.
fn longstring(raw: &[Option<i64>]) -> usize {
    raw.chunk_by(|a, b| a.is_some() && a == b)
        .filter(|run| run.iter().all(Option::is_some))
        .map(<[_]>::len)
        .max()
        .unwrap_or(0)
}

fn irv(raw: &[Option<i64>]) -> Result<f64, Reason> {
    let codes = || raw.iter().flatten();
    let n = codes().count();
    if n < 2 {
        return Err(Reason::TooFewItems);
    }
    let (n, sum) = (n as i64, codes().sum::<i64>());
    let squares: i64 = codes().map(|code| code * code).sum();
    Ok(libm::sqrt(nearest(&ratio(n * squares - sum * sum, n * (n - 1)))))
}

/// The screens that ask something.
fn asking(screens: &[(i64, usize)]) -> impl Iterator<Item = &(i64, usize)> {
    screens.iter().filter(|(_, n_items)| *n_items > 0)
}

fn seconds_per_item(screens: &[(i64, usize)]) -> Result<Exact, Reason> {
    let n_items: usize = asking(screens).map(|(_, n_items)| n_items).sum();
    if n_items == 0 {
        return Err(Reason::TooFewItems);
    }
    Ok(ratio(asking(screens).map(|(seconds, _)| seconds).sum::<i64>(), n_items))
}

/// The correlation over scales of the means of their first, third, … and second, fourth, … items,
/// stepped up to full length by 2r/(1 + r) and not below −1. Meade & Craig (2012): high is
/// consistent, the opposite sign of the R package `careless` since its version 1.2.
fn even_odd(scales: &[Vec<Option<i64>>]) -> Result<f64, Reason> {
    let half = |scale: &[Option<i64>], from: usize| {
        let codes = || scale.iter().skip(from).step_by(2).flatten();
        let n = codes().count();
        (n > 0).then(|| ratio(codes().sum::<i64>(), n))
    };
    let halves: Vec<(Exact, Exact)> =
        scales.iter().filter_map(|scale| half(scale, 0).zip(half(scale, 1))).collect();
    if halves.len() < 3 {
        return Err(Reason::TooFewScales);
    }
    let odd = products(halves.iter().map(|(odd, _)| (odd, odd)));
    let even = products(halves.iter().map(|(_, even)| (even, even)));
    let both = products(halves.iter().map(|(odd, even)| (odd, even)));
    if odd.is_zero() || even.is_zero() {
        return Err(Reason::NoVariance);
    }
    let size = libm::sqrt(nearest(&(&both * &both / (odd * even))));
    let r = if both.is_negative() { -size } else { size };
    Ok(if r > -1.0 { (2.0 * r / (1.0 + r)).max(-1.0) } else { -1.0 })
}

/// Σ(x − x̄)(y − ȳ).
fn products<'a>(pairs: impl ExactSizeIterator<Item = (&'a Exact, &'a Exact)> + Clone) -> Exact {
    let n = ratio(pairs.len(), 1);
    let xs: Exact = pairs.clone().map(|(x, _)| x).sum();
    let ys: Exact = pairs.clone().map(|(_, y)| y).sum();
    pairs.map(|(x, y)| x * y).sum::<Exact>() - xs * ys / n
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(codes: &[i64]) -> Vec<Option<i64>> {
        codes.iter().map(|code| (*code > 0).then_some(*code)).collect()
    }

    /// R package careless 1.2.2 on one-row data frames: `longstring(x)`, `irv(x)`,
    /// `-evenodd(x, lengths)`; 0 stands for NA.
    #[test]
    fn indices_equal_r() {
        let check = |raw: &[i64], lengths: &[usize], longstring, irv: f64, even_odd: f64| {
            let mut scales = Vec::new();
            let mut rest = raw;
            for length in lengths {
                let (scale, after) = rest.split_at(*length);
                scales.push(codes(scale));
                rest = after;
            }
            let got = Careless::of(&codes(raw), &[], &scales);
            assert_eq!(got.longstring, longstring);
            assert!((got.irv.unwrap() - irv).abs() < 1e-13);
            assert!((got.even_odd.unwrap() - even_odd).abs() < 1e-13, "{:?}", got.even_odd);
        };
        let fours = [4, 4, 4, 4];
        let consistent = [4, 5, 4, 3, 2, 1, 2, 2, 5, 5, 4, 5, 3, 2, 3, 4];
        check(&consistent, &fours, 2, 1.31021626713557, 0.9971323645021507);
        let missing = [4, 5, 4, 0, 2, 0, 2, 2, 5, 5, 4, 5, 3, 2, 3, 4];
        check(&missing, &fours, 2, 1.222499691004253, 0.9884377608627298);
        let weak = [4, 2, 1, 1, 4, 1, 4, 4, 4, 5, 5, 2, 5, 5];
        check(&weak, &[3, 3, 4, 4], 3, 1.598419549100002, 0.2336212753047776);
        let contrary = [2, 3, 3, 3, 2, 5, 1, 4, 2, 4, 3, 1, 5, 5];
        check(&contrary, &[3, 3, 4, 4], 3, 1.384768001357057, -1.0);
    }

    /// `longstring(x)` as above.
    #[test]
    fn a_missing_answer_ends_a_run() {
        let check = |raw: &[i64], expected| assert_eq!(longstring(&codes(raw)), expected);
        check(&[2, 2, 0, 2, 2, 2, 4, 4, 4, 4], 4);
        check(&[2, 2, 2, 0, 2, 2], 3);
        check(&[1, 0, 0, 0, 0, 3], 1);
        check(&[0, 0], 0);
        check(&[], 0);
    }

    #[test]
    fn says_why_there_is_none() {
        let nothing = Careless::of(&[], &[(7, 0)], &[]);
        assert_eq!(nothing.irv, Err(Reason::TooFewItems));
        assert_eq!(nothing.seconds_per_item, Err(Reason::TooFewItems));
        assert_eq!(nothing.even_odd, Err(Reason::TooFewScales));
        assert!(nothing.flags(&Thresholds::PUBLISHED).is_empty());
        // A scale with one answered half is none.
        let scale = |raw: &[i64]| codes(raw);
        let two = [scale(&[1, 2]), scale(&[3, 3]), scale(&[4, 0])];
        assert_eq!(even_odd(&two), Err(Reason::TooFewScales));
        let flat = [scale(&[3, 1]), scale(&[3, 2]), scale(&[3, 3])];
        assert_eq!(even_odd(&flat), Err(Reason::NoVariance));
    }

    #[test]
    fn a_flag_needs_less_than_its_threshold_or_half_a_run() {
        let check = |raw: &[i64], screens: &[(i64, usize)], expected: &[Flag]| {
            let thresholds = Thresholds { irv: Some(0.5), ..Thresholds::PUBLISHED };
            assert_eq!(Careless::of(&codes(raw), screens, &[]).flags(&thresholds), expected);
        };
        check(&[1, 1, 1, 5, 4, 5], &[], &[Flag::Longstring]);
        check(&[1, 1, 5, 1, 4, 5], &[], &[]);
        check(&[3, 3, 3, 3], &[], &[Flag::Longstring, Flag::LowSpread]);
        // A screen without items was read, too, and counts for none.
        check(&[1, 5, 2], &[(60, 0), (6, 3)], &[]);
        check(&[1, 5, 2], &[(5, 3)], &[Flag::Fast]);
        check(&[1, 5, 2], &[(2, 1), (1, 2)], &[Flag::Fast]);
        check(&[1, 5, 2], &[(2, 3)], &[Flag::VeryFast]);
    }

    #[test]
    fn two_kinds_of_evidence_make_a_file_suspect() {
        let all =
            [Flag::Longstring, Flag::LowSpread, Flag::Fast, Flag::VeryFast, Flag::Inconsistent];
        for flag in all {
            assert!(!is_suspect(&[flag]));
        }
        assert!(!is_suspect(&[]));
        assert!(!is_suspect(&[Flag::Longstring, Flag::LowSpread]));
        assert!(is_suspect(&[Flag::Longstring, Flag::Fast]));
        assert!(is_suspect(&[Flag::LowSpread, Flag::Inconsistent]));
        assert!(is_suspect(&[Flag::VeryFast, Flag::Inconsistent]));
    }
}
