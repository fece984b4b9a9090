//! `plumbline simulate`: signed results of respondents that a seed determines.
//!
//! # The respondents
//!
//! A respondent has one general trait g and one trait t a scale, an item has a shift h that all
//! respondents share and noise e of its own in each respondent; all are approximately normal. The
//! position of an answer is L + (H − L)(0.55 + 0.25 (0.50 g + 0.40 t̄ + 0.77 e + 0.35 h)), rounded to
//! a code and kept within the bounds, where t̄ averages the scales that the item belongs to. Items of
//! one scale therefore correlate at about 0.3 to 0.4, which gives positive reliabilities. A reversed
//! item is then turned round. About 1.5 % of the questions are skipped, and 2 % are answered "not
//! applicable" where that is offered. Options of closed questions are equally likely; a ranking is a
//! random selection; a third of the respondents write to an open question.
//!
//! # Reproducibility
//!
//! ChaCha20 is seeded, for each respondent, with SHA-256 of a domain string, the instrument, its
//! version, the rater, the seed and the respondent's number: respondent 7 is the same however many
//! there are. Normals are sums of twelve uniforms in integers (Irwin–Hall), times count from a fixed
//! instant, and no clock, float or map order takes part, so that the same command gives the same
//! bytes everywhere.
//!
//! Of a pair (`--pairs`), leader and manager share a part of every trait, 0.6 to 0.8 of their own, so that
//! their ratings correlate; the pair's id and that part come from a source of their own.
//!
//! With a cohort's link, what belongs to the cohort (options of the coach's cuts, of which one in ten
//! is not chosen, invitations, and the random bits of sealing) is drawn from a source of its own, so
//! that the answers stay those of the same respondent without a link. Times then count from the
//! making of the link.

use crate::Finding;
use crate::catalog::Catalog;
use crate::commands::invite::{check_coach, invitation};
use crate::failure::Failure;
use crate::known::{GivenLink, Passphrase};
use crate::output::{Output, printable};
use crate::progress::Progress;
use clap::builder::PossibleValuesParser;
use ed25519_dalek::{Signer, SigningKey};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use scoring::answers::{Answer, AnswerSheet};
use scoring::coach::CoachKey;
use scoring::cohort::{Seat, VerifiedLink};
use scoring::instrument::{Instrument, Item, ItemKind, Rater, Response};
use scoring::jose::{Sealing, base64url, seal};
use scoring::result::{App, Membership, Signing, Timing, unsigned};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Write signed results of simulated respondents, for tests, benchmarks and rehearsals
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The same command writes the same bytes on every machine. Answers come from a latent trait a respondent and
noise an item, so that scales have positive reliability; 1-2 % of questions are skipped, some are answered
\"don't know\". Each respondent signs with a key of their own. The files say that they are simulated.

Files are named <instrument>-<00001>.result.jws.json, with the rater after the instrument if it is not self;
sealed ones end in .result.jwe.json.

With --link they answer for a cohort, as its link asks: with options of its cuts, sealed if it seals, and
with invitations if it invites one by one and the coach's key is given to sign them.

Examples:
  plumbline simulate ops --n 200 --seed 1 --out /tmp/ops
  plumbline simulate leader_180 --rater manager --n 20 --seed 1 --out /tmp/managers
  plumbline simulate ops --n 100000 --seed 1 --jsonl /tmp/ops.jsonl
  plumbline simulate ops --n 40 --seed 1 --out /tmp/team --link team.link
  plumbline simulate leader_180 --pairs 12 --seed 1 --out /tmp/pairs --link pairs.link --key team.key.jwe.json")]
pub struct Args {
    /// The instrument: its id, or id/version for another than the newest
    instrument: String,

