//! `plumbline report`: what may be said about a group.

use crate::Finding;
use crate::catalog::Catalog;
use crate::commands::merge::merged;
use crate::commands::verify::Counts;
use crate::counted::Counted;
use crate::failure::Failure;
use crate::files::{self, Batch};
use crate::known::Known;
use crate::ledger::Kept;
use crate::output::{Output, Table, note, printable};
use clap::ValueEnum;
use scoring::cohort::{
    Cut, Estimate, Ledger, Release, Released, Report, ScaleRow, Told, report_csv,
};
use scoring::instrument::{Instrument, ItemKind, Rater, Wording};
use std::io::Write;
use std::path::PathBuf;

/// Add up result files: scales, questions and groups, hiding whatever rests on too few people
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Every file is verified and scored again from its answers. A person who handed in twice counts once, with
the newer result. The order of files makes no difference. Scores are percent of the maximum possible, 0 to
100, with Student's 95 % interval of the mean.

Counts of accepted, rejected and duplicate files go to standard error; `plumbline verify` says more of each.

A tally holds counts and no comments. People who answered in several waves cannot be told in it either, so
that changes between waves are reported as if everybody were somebody else.

Examples:
  plumbline report results/
  plumbline report results/ --format csv > report.csv
  plumbline report results/ --link team.link --key team.key.jwe.json
  plumbline report a.jsonl b.jsonl --format json
  plumbline report --tally north.tally.json south.tally.json
  plumbline report results/ --roster 20

With --roster, the intervals of the scales over everybody are those of a sample of so many people: the more of
them answered, the narrower, and of no width if all did. It applies to each survey that is reported. Intervals of
questions, groups and changes stay as they are.

With --ledger, every report is compared with those that were made before with the same file: what their
difference would show of fewer people than the minimum is hidden, and a report whose very number of people would
show it is refused.

Exit codes: 0 a report was made, 1 nothing could be counted, or the ledger forbids it, 2 a path could not be
read, or fewer people were asked than answered.")]
pub struct Args {
    /// Files, folders (their .json and .jsonl files, and those below), or - for standard input
    #[arg(value_name = "PATH", required_unless_present = "tallies")]
    paths: Vec<PathBuf>,

    /// Report on tallies that were made before, together, instead of on files
    #[arg(long = "tally", value_name = "TALLY", num_args = 1.., conflicts_with_all = ["paths", "links", "keys"])]
    tallies: Vec<PathBuf>,

    /// Leave out what people wrote, and read any number of files in little memory: the report that a tally
    /// of them gives
    #[arg(long)]
    no_comments: bool,

    /// How to print the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    #[command(flatten)]
    known: Known,

    #[command(flatten)]
    asked: Asked,

    #[command(flatten)]
    kept: Kept,
}

/// The option that says how many people were asked.
#[derive(Debug, clap::Args)]
pub struct Asked {
    /// How many people were asked, to narrow the intervals where most of them answered
    #[arg(long, value_name = "N")]
    roster: Option<u32>,
}

impl Asked {
    /// The same number for every survey.
    pub fn roster(&self) -> impl Fn(&Report) -> Option<u64> {
        let roster = self.roster.map(u64::from);
        move |_| roster
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables to read
    Text,
    /// One object an instrument, version and rater
    Json,
    /// One row a number group
    Csv,
}

/// Carries the command out.
pub fn run(args: &Args, catalog: &Catalog, out: &mut Output) -> Result<Finding, Failure> {
    let ledger = args.kept.read()?;
    let (reports, releases): (Vec<Report>, Vec<Release>) =
        released(args, catalog, &ledger)?.into_iter().unzip();
    match args.format {
        Format::Json => {
            let text = serde_json::to_string_pretty(&reports).map_err(std::io::Error::from)?;
            writeln!(out, "{text}")?;
        }
        Format::Csv => out.write_all(report_csv(&reports).as_bytes())?,
        Format::Text => {
            for report in &reports {
                write_report(report, catalog, out)?;
            }
        }
    }
    if reports.is_empty() {
        note(format_args!(
            "Nothing could be counted.\nWhat to do: name the files or the folder that hold results; \
             `plumbline verify PATH` says of each file why it does not count."
        ));
    }
    args.kept.record(ledger, releases)?;
    Ok(Finding::problems_if(reports.is_empty()))
}

/// The reports, and what each shows, after what the ledger says was shown before.
fn released(args: &Args, catalog: &Catalog, ledger: &Ledger) -> Result<Vec<Released>, Failure> {
    let reader = args.known.reader(catalog)?;
    let roster = args.asked.roster();
    if !args.tallies.is_empty() {
        let tally = merged(&args.tallies, &reader)?;
        return Ok(ledger.tally_reports(&tally, &reader.instruments, &roster)?);
    }
    if args.no_comments {
        let counted = Counted::read(files::find_in_any_order(&args.paths)?, &reader)?;
        counted.counts.note();
        return Ok(ledger.tally_reports(&counted.into_tally()?, &reader.instruments, &roster)?);
    }
    let batch = Batch::read(&args.paths, &reader)?;
    Counts::of(&batch.outcomes()).note();
    Ok(ledger.reports(&batch.counted(), &roster)?)
}

/// A report with the names that its numbers have in the instrument's wording.
struct Named<'a> {
    report: &'a Report,
    instrument: &'a Instrument,
    wording: Wording,
    rater: Rater,
}

