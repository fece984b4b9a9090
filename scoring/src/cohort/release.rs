//! What a report shows of whom, chosen so that nobody can be computed out of it and of what was shown before.

use super::ledger::{Isolates, Ledger};
use super::report::Room;
use super::suppress::{isolates, suppressed};
use crate::instrument::ItemKind;
use crate::tally::{Cell, CutKey, Ids, Profiles, Survey, SurveyKey};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What one report shows of whom. It counts hidden people too: it is the coach's, as the results are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// What the report is about.
    pub survey: SurveyKey,
    /// Fewest people a number may rest on.
    pub min_group: u64,
    /// The results it counts.
    pub results: Ids,
    /// Who is in which groups at once.
    pub profiles: Profiles,
    /// Rating items.
    pub items: BTreeMap<String, ReleasedItem>,
    /// Everybody, then the parts of each cut.
    pub sets: Vec<ReleasedSet>,
    /// People whose own change from or to another wave is shown: the place of the number, as in
    /// [`ReleasedSet::shows`], and their results in this wave.
    pub matched: BTreeSet<(usize, Ids)>,
}

/// A rating item, over everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleasedItem {
    /// People who answered.
    pub n: u64,
    /// Whether its numbers are shown.
    pub shown: bool,
}

/// People of whom numbers are shown together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleasedSet {
    /// The place of the cut in `profiles`; none for everybody.
    pub cut: Option<usize>,
    /// One group, or all that are hidden one by one; a group's name is empty for people who did not say.
    pub groups: Vec<String>,
    /// What is shown: the number of people, then by scale what rests on its scores, then by scale what rests on
    /// people who answered every item. Each has its own base; the order is that of [`Cell::bases`].
    pub shows: Vec<bool>,
}

impl ReleasedSet {
    /// Whether what has this place is shown.
    #[must_use]
    pub fn shows(&self, variable: usize) -> bool {
        self.shows.get(variable).is_some_and(|shown| *shown)
    }

    /// Whether it holds people by their groups of each cut.
    pub(super) fn holds(&self, groups: &[String]) -> bool {
        let group = self.cut.and_then(|cut| groups.get(cut));
        group.is_none_or(|group| self.groups.contains(group))
    }
}

impl Release {
    /// What is shown of everybody.
    pub(super) fn everybody(&self) -> Option<&ReleasedSet> {
        self.sets.first()
    }

    /// Whether it says more than how few people there are.
    fn is_shown(&self) -> bool {
        self.everybody().is_some_and(|everybody| everybody.shows(0))
    }

    /// The parts of a cut.
    pub(super) fn of_cut(&self, cut: &CutKey) -> impl Iterator<Item = &ReleasedSet> {
        let place = self.profiles.cuts.iter().position(|own| own == cut);
        self.sets.iter().filter(move |set| set.cut.is_some() && set.cut == place)
    }
}

/// A new release beside the earlier ones of its survey.
struct History<'a> {
    earlier: Vec<&'a Release>,
    min_group: u64,
    /// All cuts of all releases.
    cuts: Vec<CutKey>,
    layers: Vec<Layer>,
}

/// People who are in the same releases.
struct Layer {
    results: Ids,
    /// Which releases hold them; the last one is the new one.
    inside: Vec<bool>,
    profiles: Profiles,
    items: BTreeMap<String, u64>,
}

impl<'a> History<'a> {
    /// Divides the people of some releases by which releases hold them. Of two releases that share results, one
    /// must hold all results of the other: otherwise nobody can say how many people a group lost and gained.
    fn of(new: &Release, ledger: &'a Ledger) -> Result<Self, Isolates> {
        let is_related = |earlier: &&Release| earlier.survey == new.survey && earlier.is_shown();
        let earlier: Vec<&Release> = ledger.releases.iter().filter(is_related).collect();
        let releases: Vec<&Release> = earlier.iter().copied().chain([new]).collect();
        let cuts: BTreeSet<&CutKey> = releases.iter().flat_map(|r| &r.profiles.cuts).collect();
        let cuts: Vec<CutKey> = cuts.into_iter().cloned().collect();
        let mut by_size = releases.clone();
        by_size.sort_by_key(|release| release.results.len());
        let mut layers: Vec<Layer> = Vec::new();
        for release in by_size {
            if layers.iter().any(|layer| layer.results == release.results) {
                continue;
            }
            let mut profiles = release.profiles.by(&cuts);
            let mut items: BTreeMap<String, u64> =
                release.items.iter().map(|(id, item)| (id.clone(), item.n)).collect();
            for inner in &layers {
                match inner.results.n_shared(&release.results) {
                    0 => continue,
                    n if n < inner.results.len() => return Err(Isolates::between(new, &earlier)),
                    _ => {}
                }
                let rest = profiles.minus(&inner.profiles);
                profiles = rest.ok_or_else(|| Isolates::between(new, &earlier))?;
                for (item, n) in &mut items {
                    *n = n.saturating_sub(inner.items.get(item).copied().unwrap_or(0));
                }
            }
            let holds = |other: &&Release| {
                release.results.n_shared(&other.results) == release.results.len()
            };
            layers.push(Layer {
                results: release.results.clone(),
                inside: releases.iter().map(holds).collect(),
                profiles,
                items,
            });
        }
        let min_group = releases.iter().map(|release| release.min_group).max().unwrap_or(0);
        Ok(History { earlier, min_group, cuts, layers })
    }

