//! Who is in which groups at once: what shows whether one group lies within another.

use super::CutKey;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// People who are in the same group of every cut, counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profiles {
    /// The cuts, in ascending order.
    pub cuts: Vec<CutKey>,
    /// By their group of each cut: the bases of numbers over them, as [`super::Cell::bases`] lists them.
    #[serde(with = "super::entries")]
    pub counts: BTreeMap<Vec<String>, Vec<u64>>,
}

impl Profiles {
    /// The same people by their groups of other cuts; of a cut that is not counted here nobody stated a group.
    #[must_use]
    pub fn by(&self, cuts: &[CutKey]) -> Self {
        let places: Vec<Option<usize>> =
            cuts.iter().map(|cut| self.cuts.iter().position(|own| own == cut)).collect();
        let mut profiles = Profiles { cuts: cuts.to_vec(), counts: BTreeMap::new() };
        for (groups, counts) in &self.counts {
            let group = |place: &Option<usize>| place.and_then(|idx| groups.get(idx)).cloned();
            profiles.add(places.iter().map(|place| group(place).unwrap_or_default()), counts);
        }
        profiles
    }

    /// Adds people of one profile.
    pub(super) fn add(&mut self, groups: impl IntoIterator<Item = String>, counts: &[u64]) {
        let own = self.counts.entry(groups.into_iter().collect()).or_default();
        own.resize(counts.len(), 0);
        crate::stats::add(own, counts);
    }

    /// Adds other people.
    pub fn merge(&mut self, other: &Self) {
        let cuts: BTreeSet<CutKey> = self.cuts.iter().chain(&other.cuts).cloned().collect();
        let cuts: Vec<CutKey> = cuts.into_iter().collect();
        *self = self.by(&cuts);
        for (groups, counts) in other.by(&cuts).counts {
            self.add(groups, &counts);
        }
    }

    /// These people without some of them, by the same cuts; none if those are not among them.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Option<Self> {
        let mut rest = self.clone();
        for (groups, counts) in &other.counts {
            let own = rest.counts.get_mut(groups)?;
            *own = crate::stats::subtracted(own, counts)?;
        }
        Some(rest)
    }
}
