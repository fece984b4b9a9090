//! Signs, in one result, of answers given without reading.

use super::VerifiedResult;
use crate::answers::Answer;
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
        let answers = instrument.by_item(&survey.sheet.answers);
        // What was asked has an answer, if only that it was skipped.
        let asked = instrument.presented_places().filter_map(|(place, item)| {
            let answer = answers.get(place).copied().flatten()?;
            matches!(item.kind, ItemKind::Rating { .. }).then_some(answer)
        });
        let code = |answer: &Answer| match answer {
            Answer::Code(code) => Some(*code),
            Answer::NotApplicable | Answer::Skipped => None,
        };
        let raw: Vec<Option<i64>> = asked.map(code).collect();
        // Time spent on other questions is in it, too: that can only take a flag away.
        let screens = &survey.timing.screens;
        let seconds = (!screens.is_empty()).then(|| (screens.iter().sum(), raw.len()));
        let value = |place: &usize| {
            let item = instrument.definition().items.get(*place)?;
            keyed(instrument, item, answers.get(*place).copied().flatten()?)
        };
        let scales = instrument.scale_items().iter().filter(|_| with_scales);
        let scales: Vec<Vec<Option<i64>>> =
            scales.map(|places| places.iter().map(value).collect()).collect();
        Careless::of(&raw, seconds.as_slice(), &scales)
    }
}
