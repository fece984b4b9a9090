//! One module a route.

mod about;
mod coach;
pub mod cohort;
mod data;
mod home;
mod intro;
mod load;
pub mod survey;

pub use about::{About, NotFound};
pub use cohort::{CohortPage, LinkFailed};
pub use home::Home;
pub use intro::Intro;
pub use survey::SurveyPage;

use leptos::prelude::{AnyView, IntoAny};

/// A page beside a participant's way, for which the page is loaded anew with a larger bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aside {
    /// Where files are added up.
    Coach,
    /// Everything kept on this device.
    Data,
}

/// The pages aside, for the bundle that has them.
#[must_use]
pub fn all_here(aside: Aside) -> AnyView {
    match aside {
        Aside::Coach => any! { <coach::Coach/> },
        Aside::Data => any! { <data::Data/> },
    }
}

/// Loads the page anew: `start.js` then chooses the bundle that has the page. Answers are on the
/// device, so nothing is lost; where they are not, the browser asks first.
#[must_use]
pub fn elsewhere(_: Aside) -> AnyView {
    crate::platform::dom::reload();
    ().into_any()
}
