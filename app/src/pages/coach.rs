//! Adding up: files in, verdicts on each, a report fair to small groups, a table out.

use super::load::{instrument, later};
use crate::catalogue::{error_pair, fill, plural, text};
use crate::components::{Failure, Page};
use crate::engine::{CohortView, ask};
use crate::platform::files::{self, Chosen};
use crate::platform::{clock, dom, worker};
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use scoring::cohort::{Cut, Estimate, Import, ItemRow, Outcome, Report, ScaleRow, Status};
use scoring::instrument::{Instrument, ItemKind, Rater, Wording};
use std::sync::Arc;

/// What the page is doing.
#[derive(Debug, Clone, PartialEq)]
enum Work {
    Idle,
    Reading { done: usize, of: usize },
    Failed(String),
}

/// What the page knows, and its verbs.
#[derive(Clone, Copy)]
struct Desk {
    work: RwSignal<Work>,
    view: RwSignal<Option<CohortView>>,
}

impl Desk {
    /// Reads files one after the other, so that memory stays flat and the count is honest.
    async fn read(self, chosen: Vec<Chosen>) {
        let wanted = |file: &&Chosen| {
            // Folders bring along what the system puts there.
            let base = file.name.rsplit('/').next().unwrap_or_default();
            !base.starts_with('.') && !base.eq_ignore_ascii_case("desktop.ini")
        };
        let files: Vec<&Chosen> = chosen.iter().filter(wanted).collect();
        for (done, file) in files.iter().enumerate() {
            self.work.set(Work::Reading { done, of: files.len() });
            if let Err(reason) = add(file).await {
                self.work.set(Work::Failed(reason));
                return;
            }
        }
        match report().await {
            Ok(view) => {
                self.view.set(Some(view));
                self.work.set(Work::Idle);
            }
            Err(reason) => self.work.set(Work::Failed(reason)),
        }
    }

    async fn clear(self) {
        match worker::ask(ask::CLEAR, "", None).await {
            Ok(_) => {
                self.view.set(None);
                self.work.set(Work::Idle);
            }
            Err(reason) => self.work.set(Work::Failed(reason)),
        }
    }
}

async fn add(file: &Chosen) -> Result<(), String> {
    if !Import::is_readable(&file.name, file.size) {
        return worker::ask(ask::ADD_TOO_LARGE, &file.name, None).await.map(|_| ());
    }
    let bytes = file.read().await?;
    worker::ask(ask::ADD, &file.name, Some(&bytes)).await.map(|_| ())
}

async fn report() -> Result<CohortView, String> {
    let answer = worker::ask(ask::REPORT, "", None).await?.as_string().unwrap_or_default();
    serde_json::from_str(&answer).map_err(|error| error.to_string())
}

/// The coach's page.
#[component]
pub fn Coach() -> impl IntoView {
    let desk = Desk { work: RwSignal::new(Work::Idle), view: RwSignal::new(None) };
    let input = NodeRef::<Input>::new();
    let folder = NodeRef::<Input>::new();
    let over = RwSignal::new(false);
    let take = move |node: NodeRef<Input>| {
        if let Some(element) = node.get_untracked() {
            let chosen = files::from_list(element.files());
            spawn_local(async move {
                desk.read(chosen).await;
                // The same file may be chosen again.
                element.set_value("");
            });
        }
    };
    let drop = move |event: web_sys::DragEvent| {
        event.prevent_default();
        over.set(false);
        if let Some(transfer) = event.data_transfer() {
            let entries = files::dropped(&transfer);
            spawn_local(async move { desk.read(files::walk(entries).await).await });
        }
    };
    let busy = move || matches!(desk.work.get(), Work::Reading { .. });
    any! {
        <Page name="coach" title=text("coach.title")>
            <p class="lead">{text("coach.lead")}</p>
            <section
                class="drop"
                class:over=move || over.get()
                aria-label=text("coach.add")
                on:dragover=move |event: web_sys::DragEvent| { event.prevent_default(); over.set(true); }
                on:dragleave=move |_| over.set(false)
                on:drop=drop
            >
                <p class="drop-title">{text("coach.drop")}</p>
                <div class="actions">
                    <label class="button file-button">
                        <input type="file" id="files" multiple node_ref=input on:change=move |_| take(input)/>
                        <span>{text("coach.choose")}</span>
                    </label>
                    <label class="button secondary file-button">
                        <input type="file" id="folder" prop:webkitdirectory=true multiple node_ref=folder on:change=move |_| take(folder)/>
                        <span>{text("coach.choose_folder")}</span>
                    </label>
                </div>
                <p class="hint">{text("coach.not_kept")}</p>
            </section>
            <div role="status">
                {move || match desk.work.get() {
                    Work::Reading { done, of } => any! {
                        <p data-busy="">
                            {fill("coach.reading", &[("n", &(done + 1).to_string()), ("of", &of.to_string())])}
                        </p>
                    },
                    Work::Failed(reason) => any! { <Failure code="engine" detail=reason/> },
                    Work::Idle => ().into_any(),
                }}
            </div>
            {move || match desk.view.get() {
                Some(view) => any! { <Results desk view busy=Signal::derive(busy)/> },
                None => any! {
                    <section class="prose">
                        <h2>{text("coach.empty.title")}</h2>
                        <ol>
                            <li>{text("coach.empty.collect")}</li>
                            <li>{text("coach.empty.drop")}</li>
                            <li>{text("coach.empty.read")}</li>
                        </ol>
                    </section>
                },
            }}
        </Page>
    }
}

