//! What the browser knows of languages.

use js_sys::{Array, Function, Intl, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// The CLDR plural form of a count, such as `one` or `other`.
#[must_use]
pub fn plural_form(language: &str, n: usize) -> String {
    let rules = Intl::PluralRules::new(&Array::of1(&JsValue::from_str(language)), &Object::new());
    rules.select(n as f64).as_string().unwrap_or_else(|| "other".to_owned())
}

/// The name of a language in English, or its tag where the browser does not know it.
#[must_use]
pub fn language_name(tag: &str) -> String {
    let options = Object::new();
    let _ = Reflect::set(&options, &"type".into(), &"language".into());
    let arguments = Array::of2(&Array::of1(&"en".into()), &options);
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).unwrap_or_default();
    let names = Reflect::get(&intl, &"DisplayNames".into())
        .ok()
        .and_then(|names| Reflect::construct(names.dyn_ref::<Function>()?, &arguments).ok());
    let name = names.and_then(|names| {
        let of: Function = Reflect::get(&names, &"of".into()).ok()?.dyn_into().ok()?;
        of.call1(&names, &tag.into()).ok()?.as_string()
    });
    name.unwrap_or_else(|| tag.to_owned())
}
