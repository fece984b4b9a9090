//! A leader's own answers beside those in their manager's file: on the leader's device, and nowhere else.

use super::Working;
use crate::app::Device;
use crate::catalogue::{fill, text};
use crate::components::{
    Commitments, Confirm, DropArea, Failure, PairPage, PairPart, Problems, TextField,
};
use crate::live;
use crate::pages::coach::{KeyWords, LinkField, known_links};
use crate::pages::cohort::joined;
use crate::pages::load::{LANGUAGE, instrument, later};
use crate::platform::files::Chosen;
use crate::platform::keys::{self, KeyError};
use crate::platform::{clock, crypto, dom, spawn, storage};
use crate::route::{Route, Step, join_address};
use crate::state::{Joined, Problem, Progress, Stage, SurveyKey};
use leptos::prelude::*;
use scoring::cohort::{
    Asked, Delivery, Invitation, LinkClaims, MAX_COACH_CHARS, Seat, VerifiedLink,
};
use scoring::instrument::{Instrument, Rater, Wording};
use scoring::jose::base64url;
use scoring::pair::{self, PairReport};
use scoring::plan::commitment::{self, Commitment};
use scoring::result::{MAX_RESULT_BYTES, Policy, Reader, Refusal, VerifiedResult};
use scoring::words::key_words;
use serde_json::json;
use std::sync::Arc;

