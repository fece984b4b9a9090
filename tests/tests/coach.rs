//! Adding up: the same numbers everywhere, and nothing counted that should not be.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test should stop at the line that failed"
)]

use e2e::browser::{Setting, in_browser};
use e2e::engine::Engine;
use e2e::oracle::{self, plumbline};
use e2e::pages::Coach;
use e2e::respondent::instrument;
use e2e::{forge, place};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A simulated cohort, and what the command line makes of it.
struct Cohort {
    files: Vec<PathBuf>,
    folder: PathBuf,
    report: Value,
    csv: String,
}

fn cohort() -> &'static Cohort {
    static COHORT: OnceLock<Cohort> = OnceLock::new();
    COHORT.get_or_init(|| {
        let folder = place::scratch("cohort-ops-200");
        let out = folder.as_os_str();
        let args = ["simulate", "ops", "--n", "200", "--seed", "7", "--force", "--out"];
        let simulated = plumbline(args.iter().map(AsRef::as_ref).chain([out]));
        assert_eq!(simulated.code, 0, "{}", simulated.stderr);
        let report = |format: &str| {
            let report = plumbline(["report".as_ref(), out, "--format".as_ref(), format.as_ref()]);
            assert_eq!(report.code, 0, "{}", report.stderr);
            report
        };
        let files = files_of(&folder);
        assert_eq!(files.len(), 200);
        let (json, csv) = (report("json").json(), report("csv").stdout);
        Cohort { files, report: json, csv, folder }
    })
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there").flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.sort();
    files
}

/// Two hundred people, three computations, one report: every scale, item, cut and comment.
#[test]
fn command_line_equals_python() {
    let cohort = cohort();
    let python = oracle::python_report(&cohort.folder);
    let (ours, python) = comparable(&cohort.report, &python);
    if ours != python {
        panic!("{}", differences("", &ours, &python).join("\n"));
    }
    let report = &ours[0];
    assert_eq!(report["n"], 200);
    let shown = report["scales"].as_array().unwrap().iter().all(|row| row["estimate"].is_object());
    assert!(shown, "a cohort of 200 has a mean of every scale");
    let hidden =
        report["cuts"][0]["groups"].as_array().unwrap().iter().filter(|g| g["n"].is_null());
    assert!(hidden.count() < 4, "a cohort of 200 should have groups to compare");
}

/// A report without what Python does not compute, and Python's without what the report hides. What is hidden, and
/// reliability, are compared with another independent computation in the tests of the command line.
fn comparable(ours: &Value, theirs: &Value) -> (Value, Value) {
    match (ours, theirs) {
        (Value::Null, _) => (Value::Null, Value::Null),
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let (a, b): (Vec<_>, Vec<_>) = a.iter().zip(b).map(|(a, b)| comparable(a, b)).unzip();
            (Value::Array(a), Value::Array(b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let known = a.iter().filter(|(key, _)| !["quality", "other"].contains(&key.as_str()));
            let pairs = known.map(|(key, own)| {
                let (own, their) = comparable(own, b.get(key).unwrap_or(&Value::Null));
                ((key.clone(), own), (key.clone(), their))
            });
            let (a, b): (serde_json::Map<_, _>, serde_json::Map<_, _>) = pairs.unzip();
            (Value::Object(a), Value::Object(b))
        }
        (a, b) => (a.clone(), b.clone()),
    }
}

/// Where two reports differ: path, command line, Python.
fn differences(path: &str, ours: &Value, theirs: &Value) -> Vec<String> {
    match (ours, theirs) {
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let pairs = a.iter().zip(b).enumerate();
            pairs.flat_map(|(idx, (a, b))| differences(&format!("{path}[{idx}]"), a, b)).collect()
        }
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            let keys = a.keys();
            keys.flat_map(|key| differences(&format!("{path}.{key}"), &a[key], &b[key])).collect()
        }
        (a, b) if a == b => Vec::new(),
        (a, b) => vec![format!("{path}: plumbline says {a}, Python says {b}")],
    }
}

#[test]
fn page_equals_command_line_chromium() {
    page_equals_command_line(Engine::Chromium);
}

#[test]
fn page_equals_command_line_firefox() {
    page_equals_command_line(Engine::Firefox);
}

#[test]
fn page_equals_command_line_webkit() {
    page_equals_command_line(Engine::Webkit);
}

fn page_equals_command_line(engine: Engine) {
    in_browser(engine, "cohort-page", Setting::default(), async |world| {
        let cohort = cohort();
        let coach = Coach::open(world).await;
        let outcomes = coach.choose(&cohort.files).await;
        assert_eq!(outcomes.iter().filter(|o| o.code == "counted").count(), 200);
        let page = coach.reports(1).await;
        let expected = printed(&cohort.report[0]);
        if page[0] != expected {
            panic!("{}", differences("", &expected, &page[0]).join("\n"));
        }
        if engine != Engine::Webkit {
            assert_eq!(coach.csv().await, cohort.csv, "the page's CSV is not `plumbline report`'s");
        }
    });
}

