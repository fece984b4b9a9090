//! How a success criterion went: its baseline, then month by month. What moved, never why.

use super::form::{Kind, Number};
use super::{Engagement, Key};
use crate::plan::Day;
use std::cmp::Ordering;

/// A month and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Month {
    /// The month, such as `2026-03`.
    pub month: String,
    /// Its value.
    pub value: Number,
    /// The value minus the baseline's.
    pub change: Number,
}

/// Where the latest value lies, seen from the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Movement {
    /// Nothing can be said: there is no baseline.
    NoBaseline,
    /// Nothing can be said yet: there is no value after the baseline.
    NoValues,
    /// In the direction that was wanted.
    Wanted,
    /// In the other direction.
    Unwanted,
    /// Where it was.
    Same,
}

impl Movement {
    /// All of them.
    pub const ALL: [Movement; 5] = [
        Movement::NoBaseline,
        Movement::NoValues,
        Movement::Wanted,
        Movement::Unwanted,
        Movement::Same,
    ];

    /// Stable code, also the key of its text.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Movement::NoBaseline => "no_baseline",
            Movement::NoValues => "no_values",
            Movement::Wanted => "wanted",
            Movement::Unwanted => "unwanted",
            Movement::Same => "same",
        }
    }
}

/// How a criterion went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// Day and value of the baseline.
    pub baseline: Option<(Day, Number)>,
    /// The months after it that have a value; none without a baseline.
    pub months: Vec<Month>,
    /// Where the latest one lies.
    pub movement: Movement,
    /// Whether the latest one is at the target or beyond it; nothing without a target.
    pub is_at_target: Option<bool>,
}

impl Engagement {
    /// How the criterion with this id went; nothing if there is none.
    #[must_use]
    pub fn course(&self, criterion: &str) -> Option<Course> {
        let content = self.shown(&Key::new(Kind::Criterion, criterion))?;
        let Some((day, baseline)) = content.baseline() else {
            let (months, movement) = (Vec::new(), Movement::NoBaseline);
            return Some(Course { baseline: None, months, movement, is_at_target: None });
        };
        let first = day.month();
        let months: Vec<Month> = self
            .months(criterion)
            // Two devices together can hold a value that neither would have taken alone.
            .filter(|(month, _)| **month >= *first)
            .filter_map(|(month, content)| {
                let value = content.number("value")?;
                Some(Month { month: month.to_owned(), value, change: value.minus(baseline) })
            })
            .collect();
        let wanted =
            if content.says("better", "down") { Ordering::Less } else { Ordering::Greater };
        let latest = months.last().map(|month| month.value);
        let movement = match latest.map(|latest| latest.compare(baseline)) {
            None => Movement::NoValues,
            Some(Ordering::Equal) => Movement::Same,
            Some(order) if order == wanted => Movement::Wanted,
            Some(_) => Movement::Unwanted,
        };
        let is_at_target = content.number("target").zip(latest).map(|(target, latest)| {
            let order = latest.compare(target);
            order == wanted || order == Ordering::Equal
        });
        Some(Course { baseline: Some((day, baseline)), months, movement, is_at_target })
    }
}
