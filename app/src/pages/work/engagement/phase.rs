//! One phase: its dates, what was agreed, what was done, its entries, and what it lacks.

use super::course::Courses;
use super::entries::{Conflicts, Entries};
use super::findings::Lacks;
use super::form::{CheckBox, Single};
use super::{Frame, MEASURES, Sheet, address, checks, lists, phase_of, read, statements, word};
use crate::catalogue::{fill, text};
use crate::live;
use crate::route::Route;
use leptos::prelude::*;
use scoring::plan::engagement::{Engagement, Key, Kind, Phase};

/// The page of a phase.
#[component]
pub fn PhasePage(sheet: Sheet<Engagement>, phase: Phase) -> impl IntoView {
    let title = word(&format!("phase.{}", phase.code()));
    let part = move |part: &str| word(&format!("phase.{}.{part}", phase.code()));
    let written = statements(phase).iter().map(move |id| {
        let (label, hint) =
            (word(&format!("statement.{id}")), word(&format!("statement.{id}.hint")));
        any! { <Single sheet key=Key::new(Kind::Statement, id) label hint/> }
    });
    let ticked = checks(phase).iter().map(move |id| any! { <CheckBox sheet id/> });
    let entries = lists(phase).iter().map(move |kind| any! { <Entries sheet kind=*kind phase/> });
    // Entries in a list show their versions themselves.
    let is_single = read(sheet, move |record| {
        record
            .conflicts()
            .filter(|key| key.kind.ids().is_some() && phase_of(record, key) == phase)
            .cloned()
            .collect::<Vec<_>>()
    });
    let torn = Callback::new(move |key: Key| is_single().contains(&key));
    any! {
        <Frame sheet name="engagement-phase" title>
            <p class="lead">{part("what")}</p>
            <div class="aside-card">
                <p><strong>{text("work.engagement.evidence.where")}</strong>": "{part("evidence")}</p>
                <ul class="link-list">{sources(sheet, phase).collect_view()}</ul>
            </div>
            <Conflicts sheet of=torn/>
            <section>
                <h2>{text("work.engagement.dates.title")}</h2>
                <Single sheet key=Key::new(Kind::Phase, phase.code())/>
            </section>
            {(!statements(phase).is_empty()).then(|| any! {
                <section><h2>{text("work.engagement.agreed.title")}</h2>{written.collect_view()}</section>
            })}
            {(!checks(phase).is_empty()).then(|| any! {
                <section><h2>{text("work.engagement.steps.title")}</h2>{ticked.collect_view()}</section>
            })}
            {(phase == Phase::Evaluation).then(|| any! { <Courses sheet/> })}
            {entries.collect_view()}
            <Lacks sheet phase/>
            <Neighbours sheet phase/>
        </Frame>
    }
}

/// Links to where the evidence of a phase is made.
fn sources(sheet: Sheet<Engagement>, phase: Phase) -> impl Iterator<Item = AnyView> {
    let surveys = ("work.engagement.evidence.surveys", Route::Home.href());
    let reports = ("work.engagement.evidence.reports", Route::coach().href());
    let worksheets = ("work.engagement.evidence.worksheets", Route::work().href());
    let values = ("work.engagement.measures.link", address(sheet, MEASURES));
    let links = match phase {
        Phase::Contracting => vec![surveys],
        Phase::Assessment => vec![surveys, reports],
        Phase::Planning | Phase::Sessions => vec![worksheets],
        Phase::Feedback => vec![reports],
        Phase::Evaluation => vec![values, reports],
    };
    links.into_iter().map(|(key, href)| any! { <li><a href=href>{text(key)}</a></li> })
}

/// The phases before and after.
#[component]
fn Neighbours(sheet: Sheet<Engagement>, phase: Phase) -> impl IntoView {
    let at = Phase::ALL.iter().position(|own| *own == phase).unwrap_or(0);
    let link = move |phase: Phase, key: &'static str| {
        let title = word(&format!("phase.{}", phase.code()));
        let label = fill(key, &[("title", &title)]);
        any! { <a class="button secondary" href=address(sheet, phase.code())>{label}</a> }
    };
    let before = at.checked_sub(1).and_then(|at| Phase::ALL.get(at));
    let after = Phase::ALL.get(at + 1);
    live(move || {
        any! {
            <nav class="actions" aria-label=text("work.engagement.phases.title")>
                {before.map(|phase| link(*phase, "work.engagement.previous"))}
                {after.map(|phase| link(*phase, "work.engagement.following"))}
            </nav>
        }
    })
}
