//! Malformed files of a coach's keys.

use crate::{Case, Table};
use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use scoring::coach::CoachKey;
use scoring::jose::{base64url, unlock};
use scoring::json::{canonical, parse};
use serde_json::{Value, json};
use sha2::Sha512;
use std::sync::LazyLock;

const PASSPHRASE: &str = "correct horse battery";

pub fn read(file: &[u8]) -> Option<String> {
    CoachKey::unlock(file, PASSPHRASE).err().map(|failure| failure.code().to_owned())
}

fn coach() -> CoachKey {
    CoachKey::from_seeds([101; 32], [102; 32])
}

/// Keys as another program wrote them; opening its file takes a while.
static KEYS: LazyLock<Value> = LazyLock::new(|| {
    let golden: Value = serde_json::from_str(include_str!("../vectors/golden.json")).unwrap();
    let golden = golden["locked"].as_str().unwrap();
    parse(&unlock(golden.as_bytes(), "a published passphrase").unwrap()).unwrap()
});

/// The header and the keys of a backup, at the fewest iterations that are read, for speed.
struct Backup {
    header: Value,
    keys: Value,
    content: Option<String>,
}

impl Backup {
    fn new() -> Self {
        let keys = KEYS.clone();
        let header = json!({"alg": "PBES2-HS512+A256KW", "enc": "A256GCM",
            "typ": "survey-coach-key+jwe", "cty": "jwk-set+json", "kid": keys["keys"][0]["kid"],
            "p2c": 1000, "p2s": base64url(&[1; 16])});
        Backup { header, keys, content: None }
    }

    fn locked(&self) -> Value {
        let text = |name: &str| self.header[name].as_str().unwrap_or_default();
        let salt = scoring::jose::from_base64url(text("p2s")).unwrap_or_default();
        let salt = [b"PBES2-HS512+A256KW\0".as_slice(), &salt].concat();
        let iterations = self.header["p2c"].as_u64().filter(|n| *n <= 1000).unwrap_or(1000);
        let (mut wrapping, mut wrapped) = ([0; 32], [0; 40]);
        let iterations = u32::try_from(iterations).unwrap();
        pbkdf2::pbkdf2_hmac::<Sha512>(PASSPHRASE.as_bytes(), &salt, iterations, &mut wrapping);
        aes_kw::KwAes256::new((&wrapping).into()).wrap_key(&[9; 32], &mut wrapped).unwrap();
        let protected = base64url(canonical(&self.header).as_bytes());
        let content = self.content.clone().unwrap_or_else(|| canonical(&self.keys));
        let mut content = content.into_bytes();
        let tag = Aes256Gcm::new((&[9; 32]).into())
            .encrypt_inout_detached(
                (&[8; 12]).into(),
                protected.as_bytes(),
                content.as_mut_slice().into(),
            )
            .unwrap();
        json!({"ciphertext": base64url(&content), "encrypted_key": base64url(&wrapped),
               "iv": base64url(&[8; 12]), "protected": protected, "tag": base64url(&tag)})
    }
}

fn header(change: impl FnOnce(&mut Value)) -> String {
    let mut backup = Backup::new();
    change(&mut backup.header);
    canonical(&backup.locked())
}

fn keys(change: impl FnOnce(&mut Value)) -> String {
    let mut backup = Backup::new();
    change(&mut backup.keys["keys"]);
    canonical(&backup.locked())
}

fn outside(change: impl FnOnce(&mut Value)) -> String {
    let mut file = Backup::new().locked();
    change(&mut file);
    canonical(&file)
}

