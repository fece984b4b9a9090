//! How far long work is, on standard error.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// Without a terminal, one line this often: enough for a log, too few to flood it.
const LOGGED_EVERY: u64 = 20_000;
const SHOWN_AFTER: Duration = Duration::from_millis(700);
const SHOWN_EVERY: Duration = Duration::from_millis(120);

/// Counts steps of work; says nothing about work that is soon done.
pub struct Progress {
    verb: &'static str,
    n_done: u64,
    bytes_done: u64,
    bytes: u64,
    is_terminal: bool,
    started: Instant,
    shown: Option<Instant>,
}

impl Progress {
    /// Progress of some work. `bytes` is its size, or 0 when that is not known.
    pub fn new(verb: &'static str, bytes: u64) -> Self {
        let is_terminal = io::stderr().is_terminal();
        let started = Instant::now();
        Progress { verb, n_done: 0, bytes_done: 0, bytes, is_terminal, started, shown: None }
    }

    /// Some more are done, of this size together.
    pub fn step(&mut self, n: u64, bytes: u64) {
        let n_before = self.n_done;
        self.n_done += n;
        self.bytes_done = self.bytes_done.saturating_add(bytes);
        if self.is_terminal {
            let is_due = self.shown.map_or_else(
                || self.started.elapsed() > SHOWN_AFTER,
                |shown| shown.elapsed() > SHOWN_EVERY,
            );
            if is_due {
                self.shown = Some(Instant::now());
                let _ = write!(io::stderr().lock(), "\r\x1b[K{}", self.line());
            }
        } else if n_before / LOGGED_EVERY < self.n_done / LOGGED_EVERY {
            let _ = writeln!(io::stderr().lock(), "{}", self.line());
        }
    }

    fn line(&self) -> String {
        let percent = self.bytes_done.min(self.bytes).saturating_mul(100).checked_div(self.bytes);
        let percent = percent.map_or_else(String::new, |percent| format!(", {percent} %"));
        format!("{} {} results{percent}", self.verb, self.n_done)
    }
}

impl Drop for Progress {
    /// Clears the line, so that what follows stands alone.
    fn drop(&mut self) {
        if self.shown.is_some() {
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }
}
