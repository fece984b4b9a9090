//! One respondent's answers to one instrument.
//!
//! Four states are kept apart: an option was chosen, "don't know / not applicable" was chosen, the
//! item was shown but skipped, or it was not shown at all (then it is absent).

use crate::instrument::{Condition, Instrument, Item, ItemKind, Rater, Response};
use crate::score::Truth;
use litemap::LiteMap;

/// The answer to an item that was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The code of the chosen option.
    Code(i64),
    /// "Don't know", "Not observed" or "Not applicable".
    NotApplicable,
    /// Shown and left unanswered.
    Skipped,
}

/// Everything one respondent gave, by item id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerSheet {
    /// Who answered.
    pub rater: Rater,
    /// Rating and choice items that were shown.
    pub answers: LiteMap<String, Answer>,
    /// Ranking items that were shown: picked items, most important first.
    pub rankings: LiteMap<String, Vec<String>>,
    /// Texts that were written.
    pub texts: LiteMap<String, String>,
}

/// Why a sheet cannot belong to an instrument.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetFault {
    /// The instrument is not answered by this rater.
    #[error("this instrument is not answered by \"{0}\"")]
    Rater(&'static str),
    /// The instrument has no such item, or it takes another kind of answer.
    #[error("the instrument has no such question \"{0}\"")]
    UnknownItem(String),
    /// The item does not offer this option.
    #[error("question \"{0}\" does not offer that option")]
    UnknownOption(String),
    /// An item was answered although earlier answers hide it.
    #[error("question \"{0}\" is answered but was not asked")]
    NotShown(String),
    /// An item that is always shown is absent.
    #[error("question \"{0}\" is missing")]
    Missing(String),
    /// A text is empty or longer than allowed.
    #[error("the text of \"{0}\" is empty or too long")]
    TextLength(String),
    /// A ranking names an item twice, too many, or one that is not a candidate.
    #[error("the ranking \"{0}\" is not possible")]
    Ranking(String),
}

impl AnswerSheet {
    /// A sheet without any answer.
    #[must_use]
    pub fn new(rater: Rater) -> Self {
        AnswerSheet {
            rater,
            answers: LiteMap::new(),
            rankings: LiteMap::new(),
            texts: LiteMap::new(),
        }
    }

    /// The code chosen for an item, if one was.
    #[must_use]
    pub fn code(&self, item: &str) -> Option<i64> {
        match self.answers.get(item) {
            Some(Answer::Code(code)) => Some(*code),
            _ => None,
        }
    }

    /// Whether an item is shown, given the answers so far.
    #[must_use]
    pub fn shows(&self, item: &Item) -> bool {
        item.shown_when.as_ref().is_none_or(|condition| self.truth(condition) == Truth::True)
    }

    /// Truth of a condition over answers alone; one over scores is unknown here.
    pub(crate) fn truth(&self, condition: &Condition) -> Truth {
        match condition {
            Condition::Always(always) => Truth::from(*always),
            Condition::All(parts) => Truth::all(parts.iter().map(|part| self.truth(part))),
            Condition::Any(parts) => Truth::any(parts.iter().map(|part| self.truth(part))),
            Condition::Not(part) => !self.truth(part),
            Condition::Answer { item, is } => self.is_one_of(item, is),
            Condition::Count(count) => {
                let truths = count.items.iter().map(|item| self.is_one_of(item, &count.is));
                Truth::count(truths, count.at_least, count.at_most)
            }
            Condition::Score(_) | Condition::Lowest { .. } | Condition::CountScores(_) => {
                Truth::Unknown
            }
        }
    }

    /// Whether an item was answered with one of some codes; unknown while it is not answered.
    pub(crate) fn is_one_of(&self, item: &str, codes: &[i64]) -> Truth {
        self.code(item).map_or(Truth::Unknown, |code| Truth::from(codes.contains(&code)))
    }

