//! Running other programs, and saying what went wrong and what to do.

use std::fmt;
use std::process::Command;
use std::time::Duration;

pub type Result<T> = std::result::Result<T, Failure>;

/// Why a command of this crate could not do its job. Both halves are for the person at the terminal.
#[derive(Debug)]
pub struct Failure {
    pub what: String,
    pub advice: String,
}

impl Failure {
    pub fn new(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { what: what.into(), advice: advice.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}\n  to do: {}", self.what, self.advice)
    }
}

/// Runs a program to its end, its output going straight to the terminal.
pub fn run(command: &mut Command, advice: &str) -> Result<()> {
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("`{}` ended with {status}", line(command)), advice))
}

/// What a program prints, if it can be run and succeeds.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

pub fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    let program = command.get_program().to_string_lossy();
    Failure::new(
        format!("`{program}` could not be started: {error}"),
        format!("install `{program}` and see that it is in PATH (the README lists what is needed)"),
    )
}

/// The command as a person would type it.
fn line(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(command.get_args().map(|arg| arg.to_string_lossy()));
    words.join(" ")
}

/// `4.2 s`, `2 min 10 s`.
pub fn elapsed(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}
