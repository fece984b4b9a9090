//! Scores are the same to the last bit natively and in WebAssembly.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test should stop at the line that failed"
)]

use e2e::respondent::published;
use e2e::{oracle, place};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread;

/// The WebAssembly build: `PLUMBLINE_PARITY_WASM`, else built here.
fn module() -> PathBuf {
    if let Some(module) = place::from_env("PLUMBLINE_PARITY_WASM") {
        return module;
    }
    let built = Command::new(env!("CARGO"))
        .args(["build", "--package=parity", "--target=wasm32-unknown-unknown", "--release"])
        .current_dir(place::workspace())
        .status()
        .expect("cargo can be started");
    assert!(built.success(), "the parity module was not built");
    place::target().join("wasm32-unknown-unknown/release/parity.wasm")
}

#[test]
fn native_and_webassembly_agree_to_the_bit() {
    let instruments = published();
    let definitions: Vec<PathBuf> = instruments
        .iter()
        .map(|(id, version)| {
            place::public().join("instruments").join(id).join(version).join("definition.json")
        })
        .collect();
    let native: Vec<_> = definitions
        .iter()
        .map(|path| {
            let definition = fs::read(path).expect("a published definition");
            thread::spawn(move || parity::digest_of(&definition).expect("it loads"))
        })
        .collect();
    let webassembly = oracle::parity_digests(&module(), &definitions);
    let native: Vec<String> = native
        .into_iter()
        .map(|digest| {
            let digest = digest.join().expect("scoring does not panic");
            digest.iter().map(|byte| format!("{byte:02x}")).collect()
        })
        .collect();
    for (((id, _), native), webassembly) in instruments.iter().zip(&native).zip(&webassembly) {
        assert_eq!(native, webassembly, "{id}: native (left) and WebAssembly (right) disagree");
    }
    assert_eq!(webassembly.len(), instruments.len());
    let distinct: BTreeSet<&String> = native.iter().collect();
    assert_eq!(distinct.len(), instruments.len(), "two instruments, one digest: {native:?}");
}
