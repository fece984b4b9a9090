//! A new plan: what the test is, and what it shall be called.

use super::rules::{self, Rules};
use super::words::phases;
use super::{Sheet, TitleField, Working};
use crate::catalogue::text;
use crate::components::Failure;
use crate::live;
use crate::pages::intro::Failed;
use crate::pages::load::later;
use crate::platform::{clock, dom};
use crate::route::AsidePage;
use leptos::prelude::*;
use scoring::plan::ninety_days::{Event, MAX_SHORT, NinetyDays, Refused};
use scoring::plan::{Day, WorksheetKind};
use std::sync::Arc;

/// The page.
#[component]
pub fn NewPlan() -> impl IntoView {
    let rules = later(rules::load());
    live(move || {
        rules.get().map(|rules| match rules {
            Ok(rules) => any! { <Form rules/> },
            Err(error) => any! { <Failed error/> },
        })
    })
}

#[component]
fn Form(rules: Arc<Rules>) -> impl IntoView {
    let title = RwSignal::new(String::new());
    let failed = RwSignal::new(None::<&'static str>);
    let create = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let mut plan = NinetyDays::default();
        let title = Event::Title(title.get_untracked().trim().to_owned());
        let titled = plan.apply(title, Day::of_instant(clock::now())).map_err(Refused::code);
        match titled.and_then(|()| Sheet::create(&plan).map_err(|_| "no_randomness")) {
            Ok(id) => {
                let kind = WorksheetKind::NinetyDays;
                dom::go(&AsidePage::Worksheet { kind, id, place: String::new() }.href());
            }
            Err(code) => failed.set(Some(code)),
        }
    };
    any! {
        <Working name="plan-new" title=text("work.ninety_days.one")>
            <p class="lead">{text("work.ninety_days.lead")}</p>
            <h2>{text("work.ninety_days.phases")}</h2>
            {phases(&rules, None)}
            <p class="prose">{text("work.ninety_days.effort")}</p>
            <form class="panel" novalidate on:submit=create>
                <TitleField id="plan-title" label="work.ninety_days.title_field" hint="work.ninety_days.title_field.hint" max=MAX_SHORT value=title/>
                <div role="status">{live(move || failed.get().map(|code| any! { <Failure code/> }))}</div>
                <div class="actions">
                    <button class="button" data-action="create">{text("work.ninety_days.create")}</button>
                </div>
            </form>
        </Working>
    }
}
