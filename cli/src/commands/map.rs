//! `plumbline map`: where a decision map has gaps, how many numbers it tracks for each decision, what to mend first.

use crate::Finding;
use crate::clock;
use crate::commands::verify::write_rejected;
use crate::failure::Failure;
use crate::files::read_whole;
use crate::output::{Output, printable};
use crate::texts::Texts;
use clap::ValueEnum;
use scoring::jose::base64url;
use scoring::plan::MAX_WORKSHEET_BYTES;
use scoring::plan::decision_map::{
    DecisionMap, Field, FileRead, Flag, Kind, Repair, Step, Words, read_file,
};
use scoring::table::write_rows;
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;

/// Read a decision map: its flags, numbers tracked for each decision, and what to mend first
#[derive(Debug, clap::Args)]
#[command(after_help = "\
FILE is a decision map: a signed file, its plain JSON, or a table (CSV). The layout of the
table and every rule are in docs/decision-map.md. Rows of a table that cannot be read are named and left out.

Words such as \"everyone\" and \"and\" are looked for in English.

Examples:
  plumbline map board.decision-map.jws.json
  plumbline map board.csv --format json
  plumbline map board.csv --format csv > what-to-mend.csv

Exit codes: 0 read, 1 the file or a row was refused, 2 the file could not be read.")]
pub struct Args {
    /// The decision map
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// How to print what is found
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// The day on which dates are passed or not, as YYYY-MM-DD; today in UTC if not given
    #[arg(long, value_name = "DAY", value_parser = day)]
    today: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Sentences
    Text,
    /// One object
    Json,
    /// One row a flag, in the order of repair
    Csv,
}

fn day(text: &str) -> Result<String, String> {
    let day = clock::end_of_day(text).map(|_| text.to_owned());
    day.ok_or_else(|| "not a day such as 2026-11-20".to_owned())
}

/// Carries the command out.
pub fn run(args: &Args, out: &mut Output) -> Result<Finding, Failure> {
    let file = read_whole(&args.file, MAX_WORKSHEET_BYTES)?;
    let mut n_ids = 0_u128;
    let new_id = || {
        n_ids += 1;
        base64url(&n_ids.to_be_bytes())
    };
    let name = args.file.to_string_lossy();
    let texts = Texts::english();
    let read = match read_file(&file, new_id) {
        Ok(read) => read,
        Err(fault) => {
            write_rejected(&texts, &name, fault.code(), &fault.to_string(), out)?;
            return Ok(Finding::Problems);
        }
    };
    let today = args.today.clone().unwrap_or_else(|| clock::date(clock::now()));
    let words = Words::new(
        &texts.text("map.words.groups"),
        &texts.text("map.words.nothing"),
        &texts.text("map.words.joining"),
    );
    let repairs = read.map.repairs(&words, &today);
    let page = Page { map: &read.map, repairs: &repairs, texts: &texts };
    match args.format {
        Format::Text => page.write(&name, &read, out)?,
        Format::Csv => write!(out, "{}", page.to_csv())?,
        Format::Json => {
            let found = page.to_json(&read, &words, &today);
            let text = serde_json::to_string_pretty(&found).map_err(std::io::Error::from)?;
            writeln!(out, "{text}")?;
        }
    }
    Ok(Finding::problems_if(!read.refused.is_empty()))
}

/// A map and what is found in it, with the words for it.
struct Page<'a> {
    map: &'a DecisionMap,
    repairs: &'a [Repair<'a>],
    texts: &'a Texts,
}

