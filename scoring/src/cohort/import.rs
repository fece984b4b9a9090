//! Which of many files count.

use crate::instrument::Instrument;
use crate::result::{MAX_RESULT_BYTES, Refusal, VerifiedResult, verify};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Valid. It counts, unless its code says `superseded`.
    Accepted,
    /// Not valid: nothing in it counts.
    Rejected,
    /// The same bytes were signed in another file that counts.
    Duplicate,
}

/// The verdict on one file, or one line of a JSON Lines file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// File name, with `:line` for JSON Lines.
    pub file: String,
    /// What happened.
    pub status: Status,
    /// Stable code: `counted`, `superseded`, `scores_differ`, `duplicate` or a refusal's code.
    pub code: String,
    /// The particulars in English, for logs and experts; people read the texts of the code.
    pub message: String,
    /// Instrument of a valid file.
    pub instrument: Option<String>,
}

/// Files read so far. Adding never forgets: each verdict is derived anew from all files.
#[derive(Debug, Clone, Default)]
pub struct Import {
    files: Vec<(String, Result<VerifiedResult, Refusal>)>,
}

/// Whose answers to what a result is: the newest of equal ones counts.
type Respondent<'a> = (&'a str, &'a str, &'a str, &'a str, &'static str);

impl Import {
    /// Reads one file; a name that ends in `.jsonl` holds one result a line.
    pub fn add(&mut self, name: &str, content: &[u8], instruments: &[Arc<Instrument>]) {
        if !name.to_ascii_lowercase().ends_with(".jsonl") {
            self.files.push((name.to_owned(), verify(content, instruments)));
            return;
        }
        for (idx, line) in content.split(|byte| *byte == b'\n').enumerate() {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if !line.is_empty() {
                self.files.push((format!("{name}:{}", idx + 1), verify(line, instruments)));
            }
        }
    }

    /// Notes a file that was not even read because of its size.
    pub fn add_too_large(&mut self, name: &str) {
        self.files.push((name.to_owned(), Err(Refusal::TooLarge)));
    }

    /// Whether a file of this name and size is worth reading.
    #[must_use]
    pub fn is_readable(name: &str, size: u64) -> bool {
        name.to_ascii_lowercase().ends_with(".jsonl") || size <= MAX_RESULT_BYTES as u64
    }

    /// The verdict on every file, in order of arrival.
    #[must_use]
    pub fn outcomes(&self) -> Vec<Outcome> {
        let chosen = self.chosen();
        let newest = newest(&chosen);
        let outcome =
            |(idx, (file, result)): (usize, &(String, Result<VerifiedResult, Refusal>))| {
                let (status, code, message, instrument) = match result {
                    Err(refusal) => (Status::Rejected, refusal.code(), refusal.to_string(), None),
                    Ok(result) => {
                        let instrument = Some(result.claims().survey.instrument.clone());
                        let (status, code, message) = if chosen.get(result.digest()) != Some(&idx) {
                            (Status::Duplicate, "duplicate", "the same result is in another file")
                        } else if newest.get(&respondent(result)) != Some(&idx) {
                            (
                                Status::Accepted,
                                "superseded",
                                "the same person handed in a newer result",
                            )
                        } else if result.scores_differ() {
                            (
                                Status::Accepted,
                                "scores_differ",
                                "the file's own scores differ from its answers",
                            )
                        } else {
                            (Status::Accepted, "counted", "counted")
                        };
                        (status, code, message.to_owned(), instrument)
                    }
                };
                Outcome { file: file.clone(), status, code: code.to_owned(), message, instrument }
            };
        self.files.iter().enumerate().map(outcome).collect()
    }

    /// The results that count, ordered by digest so that no report depends on the order of arrival.
    #[must_use]
    pub fn counted(&self) -> Vec<&VerifiedResult> {
        let chosen = self.chosen();
        let newest = newest(&chosen);
        let indices = newest.values().filter_map(|idx| self.result(*idx));
        let mut counted: Vec<_> = indices.collect();
        counted.sort_by_key(|result| *result.digest());
        counted
    }

    fn result(&self, idx: usize) -> Option<&VerifiedResult> {
        self.files.get(idx).and_then(|(_, result)| result.as_ref().ok())
    }

    /// For each distinct content the file that stands for it: the first by name.
    fn chosen(&self) -> Chosen<'_> {
        let mut by_digest: BTreeMap<[u8; 32], usize> = BTreeMap::new();
        for (idx, (name, result)) in self.files.iter().enumerate() {
            if let Ok(result) = result {
                let standing = by_digest.entry(*result.digest()).or_insert(idx);
                if self.files.get(*standing).is_some_and(|(other, _)| name < other) {
                    *standing = idx;
                }
            }
        }
        Chosen { import: self, by_digest }
    }
}

struct Chosen<'a> {
    import: &'a Import,
    by_digest: BTreeMap<[u8; 32], usize>,
}

impl Chosen<'_> {
    fn get(&self, digest: &[u8; 32]) -> Option<&usize> {
        self.by_digest.get(digest)
    }
}

/// For each respondent the newest result; of equally new ones the one with the larger digest.
fn newest<'a>(chosen: &Chosen<'a>) -> BTreeMap<Respondent<'a>, usize> {
    let mut newest: BTreeMap<Respondent<'a>, (i64, [u8; 32], usize)> = BTreeMap::new();
    for (digest, idx) in &chosen.by_digest {
        if let Some(result) = chosen.import.result(*idx) {
            let candidate = (result.claims().iat, *digest, *idx);
            let standing = newest.entry(respondent(result)).or_insert(candidate);
            *standing = (*standing).max(candidate);
        }
    }
    newest.into_iter().map(|(respondent, (_, _, idx))| (respondent, idx)).collect()
}

fn respondent(result: &VerifiedResult) -> Respondent<'_> {
    let claims = result.claims();
    let survey = &claims.survey;
    (&claims.iss, &claims.aud, &survey.instrument, &survey.version, survey.sheet.rater.code())
}
