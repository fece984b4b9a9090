//! Writes the first inputs of every target: `cargo run --example seeds` in this folder.

use plumbline_fuzz::{
    DEFINITION, INSTRUMENT, KEY, LINK, NOW, PARTICIPANT, READER, link_claims, self_signed_header,
};
use scoring::answers::{Answer, AnswerSheet};
use scoring::cohort::{Delivery, GroupReport, Import, Invitation, reports};
use scoring::instrument::Rater;
use scoring::jose::{Locking, Sealing, Unsigned, from_base64url, seal, sign};
use scoring::json::{canonical, parse};
use scoring::participant::public;
use scoring::result::{App, Membership, Signing, Timing, VerifiedResult, unsigned};
use scoring::tally::{Recorder, Tally};
use std::fs;
use std::path::Path;

fn main() {
    let solo = result(1, None);
    let mut texts = result_sheet(2);
    texts.texts.insert("keep".to_owned(), "=1+1\n\u{1f642}".to_owned());
    texts.answers.insert("rush".to_owned(), Answer::NotApplicable);
    texts.rankings.insert("first".to_owned(), vec!["rush".to_owned(), "calm".to_owned()]);
    let texts = sign_result(2, &texts, None);
    let invitation = Invitation::unsigned(&link_claims().id, &[11; 16], None);
    let invitation = invitation.compact(&KEY.sign(&invitation.signing_input()));
    let membership = |invitation: Option<&str>| Membership {
        link: LINK.as_ref().clone(),
        invitation: invitation.map(str::to_owned),
        cuts: [("site".to_owned(), 2)].into_iter().collect(),
    };
    let member = result(3, Some(membership(None)));
    let invited = result(4, Some(membership(Some(&invitation))));
    let sealing = Sealing { ephemeral: [12; 32], iv: [13; 12] };
    let sealed = seal(&member, &KEY.seal_public(), &sealing).expect("a sound key");
    for file in [&solo, &texts, &member, &invited, &sealed] {
        READER.verify(file.as_bytes()).expect("a seed begins where everything is in order");
    }

    write("result", "solo", &signed(&solo));
    write("result", "texts", &signed(&texts));
    write("result", "member", &signed(&member));
    write("result", "invited", &signed(&invited));
    write("result", "file", &raw(&solo));
    let header = self_signed_header("survey-result+jwt", &PARTICIPANT);
    write("result", "header", &format!("{header}\n{}", payload(&solo)));

    write("sealed", "file", &raw(&sealed));
    write("sealed", "inside", &signed(&member));
    let protected = part(&sealed, "protected");
    write("sealed", "outside", &format!("outside {protected}\nhello"));

    let mut other = link_claims();
    other.cuts.clear();
    other.delivery = Delivery::Message { origin: "https://survey.example".to_owned() };
    (other.seal, other.closes, other.invitation) = (None, None, true);
    let mut third = other.clone();
    third.delivery = Delivery::Drop { path: "drop/box/".to_owned() };
    for (name, claims) in [("usual", link_claims()), ("message", other), ("drop", third)] {
        let unsigned = claims.unsigned(&KEY.public()).expect("a link");
        let input = unsigned.signing_input();
        let payload = input.split(|byte| *byte == b'.').nth(1).map(text_of).unwrap_or_default();
        write("link", name, &format!("\n{payload}"));
    }
    let token = LINK.token();
    write("link", "token", &raw(token));
    let address = format!("https://survey.example/#/join/{token}/{invitation}");
    write("link", "address", &raw(&address));
    let header = r#"{"alg":"EdDSA","typ":"survey-invitation+jwt"}"#;
    let payload = invitation.split('.').nth(1).map(|part| text_of(part.as_bytes()));
    write("link", "invitation", &format!("{header}\n{}", payload.unwrap_or_default()));

    let fresh = Locking { salt: [14; 16], key: [15; 32], iv: [16; 12] };
    let locked = KEY.lock("published passphrase", &fresh).expect("it can be locked");
    write("key_backup", "file", &raw(&locked));
    write("key_backup", "header", &format!("{}\n{{}}", part(&locked, "protected")));
    let keys = scoring::jose::unlock(locked.as_bytes(), "published passphrase").expect("it opens");
    write("key_backup", "keys", &format!("\n{}", String::from_utf8_lossy(&keys)));

    let mut import = Import::default();
    for person in 0..6 {
        let file = result(20 + person, Some(membership(None)));
        import.add(&format!("{person}.json"), file.as_bytes(), &READER);
    }
    let counted = import.counted();
    let receipts: Vec<[u8; 32]> = counted.iter().map(|result| *result.receipt()).collect();
    let report = |reports: &[_], receipts: &[_]| {
        let unsigned = GroupReport::unsigned(&LINK, reports, receipts, NOW);
        unsigned.signed(&KEY.sign(&unsigned.signing_input()))
    };
    let full = report(&reports(&counted), &receipts);
    write("group_report", "full", &signed(&full));
    write("group_report", "empty", &signed(&report(&[], &[])));
    write("group_report", "file", &raw(&report(&[], &receipts)));

    let tally = |results: &[&VerifiedResult]| {
        let mut recorder = Recorder::default();
        let records: Vec<_> = results.iter().map(|result| recorder.record(result)).collect();
        Tally::of(&records).to_json()
    };
    write("tally", "cohort", &tally(&counted));
    write("tally", "nobody", &tally(&[]));
    let verified = |file: &str| READER.verify(file.as_bytes()).expect("a result of ours");
    write("tally", "solo", &tally(&[&verified(&texts)]));
    write("tally", "invited", &tally(&[&verified(&invited)]));

    let definition = String::from_utf8_lossy(DEFINITION).into_owned();
    write("definition", "alone", &definition);
    let wording = r#"{"format":1,"instrument":"pulse","language":"en","title":"t","purpose":["a"],"scales":{"pace":{"name":"n"}}}"#;
    write("definition", "wording", &format!("{definition}\n\n{wording}"));
    write("definition", "wording_alone", &format!("\n\n{wording}"));

    write("csv", "plain", "pulse\x001.0\x00self\x00pace\x00whole\x00calm\x00role\x00pace\x00whole");
    write("csv", "formulas", "=1+1\x00+1\x00-1\x00@A1\x00\tx\x00\rx\x00\nx\x00'=\x00-");
    write(
        "csv",
        "quotes",
        "a\"b\x00\"\x00a,b\x00a\r\nb\x00;\x00\"=1\x00 \x00\u{feff}\x00\u{ff1d}1",
    );

    write("explain", "solo", &signed(&solo));
    write("explain", "member", &signed(&member));
    write("explain", "sealed", &raw(&sealed));
    write("explain", "locked", &raw(&locked));
    write("explain", "link", &raw(token));
    write("explain", "address", &raw(&address));
    write("explain", "report", &raw(&report(&[], &receipts)));
}

