//! Instruments as data: a definition (structure, keying, bounds, missing-data policy, bands, rules)
//! and its wordings, one per language.
//!
//! [`Instrument::load`] reports every problem of a definition or a wording at once, each with its JSON
//! path, so that an author repairs a file in one sitting.

mod check;
pub(crate) mod decode;
mod definition;
mod pair;
mod reach;
mod rule;
pub(crate) mod wording;

pub use definition::{
    BandStart, Chart, Definition, Group, Item, ItemKind, Rater, Response, ScaleDefinition, Section,
};
pub use pair::{PAIR_CODES, PairRules};
pub use rule::{AnswerCount, Condition, Rule, RuleKind, ScoreCount, ScoreThreshold, Then};
pub use wording::Wording;

use crate::{joined, json};
use definition::decode_definition;
use litemap::LiteMap;
use sha2::{Digest, Sha256};
use std::fmt;
use wording::decode_wording;

/// One fault of a definition or wording file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which file: `definition.json`, or the wording's file name.
    pub file: String,
    /// JSON path of the faulty value, such as `items[3].response`.
    pub path: String,
    /// What is wrong, in words an instrument's author understands.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { file, path, message } = self;
        if path.is_empty() {
            write!(formatter, "{file}: {message}")
        } else {
            write!(formatter, "{file}: {path}: {message}")
        }
    }
}

const DEFINITION: &str = "definition.json";

/// A validated definition with the identity of its bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Instrument {
    definition: Definition,
    sha256: [u8; 32],
    items: LiteMap<String, usize>,
    scales: LiteMap<String, usize>,
    /// The place of each item's response format, by the place of the item.
    responses: Vec<Option<usize>>,
    /// Places of the items in presentation order.
    presented: Vec<usize>,
    /// Places of the items of each scale.
    scale_items: Vec<Vec<usize>>,
}

impl Instrument {
    /// Loads a definition from the bytes of `definition.json` and checks all that a definition must
    /// satisfy.
    ///
    /// # Errors
    /// Every problem found; the definition is unusable while there is one.
    pub fn load(definition: &[u8]) -> Result<Self, Vec<Problem>> {
        let instrument = Self::load_published(definition)?;
        let mut problems = Problems::new(DEFINITION);
        check::definition(&instrument.definition, &mut problems);
        if problems.found.is_empty() { Ok(instrument) } else { Err(problems.found) }
    }