    /// Number of respondents
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000), required_unless_present = "pairs")]
    n: Option<u32>,

    /// Number of pairs, a leader and their manager each, instead of respondents; with --link and --key
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000), requires = "key", conflicts_with_all = ["n", "rater"])]
    pairs: Option<u32>,

    /// Any whole number; another seed gives other people
    #[arg(long, value_name = "S")]
    seed: u64,

    /// Folder for one file a respondent; made if missing, and it must be empty
    #[arg(long, value_name = "DIR", required_unless_present = "jsonl")]
    out: Option<PathBuf>,

    /// File for all results, one a line
    #[arg(long, value_name = "FILE")]
    jsonl: Option<PathBuf>,

    /// Who answers, for instruments with several raters
    #[arg(long, value_parser = PossibleValuesParser::new(["self", "manager"]))]
    rater: Option<String>,

    /// Answer for the cohort of this link: an address, a bare token, or a file that holds one
    #[arg(long, value_name = "LINK")]
    link: Option<String>,

    /// Do not seal, though the link asks for it
    #[arg(long, requires = "link")]
    unsealed: bool,

    /// The coach's key file, to sign invitations with
    #[arg(long, value_name = "FILE", requires = "link")]
    key: Option<PathBuf>,

    #[command(flatten)]
    passphrase: Passphrase,

    /// Write into a folder that is not empty, replacing files of the same names
    #[arg(long)]
    force: bool,
}

/// 2026-01-01T00:00:00Z, when the first simulated respondent without a cohort began.
const FIRST_START: i64 = 1_767_225_600;

/// Seconds from one respondent's start to the next one's.
const START_EVERY: i64 = 60;

/// Carries the command out.
pub fn run(args: &Args, catalog: &Catalog, out: &mut Output) -> Result<Finding, Failure> {
    let instrument = &catalog.named(&args.instrument)?.instrument;
    let cohort = args.link.as_ref().map(|link| Cohort::read(link, args, instrument)).transpose()?;
    let raters = match args.pairs {
        None => vec![rater(args.rater.as_deref(), instrument)?],
        Some(_) if cohort.as_ref().is_none_or(|cohort| cohort.key.is_none()) => {
            return Err(Failure::NoInvitations);
        }
        Some(_) => vec![rater(Some("self"), instrument)?, rater(Some("manager"), instrument)?],
    };
    let mut sink = Sink::open(args)?;
    for rater in raters {
        write_results(args, instrument, rater, cohort.as_ref(), &mut sink)?;
    }
    sink.finish()?;
    let definition = instrument.definition();
    let what = match args.pairs {
        None => format!("{} results", args.n.unwrap_or(0)),
        Some(n) => format!("results of {n} pairs"),
    };
    for target in [&args.out, &args.jsonl].into_iter().flatten() {
        let target = printable(&target.to_string_lossy());
        writeln!(out, "{what} of {} {} in {target}", definition.id, definition.version)?;
    }
    Ok(Finding::Clean)
}

/// Everybody in one role.
fn write_results(
    args: &Args,
    instrument: &Instrument,
    rater: Rater,
    cohort: Option<&Cohort>,
    sink: &mut Sink,
) -> Result<(), Failure> {
    let population = Population::new(instrument, rater, args.seed, args.pairs.is_some());
    let definition = instrument.definition();
    let stem = match rater {
        Rater::Own => definition.id.clone(),
        other => format!("{}-{}", definition.id, other.code()),
    };
    let mut progress = Progress::new("signed", 0);
    for number in 1..=args.pairs.or(args.n).unwrap_or(0) {
        let mut cohort = cohort.map(|cohort| (cohort, population.member(number, cohort)));
        let seat = args.pairs.map(|_| population.seat(number));
        let membership =
            cohort.as_mut().map(|(cohort, draw)| cohort.membership(draw, seat.as_ref()));
        let signed = population.result(number, membership)?;
        let sealed = match &mut cohort {
            Some((cohort, draw)) => cohort.sealed(&signed, draw)?,
            None => None,
        };
        let (result, end) = match sealed {
            Some(sealed) => (sealed, "result.jwe.json"),
            None => (signed, "result.jws.json"),
        };
        progress.step(1, result.len() as u64);
        sink.write(&format!("{stem}-{number:05}.{end}"), &result)?;
    }
    Ok(())
}

fn rater(code: Option<&str>, instrument: &Instrument) -> Result<Rater, Failure> {
    let raters = &instrument.definition().raters;
    let wanted = match code {
        None => raters.first().copied(),
        Some(code) => Rater::from_code(code).filter(|rater| raters.contains(rater)),
    };
    wanted.ok_or_else(|| Failure::Rater {
        instrument: instrument.definition().id.clone(),
        rater: code.unwrap_or_default().to_owned(),
    })
}