    /// Whether showing a number of some sets, besides what is shown already, isolates somebody.
    fn isolates(&self, variable: usize, profiles: &Profiles, new: &[ReleasedSet]) -> bool {
        let earlier = self.earlier.iter().map(|old| (&old.profiles.cuts, old.sets.as_slice()));
        let mut sets: Vec<(usize, ReleasedSet)> = Vec::new();
        for (release, (cuts, released)) in earlier.chain([(&profiles.cuts, new)]).enumerate() {
            for set in released.iter().filter(|set| set.shows(variable)) {
                let cut = set.cut.and_then(|cut| cuts.get(cut));
                let cut = cut.and_then(|cut| self.cuts.iter().position(|other| other == cut));
                sets.push((release, ReleasedSet { cut, ..set.clone() }));
            }
        }
        let rows = self.layers.iter().flat_map(|layer| {
            let sets = &sets;
            layer.profiles.counts.iter().map(move |(groups, counts)| {
                let holds = |(release, set): &(usize, ReleasedSet)| {
                    layer.inside.get(*release) == Some(&true) && set.holds(groups)
                };
                let row: Vec<bool> = sets.iter().map(holds).collect();
                (row, counts.get(variable).copied().unwrap_or(0))
            })
        });
        isolates(rows, self.min_group)
    }

    /// The same for an item, over everybody.
    fn isolates_by_item(&self, item: &str) -> bool {
        let shows = |release: &&Release| release.items.get(item).is_some_and(|item| item.shown);
        let shown = self.earlier.iter().map(shows).chain([true]);
        let rows = self.layers.iter().map(|layer| {
            let row = shown.clone().zip(&layer.inside).map(|(shown, inside)| shown && *inside);
            (row.collect(), layer.items.get(item).copied().unwrap_or(0))
        });
        isolates(rows, self.min_group)
    }
}

/// A part of a cut.
struct Part {
    groups: Vec<String>,
    cell: Cell,
}

