//! The file that says what was released before.

use crate::failure::Failure;
use crate::output::replace_private;
use scoring::cohort::{Ledger, Release};
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

/// The option that names the file.
#[derive(Debug, clap::Args)]
pub struct Kept {
    /// What was released before; made if it is missing. A report that would show anybody by its difference to an
    /// earlier one is refused, and one that is made is added
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
}

impl Kept {
    /// What was released before: nothing, if no file was named or there is none yet.
    pub fn read(&self) -> Result<Ledger, Failure> {
        let Some(path) = &self.ledger else { return Ok(Ledger::default()) };
        match fs::read(path) {
            Ok(file) => {
                Ledger::read(&file).map_err(|fault| Failure::Ledger { path: path.clone(), fault })
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Ledger::default()),
            Err(source) => Err(Failure::Read { path: path.clone(), source }),
        }
    }

    /// Notes what was given away.
    pub fn record(
        &self,
        mut ledger: Ledger,
        releases: impl IntoIterator<Item = Release>,
    ) -> Result<(), Failure> {
        let Some(path) = &self.ledger else { return Ok(()) };
        ledger.record(releases);
        replace_private(path, ledger.to_json().as_bytes())
    }
}
