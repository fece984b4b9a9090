//! The list of instruments, each with where it stands on this device.

use super::cohort::joined;
use super::load::{Entry, index, later};
use crate::app::Device;
use crate::catalogue::{fill, plural, text};
use crate::components::{Failure, Page};
use crate::live;
use crate::platform::{clock, storage};
use crate::route::{Route, Step};
use crate::state::{COHORTS, Progress, Stage, SurveyKey};
use leptos::prelude::*;

/// Home.
#[component]
pub fn Home() -> impl IntoView {
    let entries = later(index());
    any! {
        {live(move || entries.get().map(|entries| match entries {
            Ok(entries) => any! { <Loaded entries/> },
            Err(error) => any! {
                <Page name="failed" title=text("home.title")>
                    <Failure code=error.code() detail=error.detail()/>
                </Page>
            },
        }))}
    }
}

#[component]
fn Loaded(entries: Vec<Entry>) -> impl IntoView {
    let cards = entries.into_iter().map(|entry| any! { <Card entry/> }).collect_view();
    any! {
        <Page name="home" title=text("home.title")>
            <p class="lead">{text("home.lead")}</p>
            <ul class="promises">
                <li>{text("home.promise.private")}</li>
                <li>{text("home.promise.own")}</li>
                <li>{text("home.promise.pause")}</li>
            </ul>
            <Cohorts/>
            <h2 class="visually-hidden">{text("home.instruments")}</h2>
            <ul class="cards">{cards}</ul>
            <section class="aside-card">
                <h2>{text("home.coach.title")}</h2>
                <p>{text("home.coach.text")}</p>
                <p><a class="button secondary" href=Route::coach().href()>{text("home.coach.action")}</a></p>
            </section>
        </Page>
    }
}

/// Links that were followed on this device.
#[component]
fn Cohorts() -> impl IntoView {
    let entries = storage::entries(&format!("{}{COHORTS}", storage::PREFIX));
    let links: Vec<_> = entries
        .iter()
        .filter_map(|(entry, _)| {
            let joined = joined(entry.strip_suffix("/link")?)?;
            let claims = joined.link.claims();
            let label = fill("home.cohort", &[("title", &claims.title), ("coach", &claims.coach)]);
            let href = Route::Cohort(joined.link.slug()).href();
            Some(any! { <li><a class="button secondary" data-cohort="" href=href>{label}</a></li> })
        })
        .collect();
    (!links.is_empty())
        .then(|| any! { <section><h2>{text("home.cohorts")}</h2><ul class="asked-list">{links}</ul></section> })
}

#[component]
fn Card(entry: Entry) -> impl IntoView {
    let device = expect_context::<Device>();
    let intro = Route::Intro { instrument: entry.id.clone(), version: entry.version.clone() };
    let facts = fill(
        "home.facts",
        &[
            ("minutes", &plural("unit.minutes", entry.minutes, &[])),
            ("questions", &plural("unit.questions", entry.n_items, &[])),
        ],
    );
    let raters = entry.raters;
    let (id, version, n_items) = (entry.id.clone(), entry.version.clone(), entry.n_items);
    let short_title = entry.short_title;
    let status = move || {
        device.changed_elsewhere.track();
        let kept = raters.iter().filter_map(|rater| {
            let key = SurveyKey::new(None, &id, &version, *rater);
            let entries = storage::entries(&format!("{}{}", storage::PREFIX, key.prefix()));
            let progress = Progress::from_entries(*rater, &entries);
            let n_answered = progress.n_answered();
            let (label, step) = match progress.stage() {
                Stage::NotStarted => return None,
                Stage::Answering => (
                    fill(
                        "home.answering",
                        &[("n", &n_answered.to_string()), ("of", &n_items.to_string())],
                    ),
                    Step::Screen(progress.screen),
                ),
                Stage::Finished { at } => {
                    (fill("home.finished", &[("date", &clock::local_time(at))]), Step::Report)
                }
            };
            let action = match step {
                Step::Report => text("home.see_report"),
                _ => text("home.continue"),
            };
            let href = Route::Survey(key, step).href();
            Some(any! {
                <p class="card-status">
                    <span>{label}</span>
                    <a href=href>{action}<span class="visually-hidden">" "{short_title.clone()}</span></a>
                </p>
            })
        });
        kept.collect_view()
    };
    any! {
        <li class="card">
            <p class="card-facts">{facts}</p>
            <h3><a class="card-link" data-instrument=entry.id.clone() href=intro.href()>{entry.title}</a></h3>
            <p>{entry.summary}</p>
            {live(status)}
        </li>
    }
}
