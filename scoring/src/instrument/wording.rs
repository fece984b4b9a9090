//! A wording: every text of an instrument in one language, each found by its path in the file.

use super::definition::FORMAT;
use super::{Problems, Rater};
use litemap::LiteMap;
use serde_json::Value;

/// All texts of an instrument in one language.
///
/// A text is found by the path at which it stands in the wording file, such as
/// `scales.strategy.name` or `rules.focus_strategy.next.0`. [`super::Instrument::wording`] has checked
/// that every path of the definition has its text, so a lookup of such a path cannot fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    texts: LiteMap<String, String>,
}

impl Wording {
    /// The text at a path; empty when the path is none of the definition's.
    #[must_use]
    pub fn text(&self, path: &str) -> &str {
        self.find(path).unwrap_or_default()
    }

    /// The text at a path that may be absent, such as `hints.slows_execution`.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// The texts of a list, such as `purpose` or `rules.focus_strategy.next`.
    pub fn list(&self, path: &str) -> impl Iterator<Item = &str> {
        (0..).map_while(move |idx| self.find(&format!("{path}.{idx}")))
    }

    /// The text of an item as this rater reads it.
    #[must_use]
    pub fn item(&self, item: &str, rater: Rater) -> &str {
        self.text(&format!("items.{item}.{}", rater.code()))
    }

    /// The label of an option; `None` is the not-applicable option.
    #[must_use]
    pub fn option(&self, response: &str, code: Option<i64>) -> &str {
        match code {
            Some(code) => self.text(&format!("responses.{response}.{code}")),
            None => self.text(&format!("responses.{response}.na")),
        }
    }

    /// The name of a scale.
    #[must_use]
    pub fn scale_name(&self, scale: &str) -> &str {
        self.text(&format!("scales.{scale}.name"))
    }

    /// Every text with its path.
    pub(crate) fn texts(&self) -> &LiteMap<String, String> {
        &self.texts
    }
}

pub(crate) fn decode_wording(value: &Value, problems: &mut Problems) -> Option<Wording> {
    let before = problems.found.len();
    let mut texts = LiteMap::new();
    let Value::Object(members) = value else {
        problems.add("", "expected an object");
        return None;
    };
    if !members.contains_key("format") {
        problems.add("format", "missing");
    }
    for (key, member) in members {
        match (key.as_str(), member.as_i64()) {
            ("format", Some(FORMAT)) => {}
            ("format", _) => {
                problems.add("format", format!("this program reads format {FORMAT} only"))
            }
            _ => flatten(key, member, &mut texts, problems),
        }
    }
    (problems.found.len() == before).then_some(Wording { texts })
}

fn flatten(
    path: &str,
    value: &Value,
    texts: &mut LiteMap<String, String>,
    problems: &mut Problems,
) {
    match value {
        Value::String(text) => {
            texts.insert(path.to_owned(), text.clone());
        }
        Value::Object(members) => {
            for (key, member) in members {
                flatten(&format!("{path}.{key}"), member, texts, problems);
            }
        }
        Value::Array(list) => {
            for (idx, element) in list.iter().enumerate() {
                flatten(&format!("{path}.{idx}"), element, texts, problems);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => problems.add(path, "expected a text"),
    }
}
