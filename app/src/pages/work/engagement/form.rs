//! The fields of one entry. Whatever fits is kept as soon as a field or the page is left, or somebody stops typing.

use super::{Found, Sheet, put, read, seen, word};
use crate::catalogue::{find, text};
use crate::components::Failure;
use crate::live;
use crate::pages::work::PAUSE;
use crate::platform::dom;
use leptos::prelude::*;
use scoring::plan::engagement::{Content, Engagement, Field, Key, Kind, Takes};
use std::collections::BTreeSet;

/// What stands in a field of a new entry at first.
pub type Given = (&'static str, String);

/// What is written into a field, as it is typed.
type Typed = (&'static Field, RwSignal<String>);

/// What a form writes into, and what stands in its fields.
#[derive(Clone)]
pub struct Draft {
    sheet: Sheet<Engagement>,
    key: Key,
    fields: Vec<Typed>,
    /// The versions that the fields rest on: a change elsewhere is not among them, and stays beside.
    seen: StoredValue<BTreeSet<String>>,
    wrong: RwSignal<Option<(&'static str, &'static str)>>,
    refused: RwSignal<Option<&'static str>>,
    /// The field into which something was typed since it was last tried to keep it.
    behind: StoredValue<Option<&'static str>>,
}

impl Draft {
    /// The fields of an entry as it stands, or for a new one as they are given.
    fn of(
        sheet: Sheet<Engagement>,
        key: &Key,
        given: &[Given],
        seen: StoredValue<BTreeSet<String>>,
    ) -> Self {
        seen.set_value(super::seen(sheet, key));
        let content = sheet.found().with_untracked(|found| match found {
            Found::Here(record) => record.shown(key).cloned(),
            Found::Missing | Found::Broken { .. } => None,
        });
        let begin = |field: &Field| match &content {
            Some(content) => content.text(field.code),
            None => {
                let given = given.iter().find(|(code, _)| *code == field.code);
                given.map(|(_, text)| text.clone()).unwrap_or_default()
            }
        };
        let fields = key.kind.fields().iter().map(|field| (field, RwSignal::new(begin(field))));
        Draft {
            sheet,
            key: key.clone(),
            fields: fields.collect(),
            seen,
            wrong: RwSignal::new(None),
            refused: RwSignal::new(None),
            behind: StoredValue::new(None),
        }
    }

    /// The field with this code.
    pub fn field(&self, code: &str) -> Option<RwSignal<String>> {
        self.fields.iter().find(|(field, _)| field.code == code).map(|(_, typed)| *typed)
    }

    fn said(&self, code: &str) -> String {
        self.field(code).map(|typed| typed.get_untracked()).unwrap_or_default()
    }

    /// Keeps what is written, if it fits; says so. Nothing is written any more where the form is gone: Chromium says of
    /// a field that it has changed even while it is taken off the page.
    pub fn save(&self) -> bool {
        if self.behind.try_set_value(None).is_some() {
            return false;
        }
        self.refused.set(None);
        let content = match Content::read(self.key.kind, |code| self.said(code)) {
            Ok(content) => content,
            Err((field, unfit)) => {
                self.wrong.set(Some((field.code, unfit.code())));
                return false;
            }
        };
        self.wrong.set(None);
        let stands = self.sheet.found().with_untracked(|found| match found {
            Found::Here(record) => record.shown(&self.key) == Some(&content),
            Found::Missing | Found::Broken { .. } => false,
        });
        if stands {
            return true;
        }
        match put(self.sheet, self.key.clone(), Some(content), self.seen.get_value()) {
            Ok(version) => {
                self.seen.set_value(BTreeSet::from([version]));
                true
            }
            Err(code) => {
                self.refused.set(Some(code));
                false
            }
        }
    }

    fn dom_id(&self, tag: &str, code: &str) -> String {
        format!("{}-{tag}-{code}", self.key.kind.code())
    }
}

/// The form of one entry.
#[component]
pub fn EntryForm(
    draft: Draft,
    /// The part of the fields' ids that tells this entry from others.
    #[prop(into)]
    tag: String,
    /// Fields that are not typed.
    #[prop(optional)]
    hidden: &'static [&'static str],
    /// What a single field is called, instead of its own name.
    #[prop(optional, into)]
    label: Option<String>,
    /// A line below that name.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What follows when everything is kept and the form may close; a form without stays open.
    #[prop(optional)]
    done: Option<Callback<()>>,
    /// What follows when the form may close, whether or not it is filled in.
    #[prop(optional)]
    close: Option<Callback<()>>,
    /// What stands on the button that closes it.
    #[prop(default = "work.engagement.edit.done")]
    done_label: &'static str,
) -> impl IntoView {
    let tried = RwSignal::new(false);
    let (label, hint) =
        (label.filter(|text| !text.is_empty()), hint.filter(|text| !text.is_empty()));
    let fields: Vec<AnyView> = draft
        .fields
        .iter()
        .filter(|(field, _)| !hidden.contains(&field.code))
        .map(|(field, typed)| {
            let own = word(&format!("field.{}.{}", draft.key.kind.code(), field.code));
            let own_hint = find(&format!(
                "work.engagement.field.{}.{}.hint",
                draft.key.kind.code(),
                field.code
            ));
            let label = label.clone().unwrap_or(own);
            let hint = hint.clone().or(own_hint.map(str::to_owned)).unwrap_or_default();
            let id = draft.dom_id(&tag, field.code);
            any! { <FieldView draft=draft.clone() field typed=*typed id label hint tried/> }
        })
        .collect();
    let first_wrong = {
        let (draft, tag) = (draft.clone(), tag.clone());
        move || {
            let wrong = draft.wrong.get_untracked();
            wrong.map(|(code, _)| format!("#{}", draft.dom_id(&tag, code)))
        }
    };
    let (wrong, refused) = (draft.wrong, draft.refused);
    let leaving = draft.clone();
    dom::on_leaving(move || {
        if leaving.behind.get_value().is_some() {
            leaving.save();
        }
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if draft.save() {
            if let Some(done) = done {
                done.run(());
            }
            return;
        }
        tried.set(true);
        if let Some(selector) = first_wrong() {
            dom::after_render(move || dom::focus(&selector));
        }
    };
    any! {
        <form class="entry-form" novalidate on:submit=submit>
            {fields}
            <div role="status">
                {live(move || refused.get().map(|code| any! { <Failure code/> }))}
                {live(move || wrong.get().is_some().then(|| any! { <p class="hint unsaved">{text("work.engagement.unsaved")}</p> }))}
            </div>
            {done.map(|_| any! {
                <div class="actions">
                    <button class="button secondary" data-action="done">{text(done_label)}</button>
                    {close.map(|close| any! {
                        <button type="button" class="quiet" data-action="close" on:click=move |_| close.run(())>{text("work.engagement.edit.close")}</button>
                    })}
                </div>
            })}
        </form>
    }
}

/// One field. What is missing is only said once somebody wants to be done.
#[component]
fn FieldView(
    draft: Draft,
    field: &'static Field,
    typed: RwSignal<String>,
    id: String,
    label: String,
    hint: String,
    tried: RwSignal<bool>,
) -> impl IntoView {
    let wrong = draft.wrong;
    let fault = Memo::new(move |_| {
        let (code, unfit) = wrong.get().filter(|(code, _)| *code == field.code)?;
        (code == field.code && (unfit != "missing" || tried.get())).then_some(unfit)
    });
    let invalid = move || fault.get().map(|_| "true");
    let described = format!("{id}-hint {id}-error");
    let kind = draft.key.kind;
    let save = {
        let draft = draft.clone();
        move || {
            draft.save();
        }
    };
    // Half a number is none, so numbers and days wait until their field or the page is left, and a pause that began in
    // another field keeps nothing.
    let waits = matches!(field.takes, Takes::Number | Takes::Day);
    let behind = draft.behind;
    let mut pause = debounce(PAUSE, move |()| {
        if !waits && behind.try_get_value().flatten() == Some(field.code) {
            draft.save();
        }
    });
    let input = move |event: web_sys::Event| {
        typed.set(event_target_value(&event));
        behind.set_value(Some(field.code));
        pause(());
    };
    let control = match field.takes {
        Takes::Choice(codes) => {
            let option = |code: &'static str| {
                let name = word(&format!("choice.{}.{}.{code}", kind.code(), field.code));
                any! { <option value=code selected=move || typed.get() == code>{name}</option> }
            };
            any! {
                <select id=id.clone() aria-describedby=described aria-invalid=invalid
                    on:change=move |event| { typed.set(event_target_value(&event)); save(); }>
                    <option value="" selected=move || typed.get().is_empty()>{text("work.engagement.choose")}</option>
                    {codes.iter().copied().map(option).collect_view()}
                </select>
            }
        }
        Takes::Text(_) => any! {
            <textarea id=id.clone() rows="3" aria-describedby=described aria-invalid=invalid
                prop:value=move || typed.get() on:input=input on:change=move |_| save()></textarea>
        },
        Takes::Line(_) | Takes::Reference | Takes::Day | Takes::Number => {
            let is_number = field.takes == Takes::Number;
            let of_type = if field.takes == Takes::Day { "date" } else { "text" };
            any! {
                <input id=id.clone() type=of_type autocomplete="off" inputmode=is_number.then_some("decimal")
                    aria-describedby=described aria-invalid=invalid
                    prop:value=move || typed.get() on:input=input on:change=move |_| save()/>
            }
        }
    };
    any! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <p class="hint" id=format!("{id}-hint")>{hint}</p>
            {control}
            <p class="field-error" id=format!("{id}-error") role="alert">
                {live(move || fault.get().map(|unfit| word(&format!("unfit.{unfit}"))))}
            </p>
        </div>
    }
}

