//! What a file or a link says, what was checked, and what that proves.

use super::coach::{KeyWords, LinkFacts, ReportPart, give_links_and, known_links};
use super::load::{index, later};
use crate::catalogue::{fill, find, text};
use crate::components::{DropArea, EngineFailure, Failure, Page};
use crate::engine::ask;
use crate::live;
use crate::platform::files::Chosen;
use crate::platform::{clock, dom, spawn, storage, worker};
use js_sys::Uint8Array;
use leptos::prelude::*;
use scoring::cohort::{GroupReport, MAX_REPORT_BYTES, VerifiedLink, link_tokens};
use scoring::explain::{Check, Explanation, Kind};
use scoring::jose::{SelfSigned, flattened};
use scoring::json::Node;
use scoring::result::{MAX_RESULT_BYTES, TYP};
use serde_json::Value;

/// A file or link that was looked at.
#[derive(Clone)]
struct Looked {
    number: usize,
    name: String,
    bytes: Vec<u8>,
    explanation: Explanation,
}

/// What was handed over so far.
#[derive(Clone, Copy)]
struct Table {
    looked: RwSignal<Vec<Looked>>,
    busy: RwSignal<bool>,
    failed: RwSignal<Option<(String, String)>>,
}

impl Table {
    fn take(self, chosen: Vec<Chosen>) {
        spawn(async move {
            self.busy.try_set(true);
            self.failed.try_set(None);
            for file in chosen {
                if file.size > MAX_REPORT_BYTES as u64 {
                    self.failed.try_set(Some(("too_large".to_owned(), file.name)));
                    continue;
                }
                match file.read().await {
                    Ok(bytes) => self.look(file.name, bytes.to_vec()).await,
                    Err(_) => {
                        self.failed.try_set(Some(("unreadable".to_owned(), file.name)));
                    }
                }
            }
            self.busy.try_set(false);
        });
    }

    async fn look(self, name: String, bytes: Vec<u8>) {
        match self.explained(&bytes).await {
            Ok(explanation) => {
                let is_link = explanation.kind == Kind::Link && explanation.refusal.is_none();
                self.looked.try_update(|looked| {
                    let number = looked.first().map_or(1, |newest: &Looked| newest.number + 1);
                    looked.insert(0, Looked { number, name, bytes, explanation });
                });
                if is_link {
                    self.look_again().await;
                }
            }
            Err(reason) => {
                self.failed.try_set(Some((reason, name)));
            }
        }
    }

    /// What lacked a link may have it now.
    async fn look_again(self) {
        let lacking = self.looked.try_with_untracked(|looked| {
            let lacking = looked.iter().filter(|looked| looked.lacks_link());
            lacking.map(|looked| (looked.number, looked.bytes.clone())).collect::<Vec<_>>()
        });
        for (number, bytes) in lacking.unwrap_or_default() {
            let Ok(explanation) = self.explained(&bytes).await else { continue };
            self.looked.try_update(|looked| {
                let same = looked.iter_mut().find(|looked| looked.number == number);
                same.map(|looked| looked.explanation = explanation)
            });
        }
    }

    /// What can be said of a file by the links that are kept here, and those that were handed over.
    async fn explained(self, bytes: &[u8]) -> Result<Explanation, String> {
        let links = self.looked.try_with_untracked(|looked| {
            looked.iter().filter_map(Looked::link_token).collect::<Vec<_>>()
        });
        give_links_and(&links.unwrap_or_default()).await?;
        worker::ask_json(ask::EXPLAIN, "", Some(&Uint8Array::from(bytes))).await
    }
}

impl Looked {
    fn lacks_link(&self) -> bool {
        self.explanation.refusal.as_deref() == Some("unknown_cohort")
    }

    fn link_token(&self) -> Option<String> {
        if self.explanation.kind != Kind::Link {
            return None;
        }
        let text = String::from_utf8_lossy(&self.bytes);
        link_tokens(text.trim()).map(|(token, _)| token.to_owned())
    }
}

