//! `plumbline calc`: one statistic from numbers that somebody already has.

use crate::Finding;
use crate::columns::{Columns, number, whole_number};
use crate::failure::Failure;
use crate::output::{Output, printable};
use crate::table::TableFault;
use scoring::stats::{
    self, Difference, Dyads, EffectSize, Exact, Icc, Interval, Moments, Reason, Sample, nearest,
};
use serde_json::{Map, Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Compute one statistic from numbers you have: change, agreement of raters, two groups
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each statistic is the one that reports print. Tables are CSV with a header; a row with an empty cell or NA in a
column that is asked for is left out and counted. A statistic that cannot be computed is null, with a reason.
Formulas and sources: docs/statistics.md.

Examples:
  plumbline calc change --sd 7.5 --reliability 0.8 --first 32.5 --second 47.5
  plumbline calc icc --csv ratings.csv --json
  plumbline calc welch --csv sleep.csv --value extra --group drug

Exit codes: 0 done, 2 the table could not be read.")]
pub struct Args {
    #[command(subcommand)]
    statistic: Statistic,

    /// Print JSON, unrounded
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Statistic {
    /// 95 % interval of Cronbach's alpha (Feldt 1965)
    Feldt {
        /// Alpha
        #[arg(long, allow_negative_numbers = true, value_parser = between(f64::MIN, 1.0))]
        alpha: f64,
        /// Number of items
        #[arg(long)]
        items: u64,
        /// Number of people who answered all of them
        #[arg(long)]
        n: u64,
    },
    /// A share and its 95 % interval (Wilson 1927)
    Wilson {
        /// How many of how many, such as 4/5
        #[arg(value_parser = share)]
        share: (u64, u64),
    },
    /// A mean with Student's 95 % interval, narrower where most of a known number of people answered (Cochran 1977)
    Mean {
        /// The table: a row a person
        #[arg(long, value_name = "FILE")]
        csv: PathBuf,
        /// Column of the values
        #[arg(long, value_name = "COLUMN")]
        value: String,
        /// How many people there are, whether or not they answered
        #[arg(long, value_name = "N")]
        roster: Option<u64>,
    },
    /// One person's scores on two scales with one SD: standard error of their difference (Lord & Novick 1968)
    Scales {
        /// Standard deviation of the scores in a norm sample
        #[arg(long, value_parser = between(0.0, f64::MAX))]
        sd: f64,
        /// Reliability of both scales in that sample
        #[arg(long, required = true, num_args = 2, action = clap::ArgAction::Set, value_names = ["ONE", "OTHER"],
            allow_negative_numbers = true, value_parser = between(f64::MIN, 1.0))]
        reliability: Vec<f64>,
    },
    /// One person's change: SEM and reliable change index (Jacobson & Truax 1991)
    Change {
        /// Standard deviation of the scores in a norm sample
        #[arg(long, value_parser = between(0.0, f64::MAX))]
        sd: f64,
        /// Reliability in that sample
        #[arg(long, allow_negative_numbers = true, value_parser = between(f64::MIN, 1.0))]
        reliability: f64,
        /// First score
        #[arg(long, allow_negative_numbers = true, value_parser = between(f64::MIN, f64::MAX))]
        first: f64,
        /// Second score
        #[arg(long, allow_negative_numbers = true, value_parser = between(f64::MIN, f64::MAX))]
        second: f64,
    },
    /// Six intraclass correlations: a row a target, a column a rater (Shrout & Fleiss 1979)
    Icc {
        /// The table, in whole numbers
        #[arg(long, value_name = "FILE")]
        csv: PathBuf,
    },
    /// Two raters: weighted kappa (Cohen 1968) and double-entry ICC (Furr 2010); a row an item, in whole numbers
    Raters(TwoColumns),
    /// Two groups of different people: Welch's t, Hedges' g; the group named first minus the other
    Welch {
        /// The table: a row a person
        #[arg(long, value_name = "FILE")]
        csv: PathBuf,
        /// Column of the values
        #[arg(long, value_name = "COLUMN")]
        value: String,
        /// Column that names one of two groups
        #[arg(long, value_name = "COLUMN")]
        group: String,
    },
    /// The same people twice: paired t, d_z and d_av; first minus second, a row a person
    Paired(TwoColumns),
    /// Adjust p values for their number (Holm 1979)
    Holm {
        /// The p values
        #[arg(required = true, value_parser = between(0.0, 1.0))]
        p: Vec<f64>,
    },
}

/// Two columns of a table, row by row.
#[derive(Debug, clap::Args)]
struct TwoColumns {
    /// The table
    #[arg(long, value_name = "FILE")]
    csv: PathBuf,
    /// Column of the first values
    #[arg(long, value_name = "COLUMN")]
    first: String,
    /// Column of the second values
    #[arg(long, value_name = "COLUMN")]
    second: String,
}

impl TwoColumns {
    fn read(&self) -> Result<Columns, Failure> {
        Columns::read(&self.csv, Some(&[&self.first, &self.second]))
    }
}

