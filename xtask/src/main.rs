//! `cargo xtask …`: the one entry point to the project, the same on a laptop and in CI.

mod dist;
mod fuzz;
mod step;
mod suite;
mod tools;

use std::env;
use std::path::Path;
use std::process::ExitCode;

use step::{Failure, Result};

const HELP: &str = "\
cargo xtask COMMAND

  serve [--port N] [--open]   Build the app, serve it on this machine, rebuild when a source changes.
  test [NAME…] [--engine E]   Run every check and test. NAME: only tests whose name contains it, without
                              the lints. E: chromium, firefox or webkit; may be repeated.
  test --scale                Instead, tally 200,000 files on an Apache Spark cluster. Takes some minutes.
  fuzz [TARGET…] [--seconds N]
                              Feed readers with made-up input, N seconds a target (60). What breaks one is
                              kept in fuzz/artifacts; `test` runs each for a moment.
  build                       Build the app into dist/ and report the size of a first visit.
  setup [--tests]             Only install what is missing (--tests: browsers and their drivers, too).
  ci                          `test`, but a missing browser engine is a failure.
  help                        Show this text.

Whatever a command needs, it installs first. Tools are kept in $PLUMBLINE_CACHE, or else in `plumbline`
inside $XDG_CACHE_HOME or ~/.cache.";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    dispatch(&args).unwrap_or_else(|failure| {
        eprintln!("{failure}");
        ExitCode::FAILURE
    })
}

fn dispatch(args: &[&str]) -> Result<ExitCode> {
    enter_workspace()?;
    match args {
        [] | ["help"] => println!("{HELP}"),
        args if args.iter().any(|arg| matches!(*arg, "-h" | "--help")) => println!("{HELP}"),
        ["setup"] => tools::set_up(tools::For::Building)?.complete()?,
        ["setup", "--tests"] => tools::set_up(tools::For::Testing)?.complete()?,
        ["build"] => dist::build_and_measure()?,
        ["serve", options @ ..] => dist::serve(&dist::ServeOptions::parse(options)?)?,
        ["test", options @ ..] => return suite::run_all(&suite::Options::parse(options)?),
        ["fuzz", options @ ..] => fuzz::explore(&fuzz::Options::parse(options)?)?,
        ["ci"] => return suite::run_all(&suite::Options::ci()),
        _ => return Err(usage(&format!("`{}` is not a command", args.join(" ")))),
    }
    Ok(ExitCode::SUCCESS)
}

/// Every path in this crate is relative to the workspace, wherever cargo was called.
fn enter_workspace() -> Result<()> {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = xtask.parent().unwrap_or(xtask);
    env::set_current_dir(workspace).map_err(|error| {
        Failure::new(
            format!("cannot enter {}: {error}", workspace.display()),
            "run `cargo clean --package xtask` if the project was moved, then try again",
        )
    })
}

fn usage(what: &str) -> Failure {
    Failure::new(what, "`cargo xtask help` lists the commands and their options")
}
