//! Malformed results.

use crate::fixture::{
    COACH, Forge, INVITED, LINK, OPS, READER, REISSUED, flat, invitation, kid, membership, result,
    seated,
};
use crate::{Case, Table};
use scoring::instrument::Rater;
use scoring::jose::{Curve, base64url, from_base64url, seal, sign};
use scoring::json::{canonical, parse};
use serde_json::{Value, json};

/// The order of the base point (RFC 8032 section 5.1), little-endian.
const L: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

pub fn read(file: &[u8]) -> Option<String> {
    READER.verify(file).err().map(|refusal| refusal.code().to_owned())
}

fn solo() -> Forge {
    Forge::of(&result(1, 10, None), [1; 32])
}

fn member() -> Forge {
    Forge::of(&result(1, 10, Some(membership(&LINK, None))), [1; 32])
}

fn invited() -> Forge {
    let membership = membership(&INVITED, Some(invitation(&INVITED, 1)));
    Forge::of(&result(1, 10, Some(membership)), [1; 32])
}

fn header(change: impl FnOnce(&mut Value)) -> String {
    flat(solo().with(|header, _| change(header)))
}

fn payload(change: impl FnOnce(&mut Value)) -> String {
    flat(solo().with(|_, payload| change(payload)))
}

fn cohort(change: impl FnOnce(&mut Value)) -> String {
    flat(member().with(|_, payload| change(payload)))
}

/// A file whose three parts are changed after it was signed.
fn parts(change: impl FnOnce(&mut [String; 3])) -> String {
    let mut parts = solo().with(|_, _| ());
    change(&mut parts);
    flat(parts)
}

/// A file with a key that nobody has, and a signature to go with it.
fn weak(key: [u8; 32], r: [u8; 32], s: [u8; 32]) -> String {
    let x = base64url(&key);
    let mut forge = solo();
    forge.header["jwk"]["x"] = json!(x);
    forge.header["kid"] = json!(Curve::Ed25519.thumbprint(&x));
    let mut parts = forge.with(|_, _| ());
    parts[2] = base64url(&[r, s].concat());
    flat(parts)
}

fn point(first: u8, others: u8, last: u8) -> [u8; 32] {
    let mut point = [others; 32];
    (point[0], point[31]) = (first, last);
    point
}

pub fn cases() -> Vec<Case> {
    let mut table = Table::new(&read);
    outside(&mut table);
    headers(&mut table);
    signatures(&mut table);
    purposes(&mut table);
    payloads(&mut table);
    cohorts(&mut table);
    table.cases
}

