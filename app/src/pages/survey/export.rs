//! Making the file: first what it will say, then the signature, then handing it over.

use super::Handle;
use crate::catalogue::text;
use crate::components::{Failure, Page};
use crate::pages::load::later;
use crate::platform::keys::{self, KeyError};
use crate::platform::{clock, crypto, files};
use crate::route::{Route, Step};
use crate::state::{Stage, Survey, decoded};
use leptos::prelude::*;
use leptos::task::spawn_local;
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
    let report = Route::Survey(survey.key.clone(), Step::Report).href();
    let signed = Memo::new(move |_| handle.progress().with(|progress| progress.signed.clone()));
    any! {
        <Page name="export" title=text("export.title") eyebrow=survey.wording.text("title").to_owned()>
            <p class="lead">{text("export.lead")}</p>
            <Contents handle survey=survey.clone()/>
            {move || match signed.get() {
                None => any! { <Sign handle/> },
                Some(file) => any! { <HandOver handle file/> },
            }}
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
fn Contents(handle: Handle, survey: Survey) -> impl IntoView {
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
                <li>{text("export.contents.never")}</li>
            </ul>
            <details>
                <summary>{text("export.contents.show")}</summary>
                <dl class="answers">{rows}</dl>
            </details>
        </section>
    }
}

/// The button that makes the file.
#[component]
fn Sign(handle: Handle) -> impl IntoView {
    let failure = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let sign = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            match make_file(handle).await {
                Ok(file) => handle.keep_signed(&file),
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
        {move || failure.get().map(|reason| any! { <Failure code="key" detail=reason/> })}
    }
}

/// The signed file. A sheet that our own reader would refuse is never signed.
async fn make_file(handle: Handle) -> Result<String, KeyError> {
    let survey = handle.survey();
    let key = keys::participant_key().await?;
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
        membership: None,
    };
    let sheet = progress.sheet.completed(&survey.instrument);
    sheet.check(&survey.instrument).map_err(|fault| KeyError(fault.to_string()))?;
    let unsigned = unsigned(&survey.instrument, &sheet, &key.public, &signing);
    let signature = key.sign(&unsigned.signing_input()).await?;
    Ok(unsigned.signed(&signature))
}

/// Download, copy, share.
#[component]
fn HandOver(handle: Handle, file: String) -> impl IntoView {
    let survey = handle.survey();
    let issued =
        handle.progress().with_untracked(|progress| progress.finished_at).unwrap_or_default();
    let name = format!(
        "{}-{}-{}.result.jws.json",
        survey.key.instrument,
        survey.key.rater.code(),
        clock::iso_date(issued)
    );
    let done = RwSignal::new(None::<Result<&'static str, &'static str>>);
    let kept = later(keys::is_kept());
    let shareable = files::can_share(&name, MEDIA_TYPE, &file);
    let content = StoredValue::new((name.clone(), file.clone()));
    let download = move |_| {
        content.with_value(|(name, file)| files::download(name, MEDIA_TYPE, file));
        done.set(Some(Ok("export.downloaded")));
    };
    let copy = move |_| {
        spawn_local(async move {
            let (_, file) = content.get_value();
            let copied = files::copy(&file).await;
            done.set(Some(copied.map(|()| "export.copied").map_err(|_| "clipboard")));
        });
    };
    let share = move |_| {
        spawn_local(async move {
            let (name, file) = content.get_value();
            let shared = files::share(&name, MEDIA_TYPE, &file).await;
            done.set(shared.err().map(|_| Err("share")));
        });
    };
    any! {
        <section class="handover">
            <h2>{text("export.ready.title")}</h2>
            <p>{text("export.ready.text")}</p>
            <p class="file-name">{name}</p>
            <div class="actions">
                <button type="button" class="button" data-action="download" on:click=download>{text("export.download")}</button>
                <button type="button" class="button secondary" data-action="copy" on:click=copy>{text("export.copy")}</button>
                {shareable.then(|| any! {
                    <button type="button" class="button secondary" data-action="share" on:click=share>{text("export.share")}</button>
                })}
            </div>
            <div role="status">
                {move || done.get().map(|done| match done {
                    Ok(key) => any! { <p class="notice calm">{text(key)}</p> },
                    Err(code) => any! { <Failure code/> },
                })}
                {move || (kept.get() == Some(false)).then(|| any! {
                    <p class="notice warning">{text("export.key_not_kept")}</p>
                })}
            </div>
            <details>
                <summary>{text("export.show_file")}</summary>
                <pre data-file="" tabindex="0" aria-label=text("export.show_file")>{file}</pre>
            </details>
            <p class="hint">{text("export.changed")}</p>
        </section>
    }
}
