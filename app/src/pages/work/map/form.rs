//! The form of an entry. What fits is kept as soon as it is chosen, or somebody stops typing or leaves.

use super::{Open, word};
use crate::catalogue::{find, text};
use crate::live;
use crate::pages::work::typing;
use crate::platform::dom;
use leptos::prelude::*;
use scoring::plan::decision_map::{Entry, Event, Field, Kind, Permission, When, YesNo};

/// The codes of a field that is a choice among few, and how the choice is called in texts.
fn choices(field: Field) -> Option<Vec<&'static str>> {
    fn codes<T>(said: &'static [(&'static str, T)]) -> Option<Vec<&'static str>> {
        Some(said.iter().map(|(code, _)| *code).chain([""]).collect())
    }
    match field {
        Field::When => codes(When::SAID),
        Field::Permission => codes(Permission::SAID),
        Field::CastingVote | Field::OnTrack => codes(YesNo::SAID),
        _ => None,
    }
}

impl Open {
    /// What stands in a cell, followed.
    fn cell(self, id: &str, field: Field) -> String {
        self.read(|map| map.entry(id).map(|entry: Entry<'_>| entry.get(field)).unwrap_or_default())
    }

    fn set(self, id: &str, field: Field, value: &str) {
        self.apply(Event::Set { id: id.to_owned(), field, value: value.to_owned() });
    }
}

/// The form.
#[component]
pub fn EntryForm(open: Open, kind: Kind, id: String, done: Callback<()>) -> impl IntoView {
    let (key, own) = (StoredValue::new(id.clone()), id);
    // Whom to ask is only asked where somebody has to be.
    let is_asked = Memo::new(move |_| {
        key.with_value(|id| {
            open.cell(id, Field::Permission) == "needed" || !open.cell(id, Field::Ask).is_empty()
        })
    });
    let field = move |field: Field| {
        let id = key.get_value();
        match field {
            Field::Ask => live(move || {
                is_asked.get().then(|| any! { <Typed open kind id=key.get_value() field/> })
            }),
            Field::Delivered => any! { <Tick open kind id field/> },
            _ => match choices(field) {
                Some(codes) => any! { <Chips open kind id field codes/> },
                None => any! { <Typed open kind id field/> },
            },
        }
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        done.run(());
    };
    let form = any! {
        <form class="entry-form" novalidate on:submit=submit>
            {kind.fields().iter().copied().map(field).collect_view()}
            <div class="actions"><button class="button" data-action="done">{text("work.decision_map.done")}</button></div>
        </form>
    };
    // After the fields, which have then kept what was typed.
    dom::on_leaving(move || open.leave(&own));
    form
}

fn label(kind: Kind, field: Field) -> String {
    word(&format!("field.{}.{}", kind.code(), field.code()))
}

fn hint(kind: Kind, field: Field) -> Option<&'static str> {
    find(&format!("work.decision_map.field.{}.{}.hint", kind.code(), field.code()))
}

/// A field that is typed. A day and a count wait until the field or the page is left: half of them is neither.
#[component]
fn Typed(open: Open, kind: Kind, id: String, field: Field) -> impl IntoView {
    let dom_id = format!("{id}-{}", field.code());
    let key = StoredValue::new(id);
    let kept = Memo::new(move |_| key.with_value(|id| open.cell(id, field)));
    // What is being typed, and what was typed and does not fit; nothing where the field says what is kept.
    let typed = RwSignal::new(None::<String>);
    let keep = move |text: &str| {
        let text = if field.is_free() { text } else { text.trim() };
        key.with_value(|id| open.set(id, field, text));
        field.is_free() || untrack(|| kept.get()) == text
    };
    let (mut wait, let_go) = typing(field.is_free(), move |text| {
        keep(&text);
    });
    let input = move |event: web_sys::Event| {
        let text = event_target_value(&event);
        if field.is_free() {
            typed.set(Some(text.clone()));
        }
        wait(text);
    };
    let change = move |event: web_sys::Event| {
        if !let_go() {
            return;
        }
        let text = event_target_value(&event);
        typed.set(if keep(&text) { None } else { Some(text) });
    };
    let shown = move || typed.get().unwrap_or_else(|| kept.get());
    let wrong = move || !field.is_free() && typed.with(Option::is_some);
    let described = format!("{dom_id}-hint {dom_id}-error");
    let invalid = move || wrong().then_some("true");
    let control = if field == Field::Lever {
        any! {
            <textarea id=dom_id.clone() rows="2" maxlength=field.max_chars().to_string() aria-describedby=described
                prop:value=shown on:input=input on:change=change></textarea>
        }
    } else {
        let of_type = if field == Field::By { "date" } else { "text" };
        let is_count = (field == Field::Decisions).then_some("numeric");
        any! {
            <input id=dom_id.clone() type=of_type autocomplete="off" inputmode=is_count aria-describedby=described aria-invalid=invalid
                maxlength=(of_type == "text").then(|| field.max_chars().to_string())
                prop:value=shown on:input=input on:change=change/>
        }
    };
    any! {
        <div class="field">
            <label for=dom_id.clone()>{label(kind, field)}</label>
            <p class="hint" id=format!("{dom_id}-hint")>{hint(kind, field)}</p>
            {control}
            <p class="field-error" id=format!("{dom_id}-error") role="alert">
                {live(move || wrong().then(|| word(&format!("wrong.{}", field.code()))))}
            </p>
        </div>
    }
}

/// A field that is a choice among few.
#[component]
fn Chips(
    open: Open,
    kind: Kind,
    id: String,
    field: Field,
    codes: Vec<&'static str>,
) -> impl IntoView {
    let dom_id = format!("{id}-{}", field.code());
    let key = StoredValue::new(id);
    let kept = Memo::new(move |_| key.with_value(|id| open.cell(id, field)));
    let words = match field {
        Field::When => "when",
        Field::Permission => "permission",
        _ => "choice",
    };
    let name = dom_id.clone();
    let chip = move |code: &'static str| {
        let said = if code.is_empty() { "none" } else { code };
        any! {
            <label class="option chip">
                <input type="radio" name=name.clone() value=code prop:checked=move || kept.get() == code
                    on:change=move |_| key.with_value(|id| open.set(id, field, code))/>
                <span>{word(&format!("{words}.{said}"))}</span>
            </label>
        }
    };
    any! {
        <fieldset class="field" id=dom_id>
            <legend>{label(kind, field)}</legend>
            {hint(kind, field).map(|hint| any! { <p class="hint">{hint}</p> })}
            <div class="chips">{codes.into_iter().map(chip).collect_view()}</div>
        </fieldset>
    }
}

/// A field that is ticked.
#[component]
fn Tick(open: Open, kind: Kind, id: String, field: Field) -> impl IntoView {
    let dom_id = format!("{id}-{}", field.code());
    let key = StoredValue::new(id);
    let is_ticked = move || key.with_value(|id| open.cell(id, field)) == "yes";
    let tick = move |event: web_sys::Event| {
        let answer = if event_target_checked(&event) { "yes" } else { "no" };
        key.with_value(|id| open.set(id, field, answer));
    };
    any! {
        <label class="option tick">
            <input type="checkbox" id=dom_id prop:checked=is_ticked on:change=tick/>
            <span>{label(kind, field)}</span>
        </label>
    }
}
