//! What a result says: the payload, its reading from strict JSON and its canonical writing.

use crate::answers::{Answer, AnswerSheet};
use crate::gather;
use crate::instrument::Rater;
use crate::json::{Members, Node};
use litemap::LiteMap;
use serde_json::{Map, Value, json};
use std::ops::RangeInclusive;

/// The payload of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Thumbprint of the signing key, as a URN (RFC 9278).
    pub iss: String,
    /// 128 random bits in base64url: distinguishes two files with equal content.
    pub jti: String,
    /// Whom the file is for.
    pub aud: String,
    /// When it was made, in seconds since 1970, by the participant's clock.
    pub iat: i64,
    /// The survey itself.
    pub survey: SurveyClaims,
}

/// The survey part of the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyClaims {
    /// The program that made the file.
    pub app: App,
    /// Instrument id.
    pub instrument: String,
    /// Instrument version.
    pub version: String,
    /// SHA-256 of the definition the answers were given on, lower-case hexadecimal.
    pub sha256: String,
    /// The cohort that the answers are for; none where somebody answered for themselves.
    pub cohort: Option<CohortClaims>,
    /// Language the items were read in.
    pub lang: String,
    /// First answer, in seconds since 1970.
    pub started_at: i64,
    /// End of the survey, in seconds since 1970.
    pub submitted_at: i64,
    /// The participant's options of the coach's cuts, by id, counted from 1; empty without a cohort.
    pub cuts: LiteMap<String, i64>,
    /// The answers.
    pub sheet: AnswerSheet,
    /// How long the screens were looked at.
    pub timing: Timing,
    /// What a reader must respect.
    pub policy: Policy,
    /// Scores as the participant's browser computed them; readers compute their own and compare.
    pub claimed_scores: LiteMap<String, ClaimedScore>,
}

/// The cohort link that a result was answered through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CohortClaims {
    /// Cohort id.
    pub id: String,
    /// SHA-256 of the link's signing input, lower-case hexadecimal.
    pub link_sha256: String,
    /// The wave.
    pub wave: String,
    /// The link's nonce: who never saw the link cannot know it.
    pub nonce: String,
    /// The coach's invitation, where the cohort was invited one by one.
    pub invitation: Option<String>,
}

/// Name, version and build of the writing program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Program name.
    pub name: String,
    /// Program version.
    pub version: String,
    /// Build identification.
    pub build: String,
}

/// Seconds that each screen was visible and in use, in presentation order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timing {
    /// One number a screen.
    pub screens: Vec<i64>,
}

/// The disclosure policy that the participant's signature pins; a report must be at least as strict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Policy {
    /// Fewest people a published number may rest on.
    pub min_group: i64,
    /// Fewest people before comments are shown.
    pub min_comments: i64,
}

impl Policy {
    /// What either number may be.
    pub(crate) const POSSIBLE: RangeInclusive<i64> = MIN_GROUP_FLOOR..=1000;

    /// What satisfies both.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        Policy {
            min_group: self.min_group.max(other.min_group),
            min_comments: self.min_comments.max(other.min_comments),
        }
    }

    /// As JSON.
    pub(crate) fn to_json(self) -> Value {
        json!({"min_group": self.min_group, "min_comments": self.min_comments})
    }

    /// From the member `policy`.
    pub(crate) fn of(owner: &Object<'_>) -> Result<Self, String> {
        let policy = owner.object("policy", &["min_group", "min_comments"])?;
        Ok(Policy {
            min_group: policy.integer("min_group", Self::POSSIBLE)?,
            min_comments: policy.integer("min_comments", Self::POSSIBLE)?,
        })
    }
}

impl Default for Policy {
    fn default() -> Self {
        Policy { min_group: 5, min_comments: 10 }
    }
}

/// The floor below which no policy may go.
pub const MIN_GROUP_FLOOR: i64 = 3;

/// A scale's keyed sum and number of answered items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimedScore {
    /// Sum after reversing.
    pub sum: i64,
    /// Answered items.
    pub n: i64,
}

