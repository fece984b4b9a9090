//! One module a route.

mod about;
mod coach;
pub mod cohort;
mod data;
mod home;
mod intro;
mod load;
pub mod survey;
mod verify;
pub mod work;

pub use about::{About, NotFound};
pub use cohort::{CohortPage, LinkFailed};
pub use home::Home;
pub use intro::Intro;
pub use survey::SurveyPage;

use crate::route::{Aside, AsidePage};
use leptos::prelude::{AnyView, IntoAny};
use scoring::plan::WorksheetKind;

/// The pages of coaches and of whoever looks after their data, for the bundle that has them.
#[must_use]
pub fn coaching(aside: Aside) -> AnyView {
    match aside.page() {
        Some(AsidePage::AddUp) => any! { <coach::AddUp/> },
        Some(AsidePage::Cohorts) => any! { <coach::Cohorts/> },
        Some(AsidePage::NewCohort(last)) => any! { <coach::NewCohort last/> },
        Some(AsidePage::Cohort(slug)) => any! { <coach::Cohort slug/> },
        Some(AsidePage::Pair { slug, pair }) => any! { <coach::Pair slug pair/> },
        Some(AsidePage::Key) => any! { <coach::Keys/> },
        Some(AsidePage::Data) => any! { <data::Data/> },
        Some(AsidePage::Verify) => any! { <verify::Verify/> },
        Some(_) => elsewhere(aside),
        None => any! { <NotFound/> },
    }
}

/// The worksheets, for the bundle that has them.
#[must_use]
pub fn working(aside: Aside) -> AnyView {
    match aside.page() {
        Some(AsidePage::Work) => any! { <work::Overview/> },
        Some(AsidePage::OwnPair(key)) => any! { <work::OwnPair key/> },
        Some(AsidePage::NewWorksheet(WorksheetKind::NinetyDays)) => any! { <work::NewPlan/> },
        Some(AsidePage::Worksheet { kind: WorksheetKind::NinetyDays, id, place }) => {
            any! { <work::Plan id place/> }
        }
        Some(AsidePage::NewWorksheet(WorksheetKind::DecisionMap)) => any! { <work::NewMap/> },
        Some(AsidePage::Worksheet { kind: WorksheetKind::DecisionMap, id, place }) => {
            any! { <work::MapPage id place/> }
        }
        Some(AsidePage::NewWorksheet(WorksheetKind::Engagement)) => any! { <work::NewRecord/> },
        Some(AsidePage::Worksheet { kind: WorksheetKind::Engagement, id, place }) => {
            any! { <work::Record id place/> }
        }
        Some(_) => elsewhere(aside),
        None => any! { <NotFound/> },
    }
}

/// Loads the page anew: `start.js` then chooses the bundle that has the page. Answers are on the
/// device, so nothing is lost; where they are not, the browser asks first.
#[must_use]
pub fn elsewhere(_: Aside) -> AnyView {
    crate::platform::dom::reload();
    ().into_any()
}
