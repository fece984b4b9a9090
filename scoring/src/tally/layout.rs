//! Answers as bytes: how a sheet becomes a row, and which of its places make which scale.

use crate::answers::{Answer, AnswerSheet};
use crate::instrument::{Instrument, ItemKind};
use crate::joined;
use litemap::LiteMap;

/// A row's byte for "don't know / not applicable".
pub const NOT_APPLICABLE: u8 = 255;
/// A row's byte for a question that was shown and skipped.
pub const SKIPPED: u8 = 254;
/// A row's byte for a question that was not shown.
pub const NOT_SHOWN: u8 = 253;

/// Which place of a row holds which item, and which places make which scale.
///
/// A row has one byte for each rating and choice item, in the definition's order: how many options lie
/// before the chosen one, or one of [`NOT_APPLICABLE`], [`SKIPPED`] and [`NOT_SHOWN`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// One place a rating or choice item.
    pub items: Vec<Place>,
    /// Scales in the definition's order.
    pub scales: Vec<ScaleLayout>,
    /// Ids of the text items.
    pub texts: Vec<String>,
    /// The places by item id.
    by_id: LiteMap<String, usize>,
    /// For each place, that of its item in the definition.
    in_definition: Vec<usize>,
}

/// One byte of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Item id.
    pub item: String,
    /// Codes of its options; the byte counts from the first.
    pub codes: Vec<i64>,
}

/// The places that make a scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScaleLayout {
    /// Scale id.
    pub scale: String,
    /// Places of its items, each with whether it is reversed.
    pub items: Vec<(usize, bool)>,
    /// Lowest code L.
    pub low: i64,
    /// H − L: values count from 0, which is L, to here, which is H.
    pub span: u8,
    /// Fewest answered items that give a score.
    pub min_answered: usize,
}

impl Layout {
    /// The layout of an instrument's answers.
    #[must_use]
    pub fn of(instrument: &Instrument) -> Self {
        let definition = instrument.definition();
        let places = definition.items.iter().filter_map(|item| {
            let codes = instrument.response_of(item)?.codes();
            Some(Place { item: item.id.clone(), codes })
        });
        let items: Vec<Place> = places.collect();
        let place_of = |id: &String| {
            let reversed = matches!(
                instrument.item(id).map(|item| &item.kind),
                Some(ItemKind::Rating { reversed: true, .. })
            );
            items.iter().position(|place| place.item == *id).map(|place| (place, reversed))
        };
        let scales = definition.scales.iter().map(|scale| {
            let (low, high) = instrument.bounds(scale).unwrap_or((0, 1));
            ScaleLayout {
                scale: scale.id.clone(),
                items: scale.items.iter().filter_map(place_of).collect(),
                low,
                // The definition's check keeps codes within 0 to 100.
                span: u8::try_from(high - low).unwrap_or(u8::MAX),
                min_answered: scale.min_answered,
            }
        });
        let texts = definition.items.iter().filter(|i| matches!(i.kind, ItemKind::Text { .. }));
        Layout {
            scales: scales.collect(),
            texts: texts.map(|item| item.id.clone()).collect(),
            in_definition: (0..definition.items.len())
                .filter(|place| instrument.response_at(*place).is_some())
                .collect(),
            by_id: items.iter().enumerate().map(|(idx, p)| (p.item.clone(), idx)).collect(),
            items,
        }
    }

    /// A sheet as a row.
    #[must_use]
    pub fn row(&self, sheet: &AnswerSheet) -> Vec<u8> {
        let mut row = vec![NOT_SHOWN; self.items.len()];
        for (idx, answer) in joined(&self.by_id, &sheet.answers) {
            if let (Some(byte), Some(place)) = (row.get_mut(*idx), self.items.get(*idx)) {
                *byte = place.byte_of(*answer);
            }
        }
        row
    }

    /// A row of answers by the places of their items in the definition.
    pub(super) fn row_of(&self, answers: &[Option<Answer>]) -> Box<[u8]> {
        let places = self.items.iter().zip(&self.in_definition);
        let byte = |(place, idx): (&Place, &usize)| {
            answers.get(*idx).copied().flatten().map_or(NOT_SHOWN, |answer| place.byte_of(answer))
        };
        places.map(byte).collect()
    }

    /// Which numbers a person stands behind: 1 for being there, then for each scale whether they have a score,
    /// then for each whether they answered all of it.
    pub(super) fn behind(&self, row: &[u8]) -> impl Iterator<Item = u64> {
        let n_answered: Vec<usize> =
            self.scales.iter().map(|scale| scale.n_answered(row)).collect();
        let scales = || self.scales.iter().zip(n_answered.clone());
        let scored = scales().map(|(scale, n)| u64::from(n >= scale.min_answered.max(1)));
        let complete = scales().map(|(scale, n)| u64::from(n == scale.items.len()));
        [1].into_iter().chain(scored).chain(complete)
    }

    /// The place of an item.
    #[must_use]
    pub fn place(&self, item: &str) -> Option<usize> {
        self.by_id.get(item).copied()
    }
}

impl Place {
    /// The byte that stands for an answer of a sheet that was checked, which holds offered codes only.
    fn byte_of(&self, answer: Answer) -> u8 {
        match answer {
            Answer::Skipped => SKIPPED,
            Answer::NotApplicable => NOT_APPLICABLE,
            Answer::Code(code) => self.byte(code).unwrap_or(SKIPPED),
        }
    }

    /// The byte that stands for a code.
    #[must_use]
    pub fn byte(&self, code: i64) -> Option<u8> {
        let idx = self.codes.iter().position(|known| *known == code)?;
        u8::try_from(idx).ok().filter(|byte| *byte < NOT_SHOWN)
    }

    /// The byte that stands for a code as tables write it: 3, or 3.0 where a column has missing values.
    #[must_use]
    pub fn byte_of_text(&self, text: &[u8]) -> Option<u8> {
        let (whole, zeros) = match text.iter().position(|byte| *byte == b'.') {
            Some(point) => (text.get(..point)?, text.get(point + 1..)?),
            None => (text, b"0".as_slice()),
        };
        let is_whole = !zeros.is_empty() && zeros.iter().all(|byte| *byte == b'0');
        let whole = std::str::from_utf8(whole).ok().filter(|_| is_whole)?;
        self.byte(whole.parse().ok()?)
    }
}

impl ScaleLayout {
    /// How many of the scale's items were answered in a row.
    fn n_answered(&self, row: &[u8]) -> usize {
        let is_answer = |place: &usize| row.get(*place).is_some_and(|byte| *byte <= self.span);
        self.items.iter().filter(|(place, _)| is_answer(place)).count()
    }
}