impl Claims {
    /// The payload as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let survey = &self.survey;
        let answers: Map<String, Value> =
            gather(survey.sheet.answers.iter().map(|(item, answer)| {
                let value = match answer {
                    Answer::Code(code) => json!(code),
                    Answer::NotApplicable => json!("na"),
                    Answer::Skipped => Value::Null,
                };
                (item.clone(), value)
            }));
        let sheet = &survey.sheet;
        let rankings: Map<String, Value> =
            gather(sheet.rankings.iter().map(|(item, picked)| (item.clone(), json!(picked))));
        let texts: Map<String, Value> =
            gather(sheet.texts.iter().map(|(item, text)| (item.clone(), json!(text))));
        let claimed: Map<String, Value> = gather(
            survey
                .claimed_scores
                .iter()
                .map(|(scale, score)| (scale.clone(), json!({"sum": score.sum, "n": score.n}))),
        );
        let cuts: Map<String, Value> =
            gather(survey.cuts.iter().map(|(cut, option)| (cut.clone(), json!(option))));
        let cohort = survey.cohort.as_ref().map(|cohort| {
            json!({
                "id": cohort.id,
                "link_sha256": cohort.link_sha256,
                "wave": cohort.wave,
                "nonce": cohort.nonce,
                "invitation": cohort.invitation,
            })
        });
        json!({
            "iss": self.iss,
            "jti": self.jti,
            "aud": self.aud,
            "iat": self.iat,
            "survey": {
                "v": 1,
                "app": {"name": survey.app.name, "version": survey.app.version, "build": survey.app.build},
                "instrument": {"id": survey.instrument, "version": survey.version, "sha256": survey.sha256},
                "cohort": cohort,
                "rater": survey.sheet.rater.code(),
                "lang": survey.lang,
                "started_at": survey.started_at,
                "submitted_at": survey.submitted_at,
                "cuts": cuts,
                "answers": answers,
                "rankings": rankings,
                "texts": texts,
                "timing": {"screens": survey.timing.screens},
                "policy": survey.policy.to_json(),
                "claimed_scores": claimed,
            }
        })
    }

    /// Reads a payload; the error is the JSON path of the first fault.
    pub(super) fn from_json(payload: &Node<'_>) -> Result<Self, String> {
        let claims = Object::of(payload, "", &["aud", "iat", "iss", "jti", "survey"])?;
        Ok(Claims {
            iss: claims.text("iss", 200)?,
            jti: claims.text("jti", 64)?,
            aud: claims.text("aud", 200)?,
            iat: claims.instant("iat")?,
            survey: SurveyClaims::from_json(claims.get("survey")?)?,
        })
    }
}

impl SurveyClaims {
    fn from_json(value: &Node<'_>) -> Result<Self, String> {
        let survey = Object::of(
            value,
            "survey",
            &[
                "answers",
                "app",
                "claimed_scores",
                "cohort",
                "cuts",
                "instrument",
                "lang",
                "policy",
                "rankings",
                "rater",
                "started_at",
                "submitted_at",
                "texts",
                "timing",
                "v",
            ],
        )?;
        if survey.integer("v", 0..=i64::from(u16::MAX))? != 1 {
            return Err("survey.v".to_owned());
        }
        let app = survey.object("app", &["build", "name", "version"])?;
        let instrument = survey.object("instrument", &["id", "sha256", "version"])?;
        let timing = survey.object("timing", &["screens"])?;
        let cohort = match survey.get("cohort")? {
            Node::Null => None,
            _ => Some(CohortClaims::read(&survey)?),
        };
        let rater = Rater::from_code(&survey.text("rater", 16)?).ok_or("survey.rater")?;
        Ok(SurveyClaims {
            app: App {
                name: app.text("name", 64)?,
                version: app.text("version", 64)?,
                build: app.text("build", 64)?,
            },
            instrument: instrument.text("id", 64)?,
            version: instrument.text("version", 16)?,
            sha256: instrument.text("sha256", 64)?,
            cohort,
            lang: survey.name("lang", 35)?,
            started_at: survey.instant("started_at")?,
            submitted_at: survey.instant("submitted_at")?,
            cuts: survey.map("cuts", |option| option.as_i64())?,
            sheet: AnswerSheet {
                rater,
                answers: survey.map("answers", |value| match value {
                    Node::Null => Some(Answer::Skipped),
                    Node::Text(text) if text == "na" => Some(Answer::NotApplicable),
                    other => other.as_i64().map(Answer::Code),
                })?,
                rankings: survey.map("rankings", |value| {
                    let picked = value.as_list()?.iter();
                    picked.map(|item| item.as_str().map(str::to_owned)).collect()
                })?,
                texts: survey.map("texts", |value| value.as_str().map(str::to_owned))?,
            },
            timing: Timing { screens: timing.integers("screens")? },
            policy: Policy::of(&survey)?,
            claimed_scores: survey.map("claimed_scores", |value| {
                let score = Object::of(value, "", &["n", "sum"]).ok()?;
                let sum = score.integer("sum", 0..=1_000_000).ok()?;
                Some(ClaimedScore { sum, n: score.integer("n", 0..=1000).ok()? })
            })?,
        })
    }
}

