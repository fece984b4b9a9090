//! Both ways with libraries that share no code with us: they read what we write, and we read what they
//! write to our format. npm `jose`, and PyPI `joserfc`, `jwcrypto` and `PyNaCl`, which knows signatures
//! alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test should stop at the line that failed"
)]

use e2e::oracle::library;
use e2e::respondent::{Draw, Plan, instrument};
use scoring::coach::CoachKey;
use scoring::cohort::{
    Asked, Delivery, GroupReport, Invitation, LinkClaims, LinkCut, VerifiedLink, reports,
};
use scoring::instrument::{Instrument, Rater};
use scoring::jose::{Curve, Locking, Sealing, Unsigned, base64url, from_base64url, seal, sign};
use scoring::participant::public;
use scoring::result::{App, Membership, Policy, Reader, Signing, Timing, unsigned};
use serde_json::{Value, json};
use std::sync::Arc;

const JOSE_LIBRARIES: [&str; 3] = ["jose", "joserfc", "jwcrypto"];
const LIBRARIES: [&str; 4] = ["jose", "joserfc", "jwcrypto", "pynacl"];

const COACH_SEED: [u8; 32] = [21; 32];
const PERSON_SEED: [u8; 32] = [22; 32];
const PASSPHRASE: &str = "six words chosen for this – test";

fn coach() -> CoachKey {
    CoachKey::from_seeds(COACH_SEED, [23; 32])
}

/// The coach's keys as a locked file holds them, made from their definition (RFC 8037 section 2).
fn coach_keys() -> Value {
    let key = |curve: Curve, usage: &str, seed: [u8; 32], public: [u8; 32]| {
        let (x, d) = (base64url(&public), base64url(&seed));
        let kid = curve.thumbprint(&x);
        json!({"crv": curve.name(), "d": d, "kid": kid, "kty": "OKP", "use": usage, "x": x})
    };
    json!({"keys": [
        key(Curve::Ed25519, "sig", COACH_SEED, coach().public()),
        key(Curve::X25519, "enc", [23; 32], coach().seal_public()),
    ]})
}

/// What the coach of this test pins: beyond ASCII, sealed, by invitation.
fn pinned(ops: &Instrument) -> LinkClaims {
    LinkClaims {
        iat: 1_790_000_000,
        id: base64url(&[1; 16]),
        title: "Équipe – équilibre".to_owned(),
        coach: "A. Coach".to_owned(),
        wave: "2026".to_owned(),
        nonce: base64url(&[2; 16]),
        instruments: vec![Asked {
            id: "ops".to_owned(),
            version: "1.0".to_owned(),
            sha256: *ops.sha256(),
        }],
        languages: vec!["en".to_owned()],
        closes: Some(1_800_000_000),
        cuts: vec![LinkCut {
            id: "site".to_owned(),
            title: "Where?".to_owned(),
            options: vec!["North".to_owned(), "South".to_owned()],
        }],
        policy: Policy::default(),
        seal: Some(coach().seal_public()),
        delivery: Delivery::File,
        invitation: true,
    }
}

/// A result of the cohort, before its signature.
fn answered(ops: &Instrument, link: &VerifiedLink, invitation: &str) -> Unsigned {
    let signing = Signing {
        app: App { name: "interop".into(), version: "1".into(), build: "test".into() },
        lang: "en".to_owned(),
        started_at: 1_790_000_000,
        submitted_at: 1_790_000_400,
        issued_at: 1_790_000_500,
        token_id: [3; 16],
        timing: Timing { screens: vec![60; 7] },
        membership: Some(Membership {
            link: link.clone(),
            invitation: Some(invitation.to_owned()),
            cuts: [("site".to_owned(), 2)].into_iter().collect(),
        }),
    };
    let sheet = Plan::draw(ops, Rater::Own, &mut Draw::new(7)).sheet;
    unsigned(ops, &sheet, &public(&PERSON_SEED), &signing)
}

fn payload(unsigned: &Unsigned) -> Value {
    let input = String::from_utf8(unsigned.signing_input()).unwrap();
    let (_, payload) = input.split_once('.').unwrap();
    serde_json::from_slice(&from_base64url(payload).unwrap()).unwrap()
}

fn flattened(compact: &str) -> String {
    let mut parts = compact.split('.').map(str::to_owned);
    let mut part = || parts.next().unwrap();
    json!({"protected": part(), "payload": part(), "signature": part()}).to_string()
}

