//! One item as a labelled group of its own, never a row of a grid.

use crate::catalogue::{fill, plural, text};
use crate::live;
use crate::pages::survey::Handle;
use leptos::prelude::*;
use scoring::answers::Answer;
use scoring::instrument::{Item, ItemKind};

/// An item with its answer controls.
#[component]
pub fn Question(
    /// The survey.
    handle: Handle,
    /// The item's id.
    item: String,
) -> impl IntoView {
    let survey = handle.survey();
    let Some(found) = survey.instrument.item(&item).cloned() else {
        return ().into_any();
    };
    let shown = {
        let item = found.clone();
        Memo::new(move |_| handle.progress().with(|progress| progress.sheet.shows(&item)))
    };
    any! {
        {live(move || shown.get().then(|| any! { <QuestionBody handle item=found.clone()/> }))}
    }
}

#[component]
fn QuestionBody(handle: Handle, item: Item) -> impl IntoView {
    let survey = handle.survey();
    let wording = &survey.wording;
    let label = wording.item(&item.id, survey.key.rater).to_owned();
    let hint = wording.find(&format!("hints.{}", item.id)).map(str::to_owned);
    match item.kind {
        ItemKind::Rating { response, .. } => {
            any! { <Options handle item=item.id label hint response rating=true/> }
        }
        ItemKind::Choice { response, .. } => {
            any! { <Options handle item=item.id label hint response rating=false/> }
        }
        ItemKind::Text { max_chars } => {
            any! { <OpenText handle item=item.id label hint max_chars/> }
        }
        ItemKind::Ranking { candidates, pick } => {
            any! { <Ranking handle item=item.id label hint candidates pick/> }
        }
    }
}

#[component]
fn Options(
    handle: Handle,
    item: String,
    label: String,
    hint: Option<String>,
    response: String,
    rating: bool,
) -> impl IntoView {
    let survey = handle.survey();
    let Some(format) = survey.instrument.definition().responses.get(&response).cloned() else {
        return ().into_any();
    };
    let answer = {
        let item = item.clone();
        Memo::new(move |_| {
            handle.progress().with(|progress| progress.sheet.answers.get(&item).copied())
        })
    };
    let option = |choice: Answer, class: &'static str| {
        let (code, label) = match choice {
            Answer::Code(code) => (code.to_string(), survey.wording.option(&response, Some(code))),
            _ => ("na".to_owned(), survey.wording.option(&response, None)),
        };
        let (label, target) = (label.to_owned(), item.clone());
        any! {
            <label class=class>
                <input
                    type="radio"
                    name=item.clone()
                    value=code
                    prop:checked=move || answer.get() == Some(choice)
                    on:change=move |_| handle.answer(&target, Some(choice))
                />
                <span>{label}</span>
            </label>
        }
    };
    let options: Vec<_> =
        format.codes().into_iter().map(|code| option(Answer::Code(code), "option")).collect();
    let apart = format.not_applicable().then(|| option(Answer::NotApplicable, "option apart"));
    let hint_id = format!("hint-{item}");
    let described = hint.is_some().then(|| hint_id.clone());
    let answered = Memo::new(move |_| answer.get().is_some());
    let clear = {
        let item = item.clone();
        move || {
            let (item, clear) = (item.clone(), item.clone());
            any! {
                <button
                    type="button"
                    class="quiet clear"
                    data-action="clear"
                    data-item=item
                    on:click=move |_| handle.clear(&clear)
                >{text("answer.clear")}</button>
            }
        }
    };
    any! {
        <fieldset
            id=format!("item-{item}")
            class="question"
            class:answered=move || answered.get()
            aria-describedby=described
        >
            <legend>{label}</legend>
            {hint.map(|hint| any! { <p class="hint" id=hint_id>{hint}</p> })}
            <div class="options" class:rating=rating>{options}{apart}</div>
            {live(move || answered.get().then(&clear))}
        </fieldset>
    }
}

