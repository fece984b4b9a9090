//! An export of another survey tool as a tally.

use super::export::{Export, squeezed};
use super::map::{ImportMap, LeaveOut, MappedItem};
use super::records::{RecordFault, Records};
use crate::instrument::Instrument;
use crate::tally::{Layout, NOT_APPLICABLE, NOT_SHOWN, Place, SKIPPED, Tally, UnsignedRow};
use csv::ByteRecord;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;

/// Most groups of a cut. What has more is no closed question, and its texts may be names.
const MAX_GROUPS: usize = 100;

/// What became of the rows of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The counts, marked as unsigned.
    pub tally: Tally,
    /// Rows below the header.
    pub n_rows: u64,
    /// Rows left out, by the map's rules in order.
    pub n_left_out: Vec<u64>,
    /// Rows whose respondent has a later one.
    pub n_replaced: u64,
    /// Rows that were counted.
    pub n_counted: u64,
    /// Of those, rows without any answer.
    pub n_blank: u64,
    /// Columns that the map does not name.
    pub unused: Vec<String>,
}

/// A text that the map gives no code to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unmapped {
    /// The first line with it.
    pub line: u64,
    /// The column.
    pub column: String,
    /// The item.
    pub item: String,
    /// The text.
    pub value: String,
}

/// Why an export is not imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportFault {
    /// No row at all.
    #[error("the table is empty")]
    Empty,
    /// Not even text.
    #[error("this is {0}, and not CSV in UTF-8")]
    NotCsv(&'static str),
    /// Rows that cannot be read.
    #[error(transparent)]
    Record(#[from] RecordFault),
    /// The header is not of the tool that the map names.
    #[error(
        "this is no export of the layout {}{}", .expected.name(),
        .found.map(|found| format!("; its header looks like {}", found.name())).unwrap_or_default()
    )]
    Layout {
        /// The map's.
        expected: Export,
        /// What the header looks like.
        found: Option<Export>,
    },
    /// Columns that the map names and the table does not have.
    #[error("the table has no column {}", quoted(.0))]
    NoColumns(Vec<String>),
    /// A column that the map names and the table has more than once.
    #[error("the table has two columns \"{0}\"")]
    TwoColumns(String),
    /// A row with another number of cells than the header.
    #[error("line {line} has {found} cells instead of {expected}")]
    Width {
        /// Where it begins.
        line: u64,
        /// Cells there.
        found: usize,
        /// Cells in the header.
        expected: usize,
    },
    /// A cell that is not UTF-8.
    #[error("line {line}, column \"{column}\": this is not UTF-8")]
    NotUtf8 {
        /// Where its row begins.
        line: u64,
        /// The column.
        column: String,
    },
    /// Texts without a code, each once a column, in the order of lines.
    #[error("{}", listed(.0))]
    Unmapped(Vec<Unmapped>),
    /// A cut with more groups than a closed question has.
    #[error("column \"{column}\" holds more than {MAX_GROUPS} different texts")]
    TooManyGroups {
        /// The column.
        column: String,
    },
}

impl ImportFault {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            ImportFault::Empty => "Name the file that the survey tool exported.".to_owned(),
            ImportFault::NotCsv(_) | ImportFault::NotUtf8 { .. } => {
                "Save the table as CSV in UTF-8.".to_owned()
            }
            ImportFault::Record(_) => {
                "Look at that row: a quotation mark inside of a cell in quotation marks is written twice."
                    .to_owned()
            }
            ImportFault::Layout { .. } => {
                "Name the tool as `layout` in the map, and export the table anew if it was edited.".to_owned()
            }
            ImportFault::NoColumns(_) => {
                "Copy the names from the table's header into the map; `delimiter` says what parts cells, if not \
                 a comma."
                    .to_owned()
            }
            ImportFault::TwoColumns(_) => {
                "Rename one of them in the table, and in the map.".to_owned()
            }
            ImportFault::Width { .. } => {
                "Look at that line: a comma inside of a text needs quotation marks around the text.".to_owned()
            }
            ImportFault::Unmapped(texts) => texts.first().map_or_else(String::new, |first| {
                format!(
                    "Add each to the map with its code, at `labels` below the item's response, or as \
                     {{\"column\": …, \"labels\": {{{:?}: CODE}}}} at `items.{}`; or to `not_applicable` or \
                     `missing`.",
                    first.value, first.item
                )
            }),
            ImportFault::TooManyGroups { .. } => {
                "Cut by a closed question, or leave this cut out: its texts would be copied into the tally."
                    .to_owned()
            }
        }
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

fn listed(texts: &[Unmapped]) -> String {
    const MOST: usize = 20;
    let line = |text: &Unmapped| {
        let Unmapped { line, column, item, value } = text;
        format!("line {line}, column \"{column}\" ({item}): the map has no code for \"{value}\"")
    };
    let mut lines: Vec<String> = texts.iter().take(MOST).map(line).collect();
    if let Some(more) = texts.len().checked_sub(MOST).filter(|more| *more > 0) {
        lines.push(format!("and {more} more"));
    }
    lines.join("\n")
}

