//! Malformed sealed results.

use crate::fixture::{COACH, Forge, LINK, OTHER_COACH, READER, flat, membership, result};
use crate::{Case, Table};
use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use scoring::jose::{Curve, Sealing, base64url, concat_kdf, from_base64url, seal};
use scoring::json::{canonical, parse};
use serde_json::{Value, json};
use x25519_dalek::{PublicKey, StaticSecret};

const FRESH: Sealing = Sealing { ephemeral: [40; 32], iv: [41; 12] };

/// The points whose shared secret with any key is zero, as X25519 reads them: it ignores the top bit
/// (RFC 7748 section 5), so each has a twin.
const SMALL_ORDER: [(&str, &str); 8] = [
    ("epk zero", "0000000000000000000000000000000000000000000000000000000000000000"),
    ("epk one", "0100000000000000000000000000000000000000000000000000000000000000"),
    ("epk of order eight", "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    (
        "epk of order eight, the other",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    ),
    ("epk p - 1", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ("epk p", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ("epk p + 1", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    (
        "epk zero with the top bit",
        "0000000000000000000000000000000000000000000000000000000000000080",
    ),
];

fn sealed(content: &str) -> String {
    seal(content, &COACH.seal_public(), &FRESH).unwrap()
}

fn member() -> String {
    result(1, 10, Some(membership(&LINK, None)))
}

/// A sealed file whose outer members are changed.
fn outside(change: impl FnOnce(&mut Value)) -> String {
    let mut file = parse(sealed(&member()).as_bytes()).unwrap();
    change(&mut file);
    canonical(&file)
}

/// A file that is sealed under a changed header, as anybody could.
fn header(change: impl FnOnce(&mut Value)) -> String {
    let file = parse(sealed("").as_bytes()).unwrap();
    let header = from_base64url(file["protected"].as_str().unwrap()).unwrap();
    let mut header = parse(&header).unwrap();
    change(&mut header);
    under(&canonical(&header))
}

fn under(header: &str) -> String {
    let protected = base64url(header.as_bytes());
    let shared = StaticSecret::from(FRESH.ephemeral);
    let shared = shared.diffie_hellman(&PublicKey::from(COACH.seal_public()));
    let key = concat_kdf(shared.as_bytes(), "A256GCM", b"", b"");
    let mut content = member().into_bytes();
    let tag = Aes256Gcm::new((&*key).into())
        .encrypt_inout_detached(
            (&FRESH.iv).into(),
            protected.as_bytes(),
            content.as_mut_slice().into(),
        )
        .unwrap();
    canonical(&json!({"ciphertext": base64url(&content), "iv": base64url(&FRESH.iv),
                      "protected": protected, "tag": base64url(&tag)}))
}

/// One bit of a member's bytes.
fn flipped(member: &str) -> String {
    outside(|file| {
        let mut bytes = from_base64url(file[member].as_str().unwrap()).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        file[member] = json!(base64url(&bytes));
    })
}

pub fn read(file: &[u8]) -> Option<String> {
    READER.verify(file).err().map(|refusal| refusal.code().to_owned())
}

pub fn cases() -> Vec<Case> {
    let mut table = Table::new(&read);
    let t = &mut table;
    assert_eq!(read(header(|_| ()).as_bytes()), None, "the files made here are good ones");
    let good = sealed(&member());

    t.refused("sealed_form", "unprotected header", outside(|f| f["unprotected"] = json!({})));
    t.refused("sealed_form", "a header for the recipient", outside(|f| f["header"] = json!({})));
    t.refused("sealed_form", "recipients", outside(|f| f["recipients"] = json!([])));
    t.refused("sealed_form", "encrypted_key", outside(|f| f["encrypted_key"] = json!("")));
    t.refused("sealed_form", "aad", outside(|f| f["aad"] = json!("")));
    t.refused(
        "sealed_form",
        "a signature beside the seal",
        outside(|f| f["signature"] = json!("")),
    );
    t.refused("sealed_form", "no tag", outside(|f| drop(f.as_object_mut().unwrap().remove("tag"))));
    t.refused("sealed_form", "no iv", outside(|f| drop(f.as_object_mut().unwrap().remove("iv"))));
    t.refused("sealed_form", "a short tag", outside(|f| f["tag"] = json!(base64url(&[0; 12]))));
    t.refused("sealed_form", "a long tag", outside(|f| f["tag"] = json!(base64url(&[0; 17]))));
    t.refused("sealed_form", "an empty tag", outside(|f| f["tag"] = json!("")));
    t.refused("sealed_form", "a short iv", outside(|f| f["iv"] = json!(base64url(&[0; 8]))));
    t.refused("sealed_form", "a long iv", outside(|f| f["iv"] = json!(base64url(&[0; 16]))));
    t.refused("sealed_form", "a padded ciphertext", outside(|f| f["ciphertext"] = json!("AAA=")));
    t.refused(
        "sealed_form",
        "trailing bits in the ciphertext",
        outside(|f| f["ciphertext"] = json!("AB")),
    );
    t.refused("sealed_form", "iv null", outside(|f| f["iv"] = Value::Null));
    t.refused(
        "not_a_result",
        "no ciphertext",
        outside(|f| drop(f.as_object_mut().unwrap().remove("ciphertext"))),
    );
    t.refused("duplicate_member", "tag twice", good.replacen('{', "{\"tag\":\"\",", 1));
    t.refused(
        "too_large",
        "larger than a sealed file can be",
        outside(|f| f["ciphertext"] = json!("A".repeat(600_000))),
    );
    t.refused("not_json", "cut off", &good[..good.len() - 2]);

    t.refused("sealed_form", "another algorithm", header(|h| h["alg"] = json!("ECDH-ES+A256KW")));
    t.refused("sealed_form", "a shared key", header(|h| h["alg"] = json!("dir")));
    t.refused("sealed_form", "another cipher", header(|h| h["enc"] = json!("A128GCM")));
    t.refused(
        "sealed_form",
        "a cipher that does not authenticate",
        header(|h| h["enc"] = json!("A256CBC")),
    );
    t.refused("sealed_form", "other content", header(|h| h["cty"] = json!("json")));
    t.refused("sealed_form", "zip", header(|h| h["zip"] = json!("DEF")));
    t.refused("sealed_form", "apu", header(|h| h["apu"] = json!("QWxpY2U")));
    t.refused("sealed_form", "apv", header(|h| h["apv"] = json!("Qm9i")));
    t.refused("sealed_form", "crit", header(|h| h["crit"] = json!(["exp"])));
    t.refused("sealed_form", "jku", header(|h| h["jku"] = json!("https://example.org")));
    t.refused("sealed_form", "no kid", header(|h| drop(h.as_object_mut().unwrap().remove("kid"))));
    t.refused("sealed_form", "a surplus member of epk", header(|h| h["epk"]["use"] = json!("enc")));
    t.refused("sealed_form", "a private key in epk", header(|h| h["epk"]["d"] = json!("")));
    t.refused(
        "sealed_form",
        "epk of another curve",
        header(|h| h["epk"]["crv"] = json!("Ed25519")),
    );
    t.refused("sealed_form", "a short epk", header(|h| h["epk"]["x"] = json!("AAAA")));
    t.refused("sealed_form", "epk that is a text", header(|h| h["epk"] = json!("x")));
    t.refused("not_a_result", "typ of a result", header(|h| h["typ"] = json!("survey-result+jwt")));
    t.refused(
        "not_a_result",
        "typ of a coach's key",
        header(|h| h["typ"] = json!("survey-coach-key+jwe")),
    );
    t.refused(
        "not_a_result",
        "typ in capitals",
        header(|h| h["typ"] = json!("SURVEY-RESULT-ENC+JWE")),
    );
    t.refused("not_a_result", "no typ", header(|h| drop(h.as_object_mut().unwrap().remove("typ"))));
    t.refused(
        "not_a_result",
        "alg twice",
        under(r#"{"alg":"none","alg":"ECDH-ES","typ":"survey-result-enc+jwe"}"#),
    );

    t.refused(
        "sealed_no_key",
        "kid of another key",
        header(|h| {
            h["kid"] = json!(Curve::X25519.thumbprint(&base64url(&OTHER_COACH.seal_public())));
        }),
    );
    t.refused(
        "sealed_no_key",
        "sealed for another coach",
        seal(&member(), &OTHER_COACH.seal_public(), &FRESH).unwrap(),
    );
    t.refused("sealed_no_key", "kid of the signing key", header(|h| h["kid"] = json!(COACH.kid())));
    t.refused("sealed_no_key", "kid empty", header(|h| h["kid"] = json!("")));
    for (name, point) in SMALL_ORDER {
        t.refused(
            "sealed_weak_key",
            name,
            header(|h| h["epk"]["x"] = json!(base64url(&unhex(point)))),
        );
    }
    t.refused(
        "sealed_broken",
        "another epk",
        header(|h| h["epk"]["x"] = json!(base64url(&[9; 32]))),
    );
    t.refused("sealed_broken", "a flipped bit in the ciphertext", flipped("ciphertext"));
    t.refused("sealed_broken", "a flipped bit in the iv", flipped("iv"));
    t.refused("sealed_broken", "a flipped bit in the tag", flipped("tag"));
    t.refused(
        "sealed_broken",
        "another spelling of the header",
        outside(|f| {
            let header = from_base64url(f["protected"].as_str().unwrap()).unwrap();
            f["protected"] = json!(base64url(&[b" ", &header[..]].concat()));
        }),
    );
    t.refused("sealed_broken", "an empty ciphertext", outside(|f| f["ciphertext"] = json!("")));
    t.refused(
        "sealed_broken",
        "the ciphertext of another file",
        outside(|f| {
            f["ciphertext"] = parse(sealed("{}").as_bytes()).unwrap()["ciphertext"].clone();
        }),
    );

    t.refused("empty", "nothing inside", sealed(""));
    t.refused("not_json", "no JSON inside", sealed("answers"));
    t.refused("not_a_result", "something else inside", sealed("{}"));
    t.refused("not_a_result", "a sealed file inside a sealed file", sealed(&sealed(&member())));
    t.refused("too_large", "more inside than a result can be", sealed(&" ".repeat(300_000)));
    t.refused("not_json", "a link inside", sealed(LINK.token()));
    t.refused("purpose", "a signed file of another purpose inside", {
        let forge = Forge::of(&member(), [1; 32]);
        sealed(&flat(forge.with(|header, _| header["typ"] = json!("survey-group-report+jwt"))))
    });
    t.refused("signature", "a changed result inside", {
        let forge = Forge::of(&member(), [1; 32]);
        let mut parts = forge.with(|_, _| ());
        parts[2] = base64url(&[0; 64]);
        sealed(&flat(parts))
    });
    t.accepted(
        "anybody can seal anything for a coach; it counts for no cohort",
        "a solo result, sealed",
        sealed(&result(1, 10, None)),
    );
    t.accepted(
        "the link does not forbid it: whoever hands over a file decides how",
        "a result of a sealed cohort, not sealed",
        member(),
    );
    table.cases
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// A seal for a key that protects nothing is not made, and a link that names one not read.
#[test]
fn nothing_is_sealed_for_a_point_of_small_order() {
    for (name, point) in SMALL_ORDER {
        let to: [u8; 32] = unhex(point).try_into().unwrap();
        assert!(seal("content", &to, &FRESH).is_none(), "{name}");
        assert!(!scoring::jose::protects(&to), "{name}");
    }
}
