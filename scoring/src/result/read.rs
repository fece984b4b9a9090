//! The one reader of result files. It verifies and never repairs: the first fault ends the reading.

use super::{ALG, Claims, ISSUER_PREFIX, MAX_RESULT_BYTES, SOLO_AUDIENCE, TYP};
use super::{from_base64url, thumbprint};
use crate::answers::SheetFault;
use crate::instrument::Instrument;
use crate::json::{self, Fault};
use crate::score::{Scores, score};
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// A result whose signature, identity and content were checked, re-scored from its answers.
#[derive(Debug, Clone)]
pub struct VerifiedResult {
    claims: Claims,
    instrument: Arc<Instrument>,
    scores: Scores,
    digest: [u8; 32],
    scores_differ: bool,
}

impl VerifiedResult {
    /// What the file says.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The instrument it was answered on.
    #[must_use]
    pub fn instrument(&self) -> &Arc<Instrument> {
        &self.instrument
    }

    /// Scores computed here from the answers, never the claimed ones.
    #[must_use]
    pub fn scores(&self) -> &Scores {
        &self.scores
    }

    /// SHA-256 of the signing input: equal exactly when two files say the same, byte for byte.
    #[must_use]
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// Whether the claimed scores differ from the re-computed ones.
    #[must_use]
    pub fn scores_differ(&self) -> bool {
        self.scores_differ
    }
}

/// Why a file is not counted. Each has a stable code that is also the key of its texts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Larger than [`MAX_RESULT_BYTES`]; nothing was parsed.
    #[error("the file is larger than a result can be")]
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
    /// JSON, but not a signed result of this app.
    #[error("the file is not a Plumbline result")]
    NotAResult,
    /// Not strict base64url.
    #[error("part \"{0}\" is not canonical base64url")]
    Encoding(&'static str),
    /// The header is not exactly what a result has.
    #[error("the signature header is not that of a result: {0}")]
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
    /// A member of the payload is missing, surplus or of the wrong type.
    #[error("the content has a fault at {0}")]
    Content(String),
    /// For a cohort, which this reader was not asked to read.
    #[error("the file is for another cohort")]
    Audience,
    /// No such instrument here.
    #[error("the instrument \"{0}\" is not known here")]
    UnknownInstrument(String),
    /// The instrument, but not this version.
    #[error("version {version} of instrument \"{id}\" is not known here")]
    UnknownVersion {
        /// Instrument id.
        id: String,
        /// The version the file names.
        version: String,
    },
    /// The version is known, but its definition differs.
    #[error("the file was answered on a different definition of \"{0}\"")]
    DefinitionMismatch(String),
    /// The answers cannot belong to the instrument.
    #[error("the answers do not fit the instrument: {0}")]
    Answers(#[from] SheetFault),
}

impl Refusal {
    /// Stable code, also the key of the texts that say what happened and what to do.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::TooLarge => "too_large",
            Refusal::Empty => "empty",
            Refusal::NotJson { .. } => "not_json",
            Refusal::TooDeep => "too_deep",
            Refusal::DuplicateMember => "duplicate_member",
            Refusal::NotInteger => "not_integer",
            Refusal::NotAResult => "not_a_result",
            Refusal::Encoding(_) => "encoding",
            Refusal::Header(_) => "header",
            Refusal::Purpose(_) => "purpose",
            Refusal::Signature => "signature",
            Refusal::KeyMismatch => "key_mismatch",
            Refusal::Content(_) => "content",
            Refusal::Audience => "audience",
            Refusal::UnknownInstrument(_) => "unknown_instrument",
            Refusal::UnknownVersion { .. } => "unknown_version",
            Refusal::DefinitionMismatch(_) => "definition_mismatch",
            Refusal::Answers(_) => "answers",
        }
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Syntax { line, column } => Refusal::NotJson { line, column },
            Fault::TooDeep => Refusal::TooDeep,
            Fault::DuplicateMember => Refusal::DuplicateMember,
            Fault::NotInteger => Refusal::NotInteger,
        }
    }
}

/// Reads and verifies one result file against the instruments that are known here.
///
/// The order of the checks is part of the format: size before parsing, structure before
/// cryptography, the signature before anything in the payload is believed.
///
/// # Errors
/// The first fault met.
pub fn verify(file: &[u8], instruments: &[Arc<Instrument>]) -> Result<VerifiedResult, Refusal> {
    if file.len() > MAX_RESULT_BYTES {
        return Err(Refusal::TooLarge);
    }
    if file.iter().all(u8::is_ascii_whitespace) {
        return Err(Refusal::Empty);
    }
    let [payload, protected, signature] = three_members(&json::parse(file)?)?;
    let header = from_base64url(&protected).ok_or(Refusal::Encoding("protected"))?;
    let content = from_base64url(&payload).ok_or(Refusal::Encoding("payload"))?;
    let signature = from_base64url(&signature).ok_or(Refusal::Encoding("signature"))?;

    let header =
        header_key(&json::parse(&header).map_err(|_| Refusal::Header("JSON".to_owned()))?)?;
    let signing_input = [protected.as_bytes(), b".", payload.as_bytes()].concat();
    check_signature(&header.public, &signing_input, &signature)?;
    if thumbprint(&header.x) != header.kid {
        return Err(Refusal::KeyMismatch);
    }

    let claims = Claims::from_json(&json::parse(&content)?).map_err(Refusal::Content)?;
    if claims.iss.strip_prefix(ISSUER_PREFIX) != Some(header.kid.as_str()) {
        return Err(Refusal::KeyMismatch);
    }
    if claims.aud != SOLO_AUDIENCE {
        return Err(Refusal::Audience);
    }
    if from_base64url(&claims.jti).is_none_or(|bits| bits.len() != 16) {
        return Err(Refusal::Content("jti".to_owned()));
    }
    let instrument = known_instrument(&claims, instruments)?;
    claims.survey.sheet.check(&instrument)?;

    let scores = score(&instrument, &claims.survey.sheet);
    let scores_differ = scores_differ(&claims, &scores);
    let digest = Sha256::digest(&signing_input).into();
    Ok(VerifiedResult { claims, instrument, scores, digest, scores_differ })
}