/// Makes a tally of an export. Nothing of it but codes, counts, the names of groups and hashes gets into the
/// tally.
///
/// # Errors
/// The first fault; texts without a code are all reported.
pub fn import(
    source: impl Read,
    map: &ImportMap,
    instrument: &Instrument,
) -> Result<Imported, ImportFault> {
    let mut start = Vec::new();
    let mut source = source;
    let read = |error| ImportFault::Record(RecordFault::Read(error));
    source.by_ref().take(4).read_to_end(&mut start).map_err(read)?;
    match start.as_slice() {
        [b'P', b'K', ..] => return Err(ImportFault::NotCsv("a workbook")),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Err(ImportFault::NotCsv("UTF-16")),
        _ => {}
    }
    let mut records = Records::new(start.as_slice().chain(source), map.delimiter, 1)?;
    let mut row = ByteRecord::new();
    // Three rows tell layouts apart, however many of them are the header.
    let mut first = Vec::new();
    while first.len() < 3
        && let Some(line) = records.read(&mut row)?
    {
        first.push((line, row.clone()));
    }
    if first.is_empty() {
        return Err(ImportFault::Empty);
    }
    let text = |cell: &[u8]| squeezed(&String::from_utf8_lossy(cell));
    let texts: Vec<Vec<String>> =
        first.iter().map(|(_, row)| row.iter().map(text).collect()).collect();
    let expected = map.export;
    expected.fits(&texts).map_err(|found| ImportFault::Layout { expected, found })?;
    let layout = Layout::of(instrument);
    let mut importing = Importing::new(map, &layout, expected.columns(&texts))?;
    for (line, row) in first.iter().skip(expected.n_header_rows()) {
        importing.row(*line, row)?;
    }
    while let Some(line) = records.read(&mut row)? {
        importing.row(line, &row)?;
    }
    importing.finish(instrument)
}

