//! The instruments known to one run: those built in, and those of folders given by the user.
//!
//! Nothing here, or anywhere else in the program, names an instrument: a new folder is enough.

use crate::failure::Failure;
use include_dir::{Dir, DirEntry, include_dir};
use scoring::instrument::{Instrument, Wording};
use scoring::result::Reader;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../public/instruments");

/// The file that makes a folder an instrument.
pub const DEFINITION: &str = "definition.json";

/// One instrument with the texts it has.
pub struct Entry {
    /// The instrument.
    pub instrument: Arc<Instrument>,
    folder: String,
    /// Wording files by language. They are checked when one is asked for, so that a command which
    /// needs no text does not pay for nineteen languages.
    wordings: BTreeMap<String, Vec<u8>>,
}

impl Entry {
    /// The wording in a language, or in the instrument's first language.
    pub fn wording(&self, language: &str) -> Result<Wording, Failure> {
        let languages = &self.instrument.definition().languages;
        let first = languages.first().map_or("en", String::as_str);
        let language = if self.wordings.contains_key(language) { language } else { first };
        let file = format!("{language}.json");
        let text = self.wordings.get(language).map_or(&[] as &[u8], Vec::as_slice);
        self.instrument
            .wording(&file, text)
            .map_err(|problems| Failure::Instrument { folder: self.folder.clone(), problems })
    }
}

/// All instruments of this run.
pub struct Catalog {
    entries: BTreeMap<(String, (u16, u16)), Entry>,
}

impl Catalog {
    /// The built-in instruments, then those of the folders; a later one of the same id and version
    /// takes the place of an earlier one.
    pub fn load(folders: &[PathBuf]) -> Result<Self, Failure> {
        let mut catalog = Catalog { entries: BTreeMap::new() };
        catalog.add_built_in(&BUILT_IN)?;
        for folder in folders {
            for instrument in instrument_folders(folder)? {
                let files = read_folder(&instrument)?;
                catalog.add(&instrument.display().to_string(), files)?;
            }
        }
        Ok(catalog)
    }

    fn add_built_in(&mut self, dir: &Dir<'_>) -> Result<(), Failure> {
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
        let files: BTreeMap<String, Vec<u8>> = dir
            .files()
            .filter_map(|file| Some((name(file.path())?, file.contents().to_vec())))
            .collect();
        if files.contains_key(DEFINITION) {
            self.add(&format!("this program, {}", dir.path().display()), files)?;
        }
        dir.entries().iter().filter_map(DirEntry::as_dir).try_for_each(|dir| self.add_built_in(dir))
    }

    fn add(&mut self, folder: &str, files: BTreeMap<String, Vec<u8>>) -> Result<(), Failure> {
        let folder = folder.to_owned();
        let definition = files.get(DEFINITION).map_or(&[] as &[u8], Vec::as_slice);
        let instrument = match Instrument::load(definition) {
            Ok(instrument) => Arc::new(instrument),
            Err(problems) => return Err(Failure::Instrument { folder, problems }),
        };
        let wordings = files.into_iter().filter_map(|(name, text)| {
            let language = name.strip_suffix(".json").filter(|_| name != DEFINITION)?;
            Some((language.to_owned(), text))
        });
        let wordings = wordings.collect();
        let definition = instrument.definition();
        let key = (definition.id.clone(), version(&definition.version));
        self.entries.insert(key, Entry { instrument, folder, wordings });
        Ok(())
    }

    /// All entries by id and version.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.values()
    }

    /// A reader of results that knows these instruments.
    pub fn reader(&self) -> Reader {
        let instruments = self.entries().map(|entry| Arc::clone(&entry.instrument)).collect();
        Reader { instruments, ..Reader::default() }
    }

    /// The instrument `id` in its newest version, or `id/version`.
    pub fn named(&self, name: &str) -> Result<&Entry, Failure> {
        let (id, wanted) = match name.split_once('/') {
            Some((id, version)) => (id, Some(version)),
            None => (name, None),
        };
        self.find(id, wanted).ok_or_else(|| Failure::UnknownInstrument(name.to_owned()))
    }

    /// The instrument with this id, in this version or in the newest one.
    pub fn find(&self, id: &str, version: Option<&str>) -> Option<&Entry> {
        let mut versions = self.entries().filter(|entry| {
            let definition = entry.instrument.definition();
            definition.id == id && version.is_none_or(|wanted| definition.version == wanted)
        });
        versions.next_back()
    }
}

/// The two numbers of a version; validated definitions have no other form.
fn version(text: &str) -> (u16, u16) {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

/// Folders with a definition: the given one, or those up to two levels below it (id, version).
pub fn instrument_folders(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    collect_folders(folder, 2, &mut found)?;
    if found.is_empty() {
        return Err(Failure::NoInstrument(folder.to_owned()));
    }
    found.sort();
    Ok(found)
}

fn collect_folders(folder: &Path, levels: u8, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if folder.join(DEFINITION).is_file() {
        found.push(folder.to_owned());
        return Ok(());
    }
    let failed = |source| Failure::Read { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if levels > 0 && path.is_dir() {
            collect_folders(&path, levels - 1, found)?;
        }
    }
    Ok(())
}

/// The JSON files of an instrument's folder by name.
pub fn read_folder(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Failure::Read { path, source }
    };
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        if let Some(name) = name.filter(|name| name.ends_with(".json") && path.is_file()) {
            files.insert(name, fs::read(&path).map_err(failed(&path))?);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// A new instrument changes the index, which makes the compiler embed the folder anew.
    #[test]
    #[expect(clippy::unwrap_used, reason = "a test stops where it fails")]
    fn every_instrument_of_the_index_is_built_in() {
        let index: Value =
            serde_json::from_slice(BUILT_IN.get_file("index.json").unwrap().contents()).unwrap();
        let catalog = Catalog::load(&[]).unwrap();
        let mut listed: Vec<String> = Vec::new();
        for entry in index.get("instruments").unwrap().as_array().unwrap() {
            let text = |key: &str| entry.get(key).unwrap().as_str().unwrap();
            listed.push(format!("{}/{}", text("id"), text("version")));
            assert!(catalog.named(listed.last().unwrap()).is_ok());
        }
        assert_eq!(listed.len(), catalog.entries().count());
        for entry in catalog.entries() {
            for language in &entry.instrument.definition().languages {
                assert_eq!(entry.wording(language).unwrap().text("language"), *language);
            }
        }
    }

    #[test]
    fn ten_comes_after_nine() {
        assert!(version("1.10") > version("1.9"));
    }
}
