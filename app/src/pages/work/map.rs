//! The decision map: its numbers and outcomes, what is to be mended, its files, its page for print.

mod board;
mod bring;
mod entries;
mod findings;
mod form;
mod start;

pub use start::NewMap;

use super::kept::{Absent, Remove, SaveSigned, Undo};
use super::{Found, Sheet, Working, fresh_id};
use crate::catalogue::{fill, find, plural, text};
use crate::components::Failure;
use crate::live;
use crate::platform::{clock, dom, files, spawn};
use crate::route::AsidePage;
use crate::state::file_stem;
use board::Board;
use bring::Bring;
use entries::Entries;
use findings::{Findings, Ratio};
use leptos::prelude::*;
use scoring::json;
use scoring::plan::decision_map::{
    DecisionMap, Entry, Event, Field, Kind, MAX_TITLE_CHARS, Permission, When, Words,
};
use scoring::plan::{Worksheet, WorksheetKind};
use start::example;

/// The page for print.
const BOARD: &str = "board";

/// A map and the place in it.
#[component]
pub fn MapPage(id: String, place: String) -> impl IntoView {
    let open = Open::of(&id);
    let is_here = Memo::new(move |_| matches!(open.sheet.found().get(), Found::Here(_)));
    // The heading says what the map is called, and a page has one heading: with another name it is another page.
    let title = Memo::new(move |_| open.read(|map| map.title.clone()));
    live(move || {
        if !is_here.get() {
            return any! { <Absent sheet=open.sheet name="map-absent" title=text("work.decision_map.one")/> };
        }
        match (title.get(), place.as_str()) {
            (title, BOARD) => any! { <Board open title/> },
            (title, _) => any! { <Whole open title/> },
        }
    })
}

/// A map that is shown, and what every part of its page needs.
#[derive(Clone, Copy)]
struct Open {
    sheet: Sheet<DecisionMap>,
    words: StoredValue<Words>,
    today: StoredValue<String>,
    /// The entry whose form is open.
    editing: RwSignal<Option<String>>,
    note: RwSignal<Option<Note>>,
}

/// Where something is said.
#[derive(Debug, Clone, PartialEq, Eq)]
enum At {
    /// Above everything.
    Top,
    /// In the list of a kind; what is owed has one for each outcome.
    List(Kind, Option<String>),
}

impl At {
    /// What it stands in.
    fn selector(&self) -> String {
        match self {
            At::List(_, Some(outcome)) => format!("[data-entry='{outcome}']"),
            At::List(_, None) | At::Top => "main".to_owned(),
        }
    }
}

/// What was done, for as long as it can be taken back.
#[derive(Clone, PartialEq)]
struct Note {
    at: At,
    says: String,
    /// The map as it was left.
    after: DecisionMap,
    /// What takes the focus once it is taken back.
    back: String,
}

impl Open {
    fn of(id: &str) -> Self {
        let words = |part: &str| find(&format!("map.words.{part}")).unwrap_or_default();
        Open {
            sheet: Sheet::open(id),
            words: StoredValue::new(Words::new(
                words("groups"),
                words("nothing"),
                words("joining"),
            )),
            today: StoredValue::new(clock::today()),
            editing: RwSignal::new(None),
            note: RwSignal::new(None),
        }
    }

    /// Something that is read from the map, followed.
    fn read<T>(self, what: impl FnOnce(&DecisionMap) -> T) -> T {
        self.sheet.found().with(|found| match found {
            Found::Here(map) => what(map),
            Found::Missing | Found::Broken { .. } => what(&DecisionMap::default()),
        })
    }

