//! A decision map as a table for spreadsheets: RFC 4180, one layout, read strictly.
//!
//! A row is the map itself (its title), a metric, an outcome, or something owed; `docs/decision-map.md` shows it.
//! What is owed names its outcome by what stands in the column `outcome` of the outcome's row, so that rows may be
//! sorted.

use super::content::{EntryMut, Unfit};
use super::{
    DecisionMap, Field, Kind, MAX_METRICS, MAX_OUTCOMES, MAX_OWED, MAX_TITLE_CHARS, Metric,
    Outcome, Owed,
};
use crate::plan::hides;
use crate::table::{RecordFault, Records, unguarded, write_rows};
use csv::ByteRecord;

/// Largest table that is read, in bytes.
pub const MAX_CSV_BYTES: usize = 1024 * 1024;

/// The column that says what a row is.
const KIND: &str = "kind";
/// The column that an outcome and what is owed to it share.
const OUTCOME: &str = "outcome";
/// What stands in [`KIND`] for the map itself.
const MAP: &str = "map";

/// What a cell of a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Kind,
    Outcome,
    Field(Field),
}

impl Column {
    fn all() -> impl Iterator<Item = Column> {
        [Column::Kind, Column::Outcome].into_iter().chain(Field::ALL.map(Column::Field))
    }

    fn name(self) -> &'static str {
        match self {
            Column::Kind => KIND,
            Column::Outcome => OUTCOME,
            Column::Field(field) => field.code(),
        }
    }
}

/// Why a table is not read at all. Lines and columns are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableFault {
    /// More than [`MAX_CSV_BYTES`].
    #[error("the table is larger than {MAX_CSV_BYTES} bytes")]
    TooLarge,
    /// A cell in quotation marks has no end.
    #[error("a quotation mark in the row of line {0} is never closed")]
    Unclosed(u64),
    /// The first row does not name the columns.
    #[error("the first row has no column \"kind\"")]
    NoHeader,
    /// A column that no decision map has.
    #[error("column {0} is called \"{1}\", which no decision map has")]
    UnknownColumn(usize, String),
    /// A column that was there before.
    #[error("column {0}, \"{1}\", was there before")]
    RepeatedColumn(usize, String),
}

impl TableFault {
    /// Stable code, also the key of the texts that say what happened and what to do.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            TableFault::TooLarge => "map_table_too_large",
            TableFault::Unclosed(_) => "map_table_unclosed",
            TableFault::NoHeader => "map_table_no_header",
            TableFault::UnknownColumn(..) => "map_table_unknown_column",
            TableFault::RepeatedColumn(..) => "map_table_repeated_column",
        }
    }
}

/// What is wrong with a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellFault {
    /// More cells than columns.
    Surplus,
    /// Not UTF-8.
    Encoding,
    /// No kind of row.
    Kind,
    /// Filled in, although such a row has no such field.
    NoSuchField,
    /// More characters than there is room for.
    TooLong,
    /// Characters that cannot be seen.
    Hidden,
    /// None of the words that may stand there.
    Choice,
    /// No whole number in range.
    Count,
    /// No day as YYYY-MM-DD.
    Date,
    /// No accepted outcome has this name in its column `outcome`.
    Outcome,
    /// Another row stands for the same.
    Twice,
    /// More rows of this kind than a map holds.
    Full,
}

impl CellFault {
    /// All of them.
    pub const ALL: [CellFault; 12] = [
        CellFault::Surplus,
        CellFault::Encoding,
        CellFault::Kind,
        CellFault::NoSuchField,
        CellFault::TooLong,
        CellFault::Hidden,
        CellFault::Choice,
        CellFault::Count,
        CellFault::Date,
        CellFault::Outcome,
        CellFault::Twice,
        CellFault::Full,
    ];

    /// Stable code, part of the key of its text.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            CellFault::Surplus => "surplus",
            CellFault::Encoding => "encoding",
            CellFault::Kind => "kind",
            CellFault::NoSuchField => "no_such_field",
            CellFault::TooLong => "too_long",
            CellFault::Hidden => "hidden",
            CellFault::Choice => "choice",
            CellFault::Count => "count",
            CellFault::Date => "date",
            CellFault::Outcome => "outcome",
            CellFault::Twice => "twice",
            CellFault::Full => "full",
        }
    }
}