/// Why a file is not the manager's: a code that has texts, and particulars.
type Refused = (&'static str, String);

/// A leader's survey with what lies beside it on this device.
#[derive(Clone)]
struct Own {
    key: SurveyKey,
    instrument: Arc<Instrument>,
    wording: Arc<Wording>,
    joined: Option<Joined>,
    device: Device,
}

impl Own {
    fn entry(&self, name: &str) -> String {
        format!("{}{}{name}", storage::PREFIX, self.key.prefix())
    }

    fn progress(&self) -> Progress {
        Progress::from_entries(Rater::Own, &storage::entries(&self.entry("")))
    }

    /// The leader's place in a pair: the one they were invited to, or the one they made.
    fn seat(&self) -> Option<Seat> {
        match (&self.joined, self.asked()) {
            (Some(joined), _) => joined.seat.clone(),
            (None, Some((link, _))) => {
                Some(Seat { pair: link.claims().id.clone(), rater: Rater::Own })
            }
            (None, None) => None,
        }
    }

    /// The leader's own link for their manager, and its whole address.
    fn asked(&self) -> Option<(VerifiedLink, String)> {
        let kept = storage::read(&self.entry("asked"))?;
        let text = |name: &str| kept.get(name)?.as_str();
        Some((VerifiedLink::verify(text("link")?).ok()?, text("address")?.to_owned()))
    }

    /// Makes and keeps that link: a cohort of one pair, signed with a key of this device.
    async fn ask(&self, name: &str) -> Result<(), KeyError> {
        let random = || crypto::random::<16>().ok_or_else(|| KeyError("no randomness".to_owned()));
        let (key, _) = keys::key_of(&pair::slot()).await?;
        let definition = self.instrument.definition();
        let now = clock::now();
        let claims = LinkClaims {
            iat: now,
            id: base64url(&random()?),
            title: self.wording.text("title").to_owned(),
            coach: name.trim().to_owned(),
            wave: clock::iso_date(now),
            nonce: base64url(&random()?),
            instruments: vec![Asked {
                id: definition.id.clone(),
                version: definition.version.clone(),
                sha256: *self.instrument.sha256(),
            }],
            languages: vec![LANGUAGE.to_owned()],
            closes: None,
            cuts: Vec::new(),
            policy: Policy::default(),
            seal: None,
            delivery: Delivery::File,
            invitation: true,
        };
        let unsigned = claims.unsigned(&key.public).map_err(KeyError)?;
        let link = unsigned.compact(&key.sign(&unsigned.signing_input()).await?);
        let seat = Seat { pair: claims.id.clone(), rater: Rater::Manager };
        let unsigned = Invitation::unsigned(&claims.id, &random()?, Some(&seat));
        let invitation = unsigned.compact(&key.sign(&unsigned.signing_input()).await?);
        let address = join_address(&dom::app_address(), &link, Some(&invitation));
        let kept = json!({"address": address, "link": link});
        self.device.write(&self.entry("asked"), Some(&kept));
        Ok(())
    }

    /// Verifies a file as the manager's. A file of another pair is none, whatever it says.
    fn manager(&self, file: &[u8]) -> Result<VerifiedResult, Refused> {
        let reader = Reader {
            instruments: vec![self.instrument.clone()],
            links: known_links().into_iter().map(Arc::new).collect(),
            ..Reader::default()
        };
        let refuse = |refusal: Refusal| match refusal.code() {
            "sealed_no_key" => ("pair_sealed", String::new()),
            code => (code, refusal.to_string()),
        };
        let result = reader.verify(file).map_err(refuse)?;
        let fault = |code| Err((code, String::new()));
        if result.claims().survey.sheet.rater != Rater::Manager {
            return fault("pair_leader");
        }
        match (self.seat(), seat_of(&result)) {
            (Some(own), Some(manager)) if own.pair != manager.pair => fault("pair_other"),
            _ => Ok(result),
        }
    }

    /// Whether the invitations say that both belong together.
    fn is_invited(&self, manager: &VerifiedResult) -> bool {
        self.seat().zip(seat_of(manager)).is_some_and(|(own, manager)| own.pair == manager.pair)
    }

    fn kept(&self) -> Option<Result<VerifiedResult, Refused>> {
        let kept = storage::read(&self.entry("manager"))?;
        Some(self.manager(kept.as_str().unwrap_or_default().as_bytes()))
    }
}

fn seat_of(result: &VerifiedResult) -> Option<&Seat> {
    result.invitation()?.seat()
}

/// The page.
#[component]
pub fn OwnPair(key: SurveyKey) -> impl IntoView {
    let device = expect_context::<Device>();
    let loaded = {
        let (id, version) = (key.instrument.clone(), key.version.clone());
        later(async move { instrument(&id, &version).await })
    };
    let content = move || {
        Some(match loaded.get()? {
            Err(error) => any! { <Failure code=error.code() detail=error.detail()/> },
            Ok((instrument, wording)) => {
                let joined = key.cohort.as_deref().and_then(joined);
                let own = Own { key: key.clone(), instrument, wording, joined, device };
                any! { <Loaded own/> }
            }
        })
    };
    any! { <Working name="own-pair" title=text("own_pair.title")>{live(content)}</Working> }
}

#[component]
fn Loaded(own: Own) -> impl IntoView {
    let progress = own.progress();
    if !matches!(progress.stage(), Stage::Finished { .. }) {
        let href = Route::Survey(own.key.clone(), Step::Screen(progress.screen)).href();
        return any! {
            <p data-unfinished="">{text("own_pair.unfinished")}</p>
            <p><a class="button" href=href>{text("own_pair.answer")}</a></p>
        };
    }
    let changed = RwSignal::new(0_u32);
    let title = own.wording.text("title").to_owned();
    let report = Route::Survey(own.key.clone(), Step::Report).href();
    // What other tabs keep of something else must not throw away what was typed here.
    let kept = {
        let own = own.clone();
        Memo::new(move |_| {
            changed.track();
            own.device.changed_elsewhere.track();
            ["manager", "asked"].map(|name| storage::read(&own.entry(name)))
        })
    };
    let content = move || {
        // Read, because a memo that is only tracked follows nothing.
        kept.with(|_| ());
        let own = own.clone();
        match own.kept() {
            None => any! { <Await own refused=None changed/> },
            Some(Err(refused)) => any! { <Await own refused=Some(refused) changed/> },
            Some(Ok(manager)) => any! { <Beside own manager changed/> },
        }
    };
    any! {
        <p class="lead">{fill("own_pair.lead", &[("title", &title)])}</p>
        {live(content)}
        <p><a href=report>{text("own_pair.back")}</a></p>
    }
}

/// What is needed, and where the manager's file is given.
#[component]
fn Await(own: Own, refused: Option<Refused>, changed: RwSignal<u32>) -> impl IntoView {
    let refused = RwSignal::new(refused);
    let first = if own.joined.is_some() {
        any! { <li>{text("own_pair.how.invited")}</li> }
    } else {
        any! { <li>{text("own_pair.how.ask")}<Ask own=own.clone() changed/></li> }
    };
    let take = Callback::new(move |chosen: Vec<Chosen>| {
        refused.set(None);
        let own = own.clone();
        spawn(async move {
            let Some(file) = chosen.first() else { return };
            match take(&own, file).await {
                Ok(()) => {
                    changed.try_update(|n| *n = n.wrapping_add(1));
                }
                Err(why) => {
                    refused.try_set(Some(why));
                }
            }
        });
    });
    any! {
        <section class="prose">
            <h2>{text("own_pair.how")}</h2>
            <ol>
                {first}
                <li>{text("own_pair.how.file")}</li>
                <li>{text("own_pair.how.talk")}</li>
            </ol>
        </section>
        <DropArea id="manager-file" title=text("own_pair.drop") label=text("own_pair.drop") hint=text("own_pair.drop.hint") take/>
        <div role="status">
            {live(move || refused.get().map(|(code, detail)| any! { <Failure code detail/> }))}
        </div>
    }
}

/// The leader's link for their manager, or the form that makes it.
#[component]
fn Ask(own: Own, changed: RwSignal<u32>) -> impl IntoView {
    if let Some((link, address)) = own.asked() {
        return any! {
            <div class="asked-manager" data-asked-manager="">
                <LinkField address label="own_pair.link"/>
                <p class="hint">{text("own_pair.link.words")}</p>
                <KeyWords words=key_words(link.kid())/>
            </div>
        };
    }
    let name = RwSignal::new(String::new());
    let failed = RwSignal::new(None::<String>);
    let problems = Problems::of(move || {
        Problem::of_shown("own-name", &name.read(), MAX_COACH_CHARS).into_iter().collect()
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !problems.none() {
            return;
        }
        let (own, name) = (own.clone(), name.get_untracked());
        spawn(async move {
            match own.ask(&name).await {
                Ok(()) => {
                    changed.try_update(|n| *n = n.wrapping_add(1));
                }
                Err(KeyError(reason)) => {
                    failed.try_set(Some(reason));
                }
            }
        });
    };
    any! {
        <form on:submit=submit novalidate>
            <TextField id="own-name" label="own_pair.name" hint=text("own_pair.name.hint") autocomplete="name" value=name problems/>
            <div class="actions">
                <button class="button" data-action="ask-manager">{text("own_pair.ask")}</button>
            </div>
            <div role="status">
                {live(move || failed.get().map(|reason| any! { <Failure code="key" detail=reason/> }))}
            </div>
        </form>
    }
}

/// Keeps a file, once it is known to be the manager's.
async fn take(own: &Own, file: &Chosen) -> Result<(), Refused> {
    let too_large = usize::try_from(file.size).map_or(true, |size| size > MAX_RESULT_BYTES);
    if too_large {
        return Err(("too_large", String::new()));
    }
    let bytes = file.read().await.map_err(|reason| ("file_unreadable", reason))?.to_vec();
    own.manager(&bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    own.device.write(&own.entry("manager"), Some(&text.into()));
    Ok(())
}

/// Both side by side.
#[component]
fn Beside(own: Own, manager: VerifiedResult, changed: RwSignal<u32>) -> impl IntoView {
    let sheet = own.progress().sheet.completed(&own.instrument);
    let other = &manager.claims().survey.sheet;
    let Some(report) = PairReport::of(&own.instrument, &sheet, other, None) else {
        return any! { <p class="notice">{text("own_pair.not_compared")}</p> };
    };
    let (by, belongs) = if own.is_invited(&manager) {
        ("invitation", text("pair.by_invitation"))
    } else {
        ("word", text("pair.by_word"))
    };
    let (instrument, wording) = (own.instrument.clone(), own.wording.clone());
    let page = PairPage { report: Arc::new(report), instrument, wording, reader: Rater::Own };
    let kept = storage::read(&own.entry("commitments"));
    let kept = kept.as_ref().map(commitment::read).unwrap_or_default();
    let (device, entry) = (own.device, own.entry("commitments"));
    let keep = Callback::new(move |commitments: Vec<Commitment>| {
        let list = (!commitments.is_empty()).then(|| commitment::write(&commitments));
        device.write(&entry, list.as_ref());
    });
    let asked = RwSignal::new(false);
    let file = own.entry("manager");
    let remove = Callback::new(move |()| {
        device.write(&file, None);
        changed.update(|n| *n = n.wrapping_add(1));
    });
    any! {
        <p class="hint" data-by=by>{belongs}</p>
        <div class="actions">
            <button type="button" class="button" data-action="print" on:click=|_| dom::print()>{text("report.print")}</button>
            <button type="button" class="quiet" data-action="remove-file" on:click=move |_| {
                asked.set(true);
                dom::after_render(|| dom::focus("[data-action='cancel']"));
            }>{text("own_pair.remove")}</button>
        </div>
        <Confirm question=text("own_pair.remove.ask") asked yes=remove/>
        <PairPart page=page.clone()/>
        <Commitments page kept keep/>
    }
}