#[component]
fn Results(desk: Desk, view: CohortView, busy: Signal<bool>) -> impl IntoView {
    let count =
        |wanted: &dyn Fn(&Outcome) -> bool| view.outcomes.iter().filter(|o| wanted(o)).count();
    let counted = count(&|o| o.status == Status::Accepted && o.code != "superseded");
    let superseded = count(&|o| o.code == "superseded");
    let duplicates = count(&|o| o.status == Status::Duplicate);
    let rejected = count(&|o| o.status == Status::Rejected);
    let csv = StoredValue::new(view.csv.clone());
    let download = move |_| {
        let name = format!("plumbline-report-{}.csv", clock::iso_date(clock::now()));
        csv.with_value(|csv| files::download(&name, "text/csv;charset=utf-8", csv));
    };
    let reports =
        view.reports.clone().into_iter().map(|report| any! { <ReportPart report/> }).collect_view();
    let has_reports = !view.reports.is_empty();
    any! {
        <section class="tally">
            <ul class="counts">
                <li><strong>{counted}</strong>" "{text("coach.counted")}</li>
                <li><strong>{rejected}</strong>" "{text("coach.rejected")}</li>
                <li><strong>{duplicates}</strong>" "{text("coach.duplicates")}</li>
                <li><strong>{superseded}</strong>" "{text("coach.superseded")}</li>
            </ul>
            <div class="actions">
                {has_reports.then(|| any! {
                    <button type="button" class="button" data-action="csv" on:click=download>{text("coach.csv")}</button>
                    <button type="button" class="button secondary" data-action="print" on:click=|_| dom::print()>{text("report.print")}</button>
                })}
                <button
                    type="button"
                    class="button secondary"
                    data-action="clear-files"
                    aria-disabled=move || busy.get().then_some("true")
                    on:click=move |_| { if !busy.get_untracked() { spawn_local(desk.clear()); } }
                >{text("coach.clear")}</button>
            </div>
            <Outcomes outcomes=view.outcomes/>
        </section>
        {reports}
    }
}

/// Files that need attention in full view; the others on request.
#[component]
fn Outcomes(outcomes: Vec<Outcome>) -> impl IntoView {
    let needs_attention = |o: &Outcome| o.status == Status::Rejected || o.code == "scores_differ";
    let (attention, others): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(needs_attention);
    let n_others = others.len();
    any! {
        {(!attention.is_empty()).then(|| any! {
            <OutcomeTable caption=text("coach.attention") outcomes=attention/>
        })}
        {(n_others > 0).then(|| any! {
            <details class="outcomes">
                <summary>{plural("coach.other_files", n_others, &[])}</summary>
                <OutcomeTable caption=text("coach.files") outcomes=others/>
            </details>
        })}
    }
}

