//! The shape of a wording file: every text of an instrument in one language.

use super::Problems;
use super::decode::Node;
use super::definition::check_format;
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RaterText {
    /// Who this is, as a choice.
    pub label: String,
    /// How to answer.
    pub instruction: String,
    /// Who sees what.
    pub notice: String,
}

/// A heading and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionText {
    /// Heading.
    pub title: String,
    /// The sentence under it.
    pub intro: String,
}

/// What a scale is called and what its bands say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScaleText {
    /// Name.
    pub name: String,
    /// What it measures.
    pub description: String,
    /// Text by band.
    pub bands: BTreeMap<String, String>,
}

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    let before = problems.found.len();
    let object = Node::root(value).object(&MEMBERS, problems)?;
    check_format(&object, problems);
    let p = problems;
    let wording = Wording {
        instrument: object.text("instrument", p),
        version: object.text("version", p),
        language: object.text("language", p),
        title: object.text("title", p),
        short_title: object.text("short_title", p),
        summary: object.text("summary", p),
        purpose: object.get("purpose", p).texts(p),
        raters: object.get("raters", p).map(p, |node, p| {
            let texts = node.object(&["label", "instruction", "notice"], p);
            let text =
                |key, p: &mut Problems| texts.as_ref().map_or(String::new(), |t| t.text(key, p));
            RaterText {
                label: text("label", p),
                instruction: text("instruction", p),
                notice: text("notice", p),
            }
        }),
        sections: object.get("sections", p).map(p, |node, p| headed(node, "intro", p)),
        responses: object.get("responses", p).map(p, |node, p| node.text_map(p)),
        items: object.get("items", p).map(p, |node, p| node.text_map(p)),
        hints: object.get("hints", p).text_map(p),
        groups: object.get("groups", p).map(p, |node, p| headed(node, "description", p)),
        scales: object.get("scales", p).map(p, |node, p| {
            let texts = node.object(&["name", "description", "bands"], p);
            let text =
                |key, p: &mut Problems| texts.as_ref().map_or(String::new(), |t| t.text(key, p));
            ScaleText {
                name: text("name", p),
                description: text("description", p),
                bands: texts.as_ref().map_or_else(BTreeMap::new, |t| t.get("bands", p).text_map(p)),
            }
        }),
        bands: object.get("bands", p).text_map(p),
        rules: object.get("rules", p).map(p, |node, p| {
            let texts = node.object(&["title", "text", "next"], p);
            let text =
                |key, p: &mut Problems| texts.as_ref().map_or(String::new(), |t| t.text(key, p));
            RuleText {
                title: text("title", p),
                text: text("text", p),
                next: texts.as_ref().map_or_else(Vec::new, |t| t.get("next", p).texts(p)),
            }
        }),
    };
    (p.found.len() == before).then_some(wording)
}

/// A title and the sentence under it, which sections call `intro` and groups `description`.
fn headed(node: Node<'_>, sentence: &str, p: &mut Problems) -> SectionText {
    match node.object(&["title", sentence], p) {
        Some(texts) => {
            SectionText { title: texts.text("title", p), intro: texts.text(sentence, p) }
        }
        None => SectionText { title: String::new(), intro: String::new() },
    }
}