/// The cohort that simulated respondents answer for.
struct Cohort {
    link: VerifiedLink,
    /// Signs invitations, if the link asks for them.
    key: Option<CoachKey>,
    /// The key that results are sealed for, if they are.
    seal: Option<[u8; 32]>,
}

impl Cohort {
    fn read(link: &str, args: &Args, instrument: &Instrument) -> Result<Self, Failure> {
        let link = GivenLink::read(link)?.link;
        let claims = link.claims();
        let definition = instrument.definition();
        if !claims.asks_for(&definition.id, &definition.version, &instrument.sha256_hex()) {
            return Err(Failure::NotAsked(format!("{} {}", definition.id, definition.version)));
        }
        let key = match &args.key {
            Some(path) if claims.invitation => {
                let key = args.passphrase.open(path)?;
                check_coach(&key, &link)?;
                Some(key)
            }
            None if claims.invitation => return Err(Failure::InvitationKey),
            _ => None,
        };
        let seal = claims.seal.filter(|_| !args.unsealed);
        Ok(Cohort { link, key, seal })
    }

    fn membership(&self, draw: &mut Draw, seat: Option<&Seat>) -> Membership {
        let id = draw.bytes();
        let cuts = self.link.claims().cuts.iter().filter_map(|cut| {
            // Drawn in any case, so that a cut left out does not move the ones after it.
            let (is_stated, idx) = (draw.happens(900), draw.index(cut.options.len()));
            let option = i64::try_from(idx + 1).ok().filter(|_| is_stated)?;
            Some((cut.id.clone(), option))
        });
        let cuts = cuts.collect();
        let invitation = self.key.as_ref().map(|key| invitation(key, &self.link, &id, seat));
        Membership { link: self.link.clone(), invitation, cuts }
    }

    fn sealed(&self, signed: &str, draw: &mut Draw) -> Result<Option<String>, Failure> {
        let Some(to) = &self.seal else { return Ok(None) };
        let fresh = Sealing { ephemeral: draw.bytes(), iv: draw.bytes() };
        seal(signed, to, &fresh).map(Some).ok_or(Failure::WeakSeal)
    }
}

/// Where results go.
struct Sink {
    folder: Option<PathBuf>,
    lines: Option<(PathBuf, BufWriter<File>)>,
}

impl Sink {
    /// Refuses to mix results with what is there, before anything is written.
    fn open(args: &Args) -> Result<Self, Failure> {
        if let Some(folder) = &args.out {
            fs::create_dir_all(folder).map_err(written(folder))?;
            let mut present = fs::read_dir(folder).map_err(written(folder))?;
            if present.next().is_some() && !args.force {
                return Err(Failure::NotEmpty(folder.clone()));
            }
        }
        let open = |path: &PathBuf| {
            let mut options = fs::OpenOptions::new();
            options.write(true).truncate(true).create(true).create_new(!args.force);
            match options.open(path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    Err(Failure::Exists(path.clone()))
                }
                Err(error) => Err(written(path)(error)),
                Ok(file) => Ok((path.clone(), BufWriter::new(file))),
            }
        };
        let lines = args.jsonl.as_ref().map(open).transpose()?;
        Ok(Sink { folder: args.out.clone(), lines })
    }

    fn write(&mut self, name: &str, result: &str) -> Result<(), Failure> {
        if let Some(folder) = &self.folder {
            let path = folder.join(name);
            fs::write(&path, result).map_err(written(&path))?;
        }
        if let Some((path, lines)) = &mut self.lines {
            writeln!(lines, "{result}").map_err(written(path))?;
        }
        Ok(())
    }

    fn finish(self) -> Result<(), Failure> {
        match self.lines {
            Some((path, mut lines)) => lines.flush().map_err(written(&path)),
            None => Ok(()),
        }
    }
}

fn written(path: &Path) -> impl FnOnce(io::Error) -> Failure {
    let path = path.to_owned();
    move |source| Failure::Write { path, source }
}

/// Fixed-point numbers with 16 fractional bits.
const ONE: i64 = 1 << 16;

