//! A coach's keys: one that signs links, invitations and group reports, and one that sealed results
//! are sealed for. They leave memory only locked with a passphrase.

use crate::jose::{Curve, LockFailure, Locking, base64url, fixed, lock, locked_kid, sign, unlock};
use crate::json::{self, Node, canonical};
use crate::result::Object;
use ed25519_dalek::SigningKey;
use serde_json::json;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

/// Fewest characters of a passphrase.
pub const MIN_PASSPHRASE_CHARS: usize = 12;

/// A coach's private keys, in memory.
pub struct CoachKey {
    signing: Zeroizing<[u8; 32]>,
    seal: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for CoachKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("CoachKey").field(&self.kid()).finish()
    }
}

impl CoachKey {
    /// The keys of two independent random seeds.
    #[must_use]
    pub fn from_seeds(signing: [u8; 32], seal: [u8; 32]) -> Self {
        CoachKey { signing: Zeroizing::new(signing), seal: Zeroizing::new(seal) }
    }

    /// The public half of the signing key.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        SigningKey::from_bytes(&self.signing).verifying_key().to_bytes()
    }

    /// Thumbprint of the signing key: the coach's name among keys.
    #[must_use]
    pub fn kid(&self) -> String {
        Curve::Ed25519.thumbprint(&base64url(&self.public()))
    }

    /// The key that results are sealed for.
    #[must_use]
    pub fn seal_public(&self) -> [u8; 32] {
        PublicKey::from(&StaticSecret::from(*self.seal)).to_bytes()
    }

    /// The private key that opens sealed results.
    pub(crate) fn seal_secret(&self) -> &[u8; 32] {
        &self.seal
    }

    /// Signs some bytes.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        sign(&self.signing, message)
    }

    /// Both keys as a file that only the passphrase opens: a JWK Set (RFC 7517 section 5) in a JWE.
    #[must_use]
    pub fn lock(&self, passphrase: &str, fresh: &Locking) -> Option<String> {
        let key = |curve: Curve, public: &[u8; 32], private: &[u8; 32], usage: &str| {
            let (x, d) = (base64url(public), base64url(private));
            let kid = curve.thumbprint(&x);
            json!({"crv": curve.name(), "d": d, "kid": kid, "kty": "OKP", "use": usage, "x": x})
        };
        let keys = json!({"keys": [
            key(Curve::Ed25519, &self.public(), &self.signing, "sig"),
            key(Curve::X25519, &self.seal_public(), &self.seal, "enc"),
        ]});
        lock(&Zeroizing::new(canonical(&keys)), &self.kid(), passphrase, fresh)
    }

    /// Opens a locked file.
    ///
    /// # Errors
    /// The first fault met.
    pub fn unlock(file: &[u8], passphrase: &str) -> Result<Self, LockFailure> {
        let named = locked_kid(file)?;
        let content = unlock(file, passphrase)?;
        let keys = json::read(&content).map_err(|fault| LockFailure::Content(fault.to_string()))?;
        let key = Self::read(&keys).map_err(LockFailure::Content)?;
        if key.kid() == named { Ok(key) } else { Err(LockFailure::Content("kid".to_owned())) }
    }

    fn read(keys: &Node<'_>) -> Result<Self, String> {
        let set = Object::of(keys, "", &["keys"])?;
        let [signing, seal] = set
            .list("keys", 2..=2, |key, at| {
                let key = Object::of(key, at, &["crv", "d", "kid", "kty", "use", "x"])?;
                let text = |name| key.text(name, 64);
                let d = fixed::<32>(&text("d")?).map(Zeroizing::new).ok_or_else(|| key.at("d"))?;
                if text("kty")? != "OKP" {
                    return Err(key.at("kty"));
                }
                Ok((text("crv")?, text("use")?, text("x")?, text("kid")?, d))
            })?
            .try_into()
            .map_err(|_| "keys")?;
        let key = CoachKey { signing: signing.4, seal: seal.4 };
        let expected = [
            (Curve::Ed25519, "sig", key.public(), signing.0, signing.1, signing.2, signing.3),
            (Curve::X25519, "enc", key.seal_public(), seal.0, seal.1, seal.2, seal.3),
        ];
        for (idx, (curve, usage, public, named_curve, named_usage, x, kid)) in
            expected.into_iter().enumerate()
        {
            let public = base64url(&public);
            let fits = named_curve == curve.name()
                && named_usage == usage
                && x == public
                && kid == curve.thumbprint(&public);
            if !fits {
                return Err(format!("keys[{idx}]"));
            }
        }
        Ok(key)
    }
}
