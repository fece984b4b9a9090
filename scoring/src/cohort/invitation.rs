//! Invitations: one-time tokens that a coach signs, for cohorts invited one by one.

use super::VerifiedLink;
use super::link::token;
use crate::instrument::Rater;
use crate::jose::{EnvelopeFault, Unsigned, base64url, compact_by};
use crate::json::{self, Node};
use crate::result::{Object, audience};
use serde_json::json;

const TYP: &str = "survey-invitation+jwt";

/// Most characters of an invitation token.
pub const MAX_INVITATION_CHARS: usize = 400;

/// An invitation that this cohort's coach signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    id: String,
    seat: Option<Seat>,
}

/// A place in a pair of a leader and their manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// The pair: 128 random bits in base64url. Who they are, only the inviting side knows.
    pub pair: String,
    /// Which of the two.
    pub rater: Rater,
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

impl Seat {
    /// Whether the leader asks: then the cohort is theirs, and of their pair alone.
    #[must_use]
    pub fn is_of_leader(&self, link: &VerifiedLink) -> bool {
        self.pair == link.claims().id
    }
}

impl Invitation {
    /// An invitation to a cohort, to be signed with its coach's key. It does not name the key: the
    /// link has it, and a link with its invitation must stay short.
    #[must_use]
    pub fn unsigned(cohort: &str, id: &[u8; 16], seat: Option<&Seat>) -> Unsigned {
        let (aud, jti) = (audience(cohort), base64url(id));
        let claims = match seat {
            None => json!({"aud": aud, "jti": jti}),
            Some(Seat { pair, rater }) => {
                json!({"aud": aud, "jti": jti, "pair": pair, "rater": rater.code()})
            }
        };
        Unsigned::without_key(TYP, &claims)
    }

    /// Characters of the longest invitation to a cohort: a manager's, where it invites pairs.
    #[must_use]
    pub fn max_chars(cohort: &str, of_pairs: bool) -> usize {
        let seat = of_pairs.then(|| Seat { pair: base64url(&[0; 16]), rater: Rater::Manager });
        Self::unsigned(cohort, &[0; 16], seat.as_ref()).compact(&[0; 64]).len()
    }

    /// Verifies an invitation against the link it came with.
    ///
    /// # Errors
    /// The first fault met.
    pub fn verify(token: &str, link: &VerifiedLink) -> Result<Self, InvitationFault> {
        let payload = compact_by(token, TYP, MAX_INVITATION_CHARS, link.public())?;
        let payload = json::read(&payload).map_err(EnvelopeFault::from)?;
        Self::read(&payload, link).map_err(InvitationFault::Content)
    }

    fn read(payload: &Node<'_>, link: &VerifiedLink) -> Result<Self, String> {
        let has_seat = payload.get("pair").is_some();
        let members = ["aud", "jti", "pair", "rater"];
        let members = if has_seat { &members[..] } else { &members[..2] };
        let claims = Object::of(payload, "", members)?;
        if claims.text("aud", 64)? != audience(&link.claims().id) {
            return Err("aud".to_owned());
        }
        let id = token(&claims, "jti")?;
        let seat = match has_seat {
            false => None,
            true => Some(Seat {
                pair: token(&claims, "pair")?,
                rater: Rater::from_code(&claims.text("rater", 16)?).ok_or("rater")?,
            }),
        };
        Ok(Invitation { id, seat })
    }

    /// The 128 random bits that name it, in base64url.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its place in a pair.
    #[must_use]
    pub fn seat(&self) -> Option<&Seat> {
        self.seat.as_ref()
    }
}
