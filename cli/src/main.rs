//! The `plumbline` command line: the same scoring, verification and reports as in the browser, for
//! terminals, scheduled jobs and cohorts larger than a browser holds.
//!
//! | module | what it holds |
//! |---|---|
//! | [`catalog`] | the instruments known to this run: built in, and given with `--instruments` |
//! | [`known`] | cohort links, coach keys and passphrases that the user brings |
//! | [`ledger`] | the file that says what was released before |
//! | [`files`] | finding result files and reading them within their size limits |
//! | [`counted`], [`spool`] | counting any number of results in little memory |
//! | [`sheet`] | the plain, unsigned answer sheet that `score` also reads |
//! | [`table`] | tables of answers from elsewhere |
//! | [`texts`] | "what happened" and "what to do" for every code, from the interface's catalogue |
//! | [`output`] | standard output that survives a closed pipe, and tables |
//! | [`progress`] | how far long work is, on standard error |
//! | [`clock`], [`random`] | what the pure library cannot know |
//! | [`commands`] | one module a command |
#![forbid(unsafe_code)]

mod catalog;
mod clock;
mod columns;
mod commands;
mod counted;
mod failure;
mod files;
mod known;
mod ledger;
mod output;
mod progress;
mod random;
mod sheet;
mod spool;
mod table;
mod texts;

use catalog::Catalog;
use clap::{Parser, Subcommand};
use failure::Failure;
use mimalloc::MiMalloc;
use output::{Output, note};
use std::path::PathBuf;
use std::process::ExitCode;

/// A result is some two hundred small texts and lists for a moment: see `BENCHMARKS.md`.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

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

With a cohort, step by step (each command's --help says more):
  plumbline keys new --out team.key.jwe.json
  plumbline link new --key team.key.jwe.json … > team.link
  plumbline report results/ --link team.link --key team.key.jwe.json
  plumbline publish results/ --link team.link --key team.key.jwe.json --out team.report.jws.json

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
    Tally(commands::tally::Args),
    Merge(commands::merge::Args),
    Simulate(commands::simulate::Args),
    Stats(commands::stats::Args),
    Calc(commands::calc::Args),
    Import(commands::import::Args),
    Keys(commands::keys::Args),
    Link(commands::link::Args),
    Invite(commands::invite::Args),
    Seal(commands::seal::Args),
    Open(commands::open::Args),
    Publish(commands::publish::Args),
    Receipt(commands::receipt::Args),
    Engagement(commands::engagement::Args),
    Map(commands::map::Args),
    Pair(commands::pair::Args),
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
            ExitCode::from(failure.exit_code())
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
        Command::Stats(args) => commands::stats::run(args, &mut out),
        Command::Calc(args) => commands::calc::run(args, &mut out),
        Command::Import(args) => commands::import::run(args, &mut out),
        Command::Tally(args) => commands::tally::run(args, &catalog()?, &mut out),
        Command::Merge(args) => commands::merge::run(args, &catalog()?, &mut out),
        Command::Simulate(args) => commands::simulate::run(args, &catalog()?, &mut out),
        Command::Keys(args) => commands::keys::run(args, &mut out),
        Command::Link(args) => commands::link::run(args, &catalog()?, &mut out),
        Command::Invite(args) => commands::invite::run(args, &mut out),
        Command::Seal(args) => commands::seal::run(args, &catalog()?, &mut out),
        Command::Open(args) => commands::open::run(args, &mut out),
        Command::Publish(args) => commands::publish::run(args, &catalog()?, &mut out),
        Command::Receipt(args) => commands::receipt::run(args, &catalog()?, &mut out),
        Command::Engagement(args) => commands::engagement::run(args, &mut out),
        Command::Map(args) => commands::map::run(args, &mut out),
        Command::Pair(args) => commands::pair::run(args, &catalog()?, &mut out),
    }?;
    out.finish()?;
    Ok(finding)
}
