//! Malformed cohort links.

use crate::fixture::{
    COACH, Forge, LINK, OPS, READER, claims, compact, flat, invitation, linked, result,
};
use crate::{Case, Table};
use scoring::cohort::{LinkClaims, LinkCut, MAX_LINK_CHARS, VerifiedLink};
use scoring::jose::{base64url, issuer};
use scoring::json::canonical;
use serde_json::{Value, json};

pub fn read(token: &[u8]) -> Option<String> {
    VerifiedLink::verify(std::str::from_utf8(token).unwrap())
        .err()
        .map(|fault| fault.code().to_owned())
}

fn forge() -> Forge {
    Forge::of_token(LINK.token(), [101; 32])
}

fn header(change: impl FnOnce(&mut Value)) -> String {
    compact(forge().with(|header, _| change(header)))
}

fn cohort(change: impl FnOnce(&mut Value)) -> String {
    compact(forge().with(|_, payload| change(&mut payload["cohort"])))
}

pub fn cases() -> Vec<Case> {
    let mut table = Table::new(&read);
    envelope(&mut table);
    content(&mut table);
    delivery(&mut table);
    table.cases
}

fn envelope(t: &mut Table<'_>) {
    let good = LINK.token();
    let parts: Vec<&str> = good.split('.').collect();
    t.refused("link_damaged", "nothing", "");
    t.refused("link_damaged", "two parts", format!("{}.{}", parts[0], parts[1]));
    t.refused("link_damaged", "four parts", format!("{good}.{}", parts[2]));
    t.refused("link_damaged", "dots alone", "..");
    t.refused("link_damaged", "cut off in the signature", &good[..good.len() - 4]);
    t.refused("link_damaged", "white space at its end", format!("{good} "));
    t.refused(
        "link_damaged",
        "a line break in it, as mail programs make",
        format!("{}\n{}", &good[..76], &good[76..]),
    );
    t.refused("link_damaged", "padded", format!("{}=.{}.{}", parts[0], parts[1], parts[2]));
    t.refused("link_damaged", "a whole address", format!("https://survey.example/#/join/{good}"));
    t.refused("link_damaged", "another serialization", flat(forge().with(|_, _| ())));
    t.refused(
        "link_too_long",
        "longer than a link can be",
        format!("{good}{}", "A".repeat(MAX_LINK_CHARS)),
    );
    t.refused(
        "link_too_long",
        "signed, but too long",
        cohort(|c| {
            let options: Vec<String> = (0..12).map(|idx| format!("{idx:040}")).collect();
            c["cuts"] = (0..4)
                .map(|idx| json!({"id": format!("c{idx}"), "title": "t", "options": options}))
                .collect();
        }),
    );
    t.refused(
        "link_damaged",
        "no signature",
        format!("{}.{}.", parts[0], parts[1]).replace("..", ".").trim_end_matches('.'),
    );
    t.refused("link_changed", "an empty signature", format!("{}.{}.", parts[0], parts[1]));
    t.refused(
        "link_changed",
        "zeros for a signature",
        format!("{}.{}.{}", parts[0], parts[1], base64url(&[0; 64])),
    );
    t.refused("link_changed", "another payload under the signature", {
        let other = cohort(|c| c["title"] = json!("Winter offsite"));
        let other = other.split('.').nth(1).unwrap();
        format!("{}.{other}.{}", parts[0], parts[2])
    });
    t.refused("link_changed", "kid is not the thumbprint", header(|h| h["kid"] = json!("coach")));
    t.refused("link_damaged", "alg none", header(|h| h["alg"] = json!("none")));
    t.refused("link_damaged", "crit", header(|h| h["crit"] = json!(["exp"])));
    t.refused("link_damaged", "a private key", header(|h| h["jwk"]["d"] = json!("")));
    t.refused("link_damaged", "no key", header(|h| drop(h.as_object_mut().unwrap().remove("jwk"))));
    t.refused("link_damaged", "typ of a result", header(|h| h["typ"] = json!("survey-result+jwt")));
    t.refused(
        "link_damaged",
        "typ of an invitation",
        header(|h| h["typ"] = json!("survey-invitation+jwt")),
    );
    t.refused(
        "link_damaged",
        "typ of a group report",
        header(|h| h["typ"] = json!("survey-group-report+jwt")),
    );
    t.refused("link_damaged", "typ in capitals", header(|h| h["typ"] = json!("SURVEY-COHORT+JWT")));
    t.refused("link_damaged", "no typ", header(|h| drop(h.as_object_mut().unwrap().remove("typ"))));
    t.refused(
        "link_too_long",
        "a result as a token",
        compact(Forge::of(&result(1, 1, None), [1; 32]).with(|_, _| ())),
    );
    t.refused(
        "link_damaged",
        "title twice",
        compact(forge().replaced("\"title\":\"Spring", "\"title\":\"x\",\"title\":\"Spring")),
    );
    t.refused(
        "link_damaged",
        "title twice, once escaped",
        compact(forge().replaced("\"title\":\"Spring", "\"\\u0074itle\":\"x\",\"title\":\"Spring")),
    );
    t.refused(
        "link_damaged",
        "a fraction",
        compact(forge().replaced("\"closes\":1000", "\"closes\":1000.5")),
    );
    t.refused(
        "link_damaged",
        "deep inside",
        cohort(|c| c["title"] = (0..20).fold(json!(0), |inner, _| json!([inner]))),
    );
    t.refused(
        "link_content",
        "a payload that is a list",
        {
            let forge = forge();
            compact(forge.signed(&canonical(&forge.header), "[]"))
        }
        .replace('\n', ""),
    );
    t.refused("link_damaged", "a payload that is no JSON", {
        let forge = forge();
        compact(forge.signed(&canonical(&forge.header), "hello"))
    });
}

