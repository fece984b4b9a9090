//! The frame of one page's content.

use crate::catalogue::{error_pair, fill, text};
use crate::platform::dom;
use leptos::prelude::*;

/// A page: its main landmark, its heading, its title; on arrival the heading takes the focus.
#[component]
pub fn Page(
    /// Stable name, for tests and styles.
    name: &'static str,
    /// The heading, also the window's title.
    #[prop(into)]
    title: String,
    /// A line above the heading that says where in the app this is.
    #[prop(optional, into)]
    eyebrow: Option<String>,
    /// The item that was looked for, which then takes the focus instead of the heading.
    #[prop(optional_no_strip)]
    seek: Option<String>,
    children: Children,
) -> impl IntoView {
    dom::set_title(&fill("page.title", &[("page", &title)]));
    dom::after_render(move || match seek {
        Some(item) => dom::focus_item(&item),
        None => dom::announce_page(),
    });
    any! {
        <main id="main" data-page=name>
            <div class="page-head">
                {eyebrow.filter(|eyebrow| !eyebrow.is_empty()).map(|eyebrow| any! { <p class="eyebrow">{eyebrow}</p> })}
                <h1 tabindex="-1">{title}</h1>
            </div>
            {children()}
        </main>
    }
}

/// What happened, and what to do about it.
#[component]
pub fn Failure(
    /// The error's code, key of its two texts.
    #[prop(into)]
    code: String,
    /// Particulars for whoever helps; never an answer.
    #[prop(optional, into)]
    detail: Option<String>,
) -> impl IntoView {
    let (what, to_do) = error_pair(&code);
    any! {
        <div class="notice danger" role="alert" data-error=code>
            <p><strong>{what}</strong></p>
            <p>{to_do}</p>
            {detail.map(|detail| any! {
                <details><summary>{text("error.details")}</summary><p class="detail">{detail}</p></details>
            })}
        </div>
    }
}