/// A report of the command line as the page prints it.
fn printed(report: &Value) -> Value {
    let number = |value: &Value| value.as_f64().map(|number| format!("{number:.1}"));
    let count = |value: &Value| value.as_u64().map(|n| n.to_string());
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let scales: Vec<Value> = list(&report["scales"])
        .iter()
        .map(|row| {
            let estimate = &row["estimate"];
            json!({
                "scale": row["scale"],
                "n": count(&estimate["n"]), "mean": number(&estimate["mean"]),
                "sd": number(&estimate["sd"]),
                "low": number(&estimate["ci95"][0]), "high": number(&estimate["ci95"][1]),
            })
        })
        .collect();
    let items: Vec<Value> = list(&report["items"])
        .iter()
        .map(|row| {
            let estimate = &row["estimate"];
            json!({
                "item": row["item"], "n": count(&estimate["n"]),
                "mean": number(&estimate["mean"]), "favourable": number(&row["favourable"]),
            })
        })
        .collect();
    let cuts: Vec<Value> = list(&report["cuts"])
        .iter()
        .map(|cut| {
            let groups: Vec<Value> =
                list(&cut["groups"]).into_iter().filter(|group| group["n"] != 0).collect();
            // The page has a row a scale and a column a group.
            let cells: Vec<Value> = (0..scales.len())
                .flat_map(|scale| groups.iter().map(move |group| (scale, group)))
                .map(|(scale, group)| {
                    let row = &group["scales"][scale];
                    let code = group["code"].as_i64().map_or("none".to_owned(), |c| c.to_string());
                    json!({
                        "scale": row["scale"], "group": code,
                        "mean": number(&row["estimate"]["mean"]),
                    })
                })
                .collect();
            json!({"item": cut["item"], "cells": cells})
        })
        .collect();
    let is_weak = |row: &&Value| row["quality"]["alpha"].as_f64().is_some_and(|alpha| alpha < 0.7);
    let weak: Vec<Value> =
        list(&report["scales"]).iter().filter(is_weak).map(|row| row["scale"].clone()).collect();
    json!({
        "instrument": report["instrument"], "rater": report["rater"], "n": count(&report["n"]), "weak": weak,
        "scales": scales, "items": items, "cuts": cuts,
        // The survey comes to no verdict, and does not say when people disagree.
        "told": [], "disagree": [],
    })
}

#[test]
fn a_roster_chromium() {
    a_roster(Engine::Chromium);
}

#[test]
fn a_roster_firefox() {
    a_roster(Engine::Firefox);
}

#[test]
fn a_roster_webkit() {
    a_roster(Engine::Webkit);
}

/// Who says how many were asked sees narrower intervals, the ones of the command line, also when they come back.
fn a_roster(engine: Engine) {
    in_browser(engine, "roster", Setting::default(), async |world| {
        let folder = world.folder.join("eighteen");
        let simulate = ["simulate", "ops", "--n", "18", "--seed", "1", "--out"];
        let out = folder.as_os_str();
        assert_eq!(plumbline(simulate.iter().map(AsRef::as_ref).chain([out])).code, 0);
        let expected = |more: &[&str]| {
            let args = ["report", "--format", "json"].iter().chain(more).map(AsRef::as_ref);
            printed(&plumbline(args.chain([out])).json()[0])["scales"].clone()
        };
        let coach = Coach::open(world).await;
        coach.choose(&files_of(&folder)).await;
        assert_eq!(coach.reports(1).await[0]["scales"], expected(&[]));

        coach.asked("17").await;
        let said = "return document.querySelector('#roster-0-error').textContent.startsWith('18 answered.')";
        world.browser.until::<bool>("the error under the field", said, vec![]).await;
        assert_eq!(coach.reports(1).await[0]["scales"], expected(&[]));

        coach.asked("20").await;
        coach.says("18 of 20 people asked").await;
        let narrow = expected(&["--roster", "20"]);
        assert_eq!(coach.reports(1).await[0]["scales"], narrow);
        let focus = "return document.activeElement?.id === 'roster-0'";
        world.browser.until::<bool>("the field has the focus again", focus, vec![]).await;

        world.open("#/coach/cohorts", "coach-cohorts").await;
        let coach = Coach::open(world).await;
        coach.says("18 of 20 people asked").await;
        assert_eq!(coach.reports(1).await[0]["scales"], narrow);
    });
}

#[test]
fn bad_files_chromium() {
    bad_files(Engine::Chromium);
}

#[test]
fn bad_files_firefox() {
    bad_files(Engine::Firefox);
}

#[test]
fn bad_files_webkit() {
    bad_files(Engine::Webkit);
}

