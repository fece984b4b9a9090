//! The content of a decision map: what its fields take, and its JSON.

use super::{
    DecisionMap, Entry, Field, Kind, MAX_DECISIONS, MAX_METRICS, MAX_OUTCOMES, MAX_OWED,
    MAX_TITLE_CHARS, Metric, Outcome, Owed, Permission, When, YesNo,
};
use crate::json::Node;
use crate::plan::{Day, Worksheet, WorksheetKind, hides, is_id};
use crate::result::Object;
use serde_json::{Map, Value, json};

/// What a field does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    /// Such an entry has no such field.
    NoSuchField,
    /// More characters than the field has room for.
    TooLong,
    /// Characters that cannot be seen, or that reorder others.
    Hidden,
    /// None of the choices.
    Choice,
    /// No whole number from 0 to [`MAX_DECISIONS`].
    Count,
    /// No day of the calendar as YYYY-MM-DD.
    Date,
}

/// An entry that is written into.
pub(super) enum EntryMut<'a> {
    Metric(&'a mut Metric),
    Outcome(&'a mut Outcome),
    Owed(&'a mut Owed),
}

impl EntryMut<'_> {
    /// Fills in a field. What does not fit leaves it as it was.
    pub(super) fn set(&mut self, field: Field, text: &str) -> Result<(), Unfit> {
        if text.chars().count() > field.max_chars() {
            return Err(Unfit::TooLong);
        }
        if text.chars().any(hides) {
            return Err(Unfit::Hidden);
        }
        let yes_no = || YesNo::of_code(text).ok_or(Unfit::Choice);
        let place = match (self, field) {
            (EntryMut::Metric(metric), Field::Name) => &mut metric.name,
            (EntryMut::Metric(metric), Field::Owner) => &mut metric.owner,
            (EntryMut::Metric(metric), Field::SecondOwner) => &mut metric.second_owner,
            (EntryMut::Metric(metric), Field::Amount) => &mut metric.amount,
            (EntryMut::Metric(metric), Field::Lever) => &mut metric.lever,
            (EntryMut::Metric(metric), Field::Ask) => &mut metric.ask,
            (EntryMut::Metric(metric), Field::When) => {
                metric.when = When::of_code(text).ok_or(Unfit::Choice)?;
                return Ok(());
            }
            (EntryMut::Metric(metric), Field::Permission) => {
                metric.permission = Permission::of_code(text).ok_or(Unfit::Choice)?;
                return Ok(());
            }
            (EntryMut::Metric(metric), Field::Decisions) => {
                metric.decisions = if text.is_empty() { None } else { Some(count(text)?) };
                return Ok(());
            }
            (EntryMut::Outcome(outcome), Field::Name) => &mut outcome.name,
            (EntryMut::Outcome(outcome), Field::Owner) => &mut outcome.owner,
            (EntryMut::Outcome(outcome), Field::SecondOwner) => &mut outcome.second_owner,
            (EntryMut::Outcome(outcome), Field::CastingVote) => {
                outcome.casting_vote = yes_no()?;
                return Ok(());
            }
            (EntryMut::Outcome(outcome), Field::OnTrack) => {
                outcome.on_track = yes_no()?;
                return Ok(());
            }
            (EntryMut::Owed(owed), Field::Name) => &mut owed.name,
            (EntryMut::Owed(owed), Field::Owner) => &mut owed.owner,
            (EntryMut::Owed(owed), Field::By) if text.is_empty() || Day::read(text).is_some() => {
                &mut owed.by
            }
            (EntryMut::Owed(_), Field::By) => return Err(Unfit::Date),
            (EntryMut::Owed(owed), Field::Delivered) => {
                owed.delivered = yes_no()? == YesNo::Yes;
                return Ok(());
            }
            _ => return Err(Unfit::NoSuchField),
        };
        text.clone_into(place);
        Ok(())
    }
}

/// What was typed or pasted, as it is kept: a form is no file, and may tidy up what came along unseen.
pub(super) fn typed(text: &str, max_chars: usize) -> String {
    text.trim_end_matches(['\r', '\n']).chars().filter(|c| !hides(*c)).take(max_chars).collect()
}

fn count(text: &str) -> Result<u32, Unfit> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let n = text.parse().ok().filter(|n| is_plain && *n <= MAX_DECISIONS);
    n.ok_or(Unfit::Count)
}

