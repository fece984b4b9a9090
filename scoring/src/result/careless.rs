//! Signs, in one result, of answers given without reading.

use super::VerifiedResult;
use crate::instrument::ItemKind;
use crate::score::keyed;
use crate::stats::{Careless, Flag, Thresholds, is_suspect};

impl VerifiedResult {
    /// The flags of published thresholds. A flag removes nothing.
    #[must_use]
    pub fn flags(&self) -> Vec<Flag> {
        self.careless(true).flags(&Thresholds::PUBLISHED)
    }

    /// Whether two independent signs come together.
    #[must_use]
    pub fn is_suspect(&self) -> bool {
        // Whether scales contradict themselves takes longest to tell, and alone it is one sign at most.
        let quick = self.careless(false).flags(&Thresholds::PUBLISHED);
        !quick.is_empty() && is_suspect(&self.flags())
    }

    fn careless(&self, with_scales: bool) -> Careless {
        let (instrument, survey) = (self.instrument(), &self.claims().survey);
        let sheet = &survey.sheet;
        let ratings = instrument
            .presented()
            .filter(|item| matches!(item.kind, ItemKind::Rating { .. }) && sheet.shows(item));
        let raw: Vec<Option<i64>> = ratings.map(|item| sheet.code(&item.id)).collect();
        // Time spent on other questions is in it, too: that can only take a flag away.
        let screens = &survey.timing.screens;
        let seconds = (!screens.is_empty()).then(|| (screens.iter().sum(), raw.len()));
        let scales = instrument.definition().scales.iter().filter(|_| with_scales);
        let scales: Vec<Vec<Option<i64>>> = scales
            .map(|scale| scale.items.iter().map(|item| keyed(instrument, sheet, item)).collect())
            .collect();
        Careless::of(&raw, seconds.as_slice(), &scales)
    }
}
