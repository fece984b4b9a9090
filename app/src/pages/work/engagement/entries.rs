//! The entries of a kind: each a card, and a form where it is changed; two versions where somebody has to choose.

use super::evidence::{PickEvidence, address_of};
use super::form::{Draft, EntryForm, Given, drafted};
use super::{Sheet, delete, named, put, read, shown_text, word};
use crate::catalogue::{fill, find, text};
use crate::components::{Confirm, Failure};
use crate::live;
use crate::platform::{clock, dom};
use leptos::prelude::*;
use scoring::plan::engagement::{Content, Engagement, Key, Kind, Phase};
use scoring::plan::is_id;
use std::collections::BTreeSet;

/// A new entry: its key, and what stands in its fields at first. Its draft is made where its form is shown, and
/// goes with it.
type Begun = (Key, Vec<Given>);

/// Fields of evidence that come with the file.
const PICKED: &[&str] = &["phase", "source", "reference"];

/// Everything of a kind that a phase shows, and a way to add one.
#[component]
pub fn Entries(sheet: Sheet<Engagement>, kind: Kind, phase: Phase) -> impl IntoView {
    let editing = RwSignal::new(None::<Key>);
    let ids = read(sheet, move |record| {
        let entries = record.by_day(kind).into_iter();
        let of_phase = entries
            .filter(|(_, content)| kind != Kind::Evidence || content.line("phase") == phase.code());
        of_phase.map(|(id, _)| id.to_owned()).collect::<Vec<_>>()
    });
    let keys = Memo::new(move |_| ids());
    let new = RwSignal::new(None::<Begun>);
    let begin = move |given: Vec<Given>| {
        let Some(id) = super::super::fresh_id() else { return };
        let key = Key::new(kind, &id);
        editing.set(None);
        new.set(Some((key, given)));
        let field = match kind {
            Kind::Evidence => "name",
            _ => kind.fields().first().map_or("", |field| field.code),
        };
        dom::after_render(move || dom::focus(&format!("#{}-new-{field}", kind.code())));
    };
    let add = move |_| {
        let today = clock::today();
        begin(match kind {
            Kind::Session => vec![("date", today), ("held", "yes".to_owned())],
            Kind::Voice => vec![("date", today)],
            Kind::Commitment => vec![("state", "open".to_owned())],
            _ => Vec::new(),
        });
    };
    let close = Callback::new(move |()| {
        new.set(None);
        editing.set(None);
        dom::after_render(move || dom::focus(&format!("[data-action='add-{}']", kind.code())));
    });
    let hint = find(&format!("work.engagement.list.{}.hint", kind.code()));
    let hidden = if kind == Kind::Evidence { PICKED } else { &[] };
    let adding = move || match new.get() {
        Some((key, given)) => drafted(sheet, key, given, move |draft| {
            any! {
                <div class="panel">
                    {(kind == Kind::Criterion).then(|| any! { <Examples draft=draft.clone()/> })}
                    <EntryForm draft tag="new" hidden done=close close/>
                </div>
            }
        }),
        None if kind == Kind::Evidence => any! { <PickEvidence phase begin=Callback::new(begin)/> },
        None => any! {
            <div class="actions">
                <button type="button" class="button secondary" data-action=format!("add-{}", kind.code()) on:click=add>
                    {word(&format!("add.{}", kind.code()))}
                </button>
            </div>
        },
    };
    any! {
        <section class="entries" data-entries=kind.code()>
            <h2>{word(&format!("list.{}", kind.code()))}</h2>
            <p class="hint">{hint}</p>
            <ul class="cards">
                <For each=move || keys.get() key=|id| id.clone() let:id>
                    <Entry sheet key=Key::new(kind, &id) editing new/>
                </For>
            </ul>
            {live(adding)}
        </section>
    }
}

