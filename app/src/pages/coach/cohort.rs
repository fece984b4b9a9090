//! A cohort: its link, the page that invites to it, its invitations, its files, its published report.

use super::Coaching;
use super::add_up::{AddFiles, Desk, Outcomes, Tally, Waiting};
use super::invite::Invitations;
use super::kept::{Kept, KeptLink, give_rosters};
use super::keys::KeyWords;
use super::pairs::{InvitePairs, PairList, compares};
use super::qr::Qr;
use super::unlock::Unlock;
use crate::catalogue::{fill, plural, text};
use crate::components::{Confirm, EngineFailure};
use crate::engine::{Published, ask};
use crate::live;
use crate::pages::load::{Entry, index, later};
use crate::platform::{clock, dom, files, intl, spawn, worker};
use crate::route::{AsidePage, join_address};
use crate::state::file_stem;
use js_sys::Uint8Array;
use leptos::prelude::*;
use scoring::cohort::{Delivery, LinkClaims, VerifiedLink};
use scoring::words::key_words;

/// The page of the cohort whose link has this slug.
#[component]
pub fn Cohort(slug: String) -> impl IntoView {
    let kept = Kept::here();
    let found = untrack(move || kept.links()).into_iter().find(|kept| kept.link.slug() == slug);
    match found {
        Some(link) => any! { <Found kept link/> },
        None => any! {
            <Coaching name="coach-cohort" title=text("cohort.missing.title") at=AsidePage::Cohorts>
                <p>{text("cohort.missing.text")}</p>
                <p><a class="button" href=AsidePage::Cohorts.href()>{text("coach.nav.cohorts")}</a></p>
            </Coaching>
        },
    }
}

#[component]
fn Found(kept: Kept, link: KeptLink) -> impl IntoView {
    let claims = link.link.claims().clone();
    let slug = link.link.slug();
    let address = join_address(&link.base, link.link.token(), None);
    let facts = fill("cohorts.facts", &[("wave", &claims.wave), ("coach", &claims.coach)]);
    let one_by_one = claims.invitation;
    let desk = Desk::here();
    let asked = RwSignal::new(false);
    let next_wave = AsidePage::NewCohort(Some(slug.clone())).href();
    let compares = later(compares(claims.instruments.clone()));
    let of_pairs = Memo::new(move |_| compares.get() == Some(true));
    let (to_pairs, pairs_of) = (link.clone(), link.clone());
    let remove = {
        let slug = slug.clone();
        Callback::new(move |()| {
            kept.remove_link(&slug);
            dom::go(&AsidePage::Cohorts.href());
        })
    };
    any! {
        <Coaching name="coach-cohort" title=claims.title.clone() at=AsidePage::Cohorts>
            <div class="sections" data-slug=slug>
                <p class="lead">{facts}</p>
                {link.link.is_closed(clock::now()).then(|| any! { <p class="notice warning" data-closed="">{text("cohort.closed")}</p> })}
                {if one_by_one {
                    any! { <Invitations kept link=link.clone()/> }
                } else {
                    any! { <Share address=address.clone()/> }
                }}
                {live(move || of_pairs.get().then(|| any! { <InvitePairs kept link=to_pairs.clone()/> }))}
                <section>
                    <h2>{text("cohort.pinned")}</h2>
                    <LinkFacts link=link.link.clone()/>
                </section>
                <Files kept link=link.clone() desk/>
                {live(move || of_pairs.get().then(|| any! { <PairList kept link=pairs_of.clone() desk/> }))}
                <section>
                    <h2>{text("cohort.more")}</h2>
                    {one_by_one.then(|| any! { <LinkField address=address.clone() label="cohort.link_for_tools"/> })}
                    <div class="actions">
                        <a class="button secondary" data-action="another-wave" href=next_wave>{text("cohort.next_wave")}</a>
                        <button type="button" class="quiet" data-action="remove-link" on:click=move |_| {
                            asked.set(true);
                            dom::after_render(|| dom::focus("[data-action='cancel']"));
                        }>{text("cohort.remove")}</button>
                    </div>
                    <Confirm question=text("cohort.remove.ask") asked yes=remove/>
                </section>
                {(!one_by_one).then(|| any! { <Sheet link=link.link.clone() address/> })}
            </div>
        </Coaching>
    }
}

/// The link with its button, and the code that a phone reads.
#[component]
fn Share(address: String) -> impl IntoView {
    any! {
        <section class="panel share">
            <div>
                <h2>{text("cohort.share")}</h2>
                <p>{text("cohort.share.what")}</p>
                <LinkField address=address.clone() label="cohort.link"/>
                <div class="actions">
                    <button type="button" class="button secondary" data-action="print" on:click=|_| dom::print()>{text("cohort.print")}</button>
                </div>
            </div>
            <Qr content=address/>
        </section>
    }
}

