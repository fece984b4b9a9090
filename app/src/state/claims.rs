//! A result's content in words, for the person whose answers they are.

use super::Survey;
use scoring::answers::{Answer, AnswerSheet};
use scoring::instrument::ItemKind;

/// An item and what was answered, as it will stand in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimLine {
    /// The item as it was read.
    pub item: String,
    /// The answers in words; empty when skipped.
    pub answers: Vec<String>,
}

/// The content of a complete sheet in presentation order.
#[must_use]
pub fn decoded(survey: &Survey, sheet: &AnswerSheet) -> Vec<ClaimLine> {
    let wording = &survey.wording;
    let rater = sheet.rater;
    let shown = survey.instrument.presented().filter(|item| sheet.shows(item));
    shown
        .map(|item| {
            let answers = match &item.kind {
                ItemKind::Rating { response, .. } | ItemKind::Choice { response, .. } => {
                    match sheet.answers.get(&item.id) {
                        Some(Answer::Code(code)) => {
                            vec![wording.option(response, Some(*code)).to_owned()]
                        }
                        Some(Answer::NotApplicable) => {
                            vec![wording.option(response, None).to_owned()]
                        }
                        Some(Answer::Skipped) | None => Vec::new(),
                    }
                }
                ItemKind::Text { .. } => sheet.texts.get(&item.id).cloned().into_iter().collect(),
                ItemKind::Ranking { .. } => {
                    let picked = sheet.rankings.get(&item.id).into_iter().flatten();
                    picked.map(|id| wording.item(id, rater).to_owned()).collect()
                }
            };
            ClaimLine { item: wording.item(&item.id, rater).to_owned(), answers }
        })
        .collect()
}
