//! A coach's locked keys: the outside, and what the passphrase finds inside.
#![no_main]

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use libfuzzer_sys::fuzz_target;
use plumbline_fuzz::Input;
use scoring::coach::CoachKey;
use scoring::jose::{base64url, is_locked, locked_kid};
use sha2::Sha512;
use std::sync::LazyLock;

const PASSPHRASE: &str = "published passphrase";
const SALT: [u8; 16] = [8; 16];
const CONTENT_KEY: [u8; 32] = [9; 32];
const IV: [u8; 12] = [10; 12];

/// The fewest iterations that are read: a coach's backup has two hundred times as many.
const ITERATIONS: u32 = 1000;

/// The content key, wrapped as RFC 7518 section 4.8 says.
static WRAPPED: LazyLock<String> = LazyLock::new(|| {
    let salt = [b"PBES2-HS512+A256KW".as_slice(), &[0], &SALT].concat();
    let (mut wrapping, mut wrapped) = ([0; 32], [0; 40]);
    pbkdf2::pbkdf2_hmac::<Sha512>(PASSPHRASE.as_bytes(), &salt, ITERATIONS, &mut wrapping);
    let wrapping = aes_kw::KwAes256::new((&wrapping).into());
    wrapping.wrap_key(&CONTENT_KEY, &mut wrapped).expect("the lengths fit");
    base64url(&wrapped)
});

/// The header that a backup has, for a key of this name.
fn header(kid: &str) -> String {
    let salt = base64url(&SALT);
    format!(
        r#"{{"alg":"PBES2-HS512+A256KW","cty":"jwk-set+json","enc":"A256GCM","kid":"{kid}","p2c":{ITERATIONS},"p2s":"{salt}","typ":"survey-coach-key+jwe"}}"#
    )
}

/// Whether unlocking would take too long to be tried thousands of times.
fn is_slow(file: &[u8]) -> bool {
    let iterations = || {
        let file = scoring::json::parse(file).ok()?;
        let protected = scoring::jose::from_base64url(file.get("protected")?.as_str()?)?;
        scoring::json::parse(&protected).ok()?.get("p2c")?.as_i64()
    };
    iterations().is_some_and(|iterations| iterations > i64::from(ITERATIONS))
}

fuzz_target!(|input: &[u8]| {
    let file = match Input::of(input) {
        Input::Raw(file) => file.to_vec(),
        Input::Signed { header: line, payload } => {
            let protected = match line {
                b"" => header(&plumbline_fuzz::KEY.kid()).into_bytes(),
                line => line.to_vec(),
            };
            let protected = base64url(&protected);
            let mut content = payload.to_vec();
            let cipher = Aes256Gcm::new((&CONTENT_KEY).into());
            let tag = cipher
                .encrypt_inout_detached(
                    (&IV).into(),
                    protected.as_bytes(),
                    content.as_mut_slice().into(),
                )
                .expect("short enough");
            let (ciphertext, iv, tag) = (base64url(&content), base64url(&IV), base64url(&tag));
            let wrapped = WRAPPED.as_str();
            format!(
                r#"{{"ciphertext":"{ciphertext}","encrypted_key":"{wrapped}","iv":"{iv}","protected":"{protected}","tag":"{tag}"}}"#
            )
            .into_bytes()
        }
    };
    let named = locked_kid(&file);
    if is_slow(&file) {
        return;
    }
    if let Ok(key) = CoachKey::unlock(&file, PASSPHRASE) {
        assert!(is_locked(&file), "opened, but not known as locked");
        assert_eq!(named, Ok(key.kid()));
    }
});
