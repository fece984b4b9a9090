//! Signed files: strict reading, and the bytes to sign.

use super::ed25519::{Claim, is_signature};
use super::{Curve, base64url, from_base64url, kid_of, members, text};
use crate::json::{self, Fault, Node, canonical};
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

/// A signed file whose signature is still to be checked.
#[derive(Debug)]
pub struct Unproven {
    claim: Claim,
    /// What is wrong with the name of the key, if anything is.
    named: Result<(), EnvelopeFault>,
    signed: SelfSigned,
}

impl Unproven {
    /// Reads a flattened JSON JWS of one purpose, whose payload names its key as issuer.
    ///
    /// The order of the checks is part of the format: size before parsing, structure before
    /// cryptography, the signature before anything in the payload is looked at.
    ///
    /// # Errors
    /// The first fault met.
    pub fn flattened(file: &[u8], typ: &str, max: usize) -> Result<Self, EnvelopeFault> {
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
        let unproven = Self::read(parts, typ)?;
        Ok(Unproven { signed: SelfSigned { names_issuer: true, ..unproven.signed }, ..unproven })
    }

    fn read([protected, payload, signature]: [&str; 3], typ: &str) -> Result<Self, EnvelopeFault> {
        let protected_json = decoded(protected, "protected")?;
        let header = header(&protected_json, &["alg", "jwk", "kid", "typ"], typ)?;
        let content = decoded(payload, "payload")?;
        let signature = decoded(signature, "signature")?;
        let fault = EnvelopeFault::Header;
        let header = header.as_object().ok_or(EnvelopeFault::Form)?;
        let jwk = header.get("jwk").ok_or_else(|| fault("jwk".to_owned()))?;
        let (public, x) = Curve::Ed25519.read_jwk(jwk).map_err(|at| fault(format!("jwk.{at}")))?;

        let signing_input = [protected, payload].join(".");
        let claim = Claim::of(&public, signing_input.as_bytes(), &signature);
        let claim = claim.ok_or(EnvelopeFault::Signature)?;
        let kid = Curve::Ed25519.thumbprint(x);
        let named = match text(header, "kid") {
            Ok(named) if named == kid => Ok(()),
            Ok(_) => Err(EnvelopeFault::KeyMismatch),
            Err(at) => Err(fault(at)),
        };
        let signed = SelfSigned { kid, public, content, names_issuer: false, signing_input };
        Ok(Unproven { claim, named, signed })
    }

    /// Checks the signatures of many, each by itself; together they take less time. What could not be read stays what
    /// it is.
    #[must_use]
    pub fn prove(many: Vec<Result<Self, EnvelopeFault>>) -> Vec<Result<SelfSigned, EnvelopeFault>> {
        let claims = many.iter().flatten().map(|unproven| &unproven.claim);
        let mut holds = Claim::hold(claims).into_iter();
        let mut prove = |unproven: Self| unproven.proven(holds.next() == Some(true));
        many.into_iter().map(|unproven| unproven.and_then(&mut prove)).collect()
    }

    fn prove_one(self) -> Result<SelfSigned, EnvelopeFault> {
        let holds = self.claim.holds();
        self.proven(holds)
    }

    fn proven(self, holds: bool) -> Result<SelfSigned, EnvelopeFault> {
        if !holds {
            return Err(EnvelopeFault::Signature);
        }
        self.named.map(|()| self.signed)
    }
}

/// Checks a flattened JSON JWS of one purpose, as [`Unproven::flattened`] reads it.
///
/// # Errors
/// The first fault met.
pub fn flattened(file: &[u8], typ: &str, max: usize) -> Result<SelfSigned, EnvelopeFault> {
    Unproven::flattened(file, typ, max)?.prove_one()
}

/// Checks a compact JWS of one purpose. Its payload names no issuer: it travels in addresses, has to be short,
/// and its header names the key already.
///
/// # Errors
/// The first fault met.
pub fn compact(token: &str, typ: &str, max: usize) -> Result<SelfSigned, EnvelopeFault> {
    Unproven::read(three_parts(token, max)?, typ)?.prove_one()
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