fn content(t: &mut Table<'_>) {
    t.refused("link_version", "a later version", cohort(|c| c["v"] = json!(2)));
    t.refused("link_version", "a version below", cohort(|c| c["v"] = json!(0)));
    t.refused(
        "link_content",
        "no version",
        cohort(|c| drop(c.as_object_mut().unwrap().remove("v"))),
    );
    t.refused("link_content", "a version that is a text", cohort(|c| c["v"] = json!("1")));
    t.refused("link_content", "a surplus member", cohort(|c| c["logo"] = json!("x")));
    t.refused("link_content", "a surplus claim", compact(forge().with(|_, p| p["exp"] = json!(1))));
    t.refused(
        "link_content",
        "an issuer: the header names the key already",
        compact(forge().with(|_, p| p["iss"] = json!(issuer(&COACH.kid())))),
    );
    t.refused("link_content", "iat below zero", compact(forge().with(|_, p| p["iat"] = json!(-1))));
    t.refused("link_content", "an id that is too short", cohort(|c| c["id"] = json!("abc")));
    t.refused(
        "link_content",
        "an id with trailing bits",
        cohort(|c| c["id"] = json!("AAAAAAAAAAAAAAAAAAAAAB")),
    );
    t.refused("link_content", "a short nonce", cohort(|c| c["nonce"] = json!("AA")));
    t.refused("link_content", "an empty title", cohort(|c| c["title"] = json!("")));
    t.refused("link_content", "a title of spaces", cohort(|c| c["title"] = json!(" \u{a0}")));
    t.refused(
        "link_content",
        "a title that turns the line around",
        cohort(|c| c["title"] = json!("Spring \u{202e}etisffo")),
    );
    t.refused(
        "link_content",
        "a title with an isolate",
        cohort(|c| c["title"] = json!("a\u{2067}b")),
    );
    t.refused(
        "link_content",
        "a title with an Arabic letter mark",
        cohort(|c| c["title"] = json!("a\u{61c}b")),
    );
    t.refused(
        "link_content",
        "a title with a zero-width space",
        cohort(|c| c["title"] = json!("a\u{200b}b")),
    );
    t.refused("link_content", "a title with a line break", cohort(|c| c["title"] = json!("a\nb")));
    t.refused(
        "link_content",
        "a title with a zero byte",
        cohort(|c| c["title"] = json!("a\u{0}b")),
    );
    t.refused(
        "link_content",
        "a title that is too long",
        cohort(|c| c["title"] = json!("x".repeat(81))),
    );
    t.refused("link_content", "a coach without a name", cohort(|c| c["coach"] = json!("")));
    t.refused(
        "link_content",
        "a coach's name that turns the line around",
        cohort(|c| c["coach"] = json!("\u{202e}")),
    );
    t.refused("link_content", "a wave without a name", cohort(|c| c["wave"] = json!("")));
    t.accepted(
        "it is shown as text and never as HTML",
        "a title that is markup",
        cohort(|c| c["title"] = json!("<script>alert(1)</script>")),
    );
    t.refused("link_content", "no instruments", cohort(|c| c["instruments"] = json!([])));
    t.refused("link_too_long", "nine instruments", cohort(|c| {
        c["instruments"] = (0..9).map(|idx| json!({"id": "a", "version": format!("1.{idx}"), "sha256": "A".repeat(43)})).collect();
    }));
    t.refused(
        "link_content",
        "one instrument twice",
        cohort(|c| c["instruments"] = json!([c["instruments"][0], c["instruments"][0]])),
    );
    t.refused(
        "link_content",
        "an instrument that is a path",
        cohort(|c| c["instruments"][0]["id"] = json!("../../ops")),
    );
    t.refused(
        "link_content",
        "an instrument without a name",
        cohort(|c| c["instruments"][0]["id"] = json!("")),
    );
    t.refused(
        "link_content",
        "a version of an instrument that is a path",
        cohort(|c| c["instruments"][0]["version"] = json!("../1.0")),
    );
    t.refused(
        "link_content",
        "a hash that is too short",
        cohort(|c| c["instruments"][0]["sha256"] = json!("AAAA")),
    );
    t.refused(
        "link_content",
        "a hash that is too long",
        cohort(|c| c["instruments"][0]["sha256"] = json!(base64url(&[0; 33]))),
    );
    t.refused(
        "link_content",
        "a hash in hexadecimal",
        cohort(|c| c["instruments"][0]["sha256"] = json!(OPS.sha256_hex())),
    );
    t.refused(
        "link_content",
        "a hash with trailing bits",
        cohort(|c| c["instruments"][0]["sha256"] = json!(format!("{}B", "A".repeat(42)))),
    );
    t.refused(
        "link_content",
        "a hash that is padded",
        cohort(|c| c["instruments"][0]["sha256"] = json!(format!("{}=", "A".repeat(43)))),
    );
    t.refused("link_content", "no languages", cohort(|c| c["languages"] = json!([])));
    t.refused(
        "link_content",
        "a language that is a path",
        cohort(|c| c["languages"] = json!(["../en"])),
    );
    t.refused(
        "link_content",
        "a language that is a number",
        cohort(|c| c["languages"] = json!([1])),
    );
    t.refused(
        "link_content",
        "a closing date that is a text",
        cohort(|c| c["closes"] = json!("tomorrow")),
    );
    t.refused("link_content", "a closing date below zero", cohort(|c| c["closes"] = json!(-1)));
    t.refused(
        "link_content",
        "five cuts",
        cohort(|c| {
            c["cuts"] = (0..5)
                .map(|idx| json!({"id": format!("c{idx}"), "title": "t", "options": ["a", "b"]}))
                .collect();
        }),
    );
    t.refused(
        "link_content",
        "two cuts of one name",
        cohort(|c| c["cuts"] = json!([c["cuts"][0], c["cuts"][0]])),
    );
    t.refused("link_content", "a cut without a name", cohort(|c| c["cuts"][0]["id"] = json!("")));
    t.refused(
        "link_content",
        "a cut's name with a formula",
        cohort(|c| c["cuts"][0]["id"] = json!("=1+1")),
    );
    t.refused(
        "link_content",
        "a cut with one option",
        cohort(|c| c["cuts"][0]["options"] = json!(["a"])),
    );
    t.refused(
        "link_content",
        "a cut with thirteen options",
        cohort(|c| c["cuts"][0]["options"] = json!(vec!["a"; 13])),
    );
    t.refused(
        "link_content",
        "an option that is empty",
        cohort(|c| c["cuts"][0]["options"][0] = json!("")),
    );
    t.refused(
        "link_content",
        "an option that turns the line around",
        cohort(|c| c["cuts"][0]["options"][0] = json!("\u{202e}a")),
    );
    t.accepted(
        "the coach's own affair: answers name options by number",
        "two options of one name",
        cohort(|c| c["cuts"][0]["options"] = json!(["a", "a"])),
    );
    t.refused(
        "link_content",
        "a policy below the floor",
        cohort(|c| c["policy"]["min_group"] = json!(2)),
    );
    t.refused(
        "link_content",
        "a policy without comments",
        cohort(|c| drop(c["policy"].as_object_mut().unwrap().remove("min_comments"))),
    );
    t.refused("link_content", "a short sealing key", cohort(|c| c["seal"] = json!("AAAA")));
    t.refused(
        "link_content",
        "a sealing key that protects nothing",
        cohort(|c| c["seal"] = json!(base64url(&[0; 32]))),
    );
    t.refused(
        "link_content",
        "an invitation mode that is a number",
        cohort(|c| c["invitation"] = json!(1)),
    );
    t.accepted(
        "whether it is closed depends on the day, and the page says so",
        "long closed",
        cohort(|c| c["closes"] = json!(0)),
    );
}

