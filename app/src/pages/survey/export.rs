//! Making the file: first what it will say, then the signature, then handing it over.

use super::Handle;
use crate::catalogue::{fill, text};
use crate::components::{Failure, Page};
use crate::live;
use crate::pages::cohort::joined;
use crate::pages::load::later;
use crate::platform::keys::{self, KeyError};
use crate::platform::{clock, crypto, dom, files, finish, http, spawn};
use crate::route::{Route, Step};
use crate::state::{Joined, Stage, Survey, decoded};
use leptos::prelude::*;
use scoring::cohort::Delivery;
use scoring::participant::{from_recovery_code, slot};
use scoring::result::{App, Signing, unsigned};

const MEDIA_TYPE: &str = "application/jose+json";

/// The export page.
#[component]
pub fn Export(handle: Handle) -> impl IntoView {
    let survey = handle.survey();
    let Stage::Finished { .. } = handle.progress().with_untracked(|progress| progress.stage())
    else {
        return any! { <super::report::ReportPage handle/> };
    };
    let cohort = survey.key.cohort.as_deref().and_then(joined);
    let report = Route::Survey(survey.key.clone(), Step::Report).href();
    let signed = Memo::new(move |_| handle.progress().with(|progress| progress.signed.clone()));
    let recovery = RwSignal::new(None::<String>);
    let coach = cohort.as_ref().map(|joined| joined.link.claims().coach.clone());
    let sealed_for = cohort
        .as_ref()
        .filter(|joined| joined.link.claims().seal.is_some())
        .and(coach.clone())
        .map(|coach| any! { <li>{fill("export.sealed", &[("coach", &coach)])}</li> });
    any! {
        <Page name="export" title=text("export.title") eyebrow=survey.wording.text("title").to_owned()>
            <p class="lead">{text("export.lead")}</p>
            <Contents handle survey=survey.clone() sealed_for/>
            {live(move || match signed.get() {
                None => any! { <Sign handle cohort=cohort.clone() recovery/> },
                Some(file) => any! { <HandOver handle cohort=cohort.clone() file/> },
            })}
            {live(move || recovery.get().map(|code| any! {
                <section class="notice warning" role="status">
                    <h2>{text("export.recovery")}</h2>
                    <p class="words" data-recovery-code="">{code}</p>
                    <p>{text("export.recovery.text")}</p>
                </section>
            }))}
            <section class="prose">
                <h2>{text("export.proves.title")}</h2>
                <p>{text("export.proves.text")}</p>
                <p>{text("export.proves.not")}</p>
            </section>
            <p><a href=report>{text("export.back")}</a></p>
        </Page>
    }
}

/// Everything the file says, in words.
#[component]
fn Contents(handle: Handle, survey: Survey, sealed_for: Option<AnyView>) -> impl IntoView {
    let lines = decoded(&survey, &handle.completed());
    let rows = lines
        .into_iter()
        .map(|line| {
            let answers = if line.answers.is_empty() {
                any! { <em>{text("export.skipped")}</em> }
            } else if let [only] = line.answers.as_slice() {
                only.clone().into_any()
            } else {
                let list =
                    line.answers.iter().map(|a| any! { <li>{a.clone()}</li> }).collect_view();
                any! { <ol>{list}</ol> }
            };
            any! { <div><dt>{line.item}</dt><dd>{answers}</dd></div> }
        })
        .collect_view();
    any! {
        <section class="contents" data-claims="">
            <h2>{text("export.contents.title")}</h2>
            <p>{text("export.contents.text")}</p>
            <ul class="checks">
                <li>{text("export.contents.answers")}</li>
                <li>{text("export.contents.times")}</li>
                <li>{text("export.contents.key")}</li>
                {sealed_for}
            </ul>
            <p>{text("export.contents.never")}</p>
            <details>
                <summary>{text("export.contents.show")}</summary>
                <dl class="answers">{rows}</dl>
            </details>
        </section>
    }
}

