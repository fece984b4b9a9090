//! The list of a coach's cohorts.

use super::Coaching;
use super::kept::{Kept, KeptLink};
use crate::catalogue::{fill, text};
use crate::components::{Failure, Problems, TextField};
use crate::live;
use crate::platform::{clock, dom};
use crate::route::AsidePage;
use crate::state::Problem;
use leptos::prelude::*;
use scoring::cohort::{VerifiedLink, link_tokens};
use scoring::words::key_words;

/// The list.
#[component]
pub fn Cohorts() -> impl IntoView {
    let kept = Kept::here();
    let links = Memo::new(move |_| kept.links());
    let cards = move || {
        let ambiguous = kept.ambiguous_names();
        let card = |kept: KeptLink| {
            let doubtful = ambiguous.contains(&kept.link.claims().coach);
            any! { <Card link=kept.link doubtful/> }
        };
        links.get().into_iter().map(card).collect_view()
    };
    any! {
        <Coaching name="coach-cohorts" title=text("cohorts.title") at=AsidePage::Cohorts>
            <p class="lead">{text("cohorts.lead")}</p>
            <p><a class="button" data-action="to-new" href=AsidePage::NewCohort(None).href()>{text("cohorts.new")}</a></p>
            <Show
                when=move || !links.read().is_empty()
                fallback=|| any! {
                    <section class="prose" data-empty="">
                        <h2>{text("cohorts.empty.title")}</h2>
                        <ol>
                            <li>{text("cohorts.empty.key")}</li>
                            <li>{text("cohorts.empty.link")}</li>
                            <li>{text("cohorts.empty.files")}</li>
                        </ol>
                    </section>
                }
            >
                <ul class="cards">{cards}</ul>
            </Show>
            <section>
                <h2>{text("cohorts.add.title")}</h2>
                <AddLink kept/>
            </section>
        </Coaching>
    }
}

#[component]
fn Card(link: VerifiedLink, doubtful: bool) -> impl IntoView {
    let claims = link.claims();
    let facts = fill("cohorts.facts", &[("wave", &claims.wave), ("coach", &claims.coach)]);
    let closes = match claims.closes {
        None => text("cohorts.open_end").to_owned(),
        Some(at) if link.is_closed(clock::now()) => {
            fill("cohorts.closed", &[("date", &clock::local_date(at))])
        }
        Some(at) => fill("cohorts.closes", &[("date", &clock::local_date(at))]),
    };
    let words = key_words(link.kid()).unwrap_or_default();
    any! {
        <li class="card" data-cohort=link.slug()>
            <p class="card-facts">{facts}</p>
            <h2><a class="card-link" href=AsidePage::Cohort(link.slug()).href()>{claims.title.clone()}</a></h2>
            <p>{closes}</p>
            {doubtful.then(|| any! {
                <p class="notice warning" data-warning="key-changed">
                    {fill("cohorts.key_changed", &[("coach", &claims.coach), ("words", &words)])}
                </p>
            })}
        </li>
    }
}

/// The form that adds a link made elsewhere, so that its results can be read here.
#[component]
pub fn AddLink(
    kept: Kept,
    /// Called once a link was added.
    #[prop(optional)]
    then: Option<Callback<()>>,
) -> impl IntoView {
    let pasted = RwSignal::new(String::new());
    let failed = RwSignal::new(None::<&'static str>);
    let added = RwSignal::new(None::<String>);
    let problems = Problems::of(move || {
        let empty = pasted.read().trim().is_empty();
        empty.then(|| Problem::new("link-text", "field.missing", 0)).into_iter().collect()
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        failed.set(None);
        added.set(None);
        if !problems.none() {
            return;
        }
        let pasted_text = pasted.get_untracked();
        // Mail programs break long links.
        let one_line: String = pasted_text.split_whitespace().collect();
        let Some((token, _)) = link_tokens(&one_line) else {
            failed.set(Some("link_damaged"));
            return;
        };
        match VerifiedLink::verify(token) {
            Ok(link) => {
                let base = match one_line.split_once('#') {
                    Some((base, _)) if !base.is_empty() => base.to_owned(),
                    _ => dom::app_address(),
                };
                kept.keep_link(&link, &base);
                added.set(Some(link.claims().title.clone()));
                pasted.set(String::new());
                if let Some(then) = then {
                    then.run(());
                }
            }
            Err(fault) => failed.set(Some(fault.code())),
        }
    };
    any! {
        <form class="panel" id="add-link" on:submit=submit novalidate>
            <TextField id="link-text" label="cohorts.add.label" hint=text("cohorts.add.hint") rows=3 value=pasted problems/>
            <div class="actions">
                <button class="button secondary" data-action="add-link">{text("cohorts.add")}</button>
            </div>
            <div role="status">
                {live(move || added.get().map(|title| any! {
                    <p class="notice" data-added="">{fill("cohorts.added", &[("title", &title)])}</p>
                }))}
                {live(move || failed.get().map(|code| any! { <Failure code/> }))}
            </div>
        </form>
    }
}