fn parsed(file: &str) -> Value {
    serde_json::from_str(file).unwrap()
}

fn text<'a>(answer: &'a Value, member: &str) -> &'a str {
    answer[member].as_str().unwrap_or_else(|| panic!("no {member}: {answer}"))
}

fn reader(ops: &Arc<Instrument>, link: &VerifiedLink) -> Reader {
    Reader {
        instruments: vec![Arc::clone(ops)],
        links: vec![Arc::new(link.clone())],
        keys: vec![Arc::new(coach())],
    }
}

/// One file of each kind of ours.
struct Ours {
    link: String,
    link_payload: Value,
    invitation: String,
    invitation_payload: Value,
    result: String,
    result_payload: Value,
    report: String,
    report_payload: Value,
    sealed: String,
    locked: String,
}

impl Ours {
    fn make() -> Self {
        let ops = Arc::new(instrument("ops", "1.0"));
        let link_claims = pinned(&ops).unsigned(&coach().public()).unwrap();
        let link = link_claims.compact(&coach().sign(&link_claims.signing_input()));
        let verified = VerifiedLink::verify(&link).unwrap();
        let invited = Invitation::unsigned(&verified.claims().id, &[4; 16], None);
        let invitation = invited.compact(&coach().sign(&invited.signing_input()));
        let answered = answered(&ops, &verified, &invitation);
        let result = answered.signed(&sign(&PERSON_SEED, &answered.signing_input()));
        let counted = reader(&ops, &verified).verify(result.as_bytes()).unwrap();
        let receipts = [*counted.receipt()];
        let published =
            GroupReport::unsigned(&verified, &reports(&[&counted]), &receipts, 1_790_100_000);
        let report = published.signed(&coach().sign(&published.signing_input()));
        let fresh = Sealing { ephemeral: [5; 32], iv: [6; 12] };
        let sealed = seal(&result, &coach().seal_public(), &fresh).unwrap();
        let fresh = Locking { salt: [7; 16], key: [8; 32], iv: [9; 12] };
        let locked = coach().lock(PASSPHRASE, &fresh).unwrap();
        Ours {
            link_payload: payload(&link_claims),
            invitation_payload: payload(&invited),
            result_payload: payload(&answered),
            report_payload: payload(&published),
            link,
            invitation,
            result,
            report,
            sealed,
            locked,
        }
    }
}

#[test]
fn libraries_read_what_we_write() {
    let ours = Ours::make();
    let keys = coach_keys();
    let coach_jwk = Curve::Ed25519.jwk(&base64url(&coach().public()));
    for name in LIBRARIES {
        let mut requests = vec![
            json!({"do": "verify", "jws": parsed(&ours.result)}),
            json!({"do": "verify", "jws": ours.link}),
            json!({"do": "verify", "jws": parsed(&ours.report)}),
            json!({"do": "verify", "jws": ours.invitation, "key": coach_jwk}),
        ];
        let mut expected = vec![
            ("payload", ours.result_payload.clone()),
            ("payload", ours.link_payload.clone()),
            ("payload", ours.report_payload.clone()),
            ("payload", ours.invitation_payload.clone()),
        ];
        if JOSE_LIBRARIES.contains(&name) {
            requests.extend([
                json!({"do": "unseal", "jwe": parsed(&ours.sealed), "key": keys["keys"][1]}),
                json!({"do": "unlock", "jwe": parsed(&ours.locked), "passphrase": PASSPHRASE}),
            ]);
            expected.extend([("content", json!(ours.result)), ("keys", keys.clone())]);
        }
        let Some(answers) = library(name, &requests) else { continue };
        for ((request, answer), (member, expected)) in requests.iter().zip(&answers).zip(expected) {
            assert_eq!(answer[member], expected, "{name}, {}: {answer}", request["do"]);
        }
    }
}

