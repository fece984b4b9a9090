//! The signed result file: a flattened JSON JWS (RFC 7515 section 7.2.2) signed with Ed25519
//! (RFC 8037), whose payload says what was answered.
//!
//! [`unsigned`] builds what a participant signs; [`verify`] is the only reader, and
//! [`VerifiedResult`] has no other constructor, so nothing unverified can be aggregated.
//!
//! What a valid file proves: these bytes were signed by whoever holds this key and are unchanged
//! since; two files with one key share a holder. It does not prove who that is, that the answers are
//! honest, when they were given, or that nothing was left out.

mod claims;
mod read;
mod write;

pub use claims::{App, ClaimedScore, Claims, Policy, SurveyClaims, Timing};
pub use read::{Refusal, VerifiedResult, verify};
pub use write::{Signing, TokenId, Unsigned, unsigned};

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};

/// Largest result file that is read, in bytes.
pub const MAX_RESULT_BYTES: usize = 256 * 1024;

/// The `typ` of a result (domain separation from every other file that we sign).
pub const TYP: &str = "survey-result+jwt";

/// The algorithm that is written. `Ed25519` (RFC 9864) is accepted as well.
pub const ALG: &str = "EdDSA";

/// Audience of a result that belongs to no cohort.
pub const SOLO_AUDIENCE: &str = "urn:survey:cohort:solo";

const ISSUER_PREFIX: &str = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:";

/// The RFC 7638 thumbprint of an Ed25519 public key: SHA-256 of its required JWK members in
/// lexical order, in base64url.
///
/// ```
/// // RFC 8037 appendix A.3
/// let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
/// assert_eq!(scoring::result::thumbprint(x), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
/// ```
#[must_use]
pub fn thumbprint(x: &str) -> String {
    base64url(&Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)))
}

/// Unpadded base64url (RFC 7515 section 2).
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Strict unpadded base64url: no padding, no white space, canonical trailing bits.
#[must_use]
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
}
