//! The content of an entry and of a record: what its fields take, and its JSON.

use super::form::{Field, Kind, Number, Takes};
use super::{Change, Engagement, Key, Versions};
use crate::cohort::is_shown;
use crate::json::Node;
use crate::plan::{Day, is_id};
use crate::result::Object;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Datum {
    Text(String),
    Number(Number),
}

/// What an entry says: the fields that were filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Content(BTreeMap<&'static str, Datum>);

/// What a field does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Nothing was written where something has to be.
    Missing,
    /// More characters than the field has room for.
    TooLong,
    /// Characters that cannot be seen, or that reorder others.
    Hidden,
    /// No day of the calendar.
    Day,
    /// None of the choices.
    Choice,
    /// No number in digits, with a point before decimals.
    Number,
    /// Neither a digest nor an id.
    Reference,
}

impl Unfit {
    /// All of them.
    pub const ALL: [Unfit; 7] = [
        Unfit::Missing,
        Unfit::TooLong,
        Unfit::Hidden,
        Unfit::Day,
        Unfit::Choice,
        Unfit::Number,
        Unfit::Reference,
    ];

    /// Stable code, also the key of its text.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Unfit::Missing => "missing",
            Unfit::TooLong => "too_long",
            Unfit::Hidden => "hidden",
            Unfit::Day => "day",
            Unfit::Choice => "choice",
            Unfit::Number => "number",
            Unfit::Reference => "reference",
        }
    }
}

impl Field {
    /// What is written here, without blanks around it; nothing if nothing is.
    fn read(&self, text: &str) -> Result<Option<Datum>, Unfit> {
        let text = text.trim();
        if text.is_empty() {
            return if self.is_needed { Err(Unfit::Missing) } else { Ok(None) };
        }
        match self.takes {
            Takes::Line(max) if text.chars().count() > max => return Err(Unfit::TooLong),
            Takes::Text(max) if text.chars().count() > max => return Err(Unfit::TooLong),
            Takes::Line(max) if !is_shown(text, max) => return Err(Unfit::Hidden),
            Takes::Text(max) if !is_shown(&text.replace('\n', " "), max) => {
                return Err(Unfit::Hidden);
            }
            Takes::Day if Day::read(text).is_none() => return Err(Unfit::Day),
            Takes::Choice(codes) if !codes.contains(&text) => return Err(Unfit::Choice),
            Takes::Reference if !is_digest(text) && !is_id(text) => return Err(Unfit::Reference),
            Takes::Number => {
                return Number::read(text).map(|n| Some(Datum::Number(n))).ok_or(Unfit::Number);
            }
            Takes::Line(_) | Takes::Text(_) | Takes::Day | Takes::Choice(_) | Takes::Reference => {}
        }
        Ok(Some(Datum::Text(text.to_owned())))
    }

    fn of_json(&self, owner: &Object<'_>) -> Result<Option<Datum>, String> {
        let at = || owner.at(self.code);
        let value = owner.get(self.code)?;
        let text = match (self.takes, value) {
            (Takes::Number, Node::Null) => String::new(),
            (Takes::Number, _) => {
                let number = owner.object(self.code, &["n", "decimals"])?;
                let n = number.integer("n", -Number::MAX_N..=Number::MAX_N)?;
                let decimals = number.integer("decimals", 0..=i64::from(Number::MAX_DECIMALS))?;
                let decimals = u32::try_from(decimals).map_err(|_| at())?;
                return Ok(Some(Datum::Number(Number { n, decimals })));
            }
            _ => value.as_str().ok_or_else(at)?.to_owned(),
        };
        let read = self.read(&text).map_err(|_| at())?;
        // Exactly as it is written: no blanks around it.
        let is_exact = match &read {
            Some(Datum::Text(read)) => *read == text,
            Some(Datum::Number(_)) | None => text.is_empty(),
        };
        if is_exact { Ok(read) } else { Err(at()) }
    }
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl Content {
    /// What somebody wrote into the fields of such an entry.
    ///
    /// # Errors
    /// The first field that does not take what was written, and why.
    pub fn read(
        kind: Kind,
        written: impl Fn(&'static str) -> String,
    ) -> Result<Self, (&'static Field, Unfit)> {
        let mut content = Content::default();
        for field in kind.fields() {
            if let Some(datum) = field.read(&written(field.code)).map_err(|unfit| (field, unfit))? {
                content.0.insert(field.code, datum);
            }
        }
        Ok(content)
    }

    /// What a field says, as it is written; empty if it was not filled in.
    #[must_use]
    pub fn text(&self, code: &str) -> String {
        match self.0.get(code) {
            None => String::new(),
            Some(Datum::Text(text)) => text.clone(),
            Some(Datum::Number(number)) => number.to_string(),
        }
    }

    /// What a field that takes no number says; empty if it was not filled in.
    #[must_use]
    pub fn line(&self, code: &str) -> &str {
        match self.0.get(code) {
            Some(Datum::Text(text)) => text,
            Some(Datum::Number(_)) | None => "",
        }
    }

    /// Whether a field says exactly this.
    #[must_use]
    pub fn says(&self, code: &str, text: &str) -> bool {
        self.line(code) == text
    }

    /// Whether a field was filled in.
    #[must_use]
    pub fn has(&self, code: &str) -> bool {
        self.0.contains_key(code)
    }

    /// The day in a field.
    #[must_use]
    pub fn day(&self, code: &str) -> Option<Day> {
        Day::read(self.line(code))
    }

    /// The number in a field.
    #[must_use]
    pub fn number(&self, code: &str) -> Option<Number> {
        match self.0.get(code) {
            Some(Datum::Number(number)) => Some(*number),
            Some(Datum::Text(_)) | None => None,
        }
    }

    fn to_json(&self, kind: Kind) -> Value {
        let members = kind.fields().iter().map(|field| {
            let value = match (self.0.get(field.code), field.takes) {
                (Some(Datum::Text(text)), _) => json!(text),
                (Some(Datum::Number(number)), _) => {
                    json!({"n": number.n, "decimals": number.decimals})
                }
                (None, Takes::Number) => Value::Null,
                (None, _) => json!(""),
            };
            (field.code.to_owned(), value)
        });
        Value::Object(members.collect::<Map<_, _>>())
    }

    fn of_json(kind: Kind, value: &Node<'_>, at: &str) -> Result<Self, String> {
        let codes: Vec<&str> = kind.fields().iter().map(|field| field.code).collect();
        let object = Object::of(value, at, &codes)?;
        let mut content = Content::default();
        for field in kind.fields() {
            if let Some(datum) = field.of_json(&object)? {
                content.0.insert(field.code, datum);
            }
        }
        Ok(content)
    }
}

impl Key {
    /// Whether there can be such an entry.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        match (self.kind, self.kind.ids()) {
            (_, Some(ids)) => ids.contains(&self.id.as_str()),
            (Kind::Value, None) => self.month().is_some(),
            (_, None) => is_id(&self.id),
        }
    }
}

