//! What a participant has done on one survey: read from entries, changed by pure transitions that
//! say which entries to write.

use litemap::LiteMap;
use scoring::answers::{Answer, AnswerSheet};
use scoring::instrument::Rater;
use scoring::result::Timing;
use serde_json::{Value, json};

/// Where a survey stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was answered yet.
    NotStarted,
    /// Some answers are there.
    Answering,
    /// Finished at this time, in seconds since 1970; answers can still be changed.
    Finished {
        /// When.
        at: i64,
    },
}

/// Everything kept of one survey.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// The answers so far; items without an answer are absent.
    pub sheet: AnswerSheet,
    /// First answer, in seconds since 1970.
    pub started_at: Option<i64>,
    /// End, in seconds since 1970.
    pub finished_at: Option<i64>,
    /// The screen looked at last.
    pub screen: usize,
    /// Milliseconds in use, by screen.
    pub spent_ms: LiteMap<usize, i64>,
    /// The signed file, while it says what the answers say.
    pub signed: Option<String>,
}

/// Something a participant does.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Chooses an option, or takes the choice back.
    Answer {
        /// The item.
        item: String,
        /// The new answer; none takes it back.
        answer: Option<Answer>,
        /// Now, in seconds since 1970.
        at: i64,
    },
    /// Writes a text.
    Text {
        /// The item.
        item: String,
        /// The text; an empty one takes it back.
        text: String,
        /// Now, in seconds since 1970.
        at: i64,
    },
    /// Puts items in rank order.
    Rank {
        /// The ranking item.
        item: String,
        /// The picked items, most important first.
        picked: Vec<String>,
        /// Now, in seconds since 1970.
        at: i64,
    },
    /// Looks at a screen.
    Visit {
        /// The screen.
        screen: usize,
    },
    /// Spends time on a screen.
    Spend {
        /// The screen.
        screen: usize,
        /// Milliseconds in use.
        ms: i64,
    },
    /// Finishes.
    Finish {
        /// Now, in seconds since 1970.
        at: i64,
    },
    /// Signs the file.
    Sign {
        /// The file's text.
        file: String,
    },
}

/// An entry to write: its key within the survey, and its value or its removal.
pub type Write = (String, Option<Value>);

impl Progress {
    /// Nothing done yet.
    #[must_use]
    pub fn new(rater: Rater) -> Self {
        Progress {
            sheet: AnswerSheet::new(rater),
            started_at: None,
            finished_at: None,
            screen: 0,
            spent_ms: LiteMap::new(),
            signed: None,
        }
    }

    /// Reads the entries of a survey; entries of another form are passed over.
    #[must_use]
    pub fn from_entries(rater: Rater, entries: &LiteMap<String, Value>) -> Self {
        let mut progress = Progress::new(rater);
        for (key, value) in entries {
            progress.read_entry(key, value);
        }
        progress
    }

    fn read_entry(&mut self, key: &str, value: &Value) {
        match key.split_once('/') {
            Some(("answer", item)) => {
                let answer = match value {
                    Value::String(text) if text == "na" => Some(Answer::NotApplicable),
                    other => other.as_i64().map(Answer::Code),
                };
                if let Some(answer) = answer {
                    self.sheet.answers.insert(item.to_owned(), answer);
                }
            }
            Some(("text", item)) => {
                if let Some(text) = value.as_str() {
                    self.sheet.texts.insert(item.to_owned(), text.to_owned());
                }
            }
            Some(("ranking", item)) => {
                let picked = value.as_array().and_then(|picked| {
                    picked.iter().map(|id| id.as_str().map(str::to_owned)).collect::<Option<_>>()
                });
                if let Some(picked) = picked {
                    self.sheet.rankings.insert(item.to_owned(), picked);
                }
            }
            Some(("spent", screen)) => {
                if let (Ok(screen), Some(ms)) = (screen.parse(), value.as_i64()) {
                    self.spent_ms.insert(screen, ms);
                }
            }
            _ => match key {
                "started_at" => self.started_at = value.as_i64(),
                "finished_at" => self.finished_at = value.as_i64(),
                "screen" => self.screen = value.as_u64().map_or(0, |screen| screen as usize),
                "signed" => self.signed = value.as_str().map(str::to_owned),
                _ => {}
            },
        }
    }

    /// Where the survey stands.
    #[must_use]
    pub fn stage(&self) -> Stage {
        match (self.finished_at, self.started_at) {
            (Some(at), _) => Stage::Finished { at },
            (None, Some(_)) => Stage::Answering,
            (None, None) => Stage::NotStarted,
        }
    }

    /// Whether an item has an answer, a text or a ranking.
    #[must_use]
    pub fn has_answered(&self, item: &str) -> bool {
        self.sheet.answers.contains_key(item)
            || self.sheet.texts.contains_key(item)
            || self.sheet.rankings.get(item).is_some_and(|picked| !picked.is_empty())
    }

    /// How many items have an answer, a text or a ranking.
    #[must_use]
    pub fn n_answered(&self) -> usize {
        let sheet = &self.sheet;
        sheet.answers.len()
            + sheet.texts.len()
            + sheet.rankings.values().filter(|picked| !picked.is_empty()).count()
    }

