//! Time.

use js_sys::Reflect;

/// Milliseconds since 1970 by this device's clock.
#[must_use]
pub fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// Seconds since 1970 by this device's clock.
#[must_use]
pub fn now() -> i64 {
    now_ms().div_euclid(1000)
}

/// A date and time as people of this place write it.
#[must_use]
pub fn local_time(seconds: i64) -> String {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(seconds as f64 * 1000.0));
    let options = js_sys::Object::new();
    let _ = Reflect::set(&options, &"dateStyle".into(), &"medium".into());
    let _ = Reflect::set(&options, &"timeStyle".into(), &"short".into());
    String::from(date.to_locale_string("en", &options))
}

/// A date as people of this place write it.
#[must_use]
pub fn local_date(seconds: i64) -> String {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(seconds as f64 * 1000.0));
    let options = js_sys::Object::new();
    let _ = Reflect::set(&options, &"dateStyle".into(), &"long".into());
    String::from(date.to_locale_string("en", &options))
}

/// A day that is given as `2026-11-20`, as people of this place write it; what is no day stays as it is.
#[must_use]
pub fn day_in_words(day: &str) -> String {
    end_of_day(day).map_or_else(|| day.to_owned(), local_date)
}

/// Today in this place, as `2026-11-20`.
#[must_use]
pub fn today() -> String {
    let now = js_sys::Date::new_0();
    format!("{:04}-{:02}-{:02}", now.get_full_year(), now.get_month() + 1, now.get_date())
}

/// A month that is given as `2026-11`, as people of this place write it.
#[must_use]
pub fn month_in_words(month: &str) -> String {
    let date = js_sys::Date::new(&format!("{month}-15T12:00:00").into());
    let options = js_sys::Object::new();
    let _ = Reflect::set(&options, &"month".into(), &"short".into());
    let _ = Reflect::set(&options, &"year".into(), &"numeric".into());
    String::from(date.to_locale_date_string("en", &options))
}

/// The last second of a day that is given as `2026-11-20`, in this place's time.
#[must_use]
pub fn end_of_day(day: &str) -> Option<i64> {
    // A date alone would be taken for one of UTC.
    let date = js_sys::Date::new(&format!("{day}T23:59:59").into());
    let ms = date.get_time();
    (!ms.is_nan()).then(|| (ms as i64).div_euclid(1000))
}

/// The calendar date as `2026-11-20`, for file names.
#[must_use]
pub fn iso_date(seconds: i64) -> String {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(seconds as f64 * 1000.0));
    String::from(date.to_iso_string()).chars().take(10).collect()
}