/// A link that can be copied.
#[component]
pub fn LinkField(
    /// The whole address.
    address: String,
    /// Key of its label.
    label: &'static str,
) -> impl IntoView {
    let copied = RwSignal::new(None::<bool>);
    let content = StoredValue::new(address.clone());
    let copy = move |_| {
        dom::select_all("#cohort-link");
        spawn(async move {
            let done = files::copy(&content.get_value()).await;
            copied.try_set(Some(done.is_ok()));
        });
    };
    any! {
        <div class="field">
            <label for="cohort-link">{text(label)}</label>
            <div class="inline-form">
                <input id="cohort-link" type="text" readonly value=address/>
                <button type="button" class="button" data-action="copy-link" on:click=copy>{text("cohort.copy")}</button>
            </div>
            <p class="hint" role="status">
                {live(move || copied.get().map(|done| if done { text("cohort.copied") } else { text("cohort.not_copied") }))}
            </p>
        </div>
    }
}

/// Everything a link pins, in words.
#[component]
pub fn LinkFacts(
    /// The link.
    link: VerifiedLink,
) -> impl IntoView {
    let entries = later(async { index().await.unwrap_or_default() });
    let claims = link.claims().clone();
    let fact = |name: &'static str, label: &'static str, value: AnyView| {
        any! { <div data-fact=name><dt>{text(label)}</dt><dd>{value}</dd></div> }
    };
    let asked = claims.instruments.clone();
    let instruments = move || {
        let entries = entries.get().unwrap_or_default();
        let titles = asked.iter().map(|asked| {
            let known = entries.iter().find(|e| e.id == asked.id && e.version == asked.version);
            let title = known.map_or(asked.id.clone(), |entry| entry.title.clone());
            any! { <li>{fill("fact.instrument.version", &[("title", &title), ("version", &asked.version)])}</li> }
        });
        titles.collect_view()
    };
    let languages = claims.languages.iter().map(|tag| intl::language_name(tag));
    let closes = match claims.closes {
        Some(at) => clock::local_time(at),
        None => text("cohorts.open_end").to_owned(),
    };
    let cuts = claims.cuts.iter().map(|cut| {
        let options = cut.options.join(" · ");
        any! { <li>{cut.title.clone()}<span class="sub">{options}</span></li> }
    });
    let policy = fill(
        "fact.policy.text",
        &[
            ("min_group", &claims.policy.min_group.to_string()),
            ("min_comments", &claims.policy.min_comments.to_string()),
        ],
    );
    let yes_no = |yes: bool| text(if yes { "fact.yes" } else { "fact.no" });
    any! {
        <dl class="facts">
            {fact("coach", "fact.coach", any! { {claims.coach.clone()}<KeyWords words=key_words(link.kid())/> })}
            {fact("instruments", "fact.instruments", any! { <ul>{instruments}</ul> })}
            {fact("wave", "fact.wave", claims.wave.clone().into_any())}
            {fact("languages", "fact.languages", languages.collect::<Vec<_>>().join(", ").into_any())}
            {fact("closes", "fact.closes", closes.into_any())}
            {(!claims.cuts.is_empty()).then(|| fact("cuts", "fact.cuts", any! { <ul>{cuts.collect_view()}</ul> }))}
            {fact("policy", "fact.policy", policy.into_any())}
            {fact("seal", "fact.seal", yes_no(claims.seal.is_some()).into_any())}
            {fact("delivery", "fact.delivery", delivery(&claims).into_any())}
            {fact("invitation", "fact.invitation", yes_no(claims.invitation).into_any())}
        </dl>
    }
}

fn delivery(claims: &LinkClaims) -> String {
    match &claims.delivery {
        Delivery::File => text("fact.delivery.file").to_owned(),
        Delivery::Message { origin } => fill("fact.delivery.message", &[("origin", origin)]),
        Delivery::Drop { path } => fill("fact.delivery.drop", &[("path", path)]),
    }
}

