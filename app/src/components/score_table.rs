//! Scores as a table, and reasons as a list.

use crate::catalogue::{fill, text};
use crate::state::Survey;
use leptos::prelude::*;
use scoring::score::{Evidence, Fired, Scores, band};
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

/// The facts behind a sentence: every one names the score or the answer it comes from.
#[component]
pub fn ReasonList(
    /// The survey.
    survey: Survey,
    /// The rule with its facts.
    fired: Fired,
) -> impl IntoView {
    if fired.because.is_empty() {
        return ().into_any();
    }
    let reasons =
        fired.because.iter().map(|fact| any! { <li>{reason(&survey, fact)}</li> }).collect_view();
    any! {
        <details class="reasons">
            <summary>{text("report.why")}</summary>
            <ul>{reasons}</ul>
        </details>
    }
}

fn reason(survey: &Survey, fact: &Evidence) -> String {
    let wording = &survey.wording;
    match fact {
        Evidence::Below { scale, pomp, threshold } => fill(
            "reason.below",
            &[
                ("scale", wording.scale_name(scale)),
                ("score", &decimal(*pomp, 1)),
                ("threshold", &threshold.to_string()),
            ],
        ),
        Evidence::AtLeast { scale, pomp, threshold } => fill(
            "reason.at_least",
            &[
                ("scale", wording.scale_name(scale)),
                ("score", &decimal(*pomp, 1)),
                ("threshold", &threshold.to_string()),
            ],
        ),
        Evidence::AmongLowest { scale, pomp, among } => fill(
            "reason.among_lowest",
            &[
                ("scale", wording.scale_name(scale)),
                ("score", &decimal(*pomp, 1)),
                ("among", &among.to_string()),
            ],
        ),
        Evidence::Answered { item, code } => {
            let found = survey.instrument.item(item);
            let option = found.and_then(|item| match &item.kind {
                scoring::instrument::ItemKind::Rating { response, .. }
                | scoring::instrument::ItemKind::Choice { response, .. } => {
                    Some(wording.option(response, Some(*code)))
                }
                _ => None,
            });
            fill(
                "reason.answered",
                &[
                    ("answer", option.unwrap_or_default()),
                    ("item", wording.item(item, survey.key.rater)),
                ],
            )
        }
    }
}
