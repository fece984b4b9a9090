//! Sealed files: encrypted for one key, or locked with a passphrase.

use super::{Curve, base64url, fixed, from_base64url, members, text};
use crate::json::{self, Members, Node, canonical};
use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use aes_kw::KwAes256;
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha512};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

/// The `typ` of a sealed result.
const SEALED_TYP: &str = "survey-result-enc+jwe";
/// The `typ` of a locked coach key.
const LOCKED_TYP: &str = "survey-coach-key+jwe";
const SEAL_ALG: &str = "ECDH-ES";
const LOCK_ALG: &str = "PBES2-HS512+A256KW";
const ENC: &str = "A256GCM";

/// Largest sealed file that is read, in bytes: it holds a whole signed one in base64url.
pub const MAX_SEALED_BYTES: usize = 512 * 1024;
const MAX_LOCKED_BYTES: usize = 16 * 1024;

/// PBKDF2 iterations that are written (OWASP's figure for HMAC-SHA-512).
pub const PBES2_ITERATIONS: u32 = 210_000;

/// Iterations that are read: below, a lock is too weak to be ours; above, reading it would hang.
const ITERATIONS_READ: std::ops::RangeInclusive<i64> = 1_000..=2_000_000;

/// Why a sealed file cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealFault {
    /// Larger than a sealed result can be; nothing was parsed.
    #[error("the sealed file is larger than one can be")]
    TooLarge,
    /// Its outside is not that of a file sealed by this app.
    #[error("the sealed file has a fault at {0}")]
    Form(String),
    /// Sealed for a key that is not at hand.
    #[error("the file is sealed for the key {kid}, which is not open here")]
    NoKey {
        /// Thumbprint of the key that opens it.
        kid: String,
    },
    /// The agreed secret would be the same for everyone (RFC 7748 section 6.1).
    #[error("the sealed file names a key that protects nothing")]
    WeakKey,
    /// Changed since it was sealed, or not sealed with this key.
    #[error("the seal is broken")]
    Broken,
}

impl SealFault {
    /// Stable code, also the key of the texts that say what happened and what to do.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            SealFault::TooLarge => "sealed_too_large",
            SealFault::Form(_) => "sealed_form",
            SealFault::NoKey { .. } => "sealed_no_key",
            SealFault::WeakKey => "sealed_weak_key",
            SealFault::Broken => "sealed_broken",
        }
    }
}

/// Fresh random bits for one sealed file. Never used twice.
#[derive(Debug, Clone)]
pub struct Sealing {
    /// The ephemeral private key.
    pub ephemeral: [u8; 32],
    /// The initialization vector.
    pub iv: [u8; 12],
}

/// Seals a signed file for the X25519 key `to`; nothing if that key protects nothing.
#[must_use]
pub fn seal(file: &str, to: &[u8; 32], fresh: &Sealing) -> Option<String> {
    let ephemeral = StaticSecret::from(fresh.ephemeral);
    let shared = ephemeral.diffie_hellman(&PublicKey::from(*to));
    if !shared.was_contributory() {
        return None;
    }
    let epk = base64url(PublicKey::from(&ephemeral).as_bytes());
    let protected = encoded(&json!({
        "alg": SEAL_ALG,
        "enc": ENC,
        "typ": SEALED_TYP,
        "cty": "jose+json",
        "kid": Curve::X25519.thumbprint(&base64url(to)),
        "epk": Curve::X25519.jwk(&epk),
    }));
    let key = concat_kdf(shared.as_bytes(), ENC, b"", b"");
    let mut content = file.as_bytes().to_vec();
    let tag = encrypt(&key, &fresh.iv, &protected, &mut content)?;
    Some(canonical(&json!({
        "ciphertext": base64url(&content),
        "iv": base64url(&fresh.iv),
        "protected": protected,
        "tag": base64url(&tag),
    })))
}

/// Whether sealing for this key protects anything: a point of small order would make the agreed
/// secret the same for everyone (RFC 7748 section 6.1).
#[must_use]
pub fn protects(to: &[u8; 32]) -> bool {
    StaticSecret::from([1; 32]).diffie_hellman(&PublicKey::from(*to)).was_contributory()
}

