//! The engagement record: what a coaching engagement agrees, does and finds, phase by phase.
//!
//! A record is a set of entries, each of a [`Kind`] with its fields. It can be kept on several devices at once:
//! an entry holds the versions of it that nothing has replaced yet, and the ids of those that were, so that
//! [`Engagement::merge`] knows which of two versions came from the other. Where neither did, both stay until
//! somebody chooses (a multi-value register; Shapiro, Preguiça, Baquero & Zawirski 2011, section 3.2.2). A
//! deletion is a version without content.
//!
//! | what | says |
//! |---|---|
//! | [`RULES`], [`Engagement::findings`] | what the record lacks, by declared rules |
//! | [`Engagement::course`] | how a success criterion went from its baseline |
//! | [`Engagement::differences`] | what a merge brought |

mod complete;
mod content;
mod course;
mod form;

pub use complete::{Finding, Quality, RULES, Rule};
pub use content::{Content, Unfit};
pub use course::{Course, Month, Movement};
pub use form::{Field, Kind, Number, Phase, Takes};

use super::{Day, Worksheet, WorksheetKind};
use crate::instrument::hex;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// How many commitments may be open at a time: more are not worked on.
pub const MAX_OPEN_COMMITMENTS: usize = 3;

/// The fingerprint of a file, as evidence names it: SHA-256 in lower-case hexadecimal.
#[must_use]
pub fn fingerprint(file: &[u8]) -> String {
    hex(&Sha256::digest(file))
}

/// Which entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// What it is.
    pub kind: Kind,
    /// Its id: 128 random bits in base64url, or one of [`Kind::ids`], or for a month's value
    /// the criterion's id, a point and the month.
    pub id: String,
}

impl Key {
    /// The entry of a kind with this id.
    #[must_use]
    pub fn new(kind: Kind, id: &str) -> Self {
        Key { kind, id: id.to_owned() }
    }

    /// The value of a criterion in a month, such as `2026-03`.
    #[must_use]
    pub fn value(criterion: &str, month: &str) -> Self {
        Key { kind: Kind::Value, id: format!("{criterion}.{month}") }
    }

    /// The criterion and the month of a value.
    #[must_use]
    pub fn month(&self) -> Option<(&str, &str)> {
        let (criterion, month) = self.id.split_once('.')?;
        let is_month = Day::read(&format!("{month}-01")).is_some();
        (self.kind == Kind::Value && super::is_id(criterion) && is_month)
            .then_some((criterion, month))
    }
}

/// The versions of an entry: a map from their ids to what they say, which is nothing for a deletion.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Versions {
    current: BTreeMap<String, Option<Content>>,
    replaced: BTreeSet<String>,
}

impl Versions {
    /// The ids of those that count: what a change has to name as seen.
    #[must_use]
    pub fn ids(&self) -> BTreeSet<String> {
        self.current.keys().cloned().collect()
    }

    /// What they say, each once: more than one where somebody has to choose, nothing for a deletion.
    #[must_use]
    pub fn said(&self) -> BTreeSet<Option<&Content>> {
        self.current.values().map(Option::as_ref).collect()
    }

    /// Whether two devices say different things.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.said().len() > 1
    }

    /// What is shown, the same on every device: of several contents the one of the lowest version.
    fn shown(&self) -> Option<&Content> {
        self.current.values().flatten().next()
    }
}

/// A change of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which entry.
    pub key: Key,
    /// What it says now; nothing deletes it.
    pub content: Option<Content>,
    /// The id of this version: 128 random bits in base64url.
    pub version: String,
    /// The versions that whoever made the change had seen. Others stay beside it.
    pub seen: BTreeSet<String>,
}

/// Why a change is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Something that no such entry can hold.
    #[error("an entry cannot hold this")]
    Unfit,
    /// A month's value of a criterion without a baseline.
    #[error("a value needs a baseline before it")]
    NoBaseline,
    /// A month's value that is earlier than the baseline, or a baseline later than a value.
    #[error("a value lies before the baseline")]
    BeforeBaseline,
    /// One more open commitment than [`MAX_OPEN_COMMITMENTS`].
    #[error("three commitments are open")]
    ThreeOpen,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Refusal; 4] =
        [Refusal::Unfit, Refusal::NoBaseline, Refusal::BeforeBaseline, Refusal::ThreeOpen];

    /// Stable code, also the key of the texts that say what happened and what to do.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Refusal::Unfit => "engagement_unfit",
            Refusal::NoBaseline => "engagement_no_baseline",
            Refusal::BeforeBaseline => "engagement_before_baseline",
            Refusal::ThreeOpen => "engagement_three_open",
        }
    }
}

/// What became of an entry from one state of a record to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// Two devices say different things about it: somebody has to choose.
    Conflict,
    /// It was not there.
    Added,
    /// It says something else.
    Changed,
    /// It is gone.
    Deleted,
}

impl Difference {
    /// All of them.
    pub const ALL: [Difference; 4] =
        [Difference::Conflict, Difference::Added, Difference::Changed, Difference::Deleted];

    /// Stable code, also part of the keys of its texts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Difference::Conflict => "conflict",
            Difference::Added => "added",
            Difference::Changed => "changed",
            Difference::Deleted => "deleted",
        }
    }
}

/// An engagement record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Engagement {
    entries: BTreeMap<Key, Versions>,
}

impl Engagement {
    /// Makes a change.
    ///
    /// # Errors
    /// Why it was not made. The record is then as it was.
    pub fn apply(&mut self, change: Change) -> Result<(), Refusal> {
        if !change.fits() {
            return Err(Refusal::Unfit);
        }
        if let Some(content) = &change.content {
            self.allows(&change.key, content)?;
        }
        let versions = self.entries.entry(change.key).or_default();
        versions.replaced.extend(change.seen);
        versions.current.retain(|id, _| !versions.replaced.contains(id));
        versions.current.insert(change.version, change.content);
        Ok(())
    }