/// Everyone who could be simulated for one instrument, rater and seed.
struct Population<'a> {
    instrument: &'a Instrument,
    rater: Rater,
    seed: u64,
    /// Whether a leader and a manager of the same number describe the same leader.
    paired: bool,
    /// h of each item.
    shifts: BTreeMap<&'a str, i64>,
    /// Scales of each item.
    scales: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Population<'a> {
    fn new(instrument: &'a Instrument, rater: Rater, seed: u64, paired: bool) -> Self {
        let definition = instrument.definition();
        let mut population = Population {
            instrument,
            rater,
            seed,
            paired,
            shifts: BTreeMap::new(),
            scales: BTreeMap::new(),
        };
        for item in &definition.items {
            let shift = population.draw(&format!("item {}", item.id)).normal();
            population.shifts.insert(&item.id, shift);
        }
        for scale in &definition.scales {
            for item in &scale.items {
                population.scales.entry(item).or_default().push(&scale.id);
            }
        }
        population
    }

    /// A random source for one purpose, independent of every other.
    fn draw(&self, purpose: &str) -> Draw {
        self.draw_as(self.rater.code(), purpose)
    }

    fn draw_as(&self, rater: &str, purpose: &str) -> Draw {
        let definition = self.instrument.definition();
        let (id, version) = (&definition.id, &definition.version);
        let seed = self.seed;
        let seed = format!("plumbline-simulate-v1\n{id}\n{version}\n{rater}\n{seed}\n{purpose}");
        Draw(ChaCha20Rng::from_seed(Sha256::digest(seed).into()))
    }

    /// The random source for a respondent's place in a cohort.
    fn member(&self, number: u32, cohort: &Cohort) -> Draw {
        self.draw(&format!("respondent {number} of {}", cohort.link.sha256_hex()))
    }

    /// A place in the pair of this number.
    fn seat(&self, number: u32) -> Seat {
        let id: [u8; 16] = self.draw_as("pair", &format!("id {number}")).bytes();
        Seat { pair: base64url(&id), rater: self.rater }
    }

    /// The signed result of a respondent.
    fn result(&self, number: u32, membership: Option<Membership>) -> Result<String, Failure> {
        let mut draw = self.draw(&format!("respondent {number}"));
        let key = SigningKey::from_bytes(&draw.bytes());
        let token_id = draw.bytes();
        let sheet = self.sheet(number, &mut draw);
        sheet.check(self.instrument).map_err(Failure::Simulation)?;
        let definition = self.instrument.definition();
        let screens = definition.sections.iter().flat_map(|section| &section.screens);
        let timing =
            Timing { screens: screens.map(|_| 20 + draw.below(70).cast_signed()).collect() };
        let first_start =
            membership.as_ref().map_or(FIRST_START, |membership| membership.link.claims().iat);
        let started_at = first_start + i64::from(number - 1) * START_EVERY;
        let submitted_at = started_at + timing.screens.iter().sum::<i64>();
        let signing = Signing {
            app: App {
                name: "plumbline simulate".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                build: "simulated".to_owned(),
            },
            lang: definition.languages.first().cloned().unwrap_or_default(),
            started_at,
            submitted_at,
            issued_at: submitted_at,
            token_id,
            timing,
            membership,
        };
        let public = key.verifying_key().to_bytes();
        let unsigned = unsigned(self.instrument, &sheet, &public, &signing);
        let signature = key.sign(&unsigned.signing_input()).to_bytes();
        Ok(unsigned.signed(&signature))
    }

    fn sheet(&self, number: u32, draw: &mut Draw) -> AnswerSheet {
        let mut shared = self.paired.then(|| self.draw_as("pair", &format!("traits {number}")));
        // 0.6² + 0.8² = 1: what both see, and what each sees alone.
        let mut seen = |own: i64| match &mut shared {
            None => own,
            Some(shared) => (60 * shared.normal() + 80 * own) / 100,
        };
        let general = seen(draw.normal());
        let scales = self.instrument.definition().scales.iter();
        let traits: BTreeMap<&str, i64> =
            scales.map(|scale| (scale.id.as_str(), seen(draw.normal()))).collect();
        let mut sheet = AnswerSheet::new(self.rater);
        for item in self.instrument.presented() {
            if !sheet.shows(item) {
                continue;
            }
            let id = item.id.clone();
            match &item.kind {
                ItemKind::Rating { .. } | ItemKind::Choice { .. } => {
                    let answer = self.answer(item, general, &traits, draw);
                    sheet.answers.insert(id, answer);
                }
                ItemKind::Ranking { candidates, pick } => {
                    sheet.rankings.insert(id, draw.ranking(candidates, *pick));
                }
                ItemKind::Text { max_chars } => {
                    if draw.happens(333) {
                        let text = COMMENTS.get(draw.index(COMMENTS.len())).copied();
                        let text = text.unwrap_or_default().chars().take(*max_chars).collect();
                        sheet.texts.insert(id, text);
                    }
                }
            }
        }
        sheet
    }

    fn answer(
        &self,
        item: &Item,
        general: i64,
        traits: &BTreeMap<&str, i64>,
        draw: &mut Draw,
    ) -> Answer {
        let Some(response) = self.instrument.response_of(item) else { return Answer::Skipped };
        // Drawn in any case, so that a skipped question does not move the ones after it.
        let (is_skipped, is_na) = (draw.happens(15), draw.happens(20));
        let code = match (response, &item.kind) {
            (Response::Rating { min, max, .. }, ItemKind::Rating { reversed, .. }) => {
                let of_scales =
                    self.scales.get(item.id.as_str()).map_or(&[] as &[_], Vec::as_slice);
                let own: i64 = of_scales.iter().filter_map(|scale| traits.get(scale)).sum();
                let own = own / i64::try_from(of_scales.len().max(1)).unwrap_or(1);
                let shift = self.shifts.get(item.id.as_str()).copied().unwrap_or(0);
                let noise = draw.normal();
                let x = (50 * general + 40 * own + 77 * noise + 35 * shift) / 100;
                let position = min * ONE + (max - min) * (ONE * 55 / 100 + x / 4);
                let keyed = (position + ONE / 2).div_euclid(ONE).clamp(*min, *max);
                Some(if *reversed { min + max - keyed } else { keyed })
            }
            (response, _) => {
                let codes = response.codes();
                codes.get(draw.index(codes.len())).copied()
            }
        };
        match code {
            _ if is_skipped => Answer::Skipped,
            _ if is_na && response.not_applicable() => Answer::NotApplicable,
            Some(code) => Answer::Code(code),
            None => Answer::Skipped,
        }
    }
}

