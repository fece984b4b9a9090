//! `plumbline import`: an export of another survey tool as a tally.

use crate::Finding;
use crate::failure::Failure;
use crate::output::{Output, note, printable, write_new};
use crate::table::definition;
use scoring::table::{ImportFault, ImportMap, Imported, RecordFault, import};
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

/// Turn an export of another survey tool into a tally, which merge and report take
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The map says what the columns and labels of the export mean; docs/import.md has one for each of Google Forms,
Microsoft Forms, Qualtrics and SurveyMonkey. A text that the map gives no code to is refused with its line and
column. What became of all rows goes to standard error.

The tally holds counts, the names of groups, and hashes that keep the same rows from counting twice. Names, e-mail
addresses and texts stay behind. No signature vouches for such answers, and every report says so.

Examples:
  plumbline import --definition my/1.0 --csv export.csv --map map.json --out spring.tally.json
  plumbline report --tally spring.tally.json

Exit codes: 0 imported, 2 the definition, the map or the export could not be read, and nothing was written.")]
pub struct Args {
    /// Folder of the definition.json that the answers belong to
    #[arg(long, value_name = "DIR")]
    definition: PathBuf,

    /// The export
    #[arg(long, value_name = "FILE")]
    csv: PathBuf,

    /// What its columns and labels mean
    #[arg(long, value_name = "FILE")]
    map: PathBuf,

    /// The tally to make; standard output without it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

/// Carries the command out.
pub fn run(args: &Args, out: &mut Output) -> Result<Finding, Failure> {
    let read = |path: &PathBuf| {
        let path = path.clone();
        move |source| Failure::Read { path, source }
    };
    let instrument = definition(&args.definition)?;
    let text = fs::read(&args.map).map_err(read(&args.map))?;
    let name = args.map.display().to_string();
    let map = ImportMap::read(&text, &name, &instrument).map_err(Failure::Map)?;
    let csv = File::open(&args.csv).map_err(read(&args.csv))?;
    let imported = import(csv, &map, &instrument).map_err(|fault| match fault {
        ImportFault::Record(RecordFault::Read(source)) => read(&args.csv)(source),
        fault => Failure::Import { path: args.csv.clone(), fault },
    })?;
    note_rows(&imported, &map);
    let tally = imported.tally.to_json() + "\n";
    match &args.out {
        Some(path) => write_new(path, tally.as_bytes(), args.force)?,
        None => out.write_all(tally.as_bytes())?,
    }
    Ok(Finding::Clean)
}

/// Says what became of every row and column.
fn note_rows(imported: &Imported, map: &ImportMap) {
    let Imported { n_rows, n_counted, n_left_out, n_replaced, n_blank, unused, .. } = imported;
    note(format_args!("{n_rows} rows, {n_counted} counted, unsigned"));
    for (rule, n) in map.leave_out.iter().zip(n_left_out) {
        let column = printable(&rule.column);
        note(format_args!("{n} left out: {column} is {}", printable(&rule.is.join(" or "))));
    }
    if let Some(respondent) = &map.respondent {
        let column = printable(respondent);
        note(format_args!("{n_replaced} replaced by a later row with the same {column}"));
    }
    if *n_blank > 0 {
        note(format_args!("{n_blank} of the counted rows hold no answer"));
    }
    if !unused.is_empty() {
        let names = unused.iter().map(|name| printable(name)).collect::<Vec<_>>().join(", ");
        note(format_args!("Columns that the map does not name: {names}"));
    }
}