impl CohortClaims {
    fn read(survey: &Object<'_>) -> Result<Self, String> {
        let members = ["id", "invitation", "link_sha256", "nonce", "wave"];
        let cohort = survey.object("cohort", &members)?;
        Ok(CohortClaims {
            id: cohort.text("id", 22)?,
            link_sha256: cohort.text("link_sha256", 64)?,
            wave: cohort.text("wave", 40)?,
            nonce: cohort.text("nonce", 22)?,
            invitation: match cohort.get("invitation")? {
                Node::Null => None,
                _ => Some(cohort.text("invitation", 600)?),
            },
        })
    }
}

pub(crate) fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    !text.is_empty() && text.chars().all(allowed)
}

fn member_of(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { [path, ".", name].concat() }
}

/// An object with exactly the expected members, and where it stands.
pub(crate) struct Object<'a> {
    members: &'a Members<'a>,
    path: String,
}

impl<'a> Object<'a> {
    pub(crate) fn of(value: &'a Node<'a>, path: &str, expected: &[&str]) -> Result<Self, String> {
        Self::at_path(value, path.to_owned(), expected)
    }

    fn at_path(value: &'a Node<'a>, path: String, expected: &[&str]) -> Result<Self, String> {
        match value.exactly(expected) {
            Ok(members) => Ok(Object { members, path }),
            Err(None) => Err(path),
            Err(Some(name)) => Err(member_of(&path, &name)),
        }
    }

    pub(crate) fn at(&self, key: &str) -> String {
        member_of(&self.path, key)
    }

    pub(crate) fn get(&self, key: &str) -> Result<&'a Node<'a>, String> {
        // A dozen names of different lengths are compared more quickly than searched.
        let found = self.members.iter().find(|(name, _)| *name == key);
        found.map(|(_, value)| value).ok_or_else(|| self.at(key))
    }

    pub(crate) fn object(&self, key: &str, expected: &[&str]) -> Result<Object<'a>, String> {
        Self::at_path(self.get(key)?, self.at(key), expected)
    }

    pub(crate) fn text(&self, key: &str, max_chars: usize) -> Result<String, String> {
        let text = self.get(key)?.as_str().filter(|text| text.chars().count() <= max_chars);
        text.map(str::to_owned).ok_or_else(|| self.at(key))
    }

    /// Letters, digits, `_` and `-`, at least one: what may become part of an address.
    pub(crate) fn name(&self, key: &str, max_chars: usize) -> Result<String, String> {
        let text = self.text(key, max_chars)?;
        if is_name(&text) { Ok(text) } else { Err(self.at(key)) }
    }

    pub(crate) fn integer(&self, key: &str, range: RangeInclusive<i64>) -> Result<i64, String> {
        self.get(key)?.as_i64().filter(|n| range.contains(n)).ok_or_else(|| self.at(key))
    }

    pub(crate) fn instant(&self, key: &str) -> Result<i64, String> {
        self.integer(key, 0..=crate::json::MAX_INTEGER)
    }

    fn integers(&self, key: &str) -> Result<Vec<i64>, String> {
        let list = self.get(key)?.as_list().filter(|list| list.len() <= 1000);
        let numbers = list.and_then(|list| {
            list.iter().map(|n| n.as_i64().filter(|n| *n >= 0)).collect::<Option<Vec<_>>>()
        });
        numbers.ok_or_else(|| self.at(key))
    }

    /// A list of so many elements, each read by `read`, which is told where it stands.
    pub(crate) fn list<T>(
        &self,
        key: &str,
        len: RangeInclusive<usize>,
        read: impl Fn(&Node<'_>, &str) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        let at = self.at(key);
        let list = self.get(key)?.as_list().filter(|list| len.contains(&list.len()));
        let elements = list.ok_or_else(|| at.clone())?.iter().enumerate();
        elements.map(|(idx, value)| read(value, &format!("{at}[{idx}]"))).collect()
    }

    pub(crate) fn map<T>(
        &self,
        key: &str,
        read: impl Fn(&Node<'_>) -> Option<T>,
    ) -> Result<LiteMap<String, T>, String> {
        let members = self.get(key)?.as_object().filter(|members| members.len() <= 2000);
        let members = members.ok_or_else(|| self.at(key))?;
        let mut map = Vec::with_capacity(members.len());
        for (id, value) in members {
            let value = read(value).ok_or_else(|| format!("{}.{id}", self.at(key)))?;
            map.push((id.as_ref().to_owned(), value));
        }
        Ok(LiteMap::from_sorted_store_unchecked(map))
    }
}
