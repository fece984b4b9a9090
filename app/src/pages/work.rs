//! Worksheets: what a coaching engagement writes down between the surveys.

mod engagement;
mod kept;
mod map;
mod overview;
mod own_pair;
mod plan;
mod sheet;
mod shelf;
mod typing;

pub use engagement::{NewRecord, Record};
pub use map::{MapPage, NewMap};
pub use overview::Overview;
pub use own_pair::OwnPair;
pub use plan::{NewPlan, Plan};
pub use sheet::{Found, Sheet, fresh_id};
pub use shelf::{Listed, Shelf, Taken};
use typing::{PAUSE, typing};

use crate::catalogue::text;
use crate::components::Page;
use crate::route::Route;
use leptos::prelude::*;
use scoring::plan::decision_map::DecisionMap;
use scoring::plan::engagement::Engagement;
use scoring::plan::ninety_days::NinetyDays;

/// The kinds of worksheets, in the order in which an engagement needs them.
const SHELVES: [Shelf; 3] =
    [Shelf::of::<NinetyDays>(), Shelf::of::<DecisionMap>(), Shelf::of::<Engagement>()];

/// What a new worksheet is called; nothing must be.
#[component]
fn TitleField(
    id: &'static str,
    label: &'static str,
    hint: &'static str,
    /// Longest title, in characters.
    max: usize,
    value: RwSignal<String>,
) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    any! {
        <div class="field">
            <label for=id>{text(label)}</label>
            <p class="hint" id=hint_id.clone()>{text(hint)}</p>
            <input id=id type="text" autocomplete="off" maxlength=max.to_string() aria-describedby=hint_id
                prop:value=move || value.get() on:input=move |event| value.set(event_target_value(&event))/>
        </div>
    }
}

/// The frame of a worksheet's page: the way back to all of them above its content.
#[component]
pub fn Working(
    /// Stable name, for tests and styles.
    name: &'static str,
    /// The heading.
    #[prop(into)]
    title: String,
    /// A line above the heading that says where this is.
    #[prop(optional, into)]
    eyebrow: Option<String>,
    children: Children,
) -> impl IntoView {
    any! {
        <nav class="sub-nav" aria-label=text("work.nav")>
            <ul><li><a href=Route::work().href()>{text("work.all")}</a></li></ul>
        </nav>
        <Page name title eyebrow=eyebrow.unwrap_or_default()>{children()}</Page>
    }
}
