//! Why a command could not be carried out, each with one thing to do about it.

use scoring::instrument::Problem;
use std::io;
use std::path::PathBuf;

/// A command that could not be carried out as given. Faults of single result files are no failure:
/// the command goes on and reports them.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A path given by the user cannot be read.
    #[error("cannot read {path}: {source}", path = path.display())]
    Read {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file or folder cannot be written.
    #[error("cannot write {path}: {source}", path = path.display())]
    Write {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Standard output cannot be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
    /// The folder for simulated results is in use.
    #[error("{path} is not empty", path = .0.display())]
    NotEmpty(PathBuf),
    /// The file for simulated results exists.
    #[error("{path} exists", path = .0.display())]
    Exists(PathBuf),
    /// No instrument below a folder.
    #[error("there is no definition.json in {path} or in the folders below it", path = .0.display())]
    NoInstrument(PathBuf),
    /// An instrument given by the user, or built in, cannot be used.
    #[error("an instrument in {folder} has problems:\n{}", list(.problems))]
    Instrument {
        /// Where it lies.
        folder: String,
        /// Everything that is wrong with it.
        problems: Vec<Problem>,
    },
    /// An instrument that is not in the catalog was asked for.
    #[error("there is no instrument \"{0}\"")]
    UnknownInstrument(String),
    /// The instrument is not answered by this rater.
    #[error("the instrument \"{instrument}\" is not answered by \"{rater}\"")]
    Rater {
        /// The instrument.
        instrument: String,
        /// The rater asked for.
        rater: String,
    },
    /// A definition is not the JSON that definitions are written in.
    #[error("{path}: {fault}", path = path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: scoring::json::Fault,
    },
    /// The simulation produced an impossible sheet: a fault of this program.
    #[error("the simulated answers do not fit the instrument: {0}")]
    Simulation(scoring::answers::SheetFault),
}

impl Failure {
    /// One concrete thing to do.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Failure::Read { .. } => "Check that the path is right and that you may read it.",
            Failure::Write { .. } => {
                "Check that the folder exists, that you may write there, and that the disk has room."
            }
            Failure::Output(_) => "Check that there is room where the output goes, and try again.",
            Failure::NotEmpty(_) => {
                "Name an empty or new folder, or add --force to write among what is there."
            }
            Failure::Exists(_) => "Name a new file, or add --force to replace it.",
            Failure::NoInstrument(_) => {
                "Name a folder laid out as <id>/<version>/definition.json, or the folder of one definition."
            }
            Failure::Instrument { .. } => {
                "Repair the places listed; `plumbline instruments check DIR` lists them again."
            }
            Failure::UnknownInstrument(_) => {
                "`plumbline instruments` lists what is known; --instruments DIR adds more."
            }
            Failure::Rater { .. } => "Leave --rater out, or choose one the instrument names.",
            Failure::Json { .. } => "Repair the file at that place.",
            Failure::Simulation(_) => "Please report this with the command you typed.",
        }
    }
}

fn list(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("  {problem}")).collect::<Vec<_>>().join("\n")
}
