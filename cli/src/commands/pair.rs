//! `plumbline pair`: a leader's and their manager's answers side by side.

use crate::Finding;
use crate::catalog::Catalog;
use crate::commands::verify::Counts;
use crate::failure::Failure;
use crate::files::{Batch, read_whole};
use crate::known::Known;
use crate::output::{Output, Table, printable};
use clap::ValueEnum;
use scoring::instrument::{Instrument, Rater, Wording};
use scoring::pair::{
    Behaviour, Comparison, Names, PLACES, Pair, PairKey, PairReport, Source, names_by_pair,
    pair_reports,
};
use scoring::result::VerifiedResult;
use scoring::stats::rounded;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

/// Compare a leader's own ratings with their manager's: gaps with their errors, priorities, what to act on
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Give one file of the leader and one of their manager, or any number of results that came with invitations made by
`plumbline invite --pairs`: those say themselves which belong together. Every file is verified first.

A gap is the leader's mean minus the manager's over the behaviours that both rated, in steps of the response
scale. It is given a name only where it is more than 1.96 standard errors and more than what the instrument
declares as agreement; the reference is printed with it. With as many pairs as the instrument declares, error and
reference are those of the cohort.

A manager's ratings are one person's. They were told that the leader will see them; nobody else was promised
to them.

Examples:
  plumbline pair leader.result.jws.json manager.result.jws.json
  plumbline pair results/ --link pairs.link --key team.key.jwe.json --names pairs.csv
  plumbline pair results/ --link pairs.link --format json

Exit codes: 0 a pair was compared, 2 there was none, or a path could not be read.")]
pub struct Args {
    /// Files, folders (their .json and .jsonl files, and those below), or - for standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,

    /// How to print the comparison
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// The table that `plumbline invite --pairs` made, to print names instead of ids
    #[arg(long, value_name = "FILE.csv")]
    names: Option<PathBuf>,

    #[command(flatten)]
    known: Known,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables and sentences to read
    Text,
    /// A list with one object a pair; numbers are exact, written as fractions
    Json,
}

/// Far more than a thousand pairs take.
const MAX_TABLE_BYTES: usize = 8 << 20;

/// Carries the command out.
pub fn run(args: &Args, catalog: &Catalog, out: &mut Output) -> Result<Finding, Failure> {
    let batch = Batch::read(&args.paths, &args.known.reader(catalog)?)?;
    Counts::of(&batch.outcomes()).note();
    let counted = batch.counted();
    let names: BTreeMap<String, Names> = match &args.names {
        None => BTreeMap::new(),
        Some(path) => {
            let table = read_whole(path, MAX_TABLE_BYTES)?;
            let failed = |fault| Failure::PairTable { path: path.clone(), fault };
            names_by_pair(&String::from_utf8_lossy(&table)).map_err(failed)?.into_iter().collect()
        }
    };
    let reports = reports(&counted);
    if reports.is_empty() {
        return Err(Failure::NoPair);
    }
    if args.format == Format::Json {
        let list = reports.iter().map(|(key, report)| {
            let id = |of: fn(&PairKey) -> &String| key.as_ref().map(of);
            json!({
                "pair": id(|key| &key.pair),
                "cohort": id(|key| &key.cohort),
                "wave": id(|key| &key.wave),
                "report": report,
            })
        });
        let list = serde_json::to_string_pretty(&list.collect::<Vec<_>>());
        writeln!(out, "{}", list.map_err(std::io::Error::from)?)?;
        return Ok(Finding::Clean);
    }
    for (idx, (key, report)) in reports.iter().enumerate() {
        // Every counted result was verified against this very catalog.
        let Some(entry) = catalog.find(&report.instrument, Some(&report.version)) else {
            return Err(Failure::UnknownInstrument(report.instrument.clone()));
        };
        if idx > 0 {
            writeln!(out)?;
        }
        let title = match key {
            None => {
                "That these two belong together is your word: no invitation says so.".to_owned()
            }
            Some(key) => names.get(&key.pair).map_or_else(
                || format!("Pair {}", key.pair),
                |names| printable(&names.to_string()),
            ),
        };
        let page = Page { report, instrument: &entry.instrument, wording: entry.wording("en")? };
        page.write(&title, out)?;
    }
    Ok(Finding::Clean)
}

