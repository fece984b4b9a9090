//! How many people were asked to answer the survey of a report.

use super::add_up::Desk;
use super::kept::Kept;
use crate::catalogue::text;
use crate::components::{Problems, TextField};
use crate::platform::dom;
use crate::state::Problem;
use leptos::prelude::*;
use scoring::cohort::Report;

/// Where a report is made.
#[derive(Clone)]
pub struct Place {
    /// Its files.
    pub desk: Desk,
    /// What is kept here.
    pub kept: Kept,
    /// Id of the field, the same each time the report is made.
    pub field: String,
}

/// The field beside a report that says how many were asked.
#[component]
pub fn RosterField(place: Place, report: Report) -> impl IntoView {
    let Place { desk, kept, field } = place;
    let kept_one = untrack(|| kept.roster(&report));
    let typed = RwSignal::new(kept_one.map(|roster| roster.to_string()).unwrap_or_default());
    let problems = {
        let (field, n) = (field.clone(), report.n);
        Problems::of(move || problem(&field, &typed.get(), n).into_iter().collect())
    };
    if kept_one.is_some() {
        // More people may have answered since.
        problems.show();
    }
    if desk.typed_in.get_untracked().as_ref() == Some(&field) {
        desk.typed_in.set(None);
        let field = field.clone();
        dom::after_render(move || dom::focus(&format!("#{field}")));
    }
    let id = field.clone();
    let apply = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if problems.none() {
            kept.keep_roster(&report, typed.get_untracked().trim().parse().ok());
            desk.typed_in.set(Some(field.clone()));
            desk.look_again();
        }
    };
    any! {
        <form class="roster" novalidate on:submit=apply>
            <TextField id label="roster.label" hint=text("roster.hint") kind="number" value=typed problems/>
            <button class="button secondary" data-action="roster">{text("roster.apply")}</button>
        </form>
    }
}

/// What is wrong with a number of people asked, of whom `n` answered.
fn problem(field: &str, typed: &str, n: u64) -> Option<Problem> {
    let fits = |roster: u32| u64::from(roster) >= n;
    let is_good = typed.trim().is_empty() || typed.trim().parse().is_ok_and(fits);
    let limit = usize::try_from(n).unwrap_or(usize::MAX);
    (!is_good).then(|| Problem::new(field, "field.roster", limit))
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn as_many_as_answered_or_more() {
        for good in ["", " ", "18", " 20 ", "4294967295"] {
            assert_eq!(problem("roster", good, 18), None, "{good}");
        }
        for bad in ["17", "0", "-20", "20.5", "twenty", "4294967296"] {
            let found = problem("roster", bad, 18).map(|problem| (problem.key, problem.limit));
            assert_eq!(found, Some(("field.roster", 18)), "{bad}");
        }
    }
}
