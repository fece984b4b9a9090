//! Ten thousand random answer sheets of an instrument, scored, and everything that came out folded
//! into one SHA-256, together with the statistics of made-up groups and a grid of the distributions. Run natively and as WebAssembly, the digests must be equal: then a participant's
//! browser, a coach's browser and a server can never print different numbers.
//!
//! As WebAssembly the module has no imports and no bindings: the host writes a definition at
//! `input()`, calls `digest(length)`, and reads 32 bytes at `output()`.

use num_rational::Ratio;
use scoring::answers::{Answer, AnswerSheet};
use scoring::instrument::{Instrument, ItemKind};
use scoring::score::{Scores, Verdict, interpret, score};
use scoring::stats::{
    Difference, EffectSize, Interval, Moments, Reason, Sample, d_av, d_z, f_cdf, f_quantile, feldt,
    hedges_g, holm, noncentral_t_cdf, noncentrality, normal_cdf, paired, ratio, reliable_change,
    se_difference, sem, student_interval, t_cdf, t_quantile, welch, wilson,
};
use scoring::tally::{Cell, Gathering, Layout, statistics};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Sheets an instrument.
const N_SHEETS: u64 = 10_000;

/// Sheets whose moments are taken together, as a cohort's are.
const N_COHORT: usize = 100;

/// SplitMix64 (Steele, Lea & Flood 2014).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        // A remainder below a usize is one.
        usize::try_from(self.next() % bound.max(1) as u64).unwrap_or_default()
    }
}

/// The digest of all that scoring makes of an instrument's random sheets; none if the bytes are not
/// a definition.
#[must_use]
pub fn digest_of(definition: &[u8]) -> Option<[u8; 32]> {
    let instrument = Instrument::load(definition).ok()?;
    let mut draw = Draw(0x706c_756d_626c_696e);
    let mut hash = Sha256::new();
    let mut cohort = Vec::with_capacity(N_COHORT);
    let layout = Layout::of(&instrument);
    let mut groups = BTreeMap::new();
    for number in 0..N_SHEETS {
        let sheet = random_sheet(&instrument, &mut draw);
        let group: &mut Gathering =
            groups.entry((number % 40).to_string()).or_insert_with(|| Gathering::new(&layout));
        group.add(&layout, &layout.row(&sheet), &[]);
        let scores = score(&instrument, &sheet);
        fold_scores(&scores, &mut hash);
        fold_interpretation(&instrument, &sheet, &scores, &mut hash);
        cohort.push(scores);
        if cohort.len() == N_COHORT {
            fold_cohort(&instrument, &cohort, &mut hash);
            cohort.clear();
        }
    }
    fold_tables(&layout, groups, &mut hash);
    fold_distributions(&mut hash);
    fold_inference(&mut draw, &mut hash);
    fold_agreement(&mut draw, &mut hash);
    Some(hash.finalize().into())
}

/// Every statistic of a table: of all sheets by group, then of a few, where many have no value.
fn fold_tables(layout: &Layout, groups: BTreeMap<String, Gathering>, hash: &mut Sha256) {
    let groups: BTreeMap<String, Cell> =
        groups.into_iter().map(|(name, group)| (name, group.finish(layout))).collect();
    let mut all = Cell::new(layout);
    groups.values().for_each(|group| all.merge(group));
    // The shortest decimals that are no other double.
    hash.update(statistics(layout, &all, Some(&groups)).to_string());
    for group in groups.values().take(5) {
        hash.update(statistics(layout, group, None).to_string());
    }
}

/// Every distribution where it is steep, flat, small and large.
fn fold_distributions(hash: &mut Sha256) {
    const DF: [f64; 6] = [0.7, 1.0, 8.5, 120.0, 1e4, 1e9];
    const AT: [f64; 8] = [-40.0, -3.1, -0.2, 0.0, 0.3, 0.999, 1.7, 25.0];
    const P: [f64; 5] = [1e-9, 0.025, 0.4, 0.975, 0.9999];
    for at in AT {
        fold_bits(normal_cdf(at), hash);
        for df in DF {
            fold_bits(t_cdf(at, df), hash);
            for other in DF {
                fold_bits(f_cdf(at, df, other), hash);
            }
            for shift in [-2.5, 0.4, 30.0] {
                fold_bits(noncentral_t_cdf(at, df, shift), hash);
            }
        }
    }
    for p in P {
        for df in DF {
            fold_bits(t_quantile(p, df), hash);
            fold_bits(noncentrality(p, 2.2, df), hash);
            for other in DF {
                fold_bits(f_quantile(p, df, other), hash);
            }
        }
    }
}

