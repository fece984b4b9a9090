//! Plumbline in the browser.
//!
//! | module | what it holds |
//! |---|---|
//! | [`route`] | the only place with path strings |
//! | [`state`] | plain types and pure transitions, without web types |
//! | [`platform`] | the only users of web-sys and js-sys |
//! | [`pages`], [`components`] | what is shown; they call, and decide nothing |
//! | [`charts`] | pure chart models drawn on any plotters backend |
//! | [`engine`] | the worker's side: verification, cohort reports, fallback signing |

use leptos::prelude::{AnyView, IntoAny};

/// A view of the one erased type. Leptos compiles its machinery once a type, and a participant downloads
/// every copy.
macro_rules! any {
    ($($view:tt)*) => {
        leptos::prelude::IntoAny::into_any(leptos::prelude::view! { $($view)* })
    };
}

/// A part of a view that follows signals. Boxed for the same reason: Leptos compiles what keeps it up to
/// date once for all of them, and not once a closure.
pub(crate) fn live<V: IntoAny>(view: impl Fn() -> V + Send + 'static) -> AnyView {
    let view: Box<dyn Fn() -> AnyView + Send> = Box::new(move || view().into_any());
    (move || view()).into_any()
}

pub mod app;
pub mod catalogue;
pub mod charts;
pub mod components;
pub mod engine;
pub mod pages;
pub mod platform;
pub mod route;
pub mod state;

/// Starts the client: the texts first, so that no page is ever shown without them. `aside`
/// shows the pages beside a participant's way; passing it in leaves their code out of the bundle that
/// participants download. `texts` names the catalogue files of these pages.
pub fn start(aside: fn(route::Aside) -> AnyView, texts: &'static [&'static str]) {
    // Leptos's own executor starts only with the mount.
    platform::spawn(async move {
        platform::journal::replay().await;
        match catalogue::load(texts).await {
            Ok(()) => {
                platform::dom::remove("boot");
                platform::dom::mount("app", move || leptos::view! { <app::App aside/> });
            }
            Err(error) => platform::dom::boot_failure(&error.to_string()),
        }
    });
}
