//! What is still unanswered, before finishing.

use super::Handle;
use crate::catalogue::{fill, plural, text};
use crate::components::Page;
use crate::live;
use crate::platform::dom;
use crate::route::{Route, Step};
use leptos::prelude::*;

/// The review.
#[component]
pub fn Review(handle: Handle) -> impl IntoView {
    let survey = handle.survey();
    let key = survey.key.clone();
    let last = survey.screens().len().saturating_sub(1);
    let back = Route::Survey(key.clone(), Step::Screen(last)).href();
    let report = Route::Survey(key.clone(), Step::Report).href();
    let finish = move |_| {
        handle.finish();
        dom::go(&report);
    };
    let content = {
        let survey = survey.clone();
        move || {
            handle.progress().with(|progress| {
                let (n_shown, n_answered) = survey.counts(progress);
                let links = survey
                    .unanswered(progress)
                    .map(|item| {
                        let screen = survey.screen_of(&item.id).unwrap_or_default();
                        let href = Route::Survey(key.clone(), Step::Screen(screen)).href();
                        let (id, label) =
                            (item.id.clone(), survey.wording.item(&item.id, key.rater).to_owned());
                        any! {
                            <li>
                                <a
                                    href=href
                                    data-unanswered=id.clone()
                                    on:click=move |_| handle.seek(&id)
                                >{label}</a>
                            </li>
                        }
                    })
                    .collect::<Vec<_>>();
                let count = fill(
                    "review.count",
                    &[("n", &n_answered.to_string()), ("of", &n_shown.to_string())],
                );
                let unanswered = if links.is_empty() {
                    any! { <p>{text("review.complete")}</p> }
                } else {
                    any! {
                        <h2>{plural("review.unanswered", links.len(), &[])}</h2>
                        <p>{text("review.unanswered.text")}</p>
                        <ul class="link-list">{links}</ul>
                    }
                };
                any! { <p class="lead">{count}</p> {unanswered} }
            })
        }
    };
    any! {
        <Page name="review" title=text("review.title") eyebrow=survey.wording.text("short_title").to_owned()>
            {live(content)}
            <p class="notice calm">{text("review.next")}</p>
            <div class="actions">
                <a class="button secondary" data-action="back" href=back>{text("answer.back")}</a>
                <button type="button" class="button" data-action="finish" on:click=finish>{text("review.finish")}</button>
            </div>
        </Page>
    }
}
