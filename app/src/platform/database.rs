//! IndexedDB: where keys and the journal are kept.

use super::{dom, reason};
use js_sys::{Array, Function, Object, Promise, Reflect};
use std::cell::RefCell;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbFactory, IdbOpenDbRequest, IdbRequest, IdbTransaction};

const NAME: &str = "plumbline";
const VERSION: u32 = 2;

/// Participants' keys, by slot.
pub const KEYS: &str = "participants";
/// The last writes to local storage, by entry.
pub const JOURNAL: &str = "journal";

/// How long the database may take to answer before the app goes on without it.
const PATIENCE_MS: i32 = 2_000;

thread_local! {
    static OPEN: RefCell<Option<IdbDatabase>> = const { RefCell::new(None) };
    /// Transactions that have not ended; nothing while the page is being left.
    static UNDER_WAY: RefCell<Option<Vec<IdbTransaction>>> = const { RefCell::new(Some(Vec::new())) };
}

/// Something to do to one record.
pub enum Change {
    /// Keep it, unless the key is there already.
    Add(JsValue),
    /// Keep it.
    Put(JsValue),
    /// Remove it.
    Delete,
}

/// The record of a key.
pub async fn get(store: &str, key: &str) -> Option<JsValue> {
    let transaction = begin(store, "readonly").await.ok()?;
    let store = transaction.object_store(store).ok()?;
    let found = settled(&store.get(&key.into()).ok()?).await;
    ended(&transaction);
    found.ok().filter(|found| !found.is_undefined())
}

/// All records with their keys.
pub async fn all(store: &str) -> Vec<(String, JsValue)> {
    let read = async {
        let transaction = begin(store, "readonly").await.ok()?;
        let store = transaction.object_store(store).ok()?;
        let (keys, values) = (store.get_all_keys().ok()?, store.get_all().ok()?);
        let keys = Array::from(&settled(&keys).await.ok()?);
        let values = Array::from(&settled(&values).await.ok()?);
        ended(&transaction);
        let pairs = keys.iter().zip(values.iter());
        Some(pairs.filter_map(|(key, value)| Some((key.as_string()?, value))).collect())
    };
    read.await.unwrap_or_default()
}

/// Makes some changes, all or none, and returns once they outlive a killed browser.
///
/// # Errors
/// Where there is no database, or it refuses.
pub async fn change(store: &str, changes: Vec<(String, Change)>) -> Result<(), String> {
    let transaction = begin(store, "readwrite").await?;
    let store = transaction.object_store(store).map_err(|error| reason(&error))?;
    for (key, change) in changes {
        let key = JsValue::from(key);
        let request = match change {
            Change::Add(value) => store.add_with_key(&value, &key),
            Change::Put(value) => store.put_with_key(&value, &key),
            Change::Delete => store.delete(&key),
        };
        request.map_err(|error| reason(&error))?;
    }
    let done = Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onerror(Some(&reject));
        transaction.set_onabort(Some(&reject));
    });
    let done = JsFuture::from(done).await;
    ended(&transaction);
    done.map(drop).map_err(|event| refused(&event))
}

/// Removes all records.
pub async fn clear(store: &str) {
    let keys = all(store).await.into_iter().map(|(key, _)| (key, Change::Delete)).collect();
    let _ = change(store, keys).await;
}

async fn begin(store: &str, mode: &str) -> Result<IdbTransaction, String> {
    let database = open().await?;
    // web-sys knows no options here: without `durability` a browser may keep the changes in memory.
    let options = Object::new();
    let set = |key: &str, value: &str| Reflect::set(&options, &key.into(), &value.into());
    set("durability", "strict").map_err(|error| reason(&error))?;
    UNDER_WAY.with_borrow_mut(|under_way| {
        let under_way = under_way.as_mut().ok_or("the page is being left")?;
        let transaction: IdbTransaction = Reflect::get(&database, &"transaction".into())
            .and_then(|method| {
                method.unchecked_into::<Function>().call3(
                    &database,
                    &store.into(),
                    &mode.into(),
                    &options,
                )
            })
            .map_err(|error| reason(&error))?
            .unchecked_into();
        under_way.push(transaction.clone());
        Ok(transaction)
    })
}

fn ended(transaction: &IdbTransaction) {
    UNDER_WAY.with_borrow_mut(|under_way| {
        if let Some(under_way) = under_way {
            under_way.retain(|other| other != transaction);
        }
    });
}

/// Lets nothing be under way while the page is left. WebKit suspends a page that one may come back to even in the
/// middle of a transaction, and until then no other page of this origin gets at the database.
fn end_all_on_leaving() {
    dom::on_window("pagehide", || {
        for transaction in UNDER_WAY.take().into_iter().flatten() {
            let _ = transaction.abort();
        }
    });
    dom::on_window("pageshow", || UNDER_WAY.set(Some(Vec::new())));
}

async fn open() -> Result<IdbDatabase, String> {
    if let Some(open) = OPEN.with_borrow(Clone::clone) {
        return Ok(open);
    }
    let factory = Reflect::get(&js_sys::global(), &"indexedDB".into()).map_err(|e| reason(&e))?;
    let factory: IdbFactory = factory.dyn_into().map_err(|_| "no IndexedDB")?;
    let request: IdbOpenDbRequest =
        factory.open_with_u32(NAME, VERSION).map_err(|error| reason(&error))?;
    let upgrading = request.clone();
    let upgrade = Closure::once_into_js(move || {
        if let Ok(database) = upgrading.result() {
            let database: IdbDatabase = database.unchecked_into();
            for store in [KEYS, JOURNAL] {
                let _ = database.create_object_store(store);
            }
        }
    });
    request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
    let database: IdbDatabase = settled(&request).await?.unchecked_into();
    // A later version of the app must not wait for this tab.
    let closing = database.clone();
    let close = Closure::once_into_js(move || closing.close());
    database.set_onversionchange(Some(close.unchecked_ref()));
    if OPEN.replace(Some(database.clone())).is_none() {
        end_all_on_leaving();
    }
    Ok(database)
}

/// The result of a request, once it has one.
async fn settled(request: &IdbRequest) -> Result<JsValue, String> {
    let promise = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
        // A browser that never answers must not keep anyone from answering.
        let _ = leptos::prelude::window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(&reject, PATIENCE_MS);
    });
    match JsFuture::from(promise).await {
        Ok(_) => request.result().map_err(|error| reason(&error)),
        Err(event) => Err(refused(&event)),
    }
}

/// What to say of a failure. It comes without an event where the time was up.
fn refused(event: &JsValue) -> String {
    if let Some(event) = event.dyn_ref::<web_sys::Event>() {
        // An uncaught failure would reach the window as an error.
        event.prevent_default();
    }
    "the database refused".to_owned()
}