impl Page<'_> {
    fn name(&self, kind: Kind, id: &str) -> String {
        let name = self.map.entry(id).map(|entry| entry.get(Field::Name));
        let name = name.filter(|name| !name.trim().is_empty());
        name.unwrap_or_else(|| self.texts.text(&format!("map.unnamed.{}", kind.code())))
    }

    /// A part of a flag's text.
    fn flag(&self, flag: &Flag<'_>, part: &str) -> String {
        let key = format!("map.flag.{}.{part}", flag.code);
        printable(&self.texts.fill(&key, &self.map.facts(flag)))
    }

    fn write(&self, file: &str, read: &FileRead, out: &mut Output) -> Result<(), Failure> {
        let title = if self.map.title.is_empty() { file } else { &self.map.title };
        let origin = match &read.kid {
            Some(_) => "signature valid; it shows no identity, only that nothing was changed",
            None => "not signed",
        };
        let (n_metrics, n_outcomes) = (self.map.metrics.len(), self.map.outcomes.len());
        writeln!(out, "{} ({origin})", printable(title))?;
        writeln!(out, "metrics {n_metrics}, outcomes {n_outcomes}\n")?;
        for row in &read.refused {
            let text = self.texts.text(&format!("map.cell_fault.{}", row.fault.code()));
            writeln!(
                out,
                "refused    line {}, column {} ({}): \"{}\"\n           {text}",
                row.line,
                row.column,
                row.name,
                printable(&row.text)
            )?;
        }
        writeln!(out, "{}", self.texts.text("map.ratio.title"))?;
        for sentence in self.map.ratio().sentences() {
            writeln!(out, "  {}", self.texts.say(&sentence))?;
        }
        if self.repairs.is_empty() {
            writeln!(out, "\n{}", self.texts.text("map.repair.none"))?;
        }
        for step in Step::ALL {
            let mut repairs = self.repairs.iter().filter(|repair| repair.step == step).peekable();
            if repairs.peek().is_none() {
                continue;
            }
            let text = |part: &str| self.texts.text(&format!("map.step.{}.{part}", step.code()));
            writeln!(out, "\n{}\n  {}", text("title"), text("why"))?;
            for repair in repairs {
                self.write_repair(repair, out)?;
            }
        }
        Ok(())
    }

    fn write_repair(&self, repair: &Repair<'_>, out: &mut Output) -> Result<(), Failure> {
        let name = self.name(repair.kind, repair.id);
        writeln!(out, "\n  {}. {}", repair.place, printable(&name))?;
        let why: Vec<_> = repair.sentences().iter().map(|why| self.texts.say(why)).collect();
        writeln!(out, "     {}", why.join(" "))?;
        for flag in &repair.flags {
            let [title, what, to_do] = ["title", "what", "do"].map(|part| self.flag(flag, part));
            writeln!(out, "     - {title} ({})\n       {what} {to_do}", flag.field.code())?;
        }
        Ok(())
    }

    fn to_csv(&self) -> String {
        let header =
            ["place", "tied", "step", "kind", "name", "hanging", "flag", "cell", "what", "do"];
        let mut rows = vec![header.map(str::to_owned).to_vec()];
        for repair in self.repairs {
            for flag in &repair.flags {
                rows.push(vec![
                    repair.place.to_string(),
                    if repair.is_tied { "yes" } else { "no" }.to_owned(),
                    repair.step.code().to_owned(),
                    flag.kind.code().to_owned(),
                    self.name(flag.kind, flag.id),
                    repair.hanging.to_string(),
                    flag.code.to_owned(),
                    flag.field.code().to_owned(),
                    self.flag(flag, "what"),
                    self.flag(flag, "do"),
                ]);
            }
        }
        write_rows(&rows)
    }

    fn to_json(&self, read: &FileRead, words: &Words, today: &str) -> Value {
        let flags = self.map.flags(words, today).into_iter().map(|flag| {
            json!({"code": flag.code, "kind": flag.kind.code(), "id": flag.id, "cell": flag.field.code()})
        });
        let repairs = self.repairs.iter().map(|repair| {
            json!({
                "place": repair.place, "tied": repair.is_tied, "step": repair.step.code(),
                "kind": repair.kind.code(), "id": repair.id, "hanging": repair.hanging,
                "flags": repair.flags.iter().map(|flag| json!([flag.id, flag.code])).collect::<Vec<_>>(),
            })
        });
        let refused = read.refused.iter().map(|row| {
            json!({"line": row.line, "column": row.column, "name": row.name, "fault": row.fault.code()})
        });
        let ratio = self.map.ratio();
        json!({
            "title": self.map.title, "signed": read.kid.is_some(), "today": today,
            "metrics": self.map.metrics.len(), "outcomes": self.map.outcomes.len(),
            "ratio": {
                "numbers": ratio.n_metrics, "decisions": ratio.n_decisions,
                "without_decision": ratio.n_without, "not_stated": ratio.n_unstated,
                "says": ratio.sentences().iter().map(|says| self.texts.say(says)).collect::<Vec<_>>(),
            },
            "flags": flags.collect::<Vec<_>>(),
            "repairs": repairs.collect::<Vec<_>>(),
            "refused": refused.collect::<Vec<_>>(),
        })
    }
}
