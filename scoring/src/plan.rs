//! Worksheets: what a coaching engagement writes down before, between and after the surveys.
//!
//! A worksheet is kept on its owner's device, as the JSON of its content, and leaves it as a signed file: a
//! flattened JWS like a result, with a `typ` of its own kind, signed with the key of this device's worksheets.
//! Its signature says what a result's says: unchanged since whoever holds the key signed it.

pub mod commitment;
mod day;
pub mod decision_map;
pub mod engagement;
pub mod ninety_days;

pub use day::Day;

use decision_map::DecisionMap;
use engagement::Engagement;
use ninety_days::NinetyDays;

use crate::jose::{Curve, EnvelopeFault, Unsigned, base64url, fixed, flattened, issuer};
use crate::json::Node;
use crate::participant;
use crate::result::Object;
use serde_json::{Value, json};

/// Largest worksheet file that is read, in bytes.
pub const MAX_WORKSHEET_BYTES: usize = 1024 * 1024;

/// Whom a worksheet is for: whoever its owner hands it to.
const AUDIENCE: &str = "urn:survey:worksheet";

/// The version of the format that is written, and the only one that is read.
const VERSION: i64 = 1;

/// What kinds of worksheets there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WorksheetKind {
    /// A 90-day test.
    NinetyDays,
    /// A decision map.
    DecisionMap,
    /// An engagement record.
    Engagement,
}

impl WorksheetKind {
    /// All of them.
    pub const ALL: [WorksheetKind; 3] =
        [WorksheetKind::NinetyDays, WorksheetKind::DecisionMap, WorksheetKind::Engagement];

    /// Stable code, also part of the keys of its texts and of file names.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            WorksheetKind::NinetyDays => "ninety_days",
            WorksheetKind::DecisionMap => "decision_map",
            WorksheetKind::Engagement => "engagement",
        }
    }

    /// The `typ` of its signed files: one purpose each.
    #[must_use]
    pub fn typ(self) -> &'static str {
        match self {
            WorksheetKind::NinetyDays => "survey-ninety-days+jwt",
            WorksheetKind::DecisionMap => "survey-decision-map+jwt",
            WorksheetKind::Engagement => "survey-engagement+jwt",
        }
    }

    /// The kind whose signed files have this `typ`.
    #[must_use]
    pub fn of_typ(typ: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.typ() == typ)
    }
}

/// The content of a worksheet.
pub trait Worksheet: Clone + PartialEq {
    /// Which kind it is.
    const KIND: WorksheetKind;

    /// What its owner calls it; may be empty.
    fn title(&self) -> &str;

    /// Its content as JSON: integers only, every member always there.
    fn to_json(&self) -> Value;

    /// Reads what [`Worksheet::to_json`] writes, and nothing else.
    ///
    /// # Errors
    /// The JSON path of the first fault.
    fn from_json(content: &Value) -> Result<Self, String>;

    /// What two states of one worksheet are together, for kinds that can be kept on two devices at once; nothing
    /// where a person has to choose one of them.
    #[must_use]
    fn merged(&self, _other: &Self) -> Option<Self> {
        None
    }
}

/// A worksheet whose signature fits the key that came with it.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedWorksheet<T> {
    /// Thumbprint of the key: two files with the same one come from the same device.
    pub kid: String,
    /// When it was written, in seconds since 1970, by its owner's clock.
    pub iat: i64,
    /// 128 random bits in base64url, the same in every file of this worksheet.
    pub id: String,
    /// What it says.
    pub content: T,
}

/// Why a worksheet is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorksheetFault {
    /// The signed envelope cannot be believed.
    #[error(transparent)]
    Envelope(#[from] EnvelopeFault),
    /// Written by a later version of the app.
    #[error("the worksheet is of format {0}, which this version does not know")]
    Version(i64),
    /// A member is missing, surplus or of the wrong type.
    #[error("the worksheet has a fault at {0}")]
    Content(String),
}

impl WorksheetFault {
    /// Stable code, also the key of the texts that say what happened and what to do.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            WorksheetFault::Envelope(fault) => fault.code(),
            WorksheetFault::Version(_) => "worksheet_version",
            WorksheetFault::Content(_) => "worksheet_content",
        }
    }
}

/// The place of the key that signs this device's worksheets: none of a participant's.
#[must_use]
pub fn slot() -> String {
    participant::slot(Some(("", AUDIENCE)))
}

/// Whether a text is the id of a worksheet or of something in it: 128 bits in base64url.
#[must_use]
pub fn is_id(text: &str) -> bool {
    fixed::<16>(text).is_some()
}

