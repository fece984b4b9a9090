//! What a file says, what was checked, and where checking stopped: for people who want to know why
//! they should believe it. What it proves depends on its kind alone, and is text.

use crate::cohort::{GroupReport, Invitation, VerifiedLink, link_tokens};
use crate::jose::{from_base64url, is_locked, is_sealed, locked_kid, sealed_kid};
use crate::json;
use crate::plan::{self, WorksheetKind};
use crate::result::{Reader, audience};
use crate::words::key_words;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A kind of file that Plumbline makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A signed result.
    Result,
    /// A result sealed for a coach.
    SealedResult,
    /// A cohort link.
    Link,
    /// An invitation to a cohort.
    Invitation,
    /// A group report with its receipts.
    GroupReport,
    /// A coach's locked keys.
    CoachKey,
    /// A 90-day test.
    NinetyDays,
    /// A decision map.
    DecisionMap,
    /// An engagement record.
    Engagement,
    /// Nothing that Plumbline makes.
    Unknown,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 10] = [
        Kind::Result,
        Kind::SealedResult,
        Kind::Link,
        Kind::Invitation,
        Kind::GroupReport,
        Kind::CoachKey,
        Kind::NinetyDays,
        Kind::DecisionMap,
        Kind::Engagement,
        Kind::Unknown,
    ];

    /// Stable code, also part of the keys of its texts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Kind::Result => "result",
            Kind::SealedResult => "sealed_result",
            Kind::Link => "link",
            Kind::Invitation => "invitation",
            Kind::GroupReport => "group_report",
            Kind::CoachKey => "coach_key",
            Kind::NinetyDays => WorksheetKind::NinetyDays.code(),
            Kind::DecisionMap => WorksheetKind::DecisionMap.code(),
            Kind::Engagement => WorksheetKind::Engagement.code(),
            Kind::Unknown => "unknown",
        }
    }

    /// Its checks, in the order in which a reader makes them.
    #[must_use]
    pub fn steps(self) -> &'static [&'static str] {
        match self {
            Kind::Result => &[
                "form",
                "header",
                "signature",
                "key",
                "content",
                "cohort",
                "instrument",
                "answers",
            ],
            Kind::SealedResult => &[
                "seal",
                "form",
                "header",
                "signature",
                "key",
                "content",
                "cohort",
                "instrument",
                "answers",
            ],
            Kind::Link | Kind::NinetyDays | Kind::DecisionMap | Kind::Engagement => {
                &["form", "header", "signature", "key", "content"]
            }
            Kind::Invitation => &["cohort", "form", "header", "signature", "content"],
            Kind::GroupReport => &["form", "header", "signature", "key", "content", "coach"],
            Kind::CoachKey => &["form"],
            Kind::Unknown => &[],
        }
    }
}

impl From<WorksheetKind> for Kind {
    fn from(kind: WorksheetKind) -> Self {
        match kind {
            WorksheetKind::NinetyDays => Kind::NinetyDays,
            WorksheetKind::DecisionMap => Kind::DecisionMap,
            WorksheetKind::Engagement => Kind::Engagement,
        }
    }
}

/// What is proven where everything was checked but whose key it is.
pub const KEY_ALONE: &str = "key_alone";

/// Codes of what does not make a file invalid.
pub const REMARKS: [&str; 3] = ["scores_differ", "late", "closed"];

/// One check, in the order in which a reader makes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Which one: `seal`, `form`, `header`, `signature`, `key`, `content`, `cohort`, `instrument`,
    /// `answers` or `coach`.
    pub step: String,
    /// How it ended; nothing where an earlier one stopped the reading.
    pub passed: Option<bool>,
}

/// What can be said about a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// What kind of file it is meant to be.
    pub kind: Kind,
    /// The checks of that kind.
    pub checks: Vec<Check>,
    /// Code of the first fault; nothing where the file can be believed.
    pub refusal: Option<String>,
    /// The first fault in English, for experts.
    pub message: Option<String>,
    /// Codes of what does not make it invalid, out of [`REMARKS`].
    pub remarks: Vec<String>,
    /// Thumbprint of the key that signed it, or that opens it.
    pub kid: Option<String>,
    /// That key as words.
    pub words: Option<String>,
    /// Header and payload, decoded. Where a check failed it is only what the file claims.
    pub said: Option<Value>,
}