/// Opens a sealed file with one of these X25519 private keys. What is inside is not verified yet.
///
/// # Errors
/// The first fault met.
pub fn unseal(file: &[u8], secrets: &[&[u8; 32]]) -> Result<Vec<u8>, SealFault> {
    let outside = Outside::of_sealed(file)?;
    let Some(secret) = secrets.iter().map(|secret| StaticSecret::from(**secret)).find(|secret| {
        let x = base64url(PublicKey::from(secret).as_bytes());
        Curve::X25519.thumbprint(&x) == outside.kid
    }) else {
        return Err(SealFault::NoKey { kid: outside.kid });
    };
    let shared = secret.diffie_hellman(&PublicKey::from(outside.epk));
    if !shared.was_contributory() {
        return Err(SealFault::WeakKey);
    }
    let key = concat_kdf(shared.as_bytes(), ENC, b"", b"");
    let mut content = outside.body.ciphertext;
    decrypt(&key, &outside.body.iv, &outside.body.protected, &mut content, &outside.body.tag)
        .ok_or(SealFault::Broken)?;
    Ok(content)
}

/// Whether some JSON object is meant to be a sealed file.
#[must_use]
pub fn is_sealed(file: &[u8]) -> bool {
    file.len() <= MAX_SEALED_BYTES && typ_of(file).is_some_and(|typ| typ == SEALED_TYP)
}

/// Whether some JSON object is meant to be a locked coach key.
#[must_use]
pub fn is_locked(file: &[u8]) -> bool {
    file.len() <= MAX_LOCKED_BYTES && typ_of(file).is_some_and(|typ| typ == LOCKED_TYP)
}

/// Thumbprint of the key that opens a sealed file.
///
/// # Errors
/// The first fault of its outside.
pub fn sealed_kid(file: &[u8]) -> Result<String, SealFault> {
    Outside::of_sealed(file).map(|outside| outside.kid)
}

fn typ_of(file: &[u8]) -> Option<String> {
    let file = json::read(file).ok()?;
    file.get("ciphertext")?;
    let protected = from_base64url(file.get("protected")?.as_str()?)?;
    Some(json::read(&protected).ok()?.get("typ")?.as_str()?.to_owned())
}

/// The outside of a sealed file.
struct Outside {
    kid: String,
    epk: [u8; 32],
    body: Body,
}

impl Outside {
    fn of_sealed(file: &[u8]) -> Result<Self, SealFault> {
        if file.len() > MAX_SEALED_BYTES {
            return Err(SealFault::TooLarge);
        }
        let form = SealFault::Form;
        let file = json::read(file).map_err(|fault| form(fault.to_string()))?;
        let file = members(&file, &["ciphertext", "iv", "protected", "tag"]).map_err(form)?;
        let body = Body::read(file).map_err(form)?;
        let header = body.header_bytes().map_err(form)?;
        let header = header_of(&header).map_err(form)?;
        let header = members(&header, &["alg", "enc", "typ", "cty", "kid", "epk"]).map_err(form)?;
        let expected = [("alg", SEAL_ALG), ("enc", ENC), ("typ", SEALED_TYP), ("cty", "jose+json")];
        exactly(header, &expected).map_err(form)?;
        let kid = text(header, "kid").map_err(form)?.to_owned();
        let epk = header.get("epk").ok_or_else(|| form("epk".to_owned()))?;
        let (epk, _) = Curve::X25519.read_jwk(epk).map_err(|at| form(format!("epk.{at}")))?;
        Ok(Outside { kid, epk, body })
    }
}

/// The members that all our encrypted files have.
struct Body {
    protected: String,
    iv: [u8; 12],
    ciphertext: Vec<u8>,
    tag: [u8; 16],
}

impl Body {
    fn read(file: &Members<'_>) -> Result<Self, String> {
        Ok(Body {
            protected: text(file, "protected")?.to_owned(),
            iv: fixed(text(file, "iv")?).ok_or("iv")?,
            ciphertext: from_base64url(text(file, "ciphertext")?).ok_or("ciphertext")?,
            tag: fixed(text(file, "tag")?).ok_or("tag")?,
        })
    }

