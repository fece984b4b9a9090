//! Ed25519: what is a signature, and what only looks like one.

use crate::numbers::{RFC_8032, SPECCHECK};
use crate::{folder, unhex};
use scoring::jose::{Curve, base64url, from_base64url, is_signature, sign};
use scoring::participant::public;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

/// Whether the reader accepts a signature, which it is given as text like everything else.
fn accepts(public: &str, message: &[u8], signature: &str) -> bool {
    let public: [u8; 32] = unhex(public).try_into().unwrap();
    is_signature(&public, message, &unhex(signature))
}

#[test]
fn rfc_8032_section_7_1() {
    for [name, seed, key, message, signature] in RFC_8032 {
        let seed: [u8; 32] = unhex(seed).try_into().unwrap();
        let message = unhex(message);
        assert_eq!(public(&seed).to_vec(), unhex(key), "{name}");
        assert_eq!(sign(&seed, &message).to_vec(), unhex(signature), "{name}");
        assert!(accepts(key, &message, signature), "{name}");
    }
}

/// Appendix A.1 to A.5: the key, its thumbprint, the signature, and its verification.
#[test]
fn rfc_8037_appendix_a() {
    let seed = from_base64url("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
    let seed: [u8; 32] = seed.try_into().unwrap();
    let x = base64url(&public(&seed));
    assert_eq!(x, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    let kid = Curve::Ed25519.thumbprint(&x);
    assert_eq!(kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    let input = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = sign(&seed, input);
    assert_eq!(
        base64url(&signature),
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
    assert!(is_signature(&public(&seed), input, &signature));
}

/// "Taming the many EdDSAs" (Chalkias, Garillot & Nikolaenko 2020), table 5: of the twelve, a strict
/// reader accepts the fourth alone.
#[test]
fn speccheck() {
    let accepted: Vec<usize> = SPECCHECK
        .iter()
        .enumerate()
        .filter(|(_, [message, key, signature])| accepts(key, &unhex(message), signature))
        .map(|(idx, _)| idx)
        .collect();
    assert_eq!(accepted, [3]);
}

#[test]
fn wycheproof() {
    let Some(folder) = folder::find("wycheproof") else { return };
    let file = fs::read(folder.join("wycheproof_ed25519.json")).unwrap();
    let file: Value = serde_json::from_slice(&file).unwrap();
    let mut count = 0;
    for group in file["testGroups"].as_array().unwrap() {
        let key = group["publicKey"]["pk"].as_str().unwrap();
        for case in group["tests"].as_array().unwrap() {
            let text = |name: &str| case[name].as_str().unwrap();
            let expected = text("result") == "valid";
            let got = accepts(key, &unhex(text("msg")), text("sig"));
            assert_eq!(got, expected, "{}: {}", case["tcId"], text("comment"));
            count += 1;
        }
    }
    assert_eq!(file["numberOfTests"], count);
    assert_eq!(count, 151);
}

/// Community Cryptography Test Vectors: every combination of edge cases that Ed25519 readers differ
/// on. Each vector lists the edges it stands on, and is accepted or refused by these alone.
#[test]
fn cctv() {
    let Some(folder) = folder::find("cctv") else { return };
    let file = fs::read(folder.join("cctv_ed25519.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_slice(&file).unwrap();
    assert_eq!(cases.len(), 914);
    let mut accepted: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
    for case in &cases {
        let text = |name: &str| case[name].as_str().unwrap();
        let flags = case["flags"].as_array().into_iter().flatten();
        let flags: Vec<&str> = flags.map(|flag| flag.as_str().unwrap()).collect();
        let got = accepts(text("key"), text("msg").as_bytes(), text("sig"));
        // A strict reader tolerates a component of small order beside a large one, which only
        // somebody who holds the private key can add, and nothing else.
        let tolerated = |flag: &&str| flag.starts_with("low_order_component_");
        assert_eq!(got, flags.iter().all(tolerated), "{}: {flags:?}", case["number"]);
        if got {
            *accepted.entry(flags).or_default() += 1;
        }
    }
    let (a, r) = ("low_order_component_A", "low_order_component_R");
    assert_eq!(accepted, BTreeMap::from([(vec![], 1), (vec![a], 7), (vec![r, a], 35)]));
}
