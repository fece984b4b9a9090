//! Building the bytes that a participant signs.

use super::{
    ALG, App, ClaimedScore, Claims, ISSUER_PREFIX, Policy, SOLO_AUDIENCE, SurveyClaims, TYP, Timing,
};
use super::{base64url, thumbprint};
use crate::answers::AnswerSheet;
use crate::gather;
use crate::instrument::Instrument;
use crate::json::canonical;
use crate::score::score;
use serde_json::json;
use std::collections::BTreeMap;

/// 128 random bits that name one file.
pub type TokenId = [u8; 16];

/// What the caller knows and this crate cannot: program, language, times, random bits.
#[derive(Debug, Clone)]
pub struct Signing {
    /// The writing program.
    pub app: App,
    /// Language the items were read in.
    pub lang: String,
    /// First answer, in seconds since 1970.
    pub started_at: i64,
    /// End of the survey, in seconds since 1970.
    pub submitted_at: i64,
    /// Now, in seconds since 1970.
    pub issued_at: i64,
    /// Random bits for `jti`.
    pub token_id: TokenId,
    /// Seconds a screen.
    pub timing: Timing,
}

/// A result before its signature: the two encoded parts that the signature covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned {
    protected: String,
    payload: String,
    claims: Claims,
}

/// Builds the result of a complete sheet, to be signed with the key whose public half is `public`.
#[must_use]
pub fn unsigned(
    instrument: &Instrument,
    sheet: &AnswerSheet,
    public: &[u8; 32],
    signing: &Signing,
) -> Unsigned {
    let x = base64url(public);
    let kid = thumbprint(&x);
    let scores = score(instrument, sheet);
    let claimed = scores.scales.iter().map(|scale| {
        let n = i64::try_from(scale.n_answered).unwrap_or(i64::MAX);
        (scale.scale.clone(), ClaimedScore { sum: scale.sum, n })
    });
    let claims = Claims {
        iss: format!("{ISSUER_PREFIX}{kid}"),
        jti: base64url(&signing.token_id),
        aud: SOLO_AUDIENCE.to_owned(),
        iat: signing.issued_at,
        survey: SurveyClaims {
            app: signing.app.clone(),
            instrument: instrument.definition().id.clone(),
            version: instrument.definition().version.clone(),
            sha256: instrument.sha256_hex(),
            lang: signing.lang.clone(),
            started_at: signing.started_at,
            submitted_at: signing.submitted_at,
            cuts: BTreeMap::new(),
            sheet: sheet.clone(),
            timing: signing.timing.clone(),
            policy: Policy::default(),
            claimed_scores: gather(claimed),
        },
    };
    let protected = json!({
        "alg": ALG,
        "typ": TYP,
        "kid": kid,
        "jwk": {"crv": "Ed25519", "kty": "OKP", "x": x},
    });
    Unsigned {
        protected: base64url(canonical(&protected).as_bytes()),
        payload: base64url(canonical(&claims.to_json()).as_bytes()),
        claims,
    }
}

impl Unsigned {
    /// The JWS signing input (RFC 7515 section 5.1): the bytes to sign.
    #[must_use]
    pub fn signing_input(&self) -> Vec<u8> {
        format!("{}.{}", self.protected, self.payload).into_bytes()
    }

    /// What the file will say.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The file, once signed.
    #[must_use]
    pub fn signed(&self, signature: &[u8; 64]) -> String {
        canonical(&json!({
            "payload": self.payload,
            "protected": self.protected,
            "signature": base64url(signature),
        }))
    }
}