fn delivery(t: &mut Table<'_>) {
    let mut refused = |name: &'static str, delivery: Value| {
        t.refused("link_content", name, cohort(|c| c["delivery"] = delivery));
    };
    refused("delivery by nothing we know", json!({"by": "mail"}));
    refused("delivery that is a text", json!("file"));
    refused("delivery with a surplus member", json!({"by": "file", "path": "drop/"}));
    for (name, path) in [
        ("a drop path that climbs", "../x/"),
        ("a drop path that climbs later", "a/../../x/"),
        ("a drop path to another host", "//host/"),
        ("a drop path from the root", "/drop/"),
        ("a drop path that is an address", "https://example.org/"),
        ("a drop path with backslashes", "a\\b/"),
        ("a drop path with an escape", "%2e%2e/"),
        ("a drop path with a query", "drop/?x="),
        ("a drop path that is no folder", "drop"),
        ("a drop path that is empty", ""),
        ("a drop path that is a slash", "/"),
        ("a drop path to hidden files", ".git/"),
    ] {
        refused(name, json!({"by": "drop", "path": path}));
    }
    for (name, origin) in [
        ("an origin with a path", "https://example.org/x"),
        ("an origin with a slash", "https://example.org/"),
        ("an origin without a scheme", "example.org"),
        ("an origin without a host", "https://"),
        ("an origin that is any", "*"),
        ("an origin that is null", "null"),
        ("an origin of a script", "javascript:alert(1)"),
        ("an origin without encryption", "http://example.org"),
        ("an origin that only begins like this machine", "http://localhost.example.org"),
        ("an origin with a user", "https://a@example.org"),
        ("an origin with a query", "https://example.org?x"),
        ("an origin with a line break", "https://example.org\n"),
    ] {
        refused(name, json!({"by": "message", "origin": origin}));
    }
    let accepted = json!({"by": "message", "origin": "http://localhost:8080"});
    t.accepted(
        "for trying it out on one machine",
        "an origin on this machine",
        cohort(|c| c["delivery"] = accepted),
    );
}

