//! The report on a group as tables.

use super::roster::{Place, RosterField};
use crate::catalogue::{fill, plural, text};
use crate::components::Failure;
use crate::live;
use crate::pages::load::{instrument, later};
use leptos::prelude::*;
use scoring::cohort::{
    Change, Cut, CutGroup, Estimate, GapRow, Gaps, ItemRow, Outcomes, Quality, Report, ScaleRow,
    Told,
};
use scoring::instrument::{Instrument, ItemKind, Rater, Wording};
use std::sync::Arc;

/// A report; its texts are fetched like a participant's.
#[component]
pub fn ReportPart(
    /// The report.
    report: Report,
    /// Where it is made; none of a published file.
    #[prop(optional)]
    place: Option<Place>,
) -> impl IntoView {
    let (id, version) = (report.instrument.clone(), report.version.clone());
    let loaded = later(async move { instrument(&id, &version).await });
    any! {
        {live(move || loaded.get().map(|loaded| match loaded {
            Ok((instrument, wording)) => any! {
                <ReportTables report=report.clone() instrument wording place=place.clone()/>
            },
            Err(error) => any! { <Failure code=error.code() detail=error.detail()/> },
        }))}
    }
}

/// Of a report on leaders, where they and their managers differ, over all pairs.
#[component]
pub fn Pattern(report: Report) -> impl IntoView {
    let (id, version) = (report.instrument.clone(), report.version.clone());
    let loaded = later(async move { instrument(&id, &version).await });
    let min_group = report.min_group.to_string();
    live(move || {
        let (_, wording) = loaded.get()?.ok()?;
        let gaps = report.gaps.clone()?;
        Some(any! { <GapTable gaps wording min_group=min_group.clone()/> })
    })
}

