//! The page itself: address, title, focus, theme, and what the window tells.

use js_sys::{Array, Object, Promise, Reflect};
use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlElement, HtmlInputElement, MessageChannel};

/// How long the page around this one may take to say that it has a result.
const PATIENCE_MS: i32 = 5_000;

/// Removes an element of the static page.
pub fn remove(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        element.remove();
    }
}

/// Mounts the app into an element of the static page.
pub fn mount<V: IntoView + 'static>(id: &str, view: impl FnOnce() -> V + 'static) {
    if let Some(element) = document().get_element_by_id(id) {
        mount_to(element.unchecked_into(), view).forget();
    }
}

/// Says that the app's own files did not arrive; there is no catalogue to take the text from.
pub fn boot_failure(reason: &str) {
    if let Some(boot) = document().get_element_by_id("boot") {
        let _ = boot.set_attribute("role", "alert");
        boot.set_text_content(Some(&format!(
            "Plumbline could not load its texts: {reason}. Please check your connection and load the page again. Nothing you answered before is lost."
        )));
    }
}

/// The URL fragment.
#[must_use]
pub fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}

/// Goes to a fragment.
pub fn go(fragment: &str) {
    let _ = window().location().set_hash(fragment);
}

/// Puts another fragment in the place of this one, without a trace of it in the history.
pub fn replace(fragment: &str) {
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(fragment));
    }
}

/// The address of the app: the page's, without query and fragment.
#[must_use]
pub fn app_address() -> String {
    let address = window().location().href().unwrap_or_default();
    address.split(['?', '#']).next().unwrap_or_default().to_owned()
}

/// Calls back whenever the fragment changes.
pub fn on_fragment_change(callback: impl Fn() + 'static) {
    on_window("hashchange", callback);
}

/// Calls back when the page is hidden or shown, with whether it is visible.
pub fn on_visibility_change(callback: impl Fn(bool) + 'static) {
    let listener = Closure::<dyn Fn()>::new(move || callback(is_visible()));
    let _ = document()
        .add_event_listener_with_callback("visibilitychange", listener.as_ref().unchecked_ref());
    listener.forget();
}

/// Whether the page can be seen.
#[must_use]
pub fn is_visible() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Visible
}

/// Calls back when the window's size or its light or dark theme changes.
pub fn on_appearance_change(callback: impl Fn() + Clone + 'static) {
    on_window("resize", callback.clone());
    if let Ok(Some(query)) = window().match_media("(prefers-color-scheme: dark)") {
        let listener = Closure::<dyn Fn()>::new(callback);
        let _ = query.add_event_listener_with_callback("change", listener.as_ref().unchecked_ref());
        listener.forget();
    }
}

/// Calls back whenever the window has an event.
pub fn on_window(event: &str, callback: impl Fn() + 'static) {
    let listener = Closure::<dyn Fn()>::new(callback);
    let _ = window().add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
    listener.forget();
}

/// Calls back when the page is left, and once more when whatever asks is taken off it.
pub fn on_leaving(callback: impl Fn() + Clone + Send + Sync + 'static) {
    let listener = {
        let callback = callback.clone();
        window_event_listener_untyped("pagehide", move |_| callback())
    };
    on_cleanup(move || {
        listener.remove();
        callback();
    });
}

/// Sets the window's title.
pub fn set_title(title: &str) {
    document().set_title(title);
}

/// Brings a new page to its top and its heading to the reader's attention.
pub fn announce_page() {
    window().scroll_to_with_x_and_y(0.0, 0.0);
    focus("main h1");
}

/// Moves the focus to the first element that matches.
pub fn focus(selector: &str) {
    if let Ok(Some(element)) = document().query_selector(selector) {
        let _ = element.unchecked_into::<HtmlElement>().focus();
    }
}

/// Scrolls a list that is one row sideways, so that the first element that matches can be seen.
pub fn show_in_row(selector: &str) {
    if let Ok(Some(element)) = document().query_selector(selector)
        && let Ok(Some(row)) = element.closest("ul")
    {
        let left = |element: &HtmlElement| element.offset_left();
        row.set_scroll_left(left(element.unchecked_ref()) - left(row.unchecked_ref()));
    }
}

/// Focuses a field and selects what is in it.
pub fn select_all(selector: &str) {
    if let Ok(Some(element)) = document().query_selector(selector)
        && let Ok(field) = element.dyn_into::<HtmlInputElement>()
    {
        let _ = field.focus();
        field.select();
    }
}

/// Brings an element into view and focuses the first thing in it that can be answered.
pub fn focus_item(item: &str) {
    if let Some(element) = document().get_element_by_id(&format!("item-{item}")) {
        element.scroll_into_view();
        if let Ok(Some(control)) = element.query_selector("input, textarea, button") {
            let _ = control.unchecked_into::<HtmlElement>().focus();
        }
    }
}

/// Runs something after the current changes are in the page.
pub fn after_render(run: impl FnOnce() + 'static) {
    request_animation_frame(run);
}

/// A CSS custom property that holds a colour, resolved to `rgb(r, g, b)`: custom properties are
/// substituted as text, so an element must take the colour before it can be read.
#[must_use]
pub fn theme_color(property: &str) -> String {
    let resolve = || {
        let probe: HtmlElement = document().create_element("span").ok()?.unchecked_into();
        probe.style().set_property("color", &format!("var({property})")).ok()?;
        document().body()?.append_child(&probe).ok()?;
        let style = window().get_computed_style(&probe).ok().flatten();
        let color = style.and_then(|style| style.get_property_value("color").ok());
        probe.remove();
        color
    };
    resolve().unwrap_or_default()
}

/// Physical pixels a CSS pixel.
#[must_use]
pub fn pixel_ratio() -> f64 {
    window().device_pixel_ratio().clamp(1.0, 4.0)
}

/// Loads the page anew.
pub fn reload() {
    let _ = window().location().reload();
}

/// Lets the browser ask before the page is left, as long as `at_risk` says so.
pub fn warn_before_leaving(at_risk: impl Fn() -> bool + 'static) {
    let listener = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
        if at_risk() {
            event.prevent_default();
        }
    });
    let _ = window()
        .add_event_listener_with_callback("beforeunload", listener.as_ref().unchecked_ref());
    listener.forget();
}

/// Hands a result to the page around this one, if that is of the expected origin (the browser
/// delivers it to no other), and says whether that page answered on the port that came along.
pub async fn post_to_parent(origin: &str, name: &str, content: &str) -> bool {
    let parent = window().parent().ok().flatten().filter(|parent| *parent != window());
    let (Some(parent), Ok(channel)) = (parent, MessageChannel::new()) else { return false };
    let message = Object::new();
    for (key, value) in [("type", "plumbline-result"), ("name", name), ("content", content)] {
        let _ = Reflect::set(&message, &key.into(), &value.into());
    }
    let answered = Promise::new(&mut |resolve, _| {
        channel.port1().set_onmessage(Some(&resolve));
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_1(
            &resolve,
            PATIENCE_MS,
            &JsValue::FALSE,
        );
    });
    let ports = Array::of1(&channel.port2());
    parent.post_message_with_transfer(&message, origin, &ports).is_ok()
        && JsFuture::from(answered).await.is_ok_and(|answer| answer.is_truthy())
}

/// Prints the page.
pub fn print() {
    let _ = window().print();
}
