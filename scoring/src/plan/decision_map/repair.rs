//! How many numbers are tracked for each decision, and what to mend first.

use super::{DecisionMap, Entry, Field, Flag, Kind, Words};

/// Numbers that are tracked, against decisions made because of them in the last quarter. Only metrics of which the
/// decisions were stated are in it, on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    /// Metrics of which the decisions were stated.
    pub n_metrics: u32,
    /// Their decisions.
    pub n_decisions: u32,
    /// How many of them led to none.
    pub n_without: u32,
    /// Metrics of which the decisions were not stated.
    pub n_unstated: u32,
}

/// What a ratio says, in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RatioSays {
    /// No metric has its decisions stated.
    Nothing,
    /// No decision was made, so that there is nothing to divide by.
    NoDecision,
    /// So many numbers are tracked for each decision.
    NumbersADecision(u32),
    /// So many decisions were made for each number.
    DecisionsANumber(u32),
    /// So many numbers for so many decisions.
    NumbersForDecisions(u32, u32),
}

impl Ratio {
    /// The ratio in lowest terms.
    #[must_use]
    pub fn says(self) -> RatioSays {
        let Ratio { n_metrics, n_decisions, .. } = self;
        match (n_metrics, n_decisions) {
            (0, _) => RatioSays::Nothing,
            (_, 0) => RatioSays::NoDecision,
            _ => {
                let common = greatest_common_divisor(n_metrics, n_decisions);
                match (n_metrics / common, n_decisions / common) {
                    (numbers, 1) => RatioSays::NumbersADecision(numbers),
                    (1, decisions) => RatioSays::DecisionsANumber(decisions),
                    (numbers, decisions) => RatioSays::NumbersForDecisions(numbers, decisions),
                }
            }
        }
    }
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// What a repair sees to. The order is the order of repair: whoever has no owner has nobody to set a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// One name.
    Owner,
    /// The line at which somebody acts: a threshold, a day, a yes or no.
    Line,
    /// What the owner may do.
    Authority,
    /// Whether the number is worth tracking.
    Retire,
}

impl Step {
    /// All of them, in their order.
    pub const ALL: [Step; 4] = [Step::Owner, Step::Line, Step::Authority, Step::Retire];

    /// Stable code, part of the keys of its texts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Step::Owner => "owner",
            Step::Line => "line",
            Step::Authority => "authority",
            Step::Retire => "retire",
        }
    }

    /// The step that mends a cell.
    fn of(field: Field) -> Self {
        match field {
            Field::Owner | Field::SecondOwner | Field::Name => Step::Owner,
            Field::When | Field::Amount | Field::OnTrack | Field::By | Field::Delivered => {
                Step::Line
            }
            Field::Lever | Field::Permission | Field::Ask | Field::CastingVote => Step::Authority,
            Field::Decisions => Step::Retire,
        }
    }
}

/// One thing to mend: all flags of one step of one metric or one outcome with what is owed to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair<'a> {
    /// Its place, counted from 1. Repairs of the same step on which as much hangs share a place.
    pub place: usize,
    /// Whether others share the place.
    pub is_tied: bool,
    /// What it sees to.
    pub step: Step,
    /// Metric or outcome.
    pub kind: Kind,
    /// Its id.
    pub id: &'a str,
    /// What hangs on it: decisions of a metric; for an outcome itself, and what is still owed to it.
    pub hanging: usize,
    /// The flags that it clears.
    pub flags: Vec<Flag<'a>>,
}

impl DecisionMap {
    /// Numbers against decisions.
    #[must_use]
    pub fn ratio(&self) -> Ratio {
        let stated = || self.metrics.iter().filter_map(|metric| metric.decisions);
        let n = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Ratio {
            n_metrics: n(stated().count()),
            n_decisions: stated().sum(),
            n_without: n(stated().filter(|decisions| *decisions == 0).count()),
            n_unstated: n(self.metrics.len() - stated().count()),
        }
    }

    /// What to mend, first things first: by [`Step`], then by what hangs on it, most first. Those that share a place
    /// are in the order of the map.
    #[must_use]
    pub fn repairs(&self, words: &Words, today: &str) -> Vec<Repair<'_>> {
        let mut repairs: Vec<Repair<'_>> = Vec::new();
        for entry in self.entries() {
            let (kind, id, hanging) = hanging(entry);
            for flag in entry.flags(words, today) {
                let step = Step::of(flag.field);
                // What is owed follows its outcome, so that an outcome's repairs are the last ones.
                let mut own = repairs.iter_mut().rev().take_while(|repair| repair.id == id);
                match own.find(|repair| repair.step == step) {
                    Some(repair) => repair.flags.push(flag),
                    None => {
                        let (flags, place) = (vec![flag], 0);
                        repairs.push(Repair {
                            place,
                            is_tied: false,
                            step,
                            kind,
                            id,
                            hanging,
                            flags,
                        });
                    }
                }
            }
        }
        let rank = |repair: &Repair<'_>| (repair.step, std::cmp::Reverse(repair.hanging));
        repairs.sort_by_key(rank);
        let ranks: Vec<_> = repairs.iter().map(rank).collect();
        for repair in &mut repairs {
            let own = rank(repair);
            repair.place = 1 + ranks.iter().filter(|other| **other < own).count();
            repair.is_tied = ranks.iter().filter(|other| **other == own).count() > 1;
        }
        repairs
    }
}

