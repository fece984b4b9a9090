//! The cohort link: what a coach asks for, signed, short enough for a QR code.

use crate::instrument::{hex, is_hex};
use crate::jose::{EnvelopeFault, Unsigned, base64url, compact, fixed, protects};
use crate::json::Node;
use crate::result::{Object, Policy, is_name};
use serde_json::{Value, json};

/// The `typ` of a cohort link.
const TYP: &str = "survey-cohort+jwt";

/// Most characters of a whole link, address included: what messengers and QR codes carry.
pub const MAX_LINK_CHARS: usize = 1500;
/// Most characters of a cohort's title.
pub const MAX_TITLE_CHARS: usize = 80;
/// Most characters of a coach's name.
pub const MAX_COACH_CHARS: usize = 60;
/// Most characters of a wave's name.
pub const MAX_WAVE_CHARS: usize = 40;
/// Most questions of a coach's own.
pub const MAX_CUTS: usize = 4;
/// Most characters of such a question.
pub const MAX_CUT_TITLE_CHARS: usize = 60;
/// Most options of such a question.
pub const MAX_CUT_OPTIONS: usize = 12;
/// Most characters of an option.
pub const MAX_CUT_OPTION_CHARS: usize = 40;

/// What a coach pins for everyone who answers through one link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkClaims {
    /// When it was made, in seconds since 1970.
    pub iat: i64,
    /// Cohort id, 128 random bits in base64url. Waves of one cohort share it.
    pub id: String,
    /// What participants are invited to.
    pub title: String,
    /// Who asks, as they call themselves.
    pub coach: String,
    /// The wave.
    pub wave: String,
    /// 128 random bits in base64url, which every result must repeat.
    pub nonce: String,
    /// Instruments to answer, in order.
    pub instruments: Vec<Asked>,
    /// Languages offered, the first by default.
    pub languages: Vec<String>,
    /// When it closes, in seconds since 1970.
    pub closes: Option<i64>,
    /// Closed questions that divide the cohort.
    pub cuts: Vec<LinkCut>,
    /// The disclosure policy.
    pub policy: Policy,
    /// The X25519 key that results are sealed for.
    pub seal: Option<[u8; 32]>,
    /// How a result gets to the coach.
    pub delivery: Delivery,
    /// Whether everyone needs an invitation of their own.
    pub invitation: bool,
}

/// An instrument that a link asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Instrument id.
    pub id: String,
    /// Version.
    pub version: String,
    /// SHA-256 of the definition.
    pub sha256: [u8; 32],
}

/// A closed question of the coach's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkCut {
    /// Id.
    pub id: String,
    /// The question.
    pub title: String,
    /// Its options; results name them by number, counted from 1.
    pub options: Vec<String>,
}

/// How a result gets to the coach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The participant hands over a file.
    File,
    /// The page that embeds the survey takes it, if it is of this origin.
    Message {
        /// Scheme, host and port.
        origin: String,
    },
    /// The survey's own server takes it by HTTP PUT into a folder beside the app.
    Drop {
        /// Path of the folder, relative to the app.
        path: String,
    },
}

/// Why a link cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkFault {
    /// Longer than a link can be.
    #[error("the link is longer than a link can be")]
    TooLong,
    /// Cut off, mistyped, or not a link of ours.
    #[error("the link is damaged: {0}")]
    Damaged(EnvelopeFault),
    /// Changed since its coach signed it.
    #[error("the link was changed since it was signed")]
    Changed,
    /// Made by a later version of the app.
    #[error("the link is of format {0}, which this version does not know")]
    Version(i64),
    /// Signed, but not as a link should be.
    #[error("the link has a fault at {0}")]
    Content(String),
}

impl LinkFault {
    /// Stable code, also the key of the texts that say what happened and what to do.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            LinkFault::TooLong => "link_too_long",
            LinkFault::Damaged(_) => "link_damaged",
            LinkFault::Changed => "link_changed",
            LinkFault::Version(_) => "link_version",
            LinkFault::Content(_) => "link_content",
        }
    }
}

