//! Adding up: files in, verdicts on each, a report fair to small groups, a table out.

use super::Coaching;
use super::cohorts::AddLink;
use super::kept::{Kept, give_links, give_rosters};
use super::report::ReportPart;
use super::roster::Place;
use super::unlock::Unlock;
use crate::catalogue::{error_pair, fill, plural, text};
use crate::components::{DropArea, Failure};
use crate::engine::{CohortView, ask};
use crate::live;
use crate::platform::files::{self, Chosen};
use crate::platform::{clock, dom, spawn, worker};
use crate::route::AsidePage;
use leptos::prelude::*;
use scoring::cohort::{Import, Outcome, Status};

/// What the page is doing.
#[derive(Debug, Clone, PartialEq)]
enum Work {
    Idle,
    Reading { done: usize, of: usize },
    Failed(String),
}

/// The files that were added and what is known of them, and their verbs. The files themselves stay in the
/// engine while a coach goes from page to page.
#[derive(Clone, Copy)]
pub struct Desk {
    work: RwSignal<Work>,
    /// The verdicts and reports; none before any file.
    pub view: RwSignal<Option<CohortView>>,
    /// The field that takes the focus again when the reports come.
    pub typed_in: RwSignal<Option<String>>,
}

impl Desk {
    /// The desk as it was left.
    #[must_use]
    pub fn here() -> Self {
        let desk = Desk {
            work: RwSignal::new(Work::Idle),
            view: RwSignal::new(None),
            typed_in: RwSignal::new(None),
        };
        desk.look_again();
        desk
    }

    /// Takes files.
    pub fn take(self, chosen: Vec<Chosen>) {
        spawn(self.read(chosen));
    }

    /// Asks for verdicts and reports again, after a link was added, a key opened or a roster typed.
    pub fn look_again(self) {
        spawn(async move {
            let looked = match give_links().await {
                Ok(()) => report().await,
                Err(reason) => Err(reason),
            };
            self.show(looked);
        });
    }

    /// The page may be left before an answer comes.
    fn show(self, looked: Result<CohortView, String>) {
        match looked {
            Ok(view) => {
                self.view.try_set(Some(view).filter(|view| !view.outcomes.is_empty()));
                self.work.try_set(Work::Idle);
            }
            Err(reason) => {
                self.work.try_set(Work::Failed(reason));
            }
        }
    }

    /// Reads files one after the other, so that memory stays flat and the count is honest.
    async fn read(self, chosen: Vec<Chosen>) {
        let wanted = |file: &&Chosen| {
            // Folders bring along what the system puts there.
            let base = file.name.rsplit('/').next().unwrap_or_default();
            !base.starts_with('.') && !base.eq_ignore_ascii_case("desktop.ini")
        };
        let files: Vec<&Chosen> = chosen.iter().filter(wanted).collect();
        let mut failed = give_links().await.err();
        for (done, file) in files.iter().enumerate() {
            if failed.is_none() {
                self.work.try_set(Work::Reading { done, of: files.len() });
                failed = add(file).await.err();
            }
        }
        self.show(match failed {
            None => report().await,
            Some(reason) => Err(reason),
        });
    }

    async fn clear(self) {
        match worker::ask(ask::CLEAR, "", None).await {
            Ok(_) => {
                self.view.try_set(None);
                self.work.try_set(Work::Idle);
            }
            Err(reason) => {
                self.work.try_set(Work::Failed(reason));
            }
        }
    }

