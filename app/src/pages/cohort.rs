//! Where a coach's link leads: who asks, for what, what they will see; then start or go on.

use super::intro::{Start, facts};
use super::load::{LoadError, instrument, later};
use crate::app::Device;
use crate::catalogue::{fill, text};
use crate::components::{Failure, Page};
use crate::live;
use crate::platform::{clock, storage};
use crate::route::Route;
use crate::state::{Joined, cohort_prefix};
use leptos::prelude::*;
use scoring::cohort::{Asked, LinkCut};
use scoring::instrument::Rater;
use scoring::words::key_words;

/// The cohort of a link, as this device keeps it.
#[must_use]
pub fn joined(slug: &str) -> Option<Joined> {
    let prefix = format!("{}{}", storage::PREFIX, cohort_prefix(slug));
    Joined::from_entries(&storage::entries(&prefix))
}

/// A link that leads nowhere.
#[component]
pub fn LinkFailed(code: &'static str) -> impl IntoView {
    any! {
        <Page name="link-failed" title=text("cohort.failed")>
            <Failure code=code/>
            <p><a class="button secondary" href=Route::Home.href()>{text("nav.home")}</a></p>
        </Page>
    }
}

/// The page of a cohort.
#[component]
pub fn CohortPage(slug: String) -> impl IntoView {
    let Some(joined) = joined(&slug) else { return any! { <LinkFailed code="link_forgotten"/> } };
    let claims = joined.link.claims().clone();
    let closed = joined.link.is_closed(clock::now());
    let asked = claims
        .instruments
        .iter()
        .map(|asked| any! { <AskedFor slug=slug.clone() asked=asked.clone() only=joined.seat.as_ref().map(|seat| seat.rater) closed/> })
        .collect_view();
    let cuts = claims
        .cuts
        .iter()
        .map(|cut| {
            let chosen = joined.cuts.get(&cut.id).copied();
            any! { <CutQuestion slug=slug.clone() cut=cut.clone() chosen/> }
        })
        .collect_view();
    let several = claims.instruments.len() > 1;
    let eyebrow = fill("cohort.by", &[("coach", &claims.coach), ("wave", &claims.wave)]);
    any! {
        <Page name="cohort" title=claims.title.clone() eyebrow=eyebrow>
            <KeyChanged joined=joined.clone()/>
            {if closed {
                any! { <Failure code="link_closed"/> }
            } else {
                any! { <p class="lead">{fill("cohort.lead", &[("coach", &claims.coach)])}</p> }
            }}
            {(!claims.cuts.is_empty()).then(|| any! {
                <section>
                    <h2>{text("cohort.cuts")}</h2>
                    <p class="hint">{text("cohort.cuts.why")}</p>
                    {cuts}
                </section>
            })}
            {several.then(|| any! { <p>{text("cohort.several")}</p> })}
            {asked}
            <Shared joined/>
        </Page>
    }
}

/// What reaches the coach, and what they can do with it.
#[component]
fn Shared(joined: Joined) -> impl IntoView {
    let claims = joined.link.claims();
    let say = |key: &'static str| {
        let line = fill(
            key,
            &[
                ("coach", &claims.coach),
                ("min", &claims.policy.min_group.to_string()),
                ("comments", &claims.policy.min_comments.to_string()),
                ("date", &claims.closes.map(clock::local_time).unwrap_or_default()),
            ],
        );
        any! { <li>{line}</li> }
    };
    let by_leader = joined.seat.as_ref().is_some_and(|seat| seat.is_of_leader(&joined.link));
    let seal = if claims.seal.is_some() { "cohort.sealed" } else { "cohort.unsealed" };
    any! {
        <section class="prose">
            <h2>{fill("cohort.shared", &[("coach", &claims.coach)])}</h2>
            <ul class="checks">
                {say("cohort.file")}
                {say(seal)}
                {say("cohort.confidential")}
                {(!by_leader).then(|| say("cohort.policy"))}
                {joined.invitation.is_some().then(|| say("cohort.invited"))}
                {claims.closes.is_some().then(|| say("cohort.closes"))}
            </ul>
            <h2>{text("cohort.who")}</h2>
            <p>{fill("cohort.who.text", &[("coach", &claims.coach)])}</p>
            <p class="words" data-words="">{key_words(joined.link.kid())}</p>
        </section>
    }
}

