//! Finding result files, and reading them within their size limits.

use crate::failure::Failure;
use crate::progress::Progress;
use crate::texts::UNREADABLE;
use scoring::cohort::{Import, Outcome, Status};
use scoring::jose::{EnvelopeFault, MAX_SEALED_BYTES};
use scoring::result::{Reader, Refusal, VerifiedResult};
use std::ffi::OsString;
use std::fs::{self, File, FileType};
use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::iter;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ScopedJoinHandle};

/// Somewhere results come from.
pub enum Source {
    /// One file, or JSON Lines.
    StandardInput,
    /// JSON Lines, however few.
    StandardInputLines,
    /// A file, with about how many bytes it has.
    File {
        /// As it was given, or found below a folder that was.
        path: PathBuf,
        /// Its size.
        size: u64,
    },
    /// A file of a folder, which has the path for all of its files.
    Below(Arc<Path>, OsString),
    /// The files of a folder that can hold results, and of those below.
    Folder {
        /// Where it is.
        path: PathBuf,
        /// By name. In any order, no list of all names has to be held.
        in_order: bool,
    },
    /// Part of a folder that the system would not show.
    Unreadable {
        /// Where.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
}

/// What a result in a folder is taken to have: asking the system for the size of each of a hundred thousand files would
/// take longer than it is worth.
const USUAL_BYTES: u64 = 3_000;

/// Bytes of a JSON Lines file that are read at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// Documents that a core takes at once.
const AT_ONCE: usize = 32;

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

/// A document, or where it is.
enum Pending {
    File(PathBuf),
    Below(Arc<Path>, OsString),
    Read(Document),
}

impl Pending {
    fn new(name: impl Into<String>, content: Content) -> Self {
        Pending::Read(Document { name: name.into(), content })
    }

    /// How much of the work it is, in bytes.
    fn size(&self) -> u64 {
        match self {
            Pending::File(_) | Pending::Below(..) => USUAL_BYTES,
            Pending::Read(Document { content: Content::Bytes(bytes), .. }) => bytes.len() as u64,
            Pending::Read(_) => 0,
        }
    }