    fn header_bytes(&self) -> Result<Vec<u8>, String> {
        from_base64url(&self.protected).ok_or_else(|| "protected".to_owned())
    }
}

fn header_of(bytes: &[u8]) -> Result<Node<'_>, String> {
    json::read(bytes).map_err(|_| "protected".to_owned())
}

fn exactly(header: &Members<'_>, expected: &[(&str, &str)]) -> Result<(), String> {
    for (key, value) in expected {
        if text(header, key)? != *value {
            return Err((*key).to_owned());
        }
    }
    Ok(())
}

fn encoded(header: &Value) -> String {
    base64url(canonical(header).as_bytes())
}

/// The Concat KDF of RFC 7518 section 4.6.2 for a 256-bit key (one round of SHA-256), or its first
/// bits where `enc` needs fewer.
///
/// ```
/// // RFC 7518 appendix C
/// let z = [158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156,
///     251, 49, 110, 163, 218, 128, 106, 72, 246, 218, 167, 121, 140, 254, 144, 196];
/// let key = scoring::jose::concat_kdf(&z, "A128GCM", b"Alice", b"Bob");
/// assert_eq!(scoring::jose::base64url(&key[..16]), "VqqN6vgjbSBcIijNcacQGg");
/// ```
#[must_use]
pub fn concat_kdf(z: &[u8], enc: &str, apu: &[u8], apv: &[u8]) -> Zeroizing<[u8; 32]> {
    let bits: u32 = if enc == "A128GCM" { 128 } else { 256 };
    let mut hash = Sha256::new();
    hash.update(1_u32.to_be_bytes());
    hash.update(z);
    for part in [enc.as_bytes(), apu, apv] {
        hash.update(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.update(bits.to_be_bytes());
    Zeroizing::new(hash.finalize().into())
}

fn encrypt(key: &[u8; 32], iv: &[u8; 12], aad: &str, content: &mut [u8]) -> Option<[u8; 16]> {
    let cipher = Aes256Gcm::new(key.into());
    let tag = cipher.encrypt_inout_detached(iv.into(), aad.as_bytes(), content.into()).ok()?;
    Some(tag.into())
}

fn decrypt(
    key: &[u8; 32],
    iv: &[u8; 12],
    aad: &str,
    content: &mut [u8],
    tag: &[u8; 16],
) -> Option<()> {
    let cipher = Aes256Gcm::new(key.into());
    cipher.decrypt_inout_detached(iv.into(), aad.as_bytes(), content.into(), tag.into()).ok()
}

/// Fresh random bits for one locked file. Never used twice.
#[derive(Debug, Clone)]
pub struct Locking {
    /// PBES2 salt input.
    pub salt: [u8; 16],
    /// The content key.
    pub key: [u8; 32],
    /// The initialization vector.
    pub iv: [u8; 12],
}

/// Why a locked file cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockFailure {
    /// Not a file that this app locked.
    #[error("the file is not a locked key: a fault at {0}")]
    Form(String),
    /// The passphrase is not the right one, or the file was changed: nobody can tell which.
    #[error("the passphrase does not open the file")]
    Passphrase,
    /// It opened, but what is inside is not a coach's keys.
    #[error("the file holds no coach's keys: a fault at {0}")]
    Content(String),
}

impl LockFailure {
    /// Stable code, also the key of the texts that say what happened and what to do.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            LockFailure::Form(_) => "lock_form",
            LockFailure::Passphrase => "lock_passphrase",
            LockFailure::Content(_) => "lock_content",
        }
    }
}