fn between(low: f64, high: f64) -> impl Fn(&str) -> Result<f64, String> + Clone + Send + Sync {
    move |text| match text.parse::<f64>() {
        Ok(number) if number.is_finite() && (low..=high).contains(&number) => Ok(number),
        _ => Err(match (low == f64::MIN, high == f64::MAX) {
            (true, true) => "a number is wanted, such as 2.5".to_owned(),
            (true, false) => format!("a number of at most {high} is wanted"),
            (false, true) => format!("a number of at least {low} is wanted"),
            (false, false) => format!("a number from {low} to {high} is wanted"),
        }),
    }
}

fn share(text: &str) -> Result<(u64, u64), String> {
    let parts =
        text.split_once('/').and_then(|(count, of)| Some((count.parse().ok()?, of.parse().ok()?)));
    match parts {
        Some((count, of)) if count <= of => Ok((count, of)),
        _ => Err("how many of how many is wanted, such as 4/5".to_owned()),
    }
}

/// Carries the command out.
pub fn run(args: &Args, out: &mut Output) -> Result<Finding, Failure> {
    let found = computed(&args.statistic)?;
    if args.json {
        let text = serde_json::to_string_pretty(&found).map_err(std::io::Error::from)?;
        writeln!(out, "{text}")?;
    } else {
        write_lines(&found, "", out)?;
    }
    Ok(Finding::Clean)
}

fn computed(statistic: &Statistic) -> Result<Value, Failure> {
    Ok(match statistic {
        Statistic::Feldt { alpha, items, n } => {
            found([("ci95", stats::feldt(*alpha, *items, *n).map(ends))])
        }
        Statistic::Wilson { share: (count, of) } => {
            let interval = stats::wilson(*count, *of).ok_or(Reason::TooFewPeople);
            let share = interval.map(|_| json!(nearest(&stats::ratio(*count, *of))));
            found([("value", share), ("ci95", interval.map(ends))])
        }
        Statistic::Change { sd, reliability, first, second } => {
            let change = stats::reliable_change(*first, *second, *sd, *reliability);
            found([
                ("sem", stats::sem(*sd, *reliability).map(Value::from)),
                ("rci", change.map(|change| json!(change.index))),
                ("reliable", change.map(|change| json!(change.reliable))),
            ])
        }
        Statistic::Scales { sd, reliability } => {
            let [first, second] = [0, 1].map(|at| reliability.get(at).copied().unwrap_or_default());
            found([("se_difference", stats::se_difference(*sd, first, second).map(Value::from))])
        }
        Statistic::Mean { csv, value, roster } => mean(csv, value, *roster)?,
        Statistic::Icc { csv } => icc(csv)?,
        Statistic::Raters(columns) => raters(&columns.read()?)?,
        Statistic::Welch { csv, value, group } => two_groups(csv, value, group)?,
        Statistic::Paired(columns) => twice(&columns.read()?)?,
        Statistic::Holm { p } => json!({"p_adjusted": stats::holm(p)}),
    })
}

fn mean(csv: &Path, value: &String, roster: Option<u64>) -> Result<Value, Failure> {
    let rows = Columns::read(csv, Some(&[value]))?.rows(number)?;
    let moments = Moments::of(rows.complete.iter().flatten().map(|value| (value.clone(), 1)));
    let moments = moments.ok_or(Reason::TooFewPeople);
    let of = |pick: fn(&Moments) -> Option<f64>| {
        let moments = moments.as_ref().map_err(|reason| *reason)?;
        pick(moments).map(Value::from).ok_or(Reason::TooFewPeople)
    };
    let interval = moments.as_ref().map_err(|reason| *reason).and_then(|moments| {
        moments.interval(f64::MIN, f64::MAX, roster).map(ends).ok_or(Reason::TooFewPeople)
    });
    Ok(rows.with(found([
        ("mean", of(|moments| Some(nearest(&moments.mean)))),
        ("sd", of(Moments::sd)),
        ("ci95", interval),
    ])))
}

fn icc(csv: &Path) -> Result<Value, Failure> {
    let columns = Columns::read(csv, None)?;
    let rows = columns.rows(whole_number)?;
    let coefficients = stats::shrout_fleiss(&rows.complete);
    let one = |pick: fn(&stats::ShroutFleiss) -> &Result<Icc, Reason>| {
        let icc = coefficients.as_ref().map_err(|reason| *reason);
        icc.and_then(|all| pick(all).as_ref().map_err(|reason| *reason)).map(|icc| {
            let mut value = exactly(&icc.value);
            put(&mut value, "ci95", icc.interval.map(ends));
            Value::Object(value)
        })
    };
    Ok(rows.with(found([
        ("icc_1_1", one(|all| &all.icc_1_1)),
        ("icc_2_1", one(|all| &all.icc_2_1)),
        ("icc_3_1", one(|all| &all.icc_3_1)),
        ("icc_1_k", one(|all| &all.icc_1_k)),
        ("icc_2_k", one(|all| &all.icc_2_k)),
        ("icc_3_k", one(|all| &all.icc_3_k)),
    ])))
}