    fn read(self, max: usize) -> Document {
        match self {
            Pending::Read(document) => document,
            Pending::Below(folder, name) => Pending::File(folder.join(name)).read(max),
            Pending::File(path) => Document {
                content: File::open(&path)
                    .map_or_else(Content::Unreadable, |file| read_capped(max, file)),
                name: name(&path),
            },
        }
    }
}

/// The documents of some sources, one after the other.
type Documents = iter::Fuse<Box<dyn Iterator<Item = Pending> + Send>>;

fn documents(max: usize, sources: Vec<Source>) -> Documents {
    let documents: Box<dyn Iterator<Item = Pending> + Send> =
        Box::new(sources.into_iter().flat_map(move |source| open(max, source)));
    documents.fuse()
}

fn open(max: usize, source: Source) -> Box<dyn Iterator<Item = Pending> + Send> {
    let one = |pending| Box::new(iter::once(pending));
    match source {
        Source::StandardInput => stream(max, BufReader::new(io::stdin())),
        Source::StandardInputLines => {
            let input = BufReader::with_capacity(BUFFER_BYTES, io::stdin());
            Box::new(Lines::new(max, input, "-"))
        }
        Source::File { path, .. } if is_lines(&path) => match File::open(&path) {
            Ok(file) => {
                let input = BufReader::with_capacity(BUFFER_BYTES, file);
                Box::new(Lines::new(max, input, &name(&path)))
            }
            Err(reason) => one(Pending::new(name(&path), Content::Unreadable(reason))),
        },
        Source::File { path, .. } => one(Pending::File(path)),
        Source::Below(folder, name) => one(Pending::Below(folder, name)),
        Source::Folder { path, in_order } => {
            Box::new(walk(path, in_order).flat_map(move |source| open(max, source)))
        }
        Source::Unreadable { path, reason } => {
            one(Pending::new(name(&path), Content::Unreadable(reason)))
        }
    }
}

fn progress(verb: &'static str, sources: &[Source]) -> Progress {
    let bytes: Option<u64> = sources.iter().map(size).sum();
    Progress::new(verb, bytes.unwrap_or(0))
}

/// How much work it is, in bytes, if that is known.
fn size(source: &Source) -> Option<u64> {
    match source {
        Source::File { size, .. } => Some(*size),
        Source::Below(..) => Some(USUAL_BYTES),
        // All names are read once more for it, which is a fiftieth of the work: only where somebody waits.
        Source::Folder { path, .. } if io::stderr().is_terminal() => {
            walk(path.clone(), false).map(|source| size(&source)).sum()
        }
        Source::Folder { .. } | Source::StandardInput | Source::StandardInputLines => None,
        Source::Unreadable { .. } => Some(0),
    }
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
    let mut progress = progress(verb, &sources);
    for pending in documents(max, sources) {
        progress.step(1, pending.size());
        visit(pending.read(max));
    }
    Ok(())
}

/// Reads results by all cores. Each does `work`, which is told the core's number, on those that fall to it: what a
/// reader says of each, and its place.
pub fn share<T: Send>(
    sources: Vec<Source>,
    verb: &'static str,
    reader: &Reader,
    work: impl Fn(usize, &mut dyn Iterator<Item = (usize, Judged)>) -> T + Sync,
) -> Vec<T> {
    let progress = Mutex::new(progress(verb, &sources));
    let documents = Mutex::new(documents(MAX_SEALED_BYTES, sources).enumerate());
    let next = || {
        let taken: Vec<(usize, Pending)> = lock(&documents).by_ref().take(AT_ONCE).collect();
        let first = taken.first()?.0;
        let size = taken.iter().map(|(_, pending)| pending.size()).sum();
        lock(&progress).step(taken.len() as u64, size);
        let read = taken.into_iter().map(|(_, pending)| pending.read(MAX_SEALED_BYTES));
        Some((first..).zip(judged(read.collect(), reader)))
    };
    let work = |core| work(core, &mut iter::from_fn(next).flatten());
    thread::scope(|scope| {
        let workers: Vec<_> = (0..n_cores()).map(|core| scope.spawn(move || work(core))).collect();
        workers.into_iter().map(joined).collect()
    })
}

/// What a reader says of a document, or the system of one that it would not show.
pub struct Judged {
    /// The document's name.
    pub name: String,
    /// What is said of it.
    pub verdict: Result<Result<VerifiedResult, Refusal>, io::Error>,
}

fn judged(documents: Vec<Document>, reader: &Reader) -> Vec<Judged> {
    let results = documents.iter().filter_map(|document| match &document.content {
        Content::Bytes(bytes) => Some(bytes.as_slice()),
        Content::TooLarge | Content::Unreadable(_) => None,
    });
    let mut verdicts = reader.verify_all(results).into_iter();
    let judge = |Document { name, content }| {
        let verdict = match content {
            Content::Bytes(_) => Ok(verdicts.next()?),
            Content::TooLarge => Ok(Err(EnvelopeFault::TooLarge.into())),
            Content::Unreadable(reason) => Err(reason),
        };
        Some(Judged { name, verdict })
    };
    documents.into_iter().filter_map(judge).collect()
}

/// How many threads are worth their while.
pub fn n_cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// What a thread returns.
pub fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// What a mutex guards, also where a thread died that held it.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What some paths stand for, the files of folders by name.
pub fn find(paths: &[PathBuf]) -> Result<Vec<Source>, Failure> {
    sources(paths, true)
}

/// What some paths stand for, where the order of files does not matter.
pub fn find_in_any_order(paths: &[PathBuf]) -> Result<Vec<Source>, Failure> {
    sources(paths, false)
}

fn sources(paths: &[PathBuf], in_order: bool) -> Result<Vec<Source>, Failure> {
    let source = |path: &PathBuf| {
        let path = path.clone();
        if path.as_os_str() == "-" {
            return Ok(Source::StandardInput);
        }
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => Ok(Source::Folder { path, in_order }),
            Ok(metadata) => Ok(Source::File { path, size: metadata.len() }),
            Err(source) => Err(Failure::Read { path, source }),
        }
    };
    paths.iter().map(source).collect()
}

/// What is in a folder and below. Linked folders are not entered: they could lead back up.
fn walk(folder: PathBuf, in_order: bool) -> Box<dyn Iterator<Item = Source> + Send> {
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(reason) => return Box::new(iter::once(Source::Unreadable { path: folder, reason })),
    };
    let here: Arc<Path> = folder.into();
    let children = entries.map(|entry| entry.map(|child| (child.file_name(), child.file_type())));
    let source = move |child: io::Result<(OsString, io::Result<FileType>)>| match child {
        Ok((name, kind)) => below(&here, name, kind, in_order),
        Err(reason) => Some(Source::Unreadable { path: here.to_path_buf(), reason }),
    };
    if in_order {
        let mut children: Vec<_> = children.collect();
        children.sort_by(|one, other| match (one, other) {
            (Ok((one, _)), Ok((other, _))) => one.cmp(other),
            (one, other) => one.is_ok().cmp(&other.is_ok()),
        });
        Box::new(children.into_iter().filter_map(source))
    } else {
        Box::new(children.filter_map(source))
    }
}