    /// Whether files are being read.
    #[must_use]
    pub fn is_busy(self) -> bool {
        matches!(self.work.get(), Work::Reading { .. })
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
    give_rosters().await?;
    worker::ask_json(ask::REPORT, "", None).await
}

/// The page where files are added up.
#[component]
pub fn AddUp() -> impl IntoView {
    let (desk, kept) = (Desk::here(), Kept::here());
    any! {
        <Coaching name="coach" title=text("coach.title") at=AsidePage::AddUp>
            <p class="lead">{text("coach.lead")}</p>
            <AddFiles desk/>
            {live(move || match desk.view.get() {
                Some(view) => any! { <Results desk kept view/> },
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
            })}
        </Coaching>
    }
}

/// Where files are dropped or chosen, and how far reading them has come.
#[component]
pub fn AddFiles(desk: Desk) -> impl IntoView {
    let take = Callback::new(move |chosen| desk.take(chosen));
    any! {
        <DropArea id="files" folder=true title=text("coach.drop") label=text("coach.add") hint=text("coach.not_kept") take/>
        <div role="status">
            {live(move || match desk.work.get() {
                Work::Reading { done, of } => any! {
                    <p data-busy="">
                        {fill("coach.reading", &[("n", &(done + 1).to_string()), ("of", &of.to_string())])}
                    </p>
                },
                Work::Failed(reason) => any! { <Failure code="engine" detail=reason/> },
                Work::Idle => ().into_any(),
            })}
        </div>
    }
}

#[component]
fn Results(desk: Desk, kept: Kept, view: CohortView) -> impl IntoView {
    let csv = StoredValue::new(view.csv.clone());
    let download = move |_| {
        let name = format!("plumbline-report-{}.csv", clock::iso_date(clock::now()));
        csv.with_value(|csv| files::download(&name, "text/csv;charset=utf-8", csv));
    };
    let reports = view.reports.clone().into_iter().enumerate().map(|(idx, report)| {
        let place = Place { desk, kept, field: format!("roster-{idx}") };
        any! { <ReportPart report place/> }
    });
    let reports = reports.collect_view();
    let has_reports = !view.reports.is_empty();
    any! {
        <section class="tally">
            <Tally outcomes=view.outcomes.clone()/>
            <div class="actions">
                {has_reports.then(|| any! {
                    <button type="button" class="button" data-action="csv" on:click=download>{text("coach.csv")}</button>
                    <button type="button" class="button secondary" data-action="print" on:click=|_| dom::print()>{text("report.print")}</button>
                })}
                <button
                    type="button"
                    class="button secondary"
                    data-action="clear-files"
                    aria-disabled=move || desk.is_busy().then_some("true")
                    on:click=move |_| { if !desk.is_busy() { spawn(desk.clear()); } }
                >{text("coach.clear")}</button>
            </div>
            <Waiting desk kept outcomes=view.outcomes.clone()/>
            <Outcomes outcomes=view.outcomes/>
        </section>
        {reports}
    }
}

/// How many files count, and how many do not.
#[component]
pub fn Tally(outcomes: Vec<Outcome>) -> impl IntoView {
    let replaced = |o: &Outcome| o.code == "superseded" || o.code == "invitation_reused";
    let count = |wanted: &dyn Fn(&Outcome) -> bool| outcomes.iter().filter(|o| wanted(o)).count();
    let counted = count(&|o| o.status == Status::Accepted && !replaced(o));
    let rejected = count(&|o| o.status == Status::Rejected);
    let duplicates = count(&|o| o.status == Status::Duplicate);
    any! {
        <ul class="counts">
            <li><strong>{counted}</strong>" "{text("coach.counted")}</li>
            <li><strong>{rejected}</strong>" "{text("coach.rejected")}</li>
            <li><strong>{duplicates}</strong>" "{text("coach.duplicates")}</li>
            <li><strong>{count(&replaced)}</strong>" "{text("coach.superseded")}</li>
        </ul>
    }
}

/// What would let refused files count: a key that is not open, a link that is not known.
#[component]
pub fn Waiting(desk: Desk, kept: Kept, outcomes: Vec<Outcome>) -> impl IntoView {
    let count = |codes: &[&str]| {
        outcomes.iter().filter(|outcome| codes.contains(&outcome.code.as_str())).count()
    };
    let (n_sealed, n_unknown) =
        (count(&["sealed_no_key"]), count(&["unknown_cohort", "other_link"]));
    let look_again = Callback::new(move |()| desk.look_again());
    let locked = move || {
        kept.keys().into_iter().filter(|key| kept.opened(&key.kid).is_none()).collect::<Vec<_>>()
    };
    any! {
        {(n_sealed > 0).then(|| any! {
            <div class="notice" data-waiting=n_sealed.to_string()>
                <p><strong>{plural("coach.sealed", n_sealed, &[])}</strong>" "{text("coach.sealed.do")}</p>
                {live(move || locked().into_iter().map(|key| any! { <Unlock kept key then=look_again/> }).collect_view())}
                <p><a href=AsidePage::Key.href()>{text("coach.sealed.other_key")}</a></p>
            </div>
        })}
        {(n_unknown > 0).then(|| any! {
            <div class="notice" data-unknown=n_unknown.to_string()>
                <p><strong>{plural("coach.unknown", n_unknown, &[])}</strong></p>
                <AddLink kept then=look_again/>
            </div>
        })}
    }
}

/// Files that need attention in full view; the others on request.
#[component]
pub fn Outcomes(outcomes: Vec<Outcome>) -> impl IntoView {
    let needs_attention = |o: &Outcome| {
        let noted = ["scores_differ", "suspect", "late", "invitation_reused"];
        o.status == Status::Rejected || noted.contains(&o.code.as_str())
    };
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
