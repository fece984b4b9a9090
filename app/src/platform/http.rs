//! Files of this app's own folder.

use js_sys::{Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// Why a file of the app did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchError {
    /// No answer.
    Network,
    /// An answer other than success.
    Status(u16),
}

impl std::fmt::Display for FetchError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FetchError::Network => formatter.write_str("the file did not arrive"),
            FetchError::Status(status) => write!(formatter, "the server answered {status}"),
        }
    }
}

/// Reads a file by its address relative to the page (or to the worker's script).
///
/// # Errors
/// When it does not arrive.
pub async fn get(address: &str) -> Result<Vec<u8>, FetchError> {
    let response = fetch(address, &JsValue::UNDEFINED).await?;
    let body = response.array_buffer().map_err(|_| FetchError::Network)?;
    let buffer = JsFuture::from(body).await.map_err(|_| FetchError::Network)?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// Leaves a file at an address relative to the page.
///
/// # Errors
/// When the server does not take it.
pub async fn put(address: &str, media_type: &str, content: &str) -> Result<(), FetchError> {
    let headers = Object::new();
    let _ = Reflect::set(&headers, &"content-type".into(), &media_type.into());
    let options = Object::new();
    for (key, value) in
        [("method", "PUT".into()), ("body", content.into()), ("headers", headers.into())]
    {
        let _: Result<bool, JsValue> = Reflect::set(&options, &key.into(), &value);
    }
    fetch(address, &options).await.map(drop)
}

async fn fetch(address: &str, options: &JsValue) -> Result<Response, FetchError> {
    // `fetch` is a method of Window and of WorkerGlobalScope; this works in both.
    let fetch = Reflect::get(&js_sys::global(), &JsValue::from_str("fetch"))
        .ok()
        .and_then(|fetch| fetch.dyn_into::<js_sys::Function>().ok())
        .ok_or(FetchError::Network)?;
    let promise = fetch
        .call2(&js_sys::global(), &JsValue::from_str(address), options)
        .map_err(|_| FetchError::Network)?;
    let response = JsFuture::from(js_sys::Promise::resolve(&promise))
        .await
        .ok()
        .and_then(|response| response.dyn_into::<Response>().ok())
        .ok_or(FetchError::Network)?;
    if response.ok() { Ok(response) } else { Err(FetchError::Status(response.status())) }
}