/// A link whose signature fits the key in it: "self-signed", never "trusted".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedLink {
    claims: LinkClaims,
    kid: String,
    public: [u8; 32],
    digest: [u8; 32],
    token: String,
}

impl VerifiedLink {
    /// Reads and verifies a link: the token itself, without the address it came in.
    ///
    /// # Errors
    /// The first fault met.
    pub fn verify(token: &str) -> Result<Self, LinkFault> {
        let envelope = compact(token, TYP, MAX_LINK_CHARS).map_err(|fault| match fault {
            EnvelopeFault::TooLarge => LinkFault::TooLong,
            EnvelopeFault::Signature | EnvelopeFault::KeyMismatch => LinkFault::Changed,
            other => LinkFault::Damaged(other),
        })?;
        let payload = envelope.payload().map_err(LinkFault::Damaged)?;
        match payload.at(&["cohort", "v"]).and_then(Node::as_i64) {
            None => return Err(LinkFault::Content("cohort.v".to_owned())),
            Some(1) => {}
            Some(other) => return Err(LinkFault::Version(other)),
        }
        Ok(VerifiedLink {
            claims: LinkClaims::from_json(&payload).map_err(LinkFault::Content)?,
            digest: envelope.digest(),
            kid: envelope.kid,
            public: envelope.public,
            token: token.to_owned(),
        })
    }

    /// What it pins.
    #[must_use]
    pub fn claims(&self) -> &LinkClaims {
        &self.claims
    }

    /// Thumbprint of the coach's key.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The coach's public key.
    #[must_use]
    pub fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// SHA-256 of the signing input.
    #[must_use]
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// SHA-256 of the signing input, lower-case hexadecimal.
    #[must_use]
    pub fn sha256_hex(&self) -> String {
        hex(&self.digest)
    }

    /// A name for this link in addresses and on the device: half of its digest.
    #[must_use]
    pub fn slug(&self) -> String {
        base64url(self.digest.first_chunk::<16>().unwrap_or(&[0; 16]))
    }

    /// The token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Whether it is closed at a time.
    #[must_use]
    pub fn is_closed(&self, now: i64) -> bool {
        self.claims.closes.is_some_and(|closes| now > closes)
    }
}

impl LinkClaims {
    /// The link, to be signed with the coach's key.
    ///
    /// # Errors
    /// The path of the first member that no reader would accept.
    pub fn unsigned(&self, public: &[u8; 32]) -> Result<Unsigned, String> {
        let payload = self.to_json();
        LinkClaims::from_json(&Node::from(&payload))?;
        Ok(Unsigned::self_signed(TYP, public, &payload))
    }

    /// How many characters the token will have. Claims that no reader would accept have a length, too,
    /// so that it can be shown while they are typed.
    #[must_use]
    pub fn n_token_chars(&self) -> usize {
        // Every key and every signature is as long as any other.
        Unsigned::self_signed(TYP, &[0; 32], &self.to_json()).compact(&[0; 64]).len()
    }

    /// Whether this instrument is asked for; the hash of its definition as results have it, in lower-case
    /// hexadecimal.
    #[must_use]
    pub fn asks_for(&self, id: &str, version: &str, sha256: &str) -> bool {
        let same = |asked: &Asked| {
            asked.id == id && asked.version == version && is_hex(sha256, &asked.sha256)
        };
        self.instruments.iter().any(same)
    }

    /// Whether a cut has an option of this number, counted from 1.
    #[must_use]
    pub fn offers(&self, cut: &str, option: i64) -> bool {
        let cut = self.cuts.iter().find(|known| known.id == cut);
        cut.is_some_and(|cut| {
            usize::try_from(option).is_ok_and(|option| (1..=cut.options.len()).contains(&option))
        })
    }

