//! Whatever a decision map comes in: a signed file, its plain content, or a table.

use super::{DecisionMap, RowFault, TableFault, read_csv};
use crate::jose::EnvelopeFault;
use crate::json::{self, Fault};
use crate::plan::{self, MAX_WORKSHEET_BYTES, Worksheet, WorksheetFault};

/// A decision map that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRead {
    /// What it says.
    pub map: DecisionMap,
    /// Whose key signed it, if one did.
    pub kid: Option<String>,
    /// Rows of a table that were refused, by line.
    pub refused: Vec<RowFault>,
}

/// Why a file is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// As a worksheet, signed or not.
    #[error(transparent)]
    Worksheet(#[from] WorksheetFault),
    /// As a table.
    #[error(transparent)]
    Table(#[from] TableFault),
    /// It begins as JSON does and is none.
    #[error(transparent)]
    Json(#[from] Fault),
}

impl FileFault {
    /// Stable code, also the key of the texts that say what happened and what to do.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            FileFault::Worksheet(fault) => fault.code(),
            FileFault::Table(fault) => fault.code(),
            FileFault::Json(_) => "map_json",
        }
    }
}

/// Reads a file: JSON where it begins with a brace, and a table otherwise. `new_id` is for the rows of a table, as in
/// [`read_csv`].
///
/// # Errors
/// The first fault met, except for those of single rows.
pub fn read_file(file: &[u8], new_id: impl FnMut() -> String) -> Result<FileRead, FileFault> {
    let text = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file).trim_ascii_start();
    if !text.starts_with(b"{") {
        let read = read_csv(file, new_id)?;
        return Ok(FileRead { map: read.map, kid: None, refused: read.refused });
    }
    if text.len() > MAX_WORKSHEET_BYTES {
        return Err(WorksheetFault::Envelope(EnvelopeFault::TooLarge).into());
    }
    let value = json::parse(text)?;
    if value.get("payload").is_some() {
        let signed = plan::verify::<DecisionMap>(text)?;
        return Ok(FileRead { map: signed.content, kid: Some(signed.kid), refused: Vec::new() });
    }
    let map = DecisionMap::from_json(&value).map_err(WorksheetFault::Content)?;
    Ok(FileRead { map, kid: None, refused: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::super::flags::tests::sound_metric;
    use super::super::{Metric, Outcome};
    use super::*;
    use crate::participant;

    fn map() -> DecisionMap {
        let id = |n: u8| crate::jose::base64url(&[n; 16]);
        DecisionMap {
            title: "Board".to_owned(),
            metrics: vec![Metric { id: id(1), ..sound_metric() }],
            outcomes: vec![Outcome { id: id(2), ..Outcome::default() }],
        }
    }

    fn read(file: &[u8]) -> Result<(DecisionMap, bool), &'static str> {
        let mut next = 0;
        let new_id = || {
            next += 1;
            crate::jose::base64url(&[next; 16])
        };
        let read = read_file(file, new_id).map_err(|fault| fault.code())?;
        Ok((read.map, read.kid.is_some()))
    }

    #[test]
    fn all_three_forms_are_read() {
        let plain = json::canonical(&map().to_json());
        assert_eq!(read(plain.as_bytes()), Ok((map(), false)));
        assert_eq!(read(format!("\u{feff}\n {plain}").as_bytes()), Ok((map(), false)));
        assert_eq!(read(map().to_csv().as_bytes()), Ok((map(), false)));
        let seed = [7; 32];
        let unsigned = plan::unsigned(&map(), &map().metrics[0].id, &participant::public(&seed), 5);
        let signed = unsigned.signed(&crate::jose::sign(&seed, &unsigned.signing_input()));
        assert_eq!(read(signed.as_bytes()), Ok((map(), true)));
        let other = unsigned.signed(&crate::jose::sign(&[8; 32], &unsigned.signing_input()));
        assert_eq!(read(other.as_bytes()).unwrap_err(), "signature");
    }

    #[test]
    fn what_is_no_map_is_refused_by_name() {
        for (file, code) in [
            ("", "map_table_no_header"),
            ("[]", "map_table_unknown_column"),
            ("{", "map_json"),
            ("{\"a\":1,\"a\":1}", "map_json"),
            ("{}", "worksheet_content"),
        ] {
            assert_eq!(read(file.as_bytes()), Err(code), "{file}");
        }
        let large = format!("{{{}", " ".repeat(MAX_WORKSHEET_BYTES));
        assert_eq!(read(large.as_bytes()), Err("too_large"));
    }
}
