//! The one reader of result files. It verifies and never repairs: the first fault ends the reading.

use super::{Claims, CohortClaims, MAX_RESULT_BYTES, SOLO_AUDIENCE, TYP, audience};
use crate::answers::{Answer, SheetFault};
use crate::coach::CoachKey;
use crate::cohort::{Invitation, InvitationFault, VerifiedLink};
use crate::instrument::{Instrument, is_hex};
use crate::jose::{
    EnvelopeFault, SealFault, SelfSigned, Unproven, fixed, flattened, is_sealed, unseal,
};
use crate::score::{Scores, score_placed};
use std::sync::Arc;

/// A result whose signature, identity and content were checked, re-scored from its answers.
#[derive(Debug, Clone)]
pub struct VerifiedResult {
    claims: Claims,
    /// The answers by the places of their items.
    placed: Vec<Option<Answer>>,
    instrument: Arc<Instrument>,
    link: Option<Arc<VerifiedLink>>,
    invitation: Option<Invitation>,
    scores: Scores,
    receipt: [u8; 32],
    scores_differ: bool,
}

impl VerifiedResult {
    /// What the file says.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The answers, by the places of their items in the definition.
    pub(crate) fn placed(&self) -> &[Option<Answer>] {
        &self.placed
    }

    /// The instrument it was answered on.
    #[must_use]
    pub fn instrument(&self) -> &Arc<Instrument> {
        &self.instrument
    }

    /// The cohort link it was answered through.
    #[must_use]
    pub fn link(&self) -> Option<&VerifiedLink> {
        self.link.as_deref()
    }

    /// The coach's invitation it came with.
    #[must_use]
    pub fn invitation(&self) -> Option<&Invitation> {
        self.invitation.as_ref()
    }

    /// Scores computed here from the answers, never the claimed ones.
    #[must_use]
    pub fn scores(&self) -> &Scores {
        &self.scores
    }

    /// What a published list of counted results holds of this one: SHA-256 of a zero byte and the signing input,
    /// equal exactly when two files say the same, byte for byte.
    #[must_use]
    pub fn receipt(&self) -> &[u8; 32] {
        &self.receipt
    }

    /// Whether the claimed scores differ from the re-computed ones.
    #[must_use]
    pub fn scores_differ(&self) -> bool {
        self.scores_differ
    }

    /// Whether it was made after the cohort closed, by the participant's own clock.
    #[must_use]
    pub fn is_late(&self) -> bool {
        let closes = self.link().and_then(|link| link.claims().closes);
        closes.is_some_and(|closes| self.claims.iat > closes)
    }
}

/// Why a file is not counted. Each has a stable code that is also the key of its texts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The signed envelope itself cannot be believed.
    #[error(transparent)]
    Envelope(#[from] EnvelopeFault),
    /// A sealed file that cannot be opened here.
    #[error(transparent)]
    Seal(#[from] SealFault),
    /// A member of the payload is missing, surplus or of the wrong type.
    #[error("the content has a fault at {0}")]
    Content(String),
    /// The audience is not the cohort that the file names.
    #[error("the file is addressed to another cohort than it names")]
    Audience,
    /// For a cohort whose link is not known to this reader.
    #[error("the link of cohort {0} is not known here")]
    UnknownCohort(String),
    /// For a cohort that is known, but answered through a link that is not.
    #[error("the file was answered through another link of cohort {0}")]
    OtherLink(String),
    /// The cohort's link does not ask for this instrument.
    #[error("the cohort was not asked for the instrument \"{0}\"")]
    NotAsked(String),
    /// The file pins a laxer policy than its link.
    #[error("the file pins a laxer disclosure policy than its link")]
    LaxPolicy,
    /// The link invites one by one, and the file has no invitation.
    #[error("the file has no invitation, and its cohort was invited one by one")]
    NotInvited,
    /// The invitation is not one of this cohort's coach.
    #[error("the invitation is not valid: {0}")]
    Invitation(InvitationFault),
    /// The invitation is for the other one of a pair.
    #[error("the invitation is for another role than the file was answered in")]
    OtherRole,
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
            Refusal::Envelope(fault) => fault.code(),
            Refusal::Seal(fault) => fault.code(),
            Refusal::Content(_) => "content",
            Refusal::Audience => "audience",
            Refusal::UnknownCohort(_) => "unknown_cohort",
            Refusal::OtherLink(_) => "other_link",
            Refusal::NotAsked(_) => "not_asked",
            Refusal::LaxPolicy => "lax_policy",
            Refusal::NotInvited => "not_invited",
            Refusal::Invitation(_) => "invitation",
            Refusal::OtherRole => "other_role",
            Refusal::UnknownInstrument(_) => "unknown_instrument",
            Refusal::UnknownVersion { .. } => "unknown_version",
            Refusal::DefinitionMismatch(_) => "definition_mismatch",
            Refusal::Answers(_) => "answers",
        }
    }

    /// Whether the file lacks nothing but a link or a key, which the reader may be given later.
    #[must_use]
    pub fn may_pass_later(&self) -> bool {
        matches!(
            self,
            Refusal::UnknownCohort(_)
                | Refusal::OtherLink(_)
                | Refusal::Seal(SealFault::NoKey { .. })
        )
    }
}

