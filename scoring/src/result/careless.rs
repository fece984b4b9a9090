//! Signs, in one result, of answers given without reading.

use super::VerifiedResult;
use crate::answers::Answer;
use crate::instrument::ItemKind;
use crate::score::keyed;
use crate::stats::{Careless, Flag, Thresholds, has_plain_flag, is_suspect};

impl VerifiedResult {
    /// The flags of published thresholds. A flag removes nothing.
    #[must_use]
    pub fn flags(&self) -> Vec<Flag> {
        self.careless().flags(&Thresholds::PUBLISHED)
    }

    /// Whether two independent signs come together.
    #[must_use]
    pub fn is_suspect(&self) -> bool {
        // Whether scales contradict themselves takes longest to tell, and alone it is one sign at most.
        let raw = self.raw();
        let seconds = self.seconds(raw.len());
        has_plain_flag(&raw, seconds.as_slice(), &Thresholds::PUBLISHED)
            && is_suspect(&self.flags())
    }

    fn careless(&self) -> Careless {
        let raw = self.raw();
        let value = |place: &usize| keyed(self.instrument(), *place, self.placed());
        let scales = self.instrument().scale_items().iter();
        let scales: Vec<Vec<Option<i64>>> =
            scales.map(|places| places.iter().map(value).collect()).collect();
        Careless::of(&raw, self.seconds(raw.len()).as_slice(), &scales)
    }

    /// Codes of the rating items in the order of presentation.
    fn raw(&self) -> Vec<Option<i64>> {
        // What was asked has an answer, if only that it was skipped.
        let asked = self.instrument().presented_places().filter_map(|(place, item)| {
            let answer = self.placed().get(place).copied().flatten()?;
            matches!(item.kind, ItemKind::Rating { .. }).then_some(answer)
        });
        let code = |answer| match answer {
            Answer::Code(code) => Some(code),
            Answer::NotApplicable | Answer::Skipped => None,
        };
        asked.map(code).collect()
    }

    /// How long so many items took. Time spent on other questions is in it, too: that can only take a flag away.
    fn seconds(&self, n_items: usize) -> Option<(i64, usize)> {
        let screens = &self.claims().survey.timing.screens;
        (!screens.is_empty()).then(|| (screens.iter().sum(), n_items))
    }
}