/// Locks a JWK Set with a passphrase (RFC 7517 section 7, RFC 7518 section 4.8). `kid` names the
/// key on the outside, so that a locked file can be told from another without opening it.
#[must_use]
pub fn lock(jwks: &str, kid: &str, passphrase: &str, fresh: &Locking) -> Option<String> {
    let protected = encoded(&json!({
        "alg": LOCK_ALG,
        "enc": ENC,
        "typ": LOCKED_TYP,
        "cty": "jwk-set+json",
        "kid": kid,
        "p2c": PBES2_ITERATIONS,
        "p2s": base64url(&fresh.salt),
    }));
    let wrapping = wrapping_key(passphrase, &fresh.salt, PBES2_ITERATIONS);
    let mut wrapped = [0; 40];
    KwAes256::new((&*wrapping).into()).wrap_key(&fresh.key, &mut wrapped).ok()?;
    let mut content = jwks.as_bytes().to_vec();
    let tag = encrypt(&fresh.key, &fresh.iv, &protected, &mut content)?;
    Some(canonical(&json!({
        "ciphertext": base64url(&content),
        "encrypted_key": base64url(&wrapped),
        "iv": base64url(&fresh.iv),
        "protected": protected,
        "tag": base64url(&tag),
    })))
}

/// The name of the key in a locked file.
///
/// # Errors
/// The first fault of its outside.
pub fn locked_kid(file: &[u8]) -> Result<String, LockFailure> {
    Locked::read(file).map(|locked| locked.kid)
}

/// Opens a locked file.
///
/// # Errors
/// The first fault met.
pub fn unlock(file: &[u8], passphrase: &str) -> Result<Zeroizing<Vec<u8>>, LockFailure> {
    let Locked { wrapped, salt, iterations, body, .. } = Locked::read(file)?;
    let wrapping = wrapping_key(passphrase, &salt, iterations);
    let mut key = Zeroizing::new([0; 32]);
    KwAes256::new((&*wrapping).into())
        .unwrap_key(&wrapped, key.as_mut_slice())
        .map_err(|_| LockFailure::Passphrase)?;
    let mut content = Zeroizing::new(body.ciphertext);
    decrypt(&key, &body.iv, &body.protected, &mut content, &body.tag)
        .ok_or(LockFailure::Passphrase)?;
    Ok(content)
}

struct Locked {
    kid: String,
    wrapped: [u8; 40],
    salt: Vec<u8>,
    iterations: u32,
    body: Body,
}

impl Locked {
    fn read(file: &[u8]) -> Result<Self, LockFailure> {
        Self::parts(file).map_err(LockFailure::Form)
    }

    fn parts(file: &[u8]) -> Result<Self, String> {
        if file.len() > MAX_LOCKED_BYTES {
            return Err("size".to_owned());
        }
        let file = json::read(file).map_err(|fault| fault.to_string())?;
        let file = members(&file, &["ciphertext", "encrypted_key", "iv", "protected", "tag"])?;
        let body = Body::read(file)?;
        let wrapped = fixed(text(file, "encrypted_key")?).ok_or("encrypted_key")?;
        let header = body.header_bytes()?;
        let header = header_of(&header)?;
        let header = members(&header, &["alg", "enc", "typ", "cty", "kid", "p2c", "p2s"])?;
        let expected =
            [("alg", LOCK_ALG), ("enc", ENC), ("typ", LOCKED_TYP), ("cty", "jwk-set+json")];
        exactly(header, &expected)?;
        let salt = from_base64url(text(header, "p2s")?).filter(|salt| salt.len() >= 8);
        let iterations = header.get("p2c").and_then(Node::as_i64);
        let iterations = iterations.filter(|n| ITERATIONS_READ.contains(n)).ok_or("p2c")?;
        Ok(Locked {
            kid: text(header, "kid")?.to_owned(),
            wrapped,
            salt: salt.ok_or("p2s")?,
            iterations: u32::try_from(iterations).map_err(|_| "p2c")?,
            body,
        })
    }
}

/// RFC 7518 section 4.8.1.1: the salt is the algorithm's name, a zero byte, and the salt input.
fn wrapping_key(passphrase: &str, salt: &[u8], iterations: u32) -> Zeroizing<[u8; 32]> {
    let salt = [LOCK_ALG.as_bytes(), &[0], salt].concat();
    let mut key = Zeroizing::new([0; 32]);
    pbkdf2::pbkdf2_hmac::<Sha512>(passphrase.as_bytes(), &salt, iterations, key.as_mut_slice());
    key
}