/// Exactly the members of a flattened JWS, each a string: a general JWS (`signatures`), an
/// unprotected `header` or anything beside them is refused, because other readers disagree on it.
fn three_members(file: &Value) -> Result<[String; 3], Refusal> {
    let object = file.as_object().filter(|object| object.len() == 3).ok_or(Refusal::NotAResult)?;
    let text = |key: &str| {
        object.get(key).and_then(Value::as_str).map(str::to_owned).ok_or(Refusal::NotAResult)
    };
    Ok([text("payload")?, text("protected")?, text("signature")?])
}

struct Header {
    kid: String,
    x: String,
    public: [u8; 32],
}

/// The header members by allow-list: no `crit`, `jku`, `x5u`, `zip`, and never a private `d`.
fn header_key(header: &Value) -> Result<Header, Refusal> {
    let fault = |at: &str| Refusal::Header(at.to_owned());
    let header = members(header, &["alg", "typ", "kid", "jwk"]).map_err(Refusal::Header)?;
    let text = |object: &Map<String, Value>, key: &str| {
        object.get(key).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| fault(key))
    };
    if !["Ed25519", ALG].contains(&text(header, "alg")?.as_str()) {
        return Err(fault("alg"));
    }
    let typ = text(header, "typ")?;
    if typ != TYP {
        return Err(Refusal::Purpose(typ));
    }
    let jwk = header.get("jwk").ok_or_else(|| fault("jwk"))?;
    let jwk = members(jwk, &["crv", "kty", "x"]).map_err(|at| fault(&format!("jwk.{at}")))?;
    if text(jwk, "crv")? != "Ed25519" || text(jwk, "kty")? != "OKP" {
        return Err(fault("jwk"));
    }
    let x = text(jwk, "x")?;
    let public = from_base64url(&x).and_then(|bytes| bytes.try_into().ok());
    Ok(Header { kid: text(header, "kid")?, public: public.ok_or_else(|| fault("jwk.x"))?, x })
}

fn members<'a>(value: &'a Value, allowed: &[&str]) -> Result<&'a Map<String, Value>, String> {
    let object = value.as_object().ok_or("object")?;
    match object.keys().find(|key| !allowed.contains(&key.as_str())) {
        Some(unknown) => Err(unknown.clone()),
        None => Ok(object),
    }
}

/// RFC 8032 section 5.1.7 with the strict additions of "Taming the many EdDSAs" (Chalkias,
/// Garillot & Nikolaenko 2020): small-order keys and non-canonical encodings are refused. One by
/// one: batch verification accepts or refuses some signatures depending on their company.
fn check_signature(public: &[u8; 32], message: &[u8], signature: &[u8]) -> Result<(), Refusal> {
    let key = VerifyingKey::from_bytes(public).map_err(|_| Refusal::Signature)?;
    let signature = Signature::from_slice(signature).map_err(|_| Refusal::Signature)?;
    key.verify_strict(message, &signature).map_err(|_| Refusal::Signature)
}

fn known_instrument(
    claims: &Claims,
    instruments: &[Arc<Instrument>],
) -> Result<Arc<Instrument>, Refusal> {
    let survey = &claims.survey;
    let mut same_id =
        instruments.iter().filter(|known| known.definition().id == survey.instrument).peekable();
    if same_id.peek().is_none() {
        return Err(Refusal::UnknownInstrument(survey.instrument.clone()));
    }
    let Some(found) = same_id.find(|known| known.definition().version == survey.version) else {
        let (id, version) = (survey.instrument.clone(), survey.version.clone());
        return Err(Refusal::UnknownVersion { id, version });
    };
    if found.sha256_hex() != survey.sha256 {
        return Err(Refusal::DefinitionMismatch(survey.instrument.clone()));
    }
    Ok(Arc::clone(found))
}

fn scores_differ(claims: &Claims, scores: &Scores) -> bool {
    let claimed = &claims.survey.claimed_scores;
    claimed.len() != scores.scales.len()
        || scores.scales.iter().any(|score| {
            claimed.get(&score.scale).is_none_or(|claim| {
                claim.sum != score.sum || usize::try_from(claim.n).ok() != Some(score.n_answered)
            })
        })
}
