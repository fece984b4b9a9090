//! One module a route.

mod about;
mod coach;
mod data;
mod home;
mod intro;
mod load;
pub mod survey;

pub use about::{About, NotFound};
pub use coach::Coach;
pub use data::Data;
pub use home::Home;
pub use intro::Intro;
pub use survey::SurveyPage;
