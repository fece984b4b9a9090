//! Everything kept on this device: seen, exported, deleted.

use super::cohort::joined;
use super::load::{index, later};
use crate::app::Device;
use crate::catalogue::{fill, find, plural, text};
use crate::components::Page;
use crate::platform::{clock, dom, files, keys, spawn, storage};
use crate::route::{AsidePage, Route, Step, worksheet};
use crate::state::{COHORTS, Progress, Stage, SurveyKey, cohort_prefix};
use leptos::prelude::*;
use litemap::LiteMap;
use scoring::instrument::Rater;
use scoring::json;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How entries of the coach's pages begin.
const COACHING: &str = "coach/";

/// Something that waits for a second yes.
#[derive(Debug, Clone, PartialEq)]
enum Asked {
    One(String),
    /// A cohort's link, its answers and its key.
    Cohort {
        prefix: String,
        slot: String,
    },
    All,
}

/// The page of kept data.
#[component]
pub fn Data() -> impl IntoView {
    let device = expect_context::<Device>();
    let version = RwSignal::new(0_u32);
    let asked = RwSignal::new(None::<Asked>);
    let said = RwSignal::new(None::<&'static str>);
    let key_kept = RwSignal::new(None);
    let look_for_key = move || {
        spawn(async move {
            let kept = keys::any_kept().await;
            key_kept.try_set(Some(kept));
        });
    };
    look_for_key();
    let kept = Memo::new(move |_| {
        version.track();
        device.changed_elsewhere.track();
        storage::entries(storage::PREFIX)
    });
    let export = move |_| {
        let mut entries = Map::new();
        entries.extend(kept.get_untracked());
        let text = json::canonical(&Value::Object(entries));
        let name = format!("plumbline-data-{}.json", clock::iso_date(clock::now()));
        files::download(&name, "application/json", &text);
        said.set(Some("data.exported"));
    };
    let confirm = move |_| {
        let Some(what) = asked.get_untracked() else { return };
        spawn(async move {
            match what {
                Asked::One(prefix) => storage::remove_all(&format!("{}{prefix}", storage::PREFIX)),
                Asked::Cohort { prefix, slot } => {
                    storage::remove_all(&format!("{}{prefix}", storage::PREFIX));
                    keys::forget(&slot).await;
                }
                Asked::All => {
                    storage::remove_all(storage::PREFIX);
                    keys::forget_all().await;
                }
            }
            asked.set(None);
            said.set(Some("data.deleted"));
            version.update(|n| *n += 1);
            look_for_key();
        });
    };
    let ask = move |what: Asked| {
        said.set(None);
        asked.set(Some(what));
        dom::after_render(|| dom::focus("[data-action='confirm']"));
    };
    let confirmation = move |of: Asked| {
        any! {
            <Show when=move || asked.get().as_ref() == Some(&of)>
                <div class="notice warning" role="alert">
                    <p>{text("data.confirm")}</p>
                    <div class="actions">
                        <button type="button" class="button danger" data-action="confirm" on:click=confirm>{text("data.confirm.yes")}</button>
                        <button type="button" class="button secondary" data-action="cancel" on:click=move |_| asked.set(None)>{text("data.confirm.no")}</button>
                    </div>
                </div>
            </Show>
        }
    };
    let titles = later(index());
    let surveys = move || {
        let mut by_survey: BTreeMap<String, (SurveyKey, LiteMap<String, Value>)> = BTreeMap::new();
        for (entry, value) in kept.get() {
            if let Some((key, rest)) = SurveyKey::of_entry(&entry) {
                let survey = by_survey.entry(key.prefix()).or_insert_with(|| (key, LiteMap::new()));
                survey.1.insert(rest.to_owned(), value);
            }
        }
        by_survey
            .into_iter()
            .map(|(prefix, (key, entries))| {
                let progress = Progress::from_entries(key.rater, &entries);
                let n = progress.n_answered();
                let has_manager = entries.contains_key("manager");
                let (state, step) = match progress.stage() {
                    Stage::Finished { at } => {
                        (fill("home.finished", &[("date", &clock::local_time(at))]), Step::Report)
                    }
                    _ => (text("data.in_progress").to_owned(), Step::Screen(progress.screen)),
                };
                let title = titles.get().and_then(Result::ok).and_then(|entries| {
                    let known = entries.into_iter().find(|entry| entry.id == key.instrument);
                    known.map(|entry| entry.title)
                });
                let title = title.unwrap_or_else(|| key.instrument.clone());
                let name = match key.rater {
                    Rater::Own => title,
                    Rater::Manager => fill("data.as_manager", &[("title", &title)]),
                };
                let cohort = key.cohort.as_deref().and_then(joined);
                let name = match cohort.as_ref().map(|joined| joined.link.claims()) {
                    Some(claims) => {
                        fill("data.for_cohort", &[("title", &name), ("cohort", &claims.title)])
                    }
                    None => name,
                };
                let href = Route::Survey(key, step).href();
                let asking = prefix.clone();
                any! {
                    <li class="card" data-kept=prefix.clone()>
                        <h2><a href=href>{name}</a></h2>
                        <p>{plural("data.answers", n, &[])}" · "{state}
                            {progress.signed.is_some().then(|| any! { " · "{text("data.signed")} })}
                            {has_manager.then(|| any! { " · "{text("data.manager_file")} })}
                        </p>
                        <button type="button" class="quiet" data-action="delete" data-key=prefix.clone()
                            on:click=move |_| ask(Asked::One(asking.clone()))>{text("data.delete")}</button>
                        {confirmation(Asked::One(prefix.clone()))}
                    </li>
                }
            })
            .collect_view()
    };
    let cohorts = move || {
        let entries = kept.get();
        let links = entries.iter().filter_map(|(entry, _)| {
            let slug = entry.strip_prefix(COHORTS)?.strip_suffix("/link")?;
            Some((cohort_prefix(slug), joined(slug)?))
        });
        let cards = links.map(|(prefix, joined)| {
            let claims = joined.link.claims();
            let name = fill("data.cohort", &[("title", &claims.title), ("coach", &claims.coach)]);
            let href = Route::Cohort(joined.link.slug()).href();
            let asked = Asked::Cohort { prefix, slot: joined.slot() };
            let to_ask = asked.clone();
            any! {
                <li class="card" data-cohort="">
                    <h2><a href=href>{name}</a></h2>
                    <p>{text("data.cohort.text")}</p>
                    <button type="button" class="quiet" data-action="delete" on:click=move |_| ask(to_ask.clone())>{text("data.cohort.delete")}</button>
                    {confirmation(asked)}
                </li>
            }
        });
        cards.collect_view()
    };
    let worksheets = move || {
        let entries = kept.get().into_iter();
        let cards = entries.filter_map(|(entry, content)| {
            let (kind, page) = worksheet(&entry)?;
            let name = find(&format!("explain.kind.{}", kind.code())).unwrap_or_default();
            let title = content.get("title").and_then(Value::as_str).unwrap_or_default();
            let title = if title.is_empty() { name.to_owned() } else { title.to_owned() };
            let href = page.href();
            let asking = entry.clone();
            Some(any! {
                <li class="card" data-worksheet="">
                    <h2><a href=href>{title}</a></h2>
                    <p>{fill("data.worksheet", &[("kind", name)])}</p>
                    <button type="button" class="quiet" data-action="delete" data-key=entry.clone()
                        on:click=move |_| ask(Asked::One(asking.clone()))>{text("data.worksheet.delete")}</button>
                    {confirmation(Asked::One(entry))}
                </li>
            })
        });
        cards.collect_view()
    };
    let coaching = move || {
        kept.get().iter().any(|(entry, _)| entry.starts_with(COACHING)).then(|| {
            let asked = Asked::One(COACHING.to_owned());
            let to_ask = asked.clone();
            any! {
                <li class="card" data-coaching="">
                    <h2><a href=AsidePage::Cohorts.href()>{text("data.coach")}</a></h2>
                    <p>{text("data.coach.text")}</p>
                    <button type="button" class="quiet" data-action="delete" on:click=move |_| ask(to_ask.clone())>{text("data.coach.delete")}</button>
                    {confirmation(asked)}
                </li>
            }
        })
    };
    any! {
        <Page name="data" title=text("data.title")>
            <p class="lead">{text("data.lead")}</p>
            <div role="status">
                {move || said.get().map(|key| any! { <p class="notice calm">{text(key)}</p> })}
            </div>
            <Show
                when=move || !kept.get().is_empty() || key_kept.get() == Some(true)
                fallback=|| any! {
                    <p>{text("data.empty")}</p>
                    <p><a class="button" href=Route::Home.href()>{text("nav.home")}</a></p>
                }
            >
                <ul class="cards">{cohorts}{surveys}{worksheets}{coaching}</ul>
                {move || (key_kept.get() == Some(true)).then(|| any! { <p>{text("data.key")}</p> })}
                <div class="actions">
                    <button type="button" class="button" data-action="export-data" on:click=export>{text("data.export")}</button>
                    <button type="button" class="button secondary" data-action="delete-all" on:click=move |_| ask(Asked::All)>{text("data.delete_all")}</button>
                </div>
                {confirmation(Asked::All)}
            </Show>
            <section class="prose">
                <h2>{text("data.promise.title")}</h2>
                <p>{text("data.promise.text")}</p>
            </section>
        </Page>
    }
}
