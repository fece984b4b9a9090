//! How two people's answers about one of them are compared: a leader's own and their manager's.

use super::decode::Node;
use super::{Definition, ItemKind, Problems, Rater, Response};
use serde::{Deserialize, Serialize};

/// Declared rules of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairRules {
    /// The group of scales that are compared one by one. None of its items is in two of them.
    pub group: String,
    /// The ranking item in which both pick what matters most.
    pub priorities: String,
    /// The largest gap that is agreement, in hundredths of a step of the response scale.
    pub within: i64,
    /// From this mean of the manager's ratings on an area is called good, in hundredths of a code.
    pub good_from: i64,
    /// From this code of the manager's on a behaviour is called frequent.
    pub frequent_from: i64,
    /// Picking so many of the same is beyond chance if it had a lower probability, in percent.
    pub chance: i64,
    /// From so many pairs on, a cohort's own spread takes the place of `within` and of one pair's error.
    pub cohort_from: usize,
}

/// Codes of everything that may be said of a pair. In a wording, `pair.<code>` has `title`, `text`, `rule` and
/// `next`.
pub const PAIR_CODES: [&str; 21] = [
    "overall_over",
    "overall_under",
    "overall_good",
    "overall_poor",
    "overall_unclear",
    "blind_spot",
    "seen_less",
    "hidden_strength",
    "seen_more",
    "agreed_good",
    "agreed_poor",
    "unclear",
    "not_compared",
    "priorities_beyond_chance",
    "priorities_chance",
    "priorities_missing",
    "act_on",
    "protect",
    "ease_off",
    "leave",
    "not_seen",
];

pub(super) fn decode_pair(node: Node<'_>, p: &mut Problems) -> Option<PairRules> {
    let members =
        ["group", "priorities", "within", "good_from", "frequent_from", "chance", "cohort_from"];
    let rules = node.object(&members, p)?;
    Some(PairRules {
        group: rules.text("group", p),
        priorities: rules.text("priorities", p),
        within: rules.get("within", p).integer(p),
        good_from: rules.get("good_from", p).integer(p),
        frequent_from: rules.get("frequent_from", p).integer(p),
        chance: rules.get("chance", p).integer(p),
        cohort_from: rules.get("cohort_from", p).count(p),
    })
}

pub(super) fn check_pair(rules: &PairRules, definition: &Definition, problems: &mut Problems) {
    let mut fail = |member: &str, message: &str| problems.add(format!("pair.{member}"), message);
    let scales: Vec<_> =
        definition.scales.iter().filter(|scale| scale.group == rules.group).collect();
    let mut items: Vec<&String> = scales.iter().flat_map(|scale| &scale.items).collect();
    let n_items = items.len();
    items.sort();
    items.dedup();
    if scales.is_empty() || items.len() < n_items {
        fail("group", "expected a group of scales that share no item");
    }
    let find = |id: &str| definition.items.iter().find(|item| item.id == id).map(|item| &item.kind);
    let mut responses = items.iter().filter_map(|id| match find(id)? {
        ItemKind::Rating { response, .. } => Some(response),
        _ => None,
    });
    let first = responses.next();
    if responses.any(|other| Some(other) != first) {
        fail("group", "its items use different responses");
    }
    if let Some(Response::Rating { min, max, .. }) =
        first.and_then(|id| definition.responses.get(id))
    {
        if !(1..=100 * (max - min)).contains(&rules.within) {
            fail("within", "expected more than 0 and at most the whole response scale");
        }
        if !(100 * min + 1..=100 * max).contains(&rules.good_from) {
            fail("good_from", "expected a mean above the lowest code");
        }
        if !(min + 1..=*max).contains(&rules.frequent_from) {
            fail("frequent_from", "expected a code above the lowest");
        }
    }
    match find(&rules.priorities) {
        Some(ItemKind::Ranking { candidates, .. }) => {
            if candidates.iter().any(|candidate| !items.contains(&candidate)) {
                fail("priorities", "a candidate is in none of the scales that are compared");
            }
        }
        _ => fail("priorities", "expected a ranking item"),
    }
    if !(1..=50).contains(&rules.chance) {
        fail("chance", "expected 1 to 50 percent");
    }
    if rules.cohort_from < 10 {
        fail("cohort_from", "expected at least 10 pairs");
    }
    if [Rater::Own, Rater::Manager].iter().any(|rater| !definition.raters.contains(rater)) {
        problems.add("pair", "both self and manager must be among the raters");
    }
}
