//! The shape of a wording file: every text of an instrument in one language.

use super::Problems;
use super::definition::{FORMAT, decode, decode_members};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// All texts of an instrument in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// Id of the instrument.
    pub instrument: String,
    /// Version of the instrument.
    pub version: String,
    /// BCP 47 tag.
    pub language: String,
    /// Full title.
    pub title: String,
    /// Title where space is short.
    pub short_title: String,
    /// One sentence for the home page.
    pub summary: String,
    /// Paragraphs shown before starting.
    pub purpose: Vec<String>,
    /// Texts by rater.
    pub raters: BTreeMap<String, RaterText>,
    /// Texts by section.
    pub sections: BTreeMap<String, SectionText>,
    /// Option labels by response format and code (`na` for not applicable).
    pub responses: BTreeMap<String, BTreeMap<String, String>>,
    /// Item texts by item and rater.
    pub items: BTreeMap<String, BTreeMap<String, String>>,
    /// Help texts under items.
    pub hints: BTreeMap<String, String>,
    /// Texts by group of scales.
    pub groups: BTreeMap<String, SectionText>,
    /// Texts by scale.
    pub scales: BTreeMap<String, ScaleText>,
    /// Band labels.
    pub bands: BTreeMap<String, String>,
    /// Texts by rule.
    pub rules: BTreeMap<String, RuleText>,
}

/// What one kind of rater reads.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RaterText {
    /// Who this is, as a choice.
    pub label: String,
    /// How to answer.
    pub instruction: String,
    /// Who sees what.
    pub notice: String,
}

/// A heading and a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionText {
    /// Heading.
    pub title: String,
    /// The sentence under it.
    #[serde(alias = "description")]
    pub intro: String,
}

/// What a scale is called and what its bands say.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScaleText {
    /// Name.
    pub name: String,
    /// What it measures.
    pub description: String,
    /// Text by band.
    pub bands: BTreeMap<String, String>,
}

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleText {
    /// Heading.
    pub title: String,
    /// The sentence or two.
    pub text: String,
    /// Concrete next steps.
    pub next: Vec<String>,
}

impl Wording {
    /// The text of an item as this rater reads it.
    #[must_use]
    pub fn item(&self, item: &str, rater: super::Rater) -> &str {
        let text = self.items.get(item).and_then(|texts| texts.get(rater.code()));
        text.map_or("", String::as_str)
    }

    /// The label of an option; `None` is the not-applicable option.
    #[must_use]
    pub fn option(&self, response: &str, code: Option<i64>) -> &str {
        let key = code.map_or_else(|| "na".to_owned(), |code| code.to_string());
        let label = self.responses.get(response).and_then(|labels| labels.get(&key));
        label.map_or("", String::as_str)
    }

    /// The name of a scale.
    #[must_use]
    pub fn scale_name(&self, scale: &str) -> &str {
        self.scales.get(scale).map_or("", |text| text.name.as_str())
    }
}

const MEMBERS: [&str; 17] = [
    "format",
    "instrument",
    "version",
    "language",
    "title",
    "short_title",
    "summary",
    "purpose",
    "raters",
    "sections",
    "responses",
    "items",
    "hints",
    "groups",
    "scales",
    "bands",
    "rules",
];

pub(super) fn decode_wording(value: &Value, problems: &mut Problems) -> Option<Wording> {
    let Some(object) = value.as_object() else {
        problems.add("", "expected an object");
        return None;
    };
    for key in object.keys().filter(|key| !MEMBERS.contains(&key.as_str())) {
        problems.add(key.as_str(), "unknown member");
    }
    let before = problems.found.len();
    if decode::<i64>(object, "format", problems).is_some_and(|format| format != FORMAT) {
        problems.add("format", format!("this program reads format {FORMAT} only"));
    }
    let wording = Wording {
        instrument: decode(object, "instrument", problems).unwrap_or_default(),
        version: decode(object, "version", problems).unwrap_or_default(),
        language: decode(object, "language", problems).unwrap_or_default(),
        title: decode(object, "title", problems).unwrap_or_default(),
        short_title: decode(object, "short_title", problems).unwrap_or_default(),
        summary: decode(object, "summary", problems).unwrap_or_default(),
        purpose: decode(object, "purpose", problems).unwrap_or_default(),
        raters: decode_members(object, "raters", problems),
        sections: decode_members(object, "sections", problems),
        responses: decode_members(object, "responses", problems),
        items: decode_members(object, "items", problems),
        hints: decode_members(object, "hints", problems),
        groups: decode_members(object, "groups", problems),
        scales: decode_members(object, "scales", problems),
        bands: decode_members(object, "bands", problems),
        rules: decode_members(object, "rules", problems),
    };
    (problems.found.len() == before).then_some(wording)
}