/// One entry. While it is first written its form stands below, so the card waits.
#[component]
fn Entry(
    sheet: Sheet<Engagement>,
    key: Key,
    editing: RwSignal<Option<Key>>,
    new: RwSignal<Option<Begun>>,
) -> impl IntoView {
    let key = StoredValue::new(key);
    let is_edited = Memo::new(move |_| editing.get().as_ref() == Some(&key.get_value()));
    let is_new = Memo::new(move |_| {
        new.with(|new| new.as_ref().is_some_and(|(new, _)| *new == key.get_value()))
    });
    let selector = move |action: &str| {
        key.with_value(|key| format!("[data-entry='{}'] [data-action='{action}']", key.id))
    };
    let done = Callback::new(move |()| {
        editing.set(None);
        let edit = selector("edit");
        dom::after_render(move || dom::focus(&edit));
    });
    let edit = Callback::new(move |()| {
        let key = key.get_value();
        new.set(None);
        let skipped = if key.kind == Kind::Evidence { 2 } else { 0 };
        let field = key.kind.fields().get(skipped).map_or("", |field| field.code);
        let selector = format!("#{}-{}-{field}", key.kind.code(), key.id);
        editing.set(Some(key));
        dom::after_render(move || dom::focus(&selector));
    });
    let asked = RwSignal::new(false);
    let remove = Callback::new(move |()| {
        let key = key.get_value();
        // Values go with what they measure.
        let months = untrack(read(sheet, {
            let id = key.id.clone();
            move |record| {
                record.months(&id).map(|(month, _)| Key::value(&id, month)).collect::<Vec<_>>()
            }
        }));
        let values = if key.kind == Kind::Criterion { months } else { Vec::new() };
        delete(sheet, values.into_iter().chain([key]));
        dom::after_render(|| dom::focus("[data-action='undo']"));
    });
    live(move || {
        if is_new.get() {
            return ().into_any();
        }
        let key = key.get_value();
        if is_edited.get() {
            let hidden = if key.kind == Kind::Evidence { PICKED } else { &[] };
            let (id, tag) = (key.id.clone(), key.id.clone());
            let form = drafted(sheet, key, Vec::new(), move |draft| {
                any! { <EntryForm draft tag=tag.clone() hidden done close=done/> }
            });
            return any! { <li class="card" data-entry=id>{form}</li> };
        }
        any! {
            <li class="card" data-entry=key.id.clone()>
                <Said sheet key=key.clone()/>
                <div class="actions">
                    <button type="button" class="quiet" data-action="edit" on:click=move |_| edit.run(())>{text("work.engagement.edit")}</button>
                    <button type="button" class="quiet" data-action="delete" on:click=move |_| {
                        asked.set(true);
                        let confirm = selector("confirm");
                        dom::after_render(move || dom::focus(&confirm));
                    }>{text("work.engagement.delete")}</button>
                </div>
                <Confirm question=text("work.engagement.delete.ask") asked yes=remove/>
            </li>
        }
    })
}

/// What an entry says; every version of it where devices differ.
#[component]
pub fn Said(sheet: Sheet<Engagement>, key: Key) -> impl IntoView {
    let key = StoredValue::new(key);
    let said = read(sheet, move |record| {
        key.with_value(|key| {
            let versions = record.versions(key)?;
            let said = versions.said().into_iter().map(|content| content.cloned());
            Some((said.collect::<Vec<_>>(), versions.ids()))
        })
    });
    let said = Memo::new(move |_| said());
    live(move || {
        let key = key.get_value();
        match said.get() {
            Some((said, ids)) if said.len() > 1 => any! { <Choose sheet key said ids/> },
            Some((said, _)) => match said.into_iter().next().flatten() {
                Some(content) => facts(key.kind, &content),
                None => ().into_any(),
            },
            None => ().into_any(),
        }
    })
}

/// The fields of an entry that say something.
pub fn facts(kind: Kind, content: &Content) -> AnyView {
    // Evidence stands in its phase; the id of a worksheet says nothing to people.
    let is_plain = |code: &str| match (kind, code) {
        (Kind::Evidence, "phase") => false,
        (Kind::Evidence, "reference") => !is_id(content.line(code)),
        _ => true,
    };
    let said = kind.fields().iter().filter(|field| content.has(field.code) && is_plain(field.code));
    let said = said.map(|field| {
        let label = word(&format!("field.{}.{}", kind.code(), field.code));
        any! { <div data-field=field.code><dt>{label}</dt><dd>{shown_text(kind, field, content)}</dd></div> }
    });
    let open = (kind == Kind::Evidence).then(|| address_of(content)).flatten();
    any! {
        <dl class="facts">{said.collect_view()}</dl>
        {open.map(|href| any! { <p><a data-action="open-worksheet" href=href>{text("work.engagement.evidence.open")}</a></p> })}
    }
}

