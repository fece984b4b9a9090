//! The shape of `definition.json`, and its decoding value by value.

use super::Problems;
use super::rule::Rule;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The format number this code reads.
pub const FORMAT: i64 = 1;

/// Structure of an instrument, apart from any wording.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Stable identifier, such as `ops`.
    pub id: String,
    /// Published version, such as `1.0`; a published version never changes.
    pub version: String,
    /// Languages that have a wording file.
    pub languages: Vec<String>,
    /// Honest estimate of the time to answer, in minutes.
    pub minutes: i64,
    /// Who may answer.
    pub raters: Vec<Rater>,
    /// Response formats by id.
    pub responses: BTreeMap<String, Response>,
    /// All items.
    pub items: Vec<Item>,
    /// Presentation order: sections of screens of item ids.
    pub sections: Vec<Section>,
    /// Groups of scales that are shown together.
    pub groups: Vec<Group>,
    /// Scales.
    pub scales: Vec<ScaleDefinition>,
    /// Declared rules: everything an interpretation says.
    pub rules: Vec<Rule>,
    /// At most this many focus rules are shown.
    pub focus_limit: usize,
}

/// Who answers about whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rater {
    /// The participant about themselves or their organization.
    #[serde(rename = "self")]
    Own,
    /// A manager about a leader.
    Manager,
}

impl Rater {
    /// The code used in files.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Rater::Own => "self",
            Rater::Manager => "manager",
        }
    }

    /// The rater with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Rater::Own, Rater::Manager].into_iter().find(|rater| rater.code() == code)
    }
}

/// A response format.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Response {
    /// Equally spaced labelled options from `min` to `max`.
    Rating {
        /// Lowest code L.
        min: i64,
        /// Highest code H.
        max: i64,
        /// Codes from here up count as favourable, after reversing.
        favourable_from: i64,
        /// Whether "don't know / not applicable" is offered, set apart.
        not_applicable: bool,
    },
    /// Unordered options.
    Choice {
        /// Codes in the order shown.
        codes: Vec<i64>,
        /// Whether "don't know / not applicable" is offered, set apart.
        not_applicable: bool,
    },
}

impl Response {
    /// The codes in the order shown.
    #[must_use]
    pub fn codes(&self) -> Vec<i64> {
        match self {
            Response::Rating { min, max, .. } => (*min..=*max).collect(),
            Response::Choice { codes, .. } => codes.clone(),
        }
    }

    /// Whether "don't know / not applicable" is offered.
    #[must_use]
    pub fn not_applicable(&self) -> bool {
        match self {
            Response::Rating { not_applicable, .. } | Response::Choice { not_applicable, .. } => {
                *not_applicable
            }
        }
    }
}

/// One item.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Stable identifier, never positional.
    pub id: String,
    /// What kind of answer it takes.
    pub kind: ItemKind,
    /// Shown only when this holds over earlier items; always shown when absent.
    pub shown_when: Option<super::Condition>,
}

/// What kind of answer an item takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemKind {
    /// A rating that scales can use.
    Rating {
        /// Response format id.
        response: String,
        /// Whether a high answer means less of the construct.
        reversed: bool,
    },
    /// One of a closed list.
    Choice {
        /// Response format id.
        response: String,
        /// Whether a cohort report may be cut by it.
        cut: bool,
    },
    /// Free text.
    Text {
        /// Longest text accepted, in Unicode scalar values.
        max_chars: usize,
    },
    /// Some of the candidates, in rank order.
    Ranking {
        /// Ids of the items that may be picked.
        candidates: Vec<String>,
        /// How many are picked at most.
        pick: usize,
    },
}

/// The file's spelling of an item; the kinds differ only in their own members.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum RawItem {
    Rating {
        id: String,
        response: String,
        reversed: bool,
        #[serde(default)]
        shown_when: Option<super::Condition>,
    },
    Choice {
        id: String,
        response: String,
        cut: bool,
        #[serde(default)]
        shown_when: Option<super::Condition>,
    },
    Text {
        id: String,
        max_chars: usize,
        #[serde(default)]
        shown_when: Option<super::Condition>,
    },
    Ranking {
        id: String,
        candidates: Vec<String>,
        pick: usize,
        #[serde(default)]
        shown_when: Option<super::Condition>,
    },
}

impl From<RawItem> for Item {
    fn from(raw: RawItem) -> Self {
        match raw {
            RawItem::Rating { id, response, reversed, shown_when } => {
                Item { id, kind: ItemKind::Rating { response, reversed }, shown_when }
            }
            RawItem::Choice { id, response, cut, shown_when } => {
                Item { id, kind: ItemKind::Choice { response, cut }, shown_when }
            }
            RawItem::Text { id, max_chars, shown_when } => {
                Item { id, kind: ItemKind::Text { max_chars }, shown_when }
            }
            RawItem::Ranking { id, candidates, pick, shown_when } => {
                Item { id, kind: ItemKind::Ranking { candidates, pick }, shown_when }
            }
        }
    }
}

