//! What Plumbline is, and an address that leads nowhere.

use crate::catalogue::{fill, text};
use crate::components::Page;
use crate::route::Route;
use leptos::prelude::*;

/// The about page.
#[component]
pub fn About() -> impl IntoView {
    let part = |title: &'static str, texts: &[&'static str]| {
        let texts = texts.iter().map(|key| any! { <p>{text(key)}</p> }).collect_view();
        any! { <section><h2>{text(title)}</h2>{texts}</section> }
    };
    any! {
        <Page name="about" title=text("about.title")>
            <div class="prose">
                <p class="lead">{text("about.lead")}</p>
                {part("about.how.title", &["about.how.text"])}
                {part("about.private.title", &["about.private.text", "about.private.coach"])}
                {part("about.scores.title", &["about.scores.text", "about.scores.limits"])}
                {part("about.signature.title", &["about.signature.proves", "about.signature.not"])}
                <p><a href=Route::verify().href()>{text("footer.verify")}</a></p>
                {part("about.instruments.title", &["about.instruments.text"])}
                <p class="hint">{fill("about.version", &[("version", env!("CARGO_PKG_VERSION"))])}</p>
            </div>
        </Page>
    }
}

/// An address that leads nowhere.
#[component]
pub fn NotFound() -> impl IntoView {
    any! {
        <Page name="not-found" title=text("not_found.title")>
            <p>{text("not_found.text")}</p>
            <p><a class="button" href=Route::Home.href()>{text("nav.home")}</a></p>
        </Page>
    }
}
