//! The shape of `definition.json`, and its decoding value by value.

use super::Problems;
use super::decode::{Node, Object};
use super::pair::{PairRules, decode_pair};
use super::rule::{Condition, Rule, decode_condition, decode_rule};
use litemap::LiteMap;
use serde_json::Value;

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
    pub responses: LiteMap<String, Response>,
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
    /// How a leader's and a manager's answers are compared, if they are.
    pub pair: Option<PairRules>,
}

impl Definition {
    /// From which r_wg(J), in hundredths, people are taken to agree on a scale.
    #[must_use]
    pub fn agreement_from(&self, scale: &ScaleDefinition) -> Option<i64> {
        self.groups.iter().find(|group| group.id == scale.group)?.agreement_from
    }
}

/// Who answers about whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rater {
    /// The participant about themselves or their organization.
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
#[derive(Debug, Clone, PartialEq, Eq)]
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

    /// Whether a code is one of them.
    #[must_use]
    pub fn has_code(&self, code: i64) -> bool {
        match self {
            Response::Rating { min, max, .. } => (*min..=*max).contains(&code),
            Response::Choice { codes, .. } => codes.contains(&code),
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
    pub shown_when: Option<Condition>,
}

impl Item {
    /// Id of the response format, of an item that offers options.
    #[must_use]
    pub fn response(&self) -> Option<&str> {
        match &self.kind {
            ItemKind::Rating { response, .. } | ItemKind::Choice { response, .. } => Some(response),
            ItemKind::Text { .. } | ItemKind::Ranking { .. } => None,
        }
    }
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

impl ItemKind {
    /// Id of the response format, if it offers options.
    pub(crate) fn response(&self) -> Option<&str> {
        match self {
            ItemKind::Rating { response, .. } | ItemKind::Choice { response, .. } => Some(response),
            ItemKind::Text { .. } | ItemKind::Ranking { .. } => None,
        }
    }
}

/// Consecutive screens under one title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Identifier of the section's texts.
    pub id: String,
    /// Item ids, a list a screen.
    pub screens: Vec<Vec<String>>,
}

/// How the scales of a group are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chart {
    /// Spokes of a radar, for three or more scales.
    Radar,
    /// A line read from the first scale upward.
    Profile,
    /// One bar a scale.
    Bars,
}

/// Scales that are shown together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Identifier that scales refer to.
    pub id: String,
    /// How the group is drawn.
    pub chart: Chart,
    /// From which r_wg(J), in hundredths and against an even spread, several people are taken to agree on its
    /// scales. Below it, that they do not is a finding about their cohort. None where nothing is said of it.
    pub agreement_from: Option<i64>,
}

/// A scale: the mean of its items.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BandStart {
    /// Band id, with a label in the wording.
    pub id: String,
    /// Lowest POMP that falls in it, inclusive.
    pub from: i64,
}

/// Members of `definition.json`; each but `pair` is mandatory.
const MEMBERS: [&str; 14] = [
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
    "limits",
    "pair",
];

/// Decodes a definition; none when a value has the wrong type or a member is missing.
pub(super) fn decode_definition(value: &Value, problems: &mut Problems) -> Option<Definition> {
    let before = problems.found.len();
    let object = Node::root(value).object(&MEMBERS, problems)?;
    check_format(&object, problems);
    let p = problems;
    let definition = Definition {
        id: object.text("id", p),
        version: object.text("version", p),
        languages: object.get("languages", p).texts(p),
        minutes: object.get("minutes", p).integer(p),
        raters: elements(&object, "raters", p, |node, p| node.one_of(&RATERS, p)),
        responses: decode_responses(&object, p),
        items: elements(&object, "items", p, decode_item),
        sections: elements(&object, "sections", p, decode_section),
        groups: elements(&object, "groups", p, decode_group),
        scales: elements(&object, "scales", p, decode_scale),
        rules: elements(&object, "rules", p, decode_rule),
        focus_limit: object
            .get("limits", p)
            .object(&["focus"], p)
            .map_or(0, |limits| limits.get("focus", p).count(p)),
        pair: object.optional("pair").and_then(|node| decode_pair(node, p)),
    };
    (p.found.len() == before).then_some(definition)
}

