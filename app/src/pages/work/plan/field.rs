//! Fields of a plan. What is typed is kept as soon as somebody stops typing or leaves the field.

use crate::catalogue::{fill, text};
use crate::live;
use crate::pages::work::typing;
use crate::platform::dom;
use leptos::prelude::*;

/// A text of one line, or of several where `rows` says so.
#[component]
pub fn Text(
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] rows: Option<usize>,
    /// Longest text, in characters.
    max: usize,
    /// What is kept.
    value: Memo<String>,
    /// Keeps what is typed.
    keep: Callback<String>,
    /// Whether something can be said about it, in the element `<id>-said`.
    #[prop(optional)]
    is_judged: bool,
    /// Whether something is said against it.
    #[prop(optional, into)]
    wrong: Signal<bool>,
) -> impl IntoView {
    let keep_changed = move |typed: String| {
        if value.get_untracked() != typed {
            keep.run(typed);
        }
    };
    let (mut typed, let_go) = typing(true, keep_changed);
    let input = move |event: web_sys::Event| typed(event_target_value(&event));
    let leave = move |event: web_sys::Event| {
        if let_go() {
            keep_changed(event_target_value(&event));
        }
    };
    let said = if is_judged { format!(" {id}-said") } else { String::new() };
    let described = format!("{id}-hint{said}");
    let invalid = move || wrong.get().then_some("true");
    let control = match rows {
        Some(rows) => any! {
            <textarea id=id.clone() rows=rows.to_string() maxlength=max.to_string() aria-describedby=described aria-invalid=invalid
                prop:value=move || value.get() on:input=input on:change=leave></textarea>
        },
        None => any! {
            <input id=id.clone() type="text" autocomplete="off" maxlength=max.to_string() aria-describedby=described aria-invalid=invalid
                prop:value=move || value.get() on:input=input on:change=leave/>
        },
    };
    any! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <p class="hint" id=format!("{id}-hint")>{hint}</p>
            {control}
        </div>
    }
}

/// A whole number, or nothing unless the least is more than 0. What is no such number is not kept, and the field says
/// so.
#[component]
pub fn Number(
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: String,
    /// The least and the most.
    #[prop(into)]
    range: Signal<(i64, i64)>,
    /// What is kept.
    value: Memo<Option<i64>>,
    /// Keeps a number.
    keep: Callback<Option<i64>>,
    /// Whether half of it would do harm, so that it is kept only once the field or the page is left.
    #[prop(optional)]
    waits: bool,
    /// What is said of anything else.
    #[prop(default = "work.ninety_days.number")]
    fault: &'static str,
) -> impl IntoView {
    let wrong = RwSignal::new(false);
    let read = move |typed: &str| {
        let (low, high) = range.get_untracked();
        match typed.trim() {
            "" => (low <= 0).then_some(None),
            typed => typed.parse().ok().filter(|n| (low..=high).contains(n)).map(Some),
        }
    };
    let keep_changed = move |number: Option<i64>| {
        if value.get_untracked() != number {
            keep.run(number);
        }
    };
    // Half a number is no fault yet.
    let (mut typed, let_go) = typing(!waits, move |typed| {
        if let Some(number) = read(&typed) {
            keep_changed(number);
        }
    });
    let input = move |event: web_sys::Event| typed(event_target_value(&event));
    // Also where nothing has changed in it: what did not fit may fit by now.
    let leave = move |event: web_sys::FocusEvent| {
        if !let_go() {
            return;
        }
        let number = read(&event_target_value(&event));
        wrong.set(number.is_none());
        if let Some(number) = number {
            keep_changed(number);
        }
    };
    let shown = move || value.get().map(|number| number.to_string()).unwrap_or_default();
    let said = move || {
        wrong.get().then(|| {
            let (low, high) = range.get();
            fill(fault, &[("low", &low.to_string()), ("high", &high.to_string())])
        })
    };
    let invalid = move || wrong.get().then_some("true");
    any! {
        <div class="field number-field">
            <label for=id.clone()>{label}</label>
            <p class="hint" id=format!("{id}-hint")>{hint}</p>
            <input id=id.clone() type="text" inputmode="numeric" autocomplete="off"
                aria-describedby=format!("{id}-hint {id}-error") aria-invalid=invalid prop:value=shown on:input=input on:blur=leave/>
            <p class="field-error" id=format!("{id}-error") role="alert">{live(said)}</p>
        </div>
    }
}

/// One of a few answers.
#[component]
pub fn Choices<T: Copy + PartialEq + Send + Sync + 'static>(
    /// Name of the group.
    #[prop(into)]
    name: String,
    /// The question.
    #[prop(into)]
    question: String,
    /// What stands above the answers.
    #[prop(optional, into)]
    hint: String,
    /// Value, code and label of each.
    options: Vec<(T, String, String)>,
    /// Whether they are steps of a scale, side by side where there is room; a last one of code `na` stands apart.
    #[prop(optional)]
    rating: bool,
    /// What is kept.
    value: Memo<Option<T>>,
    /// Keeps an answer.
    keep: Callback<T>,
) -> impl IntoView {
    let has_hint = !hint.is_empty();
    let hint_id = format!("{name}-hint");
    let described = has_hint.then(|| hint_id.clone());
    let group = name.clone();
    let options = options.into_iter().map(move |(own, code, label)| {
        let class = if code == "na" { "option apart" } else { "option" };
        any! {
            <label class=class>
                <input type="radio" name=group.clone() value=code
                    prop:checked=move || value.get() == Some(own) on:change=move |_| keep.run(own)/>
                <span>{label}</span>
            </label>
        }
    });
    any! {
        <fieldset class="question" id=format!("choose-{name}") aria-describedby=described>
            <legend>{question}</legend>
            {has_hint.then(|| any! { <p class="hint" id=hint_id>{hint}</p> })}
            <div class="options" class:rating=rating>{options.collect_view()}</div>
        </fieldset>
    }
}

/// Examples to take: what each says, and a button that takes it.
#[component]
pub fn Examples(
    /// Id and words of each.
    examples: Vec<(String, String)>,
    /// Takes one.
    take: Callback<String>,
    /// What has the focus afterwards.
    #[prop(into)]
    then: String,
) -> impl IntoView {
    let then = StoredValue::new(then);
    let items = examples.into_iter().map(|(id, said)| {
        let label = format!("{}: {said}", text("work.ninety_days.example.use"));
        let name = id.clone();
        let take = move |_| {
            take.run(id.clone());
            let selector = then.get_value();
            dom::after_render(move || dom::focus(&selector));
        };
        any! {
            <li>
                <span>{said}</span>
                <button type="button" class="quiet" data-example=name aria-label=label on:click=take>{text("work.ninety_days.example.use")}</button>
            </li>
        }
    });
    any! {
        <details class="examples">
            <summary>{text("work.ninety_days.examples")}</summary>
            <ul class="example-list">{items.collect_view()}</ul>
        </details>
    }
}
