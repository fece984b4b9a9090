//! IndexedDB: where keys and the journal are kept.

use super::reason;
use js_sys::{Array, Function, Object, Promise, Reflect};
use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbFactory, IdbObjectStore, IdbOpenDbRequest, IdbRequest};

const NAME: &str = "plumbline";
const VERSION: u32 = 2;

/// Participants' keys, by slot.
pub const KEYS: &str = "participants";
/// The last writes to local storage, by entry.
pub const JOURNAL: &str = "journal";

/// How long a database may take to open before the app goes on without it.
const PATIENCE_MS: i32 = 2_000;

thread_local! {
    static OPEN: RefCell<Option<IdbDatabase>> = const { RefCell::new(None) };
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
    let store = reading(store).await.ok()?;
    let found = settled(&store.get(&key.into()).ok()?).await.ok()?;
    (!found.is_undefined()).then_some(found)
}

/// All records with their keys.
pub async fn all(store: &str) -> Vec<(String, JsValue)> {
    let read = async {
        let store = reading(store).await.ok()?;
        let (keys, values) = (store.get_all_keys().ok()?, store.get_all().ok()?);
        let keys = Array::from(&settled(&keys).await.ok()?);
        let values = Array::from(&settled(&values).await.ok()?);
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
    let database = open().await?;
    // web-sys knows no options here: without `durability` a browser may keep the changes in memory.
    let options = Object::new();
    let set = |key: &str, value: &str| Reflect::set(&options, &key.into(), &value.into());
    set("durability", "strict").map_err(|error| reason(&error))?;
    let transaction = Reflect::get(&database, &"transaction".into())
        .and_then(|method| {
            method.unchecked_into::<Function>().call3(
                &database,
                &store.into(),
                &"readwrite".into(),
                &options,
            )
        })
        .map_err(|error| reason(&error))?
        .unchecked_into::<web_sys::IdbTransaction>();
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
    JsFuture::from(done).await.map(drop).map_err(refused)
}

/// Removes all records.
pub async fn clear(store: &str) {
    let keys = all(store).await.into_iter().map(|(key, _)| (key, Change::Delete)).collect();
    let _ = change(store, keys).await;
}

async fn reading(store: &str) -> Result<IdbObjectStore, String> {
    let transaction = open().await?.transaction_with_str(store);
    transaction.and_then(|transaction| transaction.object_store(store)).map_err(|e| reason(&e))
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
    let opened = settled(&request);
    let database: IdbDatabase = in_time(opened).await?.unchecked_into();
    OPEN.set(Some(database.clone()));
    Ok(database)
}

/// A browser that never answers must not keep anyone from answering.
async fn in_time(
    opening: impl Future<Output = Result<JsValue, String>>,
) -> Result<JsValue, String> {
    let timeout = Promise::new(&mut |resolve, _| {
        let _ = leptos::prelude::window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, PATIENCE_MS);
    });
    let mut timeout = pin!(JsFuture::from(timeout));
    let mut opening = pin!(opening);
    poll_fn(|context| match opening.as_mut().poll(context) {
        Poll::Ready(opened) => Poll::Ready(opened),
        Poll::Pending => {
            timeout.as_mut().poll(context).map(|_| Err("the database did not answer".to_owned()))
        }
    })
    .await
}

/// The result of a request, once it has one.
async fn settled(request: &IdbRequest) -> Result<JsValue, String> {
    let promise = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    match JsFuture::from(promise).await {
        Ok(_) => request.result().map_err(|error| reason(&error)),
        Err(event) => Err(refused(event)),
    }
}

fn refused(event: JsValue) -> String {
    // An uncaught failure would reach the window as an error.
    event.unchecked_into::<web_sys::Event>().prevent_default();
    "the database refused".to_owned()
}
