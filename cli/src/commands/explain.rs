//! `plumbline verify --explain`: what a file is, what was checked, what it says, and what that proves.

use crate::Finding;
use crate::clock;
use crate::commands::keys::write_name;
use crate::commands::verify::write_advice;
use crate::failure::Failure;
use crate::files::{self, Content};
use crate::known::link_text;
use crate::output::{Output, note, printable};
use crate::texts::{Texts, UNREADABLE};
use scoring::cohort::MAX_REPORT_BYTES;
use scoring::explain::{Explanation, Kind, explain};
use scoring::jose::EnvelopeFault;
use scoring::result::Reader;
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;

/// One element of what `--json` prints.
#[derive(Serialize)]
struct Row<'a> {
    file: &'a str,
    #[serde(flatten)]
    explanation: &'a Explanation,
}

/// Explains files and links. What is no path, but has the form of a link, is one.
pub fn run(
    given: &[PathBuf],
    reader: &Reader,
    as_json: bool,
    out: &mut Output,
) -> Result<Finding, Failure> {
    let now = clock::now();
    let mut explained: Vec<(String, Explanation)> = Vec::new();
    for given in given {
        let link = given.to_str().filter(|_| !given.exists()).map(link_text);
        if let Some(Ok(link)) = link {
            explained.push(("link".to_owned(), explain(link.as_bytes(), reader, now)));
            continue;
        }
        files::read_up_to(
            MAX_REPORT_BYTES,
            std::slice::from_ref(given),
            "explained",
            |document| {
                let explanation = match document.content {
                    Content::Bytes(bytes) => explain(&bytes, reader, now),
                    Content::TooLarge => {
                        let fault = EnvelopeFault::TooLarge;
                        unread(fault.code(), fault.to_string())
                    }
                    Content::Unreadable(reason) => unread(UNREADABLE, reason.to_string()),
                };
                explained.push((document.name, explanation));
            },
        )?;
    }
    if as_json {
        let rows: Vec<Row<'_>> =
            explained.iter().map(|(file, explanation)| Row { file, explanation }).collect();
        let text = serde_json::to_string_pretty(&rows).map_err(std::io::Error::from)?;
        writeln!(out, "{text}")?;
    } else {
        let texts = Texts::english();
        for (idx, (file, explanation)) in explained.iter().enumerate() {
            if idx > 0 {
                writeln!(out)?;
            }
            writeln!(out, "{}", printable(file))?;
            write(explanation, &texts, out)?;
        }
    }
    if explained.is_empty() {
        note(format_args!("There are no .json or .jsonl files there."));
    }
    let is_refused = |(_, explanation): &(String, Explanation)| explanation.refusal.is_some();
    Ok(Finding::problems_if(explained.iter().any(is_refused)))
}

/// What can be said of a file that was not even read.
fn unread(code: &str, message: String) -> Explanation {
    Explanation {
        kind: Kind::Unknown,
        checks: Vec::new(),
        refusal: Some(code.to_owned()),
        message: Some(message),
        remarks: Vec::new(),
        kid: None,
        words: None,
        said: None,
    }
}

fn write(explanation: &Explanation, texts: &Texts, out: &mut Output) -> Result<(), Failure> {
    let kind = explanation.kind.code();
    writeln!(out, "{}\n", texts.text(&format!("explain.kind.{kind}")))?;
    if let Some(kid) = &explanation.kid {
        write_name(kid, out)?;
        writeln!(out)?;
    }
    if !explanation.checks.is_empty() {
        writeln!(out, "Checked, in this order:")?;
        for check in &explanation.checks {
            let passed = match check.passed {
                Some(true) => "yes",
                Some(false) => "NO",
                None => "–",
            };
            let text = texts.text(&format!("explain.check.{}", check.step));
            writeln!(out, "  {passed:<4} {text}")?;
        }
        writeln!(out)?;
    }
    if let (Some(code), Some(message)) = (&explanation.refusal, &explanation.message) {
        writeln!(out, "rejected   {} ({code})", printable(message))?;
        write_advice(texts, code, out)?;
        writeln!(out)?;
    }
    for remark in &explanation.remarks {
        writeln!(out, "Note: {}\n", texts.text(&format!("explain.remark.{remark}")))?;
    }
    if let Some(said) = &explanation.said {
        let heading = match &explanation.refusal {
            None => "What it says:",
            Some(_) => {
                "What it claims. Not all was checked, or a check failed, so none of it can be relied on:"
            }
        };
        writeln!(out, "{heading}")?;
        let said = serde_json::to_string_pretty(said).map_err(std::io::Error::from)?;
        for line in said.lines() {
            writeln!(out, "  {}", printable(line))?;
        }
        writeln!(out)?;
    }
    let proven = texts.text(&format!("explain.proves.{}", explanation.proves()));
    writeln!(out, "What this proves:\n  {proven}")?;
    writeln!(out, "What it does not prove:\n  {}", texts.text(&format!("explain.not.{kind}")))?;
    Ok(())
}