/// Two devices say different things: both are shown, and one of them stays.
#[component]
pub fn Choose(
    sheet: Sheet<Engagement>,
    key: Key,
    said: Vec<Option<Content>>,
    ids: BTreeSet<String>,
) -> impl IntoView {
    let refused = RwSignal::new(None::<&'static str>);
    let versions = said.into_iter().zip(1..).map(|(content, number)| {
        let (to_keep, keep_key, known) = (content.clone(), key.clone(), ids.clone());
        let keep = move |_| {
            // What one device wrote may not fit what the other one did: a month before the baseline, for one.
            let kept = put(sheet, keep_key.clone(), to_keep.clone(), known.clone());
            refused.try_set(kept.err());
        };
        let (shown, label) = match &content {
            Some(content) => (facts(key.kind, content), text("work.engagement.conflict.keep")),
            None => (
                any! { <p>{text("work.engagement.conflict.deleted")}</p> },
                text("work.engagement.conflict.keep_deleted"),
            ),
        };
        let title = fill("work.engagement.conflict.which", &[("n", &number.to_string())]);
        any! {
            <li class="version">
                <h4>{title}</h4>
                {shown}
                <button type="button" class="button secondary" data-action="keep" on:click=keep>{label}</button>
            </li>
        }
    });
    let name = untrack(read(sheet, {
        let key = key.clone();
        move |record| named(record, &key)
    }));
    any! {
        <div class="notice warning" data-conflict=key.kind.code()>
            <h3>{name}</h3>
            <p>{text("work.engagement.conflict")}</p>
            <ul class="versions">{versions.collect_view()}</ul>
            <div role="status">{live(move || refused.get().map(|code| any! { <Failure code/> }))}</div>
        </div>
    }
}

/// The entries of some keys that wait for a choice.
#[component]
pub fn Conflicts(sheet: Sheet<Engagement>, of: Callback<Key, bool>) -> impl IntoView {
    let torn = read(sheet, move |record| {
        record.conflicts().filter(|key| of.run((*key).clone())).cloned().collect::<Vec<_>>()
    });
    let torn = Memo::new(move |_| torn());
    let title = move || {
        let is_torn = !torn.with(Vec::is_empty);
        is_torn.then(|| any! { <h2>{text("work.engagement.difference.conflict")}</h2> })
    };
    any! {
        {live(title)}
        <For each=move || torn.get() key=|key| key.clone() let:key>
            <Said sheet key/>
        </For>
    }
}

/// Measures to start from.
#[component]
fn Examples(draft: Draft) -> impl IntoView {
    let examples = [
        ("decisions", "down", "timed"),
        ("escalations", "down", "counted"),
        ("review_time", "down", "timed"),
        ("stability", "down", "counted"),
        ("retention", "down", "counted"),
        ("execution", "up", "counted"),
    ];
    let option = |(code, ..): (&'static str, &str, &str)| {
        any! { <option value=code>{word(&format!("example.{code}"))}</option> }
    };
    let take = move |event: web_sys::Event| {
        let chosen = event_target_value(&event);
        let Some((code, better, known)) = examples.into_iter().find(|(code, ..)| *code == chosen)
        else {
            return;
        };
        let unit = word(&format!("example.{code}.unit"));
        let name = word(&format!("example.{code}"));
        let filled = [
            ("name", name),
            ("unit", unit),
            ("better", better.to_owned()),
            ("known", known.to_owned()),
        ];
        for (code, text) in filled {
            if let Some(field) = draft.field(code) {
                field.set(text);
            }
        }
        draft.save();
    };
    any! {
        <div class="field">
            <label for="criterion-example">{text("work.engagement.example.label")}</label>
            <select id="criterion-example" on:change=take>
                <option value="">{text("work.engagement.example.none")}</option>
                {examples.into_iter().map(option).collect_view()}
            </select>
        </div>
    }
}