    /// Whole seconds a screen, for the file.
    #[must_use]
    pub fn timing(&self, n_screens: usize) -> Timing {
        let seconds = |screen| self.spent_ms.get(&screen).map_or(0, |ms| ms.div_euclid(1000));
        Timing { screens: (0..n_screens).map(seconds).collect() }
    }

    /// Applies a change; returns the entries to write.
    pub fn apply(&mut self, change: Change) -> Vec<Write> {
        match change {
            Change::Answer { item, answer, at } => {
                let value = answer.map(|answer| match answer {
                    Answer::Code(code) => json!(code),
                    Answer::NotApplicable | Answer::Skipped => json!("na"),
                });
                match answer {
                    Some(answer) => self.sheet.answers.insert(item.clone(), answer),
                    None => self.sheet.answers.remove(&item),
                };
                self.answered(at, (format!("answer/{item}"), value))
            }
            Change::Text { item, text, at } => {
                let value = (!text.trim().is_empty()).then(|| json!(text));
                match value {
                    Some(_) => self.sheet.texts.insert(item.clone(), text),
                    None => self.sheet.texts.remove(&item),
                };
                self.answered(at, (format!("text/{item}"), value))
            }
            Change::Rank { item, picked, at } => {
                let value = (!picked.is_empty()).then(|| json!(picked));
                self.sheet.rankings.insert(item.clone(), picked);
                self.answered(at, (format!("ranking/{item}"), value))
            }
            Change::Visit { screen } => {
                self.screen = screen;
                vec![("screen".to_owned(), Some(json!(screen)))]
            }
            Change::Spend { screen, ms } => {
                let spent = self.spent_ms.get(&screen).copied().unwrap_or_default() + ms;
                self.spent_ms.insert(screen, spent);
                vec![(format!("spent/{screen}"), Some(json!(spent)))]
            }
            Change::Finish { at } => {
                // Finishing again after a change of answers is a new end.
                self.finished_at = Some(at);
                let mut writes = vec![("finished_at".to_owned(), Some(json!(at)))];
                if self.started_at.is_none() {
                    self.started_at = Some(at);
                    writes.push(("started_at".to_owned(), Some(json!(at))));
                }
                writes
            }
            Change::Sign { file } => {
                self.signed = Some(file.clone());
                vec![("signed".to_owned(), Some(json!(file)))]
            }
        }
    }

    /// An answer starts the survey, and a signed file no longer says what the answers say.
    fn answered(&mut self, at: i64, write: Write) -> Vec<Write> {
        let mut writes = vec![write];
        if self.started_at.is_none() {
            self.started_at = Some(at);
            writes.push(("started_at".to_owned(), Some(json!(at))));
        }
        if self.signed.take().is_some() {
            writes.push(("signed".to_owned(), None));
        }
        writes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(writes: Vec<Write>, entries: &mut LiteMap<String, Value>) {
        for (key, value) in writes {
            match value {
                Some(value) => entries.insert(key, value),
                None => entries.remove(&key),
            };
        }
    }

    #[test]
    fn what_was_written_reads_back_as_it_was() {
        let (mut progress, mut entries) = (Progress::new(Rater::Own), LiteMap::new());
        let changes = [
            Change::Answer { item: "a".to_owned(), answer: Some(Answer::Code(3)), at: 10 },
            Change::Answer { item: "b".to_owned(), answer: Some(Answer::NotApplicable), at: 11 },
            Change::Answer { item: "a".to_owned(), answer: Some(Answer::Code(4)), at: 12 },
            Change::Answer { item: "b".to_owned(), answer: None, at: 13 },
            Change::Text { item: "t".to_owned(), text: "“Well”, she said".to_owned(), at: 14 },
            Change::Rank { item: "r".to_owned(), picked: vec!["a".to_owned()], at: 15 },
            Change::Visit { screen: 2 },
            Change::Spend { screen: 2, ms: 1500 },
            Change::Spend { screen: 2, ms: 700 },
            Change::Finish { at: 20 },
            Change::Sign { file: "{}".to_owned() },
        ];
        for change in changes {
            stored(progress.apply(change), &mut entries);
            assert_eq!(Progress::from_entries(Rater::Own, &entries), progress);
        }
        assert_eq!(progress.stage(), Stage::Finished { at: 20 });
        assert_eq!(progress.started_at, Some(10));
        assert_eq!(progress.timing(3).screens, [0, 0, 2]);
    }

    #[test]
    fn a_changed_answer_takes_the_signed_file_back() {
        let mut progress = Progress::new(Rater::Own);
        progress.apply(Change::Sign { file: "{}".to_owned() });
        let writes = progress.apply(Change::Answer { item: "a".to_owned(), answer: None, at: 1 });
        assert!(writes.contains(&("signed".to_owned(), None)));
        assert_eq!(progress.signed, None);
    }

    #[test]
    fn entries_of_another_form_are_passed_over() {
        let entries = [("answer/a", json!({})), ("screen", json!("x")), ("other", json!(1))];
        let entries = entries.map(|(key, value)| (key.to_owned(), value)).into_iter().collect();
        assert_eq!(Progress::from_entries(Rater::Own, &entries), Progress::new(Rater::Own));
    }
}
