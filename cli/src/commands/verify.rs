//! `plumbline verify`: which files are whole, and what to do about the others.

use crate::Finding;
use crate::catalog::Catalog;
use crate::commands::explain;
use crate::failure::Failure;
use crate::files::Batch;
use crate::known::Known;
use crate::output::{Output, note, printable};
use crate::texts::Texts;
use scoring::cohort::{Outcome, Status};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

/// Check that result files are whole, unchanged since they were signed, and readable here
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each file is accepted, rejected, or a duplicate of another one in the same run. An accepted file whose
code is \"superseded\" does not count, because the same person handed in a newer result.

Examples:
  plumbline verify ops-1.result.jws.json
  plumbline verify results/ more.jsonl --json
  plumbline verify results/ --link team.link --key team.key.jwe.json
  plumbline verify --explain ops-1.result.jws.json team.link 'https://example.org/survey/#/join/eyJhbGci…'
  cat result.json | plumbline verify -

Exit codes: 0 nothing was rejected, 1 something was, 2 a path could not be read.")]
pub struct Args {
    /// Files, folders (their .json and .jsonl files, and those below), or - for standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,

    /// Say of each file or link what it is, what was checked, what it says, and what that proves.
    /// Any kind that Plumbline makes is understood
    #[arg(long)]
    explain: bool,

    #[command(flatten)]
    known: Known,

    /// Print an array of {"file", "status", "code", "message"}, or of explanations, and nothing else
    #[arg(long)]
    json: bool,
}

/// One element of what `--json` prints.
#[derive(Serialize)]
struct Row<'a> {
    file: &'a str,
    status: Status,
    code: &'a str,
    message: &'a str,
}

/// Carries the command out.
pub fn run(args: &Args, catalog: &Catalog, out: &mut Output) -> Result<Finding, Failure> {
    let reader = args.known.reader(catalog)?;
    if args.explain {
        return explain::run(&args.paths, &reader, args.json, out);
    }
    let outcomes = Batch::read(&args.paths, &reader)?.outcomes();
    let counts = Counts::of(&outcomes);
    if args.json {
        write_json(&outcomes, out)?;
    } else {
        write_text(&outcomes, out)?;
        writeln!(out, "{}", counts.summary())?;
    }
    if outcomes.is_empty() {
        note(format_args!("There are no .json or .jsonl files there."));
    }
    Ok(Finding::problems_if(counts.n_rejected() > 0))
}

fn write_json(outcomes: &[Outcome], out: &mut Output) -> Result<(), Failure> {
    let mut before = "[\n";
    for outcome in outcomes {
        let Outcome { file, status, code, message, .. } = outcome;
        let row = serde_json::to_string(&Row { file, status: *status, code, message });
        write!(out, "{before}{}", row.map_err(std::io::Error::from)?)?;
        before = ",\n";
    }
    writeln!(out, "{}", if outcomes.is_empty() { "[]" } else { "\n]" })?;
    Ok(())
}

fn write_text(outcomes: &[Outcome], out: &mut Output) -> Result<(), Failure> {
    let texts = Texts::english();
    for outcome in outcomes {
        let Outcome { file, status, code, message, .. } = outcome;
        let file = printable(file);
        match status {
            Status::Accepted if code == "counted" => writeln!(out, "accepted   {file}")?,
            Status::Accepted => writeln!(out, "accepted   {file}: {message}")?,
            Status::Duplicate => writeln!(out, "duplicate  {file}: {message}")?,
            Status::Rejected => write_rejected(&texts, &file, code, message, out)?,
        }
    }
    Ok(())
}

/// Why a file was refused, and what to do.
pub fn write_rejected(
    texts: &Texts,
    file: &str,
    code: &str,
    message: &str,
    out: &mut Output,
) -> Result<(), Failure> {
    writeln!(out, "rejected   {}: {} ({code})", printable(file), printable(message))?;
    write_advice(texts, code, out)
}

/// What happened and what to do, each on a line of its own.
pub fn write_advice(texts: &Texts, code: &str, out: &mut Output) -> Result<(), Failure> {
    if let Some((what, advice)) = texts.of(code) {
        writeln!(out, "           {what}\n           What to do: {advice}")?;
    }
    Ok(())
}

/// How many files went which way.
#[derive(Debug, Default)]
pub struct Counts {
    /// Whole and unchanged.
    pub n_accepted: usize,
    /// Of those, older ones of people who handed in again.
    pub n_superseded: usize,
    /// Of those, older ones that came with the same invitation.
    pub n_reused: usize,
    /// The same content once more.
    pub n_duplicates: usize,
    /// Files that count nowhere, by code.
    pub rejected: BTreeMap<String, usize>,
}

impl Counts {
    /// Counts verdicts.
    pub fn of(outcomes: &[Outcome]) -> Self {
        let mut counts = Counts::default();
        for outcome in outcomes {
            match outcome.status {
                Status::Accepted => counts.n_accepted += 1,
                Status::Duplicate => counts.n_duplicates += 1,
                Status::Rejected => *counts.rejected.entry(outcome.code.clone()).or_default() += 1,
            }
            counts.n_superseded += usize::from(outcome.code == "superseded");
            counts.n_reused += usize::from(outcome.code == "invitation_reused");
        }
        counts
    }

    /// How many files count nowhere.
    pub fn n_rejected(&self) -> usize {
        self.rejected.values().sum()
    }

    /// How many files there are of each code, as [`Outcome`] has them; of what counts, only that it does.
    pub fn by_code(&self) -> BTreeMap<&str, usize> {
        let Counts { n_accepted, n_superseded, n_reused, n_duplicates, rejected } = self;
        let accepted = [
            ("counted", n_accepted - n_superseded - n_reused),
            ("superseded", *n_superseded),
            ("invitation_reused", *n_reused),
            ("duplicate", *n_duplicates),
        ];
        rejected.iter().map(|(code, n)| (code.as_str(), *n)).chain(accepted).collect()
    }

    /// The counts in one line.
    pub fn summary(&self) -> String {
        let Counts { n_accepted, n_superseded, n_duplicates, .. } = self;
        let duplicates = if *n_duplicates == 1 { "duplicate" } else { "duplicates" };
        format!(
            "{n_accepted} accepted ({n_superseded} of them superseded by a newer one), \
             {n_duplicates} {duplicates}, {} rejected",
            self.n_rejected()
        )
    }

    /// Says on standard error how many files went which way, and how many were rejected for which reasons.
    pub fn note(&self) {
        note(format_args!("{}", self.summary()));
        if !self.rejected.is_empty() {
            let codes = self.rejected.iter().map(|(code, n)| format!("{n} {code}"));
            let codes = codes.collect::<Vec<_>>().join(", ");
            note(format_args!("Rejected: {codes}. `plumbline verify` says why and what to do."));
        }
    }
}