/// Comparisons of small random groups, some without any variance, and intervals of random values.
fn fold_inference(draw: &mut Draw, hash: &mut Sha256) {
    let mut p_values = Vec::new();
    for round in 1..100_u64 {
        let samples = [0; 3].map(|_| random_sample(draw));
        let [Ok(a), Ok(b), Ok(differences)] = &samples else { continue };
        for compared in [welch(a, b), paired(differences)] {
            p_values.extend(compared.map(|difference| difference.p));
            fold_result(compared, fold_difference, hash);
        }
        for effect in [hedges_g(a, b), d_z(differences)] {
            fold_result(effect, fold_effect, hash);
        }
        fold_result(d_av(a, b), fold_bits, hash);
        let random = draw.below(1000) as f64 / 1000.0;
        fold_result(feldt(random * 1.2 - 0.2, round % 9, round * round), fold_interval, hash);
        let bounds = Interval { low: 0.0, high: 100.0 };
        for roster in [None, Some(60)] {
            let interval = student_interval(random * 100.0, 15.0 * random, round, roster, bounds);
            fold_result(interval, fold_interval, hash);
        }
        fold_result(sem(random * 9.0, random - 0.1), fold_bits, hash);
        fold_result(se_difference(random * 9.0, 0.9, random), fold_bits, hash);
        let change = reliable_change(1.0, 3.0, random * 9.0, random - 0.1);
        fold_result(change.map(|change| change.index), fold_bits, hash);
    }
    for p in holm(&p_values) {
        fold_bits(p, hash);
    }
}

/// One to eight whole numbers below four.
fn random_sample(draw: &mut Draw) -> Result<Sample, Reason> {
    let values: Vec<u64> = (0..=draw.below(8)).map(|_| draw.next() % 4).collect();
    let squares = values.iter().map(|value| value * value).sum::<u64>();
    let sum = values.iter().sum::<u64>();
    Sample::of_sums(values.len() as u64, &ratio(sum, 1), &ratio(squares, 1))
}

/// Every kind of answer, and enough of it missing that scores are missing too.
fn random_sheet(instrument: &Instrument, draw: &mut Draw) -> AnswerSheet {
    let raters = &instrument.definition().raters;
    let rater = raters.get(draw.below(raters.len())).or(raters.first());
    let mut sheet = AnswerSheet::new(rater.copied().unwrap_or(scoring::instrument::Rater::Own));
    let missing_percent = draw.below(40);
    for item in instrument.presented() {
        if !sheet.shows(item) {
            continue;
        }
        match (&item.kind, instrument.response_of(item)) {
            (ItemKind::Rating { .. } | ItemKind::Choice { .. }, Some(response)) => {
                let codes = response.codes();
                let code = codes.get(draw.below(codes.len())).copied().unwrap_or_default();
                let answer = match draw.below(100) {
                    roll if roll >= missing_percent => Answer::Code(code),
                    roll if roll % 2 == 0 && response.not_applicable() => Answer::NotApplicable,
                    _ => Answer::Skipped,
                };
                sheet.answers.insert(item.id.clone(), answer);
            }
            (ItemKind::Ranking { candidates, pick }, _) => {
                let picked = candidates.iter().skip(draw.below(candidates.len())).take(*pick);
                sheet.rankings.insert(item.id.clone(), picked.cloned().collect());
            }
            _ => {}
        }
    }
    sheet.completed(instrument)
}