pub fn cases() -> Vec<Case> {
    let mut table = Table::new(&read);
    let t = &mut table;
    assert_eq!(read(header(|_| ()).as_bytes()), None, "the files made here are good ones");
    let good = outside(|_| ());
    t.refused("lock_form", "nothing", "");
    t.refused("lock_form", "too large", format!("{good}{}", " ".repeat(20_000)));
    t.refused("lock_form", "cut off", &good[..100]);
    t.refused("lock_form", "tag twice", good.replacen('{', "{\"tag\":\"\",", 1));
    t.refused("lock_form", "an unprotected header", outside(|f| f["unprotected"] = json!({})));
    t.refused("lock_form", "recipients", outside(|f| f["recipients"] = json!([])));
    t.refused(
        "lock_form",
        "no encrypted key",
        outside(|f| drop(f.as_object_mut().unwrap().remove("encrypted_key"))),
    );
    t.refused(
        "lock_form",
        "a short encrypted key",
        outside(|f| f["encrypted_key"] = json!(base64url(&[0; 32]))),
    );
    t.refused("lock_form", "a short tag", outside(|f| f["tag"] = json!(base64url(&[0; 15]))));
    t.refused("lock_form", "no iterations", header(|h| h["p2c"] = json!(0)));
    t.refused("lock_form", "one iteration", header(|h| h["p2c"] = json!(1)));
    t.refused(
        "lock_form",
        "a thousand million iterations",
        header(|h| h["p2c"] = json!(1_000_000_000)),
    );
    t.refused("lock_form", "iterations below zero", header(|h| h["p2c"] = json!(-1000)));
    t.refused("lock_form", "iterations that are a text", header(|h| h["p2c"] = json!("1000")));
    t.refused(
        "lock_form",
        "a salt that is too short",
        header(|h| h["p2s"] = json!(base64url(&[1; 7]))),
    );
    t.refused("lock_form", "no salt", header(|h| h["p2s"] = json!("")));
    t.refused(
        "lock_form",
        "a padded salt",
        header(|h| h["p2s"] = json!("AAAAAAAAAAAAAAAAAAAAAA==")),
    );
    t.refused(
        "lock_form",
        "a weaker algorithm",
        header(|h| h["alg"] = json!("PBES2-HS256+A128KW")),
    );
    t.refused("lock_form", "a shared key", header(|h| h["alg"] = json!("dir")));
    t.refused("lock_form", "another cipher", header(|h| h["enc"] = json!("A128CBC-HS256")));
    t.refused("lock_form", "zip", header(|h| h["zip"] = json!("DEF")));
    t.refused("lock_form", "crit", header(|h| h["crit"] = json!(["exp"])));
    t.refused(
        "lock_form",
        "typ of a sealed result",
        header(|h| h["typ"] = json!("survey-result-enc+jwe")),
    );
    t.refused("lock_form", "no typ", header(|h| drop(h.as_object_mut().unwrap().remove("typ"))));
    t.refused("lock_form", "one key by its content type", header(|h| h["cty"] = json!("jwk+json")));
    t.refused(
        "lock_passphrase",
        "a changed header",
        outside(|f| {
            let mut header = Backup::new().header;
            header["kid"] = json!("another");
            f["protected"] = json!(base64url(canonical(&header).as_bytes()));
        }),
    );
    t.refused(
        "lock_passphrase",
        "a changed salt",
        outside(|f| {
            let mut header = Backup::new().header;
            header["p2s"] = json!(base64url(&[2; 16]));
            f["protected"] = json!(base64url(canonical(&header).as_bytes()));
        }),
    );
    t.refused(
        "lock_passphrase",
        "zeros for an encrypted key",
        outside(|f| f["encrypted_key"] = json!(base64url(&[0; 40]))),
    );
    t.refused(
        "lock_passphrase",
        "zeros for a tag",
        outside(|f| f["tag"] = json!(base64url(&[0; 16]))),
    );
    t.refused(
        "lock_passphrase",
        "zeros for an iv",
        outside(|f| f["iv"] = json!(base64url(&[0; 12]))),
    );
    t.refused("lock_passphrase", "no ciphertext", outside(|f| f["ciphertext"] = json!("")));
    t.refused("lock_content", "kid of another key", header(|h| h["kid"] = json!("another")));
    t.refused("lock_content", "one key alone", keys(|k| drop(k.as_array_mut().unwrap().pop())));
    t.refused(
        "lock_content",
        "three keys",
        keys(|k| {
            let third = k[0].clone();
            k.as_array_mut().unwrap().push(third);
        }),
    );
    t.refused("lock_content", "keys swapped", keys(|k| k.as_array_mut().unwrap().reverse()));
    t.refused(
        "lock_content",
        "purposes swapped",
        keys(|k| {
            k[0]["use"] = json!("enc");
            k[1]["use"] = json!("sig");
        }),
    );
    t.refused("lock_content", "d of another key", keys(|k| k[0]["d"] = json!(base64url(&[7; 32]))));
    t.refused("lock_content", "x of another key", keys(|k| k[0]["x"] = k[1]["x"].clone()));
    t.refused(
        "lock_content",
        "d of another sealing key",
        keys(|k| k[1]["d"] = json!(base64url(&[7; 32]))),
    );
    t.refused("lock_content", "kid is not the thumbprint", keys(|k| k[1]["kid"] = json!("me")));
    t.refused(
        "lock_content",
        "a public key alone",
        keys(|k| drop(k[0].as_object_mut().unwrap().remove("d"))),
    );
    t.refused("lock_content", "a short d", keys(|k| k[0]["d"] = json!("AAAA")));
    t.refused("lock_content", "a key of another type", keys(|k| k[0]["kty"] = json!("EC")));
    t.refused("lock_content", "a key of another curve", keys(|k| k[0]["crv"] = json!("Ed448")));
    t.refused("lock_content", "a surplus member of a key", keys(|k| k[0]["alg"] = json!("EdDSA")));
    t.refused(
        "lock_content",
        "no JSON inside",
        canonical(&Backup { content: Some("key".to_owned()), ..Backup::new() }.locked()),
    );
    t.refused("lock_content", "a key twice in one", {
        let text = canonical(&Backup::new().keys).replacen("\"crv\"", "\"crv\":\"x\",\"crv\"", 1);
        canonical(&Backup { content: Some(text), ..Backup::new() }.locked())
    });
    table.cases
}

#[test]
fn another_passphrase_does_not_open_it() {
    for passphrase in
        ["", "Correct horse battery", "correct horse battery ", "correct  horse battery"]
    {
        let failure = CoachKey::unlock(outside(|_| ()).as_bytes(), passphrase).unwrap_err();
        assert_eq!(failure.code(), "lock_passphrase", "{passphrase:?}");
    }
    assert_ne!(
        coach().kid(),
        CoachKey::unlock(outside(|_| ()).as_bytes(), PASSPHRASE).unwrap().kid()
    );
}