/// What shows the draft of an entry. It is made anew when somebody else changes the entry or a change is taken back;
/// what the form itself wrote is no reason to make it anew under somebody's hands.
pub fn drafted(
    sheet: Sheet<Engagement>,
    key: Key,
    given: Vec<Given>,
    show: impl Fn(Draft) -> AnyView + Send + 'static,
) -> AnyView {
    // Outlives the drafts: the last one keeps what waits in it while the next one is made.
    let seen = StoredValue::new(BTreeSet::new());
    let ids = read(sheet, {
        let key = key.clone();
        move |record| record.versions(&key).map(|versions| versions.ids()).unwrap_or_default()
    });
    // Counted: what a change is taken back to can be what the draft began with.
    let round = Memo::new(move |round: Option<&u32>| {
        let now = ids();
        let is_seen = seen.with_value(|seen| *seen == now);
        round.map_or(0, |round| if is_seen { *round } else { round.wrapping_add(1) })
    });
    live(move || {
        // A memo follows nothing before it is read.
        round.get();
        show(Draft::of(sheet, &key, &given, seen))
    })
}

/// An entry of which there is one: its form stands open.
#[component]
pub fn Single(
    sheet: Sheet<Engagement>,
    key: Key,
    #[prop(optional, into)] label: Option<String>,
    #[prop(optional, into)] hint: Option<String>,
) -> impl IntoView {
    let (tag, label, hint) = (key.id.clone(), label.unwrap_or_default(), hint.unwrap_or_default());
    drafted(sheet, key, Vec::new(), move |draft| {
        any! { <EntryForm draft tag=tag.clone() label=label.clone() hint=hint.clone()/> }
    })
}

/// Something that is done or not.
#[component]
pub fn CheckBox(sheet: Sheet<Engagement>, id: &'static str) -> impl IntoView {
    let key = Key::new(Kind::Check, id);
    let is_done = {
        let key = key.clone();
        let done = read(sheet, move |record| {
            record.shown(&key).is_some_and(|check| check.says("done", "yes"))
        });
        Signal::derive(done)
    };
    let tick = move |event: web_sys::Event| {
        let answer = if event_target_checked(&event) { "yes" } else { "no" };
        let content = Content::read(Kind::Check, |_| answer.to_owned()).ok();
        // The box follows what is kept; nothing stands against a tick.
        let _ = put(sheet, key.clone(), content, seen(sheet, &key));
    };
    any! {
        <label class="option tick">
            <input type="checkbox" id=format!("check-{id}") prop:checked=move || is_done.get() on:change=tick/>
            <span>{word(&format!("check.{id}"))}</span>
        </label>
    }
}
