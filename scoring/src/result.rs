//! The signed result file: a flattened JSON JWS (RFC 7515 section 7.2.2) signed with Ed25519
//! (RFC 8037), whose payload says what was answered.
//!
//! [`unsigned`] builds what a participant signs; [`Reader`] is the only reader, and
//! [`VerifiedResult`] has no other constructor, so nothing unverified can be aggregated.
//!
//! What a valid file proves: these bytes were signed by whoever holds this key and are unchanged
//! since; two files with one key share a holder. It does not prove who that is, that the answers are
//! honest, when they were given, or that nothing was left out.

mod careless;
mod claims;
mod read;
mod write;

pub use claims::{
    App, ClaimedScore, Claims, CohortClaims, MIN_GROUP_FLOOR, Policy, SurveyClaims, Timing,
};
pub(crate) use claims::{Object, is_name};
pub use read::{Reader, Refusal, VerifiedResult};
pub use write::{Membership, Signing, TokenId, unsigned};

/// Largest result file that is read, in bytes.
pub const MAX_RESULT_BYTES: usize = 256 * 1024;

/// The `typ` of a result (domain separation from every other file that we sign).
pub const TYP: &str = "survey-result+jwt";

/// Audience of a result that belongs to no cohort.
pub const SOLO_AUDIENCE: &str = "urn:survey:cohort:solo";

/// Audience of a cohort's results, invitations and group reports.
#[must_use]
pub fn audience(cohort: &str) -> String {
    format!("urn:survey:cohort:{cohort}")
}
