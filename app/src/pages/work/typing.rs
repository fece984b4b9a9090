//! What is typed is kept as soon as somebody stops typing, leaves the field or leaves the page; where half of it would
//! do harm, not before the field or the page is left.

use crate::platform::dom;
use leptos::prelude::*;
use std::time::Duration;

/// How long somebody has to stop typing until it is kept.
pub const PAUSE: Duration = Duration::from_millis(500);

/// A field whose text waits to be kept, until a pause if that is enough, or until the page is left: what to do with
/// each text that is typed, and how to let go of the one that waits, because leaving the field keeps what stands there.
/// Letting go says whether the field is still there: Chromium says of a field that it has changed even while it is
/// taken off the page, when nothing of it is left.
pub fn typing(
    at_pause: bool,
    keep: impl Fn(String) + Clone + Send + Sync + 'static,
) -> (impl FnMut(String), impl Fn() -> bool + Copy) {
    let waiting = StoredValue::new(None::<String>);
    let keep_waiting = move || {
        if let Some(text) = waiting.try_update_value(Option::take).flatten() {
            keep(text);
        }
    };
    dom::on_leaving(keep_waiting.clone());
    let mut pause = debounce(PAUSE, move |()| keep_waiting());
    let typed = move |text| {
        waiting.set_value(Some(text));
        if at_pause {
            pause(());
        }
    };
    (typed, move || waiting.try_set_value(None).is_none())
}
