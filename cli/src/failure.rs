//! Why a command could not be carried out, each with one thing to do about it.

use crate::output::printable;
use crate::table::TableFault;
use crate::texts::Texts;
use scoring::coach::MIN_PASSPHRASE_CHARS;
use scoring::cohort::{FewAsked, Isolates, LedgerFault, LinkFault, MAX_LINK_CHARS, ReportFault};
use scoring::instrument::Problem;
use scoring::jose::LockFailure;
use scoring::pair::NamesFault;
use scoring::table::ImportFault;
use scoring::tally::{Overlap, TallyFault};
use std::borrow::Cow;
use std::env;
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
    /// What is too much for memory cannot be kept in a temporary file.
    #[error("cannot keep a temporary file in {dir}: {0}", dir = env::temp_dir().display())]
    Scratch(io::Error),
    /// Standard output cannot be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
    /// The folder for results is in use.
    #[error("{path} is not empty", path = .0.display())]
    NotEmpty(PathBuf),
    /// A file that would be written exists.
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
    /// A table of answers that cannot be counted.
    #[error("{path}: {fault}", path = path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        fault: TableFault,
    },
    /// A map to an export that cannot be used.
    #[error("the map has problems:\n{}", list(.0))]
    Map(Vec<Problem>),
    /// An export that cannot be imported.
    #[error("{path}: {}", lines(.fault), path = path.display())]
    Import {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        fault: ImportFault,
    },
    /// A tally that cannot be added up.
    #[error("{path}: {fault}", path = path.display())]
    Tally {
        /// The file.
        path: PathBuf,
        /// Why.
        fault: TallyFault,
    },
    /// Two tallies that count the same people.
    #[error("{one} and {other} count the same people: {overlap}", one = one.display(), other = other.display())]
    Overlap {
        /// One of them.
        one: PathBuf,
        /// The other.
        other: PathBuf,
        /// What is in both.
        overlap: Overlap,
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
    /// The system gave no random bits.
    #[error("the system gives no random numbers: {0}")]
    Random(String),
    /// A passphrase is needed, and there is nowhere to ask for it.
    #[error("a passphrase is needed, and there is no terminal to ask for it")]
    NoPassphrase,
    /// A new passphrase is too short.
    #[error("the passphrase has fewer than {MIN_PASSPHRASE_CHARS} characters")]
    PassphraseShort,
    /// A new passphrase was typed in two ways.
    #[error("the two passphrases differ")]
    PassphraseDiffers,
    /// A passphrase file is not text.
    #[error("the first line of {path} is not text", path = .0.display())]
    PassphraseText(PathBuf),
    /// A coach's key file cannot be opened.
    #[error("{path}: {fault}", path = path.display())]
    Locked {
        /// The file.
        path: PathBuf,
        /// Why.
        fault: LockFailure,
    },
    /// Neither a link nor a file with one.
    #[error("there is no link in \"{0}\"")]
    NotALink(String),
    /// A link that cannot be believed.
    #[error("{given}: {fault}")]
    Link {
        /// The beginning of what was given.
        given: String,
        /// Why.
        fault: LinkFault,
    },
    /// A link that no reader would accept.
    #[error("such a link cannot be made: the fault is at {0}")]
    LinkContent(String),
    /// A link longer than messengers and QR codes carry.
    #[error(
        "the link would have {chars} characters, {} more than fit ({parts})",
        chars.saturating_sub(MAX_LINK_CHARS)
    )]
    LinkLength {
        /// Its length, address and invitation included.
        chars: usize,
        /// What takes how much of it.
        parts: String,
    },
    /// The link cannot be drawn as a QR code.
    #[error("the link cannot be drawn as a QR code: {0}")]
    Qr(String),
    /// A bare link, and no address to put it behind.
    #[error("the link was given without the address of the survey")]
    NoBase,
    /// A closing date that has passed.
    #[error("{0} has passed")]
    Closed(String),
    /// A language that an instrument is not written in.
    #[error("the instrument \"{instrument}\" has no texts in \"{language}\"")]
    Language {
        /// The instrument.
        instrument: String,
        /// The language.
        language: String,
    },
    /// The key is not the one that signed the link.
    #[error("the link was signed with another key ({signer}) than this one ({kid})")]
    OtherCoach {
        /// Key of the link.
        signer: String,
        /// Key at hand.
        kid: String,
    },
    /// Links of several cohorts or waves, where one was asked for.
    #[error("the links belong to different cohorts or waves")]
    OtherCohort,
    /// The link lets everybody in.
    #[error("the link does not ask for invitations")]
    NoInvitations,
    /// A table of names that holds something else.
    #[error("{path}: {fault}", path = path.display())]
    Names {
        /// The file.
        path: PathBuf,
        /// Where.
        fault: NamesFault,
    },
    /// A file that is not the table of pairs that was made with their links.
    #[error("{path}: line {line} is not one of a table of pairs", path = path.display(), line = fault.0)]
    PairTable {
        /// The file.
        path: PathBuf,
        /// Where.
        fault: NamesFault,
    },
    /// Results that are no pair.
    #[error("there is no leader with their manager among these results")]
    NoPair,
    /// The link asks for invitations, which need the coach's key.
    #[error("the link asks for invitations, and only the coach's key can sign them")]
    InvitationKey,
    /// The link does not ask for this instrument.
    #[error("the link does not ask for \"{0}\" as this program knows it")]
    NotAsked(String),
    /// The link seals nothing.
    #[error("the link asks for results that are not sealed")]
    NoSeal,
    /// The link names a key that protects nothing.
    #[error("the link names a key that protects nothing")]
    WeakSeal,
    /// What was released before cannot be read.
    #[error("{path}: {fault}", path = path.display())]
    Ledger {
        /// The file.
        path: PathBuf,
        /// Why.
        fault: LedgerFault,
    },
    /// A report would show somebody by its difference to an earlier one.
    #[error("nothing was released: {0}")]
    Isolates(Isolates),
    /// More people answered than were asked.
    #[error("no report was made: {0}")]
    FewAsked(FewAsked),
    /// Keys could not be locked: a fault of this program.
    #[error("the keys could not be locked")]
    Lock,
}

