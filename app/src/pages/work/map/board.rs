//! The whole map on a page or two, to be read by a board, and printed.

use super::findings::{Mending, Ratio, mendings, titles};
use super::{Open, Working, counts, facts, named, word};
use crate::catalogue::{fill, text};
use crate::live;
use crate::platform::{clock, dom};
use leptos::prelude::*;
use scoring::plan::decision_map::{DecisionMap, Entry, Kind, Outcome};

/// The page.
#[component]
pub fn Board(open: Open, title: String) -> impl IntoView {
    let heading = if title.is_empty() { text("work.decision_map.one") } else { &title };
    let day = clock::day_in_words(&open.today.get_value());
    let dated = move || {
        let counts = open.read(counts);
        fill("work.decision_map.board.dated", &[("counts", &counts), ("day", &day)])
    };
    any! {
        <Working name="map-board" title=heading eyebrow=text("work.decision_map.one")>
            <p class="lead">{live(dated)}</p>
            <div class="actions">
                <button type="button" class="button" data-action="print" on:click=move |_| dom::print()>{text("report.print")}</button>
                <a class="button secondary" data-action="back" href=open.address("")>{text("work.decision_map.board.back")}</a>
            </div>
            <Ratio open/>
            {live(move || order(open.read(|map| mendings(open, map))))}
            {live(move || open.read(|map| table(open, map, Kind::Metric)))}
            {live(move || open.read(|map| table(open, map, Kind::Outcome)))}
        </Working>
    }
}

/// What to mend, in its order.
fn order(all: Vec<Mending>) -> AnyView {
    let item = |mending: Mending| {
        let told: Vec<_> = mending.told.into_iter().map(|told| told.title).collect();
        any! {
            <li data-place=mending.place.to_string()>
                <span class="rank">{mending.place}</span>
                <p><strong>{mending.name}</strong>": "{told.join(" · ")}</p>
            </li>
        }
    };
    let list = if all.is_empty() {
        any! { <p>{text("map.repair.none")}</p> }
    } else {
        any! {
            <p>{text("work.decision_map.board.order")}</p>
            <ol class="repairs">{all.into_iter().map(item).collect_view()}</ol>
        }
    };
    any! { <section><h2>{text("work.decision_map.board.mend")}</h2>{list}</section> }
}

/// The entries of a kind as a table.
fn table(open: Open, map: &DecisionMap, kind: Kind) -> AnyView {
    let of_kind: Vec<Entry<'_>> = map.entries().filter(|entry| entry.kind() == kind).collect();
    let Some(first) = of_kind.first() else { return ().into_any() };
    let columns = facts(*first).into_iter().map(|(code, _)| {
        any! { <th scope="col">{word(&format!("fact.{code}"))}</th> }
    });
    let owed = (kind == Kind::Outcome)
        .then(|| any! { <th scope="col">{text("work.decision_map.owed")}</th> });
    let caption = word(&format!("list.{}", kind.code()));
    any! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=caption.clone()>
            <table class="board" data-board=kind.code()>
                <caption>{caption.clone()}</caption>
                <thead><tr>
                    <th scope="col">{word(&format!("field.{}.name", kind.code()))}</th>
                    {columns.collect_view()}{owed}
                    <th scope="col">{text("work.decision_map.board.mend")}</th>
                </tr></thead>
                <tbody>{of_kind.into_iter().map(|entry| row(open, map, entry)).collect_view()}</tbody>
            </table>
        </div>
    }
}

fn row(open: Open, map: &DecisionMap, entry: Entry<'_>) -> AnyView {
    let said = |said: Option<String>| said.unwrap_or_else(|| word("not_said"));
    let cells = facts(entry).into_iter().map(|(_, fact)| any! { <td>{said(fact)}</td> });
    let (owed, mut flags) = match entry {
        Entry::Outcome(outcome) => (Some(owed(outcome)), open.flags(entry)),
        Entry::Metric(_) | Entry::Owed(..) => (None, open.flags(entry)),
    };
    if let Entry::Outcome(outcome) = entry {
        flags.extend(outcome.owed.iter().flat_map(|owed| open.flags(Entry::Owed(owed, outcome))));
    }
    any! {
        <tr>
            <th scope="row">{named(entry)}</th>
            {cells.collect_view()}
            {owed}
            <td>{titles(map, &flags)}</td>
        </tr>
    }
}

/// What others owe to an outcome, in one cell.
fn owed(outcome: &Outcome) -> AnyView {
    let items = outcome.owed.iter().map(|owed| {
        let entry = Entry::Owed(owed, outcome);
        let said = |code: &str| {
            let fact = facts(entry).into_iter().find(|(known, _)| *known == code);
            fact.and_then(|(_, said)| said).unwrap_or_else(|| word("not_said"))
        };
        let state = match (owed.delivered, owed.by.is_empty()) {
            (true, _) => "work.decision_map.board.delivered",
            (false, true) => "work.decision_map.board.undated",
            (false, false) => "work.decision_map.board.due",
        };
        any! { <li>{fill(state, &[("name", &named(entry)), ("owner", &said("owes")), ("day", &said("by"))])}</li> }
    });
    any! { <td><ul class="plain">{items.collect_view()}</ul></td> }
}
