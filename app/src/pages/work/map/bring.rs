//! A file comes in: what it says and which rows cannot be read is shown before anything is taken over.

use super::{At, Open, address, counts, fresh_id, named};
use crate::catalogue::{fill, find, plural, text};
use crate::components::{DropArea, Failure};
use crate::live;
use crate::pages::work::Sheet;
use crate::platform::files::Chosen;
use crate::platform::{dom, spawn};
use leptos::prelude::*;
use scoring::plan::MAX_WORKSHEET_BYTES;
use scoring::plan::decision_map::{
    DecisionMap, Entry, Event, FileRead, MAX_CSV_BYTES, RowFault, read_file,
};
use std::sync::Arc;

/// Why a file was not read: a code that has texts, and particulars.
type Refused = (&'static str, String);

/// Where a file is dropped or chosen, and what follows.
#[component]
pub fn Bring(
    /// The map that is open; nothing where a new one is to be made.
    into: Option<Open>,
) -> impl IntoView {
    let found = RwSignal::new(None::<Result<Arc<FileRead>, Refused>>);
    let take = Callback::new(move |chosen: Vec<Chosen>| {
        spawn(async move {
            let Some(file) = chosen.first() else { return };
            let read = read(file).await.map(Arc::new);
            found.try_set(Some(read));
            dom::after_render(|| dom::focus(".brought"));
        });
    });
    any! {
        <DropArea id="map-file" title=text("work.decision_map.bring.drop") label=text("work.decision_map.bring.drop")
            hint=text("work.decision_map.bring.hint") take/>
        {live(move || found.get().map(|read| match read {
            Err((code, detail)) => any! { <div class="brought" tabindex="-1"><Failure code detail/></div> },
            Ok(read) => any! { <Brought into read close=Callback::new(move |()| found.set(None))/> },
        }))}
    }
}

/// What a file says, and what may be done with it.
#[component]
fn Brought(into: Option<Open>, read: Arc<FileRead>, close: Callback<()>) -> impl IntoView {
    let map = StoredValue::new(read.map.clone());
    let title = if read.map.title.is_empty() { text("work.untitled") } else { &read.map.title };
    let origin = match read.kid {
        Some(_) => "work.decision_map.bring.signed",
        None => "work.decision_map.bring.unsigned",
    };
    let names = read.map.entries().filter(|entry| !matches!(entry, Entry::Owed(..))).map(named);
    let names: Vec<_> = names.map(|name| any! { <li>{name}</li> }).collect();
    let n_names = names.len();
    let ways = if read.map.is_empty() {
        any! { <p>{text("work.decision_map.bring.nothing")}</p> }
    } else {
        any! { <Ways into map close/> }
    };
    any! {
        <div class="panel brought" tabindex="-1" role="group" aria-label=text("work.decision_map.bring.found") data-brought=n_names.to_string()>
            <h3>{title.to_owned()}</h3>
            <p>{counts(&read.map)}". "{text(origin)}</p>
            {(n_names > 0).then(|| any! {
                <details><summary>{text("work.decision_map.bring.names")}</summary><ul>{names}</ul></details>
            })}
            {(!read.refused.is_empty()).then(|| refused(&read.refused))}
            {ways}
        </div>
    }
}

/// The rows that cannot be read: where, what stands there, what to do.
fn refused(rows: &[RowFault]) -> AnyView {
    let row = |row: &RowFault| {
        let (line, column) = (row.line.to_string(), row.column.to_string());
        let name = if row.name.is_empty() { &column } else { row.name };
        let values =
            [("line", line.as_str()), ("column", &column), ("name", name), ("text", &row.text)];
        let to_do = find(&format!("map.cell_fault.{}", row.fault.code())).unwrap_or_default();
        any! {
            <li data-line=line.clone() data-fault=row.fault.code()>
                <p><strong>{fill("work.decision_map.bring.cell", &values)}</strong></p>
                <p>{to_do}</p>
            </li>
        }
    };
    any! {
        <div class="notice warning">
            <p><strong>{plural("work.decision_map.bring.refused", rows.len(), &[])}</strong>" "{text("work.decision_map.bring.refused_do")}</p>
            <ul class="refused-rows">{rows.iter().map(row).collect_view()}</ul>
        </div>
    }
}

/// A new map of it, or into the one that is open. All of it can be taken back.
#[component]
fn Ways(into: Option<Open>, map: StoredValue<DecisionMap>, close: Callback<()>) -> impl IntoView {
    let failed = RwSignal::new(false);
    let create = move |_| match Sheet::create(&map.get_value()) {
        Ok(id) => dom::go(&address(id, "")),
        Err(_) => failed.set(true),
    };
    let here = into.map(|open| {
        let taken = move |event: Event| {
            let said = match event {
                Event::Replace(_) => "work.decision_map.bring.replaced",
                _ => "work.decision_map.bring.added",
            };
            close.run(());
            open.close();
            open.apply(event);
            open.note(At::Top, text(said).to_owned(), "#map-file".to_owned());
        };
        let replace = move |_| taken(Event::Replace(map.get_value()));
        // The same file may be added twice, and an id stands for one entry.
        let add = move |_| taken(Event::Add(map.get_value().renewed(|| fresh_id().unwrap_or_default())));
        let has_room = Memo::new(move |_| map.with_value(|map| open.read(|own| own.has_room_for(map))));
        let is_empty = Memo::new(move |_| open.read(DecisionMap::is_empty));
        any! {
            <button type="button" class="button" data-action="replace" on:click=replace>
                {live(move || if is_empty.get() { text("work.decision_map.bring.take") } else { text("work.decision_map.bring.replace") })}
            </button>
            <Show when=move || has_room.get() && !is_empty.get()>
                <button type="button" class="button secondary" data-action="add" on:click=add>{text("work.decision_map.bring.add")}</button>
            </Show>
        }
    });
    let class = if into.is_some() { "button secondary" } else { "button" };
    any! {
        <div class="actions">
            {here}
            <button type="button" class=class data-action="create" on:click=create>{text("work.decision_map.bring.create")}</button>
            <button type="button" class="quiet" data-action="close" on:click=move |_| close.run(())>{text("work.decision_map.bring.close")}</button>
        </div>
        <div role="status">{live(move || failed.get().then(|| any! { <Failure code="no_randomness"/> }))}</div>
    }
}

async fn read(file: &Chosen) -> Result<FileRead, Refused> {
    let limit = MAX_CSV_BYTES.max(MAX_WORKSHEET_BYTES);
    if usize::try_from(file.size).map_or(true, |size| size > limit) {
        return Err(("too_large", String::new()));
    }
    if fresh_id().is_none() {
        return Err(("no_randomness", String::new()));
    }
    let bytes = file.read().await.map_err(|reason| ("file_unreadable", reason))?.to_vec();
    read_file(&bytes, || fresh_id().unwrap_or_default())
        .map_err(|fault| (fault.code(), fault.to_string()))
}