fn write_report(report: &Report, catalog: &Catalog, out: &mut Output) -> Result<(), Failure> {
    // Every counted result was verified against this very catalog.
    let Some(entry) = catalog.find(&report.instrument, Some(&report.version)) else {
        return Err(Failure::UnknownInstrument(report.instrument.clone()));
    };
    let named = Named {
        report,
        instrument: &entry.instrument,
        wording: entry.wording("en")?,
        rater: Rater::from_code(&report.rater).unwrap_or(Rater::Own),
    };
    if let Some(cohort) = &report.cohort {
        writeln!(out, "{}, wave {}", printable(&cohort.title), printable(&cohort.wave))?;
    }
    let people = match (report.n, report.roster) {
        (1, None) => "1 person".to_owned(),
        (n, None) => format!("{n} people"),
        (n, Some(roster)) => format!("{n} of {roster} people asked"),
    };
    writeln!(
        out,
        "{} {}, rater {}: {people}",
        named.wording.text("title"),
        report.version,
        report.rater
    )?;
    if report.unsigned {
        writeln!(
            out,
            "Not signed: these answers came from another survey tool, and nothing vouches for them."
        )?;
    }
    writeln!(out, "Scores from 0 to 100; 95 % intervals of the mean.\n")?;
    named.write_scales(out)?;
    named.write_without_suspects(out)?;
    named.write_change(out)?;
    named.write_outcomes(out)?;
    named.write_disagreement(out)?;
    named.write_gaps(out)?;
    named.write_quality(out)?;
    named.write_items(out)?;
    for cut in &report.cuts {
        named.write_cut(cut, out)?;
    }
    named.write_comments(out)
}

