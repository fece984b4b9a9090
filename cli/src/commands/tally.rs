//! `plumbline tally`: the counts of some results, to be added to the counts of others.

use crate::Finding;
use crate::catalog::Catalog;
use crate::commands::verify::Counts;
use crate::failure::Failure;
use crate::files::{self, Source};
use crate::known::Known;
use crate::output::{Output, note, write_new};
use crate::texts::UNREADABLE;
use scoring::result::Reader;
use scoring::tally::{Record, Recorder, Standing, Tally, Tallying};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::thread;

/// Count result files, so that the counts can be added to those of other machines
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Every file is verified and scored again from its answers. A person who handed in twice counts once, with the
newer result. What comes out are counts, which are the same whatever the order of the files: `plumbline merge`
adds them to others, `plumbline report --tally` makes a report of them. A tally holds no comments, and a list
of ids that keeps anybody from being counted twice; so everything that one person handed in must be in
one tally.

It is not signed and shows small groups, too: keep it as you keep the results.

Counts of accepted, rejected and duplicate files go to standard error; `plumbline verify` says more of each.

Examples:
  plumbline tally results/ --out team.tally.json
  plumbline tally north.jsonl --link team.link --key team.key.jwe.json --out north.tally.json
  cat north.jsonl | plumbline tally --stdin > north.tally.json
  plumbline tally north.jsonl --out north.tally.json --counts north.counts.json

Exit codes: 0 counted, 1 there were results and none of them counts, 2 something could not be read or written.")]
pub struct Args {
    /// Files, folders (their .json and .jsonl files, and those below), or - for standard input
    #[arg(value_name = "PATH", required_unless_present = "stdin")]
    paths: Vec<PathBuf>,

    /// Read one signed result a line from standard input
    #[arg(long, conflicts_with = "paths")]
    stdin: bool,

    #[command(flatten)]
    known: Known,

    #[command(flatten)]
    target: Target,

    /// Also write how many files went which way, as an object of numbers by code
    #[arg(long, value_name = "FILE")]
    counts: Option<PathBuf>,
}

/// Where a tally goes.
#[derive(Debug, clap::Args)]
pub struct Target {
    /// The file to make, by custom .tally.json; without it the tally goes to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Replace the file if it exists
    #[arg(long, requires = "out")]
    force: bool,
}

impl Target {
    /// Writes a tally.
    pub fn write(&self, tally: &Tally, out: &mut Output) -> Result<(), Failure> {
        let file = tally.to_json() + "\n";
        match &self.out {
            Some(path) => write_new(path, file.as_bytes(), self.force),
            None => Ok(out.write_all(file.as_bytes())?),
        }
    }
}

/// Carries the command out.
pub fn run(args: &Args, catalog: &Catalog, out: &mut Output) -> Result<Finding, Failure> {
    let reader = args.known.reader(catalog)?;
    let sources = match args.stdin {
        true => vec![Source::StandardInputLines],
        false => files::find(&args.paths)?,
    };
    let Counted { tally, counts } = Counted::read(sources, &reader);
    counts.note();
    args.target.write(&tally, out)?;
    if let Some(path) = &args.counts {
        let by_code = serde_json::to_vec(&counts.by_code()).map_err(std::io::Error::from)?;
        write_new(path, &by_code, args.target.force)?;
    }
    let nothing = tally.surveys.is_empty();
    if nothing {
        note(format_args!("Nothing could be counted, and the tally is empty."));
    }
    Ok(Finding::problems_if(nothing && counts.n_rejected() > 0))
}

/// What counts of many results, and how many of their files went which way.
pub struct Counted {
    /// What counts.
    pub tally: Tally,
    /// The files.
    pub counts: Counts,
}

impl Counted {
    /// Reads, verifies and counts by all cores. Of each result only its [`Record`] is held.
    pub fn read(sources: Vec<Source>, reader: &Reader) -> Self {
        let of_each_core = files::share(sources, "counted", reader, |judged| {
            let mut recorder = Recorder::default();
            let (mut records, mut rejected) = (Chunks::default(), BTreeMap::new());
            for (_, result) in judged {
                match result.verdict {
                    Ok(Ok(result)) => records.push(recorder.record(&result)),
                    Ok(Err(refusal)) => *rejected.entry(refusal.code()).or_default() += 1,
                    Err(_) => *rejected.entry(UNREADABLE).or_default() += 1,
                }
            }
            (records, rejected)
        });
        let records: Vec<&Record> =
            of_each_core.iter().flat_map(|(records, _)| records.0.iter().flatten()).collect();
        let mut rejected = BTreeMap::new();
        for (code, n) in of_each_core.iter().flat_map(|(_, rejected)| rejected) {
            *rejected.entry((*code).to_owned()).or_default() += n;
        }
        let standing = Standing::of(records.iter().map(|record| &record.identity));
        let counts = Counts {
            n_accepted: standing.distinct.len(),
            n_superseded: standing.distinct.len() - standing.newest.len(),
            n_reused: standing.newest.len() - standing.counted.len(),
            n_duplicates: records.len() - standing.distinct.len(),
            rejected,
        };
        Counted { tally: tally(&records, &standing.counted), counts }
    }
}

/// Records in lists of one length: a single one that doubles would be half empty, and be copied while it is read.
#[derive(Default)]
struct Chunks(Vec<Vec<Record>>);

impl Chunks {
    const LENGTH: usize = 1024;

    fn push(&mut self, record: Record) {
        match self.0.last_mut() {
            Some(chunk) if chunk.len() < Self::LENGTH => chunk.push(record),
            _ => {
                let mut chunk = Vec::with_capacity(Self::LENGTH);
                chunk.push(record);
                self.0.push(chunk);
            }
        }
    }
}

/// Some of the records, counted by all cores.
fn tally(records: &[&Record], places: &[usize]) -> Tally {
    let count = |places: &[usize]| {
        let mut counting = Tallying::default();
        for record in places.iter().filter_map(|idx| records.get(*idx)) {
            counting.add(record);
        }
        counting
    };
    let share = places.len().div_ceil(files::n_cores()).max(1);
    let mut tally = Tally::default();
    thread::scope(|scope| {
        let counting: Vec<_> =
            places.chunks(share).map(|places| scope.spawn(|| count(places))).collect();
        for counting in counting {
            files::joined(counting).finish_into(&mut tally);
        }
    });
    tally
}
