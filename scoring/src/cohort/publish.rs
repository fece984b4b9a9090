//! The group report as a signed file: what a coach publishes, and whose results it counted.

use super::link::shown;
use super::{Report, VerifiedLink};
use crate::jose::{EnvelopeFault, Unsigned, base64url, fixed, flattened, issuer};
use crate::json::Node;
use crate::result::{Object, audience};
use serde_json::{Map, Value, json};

const TYP: &str = "survey-group-report+jwt";

/// Largest group report that is read, in bytes: about 150,000 receipts.
pub const MAX_REPORT_BYTES: usize = 8 * 1024 * 1024;

/// A group report whose signature fits its key.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupReport {
    /// Thumbprint of the key that signed it.
    pub kid: String,
    /// When it was made, in seconds since 1970.
    pub iat: i64,
    /// Cohort id.
    pub cohort: String,
    /// The cohort's title.
    pub title: String,
    /// Who published it.
    pub coach: String,
    /// The wave.
    pub wave: String,
    /// The reports. They hold no comments: those are the coach's to pass on.
    pub reports: Vec<Report>,
    /// Receipts of the results that were counted.
    pub counted: Vec<[u8; 32]>,
}

/// Why a group report is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GroupReportFault {
    /// The signed envelope cannot be believed.
    #[error(transparent)]
    Envelope(#[from] EnvelopeFault),
    /// A member of the payload is missing, surplus or of the wrong type.
    #[error("the group report has a fault at {0}")]
    Content(String),
}

impl GroupReportFault {
    /// Stable code, also the key of the texts that say what happened and what to do.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            GroupReportFault::Envelope(fault) => fault.code(),
            GroupReportFault::Content(_) => "content",
        }
    }
}

impl GroupReport {
    /// The report on a link's cohort, to be signed with the key of the link's coach.
    #[must_use]
    pub fn unsigned(
        link: &VerifiedLink,
        reports: &[Report],
        receipts: &[[u8; 32]],
        iat: i64,
    ) -> Unsigned {
        let claims = link.claims();
        // In the order of their spelling, which says nothing about who came when.
        let mut receipts: Vec<String> = receipts.iter().map(|receipt| base64url(receipt)).collect();
        receipts.sort();
        receipts.dedup();
        let reports: Vec<Value> = reports.iter().map(published).collect();
        let payload = json!({
            "iss": issuer(link.kid()),
            "aud": audience(&claims.id),
            "iat": iat,
            "report": {
                "v": 1,
                "title": claims.title,
                "coach": claims.coach,
                "wave": claims.wave,
                "reports": reports,
                "counted": receipts,
            },
        });
        Unsigned::self_signed(TYP, link.public(), &payload)
    }

    /// Reads and verifies a group report.
    ///
    /// # Errors
    /// The first fault met.
    pub fn verify(file: &[u8]) -> Result<Self, GroupReportFault> {
        let envelope = flattened(file, TYP, MAX_REPORT_BYTES)?;
        Self::read(&envelope.payload()?, &envelope.kid).map_err(GroupReportFault::Content)
    }

    /// Whether a result is listed as counted. It says listed; that statistics used it, no list can
    /// show.
    #[must_use]
    pub fn lists(&self, receipt: &[u8; 32]) -> bool {
        self.counted.contains(receipt)
    }

    fn read(payload: &Node<'_>, kid: &str) -> Result<Self, String> {
        let claims = Object::of(payload, "", &["iss", "aud", "iat", "report"])?;
        let members = ["v", "title", "coach", "wave", "reports", "counted"];
        let report = claims.object("report", &members)?;
        if report.integer("v", 0..=i64::from(u16::MAX))? != 1 {
            return Err(report.at("v"));
        }
        let aud = claims.text("aud", 64)?;
        let cohort = aud.strip_prefix(&audience("")).filter(|id| fixed::<16>(id).is_some());
        Ok(GroupReport {
            kid: kid.to_owned(),
            iat: claims.instant("iat")?,
            cohort: cohort.ok_or("aud")?.to_owned(),
            title: shown(&report, "title", 80)?,
            coach: shown(&report, "coach", 60)?,
            wave: shown(&report, "wave", 40)?,
            reports: report.list("reports", 0..=64, |value, at| {
                let value = Value::from(value);
                let read: Report = serde_json::from_value(with_numbers(&value))
                    .map_err(|error| format!("{at}: {error}"))?;
                // Exactly what we write: no member that goes unread, and no comments.
                let is_whole = published(&read) == value;
                let fits = read.roster.is_none_or(|roster| roster >= read.n);
                if is_whole && fits { Ok(read) } else { Err(at.to_owned()) }
            })?,
            counted: receipts(&report)?,
        })
    }
}

