//! `plumbline engagement`: what an engagement record holds, how its measures went, and what it lacks.

use crate::commands::verify::write_rejected;
use crate::failure::Failure;
use crate::files::read_whole;
use crate::output::{Output, note, printable, write_new};
use crate::texts::Texts;
use crate::{Finding, clock, random};
use clap::ValueEnum;
use scoring::jose::sign;
use scoring::participant;
use scoring::plan::engagement::{Content, Course, Engagement, Key, Kind, Number, Phase};
use scoring::plan::{self, MAX_WORKSHEET_BYTES, SignedWorksheet, Worksheet};
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;

/// Read an engagement record: its phases, its success measures, and what is missing
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Several files of one record, from several devices, are put together first. What was changed on two of them is
kept in both versions and named as a finding, until somebody chooses one.

Examples:
  plumbline engagement north.engagement.jws.json
  plumbline engagement north.engagement.jws.json --format json
  plumbline engagement laptop.engagement.jws.json phone.engagement.jws.json --out both.engagement.jws.json

Exit codes: 0 read, 1 a file was refused, 2 a file could not be read or written.")]
pub struct Args {
    /// Files of one record
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// How to print what is found
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Also write the record that the files make together, signed with a key that is made for it and forgotten
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Sentences
    Text,
    /// One object
    Json,
}

/// Code of a file that holds another record than the first one.
const OTHER: &str = "engagement_other";

/// Carries the command out.
pub fn run(args: &Args, out: &mut Output) -> Result<Finding, Failure> {
    let texts = Texts::english();
    let mut together: Option<(String, Engagement)> = None;
    for path in &args.files {
        let file = read_whole(path, MAX_WORKSHEET_BYTES)?;
        let read = plan::verify::<Engagement>(&file);
        let refusal = match (read, &mut together) {
            (Err(fault), _) => (fault.code(), fault.to_string()),
            (Ok(SignedWorksheet { id, content, .. }), None) => {
                together = Some((id, content));
                continue;
            }
            (Ok(SignedWorksheet { id, content, .. }), Some((known, record))) if id == *known => {
                *record = record.merge(&content);
                continue;
            }
            (Ok(_), Some(_)) => (OTHER, "the file is of another record".to_owned()),
        };
        write_rejected(&texts, &path.to_string_lossy(), refusal.0, &refusal.1, out)?;
        return Ok(Finding::Problems);
    }
    // Clap asks for at least one.
    let Some((id, record)) = together else { return Ok(Finding::Problems) };
    match args.format {
        Format::Json => {
            let found = found(&id, &record);
            let text = serde_json::to_string_pretty(&found).map_err(std::io::Error::from)?;
            writeln!(out, "{text}")?;
        }
        Format::Text => write_text(&texts, &record, out)?,
    }
    if let Some(path) = &args.out {
        let seed = random::bytes()?;
        let unsigned = plan::unsigned(&record, &id, &participant::public(&seed), clock::now());
        let file = unsigned.signed(&sign(&seed, &unsigned.signing_input()));
        write_new(path, file.as_bytes(), args.force)?;
        note(format_args!("The files together are in {}", path.display()));
    }
    Ok(Finding::Clean)
}

fn found(id: &str, record: &Engagement) -> Value {
    let phases = Phase::ALL.iter().map(|phase| {
        let dates = record.shown(&Key::new(Kind::Phase, phase.code()));
        let day = |code| dates.and_then(|dates| dates.day(code)).map(|day| day.to_string());
        let (in_place, of) = record.progress(*phase);
        json!({
            "phase": phase.code(), "from": day("from"), "to": day("to"),
            "in_place": in_place, "of": of,
        })
    });
    let number = |number: Number| json!({"n": number.n, "decimals": number.decimals});
    let measures = measures(record).map(|(id, content, course)| {
        let months = course.months.iter().map(|month| {
            json!({
                "month": month.month, "value": number(month.value), "change": number(month.change),
            })
        });
        json!({
            "id": id, "name": content.text("name"), "unit": content.text("unit"),
            "baseline": course.baseline.map(|(_, value)| number(value)),
            "baseline_date": course.baseline.map(|(day, _)| day.to_string()),
            "months": months.collect::<Vec<_>>(),
            "movement": course.movement.code(),
            "at_target": course.is_at_target,
        })
    });
    let findings = record.findings().into_iter().map(|finding| {
        let because = finding.because.iter();
        let because = because.map(|key| json!({"kind": key.kind.code(), "id": key.id}));
        json!({
            "rule": finding.rule.code, "phase": finding.rule.phase.code(),
            "quality": finding.rule.quality.code(), "because": because.collect::<Vec<_>>(),
        })
    });
    json!({
        "id": id,
        "title": record.title(),
        "phases": phases.collect::<Vec<_>>(),
        "measures": measures.collect::<Vec<_>>(),
        "findings": findings.collect::<Vec<_>>(),
        "content": record.to_json(),
    })
}

fn measures(record: &Engagement) -> impl Iterator<Item = (&str, &Content, Course)> {
    let all = record.all(Kind::Criterion);
    all.filter_map(|(id, content)| Some((id, content, record.course(id)?)))
}

fn write_text(texts: &Texts, record: &Engagement, out: &mut Output) -> Result<(), Failure> {
    let word = |key: &str| texts.text(&format!("work.engagement.{key}"));
    writeln!(out, "{}", printable(record.title()))?;
    let findings = record.findings();
    for phase in Phase::ALL {
        let (in_place, of) = record.progress(*phase);
        let title = word(&format!("phase.{}", phase.code()));
        writeln!(out, "\n{title}: {in_place} of {of} in place")?;
        for finding in findings.iter().filter(|finding| finding.rule.phase == *phase) {
            let rule = |part: &str| word(&format!("rule.{}.{part}", finding.rule.code));
            writeln!(out, "  - {} {}", rule("what"), rule("do"))?;
            for key in &finding.because {
                writeln!(out, "      {}", printable(&named(record, key, texts)))?;
            }
        }
    }
    writeln!(out, "\n{}", word("measures.title"))?;
    for (_, content, course) in measures(record) {
        writeln!(out, "  {}", printable(&content.text("name")))?;
        let said =
            course_text(content, &course, &word(&format!("movement.{}", course.movement.code())));
        writeln!(out, "    {}", printable(&said))?;
    }
    if record.all(Kind::Criterion).next().is_none() {
        writeln!(out, "  {}", word("measures.none"))?;
    }
    Ok(())
}

/// What an entry is called in the list of what falls short.
fn named(record: &Engagement, key: &Key, texts: &Texts) -> String {
    let kind = texts.text(&format!("work.engagement.kind.{}", key.kind.code()));
    let content = record.shown(key);
    match content.map(Content::name).filter(|name| !name.is_empty()) {
        Some(name) => format!("{kind}: {name}"),
        None => format!("{kind}: {}", key.id),
    }
}

fn course_text(content: &Content, course: &Course, text: &str) -> String {
    let latest = course.months.last();
    let signed = |change: Number| format!("{}{change}", if change.n > 0 { "+" } else { "" });
    let places = [
        ("{from}", course.baseline.map(|(_, value)| value.to_string())),
        ("{to}", latest.map(|month| month.value.to_string())),
        ("{change}", latest.map(|month| signed(month.change))),
        ("{unit}", Some(content.text("unit"))),
    ];
    places.into_iter().fold(text.to_owned(), |text, (place, value)| {
        text.replace(place, &value.unwrap_or_default())
    })
}
