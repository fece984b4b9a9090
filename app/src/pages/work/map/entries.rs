//! The entries of a kind: a card for each, with what it says, what the rules say beside it, and its form.

use super::findings::told_view;
use super::form::EntryForm;
use super::{At, NoteView, Open, facts, fresh_id, named, word};
use crate::catalogue::{fill, text};
use crate::live;
use crate::platform::dom;
use leptos::prelude::*;
use scoring::plan::decision_map::{
    DecisionMap, Entry, Event, Field, Kind, MAX_METRICS, MAX_OUTCOMES, MAX_OWED,
};

/// The section of a kind.
#[component]
pub fn Entries(open: Open, kind: Kind) -> impl IntoView {
    let code = kind.code();
    let is_empty = Memo::new(move |_| open.read(|map| ids(map, kind, None).is_empty()));
    let needs = ["one", "two", "three"].map(|part| word(&format!("needs.{code}.{part}")));
    let needs = StoredValue::new(needs);
    let listed = move || {
        let needs = needs.get_value().map(|need| any! { <li>{need}</li> });
        any! { <ul class="promises">{needs.into_iter().collect_view()}</ul> }
    };
    any! {
        <section class="map-section" data-section=code>
            <h2>{word(&format!("list.{code}"))}</h2>
            {live(move || {
                let title = word(&format!("needs.{code}"));
                if is_empty.get() {
                    any! { <p>{title}</p>{listed()} }
                } else {
                    any! { <details><summary>{title}</summary>{listed()}</details> }
                }
            })}
            <List open kind/>
        </section>
    }
}

fn ids(map: &DecisionMap, kind: Kind, outcome: Option<&str>) -> Vec<String> {
    let is_listed = |entry: &Entry<'_>| match entry {
        Entry::Owed(_, to) => kind == Kind::Owed && Some(to.id.as_str()) == outcome,
        Entry::Metric(_) | Entry::Outcome(_) => entry.kind() == kind,
    };
    map.entries().filter(is_listed).map(|entry| entry.id().to_owned()).collect()
}

/// The entries, and a way to add one.
#[component]
fn List(
    open: Open,
    kind: Kind,
    /// The outcome that it is owed to.
    #[prop(optional_no_strip)]
    outcome: Option<String>,
) -> impl IntoView {
    let to = StoredValue::new(outcome.clone());
    let at = At::List(kind, outcome);
    let at_of_cards = at.clone();
    let listed =
        Memo::new(move |_| to.with_value(|to| open.read(|map| ids(map, kind, to.as_deref()))));
    let limit = match kind {
        Kind::Metric => MAX_METRICS,
        Kind::Outcome => MAX_OUTCOMES,
        Kind::Owed => MAX_OWED,
    };
    let is_full = Memo::new(move |_| listed.with(Vec::len) >= limit);
    let add = move |_| {
        let Some(id) = fresh_id() else { return };
        open.apply(match (kind, to.get_value()) {
            (Kind::Owed, Some(outcome)) => Event::AddOwed { outcome, id: id.clone() },
            (Kind::Outcome, _) => Event::AddOutcome { id: id.clone() },
            (Kind::Metric | Kind::Owed, _) => Event::AddMetric { id: id.clone() },
        });
        open.edit(&id, Field::Name);
    };
    let action = format!("add-{}", kind.code());
    any! {
        <ul class="map-entries">
            <For each=move || listed.get() key=|id| id.clone() let:id>
                <Card open kind at=at_of_cards.clone() id/>
            </For>
        </ul>
        <NoteView open at/>
        {live(move || if is_full.get() {
            any! { <p class="hint">{fill("work.decision_map.full", &[("limit", &limit.to_string())])}</p> }
        } else {
            any! {
                <div class="actions">
                    <button type="button" class="button secondary" data-action=action.clone() on:click=add>{word(&format!("add.{}", kind.code()))}</button>
                </div>
            }
        })}
    }
}

/// What stands on a card.
#[derive(Clone, PartialEq)]
struct Shown {
    name: String,
    facts: Vec<(&'static str, Option<String>)>,
    is_blank: bool,
}

/// One entry.
#[component]
fn Card(open: Open, kind: Kind, at: At, id: String) -> impl IntoView {
    let (key, at) = (StoredValue::new(id.clone()), StoredValue::new(at));
    let is_edited =
        Memo::new(move |_| open.editing.with(|editing| *editing == Some(key.get_value())));
    let shown = Memo::new(move |_| {
        open.read(|map| {
            let entry = key.with_value(|id| map.entry(id))?;
            Some(Shown { name: named(entry), facts: facts(entry), is_blank: entry.is_blank() })
        })
    });
    let told = Memo::new(move |_| key.with_value(|id| open.told(id)));
    let remove = move |_| {
        let name = untrack(|| shown.get()).map(|shown| shown.name).unwrap_or_default();
        let id = key.get_value();
        let back = format!("[data-entry='{id}'] [data-action='edit']");
        open.close();
        open.apply(Event::Remove { id });
        open.note(at.get_value(), fill("work.decision_map.removed", &[("name", &name)]), back);
    };
    let done = Callback::new(move |()| {
        open.close();
        let id = key.get_value();
        let is_here = untrack(|| open.read(|map| map.entry(&id).is_some()));
        let selector = if is_here {
            format!("[data-entry='{id}'] [data-action='edit']")
        } else {
            format!("{} [data-action='add-{}']", at.with_value(At::selector), kind.code())
        };
        dom::after_render(move || dom::focus(&selector));
    });
    let card = move || {
        shown.get().map(|shown| {
            let labelled = |action: &str| format!("{}: {}", word(action), shown.name);
            let fact = |(code, said): (&'static str, Option<String>)| {
                let is_open = said.is_none();
                let said = said.unwrap_or_else(|| word("not_said"));
                any! { <div data-fact=code><dt>{word(&format!("fact.{code}"))}</dt><dd class:open=is_open>{said}</dd></div> }
            };
            let (edit, remove_label) = (labelled("edit"), labelled("remove"));
            let name = match kind {
                Kind::Owed => any! { <h4>{shown.name.clone()}</h4> },
                Kind::Metric | Kind::Outcome => any! { <h3>{shown.name.clone()}</h3> },
            };
            any! {
                {name}
                <dl class="entry-facts">{shown.facts.into_iter().map(fact).collect_view()}</dl>
                <div class="actions">
                    <button type="button" class="quiet" data-action="edit" aria-label=edit
                        on:click=move |_| key.with_value(|id| open.edit(id, Field::Name))>{text("work.decision_map.edit")}</button>
                    <button type="button" class="quiet" data-action="delete" aria-label=remove_label on:click=remove>{text("work.decision_map.remove")}</button>
                </div>
            }
        })
    };
    let is_untouched = Memo::new(move |_| {
        is_edited.get() && shown.with(|shown| shown.as_ref().is_some_and(|shown| shown.is_blank))
    });
    let owed = (kind == Kind::Outcome).then(|| {
        any! {
            <div class="owed">
                <p class="next-label">{text("work.decision_map.owed")}</p>
                <List open kind=Kind::Owed outcome=Some(id.clone())/>
            </div>
        }
    });
    any! {
        <li class="card map-entry" data-entry=id data-kind=kind.code()>
            <div class="entry-what">
                {live(move || if is_edited.get() {
                    any! { <EntryForm open kind id=key.get_value() done/> }
                } else {
                    card().into_any()
                })}
            </div>
            <div class="entry-flags">
                {live(move || (!is_untouched.get() && !told.with(Vec::is_empty)).then(|| told_view(told.get())))}
            </div>
            {owed}
        </li>
    }
}
