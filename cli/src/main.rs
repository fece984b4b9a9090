//! The `plumbline` command line: the same scoring, verification and reports as in the browser, for
//! terminals, scheduled jobs and cohorts larger than a browser holds.
//!
//! | module | what it holds |
//! |---|---|
//! | [`catalog`] | the instruments known to this run: built in, and given with `--instruments` |
//! | [`files`] | finding result files and reading them within their size limits |
//! | [`sheet`] | the plain, unsigned answer sheet that `score` also reads |
//! | [`texts`] | "what happened" and "what to do" for every code, from the interface's catalogue |
//! | [`output`] | standard output that survives a closed pipe, and tables |
//! | [`progress`] | how far long work is, on standard error |
//! | [`commands`] | one module a command |
#![forbid(unsafe_code)]

mod catalog;
mod commands;
mod failure;
mod files;
mod output;
mod progress;
mod sheet;
mod texts;

use catalog::Catalog;
use clap::{Parser, Subcommand};
use failure::Failure;
use output::{Output, note};
use std::path::PathBuf;
use std::process::ExitCode;

/// Score, verify and report on signed survey results, without a browser and without a network.
#[derive(Debug, Parser)]
#[command(name = "plumbline", version, arg_required_else_help = true, after_help = AFTER_HELP)]
struct Cli {
    /// Adds the instruments of a folder; one with the id and version of a built-in one replaces it
    #[arg(long, global = true, value_name = "DIR")]
    instruments: Vec<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Examples:
  plumbline instruments                      which instruments this program knows
  plumbline verify results/                  checks every result file in a folder
  plumbline report results/ --format csv     the group's numbers, for a spreadsheet
  plumbline score ops-1.result.jws.json      one person's scores and what they suggest
  plumbline simulate ops --n 200 --seed 1 --out /tmp/ops

Exit codes:
  0  done, and nothing was wrong
  1  done, but a file was refused, an instrument has problems, or nothing could be counted
  2  could not be done: wrong arguments, or a path that is missing or cannot be read or written

A valid signature shows that a file is unchanged since it was signed with the key it names, and that two
files with one key share a holder. It does not show who that is, or that the answers are honest.";

#[derive(Debug, Subcommand)]
enum Command {
    Instruments(commands::instruments::Args),
    Score(commands::score::Args),
    Verify(commands::verify::Args),
    Report(commands::report::Args),
    Simulate(commands::simulate::Args),
}

/// How a command ended that could be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Finding {
    /// Nothing was wrong.
    Clean,
    /// Something was refused, faulty, or missing; the command has said what.
    Problems,
}

impl Finding {
    fn problems_if(found: bool) -> Self {
        if found { Finding::Problems } else { Finding::Clean }
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(Finding::Clean) => ExitCode::SUCCESS,
        Ok(Finding::Problems) => ExitCode::from(1),
        Err(failure) => {
            note(format_args!("plumbline: {failure}\nWhat to do: {}", failure.advice()));
            ExitCode::from(2)
        }
    }
}

fn run(cli: &Cli) -> Result<Finding, Failure> {
    let mut out = Output::stdout();
    let catalog = || Catalog::load(&cli.instruments);
    let finding = match &cli.command {
        Command::Instruments(args) => commands::instruments::run(args, catalog, &mut out),
        Command::Score(args) => commands::score::run(args, &catalog()?, &mut out),
        Command::Verify(args) => commands::verify::run(args, &catalog()?, &mut out),
        Command::Report(args) => commands::report::run(args, &catalog()?, &mut out),
        Command::Simulate(args) => commands::simulate::run(args, &catalog()?, &mut out),
    }?;
    out.finish()?;
    Ok(finding)
}