/// No count is limited here: two readable records must give a readable one, and the file's size is limited.
const ANY: std::ops::RangeInclusive<usize> = 0..=usize::MAX;

pub(super) fn to_json(record: &Engagement) -> Value {
    let entries = record.entries.iter().map(|(key, versions)| {
        let current = versions.current.iter().map(|(id, content)| {
            json!({"id": id, "content": content.as_ref().map(|content| content.to_json(key.kind))})
        });
        json!({
            "kind": key.kind.code(),
            "id": key.id,
            "versions": current.collect::<Vec<_>>(),
            "replaced": versions.replaced,
        })
    });
    json!({"entries": entries.collect::<Vec<_>>()})
}

pub(super) fn of_json(content: &Value) -> Result<Engagement, String> {
    let content = Node::from(content);
    let record = Object::of(&content, "", &["entries"])?;
    let entries = record.list("entries", ANY, entry)?;
    // In the one order in which they are written, each once.
    if !entries.is_sorted_by(|(a, _), (b, _)| a < b) {
        return Err(record.at("entries"));
    }
    Ok(Engagement { entries: entries.into_iter().collect() })
}

fn entry(value: &Node<'_>, at: &str) -> Result<(Key, Versions), String> {
    let entry = Object::of(value, at, &["kind", "id", "versions", "replaced"])?;
    let kind = Kind::of_code(&entry.text("kind", 20)?).ok_or_else(|| entry.at("kind"))?;
    let key = Key { kind, id: entry.text("id", 40)? };
    if !key.is_possible() {
        return Err(entry.at("id"));
    }
    let current = entry.list("versions", ANY, |value, at| {
        let version = Object::of(value, at, &["id", "content"])?;
        let content = match version.get("content")? {
            Node::Null => None,
            content => Some(Content::of_json(kind, content, &version.at("content"))?),
        };
        Ok((id_of(version.get("id")?, &version.at("id"))?, content))
    })?;
    let replaced = entry.list("replaced", ANY, id_of)?;
    let versions = Versions {
        current: current.iter().cloned().collect(),
        replaced: replaced.iter().cloned().collect::<BTreeSet<_>>(),
    };
    let is_in_order = current.is_sorted_by(|(a, _), (b, _)| a < b)
        && replaced.is_sorted_by(|a, b| a < b)
        && versions.current.keys().all(|id| !versions.replaced.contains(id));
    if is_in_order { Ok((key, versions)) } else { Err(entry.at("versions")) }
}

fn id_of(value: &Node<'_>, at: &str) -> Result<String, String> {
    value.as_str().filter(|id| is_id(id)).map(str::to_owned).ok_or_else(|| at.to_owned())
}

impl Change {
    /// Whether every field of it may hold what it says, for changes that were not read by [`Content::read`].
    pub(super) fn fits(&self) -> bool {
        let fits = |content: &Content| {
            content.0.keys().all(|code| self.key.kind.field(code).is_some())
                && Content::read(self.key.kind, |code| content.text(code)).as_ref() == Ok(content)
        };
        self.key.is_possible() && is_id(&self.version) && self.content.as_ref().is_none_or(fits)
    }
}