    fn to_json(&self) -> Value {
        let instruments: Vec<Value> = self
            .instruments
            .iter()
            .map(|asked| {
                let sha256 = base64url(&asked.sha256);
                json!({"id": asked.id, "version": asked.version, "sha256": sha256})
            })
            .collect();
        let cuts: Vec<Value> = self
            .cuts
            .iter()
            .map(|cut| json!({"id": cut.id, "title": cut.title, "options": cut.options}))
            .collect();
        let delivery = match &self.delivery {
            Delivery::File => json!({"by": "file"}),
            Delivery::Message { origin } => json!({"by": "message", "origin": origin}),
            Delivery::Drop { path } => json!({"by": "drop", "path": path}),
        };
        json!({
            "iat": self.iat,
            "cohort": {
                "v": 1,
                "id": self.id,
                "title": self.title,
                "coach": self.coach,
                "wave": self.wave,
                "nonce": self.nonce,
                "instruments": instruments,
                "languages": self.languages,
                "closes": self.closes,
                "cuts": cuts,
                "policy": self.policy.to_json(),
                "seal": self.seal.map(|key| base64url(&key)),
                "delivery": delivery,
                "invitation": self.invitation,
            },
        })
    }

    fn from_json(payload: &Node<'_>) -> Result<Self, String> {
        let claims = Self::read(payload)?;
        // Results name instruments and cuts by id: two of one name would be taken for each other.
        let cut = |cut: &LinkCut| claims.cuts.iter().filter(|other| other.id == cut.id).count();
        let asked = |asked: &Asked| {
            let same = |other: &&Asked| other.id == asked.id && other.version == asked.version;
            claims.instruments.iter().filter(same).count()
        };
        if claims.cuts.iter().any(|one| cut(one) > 1) {
            return Err("cohort.cuts".to_owned());
        }
        if claims.instruments.iter().any(|one| asked(one) > 1) {
            return Err("cohort.instruments".to_owned());
        }
        Ok(claims)
    }

    fn read(payload: &Node<'_>) -> Result<Self, String> {
        let envelope = Object::of(payload, "", &["iat", "cohort"])?;
        let members = [
            "v",
            "id",
            "title",
            "coach",
            "wave",
            "nonce",
            "instruments",
            "languages",
            "closes",
            "cuts",
            "policy",
            "seal",
            "delivery",
            "invitation",
        ];
        let cohort = envelope.object("cohort", &members)?;
        let closes = match cohort.get("closes")? {
            Node::Null => None,
            _ => Some(cohort.instant("closes")?),
        };
        let seal = match cohort.get("seal")? {
            Node::Null => None,
            _ => {
                let key = fixed(&cohort.text("seal", 43)?).filter(protects);
                Some(key.ok_or_else(|| cohort.at("seal"))?)
            }
        };
        Ok(LinkClaims {
            iat: envelope.instant("iat")?,
            id: token(&cohort, "id")?,
            title: shown(&cohort, "title", MAX_TITLE_CHARS)?,
            coach: shown(&cohort, "coach", MAX_COACH_CHARS)?,
            wave: shown(&cohort, "wave", MAX_WAVE_CHARS)?,
            nonce: token(&cohort, "nonce")?,
            instruments: cohort.list("instruments", 1..=8, |value, at| {
                let asked = Object::of(value, at, &["id", "version", "sha256"])?;
                let version = asked.text("version", 9)?;
                if !is_version(&version) {
                    return Err(asked.at("version"));
                }
                let sha256 = fixed(&asked.text("sha256", 43)?);
                Ok(Asked {
                    id: asked.name("id", 64)?,
                    version,
                    sha256: sha256.ok_or_else(|| asked.at("sha256"))?,
                })
            })?,
            languages: cohort.list("languages", 1..=20, |value, at| {
                value
                    .as_str()
                    .filter(|tag| tag.len() <= 35 && is_name(tag))
                    .map(str::to_owned)
                    .ok_or(at.to_owned())
            })?,
            closes,
            cuts: cohort.list("cuts", 0..=MAX_CUTS, |value, at| {
                let cut = Object::of(value, at, &["id", "title", "options"])?;
                let id = cut.name("id", 32)?;
                let options = cut.list("options", 2..=MAX_CUT_OPTIONS, |value, at| {
                    let option =
                        value.as_str().filter(|option| is_shown(option, MAX_CUT_OPTION_CHARS));
                    option.map(str::to_owned).ok_or(at.to_owned())
                })?;
                Ok(LinkCut { id, title: shown(&cut, "title", MAX_CUT_TITLE_CHARS)?, options })
            })?,
            policy: Policy::of(&cohort)?,
            seal,
            delivery: Delivery::read(&cohort)?,
            invitation: cohort
                .get("invitation")?
                .as_bool()
                .ok_or_else(|| cohort.at("invitation"))?,
        })
    }
}

