//! Every statistic of a table of answers, for people who have their data from elsewhere.

use super::cell::{Cell, ScaleSums};
use super::layout::{Layout, ScaleLayout};
use crate::stats::{
    Complete, Exact, GroupScores, Moments, Null, Reason, ad_mean, ad_median, alpha, alpha_pairwise,
    alpha_without, awg_j, feldt, group_icc, hancock_an, item_rest, nearest, omega_total, ratio,
    rwg_j,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// All statistics of the scales, in the unit of the response scale, as JSON. Where there is no number there is
/// null, and beside it a member whose name ends in `_reason` says why.
///
/// Mean and standard deviation are those of scale scores, which may rest on fewer than all items if the
/// definition says so; what stands below `groups`, and everything that needs covariances, rests on people who
/// answered every item of the scale. Items point in the direction of their scale.
#[must_use]
pub fn statistics(layout: &Layout, all: &Cell, groups: Option<&BTreeMap<String, Cell>>) -> Value {
    let scales = layout.scales.iter().enumerate().filter_map(|(idx, scale)| {
        let mut described = described(layout, scale, all, all.scales.get(idx)?);
        if let Some(groups) = groups {
            let sums = groups
                .iter()
                .filter_map(|(name, cell)| Some((name.as_str(), cell.scales.get(idx)?)));
            described.insert("groups".to_owned(), by_group(scale, &sums.collect()));
        }
        Some((scale.scale.clone(), Value::Object(described)))
    });
    json!({"n": all.n, "scales": scales.collect::<Map<_, _>>()})
}

/// Adds a number, or null and its reason.
fn put(into: &mut Map<String, Value>, name: &str, value: Result<f64, Reason>) {
    match value {
        Ok(value) => {
            into.insert(name.to_owned(), json!(value));
        }
        Err(reason) => {
            into.insert(name.to_owned(), Value::Null);
            into.insert(format!("{name}_reason"), json!(reason.code()));
        }
    }
}

fn put_exact(into: &mut Map<String, Value>, name: &str, value: Result<Exact, Reason>) {
    put(into, name, value.as_ref().map(nearest).map_err(|reason| *reason));
}

fn put_moments(into: &mut Map<String, Value>, moments: Option<&Moments>) {
    let moments = moments.ok_or(Reason::TooFewPeople);
    put(into, "mean", moments.map(|moments| nearest(&moments.mean)));
    put(into, "sd", moments.and_then(|moments| moments.sd().ok_or(Reason::TooFewPeople)));
}

fn described(
    layout: &Layout,
    scale: &ScaleLayout,
    all: &Cell,
    sums: &ScaleSums,
) -> Map<String, Value> {
    let rows = &sums.complete;
    let mut described = Map::new();
    let moments = sums.moments(scale);
    described.insert("n_complete".to_owned(), json!(rows.n()));
    described.insert("n_scored".to_owned(), json!(moments.as_ref().map_or(0, |moments| moments.n)));
    put_moments(&mut described, moments.as_ref());
    let mut own = Map::new();
    let value = alpha(rows);
    put_exact(&mut own, "value", value.clone());
    match value.and_then(|alpha| feldt(nearest(&alpha), rows.k() as u64, rows.n())) {
        Ok(ends) => {
            own.insert("ci95".to_owned(), json!([ends.low, ends.high]));
        }
        Err(reason) => put(&mut own, "ci95", Err(reason)),
    }
    described.insert("alpha".to_owned(), Value::Object(own));
    put_exact(&mut described, "alpha_pairwise", alpha_pairwise(rows, &sums.partial));
    let covariances = rows.covariances();
    put(
        &mut described,
        "omega_total",
        covariances.as_ref().map_err(|r| *r).and_then(|c| omega_total(c)),
    );
    put(&mut described, "omega_hancock_an", covariances.and_then(|c| hancock_an(&c)));
    let items = scale.items.iter().enumerate().filter_map(|(idx, (place, reversed))| {
        let values = all.items.get(*place)?.keyed(*reversed);
        Some((layout.items.get(*place)?.item.clone(), item(scale, rows, idx, &values)))
    });
    described.insert("items".to_owned(), Value::Object(items.collect()));
    described
}

fn item(scale: &ScaleLayout, rows: &Complete, idx: usize, values: &[u64]) -> Value {
    let mut described = Map::new();
    let moments = Moments::of((scale.low..).zip(values).map(|(code, n)| (ratio(code, 1), *n)));
    described.insert("n".to_owned(), json!(moments.as_ref().map_or(0, |moments| moments.n)));
    put_moments(&mut described, moments.as_ref());
    put(&mut described, "r_drop", item_rest(rows, idx));
    put_exact(&mut described, "alpha_drop", alpha_without(rows, idx));
    Value::Object(described)
}

const NULLS: [(&str, Null); 2] =
    [("rwg_j_uniform", Null::Uniform), ("rwg_j_slight_skew", Null::SlightSkew)];

/// Agreement within groups and differences between them, over people who answered every item.
fn by_group(scale: &ScaleLayout, groups: &BTreeMap<&str, &ScaleSums>) -> Value {
    let mut described = Map::new();
    let scores: Vec<GroupScores> = groups.values().map(|sums| group_scores(sums)).collect();
    let (icc1, icc1_n0, icc2) = match group_icc(&scores) {
        Ok(icc) => (icc.icc1, icc.icc1_n0, icc.icc2),
        Err(reason) => (Err(reason), Err(reason), Err(reason)),
    };
    put_exact(&mut described, "icc1", icc1);
    put_exact(&mut described, "icc1_n0", icc1_n0);
    put_exact(&mut described, "icc2", icc2);
    for (name, null) in NULLS {
        let agreement = |sums: &&ScaleSums| rwg_j(&sums.complete, null).map(|found| found.value);
        // A group of one neither agrees nor disagrees.
        let groups = groups.values().filter(|sums| sums.complete.n() > 1);
        put(&mut described, &format!("{name}_mean"), mean(groups.map(agreement)));
    }
    let groups = groups.iter().map(|(name, sums)| ((*name).to_owned(), group(scale, sums)));
    described.insert("by_group".to_owned(), Value::Object(groups.collect()));
    Value::Object(described)
}

/// The mean of the groups' values, each rounded to a double; then nothing is rounded until the end.
fn mean(values: impl Iterator<Item = Result<Exact, Reason>>) -> Result<f64, Reason> {
    let rounded = values.map(|value| value.map(|value| Exact::from_float(nearest(&value))));
    let values: Vec<Exact> = rounded.collect::<Result<Option<_>, _>>()?.unwrap_or_default();
    if values.is_empty() {
        return Err(Reason::TooFewPeople);
    }
    let n = ratio(values.len(), 1);
    Ok(nearest(&(values.into_iter().sum::<Exact>() / n)))
}

/// Sums of items stand for their mean: no correlation notices.
fn group_scores(sums: &ScaleSums) -> GroupScores {
    let (mut sum, mut squares) = (0_i128, 0_i128);
    for (answered, score, n) in sums.scores.iter() {
        if answered == sums.complete.k() as u64 {
            let (score, n) = (i128::from(score), i128::from(n));
            sum += score * n;
            squares += score * score * n;
        }
    }
    GroupScores { n: sums.complete.n(), sum: ratio(sum, 1), squares: ratio(squares, 1) }
}

fn group(scale: &ScaleLayout, sums: &ScaleSums) -> Value {
    let rows = &sums.complete;
    let mut described = Map::new();
    described.insert("n".to_owned(), json!(rows.n()));
    let GroupScores { n, sum, .. } = group_scores(sums);
    let n_answers = n * rows.k() as u64;
    let mean = (n_answers > 0).then(|| sum / ratio(n_answers, 1) + ratio(scale.low, 1));
    put_exact(&mut described, "mean", mean.ok_or(Reason::TooFewPeople));
    for (name, null) in NULLS {
        let agreement = rwg_j(rows, null);
        if agreement.as_ref().is_ok_and(|agreement| agreement.above_null) {
            described.insert(format!("{name}_flag"), json!("above_null"));
        }
        put_exact(&mut described, name, agreement.map(|agreement| agreement.value));
    }
    put_exact(&mut described, "awg_j", awg_j(rows));
    put_exact(&mut described, "ad_m", ad_mean(rows));
    put_exact(&mut described, "ad_md", ad_median(rows));
    Value::Object(described)
}