/// Receipts in the order in which they are written, each once.
fn receipts(report: &Object<'_>) -> Result<Vec<[u8; 32]>, String> {
    let texts = report.list("counted", 0..=200_000, |value, at| {
        value.as_str().map(str::to_owned).ok_or(at.to_owned())
    })?;
    if !texts.is_sorted_by(|a, b| a < b) {
        return Err(report.at("counted"));
    }
    let decoded: Option<Vec<_>> = texts.iter().map(|text| fixed(text)).collect();
    decoded.ok_or_else(|| report.at("counted"))
}

/// A report without comments, its decimals as text: our files hold no numbers but integers.
fn published(report: &Report) -> Value {
    let mut report = report.clone();
    for comments in &mut report.comments {
        comments.texts = None;
    }
    with_text(&serde_json::to_value(&report).unwrap_or_default())
}

/// Members that hold decimals, and how many digits those have after the point.
const DECIMALS: [(&str, usize); 17] = [
    ("mean", 1),
    ("sd", 1),
    ("ci95", 1),
    ("favourable", 1),
    ("favourable_ci95", 1),
    ("points", 1),
    ("gap", 1),
    ("gap_sd", 1),
    ("gap_ci95", 1),
    ("points_ci95", 1),
    ("effect", 2),
    ("p_holm", 3),
    ("alpha", 2),
    ("alpha_ci95", 2),
    ("omega", 2),
    ("rwg_uniform", 2),
    ("rwg_slight_skew", 2),
];

fn digits(key: &str) -> Option<usize> {
    DECIMALS.iter().find(|(known, _)| *known == key).map(|(_, digits)| *digits)
}

fn with_text(value: &Value) -> Value {
    mapped(value, |key, value| match digits(key) {
        Some(digits) => as_text(value, digits),
        None => with_text(value),
    })
}

fn as_text(value: &Value, digits: usize) -> Value {
    match value {
        Value::Number(number) => {
            Value::String(format!("{:.digits$}", number.as_f64().unwrap_or(f64::NAN)))
        }
        other => mapped(other, |_, value| as_text(value, digits)),
    }
}

fn with_numbers(value: &Value) -> Value {
    mapped(value, |key, value| match digits(key) {
        Some(digits) => as_number(value, digits),
        None => with_numbers(value),
    })
}

/// A decimal as it is written here, and nothing else that could be read as a number.
fn as_number(value: &Value, n_digits: usize) -> Value {
    let is_decimal = |text: &str| {
        let digits = text.strip_prefix('-').unwrap_or(text).split_once('.');
        digits.is_some_and(|(whole, fraction)| {
            (1..=4).contains(&whole.len())
                && fraction.len() == n_digits
                && [whole, fraction].iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()))
        })
    };
    match value {
        Value::String(text) if is_decimal(text) => {
            text.parse::<f64>().map_or(Value::Null, Value::from)
        }
        // A bare number where text belongs would not be read back the same.
        Value::Number(_) => Value::String(String::new()),
        other => mapped(other, |_, value| as_number(value, n_digits)),
    }
}

fn mapped(value: &Value, change: impl Fn(&str, &Value) -> Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(|value| change("", value)).collect(),
        Value::Object(object) => Value::Object(
            object
                .iter()
                .map(|(key, value)| (key.clone(), change(key, value)))
                .collect::<Map<_, _>>(),
        ),
        other => other.clone(),
    }
}
