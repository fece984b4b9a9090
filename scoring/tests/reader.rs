//! The reader of result files: what it refuses and by which name, and that order never matters.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

use ed25519_dalek::{Signer, SigningKey};
use proptest::prelude::*;
use scoring::answers::AnswerSheet;
use scoring::cohort::{Import, Status};
use scoring::instrument::{Instrument, Rater};
use scoring::jose::{Curve, base64url, from_base64url};
use scoring::json::{self, canonical};
use scoring::result::{App, Reader, Signing, Timing, unsigned};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

static INSTRUMENTS: LazyLock<Vec<Arc<Instrument>>> = LazyLock::new(|| {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/instruments/ops/1.0/definition.json");
    vec![Arc::new(Instrument::load(&std::fs::read(path).unwrap()).unwrap())]
});

static READER: LazyLock<Reader> =
    LazyLock::new(|| Reader { instruments: INSTRUMENTS.clone(), ..Reader::default() });

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn result(seed: u8, issued_at: i64) -> String {
    let signing = Signing {
        app: App { name: "test".to_owned(), version: "1".to_owned(), build: String::new() },
        lang: "en".to_owned(),
        started_at: 1,
        submitted_at: 2,
        issued_at,
        token_id: [seed; 16],
        timing: Timing::default(),
        membership: None,
    };
    let sheet = AnswerSheet::new(Rater::Own).completed(&INSTRUMENTS[0]);
    let unsigned =
        unsigned(&INSTRUMENTS[0], &sheet, key(seed).verifying_key().as_bytes(), &signing);
    unsigned.signed(&key(seed).sign(&unsigned.signing_input()).to_bytes())
}