/// Every kind of bad file gets a reason that a person understands, and costs nothing that was
/// counted before.
fn bad_files(engine: Engine) {
    in_browser(engine, "bad-files", Setting::default(), async |world| {
        let ops = instrument("ops", "1.0");
        let write = |name: &str, text: &str| {
            let path = world.folder.join(name);
            fs::write(&path, text).expect("the file can be written");
            path
        };
        let good: Vec<PathBuf> = (1..=5)
            .map(|person| write(&format!("good-{person}.json"), &forge::signed(&ops, person)))
            .collect();
        let again = write("good-1-again.json", &forge::signed(&ops, 1));
        let bad_folder = world.folder.join("bad");
        fs::create_dir_all(&bad_folder).expect("the folder can be made");
        let bad = forge::bad_files(&bad_folder);

        let coach = Coach::open(world).await;
        coach.choose(&good).await;
        let before = coach.reports(1).await;
        let paths: Vec<PathBuf> = bad.iter().map(|bad| bad.path.clone()).collect();
        coach.choose(&paths).await;
        let outcomes = coach.choose(&[again]).await;

        let mut words = BTreeSet::new();
        for bad in &bad {
            let name = bad.path.file_name().expect("a file").to_string_lossy().into_owned();
            let said: Vec<_> = outcomes.iter().filter(|o| o.file == name).collect();
            assert_eq!(said.len(), 1, "{name} has no verdict of its own: {outcomes:?}");
            let said = said[0];
            assert_eq!(
                (said.status.as_str(), said.code.as_str()),
                ("rejected", bad.code),
                "what the page says of {name}"
            );
            assert!(
                said.visible && said.words.len() > 40,
                "{name} has no visible reason: {said:?}"
            );
            assert!(!said.words.contains("error."), "{name}: a text is missing: {said:?}");
            words.insert(said.words.clone());
        }
        let n_codes = bad.iter().map(|bad| bad.code).collect::<BTreeSet<_>>().len();
        assert!(words.len() >= n_codes, "different faults, the same words: {words:?}");
        let count = |status: &str| outcomes.iter().filter(|o| o.status == status).count();
        assert_eq!((count("accepted"), count("duplicate")), (5, 1), "{outcomes:?}");
        assert_eq!(coach.reports(1).await, before, "the report changed with files not counted");
        assert_eq!(before[0]["n"], "5");
    });
}

/// A folder with a folder in it; what the system put there is no result. Only Chromium's driver can
/// choose folders.
#[test]
fn a_folder_chromium() {
    in_browser(Engine::Chromium, "choose-folder", Setting::default(), async |world| {
        let ops = instrument("ops", "1.0");
        let (folder, inner) = (world.folder.join("team"), world.folder.join("team/late"));
        fs::create_dir_all(&inner).expect("the folders can be made");
        for person in 1..=6 {
            let folder = if person > 4 { &inner } else { &folder };
            let path = folder.join(format!("{person}.result.jws.json"));
            fs::write(path, forge::signed(&ops, person)).expect("the file can be written");
        }
        for name in [".DS_Store", "desktop.ini"] {
            fs::write(folder.join(name), "not ours").expect("the file can be written");
        }
        let coach = Coach::open(world).await;
        let outcomes = coach.choose_folder(folder, 6).await;
        assert!(outcomes.iter().all(|outcome| outcome.code == "counted"), "{outcomes:?}");
        assert_eq!(coach.reports(1).await[0]["n"], "6");
    });
}

/// A byte changed anywhere in a file, to any of some others: never accepted.
#[test]
fn a_changed_byte_anywhere_is_rejected() {
    let file = forge::signed(&instrument("ops", "1.0"), 1);
    let folder = place::scratch("changed-bytes");
    // One variant a line keeps thousands of them in one file.
    let mut variants: Vec<u8> = Vec::new();
    let mut n_variants = 0;
    for (place, byte) in file.bytes().enumerate() {
        for other in [byte ^ 1, b'A', b' ', 0xff].into_iter().filter(|other| *other != byte) {
            let mut changed = file.clone().into_bytes();
            changed[place] = other;
            variants.extend(changed);
            variants.push(b'\n');
            n_variants += 1;
        }
    }
    let lines = folder.join("all.jsonl");
    fs::write(&lines, variants).expect("the file can be written");
    let verified = plumbline(["verify".as_ref(), lines.as_os_str(), "--json".as_ref()]);
    let rows = verified.json();
    let rows = rows.as_array().expect("a list");
    assert_eq!(rows.len(), n_variants, "every variant has a verdict");
    let accepted: Vec<&Value> = rows.iter().filter(|row| row["status"] != "rejected").collect();
    assert!(accepted.is_empty(), "accepted though changed: {accepted:?}");
    assert!(rows.iter().all(|row| row["message"].as_str().is_some_and(|m| m.len() > 10)));
    assert_eq!(verified.code, 1);
}
