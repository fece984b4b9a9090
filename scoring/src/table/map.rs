//! What the columns and labels of an export mean.

use super::export::{Export, is_personal, squeezed};
use crate::instrument::decode::{Node, Object};
use crate::instrument::{Instrument, Item, ItemKind, Problem, Problems, Rater};
use std::collections::{BTreeMap, BTreeSet};

/// The format number that this code reads.
const FORMAT: i64 = 1;

const MEMBERS: [&str; 13] = [
    "format",
    "layout",
    "delimiter",
    "title",
    "wave",
    "rater",
    "respondent",
    "items",
    "labels",
    "not_applicable",
    "missing",
    "cuts",
    "leave_out",
];

/// A map from an export to a definition. Texts are kept as they are compared, with single spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportMap {
    /// Which tool wrote the table.
    pub export: Export,
    /// What parts its cells.
    pub delimiter: u8,
    /// What participants were invited to.
    pub title: String,
    /// The wave.
    pub wave: String,
    /// Who answered.
    pub rater: Rater,
    /// The column that tells people apart.
    pub respondent: Option<String>,
    /// Where the answers stand, by item; none for an item that was not asked.
    pub items: BTreeMap<String, Option<MappedItem>>,
    /// Texts that stand for no answer.
    pub missing: BTreeSet<String>,
    /// Columns that divide people, by the id of the cut.
    pub cuts: BTreeMap<String, String>,
    /// Rows that are no answers.
    pub leave_out: Vec<LeaveOut>,
}

/// Where an item's answers stand, and how they are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedItem {
    /// What the column is called.
    pub column: String,
    /// Codes of labels; none for a text that means not applicable.
    pub labels: BTreeMap<String, Option<i64>>,
}

/// Rows with one of some texts in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaveOut {
    /// What the column is called.
    pub column: String,
    /// The texts, in any case.
    pub is: Vec<String>,
}

impl ImportMap {
    /// Reads a map to an instrument.
    ///
    /// # Errors
    /// Every problem, with its JSON path.
    pub fn read(text: &[u8], file: &str, instrument: &Instrument) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::new(file);
        let value = problems.read(text);
        let map = value.and_then(|value| decode(&value, instrument, &mut problems));
        map.filter(|_| problems.found.is_empty()).ok_or(problems.found)
    }
}

fn decode(value: &serde_json::Value, to: &Instrument, p: &mut Problems) -> Option<ImportMap> {
    let object = Node::root(value).object(&MEMBERS, p)?;
    if object.get("format", p).integer(p) != FORMAT {
        p.add("format", format!("this program reads format {FORMAT} only"));
    }
    let delimiters = [(",", b','), (";", b';'), ("\t", b'\t')];
    let raters = to.definition().raters.iter().map(|rater| (rater.code(), *rater));
    let raters: Vec<(&str, Rater)> = raters.collect();
    let texts = |key: &str, p: &mut Problems| -> BTreeSet<String> {
        let texts = object.optional(key).map(|node| node.texts(p)).unwrap_or_default();
        texts.iter().map(|text| squeezed(text)).collect()
    };
    let not_applicable = texts("not_applicable", p);
    let labels = labels(&object, to, p);
    let map = ImportMap {
        export: object.get("layout", p).one_of(&Export::ALL, p)?,
        delimiter: match object.optional("delimiter") {
            Some(node) => node.one_of(&delimiters, p)?,
            None => b',',
        },
        title: shown(&object, "title", p),
        wave: shown(&object, "wave", p),
        rater: match object.optional("rater") {
            Some(node) => node.one_of(&raters, p)?,
            None => raters.first()?.1,
        },
        respondent: object.optional("respondent").map(|node| column(&node, p)),
        items: items(&object, to, &labels, &not_applicable, p),
        missing: texts("missing", p),
        cuts: cuts(&object, to, p),
        leave_out: object.optional("leave_out").map(|node| leave_out(&node, p)).unwrap_or_default(),
    };
    for label in map.missing.intersection(&not_applicable) {
        p.add("missing", format!("\"{label}\" means not applicable as well"));
    }
    each_column_once(&map, p);
    Some(map)
}

/// A text with something in it.
fn shown(object: &Object<'_>, key: &str, p: &mut Problems) -> String {
    let text = object.text(key, p);
    if text.trim().is_empty() {
        p.add(key, "may not be empty");
    }
    text
}

fn column(node: &Node<'_>, p: &mut Problems) -> String {
    let name = squeezed(&node.text(p));
    if name.is_empty() {
        node.problem("the name of a column may not be empty", p);
    }
    name
}

type Labels = BTreeMap<String, i64>;

/// Codes of labels, checked against what may be answered.
fn codes(node: &Node<'_>, allowed: &[i64], p: &mut Problems) -> Labels {
    let read = node.map(p, |node, p| {
        let code = node.integer(p);
        if !allowed.contains(&code) {
            node.problem(&format!("{code} is not one of the codes {}", spelled(allowed)), p);
        }
        code
    });
    let mut codes = Labels::new();
    for (label, code) in read {
        if codes.insert(squeezed(&label), code).is_some_and(|other| other != code) {
            node.problem(&format!("\"{}\" has two codes", squeezed(&label)), p);
        }
    }
    codes
}

