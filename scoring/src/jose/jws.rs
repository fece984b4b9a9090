//! Signed files: strict reading, and the bytes to sign.

use super::{Curve, base64url, from_base64url, kid_of, members, text};
use crate::json::{self, Fault, Node, canonical};
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The algorithm that is written. `Ed25519` (RFC 9864) is accepted as well.
const ALG: &str = "EdDSA";

/// Why a signed file cannot be believed, whatever it is about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeFault {
    /// Larger than its kind can be; nothing was parsed.
    #[error("the file is larger than one of its kind can be")]
    TooLarge,
    /// Empty.
    #[error("the file is empty")]
    Empty,
    /// Not JSON.
    #[error("the file is not valid JSON (line {line}, column {column})")]
    NotJson {
        /// One-based line.
        line: usize,
        /// One-based column.
        column: usize,
    },
    /// Nested too deeply.
    #[error("the file is nested too deeply")]
    TooDeep,
    /// A member occurs twice.
    #[error("the file says something twice")]
    DuplicateMember,
    /// A number is not an integer.
    #[error("the file has a number that is not an integer")]
    NotInteger,
    /// JSON or text, but not in the form of a signed file of this app.
    #[error("the file is not one that Plumbline signs")]
    Form,
    /// Not strict base64url.
    #[error("part \"{0}\" is not canonical base64url")]
    Encoding(&'static str),
    /// The header is not exactly what its kind has.
    #[error("the signature header has a fault at {0}")]
    Header(String),
    /// Signed for another purpose.
    #[error("the file was signed for another purpose: {0}")]
    Purpose(String),
    /// The signature does not fit the content and key.
    #[error("the signature does not fit the content")]
    Signature,
    /// The key does not match its name.
    #[error("the key does not match its name")]
    KeyMismatch,
}

impl EnvelopeFault {
    /// Stable code, also the key of the texts that say what happened and what to do.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            EnvelopeFault::TooLarge => "too_large",
            EnvelopeFault::Empty => "empty",
            EnvelopeFault::NotJson { .. } => "not_json",
            EnvelopeFault::TooDeep => "too_deep",
            EnvelopeFault::DuplicateMember => "duplicate_member",
            EnvelopeFault::NotInteger => "not_integer",
            EnvelopeFault::Form => "not_a_result",
            EnvelopeFault::Encoding(_) => "encoding",
            EnvelopeFault::Header(_) => "header",
            EnvelopeFault::Purpose(_) => "purpose",
            EnvelopeFault::Signature => "signature",
            EnvelopeFault::KeyMismatch => "key_mismatch",
        }
    }
}

impl From<Fault> for EnvelopeFault {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Syntax { line, column } => EnvelopeFault::NotJson { line, column },
            Fault::TooDeep => EnvelopeFault::TooDeep,
            Fault::DuplicateMember => EnvelopeFault::DuplicateMember,
            Fault::NotInteger => EnvelopeFault::NotInteger,
        }
    }
}

/// A payload whose signature fits the key that came with it. "Self-signed", never "trusted".
#[derive(Debug, Clone)]
pub struct SelfSigned {
    /// Thumbprint of the key.
    pub kid: String,
    /// The key.
    pub public: [u8; 32],
    content: Vec<u8>,
    names_issuer: bool,
    signing_input: String,
}

impl SelfSigned {
    /// Reads what was signed.
    ///
    /// # Errors
    /// The first fault met: it is not strict JSON, or a file's payload names another key as its issuer.
    pub fn payload(&self) -> Result<Node<'_>, EnvelopeFault> {
        let payload = json::read(&self.content)?;
        let named = payload.get("iss").and_then(Node::as_str);
        if self.names_issuer && named.and_then(kid_of) != Some(self.kid.as_str()) {
            return Err(EnvelopeFault::KeyMismatch);
        }
        Ok(payload)
    }

    /// SHA-256 of the signing input: what names a link.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.signing_input).into()
    }

    /// SHA-256 of a zero byte and the signing input: equal exactly when two files say the same, byte for byte.
    /// It is what a list of receipts holds, and is never taken for a digest of something else.
    #[must_use]
    pub fn receipt(&self) -> [u8; 32] {
        Sha256::new().chain_update([0]).chain_update(&self.signing_input).finalize().into()
    }
}