#[component]
fn ReportTables(
    report: Report,
    instrument: Arc<Instrument>,
    wording: Arc<Wording>,
    place: Option<Place>,
) -> impl IntoView {
    let published = place.is_none();
    let rater = Rater::from_code(&report.rater).unwrap_or(Rater::Own);
    let several = instrument.definition().raters.len() > 1;
    let role = wording.text(&format!("raters.{}.label", rater.code()));
    let title = if several {
        format!("{} · {role}", wording.text("title"))
    } else {
        wording.text("title").to_owned()
    };
    let min_group = report.min_group.to_string();
    let groups = instrument
        .definition()
        .groups
        .iter()
        .map(|group| {
            let caption = wording.text(&format!("groups.{}.title", group.id)).to_owned();
            let rows = report.scales.iter().filter(|row| row.group == group.id);
            let rows = estimate_rows(rows, &wording, &min_group);
            any! { <EstimateTable caption rows/> }
        })
        .collect_view();
    let suspects = report.without_suspects.as_ref().map(|without| match without.n_suspect {
        None => any! { <p class="notice calm">{text("coach.suspects_few")}</p> }.into_any(),
        Some(n) => {
            let caption = fill("coach.suspects", &[("n", &n.to_string())]);
            let rows = estimate_rows(without.scales.iter(), &wording, &min_group);
            any! { <EstimateTable caption rows/> }.into_any()
        }
    });
    let cuts = report
        .cuts
        .iter()
        .map(|cut| any! { <CutTable cut=cut.clone() instrument=instrument.clone() wording=wording.clone() min_group=report.min_group rater/> })
        .collect_view();
    let comments = report
        .comments
        .iter()
        .map(|list| {
            let title = wording.item(&list.item, rater).to_owned();
            let texts = match &list.texts {
                Some(texts) => {
                    let items = texts.iter().map(|text| any! { <li>{text.clone()}</li> }).collect_view();
                    any! { <ul class="comments">{items}</ul> }
                }
                // A published report holds no comments: those are the coach's to pass on.
                None if published => return ().into_any(),
                None => any! {
                    <p class="hint">{fill("coach.comments_hidden", &[("min", &report.min_comments.to_string())])}</p>
                },
            };
            any! { <h4>{title}</h4>{texts} }
        })
        .collect_view();
    let has_comments = !published && !report.comments.is_empty();
    // Neither this page, its print nor its table is compared with what was given away before.
    let was_released = |place: &Place| {
        let cohort = report.cohort.as_ref()?;
        (!untrack(|| place.kept.ledger(&cohort.id)).is_empty()).then_some(())
    };
    let released_before = place.as_ref().and_then(was_released);
    any! {
        <section
            class="report"
            data-report=report.instrument.clone()
            data-rater=report.rater.clone()
            data-cohort=report.cohort.as_ref().map(|cohort| cohort.id.clone())
            data-wave=report.cohort.as_ref().map(|cohort| cohort.wave.clone())
        >
            {report.cohort.as_ref().map(|cohort| any! {
                <p class="eyebrow">{fill("coach.of_cohort", &[("title", &cohort.title), ("wave", &cohort.wave)])}</p>
            })}
            <h2>{title}</h2>
            <p data-n=report.n.to_string()>{counted(&report)}</p>
            {released_before.map(|()| any! {
                <p class="notice warning" data-released-before="">{text("coach.released_before")}</p>
            })}
            {place.map(|place| any! { <RosterField place report=report.clone()/> })}
            {(report.n < report.min_group).then(|| any! {
                <p class="notice calm">{fill("coach.below_min", &[("min", &min_group)])}</p>
            })}
            <p class="hint">{fill("coach.how_to_read", &[("min", &min_group)])}</p>
            {report.roster.map(|roster| any! {
                <p class="hint" data-roster=roster.to_string()>{fill("coach.asked", &[("roster", &roster.to_string())])}</p>
            })}
            {report.unsigned.then(|| any! { <p class="notice">{text("coach.unsigned")}</p> })}
            {report.outcomes.clone().map(|outcomes| any! { <OutcomeTables outcomes wording=wording.clone() min_group=min_group.clone()/> })}
            {groups}
            {weak_scales(&report, &wording)}
            {disagreements(&report, &instrument, &wording)}
            {suspects}
            {report.change.clone().map(|change| any! { <ChangeTable change wording=wording.clone() min_group=min_group.clone()/> })}
            {report.gaps.clone().map(|gaps| any! { <GapTable gaps wording=wording.clone() min_group=min_group.clone()/> })}
            {cuts}
            <QualityTable scales=report.scales.clone() wording=wording.clone()/>
            <ItemTable items=report.items.clone() wording=wording.clone() rater/>
            {has_comments.then(|| any! { <h3>{text("coach.comments")}</h3> })}
            {comments}
        </section>
    }
}

fn estimate_rows<'a>(
    rows: impl Iterator<Item = &'a ScaleRow>,
    wording: &Wording,
    min_group: &str,
) -> AnyView {
    rows.map(|row| {
        any! { <EstimateRow id=row.scale.clone() name=wording.scale_name(&row.scale).to_owned() row=row.clone() min_group=min_group.to_owned()/> }
    })
    .collect_view()
    .into_any()
}

#[component]
fn EstimateTable(caption: String, rows: AnyView) -> impl IntoView {
    any! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=caption.clone()>
            <table class="estimates">
                <caption>{caption.clone()}</caption>
                <thead><tr>
                    <th scope="col">{text("report.scale")}</th>
                    <th scope="col" class="number">{text("coach.n")}</th>
                    <th scope="col" class="number">{text("coach.mean")}</th>
                    <th scope="col" class="number">{text("coach.ci")}</th>
                    <th scope="col" class="number">{text("coach.sd")}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn EstimateRow(id: String, name: String, row: ScaleRow, min_group: String) -> impl IntoView {
    let cells = match row.estimate {
        Some(estimate) => estimate_cells(&estimate).into_any(),
        None => {
            any! { <td class="hidden-cell" colspan="4">{fill("coach.hidden", &[("min", &min_group)])}</td> }
        }
    };
    any! { <tr data-scale=id><th scope="row">{name}</th>{cells}</tr> }
}

fn estimate_cells(estimate: &Estimate) -> impl IntoView + use<> {
    let [low, high] = estimate.ci95.map_or([None, None], |[low, high]| [Some(low), Some(high)]);
    any! {
        <td class="number" data-n="">{estimate.n}</td>
        <td class="number" data-mean="">{one_decimal(Some(estimate.mean))}</td>
        <td class="number">
            <span data-low="">{one_decimal(low)}</span>"–"<span data-high="">{one_decimal(high)}</span>
        </td>
        <td class="number" data-sd="">{one_decimal(estimate.sd)}</td>
    }
}

fn one_decimal(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}"))
}

