//! The engagement record: six phases, what each of them holds, and what it lacks.

mod course;
mod dossier;
mod entries;
mod evidence;
mod findings;
mod form;
mod hand_over;
mod phase;
mod record;
mod start;

pub use start::NewRecord;

use super::kept::{Absent, Undo};
use super::{Found, Sheet, Working};
use crate::catalogue::{find, text};
use crate::live;
use crate::platform::{clock, dom};
use crate::route::AsidePage;
use dossier::Dossier;
use leptos::prelude::*;
use phase::PhasePage;
use record::Overview;
use scoring::plan::engagement::{
    Change, Content, Engagement, Field, Key, Kind, Phase, Refusal, Takes,
};
use scoring::plan::{Worksheet, WorksheetKind};
use std::collections::BTreeSet;

/// The page of all monthly values.
const MEASURES: &str = "measures";
/// The page of everything.
const DOSSIER: &str = "dossier";

/// A record and the place in it.
#[component]
pub fn Record(id: String, place: String) -> impl IntoView {
    let sheet = Sheet::<Engagement>::open(&id);
    let is_here = Memo::new(move |_| matches!(sheet.found().get(), Found::Here(_)));
    let page = StoredValue::new(place);
    live(move || {
        if !is_here.get() {
            return any! { <Absent sheet name="engagement-absent" title=text("work.engagement.kind.about")/> };
        }
        page.with_value(|place| match (place.as_str(), Phase::of_code(place)) {
            (_, Some(phase)) => any! { <PhasePage sheet phase/> },
            (MEASURES, None) => any! { <course::Measures sheet/> },
            (DOSSIER, None) => any! { <Dossier sheet/> },
            _ => any! { <Overview sheet/> },
        })
    })
}

/// The frame of a record's page: its parts above, undoing below.
#[component]
fn Frame(
    sheet: Sheet<Engagement>,
    name: &'static str,
    #[prop(into)] title: String,
    children: Children,
) -> impl IntoView {
    let record = untrack(read(sheet, |record| record.title().to_owned()));
    // The first page is called as the record is.
    let eyebrow =
        if record == title { text("work.engagement.kind.about").to_owned() } else { record };
    any! {
        <Working name title eyebrow>
            <Places sheet/>
            {children()}
            <Undo sheet/>
        </Working>
    }
}

/// The way to the parts of the record.
#[component]
fn Places(sheet: Sheet<Engagement>) -> impl IntoView {
    let phases =
        Phase::ALL.iter().map(|phase| (phase.code(), word(&format!("phase.{}", phase.code()))));
    let places = std::iter::once(("", text("work.engagement.overview").to_owned()))
        .chain(phases)
        .chain([(MEASURES, text("work.engagement.measures.link").to_owned())]);
    let here = dom::fragment();
    let links = places.map(|(place, title)| {
        let href = address(sheet, place);
        let is_here = href.trim_start_matches('#') == here.trim_start_matches('#');
        any! { <li><a href=href aria-current=is_here.then_some("page")>{title}</a></li> }
    });
    dom::after_render(|| dom::show_in_row(".places [aria-current]"));
    any! {
        <nav class="sub-nav places" aria-label=text("work.engagement.kind.about")>
            <ul>{links.collect_view()}</ul>
        </nav>
    }
}

/// The text of a code, or the key itself where there is none, so that a gap is seen.
fn word(key: &str) -> String {
    let key = format!("work.engagement.{key}");
    find(&key).map_or(key, str::to_owned)
}

/// The address of a place in a record.
fn address(sheet: Sheet<Engagement>, place: &str) -> String {
    let (kind, id) = (WorksheetKind::Engagement, sheet.id());
    AsidePage::Worksheet { kind, id, place: place.to_owned() }.href()
}

/// Something that is read from the record, followed.
fn read<T>(
    sheet: Sheet<Engagement>,
    what: impl Fn(&Engagement) -> T + Send + Sync + 'static,
) -> impl Fn() -> T + Send + Sync + 'static {
    move || {
        sheet.found().with(|found| match found {
            Found::Here(record) => what(record),
            Found::Missing | Found::Broken { .. } => what(&Engagement::default()),
        })
    }
}

/// Makes one change of an entry, by somebody who saw these versions of it.
///
/// # Errors
/// The code of what stands against it.
fn put(
    sheet: Sheet<Engagement>,
    key: Key,
    content: Option<Content>,
    seen: BTreeSet<String>,
) -> Result<String, &'static str> {
    let version = super::fresh_id().ok_or("no_randomness")?;
    let change = Change { key, content, version: version.clone(), seen };
    let mut made = Err(Refusal::Unfit);
    sheet.change(|record| made = record.apply(change));
    made.map(|()| version).map_err(Refusal::code)
}

