//! What an instrument is, who will see what, how long it takes; then start or go on.

use super::load::{LoadError, instrument, later};
use crate::catalogue::{fill, plural, text};
use crate::components::{Failure, Page};
use crate::live;
use crate::platform::storage;
use crate::route::{Route, Step};
use crate::state::{Progress, Stage, SurveyKey};
use leptos::prelude::*;
use scoring::instrument::{Definition, Instrument, Rater, Wording};
use std::sync::Arc;

/// The page before a survey.
#[component]
pub fn Intro(instrument: String, version: String) -> impl IntoView {
    let loaded = later(async move { self::instrument(&instrument, &version).await });
    any! {
        {live(move || loaded.get().map(|loaded| match loaded {
            Ok((instrument, wording)) => any! { <Loaded instrument wording/> },
            Err(error) => any! { <Failed error/> },
        }))}
    }
}

/// An instrument that could not be loaded.
#[component]
pub fn Failed(error: LoadError) -> impl IntoView {
    any! {
        <Page name="failed" title=text("load.title")>
            <Failure code=error.code() detail=error.detail()/>
            <p><a class="button" href=Route::Home.href()>{text("nav.home")}</a></p>
        </Page>
    }
}

#[component]
fn Loaded(instrument: Arc<Instrument>, wording: Arc<Wording>) -> impl IntoView {
    let definition = instrument.definition();
    let facts = facts(definition);
    let several = definition.raters.len() > 1;
    let purpose =
        wording.list("purpose").map(|text| any! { <p>{text.to_owned()}</p> }).collect_view();
    let starts = definition
        .raters
        .iter()
        .map(|rater| any! { <Start wording=wording.clone() id=definition.id.clone() rater=*rater several/> })
        .collect_view();
    any! {
        <Page name="intro" title=wording.text("title").to_owned() eyebrow=facts>
            <div class="prose">{purpose}</div>
            {several.then(|| any! { <h2>{text("intro.who")}</h2> })}
            <div class="starts" class:several=several>{starts}</div>
            <section class="prose">
                <h2>{text("intro.privacy.title")}</h2>
                <ul class="checks">
                    <li>{text("intro.privacy.device")}</li>
                    <li>{text("intro.privacy.file")}</li>
                    <li>{text("intro.privacy.skip")}</li>
                    <li>{text("intro.privacy.delete")}" "<a href=Route::data().href()>{text("nav.data")}</a></li>
                </ul>
            </section>
        </Page>
    }
}

/// How long it takes, and how much it asks.
pub fn facts(definition: &Definition) -> String {
    let minutes = usize::try_from(definition.minutes).unwrap_or(1);
    let minutes = plural("unit.minutes", minutes, &[]);
    let questions = plural("unit.questions", definition.items.len(), &[]);
    fill("intro.facts", &[("minutes", &minutes), ("questions", &questions)])
}

/// Who answers, what they should know, and the way in.
#[component]
pub fn Start(
    /// The cohort it is answered for, by the slug of its link.
    #[prop(optional_no_strip)]
    cohort: Option<String>,
    wording: Arc<Wording>,
    id: String,
    rater: Rater,
    several: bool,
    /// Whether nobody may begin any more.
    #[prop(optional)]
    closed: bool,
) -> impl IntoView {
    let text_of = |part: &str| wording.text(&format!("raters.{}.{part}", rater.code())).to_owned();
    let (label, instruction, notice) =
        (text_of("label"), text_of("instruction"), text_of("notice"));
    let key = SurveyKey::new(cohort.as_deref(), &id, wording.text("version"), rater);
    let entries = storage::entries(&format!("{}{}", storage::PREFIX, key.prefix()));
    let progress = Progress::from_entries(rater, &entries);
    let (action, step) = match progress.stage() {
        Stage::NotStarted => ("intro.start", Step::Screen(0)),
        Stage::Answering => ("intro.continue", Step::Screen(progress.screen)),
        Stage::Finished { .. } => ("intro.see_report", Step::Report),
    };
    let may_go = !closed || progress.stage() != Stage::NotStarted;
    any! {
        <section class="start">
            {several.then(|| any! { <h3>{label.clone()}</h3> })}
            <p>{instruction}</p>
            <p class="notice calm"><strong>{text("intro.who_sees")}</strong>" "{notice}</p>
            {may_go.then(|| any! { <p>
                <a class="button" data-action="start" data-rater=rater.code() href=Route::Survey(key, step).href()>
                    {text(action)}
                    {several.then(|| any! { <span class="visually-hidden">": "{label.clone()}</span> })}
                </a>
            </p> })}
        </section>
    }
}