    /// Adds what a finished sheet must state and drops what it must not: shown but unanswered items
    /// become skipped, and answers to items that are no longer shown are left out.
    #[must_use]
    pub fn completed(&self, instrument: &Instrument) -> AnswerSheet {
        let mut sheet = AnswerSheet::new(self.rater);
        for item in instrument.presented().filter(|item| self.shows(item)) {
            let id = item.id.clone();
            match &item.kind {
                ItemKind::Rating { .. } | ItemKind::Choice { .. } => {
                    let answer = self.answers.get(&id).copied().unwrap_or(Answer::Skipped);
                    sheet.answers.insert(id, answer);
                }
                ItemKind::Ranking { .. } => {
                    sheet
                        .rankings
                        .insert(id.clone(), self.rankings.get(&id).cloned().unwrap_or_default());
                }
                ItemKind::Text { .. } => {
                    if let Some(text) = self.texts.get(&id).filter(|text| !text.trim().is_empty()) {
                        sheet.texts.insert(id, text.clone());
                    }
                }
            }
        }
        sheet
    }

    /// Checks that the sheet is a complete and possible one for this instrument.
    ///
    /// # Errors
    /// The first fault, in presentation order.
    pub fn check(&self, instrument: &Instrument) -> Result<(), SheetFault> {
        self.check_placed(instrument, &instrument.by_item(&self.answers))
    }

    /// [`AnswerSheet::check`] with the answers by the places of their items.
    pub(crate) fn check_placed(
        &self,
        instrument: &Instrument,
        answers: &[Option<Answer>],
    ) -> Result<(), SheetFault> {
        if !instrument.definition().raters.contains(&self.rater) {
            return Err(SheetFault::Rater(self.rater.code()));
        }
        let kind = |id: &String| instrument.item(id).map(|item| &item.kind);
        let has_options =
            |kind: &ItemKind| matches!(kind, ItemKind::Rating { .. } | ItemKind::Choice { .. });
        let items = instrument.definition().items.iter().zip(answers);
        let n_known = items.filter(|(item, answer)| answer.is_some() && has_options(&item.kind));
        if n_known.count() < self.answers.len() {
            let unknown = self.answers.keys().find(|id| !kind(id).is_some_and(has_options));
            return Err(SheetFault::UnknownItem(unknown.cloned().unwrap_or_default()));
        }
        for id in self.rankings.keys() {
            if !matches!(kind(id), Some(ItemKind::Ranking { .. })) {
                return Err(SheetFault::UnknownItem(id.clone()));
            }
        }
        for id in self.texts.keys() {
            if !matches!(kind(id), Some(ItemKind::Text { .. })) {
                return Err(SheetFault::UnknownItem(id.clone()));
            }
        }
        for (place, item) in instrument.presented_places() {
            let response = instrument.response_at(place);
            self.check_item(item, response, answers.get(place).copied().flatten())?;
        }
        Ok(())
    }

    fn check_item(
        &self,
        item: &Item,
        response: Option<&Response>,
        answer: Option<Answer>,
    ) -> Result<(), SheetFault> {
        let id = &item.id;
        if !self.shows(item) {
            let present =
                answer.is_some() || self.rankings.contains_key(id) || self.texts.contains_key(id);
            return if present { Err(SheetFault::NotShown(id.clone())) } else { Ok(()) };
        }
        match &item.kind {
            ItemKind::Rating { .. } | ItemKind::Choice { .. } => {
                let answer = answer.ok_or_else(|| SheetFault::Missing(id.clone()))?;
                let offered = response.is_some_and(|response| match answer {
                    Answer::Code(code) => response.has_code(code),
                    Answer::NotApplicable => response.not_applicable(),
                    Answer::Skipped => true,
                });
                if offered { Ok(()) } else { Err(SheetFault::UnknownOption(id.clone())) }
            }
            ItemKind::Ranking { candidates, pick } => {
                let picked =
                    self.rankings.get(id).ok_or_else(|| SheetFault::Missing(id.clone()))?;
                let times = |item| picked.iter().filter(|other| *other == item).count();
                let possible = picked.len() <= *pick
                    && picked.iter().all(|item| times(item) == 1 && candidates.contains(item));
                if possible { Ok(()) } else { Err(SheetFault::Ranking(id.clone())) }
            }
            ItemKind::Text { max_chars } => match self.texts.get(id) {
                Some(text) if text.trim().is_empty() || text.chars().count() > *max_chars => {
                    Err(SheetFault::TextLength(id.clone()))
                }
                _ => Ok(()),
            },
        }
    }
}
