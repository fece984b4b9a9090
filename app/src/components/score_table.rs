//! Scores as a table.

use crate::catalogue::{fill, text};
use crate::state::Survey;
use leptos::prelude::*;
use scoring::score::{Scores, band};
use scoring::stats::decimal;

/// The scales of one group with score, band and how much was answered.
#[component]
pub fn ScoreTable(
    /// The survey.
    survey: Survey,
    /// Its scores.
    scores: Scores,
    /// Group of scales.
    group: String,
    /// What the table is called.
    caption: String,
) -> impl IntoView {
    let rows = survey
        .instrument
        .definition()
        .scales
        .iter()
        .filter(|scale| scale.group == group)
        .filter_map(|scale| {
            let score = scores.get(&scale.id)?;
            let pomp = score.pomp();
            let value = pomp.map_or_else(|| "–".to_owned(), |pomp| decimal(pomp, 1));
            let label = match pomp.and_then(|pomp| band(scale, pomp)) {
                Some(band) => survey.wording.text(&format!("bands.{band}")).to_owned(),
                None => fill("report.too_few", &[("needed", &scale.min_answered.to_string())]),
            };
            let answered = fill(
                "report.answered",
                &[("n", &score.n_answered.to_string()), ("of", &score.n_items.to_string())],
            );
            Some(any! {
                <tr data-scale=scale.id.clone()>
                    <th scope="row">{survey.wording.scale_name(&scale.id).to_owned()}</th>
                    <td class="number" data-value="">{value}</td>
                    <td>{label}</td>
                    <td class="number">{answered}</td>
                </tr>
            })
        })
        .collect_view();
    any! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=caption.clone()>
        <table>
            <caption>{caption.clone()}</caption>
            <thead>
                <tr>
                    <th scope="col">{text("report.scale")}</th>
                    <th scope="col" class="number">{text("report.score")}</th>
                    <th scope="col">{text("report.band")}</th>
                    <th scope="col" class="number">{text("report.n_answered")}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        </div>
    }
}
