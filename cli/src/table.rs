//! Tables of answers from elsewhere: one row a person, read by all cores and never held in memory as a whole.

use crate::failure::Failure;
use crate::output::printable;
use scoring::instrument::Instrument;
use scoring::json;
use scoring::table::{RecordFault, Records};
use scoring::tally::{Cell, Gathering, Layout, Place, SKIPPED};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Texts that stand for no answer, as R and pandas write it.
pub const MISSING: [&[u8]; 4] = [b"", b"NA", b"NaN", b"nan"];

/// Bytes that a core takes at once.
const CHUNK: usize = 1 << 20;

/// Why a table cannot be read, and where.
#[derive(Debug, thiserror::Error)]
pub enum TableFault {
    /// No line at all.
    #[error("the table is empty")]
    Empty,
    /// Items of the definition that have no column.
    #[error("the table has no column {}", .0.join(", "))]
    NoColumns(Vec<String>),
    /// A column that was asked for by name.
    #[error("the table has no column \"{0}\"")]
    NoColumn(String),
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
    /// A cell that is no number, or too long a one.
    #[error("line {line}, column \"{column}\": \"{value}\" is not a number that can be used here")]
    Number {
        /// Counted from 1, the header.
        line: u64,
        /// The column.
        column: String,
        /// What stands there.
        value: String,
    },
    /// A column that does not tell two groups apart.
    #[error("column \"{0}\" names {1} groups, and two can be compared")]
    NotTwoGroups(String, usize),
    /// Rows that cannot be read.
    #[error(transparent)]
    Record(#[from] RecordFault),
}

impl TableFault {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            TableFault::Empty => "name a CSV file with a header and one row a person",
            TableFault::NoColumns(_) => {
                "name the columns as the definition names its items; `plumbline import` reads other layouts"
            }
            TableFault::NoColumn(_) => "name a column as the first line of the table does",
            TableFault::TwoColumns(_) => "leave one of them, and rename or remove the other",
            TableFault::Width { .. } => {
                "look at that line: a comma inside a text needs quotation marks around the text"
            }
            TableFault::Value { .. } => {
                "write answers as the definition's codes, and missing ones as empty cells or NA"
            }
            TableFault::Number { .. } => {
                "write numbers as 3 or -2.5, of at most 18 digits; where raters are compared, whole numbers"
            }
            TableFault::NotTwoGroups(..) => {
                "leave the rows of two groups, and empty the column elsewhere"
            }
            TableFault::Record(_) => {
                "look at that row: a quotation mark inside of a cell in quotation marks is written twice"
            }
        }
    }

    /// Where it is.
    fn line(&self) -> u64 {
        match self {
            TableFault::Empty
            | TableFault::NoColumns(_)
            | TableFault::NoColumn(_)
            | TableFault::TwoColumns(_) => 1,
            TableFault::Width { line, .. }
            | TableFault::Value { line, .. }
            | TableFault::Number { line, .. } => *line,
            TableFault::Record(RecordFault::Unclosed(line)) => *line,
            TableFault::Record(RecordFault::Read(_)) | TableFault::NotTwoGroups(..) => u64::MAX,
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
    let read = |source| Failure::Read { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(read)?;
    counted(&mut file, layout, group).map_err(|fault| match fault {
        TableFault::Record(RecordFault::Read(source)) => read(source),
        fault => Failure::Table { path: path.to_owned(), fault },
    })
}

fn counted(
    file: &mut impl Read,
    layout: &Layout,
    group: Option<&str>,
) -> Result<Counted, TableFault> {
    let mut chunks = Chunks::new(file);
    let mut first = chunks.next()?.ok_or(TableFault::Empty)?;
    let rest = first.text.split_off(header_end(&first.text));
    let plan = Plan::new(&first.text, layout, group)?;
    let line = 1 + newlines(&first.text);
    counted_by_all_cores(&plan, Chunk::new(line, rest), &mut chunks)
}

fn counted_by_all_cores(
    plan: &Plan<'_>,
    first: Chunk,
    chunks: &mut Chunks<impl Read>,
) -> Result<Counted, TableFault> {
    let n_workers = thread::available_parallelism().map_or(1, usize::from);
    let (send, receive) = sync_channel::<Chunk>(n_workers);
    let receive = Mutex::new(receive);
    let give_back = chunks.give_back.clone();
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
                let _ = give_back.send(chunk.text);
            }
            fault.map_or(Ok(counting), Err)
        };
        let workers: Vec<_> = (0..n_workers).map(|_| scope.spawn(work)).collect();
        let mut own = Counting::new(plan);
        let read = own.hand_out(first, chunks, &send);
        drop(send);
        let mut faults: Vec<TableFault> = read.err().into_iter().collect();
        for worker in workers {
            match worker.join() {
                Ok(Ok(counting)) => own.merge(counting),
                Ok(Err(fault)) => faults.push(fault),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        match faults.into_iter().min_by_key(TableFault::line) {
            Some(first) => Err(first),
            None => Ok(own.finish()),
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

impl Chunk {
    fn new(line: u64, text: Vec<u8>) -> Self {
        Chunk { line, is_quoted: memchr::memchr(b'"', &text).is_some(), text }
    }
}

fn newlines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

/// A file, some lines at a time.
struct Chunks<'a, R> {
    source: &'a mut R,
    line: u64,
    /// The beginning of a line whose end is not read yet.
    begun: Vec<u8>,
    /// Texts that were counted: new ones for each chunk would take twice the memory.
    give_back: Sender<Vec<u8>>,
    given_back: Receiver<Vec<u8>>,
}

impl<'a, R: Read> Chunks<'a, R> {
    fn new(source: &'a mut R) -> Self {
        let (give_back, given_back) = channel();
        Chunks { source, line: 1, begun: Vec::new(), give_back, given_back }
    }

    fn next(&mut self) -> Result<Option<Chunk>, RecordFault> {
        let mut text = self.given_back.try_recv().unwrap_or_default();
        text.clear();
        text.append(&mut self.begun);
        loop {
            let before = text.len();
            let chunk = &mut self.source.by_ref().take(CHUNK as u64);
            if chunk.read_to_end(&mut text).map_err(RecordFault::Read)? == 0 {
                break;
            }
            let read = text.get(before..).unwrap_or_default();
            if let Some(end) = memchr::memrchr(b'\n', read) {
                self.begun.extend(text.drain(before + end + 1..));
                break;
            }
        }
        if text.is_empty() {
            return Ok(None);
        }
        let line = self.line;
        self.line += newlines(&text);
        Ok(Some(Chunk::new(line, text)))
    }
}

/// The first line, and what follows it.
fn split_line(text: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
    let line = text.get(..end).unwrap_or_default();
    (line, text.get(end + 1..).unwrap_or_default())
}

/// Where the first row ends: at the first line end behind something and outside of quotation marks.
fn header_end(text: &[u8]) -> usize {
    let blank = text.iter().take_while(|byte| b"\r\n".contains(byte)).count();
    let mut is_inside = false;
    let end = memchr::memchr2_iter(b'\n', b'"', text).find(|idx| {
        let is_quote = text.get(*idx) == Some(&b'"');
        is_inside ^= is_quote;
        *idx > blank && !is_quote && !is_inside
    });
    end.map_or(text.len(), |end| end + 1)
}

/// What to do with each cell of a line.
struct Plan<'a> {
    layout: &'a Layout,
    columns: Vec<Option<Item<'a>>>,
    /// The column that names the group.
    group: Option<usize>,
}

/// A column of answers.
struct Item<'a> {
    at: &'a Place,
    /// Its place in a row.
    place: usize,
    /// The row's byte for a cell of one character.
    bytes: [Option<u8>; 256],
}

impl<'a> Item<'a> {
    fn new(layout: &'a Layout, name: &str) -> Option<Self> {
        let place = layout.place(name)?;
        let at = layout.items.get(place)?;
        let mut bytes = [None; 256];
        for (character, byte) in (0..=u8::MAX).zip(&mut bytes) {
            *byte = byte_of(at, &[character]);
        }
        Some(Item { at, place, bytes })
    }
}

impl<'a> Plan<'a> {
    fn new(header: &[u8], layout: &'a Layout, group: Option<&str>) -> Result<Self, TableFault> {
        let mut row = csv::ByteRecord::new();
        if Records::new(header, b',', 1)?.read(&mut row)?.is_none() {
            return Err(TableFault::Empty);
        }
        let mut columns = Vec::new();
        let mut seen = BTreeSet::new();
        let mut own_group = None;
        for (idx, name) in row.iter().enumerate() {
            let name = String::from_utf8_lossy(name).trim().to_owned();
            let item = Item::new(layout, &name);
            let is_group = group == Some(name.as_str());
            if is_group {
                own_group = Some(idx);
            }
            if (item.is_some() || is_group) && !seen.insert(name.clone()) {
                return Err(TableFault::TwoColumns(printable(&name)));
            }
            columns.push(item);
        }
        let used = layout.scales.iter().flat_map(|scale| &scale.items);
        let used = used.filter_map(|(place, _)| layout.items.get(*place)).map(|place| &*place.item);
        let missing: BTreeSet<&str> =
            used.chain(group).filter(|name| !seen.contains(*name)).collect();
        if missing.is_empty() {
            Ok(Plan { layout, columns, group: own_group })
        } else {
            Err(TableFault::NoColumns(missing.into_iter().map(str::to_owned).collect()))
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

    /// Gives chunks to workers, up to the first with a quotation mark: a line end inside of these is no end of a
    /// row, and so the rest is counted here, row by row.
    fn hand_out(
        &mut self,
        first: Chunk,
        chunks: &mut Chunks<'_, impl Read>,
        workers: &SyncSender<Chunk>,
    ) -> Result<(), TableFault> {
        let mut pending = Some(first);
        while let Some(chunk) = pending {
            if chunk.is_quoted {
                return self.quoted(&chunk, chunks);
            }
            // Workers receive until nothing comes any more.
            let _ = workers.send(chunk);
            pending = chunks.next()?;
        }
        Ok(())
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

    fn quoted(&mut self, from: &Chunk, rest: &mut Chunks<'_, impl Read>) -> Result<(), TableFault> {
        let begun = std::mem::take(&mut rest.begun);
        let source = from.text.as_slice().chain(begun.as_slice()).chain(&mut *rest.source);
        let mut records = Records::new(source, b',', from.line)?;
        let mut row = csv::ByteRecord::new();
        while let Some(line) = records.read(&mut row)? {
            self.line(line, row.iter())?;
        }
        Ok(())
    }

    fn line<'c>(
        &mut self,
        line: u64,
        mut cells: impl Iterator<Item = &'c [u8]>,
    ) -> Result<(), TableFault> {
        let Plan { layout, columns, group } = self.plan;
        let expected = columns.len();
        self.group.clear();
        for (idx, column) in columns.iter().enumerate() {
            let Some(cell) = cells.next() else {
                return Err(TableFault::Width { line, found: idx, expected });
            };
            if *group == Some(idx) {
                self.group.extend_from_slice(cell.trim_ascii());
            }
            let Some(item) = column else { continue };
            let byte = match cell {
                [one] => item.bytes.get(usize::from(*one)).copied().flatten(),
                longer => byte_of(item.at, longer),
            };
            let Some(byte) = byte else {
                return Err(TableFault::Value {
                    line,
                    column: item.at.item.clone(),
                    value: printable(&String::from_utf8_lossy(cell)),
                    codes: spelled(&item.at.codes),
                });
            };
            if let Some(own) = self.row.get_mut(item.place) {
                *own = byte;
            }
        }
        let surplus = cells.count();
        if surplus > 0 {
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
        Counted { all, groups: self.plan.group.map(|_| groups) }
    }
}

/// The row's byte for a cell; none if it is no answer.
fn byte_of(place: &Place, cell: &[u8]) -> Option<u8> {
    let cell = cell.trim_ascii();
    if MISSING.contains(&cell) { Some(SKIPPED) } else { place.byte_of_text(cell) }
}

fn spelled(codes: &[i64]) -> String {
    codes.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}