/// A warning where a coach of this name has had another key on this device.
#[component]
fn KeyChanged(joined: Joined) -> impl IntoView {
    let device = expect_context::<Device>();
    let entry = format!("{}coaches/{}", storage::PREFIX, joined.link.claims().coach);
    let kid = joined.link.kid().to_owned();
    let known = storage::entries(&entry).remove("");
    let known = known.as_ref().and_then(|kid| kid.as_str()).map(str::to_owned);
    if known.is_none() {
        device.write(&entry, Some(&kid.as_str().into()));
    }
    let changed = RwSignal::new(known.is_some_and(|known| known != kid));
    let coach = joined.link.claims().coach.clone();
    any! {
        {live(move || changed.get().then(|| {
            let (entry, kid) = (entry.clone(), kid.clone());
            any! {
                <div class="notice warning" role="alert" data-key-changed="">
                    <p><strong>{fill("cohort.changed", &[("coach", &coach)])}</strong></p>
                    <p>{text("cohort.changed.do")}</p>
                    <button type="button" class="secondary" data-action="trust-key" on:click=move |_| {
                        device.write(&entry, Some(&kid.as_str().into()));
                        changed.set(false);
                    }>{text("cohort.changed.yes")}</button>
                </div>
            }
        }))}
    }
}

/// A closed question of the coach's own.
#[component]
fn CutQuestion(slug: String, cut: LinkCut, chosen: Option<i64>) -> impl IntoView {
    let device = expect_context::<Device>();
    let entry = format!("{}{}cuts/{}", storage::PREFIX, cohort_prefix(&slug), cut.id);
    let option = |value: Option<i64>, label: String, class: &'static str| {
        let (slug, entry) = (slug.clone(), entry.clone());
        let choose = move |_| {
            device.write(&entry, value.map(Into::into).as_ref());
            take_files_back(device, &slug);
        };
        any! {
            <label class=class>
                <input type="radio" name=cut.id.clone() prop:checked=chosen == value on:change=choose/>
                <span>{label}</span>
            </label>
        }
    };
    let options: Vec<_> = (1..)
        .zip(&cut.options)
        .map(|(code, label)| option(Some(code), label.clone(), "option"))
        .collect();
    any! {
        <fieldset class="question" data-cut=cut.id.clone()>
            <legend>{cut.title}</legend>
            <div class="options">{options}{option(None, text("cohort.not_said").to_owned(), "option apart")}</div>
        </fieldset>
    }
}

/// Files that were signed for a cohort no longer say what its participant says.
fn take_files_back(device: Device, slug: &str) {
    let prefix = format!("{}{}", storage::PREFIX, cohort_prefix(slug));
    for (key, _) in storage::entries(&prefix).iter() {
        if key.ends_with("/signed") {
            device.write(&format!("{prefix}{key}"), None);
        }
    }
}

/// An instrument that the link asks for.
#[component]
fn AskedFor(slug: String, asked: Asked, only: Option<Rater>, closed: bool) -> impl IntoView {
    let loaded = later(async move {
        let (instrument, wording) = instrument(&asked.id, &asked.version).await?;
        if *instrument.sha256() == asked.sha256 {
            Ok((instrument, wording))
        } else {
            Err(LoadError::Differs)
        }
    });
    any! {
        {live(move || loaded.get().map(|loaded| match loaded {
            Err(error) => any! { <Failure code=error.code() detail=error.detail()/> },
            Ok((instrument, wording)) => {
                let definition = instrument.definition();
                let several = definition.raters.len() > 1;
                let starts = definition
                    .raters
                    .iter()
                    .filter(|rater| only.is_none_or(|only| only == **rater))
                    .map(|rater| any! {
                        <Start cohort=Some(slug.clone()) wording=wording.clone() id=definition.id.clone() rater=*rater several closed/>
                    })
                    .collect_view();
                any! {
                    <section class="asked" data-asked=definition.id.clone()>
                        <p class="eyebrow">{facts(definition)}</p>
                        <h2>{wording.text("title").to_owned()}</h2>
                        <div class="starts" class:several=several>{starts}</div>
                    </section>
                }
            }
        }))}
    }
}
