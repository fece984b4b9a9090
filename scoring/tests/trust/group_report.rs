//! Malformed group reports.

use crate::fixture::{
    COACH, Forge, INVITED, LINK, OTHER_COACH, READER, flat, linked, membership, result,
};
use crate::{Case, Table};
use scoring::coach::CoachKey;
use scoring::cohort::{GroupReport, Import, Report, reports};
use scoring::explain::{Kind, explain};
use scoring::jose::base64url;
use serde_json::{Value, json};

pub fn read(file: &[u8]) -> Option<String> {
    GroupReport::verify(file).err().map(|fault| fault.code().to_owned())
}

/// The cohort's report on eight people, and their receipts.
pub fn counted() -> (Vec<Report>, Vec<[u8; 32]>) {
    let mut import = Import::default();
    for person in 1..=8 {
        let file = result(person, 10, Some(membership(&LINK, None)));
        import.add(&format!("{person}.json"), file.as_bytes(), &READER);
    }
    let counted = import.counted();
    let receipts = counted.iter().map(|result| *result.receipt()).collect();
    (reports(&counted), receipts)
}

pub fn published(coach: &CoachKey) -> String {
    let (reports, receipts) = counted();
    let link = linked(LINK.claims(), coach);
    let unsigned = GroupReport::unsigned(&link, &reports, &receipts, 7);
    unsigned.signed(&coach.sign(&unsigned.signing_input()))
}

