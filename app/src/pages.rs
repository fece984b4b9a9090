//! One module a route.

mod about;
mod coach;
mod data;
mod home;
mod intro;
mod load;
pub mod survey;

pub use about::{About, NotFound};
pub use data::Data;
pub use home::Home;
pub use intro::Intro;
pub use survey::SurveyPage;

use leptos::prelude::{AnyView, IntoAny, view};

/// The coach's page, for the bundle that has it.
#[must_use]
pub fn coach_here() -> AnyView {
    view! { <coach::Coach/> }.into_any()
}

/// Loads the page anew: `start.js` then chooses the bundle that has the coach's page. Answers are on
/// the device, so nothing is lost; where they are not, the browser asks first.
#[must_use]
pub fn coach_elsewhere() -> AnyView {
    crate::platform::dom::reload();
    ().into_any()
}
