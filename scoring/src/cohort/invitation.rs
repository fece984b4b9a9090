//! Invitations: one-time tokens that a coach signs, for cohorts invited one by one.

use super::VerifiedLink;
use crate::jose::{EnvelopeFault, Unsigned, base64url, compact_by, fixed};
use crate::json;
use crate::result::{Object, audience};
use serde_json::json;

const TYP: &str = "survey-invitation+jwt";

/// Most characters of an invitation token.
pub const MAX_INVITATION_CHARS: usize = 400;

/// An invitation that this cohort's coach signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    id: String,
}

/// Why an invitation is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvitationFault {
    /// Damaged, or not signed with this cohort's key.
    #[error(transparent)]
    Envelope(#[from] EnvelopeFault),
    /// Of another cohort, or not in the form of an invitation.
    #[error("a fault at {0}")]
    Content(String),
}

impl Invitation {
    /// An invitation to a cohort, to be signed with its coach's key. It does not name the key: the
    /// link has it, and a link with its invitation must stay short.
    #[must_use]
    pub fn unsigned(cohort: &str, id: &[u8; 16]) -> Unsigned {
        Unsigned::without_key(TYP, &json!({"aud": audience(cohort), "jti": base64url(id)}))
    }

    /// Verifies an invitation against the link it came with.
    ///
    /// # Errors
    /// The first fault met.
    pub fn verify(token: &str, link: &VerifiedLink) -> Result<Self, InvitationFault> {
        let payload = compact_by(token, TYP, MAX_INVITATION_CHARS, link.public())?;
        let payload = json::read(&payload).map_err(EnvelopeFault::from)?;
        let claims = Object::of(&payload, "", &["aud", "jti"]).map_err(InvitationFault::Content)?;
        let text = |key| claims.text(key, 64).map_err(InvitationFault::Content);
        if text("aud")? != audience(&link.claims().id) {
            return Err(InvitationFault::Content("aud".to_owned()));
        }
        let id = text("jti")?;
        match fixed::<16>(&id) {
            Some(_) => Ok(Invitation { id }),
            None => Err(InvitationFault::Content("jti".to_owned())),
        }
    }

    /// The 128 random bits that name it, in base64url.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}