fn raters(columns: &Columns) -> Result<Value, Failure> {
    let rows = columns.rows(whole_number)?;
    let mut dyads = Dyads::default();
    for row in &rows.complete {
        if let [first, second] = row.as_slice() {
            dyads.add(*first, *second);
        }
    }
    let profile = dyads.double_entry().map(|profile| {
        let mut value = exactly(&profile.value);
        value.insert("unstable".to_owned(), json!(profile.is_unstable));
        Value::Object(value)
    });
    let kappa = dyads.kappa().map(|kappa| Value::Object(exactly(&kappa)));
    Ok(rows.with(found([("weighted_kappa", kappa), ("double_entry_icc", profile)])))
}

fn two_groups(csv: &Path, value: &String, group: &String) -> Result<Value, Failure> {
    let columns = Columns::read(csv, Some(&[value, group]))?;
    let groups = columns.groups()?;
    let [(name_a, a), (name_b, b)] = groups.as_slice() else {
        return Err(columns.fault(TableFault::NotTwoGroups(printable(group), groups.len())));
    };
    let n = [a.len(), b.len()];
    let both = sample(a).and_then(|a| Ok((a, sample(b)?)));
    let mut found = difference(both.clone().and_then(|(a, b)| stats::welch(&a, &b)));
    put(&mut found, "hedges_g", both.and_then(|(a, b)| stats::hedges_g(&a, &b)).map(effect));
    found.insert("groups".to_owned(), json!([name_a, name_b].map(|name| printable(name))));
    found.insert("n".to_owned(), json!(n));
    found.insert("n_left_out".to_owned(), json!(columns.n_left_out()));
    Ok(Value::Object(found))
}

fn twice(columns: &Columns) -> Result<Value, Failure> {
    let rows = columns.rows(number)?;
    let column = |place: usize| -> Vec<Exact> {
        rows.complete.iter().filter_map(|row| row.get(place).cloned()).collect()
    };
    let (first, second) = (column(0), column(1));
    let gaps: Vec<Exact> = first.iter().zip(&second).map(|(a, b)| a - b).collect();
    let gaps = sample(&gaps);
    let average = sample(&first).and_then(|first| stats::d_av(&first, &sample(&second)?));
    let mut value = difference(gaps.clone().and_then(|gaps| stats::paired(&gaps)));
    put(&mut value, "d_z", gaps.and_then(|gaps| stats::d_z(&gaps)).map(effect));
    put(&mut value, "d_av", average.map(Value::from));
    Ok(rows.with(Value::Object(value)))
}

fn sample(values: &[Exact]) -> Result<Sample, Reason> {
    let moments = Moments::of(values.iter().map(|value| (value.clone(), 1)));
    Sample::of(&moments.ok_or(Reason::TooFewPeople)?)
}

fn difference(compared: Result<Difference, Reason>) -> Map<String, Value> {
    let mut value = Map::new();
    let mut one = |name: &str, pick: fn(Difference) -> f64| {
        put(&mut value, name, compared.map(|compared| json!(pick(compared))));
    };
    one("difference", |compared| compared.difference);
    one("t", |compared| compared.t);
    one("df", |compared| compared.df);
    one("p", |compared| compared.p);
    put(&mut value, "ci95", compared.map(|compared| ends(compared.interval)));
    value
}

fn effect(effect: EffectSize) -> Value {
    json!({"value": effect.value, "ci95": ends(effect.interval)})
}

fn ends(interval: Interval) -> Value {
    json!([interval.low, interval.high])
}

/// A value, and the fraction that it is.
fn exactly(value: &Exact) -> Map<String, Value> {
    let mut both = Map::new();
    both.insert("value".to_owned(), json!(nearest(value)));
    both.insert("exact".to_owned(), json!(value.to_string()));
    both
}

fn found<const N: usize>(statistics: [(&str, Result<Value, Reason>); N]) -> Value {
    let mut value = Map::new();
    for (name, statistic) in statistics {
        put(&mut value, name, statistic);
    }
    Value::Object(value)
}

/// A statistic, or null and beside it the reason.
fn put(value: &mut Map<String, Value>, name: &str, statistic: Result<Value, Reason>) {
    let reason = statistic.as_ref().err().map(|reason| reason.code());
    value.insert(name.to_owned(), statistic.unwrap_or(Value::Null));
    if let Some(reason) = reason {
        value.insert(format!("{name}_reason"), json!(reason));
    }
}

fn write_lines(value: &Value, name: &str, out: &mut Output) -> Result<(), Failure> {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                let name =
                    if name.is_empty() { member.clone() } else { format!("{name} {member}") };
                write_lines(value, &name, out)?;
            }
        }
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(plain).collect();
            writeln!(out, "{name:<24} {}", values.join("  "))?;
        }
        value => writeln!(out, "{name:<24} {}", plain(value))?,
    }
    Ok(())
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
