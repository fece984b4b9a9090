//! One screen of items.

use super::Handle;
use crate::catalogue::{fill, plural, text};
use crate::components::{Page, Question};
use crate::live;
use crate::platform::{dom, journal};
use crate::route::{Route, Step};
use leptos::prelude::*;
use scoring::instrument::ItemKind;

/// A screen of questions with where one is and where one can go.
#[component]
pub fn ScreenPage(handle: Handle, screen: usize) -> impl IntoView {
    let survey = handle.survey();
    let screens = survey.screens();
    let n_screens = screens.len();
    let key = survey.key.clone();
    let Some(current) = screens.get(screen).cloned() else {
        // A screen beyond the last: everything asked is in the review.
        dom::go(&Route::Survey(key, Step::Review).href());
        return ().into_any();
    };
    handle.visit(screen);
    let wording = &survey.wording;
    let title = wording.text(&format!("sections.{}.title", current.section)).to_owned();
    let intro = wording.text(&format!("sections.{}.intro", current.section)).to_owned();
    let instruction = wording.text(&format!("raters.{}.instruction", key.rater.code())).to_owned();

    let at = |step| Route::Survey(key.clone(), step).href();
    let next = at(if screen + 1 < n_screens { Step::Screen(screen + 1) } else { Step::Review });
    let back = match screen.checked_sub(1) {
        Some(previous) => at(Step::Screen(previous)),
        None => Route::before(&key).href(),
    };
    let items = StoredValue::new(current.items.clone());
    let missing = Memo::new(move |_| {
        let survey = handle.survey();
        handle.progress().with(|progress| {
            let shown = survey
                .unanswered(progress)
                .filter(|item| !matches!(item.kind, ItemKind::Text { .. }));
            let here = shown.filter(|item| items.with_value(|items| items.contains(&item.id)));
            here.map(|item| item.id.clone()).collect::<Vec<_>>()
        })
    });
    // Asked once, softly; going on a second time means skipping.
    let prompted = RwSignal::new(false);
    let prompt = Memo::new(move |_| prompted.get() && !missing.with(Vec::is_empty));
    let go_next = move |_| {
        if missing.with_untracked(Vec::is_empty) || prompted.get_untracked() {
            dom::go(&next);
        } else {
            prompted.set(true);
            dom::after_render(|| dom::focus("[data-prompt] button"));
        }
    };
    let (device, saved) = (handle.device, journal::saved());
    let is_saved = move || saved.get() && device.trouble.get().is_none();
    let counts = move || handle.progress().with(|progress| handle.survey().counts(progress));
    let questions =
        current.items.into_iter().map(|item| any! { <Question handle item/> }).collect_view();
    let eyebrow = fill(
        "answer.screen",
        &[
            ("title", wording.text("short_title")),
            ("n", &(screen + 1).to_string()),
            ("of", &n_screens.to_string()),
        ],
    );
    any! {
        <Page name="answer" title=title eyebrow=eyebrow seek=handle.take_sought()>
            <div class="progress-line">
                <progress
                    aria-label=text("answer.progress")
                    max=move || counts().0.to_string()
                    value=move || counts().1.to_string()
                ></progress>
                <p>{live(move || {
                    let (shown, answered) = counts();
                    fill("answer.count", &[("n", &answered.to_string()), ("of", &shown.to_string())])
                })}</p>
            </div>
            <p class="lead">{intro}</p>
            <details class="how" prop:open={screen == 0}>
                    <summary>{text("answer.how")}</summary>
                    <p>{instruction}</p>
                </details>
            <form on:submit=move |event| event.prevent_default()>
                {questions}
                <div role="status">
                    {live(move || prompt.get().then(|| any! {
                        <div class="notice calm" data-prompt="">
                            <p>{live(move || plural("answer.missing", missing.with(Vec::len), &[]))}</p>
                            <button
                                type="button"
                                class="secondary"
                                on:click=move |_| {
                                    if let Some(first) = missing.with_untracked(|items| items.first().cloned()) {
                                        dom::focus_item(&first);
                                    }
                                }
                            >{text("answer.show_missing")}</button>
                        </div>
                    }))}
                </div>
                <div class="actions">
                    <a class="button secondary" data-action="back" href=back>{text("answer.back")}</a>
                    <button type="button" class="button" data-action="next" on:click=go_next>
                        {live(move || if prompt.get() {
                            text("answer.skip")
                        } else if screen + 1 == n_screens {
                            text("answer.to_review")
                        } else {
                            text("answer.next")
                        })}
                    </button>
                </div>
                <p class="saved" data-saved=move || is_saved().to_string()>
                    {live(move || text(match (device.trouble.get(), saved.get()) {
                        (Some(_), _) => "answer.in_memory",
                        (None, true) => "answer.saved",
                        (None, false) => "answer.saving",
                    }))}
                </p>
            </form>
        </Page>
    }
}
