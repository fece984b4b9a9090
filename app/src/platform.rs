//! The browser, wrapped: nothing outside this module names a web type except in event handlers
//! that views hand over.

pub mod canvas;
pub mod clock;
pub mod crypto;
pub mod database;
pub mod dom;
pub mod files;
pub mod finish;
pub mod http;
pub mod intl;
pub mod journal;
pub mod keys;
pub mod storage;
pub mod worker;

use std::pin::Pin;
use wasm_bindgen::JsValue;

/// Starts some work. It is boxed, because each type of future brings its own machinery into the
/// download.
pub fn spawn(work: impl Future<Output = ()> + 'static) {
    let work: Pin<Box<dyn Future<Output = ()>>> = Box::pin(work);
    wasm_bindgen_futures::spawn_local(work);
}

/// The name of a thrown DOM exception, for messages; never its content.
fn reason(error: &JsValue) -> String {
    js_sys::Reflect::get(error, &JsValue::from_str("name"))
        .ok()
        .and_then(|name| name.as_string())
        .unwrap_or_else(|| "Error".to_owned())
}