/// The report of every pair; of results without a pair's invitation, that of the only leader and the only manager.
fn reports(counted: &[&VerifiedResult]) -> Vec<(Option<PairKey>, PairReport)> {
    let found = pair_reports(counted);
    if !found.is_empty() {
        return found.into_iter().map(|(key, report)| (Some(key), report)).collect();
    }
    let only = |rater: Rater| {
        let mut of = counted.iter().filter(|r| r.claims().survey.sheet.rater == rater);
        of.next().filter(|_| of.next().is_none())
    };
    let report = only(Rater::Own).zip(only(Rater::Manager)).and_then(|(own, manager)| {
        let same = own.instrument().sha256() == manager.instrument().sha256();
        let pair_of = |result: &VerifiedResult| Some(result.invitation()?.seat()?.pair.clone());
        // Two invitations that name different pairs say that these two do not belong together.
        let strangers =
            pair_of(own).zip(pair_of(manager)).is_some_and(|(own, manager)| own != manager);
        Pair { own, manager }.report(None).filter(|_| same && !strangers)
    });
    report.map(|report| (None, report)).into_iter().collect()
}

/// A report with the words of its instrument.
struct Page<'a> {
    report: &'a PairReport,
    instrument: &'a Instrument,
    wording: Wording,
}

impl Page<'_> {
    fn write(&self, title: &str, out: &mut Output) -> Result<(), Failure> {
        let Page { report, wording, .. } = self;
        writeln!(out, "{} {}\n{title}", wording.text("title"), report.version)?;
        writeln!(out, "Gaps are the leader's mean minus the manager's, in steps of the scale.\n")?;
        self.write_comparisons(out)?;
        self.say(&report.overall.says, Some(&report.overall), out)?;
        for area in &report.areas {
            let scale = area.scale.as_deref().unwrap_or_default();
            writeln!(out, "{}", wording.scale_name(scale))?;
            self.say(&area.says, Some(area), out)?;
        }
        self.write_priorities(out)?;
        for place in PLACES {
            let items: Vec<&str> = report.placed(place).map(|b| b.item.as_str()).collect();
            if !items.is_empty() {
                self.say(place, None, out)?;
                self.write_items(&items, out)?;
            }
        }
        self.write_behaviours(out)?;
        let unstable = if report.unstable { " (unstable: fewer than ten behaviours)" } else { "" };
        writeln!(
            out,
            "Likeness of the two profiles, from -1 to 1: {}{unstable} (double-entry intraclass correlation); \
             weighted kappa {}\n",
            report.similarity.shown(),
            report.kappa.shown()
        )?;
        self.write_questions(out)
    }

    fn write_comparisons(&self, out: &mut Output) -> Result<(), Failure> {
        let header =
            ["<", "both rated", "leader", "manager", "gap", "std. error", "agreement within", "<"];
        let mut table = Table::new(&header);
        let overall = std::iter::once(&self.report.overall);
        for row in self.report.areas.iter().chain(overall) {
            let name = row.scale.as_deref().map(|scale| self.wording.scale_name(scale).to_owned());
            table.row([
                name.unwrap_or_else(|| "All behaviours".to_owned()),
                format!("{}/{}", row.n_both, row.n_items),
                row.own.shown(),
                row.manager.shown(),
                row.gap.signed(),
                format!("{}{}", row.error(), mark(row.error_from)),
                format!("{}{}", row.within(), mark(row.within_from)),
                self.wording.text(&format!("pair.{}.title", row.says)).to_owned(),
            ]);
        }
        table.write(out)?;
        let rows = || self.report.areas.iter().chain([&self.report.overall]);
        if rows().any(|row| [row.error_from, row.within_from].contains(&Source::Cohort)) {
            writeln!(out, "  c: from the pairs of this cohort")?;
        }
        writeln!(out)?;
        Ok(())
    }

    /// A sentence, what to do, and the rule behind it.
    fn say(&self, code: &str, of: Option<&Comparison>, out: &mut Output) -> Result<(), Failure> {
        let text = |part: &str| self.wording.text(&format!("pair.{code}.{part}"));
        writeln!(out, "  {}\n    {}", text("title"), text("text"))?;
        for step in self.wording.list(&format!("pair.{code}.next")) {
            writeln!(out, "    - {step}")?;
        }
        let rule = self.report.rule(code, of, self.instrument, &self.wording);
        let numbers = of.filter(|of| of.gap.value().is_some()).map(|of| {
            format!(
                " Here: leader {}, manager {}, gap {}, standard error {}.",
                of.own.shown(),
                of.manager.shown(),
                of.gap.signed(),
                of.error()
            )
        });
        writeln!(out, "    {rule}{}\n", numbers.unwrap_or_default())?;
        Ok(())
    }

    fn write_priorities(&self, out: &mut Output) -> Result<(), Failure> {
        let found = &self.report.priorities;
        writeln!(out, "What matters most now")?;
        self.say(&found.says, None, out)?;
        writeln!(
            out,
            "    Shared: {} of {} and {} picked out of {}; chance would give {} on average, and so many or more \
             with a probability of {}.",
            found.shared.len(),
            found.own.len(),
            found.manager.len(),
            found.n_candidates,
            rounded(&found.expected, 2),
            rounded(&found.probability, 3)
        )?;
        self.write_items(&found.shared.iter().map(String::as_str).collect::<Vec<_>>(), out)
    }

    fn write_items(&self, items: &[&str], out: &mut Output) -> Result<(), Failure> {
        for item in items {
            writeln!(out, "    * {}", self.wording.item(item, Rater::Manager))?;
        }
        writeln!(out)?;
        Ok(())
    }

    fn write_behaviours(&self, out: &mut Output) -> Result<(), Failure> {
        writeln!(out, "Every behaviour (priorities: rank by the leader / by the manager)")?;
        let header = ["<", "leader", "manager", "gap", "std. error", "priority", "<", "<"];
        let mut table = Table::new(&header);
        let number =
            |code: Option<i64>| code.map_or_else(|| "–".to_owned(), |code| code.to_string());
        let rank =
            |rank: Option<usize>| rank.map_or_else(|| "–".to_owned(), |rank| rank.to_string());
        for behaviour in &self.report.behaviours {
            table.row([
                behaviour.item.clone(),
                number(behaviour.own),
                number(behaviour.manager),
                behaviour.gap().map_or_else(|| "–".to_owned(), |gap| format!("{gap:+}")),
                format!("{}{}", behaviour.error(), mark(behaviour.error_from)),
                format!("{} / {}", rank(behaviour.own_rank), rank(behaviour.manager_rank)),
                reading(behaviour).to_owned(),
                self.wording.item(&behaviour.item, Rater::Manager).to_owned(),
            ]);
        }
        table.write(out)?;
        writeln!(out)?;
        Ok(())
    }

    fn write_questions(&self, out: &mut Output) -> Result<(), Failure> {
        for question in &self.report.questions {
            writeln!(out, "{}", self.wording.item(&question.item, Rater::Own))?;
            for (who, text) in [("Leader", &question.own), ("Manager", &question.manager)] {
                let text = text.as_deref().map_or_else(|| "–".to_owned(), printable);
                writeln!(out, "  {who}: {text}")?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

/// What may be said of one behaviour's gap.
fn reading(behaviour: &Behaviour) -> &'static str {
    match behaviour.agreement.as_deref() {
        Some("over_estimator") => "leader higher",
        Some("under_estimator") => "manager higher",
        Some(_) => "agreed",
        None if behaviour.gap().is_some() => "no clear difference",
        None => "–",
    }
}

fn mark(source: Source) -> &'static str {
    if source == Source::Cohort { " c" } else { "" }
}