    /// Something that is read from the map and stays as it is while a form is open: what stands above must not move
    /// the form under somebody's hands, nor speak of an entry in which nothing was written yet.
    fn settled<T>(self, what: fn(Self, &DecisionMap) -> T) -> Memo<T>
    where
        T: Clone + PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |before: Option<&T>| match before {
            Some(before) if self.is_editing() => before.clone(),
            _ => self.read(|map| what(self, map)),
        })
    }

    /// Whether a form is open, followed. Undoing, or another tab, takes a form away with its entry.
    fn is_editing(self) -> bool {
        self.editing.with(|editing| {
            editing.as_ref().is_some_and(|id| self.read(|map| map.entry(id).is_some()))
        })
    }

    fn apply(self, event: Event) {
        self.sheet.change(|map| map.apply(event));
    }

    /// Closes the form. Whoever opened it and said nothing has added nothing.
    fn close(self) {
        let Some(id) = self.editing.get_untracked() else { return };
        self.editing.set(None);
        if untrack(|| self.read(|map| map.entry(&id).is_some_and(Entry::is_blank))) {
            self.apply(Event::Remove { id });
        }
    }

    /// Closes the form of an entry that is left with the page.
    fn leave(self, id: &str) {
        if self.editing.try_get_untracked().flatten().as_deref() == Some(id) {
            self.close();
        }
    }

    /// Says what was done, where the focus then is.
    fn note(self, at: At, says: String, back: String) {
        let after = untrack(|| self.read(DecisionMap::clone));
        self.note.set(Some(Note { at, says, after, back }));
        dom::after_render(|| dom::focus(".note [data-action='undo']"));
    }

    /// Opens the form of an entry at a field.
    fn edit(self, id: &str, field: Field) {
        if self.editing.with_untracked(|editing| editing.as_deref() != Some(id)) {
            self.close();
        }
        self.editing.set(Some(id.to_owned()));
        let (id, field) = (id.to_owned(), field.code());
        dom::after_render(move || {
            // A group of buttons is not focusable, but its buttons are.
            let at = format!("[id='{id}-{field}']");
            dom::focus(&format!("{at}:is(input, textarea), {at} input"));
        });
    }

    fn address(self, place: &str) -> String {
        address(self.sheet.id(), place)
    }
}

fn address(id: String, place: &str) -> String {
    AsidePage::Worksheet { kind: WorksheetKind::DecisionMap, id, place: place.to_owned() }.href()
}

/// The text of a code, or the key itself where there is none, so that a gap is seen.
fn word(key: &str) -> String {
    let key = format!("work.decision_map.{key}");
    find(&key).map_or(key, str::to_owned)
}

/// What an entry is called.
fn named(entry: Entry<'_>) -> String {
    let name = entry.get(Field::Name).trim().to_owned();
    if name.is_empty() { unnamed(entry.kind()) } else { name }
}

fn unnamed(kind: Kind) -> String {
    find(&format!("map.unnamed.{}", kind.code())).unwrap_or_default().to_owned()
}

/// How many numbers and outcomes there are.
fn counts(map: &DecisionMap) -> String {
    let metrics = plural("work.decision_map.n_metrics", map.metrics.len(), &[]);
    let outcomes = plural("work.decision_map.n_outcomes", map.outcomes.len(), &[]);
    format!("{metrics}, {outcomes}")
}

/// What an entry says, in a few lines: each with the code of its label, and nothing where nothing was said.
fn facts(entry: Entry<'_>) -> Vec<(&'static str, Option<String>)> {
    let said = |field: Field| Some(entry.get(field)).filter(|text| !text.trim().is_empty());
    let owners = match (said(Field::Owner), said(Field::SecondOwner)) {
        (Some(one), Some(other)) => Some(format!("{one} · {other}")),
        (one, other) => one.or(other),
    };
    let yes_no = |field: Field| said(field).map(|code| word(&format!("choice.{code}")));
    match entry {
        Entry::Metric(metric) => vec![
            ("owner", owners),
            ("threshold", said(Field::Amount).map(|amount| threshold(metric.when, &amount))),
            ("lever", said(Field::Lever)),
            ("permission", permission(metric.permission, said(Field::Ask))),
            ("decisions", said(Field::Decisions)),
        ],
        Entry::Outcome(_) => vec![
            ("responsible", owners),
            ("casting_vote", yes_no(Field::CastingVote)),
            ("on_track", yes_no(Field::OnTrack)),
        ],
        Entry::Owed(..) => vec![
            ("owes", owners),
            ("by", said(Field::By).map(|day| clock::day_in_words(&day))),
            ("delivered", yes_no(Field::Delivered)),
        ],
    }
}

fn threshold(when: When, amount: &str) -> String {
    let key = match when {
        When::NotStated => "work.decision_map.threshold.unclear",
        When::Above => "work.decision_map.threshold.above",
        When::Below => "work.decision_map.threshold.below",
        When::Happens => "work.decision_map.threshold.happens",
    };
    fill(key, &[("amount", amount)])
}

fn permission(permission: Permission, ask: Option<String>) -> Option<String> {
    match (permission, ask) {
        (Permission::NotStated, _) => None,
        (Permission::Given, _) => Some(text("work.decision_map.permission.given").to_owned()),
        (Permission::Needed, None) => Some(text("work.decision_map.permission.needed").to_owned()),
        (Permission::Needed, Some(ask)) => {
            Some(fill("work.decision_map.permission.needed_of", &[("ask", &ask)]))
        }
    }
}

