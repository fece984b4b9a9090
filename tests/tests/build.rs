//! What was built: small enough, no code in the page, and every address relative.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test should stop at the line that failed"
)]

use e2e::browser::{Setting, in_browser};
use e2e::engine::Engine;
use e2e::pages::{Cohort, Home};
use e2e::server::{self, Server};
use e2e::{cohort, place};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Bytes of a participant's first visit, brotli-compressed.
const LIMIT: u64 = 200_000;

/// What `cargo xtask build` wrote about the size of a first visit; in CI it must be there.
fn first_visit() -> Option<Value> {
    let path = place::from_env("PLUMBLINE_FIRST_VISIT").unwrap_or_else(|| {
        place::dist().parent().expect("dist lies in a folder").join("target/first-visit.json")
    });
    let Ok(text) = fs::read(&path) else {
        let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!is_ci, "{} is missing: `cargo xtask build` writes it", path.display());
        eprintln!("SKIPPED: {} is missing: type `cargo xtask build`", path.display());
        return None;
    };
    Some(serde_json::from_slice(&text).expect("the report is JSON"))
}

fn weighed(report: &Value) -> BTreeMap<String, u64> {
    let files = report["files"].as_array().expect("the report lists files").iter();
    let file = |file: &Value| Some((file["path"].as_str()?.to_owned(), file["brotli"].as_u64()?));
    files.map(|entry| file(entry).expect("a file has a path and a size")).collect()
}

#[test]
fn a_first_visit_is_small() {
    let Some(report) = first_visit() else { return };
    let files = weighed(&report);
    let list: Vec<String> = files.iter().map(|(path, size)| format!("{size:>9}  {path}")).collect();
    let (total, list) = (report["total"].as_u64().expect("a total"), list.join("\n"));
    assert!(total <= LIMIT, "a first visit takes {total} bytes, more than {LIMIT}:\n{list}");
    assert_eq!(files.values().sum::<u64>(), total, "the sum of\n{list}");
}

/// Nothing is downloaded on the way to the first question that was not weighed, whether one comes by
/// the list of instruments or by a coach's link.
#[test]
fn a_first_visit_is_what_was_weighed_chromium() {
    let Some(report) = first_visit() else { return };
    in_browser(Engine::Chromium, "first-visit", Setting::default(), async |world| {
        Home::open(world).await.choose("ops").await.start("self").await;
        only_weighed(&report, &world.server);
        let link = cohort::link(&cohort::claims(1, &[("ops", "1.0")]), &cohort::coach(1));
        let address = world.elsewhere.url(&cohort::fragment(&link));
        Cohort::follow(world, &address, &link).await.start("ops", "self").await;
        only_weighed(&report, &world.elsewhere);
    });
}

fn only_weighed(report: &Value, server: &Server) {
    let asked: BTreeSet<String> = server
        .requests()
        .iter()
        .map(|request| request.path.trim_start_matches('/').to_owned())
        .map(|path| if path.is_empty() { "index.html".to_owned() } else { path })
        .collect();
    let weighed: BTreeSet<String> = weighed(report).into_keys().collect();
    let surplus: Vec<_> = asked.difference(&weighed).collect();
    assert!(surplus.is_empty(), "downloaded but not weighed: {surplus:?}");
}

fn index() -> String {
    fs::read_to_string(place::dist().join("index.html")).expect("the page is text")
}

/// The page's own policy is the strict one; `frame-ancestors` counts in a header only.
#[test]
fn the_page_brings_its_policy() {
    let page = index();
    let meta = page.split("http-equiv=\"Content-Security-Policy\"").nth(1);
    let meta = meta.expect("the page has a content security policy");
    let policy = meta.split("content=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let directives = |policy: &str| {
        let mut list: Vec<String> = policy
            .split(';')
            .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|part| !part.is_empty() && !part.starts_with("frame-ancestors"))
            .collect();
        list.sort();
        list
    };
    assert_eq!(directives(policy), directives(server::POLICY));
}

/// No script or style stands in the page itself, and no event handler attribute.
#[test]
fn nothing_inline() {
    let page = index();
    for script in page.split("<script").skip(1) {
        let (tag, rest) = script.split_once('>').expect("a tag ends");
        assert!(tag.contains("src="), "an inline script: {tag}");
        let content = rest.split("</script>").next().unwrap_or_default();
        assert!(content.trim().is_empty(), "an inline script: {content}");
    }
    assert!(!page.contains("<style"), "an inline style sheet");
    for attribute in [" style=", " onload=", " onclick=", " onerror="] {
        assert!(!page.contains(attribute), "an inline{attribute}…");
    }
}

/// The folder can be put anywhere: no address in the page or the style sheets begins at the root or
/// names a host, and every file that is named is there.
#[test]
fn every_address_is_relative() {
    let dist = place::dist();
    let mut addresses = Vec::new();
    for attribute in ["src=\"", "href=\"", "data-js=\"", "data-wasm=\""] {
        let page = index();
        let values = page.split(attribute).skip(1).filter_map(|rest| rest.split('"').next());
        addresses.extend(values.map(str::to_owned));
    }
    for sheet in files(&dist).iter().filter(|file| file.extension().is_some_and(|e| e == "css")) {
        let text = fs::read_to_string(sheet).expect("a style sheet is text");
        let values = text.split("url(").skip(1).filter_map(|rest| rest.split(')').next());
        addresses.extend(values.map(|value| value.trim_matches(['"', '\'']).to_owned()));
        assert!(!text.contains("@import"), "{} imports", sheet.display());
    }
    assert!(addresses.len() > 3, "the page names hardly anything: {addresses:?}");
    for address in addresses.iter().filter(|address| !address.starts_with(['#', '%'])) {
        if address.starts_with("data:") {
            continue;
        }
        assert!(!address.starts_with('/') && !address.contains("://"), "not relative: {address}");
        assert!(dist.join(address).exists(), "{address} is named but not there");
    }
}

/// What the app offers is what lies in `public`.
#[test]
fn public_files_are_delivered_unchanged() {
    let (public, dist) = (place::public(), place::dist());
    for folder in ["instruments", "locales", "schemas"] {
        for source in files(&public.join(folder)) {
            let relative = source.strip_prefix(&public).expect("below public");
            let delivered = fs::read(dist.join(relative));
            let delivered =
                delivered.unwrap_or_else(|_| panic!("{} is missing", relative.display()));
            assert!(delivered == fs::read(&source).unwrap(), "{} differs", relative.display());
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let paths = entries.flatten().map(|entry| entry.path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