/// The button that makes the file, and which key it will have.
#[component]
fn Sign(
    handle: Handle,
    cohort: Option<Joined>,
    /// Takes the recovery code of a key that is made here.
    recovery: RwSignal<Option<String>>,
) -> impl IntoView {
    let failure = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let joined = cohort.clone();
    let sign = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        let joined = joined.clone();
        spawn(async move {
            match make_file(handle, joined).await {
                Ok((file, code)) => {
                    recovery.set(code);
                    handle.keep_signed(&file);
                }
                Err(KeyError(reason)) => failure.set(Some(reason)),
            }
            busy.set(false);
        });
    };
    any! {
        <div class="actions">
            <button type="button" class="button" data-action="sign" aria-disabled=move || busy.get().then_some("true") on:click=sign>
                {text("export.sign")}
            </button>
        </div>
        {live(move || failure.get().map(|reason| any! { <Failure code="key" detail=reason/> }))}
        <KeyChoice cohort/>
    }
}

/// For those who are somebody else than this device's key says.
#[component]
fn KeyChoice(cohort: Option<Joined>) -> impl IntoView {
    let slot = slot_of(cohort.as_ref());
    let said = RwSignal::new(None::<Result<&'static str, &'static str>>);
    let code = RwSignal::new(String::new());
    let restoring = slot.clone();
    let restore = move |_| match from_recovery_code(&code.get_untracked()) {
        None => said.set(Some(Err("recovery"))),
        Some(secret) => {
            let slot = restoring.clone();
            spawn(async move {
                keys::restore(&slot, &secret).await;
                said.set(Some(Ok("export.recovery.used")));
            });
        }
    };
    let renew = move |_| {
        let slot = slot.clone();
        spawn(async move {
            keys::forget(&slot).await;
            said.set(Some(Ok("export.new.done")));
        });
    };
    let have = match &cohort {
        Some(joined) => fill("export.recovery.have", &[("coach", &joined.link.claims().coach)]),
        None => text("export.recovery.have_solo").to_owned(),
    };
    any! {
        <details>
            <summary>{have}</summary>
            <p>{text("export.recovery.enter")}</p>
            <label for="recovery-code">{text("export.recovery.label")}</label>
            <input
                id="recovery-code"
                type="text"
                autocomplete="off"
                spellcheck="false"
                on:input=move |event| code.set(event_target_value(&event))
            />
            <div class="actions">
                <button type="button" class="secondary" data-action="recover" on:click=restore>{text("export.recovery.use")}</button>
            </div>
            <p>{text("export.new.text")}</p>
            <button type="button" class="secondary" data-action="new-person" on:click=renew>{text("export.new")}</button>
        </details>
        <div role="status">{live(move || said.get().map(told))}</div>
    }
}

/// What was done, or what went wrong.
fn told(said: Result<&'static str, &'static str>) -> AnyView {
    match said {
        Ok(key) => any! { <p class="notice calm">{text(key)}</p> },
        Err(code) => any! { <Failure code/> },
    }
}

fn slot_of(cohort: Option<&Joined>) -> String {
    cohort.map_or_else(|| slot(None), Joined::slot)
}

/// The signed file, and the recovery code of a key that was made for it. A sheet that our own reader
/// would refuse is never signed.
async fn make_file(
    handle: Handle,
    cohort: Option<Joined>,
) -> Result<(String, Option<String>), KeyError> {
    let survey = handle.survey();
    let (key, recovery) = keys::key_of(&slot_of(cohort.as_ref())).await?;
    let token_id = crypto::random().ok_or_else(|| KeyError("no randomness".to_owned()))?;
    let progress = handle.progress().get_untracked();
    let now = clock::now();
    let signing = Signing {
        app: App {
            name: "plumbline".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            build: option_env!("PLUMBLINE_BUILD").unwrap_or("local").to_owned(),
        },
        lang: survey.wording.text("language").to_owned(),
        started_at: progress.started_at.unwrap_or(now),
        submitted_at: progress.finished_at.unwrap_or(now),
        issued_at: now,
        token_id,
        timing: progress.timing(survey.screens().len()),
        membership: cohort.map(Joined::membership),
    };
    let sheet = progress.sheet.completed(&survey.instrument);
    sheet.check(&survey.instrument).map_err(|fault| KeyError(fault.to_string()))?;
    let unsigned = unsigned(&survey.instrument, &sheet, &key.public, &signing);
    let signature = key.sign(&unsigned.signing_input()).await?;
    Ok((unsigned.signed(&signature), recovery))
}

