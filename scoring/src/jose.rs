//! What all our files share: JSON Object Signing and Encryption, kept to the few forms we write.
//!
//! | module | form |
//! |---|---|
//! | `ed25519` | signatures (RFC 8032) |
//! | `jws` | signed with Ed25519, flattened JSON or compact (RFC 7515, RFC 8037) |
//! | `jwe` | sealed for an X25519 key, or locked with a passphrase (RFC 7516, RFC 7518) |
//!
//! A reader here verifies and never repairs. Other libraries accept more than we do: members beside
//! the expected ones, trailing bits in base64url, a key that does not match its name.

mod ed25519;
mod jwe;
mod jws;

pub use ed25519::{is_signature, sign};
pub use jwe::{
    LockFailure, Locking, MAX_SEALED_BYTES, PBES2_ITERATIONS, SealFault, Sealing, concat_kdf,
    is_locked, is_sealed, lock, locked_kid, protects, seal, sealed_kid, unlock, unseal,
};
pub use jws::{EnvelopeFault, SelfSigned, Unproven, Unsigned, compact, compact_by, flattened};

use crate::json::{Members, Node};
use base64_simd::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};

const ISSUER_PREFIX: &str = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:";

/// The curves of our keys: one signs, the other receives sealed files. One key, one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// Signatures (RFC 8032).
    Ed25519,
    /// Key agreement (RFC 7748).
    X25519,
}

impl Curve {
    /// Its registered name (RFC 8037 section 5).
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Curve::Ed25519 => "Ed25519",
            Curve::X25519 => "X25519",
        }
    }

    /// The RFC 7638 thumbprint of a public key on this curve: SHA-256 of its required JWK members
    /// in lexical order, in base64url.
    ///
    /// ```
    /// // RFC 8037 appendix A.3
    /// let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    /// let kid = scoring::jose::Curve::Ed25519.thumbprint(x);
    /// assert_eq!(kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    /// ```
    #[must_use]
    pub fn thumbprint(self, x: &str) -> String {
        let name = self.name();
        base64url(&Sha256::digest(format!(r#"{{"crv":"{name}","kty":"OKP","x":"{x}"}}"#)))
    }

    /// The public key as a JWK.
    #[must_use]
    pub fn jwk(self, x: &str) -> Value {
        serde_json::json!({"crv": self.name(), "kty": "OKP", "x": x})
    }

    /// The 32 bytes of a JWK that has exactly the members of a public key, and their encoding.
    ///
    /// # Errors
    /// The member that is missing, surplus or wrong.
    pub fn read_jwk<'a>(self, jwk: &'a Node<'_>) -> Result<([u8; 32], &'a str), String> {
        let jwk = members(jwk, &["crv", "kty", "x"])?;
        if text(jwk, "crv")? != self.name() {
            return Err("crv".to_owned());
        }
        if text(jwk, "kty")? != "OKP" {
            return Err("kty".to_owned());
        }
        let x = text(jwk, "x")?;
        Ok((fixed(x).ok_or("x")?, x))
    }
}

/// The issuer that a key stands for (RFC 9278).
#[must_use]
pub fn issuer(kid: &str) -> String {
    format!("{ISSUER_PREFIX}{kid}")
}

/// The thumbprint of the key that an issuer is.
fn kid_of(issuer: &str) -> Option<&str> {
    issuer.strip_prefix(ISSUER_PREFIX)
}

/// Unpadded base64url (RFC 7515 section 2).
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// Strict unpadded base64url: no padding, no white space, canonical trailing bits.
#[must_use]
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode_to_vec(text).ok()
}

/// Base64url of exactly so many bytes.
#[must_use]
pub fn fixed<const N: usize>(text: &str) -> Option<[u8; N]> {
    from_base64url(text).and_then(|bytes| bytes.try_into().ok())
}

/// An object that has exactly these members; the error is the first that is surplus or missing.
fn members<'a, 'b>(node: &'b Node<'a>, expected: &[&str]) -> Result<&'b Members<'a>, String> {
    node.exactly(expected).map_err(|name| name.unwrap_or_else(|| "object".to_owned()))
}

fn text<'b>(object: &'b Members<'_>, name: &str) -> Result<&'b str, String> {
    object.get(name).and_then(Node::as_str).ok_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64ct::{Base64UrlUnpadded, Encoding};
    use proptest::prelude::*;

    proptest! {
        /// Nearly right texts of any length, against base64ct.
        #[test]
        fn base64url_is_what_another_decoder_says(text in "[A-Za-z0-9_-]{0,70}", more in "[=+/ \u{0}é]?", place: prop::sample::Index) {
            let mut text = text;
            text.insert_str(place.index(text.len() + 1), &more);
            prop_assert_eq!(from_base64url(&text), Base64UrlUnpadded::decode_vec(&text).ok());
        }

        #[test]
        fn base64url_brings_bytes_back(bytes: Vec<u8>) {
            prop_assert_eq!(from_base64url(&base64url(&bytes)), Some(bytes));
        }
    }
}
