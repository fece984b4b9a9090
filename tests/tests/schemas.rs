//! The published JSON Schemas, judged by npm `ajv`: they accept everything published, and refuse
//! what the loader refuses.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test should stop at the line that failed"
)]

use e2e::oracle::{self, jose, plumbline};
use e2e::place;
use e2e::respondent::{instrument, published};
use scoring::instrument::Instrument;
use scoring::json;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

fn read(path: &PathBuf) -> Value {
    let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn folder(id: &str, version: &str) -> PathBuf {
    place::public().join("instruments").join(id).join(version)
}

#[test]
fn every_published_definition_is_valid() {
    for (id, version) in published() {
        let definition = read(&folder(&id, &version).join("definition.json"));
        oracle::assert_valid("definition.schema.json", &id, &definition);
    }
}

#[test]
fn every_published_wording_is_valid() {
    for (id, version) in published() {
        for language in &instrument(&id, &version).definition().languages {
            let wording = read(&folder(&id, &version).join(format!("{language}.json")));
            oracle::assert_valid("wording.schema.json", &format!("{id} {language}"), &wording);
        }
    }
}

/// Nothing lies among the instruments that the index does not know.
#[test]
fn the_index_lists_every_instrument() {
    let ids = fs::read_dir(place::public().join("instruments")).expect("instruments").flatten();
    let mut found = Vec::new();
    for id in ids.filter(|entry| entry.path().is_dir()) {
        for version in fs::read_dir(id.path()).expect("a folder").flatten() {
            let name = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
            found.push((name(&id), name(&version)));
        }
    }
    let mut listed = published();
    found.sort();
    listed.sort();
    assert_eq!(found, listed);
}

/// A fault of shape is found by the schema as well as by the loader.
#[test]
fn schema_and_loader_refuse_the_same_shapes() {
    let good = read(&folder("readiness", "1.0").join("definition.json"));
    let changes: Vec<(&str, Value)> = vec![
        ("/format", json!(2)),
        ("/id", json!("7th")),
        ("/version", json!("1")),
        ("/minutes", json!(0)),
        ("/raters", json!(["boss"])),
        ("/raters", json!([])),
        ("/limits", json!({})),
        ("/limits", json!({"focus": 3, "extra": 1})),
        ("/items/0/type", json!("slider")),
        ("/items/0/id", json!("with space")),
        ("/items/0/note", json!("surplus")),
        ("/items/0/shown_when", json!({"sometimes": true})),
        ("/responses/agreement/min", json!("one")),
        ("/scales/0/min_answered", json!(0)),
        ("/scales/0/bands/0/from", json!(101)),
        ("/sections/0/screens/0", json!([])),
        ("/groups/0/chart", json!("pie")),
        ("/rules/0/kind", json!("advice")),
        ("/rules/0/when", json!({"always": false})),
        ("/rules/0/when", json!({"all": []})),
        ("/rules/0/when", json!({"score": {"scale": "accountability"}})),
        ("/rules/0/when", json!({"score": {"scale": "accountability", "below": 0}})),
        ("/rules/0/rank_by", json!("accountability")),
        ("/surplus", json!(1)),
    ];
    let changed = variants(&good, changes);
    let definitions: Vec<Value> = changed.iter().map(|(_, value)| value.clone()).collect();
    let faults = oracle::faults("definition.schema.json", &definitions);
    let mut disagreements = Vec::new();
    for ((name, definition), fault) in changed.iter().zip(faults) {
        let loaded = Instrument::load(json::canonical(definition).as_bytes());
        if fault.is_none() || loaded.is_ok() {
            let (schema, loader) = (fault.is_none(), loaded.is_ok());
            disagreements.push(format!("{name}: schema accepts {schema}, loader accepts {loader}"));
        }
    }
    assert!(disagreements.is_empty(), "a definition with\n{}", disagreements.join("\n"));
}

/// The same for wordings.
#[test]
fn schema_and_loader_refuse_the_same_wordings() {
    let readiness = instrument("readiness", "1.0");
    let good = read(&folder("readiness", "1.0").join("en.json"));
    let changes: Vec<(&str, Value)> = vec![
        ("/format", json!(2)),
        ("/title", json!("")),
        ("/title", json!("  ")),
        ("/title", json!(1)),
        ("/title", json!(["in", "parts"])),
        ("/summary", json!(null)),
        ("/raters/self/notice", json!("")),
        ("/raters/boss", json!({"label": "a", "instruction": "b", "notice": "c"})),
        ("/items/crisis_cash", json!({})),
        ("/items/crisis_cash", json!("the same for everybody")),
        ("/responses/agreement/na", json!(7)),
        ("/rules/ready/next", json!("one step")),
        ("/scales/accountability/bands", json!({})),
        ("/surplus", json!("text")),
    ];
    let mut changed = variants(&good, changes);
    // Not every instrument needs hints.
    changed.retain(|(name, _)| name != "without hints");
    let wordings: Vec<Value> = changed.iter().map(|(_, value)| value.clone()).collect();
    let faults = oracle::faults("wording.schema.json", &wordings);
    let mut disagreements = Vec::new();
    for ((name, wording), fault) in changed.iter().zip(faults) {
        let loaded = readiness.wording("en.json", wording.to_string().as_bytes());
        if fault.is_none() || loaded.is_ok() {
            let (schema, loader) = (fault.is_none(), loaded.is_ok());
            disagreements.push(format!("{name}: schema accepts {schema}, loader accepts {loader}"));
        }
    }
    assert!(disagreements.is_empty(), "a wording with\n{}", disagreements.join("\n"));
}

/// A document with one value changed at a time, and with each of its members left out in turn.
fn variants(good: &Value, changes: Vec<(&str, Value)>) -> Vec<(String, Value)> {
    let mut changed = Vec::new();
    for (path, value) in changes {
        let mut document = good.clone();
        let (parent, member) = path.rsplit_once('/').expect("a path");
        match document.pointer_mut(parent).unwrap_or_else(|| panic!("no {path}")) {
            Value::Array(list) => list[member.parse::<usize>().expect("an index")] = value.clone(),
            parent => parent[member] = value.clone(),
        }
        changed.push((format!("{path} = {value}"), document));
    }
    for member in good.as_object().expect("an object").keys() {
        let mut document = good.clone();
        document.as_object_mut().expect("an object").remove(member);
        changed.push((format!("without {member}"), document));
    }
    changed
}

/// Results of every instrument and rater that the command line writes are valid, and are not once
/// something is changed.
#[test]
fn simulated_results_are_valid_and_readable() {
    let mut payloads = Vec::new();
    for (id, version) in published() {
        for rater in &instrument(&id, &version).definition().raters {
            let out = place::scratch(&format!("schema-{id}-{}", rater.code()));
            let args = ["simulate", &id, "--n", "12", "--seed", "3", "--rater", rater.code()];
            let simulated = plumbline(args.iter().map(AsRef::as_ref).chain([
                "--force".as_ref(),
                "--out".as_ref(),
                out.as_os_str(),
            ]));
            assert_eq!(simulated.code, 0, "{}", simulated.stderr);
            let files: Vec<PathBuf> =
                fs::read_dir(&out).expect("results").flatten().map(|entry| entry.path()).collect();
            assert_eq!(files.len(), 12);
            for (file, read) in files.iter().zip(jose(&files)) {
                let read = read.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                payloads.push(read["payload"].clone());
            }
        }
    }
    for fault in oracle::faults("survey-result.schema.json", &payloads) {
        assert_eq!(fault, None);
    }
    let changes: Vec<(&str, Value)> = vec![
        ("/iss", json!("urn:someone")),
        ("/aud", json!("everyone")),
        ("/iat", json!(1.5)),
        ("/jti", json!("short")),
        ("/survey/v", json!(2)),
        ("/survey/rater", json!("boss")),
        ("/survey/instrument/sha256", json!("00")),
        ("/survey/answers/strategy_internal_1", json!("n/a")),
        ("/survey/answers/strategy_internal_1", json!(2.5)),
        ("/survey/answers/with space", json!(1)),
        ("/survey/policy/min_group", json!(2)),
        ("/survey/texts/protect", json!("")),
        ("/survey/timing/screens", json!([-1])),
        ("/survey/claimed_scores/strategy", json!({"sum": 3})),
        ("/survey/name", json!("surplus")),
    ];
    let changed: Vec<Value> = changes
        .iter()
        .map(|(path, value)| {
            let mut payload = payloads[0].clone();
            let (parent, member) = path.rsplit_once('/').expect("a path");
            payload.pointer_mut(parent).expect("a member")[member] = value.clone();
            payload
        })
        .collect();
    let faults = oracle::faults("survey-result.schema.json", &changed);
    for ((path, value), fault) in changes.iter().zip(faults) {
        assert!(fault.is_some(), "the schema accepts {path} = {value}");
    }
}
