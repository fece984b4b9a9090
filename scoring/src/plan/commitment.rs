//! What somebody commits to after a conversation: one behaviour, and all that makes it more than a wish. The parts
//! are those of management by objectives: a goal, who took part in setting it, how it is monitored, how it is judged.

use crate::cohort::is_shown;
use crate::json::Node;
use crate::result::Object;
use serde_json::{Value, json};

/// Most commitments of one pair: more are not kept.
pub const MAX_COMMITMENTS: usize = 3;

/// Most characters of each part.
pub const MAX_PART_CHARS: usize = 300;

/// Most characters of a part that are kept while somebody writes it.
const MAX_KEPT_CHARS: usize = 10_000;

/// What is wrong with a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartFault {
    /// It is not written yet.
    Missing,
    /// It has more than [`MAX_PART_CHARS`] characters.
    TooLong,
    /// It has characters that hide or turn others.
    Hidden,
}

/// A development commitment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Commitment {
    /// The behaviour: an item's id.
    pub behaviour: String,
    /// The situation in which it will show.
    pub shows_when: String,
    /// The outcome that it serves.
    pub outcome: String,
    /// Who took part in choosing it.
    pub took_part: String,
    /// How it is monitored.
    pub monitored: String,
    /// How it will be judged.
    pub judged: String,
}

/// The parts in words, in the order in which they are asked; each is a member's name and part of its texts' keys.
pub const PARTS: [&str; 5] = ["shows_when", "outcome", "took_part", "monitored", "judged"];

impl Commitment {
    /// A part by its name.
    #[must_use]
    pub fn part(&self, name: &str) -> &str {
        match name {
            "shows_when" => &self.shows_when,
            "outcome" => &self.outcome,
            "took_part" => &self.took_part,
            "monitored" => &self.monitored,
            "judged" => &self.judged,
            _ => "",
        }
    }

    /// A part to write to; none of another name.
    pub fn part_mut(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "shows_when" => &mut self.shows_when,
            "outcome" => &mut self.outcome,
            "took_part" => &mut self.took_part,
            "monitored" => &mut self.monitored,
            "judged" => &mut self.judged,
            _ => return None,
        })
    }

    /// What keeps it from being more than a wish, part by part, `behaviour` first.
    pub fn faults(&self) -> impl Iterator<Item = (&'static str, PartFault)> {
        let behaviour = self.behaviour.is_empty().then_some(("behaviour", PartFault::Missing));
        let parts = PARTS.into_iter().filter_map(|name| {
            let text = self.part(name).trim();
            let mut lines = text.lines().filter(|line| !line.is_empty());
            let fault = if text.is_empty() {
                PartFault::Missing
            } else if text.chars().count() > MAX_PART_CHARS {
                PartFault::TooLong
            } else if lines.any(|line| !is_shown(line, MAX_PART_CHARS)) {
                PartFault::Hidden
            } else {
                return None;
            };
            Some((name, fault))
        });
        behaviour.into_iter().chain(parts)
    }

    /// As JSON: every member always there.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "behaviour": self.behaviour,
            "shows_when": self.shows_when,
            "outcome": self.outcome,
            "took_part": self.took_part,
            "monitored": self.monitored,
            "judged": self.judged,
        })
    }

    /// Reads what [`Commitment::to_json`] writes. What is typed is kept as it is, so that a part may be one that
    /// [`Commitment::faults`] names.
    ///
    /// # Errors
    /// The path of the first fault.
    pub fn from_json(value: &Value) -> Result<Self, String> {
        let members = ["behaviour", "shows_when", "outcome", "took_part", "monitored", "judged"];
        let node = Node::from(value);
        let commitment = Object::of(&node, "", &members)?;
        let behaviour = commitment.text("behaviour", 64)?;
        let mut read = Commitment { behaviour, ..Commitment::default() };
        for name in PARTS {
            let text = commitment.text(name, MAX_KEPT_CHARS)?;
            if let Some(part) = read.part_mut(name) {
                *part = text;
            }
        }
        Ok(read)
    }
}

/// Commitments as one value.
#[must_use]
pub fn write(commitments: &[Commitment]) -> Value {
    commitments.iter().map(Commitment::to_json).collect()
}

/// Reads what [`write`] made; what has another form is passed over.
#[must_use]
pub fn read(commitments: &Value) -> Vec<Commitment> {
    let list = commitments.as_array().into_iter().flatten();
    list.filter_map(|one| Commitment::from_json(one).ok()).take(MAX_COMMITMENTS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commitment() -> Commitment {
        Commitment {
            behaviour: "decisions_1".to_owned(),
            shows_when: "in the Monday meeting".to_owned(),
            outcome: "offers go out in two days".to_owned(),
            took_part: "my manager and I".to_owned(),
            monitored: "a list, read each Friday".to_owned(),
            judged: "eight of ten offers in time\nby June".to_owned(),
        }
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let good = commitment();
        assert_eq!(Commitment::from_json(&good.to_json()), Ok(good.clone()));
        assert_eq!(
            Commitment::from_json(&Commitment::default().to_json()),
            Ok(Commitment::default())
        );
        let refused = |key: &str, value: Value| {
            let mut json = good.to_json();
            json[key] = value;
            assert_eq!(Commitment::from_json(&json), Err(key.to_owned()));
        };
        refused("outcome", json!(1));
        refused("judged", json!("x".repeat(MAX_KEPT_CHARS + 1)));
        refused("surplus", json!(""));
    }

    #[test]
    fn a_commitment_says_what_makes_it_one() {
        let check = |part: &str, text: &str, expected: &[(&str, PartFault)]| {
            let mut commitment = commitment();
            *commitment.part_mut(part).unwrap() = text.to_owned();
            assert_eq!(commitment.faults().collect::<Vec<_>>(), expected);
            let kept = read(&write(std::slice::from_ref(&commitment)));
            assert_eq!(kept, [commitment], "what is typed is kept");
        };
        check("judged", "eight of ten\n\nby June", &[]);
        check("judged", " ", &[("judged", PartFault::Missing)]);
        check("outcome", &"x".repeat(MAX_PART_CHARS + 1), &[("outcome", PartFault::TooLong)]);
        check("took_part", "so\u{202e}me", &[("took_part", PartFault::Hidden)]);
        assert_eq!(Commitment::default().faults().count(), 6);
    }

    #[test]
    fn no_more_are_kept_than_a_pair_can_work_on() {
        let four = write(&vec![commitment(); MAX_COMMITMENTS + 1]);
        assert_eq!(read(&four).len(), MAX_COMMITMENTS);
        assert!(read(&json!({})).is_empty() && read(&json!([1])).is_empty());
    }
}
