//! Result files made outside the app: good ones, and every kind of bad one that reaches a coach.

use crate::place;
use crate::respondent::{Draw, Plan, instrument};
use ed25519_dalek::{Signer, SigningKey};
use scoring::answers::{Answer, AnswerSheet};
use scoring::instrument::{Instrument, Rater};
use scoring::json;
use scoring::result::{App, Membership, Signing, Timing, unsigned};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// A file, and what a reader must say to it.
#[derive(Debug, Clone)]
pub struct Bad {
    /// Where it lies.
    pub path: PathBuf,
    /// The stable code it is rejected with.
    pub code: &'static str,
}

/// The signed result of a drawn respondent; each `person` has a key of their own.
#[must_use]
pub fn signed(instrument: &Instrument, person: u8) -> String {
    let mut draw = Draw::new(u64::from(person));
    let plan = Plan::draw(instrument, Rater::Own, &mut draw);
    sign(instrument, &plan.sheet, person)
}

/// Signs a sheet, possible or not.
#[must_use]
pub fn sign(instrument: &Instrument, sheet: &AnswerSheet, person: u8) -> String {
    sign_for(instrument, sheet, person, None)
}

/// As [`sign`], for a cohort.
#[must_use]
pub fn sign_for(
    instrument: &Instrument,
    sheet: &AnswerSheet,
    person: u8,
    membership: Option<Membership>,
) -> String {
    let key = SigningKey::from_bytes(&[person; 32]);
    let signing = Signing {
        app: App { name: "e2e".into(), version: "1".into(), build: "test".into() },
        lang: "en".to_owned(),
        started_at: 1_790_000_000,
        submitted_at: 1_790_000_400,
        issued_at: 1_790_000_500,
        token_id: [person; 16],
        timing: Timing { screens: vec![60; 7] },
        membership,
    };
    let result = unsigned(instrument, sheet, &key.verifying_key().to_bytes(), &signing);
    result.signed(&key.sign(&result.signing_input()).to_bytes())
}

/// An instrument as somebody else might publish it: ours, with one member changed.
#[must_use]
pub fn altered(id: &str, version: &str, member: &str, value: Value) -> Instrument {
    let path = place::public().join("instruments").join(id).join(version).join("definition.json");
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut definition = json::parse(&text).expect("a published definition is strict JSON");
    definition[member] = value;
    Instrument::load(json::canonical(&definition).as_bytes()).expect("still a definition")
}

/// The same file with one byte of the payload changed, still base64url.
#[must_use]
pub fn with_a_changed_byte(file: &str) -> String {
    let start = file.find("\"payload\":\"").expect("a payload") + "\"payload\":\"".len();
    let mut bytes = file.as_bytes().to_vec();
    // In the middle of the content, where it changes what is said and not how it is spelled.
    let place = start + 400;
    bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
    String::from_utf8(bytes).expect("still ASCII")
}

/// Writes one file of every bad kind into a folder.
#[must_use]
pub fn bad_files(folder: &Path) -> Vec<Bad> {
    let ops = instrument("ops", "1.0");
    let good = signed(&ops, 77);
    let mut files = Vec::new();
    let mut add = |name: &str, content: &[u8], code| {
        let path = folder.join(name);
        fs::write(&path, content).expect("the file can be written");
        files.push(Bad { path, code });
    };

    add("cut-off.result.jws.json", &good.as_bytes()[..good.len() / 2], "not_json");
    add("empty.result.jws.json", b"", "empty");
    add("picture.result.jws.json", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01", "not_json");
    add("list.json", br#"[{"payload":"e30","protected":"e30","signature":""}]"#, "not_a_result");
    let other_app = json!({
        "surveyId": "9c5e2f", "completed": true, "data": {"question1": 4, "comment": "fine"},
    });
    add("another-app.json", other_app.to_string().as_bytes(), "not_a_result");
    add("a-spreadsheet.csv", b"name;score\nA;4\n", "not_json");

    let altered_id = altered("ops", "1.0", "id", json!("climate_pulse"));
    let unknown = signed(&altered_id, 71);
    add("unknown-instrument.result.jws.json", unknown.as_bytes(), "unknown_instrument");
    let version = signed(&altered("ops", "1.0", "version", json!("9.9")), 72);
    add("other-version.result.jws.json", version.as_bytes(), "unknown_version");
    let definition = signed(&altered("ops", "1.0", "minutes", json!(8)), 73);
    add("other-definition.result.jws.json", definition.as_bytes(), "definition_mismatch");

    let mut impossible = Plan::draw(&ops, Rater::Own, &mut Draw::new(74)).sheet;
    impossible.answers.insert("strategy_internal_1".to_owned(), Answer::Code(9));
    add("impossible.result.jws.json", sign(&ops, &impossible, 74).as_bytes(), "answers");

    let changed = with_a_changed_byte(&good);
    add("changed.result.jws.json", changed.as_bytes(), "signature");
    let twice = good.replacen('{', "{\"payload\":\"e30\",", 1);
    add("says-it-twice.result.jws.json", twice.as_bytes(), "duplicate_member");
    add("deep.json", "[".repeat(100_000).as_bytes(), "too_deep");

    let path = folder.join("fifty-megabytes.result.jws.json");
    let file = File::create(&path).expect("the file can be made");
    file.set_len(50 * 1024 * 1024).expect("the disk takes a sparse file");
    files.push(Bad { path, code: "too_large" });
    files
}