/// The file as the coach gets it: locked for them, if their link says so.
async fn sealed(file: String, seal: Option<[u8; 32]>) -> Result<(String, &'static str), String> {
    match seal {
        None => Ok((file, "jws")),
        Some(to) => Ok((finish::seal(&file, &to).await?, "jwe")),
    }
}

/// The file, once it is sealed.
#[component]
fn HandOver(handle: Handle, cohort: Option<Joined>, file: String) -> impl IntoView {
    // The end of the signature tells files of the same day apart.
    let mark: String = file.chars().rev().filter(char::is_ascii_alphanumeric).take(6).collect();
    let seal = cohort.as_ref().and_then(|joined| joined.link.claims().seal);
    let content = later(sealed(file, seal));
    live(move || {
        content.get().map(|content| match content {
            Ok((content, form)) => {
                let ending = format!("{mark}.result.{form}.json");
                any! { <Offered handle cohort=cohort.clone() content ending/> }
            }
            Err(detail) => any! { <Failure code="seal" detail/> },
        })
    })
}

/// Download, copy, share, send.
#[component]
fn Offered(
    handle: Handle,
    cohort: Option<Joined>,
    content: String,
    ending: String,
) -> impl IntoView {
    let survey = handle.survey();
    let claims = cohort.as_ref().map(|joined| joined.link.claims().clone());
    let finished = handle.progress().with_untracked(|progress| progress.finished_at);
    let name = format!(
        "{}-{}-{}-{ending}",
        survey.key.instrument,
        survey.key.rater.code(),
        clock::iso_date(finished.unwrap_or_default()),
    );
    let done = RwSignal::new(None::<Result<&'static str, &'static str>>);
    let slot = slot_of(cohort.as_ref());
    let kept = later(async move { keys::is_kept(&slot).await });
    let shareable = files::can_share(&name, MEDIA_TYPE, &content);
    let stored = StoredValue::new((name.clone(), content.clone()));
    let download = move |_| {
        stored.with_value(|(name, content)| files::download(name, MEDIA_TYPE, content));
        done.set(Some(Ok("export.downloaded")));
    };
    let copy = move |_| {
        spawn(async move {
            let copied = files::copy(&stored.get_value().1).await;
            done.set(Some(copied.map(|()| "export.copied").map_err(|_| "clipboard")));
        });
    };
    let share = move |_| {
        spawn(async move {
            let (name, content) = stored.get_value();
            let shared = files::share(&name, MEDIA_TYPE, &content).await;
            done.set(shared.err().map(|_| Err("share")));
        });
    };
    let send = claims.filter(|claims| claims.delivery != Delivery::File).map(|claims| {
        let label = fill("export.send", &[("coach", &claims.coach)]);
        let send = move |_| {
            let delivery = claims.delivery.clone();
            spawn(async move {
                let (name, content) = stored.get_value();
                let sent = match &delivery {
                    Delivery::Message { origin } => dom::post_to_parent(origin, &name, &content).await,
                    Delivery::Drop { path } => {
                        http::put(&format!("{path}{name}"), MEDIA_TYPE, &content).await.is_ok()
                    }
                    Delivery::File => false,
                };
                done.set(Some(if sent { Ok("export.sent") } else { Err("send") }));
            });
        };
        any! { <button type="button" class="button" data-action="send" on:click=send>{label}</button> }
    });
    any! {
        <section class="handover">
            <h2>{text("export.ready.title")}</h2>
            <p>{text("export.ready.text")}</p>
            <p class="file-name">{name}</p>
            <div class="actions">
                {send}
                <button type="button" class="button" data-action="download" on:click=download>{text("export.download")}</button>
                <button type="button" class="button secondary" data-action="copy" on:click=copy>{text("export.copy")}</button>
                {shareable.then(|| any! {
                    <button type="button" class="button secondary" data-action="share" on:click=share>{text("export.share")}</button>
                })}
            </div>
            <div role="status">
                {live(move || done.get().map(told))}
                {live(move || (kept.get() == Some(false)).then(|| any! {
                    <p class="notice warning">{text("export.key_not_kept")}</p>
                }))}
            </div>
            <details>
                <summary>{text("export.show_file")}</summary>
                <pre data-file="" tabindex="0" aria-label=text("export.show_file")>{content}</pre>
            </details>
            <p class="hint">{text("export.changed")}</p>
        </section>
    }
}
