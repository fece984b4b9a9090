//! Finding result files, and reading them within their size limits.

use crate::failure::Failure;
use crate::progress::Progress;
use crate::texts::UNREADABLE;
use scoring::cohort::{Import, Outcome, Status};
use scoring::jose::{EnvelopeFault, MAX_SEALED_BYTES};
use scoring::result::{Reader, Refusal, VerifiedResult};
use std::ffi::OsString;
use std::fs::{self, File, FileType};
use std::io::{self, BufRead, BufReader, Read};
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
    /// Files of one folder, by name: one path for all of them.
    Results {
        /// Where they are.
        folder: Arc<Path>,
        /// What they are called there.
        names: Vec<OsString>,
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
const AT_ONCE: usize = 16;

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
        Source::Results { folder, names } => {
            Box::new(names.into_iter().map(move |name| Pending::Below(folder.clone(), name)))
        }
        Source::Unreadable { path, reason } => {
            one(Pending::new(name(&path), Content::Unreadable(reason)))
        }
    }
}

fn progress(verb: &'static str, sources: &[Source]) -> Progress {
    let sizes = sources.iter().map(|source| match source {
        Source::File { size, .. } => *size,
        Source::Results { names, .. } => USUAL_BYTES * names.len() as u64,
        Source::StandardInput | Source::StandardInputLines | Source::Unreadable { .. } => 0,
    });
    Progress::new(verb, sizes.sum())
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

/// Reads results by all cores. Each does `work` on those that fall to it: what a reader says of each, and its place.
pub fn share<T: Send>(
    sources: Vec<Source>,
    verb: &'static str,
    reader: &Reader,
    work: impl Fn(&mut dyn Iterator<Item = (usize, Judged)>) -> T + Sync,
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
    let work = || work(&mut iter::from_fn(next).flatten());
    thread::scope(|scope| {
        let workers: Vec<_> = (0..n_cores()).map(|_| scope.spawn(work)).collect();
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What some paths stand for.
pub fn find(paths: &[PathBuf]) -> Result<Vec<Source>, Failure> {
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
    let entries = fs::read_dir(folder).and_then(|entries| {
        entries.map(|entry| entry.map(|child| (child.file_name(), child.file_type()))).collect()
    });
    let mut children: Vec<(OsString, io::Result<FileType>)> = match entries {
        Ok(children) => children,
        Err(reason) => {
            return sources.push(Source::Unreadable { path: folder.to_owned(), reason });
        }
    };
    children.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    let here: Arc<Path> = folder.into();
    for (name, kind) in children {
        match kind {
            Ok(kind) if kind.is_dir() => walk(&folder.join(name), sources),
            _ if !holds_results(Path::new(&name)) => {}
            Ok(kind) if kind.is_file() && !is_lines(Path::new(&name)) => match sources.last_mut() {
                Some(Source::Results { folder, names }) if Arc::ptr_eq(folder, &here) => {
                    names.push(name)
                }
                _ => sources.push(Source::Results { folder: here.clone(), names: vec![name] }),
            },
            _ => {
                let path = folder.join(name);
                match fs::metadata(&path) {
                    Ok(metadata) if metadata.is_file() => {
                        sources.push(Source::File { path, size: metadata.len() });
                    }
                    Ok(_) => {}
                    Err(reason) => sources.push(Source::Unreadable { path, reason }),
                }
            }
        }
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
        let judged = share(find(paths)?, "verified", reader, |judged| judged.collect::<Vec<_>>());
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