/// That a library accepts a file says something only if it refuses a changed one.
#[test]
fn libraries_refuse_what_was_changed() {
    let ours = Ours::make();
    let changed = |file: &str, member: &str| {
        let mut file = parsed(file);
        let text = file[member].as_str().unwrap();
        let swapped = if text.as_bytes()[40] == b'A' { "B" } else { "A" };
        file[member] = json!(format!("{}{swapped}{}", &text[..40], &text[41..]));
        file
    };
    for name in LIBRARIES {
        let mut requests = vec![
            json!({"do": "verify", "jws": changed(&ours.result, "payload")}),
            json!({"do": "verify", "jws": changed(&ours.result, "signature")}),
        ];
        if JOSE_LIBRARIES.contains(&name) {
            let key = &coach_keys()["keys"][1];
            let (sealed, locked) = (changed(&ours.sealed, "ciphertext"), parsed(&ours.locked));
            requests.extend([
                json!({"do": "unseal", "jwe": sealed, "key": key}),
                json!({"do": "unlock", "jwe": locked, "passphrase": "another passphrase"}),
            ]);
        }
        let Some(answers) = library(name, &requests) else { continue };
        for (request, answer) in requests.iter().zip(&answers) {
            assert!(answer["error"].is_string(), "{name} accepted a changed file: {request}");
        }
    }
}

/// A whole cohort made elsewhere: link, invitation, result, each signed by the library.
#[test]
fn we_read_what_libraries_sign() {
    let ops = Arc::new(instrument("ops", "1.0"));
    let link_payload = payload(&pinned(&ops).unsigned(&coach().public()).unwrap());
    let signed = |name: &str, typ: &str, payload: &Value, seed: &[u8; 32], with_key: bool| {
        let seed = base64url(seed);
        let request = json!({
            "do": "sign", "typ": typ, "payload": payload, "seed": seed, "with_key": with_key
        });
        Some(text(&library(name, &[request])?[0], "compact").to_owned())
    };
    for name in LIBRARIES {
        let Some(link) = signed(name, "survey-cohort+jwt", &link_payload, &COACH_SEED, true) else {
            continue;
        };
        let link = VerifiedLink::verify(&link).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert_eq!((link.kid(), link.claims()), (&*coach().kid(), &pinned(&ops)), "{name}");

        let invited = payload(&Invitation::unsigned(&link.claims().id, &[4; 16], None));
        let typ = "survey-invitation+jwt";
        let invitation = signed(name, typ, &invited, &COACH_SEED, false).unwrap();
        let known = Invitation::verify(&invitation, &link);
        assert_eq!(known.map(|known| known.id().to_owned()), Ok(base64url(&[4; 16])), "{name}");

        let answered = payload(&answered(&ops, &link, &invitation));
        let result = signed(name, "survey-result+jwt", &answered, &PERSON_SEED, true).unwrap();
        let result = reader(&ops, &link).verify(flattened(&result).as_bytes());
        let result = result.unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert_eq!(result.claims().to_json(), answered, "{name}");
        assert!(!result.scores_differ() && result.invitation().is_some(), "{name}");
    }
}

#[test]
fn we_open_what_libraries_seal_and_lock() {
    let ours = Ours::make();
    let ops = Arc::new(instrument("ops", "1.0"));
    let link = VerifiedLink::verify(&ours.link).unwrap();
    let to = Curve::X25519.jwk(&base64url(&coach().seal_public()));
    let lock = |p2c: u32| {
        let (keys, kid) = (coach_keys(), coach().kid());
        json!({"do": "lock", "keys": keys, "kid": kid, "passphrase": PASSPHRASE, "p2c": p2c})
    };
    // The fewest iterations that we read, as many as we write, and fewer than we read.
    let requests = [
        json!({"do": "seal", "content": ours.result, "to": to}),
        lock(1000),
        lock(210_000),
        lock(999),
    ];
    for name in JOSE_LIBRARIES {
        let Some(answers) = library(name, &requests) else { continue };
        let file = |answer: &Value| {
            assert!(answer["jwe"].is_object(), "{name}: {answer}");
            answer["jwe"].to_string().into_bytes()
        };
        let opened = reader(&ops, &link).verify(&file(&answers[0]));
        let opened = opened.unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert_eq!(opened.claims().to_json(), ours.result_payload, "{name}");
        for answer in &answers[1..3] {
            let unlocked = CoachKey::unlock(&file(answer), PASSPHRASE);
            assert_eq!(unlocked.map(|key| key.kid()), Ok(coach().kid()), "{name}");
        }
        // A library may refuse to make what we refuse to read.
        if answers[3]["jwe"].is_object() {
            let refused = CoachKey::unlock(&file(&answers[3]), PASSPHRASE);
            assert_eq!(refused.unwrap_err().code(), "lock_form", "{name}");
        }
    }
}
