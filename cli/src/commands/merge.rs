//! `plumbline merge`: the counts of several tallies, added up.

use crate::Finding;
use crate::catalog::Catalog;
use crate::commands::tally::Target;
use crate::failure::Failure;
use crate::output::{Output, note};
use scoring::result::Reader;
use scoring::tally::{Ids, Tally};
use std::fs;
use std::mem;
use std::path::PathBuf;

/// Add tallies up
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The order of the tallies makes no difference, and neither does which results were counted together: the same
results always end in the same file. Tallies that both count somebody are refused, because nobody can tell any
more what to take off.

Examples:
  plumbline merge north.tally.json south.tally.json --out all.tally.json
  plumbline merge shards/*.tally.json > all.tally.json
  plumbline report --tally all.tally.json

Exit codes: 0 added up, 2 a tally could not be read, or counts somebody whom another one counts, too.")]
pub struct Args {
    /// Tallies, as `plumbline tally` and `plumbline merge` write them
    #[arg(value_name = "TALLY", required = true)]
    tallies: Vec<PathBuf>,

    #[command(flatten)]
    target: Target,
}

/// Carries the command out.
pub fn run(args: &Args, catalog: &Catalog, out: &mut Output) -> Result<Finding, Failure> {
    let mut tally = merged(&args.tallies, &catalog.reader())?;
    let results = tally.surveys.values_mut().map(|survey| mem::take(&mut survey.results));
    let lists: Vec<Ids> = [mem::take(&mut tally.respondents)].into_iter().chain(results).collect();
    let some = |ids: &[[u8; 16]]| Ok(ids.to_vec());
    args.target.write(
        &tally,
        lists.iter().map(|ids| ids.as_slice().chunks(1024).map(some)),
        out,
    )?;
    let n: u64 = tally.surveys.values().map(|survey| survey.all.n).sum();
    note(format_args!("{n} {} counted", if n == 1 { "result" } else { "results" }));
    Ok(Finding::Clean)
}

/// Some tallies, added up.
pub fn merged(paths: &[PathBuf], reader: &Reader) -> Result<Tally, Failure> {
    let mut merged = Tally::default();
    for (n_before, path) in paths.iter().enumerate() {
        let tally = read(path, reader)?;
        merged.merge(&tally).map_err(|all| {
            // Read again: kept, all tallies would take as much room as their sum.
            let mut earlier = paths.iter().take(n_before);
            let shared = |one| Some((one, read(one, reader).ok()?.overlap(&tally)?));
            let (one, overlap) = earlier.find_map(shared).unwrap_or((path, all));
            Failure::Overlap { one: one.clone(), other: path.clone(), overlap }
        })?;
    }
    Ok(merged)
}

fn read(path: &PathBuf, reader: &Reader) -> Result<Tally, Failure> {
    let file = fs::read(path).map_err(|source| Failure::Read { path: path.clone(), source })?;
    Tally::read(&file, &reader.instruments)
        .map_err(|fault| Failure::Tally { path: path.clone(), fault })
}
