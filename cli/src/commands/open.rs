//! `plumbline open`: sealed results, as the signed files they hold.

use crate::Finding;
use crate::commands::verify::write_rejected;
use crate::failure::Failure;
use crate::files::{self, Content, Document};
use crate::known::Passphrase;
use crate::output::{Output, note, write_private};
use crate::texts::{Texts, UNREADABLE};
use scoring::jose::{EnvelopeFault, is_sealed};
use scoring::result::{Reader, Refusal};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Open sealed results: write the signed files that are in them
#[derive(Debug, clap::Args)]
#[command(after_help = "\
`verify`, `report` and `score` open sealed results by themselves; this is for programs that read signed ones
only. The signature stays as it was and is not checked here. What is not sealed is passed over.

Examples:
  plumbline open results/ --key team.key.jwe.json --out opened/

Exit codes: 0 all sealed files were opened, 1 one was not, 2 something could not be read or written.")]
pub struct Args {
    /// Files, folders (their .json and .jsonl files, and those below), or - for standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,

    /// The coach's key file. May be repeated
    #[arg(long = "key", value_name = "FILE", required = true)]
    keys: Vec<PathBuf>,

    #[command(flatten)]
    passphrase: Passphrase,

    /// Folder for the opened files, which only you may read; made if missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Replace files of the same names
    #[arg(long)]
    force: bool,
}

/// Carries the command out.
pub fn run(args: &Args, out: &mut Output) -> Result<Finding, Failure> {
    let keys = args.keys.iter().map(|key| Ok(Arc::new(args.passphrase.open(key)?)));
    let reader = Reader { keys: keys.collect::<Result<_, Failure>>()?, ..Reader::default() };
    fs::create_dir_all(&args.out)
        .map_err(|source| Failure::Write { path: args.out.clone(), source })?;
    let mut opening = Opening { args, reader, texts: Texts::english(), names: BTreeSet::new() };
    let (mut n_opened, mut n_refused, mut n_passed) = (0_usize, 0_usize, 0_usize);
    let mut failure = None;
    files::read(&args.paths, "opened", |document| match opening.open(&document, out) {
        Ok(Opened::Written) => n_opened += 1,
        Ok(Opened::Refused) => n_refused += 1,
        Ok(Opened::NotSealed) => n_passed += 1,
        Err(error) => {
            failure.get_or_insert(error);
        }
    })?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    writeln!(out, "{n_opened} opened, {n_refused} refused, {n_passed} not sealed")?;
    if n_opened > 0 {
        note(format_args!(
            "Not verified yet: `plumbline verify {}` does that.",
            args.out.display()
        ));
    }
    Ok(Finding::problems_if(n_refused > 0))
}

enum Opened {
    Written,
    Refused,
    NotSealed,
}

struct Opening<'a> {
    args: &'a Args,
    reader: Reader,
    texts: Texts,
    /// Names given out in this run: files of different folders may be called the same.
    names: BTreeSet<String>,
}

impl Opening<'_> {
    fn open(&mut self, document: &Document, out: &mut Output) -> Result<Opened, Failure> {
        let opened = match &document.content {
            Content::Bytes(bytes) if !is_sealed(bytes) => return Ok(Opened::NotSealed),
            Content::Bytes(bytes) => {
                let opened = self.reader.open(bytes);
                opened.map_err(|fault| (fault.code(), fault.to_string()))
            }
            Content::TooLarge => {
                let refusal = Refusal::from(EnvelopeFault::TooLarge);
                Err((refusal.code(), refusal.to_string()))
            }
            Content::Unreadable(reason) => Err((UNREADABLE, reason.to_string())),
        };
        match opened {
            Ok(signed) => {
                let path = self.args.out.join(self.name(&document.name));
                write_private(&path, &signed, self.args.force)?;
                Ok(Opened::Written)
            }
            Err((code, message)) => {
                write_rejected(&self.texts, &document.name, code, &message, out)?;
                Ok(Opened::Refused)
            }
        }
    }

    /// A name of its own in the folder for what was in a file, or in a line of one.
    fn name(&mut self, document: &str) -> String {
        let (path, line) = match document.rsplit_once(':') {
            Some((path, line)) if line.bytes().all(|byte| byte.is_ascii_digit()) => (path, line),
            _ => (document, ""),
        };
        let file = Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned());
        let file = file.filter(|name| name != "-").unwrap_or_else(|| "opened".to_owned());
        let ends = [".result.jwe.json", ".json", ".jsonl"];
        let stem = ends.iter().find_map(|end| file.strip_suffix(end)).unwrap_or(&file);
        let stem = if line.is_empty() { stem.to_owned() } else { format!("{stem}-{line}") };
        let numbered = (2..).map(|n| format!("{stem}-{n}.result.jws.json"));
        let mut names = [format!("{stem}.result.jws.json")].into_iter().chain(numbered);
        let name = names.find(|name| self.names.insert(name.clone()));
        name.unwrap_or(stem)
    }
}
