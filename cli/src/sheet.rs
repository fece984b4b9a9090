//! The plain answer sheet: what a person or a script writes to have answers scored, unsigned.

use scoring::answers::{Answer, AnswerSheet};
use scoring::instrument::{Instrument, ItemKind, Rater};
use scoring::result::Refusal;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A plain sheet as it was read, before it is fitted to its instrument.
pub struct PlainSheet {
    /// Instrument id.
    pub instrument: String,
    /// Version; the newest when it is left out.
    pub version: Option<String>,
    /// Language of the texts that are printed.
    pub language: Option<String>,
    sheet: AnswerSheet,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawAnswer {
    Code(i64),
    Word(String),
}

const MEMBERS: [&str; 7] =
    ["instrument", "version", "rater", "lang", "answers", "rankings", "texts"];

impl PlainSheet {
    /// Whether JSON is meant as a plain sheet. A member of a signed file speaks against it, so that
    /// no edited result slips through as a sheet.
    pub fn is_meant(value: &Value) -> bool {
        value.as_object().is_some_and(|object| {
            let has = |key: &str| object.contains_key(key);
            has("instrument")
                && has("answers")
                && !["payload", "protected", "signature", "signatures"].into_iter().any(has)
        })
    }

    /// Reads a plain sheet.
    ///
    /// # Errors
    /// The first member that is surplus or of the wrong type.
    pub fn from_json(value: &Value) -> Result<Self, Refusal> {
        let object = value.as_object().ok_or_else(|| Refusal::Content(String::new()))?;
        if let Some(unknown) = object.keys().find(|key| !MEMBERS.contains(&key.as_str())) {
            return Err(Refusal::Content(unknown.clone()));
        }
        let rater = match member::<String>(object, "rater")? {
            Some(code) => Rater::from_code(&code).ok_or_else(|| content("rater"))?,
            None => Rater::Own,
        };
        let raw: BTreeMap<String, Option<RawAnswer>> =
            member(object, "answers")?.unwrap_or_default();
        let mut answers = BTreeMap::new();
        for (item, answer) in raw {
            let answer = match answer {
                None => Answer::Skipped,
                Some(RawAnswer::Code(code)) => Answer::Code(code),
                Some(RawAnswer::Word(word)) if word == "na" => Answer::NotApplicable,
                Some(RawAnswer::Word(_)) => return Err(content(&format!("answers.{item}"))),
            };
            answers.insert(item, answer);
        }
        let rankings: BTreeMap<String, Vec<String>> =
            member(object, "rankings")?.unwrap_or_default();
        let texts: BTreeMap<String, String> = member(object, "texts")?.unwrap_or_default();
        Ok(PlainSheet {
            instrument: member(object, "instrument")?.ok_or_else(|| content("instrument"))?,
            version: member(object, "version")?,
            language: member(object, "lang")?,
            sheet: AnswerSheet {
                rater,
                answers: answers.into_iter().collect(),
                rankings: rankings.into_iter().collect(),
                texts: texts.into_iter().collect(),
            },
        })
    }

    /// The complete sheet: questions that are asked but absent count as skipped. Nothing is left
    /// out, so an answer to a question that was not asked is a fault.
    ///
    /// # Errors
    /// The first answer that cannot belong to the instrument.
    pub fn complete(self, instrument: &Instrument) -> Result<AnswerSheet, Refusal> {
        let mut sheet = self.sheet;
        for item in instrument.presented() {
            if !sheet.shows(item) {
                continue;
            }
            match item.kind {
                ItemKind::Rating { .. } | ItemKind::Choice { .. } => {
                    sheet.answers.entry(item.id.clone()).or_insert(Answer::Skipped);
                }
                ItemKind::Ranking { .. } => {
                    sheet.rankings.entry(item.id.clone()).or_default();
                }
                ItemKind::Text { .. } => {}
            }
        }
        sheet.check(instrument)?;
        Ok(sheet)
    }
}

fn content(path: &str) -> Refusal {
    Refusal::Content(path.to_owned())
}

fn member<T: DeserializeOwned>(
    object: &Map<String, Value>,
    key: &str,
) -> Result<Option<T>, Refusal> {
    object.get(key).map(|value| T::deserialize(value).map_err(|_| content(key))).transpose()
}