    fn allows(&self, key: &Key, content: &Content) -> Result<(), Refusal> {
        match key.kind {
            Kind::Value => {
                let (criterion, month) = key.month().ok_or(Refusal::Unfit)?;
                let criterion = self.shown(&Key::new(Kind::Criterion, criterion));
                let baseline = criterion.and_then(Content::baseline).ok_or(Refusal::NoBaseline)?;
                if *month < *baseline.0.month() { Err(Refusal::BeforeBaseline) } else { Ok(()) }
            }
            Kind::Criterion => match (self.months(&key.id).next(), content.baseline()) {
                (Some(_), None) => Err(Refusal::NoBaseline),
                (Some((first, _)), Some((day, _))) if *first < *day.month() => {
                    Err(Refusal::BeforeBaseline)
                }
                _ => Ok(()),
            },
            Kind::Commitment if content.says("state", "open") => {
                let others = self
                    .all(Kind::Commitment)
                    .filter(|(id, other)| *id != key.id && other.says("state", "open"));
                if others.count() < MAX_OPEN_COMMITMENTS { Ok(()) } else { Err(Refusal::ThreeOpen) }
            }
            _ => Ok(()),
        }
    }

    /// What two states of one record are together. The order does not matter, nor does how often.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let mut merged = self.clone();
        for (key, theirs) in &other.entries {
            let ours = merged.entries.entry(key.clone()).or_default();
            ours.replaced.extend(theirs.replaced.iter().cloned());
            for (id, content) in &theirs.current {
                let ours = ours.current.entry(id.clone()).or_insert_with(|| content.clone());
                // An id means one content. Where somebody forged another, every device takes the same one.
                if *ours < *content {
                    ours.clone_from(content);
                }
            }
            ours.current.retain(|id, _| !ours.replaced.contains(id));
        }
        merged
    }

    /// What became of which entries since an earlier state, conflicts first.
    #[must_use]
    pub fn differences(&self, before: &Self) -> Vec<(Difference, Key)> {
        let mut found: Vec<_> = self
            .entries
            .iter()
            .filter_map(|(key, versions)| {
                let earlier = before.entries.get(key);
                if earlier.is_some_and(|earlier| earlier.said() == versions.said()) {
                    return None;
                }
                let earlier = earlier.and_then(Versions::shown);
                let difference = match (earlier, versions.shown()) {
                    _ if versions.is_conflict() => Difference::Conflict,
                    (None, None) => return None,
                    (None, Some(_)) => Difference::Added,
                    (Some(_), Some(_)) => Difference::Changed,
                    (Some(_), None) => Difference::Deleted,
                };
                Some((difference, key.clone()))
            })
            .collect();
        found.sort();
        found
    }

    /// The versions of an entry.
    #[must_use]
    pub fn versions(&self, key: &Key) -> Option<&Versions> {
        self.entries.get(key)
    }

    /// What an entry says; nothing if there is none. Where two devices differ, it is what one of them says.
    #[must_use]
    pub fn shown(&self, key: &Key) -> Option<&Content> {
        self.entries.get(key)?.shown()
    }

    /// The entries of a kind that are there, by their ids.
    pub fn all(&self, kind: Kind) -> impl Iterator<Item = (&str, &Content)> {
        let of_kind = self.entries.iter().filter(move |(key, _)| key.kind == kind);
        of_kind.filter_map(|(key, versions)| Some((key.id.as_str(), versions.shown()?)))
    }

    /// The entries of a kind that are there, by a day in them, then by their ids.
    #[must_use]
    pub fn by_day(&self, kind: Kind) -> Vec<(&str, &Content)> {
        let mut entries: Vec<_> = self.all(kind).collect();
        entries.sort_by_key(|(_, content)| content.day("date"));
        entries
    }

    /// The months of a criterion that have a value, in their order.
    pub fn months(&self, criterion: &str) -> impl Iterator<Item = (&str, &Content)> {
        // Ids begin with the criterion's, and months sort as they are written.
        self.all(Kind::Value).filter_map(move |(id, content)| {
            let month = id.strip_prefix(criterion)?.strip_prefix('.')?;
            Some((month, content))
        })
    }

    /// The entries about which two devices say different things.
    pub fn conflicts(&self) -> impl Iterator<Item = &Key> {
        self.entries.iter().filter(|(_, versions)| versions.is_conflict()).map(|(key, _)| key)
    }
}

impl Content {
    /// What the entry is called: its first line of text.
    #[must_use]
    pub fn name(&self) -> &str {
        let codes = ["title", "role", "name", "who", "behaviour", "focus", "text"];
        codes.iter().map(|code| self.line(code)).find(|line| !line.is_empty()).unwrap_or_default()
    }

    /// The day and the value of a criterion's baseline, if it has both.
    #[must_use]
    pub fn baseline(&self) -> Option<(Day, Number)> {
        Some((self.day("baseline_date")?, self.number("baseline")?))
    }
}

impl Worksheet for Engagement {
    const KIND: WorksheetKind = WorksheetKind::Engagement;

    fn title(&self) -> &str {
        let about = self.shown(&Key::new(Kind::About, "record"));
        about.map_or("", |about| about.line("title"))
    }

    fn to_json(&self) -> Value {
        content::to_json(self)
    }

    fn from_json(content: &Value) -> Result<Self, String> {
        content::of_json(content)
    }

    fn merged(&self, other: &Self) -> Option<Self> {
        Some(self.merge(other))
    }
}