/// Checks a flattened JSON JWS of one purpose, whose payload names its key as issuer.
///
/// The order of the checks is part of the format: size before parsing, structure before
/// cryptography, the signature before anything in the payload is looked at.
///
/// # Errors
/// The first fault met.
pub fn flattened(file: &[u8], typ: &str, max: usize) -> Result<SelfSigned, EnvelopeFault> {
    if file.len() > max {
        return Err(EnvelopeFault::TooLarge);
    }
    if file.iter().all(u8::is_ascii_whitespace) {
        return Err(EnvelopeFault::Empty);
    }
    // A general JWS (`signatures`), an unprotected `header` or anything else beside the three is
    // refused, because other readers disagree on it.
    let file = json::read(file)?;
    let parts = members(&file, &["payload", "protected", "signature"])
        .and_then(|file| {
            Ok([text(file, "protected")?, text(file, "payload")?, text(file, "signature")?])
        })
        .map_err(|_| EnvelopeFault::Form)?;
    Ok(SelfSigned { names_issuer: true, ..self_signed(parts, typ)? })
}

/// Checks a compact JWS of one purpose. Its payload names no issuer: it travels in addresses, has to be short,
/// and its header names the key already.
///
/// # Errors
/// The first fault met.
pub fn compact(token: &str, typ: &str, max: usize) -> Result<SelfSigned, EnvelopeFault> {
    self_signed(three_parts(token, max)?, typ)
}

/// Checks a compact JWS whose key is known from elsewhere: neither the key nor its name comes along. What comes
/// back is the payload, not yet read.
///
/// # Errors
/// The first fault met.
pub fn compact_by(
    token: &str,
    typ: &str,
    max: usize,
    public: &[u8; 32],
) -> Result<Vec<u8>, EnvelopeFault> {
    let [protected, payload, signature] = three_parts(token, max)?;
    let protected_json = decoded(protected, "protected")?;
    header(&protected_json, &["alg", "typ"], typ)?;
    let content = decoded(payload, "payload")?;
    let signature = decoded(signature, "signature")?;
    if !is_signature(public, format!("{protected}.{payload}").as_bytes(), &signature) {
        return Err(EnvelopeFault::Signature);
    }
    Ok(content)
}

fn three_parts(token: &str, max: usize) -> Result<[&str; 3], EnvelopeFault> {
    if token.len() > max {
        return Err(EnvelopeFault::TooLarge);
    }
    if token.is_empty() {
        return Err(EnvelopeFault::Empty);
    }
    let mut parts = token.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(protected), Some(payload), Some(signature), None) => {
            Ok([protected, payload, signature])
        }
        _ => Err(EnvelopeFault::Form),
    }
}

fn self_signed(
    [protected, payload, signature]: [&str; 3],
    typ: &str,
) -> Result<SelfSigned, EnvelopeFault> {
    let protected_json = decoded(protected, "protected")?;
    let header = header(&protected_json, &["alg", "jwk", "kid", "typ"], typ)?;
    let content = decoded(payload, "payload")?;
    let signature = decoded(signature, "signature")?;
    let fault = EnvelopeFault::Header;
    let header = header.as_object().ok_or(EnvelopeFault::Form)?;
    let jwk = header.get("jwk").ok_or_else(|| fault("jwk".to_owned()))?;
    let (public, x) = Curve::Ed25519.read_jwk(jwk).map_err(|at| fault(format!("jwk.{at}")))?;

    let signing_input = [protected, payload].join(".");
    if !is_signature(&public, signing_input.as_bytes(), &signature) {
        return Err(EnvelopeFault::Signature);
    }
    let kid = Curve::Ed25519.thumbprint(x);
    if text(header, "kid").map_err(fault)? != kid {
        return Err(EnvelopeFault::KeyMismatch);
    }
    Ok(SelfSigned { kid, public, content, names_issuer: false, signing_input })
}

fn decoded(part: &str, name: &'static str) -> Result<Vec<u8>, EnvelopeFault> {
    from_base64url(part).ok_or(EnvelopeFault::Encoding(name))
}

