//! Finding result files, and reading them within their size limits.

use crate::failure::Failure;
use crate::progress::Progress;
use crate::texts::UNREADABLE;
use scoring::cohort::{Import, Outcome, Status};
use scoring::jose::MAX_SEALED_BYTES;
use scoring::result::{Reader, VerifiedResult};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Somewhere results come from.
enum Source {
    StandardInput,
    File {
        path: PathBuf,
        size: u64,
    },
    /// Part of a folder that the system would not show.
    Unreadable {
        path: PathBuf,
        reason: io::Error,
    },
}

/// One file, or one line of a JSON Lines file.
pub struct Document {
    /// The path as it was given, with `:line` for JSON Lines; `-` is standard input.
    pub name: String,
    /// What was in it.
    pub content: Content,
}

/// What was found in a file.
pub enum Content {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// More bytes than a result can have; they were not read.
    TooLarge,
    /// The system's reason for not giving any.
    Unreadable(io::Error),
}

/// Reads the files of some paths, in order, and hands each to `visit`: a folder stands for the
/// `.json` and `.jsonl` files in it and below, `-` for standard input.
pub fn read(
    paths: &[PathBuf],
    verb: &'static str,
    visit: impl FnMut(Document),
) -> Result<(), Failure> {
    read_up_to(MAX_SEALED_BYTES, paths, verb, visit)
}

/// [`read`] for files of another size than results.
pub fn read_up_to(
    max: usize,
    paths: &[PathBuf],
    verb: &'static str,
    mut visit: impl FnMut(Document),
) -> Result<(), Failure> {
    let sources = find(paths)?;
    let sizes = sources.iter().map(|source| match source {
        Source::File { size, .. } => *size,
        Source::StandardInput | Source::Unreadable { .. } => 0,
    });
    let mut progress = Progress::new(verb, sizes.sum());
    let mut visit = |name: String, content: Content| {
        progress.step(match &content {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::TooLarge | Content::Unreadable(_) => 0,
        });
        visit(Document { name, content });
    };
    for source in sources {
        match source {
            Source::StandardInput => read_stream(max, io::stdin().lock(), &mut visit),
            Source::File { path, size } => read_file(max, &path, size, &mut visit),
            Source::Unreadable { path, reason } => visit(name(&path), Content::Unreadable(reason)),
        }
    }
    Ok(())
}

fn find(paths: &[PathBuf]) -> Result<Vec<Source>, Failure> {
    let mut sources = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            sources.push(Source::StandardInput);
            continue;
        }
        let metadata =
            fs::metadata(path).map_err(|source| Failure::Read { path: path.clone(), source })?;
        if metadata.is_dir() {
            walk(path, &mut sources);
        } else {
            sources.push(Source::File { path: path.clone(), size: metadata.len() });
        }
    }
    Ok(sources)
}

/// Collects the files below a folder, sorted by name. Linked folders are not entered: they could
/// lead back up.
fn walk(folder: &Path, sources: &mut Vec<Source>) {
    let unreadable = |path: &Path, reason| Source::Unreadable { path: path.to_owned(), reason };
    let mut children = match fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>)
    {
        Ok(children) => children,
        Err(reason) => return sources.push(unreadable(folder, reason)),
    };
    children.sort_by_key(fs::DirEntry::file_name);
    for child in children {
        let path = child.path();
        let is_folder = child.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder {
            walk(&path, sources);
        } else if holds_results(&path) {
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_file() => {
                    sources.push(Source::File { path, size: metadata.len() });
                }
                Ok(_) => {}
                Err(reason) => sources.push(unreadable(&path, reason)),
            }
        }
    }
}

fn holds_results(path: &Path) -> bool {
    let extension = path.extension().map(|extension| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| extension == "json" || extension == "jsonl")
}

fn name(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn read_file(max: usize, path: &Path, size: u64, visit: &mut impl FnMut(String, Content)) {
    let name = name(path);
    let is_lines = name.to_ascii_lowercase().ends_with(".jsonl");
    if !is_lines && size > max as u64 {
        return visit(name, Content::TooLarge);
    }
    match File::open(path) {
        Ok(file) if is_lines => read_lines(max, BufReader::new(file), &name, 0, visit),
        Ok(file) => visit(name, read_capped(max, file)),
        Err(error) => visit(name, Content::Unreadable(error)),
    }
}

/// One file that was named, or the beginning of one that is larger than a reader takes.
pub fn read_whole(path: &Path, max: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(max as u64 + 1).read_to_end(&mut bytes))
        .map_err(|source| Failure::Read { path: path.to_owned(), source })?;
    Ok(bytes)
}

/// Reads one file. The cap holds for pipes and growing files too, whose size says nothing.
fn read_capped(max: usize, source: impl Read) -> Content {
    let mut bytes = Vec::new();
    match source.take(max as u64 + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() > max => Content::TooLarge,
        Ok(_) => Content::Bytes(bytes),
        Err(error) => Content::Unreadable(error),
    }
}