fn result_sheet(person: u8) -> AnswerSheet {
    let mut sheet = AnswerSheet::new(Rater::Own);
    let answers = [("role", person % 3), ("calm", person % 5), ("rush", person % 4), ("trust", 3)];
    for (item, code) in answers {
        sheet.answers.insert(item.to_owned(), Answer::Code(i64::from(code) + 1));
    }
    sheet
}

fn result(person: u8, membership: Option<Membership>) -> String {
    sign_result(person, &result_sheet(person), membership)
}

/// The six of the group report have keys of their own; the others have the published one.
fn sign_result(person: u8, sheet: &AnswerSheet, membership: Option<Membership>) -> String {
    let seed = if person < 20 { PARTICIPANT } else { [person; 32] };
    let signing = Signing {
        app: App { name: "fuzz".to_owned(), version: "1".to_owned(), build: String::new() },
        lang: "en".to_owned(),
        started_at: NOW,
        submitted_at: NOW + 60,
        issued_at: NOW + 61,
        token_id: [person; 16],
        timing: Timing { screens: vec![9, 8, 7] },
        membership,
    };
    let sheet = sheet.completed(&INSTRUMENT);
    let unsigned: Unsigned = unsigned(&INSTRUMENT, &sheet, &public(&seed), &signing);
    unsigned.signed(&sign(&seed, &unsigned.signing_input()))
}

fn signed(file: &str) -> String {
    format!("\n{}", payload(file))
}

fn raw(file: &str) -> String {
    format!("raw\n{file}")
}

fn payload(file: &str) -> String {
    part(file, "payload")
}

/// A part of a file, decoded.
fn part(file: &str, name: &str) -> String {
    let file = parse(file.as_bytes()).expect("a file of ours");
    text_of(file.get(name).and_then(|part| part.as_str()).unwrap_or_default().as_bytes())
}

fn text_of(part: &[u8]) -> String {
    let part = String::from_utf8_lossy(part);
    let decoded = from_base64url(&part).expect("a part of ours");
    parse(&decoded).map(|value| canonical(&value)).expect("a part of ours")
}

fn write(target: &str, name: &str, input: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder).expect("the folder can be made");
    fs::write(folder.join(name), input).expect("the seed can be written");
}