/// The metric or outcome that an entry belongs to, and what hangs on it.
fn hanging(entry: Entry<'_>) -> (Kind, &str, usize) {
    match entry {
        Entry::Metric(metric) => {
            let n_decisions = metric.decisions.and_then(|n| usize::try_from(n).ok());
            (Kind::Metric, &metric.id, n_decisions.unwrap_or(0))
        }
        Entry::Outcome(outcome) | Entry::Owed(_, outcome) => {
            let n_open = outcome.owed.iter().filter(|owed| !owed.delivered).count();
            (Kind::Outcome, &outcome.id, 1 + n_open)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::flags::tests::{english, sound_metric, sound_outcome};
    use super::super::{Metric, Outcome, YesNo};
    use super::*;

    #[track_caller]
    fn says(decisions: &[Option<u32>], expected: RatioSays) {
        let metrics = decisions.iter().map(|n| Metric { decisions: *n, ..sound_metric() });
        let map = DecisionMap { metrics: metrics.collect(), ..DecisionMap::default() };
        assert_eq!(map.ratio().says(), expected, "{decisions:?}");
    }

    #[test]
    fn numbers_are_set_against_decisions() {
        use RatioSays::*;
        says(&[], Nothing);
        says(&[None, None], Nothing);
        says(&[Some(0), None, Some(0)], NoDecision);
        says(&[Some(1), Some(0), Some(0)], NumbersADecision(3));
        says(&[Some(1), None, Some(1)], NumbersADecision(1));
        says(&[Some(2), Some(2)], DecisionsANumber(2));
        says(&[Some(2), Some(1), Some(0), Some(1), Some(0), Some(0)], NumbersForDecisions(3, 2));
        says(&[Some(9_999)], DecisionsANumber(9_999));
    }

    #[test]
    fn owners_come_first_and_what_decides_nothing_last() {
        let metric = |id: &str, change: &dyn Fn(&mut Metric)| {
            let mut metric = Metric { id: id.to_owned(), ..sound_metric() };
            change(&mut metric);
            metric
        };
        let outcome = |id: &str, change: &dyn Fn(&mut Outcome)| {
            let mut outcome = Outcome { id: id.to_owned(), ..sound_outcome() };
            outcome.owed.iter_mut().for_each(|owed| owed.id = format!("to {id}"));
            change(&mut outcome);
            outcome
        };
        let map = DecisionMap {
            title: String::new(),
            metrics: vec![
                metric("retire", &|m| m.decisions = Some(0)),
                metric("lever", &|m| m.lever.clear()),
                metric("line-2", &|m| m.amount.clear()),
                metric("line-5", &|m| (m.amount, m.decisions) = (String::new(), Some(5))),
                metric("owner-2", &|m| (m.owner, m.amount) = (String::new(), "high".to_owned())),
                metric("unknown", &|m| (m.owner, m.decisions) = (String::new(), None)),
                metric("sound", &|_| ()),
            ],
            outcomes: vec![
                outcome("vote", &|o| o.casting_vote = YesNo::No),
                outcome("owed", &|o| o.owed.iter_mut().for_each(|owed| owed.by.clear())),
                outcome("lead", &|o| o.second_owner = "COO".to_owned()),
            ],
        };
        let repairs = map.repairs(&english(), "2026-11-20");
        let ranked: Vec<_> = repairs
            .iter()
            .map(|r| (r.place, r.is_tied, r.step, r.id, r.hanging, r.flags.len()))
            .collect();
        let expected = [
            (1, true, Step::Owner, "owner-2", 2, 2),
            (1, true, Step::Owner, "lead", 2, 1),
            (3, false, Step::Owner, "unknown", 0, 2),
            (4, false, Step::Line, "line-5", 5, 1),
            (5, true, Step::Line, "line-2", 2, 1),
            (5, true, Step::Line, "owner-2", 2, 1),
            (5, true, Step::Line, "owed", 2, 1),
            (8, true, Step::Authority, "lever", 2, 2),
            (8, true, Step::Authority, "vote", 2, 1),
            (10, false, Step::Retire, "retire", 0, 1),
        ];
        assert_eq!(ranked, expected);
    }

    /// Whatever is flagged is in the order of repair once, and nothing else is.
    #[test]
    fn repairs_hold_every_flag_once() {
        use super::super::tests::any_map;
        use proptest::prelude::*;
        proptest!(|(map in any_map())| {
            let (words, today) = (english(), "2026-05-15");
            let mut flags = map.flags(&words, today);
            let mut repaired: Vec<_> =
                map.repairs(&words, today).into_iter().flat_map(|repair| repair.flags).collect();
            let key = |flag: &Flag<'_>| (flag.id.to_owned(), flag.code, flag.field);
            flags.sort_by_key(key);
            repaired.sort_by_key(key);
            prop_assert_eq!(flags, repaired);
        });
    }
}