/// Standard input is JSON Lines when its first line is an object and more follows; otherwise it is
/// one file, which may be spread over lines.
fn read_stream(max: usize, mut input: impl BufRead, visit: &mut impl FnMut(String, Content)) {
    let mut n_lines = 0;
    let first = loop {
        n_lines += 1;
        match read_line(max, &mut input) {
            Ok(Some(Content::Bytes(line))) if line.trim_ascii().is_empty() => {}
            Ok(Some(first)) => break first,
            Ok(None) => return visit("-".to_owned(), Content::Bytes(Vec::new())),
            Err(error) => return visit("-".to_owned(), Content::Unreadable(error)),
        }
    };
    let is_object = match &first {
        Content::Bytes(line) => {
            let line = line.trim_ascii();
            line.starts_with(b"{") && line.ends_with(b"}")
        }
        _ => false,
    };
    match first {
        Content::Bytes(line) if is_object => {
            if skip_white_space(&mut input) {
                visit("-".to_owned(), Content::Bytes(line));
            } else {
                visit(format!("-:{n_lines}"), Content::Bytes(line));
                read_lines(max, input, "-", n_lines, visit);
            }
        }
        Content::Bytes(line) => {
            let whole = io::Cursor::new(line).chain(io::Cursor::new(b"\n")).chain(input);
            visit("-".to_owned(), read_capped(max, whole));
        }
        other => visit("-".to_owned(), other),
    }
}

/// Whether nothing but white space is left. Faults are left for the next reader to meet.
fn skip_white_space(input: &mut impl BufRead) -> bool {
    loop {
        let Ok(buffer) = input.fill_buf() else { return false };
        if buffer.is_empty() {
            return true;
        }
        // Line ends stay countable only up to the first other byte, which is on the next line.
        let blank = buffer.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let is_blank = blank == buffer.len();
        if !is_blank {
            return false;
        }
        input.consume(blank);
    }
}

fn read_lines(
    max: usize,
    mut input: impl BufRead,
    name: &str,
    n_before: usize,
    visit: &mut impl FnMut(String, Content),
) {
    for line_number in n_before + 1.. {
        let name = format!("{name}:{line_number}");
        match read_line(max, &mut input) {
            Ok(None) => return,
            Ok(Some(Content::Bytes(line))) if line.is_empty() => {}
            Ok(Some(content)) => visit(name, content),
            Err(error) => return visit(name, Content::Unreadable(error)),
        }
    }
}

/// One line without its end, never holding more of it than `max`; none at the end.
fn read_line(max: usize, input: &mut impl BufRead) -> io::Result<Option<Content>> {
    let mut line = Vec::new();
    // Room for the two bytes of a line end.
    let limit = max as u64 + 2;
    if input.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.ends_with(b"\n") {
        line.pop();
    } else if line.len() as u64 == limit {
        input.skip_until(b'\n')?;
        return Ok(Some(Content::TooLarge));
    }
    if line.ends_with(b"\r") {
        line.pop();
    }
    Ok(Some(Content::Bytes(line)))
}

/// Many results, and files that could not even be read.
pub struct Batch {
    import: Import,
    unreadable: Vec<Outcome>,
}

impl Batch {
    /// Reads and verifies everything below some paths.
    pub fn read(paths: &[PathBuf], reader: &Reader) -> Result<Self, Failure> {
        let mut batch = Batch { import: Import::default(), unreadable: Vec::new() };
        read(paths, "verified", |document| match document.content {
            Content::Bytes(bytes) => batch.import.add(&document.name, &bytes, reader),
            Content::TooLarge => batch.import.add_too_large(&document.name),
            Content::Unreadable(reason) => batch.unreadable.push(Outcome {
                file: document.name,
                status: Status::Rejected,
                code: UNREADABLE.to_owned(),
                message: format!("the file could not be read: {reason}"),
                instrument: None,
            }),
        })?;
        Ok(batch)
    }

    /// The verdict on every file.
    pub fn outcomes(&self) -> Vec<Outcome> {
        let mut outcomes = self.import.outcomes();
        outcomes.extend(self.unreadable.iter().cloned());
        outcomes
    }

    /// The results that count.
    pub fn counted(&self) -> Vec<&VerifiedResult> {
        self.import.counted()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &str, expected: &[(&str, Option<&str>)]) {
        let mut found = Vec::new();
        read_stream(MAX_SEALED_BYTES, input.as_bytes(), &mut |name, content| {
            let text = match content {
                Content::Bytes(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
                Content::TooLarge | Content::Unreadable(_) => None,
            };
            found.push((name, text));
        });
        let found: Vec<_> =
            found.iter().map(|(name, text)| (name.as_str(), text.as_deref())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn standard_input_is_one_file_or_lines() {
        check("", &[("-", Some(""))]);
        check("{\"a\":1}\n", &[("-", Some("{\"a\":1}"))]);
        check("{\n \"a\":1\n}\n", &[("-", Some("{\n \"a\":1\n}\n"))]);
        check("nothing\nmuch", &[("-", Some("nothing\nmuch"))]);
        check("{1}\r\n\n{2}\n", &[("-:1", Some("{1}")), ("-:3", Some("{2}"))]);
        check("\n{1}\n{2", &[("-:2", Some("{1}")), ("-:3", Some("{2"))]);
    }

    #[test]
    fn one_long_line_does_not_hide_the_next() {
        let long = "x".repeat(MAX_SEALED_BYTES + 10);
        check(
            &format!("{{1}}\n{long}\n{{3}}"),
            &[("-:1", Some("{1}")), ("-:2", None), ("-:3", Some("{3}"))],
        );
        check(&long, &[("-", None)]);
        let longest = "x".repeat(MAX_SEALED_BYTES);
        check(&format!("{{1}}\n{longest}\r\n"), &[("-:1", Some("{1}")), ("-:2", Some(&longest))]);
    }
}