/// The page.
#[component]
pub fn Verify() -> impl IntoView {
    let table = Table {
        looked: RwSignal::new(Vec::new()),
        busy: RwSignal::new(false),
        failed: RwSignal::new(None),
    };
    let pasted = RwSignal::new(String::new());
    let take = Callback::new(move |chosen| table.take(chosen));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let typed = pasted.get_untracked();
        if typed.trim().is_empty() {
            dom::focus("#verify-text");
            return;
        }
        spawn(async move {
            table.busy.try_set(true);
            table.failed.try_set(None);
            // Mail programs break long links; a file that was pasted keeps its form.
            let one_line: String = typed.split_whitespace().collect();
            let is_link = link_tokens(&one_line).is_some() && !one_line.starts_with('{');
            let content = if is_link { one_line } else { typed };
            table.look(text("verify.pasted").to_owned(), content.into_bytes()).await;
            table.busy.try_set(false);
        });
    };
    any! {
        <Page name="verify" title=text("verify.title")>
            <p class="lead">{text("verify.lead")}</p>
            <DropArea id="verify-file" title=text("verify.drop") label=text("verify.drop") hint=text("verify.not_kept") take/>
            <form class="panel" on:submit=submit>
                <div class="field">
                    <label for="verify-text">{text("verify.text")}</label>
                    <textarea id="verify-text" rows="3" spellcheck="false" prop:value=move || pasted.get()
                        on:input=move |event| pasted.set(event_target_value(&event))></textarea>
                </div>
                <div class="actions">
                    <button class="button secondary" data-action="verify-text">{text("verify.check")}</button>
                </div>
            </form>
            <div role="status">
                {live(move || table.busy.get().then(|| any! { <p data-busy="">{text("verify.busy")}</p> }))}
                {live(move || table.failed.get().map(|(reason, name)| any! {
                    <p class="file-name">{name}</p>
                    <EngineFailure reason/>
                }))}
            </div>
            <For each=move || table.looked.get() key=|looked| (looked.number, looked.explanation.refusal.clone()) let:looked>
                <Explained looked all=table.looked/>
            </For>
        </Page>
    }
}

/// A text of the explanations, whose key ends in a code.
fn said(key: String) -> String {
    find(&key).map_or(key, str::to_owned)
}

#[component]
fn Explained(looked: Looked, all: RwSignal<Vec<Looked>>) -> impl IntoView {
    let Looked { name, bytes, explanation, .. } = looked;
    let kind = explanation.kind.code();
    let proven = explanation.proves();
    let refusal = explanation.refusal.clone();
    let verdict = match &refusal {
        None => any! { <p class="notice good" data-verdict="good">{text("verify.good")}</p> },
        Some(code) => {
            any! { <Failure code=code.clone() detail=explanation.message.clone().unwrap_or_default()/> }
        }
    };
    let remarks = explanation.remarks.iter().map(|code| {
        let remark = said(format!("explain.remark.{code}"));
        any! { <p class="notice warning" data-remark=code.clone()>{remark}</p> }
    });
    let checks = explanation.checks.iter().map(check).collect_view();
    let has_checks = !explanation.checks.is_empty();
    let is_known = explanation.kind != Kind::Unknown;
    let is_report = explanation.kind == Kind::GroupReport;
    let report = is_report.then(|| GroupReport::verify(&bytes).ok()).flatten();
    let link = (explanation.kind == Kind::Link)
        .then(|| {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            VerifiedLink::verify(link_tokens(text.trim())?.0).ok()
        })
        .flatten();
    let facts = match link {
        Some(link) => any! { <h3>{link.claims().title.clone()}</h3><LinkFacts link/> },
        None => any! { <Facts explanation=explanation.clone()/> },
    };
    let decoded =
        explanation.said.as_ref().and_then(|said| serde_json::to_string_pretty(said).ok());
    any! {
        <article class="card explained" data-file=name.clone() data-kind=kind data-refusal=refusal.unwrap_or_default()>
            <p class="file-name">{name.clone()}</p>
            <h2>{said(format!("explain.kind.{kind}"))}</h2>
            {verdict}
            {remarks.collect_view()}
            {facts}
            {report.map(|report| any! { <Published report all/> })}
            {has_checks.then(|| any! {
                <h3>{text("verify.checks")}</h3>
                <ol class="check-list">{checks}</ol>
            })}
            {is_known.then(|| any! {
                <h3>{text("verify.proves")}</h3>
                <p data-proves=proven>{said(format!("explain.proves.{proven}"))}</p>
                <p>{said(format!("explain.not.{kind}"))}</p>
            })}
            {decoded.map(|decoded| any! {
                <details>
                    <summary>{text("verify.decoded")}</summary>
                    <pre data-said="" tabindex="0" aria-label=text("verify.decoded")>{decoded}</pre>
                </details>
            })}
        </article>
    }
}

fn check(check: &Check) -> AnyView {
    let (passed, label) = match check.passed {
        Some(true) => ("true", "verify.passed"),
        Some(false) => ("false", "verify.failed"),
        None => ("none", "verify.not_reached"),
    };
    any! {
        <li data-check=check.step.clone() data-passed=passed>
            <strong class="outcome">{text(label)}</strong>" "{said(format!("explain.check.{}", check.step))}
        </li>
    }
}

