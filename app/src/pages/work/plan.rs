//! The 90-day test: the plan, twelve weekly check-ins, what leader and team say at the end, the verdict.

mod ask;
mod build;
mod check_in;
mod field;
mod new;
mod now;
mod rules;
mod verdict;
mod words;

pub use new::NewPlan;

use super::kept::{Absent, Undo};
use super::{Found, Sheet, TitleField, Working};
use crate::catalogue::{fill, find, text};
use crate::components::Failure;
use crate::live;
use crate::pages::intro::Failed;
use crate::pages::load::later;
use crate::platform::clock;
use crate::route::AsidePage;
use leptos::prelude::*;
use rules::Rules;
use scoring::plan::ninety_days::{Event, NinetyDays, Refused, Stage, WEEKS};
use scoring::plan::{Day, WorksheetKind};
use std::sync::Arc;

/// The places of a plan beside its first page; a week's is its number.
const PLAN: &str = "plan";
const TEAM: &str = "team";
const VERDICT: &str = "verdict";

/// A plan and the place in it.
#[component]
pub fn Plan(id: String, place: String) -> impl IntoView {
    let sheet = Sheet::<NinetyDays>::open(&id);
    let rules = later(rules::load());
    let is_here = Memo::new(move |_| matches!(sheet.found().get(), Found::Here(_)));
    let refused = RwSignal::new(None);
    live(move || match (is_here.get(), rules.get()) {
        (false, _) => {
            any! { <Absent sheet name="plan-absent" title=text("work.ninety_days.one")/> }
        }
        (true, None) => ().into_any(),
        (true, Some(Err(error))) => any! { <Failed error/> },
        (true, Some(Ok(rules))) => {
            let handle = Handle { sheet, rules: StoredValue::new(rules), refused };
            let week = place.parse().ok().filter(|week| (1..=WEEKS).contains(week));
            match (place.as_str(), week) {
                (_, Some(week)) => any! { <check_in::CheckInPage handle week/> },
                (PLAN, None) => any! { <build::Builder handle/> },
                (TEAM, None) => any! { <ask::Ask handle/> },
                (VERDICT, None) => any! { <verdict::VerdictPage handle/> },
                _ => any! { <First handle/> },
            }
        }
    })
}

/// The page that a plan opens with: what is being written, or where the test stands.
#[component]
fn First(handle: Handle) -> impl IntoView {
    let stage = handle
        .memo(|plan| (plan.stage == Stage::Drafting, matches!(plan.stage, Stage::Ended { .. })));
    live(move || {
        let (is_draft, _) = stage.get();
        if is_draft {
            any! { <build::Builder handle/> }
        } else {
            any! { <now::Now handle/> }
        }
    })
}

/// A plan, the rules it is read by, and its verbs.
#[derive(Clone, Copy)]
struct Handle {
    sheet: Sheet<NinetyDays>,
    rules: StoredValue<Arc<Rules>>,
    /// Why the last thing could not be done.
    refused: RwSignal<Option<Refused>>,
}

impl Handle {
    fn rules(self) -> Arc<Rules> {
        self.rules.get_value()
    }

    fn today(self) -> Day {
        Day::read(&clock::today()).unwrap_or(Day::of_instant(clock::now()))
    }

    /// The plan as it is now, followed.
    fn plan(self) -> NinetyDays {
        self.sheet.content().unwrap_or_default()
    }

    /// Something about the plan that is shown anew only when it changes.
    fn memo<T: PartialEq + Send + Sync + 'static>(
        self,
        what: impl Fn(&NinetyDays) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |_| what(&self.plan()))
    }

    /// Does something, or shows why it cannot be done.
    fn act(self, event: Event) {
        let mut done = Ok(());
        self.sheet.change(|plan| done = plan.apply(event, self.today()));
        self.refused.set(done.err());
    }

    /// The address of a place in the plan.
    fn address(self, place: &str) -> String {
        let (kind, id) = (WorksheetKind::NinetyDays, self.sheet.id());
        AsidePage::Worksheet { kind, id, place: place.to_owned() }.href()
    }
}

/// The text of a code, or the key itself where there is none, so that a gap is seen.
fn word(key: &str) -> String {
    let key = format!("work.ninety_days.{key}");
    find(&key).map_or(key, str::to_owned)
}

/// The frame of a plan's page: the way to its parts above, undoing below.
#[component]
fn Frame(
    handle: Handle,
    name: &'static str,
    #[prop(into)] title: String,
    /// Its place, which the way to its parts marks.
    place: &'static str,
    children: Children,
) -> impl IntoView {
    let plan = untrack(move || handle.plan());
    let own = if plan.title.is_empty() { text("work.ninety_days.one") } else { &plan.title };
    let places = ["", PLAN, TEAM, VERDICT].map(|to| {
        let label = word(&format!("place.{}", if to.is_empty() { "now" } else { to }));
        let here = (to == place).then_some("page");
        any! { <li><a href=handle.address(to) aria-current=here>{label}</a></li> }
    });
    let has_begun = plan.stage != Stage::Drafting;
    any! {
        <Working name title eyebrow=own.to_owned()>
            {has_begun.then(|| any! {
                <nav class="sub-nav places" aria-label=text("work.ninety_days.one")><ul>{Vec::from(places)}</ul></nav>
            })}
            <div role="status">{live(move || handle.refused.get().map(|refused| any! { <Failure code=refused.code()/> }))}</div>
            {children()}
            <Undo sheet=handle.sheet/>
        </Working>
    }
}

/// A day as people of this place write it.
fn day(day: Day) -> String {
    clock::day_in_words(&day.to_string())
}

/// A text about a week.
fn of_week(key: &'static str, week: usize) -> String {
    fill(key, &[("week", &week.to_string()), ("weeks", &WEEKS.to_string())])
}