/// ω, rater tables, dyads and signs of carelessness of small made-up groups, in which some items share
/// more than others.
fn fold_agreement(draw: &mut Draw, hash: &mut Sha256) {
    use scoring::stats::{
        Careless, Dyads, Exact, Icc, Thresholds, hancock_an, nearest, omega_total, shrout_fleiss,
    };
    let fold_exact = |value: Exact, hash: &mut Sha256| fold_bits(nearest(&value), hash);
    for round in 0..60 {
        let (n_people, n_items) = (4 + 3 * (round % 20), 3 + round % 12);
        let table: Vec<Vec<i64>> = (0..n_people)
            .map(|_| {
                let shared = draw.below(5) as i64;
                (0..n_items)
                    .map(|item| 1 + (shared * (1 + item % 3) as i64 + draw.below(9) as i64) / 4)
                    .collect()
            })
            .collect();
        let sum = |of: &dyn Fn(&[i64]) -> i64| table.iter().map(|row| of(row)).sum::<i64>();
        let code = |row: &[i64], item: usize| row.get(item).copied().unwrap_or_default();
        let covariance = |i: usize, j: usize| {
            let products = sum(&|row| code(row, i) * code(row, j));
            let sums = sum(&|row| code(row, i)) * sum(&|row| code(row, j));
            ratio(products * n_people as i64 - sums, 1)
        };
        let covariances: Vec<Vec<Exact>> =
            (0..n_items).map(|i| (0..n_items).map(|j| covariance(i, j)).collect()).collect();
        fold_result(omega_total(&covariances), fold_bits, hash);
        fold_result(hancock_an(&covariances), fold_bits, hash);
        if let Ok(icc) = shrout_fleiss(&table) {
            let all =
                [icc.icc_1_1, icc.icc_2_1, icc.icc_3_1, icc.icc_1_k, icc.icc_2_k, icc.icc_3_k];
            let fold_icc = |icc: Icc, hash: &mut Sha256| {
                fold_exact(icc.value, hash);
                fold_result(icc.interval, fold_interval, hash);
            };
            for icc in all {
                fold_result(icc, fold_icc, hash);
            }
        }
        let mut dyads = Dyads::default();
        for row in &table {
            let missing = draw.below(n_items);
            let raw: Vec<Option<i64>> =
                row.iter().enumerate().map(|(i, code)| (i != missing).then_some(*code)).collect();
            let scales: Vec<Vec<Option<i64>>> = raw.chunks(2).map(<[_]>::to_vec).collect();
            let careless = Careless::of(&raw, &[(draw.below(40) as i64, n_items)], &scales);
            for flag in careless.flags(&Thresholds { irv: Some(0.7), ..Thresholds::PUBLISHED }) {
                hash.update(flag.code().as_bytes());
            }
            fold_result(careless.irv, fold_bits, hash);
            fold_result(careless.even_odd, fold_bits, hash);
            dyads.add(code(row, 0), code(row, 1));
        }
        fold_result(dyads.kappa(), fold_exact, hash);
        fold_result(dyads.double_entry().map(|icc| icc.value), fold_exact, hash);
        fold_result(dyads.means().map(|means| means.gap()), fold_exact, hash);
    }
}

fn fold_scores(scores: &Scores, hash: &mut Sha256) {
    for scale in &scores.scales {
        hash.update(scale.scale.as_bytes());
        hash.update(scale.sum.to_le_bytes());
        for count in [scale.n_items, scale.n_answered, scale.n_favourable] {
            fold_count(count, hash);
        }
        for value in [scale.mean(), scale.pomp()] {
            fold_ratio(value.map(scoring::stats::widen), hash);
        }
        if let Some(interval) = wilson(scale.n_favourable as u64, scale.n_answered as u64) {
            fold_interval(interval, hash);
        }
    }
}

fn fold_interpretation(
    instrument: &Instrument,
    sheet: &AnswerSheet,
    scores: &Scores,
    hash: &mut Sha256,
) {
    let said = interpret(instrument, sheet, scores);
    match &said.verdict {
        None => hash.update([0]),
        Some(Verdict::Reached(fired)) => hash.update(fired.rule.as_bytes()),
        Some(Verdict::Undetermined { scales, items, .. }) => {
            for missing in scales.iter().chain(items) {
                hash.update(missing.as_bytes());
            }
        }
    }
    for fired in [said.gates, said.patterns, said.levers, said.focus, said.recommendations].concat()
    {
        hash.update(fired.rule.as_bytes());
        fold_count(fired.because.len(), hash);
    }
}

