//! Rows for spreadsheets.

/// What makes a spreadsheet run a cell, or skip to the next character to decide (OWASP, "CSV
/// injection"); the last four are what some take for the first four.
const FORMULA_STARTS: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// Whether a spreadsheet would run a text, were it not for some apostrophes before it.
fn runs(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULA_STARTS)
}

/// A cell that a spreadsheet shows as it is: one that it would run begins with an apostrophe.
fn guarded(cell: &str) -> String {
    // A number below zero is no formula.
    let is_number = cell.parse::<f64>().is_ok();
    if !is_number && runs(cell) { format!("'{cell}") } else { cell.to_owned() }
}

/// The text of a cell that [`write_rows`] wrote: without the apostrophe that keeps it from being run.
pub(crate) fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| runs(rest)).unwrap_or(cell)
}

/// Writes RFC 4180 rows. A cell that a spreadsheet would run as a formula is kept as text with a
/// leading apostrophe.
#[must_use]
pub fn write_rows(rows: &[Vec<String>]) -> String {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        // Writing to memory cannot fail.
        let _ = writer.write_record(row.iter().map(|cell| guarded(cell)));
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each was found by hand or by the fuzzer; a number below zero is no formula.
    #[test]
    fn no_cell_is_run_by_a_spreadsheet() {
        for formula in
            ["=1", "+1+1", "-1+1", "@A1", "\t=1", "\r=1", "\n=1", "\u{ff1d}1", "-", "'=1", "''+x"]
        {
            assert_eq!(guarded(formula), format!("'{formula}"));
            assert_eq!(unguarded(&guarded(formula)), formula);
        }
        assert_eq!(unguarded("'tis"), "'tis");
        let rows = [["-1.5", "a,\"b"], ["=1", ""]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(write_rows(&rows), "-1.5,\"a,\"\"b\"\r\n'=1,\r\n");
    }
}