impl Named<'_> {
    fn hidden(&self) -> String {
        format!("hidden (fewer than {})", self.report.min_group)
    }

    fn item_text(&self, item: &str) -> &str {
        self.wording.item(item, self.rater)
    }

    fn write_scales(&self, out: &mut Output) -> Result<(), Failure> {
        self.write_scale_tables(&self.report.scales, out)
    }

    fn write_without_suspects(&self, out: &mut Output) -> Result<(), Failure> {
        let Some(without) = &self.report.without_suspects else { return Ok(()) };
        match without.n_suspect {
            None => {
                writeln!(
                    out,
                    "Some answers look careless. They, or the others, are too few to be shown apart.\n"
                )?;
                Ok(())
            }
            Some(n) => {
                writeln!(out, "Without the {n} people whose answers look careless")?;
                self.write_scale_tables(&without.scales, out)
            }
        }
    }

    fn write_scale_tables(&self, rows: &[ScaleRow], out: &mut Output) -> Result<(), Failure> {
        for group in &self.instrument.definition().groups {
            let title = self.wording.text(&format!("groups.{}.title", group.id));
            let mut table = Table::new(&[&format!("<{title}"), "n", "mean", "sd", "95 %"]);
            for row in rows.iter().filter(|row| row.group == group.id) {
                let name = self.wording.scale_name(&row.scale).to_owned();
                table.row([vec![name], self.cells(row.estimate.as_ref())].concat());
            }
            table.write(out)?;
            writeln!(out)?;
        }
        Ok(())
    }

    fn cells(&self, estimate: Option<&Estimate>) -> Vec<String> {
        let Some(estimate) = estimate else { return vec![self.hidden()] };
        let sd = estimate.sd.map_or_else(|| "–".to_owned(), |sd| format!("{sd:.1}"));
        vec![estimate.n.to_string(), format!("{:.1}", estimate.mean), sd, interval(estimate.ci95)]
    }

    fn write_change(&self, out: &mut Output) -> Result<(), Failure> {
        let Some(change) = &self.report.change else { return Ok(()) };
        let since = printable(&change.since);
        match change.matched {
            Some(n) => {
                writeln!(out, "Change since {since}, of the {n} people who answered both times")?
            }
            None => writeln!(out, "Change since {since}, as if all were different people")?,
        }
        let mut table = Table::new(&["<", "points", "95 %", "effect", "p (Holm)"]);
        for row in &change.scales {
            let name = self.wording.scale_name(&row.scale).to_owned();
            table.row([name].into_iter().chain(match &row.estimate {
                None => vec![self.hidden()],
                Some(found) => vec![
                    format!("{:+.1}", found.points),
                    interval(Some(found.points_ci95)),
                    two(found.effect),
                    format!("{:.3}", found.p_holm),
                ],
            }));
        }
        table.write(out)?;
        writeln!(out)?;
        Ok(())
    }

    fn write_outcomes(&self, out: &mut Output) -> Result<(), Failure> {
        let Some(outcomes) = &self.report.outcomes else { return Ok(()) };
        let rows = |title: &str, told: &[Told]| {
            let mut table = Table::new(&[&format!("<{title}"), "people"]);
            for Told { rule, n } in told {
                let name = match rule {
                    Some(rule) => self.wording.text(&format!("rules.{rule}.title")).to_owned(),
                    None => "No suggestion yet: answers are missing".to_owned(),
                };
                table.row([name, n.map_or_else(|| "–".to_owned(), |n| n.to_string())]);
            }
            table
        };
        let mut verdicts =
            rows("What is suggested first, in people's own reports", &outcomes.verdicts);
        if let Some(n) = outcomes.other {
            verdicts.row(["All without a number together".to_owned(), n.to_string()]);
        }
        verdicts.write(out)?;
        writeln!(out)?;
        rows("What else is said in them", &outcomes.rules).write(out)?;
        writeln!(
            out,
            "  –: nobody, fewer than {0}, or the number would show fewer than {0}\n",
            self.report.min_group
        )?;
        Ok(())
    }

    fn write_gaps(&self, out: &mut Output) -> Result<(), Failure> {
        let Some(gaps) = &self.report.gaps else { return Ok(()) };
        writeln!(out, "Leaders' own ratings minus their managers', over {} pairs", gaps.n)?;
        let mut table = Table::new(&["<", "n", "gap", "sd", "95 %", "rate higher", "rate lower"]);
        let count = |n: Option<u64>| n.map_or_else(|| "hidden".to_owned(), |n| n.to_string());
        for row in &gaps.scales {
            let name = self.wording.scale_name(&row.scale).to_owned();
            table.row([name].into_iter().chain(match &row.estimate {
                None => vec![self.hidden()],
                Some(found) => vec![
                    found.n.to_string(),
                    format!("{:+.1}", found.gap),
                    found.gap_sd.map_or_else(|| "–".to_owned(), |sd| format!("{sd:.1}")),
                    interval(found.gap_ci95),
                    count(found.over),
                    count(found.under),
                ],
            }));
        }
        table.write(out)?;
        writeln!(
            out,
            "  rate higher, lower: leaders whose gap is larger than its error and than agreement; \
             `plumbline pair` shows each pair to whoever holds the files\n"
        )?;
        Ok(())
    }

    fn write_disagreement(&self, out: &mut Output) -> Result<(), Failure> {
        let definition = self.instrument.definition();
        for (row, scale) in self.report.scales.iter().zip(&definition.scales) {
            let Some(quality) = row.quality.as_ref().filter(|quality| quality.disagree) else {
                continue;
            };
            let (Some(found), Some(from)) = (quality.rwg_uniform, definition.agreement_from(scale))
            else {
                continue;
            };
            writeln!(
                out,
                "People disagree on {}: r_wg(J) is {found:.2}, below {}.{:02}",
                self.wording.scale_name(&row.scale),
                from / 100,
                from % 100,
            )?;
            let text = self.wording.text(&format!("scales.{}.disagreement", row.scale));
            writeln!(out, "  {text}\n")?;
        }
        Ok(())
    }

    fn write_quality(&self, out: &mut Output) -> Result<(), Failure> {
        let rows = self.report.scales.iter().filter_map(|row| Some((row, row.quality.as_ref()?)));
        let mut rows = rows.peekable();
        if rows.peek().is_none() {
            return Ok(());
        }
        writeln!(out, "How far to trust the scales, over people who answered every question")?;
        let mut table =
            Table::new(&["<", "n", "alpha", "95 %", "omega", "r_wg(J) uniform", "slight skew"]);
        for (row, quality) in rows {
            let ends = quality.alpha_ci95.map(|[low, high]| format!("{low:.2}–{high:.2}"));
            table.row([
                self.wording.scale_name(&row.scale).to_owned(),
                quality.n.to_string(),
                two(quality.alpha),
                ends.unwrap_or_else(|| "–".to_owned()),
                two(quality.omega),
                two(quality.rwg_uniform),
                two(quality.rwg_slight_skew),
            ]);
        }
        table.write(out)?;
        let weak = self.report.scales.iter().filter_map(|row| {
            row.quality.as_ref()?.weak_alpha().map(|_| self.wording.scale_name(&row.scale))
        });
        let weak = weak.collect::<Vec<_>>().join(", ");
        if !weak.is_empty() {
            writeln!(
                out,
                "Questions that hang together too little for groups to be compared (alpha below 0.70): {weak}"
            )?;
        }
        writeln!(out)?;
        Ok(())
    }

    fn write_items(&self, out: &mut Output) -> Result<(), Failure> {
        if self.report.items.is_empty() {
            return Ok(());
        }
        writeln!(out, "Questions, in the direction of their scale (R: answers were reversed)")?;
        let mut table =
            Table::new(&["<", "n", "mean", "sd", "95 %", "favourable", "95 %", "<", "<"]);
        for row in &self.report.items {
            let favourable =
                row.favourable.map_or_else(String::new, |share| format!("{share:.1} %"));
            let mut cells = vec![row.item.clone()];
            cells.extend(self.cells(row.estimate.as_ref()));
            cells.resize(5, String::new());
            cells.push(favourable);
            cells.push(row.favourable_ci95.map_or_else(String::new, |ends| interval(Some(ends))));
            cells.push(if row.reversed { "R".to_owned() } else { String::new() });
            cells.push(self.item_text(&row.item).to_owned());
            table.row(cells);
        }
        table.write(out)?;
        writeln!(out)?;
        Ok(())
    }

    fn write_cut(&self, cut: &Cut, out: &mut Output) -> Result<(), Failure> {
        let response = self.instrument.item(&cut.item).and_then(|item| match &item.kind {
            ItemKind::Choice { response, .. } => Some(response.as_str()),
            _ => None,
        });
        let label = |code: Option<i64>| match (code, &cut.asked) {
            (None, _) => "Not stated",
            (Some(code), Some(asked)) => {
                // The first option has code 1.
                let place = usize::try_from(code - 1).ok();
                place.and_then(|idx| asked.options.get(idx)).map_or("", String::as_str)
            }
            (Some(_), None) => self.wording.option(response.unwrap_or_default(), code),
        };
        let question = cut.asked.as_ref().map_or_else(|| self.item_text(&cut.item), |a| &a.title);
        writeln!(out, "{}", printable(question))?;
        let mut header = vec!["<".to_owned()];
        header.extend(cut.groups.iter().map(|group| label(group.code).to_owned()));
        header.extend(cut.other.iter().map(|_| "Hidden ones together".to_owned()));
        let groups = || cut.groups.iter().chain(&cut.other);
        let mut table = Table::new(&header.iter().map(String::as_str).collect::<Vec<_>>());
        let hidden = || "hidden".to_owned();
        let sizes = groups().map(|group| {
            group.n.map_or_else(hidden, |n| {
                format!("{n} {}", if n == 1 { "person" } else { "people" })
            })
        });
        table.row([String::new()].into_iter().chain(sizes));
        for (idx, scale) in self.report.scales.iter().enumerate() {
            let means = groups().map(|group| {
                let estimate = group.scales.get(idx).and_then(|row| row.estimate.as_ref());
                match (group.n, estimate) {
                    (Some(0), _) => "–".to_owned(),
                    (_, Some(estimate)) => format!("{:.1}", estimate.mean),
                    (_, None) => hidden(),
                }
            });
            let name = self.wording.scale_name(&scale.scale).to_owned();
            table.row([name].into_iter().chain(means));
        }
        table.write(out)?;
        // A group of any size may be hidden, to keep the total from giving a small one away.
        writeln!(
            out,
            "  hidden: fewer than {0} people, or it would show a group of fewer than {0}\n",
            self.report.min_group
        )?;
        Ok(())
    }

    fn write_comments(&self, out: &mut Output) -> Result<(), Failure> {
        for list in &self.report.comments {
            writeln!(out, "{}", printable(self.item_text(&list.item)))?;
            match &list.texts {
                None => {
                    writeln!(out, "  hidden (fewer than {} wrote)", self.report.min_comments)?;
                }
                Some(texts) => {
                    for text in texts {
                        writeln!(out, "  - {}", printable(text))?;
                    }
                }
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

fn interval(ends: Option<[f64; 2]>) -> String {
    ends.map_or_else(|| "–".to_owned(), |[low, high]| format!("{low:.1}–{high:.1}"))
}

/// A number with two decimals, or a dash.
fn two(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"))
}