impl From<ReportFault> for Failure {
    fn from(fault: ReportFault) -> Self {
        match fault {
            ReportFault::Isolates(isolates) => Failure::Isolates(isolates),
            ReportFault::FewAsked(few) => Failure::FewAsked(few),
        }
    }
}

impl Failure {
    /// One concrete thing to do.
    #[must_use]
    pub fn advice(&self) -> Cow<'static, str> {
        let coded = |code| Texts::english().of(code).map(|(_, advice)| advice.to_owned().into());
        match self {
            Failure::Locked { fault, .. } => coded(fault.code()).unwrap_or_default(),
            Failure::Link { fault, .. } => coded(fault.code()).unwrap_or_default(),
            Failure::Import { fault, .. } => fault.advice().into(),
            Failure::Ledger { fault, .. } => coded(fault.code()).unwrap_or_default(),
            Failure::Isolates(_) => coded(Isolates::CODE).unwrap_or_default(),
            Failure::FewAsked(_) => coded(FewAsked::CODE).unwrap_or_default(),
            Failure::Tally { fault, .. } => coded(fault.code()).unwrap_or_default(),
            Failure::Overlap { overlap, .. } => coded(overlap.code()).unwrap_or_default(),
            other => other.fixed_advice().into(),
        }
    }

    /// 1 where the answers are at fault, 2 where the command or a file is.
    pub fn exit_code(&self) -> u8 {
        if matches!(self, Failure::Isolates(_)) { 1 } else { 2 }
    }

    fn fixed_advice(&self) -> &'static str {
        match self {
            Failure::Read { .. } => "Check that the path is right and that you may read it.",
            Failure::Write { .. } => {
                "Check that the folder exists, that you may write there, and that the disk has room."
            }
            Failure::Scratch(_) => {
                "Make room there, about 150 bytes for each result, or name another folder with TMPDIR."
            }
            Failure::Output(_) => "Check that there is room where the output goes, and try again.",
            Failure::Table { fault, .. } => fault.advice(),
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
            Failure::Simulation(_) | Failure::Lock => {
                "Please report this with the command you typed."
            }
            Failure::Random(_) => "Try again; if it stays so, use another machine.",
            Failure::NoPassphrase => {
                "Give --passphrase-file FILE, or set PLUMBLINE_PASSPHRASE, where nobody can type."
            }
            Failure::PassphraseShort => {
                "Take five or six words at random: long is safer than complicated, and easier to type."
            }
            Failure::PassphraseDiffers => "Run the command again; nothing was written.",
            Failure::PassphraseText(_) => "Save the file as plain text in UTF-8.",
            Failure::Map(_) => {
                "Repair the places listed; docs/import.md shows a map for each survey tool."
            }
            // They have texts of their own: see `advice`.
            Failure::Locked { .. }
            | Failure::Link { .. }
            | Failure::Import { .. }
            | Failure::Ledger { .. }
            | Failure::Tally { .. }
            | Failure::Overlap { .. }
            | Failure::Isolates(_)
            | Failure::FewAsked(_) => "",
            Failure::NotALink(_) => {
                "Give the whole address in quotes, or name a file that holds it."
            }
            Failure::LinkContent(_) => {
                "Nothing may be empty. At most 80 characters for the title, 60 for the coach and for the question \
                 of a cut, 40 for the wave and for an option; at most 8 instruments, 20 languages, and 4 cuts of \
                 2 to 12 options with ids of their own; groups and comments from 3 people on. An origin looks \
                 like https://example.org, a drop path like results/."
            }
            Failure::LinkLength { .. } => {
                "Shorten the largest part named above: fewer or shorter cuts help most, then fewer instruments."
            }
            Failure::Qr(_) => "Leave --qr out, or shorten the link.",
            Failure::NoBase => "Give the whole address as LINK, or add --base URL.",
            Failure::Closed(_) => "Give a closing date that is still to come.",
            Failure::Language { .. } => "`plumbline instruments` lists the languages of each.",
            Failure::OtherCoach { .. } => {
                "Name the key file that made the link; `plumbline keys show FILE` says which is which."
            }
            Failure::OtherCohort => "Give links of one wave of one cohort only.",
            Failure::NoInvitations => {
                "Send the link itself to everybody, or make a link with --invitations."
            }
            Failure::Names { .. } => {
                "Write one pair a line, the leader's name, a comma, the manager's name; at most 1,000 lines."
            }
            Failure::PairTable { .. } => {
                "Name the table that `plumbline invite --pairs` or the cohort's page made, as it was made."
            }
            Failure::NoPair => {
                "Name one file of the leader and one of their manager, or a folder of results that came with \
                 invitations made by `plumbline invite --pairs`; `plumbline verify PATH` says of each file why it \
                 does not count."
            }
            Failure::InvitationKey => "Add --key FILE.",
            Failure::NotAsked(_) => "`plumbline link show LINK` lists what the link asks for.",
            Failure::NoSeal => "Hand the signed file over as it is.",
            Failure::WeakSeal => "Do not use this link. Ask the coach for another.",
        }
    }
}

/// A fault that quotes a file, one line each.
fn lines(fault: &ImportFault) -> String {
    fault.to_string().lines().map(printable).collect::<Vec<_>>().join("\n")
}

fn list(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("  {problem}")).collect::<Vec<_>>().join("\n")
}