/// Characters that would hide something or show it in another order. Joiners stay: Persian and emoji need them.
fn hides(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The worksheet with an id, to be signed with the key whose public half is `public`.
#[must_use]
pub fn unsigned<T: Worksheet>(content: &T, id: &str, public: &[u8; 32], iat: i64) -> Unsigned {
    let payload = json!({
        "iss": issuer(&Curve::Ed25519.thumbprint(&base64url(public))),
        "aud": AUDIENCE,
        "iat": iat,
        "worksheet": {"v": VERSION, "id": id, "content": content.to_json()},
    });
    Unsigned::self_signed(T::KIND.typ(), public, &payload)
}

/// Reads and verifies a worksheet of the wanted kind.
///
/// # Errors
/// The first fault met.
pub fn verify<T: Worksheet>(file: &[u8]) -> Result<SignedWorksheet<T>, WorksheetFault> {
    let envelope = flattened(file, T::KIND.typ(), MAX_WORKSHEET_BYTES)?;
    let payload = envelope.payload()?;
    match payload.at(&["worksheet", "v"]).and_then(Node::as_i64) {
        None => return Err(WorksheetFault::Content("worksheet.v".to_owned())),
        Some(VERSION) => {}
        Some(other) => return Err(WorksheetFault::Version(other)),
    }
    read(&payload, &envelope.kid).map_err(WorksheetFault::Content)
}

/// Reads and verifies a worksheet of one kind, whatever it says.
///
/// # Errors
/// The first fault met.
pub fn check(kind: WorksheetKind, file: &[u8]) -> Result<(), WorksheetFault> {
    match kind {
        WorksheetKind::NinetyDays => verify::<NinetyDays>(file).map(drop),
        WorksheetKind::DecisionMap => verify::<DecisionMap>(file).map(drop),
        WorksheetKind::Engagement => verify::<Engagement>(file).map(drop),
    }
}

fn read<T: Worksheet>(payload: &Node<'_>, kid: &str) -> Result<SignedWorksheet<T>, String> {
    let claims = Object::of(payload, "", &["iss", "aud", "iat", "worksheet"])?;
    if claims.text("aud", 64)? != AUDIENCE {
        return Err("aud".to_owned());
    }
    let worksheet = claims.object("worksheet", &["v", "id", "content"])?;
    let id = worksheet.text("id", 22)?;
    if !is_id(&id) {
        return Err(worksheet.at("id"));
    }
    let content = T::from_json(&Value::from(worksheet.get("content")?))
        .map_err(|at| worksheet.at(&format!("content.{at}")))?;
    Ok(SignedWorksheet { kid: kid.to_owned(), iat: claims.instant("iat")?, id, content })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::sign;

    #[derive(Debug, Clone, PartialEq)]
    struct Note(String);

    impl Worksheet for Note {
        const KIND: WorksheetKind = WorksheetKind::DecisionMap;
        fn title(&self) -> &str {
            &self.0
        }
        fn to_json(&self) -> Value {
            json!({"text": self.0})
        }
        fn from_json(content: &Value) -> Result<Self, String> {
            Object::of(&Node::from(content), "", &["text"])?.text("text", 20).map(Note)
        }
    }

    /// A published test seed: RFC 8037 appendix A.1.
    const SEED: [u8; 32] = [
        0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c,
        0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae,
        0x7f, 0x60,
    ];
    const ID: &str = "AAAAAAAAAAAAAAAAAAAAAA";

    fn signed(kind: WorksheetKind, payload: &Value) -> String {
        let public = participant::public(&SEED);
        let unsigned = Unsigned::self_signed(kind.typ(), &public, payload);
        unsigned.signed(&sign(&SEED, &unsigned.signing_input()))
    }

    fn payload() -> Value {
        let kid = Curve::Ed25519.thumbprint(&base64url(&participant::public(&SEED)));
        json!({
            "iss": issuer(&kid), "aud": AUDIENCE, "iat": 5,
            "worksheet": {"v": 1, "id": ID, "content": {"text": "who decides"}},
        })
    }

    #[test]
    fn what_is_written_is_read() {
        let note = Note("who decides".to_owned());
        let public = participant::public(&SEED);
        let unsigned = unsigned(&note, ID, &public, 5);
        let file = unsigned.signed(&sign(&SEED, &unsigned.signing_input()));
        let read = verify::<Note>(file.as_bytes()).unwrap();
        assert_eq!((read.content, read.id.as_str(), read.iat), (note, ID, 5));
        assert_eq!(read.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[track_caller]
    fn refused(file: &str, expected: &WorksheetFault) {
        assert_eq!(verify::<Note>(file.as_bytes()).unwrap_err(), *expected);
    }

    #[test]
    fn what_differs_is_refused_by_name() {
        use WorksheetFault::{Content, Envelope, Version};
        let with = |pointer: &str, value: Value| {
            let mut payload = payload();
            *payload.pointer_mut(pointer).unwrap() = value;
            signed(WorksheetKind::DecisionMap, &payload)
        };
        assert!(verify::<Note>(with("/iat", json!(6)).as_bytes()).is_ok());
        refused(&with("/iat", json!(-1)), &Content("iat".to_owned()));
        refused(&with("/aud", json!("urn:survey:cohort:solo")), &Content("aud".to_owned()));
        refused(&with("/worksheet/v", json!(2)), &Version(2));
        refused(&with("/worksheet/v", json!("1")), &Content("worksheet.v".to_owned()));
        refused(&with("/worksheet/id", json!("short")), &Content("worksheet.id".to_owned()));
        refused(
            &with("/worksheet/content/text", json!(1)),
            &Content("worksheet.content.text".to_owned()),
        );
        refused(&with("/iss", json!("somebody")), &Envelope(EnvelopeFault::KeyMismatch));
        let other = signed(WorksheetKind::Engagement, &payload());
        let purpose = EnvelopeFault::Purpose("survey-engagement+jwt".to_owned());
        refused(&other, &Envelope(purpose));
    }

    #[test]
    fn every_kind_is_found_by_its_typ() {
        for kind in WorksheetKind::ALL {
            assert_eq!(WorksheetKind::of_typ(kind.typ()), Some(kind));
        }
        assert_eq!(WorksheetKind::of_typ("survey-result+jwt"), None);
    }
}
