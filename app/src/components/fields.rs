//! Fields of forms: a label, a hint, what is wrong with it.

use super::Failure;
use crate::catalogue::{fill, find, text};
use crate::live;
use crate::platform::dom;
use crate::state::Problem;
use leptos::prelude::*;

/// The problems of a form: shown from the first try on, and gone as soon as they are mended.
#[derive(Clone, Copy)]
pub struct Problems {
    tried: RwSignal<bool>,
    found: Memo<Vec<Problem>>,
}

impl Problems {
    /// Those that `check` finds.
    #[must_use]
    pub fn of(check: impl Fn() -> Vec<Problem> + Send + Sync + 'static) -> Self {
        Problems { tried: RwSignal::new(false), found: Memo::new(move |_| check()) }
    }

    /// Whether there are none; otherwise the first wrong field takes the focus.
    #[must_use]
    pub fn none(self) -> bool {
        let first = self.found.with_untracked(|found| found.first().cloned());
        self.tried.set(first.is_some());
        if let Some(problem) = &first {
            let field = problem.field.clone();
            // A group of boxes is not focusable, but its boxes are.
            dom::after_render(move || {
                dom::focus(&format!(
                    "input#{field}, textarea#{field}, select#{field}, #{field} input"
                ));
            });
        }
        first.is_none()
    }

    /// Shows them before the first try.
    pub fn show(self) {
        self.tried.set(true);
    }

    fn at(self, field: &str) -> Option<String> {
        if !self.tried.get() {
            return None;
        }
        let problem = |found: &Vec<Problem>| found.iter().find(|p| p.field == field).cloned();
        self.found
            .with(problem)
            .map(|problem| fill(problem.key, &[("limit", &problem.limit.to_string())]))
    }
}

/// What is wrong with a field, below it.
#[component]
pub fn FieldError(id: String, problems: Problems) -> impl IntoView {
    let error_id = format!("{id}-error");
    any! {
        <p class="field-error" id=error_id role="alert">{live(move || problems.at(&id))}</p>
    }
}

/// A field of one line, or of several where `rows` says so.
#[component]
pub fn TextField(
    #[prop(into)] id: String,
    label: &'static str,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(default = "text")] kind: &'static str,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional)] rows: Option<usize>,
    value: RwSignal<String>,
    problems: Problems,
) -> impl IntoView {
    let wrong = {
        let id = id.clone();
        Memo::new(move |_| problems.at(&id).is_some())
    };
    let invalid = move || wrong.get().then_some("true");
    let described = format!("{id}-hint {id}-error");
    let field = match rows {
        Some(rows) => any! {
            <textarea id=id.clone() rows=rows.to_string() aria-describedby=described aria-invalid=invalid
                prop:value=move || value.get() on:input=move |event| value.set(event_target_value(&event))></textarea>
        },
        None => any! {
            <input id=id.clone() type=kind autocomplete=autocomplete aria-describedby=described aria-invalid=invalid
                prop:value=move || value.get() on:input=move |event| value.set(event_target_value(&event))/>
        },
    };
    any! {
        <div class="field">
            <label for=id.clone()>{text(label)}</label>
            <p class="hint" id=format!("{id}-hint")>{hint}</p>
            {field}
            <FieldError id problems/>
        </div>
    }
}

/// A box to tick, or one of several to choose from.
#[component]
pub fn Choice(
    #[prop(optional, into)] id: Option<String>,
    #[prop(default = "checkbox")] kind: &'static str,
    name: &'static str,
    #[prop(into)] value: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: Option<String>,
    checked: Signal<bool>,
    on_change: Callback<bool>,
) -> impl IntoView {
    any! {
        <label class="option tick">
            <input id=id type=kind name=name value=value prop:checked=move || checked.get()
                on:change=move |event| on_change.run(event_target_checked(&event))/>
            <span>{label}{hint.map(|hint| any! { <span class="sub">{hint}</span> })}</span>
        </label>
    }
}

/// A failure of the engine: one that has texts of its own, or the general one with its particulars.
#[component]
pub fn EngineFailure(reason: String) -> impl IntoView {
    if find(&format!("error.{reason}.what")).is_some() {
        any! { <Failure code=reason/> }
    } else {
        any! { <Failure code="engine" detail=reason/> }
    }
}

/// A second yes before something is removed.
#[component]
pub fn Confirm(
    /// The question.
    #[prop(into)]
    question: String,
    /// Whether it is asked.
    asked: RwSignal<bool>,
    /// What the yes does.
    yes: Callback<()>,
) -> impl IntoView {
    let question = StoredValue::new(question);
    any! {
        <Show when=move || asked.get()>
            <div class="notice warning" role="alert">
                <p>{question.get_value()}</p>
                <div class="actions">
                    <button type="button" class="button danger" data-action="confirm" on:click=move |_| yes.run(())>{text("coach.remove.yes")}</button>
                    <button type="button" class="button secondary" data-action="cancel" on:click=move |_| asked.set(false)>{text("coach.remove.no")}</button>
                </div>
            </div>
        </Show>
    }
}