fn outside(t: &mut Table<'_>) {
    let good = result(1, 10, None);
    let nest = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    t.refused("empty", "no bytes", "");
    t.refused("empty", "white space alone", " \r\n\t");
    t.refused("too_large", "larger than a result can be", vec![b' '; 300 * 1024]);
    t.refused("too_large", "larger than anything can be", vec![b'{'; 600 * 1024]);
    t.refused("not_json", "cut off", &good[..good.len() / 2]);
    t.refused("not_json", "byte order mark", format!("\u{feff}{good}"));
    t.refused(
        "not_json",
        "UTF-16",
        good.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
    );
    t.refused("not_json", "something after the end", format!("{good}x"));
    t.refused("not_json", "two files in one", format!("{good}{good}"));
    t.refused("not_json", "a zero byte after the end", format!("{good}\0"));
    t.refused(
        "not_json",
        "bytes that are not UTF-8",
        [good.replace("\"}", "").as_bytes(), b"\xff\"}"].concat(),
    );
    t.refused("not_json", "half a surrogate pair", r#"{"payload":"\ud800"}"#);
    t.refused("not_json", "a comment", format!("/* ours */ {good}"));
    t.refused("not_json", "single quotes", good.replace('"', "'"));
    t.accepted(
        "a text editor may add it, and it changes nothing that was signed",
        "white space around",
        format!("\n {good} \n"),
    );
    t.accepted(
        "JSON text has many spellings of one string; what is signed is the string",
        "an escaped member name",
        good.replace("\"payload\"", "\"\\u0070ayload\""),
    );
    t.refused("too_deep", "deep outside", nest(17));
    t.refused("too_deep", "deeper than a stack", "[".repeat(200_000));
    t.refused(
        "too_deep",
        "deep beside the members",
        good.replacen('{', &format!("{{\"x\":{},", nest(20)), 1),
    );
    t.refused("duplicate_member", "payload twice", good.replacen('{', "{\"payload\":\"e30\",", 1));
    t.refused(
        "duplicate_member",
        "payload twice, once escaped",
        good.replacen('{', "{\"\\u0070ayload\":\"e30\",", 1),
    );
    t.refused("duplicate_member", "signature twice", good.replacen('{', "{\"signature\":\"\",", 1));
    t.refused("not_integer", "a fraction outside", r#"{"payload":1.5}"#);
    t.refused("not_a_result", "a list", format!("[{good}]"));
    t.refused("not_a_result", "null", "null");
    t.refused("not_a_result", "another app's file", r#"{"hello":"world"}"#);
    t.refused("not_a_result", "a surplus member", good.replacen('{', "{\"note\":\"\",", 1));
    t.refused(
        "not_a_result",
        "signature together with signatures",
        good.replacen('{', "{\"signatures\":[],", 1),
    );
    t.refused("not_a_result", "an unprotected header", good.replacen('{', "{\"header\":{},", 1));
    t.refused(
        "not_a_result",
        "general serialization",
        r#"{"payload":"e30","signatures":[{"protected":"e30","signature":""}]}"#,
    );
    t.refused("not_a_result", "without a signature", r#"{"payload":"e30","protected":"e30"}"#);
    t.refused(
        "not_a_result",
        "signature null",
        r#"{"payload":"e30","protected":"e30","signature":null}"#,
    );
    t.refused(
        "not_a_result",
        "payload not encoded",
        r#"{"payload":{},"protected":"e30","signature":""}"#,
    );
    let tokens = solo().with(|_, _| ());
    t.refused("not_json", "compact serialization", tokens.join("."));
}

fn headers(t: &mut Table<'_>) {
    t.refused("encoding", "padded header", parts(|parts| parts[0].push('=')));
    t.refused("encoding", "padded payload", parts(|parts| parts[1].push('=')));
    t.refused("encoding", "padded signature", parts(|parts| parts[2].push_str("==")));
    t.refused(
        "encoding",
        "a line break in the signature",
        parts(|parts| parts[2].insert_str(40, "\\n")),
    );
    t.refused("encoding", "a space in the payload", parts(|parts| parts[1].insert(40, ' ')));
    t.refused(
        "encoding",
        "the other base64 alphabet",
        parts(|parts| parts[2].replace_range(..2, "+/")),
    );
    // 64 bytes take 86 characters, the last of which holds two bits and four that must be zero.
    t.refused(
        "encoding",
        "trailing bits in the signature",
        parts(|parts| {
            let last = parts[2].pop().unwrap();
            parts[2].push(char::from(u32::from(last) as u8 + 1));
        }),
    );
    t.refused("encoding", "three trailing characters", parts(|parts| parts[2].push_str("AAA")));
    t.refused("signature", "two trailing characters", parts(|parts| parts[2].push_str("AA")));

    t.refused("header", "alg none", header(|h| h["alg"] = json!("none")));
    t.refused("header", "alg none and no signature", {
        let mut parts = solo().with(|header, _| header["alg"] = json!("none"));
        parts[2].clear();
        flat(parts)
    });
    t.refused("header", "alg HS256", header(|h| h["alg"] = json!("HS256")));
    t.refused("header", "alg ES256", header(|h| h["alg"] = json!("ES256")));
    t.refused("header", "alg in lower case", header(|h| h["alg"] = json!("eddsa")));
    t.refused("header", "alg a list", header(|h| h["alg"] = json!(["EdDSA"])));
    t.refused("header", "no alg", header(|h| drop(h.as_object_mut().unwrap().remove("alg"))));
    t.accepted(
        "RFC 9864 names the algorithm so",
        "alg Ed25519",
        header(|h| h["alg"] = json!("Ed25519")),
    );
    t.refused("header", "no typ", header(|h| drop(h.as_object_mut().unwrap().remove("typ"))));
    t.refused("header", "no kid", header(|h| drop(h.as_object_mut().unwrap().remove("kid"))));
    t.refused("header", "no jwk", header(|h| drop(h.as_object_mut().unwrap().remove("jwk"))));
    t.refused("header", "crit", header(|h| h["crit"] = json!(["exp"])));
    t.refused(
        "header",
        "b64 false (RFC 7797)",
        header(|h| {
            h["b64"] = json!(false);
            h["crit"] = json!(["b64"]);
        }),
    );
    t.refused("header", "b64 false without crit", header(|h| h["b64"] = json!(false)));
    t.refused("header", "jku", header(|h| h["jku"] = json!("https://example.org/keys")));
    t.refused("header", "x5u", header(|h| h["x5u"] = json!("https://example.org/certificate")));
    t.refused("header", "x5c", header(|h| h["x5c"] = json!([])));
    t.refused("header", "zip", header(|h| h["zip"] = json!("DEF")));
    t.refused("header", "cty", header(|h| h["cty"] = json!("json")));
    t.refused(
        "header",
        "a private key in the header",
        header(|h| h["jwk"]["d"] = json!(base64url(&[1; 32]))),
    );
    t.refused("header", "a surplus member of the key", header(|h| h["jwk"]["use"] = json!("sig")));
    t.refused(
        "header",
        "a key without its type",
        header(|h| drop(h["jwk"].as_object_mut().unwrap().remove("kty"))),
    );
    t.refused("header", "a key for agreement", header(|h| h["jwk"]["crv"] = json!("X25519")));
    t.refused("header", "a key of another type", header(|h| h["jwk"]["kty"] = json!("EC")));
    t.refused("header", "a short key", header(|h| h["jwk"]["x"] = json!("AAAA")));
    t.refused(
        "header",
        "a padded key",
        header(|h| h["jwk"]["x"] = json!(format!("{}=", h["jwk"]["x"].as_str().unwrap()))),
    );
    t.refused(
        "header",
        "trailing bits in the key",
        header(|h| {
            let mut x = h["jwk"]["x"].as_str().unwrap().to_owned();
            let last = x.pop().unwrap();
            x.push(char::from(u32::from(last) as u8 + 1));
            h["jwk"]["x"] = json!(x);
        }),
    );
    t.refused("header", "a header that is no object", flat(solo().signed("[]", "{}")));
    t.refused("header", "an empty header", flat(solo().signed("", "{}")));
    t.refused(
        "header",
        "a header twice in one",
        flat(solo().replaced("{\"alg\"", "{\"alg\":\"none\",\"alg\"")),
    );
    t.refused(
        "header",
        "alg twice, once escaped",
        flat(solo().replaced("{\"alg\"", "{\"\\u0061lg\":\"none\",\"alg\"")),
    );
    t.refused(
        "header",
        "the key's x twice",
        flat(solo().replaced("\"crv\":", "\"x\":\"\",\"crv\":")),
    );
    t.refused(
        "header",
        "deep in the header",
        header(|h| h["jwk"]["x"] = (0..20).fold(json!(0), |inner, _| json!([inner]))),
    );
    t.refused(
        "header",
        "a byte order mark in the header",
        flat(solo().replaced("{\"alg\"", "\u{feff}{\"alg\"")),
    );
    t.accepted(
        "the signature covers the header as it is spelled",
        "white space in the header",
        flat(solo().replaced("{\"alg\"", "{ \"alg\"")),
    );
    t.refused("key_mismatch", "kid is not the thumbprint", header(|h| h["kid"] = json!("me")));
    t.refused("key_mismatch", "kid of another key", header(|h| h["kid"] = json!(kid(&[2; 32]))));
    t.refused("header", "kid a number", header(|h| h["kid"] = json!(1)));
}

fn signatures(t: &mut Table<'_>) {
    let neutral = point(1, 0, 0);
    t.refused("signature", "neutral key, R = 1, S = 0", weak(neutral, neutral, [0; 32]));
    t.refused(
        "signature",
        "neutral key, not canonical",
        weak(point(0xee, 0xff, 0x7f), neutral, [0; 32]),
    );
    t.refused(
        "signature",
        "neutral key with the sign of zero",
        weak(point(1, 0, 0x80), neutral, [0; 32]),
    );
    t.refused("signature", "key of order two", weak(point(0xec, 0xff, 0x7f), neutral, [0; 32]));
    t.refused("signature", "key of order four", weak([0; 32], neutral, [0; 32]));
    t.refused(
        "signature",
        "key of order four, not canonical",
        weak(point(0xed, 0xff, 0x7f), neutral, [0; 32]),
    );
    t.refused("signature", "a key that is no point", weak(point(2, 0, 0), neutral, [0; 32]));
    t.refused(
        "signature",
        "S + L",
        parts(|parts| {
            let mut signature = from_base64url(&parts[2]).unwrap();
            let mut carry = 0;
            for (byte, add) in signature[32..].iter_mut().zip(L) {
                let sum = u16::from(*byte) + u16::from(add) + carry;
                *byte = sum as u8;
                carry = sum >> 8;
            }
            parts[2] = base64url(&signature);
        }),
    );
    t.refused("signature", "zeros for a signature", parts(|parts| parts[2] = base64url(&[0; 64])));
    t.refused("signature", "no signature", parts(|parts| parts[2].clear()));
    t.refused("signature", "half a signature", parts(|parts| parts[2].truncate(43)));
    t.refused(
        "signature",
        "somebody else's signature",
        parts(|parts| {
            let input = format!("{}.{}", parts[0], parts[1]);
            parts[2] = base64url(&sign(&[2; 32], input.as_bytes()));
        }),
    );
    t.refused(
        "signature",
        "the payload's signature without the header",
        parts(|parts| {
            parts[2] = base64url(&sign(&[1; 32], parts[1].as_bytes()));
        }),
    );
    t.refused(
        "signature",
        "the payload of another file",
        parts(|parts| {
            parts[1] = solo().with(|_, payload| payload["iat"] = json!(11))[1].clone();
        }),
    );
    t.refused(
        "signature",
        "another spelling of the same payload",
        parts(|parts| {
            let text = from_base64url(&parts[1]).unwrap();
            parts[1] = base64url(&[b" ", &text[..]].concat());
        }),
    );
}

fn purposes(t: &mut Table<'_>) {
    for (name, typ) in [
        ("typ of a link", "survey-cohort+jwt"),
        ("typ of an invitation", "survey-invitation+jwt"),
        ("typ of a group report", "survey-group-report+jwt"),
        ("typ of a sealed file", "survey-result-enc+jwe"),
        ("typ of a coach's key", "survey-coach-key+jwe"),
        ("typ in capitals", "SURVEY-RESULT+JWT"),
        ("typ with a media type's prefix", "application/survey-result+jwt"),
        ("typ with white space", "survey-result+jwt "),
        ("typ of any token", "JWT"),
        ("typ empty", ""),
    ] {
        t.refused("purpose", name, header(|h| h["typ"] = json!(typ)));
    }
    t.refused("header", "typ a list", header(|h| h["typ"] = json!(["survey-result+jwt"])));
}

fn payloads(t: &mut Table<'_>) {
    let survey = |change: &dyn Fn(&mut Value)| payload(|claims| change(&mut claims["survey"]));
    t.refused(
        "key_mismatch",
        "iss of another key",
        payload(|p| p["iss"] = json!(scoring::jose::issuer(&kid(&[2; 32])))),
    );
    t.refused("key_mismatch", "iss is the bare kid", payload(|p| p["iss"] = json!(kid(&[1; 32]))));
    t.refused(
        "key_mismatch",
        "no iss",
        payload(|p| drop(p.as_object_mut().unwrap().remove("iss"))),
    );
    t.refused("key_mismatch", "iss null", payload(|p| p["iss"] = Value::Null));
    t.refused(
        "key_mismatch",
        "a payload that is no object",
        flat(solo().signed(&canonical(&solo().header), "[]")),
    );
    t.refused(
        "not_json",
        "a payload that is no JSON",
        flat(solo().signed(&canonical(&solo().header), "answers")),
    );
    t.refused("not_json", "an empty payload", flat(solo().signed(&canonical(&solo().header), "")));
    t.refused(
        "not_json",
        "a payload with something after it",
        flat(
            solo()
                .signed(&canonical(&solo().header), &format!("{}{{}}", canonical(&solo().payload))),
        ),
    );
    t.refused(
        "not_json",
        "half a surrogate pair inside",
        flat(solo().replaced("\"lang\":\"en\"", "\"lang\":\"\\udc00\"")),
    );
    t.refused(
        "not_json",
        "a bare control character inside",
        flat(solo().replaced("\"lang\":\"en\"", "\"lang\":\"e\u{1}\"")),
    );
    t.refused(
        "duplicate_member",
        "aud twice",
        flat(solo().replaced("{\"aud\"", "{\"aud\":\"x\",\"aud\"")),
    );
    t.refused(
        "duplicate_member",
        "aud twice, once escaped",
        flat(solo().replaced("{\"aud\"", "{\"\\u0061ud\":\"x\",\"aud\"")),
    );
    t.refused(
        "duplicate_member",
        "an answer twice",
        flat(solo().replaced("\"answers\":{", "\"answers\":{\"protect\":1,\"protect\":2,")),
    );
    t.refused(
        "duplicate_member",
        "a policy twice",
        flat(solo().replaced("\"min_group\":5", "\"min_group\":5,\"min_group\":99")),
    );
    t.refused(
        "too_deep",
        "deep inside",
        payload(|p| p["survey"]["texts"] = (0..20).fold(json!(0), |inner, _| json!({"a": inner}))),
    );
    t.refused("not_integer", "iat 10.0", flat(solo().replaced("\"iat\":10", "\"iat\":10.0")));
    t.refused("not_integer", "iat 1e1", flat(solo().replaced("\"iat\":10", "\"iat\":1e1")));
    t.refused("not_integer", "iat -0", flat(solo().replaced("\"iat\":10", "\"iat\":-0")));
    t.refused(
        "not_integer",
        "iat 2^53",
        flat(solo().replaced("\"iat\":10", "\"iat\":9007199254740992")),
    );
    t.refused(
        "not_integer",
        "iat 2^64",
        flat(solo().replaced("\"iat\":10", "\"iat\":18446744073709551616")),
    );
    t.refused("not_json", "iat 1e400", flat(solo().replaced("\"iat\":10", "\"iat\":1e400")));
    t.refused("not_json", "iat 010", flat(solo().replaced("\"iat\":10", "\"iat\":010")));
    t.refused("not_json", "iat NaN", flat(solo().replaced("\"iat\":10", "\"iat\":NaN")));
    t.accepted(
        "a clock may be wrong; the largest number is still a number",
        "iat 2^53 - 1",
        flat(solo().replaced("\"iat\":10", "\"iat\":9007199254740991")),
    );
    t.refused("content", "iat below zero", payload(|p| p["iat"] = json!(-1)));
    t.refused("content", "iat a text", payload(|p| p["iat"] = json!("10")));
    t.refused("content", "a surplus claim", payload(|p| p["exp"] = json!(1)));
    t.refused("content", "no jti", payload(|p| drop(p.as_object_mut().unwrap().remove("jti"))));
    t.refused("content", "a short jti", payload(|p| p["jti"] = json!("AAAA")));
    t.refused("content", "a padded jti", payload(|p| p["jti"] = json!("AAAAAAAAAAAAAAAAAAAAAA==")));
    t.refused("content", "an audience that is a list", payload(|p| p["aud"] = json!([p["aud"]])));
    t.refused("content", "another version of the format", survey(&|s| s["v"] = json!(2)));
    t.refused("content", "a name in the file", survey(&|s| s["name"] = json!("somebody")));
    t.refused("content", "a rater that is none", survey(&|s| s["rater"] = json!("boss")));
    t.refused("content", "a language that is none", survey(&|s| s["lang"] = json!("../en")));
    t.refused("content", "no language", survey(&|s| s["lang"] = json!("")));
    t.refused(
        "content",
        "a policy below the floor",
        survey(&|s| s["policy"]["min_group"] = json!(2)),
    );
    t.refused(
        "content",
        "comments below the floor",
        survey(&|s| s["policy"]["min_comments"] = json!(1)),
    );
    t.refused(
        "content",
        "a policy that hides everything",
        survey(&|s| s["policy"]["min_group"] = json!(1001)),
    );
    t.refused(
        "content",
        "an answer that is true",
        survey(&|s| s["answers"]["strategy_internal_1"] = json!(true)),
    );
    t.refused(
        "content",
        "an answer that is a list",
        survey(&|s| s["answers"]["strategy_internal_1"] = json!([3])),
    );
    t.refused(
        "content",
        "an answer that is another text",
        survey(&|s| s["answers"]["strategy_internal_1"] = json!("NA")),
    );
    t.refused("content", "a time below zero", survey(&|s| s["timing"]["screens"] = json!([-1])));
    t.refused(
        "content",
        "a thousand and one screens",
        survey(&|s| s["timing"]["screens"] = json!(vec![1; 1001])),
    );
    t.refused(
        "content",
        "more answers than any survey has",
        survey(&|s| {
            let answers = (0..2001).map(|idx| (format!("i{idx}"), json!(1)));
            s["answers"] = Value::Object(answers.collect());
        }),
    );
    t.refused(
        "content",
        "a claimed score without n",
        survey(&|s| s["claimed_scores"]["strategy"] = json!({"sum": 3})),
    );
    t.refused(
        "answers",
        "an answer out of range",
        survey(&|s| s["answers"]["strategy_internal_1"] = json!(6)),
    );
    t.refused(
        "answers",
        "an answer to no question",
        survey(&|s| s["answers"]["nonsense"] = json!(1)),
    );
    t.refused(
        "answers",
        "an answer left out",
        survey(&|s| drop(s["answers"].as_object_mut().unwrap().remove("strategy_internal_1"))),
    );
    t.refused(
        "answers",
        "a text for a rating",
        survey(&|s| s["texts"]["strategy_internal_1"] = json!("5")),
    );
    t.refused("answers", "a text of spaces", survey(&|s| s["texts"]["protect"] = json!(" ")));
    t.refused(
        "answers",
        "a text beyond its length",
        survey(&|s| s["texts"]["protect"] = json!("x".repeat(1001))),
    );
    t.refused(
        "answers",
        "a ranking where none is asked",
        survey(&|s| s["rankings"]["protect"] = json!([])),
    );
    t.refused("answers", "a rater who is not asked", survey(&|s| s["rater"] = json!("manager")));
    t.refused(
        "unknown_instrument",
        "an instrument that is none",
        survey(&|s| s["instrument"]["id"] = json!("x")),
    );
    t.refused(
        "unknown_version",
        "a version that is none",
        survey(&|s| s["instrument"]["version"] = json!("9.9")),
    );
    t.refused(
        "definition_mismatch",
        "another definition",
        survey(&|s| s["instrument"]["sha256"] = json!("0".repeat(64))),
    );
    t.refused(
        "definition_mismatch",
        "the definition's hash in capitals",
        survey(&|s| s["instrument"]["sha256"] = json!(OPS.sha256_hex().to_uppercase())),
    );
    t.accepted(
        "they are compared with ours and flagged, never used",
        "wrong claimed scores",
        survey(&|s| s["claimed_scores"]["strategy"]["sum"] = json!(30)),
    );
    t.accepted(
        "a flag says so, and ours are used",
        "no claimed scores",
        survey(&|s| s["claimed_scores"] = json!({})),
    );
    t.accepted(
        "clocks may be set back; no rule rests on it",
        "ended before it began",
        survey(&|s| s["started_at"] = json!(9)),
    );
}

fn cohorts(t: &mut Table<'_>) {
    let joined = |link| Forge::of(&result(1, 10, Some(membership(link, None))), [1; 32]);
    t.refused(
        "audience",
        "solo, but addressed to a cohort",
        payload(|p| p["aud"] = json!("urn:survey:cohort:x")),
    );
    t.refused(
        "audience",
        "addressed to another cohort than it names",
        cohort(|p| p["aud"] = json!(scoring::result::audience(&INVITED.claims().id))),
    );
    t.refused(
        "audience",
        "of a cohort, but addressed to solo",
        cohort(|p| p["aud"] = json!("urn:survey:cohort:solo")),
    );
    t.refused(
        "audience",
        "of a cohort, but without its link",
        cohort(|p| {
            p["survey"]["cohort"] = Value::Null;
            p["survey"]["cuts"] = json!({});
        }),
    );
    t.refused(
        "unknown_cohort",
        "a cohort that is not known",
        cohort(|p| {
            let id = base64url(&[99; 16]);
            p["aud"] = json!(scoring::result::audience(&id));
            p["survey"]["cohort"]["id"] = json!(id);
        }),
    );
    t.refused(
        "other_link",
        "another link of the same cohort",
        flat(joined(&REISSUED).with(|_, _| ())),
    );
    t.refused(
        "other_link",
        "no link's hash",
        cohort(|p| p["survey"]["cohort"]["link_sha256"] = json!("")),
    );
    t.refused(
        "other_link",
        "the link's hash in capitals",
        cohort(|p| p["survey"]["cohort"]["link_sha256"] = json!(LINK.sha256_hex().to_uppercase())),
    );
    t.refused(
        "content",
        "another wave",
        cohort(|p| p["survey"]["cohort"]["wave"] = json!("autumn")),
    );
    t.refused(
        "content",
        "another nonce",
        cohort(|p| p["survey"]["cohort"]["nonce"] = json!(base64url(&[33; 16]))),
    );
    t.refused(
        "content",
        "a surplus member of the cohort",
        cohort(|p| p["survey"]["cohort"]["seat"] = json!(1)),
    );
    t.refused(
        "content",
        "a cohort that is a text",
        cohort(|p| p["survey"]["cohort"] = json!("spring")),
    );
    t.refused(
        "lax_policy",
        "a laxer minimum group",
        cohort(|p| p["survey"]["policy"]["min_group"] = json!(5)),
    );
    t.refused(
        "lax_policy",
        "a laxer minimum for comments",
        cohort(|p| p["survey"]["policy"]["min_comments"] = json!(11)),
    );
    t.accepted(
        "a participant may ask for more, and the report obeys",
        "a stricter policy",
        cohort(|p| p["survey"]["policy"]["min_group"] = json!(9)),
    );
    t.refused(
        "content",
        "a cut that is not asked",
        cohort(|p| p["survey"]["cuts"]["age"] = json!(1)),
    );
    t.refused("content", "option 0 of a cut", cohort(|p| p["survey"]["cuts"]["site"] = json!(0)));
    t.refused(
        "content",
        "option n + 1 of a cut",
        cohort(|p| p["survey"]["cuts"]["site"] = json!(4)),
    );
    t.refused(
        "content",
        "an option below zero",
        cohort(|p| p["survey"]["cuts"]["site"] = json!(-1)),
    );
    t.refused(
        "content",
        "an option by its label",
        cohort(|p| p["survey"]["cuts"]["site"] = json!("North")),
    );
    t.refused(
        "content",
        "cuts without a cohort",
        payload(|p| p["survey"]["cuts"]["site"] = json!(1)),
    );
    t.accepted(
        "nobody has to say; they count as not stated",
        "a cut left open",
        cohort(|p| p["survey"]["cuts"] = json!({})),
    );
    t.refused(
        "not_asked",
        "an instrument that the link does not ask for",
        cohort(|p| p["survey"]["instrument"]["id"] = json!("readiness")),
    );
    t.refused(
        "not_asked",
        "another version than the link asks for",
        cohort(|p| p["survey"]["instrument"]["version"] = json!("1.1")),
    );
    t.refused(
        "not_asked",
        "another definition than the link asks for",
        cohort(|p| p["survey"]["instrument"]["sha256"] = json!("0".repeat(64))),
    );
    t.refused("not_invited", "no invitation", flat(joined(&INVITED).with(|_, _| ())));
    t.refused(
        "invitation",
        "an empty invitation",
        flat(invited().with(|_, p| p["survey"]["cohort"]["invitation"] = json!(""))),
    );
    t.refused(
        "invitation",
        "an invitation to another cohort",
        flat(
            invited()
                .with(|_, p| p["survey"]["cohort"]["invitation"] = json!(invitation(&LINK, 1))),
        ),
    );
    t.refused(
        "invitation",
        "an invitation with one changed character",
        flat(invited().with(|_, p| {
            let token = p["survey"]["cohort"]["invitation"].as_str().unwrap();
            p["survey"]["cohort"]["invitation"] = json!(token.replacen('.', ".A", 1));
        })),
    );
    t.refused(
        "other_role",
        "a leader's answers with their manager's invitation",
        flat(invited().with(|_, p| {
            let token = seated(&INVITED, 1, Rater::Manager);
            p["survey"]["cohort"]["invitation"] = json!(token);
        })),
    );
    t.accepted(
        "a pair is for its two people",
        "a leader's answers with the leader's invitation",
        flat(invited().with(|_, p| {
            p["survey"]["cohort"]["invitation"] = json!(seated(&INVITED, 1, Rater::Own));
        })),
    );
    t.refused(
        "content",
        "an invitation that is an object",
        flat(invited().with(|_, p| p["survey"]["cohort"]["invitation"] = json!({}))),
    );
    t.accepted(
        "a link without the mode may still be handed out with invitations",
        "an invitation where none is needed",
        {
            flat(
                Forge::of(
                    &result(1, 10, Some(membership(&LINK, Some(invitation(&LINK, 1))))),
                    [1; 32],
                )
                .with(|_, _| ()),
            )
        },
    );
    t.accepted(
        "it counts, and its code says that it is late",
        "made after the cohort closed",
        cohort(|p| p["iat"] = json!(5000)),
    );
}

/// What is written is read, and says what was written.
#[test]
fn untouched_results_are_accepted() {
    let read = READER.verify(result(1, 10, None).as_bytes()).unwrap();
    assert_eq!((read.claims().iat, read.scores_differ(), read.is_late()), (10, false, false));
    for forge in [solo(), member(), invited()] {
        let read = READER.verify(flat(forge.with(|_, _| ())).as_bytes()).unwrap();
        assert!(!read.scores_differ());
    }
    let late = cohort(|payload| payload["iat"] = json!(5000));
    assert!(READER.verify(late.as_bytes()).unwrap().is_late());
    let differing = payload(|p| p["survey"]["claimed_scores"]["strategy"]["sum"] = json!(30));
    assert!(READER.verify(differing.as_bytes()).unwrap().scores_differ());
}

#[test]
fn a_changed_character_anywhere_is_refused() {
    for file in [result(1, 10, None), sealed_member()] {
        let file = file.into_bytes();
        for place in 0..file.len() {
            let mut changed = file.clone();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            assert!(READER.verify(&changed).is_err(), "position {place}");
        }
    }
}

fn sealed_member() -> String {
    let fresh = scoring::jose::Sealing { ephemeral: [40; 32], iv: [41; 12] };
    seal(&flat(member().with(|_, _| ())), &COACH.seal_public(), &fresh).unwrap()
}

/// Nothing of the two files but their spelling differs, and both are one to whoever counts.
#[test]
fn spellings_of_one_file_have_one_receipt() {
    let file = result(1, 10, None);
    let other = canonical(&parse(file.as_bytes()).unwrap()).replace(',', " , ");
    let receipt = |file: &str| *READER.verify(file.as_bytes()).unwrap().receipt();
    assert_eq!(receipt(&file), receipt(&other));
}
