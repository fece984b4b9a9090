//! `plumbline stats`: every statistic of a table of answers.

use crate::Finding;
use crate::failure::Failure;
use crate::output::{Output, Table, note, printable};
use crate::table::{count, definition};
use scoring::tally::{Layout, statistics};
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;

/// Compute reliability and agreement of a table of answers, wherever it comes from
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The table is CSV: a header of item ids, one row a person, the definition's codes as answers, and an empty cell
or NA where an answer is missing. Other columns are left alone. Nothing is imputed: alpha, omega and what
belongs to items rests on people who answered every item of the scale, alpha_pairwise on everybody who
answered both of two items. A statistic that cannot be computed is null, with a reason beside it.

Groups are shown however small they are: keep what comes out as you keep the answers. `plumbline import` and
`plumbline report` make what may be passed on.

What each number means, and when not to trust it: docs/numbers.md. Formulas and sources: docs/statistics.md.

Examples:
  plumbline stats --definition public/instruments/ops/1.0 --csv answers.csv
  plumbline stats --definition my-survey --csv answers.csv --group team --json

Exit codes: 0 done, 2 the definition or the table could not be read.")]
pub struct Args {
    /// Folder of the definition.json that says which items make which scale
    #[arg(long, value_name = "DIR")]
    definition: PathBuf,

    /// The table
    #[arg(long, value_name = "FILE")]
    csv: PathBuf,

    /// Column that divides people into groups: agreement within them, and differences between them
    #[arg(long, value_name = "COLUMN")]
    group: Option<String>,

    /// Print everything as JSON, unrounded
    #[arg(long)]
    json: bool,
}

/// Carries the command out.
pub fn run(args: &Args, out: &mut Output) -> Result<Finding, Failure> {
    let layout = Layout::of(&definition(&args.definition)?);
    let counted = count(&args.csv, &layout, args.group.as_deref())?;
    let found = statistics(&layout, &counted.all, counted.groups.as_ref());
    if args.json {
        let text = serde_json::to_string_pretty(&found).map_err(std::io::Error::from)?;
        writeln!(out, "{text}")?;
    } else {
        write_text(&found, out)?;
    }
    if args.group.is_some() {
        note(format_args!(
            "Groups are shown however small they are: keep this as you keep the answers."
        ));
    }
    Ok(Finding::Clean)
}

fn write_text(found: &Value, out: &mut Output) -> Result<(), Failure> {
    let people = found.get("n").and_then(Value::as_u64).unwrap_or(0);
    writeln!(out, "{people} {}\n", if people == 1 { "person" } else { "people" })?;
    let mut scales = Table::new(&[
        "<Scale",
        "complete",
        "mean",
        "sd",
        "alpha",
        "95 %",
        "pairwise",
        "omega",
        "Hancock–An",
    ]);
    for (name, scale) in members(found, "scales") {
        let alpha = scale.get("alpha").unwrap_or(&Value::Null);
        let ends = alpha.get("ci95").and_then(Value::as_array).map(|ends| {
            ends.iter().filter_map(Value::as_f64).map(|end| format!("{end:.2}")).collect::<Vec<_>>()
        });
        scales.row([
            name.clone(),
            cell(scale, "n_complete"),
            cell(scale, "mean"),
            cell(scale, "sd"),
            cell(alpha, "value"),
            ends.map_or_else(|| "–".to_owned(), |ends| ends.join(" to ")),
            cell(scale, "alpha_pairwise"),
            cell(scale, "omega_total"),
            cell(scale, "omega_hancock_an"),
        ]);
    }
    scales.write(out)?;
    for (name, scale) in members(found, "scales") {
        writeln!(out, "\n{}", printable(name))?;
        let mut items =
            Table::new(&["<Item", "n", "mean", "sd", "with the rest", "alpha without it"]);
        for (item, row) in members(scale, "items") {
            let columns = ["n", "mean", "sd", "r_drop", "alpha_drop"];
            let cells = columns.iter().map(|column| cell(row, column));
            items.row([item.clone()].into_iter().chain(cells));
        }
        items.write(out)?;
        if let Some(groups) = scale.get("groups") {
            write_groups(groups, out)?;
        }
    }
    Ok(())
}

fn write_groups(groups: &Value, out: &mut Output) -> Result<(), Failure> {
    writeln!(
        out,
        "\n  ICC(1) {} ({} with n0), ICC(2) {}; mean r_wg(J) {} uniform, {} slight skew",
        cell(groups, "icc1"),
        cell(groups, "icc1_n0"),
        cell(groups, "icc2"),
        cell(groups, "rwg_j_uniform_mean"),
        cell(groups, "rwg_j_slight_skew_mean"),
    )?;
    let mut table = Table::new(&[
        "<Group",
        "n",
        "mean",
        "r_wg(J) uniform",
        "slight skew",
        "a_wg(J)",
        "AD mean",
        "AD median",
    ]);
    for (name, row) in members(groups, "by_group") {
        let columns = ["n", "mean", "rwg_j_uniform", "rwg_j_slight_skew", "awg_j", "ad_m", "ad_md"];
        let cells = columns.iter().map(|column| cell(row, column));
        table.row([name.clone()].into_iter().chain(cells));
    }
    table.write(out)?;
    Ok(())
}

fn members<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    of.get(name).and_then(Value::as_object).into_iter().flatten()
}

/// A number as it is read, or why there is none.
fn cell(row: &Value, name: &str) -> String {
    match row.get(name) {
        Some(Value::Number(n)) if n.is_u64() => n.to_string(),
        Some(Value::Number(n)) => format!("{:.2}", n.as_f64().unwrap_or(f64::NAN)),
        _ => {
            let reason = row.get(format!("{name}_reason")).and_then(Value::as_str).unwrap_or("–");
            reason.replace('_', " ")
        }
    }
}