/// What a reader knows: a verdict depends on this and on the file, and on nothing else.
#[derive(Debug, Clone, Default)]
pub struct Reader {
    /// Instruments.
    pub instruments: Vec<Arc<Instrument>>,
    /// Cohort links whose results are expected.
    pub links: Vec<Arc<VerifiedLink>>,
    /// Coach keys that are open, for sealed files.
    pub keys: Vec<Arc<CoachKey>>,
}

impl Reader {
    /// Reads and verifies one result file, opening it first where it is sealed.
    ///
    /// The order of the checks is part of the format: size before parsing, structure before
    /// cryptography, the signature before anything in the payload is believed.
    ///
    /// # Errors
    /// The first fault met.
    pub fn verify(&self, file: &[u8]) -> Result<VerifiedResult, Refusal> {
        self.judge(file, flattened(file, TYP, MAX_RESULT_BYTES))
    }

    /// [`Reader::verify`] for many files, each by itself; together they take less time.
    #[must_use]
    pub fn verify_all<'f>(
        &self,
        files: impl Iterator<Item = &'f [u8]> + Clone,
    ) -> Vec<Result<VerifiedResult, Refusal>> {
        let read = |file| Unproven::flattened(file, TYP, MAX_RESULT_BYTES);
        let envelopes = Unproven::prove(files.clone().map(read).collect());
        files.zip(envelopes).map(|(file, envelope)| self.judge(file, envelope)).collect()
    }

    fn judge(
        &self,
        file: &[u8],
        envelope: Result<SelfSigned, EnvelopeFault>,
    ) -> Result<VerifiedResult, Refusal> {
        match envelope {
            Ok(envelope) => self.believe(&envelope),
            // What a sealed file lacks as a signed one. Most files are signed, and parsed once.
            Err(EnvelopeFault::Form | EnvelopeFault::TooLarge) if is_sealed(file) => {
                self.believe(&flattened(&self.open(file)?, TYP, MAX_RESULT_BYTES)?)
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// Opens a sealed file with one of the keys that are open here. Nothing in it is verified yet.
    ///
    /// # Errors
    /// The first fault met.
    pub fn open(&self, file: &[u8]) -> Result<Vec<u8>, SealFault> {
        let secrets: Vec<&[u8; 32]> = self.keys.iter().map(|key| key.seal_secret()).collect();
        unseal(file, &secrets)
    }

    /// Reads what was signed.
    fn believe(&self, envelope: &SelfSigned) -> Result<VerifiedResult, Refusal> {
        let claims = Claims::from_json(&envelope.payload()?).map_err(Refusal::Content)?;
        if fixed::<16>(&claims.jti).is_none() {
            return Err(Refusal::Content("jti".to_owned()));
        }
        let (link, invitation) = self.cohort(&claims)?;
        let instrument = self.known_instrument(&claims)?;
        let placed = instrument.by_item(&claims.survey.sheet.answers);
        claims.survey.sheet.check_placed(&instrument, &placed)?;

        let scores = score_placed(&instrument, &placed);
        let scores_differ = scores_differ(&claims, &scores);
        Ok(VerifiedResult {
            receipt: envelope.receipt(),
            claims,
            placed,
            instrument,
            link,
            invitation,
            scores,
            scores_differ,
        })
    }

    /// The link that a result was answered through. All that the link pins must be in the result.
    fn cohort(
        &self,
        claims: &Claims,
    ) -> Result<(Option<Arc<VerifiedLink>>, Option<Invitation>), Refusal> {
        let survey = &claims.survey;
        let Some(cohort) = &survey.cohort else {
            return match claims.aud.as_str() {
                _ if !survey.cuts.is_empty() => Err(Refusal::Content("survey.cuts".to_owned())),
                SOLO_AUDIENCE => Ok((None, None)),
                _ => Err(Refusal::Audience),
            };
        };
        let CohortClaims { id, link_sha256, wave, nonce, invitation } = cohort;
        if claims.aud != audience(id) {
            return Err(Refusal::Audience);
        }
        let mut same_cohort = self.links.iter().filter(|link| link.claims().id == *id).peekable();
        if same_cohort.peek().is_none() {
            return Err(Refusal::UnknownCohort(id.clone()));
        }
        let link = same_cohort
            .find(|link| is_hex(link_sha256, link.digest()))
            .ok_or_else(|| Refusal::OtherLink(id.clone()))?;
        let pinned = link.claims();
        for (at, fits) in [("wave", *wave == pinned.wave), ("nonce", *nonce == pinned.nonce)] {
            if !fits {
                return Err(Refusal::Content(format!("survey.cohort.{at}")));
            }
        }
        if !pinned.asks_for(&survey.instrument, &survey.version, &survey.sha256) {
            return Err(Refusal::NotAsked(survey.instrument.clone()));
        }
        let policy = survey.policy;
        if policy.min_group < pinned.policy.min_group
            || policy.min_comments < pinned.policy.min_comments
        {
            return Err(Refusal::LaxPolicy);
        }
        if let Some((cut, _)) = survey.cuts.iter().find(|(cut, code)| !pinned.offers(cut, **code)) {
            return Err(Refusal::Content(format!("survey.cuts.{cut}")));
        }
        let invitation = match invitation {
            Some(token) => {
                let verified = Invitation::verify(token, link).map_err(Refusal::Invitation)?;
                if verified.seat().is_some_and(|seat| seat.rater != survey.sheet.rater) {
                    return Err(Refusal::OtherRole);
                }
                Some(verified)
            }
            None if pinned.invitation => return Err(Refusal::NotInvited),
            None => None,
        };
        Ok((Some(Arc::clone(link)), invitation))
    }

    fn known_instrument(&self, claims: &Claims) -> Result<Arc<Instrument>, Refusal> {
        let survey = &claims.survey;
        let same_id = |known: &&Arc<Instrument>| known.definition().id == survey.instrument;
        let mut same_id = self.instruments.iter().filter(same_id).peekable();
        if same_id.peek().is_none() {
            return Err(Refusal::UnknownInstrument(survey.instrument.clone()));
        }
        let Some(found) = same_id.find(|known| known.definition().version == survey.version) else {
            let (id, version) = (survey.instrument.clone(), survey.version.clone());
            return Err(Refusal::UnknownVersion { id, version });
        };
        if !found.is_sha256(&survey.sha256) {
            return Err(Refusal::DefinitionMismatch(survey.instrument.clone()));
        }
        Ok(Arc::clone(found))
    }
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