    /// Loads a definition that [`Instrument::load`] accepted when it was published: only its form is
    /// checked. For the participant's browser, which takes definitions from where it takes its code,
    /// and need not download the checks.
    ///
    /// # Errors
    /// Every fault of form.
    pub fn load_published(definition: &[u8]) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::new(DEFINITION);
        let Some(value) = problems.read(definition) else { return Err(problems.found) };
        if json::canonical(&value).as_bytes() != definition {
            // The hash of the file must be the hash of its canonical form.
            problems.add("", "the bytes are not in RFC 8785 canonical form");
        }
        let decoded = decode_definition(&value, &mut problems);
        let Some(decoded) = decoded.filter(|_| problems.found.is_empty()) else {
            return Err(problems.found);
        };
        let (mut items, mut scales) = (LiteMap::new(), LiteMap::new());
        for (idx, item) in decoded.items.iter().enumerate() {
            items.insert(item.id.clone(), idx);
        }
        for (idx, scale) in decoded.scales.iter().enumerate() {
            scales.insert(scale.id.clone(), idx);
        }
        let response = |item: &Item| decoded.responses.find_index(item.kind.response()?).ok();
        let place = |id: &String| items.get(id).copied();
        let screens = decoded.sections.iter().flat_map(|section| &section.screens);
        Ok(Instrument {
            presented: screens.flatten().filter_map(place).collect(),
            scale_items: decoded
                .scales
                .iter()
                .map(|scale| scale.items.iter().filter_map(place).collect())
                .collect(),
            responses: decoded.items.iter().map(response).collect(),
            definition: decoded,
            sha256: Sha256::digest(definition).into(),
            items,
            scales,
        })
    }

    /// Loads the wording of this instrument in one language and checks that it is complete; `file`
    /// names it in problems.
    ///
    /// # Errors
    /// Every missing, empty or surplus text.
    pub fn wording(&self, file: &str, text: &[u8]) -> Result<Wording, Vec<Problem>> {
        let wording = self.wording_published(file, text)?;
        let mut problems = Problems::new(file);
        check::wording(&self.definition, &wording, &mut problems);
        if problems.found.is_empty() { Ok(wording) } else { Err(problems.found) }
    }

    /// Loads a wording that [`Instrument::wording`] accepted when it was published; see
    /// [`Instrument::load_published`].
    ///
    /// # Errors
    /// Every fault of form.
    pub fn wording_published(&self, file: &str, text: &[u8]) -> Result<Wording, Vec<Problem>> {
        let mut problems = Problems::new(file);
        let Some(value) = problems.read(text) else { return Err(problems.found) };
        decode_wording(&value, &mut problems).ok_or(problems.found)
    }

    /// The definition's data.
    #[must_use]
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// SHA-256 of the definition's bytes: what a result names.
    #[must_use]
    pub fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// SHA-256 of the definition's bytes, in lower-case hexadecimal.
    #[must_use]
    pub fn sha256_hex(&self) -> String {
        hex(&self.sha256)
    }

    /// The item with this id.
    #[must_use]
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.get(id).and_then(|idx| self.definition.items.get(*idx))
    }

    /// The scale with this id.
    #[must_use]
    pub fn scale(&self, id: &str) -> Option<&ScaleDefinition> {
        self.scales.get(id).and_then(|idx| self.definition.scales.get(*idx))
    }

    /// The response format that an item uses, if it offers options.
    #[must_use]
    pub fn response_of(&self, item: &Item) -> Option<&Response> {
        self.definition.responses.get(item.kind.response()?)
    }

    /// The same of the item at a place.
    pub(crate) fn response_at(&self, place: usize) -> Option<&Response> {
        let response = self.responses.get(place).copied().flatten()?;
        self.definition.responses.get_indexed(response).map(|(_, response)| response)
    }

    /// Whether a text is the SHA-256 of the definition's bytes, in lower-case hexadecimal.
    pub(crate) fn is_sha256(&self, text: &str) -> bool {
        is_hex(text, &self.sha256)
    }

    /// A condition said without "not", as far as that is possible: what a reader is told, and what facts are
    /// looked for.
    #[must_use]
    pub fn affirmed(&self, condition: &Condition) -> Condition {
        let codes_of = |item: &str| self.item(item).and_then(|item| self.response_of(item));
        condition.affirmed(&|item| codes_of(item).map(Response::codes).unwrap_or_default())
    }

    /// Bounds of a scale: the lowest and highest code of the rating response its items share.
    #[must_use]
    pub fn bounds(&self, scale: &ScaleDefinition) -> Option<(i64, i64)> {
        let item = scale.items.first().and_then(|id| self.item(id))?;
        match self.response_of(item)? {
            Response::Rating { min, max, .. } => Some((*min, *max)),
            Response::Choice { .. } => None,
        }
    }

    /// Items in presentation order.
    pub fn presented(&self) -> impl Iterator<Item = &Item> {
        self.presented_places().map(|(_, item)| item)
    }

    /// Items in presentation order, each with its place in the definition.
    pub(crate) fn presented_places(&self) -> impl Iterator<Item = (usize, &Item)> {
        self.presented.iter().filter_map(|idx| Some((*idx, self.definition.items.get(*idx)?)))
    }

    /// What is given by item id, in the order of the definition's items; what is no item's is left out.
    pub(crate) fn by_item<T: Copy>(&self, given: &LiteMap<String, T>) -> Vec<Option<T>> {
        let mut by_item = vec![None; self.definition.items.len()];
        for (idx, value) in joined(&self.items, given) {
            if let Some(place) = by_item.get_mut(*idx) {
                *place = Some(*value);
            }
        }
        by_item
    }

    /// Places of the items of each scale, in the order of [`Instrument::by_item`].
    pub(crate) fn scale_items(&self) -> &[Vec<usize>] {
        &self.scale_items
    }
}

/// Lower-case hexadecimal of some bytes.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    hex_digits(bytes).map(char::from).collect()
}

/// Whether a text is what [`hex`] makes of some bytes.
pub(crate) fn is_hex(text: &str, bytes: &[u8]) -> bool {
    text.bytes().eq(hex_digits(bytes))
}

fn hex_digits(bytes: &[u8]) -> impl Iterator<Item = u8> {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| if digit < 10 { b'0' + digit } else { b'a' - 10 + digit })
}

/// Collects problems of one file.
pub(crate) struct Problems {
    file: String,
    pub(crate) found: Vec<Problem>,
}

impl Problems {
    pub(crate) fn new(file: &str) -> Self {
        Problems { file: file.to_owned(), found: Vec::new() }
    }

    pub(crate) fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        let (path, message) = (path.into(), message.into());
        self.found.push(Problem { file: self.file.clone(), path, message });
    }

    pub(crate) fn read(&mut self, text: &[u8]) -> Option<serde_json::Value> {
        json::parse(text).map_err(|fault| self.add("", fault.to_string())).ok()
    }
}