impl Room<'_> {
    /// What may be shown of a survey, after what was shown before.
    pub(super) fn release(
        &self,
        key: &SurveyKey,
        survey: &Survey,
        ledger: &Ledger,
    ) -> Result<Release, Isolates> {
        let mut release = Release {
            survey: key.clone(),
            min_group: self.min_group,
            results: survey.results.clone(),
            profiles: survey.profiles.clone(),
            items: self.items(&survey.all),
            sets: Vec::new(),
            matched: BTreeSet::new(),
        };
        let history = History::of(&release, ledger)?;
        let mut everybody = ReleasedSet { cut: None, groups: Vec::new(), shows: Vec::new() };
        for variable in 0..self.n_variables() {
            let shown = self.may_show_of(&survey.all, variable)
                && self.score_of(variable).is_none_or(|score| everybody.shows(score));
            everybody.shows.push(shown);
            let alone = std::slice::from_ref(&everybody);
            if shown && history.isolates(variable, &survey.profiles, alone) {
                // Without a number of people there is no report.
                if variable == 0 {
                    return Err(Isolates::between(&release, &history.earlier));
                }
                everybody.shows.pop();
                everybody.shows.push(false);
            }
        }
        for (id, item) in &mut release.items {
            item.shown = item.shown && !history.isolates_by_item(id);
        }
        self.hide_partners(&mut release.items);
        release.sets.push(everybody);
        for (place, cut) in survey.profiles.cuts.iter().enumerate() {
            let parts = self.parts(survey, (place, cut), &history, &release.sets);
            release.sets.extend(parts);
        }
        Ok(release)
    }

    fn items(&self, cell: &Cell) -> BTreeMap<String, ReleasedItem> {
        let ratings = self.instrument.definition().items.iter().filter_map(|item| {
            let ItemKind::Rating { .. } = item.kind else { return None };
            let moments = self.item_moments(cell, &item.id);
            let n = moments.as_ref().map_or(0, |moments| moments.n);
            let shown = moments.is_some_and(|moments| self.may_show(&moments));
            Some((item.id.clone(), ReleasedItem { n, shown }))
        });
        ratings.collect()
    }

    /// An item that is hidden, though enough people answered it, could be told from its scale and the other items.
    /// So one more is hidden among those that are in the same scales: the one that fewest people answered.
    fn hide_partners(&self, items: &mut BTreeMap<String, ReleasedItem>) {
        let scales = &self.instrument.definition().scales;
        let mut alike: BTreeMap<Vec<&str>, Vec<String>> = BTreeMap::new();
        for id in items.keys() {
            let own = scales.iter().filter(|scale| scale.items.contains(id));
            alike.entry(own.map(|scale| scale.id.as_str()).collect()).or_default().push(id.clone());
        }
        alike.remove([].as_slice());
        for ids in alike.values() {
            let is_told = |id: &String| {
                items.get(id).is_some_and(|item| !item.shown && item.n >= self.min_group)
            };
            let shown = |id: &&String| items.get(*id).is_some_and(|item| item.shown);
            let partner = ids.iter().filter(shown).min_by_key(|id| items.get(*id).map(|i| i.n));
            if let (true, Some(partner)) = (ids.iter().any(is_told), partner.cloned())
                && let Some(item) = items.get_mut(&partner)
            {
                item.shown = false;
            }
        }
    }

    fn n_variables(&self) -> usize {
        1 + 2 * self.n_scales()
    }

    /// The place of the score that something is only shown with, if it is.
    fn score_of(&self, variable: usize) -> Option<usize> {
        variable.checked_sub(self.n_scales()).filter(|score| *score > 0)
    }

    /// Whether what has this place may be shown of some people by themselves.
    fn may_show_of(&self, cell: &Cell, variable: usize) -> bool {
        let Some(place) = variable.checked_sub(1) else { return cell.n >= self.min_group };
        let moments = match place.checked_sub(self.n_scales()) {
            None => self.pomp(cell, place),
            Some(scale) => self.complete_moments(cell, scale),
        };
        moments.is_some_and(|moments| self.may_show(&moments))
    }

    /// The parts in which a cut is shown, after everybody and other cuts: one a group, then one of all groups that
    /// are hidden one by one.
    fn parts(
        &self,
        survey: &Survey,
        (place, cut): (usize, &CutKey),
        history: &History<'_>,
        before: &[ReleasedSet],
    ) -> Vec<ReleasedSet> {
        let groups = survey.cuts.get(cut).into_iter().flatten();
        let not_stated = survey.not_stated(cut).map(|cell| (String::new(), cell));
        let groups = groups.map(|(name, cell)| (name.clone(), cell.clone())).chain(not_stated);
        let groups: Vec<Part> = groups
            .filter(|(_, cell)| cell.n > 0)
            .map(|(name, cell)| Part { groups: vec![name], cell })
            .collect();
        let together = |parts: &[Part], marked: &[bool]| {
            let mut all = Part { groups: Vec::new(), cell: Cell::new(self.layout) };
            for (part, _) in parts.iter().zip(marked).filter(|(_, marked)| **marked) {
                all.groups.extend(part.groups.iter().cloned());
                all.cell.merge(&part.cell);
            }
            all
        };
        let hidden = |variable: usize, parts: &[Part], barred: &[bool]| -> Vec<bool> {
            let n = |part: &Part| part.cell.bases(self.layout).get(variable).copied();
            let sizes: Vec<u64> = parts.iter().map(|part| n(part).unwrap_or(0)).collect();
            let may_show =
                |marked: &[bool]| self.may_show_of(&together(parts, marked).cell, variable);
            suppressed(&sizes, barred, may_show, |hidden| {
                let shown = parts.iter().zip(hidden).filter(|(_, hidden)| !**hidden);
                let shown = shown.map(|(part, _)| ReleasedSet {
                    cut: Some(place),
                    groups: part.groups.clone(),
                    shows: vec![true; self.n_variables()],
                });
                let sets: Vec<ReleasedSet> = before.iter().cloned().chain(shown).collect();
                history.isolates(variable, &survey.profiles, &sets)
            })
        };
        // If everybody is told the same, their number says what each answered.
        let unanimous = cut.is_outcome() && groups.len() == 1 && survey.all.n < 2 * self.min_group;
        // Who is hidden is shown as one group, which no difference divides.
        let hidden_groups = hidden(0, &groups, &vec![unanimous; groups.len()]);
        let other = together(&groups, &hidden_groups);
        let shown = groups.into_iter().zip(&hidden_groups).filter(|(_, hidden)| !**hidden);
        let parts: Vec<Part> =
            shown.map(|(part, _)| part).chain((other.cell.n > 0).then_some(other)).collect();
        let mut sets: Vec<ReleasedSet> = parts
            .iter()
            .map(|part| ReleasedSet {
                cut: Some(place),
                groups: part.groups.clone(),
                shows: vec![part.cell.n >= self.min_group && !unanimous],
            })
            .collect();
        for variable in 1..self.n_variables() {
            // Of people who are told the same, only their number is shown.
            if cut.is_outcome() {
                sets.iter_mut().for_each(|set| set.shows.push(false));
                continue;
            }
            let barred: Vec<bool> = match (before.first(), self.score_of(variable)) {
                (Some(everybody), score) if everybody.shows(variable) => {
                    sets.iter().map(|set| score.is_some_and(|score| !set.shows(score))).collect()
                }
                _ => vec![true; parts.len()],
            };
            let hidden = hidden(variable, &parts, &barred);
            for ((set, part), hidden) in sets.iter_mut().zip(&parts).zip(hidden) {
                let n = part.cell.bases(self.layout).get(variable).copied();
                set.shows.push(!hidden && n.is_some_and(|n| n > 0));
            }
        }
        sets
    }
}
