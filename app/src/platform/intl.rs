//! What the browser knows of languages.

use js_sys::{Array, Intl, Object};
use wasm_bindgen::JsValue;

/// The CLDR plural form of a count, such as `one` or `other`.
#[must_use]
pub fn plural_form(language: &str, n: usize) -> String {
    let rules = Intl::PluralRules::new(&Array::of1(&JsValue::from_str(language)), &Object::new());
    rules.select(n as f64).as_string().unwrap_or_else(|| "other".to_owned())
}