/// Whoever writes a link is told what no reader would accept, before it is signed.
#[test]
fn what_no_reader_accepts_is_not_written() {
    let public = COACH.public();
    assert!(claims().unsigned(&public).is_ok());
    let title = LinkClaims { title: "\u{202e}".to_owned(), ..claims() };
    assert_eq!(title.unsigned(&public), Err("cohort.title".to_owned()));
    let seal = LinkClaims { seal: Some([0; 32]), ..claims() };
    assert_eq!(seal.unsigned(&public), Err("cohort.seal".to_owned()));
    let mut twice = claims();
    twice.cuts.push(twice.cuts[0].clone());
    assert_eq!(twice.unsigned(&public), Err("cohort.cuts".to_owned()));
}

/// What most coaches ask for, and one question of their own, in an address that a participant is sent.
#[test]
fn a_question_of_the_coachs_own_fits_beside_an_invitation() {
    let app = "https://leadership.example.org/surveys/our-yearly-checkup-1/";
    assert_eq!(app.len(), 60);
    let claims = LinkClaims {
        iat: 1_790_000_000,
        closes: Some(1_800_000_000),
        cuts: vec![LinkCut {
            id: "q1".to_owned(),
            title: "x".repeat(60),
            options: vec!["x".repeat(20); 4],
        }],
        invitation: true,
        ..claims()
    };
    assert!(claims.seal.is_some() && claims.instruments.len() == 1);
    let link = linked(&claims, &COACH);
    let address = format!("{app}#/join/{}/{}", link.token(), invitation(&link, 1));
    assert!(address.len() <= MAX_LINK_CHARS, "{} characters", address.len());
}

/// A changed character anywhere, and the link is not followed.
#[test]
fn a_changed_character_anywhere_is_refused() {
    let token = LINK.token();
    for place in 0..token.len() {
        let mut changed = token.as_bytes().to_vec();
        changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
        assert!(read(&changed).is_some(), "position {place}");
    }
    assert_eq!(READER.links.len(), 2);
}