/// Deletes entries in one change, so that one undo brings all of them back.
fn delete(sheet: Sheet<Engagement>, keys: impl IntoIterator<Item = Key>) {
    let keys: Vec<_> = keys.into_iter().map(|key| (seen(sheet, &key), key)).collect();
    sheet.change(|record| {
        for (seen, key) in keys {
            let Some(version) = super::fresh_id() else { return };
            // Nothing stands against a deletion.
            let _ = record.apply(Change { key, content: None, version, seen });
        }
    });
}

/// The versions of an entry as they are now.
fn seen(sheet: Sheet<Engagement>, key: &Key) -> BTreeSet<String> {
    let ids = |record: &Engagement| record.versions(key).map(|versions| versions.ids());
    sheet.found().with_untracked(|found| match found {
        Found::Here(record) => ids(record).unwrap_or_default(),
        Found::Missing | Found::Broken { .. } => BTreeSet::new(),
    })
}

/// The phase in which an entry is shown.
fn phase_of(record: &Engagement, key: &Key) -> Phase {
    match key.kind {
        Kind::About | Kind::Person | Kind::Criterion => Phase::Contracting,
        Kind::Phase => Phase::of_code(&key.id).unwrap_or(Phase::Contracting),
        Kind::Statement | Kind::Check => {
            let has = |phase: &&Phase| {
                statements(**phase).iter().chain(checks(**phase)).any(|id| *id == key.id)
            };
            Phase::ALL.iter().find(has).copied().unwrap_or(Phase::Contracting)
        }
        Kind::Evidence => {
            let phase =
                record.shown(key).and_then(|evidence| Phase::of_code(evidence.line("phase")));
            phase.unwrap_or(Phase::Assessment)
        }
        Kind::Commitment => Phase::Planning,
        Kind::Session => Phase::Sessions,
        Kind::Voice => Phase::Feedback,
        Kind::Value => Phase::Evaluation,
    }
}

/// Where an entry is shown.
fn place_of(record: &Engagement, key: &Key) -> &'static str {
    if key.kind == Kind::Value { MEASURES } else { phase_of(record, key).code() }
}

/// What is written down in a phase.
fn statements(phase: Phase) -> &'static [&'static str] {
    match phase {
        Phase::Contracting => &["goals", "confidentiality", "who_hears"],
        Phase::Assessment => &["context", "findings"],
        Phase::Planning | Phase::Sessions => &[],
        Phase::Feedback => &["loop"],
        Phase::Evaluation => &["review", "sustain"],
    }
}

/// What is done in a phase.
fn checks(phase: Phase) -> &'static [&'static str] {
    match phase {
        Phase::Contracting => &["met_together"],
        Phase::Assessment => &["findings_discussed"],
        Phase::Planning => &["commitments_told"],
        Phase::Sessions => &[],
        Phase::Feedback => &["told_back"],
        Phase::Evaluation => &["review_together"],
    }
}

/// The entries of any number that a phase shows.
fn lists(phase: Phase) -> &'static [Kind] {
    match phase {
        Phase::Contracting => &[Kind::Person, Kind::Criterion, Kind::Evidence],
        Phase::Assessment | Phase::Feedback => &[Kind::Voice, Kind::Evidence],
        Phase::Planning => &[Kind::Commitment, Kind::Evidence],
        Phase::Sessions => &[Kind::Session, Kind::Evidence],
        Phase::Evaluation => &[Kind::Commitment, Kind::Evidence],
    }
}

/// What an entry is called where it is pointed at.
fn named(record: &Engagement, key: &Key) -> String {
    let kind = word(&format!("kind.{}", key.kind.code()));
    let name = match (key.kind, key.month()) {
        (Kind::Phase, _) => word(&format!("phase.{}", key.id)),
        (Kind::Statement, _) => word(&format!("statement.{}", key.id)),
        (Kind::Check, _) => word(&format!("check.{}", key.id)),
        (Kind::Value, Some((criterion, month))) => {
            let criterion = record.shown(&Key::new(Kind::Criterion, criterion));
            let name = criterion.map(|criterion| criterion.text("name")).unwrap_or_default();
            format!("{name}, {month}")
        }
        _ => record.shown(key).map(|content| content.name().to_owned()).unwrap_or_default(),
    };
    let name: String = name.chars().take(80).collect();
    if name.is_empty() { kind } else { format!("{kind}: {name}") }
}

/// What a field says, for people.
fn shown_text(kind: Kind, field: &Field, content: &Content) -> String {
    let text = content.text(field.code);
    match field.takes {
        Takes::Choice(_) => word(&format!("choice.{}.{}.{text}", kind.code(), field.code)),
        Takes::Day => clock::day_in_words(&text),
        Takes::Line(_) | Takes::Text(_) | Takes::Number | Takes::Reference => text,
    }
}
