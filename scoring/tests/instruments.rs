//! The published instruments load, in every language they claim.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

use scoring::instrument::{Instrument, ItemKind, Problem};
use std::fs;
use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/instruments").join(name)
}

#[track_caller]
fn load(name: &str) -> Instrument {
    let definition = fs::read(folder(name).join("definition.json")).unwrap();
    let instrument =
        Instrument::load(&definition).unwrap_or_else(|found| panic!("{}", list(&found)));
    for language in &instrument.definition().languages {
        let file = format!("{language}.json");
        let text = fs::read(folder(name).join(&file)).unwrap();
        if let Err(found) = instrument.wording(&file, &text) {
            panic!("{}", list(&found));
        }
    }
    instrument
}

fn list(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

#[test]
fn every_published_instrument_is_valid_in_all_its_languages() {
    for name in ["ops/1.0", "leader_180/1.0", "readiness/1.0", "five_factor_demo/1.0"] {
        load(name);
    }
}

#[test]
fn at_most_a_quarter_of_our_own_items_is_reversed() {
    for name in ["ops/1.0", "leader_180/1.0", "readiness/1.0"] {
        let instrument = load(name);
        let ratings = || {
            instrument.definition().items.iter().filter_map(|item| match item.kind {
                ItemKind::Rating { reversed, .. } => Some(reversed),
                _ => None,
            })
        };
        let reversed = ratings().filter(|reversed| *reversed).count();
        assert!(reversed * 4 <= ratings().count(), "{name}: {reversed}");
    }
}

/// The keying of the public data sets with these columns.
#[test]
fn the_demo_is_keyed_like_the_public_data() {
    let reversed: Vec<String> = load("five_factor_demo/1.0")
        .definition()
        .items
        .iter()
        .filter(|item| matches!(item.kind, ItemKind::Rating { reversed: true, .. }))
        .map(|item| item.id.clone())
        .collect();
    assert_eq!(reversed, ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]);
}

#[test]
fn every_problem_is_reported_at_once_with_its_path() {
    let text = fs::read_to_string(folder("ops/1.0").join("definition.json")).unwrap();
    let broken = text
        .replacen("\"minutes\":7", "\"minutes\":0", 1)
        .replacen("\"reversed\":false", "\"reversed\":\"no\"", 1)
        .replacen("\"min_answered\":5", "\"min_answered\":7", 1);
    let found = Instrument::load(broken.as_bytes()).unwrap_err();
    let paths: Vec<&str> = found.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["items[0].reversed"], "a wrong type is found before what depends on it");

    let broken = text.replacen("\"minutes\":7", "\"minutes\":0", 1).replacen(
        "\"min_answered\":5",
        "\"min_answered\":7",
        1,
    );
    let found = Instrument::load(broken.as_bytes()).unwrap_err();
    let paths: Vec<&str> = found.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["minutes", "scales[0]"]);
}

/// Found by fuzzing: the options of such a scale were listed before its bounds had been judged, in more memory than
/// there is.
#[test]
fn a_scale_of_a_trillion_options_is_refused() {
    let text = fs::read_to_string(folder("readiness/1.0").join("definition.json")).unwrap();
    let broken = text.replacen("\"max\":5", "\"max\":533333333333", 1).replacen(
        "\"is\":[2,3],\"item\":\"crisis_led\"",
        "\"is\":[2,3],\"item\":\"decision_rights_1\"",
        1,
    );
    let found = Instrument::load(broken.as_bytes()).unwrap_err();
    let paths: Vec<&str> = found.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["responses.agreement"]);
}

/// The home page reads titles from the index alone, so the index must say what the files say.
#[test]
fn the_index_repeats_what_definitions_and_wordings_say() {
    let index: serde_json::Value =
        serde_json::from_slice(&fs::read(folder("index.json")).unwrap()).unwrap();
    for entry in index["instruments"].as_array().unwrap() {
        let name =
            format!("{}/{}", entry["id"].as_str().unwrap(), entry["version"].as_str().unwrap());
        let instrument = load(&name);
        let definition = instrument.definition();
        assert_eq!(entry["minutes"], definition.minutes, "{name}");
        assert_eq!(entry["n_items"], definition.items.len(), "{name}");
        let raters: Vec<&str> = definition.raters.iter().map(|rater| rater.code()).collect();
        assert_eq!(entry["raters"], serde_json::json!(raters), "{name}");
        for language in &definition.languages {
            let file = format!("{language}.json");
            let text = fs::read(folder(&name).join(&file)).unwrap();
            let wording = instrument.wording(&file, &text).unwrap();
            let titles = &entry["titles"][language];
            assert_eq!(titles["title"], wording.text("title"), "{name}");
            assert_eq!(titles["short_title"], wording.text("short_title"), "{name}");
            assert_eq!(titles["summary"], wording.text("summary"), "{name}");
        }
    }
}
