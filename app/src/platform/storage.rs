//! What is kept on this device: local storage, or memory where it is denied or full.
//!
//! One key holds one answer. Two tabs on the same survey therefore never overwrite each other's
//! answers: a write touches nothing but the answer it is about.

use super::{clock, journal};
use gloo_storage::{LocalStorage, Storage as _};
use leptos::prelude::*;
use litemap::LiteMap;
use scoring::json;
use serde_json::Value;
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Everything this app keeps begins so; other apps on the same host stay untouched.
pub const PREFIX: &str = "plumbline.1/";

/// The number of the last write, beside the entries because it is nobody's data.
const NUMBER: &str = "plumbline journal";

thread_local! {
    /// Writes that storage refused; they win over what storage holds. `None` is a removal.
    static MEMORY: RefCell<LiteMap<String, Option<Value>>> = const { RefCell::new(LiteMap::new()) };
}

/// Whether answers are at risk when the tab closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Storage is denied: nothing is kept.
    Denied,
    /// Storage refused a write: what was kept before still is.
    Full,
}

/// Finds out whether storage can be used; a page shows the notice as long as there is trouble.
#[must_use]
pub fn probe() -> RwSignal<Option<Trouble>> {
    RwSignal::new((!available()).then_some(Trouble::Denied))
}

/// A denied storage throws on mere access, which gloo would turn into a panic: ask first.
fn available() -> bool {
    matches!(window().local_storage(), Ok(Some(_)))
}

/// The number of the last write that local storage knows.
#[must_use]
pub fn last_number() -> i64 {
    if !available() {
        return 0;
    }
    let known = LocalStorage::raw().get_item(NUMBER).ok().flatten();
    known.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Numbers the next write, above all before it: about the time in milliseconds.
pub fn next_number() -> i64 {
    let number = clock::now_ms().max(last_number() + 1);
    if available() {
        let _ = LocalStorage::raw().set_item(NUMBER, &number.to_string());
    }
    number
}

/// Makes a write of this number again that was lost.
pub fn rewrite(key: &str, value: Option<&Value>, number: i64) {
    store(key, value);
    if available() {
        let _ = LocalStorage::raw().set_item(NUMBER, &number.to_string());
    }
}

/// Writes or removes one entry; returns the trouble that sent it to memory instead.
pub fn write(key: &str, value: Option<&Value>) -> Option<Trouble> {
    let trouble = store(key, value);
    if trouble != Some(Trouble::Denied) {
        journal::note(key, value.map(json::canonical).as_deref());
    }
    trouble
}

fn store(key: &str, value: Option<&Value>) -> Option<Trouble> {
    let trouble = if available() {
        let stored = match value {
            Some(value) => LocalStorage::raw().set_item(key, &json::canonical(value)).is_ok(),
            None => {
                LocalStorage::delete(key);
                true
            }
        };
        (!stored).then_some(Trouble::Full)
    } else {
        Some(Trouble::Denied)
    };
    MEMORY.with_borrow_mut(|memory| match trouble {
        Some(_) => memory.insert(key.to_owned(), value.cloned()),
        None => memory.remove(key),
    });
    trouble
}

/// Whether anything is held in memory only, and so would be lost with the page.
#[must_use]
pub fn holds_in_memory() -> bool {
    MEMORY.with_borrow(|memory| memory.values().any(Option::is_some))
}

/// One entry.
#[must_use]
pub fn read(key: &str) -> Option<Value> {
    if let Some(refused) = MEMORY.with_borrow(|memory| memory.get(key).cloned()) {
        return refused;
    }
    if !available() {
        return None;
    }
    let text = LocalStorage::raw().get_item(key).ok().flatten()?;
    json::parse(text.as_bytes()).ok()
}

/// All entries whose key begins so, with the rest of their keys.
#[must_use]
pub fn entries(prefix: &str) -> LiteMap<String, Value> {
    let mut found = LiteMap::new();
    if available() {
        let storage = LocalStorage::raw();
        let keys = (0..LocalStorage::length()).filter_map(|idx| storage.key(idx).ok().flatten());
        for key in keys.collect::<Vec<_>>() {
            // Entries of another form are somebody else's: they are passed over.
            if let Some(rest) = key.strip_prefix(prefix)
                && let Ok(Some(text)) = storage.get_item(&key)
                && let Ok(value) = json::parse(text.as_bytes())
            {
                found.insert(rest.to_owned(), value);
            }
        }
    }
    MEMORY.with_borrow(|memory| {
        for (key, value) in memory {
            if let Some(rest) = key.strip_prefix(prefix) {
                match value {
                    Some(value) => found.insert(rest.to_owned(), value.clone()),
                    None => found.remove(rest),
                };
            }
        }
    });
    found
}

/// Removes every entry whose key begins so.
pub fn remove_all(prefix: &str) {
    for (rest, _) in entries(prefix) {
        write(&format!("{prefix}{rest}"), None);
    }
}

/// Calls back when another tab writes to this app's entries.
pub fn on_change_elsewhere(callback: impl Fn(&str) + 'static) {
    let listener =
        Closure::<dyn Fn(web_sys::StorageEvent)>::new(move |event: web_sys::StorageEvent| {
            // No key: everything was cleared.
            callback(event.key().as_deref().unwrap_or(PREFIX));
        });
    let _ = window().add_event_listener_with_callback("storage", listener.as_ref().unchecked_ref());
    listener.forget();
}