pub fn cases() -> Vec<Case> {
    let mut table = Table::new(&read);
    let t = &mut table;
    let file = published(&COACH);
    assert_eq!(read(file.as_bytes()), None);
    let forge = || Forge::of(&file, [101; 32]);
    let header = |change: &dyn Fn(&mut Value)| flat(forge().with(|header, _| change(header)));
    let payload = |change: &dyn Fn(&mut Value)| flat(forge().with(|_, payload| change(payload)));
    let report = |change: &dyn Fn(&mut Value)| payload(&|claims| change(&mut claims["report"]));
    let first = |change: &dyn Fn(&mut Value)| report(&|report| change(&mut report["reports"][0]));

    t.refused("empty", "nothing", "");
    t.refused("too_large", "larger than a report can be", vec![b' '; 9 * 1024 * 1024]);
    t.refused("not_a_result", "a surplus member outside", file.replacen('{', "{\"x\":1,", 1));
    t.refused("duplicate_member", "payload twice", file.replacen('{', "{\"payload\":\"\",", 1));
    t.refused("purpose", "typ of a result", header(&|h| h["typ"] = json!("survey-result+jwt")));
    t.refused("purpose", "typ of a link", header(&|h| h["typ"] = json!("survey-cohort+jwt")));
    t.refused(
        "purpose",
        "typ in capitals",
        header(&|h| h["typ"] = json!("Survey-Group-Report+JWT")),
    );
    t.refused("purpose", "a result for a report", result(1, 10, None));
    t.refused("header", "alg none", header(&|h| h["alg"] = json!("none")));
    t.refused("header", "crit", header(&|h| h["crit"] = json!([])));
    t.refused("signature", "signed by nobody", {
        let mut parts = forge().with(|_, _| ());
        parts[2] = base64url(&[0; 64]);
        flat(parts)
    });
    t.refused("key_mismatch", "iss of another key", payload(&|p| p["iss"] = json!("urn:x")));
    t.refused(
        "key_mismatch",
        "no iss",
        payload(&|p| drop(p.as_object_mut().unwrap().remove("iss"))),
    );
    t.refused(
        "content",
        "to a solo cohort",
        payload(&|p| p["aud"] = json!("urn:survey:cohort:solo")),
    );
    t.refused("content", "to nobody", payload(&|p| p["aud"] = json!("")));
    t.refused(
        "content",
        "to another kind of audience",
        payload(&|p| p["aud"] = json!("https://example.org")),
    );
    t.refused("content", "a later version", report(&|r| r["v"] = json!(2)));
    t.refused("content", "a surplus claim", payload(&|p| p["exp"] = json!(1)));
    t.refused("content", "a surplus member", report(&|r| r["logo"] = json!("")));
    t.refused(
        "content",
        "a title that turns the line around",
        report(&|r| r["title"] = json!("\u{202e}x")),
    );
    t.refused("content", "no title", report(&|r| r["title"] = json!("")));
    t.refused(
        "content",
        "a coach's name with a line break",
        report(&|r| r["coach"] = json!("a\nb")),
    );
    t.refused(
        "content",
        "receipts of 31 bytes",
        report(&|r| r["counted"] = json!([base64url(&[0; 31])])),
    );
    t.refused(
        "content",
        "receipts of 33 bytes",
        report(&|r| r["counted"] = json!([base64url(&[0; 33])])),
    );
    t.refused(
        "content",
        "a padded receipt",
        report(&|r| r["counted"] = json!([format!("{}=", base64url(&[0; 32]))])),
    );
    t.refused("content", "receipts that are numbers", report(&|r| r["counted"] = json!([1])));
    t.refused(
        "content",
        "one receipt twice",
        report(&|r| r["counted"] = json!([r["counted"][0], r["counted"][0]])),
    );
    t.refused(
        "content",
        "sixty-five reports",
        report(&|r| r["reports"] = json!(vec![r["reports"][0].clone(); 65])),
    );
    t.refused("content", "a surplus member of a report", first(&|r| r["names"] = json!([])));
    t.refused(
        "content",
        "a surplus member of a scale",
        first(&|r| r["scales"][0]["names"] = json!([])),
    );
    t.refused(
        "content",
        "comments, which are not published",
        first(&|r| r["comments"][0]["texts"] = json!(["a", "b"])),
    );
    t.refused(
        "content",
        "a cohort that is spelled out as null",
        first(&|r| r["cohort"] = Value::Null),
    );
    t.refused(
        "content",
        "a report without its items",
        first(&|r| drop(r.as_object_mut().unwrap().remove("items"))),
    );
    t.refused("content", "a count below zero", first(&|r| r["n"] = json!(-1)));
    let roster = |roster: Value| first(&|r| r["roster"] = roster.clone());
    assert_eq!(
        read(roster(json!(8)).as_bytes()),
        None,
        "everybody who was asked may have answered"
    );
    t.refused("content", "fewer people asked than counted", roster(json!(7)));
    t.refused("content", "a roster that is spelled out as null", roster(Value::Null));
    t.refused("content", "a roster that is a text", roster(json!("8")));
    t.refused(
        "not_integer",
        "a mean that is a number",
        flat(forge().replaced("\"reports\":[", "\"reports\":[{\"mean\":1.5},")),
    );
    let estimate = json!({"ci95": ["40.0", "60.0"], "mean": "50.0", "n": 8, "sd": "10.0"});
    let mean = |mean: Value| {
        first(&|r| {
            r["scales"][0]["estimate"] = estimate.clone();
            r["scales"][0]["estimate"]["mean"] = mean.clone();
        })
    };
    assert_eq!(read(mean(json!("50.0")).as_bytes()), None, "the estimates made here are good ones");
    t.refused("content", "a mean that is a whole number", mean(json!(50)));
    t.refused("content", "a mean that is not a number", mean(json!("NaN")));
    t.refused("content", "a mean that is infinite", mean(json!("inf")));
    t.refused("content", "a mean with an exponent", mean(json!("5e1")));
    t.refused("content", "a mean with two decimals", mean(json!("50.00")));
    t.refused("content", "a mean with a leading zero", mean(json!("050.0")));
    t.refused("content", "a mean with a plus sign", mean(json!("+50.0")));
    t.refused("content", "a mean that is a list", mean(json!(["50.0"])));
    t.accepted(
        "whoever publishes it answers for the numbers; a reader shows them, and adds none up",
        "a mean beyond the scale",
        mean(json!("250.0")),
    );
    table.cases
}

/// A report that reads well is not yet the cohort's: that takes the key of the cohort's link.
#[test]
fn only_the_coach_of_a_cohort_reports_on_it() {
    let refusal = |file: &str| {
        let explained = explain(file.as_bytes(), &READER, 0);
        assert_eq!(explained.kind, Kind::GroupReport);
        explained.refusal
    };
    assert_eq!(refusal(&published(&COACH)), None);
    assert_eq!(refusal(&published(&OTHER_COACH)).as_deref(), Some("other_coach"));
    let aud = |cohort: &str| {
        let forge = Forge::of(&published(&OTHER_COACH), [103; 32]);
        flat(forge.with(|_, p| p["aud"] = json!(scoring::result::audience(cohort))))
    };
    assert_eq!(refusal(&aud(&INVITED.claims().id)).as_deref(), Some("other_coach"));
    // Of a cohort that is not known here, nobody can say who its coach is.
    let forged = aud(&base64url(&[77; 16]));
    assert_eq!(refusal(&forged).as_deref(), Some("unknown_cohort"));
    let explained = explain(forged.as_bytes(), &READER, 0);
    assert_eq!(explained.proves(), scoring::explain::KEY_ALONE);
    let last = explained.checks.last().map(|check| (check.step.as_str(), check.passed));
    assert_eq!(last, Some(("coach", None)));
}