/// The header by allow-list: no `crit`, `jku`, `x5u`, `zip`, and never a private `d`.
fn header<'a>(json: &'a [u8], expected: &[&str], typ: &str) -> Result<Node<'a>, EnvelopeFault> {
    let fault = EnvelopeFault::Header;
    let header = json::read(json).map_err(|_| fault("JSON".to_owned()))?;
    let object = members(&header, expected).map_err(fault)?;
    if !["Ed25519", ALG].contains(&text(object, "alg").map_err(fault)?) {
        return Err(fault("alg".to_owned()));
    }
    match text(object, "typ").map_err(fault)? {
        found if found == typ => Ok(header),
        found => Err(EnvelopeFault::Purpose(found.to_owned())),
    }
}

/// Whether an Ed25519 signature holds: RFC 8032 section 5.1.7 with the strict additions of "Taming the many EdDSAs" (Chalkias,
/// Garillot & Nikolaenko 2020): keys and commitments of small order and non-canonical encodings are refused. One by
/// one: batch verification accepts or refuses some signatures depending on their company.
///
/// The verdict is that of `verify_strict`, which decompresses the commitment only to see whether its order is small.
/// That can be told from its bytes, and `verify` compares these with those of a point, so that no other encoding of it
/// passes: a tenth of the time less.
#[must_use]
pub fn is_signature(public: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) =
        (VerifyingKey::from_bytes(public), Signature::from_slice(signature))
    else {
        return false;
    };
    let is_small = has_small_order(public) || has_small_order(signature.r_bytes());
    !is_small && key.verify(message, &signature).is_ok()
}

/// Whether some bytes encode a point of order 1, 2, 4 or 8, whatever its sign: there are five such y ("Taming the many
/// EdDSAs", table 1), two of which are small enough to be encoded a second time, the prime added.
fn has_small_order(encoding: &[u8; 32]) -> bool {
    const fn y(first: u8, middle: u8, last: u8) -> [u8; 32] {
        let mut bytes = [middle; 32];
        (bytes[0], bytes[31]) = (first, last);
        bytes
    }
    const SMALL: [[u8; 32]; 7] = [
        y(0, 0, 0),
        y(1, 0, 0),
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef,
            0x98, 0xf0, //
            0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
            0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10,
            0x67, 0x0f, //
            0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
            0x03, 0x7a,
        ],
        y(0xec, 0xff, 0x7f),
        y(0xed, 0xff, 0x7f),
        y(0xee, 0xff, 0x7f),
    ];
    let mut y = *encoding;
    y[31] &= 0x7f;
    SMALL.contains(&y)
}

/// Signs with a 32-byte seed (RFC 8032 section 5.1.6).
#[must_use]
pub fn sign(seed: &[u8; 32], message: &[u8]) -> [u8; 64] {
    SigningKey::from_bytes(seed).sign(message).to_bytes()
}

/// A file before its signature: the two encoded parts that the signature covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned {
    protected: String,
    payload: String,
}

impl Unsigned {
    /// Something to be signed with the key whose public half is `public`, which comes along.
    #[must_use]
    pub fn self_signed(typ: &str, public: &[u8; 32], payload: &Value) -> Self {
        let x = base64url(public);
        let kid = Curve::Ed25519.thumbprint(&x);
        let jwk = Curve::Ed25519.jwk(&x);
        Self::new(&json!({"alg": ALG, "typ": typ, "kid": kid, "jwk": jwk}), payload)
    }

    /// Something to be signed with a key that its readers know.
    #[must_use]
    pub fn without_key(typ: &str, payload: &Value) -> Self {
        Self::new(&json!({"alg": ALG, "typ": typ}), payload)
    }

    fn new(header: &Value, payload: &Value) -> Self {
        let part = |value: &Value| base64url(canonical(value).as_bytes());
        Unsigned { protected: part(header), payload: part(payload) }
    }

    /// The JWS signing input (RFC 7515 section 5.1): the bytes to sign.
    #[must_use]
    pub fn signing_input(&self) -> Vec<u8> {
        format!("{}.{}", self.protected, self.payload).into_bytes()
    }

    /// The flattened JSON file, once signed.
    #[must_use]
    pub fn signed(&self, signature: &[u8; 64]) -> String {
        canonical(&json!({
            "payload": self.payload,
            "protected": self.protected,
            "signature": base64url(signature),
        }))
    }

    /// The compact form, once signed.
    #[must_use]
    pub fn compact(&self, signature: &[u8; 64]) -> String {
        format!("{}.{}.{}", self.protected, self.payload, base64url(signature))
    }
}
