//! Tables of answers from elsewhere: one row a person, read by all cores and never held in memory as a whole.

use crate::failure::Failure;
use scoring::instrument::Instrument;
use scoring::json;
use scoring::tally::{Cell, Gathering, Layout, SKIPPED};
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Texts that stand for no answer, as R and pandas write it.
const MISSING: [&[u8]; 4] = [b"", b"NA", b"NaN", b"nan"];

/// Bytes that a core takes at once.
const CHUNK: usize = 1 << 20;

/// Why a table cannot be read, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum TableFault {
    /// No line at all.
    #[error("the table is empty")]
    Empty,
    /// Items of the definition that have no column.
    #[error("the table has no column {}", .0.join(", "))]
    NoColumns(Vec<String>),
    /// A header that stands there twice.
    #[error("the table has two columns \"{0}\"")]
    TwoColumns(String),
    /// A line with another number of cells than the header.
    #[error("line {line} has {found} cells instead of {expected}")]
    Width {
        /// Counted from 1, the header.
        line: u64,
        /// Cells there.
        found: usize,
        /// Cells in the header.
        expected: usize,
    },
    /// A cell that is no answer to its item.
    #[error("line {line}, column \"{column}\": \"{value}\" is not one of the answers {codes}")]
    Value {
        /// Counted from 1, the header.
        line: u64,
        /// The item.
        column: String,
        /// What stands there.
        value: String,
        /// What could.
        codes: String,
    },
    /// Quotation marks or bytes that are not CSV.
    #[error("the table is not CSV: {0}")]
    Csv(String),
}

impl TableFault {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            TableFault::Empty => "name a CSV file with a header and one row a person",
            TableFault::NoColumns(_) => {
                "name the columns as the definition names its items; `plumbline import` reads other layouts"
            }
            TableFault::TwoColumns(_) => "leave one of them, and rename or remove the other",
            TableFault::Width { .. } => {
                "look at that line: a comma inside a text needs quotation marks around the text"
            }
            TableFault::Value { .. } => {
                "write answers as the definition's codes, and missing ones as empty cells or NA"
            }
            TableFault::Csv(_) => "save the table as CSV in UTF-8",
        }
    }
}

/// Reads the definition in a folder. It may be formatted in any way: what counts is what it says.
pub fn definition(folder: &Path) -> Result<Instrument, Failure> {
    let path = folder.join(crate::catalog::DEFINITION);
    let bytes = fs::read(&path).map_err(|source| Failure::Read { path, source })?;
    let canonical = json::parse(&bytes).map(|value| json::canonical(&value).into_bytes());
    Instrument::load(&canonical.unwrap_or(bytes))
        .map_err(|problems| Failure::Instrument { folder: folder.display().to_string(), problems })
}

/// What a table holds.
pub struct Counted {
    /// Everybody.
    pub all: Cell,
    /// Those with something in the group column, by what stands there; none without such a column.
    pub groups: Option<BTreeMap<String, Cell>>,
}