impl From<Unfit> for CellFault {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::NoSuchField => CellFault::NoSuchField,
            Unfit::TooLong => CellFault::TooLong,
            Unfit::Hidden => CellFault::Hidden,
            Unfit::Choice => CellFault::Choice,
            Unfit::Count => CellFault::Count,
            Unfit::Date => CellFault::Date,
        }
    }
}

/// A row that was refused, and the first fault of it. Lines and columns are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// The line that the row begins on.
    pub line: u64,
    /// The column of the faulty cell.
    pub column: usize,
    /// What the column is called; empty beyond the last one.
    pub name: &'static str,
    /// What is wrong.
    pub fault: CellFault,
    /// What stands in the cell.
    pub text: String,
}

/// A table that was read: the rows that are in order as a map, and the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRead {
    /// What the rows say.
    pub map: DecisionMap,
    /// Rows that were refused, by line.
    pub refused: Vec<RowFault>,
}

impl DecisionMap {
    /// The map as a table. A cell that a spreadsheet would run as a formula begins with an apostrophe, which
    /// [`read_csv`] takes away again.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut rows = Vec::new();
        let mut write =
            |cell: &dyn Fn(Column) -> String| rows.push(Column::all().map(cell).collect());
        write(&|column| column.name().to_owned());
        if !self.title.is_empty() {
            write(&|column| match column {
                Column::Kind => MAP.to_owned(),
                Column::Field(Field::Name) => self.title.clone(),
                _ => String::new(),
            });
        }
        let mut n_outcomes = 0;
        for entry in self.entries() {
            n_outcomes += usize::from(entry.kind() == Kind::Outcome);
            write(&|column| match column {
                Column::Kind => entry.kind().code().to_owned(),
                Column::Outcome if entry.kind() == Kind::Metric => String::new(),
                Column::Outcome => n_outcomes.to_string(),
                Column::Field(field) => entry.get(field),
            });
        }
        write_rows(&rows)
    }
}

/// Reads a table. Entries get ids from `new_id`, which must be 128 random bits in base64url, if they are to be kept.
///
/// # Errors
/// What is wrong with the table as a whole; faulty rows are in the answer.
pub fn read_csv(table: &[u8], mut new_id: impl FnMut() -> String) -> Result<TableRead, TableFault> {
    if table.len() > MAX_CSV_BYTES {
        return Err(TableFault::TooLarge);
    }
    let mut rows = rows(table)?.into_iter();
    let columns = Columns::of(&rows.next().ok_or(TableFault::NoHeader)?)?;
    // What is owed may stand above its outcome.
    let (owed, others): (Vec<Row>, Vec<Row>) =
        rows.partition(|row| columns.kind_of(row) == Kind::Owed.code());
    let mut reading = Reading::default();
    let mut refused = Vec::new();
    for row in others.iter().chain(&owed) {
        refused.extend(reading.take(&columns, row, &mut new_id).err());
    }
    refused.sort_by_key(|fault: &RowFault| fault.line);
    Ok(TableRead { map: reading.map, refused })
}

/// A row of a table, with the line it begins on.
struct Row {
    line: u64,
    cells: ByteRecord,
}

/// All rows in which something stands.
fn rows(table: &[u8]) -> Result<Vec<Row>, TableFault> {
    let first_line = table.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let delimiter = first_line.iter().find(|byte| b",;\t".contains(byte)).copied().unwrap_or(b',');
    let fault = |fault: RecordFault| match fault {
        RecordFault::Unclosed(line) => TableFault::Unclosed(line),
        // A table in memory is always read.
        RecordFault::Read(_) => TableFault::NoHeader,
    };
    let mut records = Records::new(table, delimiter, 1).map_err(fault)?;
    let (mut rows, mut cells) = (Vec::new(), ByteRecord::new());
    while let Some(line) = records.read(&mut cells).map_err(fault)? {
        if cells.iter().any(|cell| !cell.trim_ascii().is_empty()) {
            rows.push(Row { line, cells: cells.clone() });
        }
    }
    Ok(rows)
}

/// The columns of a table, in its order.
struct Columns(Vec<Column>);

