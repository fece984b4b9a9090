//! The journal: the last writes to local storage, once more in IndexedDB.
//!
//! A browser that is killed loses what it wrote to local storage in the seconds before; a finished
//! IndexedDB transaction survives. So each write is noted here, too, and counts as saved once it is.
//! At the next start, writes that local storage lost are made again.

use super::database::{self, Change, JOURNAL};
use super::{clock, storage};
use js_sys::Array;
use leptos::prelude::*;
use scoring::json;
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsValue;

/// How long local storage may take to reach the disk; older notes are not needed any more.
const KEPT_MS: i64 = 60_000;

thread_local! {
    /// Writes that are not yet noted.
    static WAITING: RefCell<Vec<(String, Change)>> = const { RefCell::new(Vec::new()) };
    /// How many batches of notes are on their way.
    static UNDER_WAY: Cell<usize> = const { Cell::new(0) };
    // Counted by reference: it must outlive the page that asks first.
    static SAVED: ArcRwSignal<bool> = ArcRwSignal::new(true);
}

/// Whether every write so far survives a killed browser, as far as this one can keep anything.
#[must_use]
pub fn saved() -> ReadSignal<bool> {
    SAVED.with(|saved| saved.read_only().into())
}

/// Notes a write: an entry and its stored text, or its removal.
pub fn note(key: &str, text: Option<&str>) {
    let number = storage::next_number();
    let text = text.map_or(JsValue::NULL, JsValue::from);
    let change = Change::Put(Array::of2(&(number as f64).into(), &text).into());
    let first = WAITING.with_borrow_mut(|waiting| {
        waiting.push((key.to_owned(), change));
        waiting.len() == 1
    });
    if first {
        SAVED.with(|saved| saved.set(false));
        // Writes of one moment go together.
        super::spawn(flush());
    }
}

async fn flush() {
    let changes = WAITING.take();
    UNDER_WAY.set(UNDER_WAY.get() + 1);
    // Where there is no journal, local storage is all there is.
    let _ = database::change(JOURNAL, changes).await;
    UNDER_WAY.set(UNDER_WAY.get() - 1);
    // A later batch may still be under way when this one has arrived.
    if UNDER_WAY.get() == 0 && WAITING.with_borrow(Vec::is_empty) {
        SAVED.with(|saved| saved.set(true));
    }
}

/// Makes the writes again that local storage lost, in their order, and forgets old notes.
pub async fn replay() {
    let mut notes: Vec<(i64, String, Option<String>)> = Vec::new();
    for (key, note) in database::all(JOURNAL).await {
        let note = Array::from(&note);
        if let Some(number) = note.get(0).as_f64() {
            notes.push((number as i64, key, note.get(1).as_string()));
        }
    }
    let known = storage::last_number();
    let old = clock::now_ms() - KEPT_MS;
    let mut forget = Vec::new();
    notes.sort_by_key(|note| note.0);
    for (number, key, text) in notes {
        if number >= known {
            let value = text.and_then(|text| json::parse(text.as_bytes()).ok());
            storage::rewrite(&key, value.as_ref(), number);
        } else if number < old {
            forget.push((key, Change::Delete));
        }
    }
    if !forget.is_empty() {
        let _ = database::change(JOURNAL, forget).await;
    }
}