/// Notes a format that this code does not read.
pub(super) fn check_format(object: &Object<'_>, problems: &mut Problems) {
    if object.get("format", problems).integer(problems) != FORMAT {
        problems.add("format", format!("this program reads format {FORMAT} only"));
    }
}

const RATERS: [(&str, Rater); 2] = [("self", Rater::Own), ("manager", Rater::Manager)];

fn elements<'a, T>(
    object: &Object<'a>,
    key: &str,
    problems: &mut Problems,
    mut decode: impl FnMut(Node<'a>, &mut Problems) -> Option<T>,
) -> Vec<T> {
    let mut decoded = Vec::new();
    for node in object.get(key, problems).list(problems) {
        decoded.extend(decode(node, problems));
    }
    decoded
}

fn decode_responses(object: &Object<'_>, p: &mut Problems) -> LiteMap<String, Response> {
    let members = ["type", "min", "max", "favourable_from", "codes", "not_applicable"];
    let responses = object.get("responses", p).map(p, |node, p| {
        let response = node.object(&members, p)?;
        let not_applicable = response.get("not_applicable", p).flag(p);
        Some(match response.get("type", p).one_of(&[("rating", true), ("choice", false)], p)? {
            true => Response::Rating {
                min: response.get("min", p).integer(p),
                max: response.get("max", p).integer(p),
                favourable_from: response.get("favourable_from", p).integer(p),
                not_applicable,
            },
            false => {
                Response::Choice { codes: response.get("codes", p).integers(p), not_applicable }
            }
        })
    });
    let mut known = LiteMap::new();
    for (id, response) in responses {
        if let Some(response) = response {
            known.insert(id, response);
        }
    }
    known
}

fn decode_item(node: Node<'_>, p: &mut Problems) -> Option<Item> {
    let members = [
        "type",
        "id",
        "response",
        "reversed",
        "cut",
        "max_chars",
        "candidates",
        "pick",
        "shown_when",
    ];
    let item = node.object(&members, p)?;
    let kinds = [("rating", 0), ("choice", 1), ("text", 2), ("ranking", 3)];
    let kind = match item.get("type", p).one_of(&kinds, p)? {
        0 => ItemKind::Rating {
            response: item.text("response", p),
            reversed: item.get("reversed", p).flag(p),
        },
        1 => {
            ItemKind::Choice { response: item.text("response", p), cut: item.get("cut", p).flag(p) }
        }
        2 => ItemKind::Text { max_chars: item.get("max_chars", p).count(p) },
        _ => ItemKind::Ranking {
            candidates: item.get("candidates", p).texts(p),
            pick: item.get("pick", p).count(p),
        },
    };
    let shown_when = item.optional("shown_when").and_then(|node| decode_condition(node, p));
    Some(Item { id: item.text("id", p), kind, shown_when })
}

fn decode_section(node: Node<'_>, p: &mut Problems) -> Option<Section> {
    let section = node.object(&["id", "screens"], p)?;
    let screens = section.get("screens", p).list(p);
    let screens = screens.iter().map(|screen| screen.texts(p)).collect();
    Some(Section { id: section.text("id", p), screens })
}

fn decode_group(node: Node<'_>, p: &mut Problems) -> Option<Group> {
    let group = node.object(&["id", "chart", "agreement_from"], p)?;
    let charts = [("radar", Chart::Radar), ("profile", Chart::Profile), ("bars", Chart::Bars)];
    let chart = group.get("chart", p).one_of(&charts, p)?;
    let agreement_from = group.optional("agreement_from").map(|node| node.integer(p));
    Some(Group { id: group.text("id", p), chart, agreement_from })
}

fn decode_scale(node: Node<'_>, p: &mut Problems) -> Option<ScaleDefinition> {
    let scale = node.object(&["id", "group", "items", "min_answered", "bands"], p)?;
    Some(ScaleDefinition {
        id: scale.text("id", p),
        group: scale.text("group", p),
        items: scale.get("items", p).texts(p),
        min_answered: scale.get("min_answered", p).count(p),
        bands: elements(&scale, "bands", p, |node, p| {
            let band = node.object(&["id", "from"], p)?;
            Some(BandStart { id: band.text("id", p), from: band.get("from", p).integer(p) })
        }),
    })
}