/// Explains a file or a link, as far as `reader` knows what it refers to, at the time `now`.
#[must_use]
pub fn explain(file: &[u8], reader: &Reader, now: i64) -> Explanation {
    if is_locked(file) {
        let fault = locked_kid(file).map_err(|fault| (fault.code(), fault.to_string()));
        return Explanation::of(Kind::CoachKey, fault.err(), said(file));
    }
    if is_sealed(file) {
        return sealed(file, reader);
    }
    let text = String::from_utf8_lossy(file);
    let flat = said(file);
    let typ = |said: &Option<Value>| {
        said.as_ref().and_then(|said| said.pointer("/header/typ")?.as_str().map(str::to_owned))
    };
    match typ(&flat).as_deref() {
        Some("survey-result+jwt") => result(Kind::Result, file, reader, flat),
        Some("survey-group-report+jwt") => group_report(file, reader, flat),
        Some(typ) => match WorksheetKind::of_typ(typ) {
            Some(kind) => worksheet(kind, file, flat),
            None => unknown(file, reader, flat),
        },
        None => match link_tokens(text.trim()) {
            Some((token, _)) => {
                let said = compact_said(token);
                match typ(&said).as_deref() {
                    Some("survey-invitation+jwt") => invitation(token, reader, said),
                    _ => link(token, said, now),
                }
            }
            None => unknown(file, reader, None),
        },
    }
}

/// The result's reader knows best why something is not even a signed file, or of which purpose.
fn unknown(file: &[u8], reader: &Reader, said: Option<Value>) -> Explanation {
    result(Kind::Unknown, file, reader, said)
}

fn result(kind: Kind, file: &[u8], reader: &Reader, said: Option<Value>) -> Explanation {
    match reader.verify(file) {
        Err(refusal) => Explanation::of(kind, Some((refusal.code(), refusal.to_string())), said),
        Ok(result) => {
            let mut explanation = Explanation::of(kind, None, said);
            let remarks = [("scores_differ", result.scores_differ()), ("late", result.is_late())];
            let remarks = remarks.into_iter().filter(|(_, holds)| *holds);
            explanation.remarks = remarks.map(|(code, _)| code.to_owned()).collect();
            explanation
        }
    }
}

fn sealed(file: &[u8], reader: &Reader) -> Explanation {
    match reader.open(file) {
        Ok(inside) => result(Kind::SealedResult, file, reader, said(&inside)),
        Err(fault) => {
            let outside = json!({"header": header_of(file)});
            let failed = Some((fault.code(), fault.to_string()));
            let mut explanation = Explanation::of(Kind::SealedResult, failed, Some(outside));
            explanation.name(sealed_kid(file).ok());
            explanation
        }
    }
}

fn link(token: &str, said: Option<Value>, now: i64) -> Explanation {
    match VerifiedLink::verify(token) {
        Err(fault) => Explanation::of(Kind::Link, Some((fault.code(), fault.to_string())), said),
        Ok(link) => {
            let mut explanation = Explanation::of(Kind::Link, None, said);
            if link.is_closed(now) {
                explanation.remarks.push("closed".to_owned());
            }
            explanation
        }
    }
}

fn worksheet(kind: WorksheetKind, file: &[u8], said: Option<Value>) -> Explanation {
    let fault = plan::check(kind, file).err().map(|fault| (fault.code(), fault.to_string()));
    Explanation::of(kind.into(), fault, said)
}

/// An invitation names its cohort and no key; it is valid if the coach of a link to that cohort signed it.
fn invitation(token: &str, reader: &Reader, said: Option<Value>) -> Explanation {
    let aud = said.as_ref().and_then(|said| said.pointer("/payload/aud")?.as_str());
    let same_cohort = reader.links.iter().filter(|link| aud == Some(&audience(&link.claims().id)));
    let tried = same_cohort.map(|link| (link.kid(), Invitation::verify(token, link).err()));
    let (kid, fault) = match tried.min_by_key(|(_, fault)| fault.is_some()) {
        None => {
            let message = "the link of its cohort is not known here".to_owned();
            (None, Some(("unknown_cohort", message)))
        }
        Some((_, Some(fault))) => {
            (None, Some(("invitation", format!("the invitation is not valid: {fault}"))))
        }
        Some((kid, None)) => (Some(kid.to_owned()), None),
    };
    let mut explanation = Explanation::of(Kind::Invitation, fault, said);
    explanation.name(kid);
    explanation
}