impl Columns {
    fn of(header: &Row) -> Result<Self, TableFault> {
        let mut columns = Vec::new();
        for (idx, cell) in header.cells.iter().enumerate() {
            let name = String::from_utf8_lossy(cell).trim().to_ascii_lowercase();
            match Column::all().find(|column| column.name() == name) {
                None => return Err(TableFault::UnknownColumn(idx + 1, name)),
                Some(known) if columns.contains(&known) => {
                    return Err(TableFault::RepeatedColumn(idx + 1, name));
                }
                Some(column) => columns.push(column),
            }
        }
        let is_header = columns.contains(&Column::Kind);
        is_header.then_some(Columns(columns)).ok_or(TableFault::NoHeader)
    }

    fn idx(&self, column: Column) -> Option<usize> {
        self.0.iter().position(|known| *known == column)
    }

    fn text(&self, row: &Row, column: Column) -> String {
        let cell = self.idx(column).and_then(|idx| row.cells.get(idx)).unwrap_or_default();
        // Some spreadsheets break lines within a cell as they end rows.
        unguarded(&String::from_utf8_lossy(cell)).replace("\r\n", "\n")
    }

    fn kind_of(&self, row: &Row) -> String {
        self.text(row, Column::Kind).trim().to_ascii_lowercase()
    }

    fn refusal(&self, row: &Row, column: Column, fault: CellFault) -> RowFault {
        RowFault {
            line: row.line,
            column: self.idx(column).unwrap_or_default() + 1,
            name: column.name(),
            fault,
            text: shortened(&self.text(row, column)),
        }
    }

    /// Whether every cell is a text in a column.
    fn check(&self, row: &Row) -> Result<(), RowFault> {
        for (idx, cell) in row.cells.iter().enumerate() {
            let column = self.0.get(idx);
            let fault = match std::str::from_utf8(cell) {
                Ok(text) if column.is_some() || text.trim().is_empty() => continue,
                Ok(_) => CellFault::Surplus,
                Err(_) => CellFault::Encoding,
            };
            let name = column.map_or("", |column| column.name());
            let text = shortened(&String::from_utf8_lossy(cell));
            return Err(RowFault { line: row.line, column: idx + 1, name, fault, text });
        }
        Ok(())
    }

    /// Fills an entry in from the cells of a row. Nothing may stand in a cell that the entry has no field for.
    fn fill(&self, row: &Row, mut entry: EntryMut<'_>) -> Result<(), RowFault> {
        for column in &self.0 {
            let Column::Field(field) = column else { continue };
            let text = self.text(row, *column);
            // Spreadsheets begin words with a capital.
            let text = if field.is_free() { text } else { text.trim().to_ascii_lowercase() };
            match entry.set(*field, &text) {
                Err(Unfit::NoSuchField) if text.trim().is_empty() => {}
                Err(unfit) => return Err(self.refusal(row, *column, unfit.into())),
                Ok(()) => {}
            }
        }
        Ok(())
    }
}

/// As much of a faulty cell as a message shows.
fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

/// What was read so far.
#[derive(Default)]
struct Reading {
    map: DecisionMap,
    /// What stands in the column `outcome` of each accepted outcome.
    labels: Vec<String>,
    has_title: bool,
}

impl Reading {
    fn take(
        &mut self,
        columns: &Columns,
        row: &Row,
        new_id: &mut impl FnMut() -> String,
    ) -> Result<(), RowFault> {
        columns.check(row)?;
        let refuse = |column, fault| Err(columns.refusal(row, column, fault));
        let label = columns.text(row, Column::Outcome).trim().to_owned();
        let kind = columns.kind_of(row);
        if kind == MAP {
            return self.title(columns, row);
        }
        if kind == Kind::Metric.code() {
            let mut metric = Metric { id: new_id(), ..Metric::default() };
            columns.fill(row, EntryMut::Metric(&mut metric))?;
            if !label.is_empty() {
                return refuse(Column::Outcome, CellFault::NoSuchField);
            }
            if self.map.metrics.len() == MAX_METRICS {
                return refuse(Column::Kind, CellFault::Full);
            }
            self.map.metrics.push(metric);
        } else if kind == Kind::Outcome.code() {
            let mut outcome = Outcome { id: new_id(), ..Outcome::default() };
            columns.fill(row, EntryMut::Outcome(&mut outcome))?;
            if !label.is_empty() && self.labels.contains(&label) {
                return refuse(Column::Outcome, CellFault::Twice);
            }
            if self.map.outcomes.len() == MAX_OUTCOMES {
                return refuse(Column::Kind, CellFault::Full);
            }
            self.map.outcomes.push(outcome);
            self.labels.push(label);
        } else if kind == Kind::Owed.code() {
            let mut owed = Owed { id: new_id(), ..Owed::default() };
            columns.fill(row, EntryMut::Owed(&mut owed))?;
            let to = self.labels.iter().position(|known| !label.is_empty() && *known == label);
            let Some(outcome) = to.and_then(|idx| self.map.outcomes.get_mut(idx)) else {
                return refuse(Column::Outcome, CellFault::Outcome);
            };
            if outcome.owed.len() == MAX_OWED {
                return refuse(Column::Kind, CellFault::Full);
            }
            outcome.owed.push(owed);
        } else {
            return refuse(Column::Kind, CellFault::Kind);
        }
        Ok(())
    }