/// Counts a CSV file: a header of item ids, one row a person.
pub fn count(path: &Path, layout: &Layout, group: Option<&str>) -> Result<Counted, Failure> {
    let open = |source| Failure::Read { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(open)?;
    let fault = |fault| Failure::Table { path: path.to_owned(), fault };
    let mut chunks = Chunks::new(&mut file);
    let first = chunks.next().map_err(open)?.ok_or(fault(TableFault::Empty))?;
    let (header, rest) = split_line(&first.text);
    let plan = Plan::new(header, layout, group).map_err(fault)?;
    let first = Chunk { line: 2, is_quoted: first.is_quoted, text: rest.to_vec() };
    counted_by_all_cores(&plan, first, &mut chunks).map_err(|ended| match ended {
        Ended::Fault(found) => fault(found),
        Ended::Read(source) => open(source),
    })
}

/// Why counting ended early.
enum Ended {
    Fault(TableFault),
    Read(std::io::Error),
}

fn counted_by_all_cores(
    plan: &Plan<'_>,
    first: Chunk,
    chunks: &mut Chunks<impl Read>,
) -> Result<Counted, Ended> {
    let n_workers = thread::available_parallelism().map_or(1, usize::from);
    let (send, receive) = sync_channel::<Chunk>(n_workers);
    let receive = Mutex::new(receive);
    thread::scope(|scope| {
        let work = || {
            let mut counting = Counting::new(plan);
            let mut fault = None;
            // Chunks come in order, so that whatever follows a fault has only later ones. It is received all the
            // same: nobody must wait for a place in the queue.
            while let Some(chunk) = next(&receive) {
                if fault.is_none() {
                    fault = counting.chunk(&chunk).err();
                }
            }
            fault.map_or(Ok(counting), Err)
        };
        let workers: Vec<_> = (0..n_workers).map(|_| scope.spawn(work)).collect();
        let mut own = Counting::new(plan);
        let mut pending = Some(first);
        let mut read = Ok(());
        while let Some(chunk) = pending {
            if chunk.is_quoted {
                // A line end inside quotation marks is no end of a row: from here on, one after the other.
                read = own.quoted(&chunk, chunks).map_err(Ended::Fault);
                break;
            }
            // Workers receive until nothing comes any more.
            let _ = send.send(chunk);
            pending = match chunks.next() {
                Ok(chunk) => chunk,
                Err(error) => {
                    read = Err(Ended::Read(error));
                    break;
                }
            };
        }
        drop(send);
        let mut faults = Vec::new();
        for worker in workers {
            match worker.join() {
                Ok(Ok(counting)) => own.merge(counting),
                Ok(Err(fault)) => faults.push(fault),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        match faults.into_iter().min() {
            Some(first) => Err(Ended::Fault(first)),
            None => read.map(|()| own.finish()),
        }
    })
}

fn next(chunks: &Mutex<Receiver<Chunk>>) -> Option<Chunk> {
    chunks.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// Whole lines of a file.
struct Chunk {
    /// Number of the first line.
    line: u64,
    /// Whether there is a quotation mark in it.
    is_quoted: bool,
    text: Vec<u8>,
}

/// A file, some lines at a time.
struct Chunks<'a, R> {
    source: &'a mut R,
    line: u64,
    /// The beginning of a line whose end is not read yet.
    begun: Vec<u8>,
}

impl<'a, R: Read> Chunks<'a, R> {
    fn new(source: &'a mut R) -> Self {
        Chunks { source, line: 1, begun: Vec::new() }
    }

    fn next(&mut self) -> std::io::Result<Option<Chunk>> {
        let mut text = std::mem::take(&mut self.begun);
        loop {
            let before = text.len();
            let n_read = self.source.by_ref().take(CHUNK as u64).read_to_end(&mut text)?;
            let read = text.get(before..).unwrap_or_default();
            if n_read == 0 {
                break;
            }
            if let Some(end) = memchr::memrchr(b'\n', read) {
                self.begun = text.split_off(before + end + 1);
                break;
            }
        }
        if text.is_empty() {
            return Ok(None);
        }
        let n_lines = memchr::memchr_iter(b'\n', &text).count() as u64;
        let line = self.line;
        self.line += n_lines;
        Ok(Some(Chunk { line, is_quoted: memchr::memchr(b'"', &text).is_some(), text }))
    }
}

/// The first line, and what follows it.
fn split_line(text: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
    let line = text.get(..end).unwrap_or_default();
    (line, text.get(end + 1..).unwrap_or_default())
}

/// What to do with each cell of a line.
struct Plan<'a> {
    layout: &'a Layout,
    columns: Vec<Column>,
    has_groups: bool,
}

enum Column {
    /// Nothing.
    Unused,
    /// It names the group.
    Group,
    /// An answer.
    Item {
        id: String,
        /// Its place in a row.
        place: usize,
        /// The row's byte for a cell of one character.
        bytes: [u8; 256],
        codes: Vec<i64>,
    },
}

/// Stands in `bytes` for what is no answer.
const NO_ANSWER: u8 = 252;

impl<'a> Plan<'a> {
    fn new(header: &[u8], layout: &'a Layout, group: Option<&str>) -> Result<Self, TableFault> {
        let header = header.strip_prefix(b"\xef\xbb\xbf").unwrap_or(header);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(header);
        let mut names = csv::StringRecord::new();
        match reader.read_record(&mut names) {
            Ok(true) => {}
            Ok(false) => return Err(TableFault::Empty),
            Err(error) => return Err(TableFault::Csv(error.to_string())),
        }
        let column = |name: &str| {
            let place = layout.place(name)?;
            let codes = layout.items.get(place)?.codes.clone();
            let mut bytes = [NO_ANSWER; 256];
            for (byte, code) in (0..).zip(&codes) {
                if let Some(entry) = char::from_digit(u32::try_from(*code).ok()?, 10)
                    .and_then(|c| bytes.get_mut(c as usize))
                {
                    *entry = byte;
                }
            }
            Some(Column::Item { id: name.to_owned(), place, bytes, codes })
        };
        let mut seen = std::collections::BTreeSet::new();
        let mut columns = Vec::new();
        for name in names.iter().map(str::trim) {
            let column = match column(name) {
                _ if group == Some(name) => Column::Group,
                Some(column) => column,
                None => Column::Unused,
            };
            if !matches!(column, Column::Unused) && !seen.insert(name) {
                return Err(TableFault::TwoColumns(name.to_owned()));
            }
            columns.push(column);
        }
        let used = layout.scales.iter().flat_map(|scale| &scale.items);
        let used = used.filter_map(|(place, _)| layout.items.get(*place)).map(|place| &*place.item);
        let mut missing: Vec<String> =
            used.chain(group).filter(|name| !seen.contains(name)).map(str::to_owned).collect();
        missing.sort();
        missing.dedup();
        if missing.is_empty() {
            Ok(Plan { layout, columns, has_groups: group.is_some() })
        } else {
            Err(TableFault::NoColumns(missing))
        }
    }
}

/// One core's counts.
struct Counting<'a> {
    plan: &'a Plan<'a>,
    /// People without a group.
    others: Gathering,
    groups: HashMap<Vec<u8>, Gathering>,
    row: Vec<u8>,
    group: Vec<u8>,
}

impl<'a> Counting<'a> {
    fn new(plan: &'a Plan<'a>) -> Self {
        Counting {
            plan,
            others: Gathering::new(plan.layout),
            groups: HashMap::new(),
            row: vec![SKIPPED; plan.layout.items.len()],
            group: Vec::new(),
        }
    }

    fn chunk(&mut self, chunk: &Chunk) -> Result<(), TableFault> {
        let mut rest = chunk.text.as_slice();
        let mut number = chunk.line;
        while !rest.is_empty() {
            let (line, after) = split_line(rest);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if !line.is_empty() {
                self.line(number, line.split(|byte| *byte == b','))?;
            }
            (rest, number) = (after, number + 1);
        }
        Ok(())
    }

    /// Lines from the first quotation mark on, by a reader that knows quotation marks.
    fn quoted(&mut self, from: &Chunk, rest: &mut Chunks<'_, impl Read>) -> Result<(), TableFault> {
        let begun = std::mem::take(&mut rest.begun);
        let source = from.text.as_slice().chain(begun.as_slice()).chain(&mut *rest.source);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(BufReader::with_capacity(CHUNK, source));
        let mut record = csv::ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(|e| TableFault::Csv(e.to_string()))? {
            let line = record.position().map_or(1, csv::Position::line) - 1 + from.line;
            self.line(line, record.iter())?;
        }
        Ok(())
    }

    fn line<'c>(
        &mut self,
        line: u64,
        mut cells: impl Iterator<Item = &'c [u8]>,
    ) -> Result<(), TableFault> {
        let Plan { layout, columns, .. } = self.plan;
        self.group.clear();
        for (idx, column) in columns.iter().enumerate() {
            let Some(cell) = cells.next() else {
                return Err(TableFault::Width { line, found: idx, expected: columns.len() });
            };
            match column {
                Column::Unused => {}
                Column::Group => self.group.extend_from_slice(cell),
                Column::Item { id, place, bytes, codes } => {
                    let byte = match cell {
                        [one] => bytes.get(usize::from(*one)).copied().unwrap_or(NO_ANSWER),
                        longer => byte_of(longer, codes),
                    };
                    if byte == NO_ANSWER {
                        return Err(TableFault::Value {
                            line,
                            column: id.clone(),
                            value: String::from_utf8_lossy(cell).into_owned(),
                            codes: spelled(codes),
                        });
                    }
                    if let Some(own) = self.row.get_mut(*place) {
                        *own = byte;
                    }
                }
            }
        }
        let surplus = cells.count();
        if surplus > 0 {
            let expected = columns.len();
            return Err(TableFault::Width { line, found: expected + surplus, expected });
        }
        if MISSING.contains(&self.group.as_slice()) {
            self.others.add(layout, &self.row, &[]);
        } else if let Some(group) = self.groups.get_mut(&self.group) {
            group.add(layout, &self.row, &[]);
        } else {
            let mut group = Gathering::new(layout);
            group.add(layout, &self.row, &[]);
            self.groups.insert(self.group.clone(), group);
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        let layout = self.plan.layout;
        self.others.merge(layout, other.others);
        for (name, group) in other.groups {
            match self.groups.get_mut(&name) {
                Some(own) => own.merge(layout, group),
                None => {
                    self.groups.insert(name, group);
                }
            }
        }
    }

    fn finish(self) -> Counted {
        let layout = self.plan.layout;
        let mut all = self.others.finish(layout);
        let groups: BTreeMap<String, Cell> = self
            .groups
            .into_iter()
            .map(|(name, group)| {
                (String::from_utf8_lossy(&name).into_owned(), group.finish(layout))
            })
            .collect();
        groups.values().for_each(|group| all.merge(group));
        Counted { all, groups: self.plan.has_groups.then_some(groups) }
    }
}

/// The row's byte for a cell that is not one digit.
fn byte_of(cell: &[u8], codes: &[i64]) -> u8 {
    let cell = cell.trim_ascii();
    if MISSING.contains(&cell) {
        return SKIPPED;
    }
    // A column with missing values is often written with decimals: 3.0.
    let whole = cell.split(|byte| *byte == b'.').next().unwrap_or_default();
    let zeros = cell.get(whole.len()..).unwrap_or_default();
    let is_whole =
        zeros.is_empty() || (zeros.len() > 1 && zeros.iter().skip(1).all(|b| *b == b'0'));
    let code = std::str::from_utf8(whole).ok().filter(|_| is_whole).and_then(|t| t.parse().ok());
    let place = code.and_then(|code: i64| codes.iter().position(|known| *known == code));
    place.and_then(|place| u8::try_from(place).ok()).unwrap_or(NO_ANSWER)
}

fn spelled(codes: &[i64]) -> String {
    codes.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}