/// Consecutive screens under one title.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Identifier of the section's texts.
    pub id: String,
    /// Item ids, a list a screen.
    pub screens: Vec<Vec<String>>,
}

/// How the scales of a group are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Chart {
    /// Spokes of a radar, for three or more scales.
    Radar,
    /// A line read from the first scale upward.
    Profile,
    /// One bar a scale.
    Bars,
}

/// Scales that are shown together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Identifier that scales refer to.
    pub id: String,
    /// How the group is drawn.
    pub chart: Chart,
}

/// A scale: the mean of its items.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScaleDefinition {
    /// Stable identifier.
    pub id: String,
    /// The group it is shown in.
    pub group: String,
    /// Ids of its rating items.
    pub items: Vec<String>,
    /// Fewer answered items than this: no score.
    pub min_answered: usize,
    /// Bands over POMP 0–100, ascending from 0.
    pub bands: Vec<BandStart>,
}

/// A band begins at a score and ends where the next begins.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BandStart {
    /// Band id, with a label in the wording.
    pub id: String,
    /// Lowest POMP that falls in it, inclusive.
    pub from: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    focus: usize,
}

/// Members of `definition.json`; each is mandatory.
const MEMBERS: [&str; 12] = [
    "format",
    "id",
    "version",
    "languages",
    "minutes",
    "raters",
    "responses",
    "items",
    "sections",
    "groups",
    "scales",
    "rules",
];

/// Decodes member by member and element by element, so that one fault does not hide the next.
pub(super) fn decode_definition(value: &Value, problems: &mut Problems) -> Option<Definition> {
    let Some(object) = value.as_object() else {
        problems.add("", "expected an object");
        return None;
    };
    for key in object.keys().filter(|key| *key != "limits" && !MEMBERS.contains(&key.as_str())) {
        problems.add(key.as_str(), "unknown member");
    }
    let before = problems.found.len();
    if decode::<i64>(object, "format", problems).is_some_and(|format| format != FORMAT) {
        problems.add("format", format!("this program reads format {FORMAT} only"));
    }
    let definition = Definition {
        id: decode(object, "id", problems).unwrap_or_default(),
        version: decode(object, "version", problems).unwrap_or_default(),
        languages: decode(object, "languages", problems).unwrap_or_default(),
        minutes: decode(object, "minutes", problems).unwrap_or_default(),
        raters: decode(object, "raters", problems).unwrap_or_default(),
        responses: decode_members(object, "responses", problems),
        items: decode_elements::<RawItem>(object, "items", problems)
            .into_iter()
            .map(Item::from)
            .collect(),
        sections: decode_elements(object, "sections", problems),
        groups: decode_elements(object, "groups", problems),
        scales: decode_elements(object, "scales", problems),
        rules: decode_elements(object, "rules", problems),
        focus_limit: decode::<Limits>(object, "limits", problems)
            .map(|limits| limits.focus)
            .unwrap_or_default(),
    };
    (problems.found.len() == before).then_some(definition)
}

fn member<'a>(
    object: &'a Map<String, Value>,
    key: &str,
    problems: &mut Problems,
) -> Option<&'a Value> {
    let value = object.get(key);
    if value.is_none() {
        problems.add(key, "missing");
    }
    value
}

fn decode_at<T: DeserializeOwned>(value: &Value, path: &str, problems: &mut Problems) -> Option<T> {
    T::deserialize(value).map_err(|error| problems.add(path, error.to_string())).ok()
}

/// Decodes one mandatory member.
pub(super) fn decode<T: DeserializeOwned>(
    object: &Map<String, Value>,
    key: &str,
    problems: &mut Problems,
) -> Option<T> {
    member(object, key, problems).and_then(|value| decode_at(value, key, problems))
}

fn decode_elements<T: DeserializeOwned>(
    object: &Map<String, Value>,
    key: &str,
    problems: &mut Problems,
) -> Vec<T> {
    let Some(value) = member(object, key, problems) else { return Vec::new() };
    let Some(list) = value.as_array() else {
        problems.add(key, "expected a list");
        return Vec::new();
    };
    let decode_one = |(idx, element)| decode_at(element, &format!("{key}[{idx}]"), problems);
    list.iter().enumerate().filter_map(decode_one).collect()
}

/// Decodes a mandatory member that maps ids to values.
pub(super) fn decode_members<T: DeserializeOwned>(
    object: &Map<String, Value>,
    key: &str,
    problems: &mut Problems,
) -> BTreeMap<String, T> {
    let Some(value) = member(object, key, problems) else { return BTreeMap::new() };
    let Some(members) = value.as_object() else {
        problems.add(key, "expected an object");
        return BTreeMap::new();
    };
    let decode_one = |(id, element): (&String, &Value)| {
        decode_at(element, &format!("{key}.{id}"), problems).map(|decoded| (id.clone(), decoded))
    };
    members.iter().filter_map(decode_one).collect()
}
