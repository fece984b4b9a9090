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
use e2e::respondent::{Draw, Plan, instrument, published};
use scoring::coach::CoachKey;
use scoring::cohort::{
    Asked, Delivery, GroupReport, Import, Invitation, Ledger, LinkClaims, LinkCut, Report, Seat,
    VerifiedLink,
};
use scoring::instrument::{Instrument, Rater};
use scoring::jose::{
    Curve, Locking, Sealing, Unsigned, base64url, from_base64url, issuer, seal, sign, unlock,
};
use scoring::json;
use scoring::participant::public;
use scoring::plan::decision_map::DecisionMap;
use scoring::plan::ninety_days::NinetyDays;
use scoring::plan::{self, Worksheet};
use scoring::result::{App, Membership, Policy, Reader, Signing, Timing, unsigned};
use scoring::table::ImportMap;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

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

/// The same for maps of an import, of which the program's tests have one for each layout.
#[test]
fn schema_and_import_refuse_the_same_maps() {
    let exports = place::workspace().join("cli/tests/cli/exports");
    let definition = fs::read(exports.join("definition.json")).unwrap();
    let definition = Instrument::load(&definition).unwrap();
    for layout in ["google_forms", "microsoft_forms", "qualtrics", "surveymonkey"] {
        let map = read(&exports.join(layout).join("map.json"));
        oracle::assert_valid("import-map.schema.json", layout, &map);
    }
    let good = read(&exports.join("google_forms/map.json"));
    let changes: Vec<(&str, Value)> = vec![
        ("/format", json!(2)),
        ("/layout", json!("typeform")),
        ("/delimiter", json!("|")),
        ("/title", json!(" ")),
        ("/wave", json!(1)),
        ("/rater", json!("boss")),
        ("/respondent", json!("")),
        ("/items", json!([])),
        ("/items/plan", json!(7)),
        ("/items/plan", json!("")),
        ("/items/plan", json!({"labels": {}})),
        ("/items/plan", json!({"column": "x", "label": {}})),
        ("/items/plan", json!({"column": "x", "labels": {"Never": "1"}})),
        ("/labels/role", json!({"I lead people": null})),
        ("/not_applicable", json!("Never")),
        ("/missing", json!([-99])),
        ("/cuts/site", json!(null)),
        ("/cuts/ ", json!("Where?")),
        ("/leave_out", json!({"Status": "Spam"})),
        ("/leave_out", json!([{"column": "Status"}])),
        ("/leave_out", json!([{"column": "Status", "is": [], "not": []}])),
        ("/surplus", json!(1)),
    ];
    let changed = variants(&good, changes);
    let maps: Vec<Value> = changed.iter().map(|(_, value)| value.clone()).collect();
    let faults = oracle::faults("import-map.schema.json", &maps);
    for ((name, map), fault) in changed.iter().zip(faults) {
        let read = ImportMap::read(map.to_string().as_bytes(), "map.json", &definition);
        let optional = ["respondent", "labels", "not_applicable", "cuts"];
        let is_good = optional.iter().any(|member| *name == format!("without {member}"));
        assert_eq!((fault.is_none(), read.is_ok()), (is_good, is_good), "{name}: {fault:?}");
    }
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
        ("/survey/cohort", json!("spring")),
        ("/survey/cuts", json!({"site": 1.5})),
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

/// A coach, a cohort with everything a link can pin, and its participants.
struct Cohort {
    ops: Arc<Instrument>,
    coach: CoachKey,
    link: VerifiedLink,
}

impl Cohort {
    fn new() -> Self {
        let ops = Arc::new(instrument("ops", "1.0"));
        let coach = CoachKey::from_seeds([31; 32], [32; 32]);
        let unsigned = Self::claims(&ops, &coach).unsigned(&coach.public()).unwrap();
        let token = unsigned.compact(&coach.sign(&unsigned.signing_input()));
        let link = VerifiedLink::verify(&token).unwrap();
        Cohort { ops, coach, link }
    }

    fn claims(ops: &Instrument, coach: &CoachKey) -> LinkClaims {
        LinkClaims {
            iat: 1_790_000_000,
            id: base64url(&[33; 16]),
            title: "Spring offsite".to_owned(),
            coach: "A. Coach".to_owned(),
            wave: "spring".to_owned(),
            nonce: base64url(&[34; 16]),
            instruments: vec![Asked {
                id: "ops".to_owned(),
                version: "1.0".to_owned(),
                sha256: *ops.sha256(),
            }],
            languages: vec!["en".to_owned(), "de-CH".to_owned()],
            closes: Some(1_800_000_000),
            cuts: vec![LinkCut {
                id: "site".to_owned(),
                title: "Where?".to_owned(),
                options: vec!["North".to_owned(), "South".to_owned()],
            }],
            policy: Policy::default(),
            seal: Some(coach.seal_public()),
            delivery: Delivery::Message { origin: "https://survey.example:8443".to_owned() },
            invitation: true,
        }
    }

    fn invitation(&self, number: u8) -> Unsigned {
        Invitation::unsigned(&self.link.claims().id, &[number; 16], None)
    }

    /// The result of one participant, signed.
    fn result(&self, person: u8) -> String {
        let invitation = self.invitation(person);
        let invitation = invitation.compact(&self.coach.sign(&invitation.signing_input()));
        let signing = Signing {
            app: App { name: "e2e".into(), version: "1".into(), build: "test".into() },
            lang: "en".to_owned(),
            started_at: 1_790_000_000,
            submitted_at: 1_790_000_400,
            issued_at: 1_790_000_500,
            token_id: [person; 16],
            timing: Timing { screens: vec![60; 7] },
            membership: Some(Membership {
                link: self.link.clone(),
                invitation: Some(invitation),
                cuts: [("site".to_owned(), 1 + i64::from(person % 2))].into_iter().collect(),
            }),
        };
        let sheet = Plan::draw(&self.ops, Rater::Own, &mut Draw::new(u64::from(person))).sheet;
        let unsigned = unsigned(&self.ops, &sheet, &public(&[person; 32]), &signing);
        unsigned.signed(&sign(&[person; 32], &unsigned.signing_input()))
    }

    fn group_report(&self) -> Unsigned {
        let link = Arc::new(self.link.clone());
        let instruments = vec![Arc::clone(&self.ops)];
        let reader = Reader { instruments, links: vec![link], ..Reader::default() };
        let mut import = Import::default();
        for person in 1..=12 {
            import.add(&format!("{person}.json"), self.result(person).as_bytes(), &reader);
        }
        let counted = import.counted();
        let receipts: Vec<[u8; 32]> = counted.iter().map(|result| *result.receipt()).collect();
        assert_eq!(receipts.len(), 12);
        let released = Ledger::default().reports(&counted, &|report| Some(report.n + 2)).unwrap();
        let reports: Vec<Report> = released.into_iter().map(|(report, _)| report).collect();
        GroupReport::unsigned(&self.link, &reports, &receipts, 1_790_000_600)
    }
}

/// A part of a signed or encrypted file, decoded.
fn part(file: &str, name: &str) -> Value {
    let file: Value = serde_json::from_str(file).unwrap();
    serde_json::from_slice(&from_base64url(file[name].as_str().unwrap()).unwrap()).unwrap()
}

fn payload(unsigned: &Unsigned) -> Value {
    part(&unsigned.signed(&[0; 64]), "payload")
}

/// The payload of everything that is signed for a cohort, and the outside of what is encrypted.
#[test]
fn every_file_of_a_cohort_is_valid() {
    let cohort = Cohort::new();
    let result = cohort.result(1);
    oracle::assert_valid("survey-result.schema.json", "a result", &part(&result, "payload"));
    let other = [
        LinkClaims {
            delivery: Delivery::Drop { path: "drop/box/".to_owned() },
            ..cohort.link.claims().clone()
        },
        LinkClaims {
            delivery: Delivery::File,
            closes: None,
            seal: None,
            cuts: Vec::new(),
            ..cohort.link.claims().clone()
        },
    ];
    for claims in [cohort.link.claims()].into_iter().chain(&other) {
        let link = payload(&claims.unsigned(&cohort.coach.public()).unwrap());
        oracle::assert_valid("cohort-link.schema.json", "a link", &link);
    }
    let invitation = payload(&cohort.invitation(1));
    oracle::assert_valid("invitation.schema.json", "an invitation", &invitation);
    let report = payload(&cohort.group_report());
    let numbers = &report["report"]["reports"][0]["scales"][0]["estimate"]["mean"];
    assert!(numbers.is_string(), "twelve people are enough for a mean");
    oracle::assert_valid("group-report.schema.json", "a group report", &report);

    let fresh = Sealing { ephemeral: [35; 32], iv: [36; 12] };
    let sealed = seal(&result, &cohort.coach.seal_public(), &fresh).unwrap();
    let outside: Value = serde_json::from_str(&sealed).unwrap();
    oracle::assert_valid("sealed-result.schema.json", "a sealed result", &outside);
    let header = part(&sealed, "protected");
    oracle::assert_valid("sealed-result.schema.json#/$defs/header", "its header", &header);

    let fresh = Locking { salt: [37; 16], key: [38; 32], iv: [39; 12] };
    let passphrase = "a passphrase for a test";
    let locked = cohort.coach.lock(passphrase, &fresh).unwrap();
    let outside: Value = serde_json::from_str(&locked).unwrap();
    oracle::assert_valid("coach-key.schema.json", "a locked key", &outside);
    let header = part(&locked, "protected");
    oracle::assert_valid("coach-key.schema.json#/$defs/header", "its header", &header);
    let keys = unlock(locked.as_bytes(), passphrase).unwrap();
    let keys: Value = serde_json::from_slice(&keys).unwrap();
    oracle::assert_valid("coach-key.schema.json#/$defs/keys", "what is inside", &keys);
}

/// What one refuses, the other refuses, one change at a time.
#[track_caller]
fn check_shapes(
    schema: &str,
    good: &Value,
    changes: Vec<(&str, Value)>,
    accepts: impl Fn(&Value) -> bool,
) {
    assert!(accepts(good), "the reader refuses what should be good");
    let changed = variants(good, changes);
    let documents: Vec<Value> = changed.iter().map(|(_, value)| value.clone()).collect();
    let faults = oracle::faults(schema, &documents);
    let mut disagreements = Vec::new();
    for ((name, document), fault) in changed.iter().zip(faults) {
        if fault.is_none() || accepts(document) {
            let (schema, reader) = (fault.is_none(), accepts(document));
            disagreements.push(format!("{name}: schema accepts {schema}, reader accepts {reader}"));
        }
    }
    assert!(disagreements.is_empty(), "{schema}: with\n{}", disagreements.join("\n"));
}

#[test]
fn schema_and_reader_refuse_the_same_links() {
    let cohort = Cohort::new();
    let good = payload(&cohort.link.claims().unsigned(&cohort.coach.public()).unwrap());
    let accepts = |payload: &Value| {
        let unsigned = Unsigned::self_signed("survey-cohort+jwt", &cohort.coach.public(), payload);
        let token = unsigned.compact(&cohort.coach.sign(&unsigned.signing_input()));
        VerifiedLink::verify(&token).is_ok()
    };
    let changes = vec![
        ("/iss", json!(issuer(cohort.link.kid()))),
        ("/iat", json!(-1)),
        ("/surplus", json!(1)),
        ("/cohort/v", json!(2)),
        ("/cohort/id", json!("short")),
        ("/cohort/title", json!("")),
        ("/cohort/title", json!("x".repeat(81))),
        ("/cohort/coach", json!(1)),
        ("/cohort/wave", json!("")),
        ("/cohort/nonce", json!("AAAAAAAAAAAAAAAAAAAAAB")),
        ("/cohort/instruments", json!([])),
        ("/cohort/instruments/0/id", json!("../ops")),
        ("/cohort/instruments/0/version", json!("1")),
        ("/cohort/instruments/0/sha256", json!("AAAA")),
        ("/cohort/instruments/0/sha256", json!(cohort.ops.sha256_hex())),
        ("/cohort/instruments/0/sha256", json!(format!("{}B", "A".repeat(42)))),
        ("/cohort/languages", json!([])),
        ("/cohort/languages/0", json!("../en")),
        ("/cohort/closes", json!("never")),
        ("/cohort/cuts/0/id", json!("")),
        ("/cohort/cuts/0/options", json!(["alone"])),
        ("/cohort/cuts/0/options/0", json!("")),
        ("/cohort/policy/min_group", json!(2)),
        ("/cohort/policy/min_comments", json!(1001)),
        ("/cohort/seal", json!("AAAA")),
        ("/cohort/delivery", json!({"by": "mail"})),
        ("/cohort/delivery", json!({"by": "file", "path": "x/"})),
        ("/cohort/delivery", json!({"by": "drop", "path": "../x/"})),
        ("/cohort/delivery", json!({"by": "drop", "path": "//host/"})),
        ("/cohort/delivery", json!({"by": "drop", "path": "x"})),
        ("/cohort/delivery", json!({"by": "message", "origin": "https://a.example/x"})),
        ("/cohort/delivery", json!({"by": "message", "origin": "http://a.example"})),
        ("/cohort/invitation", json!("yes")),
        ("/cohort/surplus", json!(1)),
    ];
    check_shapes("cohort-link.schema.json", &good, changes, accepts);
}

#[test]
fn schema_and_reader_refuse_the_same_group_reports() {
    let cohort = Cohort::new();
    let good = payload(&cohort.group_report());
    let accepts = |payload: &Value| {
        let public = cohort.coach.public();
        let unsigned = Unsigned::self_signed("survey-group-report+jwt", &public, payload);
        let file = unsigned.signed(&cohort.coach.sign(&unsigned.signing_input()));
        GroupReport::verify(file.as_bytes()).is_ok()
    };
    let changes = vec![
        ("/iss", json!("urn:x")),
        ("/aud", json!("urn:survey:cohort:solo")),
        ("/iat", json!("now")),
        ("/surplus", json!(1)),
        ("/report/v", json!(2)),
        ("/report/title", json!("")),
        ("/report/counted", json!(["AAAA"])),
        ("/report/counted/0", good["report"]["counted"][1].clone()),
        ("/report/reports/0/n", json!(-1)),
        ("/report/reports/0/roster", json!("14")),
        ("/report/reports/0/roster", json!(null)),
        ("/report/reports/0/surplus", json!(1)),
        ("/report/reports/0/cohort", json!(null)),
        ("/report/reports/0/scales/0/estimate/mean", json!(50)),
        ("/report/reports/0/scales/0/estimate/mean", json!("50")),
        ("/report/reports/0/scales/0/estimate/mean", json!("050.0")),
        ("/report/reports/0/scales/0/estimate/ci95", json!(["1.0"])),
        ("/report/reports/0/items/0/reversed", json!("no")),
        ("/report/reports/0/comments/0/texts", json!(["a"])),
    ];
    check_shapes("group-report.schema.json", &good, changes, accepts);
}

#[test]
fn schema_and_reader_refuse_the_same_invitations() {
    let cohort = Cohort::new();
    let good = payload(&cohort.invitation(1));
    let accepts = |payload: &Value| {
        let unsigned = Unsigned::without_key("survey-invitation+jwt", payload);
        let token = unsigned.compact(&cohort.coach.sign(&unsigned.signing_input()));
        Invitation::verify(&token, &cohort.link).is_ok()
    };
    let changes = vec![
        ("/aud", json!("urn:survey:cohort:solo")),
        ("/jti", json!("short")),
        ("/jti", json!(1)),
        ("/surplus", json!(1)),
        ("/pair", json!("A".repeat(22))),
        ("/rater", json!("self")),
    ];
    check_shapes("invitation.schema.json", &good, changes, accepts);
    let seat = Seat { pair: "A".repeat(22), rater: Rater::Manager };
    let cohort_id = &cohort.link.claims().id;
    let seated = payload(&Invitation::unsigned(cohort_id, &[1; 16], Some(&seat)));
    oracle::assert_valid("invitation.schema.json", "an invitation of a pair", &seated);
    let changes = vec![
        ("/pair", json!("short")),
        ("/pair", json!(null)),
        ("/rater", json!("boss")),
        ("/rater", json!(1)),
    ];
    check_shapes("invitation.schema.json", &seated, changes, accepts);
}

/// A decision map of the layout's example, as the reader gets it.
fn decision_map() -> Value {
    let id = |n: u8| base64url(&[n; 16]);
    json!({
        "title": "Board",
        "metrics": [{
            "id": id(1), "name": "Churn", "owner": "Ana", "second_owner": "", "when": "above", "amount": "3 %",
            "lever": "Pause the price change", "permission": "given", "ask": "", "decisions": 2,
        }],
        "outcomes": [{
            "id": id(2), "name": "Launch", "owner": "Ben", "second_owner": "", "casting_vote": "yes", "on_track": "no",
            "owed": [{"id": id(3), "name": "Data", "owner": "Cy", "by": "2026-12-01", "delivered": false}],
        }],
    })
}

#[test]
fn schema_and_reader_refuse_the_same_decision_maps() {
    let changes = vec![
        ("/title", json!("x".repeat(121))),
        ("/title", json!("\u{202e}")),
        ("/surplus", json!("")),
        ("/metrics", json!({})),
        ("/metrics", json!(vec![decision_map()["metrics"][0].clone(); 201])),
        ("/metrics/0/id", json!("m1")),
        ("/metrics/0/name", json!("a\tb")),
        ("/metrics/0/owner", json!("x".repeat(81))),
        ("/metrics/0/owner", json!(null)),
        ("/metrics/0/when", json!("beyond")),
        ("/metrics/0/amount", json!(3)),
        ("/metrics/0/permission", json!("maybe")),
        ("/metrics/0/decisions", json!(10_000)),
        ("/metrics/0/decisions", json!("2")),
        ("/outcomes/0/casting_vote", json!(true)),
        ("/outcomes/0/on_track", json!("perhaps")),
        ("/outcomes/0/owed/0/by", json!("2026-02-30")),
        ("/outcomes/0/owed/0/by", json!("1.12.2026")),
        ("/outcomes/0/owed/0/delivered", json!("no")),
        ("/outcomes/0/owed/0/surplus", json!("")),
    ];
    let accepts = |content: &Value| DecisionMap::from_json(content).is_ok();
    check_shapes("decision-map.schema.json", &decision_map(), changes, accepts);
    oracle::assert_valid("decision-map.schema.json", "a map", &decision_map());
    let example = read(&place::public().join("worksheets/decision_map/example.en.json"));
    oracle::assert_valid("decision-map.schema.json", "the published example", &example);
}

#[test]
fn a_signed_decision_map_is_valid() {
    let map = DecisionMap::from_json(&decision_map()).unwrap();
    let signed = plan::unsigned(&map, &base64url(&[9; 16]), &public(&[7; 32]), 1_790_000_000);
    oracle::assert_valid(
        "decision-map.schema.json#/$defs/payload",
        "the payload",
        &payload(&signed),
    );
}

/// An engagement record with one entry of a kind that holds everything a field may take.
fn engagement() -> Value {
    let id = "AAAAAAAAAAAAAAAAAAAAAQ";
    let entry = |kind: &str, id: &str, content: Value| {
        let version = "AAAAAAAAAAAAAAAAAAAAAg";
        json!({
            "kind": kind, "id": id, "replaced": ["AAAAAAAAAAAAAAAAAAAAAw"],
            "versions": [{"id": version, "content": content}],
        })
    };
    let criterion = json!({
        "name": "Days", "unit": "days", "better": "down", "known": "timed", "supplied_by": "",
        "baseline": {"n": 125, "decimals": 1}, "baseline_date": "2026-01-31", "baseline_source": "",
        "target": null,
    });
    let evidence = json!({
        "phase": "assessment", "source": "result", "name": "x", "reference": id, "date": "2026-01-31",
        "note": "",
    });
    let session = json!({
        "date": "2026-01-31", "focus": "x", "agreed": "", "next_step": "", "held": "yes",
    });
    let value = json!({"value": {"n": -3, "decimals": 0}, "note": "x"});
    let entries = json!([
        entry("statement", "goals", json!({"text": "x"})),
        entry("criterion", id, criterion),
        entry("value", &format!("{id}.2026-03"), value),
        entry("evidence", id, evidence),
        entry("session", id, session),
    ]);
    json!({
        "iss": "", "aud": "urn:survey:worksheet", "iat": 5,
        "worksheet": {"v": 1, "id": id, "content": {"entries": entries}},
    })
}

#[test]
fn schema_and_reader_refuse_the_same_engagement_records() {
    let seed = [7; 32];
    let public = public(&seed);
    let mut good = engagement();
    let kid = Curve::Ed25519.thumbprint(&base64url(&public));
    good["iss"] = json!(format!("urn:ietf:params:oauth:jwk-thumbprint:sha-256:{kid}"));
    let accepts = |payload: &Value| {
        let unsigned = Unsigned::self_signed("survey-engagement+jwt", &public, payload);
        let file = unsigned.signed(&sign(&seed, &unsigned.signing_input()));
        plan::verify::<plan::engagement::Engagement>(file.as_bytes()).is_ok()
    };
    let at = |rest: &str| format!("/worksheet/content/entries/{rest}");
    let changes = [
        ("0/id", json!("wishes")),
        ("0/kind", json!("wish")),
        ("0/surplus", json!(1)),
        ("0/versions/0/content/text", json!("")),
        ("0/versions/0/content/text", json!("x".repeat(2001))),
        ("0/versions/0/surplus", json!(1)),
        ("0/replaced", json!(["short"])),
        ("1/versions/0/content/better", json!("sideways")),
        ("1/versions/0/content/baseline", json!("12.5")),
        ("1/versions/0/content/baseline/decimals", json!(5)),
        ("1/versions/0/content/baseline_date", json!("31.1.2026")),
        ("1/versions/0/content/name", json!("x".repeat(121))),
        ("2/id", json!("AAAAAAAAAAAAAAAAAAAAAQ")),
        ("2/id", json!("AAAAAAAAAAAAAAAAAAAAAQ.2026-13")),
        ("2/versions/0/content/value", Value::Null),
        ("3/versions/0/content/reference", json!("AB")),
        ("3/versions/0/content/phase", json!("")),
        ("4/versions/0/content/held", json!(true)),
        ("4/versions/0/content/date", json!("")),
    ];
    let changes: Vec<(String, Value)> =
        changes.into_iter().map(|(pointer, value)| (at(pointer), value)).collect();
    let mut all: Vec<(&str, Value)> =
        changes.iter().map(|(pointer, value)| (pointer.as_str(), value.clone())).collect();
    all.extend([
        ("/iss", json!("urn:x")),
        ("/aud", json!("urn:survey:cohort:solo")),
        ("/iat", json!(-1)),
        ("/worksheet/v", json!(2)),
        ("/worksheet/id", json!("short")),
        ("/worksheet/surplus", json!(1)),
    ]);
    check_shapes("engagement.schema.json", &good, all, accepts);
}

/// A test in which something was said in every place.
fn ninety_days() -> Value {
    let statement = json!({"text": "Ask first", "kept": false});
    let behaviour = json!({"own": statement, "team": statement});
    let indicator = json!({"text": "Escalations", "unit": "", "wanted": "down", "baseline": 10});
    let nothing = json!({
        "on": null, "shown": [null, null, null], "values": [null, null, null], "ran": null, "note": "",
    });
    let mut weeks = vec![nothing; 12];
    weeks[0] = json!({
        "on": "2026-09-11", "shown": [5, "na", null], "values": [-3, null, 0], "ran": true, "note": "A late start",
    });
    json!({
        "title": "Operations", "behaviours": [behaviour, behaviour, behaviour],
        "indicators": [indicator, indicator, indicator], "mechanism": "A note of five lines",
        "run": {"start": "2026-09-07", "weeks": weeks, "validation": {
            "on": "2026-11-20", "asked": 4, "by_other": true, "sees": [4, 0, null], "does": [2, null, 1],
            "named": ["decisions", "owners"], "moment": "", "pressure": ["yes", "unsure", null], "runs_alone": "no",
        }},
        "ended": "2026-12-01",
    })
}

#[test]
fn schema_and_reader_refuse_the_same_ninety_day_tests() {
    let changes = vec![
        ("/title", json!("x".repeat(81))),
        ("/surplus", json!("")),
        ("/title", json!("a\u{202e}b")),
        ("/behaviours/2", json!(null)),
        ("/behaviours", json!([])),
        ("/behaviours/0/own/text", json!("x".repeat(301))),
        ("/behaviours/0/own/text", json!("a\tb")),
        ("/behaviours/0/team/kept", json!("no")),
        ("/indicators/0/wanted", json!("sideways")),
        ("/indicators/0/baseline", json!(1_000_000_001)),
        ("/indicators/0/baseline", json!("10")),
        ("/mechanism", json!(null)),
        ("/run", json!(null)),
        ("/run/start", json!("7.9.2026")),
        ("/run/weeks", json!([])),
        ("/run/weeks/0/on", json!("2026-09-31")),
        ("/run/weeks/0/shown/0", json!(6)),
        ("/run/weeks/0/shown/0", json!("5")),
        ("/run/weeks/0/values", json!([1, 2])),
        ("/run/weeks/0/ran", json!("yes")),
        ("/run/weeks/0/surplus", json!(1)),
        ("/run/validation/asked", json!(501)),
        ("/run/validation/sees/0", json!(-1)),
        ("/run/validation/named/0", json!("weather")),
        ("/run/validation/named/1", json!("decisions")),
        ("/run/validation/pressure/0", json!(true)),
        ("/run/validation/runs_alone", json!("maybe")),
        ("/ended", json!("soon")),
    ];
    let accepts = |content: &Value| NinetyDays::from_json(content).is_ok();
    check_shapes("ninety-days.schema.json", &ninety_days(), changes, accepts);
    let mut draft = ninety_days();
    (draft["run"], draft["ended"]) = (Value::Null, Value::Null);
    for (name, test) in [("a closed test", ninety_days()), ("a draft", draft)] {
        oracle::assert_valid("ninety-days.schema.json", name, &test);
        assert!(NinetyDays::from_json(&test).is_ok(), "{name}");
    }
}

#[test]
fn a_signed_ninety_day_test_is_valid() {
    let test = NinetyDays::from_json(&ninety_days()).unwrap();
    let signed = plan::unsigned(&test, &base64url(&[9; 16]), &public(&[7; 32]), 1_790_000_000);
    let payload = payload(&signed);
    oracle::assert_valid("ninety-days.schema.json#/$defs/payload", "the payload", &payload);
}
