//! Building the bytes that a participant signs.

use super::{
    App, ClaimedScore, Claims, CohortClaims, Policy, SOLO_AUDIENCE, SurveyClaims, TYP, Timing,
    audience,
};
use crate::answers::AnswerSheet;
use crate::cohort::VerifiedLink;
use crate::gather;
use crate::instrument::Instrument;
use crate::jose::{Curve, Unsigned, base64url, issuer};
use crate::score::score;
use litemap::LiteMap;

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
    /// The cohort that the answers are for, if any.
    pub membership: Option<Membership>,
}

/// A participant's place in a cohort.
#[derive(Debug, Clone)]
pub struct Membership {
    /// The link they came by.
    pub link: VerifiedLink,
    /// The invitation that came with it.
    pub invitation: Option<String>,
    /// What they chose of the coach's cuts: option numbers, counted from 1.
    pub cuts: LiteMap<String, i64>,
}

/// Builds the result of a complete sheet, to be signed with the key whose public half is `public`.
#[must_use]
pub fn unsigned(
    instrument: &Instrument,
    sheet: &AnswerSheet,
    public: &[u8; 32],
    signing: &Signing,
) -> Unsigned {
    let kid = Curve::Ed25519.thumbprint(&base64url(public));
    let scores = score(instrument, sheet);
    let claimed = scores.scales.iter().map(|scale| {
        let n = i64::try_from(scale.n_answered).unwrap_or(i64::MAX);
        (scale.scale.clone(), ClaimedScore { sum: scale.sum, n })
    });
    let membership = signing.membership.as_ref();
    let link = membership.map(|membership| membership.link.claims());
    let claims = Claims {
        iss: issuer(&kid),
        jti: base64url(&signing.token_id),
        aud: link.map_or_else(|| SOLO_AUDIENCE.to_owned(), |link| audience(&link.id)),
        iat: signing.issued_at,
        survey: SurveyClaims {
            app: signing.app.clone(),
            instrument: instrument.definition().id.clone(),
            version: instrument.definition().version.clone(),
            sha256: instrument.sha256_hex(),
            cohort: membership.map(|Membership { link, invitation, .. }| CohortClaims {
                id: link.claims().id.clone(),
                link_sha256: link.sha256_hex(),
                wave: link.claims().wave.clone(),
                nonce: link.claims().nonce.clone(),
                invitation: invitation.clone(),
            }),
            lang: signing.lang.clone(),
            started_at: signing.started_at,
            submitted_at: signing.submitted_at,
            cuts: membership.map(|membership| membership.cuts.clone()).unwrap_or_default(),
            sheet: sheet.clone(),
            timing: signing.timing.clone(),
            policy: link.map_or_else(Policy::default, |link| link.policy),
            claimed_scores: gather(claimed),
        },
    };
    Unsigned::self_signed(TYP, public, &claims.to_json())
}
