//! Plain types and pure transitions: what a participant has done, and what follows from it.

mod claims;
mod cohort;
mod file_stem;
mod problem;
mod progress;
mod stopwatch;

pub use claims::{ClaimLine, decoded};
pub use cohort::{COHORTS, Joined, cohort_prefix};
pub use file_stem::file_stem;
pub use problem::Problem;
pub use progress::{Change, Progress, Stage, Write};
pub use stopwatch::Stopwatch;

use scoring::instrument::{Instrument, Item, ItemKind, Rater, Wording};
use std::sync::Arc;

/// One survey on this device: an instrument's version, answered in a role, for a cohort or for
/// oneself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyKey {
    /// The slug of the cohort link it was opened by.
    pub cohort: Option<String>,
    /// Instrument id.
    pub instrument: String,
    /// Instrument version.
    pub version: String,
    /// The role.
    pub rater: Rater,
}

impl SurveyKey {
    /// The key of a survey.
    #[must_use]
    pub fn new(cohort: Option<&str>, instrument: &str, version: &str, rater: Rater) -> Self {
        SurveyKey {
            cohort: cohort.map(str::to_owned),
            instrument: instrument.to_owned(),
            version: version.to_owned(),
            rater,
        }
    }

    /// What the keys of its entries begin with, after the app's own prefix.
    #[must_use]
    pub fn prefix(&self) -> String {
        let own = format!("{}/{}/{}/", self.instrument, self.version, self.rater.code());
        self.cohort.as_ref().map_or_else(String::new, |slug| cohort_prefix(slug)) + &own
    }

    /// The survey an entry belongs to, and the rest of its key.
    #[must_use]
    pub fn of_entry(entry: &str) -> Option<(Self, &str)> {
        let (cohort, own) = match entry.strip_prefix(COHORTS).and_then(|e| e.split_once('/')) {
            Some((slug, own)) => (Some(slug), own),
            None => (None, entry),
        };
        let mut parts = own.splitn(4, '/');
        let (instrument, version, rater) = (parts.next()?, parts.next()?, parts.next()?);
        let key = SurveyKey::new(cohort, instrument, version, Rater::from_code(rater)?);
        Some((key, parts.next()?))
    }
}

/// A survey with everything needed to show it.
#[derive(Debug, Clone)]
pub struct Survey {
    /// Which one.
    pub key: SurveyKey,
    /// Structure.
    pub instrument: Arc<Instrument>,
    /// Texts.
    pub wording: Arc<Wording>,
}

/// One screen: the section it belongs to and its items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    /// Section id.
    pub section: String,
    /// Item ids.
    pub items: Vec<String>,
}

impl Survey {
    /// All screens in order.
    #[must_use]
    pub fn screens(&self) -> Vec<Screen> {
        let sections = self.instrument.definition().sections.iter();
        let screens = sections.flat_map(|section| {
            section
                .screens
                .iter()
                .map(|items| Screen { section: section.id.clone(), items: items.clone() })
        });
        screens.collect()
    }

    /// The screen that shows an item.
    #[must_use]
    pub fn screen_of(&self, item: &str) -> Option<usize> {
        self.screens().iter().position(|screen| screen.items.iter().any(|id| id == item))
    }

    /// Items that are shown now and not answered. Open texts are never asked for twice.
    pub fn unanswered<'a>(&'a self, progress: &'a Progress) -> impl Iterator<Item = &'a Item> {
        self.instrument.presented().filter(|item| {
            progress.sheet.shows(item)
                && !matches!(item.kind, ItemKind::Text { .. })
                && !progress.has_answered(&item.id)
        })
    }

    /// How many items are shown now, and how many of them are answered.
    #[must_use]
    pub fn counts(&self, progress: &Progress) -> (usize, usize) {
        let shown = self.instrument.presented().filter(|item| progress.sheet.shows(item));
        shown.fold((0, 0), |(n_shown, n_answered), item| {
            (n_shown + 1, n_answered + usize::from(progress.has_answered(&item.id)))
        })
    }
}