    /// The row that names the map.
    fn title(&mut self, columns: &Columns, row: &Row) -> Result<(), RowFault> {
        const NAME: Column = Column::Field(Field::Name);
        let refuse = |column, fault| Err(columns.refusal(row, column, fault));
        let surplus = columns.0.iter().find(|column| {
            !matches!(**column, Column::Kind | NAME)
                && !columns.text(row, **column).trim().is_empty()
        });
        let title = columns.text(row, NAME);
        if let Some(column) = surplus {
            return refuse(*column, CellFault::NoSuchField);
        }
        if self.has_title {
            return refuse(Column::Kind, CellFault::Twice);
        }
        if title.chars().count() > MAX_TITLE_CHARS {
            return refuse(NAME, CellFault::TooLong);
        }
        if title.chars().any(hides) {
            return refuse(NAME, CellFault::Hidden);
        }
        self.map.title = title;
        self.has_title = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::any_map;
    use super::*;
    use crate::plan::Worksheet;
    use proptest::prelude::*;

    /// Ids in the order in which they are asked for.
    fn counted() -> impl FnMut() -> String {
        let mut n = 0_u128;
        move || {
            n += 1;
            crate::jose::base64url(&n.to_be_bytes())
        }
    }

    fn without_ids(map: &DecisionMap) -> String {
        let mut json = map.to_json();
        fn strip(value: &mut serde_json::Value) {
            if let Some(object) = value.as_object_mut() {
                object.remove("id");
                object.values_mut().for_each(strip);
            }
            value.as_array_mut().into_iter().flatten().for_each(strip);
        }
        strip(&mut json);
        crate::json::canonical(&json)
    }

    proptest! {
        #[test]
        fn a_table_loses_nothing(map in any_map()) {
            let table = map.to_csv();
            let read = read_csv(table.as_bytes(), counted()).unwrap();
            prop_assert_eq!(&read.refused, &Vec::new());
            prop_assert_eq!(without_ids(&read.map), without_ids(&map));
            prop_assert_eq!(read.map.to_csv(), table);
        }

        #[test]
        fn no_table_stops_the_reader(table in "(kind|metric|outcome|owed|map|name|by|[,;\"\r\n'=x1]){0,40}") {
            if let Ok(read) = read_csv(table.as_bytes(), counted()) {
                prop_assert!(DecisionMap::from_json(&read.map.to_json()).is_ok());
            }
        }
    }

    const HEADER: &str = "kind,outcome,name,owner,second_owner,when,amount,lever,permission,ask,decisions,casting_vote,on_track,by,delivered\r\n";

    #[test]
    fn the_layout_is_the_documented_one() {
        assert_eq!(DecisionMap::default().to_csv(), HEADER);
        let table = "kind;outcome;name;owner;when;amount;decisions;by;Delivered\n\
            owed;A;Specification;Cy;;;;2026-12-01;Yes\n\
            Outcome;A;Launch;Ben;;;;;\n\n;;;;;;;;\n\
            metric;;\"Churn;\nmonthly\";Ana;Above;\"3 %\";2;;\n\
            map;;Board;;;;;;\n";
        let read = read_csv(table.as_bytes(), counted()).unwrap();
        assert_eq!(read.refused, []);
        assert_eq!(
            read.map.to_csv(),
            format!(
                "{HEADER}map,,Board,,,,,,,,,,,,\r\nmetric,,\"Churn;\nmonthly\",Ana,,above,3 %,,,,2,,,,\r\n\
                outcome,1,Launch,Ben,,,,,,,,,,,\r\nowed,1,Specification,Cy,,,,,,,,,,2026-12-01,yes\r\n"
            )
        );
    }

    #[track_caller]
    fn refused(row: &str, line: u64, column: usize, fault: CellFault) {
        let table =
            format!("{HEADER}outcome,1,Launch,,,,,,,,,,,,\nmap,,Board,,,,,,,,,,,,\n{row}\n");
        let read = read_csv(table.as_bytes(), counted()).unwrap();
        let found: Vec<_> = read.refused.iter().map(|r| (r.line, r.column, r.fault)).collect();
        assert_eq!(found, [(line, column, fault)], "{row}");
        assert_eq!(read.map.outcomes.len(), 1, "the rest is read");
    }

    #[test]
    fn faulty_rows_are_refused_and_the_rest_is_read() {
        refused("number,,x,,,,,,,,,,,,", 4, 1, CellFault::Kind);
        refused("metric,,x,,,beyond,,,,,,,,,", 4, 6, CellFault::Choice);
        refused("metric,,x,,,,,,maybe,,,,,,", 4, 9, CellFault::Choice);
        refused("metric,,x,,,,,,,,two,,,,", 4, 11, CellFault::Count);
        refused("metric,,x,,,,,,,,10000,,,,", 4, 11, CellFault::Count);
        refused("metric,,x,,,,,,,,,yes,,,", 4, 12, CellFault::NoSuchField);
        refused("metric,1,x,,,,,,,,,,,,", 4, 2, CellFault::NoSuchField);
        refused("outcome,2,x,,,above,,,,,,,,,", 4, 6, CellFault::NoSuchField);
        refused("outcome,1,x,,,,,,,,,,,,", 4, 2, CellFault::Twice);
        refused("map,,Other,,,,,,,,,,,,", 4, 1, CellFault::Twice);
        refused("owed,2,x,,,,,,,,,,,,", 4, 2, CellFault::Outcome);
        refused("owed,,x,,,,,,,,,,,,", 4, 2, CellFault::Outcome);
        refused("owed,1,x,,,,,,,,,,,1.12.2026,", 4, 14, CellFault::Date);
        refused("owed,1,x,,,,,,,,,,,,maybe", 4, 15, CellFault::Choice);
        refused("metric,,x,,,,,,,,,,,,,more", 4, 16, CellFault::Surplus);
        refused(&format!("metric,,x,{},,,,,,,,,,,", "y".repeat(81)), 4, 4, CellFault::TooLong);
        refused("metric,,a\u{202e}b,,,,,,,,,,,,", 4, 3, CellFault::Hidden);
        refused("\nmetric,,\"a\nb\",,,beyond,,,,,,,,,", 5, 6, CellFault::Choice);
        let row = "metric,,\u{e9},,,,,,,,,,,,".replace('\u{e9}', "?").into_bytes();
        let row: Vec<u8> = row.into_iter().map(|b| if b == b'?' { 0xe9 } else { b }).collect();
        let read = read_csv(&[HEADER.as_bytes(), &row].concat(), counted()).unwrap();
        assert_eq!((read.refused[0].column, read.refused[0].fault), (3, CellFault::Encoding));
    }

    #[test]
    fn a_map_holds_so_many_rows() {
        let table = HEADER.to_owned() + &"metric,,x,,,,,,,,,,,,\n".repeat(MAX_METRICS + 2);
        let read = read_csv(table.as_bytes(), counted()).unwrap();
        assert_eq!((read.map.metrics.len(), read.refused.len()), (MAX_METRICS, 2));
        assert!(read.refused.iter().all(|row| row.fault == CellFault::Full));
    }

    #[track_caller]
    fn unreadable(table: &str, expected: TableFault) {
        assert_eq!(read_csv(table.as_bytes(), counted()).unwrap_err(), expected, "{table}");
    }

    #[test]
    fn what_is_no_such_table_is_not_read() {
        unreadable("", TableFault::NoHeader);
        unreadable("name,owner\n", TableFault::NoHeader);
        unreadable("kind,KPI\n", TableFault::UnknownColumn(2, "kpi".to_owned()));
        unreadable("kind,name,\n", TableFault::UnknownColumn(3, String::new()));
        unreadable("kind,name,Name\n", TableFault::RepeatedColumn(3, "name".to_owned()));
        unreadable("kind,name\nmetric,\"x\n", TableFault::Unclosed(2));
        unreadable(&"x".repeat(MAX_CSV_BYTES + 1), TableFault::TooLarge);
    }
}
