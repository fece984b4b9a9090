//! The interface's texts and the sources that ask for them agree.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What the files of a bundle hold.
fn catalogue(files: &[&str]) -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/locales");
    let read = |file: &&str| {
        let text = fs::read(folder.join(format!("{file}.json"))).unwrap();
        serde_json::from_slice::<BTreeMap<String, String>>(&text).unwrap()
    };
    files.iter().flat_map(read).collect()
}

/// Everything that a bundle may load.
const WORK: [&str; 3] = ["en", "en.aside", "en.work"];

const KINDS: [&str; 3] = ["ninety_days", "decision_map", "engagement"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("bin") {
            // The bundles name catalogue files there, not keys.
            continue;
        } else if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Every string literal of the sources that has the form of a key, by its file's path.
fn asked() -> BTreeSet<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let is_key = |text: &str| {
        text == "brand"
            || text == "skip"
            || (text.contains('.')
                // Names of what is kept on the device.
                && !text.starts_with("plumbline.")
                && !text.ends_with(".js")
                && !text.ends_with(".json")
                && !text.ends_with(".ini")
                && text.split('.').all(|part| {
                    !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_')
                }))
    };
    let mut asked = BTreeSet::new();
    for file in files {
        let source = fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        for literal in source.split('"').filter(|literal| is_key(literal)) {
            asked.insert((name.clone(), literal.to_owned()));
        }
    }
    asked
}

fn has(catalogue: &BTreeMap<String, String>, key: &str) -> bool {
    let forms = [key.to_owned(), format!("{key}.other"), format!("error.{key}.what")];
    forms.iter().any(|form| catalogue.contains_key(form))
}

#[test]
fn every_text_that_a_participants_page_asks_for_is_in_the_participants_catalogue() {
    let catalogue = catalogue(&["en"]);
    let aside = [
        "components/drop",
        "components/fields",
        "pages/coach",
        "pages/data",
        "pages/verify",
        "pages/work",
        "state/problem",
    ];
    for (file, key) in asked() {
        assert!(
            aside.iter().any(|path| file.starts_with(path)) || has(&catalogue, &key),
            "{file}: no text for {key}"
        );
    }
}

#[test]
fn every_text_that_a_page_aside_asks_for_is_in_one_of_its_catalogues() {
    let coach = catalogue(&["en", "en.aside"]);
    let work = catalogue(&WORK);
    for (file, key) in asked() {
        let catalogue = if file.starts_with("pages/work") { &work } else { &coach };
        assert!(has(catalogue, &key), "{file}: no text for {key}");
    }
}

#[test]
fn no_text_is_left_over_and_every_error_says_what_to_do() {
    let asked: BTreeSet<String> = asked().into_iter().map(|(_, key)| key).collect();
    let catalogue = catalogue(&WORK);
    for key in catalogue.keys() {
        let stem = key.rsplit_once('.').map_or(key.as_str(), |(stem, _)| stem);
        if let Some(code) = key.strip_prefix("error.").and_then(|rest| rest.strip_suffix(".what")) {
            assert!(
                catalogue.contains_key(&format!("error.{code}.do")),
                "{code}: what to do is missing"
            );
        }
        let is_error = key.starts_with("error.");
        // Put together from codes; the command line's tests hold these keys against the codes.
        let is_explained = key.starts_with("explain.");
        // Put together from the codes of a decision map's rules, or asked for by its sentences; likewise.
        let parts =
            ["flag", "step", "cell_fault", "unnamed", "hanging", "ratio", "repair", "words"];
        let is_map = parts.iter().any(|part| key.starts_with(&format!("map.{part}.")));
        // Put together from the code of a worksheet's kind.
        let is_kind = KINDS.iter().any(|kind| key.starts_with(&format!("work.{kind}.")));
        assert!(
            is_error
                || is_explained
                || is_map
                || is_kind
                || asked.contains(key)
                || asked.contains(stem),
            "nobody asks for {key}"
        );
    }
}
