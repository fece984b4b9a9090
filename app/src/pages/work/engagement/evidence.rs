//! Evidence: a signed file that is checked and not kept, or another worksheet of this device.

use super::super::{SHELVES, Shelf};
use super::word;
use crate::catalogue::{fill, text};
use crate::components::{EngineFailure, Failure, FileButton};
use crate::engine::ask;
use crate::live;
use crate::pages::coach::give_links;
use crate::platform::files::Chosen;
use crate::platform::{clock, spawn, worker};
use crate::route::AsidePage;
use js_sys::Uint8Array;
use leptos::prelude::*;
use scoring::cohort::MAX_REPORT_BYTES;
use scoring::explain::{Explanation, Kind as FileKind};
use scoring::plan::WorksheetKind;
use scoring::plan::engagement::{Content, Phase, fingerprint};
use serde_json::Value;

/// The fields that a piece of evidence brings along.
type Picked = Vec<(&'static str, String)>;

/// Choosing a file or a worksheet.
#[component]
pub fn PickEvidence(phase: Phase, begin: Callback<Picked>) -> impl IntoView {
    let failed = RwSignal::new(None::<String>);
    let take = Callback::new(move |chosen: Vec<Chosen>| {
        failed.set(None);
        spawn(async move {
            let Some(file) = chosen.first() else { return };
            match looked(file, phase).await {
                // Meanwhile the page may have been left, or another entry begun.
                Ok(picked) => {
                    begin.try_run(picked);
                }
                Err(code) => {
                    failed.try_set(Some(code));
                }
            }
        });
    });
    let id = match phase {
        Phase::Contracting => "evidence-contracting",
        Phase::Assessment => "evidence-assessment",
        Phase::Planning => "evidence-planning",
        Phase::Sessions => "evidence-sessions",
        Phase::Feedback => "evidence-feedback",
        Phase::Evaluation => "evidence-evaluation",
    };
    any! {
        <div class="panel">
            <div class="actions"><FileButton id label=text("work.engagement.evidence.pick") take/></div>
            <p class="hint">{text("work.engagement.evidence.pick.hint")}</p>
            <Local phase begin/>
            <div role="status">
                {live(move || failed.get().map(|code| match code.as_str() {
                    "evidence_sealed" | "evidence_unknown" => any! { <Failure code/> },
                    _ => any! { <EngineFailure reason=code/> },
                }))}
            </div>
        </div>
    }
}

/// The worksheets on this device that can be evidence.
#[component]
fn Local(phase: Phase, begin: Callback<Picked>) -> impl IntoView {
    let others = SHELVES.into_iter().filter(|shelf| shelf.kind != WorksheetKind::Engagement);
    let listed = others.flat_map(|Shelf { kind, list, .. }| {
        list().into_iter().map(move |listed| {
            let title = listed.title.filter(|title| !title.is_empty());
            (kind, listed.id, title.unwrap_or_else(|| text("work.untitled").to_owned()))
        })
    });
    let listed: Vec<_> = listed.collect();
    if listed.is_empty() {
        return any! { <p class="hint">{text("work.engagement.evidence.local.none")}</p> };
    }
    let options = listed.iter().map(|(kind, id, title)| {
        let name = format!("{}: {title}", word(&format!("choice.evidence.source.{}", kind.code())));
        any! { <option value=id.clone()>{name}</option> }
    });
    let chosen = RwSignal::new(listed.first().map(|(_, id, _)| id.clone()).unwrap_or_default());
    let options = options.collect_view();
    let pick = move |_| {
        let chosen = chosen.get_untracked();
        if let Some((kind, id, title)) = listed.iter().find(|(_, id, _)| *id == chosen) {
            begin.run(picked(phase, kind.code(), title.clone(), id.clone(), clock::today()));
        }
    };
    let field = format!("evidence-local-{}", phase.code());
    any! {
        <div class="field">
            <label for=field.clone()>{text("work.engagement.evidence.local")}</label>
            <select id=field on:change=move |event| chosen.set(event_target_value(&event))>{options}</select>
        </div>
        <div class="actions">
            <button type="button" class="button secondary" data-action="use-worksheet" on:click=pick>{text("work.engagement.evidence.use")}</button>
        </div>
    }
}

fn picked(phase: Phase, source: &str, name: String, reference: String, date: String) -> Picked {
    vec![
        ("phase", phase.code().to_owned()),
        ("source", source.to_owned()),
        ("name", name),
        ("reference", reference),
        ("date", date),
    ]
}

/// The address of the worksheet that a piece of evidence names, where it is on this device.
pub fn address_of(evidence: &Content) -> Option<String> {
    let id = evidence.line("reference");
    let shelf = SHELVES.into_iter().find(|shelf| evidence.says("source", shelf.kind.code()))?;
    let is_here = (shelf.list)().iter().any(|listed| listed.id == id);
    let (kind, id, place) = (shelf.kind, id.to_owned(), String::new());
    is_here.then(|| AsidePage::Worksheet { kind, id, place }.href())
}

/// What a file is, once the worker has checked it; the code of a refusal otherwise.
async fn looked(file: &Chosen, phase: Phase) -> Result<Picked, String> {
    if file.size > MAX_REPORT_BYTES as u64 {
        return Err("too_large".to_owned());
    }
    let bytes = file.read().await.map_err(|_| "unreadable".to_owned())?.to_vec();
    give_links().await?;
    let explained: Explanation =
        worker::ask_json(ask::EXPLAIN, "", Some(&Uint8Array::from(bytes.as_slice()))).await?;
    let said = explained.said.unwrap_or_default();
    let part = |pointer: &str| said.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let name = match explained.kind {
        // Whatever else is wrong with it, it is locked here, and there is another file to choose.
        FileKind::SealedResult => return Err("evidence_sealed".to_owned()),
        FileKind::Result => {
            let (instrument, version) =
                (part("/payload/survey/instrument/id"), part("/payload/survey/instrument/version"));
            format!("{instrument} {version}")
        }
        FileKind::GroupReport => {
            format!("{}, {}", part("/payload/report/title"), part("/payload/report/wave"))
        }
        FileKind::NinetyDays | FileKind::DecisionMap => {
            part("/payload/worksheet/content/title").to_owned()
        }
        FileKind::Link
        | FileKind::Invitation
        | FileKind::CoachKey
        | FileKind::Engagement
        | FileKind::Unknown => return Err("evidence_unknown".to_owned()),
    };
    if let Some(refusal) = explained.refusal {
        return Err(refusal);
    }
    let name = if name.is_empty() { file.name.clone() } else { name };
    let date = said.pointer("/payload/iat").and_then(Value::as_i64).unwrap_or(0);
    let name = name.chars().take(200).collect();
    let source = explained.kind.code();
    let mut picked = picked(phase, source, name, fingerprint(&bytes), clock::iso_date(date));
    let what = word(&format!("choice.evidence.source.{source}"));
    picked.push(("note", fill("work.engagement.evidence.checked", &[("what", &what)])));
    Ok(picked)
}