/// What a folder has under a name, if it can hold results.
fn below(
    folder: &Arc<Path>,
    name: OsString,
    kind: io::Result<FileType>,
    in_order: bool,
) -> Option<Source> {
    let path = || folder.join(&name);
    match kind {
        Ok(kind) if kind.is_dir() => Some(Source::Folder { path: path(), in_order }),
        _ if !holds_results(Path::new(&name)) => None,
        Ok(kind) if kind.is_file() && !is_lines(Path::new(&name)) => {
            Some(Source::Below(folder.clone(), name))
        }
        _ => match fs::metadata(path()) {
            Ok(metadata) if metadata.is_file() => {
                Some(Source::File { path: path(), size: metadata.len() })
            }
            Ok(_) => None,
            Err(reason) => Some(Source::Unreadable { path: path(), reason }),
        },
    }
}

fn holds_results(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
        || is_lines(path)
}

fn is_lines(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("jsonl"))
}

fn name(path: &Path) -> String {
    path.to_string_lossy().into_owned()
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
    // Enough for nearly every result.
    let mut bytes = Vec::with_capacity(8 * 1024);
    match source.take(max as u64 + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() > max => Content::TooLarge,
        Ok(_) => Content::Bytes(bytes),
        Err(error) => Content::Unreadable(error),
    }
}

/// Standard input is JSON Lines when its first line is an object and more follows; otherwise it is
/// one file, which may be spread over lines.
fn stream(
    max: usize,
    mut input: impl BufRead + Send + 'static,
) -> Box<dyn Iterator<Item = Pending> + Send> {
    let one = |content| Box::new(iter::once(Pending::new("-", content)));
    let mut n_read = 0;
    let first = loop {
        n_read += 1;
        match read_line(max, &mut input) {
            Ok(Some(Content::Bytes(line))) if line.trim_ascii().is_empty() => {}
            Ok(Some(Content::Bytes(line))) => break line,
            Ok(Some(other)) => return one(other),
            Ok(None) => return one(Content::Bytes(Vec::new())),
            Err(error) => return one(Content::Unreadable(error)),
        }
    };
    let is_object = first.trim_ascii().starts_with(b"{") && first.trim_ascii().ends_with(b"}");
    if !is_object {
        let whole = io::Cursor::new(first).chain(io::Cursor::new(b"\n")).chain(input);
        one(read_capped(max, whole))
    } else if skip_white_space(&mut input) {
        one(Content::Bytes(first))
    } else {
        let first = Pending::new(format!("-:{n_read}"), Content::Bytes(first));
        let rest = Lines { n_read, ..Lines::new(max, input, "-") };
        Box::new(iter::once(first).chain(rest))
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

/// The lines of a JSON Lines file that are not empty.
struct Lines<R> {
    max: usize,
    /// None once it could not be read any further.
    input: Option<R>,
    name: String,
    n_read: usize,
}

impl<R> Lines<R> {
    fn new(max: usize, input: R, name: &str) -> Self {
        Lines { max, input: Some(input), name: name.to_owned(), n_read: 0 }
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Pending;

    fn next(&mut self) -> Option<Pending> {
        loop {
            self.n_read += 1;
            let content = match read_line(self.max, self.input.as_mut()?) {
                Ok(Some(Content::Bytes(line))) if line.is_empty() => continue,
                Ok(content) => content?,
                Err(reason) => {
                    self.input = None;
                    Content::Unreadable(reason)
                }
            };
            return Some(Pending::new(format!("{}:{}", self.name, self.n_read), content));
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
        let judged =
            share(find(paths)?, "verified", reader, |_, judged| judged.collect::<Vec<_>>());
        let mut judged: Vec<(usize, Judged)> = judged.into_iter().flatten().collect();
        judged.sort_unstable_by_key(|(place, _)| *place);
        for (_, Judged { name: file, verdict }) in judged {
            match verdict {
                Ok(verdict) => batch.import.note(file, verdict),
                Err(reason) => batch.unreadable.push(Outcome {
                    file,
                    status: Status::Rejected,
                    code: UNREADABLE.to_owned(),
                    message: format!("the file could not be read: {reason}"),
                    instrument: None,
                }),
            }
        }
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
        let input = io::Cursor::new(input.as_bytes().to_vec());
        let documents = stream(MAX_SEALED_BYTES, input).map(|pending| pending.read(0));
        let found = documents.map(|Document { name, content }| match content {
            Content::Bytes(bytes) => (name, Some(String::from_utf8_lossy(&bytes).into_owned())),
            Content::TooLarge | Content::Unreadable(_) => (name, None),
        });
        let found: Vec<_> = found.collect();
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