/// The way from rows to a tally.
struct Importing<'a> {
    map: &'a ImportMap,
    layout: &'a Layout,
    columns: Vec<String>,
    /// Column, item, and its place in the answers.
    items: Vec<(usize, &'a Place, usize, &'a MappedItem)>,
    cuts: Vec<usize>,
    leave_out: Vec<(usize, &'a LeaveOut)>,
    respondent: Option<usize>,
    rows: Vec<Option<UnsignedRow>>,
    /// Where the row of a respondent stands.
    latest: HashMap<String, usize>,
    n_left_out: Vec<u64>,
    /// Texts of each cut.
    groups: Vec<BTreeSet<String>>,
    /// By column and text; with the item, the first line.
    unmapped: BTreeMap<(usize, String), (&'a str, u64)>,
}

impl<'a> Importing<'a> {
    fn new(
        map: &'a ImportMap,
        layout: &'a Layout,
        columns: Vec<String>,
    ) -> Result<Self, ImportFault> {
        let mut missing = BTreeSet::new();
        let mut twice = None;
        let mut place = |name: &String| {
            let mut found = (0..).zip(&columns).filter(|(_, column)| *column == name);
            let first = found.next().map(|(idx, _)| idx);
            if first.is_none() {
                missing.insert(name.clone());
            }
            if found.next().is_some() {
                twice.get_or_insert_with(|| name.clone());
            }
            first.unwrap_or(0)
        };
        let mut items = Vec::new();
        for (idx, item) in layout.items.iter().enumerate() {
            if let Some(Some(mapped)) = map.items.get(&item.item) {
                items.push((place(&mapped.column), item, idx, mapped));
            }
        }
        let cuts: Vec<usize> = map.cuts.values().map(&mut place).collect();
        let leave_out = map.leave_out.iter().map(|rule| (place(&rule.column), rule)).collect();
        let respondent = map.respondent.as_ref().map(&mut place);
        if !missing.is_empty() {
            return Err(ImportFault::NoColumns(missing.into_iter().collect()));
        }
        if let Some(name) = twice {
            return Err(ImportFault::TwoColumns(name));
        }
        Ok(Importing {
            map,
            layout,
            columns,
            items,
            n_left_out: vec![0; map.leave_out.len()],
            groups: vec![BTreeSet::new(); cuts.len()],
            cuts,
            leave_out,
            respondent,
            rows: Vec::new(),
            latest: HashMap::new(),
            unmapped: BTreeMap::new(),
        })
    }

    fn row(&mut self, line: u64, row: &ByteRecord) -> Result<(), ImportFault> {
        let (found, expected) = (row.len(), self.columns.len());
        if found != expected {
            return Err(ImportFault::Width { line, found, expected });
        }
        let cell = |column: usize| {
            let text = std::str::from_utf8(row.get(column).unwrap_or_default());
            text.map(squeezed).map_err(|_| {
                let column = self.columns.get(column).cloned().unwrap_or_default();
                ImportFault::NotUtf8 { line, column }
            })
        };
        for ((column, rule), n) in self.leave_out.iter().zip(&mut self.n_left_out) {
            let text = cell(*column)?;
            if rule.is.iter().any(|is| is.eq_ignore_ascii_case(&text)) {
                *n += 1;
                return Ok(());
            }
        }
        let mut answers = vec![NOT_SHOWN; self.layout.items.len()];
        for (column, place, idx, mapped) in &self.items {
            let text = cell(*column)?;
            let byte = byte(&text, place, mapped, &self.map.missing).unwrap_or_else(|| {
                self.unmapped.entry((*column, text)).or_insert((&place.item, line));
                SKIPPED
            });
            if let Some(own) = answers.get_mut(*idx) {
                *own = byte;
            }
        }
        let mut groups = Vec::new();
        for (column, known) in self.cuts.iter().zip(&mut self.groups) {
            let group = Some(cell(*column)?)
                .filter(|text| !text.is_empty() && !self.map.missing.contains(text));
            known.extend(group.clone());
            if known.len() > MAX_GROUPS {
                let column = self.columns.get(*column).cloned().unwrap_or_default();
                return Err(ImportFault::TooManyGroups { column });
            }
            groups.push(group);
        }
        let nobody = |text: &String| {
            // What Microsoft Forms writes as the address of everybody, where it asks for none.
            text.is_empty() || text == "anonymous" || self.map.missing.contains(text)
        };
        let respondent = self.respondent.map(cell).transpose()?.filter(|text| !nobody(text));
        if let Some(respondent) = &respondent {
            let earlier = self.latest.insert(respondent.clone(), self.rows.len());
            if let Some(earlier) = earlier.and_then(|idx| self.rows.get_mut(idx)) {
                *earlier = None;
            }
        }
        self.rows.push(Some(UnsignedRow { answers, groups, respondent, content: digest(row) }));
        Ok(())
    }

    fn finish(self, instrument: &Instrument) -> Result<Imported, ImportFault> {
        if !self.unmapped.is_empty() {
            let text = |((column, value), (item, line)): ((usize, String), (&str, u64))| {
                let column = self.columns.get(column).cloned().unwrap_or_default();
                Unmapped { line, column, item: item.to_owned(), value }
            };
            let mut texts: Vec<Unmapped> = self.unmapped.into_iter().map(text).collect();
            texts.sort();
            return Err(ImportFault::Unmapped(texts));
        }
        let named: BTreeSet<usize> = self
            .items
            .iter()
            .map(|(column, ..)| *column)
            .chain(self.leave_out.iter().map(|(column, _)| *column))
            .chain(self.cuts.iter().copied().chain(self.respondent))
            .collect();
        let unused = self.columns.iter().enumerate().filter(|(idx, _)| !named.contains(idx));
        let unused = unused.map(|(_, name)| name.clone()).collect();
        let n_kept = self.rows.len() as u64;
        let n_left_out: u64 = self.n_left_out.iter().sum();
        let rows: Vec<UnsignedRow> = self.rows.into_iter().flatten().collect();
        let is_blank =
            |row: &&UnsignedRow| row.answers.iter().all(|byte| [SKIPPED, NOT_SHOWN].contains(byte));
        let cuts: Vec<String> = self.map.cuts.keys().cloned().collect();
        let names = [self.map.title.as_str(), self.map.wave.as_str()];
        Ok(Imported {
            tally: Tally::unsigned(instrument, self.map.rater, names, &cuts, &rows),
            n_rows: n_kept + n_left_out,
            n_left_out: self.n_left_out,
            n_replaced: n_kept - rows.len() as u64,
            n_counted: rows.len() as u64,
            n_blank: rows.iter().filter(is_blank).count() as u64,
            unused,
        })
    }
}

/// The byte for a cell; none where the map has no code for it.
fn byte(text: &str, place: &Place, mapped: &MappedItem, missing: &BTreeSet<String>) -> Option<u8> {
    if text.is_empty() || missing.contains(text) {
        return Some(SKIPPED);
    }
    match mapped.labels.get(text) {
        Some(Some(code)) => place.byte(*code),
        Some(None) => Some(NOT_APPLICABLE),
        None => place.byte_of_text(text.as_bytes()),
    }
}

/// SHA-256 of a row's cells, each after its length.
fn digest(row: &ByteRecord) -> [u8; 32] {
    let mut hash = Sha256::new();
    for cell in row {
        hash.update((cell.len() as u64).to_le_bytes());
        hash.update(cell);
    }
    hash.finalize().into()
}
