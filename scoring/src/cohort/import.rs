//! Which of many files count.

use crate::jose::{EnvelopeFault, MAX_SEALED_BYTES};
use crate::result::{Reader, Refusal, VerifiedResult};
use crate::stats::Flag;
use crate::tally::{self, Identity};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Valid. It counts, unless its code says `superseded` or `invitation_reused`.
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
    /// Stable code: `counted`, `late`, `scores_differ`, `suspect` (which count too), `superseded`,
    /// `invitation_reused`, `duplicate` or a refusal's code.
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
    /// Content of the files, by their places, that lack only a link or a key.
    waiting: BTreeMap<usize, Vec<u8>>,
}

impl Import {
    /// Reads one file; a name that ends in `.jsonl` holds one result a line.
    pub fn add(&mut self, name: &str, content: &[u8], reader: &Reader) {
        if !name.to_ascii_lowercase().ends_with(".jsonl") {
            self.read(name.to_owned(), content, reader);
            return;
        }
        for (idx, line) in content.split(|byte| *byte == b'\n').enumerate() {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if !line.is_empty() {
                self.read(format!("{name}:{}", idx + 1), line, reader);
            }
        }
    }

    fn read(&mut self, name: String, content: &[u8], reader: &Reader) {
        let verdict = reader.verify(content);
        if verdict.as_ref().is_err_and(Refusal::may_pass_later) {
            self.waiting.insert(self.files.len(), content.to_vec());
        }
        self.files.push((name, verdict));
    }

    /// Whether no file lacks a link or a key.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Reads files again that lacked a link or a key, with a reader that may know it by now.
    pub fn read_again(&mut self, reader: &Reader) {
        for (idx, content) in std::mem::take(&mut self.waiting) {
            let verdict = reader.verify(&content);
            if verdict.as_ref().is_err_and(Refusal::may_pass_later) {
                self.waiting.insert(idx, content);
            }
            if let Some((_, standing)) = self.files.get_mut(idx) {
                *standing = verdict;
            }
        }
    }

    /// Notes the verdict on a file that was read elsewhere, on another core for example.
    pub fn note(&mut self, name: String, verdict: Result<VerifiedResult, Refusal>) {
        self.files.push((name, verdict));
    }

    /// Notes a file that was not even read because of its size.
    pub fn add_too_large(&mut self, name: &str) {
        self.note(name.to_owned(), Err(EnvelopeFault::TooLarge.into()));
    }

    /// Whether a file of this name and size is worth reading.
    #[must_use]
    pub fn is_readable(name: &str, size: u64) -> bool {
        name.to_ascii_lowercase().ends_with(".jsonl") || size <= MAX_SEALED_BYTES as u64
    }

    /// The verdict on every file, in order of arrival.
    #[must_use]
    pub fn outcomes(&self) -> Vec<Outcome> {
        let standing = self.standing();
        let outcome =
            |(idx, (file, result)): (usize, &(String, Result<VerifiedResult, Refusal>))| {
                let (status, code, message, instrument) = match result {
                    Err(refusal) => (Status::Rejected, refusal.code(), refusal.to_string(), None),
                    Ok(result) => {
                        let (status, code, message) = standing.verdict(idx, result);
                        let instrument = Some(result.claims().survey.instrument.clone());
                        (status, code, message, instrument)
                    }
                };
                Outcome { file: file.clone(), status, code: code.to_owned(), message, instrument }
            };
        self.files.iter().enumerate().map(outcome).collect()
    }

    /// The results that count, ordered by receipt so that no report depends on the order of arrival.
    #[must_use]
    pub fn counted(&self) -> Vec<&VerifiedResult> {
        let counted = self.standing().counted;
        let mut counted: Vec<_> = counted.iter().filter_map(|idx| self.result(*idx)).collect();
        counted.sort_by_key(|result| *result.receipt());
        counted
    }

    fn result(&self, idx: usize) -> Option<&VerifiedResult> {
        self.files.get(idx).and_then(|(_, result)| result.as_ref().ok())
    }

    /// What stands, as places among the files. Of equal content the file with the first name stands.
    fn standing(&self) -> Standing {
        let mut valid: Vec<(&str, usize, Identity)> = self
            .files
            .iter()
            .enumerate()
            .filter_map(|(idx, (name, result))| {
                Some((name.as_str(), idx, Identity::of(result.as_ref().ok()?)))
            })
            .collect();
        valid.sort_by_key(|(name, idx, _)| (*name, *idx));
        let identities: Vec<Identity> = valid.iter().map(|(.., identity)| *identity).collect();
        let standing = tally::Standing::of(&identities);
        let files = |places: Vec<usize>| {
            places
                .into_iter()
                .filter_map(|place| valid.get(place))
                .map(|(_, idx, _)| *idx)
                .collect()
        };
        Standing {
            distinct: files(standing.distinct),
            newest: files(standing.newest),
            counted: files(standing.counted),
        }
    }
}

/// Which files are left after each step; all are places among the files.
struct Standing {
    distinct: BTreeSet<usize>,
    newest: BTreeSet<usize>,
    counted: BTreeSet<usize>,
}

impl Standing {
    fn verdict(&self, idx: usize, result: &VerifiedResult) -> (Status, &'static str, String) {
        let (status, code, message) = self.standing(idx, result);
        if code == "counted" && result.is_suspect() {
            let flags: Vec<&str> = result.flags().into_iter().map(Flag::code).collect();
            let message = format!("the answers look careless: {}", flags.join(", "));
            return (status, "suspect", message);
        }
        (status, code, message.to_owned())
    }

    fn standing(
        &self,
        idx: usize,
        result: &VerifiedResult,
    ) -> (Status, &'static str, &'static str) {
        if !self.distinct.contains(&idx) {
            (Status::Duplicate, "duplicate", "the same result is in another file")
        } else if !self.newest.contains(&idx) {
            (Status::Accepted, "superseded", "the same person handed in a newer result")
        } else if !self.counted.contains(&idx) {
            let message = "a newer result came with the same invitation";
            (Status::Accepted, "invitation_reused", message)
        } else if result.scores_differ() {
            let message = "the file's own scores differ from its answers";
            (Status::Accepted, "scores_differ", message)
        } else if result.is_late() {
            (Status::Accepted, "late", "made after the cohort closed")
        } else {
            (Status::Accepted, "counted", "counted")
        }
    }
}
