//! Sealed and locked files: the published steps, and whole files that another program made.

use crate::unhex;
use scoring::coach::CoachKey;
use scoring::jose::{
    Curve, Locking, SealFault, Sealing, base64url, concat_kdf, from_base64url, seal, unlock, unseal,
};
use serde_json::Value;
use std::sync::LazyLock;

/// Made by `golden.py` in this folder, without any code of ours.
static GOLDEN: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("golden.json")).unwrap());

fn key(hex: &str) -> [u8; 32] {
    unhex(hex).try_into().unwrap()
}

/// RFC 7518 appendix C: the derived key of "Alice" and "Bob".
#[test]
fn rfc_7518_appendix_c() {
    let z = key("9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4");
    let derived = concat_kdf(&z, "A128GCM", b"Alice", b"Bob");
    assert_eq!(base64url(&derived[..16]), "VqqN6vgjbSBcIijNcacQGg");
}

/// RFC 8037 appendix A.6: the ephemeral key of the example, sealing for the key of the example,
/// names itself as the example says and agrees on the example's Z. (The example goes on with a key
/// that wraps another; ours is used directly, RFC 7518 section 4.6.)
#[test]
fn rfc_8037_appendix_a_6() {
    let ephemeral = key("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    let bob = from_base64url("3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08").unwrap();
    let sealing = Sealing { ephemeral, iv: [0; 12] };
    let file = seal("content", &bob.try_into().unwrap(), &sealing).unwrap();
    let file: Value = serde_json::from_str(&file).unwrap();
    let part = |name: &str| from_base64url(file[name].as_str().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&part("protected")).unwrap();
    assert_eq!(header["epk"]["x"], "hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo");

    let z = key("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    let key = concat_kdf(&z, "A256GCM", b"", b"");
    use aes_gcm::aead::AeadInOut;
    use aes_gcm::{Aes256Gcm, KeyInit};
    let mut content = part("ciphertext");
    let tag: [u8; 16] = part("tag").try_into().unwrap();
    let aad = file["protected"].as_str().unwrap().as_bytes();
    Aes256Gcm::new((&*key).into())
        .decrypt_inout_detached(
            (&[0; 12]).into(),
            aad,
            content.as_mut_slice().into(),
            (&tag).into(),
        )
        .unwrap();
    assert_eq!(content, b"content");
}

/// The same bytes as the other program's, and its file is opened.
#[test]
fn seals_as_another_program_does() {
    let bob = key("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    let bob_public = key("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    let sealing = Sealing {
        ephemeral: key("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"),
        iv: std::array::from_fn(|idx| u8::try_from(idx).unwrap()),
    };
    let golden = GOLDEN["sealed"].as_str().unwrap();
    let content = "any content, even ✓";
    assert_eq!(seal(content, &bob_public, &sealing).as_deref(), Some(golden));
    assert_eq!(unseal(golden.as_bytes(), &[&bob]).unwrap(), content.as_bytes());
    let kid = Curve::X25519.thumbprint(&base64url(&bob_public));
    assert_eq!(unseal(golden.as_bytes(), &[]), Err(SealFault::NoKey { kid }));
}

/// RFC 7518 section 4.8, for the algorithm that its example (RFC 7517 appendix C) does not use.
#[test]
fn locks_as_another_program_does() {
    let coach = CoachKey::from_seeds([1; 32], [2; 32]);
    let golden = GOLDEN["locked"].as_str().unwrap();
    let passphrase = "a published passphrase";
    let fresh = Locking { salt: [3; 16], key: [4; 32], iv: [5; 12] };
    assert_eq!(coach.lock(passphrase, &fresh).as_deref(), Some(golden));
    let opened = CoachKey::unlock(golden.as_bytes(), passphrase).unwrap();
    assert_eq!(opened.kid(), coach.kid());
    assert_eq!(opened.seal_public(), coach.seal_public());
    assert!(unlock(golden.as_bytes(), "another passphrase").is_err());
}