/// Files of this cohort and what is published of them.
#[component]
fn Files(kept: Kept, link: KeptLink, desk: Desk) -> impl IntoView {
    let of_wave = {
        let (id, wave) = (link.link.claims().id.clone(), link.link.claims().wave.clone());
        Memo::new(move |_| {
            let view = desk.view.read();
            let reports = view.as_ref().map(|view| view.reports.as_slice()).unwrap_or_default();
            let own = reports.iter().filter(|report| {
                report.cohort.as_ref().is_some_and(|c| c.id == id && c.wave == wave)
            });
            own.map(|report| usize::try_from(report.n).unwrap_or(usize::MAX)).sum::<usize>()
        })
    };
    any! {
        <section>
            <h2>{text("cohort.files")}</h2>
            <AddFiles desk/>
            {live(move || desk.view.get().map(|view| any! {
                <Tally outcomes=view.outcomes.clone()/>
                <Waiting desk kept outcomes=view.outcomes.clone()/>
                <Outcomes outcomes=view.outcomes/>
                <p data-counted=of_wave.get().to_string()>
                    {plural("cohort.counted", of_wave.get(), &[])}" "
                    <a href=AsidePage::AddUp.href()>{text("cohort.read_report")}</a>
                </p>
            }))}
        </section>
        <Publish kept link of_wave/>
    }
}

/// The group report as a signed file.
#[component]
fn Publish(kept: Kept, link: KeptLink, of_wave: Memo<usize>) -> impl IntoView {
    let done = RwSignal::new(None::<Result<(), String>>);
    let kid = StoredValue::new(link.link.kid().to_owned());
    let link = StoredValue::new(link);
    let is_open = Memo::new(move |_| kid.with_value(|kid| kept.opened(kid).is_some()));
    let key = move || kid.with_value(|kid| kept.keys().into_iter().find(|key| key.kid == *kid));
    let publish = move |_| {
        let (slug, id, title) = link.with_value(|kept| {
            let claims = kept.link.claims();
            (kept.link.slug(), claims.id.clone(), claims.title.clone())
        });
        let ledger = Uint8Array::from(untrack(|| kept.ledger(&id)).as_bytes());
        done.set(None);
        spawn(async move {
            let published = match give_rosters().await {
                Ok(()) => worker::ask_json(ask::PUBLISH, &slug, Some(&ledger)).await,
                Err(reason) => Err(reason),
            };
            done.try_set(Some(published.map(|Published { file, ledger }| {
                kept.keep_ledger(&id, &ledger);
                let date = clock::iso_date(clock::now());
                let name = format!("{}-{date}.report.jws.json", file_stem(&title));
                files::download(&name, "application/jose+json", &file);
            })));
        });
    };
    any! {
        <section class="panel" data-publish="">
            <h2>{text("publish.title")}</h2>
            <p>{text("publish.what")}</p>
            <p class="hint">{text("publish.not")}</p>
            {live(move || match (of_wave.get(), is_open.get(), key()) {
                (0, ..) => any! { <p class="hint" data-nothing="">{text("publish.nothing")}</p> },
                (_, true, _) => any! {
                    <div class="actions">
                        <button type="button" class="button" data-action="publish" on:click=publish>{text("publish.make")}</button>
                    </div>
                },
                (_, false, Some(key)) => any! { <Unlock kept key/> },
                (_, false, None) => any! { <p class="notice">{text("cohort.no_key")}</p> },
            })}
            <div role="status">
                {live(move || done.get().map(|done| match done {
                    Ok(()) => any! { <p class="notice" data-published="">{text("publish.made")}</p> },
                    Err(reason) => any! { <EngineFailure reason/> },
                }))}
            </div>
        </section>
    }
}

/// What is printed of this page: the invitation to hang up or hand out.
#[component]
fn Sheet(link: VerifiedLink, address: String) -> impl IntoView {
    let claims = link.claims().clone();
    let entries = later(async { index().await.unwrap_or_default() });
    let asked = claims.instruments.clone();
    let minutes = move || {
        let of = |entry: &&Entry| {
            asked.iter().any(|asked| asked.id == entry.id && asked.version == entry.version)
        };
        let entries = entries.get().unwrap_or_default();
        let minutes: usize = entries.iter().filter(of).map(|entry| entry.minutes).sum();
        plural("unit.minutes", minutes, &[])
    };
    let words = key_words(link.kid()).unwrap_or_default();
    let shared = if claims.seal.is_some() { "sheet.sealed" } else { "sheet.not_sealed" };
    let min_group = claims.policy.min_group.to_string();
    any! {
        <section class="sheet" aria-label=text("cohort.print")>
            <h2>{claims.title.clone()}</h2>
            <p class="lead">{fill("sheet.who", &[("coach", &claims.coach)])}</p>
            <Qr content=address.clone()/>
            <ul class="checks">
                <li>{minutes}</li>
                {claims.closes.map(|at| any! { <li>{fill("cohorts.closes", &[("date", &clock::local_date(at))])}</li> })}
                <li>{fill(shared, &[("coach", &claims.coach)])}</li>
                <li>{fill("sheet.groups", &[("min", &min_group)])}</li>
                <li>{fill("sheet.words", &[("words", &words)])}</li>
            </ul>
            <p class="file-name">{address}</p>
        </section>
    }
}
