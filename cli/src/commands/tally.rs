//! `plumbline tally`: the counts of some results, to be added to the counts of others.

use crate::Finding;
use crate::catalog::Catalog;
use crate::counted::Counted;
use crate::failure::Failure;
use crate::files::{self, Source};
use crate::known::Known;
use crate::output::{Output, note, stream_new, write_new};
use scoring::jose::base64url;
use scoring::tally::Tally;
use std::io::{self, Write};
use std::path::PathBuf;

/// Count result files, so that the counts can be added to those of other machines
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Every file is verified and scored again from its answers. A person who handed in twice counts once, with the
newer result. What comes out are counts, which are the same whatever the order of the files: `plumbline merge`
adds them to others, `plumbline report --tally` makes a report of them. A tally holds no comments, and a list
of ids that keeps anybody from being counted twice; so everything that one person handed in must be in
one tally.

It is not signed and shows small groups, too: keep it as you keep the results.

Any number of files takes the same memory. From a few thousand on, what is needed of each is kept in an encrypted
temporary file, which is gone when the command ends: about 150 bytes a result, in the folder that TMPDIR names.

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

/// Some ids of a list, in ascending order, and behind those that came before.
pub type SomeIds = io::Result<Vec<[u8; 16]>>;

impl Target {
    /// Writes a tally that holds no ids: its lists are the respondents, then each survey's results. A list as one text
    /// would take more room than all the rest.
    pub fn write<List: Iterator<Item = SomeIds>>(
        &self,
        tally: &Tally,
        lists: impl IntoIterator<Item = List>,
        out: &mut Output,
    ) -> Result<(), Failure> {
        let write = |out: &mut dyn Write| {
            let mut lists = lists.into_iter();
            for piece in tally.to_json_around_ids() {
                out.write_all(piece.as_bytes())?;
                lists.next().map_or(Ok(()), |list| write_ids(list, out))?;
            }
            out.write_all(b"\n")
        };
        match &self.out {
            Some(path) => stream_new(path, self.force, write),
            None => Ok(write(out)?),
        }
    }
}

/// Writes ids as one text in base64url.
fn write_ids(list: impl Iterator<Item = SomeIds>, out: &mut dyn Write) -> io::Result<()> {
    let mut left = Vec::new();
    for ids in list {
        left.extend_from_slice(ids?.as_flattened());
        // Three bytes are four characters, whatever follows.
        let rest = left.split_off(left.len() / 3 * 3);
        out.write_all(base64url(&left).as_bytes())?;
        left = rest;
    }
    out.write_all(base64url(&left).as_bytes())
}

/// Carries the command out.
pub fn run(args: &Args, catalog: &Catalog, out: &mut Output) -> Result<Finding, Failure> {
    let reader = args.known.reader(catalog)?;
    let sources = match args.stdin {
        true => vec![Source::StandardInputLines],
        false => files::find_in_any_order(&args.paths)?,
    };
    let counted = Counted::read(sources, &reader)?;
    counted.counts.note();
    args.target.write(&counted.tally, counted.lists(), out)?;
    if let Some(path) = &args.counts {
        let by_code = serde_json::to_vec(&counted.counts.by_code()).map_err(io::Error::from)?;
        write_new(path, &by_code, args.target.force)?;
    }
    let nothing = counted.tally.surveys.is_empty();
    if nothing {
        note(format_args!("Nothing could be counted, and the tally is empty."));
    }
    Ok(Finding::problems_if(nothing && counted.counts.n_rejected() > 0))
}
