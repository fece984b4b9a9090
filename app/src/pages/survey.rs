//! A survey: one handle that knows what was answered and offers verbs, and a page a step.

mod export;
mod report;
mod review;
mod screen;

use super::cohort::joined;
use super::intro::Failed;
use super::load::{LoadError, instrument, later};
use crate::app::Device;
use crate::live;
use crate::platform::{clock, dom, storage};
use crate::route::Step;
use crate::state::{Change, Progress, Stopwatch, Survey, SurveyKey};
use leptos::prelude::*;
use scoring::answers::{Answer, AnswerSheet};

/// A survey in progress, as pages and questions use it.
#[derive(Clone, Copy)]
pub struct Handle {
    survey: StoredValue<Survey>,
    progress: RwSignal<Progress>,
    watch: StoredValue<Stopwatch>,
    /// The item that a link of the review leads to.
    sought: StoredValue<Option<String>>,
    device: Device,
}

impl Handle {
    /// The survey's structure and texts.
    #[must_use]
    pub fn survey(self) -> Survey {
        self.survey.get_value()
    }

    /// What was done so far.
    #[must_use]
    pub fn progress(self) -> ReadSignal<Progress> {
        self.progress.read_only()
    }

    /// Chooses an option.
    pub fn answer(self, item: &str, answer: Option<Answer>) {
        self.change(Change::Answer { item: item.to_owned(), answer, at: clock::now() });
        self.sign_of_life();
    }

    /// Takes a choice back.
    pub fn clear(self, item: &str) {
        self.answer(item, None);
    }

    /// Writes a text.
    pub fn write(self, item: &str, text: &str) {
        self.change(Change::Text {
            item: item.to_owned(),
            text: text.to_owned(),
            at: clock::now(),
        });
        self.sign_of_life();
    }

    /// Puts items in rank order.
    pub fn rank(self, item: &str, picked: Vec<String>) {
        self.change(Change::Rank { item: item.to_owned(), picked, at: clock::now() });
        self.sign_of_life();
    }

    /// Looks at a screen; the time until now belongs to the one before.
    pub fn visit(self, screen: usize) {
        if self.progress.with_untracked(|progress| progress.screen) != screen {
            self.sign_of_life();
            self.change(Change::Visit { screen });
        } else {
            self.watch.update_value(|watch| {
                watch.mark(clock::now_ms());
            });
        }
    }

    /// Remembers the item that the next screen should lead to.
    pub fn seek(self, item: &str) {
        self.sought.set_value(Some(item.to_owned()));
    }

    /// The item that this screen should lead to, once.
    fn take_sought(self) -> Option<String> {
        self.sought.try_update_value(Option::take).flatten()
    }

    /// Finishes the survey.
    pub fn finish(self) {
        self.change(Change::Finish { at: clock::now() });
    }

    /// Keeps the signed file.
    pub fn keep_signed(self, file: &str) {
        self.change(Change::Sign { file: file.to_owned() });
    }

    /// The sheet as a file would state it: complete, with skipped items named.
    #[must_use]
    pub fn completed(self) -> AnswerSheet {
        self.progress.with(|progress| {
            self.survey.with_value(|survey| progress.sheet.completed(&survey.instrument))
        })
    }

    fn sign_of_life(self) {
        let spent = self.watch.try_update_value(|watch| watch.mark(clock::now_ms()));
        self.spend(spent.unwrap_or(0));
    }

    fn spend(self, ms: i64) {
        if ms > 0 {
            let screen = self.progress.with_untracked(|progress| progress.screen);
            self.change(Change::Spend { screen, ms });
        }
    }

    /// The one place where progress changes: in memory and, entry by entry, on the device.
    fn change(self, change: Change) {
        let prefix = format!("{}{}", storage::PREFIX, self.survey.with_value(|s| s.key.prefix()));
        let writes =
            self.progress.try_update(|progress| progress.apply(change)).unwrap_or_default();
        for (key, value) in writes {
            self.device.write(&format!("{prefix}{key}"), value.as_ref());
        }
    }

    fn reload(self) {
        let key = self.survey.with_value(|survey| survey.key.clone());
        let kept = read(&key);
        if self.progress.with_untracked(|progress| *progress != kept) {
            self.progress.set(kept);
        }
    }
}

fn read(key: &SurveyKey) -> Progress {
    let entries = storage::entries(&format!("{}{}", storage::PREFIX, key.prefix()));
    Progress::from_entries(key.rater, &entries)
}

/// A survey with its current step.
#[component]
pub fn SurveyPage(key: SurveyKey, step: Memo<Step>) -> impl IntoView {
    let loaded = later(async move {
        let (instrument, wording) = instrument(&key.instrument, &key.version).await?;
        if !instrument.definition().raters.contains(&key.rater) {
            return Err(LoadError::Unknown);
        }
        if let Some(slug) = &key.cohort {
            let joined = joined(slug).ok_or(LoadError::Unknown)?;
            let claims = joined.link.claims();
            if !claims.asks_for(&key.instrument, &key.version, &instrument.sha256_hex()) {
                return Err(LoadError::Differs);
            }
        }
        Ok(Survey { key, instrument, wording })
    });
    any! {
        {live(move || loaded.get().map(|loaded| match loaded {
            Ok(survey) => any! { <Steps survey step/> },
            Err(error) => any! { <Failed error/> },
        }))}
    }
}

#[component]
fn Steps(survey: Survey, step: Memo<Step>) -> impl IntoView {
    let device = expect_context::<Device>();
    let handle = Handle {
        progress: RwSignal::new(read(&survey.key)),
        survey: StoredValue::new(survey),
        watch: StoredValue::new(Stopwatch::started(clock::now_ms())),
        sought: StoredValue::new(None),
        device,
    };
    // Another tab wrote: show what is kept now.
    Effect::new(move || {
        device.changed_elsewhere.track();
        handle.reload();
    });
    dom::on_visibility_change(move |visible| {
        if let Some(spent) = handle.watch.try_update_value(|w| w.visible(clock::now_ms(), visible))
        {
            handle.spend(spent);
        }
    });
    live(move || match step.get() {
        Step::Screen(screen) => any! { <screen::ScreenPage handle screen/> },
        Step::Review => any! { <review::Review handle/> },
        Step::Report => any! { <report::ReportPage handle/> },
        Step::Export => any! { <export::Export handle/> },
    })
}