/// The most important of what a file says.
#[component]
fn Facts(explanation: Explanation) -> impl IntoView {
    let said = explanation.said.unwrap_or_default();
    let entries = later(async { index().await.unwrap_or_default() });
    let word = |pointer: &str| said.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let time = |pointer: &str| said.pointer(pointer).and_then(Value::as_i64).map(clock::local_time);
    let count = |pointer: &str| {
        said.pointer(pointer).and_then(Value::as_array).map(|list| list.len().to_string())
    };
    let instrument = word("/payload/survey/instrument/id").map(|id| {
        let version = word("/payload/survey/instrument/version").unwrap_or_default();
        let title = move || {
            let entries = entries.get().unwrap_or_default();
            let known = entries.iter().find(|entry| entry.id == id);
            let title = known.map_or(id.clone(), |entry| entry.title.clone());
            fill("fact.instrument.version", &[("title", &title), ("version", &version)])
        };
        title.into_any()
    });
    let aud = word("/payload/aud").and_then(|aud| aud.rsplit(':').next().map(str::to_owned));
    let cohort = aud.map(|id| {
        let known = known_links().into_iter().find(|link| link.claims().id == id);
        match (known, id.as_str()) {
            (Some(link), _) => link.claims().title.clone(),
            (None, "solo") => text("fact.cohort.none").to_owned(),
            (None, _) => id,
        }
    });
    let facts: [(&'static str, &'static str, Option<AnyView>); 10] = [
        ("title", "fact.title", word("/payload/report/title").map(IntoAny::into_any)),
        ("coach", "fact.coach", word("/payload/report/coach").map(IntoAny::into_any)),
        ("instrument", "fact.instruments", instrument),
        ("cohort", "fact.cohort", cohort.map(IntoAny::into_any)),
        (
            "wave",
            "fact.wave",
            word("/payload/survey/cohort/wave")
                .or_else(|| word("/payload/report/wave"))
                .map(IntoAny::into_any),
        ),
        ("started", "fact.started", time("/payload/survey/started_at").map(IntoAny::into_any)),
        (
            "submitted",
            "fact.submitted",
            time("/payload/survey/submitted_at").map(IntoAny::into_any),
        ),
        ("signed", "fact.signed", time("/payload/iat").map(IntoAny::into_any)),
        ("counted", "fact.counted", count("/payload/report/counted").map(IntoAny::into_any)),
        ("key", "fact.key", explanation.words.map(|words| any! { <KeyWords words=Some(words)/> })),
    ];
    let facts = facts.into_iter().filter_map(|(name, label, value)| {
        let value = value?;
        Some(any! { <div data-fact=name><dt>{text(label)}</dt><dd>{value}</dd></div> })
    });
    any! { <dl class="facts">{facts.collect_view()}</dl> }
}

/// The tables of a group report, and which of one's own results it lists.
#[component]
fn Published(report: GroupReport, all: RwSignal<Vec<Looked>>) -> impl IntoView {
    let reports = report
        .reports
        .iter()
        .map(|report| any! { <ReportPart report=report.clone()/> })
        .collect_view();
    let entries = later(async { index().await.unwrap_or_default() });
    let receipts = move || {
        let own = own_results(&report.cohort, &all.read());
        if own.is_empty() {
            return any! { <p class="hint" data-no-results="">{text("verify.receipts.none")}</p> };
        }
        let entries = entries.get().unwrap_or_default();
        let rows = own.into_iter().map(|result| {
            let payload = result.payload().unwrap_or(Node::Null);
            let id = payload.at(&["survey", "instrument", "id"]).and_then(Node::as_str);
            let title = entries.iter().find(|entry| Some(entry.id.as_str()) == id);
            let title = title.map_or(id.unwrap_or_default(), |entry| entry.title.as_str());
            let signed = payload.get("iat").and_then(Node::as_i64).unwrap_or_default();
            let listed = report.lists(&result.receipt());
            let key = if listed { "verify.receipts.listed" } else { "verify.receipts.not_listed" };
            let values = [("title", title), ("date", &clock::local_time(signed))];
            any! { <li data-receipt="" data-listed=listed.to_string()>{fill(key, &values)}</li> }
        });
        let rows = rows.collect_view();
        any! { <ul>{rows}</ul><p class="hint">{text("verify.receipts.limits")}</p> }
    };
    any! {
        {reports}
        <section data-receipts="">
            <h3>{text("verify.receipts")}</h3>
            {receipts}
        </section>
    }
}

/// Signed results for a cohort that are kept on this device, or were handed over along with the report.
fn own_results(cohort: &str, looked: &[Looked]) -> Vec<SelfSigned> {
    let kept = storage::entries(storage::PREFIX).into_iter();
    let kept = kept.filter(|(key, _)| key.ends_with("/signed"));
    let kept: Vec<String> =
        kept.filter_map(|(_, value)| value.as_str().map(str::to_owned)).collect();
    let handed_over = looked.iter().map(|looked| looked.bytes.as_slice());
    let mut own: Vec<SelfSigned> = Vec::new();
    for file in kept.iter().map(String::as_bytes).chain(handed_over) {
        let Ok(result) = flattened(file, TYP, MAX_RESULT_BYTES) else { continue };
        let of_cohort = result.payload().is_ok_and(|payload| {
            let named = payload.at(&["survey", "cohort", "id"]);
            named.and_then(Node::as_str) == Some(cohort)
        });
        if of_cohort && own.iter().all(|other| other.receipt() != result.receipt()) {
            own.push(result);
        }
    }
    own
}