fn spelled(codes: &[i64]) -> String {
    codes.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

/// Labels by response.
fn labels(object: &Object<'_>, to: &Instrument, p: &mut Problems) -> BTreeMap<String, Labels> {
    let Some(node) = object.optional("labels") else { return BTreeMap::new() };
    let mut by_response = BTreeMap::new();
    for (response, node) in node.members(p) {
        match to.definition().responses.get(&response) {
            Some(known) => {
                by_response.insert(response, codes(&node, &known.codes(), p));
            }
            None => node.problem(&format!("the definition has no response \"{response}\""), p),
        }
    }
    by_response
}

fn items(
    object: &Object<'_>,
    to: &Instrument,
    labels: &BTreeMap<String, Labels>,
    not_applicable: &BTreeSet<String>,
    p: &mut Problems,
) -> BTreeMap<String, Option<MappedItem>> {
    let mut items = BTreeMap::new();
    for (id, node) in object.get("items", p).members(p) {
        let Some((response, offered)) = to.item(&id).and_then(|item| offered(item, to)) else {
            node.problem(&format!("the definition has no rating or choice item \"{id}\""), p);
            continue;
        };
        let mapped = (!node.is_null()).then(|| {
            let (column, own) = match node.is_text() {
                true => (column(&node, p), Labels::new()),
                false => own_labels(node, &offered, p),
            };
            let mut known = labels.get(response).cloned().unwrap_or_default();
            known.extend(own);
            for label in not_applicable.iter().filter(|label| known.contains_key(*label)) {
                p.add("not_applicable", format!("\"{label}\" is a label of \"{id}\" as well"));
            }
            let known = known.into_iter().map(|(label, code)| (label, Some(code)));
            let none = not_applicable.iter().map(|label| (label.clone(), None));
            MappedItem { column, labels: known.chain(none).collect() }
        });
        items.insert(id, mapped);
    }
    let scales = &to.definition().scales;
    let used: BTreeSet<&String> = scales.iter().flat_map(|scale| &scale.items).collect();
    for id in used.into_iter().filter(|id| !items.contains_key(*id)) {
        let path = format!("items.{id}");
        p.add(path, "missing: name its column, or write null if it was not asked");
    }
    items
}

/// The response of an item, and its codes.
fn offered<'a>(item: &'a Item, to: &Instrument) -> Option<(&'a String, Vec<i64>)> {
    match &item.kind {
        ItemKind::Rating { response, .. } | ItemKind::Choice { response, .. } => {
            Some((response, to.response_of(item)?.codes()))
        }
        ItemKind::Text { .. } | ItemKind::Ranking { .. } => None,
    }
}

/// An item with labels of its own.
fn own_labels(node: Node<'_>, allowed: &[i64], p: &mut Problems) -> (String, Labels) {
    let Some(object) = node.object(&["column", "labels"], p) else { return Default::default() };
    let own = object.optional("labels").map(|node| codes(&node, allowed, p));
    (column(&object.get("column", p), p), own.unwrap_or_default())
}

fn cuts(object: &Object<'_>, to: &Instrument, p: &mut Problems) -> BTreeMap<String, String> {
    let Some(node) = object.optional("cuts") else { return BTreeMap::new() };
    let mut cuts = BTreeMap::new();
    for (id, node) in node.members(p) {
        let column = column(&node, p);
        if id.trim().is_empty() || to.item(&id).is_some() {
            node.problem("a cut needs a name of its own, which no item has", p);
        }
        if is_personal(&column) {
            node.problem("this column tells who somebody is; a report must not be cut by it", p);
        }
        cuts.insert(id, column);
    }
    cuts
}

fn leave_out(node: &Node<'_>, p: &mut Problems) -> Vec<LeaveOut> {
    let mut rules = Vec::new();
    for node in node.list(p) {
        if let Some(object) = node.object(&["column", "is"], p) {
            let is = object.get("is", p).texts(p);
            rules.push(LeaveOut {
                column: column(&object.get("column", p), p),
                is: is.iter().map(|text| squeezed(text)).collect(),
            });
        }
    }
    rules
}

/// Two items, or an item and a cut, never stand in one column.
fn each_column_once(map: &ImportMap, p: &mut Problems) {
    let mut seen = BTreeMap::new();
    let items = map.items.iter().filter_map(|(id, mapped)| Some((id, &mapped.as_ref()?.column)));
    let items = items.map(|(id, column)| (format!("items.{id}"), column));
    let cuts = map.cuts.iter().map(|(id, column)| (format!("cuts.{id}"), column));
    let respondent = map.respondent.iter().map(|column| ("respondent".to_owned(), column));
    for (path, column) in items.chain(cuts).chain(respondent) {
        if let Some(first) = seen.insert(column, path.clone()) {
            p.add(path, format!("{first} is in this column already"));
        }
    }
}
