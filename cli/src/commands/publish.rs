//! `plumbline publish`: the group report as a signed file, and which results it counts.

use crate::Finding;
use crate::catalog::Catalog;
use crate::clock;
use crate::commands::invite::check_coach;
use crate::commands::report::Asked;
use crate::commands::verify::Counts;
use crate::failure::Failure;
use crate::files::Batch;
use crate::known::{GivenLink, Passphrase};
use crate::ledger::Kept;
use crate::output::{Output, note, write_new};
use scoring::cohort::{GroupReport, Release, Report, VerifiedLink};
use scoring::result::{Reader, VerifiedResult};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

/// Sign a group report for the participants, with a list of the results that it counts
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The report holds what `plumbline report` shows, without comments: those are yours to pass on. It hides what
rests on too few people. Each counted result is listed by a digest of it, so that its owner can see that it is
there (`plumbline receipt`) and nobody else learns whose it is. Anybody may read the file.

With --ledger, every report is compared with those that were made before with the same file: what their
difference would show of fewer people than the minimum is hidden, and a report whose very number of people would
show it is refused.

Where a wave's link was made anew, give every version of it; the first one names the report.

Examples:
  plumbline publish results/ --key team.key.jwe.json --link team.link --out team.report.jws.json
  plumbline publish results/ --key team.key.jwe.json --link team.link --ledger team.ledger.json --out second.report.jws.json
  plumbline publish results/ --key team.key.jwe.json --link team.link --roster 20 --out team.report.jws.json

Exit codes: 0 published, 1 nothing could be counted, or the ledger forbids it, and nothing was written, 2 something could not be read or
written, or fewer people were asked than answered.")]
pub struct Args {
    /// Files, folders (their .json and .jsonl files, and those below), or - for standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,

    /// The key file of the coach who made the link
    #[arg(long, value_name = "FILE")]
    key: PathBuf,

    #[command(flatten)]
    passphrase: Passphrase,

    /// The link that the results came through: an address, a bare token, or a file that holds one
    #[arg(long = "link", value_name = "LINK", required = true)]
    links: Vec<String>,

    /// The file to make; by custom its name ends in .report.jws.json
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    #[command(flatten)]
    asked: Asked,

    #[command(flatten)]
    kept: Kept,

    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

/// Carries the command out.
pub fn run(args: &Args, catalog: &Catalog, out: &mut Output) -> Result<Finding, Failure> {
    let links = args.links.iter().map(|link| Ok(Arc::new(GivenLink::read(link)?.link)));
    let links: Vec<Arc<VerifiedLink>> = links.collect::<Result<_, Failure>>()?;
    // Clap asks for at least one.
    let Some(link) = links.first().map(Arc::clone) else { return Err(Failure::OtherCohort) };
    let wave = |link: &VerifiedLink| (link.claims().id.clone(), link.claims().wave.clone());
    if links.iter().any(|other| wave(other) != wave(&link)) {
        return Err(Failure::OtherCohort);
    }
    let key = Arc::new(args.passphrase.open(&args.key)?);
    for link in &links {
        check_coach(&key, link)?;
    }
    let reader = Reader { links, keys: vec![Arc::clone(&key)], ..catalog.reader() };
    let batch = Batch::read(&args.paths, &reader)?;
    Counts::of(&batch.outcomes()).note();
    // Results without a cohort are none of this one's.
    let counted: Vec<&VerifiedResult> =
        batch.counted().into_iter().filter(|result| result.link().is_some()).collect();
    if counted.is_empty() {
        note(format_args!(
            "Nothing could be counted, and nothing was written.\nWhat to do: `plumbline verify PATH --link \
             LINK --key FILE` says of each file why it does not count."
        ));
        return Ok(Finding::Problems);
    }
    let receipts: Vec<[u8; 32]> = counted.iter().map(|result| *result.receipt()).collect();
    let ledger = args.kept.read()?;
    let released = ledger.reports(&counted, &args.asked.roster())?;
    let (reports, releases): (Vec<Report>, Vec<Release>) = released.into_iter().unzip();
    let unsigned = GroupReport::unsigned(&link, &reports, &receipts, clock::now());
    let report = unsigned.signed(&key.sign(&unsigned.signing_input()));
    write_new(&args.out, report.as_bytes(), args.force)?;
    args.kept.record(ledger, releases)?;
    let results = if counted.len() == 1 { "result" } else { "results" };
    writeln!(out, "{} {results} counted and listed", counted.len())?;
    Ok(Finding::Clean)
}