impl Worksheet for DecisionMap {
    const KIND: WorksheetKind = WorksheetKind::DecisionMap;

    fn title(&self) -> &str {
        &self.title
    }

    fn to_json(&self) -> Value {
        let metrics = self.metrics.iter().map(|metric| write(Entry::Metric(metric)));
        let outcomes = self.outcomes.iter().map(|outcome| {
            let owed = outcome.owed.iter().map(|owed| write(Entry::Owed(owed, outcome)));
            let owed: Vec<_> = owed.map(Value::Object).collect();
            let mut members = write(Entry::Outcome(outcome));
            members.insert("owed".to_owned(), Value::Array(owed));
            members
        });
        json!({
            "title": self.title,
            "metrics": metrics.collect::<Vec<_>>(),
            "outcomes": outcomes.collect::<Vec<_>>(),
        })
    }

    fn from_json(content: &Value) -> Result<Self, String> {
        let content = Node::from(content);
        let object = Object::of(&content, "", &["title", "metrics", "outcomes"])?;
        let title = object.text("title", MAX_TITLE_CHARS)?;
        if title.chars().any(hides) {
            return Err("title".to_owned());
        }
        let metrics = object.list("metrics", 0..=MAX_METRICS, |value, at| {
            let (mut metric, object) = (Metric::default(), members(value, at, Kind::Metric)?);
            read(&object, EntryMut::Metric(&mut metric))?;
            metric.id = id(&object)?;
            Ok(metric)
        })?;
        let outcomes = object.list("outcomes", 0..=MAX_OUTCOMES, |value, at| {
            let (mut outcome, object) = (Outcome::default(), members(value, at, Kind::Outcome)?);
            read(&object, EntryMut::Outcome(&mut outcome))?;
            outcome.id = id(&object)?;
            outcome.owed = object.list("owed", 0..=MAX_OWED, |value, at| {
                let (mut owed, object) = (Owed::default(), members(value, at, Kind::Owed)?);
                read(&object, EntryMut::Owed(&mut owed))?;
                owed.id = id(&object)?;
                Ok(owed)
            })?;
            Ok(outcome)
        })?;
        let map = DecisionMap { title, metrics, outcomes };
        each_id_once(&map)?;
        Ok(map)
    }
}

fn write(entry: Entry<'_>) -> Map<String, Value> {
    let cells = entry.kind().fields().iter().map(|field| {
        let text = entry.get(*field);
        let value = match field {
            Field::Decisions => json!(text.parse::<u32>().ok()),
            Field::Delivered => json!(text == "yes"),
            _ => json!(text),
        };
        (field.code().to_owned(), value)
    });
    [("id".to_owned(), json!(entry.id()))].into_iter().chain(cells).collect()
}

fn members<'a>(value: &'a Node<'a>, at: &str, kind: Kind) -> Result<Object<'a>, String> {
    let fields = kind.fields().iter().map(|field| field.code());
    let owed = (kind == Kind::Outcome).then_some("owed");
    let expected: Vec<&str> = ["id"].into_iter().chain(fields).chain(owed).collect();
    Object::of(value, at, &expected)
}

fn id(object: &Object<'_>) -> Result<String, String> {
    let id = object.text("id", 22)?;
    if is_id(&id) { Ok(id) } else { Err(object.at("id")) }
}

fn read(object: &Object<'_>, mut into: EntryMut<'_>) -> Result<(), String> {
    let kind = match into {
        EntryMut::Metric(_) => Kind::Metric,
        EntryMut::Outcome(_) => Kind::Outcome,
        EntryMut::Owed(_) => Kind::Owed,
    };
    for field in kind.fields() {
        let (key, at) = (field.code(), || object.at(field.code()));
        let text = match (field, object.get(key)?) {
            (Field::Decisions, Node::Null) => String::new(),
            (Field::Decisions, value) => {
                value.as_i64().filter(|n| *n >= 0).ok_or_else(at)?.to_string()
            }
            (Field::Delivered, value) => match value.as_bool().ok_or_else(at)? {
                true => "yes".to_owned(),
                false => "no".to_owned(),
            },
            _ => object.text(key, field.max_chars())?,
        };
        into.set(*field, &text).map_err(|_| at())?;
    }
    Ok(())
}

