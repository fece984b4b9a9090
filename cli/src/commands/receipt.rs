//! `plumbline receipt`: whether a published group report lists a result as counted.

use crate::Finding;
use crate::catalog::Catalog;
use crate::clock;
use crate::commands::verify::write_rejected;
use crate::failure::Failure;
use crate::files::read_whole;
use crate::known::Known;
use crate::output::{Output, printable};
use crate::texts::Texts;
use scoring::cohort::{GroupReport, MAX_REPORT_BYTES};
use scoring::explain::explain;
use scoring::jose::MAX_SEALED_BYTES;
use std::io::Write;
use std::path::{Path, PathBuf};

/// See whether a group report lists a result as counted
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Both files are verified first, against the cohort's link. Use the signed result that you kept; a sealed one
needs the coach's key.

Examples:
  plumbline receipt ops-1.result.jws.json team.report.jws.json --link team.link

Exit codes: 0 it is listed, 1 it is not or a file was refused, 2 something could not be read.")]
pub struct Args {
    /// The result
    #[arg(value_name = "RESULT")]
    result: PathBuf,

    /// The signed group report
    #[arg(value_name = "REPORT")]
    report: PathBuf,

    #[command(flatten)]
    known: Known,
}

/// Carries the command out.
pub fn run(args: &Args, catalog: &Catalog, out: &mut Output) -> Result<Finding, Failure> {
    let reader = args.known.reader(catalog)?;
    let refuse = |file: &Path, code: &str, message: &str, out: &mut Output| {
        write_rejected(&Texts::english(), &file.to_string_lossy(), code, message, out)?;
        Ok(Finding::Problems)
    };
    let report_file = read_whole(&args.report, MAX_REPORT_BYTES)?;
    let result = match reader.verify(&read_whole(&args.result, MAX_SEALED_BYTES)?) {
        Ok(result) => result,
        Err(refusal) => return refuse(&args.result, refusal.code(), &refusal.to_string(), out),
    };
    let report = match GroupReport::verify(&report_file) {
        Ok(report) => report,
        Err(fault) => return refuse(&args.report, fault.code(), &fault.to_string(), out),
    };
    // That the cohort's own coach signed it is checked in one place.
    let explanation = explain(&report_file, &reader, clock::now());
    if let (Some(code), Some(message)) = (&explanation.refusal, &explanation.message) {
        return refuse(&args.report, code, message, out);
    }
    let (title, wave) = (printable(&report.title), printable(&report.wave));
    let n = report.counted.len();
    if report.lists(result.receipt()) {
        writeln!(
            out,
            "Listed: the report \"{title}\", wave {wave}, names this result among the {n} that it counts.\n\
             The coach has received it unchanged. That its numbers used it, no list can show."
        )?;
        return Ok(Finding::Clean);
    }
    writeln!(
        out,
        "Not listed: the report \"{title}\", wave {wave}, counts {n} results, and this is none of them.\n\
         It may have come after the report was made, or a newer one of the same person may count instead.\n\
         What to do: ask the coach, and send the file again if it did not arrive."
    )?;
    Ok(Finding::Problems)
}