fn fold_cohort(instrument: &Instrument, cohort: &[Scores], hash: &mut Sha256) {
    for scale in &instrument.definition().scales {
        let pomps = cohort.iter().filter_map(|scores| scores.pomp(&scale.id));
        let pomps = pomps.map(|pomp| (ratio(*pomp.numer(), *pomp.denom()), 1));
        let Some(moments) = Moments::of(pomps) else {
            hash.update([1]);
            continue;
        };
        hash.update(moments.n.to_le_bytes());
        for value in [Some(&moments.mean), moments.variance.as_ref()].into_iter().flatten() {
            hash.update(value.to_string());
        }
        if let (Some(sd), Some(interval)) = (moments.sd(), moments.interval(0.0, 100.0, None)) {
            fold_bits(sd, hash);
            fold_interval(interval, hash);
        }
    }
}

fn fold_result<T>(result: Result<T, Reason>, fold: impl Fn(T, &mut Sha256), hash: &mut Sha256) {
    match result {
        Ok(value) => fold(value, hash),
        Err(reason) => hash.update(reason.code().as_bytes()),
    }
}

fn fold_interval(interval: Interval, hash: &mut Sha256) {
    fold_bits(interval.low, hash);
    fold_bits(interval.high, hash);
}

fn fold_difference(difference: Difference, hash: &mut Sha256) {
    let Difference { difference, interval, t, df, p } = difference;
    for value in [difference, t, df, p] {
        fold_bits(value, hash);
    }
    fold_interval(interval, hash);
}

fn fold_effect(effect: EffectSize, hash: &mut Sha256) {
    fold_bits(effect.value, hash);
    fold_interval(effect.interval, hash);
}

fn fold_ratio(value: Option<Ratio<i128>>, hash: &mut Sha256) {
    match value {
        None => hash.update([2]),
        Some(value) => {
            hash.update(value.numer().to_le_bytes());
            hash.update(value.denom().to_le_bytes());
        }
    }
}

fn fold_bits(value: f64, hash: &mut Sha256) {
    hash.update(value.to_bits().to_le_bytes());
}

/// A count has 64 bits here and 32 there: folded as 64.
fn fold_count(count: usize, hash: &mut Sha256) {
    hash.update((count as u64).to_le_bytes());
}

/// What a host of the WebAssembly module calls.
#[cfg(target_arch = "wasm32")]
mod exports {
    use super::digest_of;
    use std::sync::atomic::{AtomicU8, Ordering};

    const CAPACITY: usize = 256 * 1024;

    // Atomics rather than `static mut`: no unsafe block, and in WebAssembly the same plain bytes.
    static INPUT: [AtomicU8; CAPACITY] = [const { AtomicU8::new(0) }; CAPACITY];
    static OUTPUT: [AtomicU8; 32] = [const { AtomicU8::new(0) }; 32];

    /// Where the host writes a definition.
    #[unsafe(no_mangle)]
    pub extern "C" fn input() -> *const AtomicU8 {
        INPUT.as_ptr()
    }

    /// How many bytes [`input`] takes.
    #[unsafe(no_mangle)]
    pub extern "C" fn capacity() -> usize {
        CAPACITY
    }

    /// Where [`digest`] leaves its 32 bytes.
    #[unsafe(no_mangle)]
    pub extern "C" fn output() -> *const AtomicU8 {
        OUTPUT.as_ptr()
    }

    /// Computes the digest of the definition in the first `length` bytes of the input; says whether
    /// those were a definition.
    #[unsafe(no_mangle)]
    pub extern "C" fn digest(length: usize) -> bool {
        let definition: Vec<u8> =
            INPUT.iter().take(length).map(|byte| byte.load(Ordering::Relaxed)).collect();
        let Some(digest) = digest_of(&definition) else { return false };
        for (place, byte) in OUTPUT.iter().zip(digest) {
            place.store(byte, Ordering::Relaxed);
        }
        true
    }
}