impl Delivery {
    fn read(cohort: &Object<'_>) -> Result<Self, String> {
        let at = cohort.at("delivery");
        let delivery = cohort.get("delivery")?;
        match delivery.get("by").and_then(Node::as_str) {
            Some("file") => Object::of(delivery, &at, &["by"]).map(|_| Delivery::File),
            Some("message") => {
                let delivery = Object::of(delivery, &at, &["by", "origin"])?;
                let origin = delivery.text("origin", 100)?;
                if !is_origin(&origin) {
                    return Err(delivery.at("origin"));
                }
                Ok(Delivery::Message { origin })
            }
            Some("drop") => {
                let delivery = Object::of(delivery, &at, &["by", "path"])?;
                let path = delivery.text("path", 100)?;
                if !is_folder(&path) {
                    return Err(delivery.at("path"));
                }
                Ok(Delivery::Drop { path })
            }
            _ => Err(format!("{at}.by")),
        }
    }
}

/// The link token in a text, and the invitation that follows it: the text is a token itself, or an
/// address whose fragment ends in `/join/<link>` or `/join/<link>/<invitation>`.
#[must_use]
pub fn link_tokens(text: &str) -> Option<(&str, Option<&str>)> {
    let is_token = |part: &&str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        part.matches('.').count() == 2 && part.chars().all(allowed)
    };
    let path = text.split_once('#').map_or(text, |(_, fragment)| fragment);
    let mut tokens = path.split('/').skip_while(|part| !is_token(part));
    Some((tokens.next()?, tokens.next().filter(is_token)))
}

/// 128 random bits in base64url.
pub(super) fn token(object: &Object<'_>, key: &str) -> Result<String, String> {
    let text = object.text(key, 22)?;
    fixed::<16>(&text).map(|_| text).ok_or_else(|| object.at(key))
}

/// A text that people are shown.
pub(super) fn shown(object: &Object<'_>, key: &str, max_chars: usize) -> Result<String, String> {
    let text = object.text(key, max_chars)?;
    if is_shown(&text, max_chars) { Ok(text) } else { Err(object.at(key)) }
}

/// Whether a text may be shown to participants: not empty, and nothing in it that moves or hides other
/// text, which are control characters and directional overrides (Unicode Technical Report 36, section 2.4).
#[must_use]
pub fn is_shown(text: &str, max_chars: usize) -> bool {
    let hides = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    !text.trim().is_empty() && text.chars().count() <= max_chars && !text.contains(hides)
}

/// Two numbers, such as `1.0`: with the id, it becomes part of an address.
fn is_version(text: &str) -> bool {
    let is_number =
        |part: &str| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    text.split_once('.').is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

/// Whether results may be handed to this origin: `https://host` with an optional port; plain HTTP only on
/// the machine itself, for trying out.
#[must_use]
pub fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| {
        text.strip_prefix("http://").filter(|host| {
            host.split(':').next().is_some_and(|name| ["localhost", "127.0.0.1"].contains(&name))
        })
    });
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-:".contains(c);
    host.is_some_and(|host| !host.is_empty() && host.chars().all(allowed))
}

/// Whether results may be put into this folder: a relative one, such as `results/`, that leaves neither the
/// host nor the app's own folder.
#[must_use]
pub fn is_folder(text: &str) -> bool {
    let segment = |segment: &str| {
        !segment.is_empty()
            && !segment.starts_with('.')
            && segment.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    text.strip_suffix('/').is_some_and(|path| path.split('/').all(segment))
}