#[component]
fn OutcomeTable(caption: &'static str, outcomes: Vec<Outcome>) -> impl IntoView {
    let rows: Vec<_> = outcomes.into_iter().map(outcome_row).collect();
    any! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=caption>
            <table>
                <caption>{caption}</caption>
                <thead><tr>
                    <th scope="col">{text("coach.file")}</th>
                    <th scope="col">{text("coach.reason")}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn outcome_row(outcome: Outcome) -> AnyView {
    let (status, label) = match outcome.status {
        Status::Accepted => ("accepted", "coach.status.accepted"),
        Status::Rejected => ("rejected", "coach.status.rejected"),
        Status::Duplicate => ("duplicate", "coach.status.duplicate"),
    };
    let reason = (outcome.code != "counted").then(|| {
        let (what, to_do) = error_pair(&outcome.code);
        let detail = (outcome.status == Status::Rejected).then_some(outcome.message);
        any! {
            <span>{what}</span>" "<span class="to-do">{to_do}</span>
            {detail.map(|detail| any! { <span class="detail">{detail}</span> })}
        }
    });
    any! {
        <tr data-status=status data-code=outcome.code>
            <th scope="row">{outcome.file}</th>
            <td><strong class="status">{text(label)}</strong>" "{reason}</td>
        </tr>
    }
}

/// A report; its texts are fetched like a participant's.
#[component]
fn ReportPart(report: Report) -> impl IntoView {
    let (id, version) = (report.instrument.clone(), report.version.clone());
    let loaded = later(async move { instrument(&id, &version).await });
    any! {
        {move || loaded.get().map(|loaded| match loaded {
            Ok((instrument, wording)) => any! {
                <ReportTables report=report.clone() instrument wording/>
            },
            Err(error) => any! { <Failure code=error.code() detail=error.detail()/> },
        })}
    }
}

#[component]
fn ReportTables(
    report: Report,
    instrument: Arc<Instrument>,
    wording: Arc<Wording>,
) -> impl IntoView {
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
            let rows: Vec<_> = rows
                .map(|row| any! { <EstimateRow id=row.scale.clone() name=wording.scale_name(&row.scale).to_owned() row=row.clone() min_group=min_group.clone()/> })
                .collect();
            any! { <EstimateTable caption rows=rows.into_any()/> }
        })
        .collect_view();
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
                None => any! {
                    <p class="hint">{fill("coach.comments_hidden", &[("min", &report.min_comments.to_string())])}</p>
                },
            };
            any! { <h4>{title}</h4>{texts} }
        })
        .collect_view();
    let has_comments = !report.comments.is_empty();
    any! {
        <section class="report" data-report=report.instrument.clone() data-rater=report.rater.clone()>
            <h2>{title}</h2>
            <p data-n=report.n.to_string()>{plural("coach.people", report.n, &[])}</p>
            {(report.n < report.min_group).then(|| any! {
                <p class="notice calm">{fill("coach.below_min", &[("min", &min_group)])}</p>
            })}
            <p class="hint">{fill("coach.how_to_read", &[("min", &min_group)])}</p>
            {groups}
            {cuts}
            <ItemTable items=report.items.clone() wording=wording.clone() rater/>
            {has_comments.then(|| any! { <h3>{text("coach.comments")}</h3> })}
            {comments}
        </section>
    }
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

/// A cut: one column a group, one row a scale; hidden cells say why.
#[component]
fn CutTable(
    cut: Cut,
    instrument: Arc<Instrument>,
    wording: Arc<Wording>,
    min_group: usize,
    rater: Rater,
) -> impl IntoView {
    let response = instrument.item(&cut.item).and_then(|item| match &item.kind {
        ItemKind::Choice { response, .. } => Some(response.clone()),
        _ => None,
    });
    let label = |code: Option<i64>| match (code, &response) {
        (Some(code), Some(response)) => wording.option(response, Some(code)).to_owned(),
        _ => text("coach.not_stated").to_owned(),
    };
    let present = |group: &&scoring::cohort::CutGroup| group.n != Some(0);
    let hidden_label = fill("coach.hidden_short", &[("min", &min_group.to_string())]);
    let heads = cut
        .groups
        .iter()
        .filter(present)
        .map(|group| {
            let n = group.n.map_or_else(|| hidden_label.clone(), |n| plural("coach.people_short", n, &[]));
            any! { <th scope="col" class="number">{label(group.code)}<span class="sub">{n}</span></th> }
        })
        .collect_view();
    let rows = instrument
        .definition()
        .scales
        .iter()
        .enumerate()
        .map(|(idx, scale)| {
            let cells = cut
                .groups
                .iter()
                .filter(present)
                .map(|group| {
                    let code = group.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
                    match group.scales.get(idx).and_then(|row| row.estimate.as_ref()) {
                        Some(estimate) => any! { <td class="number" data-group=code data-mean="">{one_decimal(Some(estimate.mean))}</td> },
                        None => any! { <td class="number hidden-cell" data-group=code>{text("coach.hidden_cell")}</td> },
                    }
                })
                .collect_view();
            any! { <tr data-cut-scale=scale.id.clone()><th scope="row">{wording.scale_name(&scale.id).to_owned()}</th>{cells}</tr> }
        })
        .collect_view();
    let caption = wording.item(&cut.item, rater).to_owned();
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
                        <th scope="col" class="number">{text("coach.ci")}</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
}
