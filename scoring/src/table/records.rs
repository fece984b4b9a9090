//! Rows of CSV (RFC 4180), each with its line.

use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};
use std::io::{Chain, Read};

/// Follows the table: a row of one empty cell in quotation marks. Where a cell of the table was never closed,
/// it ends up inside of that cell.
const END: &[u8] = b"\n\"\"\n";

/// Rows of a table, with quotation marks and line ends inside of cells.
#[derive(Debug)]
pub struct Records<R> {
    reader: Reader<Chain<R, &'static [u8]>>,
    first_line: u64,
    /// Read one ahead, to know the last row, which is [`END`].
    ahead: ByteRecord,
    /// The line after the one on which that row begins; if nothing ends the row, the line itself.
    ahead_line: u64,
}

/// Why rows cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordFault {
    /// The source failed.
    #[error("{0}")]
    Read(std::io::Error),
    /// A quotation mark opens a cell, and nothing closes it.
    #[error("a quotation mark in the row of line {0} is never closed")]
    Unclosed(u64),
}

impl<R: Read> Records<R> {
    /// Rows of a source whose first line has this number.
    ///
    /// # Errors
    /// The first row cannot be read.
    pub fn new(source: R, delimiter: u8, first_line: u64) -> Result<Self, RecordFault> {
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            // Not at \r\n, of which the reader would leave the \n for the next row, and count lines late.
            .terminator(Terminator::Any(b'\n'))
            .buffer_capacity(1 << 18)
            .from_reader(source.chain(END));
        let (ahead, ahead_line) = (ByteRecord::new(), first_line);
        let mut records = Records { reader, first_line, ahead, ahead_line };
        records.look_ahead()?;
        Ok(records)
    }

    /// Puts the next row's cells into `row` and says on which line they begin; none after the last row. Lines
    /// without anything are no rows.
    ///
    /// # Errors
    /// The source failed, or a cell is never closed.
    pub fn read(&mut self, row: &mut ByteRecord) -> Result<Option<u64>, RecordFault> {
        std::mem::swap(row, &mut self.ahead);
        let line = self.ahead_line;
        if self.look_ahead()? {
            return Ok(Some(line - 1));
        }
        // Nothing at all follows the end, however often it is asked for.
        let is_end = row.len() < 2 && row.iter().all(<[u8]>::is_empty);
        if is_end { Ok(None) } else { Err(RecordFault::Unclosed(line)) }
    }

    fn look_ahead(&mut self) -> Result<bool, RecordFault> {
        loop {
            let fault = |error: csv::Error| RecordFault::Read(error.into());
            if !self.reader.read_byte_record(&mut self.ahead).map_err(fault)? {
                return Ok(false);
            }
            let n_inside =
                self.ahead.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
            let n_ends = self.reader.position().line() - 1 - n_inside;
            self.ahead_line = self.first_line + n_ends;
            let last = self.ahead.len().saturating_sub(1);
            if let Some(cell) = self.ahead.get(last).and_then(|cell| cell.strip_suffix(b"\r")) {
                let cell = cell.to_vec();
                self.ahead.truncate(last);
                if last == 0 && cell.is_empty() {
                    continue;
                }
                self.ahead.push_field(&cell);
            }
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(table: &str, expected: Result<&[(u64, &[&str])], u64>) {
        let mut found = Vec::new();
        let mut row = ByteRecord::new();
        let read = Records::new(table.as_bytes(), b',', 1).and_then(|mut records| {
            while let Some(line) = records.read(&mut row)? {
                let cells = row.iter().map(|cell| String::from_utf8(cell.to_vec()).unwrap());
                found.push((line, cells.collect::<Vec<_>>()));
            }
            Ok(())
        });
        match (read, expected) {
            (Ok(()), Ok(expected)) => {
                let expected: Vec<(u64, Vec<String>)> = expected
                    .iter()
                    .map(|(line, cells)| (*line, cells.iter().map(|c| (*c).to_owned()).collect()))
                    .collect();
                assert_eq!(found, expected, "{table:?}");
            }
            (Err(RecordFault::Unclosed(line)), Err(expected)) => {
                assert_eq!(line, expected, "{table:?}");
            }
            (read, _) => panic!("{table:?}: {read:?}"),
        }
    }

    #[test]
    fn rows_have_the_line_they_begin_on() {
        check("", Ok(&[]));
        check("\n\r\n\n", Ok(&[]));
        check("a", Ok(&[(1, &["a"])]));
        check("\u{feff}a,b\r\n", Ok(&[(1, &["a", "b"])]));
        let rows: &[(u64, &[&str])] =
            &[(1, &["a", "b"]), (2, &["x\r\ny", "1"]), (4, &["", ""]), (6, &["c", "say \"d\""])];
        check("a,b\r\n\"x\r\ny\",1\r\n,\r\n\r\nc,\"say \"\"d\"\"\"\r\n", Ok(rows));
        check("a,b\n\"x\r\ny\",1\n,\n\nc,\"say \"\"d\"\"\"", Ok(rows));
    }

    #[test]
    fn a_cell_that_is_never_closed_has_a_line() {
        check("a,b\n1,2\n3,\"4\n5,6\n7,8\n", Err(3));
        check("\"", Err(1));
        // A row of one empty cell is a row, wherever it stands.
        check("\"\"\n", Ok(&[(1, &[""])]));
        check("a\n\"\"", Ok(&[(1, &["a"]), (2, &[""])]));
    }
}