#[component]
fn OpenText(
    handle: Handle,
    item: String,
    label: String,
    hint: Option<String>,
    max_chars: usize,
) -> impl IntoView {
    let initial =
        handle.progress().with_untracked(|p| p.sheet.texts.get(&item).cloned()).unwrap_or_default();
    let length = RwSignal::new(initial.chars().count());
    let target = item.clone();
    let left = move || max_chars.saturating_sub(length.get());
    let (field, hint_id, count_id) =
        (format!("text-{item}"), format!("hint-{item}"), format!("count-{item}"));
    let described = match &hint {
        Some(_) => format!("{hint_id} {count_id}"),
        None => count_id.clone(),
    };
    any! {
        <div id=format!("item-{item}") class="question">
            <label class="legend" for=field.clone()>{label}</label>
            {hint.map(|hint| any! { <p class="hint" id=hint_id>{hint}</p> })}
            <textarea
                id=field
                name=item.clone()
                rows="5"
                aria-describedby=described
                prop:value=initial
                on:input=move |event| {
                    // Counted in characters as people see them; the element's own limit counts
                    // UTF-16 units.
                    let typed = event_target_value(&event);
                    let kept: String = typed.chars().take(max_chars).collect();
                    length.set(kept.chars().count());
                    handle.write(&target, &kept);
                }
            ></textarea>
            <p class="hint count" id=count_id>{live(move || plural("answer.characters_left", left(), &[]))}</p>
        </div>
    }
}

#[component]
fn Ranking(
    handle: Handle,
    item: String,
    label: String,
    hint: Option<String>,
    candidates: Vec<String>,
    pick: usize,
) -> impl IntoView {
    let survey = handle.survey();
    let rater = survey.key.rater;
    let picked = {
        let item = item.clone();
        Memo::new(move |_| {
            handle.progress().with(|p| p.sheet.rankings.get(&item).cloned().unwrap_or_default())
        })
    };
    let rank = StoredValue::new(item.clone());
    let set = move |list: Vec<String>| rank.with_value(|item| handle.rank(item, list));
    let name = {
        let survey = survey.clone();
        move |id: &str| survey.wording.item(id, rater).to_owned()
    };
    let names = StoredValue::new(name);
    let say = move |id: &str| names.with_value(|name| name(id));
    // Moves a picked item by one place; out of range does nothing.
    let shift = move |from: usize, to: usize| {
        let mut list = picked.get_untracked();
        if from < list.len() && to < list.len() {
            list.swap(from, to);
            set(list);
        }
    };
    let chosen = move || {
        let list = picked.get();
        let last = list.len().saturating_sub(1);
        list.into_iter()
            .enumerate()
            .map(|(idx, id)| {
                let label = say(&id);
                let up = fill("rank.up", &[("item", &label)]);
                let down = fill("rank.down", &[("item", &label)]);
                any! {
                    <li>
                        <span class="rank" aria-hidden="true">{idx + 1}</span>
                        <span class="rank-text">{label}</span>
                        <span class="rank-moves">
                            <button type="button" class="quiet icon" aria-label=up disabled={idx == 0}
                                on:click=move |_| shift(idx, idx.wrapping_sub(1))>"↑"</button>
                            <button type="button" class="quiet icon" aria-label=down disabled={idx == last}
                                on:click=move |_| shift(idx, idx + 1)>"↓"</button>
                        </span>
                    </li>
                }
            })
            .collect_view()
    };
    let choices = candidates
        .into_iter()
        .map(|id| {
            let label = say(&id);
            let place = {
                let id = id.clone();
                Memo::new(move |_| picked.get().iter().position(|other| *other == id))
            };
            let full = move || place.get().is_none() && picked.get().len() >= pick;
            let toggled = id.clone();
            any! {
                <button
                    type="button"
                    class="pick"
                    data-action="pick"
                    data-item=id
                    aria-pressed=move || place.get().is_some().to_string()
                    aria-disabled=move || full().then_some("true")
                    on:click=move |_| {
                        let mut list = picked.get_untracked();
                        match place.get_untracked() {
                            Some(idx) => {
                                list.remove(idx);
                            }
                            None if list.len() < pick => list.push(toggled.clone()),
                            None => return,
                        }
                        set(list);
                    }
                >
                    <span class="pick-place" aria-hidden="true">
                        {live(move || place.get().map(|idx| (idx + 1).to_string()))}
                    </span>
                    <span>{label}</span>
                </button>
            }
        })
        .collect_view();
    let any_picked = Memo::new(move |_| !picked.get().is_empty());
    let legend = format!("legend-{item}");
    any! {
        <div id=format!("item-{item}") class="question ranking" role="group" aria-labelledby=legend.clone()>
            <p class="legend" id=legend.clone()>{label}</p>
            {hint.map(|hint| any! { <p class="hint">{hint}</p> })}
            <p class="hint" role="status">
                {live(move || fill("rank.count", &[
                    ("n", &picked.get().len().to_string()),
                    ("of", &pick.to_string()),
                ]))}
            </p>
            {live(move || any_picked.get().then(|| any! { <ol class="ranked">{live(chosen)}</ol> }))}
            <div class="picks">{choices}</div>
        </div>
    }
}
