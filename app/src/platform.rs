//! The browser, wrapped: nothing outside this module names a web type except in event handlers
//! that views hand over.

pub mod clock;
pub mod crypto;
pub mod dom;
pub mod files;
pub mod http;
pub mod intl;
pub mod keys;
pub mod storage;
pub mod worker;

use wasm_bindgen::JsValue;

/// The name of a thrown DOM exception, for messages; never its content.
fn reason(error: &JsValue) -> String {
    js_sys::Reflect::get(error, &JsValue::from_str("name"))
        .ok()
        .and_then(|name| name.as_string())
        .unwrap_or_else(|| "Error".to_owned())
}
