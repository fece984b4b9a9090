//! The frame of every page: header, notices, the page of the current route, footer.

use crate::catalogue::text;
use crate::live;
use crate::pages::{About, CohortPage, Home, Intro, LinkFailed, NotFound, SurveyPage};
use crate::platform::storage::Trouble;
use crate::platform::{dom, storage};
use crate::route::{Aside, Route, Step};
use crate::state::Joined;
use leptos::prelude::*;

/// What every page may need to know of the device.
#[derive(Clone, Copy)]
pub struct Device {
    /// Whether answers are at risk when the tab closes.
    pub trouble: RwSignal<Option<Trouble>>,
    /// Counts changes that other tabs made to what is kept.
    pub changed_elsewhere: RwSignal<u32>,
}

impl Device {
    /// Writes or removes an entry, and notes when storage refuses.
    pub fn write(self, key: &str, value: Option<&serde_json::Value>) {
        let trouble = storage::write(key, value);
        if trouble.is_some() && self.trouble.get_untracked() != trouble {
            self.trouble.set(trouble);
        }
    }
}

/// The app.
#[component]
pub fn App(
    /// Shows the pages beside a participant's way.
    aside: fn(Aside) -> AnyView,
) -> impl IntoView {
    let device = Device { trouble: storage::probe(), changed_elsewhere: RwSignal::new(0) };
    let route = RwSignal::new(arrive(device));
    dom::on_fragment_change(move || route.set(arrive(device)));
    storage::on_change_elsewhere(move |key| {
        if key.starts_with(storage::PREFIX) {
            device.changed_elsewhere.update(|n| *n = n.wrapping_add(1));
        }
    });
    dom::warn_before_leaving(storage::holds_in_memory);
    provide_context(device);

    // A survey stays mounted while its steps change; every other route is a page of its own.
    let page = Memo::new(move |_| match route.get() {
        Route::Survey(key, _) => Route::Survey(key, Step::Review),
        other => other,
    });
    let step = Memo::new(move |_| match route.get() {
        Route::Survey(_, step) => step,
        _ => Step::Review,
    });
    any! {
        <a class="skip" href="#main" on:click=move |event| {
            event.prevent_default();
            dom::focus("main h1");
        }>{text("skip")}</a>
        <Header page=page/>
        <Notice/>
        {live(move || match page.get() {
            Route::Home => any! { <Home/> },
            Route::Intro { instrument, version } => any! { <Intro instrument version/> },
            Route::Cohort(slug) => any! { <CohortPage slug/> },
            Route::LinkFailed(code) => any! { <LinkFailed code/> },
            Route::Survey(key, _) => any! { <SurveyPage key step/> },
            Route::Aside(address) => aside(address),
            Route::About => any! { <About/> },
            Route::NotFound | Route::Join { .. } => any! { <NotFound/> },
        })}
        <footer class="site-footer">
            <p>{text("footer.promise")}" "<a href=Route::verify().href()>{text("footer.verify")}</a></p>
        </footer>
    }
}

/// The route of the address. A link is followed at once and leaves the address, where it could be
/// read over a shoulder or stay in the history.
fn arrive(device: Device) -> Route {
    let (link, invitation) = match Route::parse(&dom::fragment()) {
        Route::Join { link, invitation } => (link, invitation),
        other => return other,
    };
    let route = match Joined::follow(&link, invitation.as_deref()) {
        Ok(joined) => {
            let (key, entry) = joined.entry();
            device.write(&format!("{}{key}", storage::PREFIX), Some(&entry));
            Route::Cohort(joined.link.slug())
        }
        Err(code) => Route::LinkFailed(code),
    };
    dom::replace(&route.href());
    route
}

#[component]
fn Header(page: Memo<Route>) -> impl IntoView {
    let link = move |target: Route, label: &'static str| {
        let href = target.href();
        let within = href.clone();
        let current = move || page.get().href().starts_with(&within).then_some("page");
        any! { <li><a href=href aria-current=current>{text(label)}</a></li> }
    };
    any! {
        <header class="site-header">
            <a class="brand" href=Route::Home.href()>
                <span class="brand-mark" aria-hidden="true"></span>
                {text("brand")}
            </a>
            <nav aria-label=text("nav.label")>
                <ul>
                    {link(Route::coach(), "nav.coach")}
                    {link(Route::work(), "nav.work")}
                    {link(Route::data(), "nav.data")}
                    {link(Route::About, "nav.about")}
                </ul>
            </nav>
        </header>
    }
}

/// Says when answers will not outlive the tab.
#[component]
fn Notice() -> impl IntoView {
    let device = expect_context::<Device>();
    any! {
        <div role="status" class="notices">
            {live(move || device.trouble.get().map(|trouble| {
                let (what, to_do) = match trouble {
                    Trouble::Denied => ("storage.denied.what", "storage.denied.do"),
                    Trouble::Full => ("storage.full.what", "storage.full.do"),
                };
                any! {
                    <p class="notice warning" data-notice="memory">
                        <strong>{text(what)}</strong>" "{text(to_do)}
                    </p>
                }
            }))}
        </div>
    }
}
