//! The coach's pages: adding up, cohorts, keys.

mod add_up;
mod cohort;
mod cohorts;
mod draft;
mod invite;
mod kept;
mod keys;
mod new_cohort;
mod pairs;
mod qr;
mod report;
mod roster;
mod unlock;

pub use add_up::AddUp;
pub use cohort::{Cohort, LinkFacts, LinkField};
pub use cohorts::Cohorts;
pub use kept::{give_links, give_links_and, known_links};
pub use keys::{KeyWords, Keys};
pub use new_cohort::NewCohort;
pub use pairs::Pair;
pub use report::ReportPart;

use crate::catalogue::text;
use crate::components::Page;
use crate::route::AsidePage;
use leptos::prelude::*;

/// The frame of a coach's page: its place among the others above its content.
#[component]
fn Coaching(
    /// Stable name, for tests and styles.
    name: &'static str,
    /// The heading.
    #[prop(into)]
    title: String,
    /// Which of the three places this is part of.
    at: AsidePage,
    children: Children,
) -> impl IntoView {
    let link = |page: AsidePage, label: &'static str| {
        let current = (page == at).then_some("page");
        any! { <li><a href=page.href() aria-current=current>{text(label)}</a></li> }
    };
    any! {
        <nav class="sub-nav" aria-label=text("coach.nav")>
            <ul>
                {link(AsidePage::AddUp, "coach.nav.add")}
                {link(AsidePage::Cohorts, "coach.nav.cohorts")}
                {link(AsidePage::Key, "coach.nav.key")}
            </ul>
        </nav>
        <Page name title>{children()}</Page>
    }
}
