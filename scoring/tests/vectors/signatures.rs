//! Ed25519: what is a signature, and what only looks like one.

use crate::numbers::{RFC_8032, SPECCHECK};
use crate::{folder, unhex};
use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::{Signature, VerifyingKey};
use scoring::jose::{Curve, base64url, from_base64url, is_signature, sign};
use scoring::participant::public;
use serde_json::Value;
use sha2::{Digest, Sha512};
use std::collections::BTreeMap;
use std::fs;

/// Whether the reader accepts a signature, which it is given as text like everything else. It never says anything but
/// what the library's own strict check says.
fn accepts(public: &str, message: &[u8], signature: &str) -> bool {
    let public: [u8; 32] = unhex(public).try_into().unwrap();
    let accepted = is_signature(&public, message, &unhex(signature));
    assert_eq!(accepted, is_strictly_verified(&public, message, &unhex(signature)), "{signature}");
    accepted
}

fn is_strictly_verified(public: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    let signature = Signature::from_slice(signature);
    VerifyingKey::from_bytes(public).and_then(|key| key.verify_strict(message, &signature?)).is_ok()
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

/// Keys and commitments that are a point of small order, one of large order, or the sum of both, signed as well as
/// each can be: what a strict check refuses and what it tolerates.
#[test]
fn small_orders_are_told_as_a_strict_check_tells_them() {
    let (mut accepted, mut refused) = (0, 0);
    for (secret, random) in [(0_u8, 0), (0, 5), (7, 0), (7, 5)] {
        let [secret, random] = [secret, random].map(Scalar::from);
        for key in EIGHT_TORSION.map(|small| small + EdwardsPoint::mul_base(&secret)) {
            for commitment in EIGHT_TORSION.map(|small| small + EdwardsPoint::mul_base(&random)) {
                let [key, commitment] = [key, commitment].map(|point| point.compress().to_bytes());
                // Some message lets the small orders cancel out, where any does.
                for message in 0..64_u8 {
                    let hash = Sha512::new().chain_update(commitment).chain_update(key);
                    let hash = hash.chain_update([message]).finalize();
                    let challenge = Scalar::from_bytes_mod_order_wide(&hash.into());
                    let signature = [commitment, (random + challenge * secret).to_bytes()].concat();
                    let got = is_signature(&key, &[message], &signature);
                    assert_eq!(got, is_strictly_verified(&key, &[message], &signature));
                    *if got { &mut accepted } else { &mut refused } += 1;
                }
            }
        }
    }
    assert!(accepted > 64 && refused > 3 * 64 * 64, "{accepted} accepted, {refused} refused");
}
