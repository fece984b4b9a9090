//! Tables for spreadsheets.

use super::{Estimate, Report, ScaleRow, Told};
use crate::table::write_rows;

/// The report as CSV: one row a number group, the same numbers that the page shows.
#[must_use]
pub fn report_csv(reports: &[Report]) -> String {
    let header = [
        "instrument",
        "version",
        "rater",
        "table",
        "cut",
        "group",
        "id",
        "n",
        "mean",
        "sd",
        "ci95_low",
        "ci95_high",
        "favourable",
        "favourable_low",
        "favourable_high",
        "n_complete",
        "alpha",
        "alpha_low",
        "alpha_high",
        "omega",
        "rwg_uniform",
        "rwg_slight_skew",
        "raters_disagree",
        "signed",
        "roster",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for report in reports {
        let n_before = rows.len();
        let start = |table: &str, cut: &str, group: &str, id: &str| -> Vec<String> {
            let identity = [&report.instrument, &report.version, &report.rater].map(String::clone);
            identity.into_iter().chain([table, cut, group, id].map(str::to_owned)).collect()
        };
        for row in &report.scales {
            let cells = start("scale", "", &row.group, &row.scale);
            rows.push([cells, scale_cells(row)].concat());
        }
        let n_narrowed = rows.len();
        for row in &report.items {
            let favourable = [
                number(row.favourable),
                number(row.favourable_ci95.map(|ends| ends[0])),
                number(row.favourable_ci95.map(|ends| ends[1])),
            ];
            let cells = start("item", "", "", &row.item);
            rows.push([cells, estimate_cells(row.estimate.as_ref()), favourable.to_vec()].concat());
        }
        for row in report.gaps.iter().flat_map(|gaps| &gaps.scales) {
            let Some(found) = &row.estimate else { continue };
            let ends = |idx: usize| number(found.gap_ci95.and_then(|ends| ends.get(idx).copied()));
            let numbers = [number(Some(found.gap)), number(found.gap_sd), ends(0), ends(1)];
            let cells = start("gap", "", "", &row.scale);
            rows.push([cells, vec![found.n.to_string()], numbers.to_vec()].concat());
            for (table, n) in [("over_estimators", found.over), ("under_estimators", found.under)] {
                let n = n.map(|n| n.to_string());
                rows.push([start(table, "", "", &row.scale), n.into_iter().collect()].concat());
            }
        }
        for cut in &report.cuts {
            let groups = cut.groups.iter().map(|group| (group, "not_stated"));
            for (group, without_code) in
                groups.chain(cut.other.iter().map(|other| (other, "other")))
            {
                let code = group.code.map_or_else(|| without_code.to_owned(), |c| c.to_string());
                for row in &group.scales {
                    let cells = start("cut", &cut.item, &code, &row.scale);
                    rows.push([cells, scale_cells(row)].concat());
                }
            }
        }
        for row in report.without_suspects.iter().flat_map(|without| &without.scales) {
            let cells = start("without_suspects", "", &row.group, &row.scale);
            rows.push([cells, scale_cells(row)].concat());
        }
        for row in report.change.iter().flat_map(|change| &change.scales) {
            let change = row.estimate.as_ref();
            let cells = [
                String::new(),
                number(change.map(|change| change.points)),
                String::new(),
                number(change.map(|change| change.points_ci95[0])),
                number(change.map(|change| change.points_ci95[1])),
            ];
            rows.push([start("change", "", "", &row.scale), cells.to_vec()].concat());
        }
        if let Some(outcomes) = &report.outcomes {
            let mut told = |table: &str, id: &str, n: Option<u64>| {
                let n = n.map(|n| n.to_string()).unwrap_or_default();
                rows.push([start(table, "", "", id), vec![n]].concat());
            };
            for Told { rule, n } in &outcomes.verdicts {
                told("verdict", rule.as_deref().unwrap_or("none"), *n);
            }
            if let Some(n) = outcomes.other {
                told("verdict", "other", Some(n));
            }
            for Told { rule, n } in &outcomes.rules {
                told("told", rule.as_deref().unwrap_or_default(), *n);
            }
        }
        // Rows are copied alone. So each says whether a signature vouches for its answers, and by how many people
        // asked its interval was narrowed.
        let roster = report.roster.map(|roster| roster.to_string()).unwrap_or_default();
        for (idx, row) in rows.iter_mut().enumerate().skip(n_before) {
            row.resize(header.len() - 2, String::new());
            row.push(if report.unsigned { "no" } else { "yes" }.to_owned());
            row.push(if idx < n_narrowed { roster.clone() } else { String::new() });
        }
    }
    write_rows(&rows)
}

fn scale_cells(row: &ScaleRow) -> Vec<String> {
    let mut cells = estimate_cells(row.estimate.as_ref());
    cells.resize(8, String::new());
    if let Some(quality) = &row.quality {
        let two = |value: Option<f64>| value.map(|value| format!("{value:.2}")).unwrap_or_default();
        let ends = quality.alpha_ci95;
        cells.push(quality.n.to_string());
        cells.extend([
            two(quality.alpha),
            two(ends.map(|ends| ends[0])),
            two(ends.map(|ends| ends[1])),
            two(quality.omega),
            two(quality.rwg_uniform),
            two(quality.rwg_slight_skew),
            if quality.disagree { "yes" } else { "" }.to_owned(),
        ]);
    }
    cells
}

fn estimate_cells(estimate: Option<&Estimate>) -> Vec<String> {
    let Some(estimate) = estimate else { return vec![String::new(); 5] };
    vec![
        estimate.n.to_string(),
        number(Some(estimate.mean)),
        number(estimate.sd),
        number(estimate.ci95.map(|ends| ends[0])),
        number(estimate.ci95.map(|ends| ends[1])),
    ]
}

fn number(value: Option<f64>) -> String {
    value.map(|value| format!("{value:.1}")).unwrap_or_default()
}