/// What simulated respondents write: ordinary sentences, some beyond ASCII.
const COMMENTS: [&str; 6] = [
    "Decisions wait for one person, and then everything is urgent.",
    "The weekly review helps. Please keep it.",
    "We start more than we finish.",
    "People speak openly here – that is worth protecting.",
    "Les priorités changent trop souvent d'une semaine à l'autre.",
    "Simulated comment 😀 with \"quotes\", commas, and a\nsecond line.",
];

/// Random draws in integers.
struct Draw(ChaCha20Rng);

impl Draw {
    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// Uniform below `n`, without the bias of a bare remainder.
    fn below(&mut self, n: u64) -> u64 {
        let n = n.max(1);
        loop {
            let drawn = self.0.next_u64();
            if drawn < u64::MAX - u64::MAX % n {
                return drawn % n;
            }
        }
    }

    fn index(&mut self, n: usize) -> usize {
        usize::try_from(self.below(n as u64)).unwrap_or(0)
    }

    fn happens(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// Mean 0 and standard deviation 1 in fixed point.
    fn normal(&mut self) -> i64 {
        (0..12).map(|_| self.below(ONE.unsigned_abs()).cast_signed()).sum::<i64>() - 6 * ONE
    }

    /// Usually all places filled, sometimes fewer.
    fn ranking(&mut self, candidates: &[String], pick: usize) -> Vec<String> {
        let n_picked = if self.happens(900) { pick } else { self.index(pick + 1) };
        let mut left = candidates.to_vec();
        let take = |_| (!left.is_empty()).then(|| left.remove(self.index(left.len())));
        (0..n_picked).map_while(take).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normals_have_mean_zero_and_deviation_one() {
        let mut draw = Draw(ChaCha20Rng::from_seed([7; 32]));
        let values: Vec<f64> = (0..20_000).map(|_| draw.normal() as f64 / ONE as f64).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.04, "{mean} {variance}");
    }
}
