//! Small tables of numbers: some columns, the rows in which none of them is empty.

use crate::failure::Failure;
use crate::output::printable;
use crate::table::{MISSING, TableFault};
use scoring::stats::{Exact, ratio};
use scoring::table::{RecordFault, Records};
use serde_json::{Value, json};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Cells of the columns that were asked for, as texts.
pub struct Columns {
    path: PathBuf,
    names: Vec<String>,
    /// Each with its line.
    rows: Vec<(u64, Vec<String>)>,
    n_left_out: u64,
}

/// Rows of values, without those that lack one.
pub struct Rows<T> {
    /// A value for each column, in the order asked for.
    pub complete: Vec<Vec<T>>,
    n_left_out: u64,
}

impl<T> Rows<T> {
    /// Adds to statistics how many rows they rest on.
    pub fn with(&self, mut statistics: Value) -> Value {
        if let Some(members) = statistics.as_object_mut() {
            members.insert("n".to_owned(), json!(self.complete.len()));
            members.insert("n_left_out".to_owned(), json!(self.n_left_out));
        }
        statistics
    }
}

impl Columns {
    /// Reads these columns of a CSV file, or all.
    pub fn read(path: &Path, wanted: Option<&[&String]>) -> Result<Self, Failure> {
        let read = |source| Failure::Read { path: path.to_owned(), source };
        let file = File::open(path).map_err(read)?;
        Self::of(file, path, wanted).map_err(|fault| match fault {
            TableFault::Record(RecordFault::Read(source)) => read(source),
            fault => Failure::Table { path: path.to_owned(), fault },
        })
    }

    fn of(file: File, path: &Path, wanted: Option<&[&String]>) -> Result<Self, TableFault> {
        let mut records = Records::new(file, b',', 1)?;
        let mut row = csv::ByteRecord::new();
        records.read(&mut row)?.ok_or(TableFault::Empty)?;
        let text = |cell: &[u8]| String::from_utf8_lossy(cell.trim_ascii()).into_owned();
        let header: Vec<String> = row.iter().map(text).collect();
        let expected = header.len();
        let places: Vec<usize> = match wanted {
            None => (0..expected).collect(),
            Some(names) => {
                names.iter().map(|name| place(&header, name)).collect::<Result<_, _>>()?
            }
        };
        let (mut rows, mut n_left_out) = (Vec::new(), 0);
        while let Some(line) = records.read(&mut row)? {
            if row.len() != expected {
                return Err(TableFault::Width { line, found: row.len(), expected });
            }
            let cells = places.iter().map(|place| row.get(*place).unwrap_or_default().trim_ascii());
            let cells: Vec<&[u8]> = cells.collect();
            if cells.iter().any(|cell| MISSING.contains(cell)) {
                n_left_out += 1;
            } else {
                rows.push((line, cells.into_iter().map(text).collect()));
            }
        }
        let names = places.iter().filter_map(|place| header.get(*place).cloned()).collect();
        Ok(Columns { path: path.to_owned(), names, rows, n_left_out })
    }

    /// The rows as values.
    pub fn rows<T>(&self, value: impl Fn(&str) -> Option<T>) -> Result<Rows<T>, Failure> {
        let mut complete = Vec::new();
        for (line, cells) in &self.rows {
            let values = cells.iter().enumerate().map(|(column, cell)| {
                value(cell).ok_or_else(|| self.not_a_number(*line, column, cell))
            });
            complete.push(values.collect::<Result<_, _>>()?);
        }
        Ok(Rows { complete, n_left_out: self.n_left_out })
    }

    /// The values of the first column by what stands in the second, in order of appearance.
    pub fn groups(&self) -> Result<Vec<(String, Vec<Exact>)>, Failure> {
        let mut groups: Vec<(String, Vec<Exact>)> = Vec::new();
        for (line, cells) in &self.rows {
            let [cell, name] = cells.as_slice() else { continue };
            let value = number(cell).ok_or_else(|| self.not_a_number(*line, 0, cell))?;
            match groups.iter_mut().find(|(group, _)| group == name) {
                Some((_, values)) => values.push(value),
                None => groups.push((name.clone(), vec![value])),
            }
        }
        Ok(groups)
    }

    /// How many rows lack a value.
    pub fn n_left_out(&self) -> u64 {
        self.n_left_out
    }

    fn not_a_number(&self, line: u64, column: usize, cell: &str) -> Failure {
        let column = self.names.get(column).map_or_else(String::new, |name| printable(name));
        self.fault(TableFault::Number { line, column, value: printable(cell) })
    }

    /// A fault of this table.
    pub fn fault(&self, fault: TableFault) -> Failure {
        Failure::Table { path: self.path.clone(), fault }
    }
}

fn place(header: &[String], name: &String) -> Result<usize, TableFault> {
    let mut places = header.iter().enumerate().filter(|(_, column)| *column == name);
    match (places.next(), places.next()) {
        (None, _) => Err(TableFault::NoColumn(printable(name))),
        (Some((place, _)), None) => Ok(place),
        (Some(_), Some(_)) => Err(TableFault::TwoColumns(printable(name))),
    }
}

/// A whole number, of a size that no rating exceeds.
pub fn whole_number(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number: &i64| number.unsigned_abs() <= 1_000_000)
}

/// A decimal number such as −2.5, exactly, of at most 18 digits.
pub fn number(text: &str) -> Option<Exact> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let digits = format!("{whole}{fraction}");
    let is_number =
        (1..=18).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return None;
    }
    let value: i64 = digits.parse().ok()?;
    let places = u32::try_from(fraction.len()).ok()?;
    Some(ratio(if negative { -value } else { value }, 10_i64.pow(places)))
}