/// RFC 8037 appendix A.1 and A.4: the key, and the signature over its example.
#[test]
fn signs_as_rfc_8037_shows() {
    let seed = from_base64url("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
    let key = SigningKey::from_bytes(&seed.try_into().unwrap());
    assert_eq!(
        base64url(key.verifying_key().as_bytes()),
        "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    );
    let signature = key.sign(b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc");
    assert_eq!(
        base64url(&signature.to_bytes()),
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
}

/// Changes the decoded parts of a result and signs it again, as somebody with a key of their own could.
fn forged(change: impl FnOnce(&mut Value, &mut Value)) -> Vec<u8> {
    let file = json::parse(result(1, 10).as_bytes()).unwrap();
    let part =
        |name: &str| json::parse(&from_base64url(file[name].as_str().unwrap()).unwrap()).unwrap();
    let (mut header, mut claims) = (part("protected"), part("payload"));
    change(&mut header, &mut claims);
    let (header, claims) =
        (base64url(canonical(&header).as_bytes()), base64url(canonical(&claims).as_bytes()));
    signed(&header, &claims)
}

fn signed(header: &str, claims: &str) -> Vec<u8> {
    let signature = key(1).sign(format!("{header}.{claims}").as_bytes());
    let signature = base64url(&signature.to_bytes());
    canonical(&json!({"protected": header, "payload": claims, "signature": signature})).into_bytes()
}

#[track_caller]
fn refused(file: &[u8], code: &str) {
    match READER.verify(file) {
        Ok(_) => panic!("accepted, expected {code}"),
        Err(refusal) => assert_eq!(refusal.code(), code, "{refusal}"),
    }
}

#[test]
fn an_untouched_result_is_accepted() {
    let read = READER.verify(result(1, 10).as_bytes()).unwrap();
    assert!(!read.scores_differ());
    assert_eq!(read.claims().iat, 10);
    // The name that RFC 9864 gives the algorithm.
    let file = forged(|header, _| header["alg"] = json!("Ed25519"));
    assert!(READER.verify(&file).is_ok());
}

#[test]
fn each_malformation_has_its_name() {
    refused(b"", "empty");
    refused(b"   \n", "empty");
    refused(&vec![b' '; 300 * 1024], "too_large");
    refused(b"{\"payload\":", "not_json");
    refused("[".repeat(40).as_bytes(), "too_deep");
    refused(br#"{"payload":"","payload":"","protected":"","signature":""}"#, "duplicate_member");
    refused(br#"{"payload":1.5}"#, "not_integer");
    refused(b"[]", "not_a_result");
    refused(br#"{"hello":"world"}"#, "not_a_result");
    refused(br#"{"payload":"","protected":"","signature":null}"#, "not_a_result");
    refused(br#"{"payload":"","protected":"","signature":"","header":{}}"#, "not_a_result");
    refused(br#"{"payload":"","protected":"e30=","signature":""}"#, "encoding");
    refused(br#"{"payload":"","protected":"e31","signature":""}"#, "encoding");
    refused(br#"{"payload":"","protected":"e3 0","signature":""}"#, "encoding");

    refused(&forged(|header, _| header["alg"] = json!("none")), "header");
    refused(&forged(|header, _| header["alg"] = json!("HS256")), "header");
    refused(&forged(|header, _| header["crit"] = json!(["b64"])), "header");
    refused(&forged(|header, _| header["jku"] = json!("x")), "header");
    refused(&forged(|header, _| header["jwk"]["d"] = json!("x")), "header");
    refused(&forged(|header, _| header["jwk"]["crv"] = json!("X25519")), "header");
    refused(&forged(|header, _| header["jwk"]["x"] = json!("AAAA")), "header");
    refused(&forged(|header, _| header["typ"] = json!("survey-cohort+jwt")), "purpose");
    refused(&forged(|header, _| header["kid"] = json!("other")), "key_mismatch");
    refused(&forged(|_, claims| claims["iss"] = json!("somebody")), "key_mismatch");
    refused(&forged(|_, claims| claims["aud"] = json!("urn:survey:cohort:x")), "audience");

    refused(&forged(|_, claims| claims["jti"] = json!("short")), "content");
    refused(&forged(|_, claims| claims["extra"] = json!(1)), "content");
    refused(&forged(|_, claims| claims["iat"] = json!("10")), "content");
    refused(&forged(|_, claims| claims["iat"] = json!(-1)), "content");
    refused(&forged(|_, claims| claims["survey"]["v"] = json!(2)), "content");
    refused(&forged(|_, claims| claims["survey"]["rater"] = json!("peer")), "content");
    refused(&forged(|_, claims| claims["survey"]["policy"]["min_group"] = json!(1)), "content");
    refused(&forged(|_, claims| claims["survey"]["answers"]["protect"] = json!(true)), "content");
    refused(
        &forged(|_, claims| claims["survey"]["instrument"]["id"] = json!("x")),
        "unknown_instrument",
    );
    refused(
        &forged(|_, claims| claims["survey"]["instrument"]["version"] = json!("9.9")),
        "unknown_version",
    );
    refused(
        &forged(|_, claims| claims["survey"]["instrument"]["sha256"] = json!("00")),
        "definition_mismatch",
    );
    refused(&forged(|_, claims| claims["survey"]["rater"] = json!("manager")), "answers");
    refused(&forged(|_, claims| claims["survey"]["answers"]["nonsense"] = json!(1)), "answers");
    refused(
        &forged(|_, claims| claims["survey"]["answers"]["strategy_internal_1"] = json!(6)),
        "answers",
    );
    refused(&forged(|_, claims| claims["survey"]["texts"]["protect"] = json!(" ")), "answers");
}

/// The neutral point as key with R = 1 and S = 0 satisfies the lax equation for every message:
/// "Taming the many EdDSAs", table 5.
#[test]
fn a_key_that_signs_everything_is_refused() {
    let mut neutral = [0_u8; 32];
    neutral[0] = 1;
    let x = base64url(&neutral);
    let header = json!({"alg": "EdDSA", "typ": "survey-result+jwt", "kid": Curve::Ed25519.thumbprint(&x),
                        "jwk": {"crv": "Ed25519", "kty": "OKP", "x": x}});
    let signature = base64url(&[&neutral[..], &[0; 32]].concat());
    let header = base64url(canonical(&header).as_bytes());
    let file = json!({"payload": base64url(b"{}"), "protected": header, "signature": signature});
    refused(canonical(&file).as_bytes(), "signature");
}

#[test]
fn wrong_claimed_scores_are_counted_with_ours_and_flagged() {
    let file =
        forged(|_, claims| claims["survey"]["claimed_scores"]["strategy"]["sum"] = json!(30));
    assert!(READER.verify(&file).unwrap().scores_differ());
}

#[test]
fn a_changed_character_anywhere_is_refused() {
    let file = result(1, 10).into_bytes();
    for place in 0..file.len() {
        let mut changed = file.clone();
        changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
        assert!(READER.verify(&changed).is_err(), "position {place}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// The same verdict for every file whichever others come with it, in whatever order.
    #[test]
    fn verdicts_do_not_depend_on_order(order in Just((0..7).collect::<Vec<usize>>()).prop_shuffle()) {
        let files = [
            ("a.json", result(1, 10)),
            ("b.json", result(1, 20)),
            ("c.json", result(2, 10)),
            ("copy of c.json", result(2, 10)),
            ("d.json", "{}".to_owned()),
            ("e.jsonl", format!("{}\n{}\n", result(3, 5), result(1, 20))),
            ("f.json", result(4, 1)),
        ];
        let mut import = Import::default();
        for idx in order {
            import.add(files[idx].0, files[idx].1.as_bytes(), &READER);
        }
        let verdicts: BTreeMap<String, (Status, String)> =
            import.outcomes().into_iter().map(|o| (o.file, (o.status, o.code))).collect();
        let code = |file: &str| verdicts[file].1.as_str();
        prop_assert_eq!(code("a.json"), "superseded");
        prop_assert_eq!(code("b.json"), "counted");
        prop_assert_eq!(code("c.json"), "counted");
        prop_assert_eq!(code("copy of c.json"), "duplicate");
        prop_assert_eq!(code("d.json"), "not_a_result");
        prop_assert_eq!(code("e.jsonl:1"), "counted");
        prop_assert_eq!(code("e.jsonl:2"), "duplicate");
        prop_assert_eq!(import.counted().len(), 4);
    }
}