fn counted(report: &Report) -> String {
    match report.roster {
        None => people("coach.people", report.n),
        Some(roster) => {
            let values = [("n", &*report.n.to_string()), ("roster", &*roster.to_string())];
            fill("coach.people_asked", &values)
        }
    }
}

/// A number of people in words.
fn people(key: &str, n: u64) -> String {
    plural(key, usize::try_from(n).unwrap_or(usize::MAX), &[])
}

/// A cut: one column a group, one row a scale; hidden cells say why.
#[component]
fn CutTable(
    cut: Cut,
    instrument: Arc<Instrument>,
    wording: Arc<Wording>,
    min_group: u64,
    rater: Rater,
) -> impl IntoView {
    let response = instrument.item(&cut.item).and_then(|item| match &item.kind {
        ItemKind::Choice { response, .. } => Some(response.clone()),
        _ => None,
    });
    let label = |code: Option<i64>| {
        let not_stated = || text("coach.not_stated").to_owned();
        let Some(code) = code else { return not_stated() };
        match (&cut.asked, &response) {
            (Some(asked), _) => {
                let place = usize::try_from(code).ok().and_then(|code| code.checked_sub(1));
                place.and_then(|place| asked.options.get(place).cloned()).unwrap_or_else(not_stated)
            }
            (None, Some(response)) => wording.option(response, Some(code)).to_owned(),
            (None, None) => not_stated(),
        }
    };
    let present = |group: &&CutGroup| group.n != Some(0);
    // Below a title of its own, what the hidden groups give together.
    let other = cut.other.clone();
    let shown: Vec<(String, String, CutGroup)> = cut
        .groups
        .iter()
        .filter(present)
        .map(|group| {
            let code = group.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
            (label(group.code), code, group.clone())
        })
        .chain(other.map(|other| (text("coach.other").to_owned(), "other".to_owned(), other)))
        .collect();
    let hidden_label = fill("coach.hidden_short", &[("min", &min_group.to_string())]);
    let heads = shown
        .iter()
        .map(|(label, _, group)| {
            let n =
                group.n.map_or_else(|| hidden_label.clone(), |n| people("coach.people_short", n));
            any! { <th scope="col" class="number">{label.clone()}<span class="sub">{n}</span></th> }
        })
        .collect_view();
    let rows = instrument
        .definition()
        .scales
        .iter()
        .enumerate()
        .map(|(idx, scale)| {
            let cells = shown
                .iter()
                .map(|(_, code, group)| {
                    let code = code.clone();
                    match group.scales.get(idx).and_then(|row| row.estimate.as_ref()) {
                        Some(estimate) => any! { <td class="number" data-group=code data-mean="">{one_decimal(Some(estimate.mean))}</td> },
                        None => any! { <td class="number hidden-cell" data-group=code>{text("coach.hidden_cell")}</td> },
                    }
                })
                .collect_view();
            any! { <tr data-cut-scale=scale.id.clone()><th scope="row">{wording.scale_name(&scale.id).to_owned()}</th>{cells}</tr> }
        })
        .collect_view();
    let caption = match &cut.asked {
        Some(asked) => asked.title.clone(),
        None => wording.item(&cut.item, rater).to_owned(),
    };
    any! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=caption.clone() data-cut=cut.item.clone()>
            <table>
                <caption>{caption.clone()}</caption>
                <thead><tr><th scope="col">{text("report.scale")}</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn ItemTable(items: Vec<ItemRow>, wording: Arc<Wording>, rater: Rater) -> impl IntoView {
    let rows = items
        .into_iter()
        .map(|row| {
            let favourable = one_decimal(row.favourable);
            let interval = row.favourable_ci95.map_or_else(
                || "–".to_owned(),
                |[low, high]| format!("{}–{}", one_decimal(Some(low)), one_decimal(Some(high))),
            );
            let cells = match row.estimate {
                Some(estimate) => any! {
                    <td class="number" data-n="">{estimate.n}</td>
                    <td class="number" data-mean="">{one_decimal(Some(estimate.mean))}</td>
                    <td class="number" data-favourable="">{favourable}</td>
                    <td class="number">{interval}</td>
                },
                None => any! { <td class="hidden-cell" colspan="4">{text("coach.hidden_cell")}</td> },
            };
            any! {
                <tr data-item=row.item.clone()>
                    <th scope="row">
                        {wording.item(&row.item, rater).to_owned()}
                        {row.reversed.then(|| any! { <span class="sub">{text("coach.reversed")}</span> })}
                    </th>
                    {cells}
                </tr>
            }
        })
        .collect_view();
    any! {
        <details class="items">
            <summary>{text("coach.items")}</summary>
            <div class="table-scroll" tabindex="0" role="region" aria-label=text("coach.items")>
                <table>
                    <caption>{text("coach.items")}</caption>
                    <thead><tr>
                        <th scope="col">{text("coach.item")}</th>
                        <th scope="col" class="number">{text("coach.n")}</th>
                        <th scope="col" class="number">{text("coach.mean")}</th>
                        <th scope="col" class="number">{text("coach.favourable")}</th>
                        <th scope="col" class="number">{text("coach.favourable.ci")}</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
}

/// Where leaders and managers differ, over all pairs: one row a scale.
#[component]
fn GapTable(gaps: Gaps, wording: Arc<Wording>, min_group: String) -> impl IntoView {
    let caption = text("coach.gaps");
    let count = |n: Option<u64>| n.map_or_else(|| "–".to_owned(), |n| n.to_string());
    let row = |row: GapRow| {
        let cells = match row.estimate {
            Some(found) => {
                let [low, high] = found.gap_ci95.map_or([None, None], |ends| ends.map(Some));
                let end = |end: Option<f64>| {
                    end.map_or_else(|| "–".to_owned(), |end| format!("{end:+.1}"))
                };
                let over = fill(
                    "coach.gaps.counts",
                    &[("over", &count(found.over)), ("under", &count(found.under))],
                );
                any! {
                    <td class="number" data-n="">{found.n}</td>
                    <td class="number" data-gap="">{format!("{:+.1}", found.gap)}</td>
                    <td class="number">{end(low)}" … "{end(high)}</td>
                    <td class="number">{one_decimal(found.gap_sd)}</td>
                    <td class="number">{over}</td>
                }
            }
            None => {
                any! { <td class="hidden-cell" colspan="5">{fill("coach.hidden", &[("min", &min_group)])}</td> }
            }
        };
        any! { <tr data-gap-scale=row.scale.clone()><th scope="row">{wording.scale_name(&row.scale).to_owned()}</th>{cells}</tr> }
    };
    let rows = gaps.scales.into_iter().map(row).collect_view();
    any! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=caption data-gaps=gaps.n.to_string()>
            <table class="estimates">
                <caption>{caption}<span class="sub">{people("coach.gaps_pairs", gaps.n)}</span></caption>
                <thead><tr>
                    <th scope="col">{text("report.scale")}</th>
                    <th scope="col" class="number">{text("coach.gaps.n")}</th>
                    <th scope="col" class="number">{text("coach.gaps.mean")}</th>
                    <th scope="col" class="number">{text("coach.ci")}</th>
                    <th scope="col" class="number">{text("coach.sd")}</th>
                    <th scope="col" class="number">{text("coach.gaps.named")}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <p class="hint">{text("coach.gaps.do")}</p>
    }
}

/// What changed since the wave before: one row a scale.
#[component]
fn ChangeTable(change: Change, wording: Arc<Wording>, min_group: String) -> impl IntoView {
    let caption = fill("coach.change", &[("wave", &change.since)]);
    let how = match change.matched {
        Some(n) => people("coach.change_matched", n),
        None => text("coach.change_means").to_owned(),
    };
    let rows = change
        .scales
        .into_iter()
        .map(|row| {
            let cells = match row.estimate {
                Some(found) => {
                    let [low, high] = found.points_ci95;
                    any! {
                        <td class="number" data-points="">{format!("{:+.1}", found.points)}</td>
                        <td class="number">{format!("{low:+.1} … {high:+.1}")}</td>
                        <td class="number">{two_decimals(found.effect)}</td>
                        <td class="number">{format!("{:.3}", found.p_holm)}</td>
                    }
                    .into_any()
                }
                None => any! { <td class="hidden-cell" colspan="4">{fill("coach.hidden", &[("min", &min_group)])}</td> }.into_any(),
            };
            any! { <tr data-change=row.scale.clone()><th scope="row">{wording.scale_name(&row.scale).to_owned()}</th>{cells}</tr> }
        })
        .collect_view();
    any! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=caption.clone()>
            <table class="estimates">
                <caption>{caption.clone()}<span class="sub">{how}</span></caption>
                <thead><tr>
                    <th scope="col">{text("report.scale")}</th>
                    <th scope="col" class="number">{text("coach.points")}</th>
                    <th scope="col" class="number">{text("coach.ci")}</th>
                    <th scope="col" class="number">{text("coach.effect")}</th>
                    <th scope="col" class="number">{text("coach.p")}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// How many people are told what in their own reports.
#[component]
fn OutcomeTables(outcomes: Outcomes, wording: Arc<Wording>, min_group: String) -> impl IntoView {
    let row = |id: String, name: String, n: Option<u64>| {
        let n = n.map_or_else(|| "–".to_owned(), |n| n.to_string());
        any! { <tr data-told=id><th scope="row">{name}</th><td class="number">{n}</td></tr> }
    };
    let rows = |told: &[Told], other: Option<u64>| {
        let named = told.iter().map(|Told { rule, n }| match rule {
            Some(id) => row(id.clone(), wording.text(&format!("rules.{id}.title")).to_owned(), *n),
            None => row("none".to_owned(), text("coach.told_none").to_owned(), *n),
        });
        let other =
            other.map(|n| row("other".to_owned(), text("coach.told_other").to_owned(), Some(n)));
        named.chain(other).collect_view().into_any()
    };
    let table = |caption: &'static str, rows: AnyView| {
        any! {
            <div class="table-scroll" tabindex="0" role="region" aria-label=text(caption)>
                <table>
                    <caption>{text(caption)}</caption>
                    <thead><tr>
                        <th scope="col">{text("coach.told_what")}</th>
                        <th scope="col" class="number">{text("coach.n")}</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    };
    any! {
        {table("coach.told_first", rows(&outcomes.verdicts, outcomes.other))}
        {table("coach.told_else", rows(&outcomes.rules, None))}
        <p class="hint">{fill("coach.told_hint", &[("min", &min_group)])}</p>
    }
}

/// The scales on which people disagree, each with what to do and the number behind it.
fn disagreements(report: &Report, instrument: &Instrument, wording: &Wording) -> AnyView {
    let definition = instrument.definition();
    let found = report.scales.iter().zip(&definition.scales).filter_map(|(row, scale)| {
        let quality = row.quality.as_ref().filter(|quality| quality.disagree)?;
        let from = definition.agreement_from(scale)?;
        let name = wording.scale_name(&row.scale);
        let why = fill(
            "coach.disagree_why",
            &[
                ("n", &quality.n.to_string()),
                ("found", &two_decimals(quality.rwg_uniform)),
                ("from", &format!("{}.{:02}", from / 100, from % 100)),
            ],
        );
        let said = wording.text(&format!("scales.{}.disagreement", row.scale)).to_owned();
        Some(any! {
            <article class="rule" data-disagree=row.scale.clone()>
                <h4>{fill("coach.disagree_on", &[("scale", name)])}</h4>
                <p>{said}</p>
                <details class="reasons">
                    <summary>{text("report.why")}</summary>
                    <p>{why}</p>
                </details>
            </article>
        })
    });
    let found: Vec<AnyView> = found.collect();
    if found.is_empty() {
        return ().into_any();
    }
    any! { <section class="said"><h3>{text("coach.disagree")}</h3>{found}</section> }
}

/// The scales that measure too little, said beside their scores and not only where their numbers are.
fn weak_scales(report: &Report, wording: &Wording) -> Option<AnyView> {
    let alphas =
        report.scales.iter().filter_map(|row| Some((row, row.quality.as_ref()?.weak_alpha()?)));
    let alphas: Vec<(&ScaleRow, f64)> = alphas.collect();
    let named = alphas
        .iter()
        .map(|(row, alpha)| format!("{} ({alpha:.2})", wording.scale_name(&row.scale)));
    let scales = named.collect::<Vec<_>>().join(", ");
    let contrary =
        alphas.iter().any(|(_, alpha)| *alpha < 0.0).then(|| text("coach.contrary_scales"));
    let ids = alphas.iter().map(|(row, _)| row.scale.as_str()).collect::<Vec<_>>().join(" ");
    (!alphas.is_empty()).then(|| any! {
        <p class="notice calm" data-weak-scales=ids>{fill("coach.weak_scales", &[("scales", &scales)])}" "{contrary}</p>
    })
}

/// How well the scales measure, for whoever has to defend the numbers.
#[component]
fn QualityTable(scales: Vec<ScaleRow>, wording: Arc<Wording>) -> impl IntoView {
    let measured: Vec<(String, Quality)> =
        scales.into_iter().filter_map(|row| Some((row.scale, row.quality?))).collect();
    if measured.is_empty() {
        return ().into_any();
    }
    let rows = measured
        .into_iter()
        .map(|(scale, quality)| {
            let ends = quality.alpha_ci95.map(|[low, high]| format!("{low:.2}–{high:.2}"));
            any! {
                <tr data-quality=scale.clone()>
                    <th scope="row">{wording.scale_name(&scale).to_owned()}</th>
                    <td class="number">{quality.n}</td>
                    <td class="number" data-alpha="">{two_decimals(quality.alpha)}</td>
                    <td class="number">{ends.unwrap_or_else(|| "–".to_owned())}</td>
                    <td class="number">{two_decimals(quality.omega)}</td>
                    <td class="number">{two_decimals(quality.rwg_uniform)}</td>
                    <td class="number">{two_decimals(quality.rwg_slight_skew)}</td>
                </tr>
            }
        })
        .collect_view();
    any! {
        <details class="items">
            <summary>{text("coach.quality")}</summary>
            <p class="hint">{text("coach.quality_hint")}</p>
            <div class="table-scroll" tabindex="0" role="region" aria-label=text("coach.quality_caption")>
                <table>
                    <caption>{text("coach.quality_caption")}</caption>
                    <thead><tr>
                        <th scope="col">{text("report.scale")}</th>
                        <th scope="col" class="number">{text("coach.n")}</th>
                        <th scope="col" class="number">{text("coach.alpha")}</th>
                        <th scope="col" class="number">{text("coach.ci")}</th>
                        <th scope="col" class="number">{text("coach.omega")}</th>
                        <th scope="col" class="number">{text("coach.rwg_uniform")}</th>
                        <th scope="col" class="number">{text("coach.rwg_skew")}</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}

fn two_decimals(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"))
}
