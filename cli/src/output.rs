//! Standard output that survives a closed pipe, and the tables written to it.

use crate::failure::Failure;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, IntoInnerError, Stdout, Write};
use std::path::Path;

/// Buffered standard output. When the reader of a pipe has gone (`plumbline … | head`), the rest is
/// dropped in silence: the exit code still tells what was found.
pub struct Output {
    inner: BufWriter<Stdout>,
    is_closed: bool,
}

impl Output {
    /// The output of this process.
    pub fn stdout() -> Self {
        Output { inner: BufWriter::new(io::stdout()), is_closed: false }
    }

    /// Writes what is still buffered.
    pub fn finish(mut self) -> Result<(), Failure> {
        Ok(self.flush()?)
    }

    fn unless_closed<T>(&mut self, done: io::Result<T>, otherwise: T) -> io::Result<T> {
        match done {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(otherwise)
            }
            other => other,
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_closed {
            return Ok(bytes.len());
        }
        let written = self.inner.write(bytes);
        self.unless_closed(written, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_closed {
            return Ok(());
        }
        let flushed = self.inner.flush();
        self.unless_closed(flushed, ())
    }
}

/// Writes a line to standard error. It may be closed; then there is nobody to tell.
pub fn note(line: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Text from a file, safe for a terminal: control characters could move the cursor or hide text,
/// and directional overrides could reorder it.
pub fn printable(text: &str) -> String {
    let safe = |character: char| match character {
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => char::REPLACEMENT_CHARACTER,
        '\n' | '\t' => ' ',
        other if other.is_control() => char::REPLACEMENT_CHARACTER,
        other => other,
    };
    text.chars().map(safe).collect()
}

/// Writes a file. One that exists is left alone, unless `replace`.
pub fn write_new(path: &Path, content: &[u8], replace: bool) -> Result<(), Failure> {
    stream_new(path, replace, |file| file.write_all(content))
}

/// Writes a new file piece by piece. One that exists is left alone, unless `replace`.
pub fn stream_new(
    path: &Path,
    replace: bool,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    write_with(OpenOptions::new(), path, replace, write)
}

/// Writes a file that only its owner may read.
pub fn write_private(path: &Path, content: &[u8], replace: bool) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    write_with(options, path, replace, |file| file.write_all(content))
}

/// Replaces a file that only its owner may read, in one step: whoever is interrupted is left with the old one.
pub fn replace_private(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = Path::new(&name);
    write_private(new, content, true)?;
    fs::rename(new, path).map_err(|source| Failure::Write { path: path.to_owned(), source })
}

fn write_with(
    mut options: OpenOptions,
    path: &Path,
    replace: bool,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let failed = |source| Failure::Write { path: path.to_owned(), source };
    if replace && path.exists() {
        // Opened again, it would keep the permissions it was made with.
        fs::remove_file(path).map_err(failed)?;
    }
    match options.write(true).create_new(true).open(path) {
        Ok(file) => {
            let mut buffer = BufWriter::new(file);
            let written = write(&mut buffer)
                .and_then(|()| buffer.into_inner().map_err(IntoInnerError::into_error))
                .and_then(|file| file.sync_all());
            written.map_err(|source| {
                // Half a file would be taken for a whole one; that it cannot be removed either changes nothing.
                let _ = fs::remove_file(path);
                failed(source)
            })
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(Failure::Exists(path.to_owned()))
        }
        Err(error) => Err(failed(error)),
    }
}

/// Rows under a header; the first column is aligned left, numbers to the right.
pub struct Table {
    rows: Vec<Vec<String>>,
    is_text: Vec<bool>,
}

impl Table {
    /// A table with these headings. Columns whose heading begins with `<` are aligned left.
    pub fn new(header: &[&str]) -> Self {
        let is_text = header.iter().map(|cell| cell.starts_with('<')).collect();
        let header = header.iter().map(|cell| cell.trim_start_matches('<').to_owned()).collect();
        Table { rows: vec![header], is_text }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| printable(&cell)).collect());
    }

    /// Writes the table, indented by two spaces.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.is_text.len()).map(width).collect();
        for row in &self.rows {
            let cells =
                row.iter().zip(&widths).zip(&self.is_text).map(|((cell, width), is_text)| {
                    if *is_text { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
                });
            writeln!(out, "  {}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}