/// An id that two entries shared would let one change both.
fn each_id_once(map: &DecisionMap) -> Result<(), String> {
    let mut seen = std::collections::BTreeSet::new();
    let metrics = map.metrics.iter().enumerate().map(|(idx, m)| (&m.id, format!("metrics[{idx}]")));
    let outcomes = map.outcomes.iter().enumerate().flat_map(|(idx, outcome)| {
        let at = format!("outcomes[{idx}]");
        let owed = outcome.owed.iter().enumerate();
        let owed: Vec<_> = owed.map(|(no, o)| (&o.id, format!("{at}.owed[{no}]"))).collect();
        [(&outcome.id, at)].into_iter().chain(owed)
    });
    match metrics.chain(outcomes).find(|(id, _)| !seen.insert(*id)) {
        Some((_, at)) => Err(format!("{at}.id")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::any_map;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(map in any_map()) {
            prop_assert_eq!(DecisionMap::from_json(&map.to_json()), Ok(map));
        }
    }

    fn example() -> Value {
        let id = |n: u8| crate::jose::base64url(&[n; 16]);
        json!({
            "title": "", "metrics": [{
                "id": id(1), "name": "Churn", "owner": "Ana", "second_owner": "", "when": "above",
                "amount": "3 %", "lever": "Credits", "permission": "given", "ask": "", "decisions": 2,
            }],
            "outcomes": [{
                "id": id(2), "name": "Launch", "owner": "Ben", "second_owner": "",
                "casting_vote": "yes", "on_track": "no",
                "owed": [{"id": id(3), "name": "Specification", "owner": "Cy", "by": "2026-12-01", "delivered": false}],
            }],
        })
    }

    #[track_caller]
    fn refused(pointer: &str, value: Value, expected: &str) {
        let mut content = example();
        *content.pointer_mut(pointer).unwrap() = value;
        assert_eq!(DecisionMap::from_json(&content).unwrap_err(), expected);
    }

    /// The first fault of an untrusted file ends its reading, and has a place.
    #[test]
    fn faults_have_a_path() {
        assert!(DecisionMap::from_json(&example()).is_ok());
        refused("/title", json!("a\u{202e}b"), "title");
        refused("/metrics/0/id", json!("m1"), "metrics[0].id");
        refused("/metrics/0/name", json!("\u{200b}"), "metrics[0].name");
        refused("/metrics/0/owner", json!("x".repeat(81)), "metrics[0].owner");
        refused("/metrics/0/when", json!("over"), "metrics[0].when");
        refused("/metrics/0/decisions", json!(10_000), "metrics[0].decisions");
        refused("/metrics/0/decisions", json!(-1), "metrics[0].decisions");
        refused("/metrics/0/decisions", json!("2"), "metrics[0].decisions");
        refused("/outcomes/0/casting_vote", json!(true), "outcomes[0].casting_vote");
        refused("/outcomes/0/owed/0/by", json!("2026-02-30"), "outcomes[0].owed[0].by");
        refused("/outcomes/0/owed/0/delivered", json!("no"), "outcomes[0].owed[0].delivered");
        refused(
            "/outcomes/0/owed/0/id",
            example()["metrics"][0]["id"].clone(),
            "outcomes[0].owed[0].id",
        );
        refused("/metrics", json!(null), "metrics");
        refused("/metrics", json!(vec![example()["metrics"][0].clone(); 201]), "metrics");
        let mut surplus = example();
        surplus["metrics"][0]["note"] = json!("");
        assert_eq!(DecisionMap::from_json(&surplus).unwrap_err(), "metrics[0].note");
    }
}
