//! `plumbline instruments`: what is known, and what is wrong with a folder.

use crate::Finding;
use crate::catalog::{Catalog, DEFINITION, instrument_folders, read_folder};
use crate::failure::Failure;
use crate::output::{Output, Table, printable};
use clap::Subcommand;
use scoring::instrument::{Instrument, Problem, hex};
use scoring::json;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// List the instruments known here, or check and prepare your own
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  plumbline instruments
  plumbline instruments check public/instruments
  plumbline instruments canonical draft.json > ops/1.0/definition.json")]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the instruments known here (the default)
    List,
    /// Report every problem of the instruments in some folders, with its JSON path
    ///
    /// A folder holds definition.json and a wording file for every language it names, or folders of
    /// that kind up to two levels below. Exits with 1 if there is any problem.
    Check {
        /// Folders to check
        #[arg(value_name = "DIR", required = true)]
        folders: Vec<PathBuf>,
    },
    /// Print a definition in the canonical form (RFC 8785) that it must be stored in
    ///
    /// The SHA-256 of these bytes is what every result file names. No line end is added.
    Canonical {
        /// The JSON file; it holds integers only
        file: PathBuf,
    },
}

/// Carries the command out. The catalog is loaded only to be listed: a folder with faults must not
/// keep its author from checking it.
pub fn run(
    args: &Args,
    catalog: impl FnOnce() -> Result<Catalog, Failure>,
    out: &mut Output,
) -> Result<Finding, Failure> {
    match args.action.as_ref().unwrap_or(&Action::List) {
        Action::List => list(&catalog()?, out),
        Action::Check { folders } => check(folders, out),
        Action::Canonical { file } => {
            let failed = |source| Failure::Read { path: file.clone(), source };
            let value = json::parse(&fs::read(file).map_err(failed)?)
                .map_err(|fault| Failure::Json { path: file.clone(), fault })?;
            out.write_all(json::canonical(&value).as_bytes())?;
            Ok(Finding::Clean)
        }
    }
}

fn list(catalog: &Catalog, out: &mut Output) -> Result<Finding, Failure> {
    let mut table =
        Table::new(&["<ID", "VERSION", "<TITLE", "ITEMS", "MINUTES", "<RATERS", "<SHA-256"]);
    for entry in catalog.entries() {
        let definition = entry.instrument.definition();
        let raters: Vec<&str> = definition.raters.iter().map(|rater| rater.code()).collect();
        table.row([
            definition.id.clone(),
            definition.version.clone(),
            entry.wording("en")?.text("title").to_owned(),
            definition.items.len().to_string(),
            definition.minutes.to_string(),
            raters.join(", "),
            hex(entry.instrument.sha256()),
        ]);
    }
    table.write(out)?;
    Ok(Finding::Clean)
}

fn check(folders: &[PathBuf], out: &mut Output) -> Result<Finding, Failure> {
    let mut n_problems = 0;
    for root in folders {
        for folder in instrument_folders(root)? {
            let (title, problems) = check_folder(&folder)?;
            let state = match problems.len() {
                0 => "no problems".to_owned(),
                1 => "1 problem".to_owned(),
                n => format!("{n} problems"),
            };
            writeln!(out, "{}: {title}{state}", printable(&folder.to_string_lossy()))?;
            for problem in &problems {
                writeln!(out, "  {}", printable(&problem.to_string()))?;
            }
            n_problems += problems.len();
        }
    }
    Ok(Finding::problems_if(n_problems > 0))
}

/// A heading for an instrument's folder, and all its problems.
fn check_folder(folder: &Path) -> Result<(String, Vec<Problem>), Failure> {
    let files = read_folder(folder)?;
    let definition = files.get(DEFINITION).map_or(&[] as &[u8], Vec::as_slice);
    let instrument = match Instrument::load(definition) {
        Ok(instrument) => instrument,
        Err(mut problems) => {
            if files.len() > 1 {
                problems.push(Problem {
                    file: DEFINITION.to_owned(),
                    path: String::new(),
                    message: "the wordings can be checked once the definition has no problems"
                        .to_owned(),
                });
            }
            return Ok((String::new(), problems));
        }
    };
    let definition = instrument.definition();
    let mut problems = Vec::new();
    for (idx, language) in definition.languages.iter().enumerate() {
        if !files.contains_key(&format!("{language}.json")) {
            problems.push(Problem {
                file: DEFINITION.to_owned(),
                path: format!("languages[{idx}]"),
                message: format!("there is no file {language}.json"),
            });
        }
    }
    // Files of languages that the definition forgot to name are read too: they are never shown.
    for (file, text) in files.iter().filter(|(file, _)| *file != DEFINITION) {
        match instrument.wording(file, text) {
            Err(found) => problems.extend(found),
            Ok(wording) if format!("{}.json", wording.text("language")) != *file => {
                problems.push(Problem {
                    file: file.clone(),
                    path: "language".to_owned(),
                    message: format!(
                        "\"{}\" is not what the file is named",
                        wording.text("language")
                    ),
                });
            }
            Ok(_) => {}
        }
    }
    let n_items = definition.items.len();
    let title = format!("{} {}, {n_items} items, ", definition.id, definition.version);
    Ok((title, problems))
}