/// A group report is its cohort's only if the coach of that cohort's link signed it.
fn group_report(file: &[u8], reader: &Reader, said: Option<Value>) -> Explanation {
    let fault = match GroupReport::verify(file) {
        Err(fault) => Some((fault.code(), fault.to_string())),
        Ok(report) => {
            let mut links =
                reader.links.iter().filter(|link| link.claims().id == report.cohort).peekable();
            if links.peek().is_none() {
                Some(("unknown_cohort", "the link of its cohort is not known here".to_owned()))
            } else if links.any(|link| link.kid() == report.kid) {
                None
            } else {
                Some(("other_coach", "another key signed it than its cohort's link".to_owned()))
            }
        }
    };
    Explanation::of(Kind::GroupReport, fault, said)
}

impl Explanation {
    fn of(kind: Kind, fault: Option<(&str, String)>, said: Option<Value>) -> Self {
        let failed = fault.as_ref().map(|(code, _)| step_of(code));
        let steps = kind.steps();
        let failed_at = failed.and_then(|failed| steps.iter().position(|step| *step == failed));
        // What is lacking for the last check is no fault of the file.
        let n_passed = match failed {
            None => steps.len(),
            Some(_) => failed_at.unwrap_or(steps.len().saturating_sub(1)),
        };
        let checks = steps.iter().enumerate().map(|(idx, step)| Check {
            step: (*step).to_owned(),
            passed: if Some(idx) == failed_at {
                Some(false)
            } else {
                (idx < n_passed).then_some(true)
            },
        });
        let kid = said.as_ref().and_then(|said| said.pointer("/header/kid")?.as_str());
        let kid = kid.map(str::to_owned);
        let (refusal, message) =
            fault.map_or((None, None), |(code, message)| (Some(code.to_owned()), Some(message)));
        let mut explanation = Explanation {
            kind,
            checks: checks.collect(),
            refusal,
            message,
            remarks: Vec::new(),
            kid: None,
            words: None,
            said,
        };
        explanation.name(kid);
        explanation
    }

    /// Which text says what is proven: the code of a kind, or [`KEY_ALONE`].
    #[must_use]
    pub fn proves(&self) -> &'static str {
        match self.refusal.as_deref() {
            None => self.kind.code(),
            Some("unknown_cohort") if self.kind == Kind::GroupReport => KEY_ALONE,
            Some(_) => Kind::Unknown.code(),
        }
    }

    fn name(&mut self, kid: Option<String>) {
        self.words = kid.as_deref().and_then(key_words);
        self.kid = kid;
    }
}

/// The check that a code belongs to.
fn step_of(code: &str) -> &'static str {
    match code {
        "sealed_too_large" | "sealed_form" | "sealed_no_key" | "sealed_weak_key"
        | "sealed_broken" => "seal",
        "header" | "purpose" => "header",
        "signature" | "link_changed" => "signature",
        "key_mismatch" => "key",
        "content" | "not_integer" | "link_version" | "link_content" | "worksheet_version"
        | "worksheet_content" => "content",
        "audience" | "unknown_cohort" | "other_link" | "not_asked" | "lax_policy"
        | "not_invited" | "invitation" | "other_role" => "cohort",
        "unknown_instrument" | "unknown_version" | "definition_mismatch" => "instrument",
        "answers" => "answers",
        "other_coach" => "coach",
        _ => "form",
    }
}

/// Header and payload of a flattened file, as far as they can be read.
fn said(file: &[u8]) -> Option<Value> {
    let payload = json::parse(file).ok()?;
    let payload = payload.get("payload").and_then(decoded);
    let header = header_of(file)?;
    Some(match payload {
        Some(payload) => json!({"header": header, "payload": payload}),
        None => json!({"header": header}),
    })
}

fn header_of(file: &[u8]) -> Option<Value> {
    decoded(json::parse(file).ok()?.get("protected")?)
}

fn compact_said(token: &str) -> Option<Value> {
    let mut parts = token.split('.').map(|part| decoded(&Value::from(part)));
    let (header, payload) = (parts.next()??, parts.next()?);
    Some(json!({"header": header, "payload": payload}))
}

fn decoded(part: &Value) -> Option<Value> {
    json::parse(&from_base64url(part.as_str()?)?).ok()
}