/// The page on which a map is made.
#[component]
fn Whole(open: Open, title: String) -> impl IntoView {
    let is_empty = open.settled(|_, map| map.is_empty());
    let counts = open.settled(|_, map| counts(map));
    let heading = if title.is_empty() { text("work.decision_map.one") } else { &title };
    any! {
        <Working name="map" title=heading eyebrow=text("work.decision_map.one")>
            <NoteView open at=At::Top/>
            {live(move || {
                if is_empty.get() {
                    any! {
                        <p class="lead">{text("work.decision_map.empty")}</p>
                        <Example open/>
                    }
                } else {
                    any! {
                        <p class="lead">{live(move || counts.get())}</p>
                        <Findings open/>
                        <Ratio open/>
                    }
                }
            })}
            <Entries open kind=Kind::Metric/>
            <Entries open kind=Kind::Outcome/>
            <Undo sheet=open.sheet/>
            <HandOver open title=title.clone()/>
        </Working>
    }
}

/// The way to something to look at, for whoever has nothing to write yet.
#[component]
fn Example(open: Open) -> impl IntoView {
    let failed = RwSignal::new(false);
    let fill_in = move |_| {
        spawn(async move {
            let example = example().await;
            // Whoever left the page meanwhile, or wrote something, wants nothing filled in.
            let is_gone = open.note.try_get_untracked().is_none();
            if is_gone || !untrack(|| open.read(DecisionMap::is_empty)) {
                return;
            }
            match example {
                None => failed.set(true),
                Some(map) => {
                    open.apply(Event::Add(map));
                    let says = text("work.decision_map.example_added").to_owned();
                    open.note(At::Top, says, "[data-action='example']".to_owned());
                }
            }
        });
    };
    any! {
        <p class="actions"><button type="button" class="button secondary" data-action="example" on:click=fill_in>{text("work.decision_map.new.example")}</button></p>
        <div role="status">{live(move || failed.get().then(|| any! { <Failure code="map_example"/> }))}</div>
    }
}

/// What was done here, with the way back.
#[component]
fn NoteView(open: Open, at: At) -> impl IntoView {
    let shown = Memo::new(move |_| {
        let note = open.note.get().filter(|note| note.at == at)?;
        (open.sheet.can_undo() && open.read(|map| *map == note.after)).then_some(note)
    });
    live(move || {
        shown.get().map(|Note { says, back, .. }| {
            let undo = move |_| {
                open.sheet.undo();
                open.note.set(None);
                let back = back.clone();
                dom::after_render(move || dom::focus(&back));
            };
            any! {
                <div class="notice note" role="status">
                    <p>{says}</p>
                    <button type="button" class="button secondary" data-action="undo" on:click=undo>{text("work.undo")}</button>
                </div>
            }
        })
    })
}

/// Files of the map, in and out; its name; deleting it.
#[component]
fn HandOver(open: Open, title: String) -> impl IntoView {
    let name = RwSignal::new(title);
    let rename = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        open.apply(Event::Title(name.get_untracked()));
    };
    let save = move |media_type: &'static str,
                     ending: &str,
                     content: fn(&DecisionMap) -> String| {
        let (stem, content) = untrack(|| open.read(|map| (file_stem(&map.title), content(map))));
        files::download(&format!("{stem}.decision-map.{ending}"), media_type, &content);
    };
    let to_json = |map: &DecisionMap| json::canonical(&map.to_json());
    // Some spreadsheets take a table for UTF-8 only where it begins with this mark.
    let to_csv = |map: &DecisionMap| format!("\u{feff}{}", map.to_csv());
    any! {
        <section class="handover">
            <h2>{text("work.decision_map.hand.title")}</h2>
            <p>{text("work.decision_map.hand.lead")}</p>
            <SaveSigned sheet=open.sheet>
                <a class="button secondary" data-action="board" href=open.address(BOARD)>{text("work.decision_map.board")}</a>
                <button type="button" class="button secondary" data-action="save-csv"
                    on:click=move |_| save("text/csv;charset=utf-8", "csv", to_csv)>{text("work.decision_map.hand.csv")}</button>
                <button type="button" class="button secondary" data-action="save-json"
                    on:click=move |_| save("application/json", "json", to_json)>{text("work.decision_map.hand.plain")}</button>
            </SaveSigned>
            <h3>{text("work.decision_map.bring.title")}</h3>
            <Bring into=Some(open)/>
            <form class="rename" on:submit=rename>
                <div class="field">
                    <label for="map-title">{text("work.decision_map.name")}</label>
                    <input id="map-title" type="text" autocomplete="off" maxlength=MAX_TITLE_CHARS.to_string()
                        prop:value=move || name.get() on:input=move |event| name.set(event_target_value(&event))/>
                </div>
                <div class="actions"><button class="button secondary" data-action="rename">{text("work.decision_map.rename")}</button></div>
            </form>
            <Remove sheet=open.sheet/>
        </section>
    }
}
