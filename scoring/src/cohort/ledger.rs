//! What was released before, so that no later report shows anybody by its difference to an earlier one.

use super::change::{Change, Counted, Wave, earlier};
use super::gaps::Gaps;
use super::release::Release;
use super::report::{CommentList, Report, Room, comments};
use crate::instrument::{Instrument, Rater};
use crate::json;
use crate::result::VerifiedResult;
use crate::tally::{Ids, Layout, Record, Recorder, SurveyKey, Tally};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The format number that this code reads and writes.
const FORMAT: u32 = 2;

/// Everything that was released. Two ledgers are merged by recording the releases of one in the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// [`FORMAT`].
    plumbline_ledger: u32,
    /// Each once, in an order that says nothing.
    pub releases: BTreeSet<Release>,
}

impl Default for Ledger {
    fn default() -> Self {
        Ledger { plumbline_ledger: FORMAT, releases: BTreeSet::new() }
    }
}

/// A report, minus what was released before, would rest on too few people. The numbers compare it with the earlier
/// release with which it shares most results.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "compared with an earlier report (results new: {n_added}, missing: {n_removed}), this one would show numbers of \
     fewer than {min_group} people"
)]
pub struct Isolates {
    /// The instrument that the report is about.
    pub instrument: String,
    /// Fewest people a number may rest on.
    pub min_group: u64,
    /// Results that the earlier report does not count.
    pub n_added: usize,
    /// Results that only the earlier report counts.
    pub n_removed: usize,
}

/// More people answered a survey than were asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{instrument} {version}, rater {rater}: more people answered ({n}) than were asked ({roster})"
)]
pub struct FewAsked {
    /// The instrument.
    pub instrument: String,
    /// Its version.
    pub version: String,
    /// Who answered.
    pub rater: String,
    /// People counted.
    pub n: u64,
    /// People asked.
    pub roster: u64,
}

impl FewAsked {
    /// Stable code, also the key of the texts that say what happened and what to do.
    pub const CODE: &'static str = "few_asked";
}

/// Why there are no reports.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportFault {
    /// One would show somebody by its difference to an earlier one.
    #[error(transparent)]
    Isolates(#[from] Isolates),
    /// One counts more people than were asked.
    #[error(transparent)]
    FewAsked(#[from] FewAsked),
}

impl ReportFault {
    /// Stable code, also the key of the texts that say what happened and what to do.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ReportFault::Isolates(_) => Isolates::CODE,
            ReportFault::FewAsked(_) => FewAsked::CODE,
        }
    }
}

impl Isolates {
    /// Stable code, also the key of the texts that say what happened and what to do.
    pub const CODE: &'static str = "isolates";

    pub(super) fn between(new: &Release, earlier: &[&Release]) -> Self {
        let shared = |earlier: &&&Release| earlier.results.n_shared(&new.results);
        let closest = earlier.iter().max_by_key(shared);
        let n_shared = closest.as_ref().map_or(0, shared);
        Isolates {
            instrument: new.survey.instrument.clone(),
            min_group: new.min_group,
            n_added: new.results.len() - n_shared,
            n_removed: closest.map_or(0, |closest| closest.results.len()) - n_shared,
        }
    }
}

/// Why a ledger cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerFault {
    /// Not the strict JSON of a ledger.
    #[error("this is no ledger of releases: {0}")]
    Json(String),
    /// Written by another version.
    #[error("the ledger is of format {0}, which this version does not know")]
    Format(u64),
}

impl LedgerFault {
    /// Stable code, also the key of the texts that say what happened and what to do.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            LedgerFault::Json(_) => "no_ledger",
            LedgerFault::Format(_) => "ledger_format",
        }
    }
}

/// Notes people whose numbers are shown by their difference, in both of their surveys.
fn note(
    released: &mut [Released],
    (first, second): (usize, usize),
    matched: Vec<(usize, Ids, Ids)>,
) -> Option<()> {
    for (variable, ids, others) in matched {
        released.get_mut(first)?.1.matched.insert((variable, ids));
        released.get_mut(second)?.1.matched.insert((variable, others));
    }
    Some(())
}

/// A report, and what it shows of whom: to be recorded when it is given away.
pub type Released = (Report, Release);

/// Says of a report how many people were asked to answer its survey, if anybody knows.
pub type Roster<'a> = &'a dyn Fn(&Report) -> Option<u64>;

/// Where nobody knows.
pub(super) fn no_roster(_: &Report) -> Option<u64> {
    None
}

impl Ledger {
    /// Reads a ledger.
    ///
    /// # Errors
    /// The first fault met.
    pub fn read(file: &[u8]) -> Result<Self, LedgerFault> {
        let value = json::parse(file).map_err(|fault| LedgerFault::Json(fault.to_string()))?;
        match value.get("plumbline_ledger").and_then(serde_json::Value::as_u64) {
            None => return Err(LedgerFault::Json("it has no member plumbline_ledger".to_owned())),
            Some(format) if format != u64::from(FORMAT) => return Err(LedgerFault::Format(format)),
            Some(_) => {}
        }
        serde_json::from_value(value).map_err(|error| LedgerFault::Json(error.to_string()))
    }

    /// The ledger as a file: RFC 8785, so that equal ledgers are equal bytes.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::canonical(&serde_json::to_value(self).unwrap_or_default())
    }

    /// One report per cohort, wave, instrument, version and rater among the counted results. Beyond what each hides
    /// by itself, it hides what its difference to an earlier one would show. A roster hides and shows nothing: it
    /// narrows the intervals of everybody's scales.
    ///
    /// # Errors
    /// A report whose very number of people would isolate somebody, or exceeds its roster.
    pub fn reports(
        &self,
        counted: &[&VerifiedResult],
        roster: Roster<'_>,
    ) -> Result<Vec<Released>, ReportFault> {
        let mut recorder = Recorder::default();
        let mut instruments: Vec<Arc<Instrument>> = Vec::new();
        let records: Vec<Record> = counted.iter().map(|result| recorder.record(result)).collect();
        let mut counts: BTreeMap<&SurveyKey, Vec<Counted<'_>>> = BTreeMap::new();
        for (result, record) in counted.iter().zip(&records) {
            if !instruments.contains(result.instrument()) {
                instruments.push(result.instrument().clone());
            }
            counts.entry(record.survey()).or_default().push((result, record));
        }
        let tally = Tally::of(&records);
        let mut released = self.tally_reports(&tally, &instruments, roster)?;
        for idx in 0..released.len() {
            self.compare_people(&tally, &instruments, &counts, &mut released, idx);
            self.compare_pairs(&instruments, &counts, &mut released, idx);
        }
        for (report, release) in &mut released {
            let results = counts.get(&release.survey).map(Vec::as_slice).unwrap_or_default();
            let texts = results.first().map(|(result, _)| Layout::of(result.instrument()).texts);
            let lists = texts.into_iter().flatten().map(|item| {
                let texts = comments(results, &item, report.min_comments);
                CommentList { item, texts }
            });
            report.comments = lists.collect();
        }
        Ok(released)
    }

    /// Compares those who answered in the wave before, too, instead of everybody, where that shows nobody.
    fn compare_people(
        &self,
        tally: &Tally,
        instruments: &[Arc<Instrument>],
        counts: &BTreeMap<&SurveyKey, Vec<Counted<'_>>>,
        released: &mut [Released],
        idx: usize,
    ) -> Option<()> {
        let key = released.get(idx)?.1.survey.clone();
        let survey = tally.surveys.get(&key)?;
        let (since, _) = earlier(tally, &key)?;
        let before = released.iter().position(|(_, release)| release.survey == *since)?;
        let instrument = key.find(instruments)?;
        let layout = Layout::of(instrument);
        let room = Room { instrument, layout: &layout, min_group: survey.min_group };
        let wave = |idx: usize| self.wave(&released.get(idx)?.1, counts);
        let (change, matched) = Change::of_people(&room, &wave(before)?, &wave(idx)?)?;
        note(released, (before, idx), matched)?;
        released.get_mut(idx)?.0.change = Some(change);
        Some(())
    }

    /// Compares leaders with their managers, where that shows nobody.
    fn compare_pairs(
        &self,
        instruments: &[Arc<Instrument>],
        counts: &BTreeMap<&SurveyKey, Vec<Counted<'_>>>,
        released: &mut [Released],
        own: usize,
    ) -> Option<()> {
        let key = released.get(own)?.1.survey.clone();
        let managers = SurveyKey { rater: Rater::Manager.code().to_owned(), ..key.clone() };
        if key.rater() != Rater::Own || key.cohort.is_empty() {
            return None;
        }
        let manager = released.iter().position(|(_, release)| release.survey == managers)?;
        let instrument = key.find(instruments)?;
        let layout = Layout::of(instrument);
        let release = |idx: usize| released.get(idx).map(|(_, release)| release);
        let (first, second) = (release(own)?, release(manager)?);
        let min_group = first.min_group.max(second.min_group);
        let room = Room { instrument, layout: &layout, min_group };
        let (first, second) = (self.wave(first, counts)?, self.wave(second, counts)?);
        let (gaps, matched) = Gaps::of(&room, &first, &second)?;
        note(released, (own, manager), matched)?;
        released.get_mut(own)?.0.gaps = Some(gaps);
        Some(())
    }

    /// What is shown of one survey, if its earlier releases hold the same results: of results that are not at hand
    /// nobody knows who answered twice, or as a pair.
    fn wave<'a>(
        &self,
        release: &'a Release,
        counts: &'a BTreeMap<&SurveyKey, Vec<Counted<'a>>>,
    ) -> Option<Wave<'a>> {
        let results = counts.get(&release.survey)?;
        let known = self.releases.iter().filter(|known| known.survey == release.survey);
        let known: Vec<&Release> = known.chain([release]).collect();
        let matched = known.iter().flat_map(|known| known.matched.iter().cloned()).collect();
        let is_known = known.iter().all(|known| known.results == release.results);
        is_known.then_some(Wave { results, release, matched })
    }

    /// One report a survey of a tally. A tally holds no comments and does not say who answered twice, and so
    /// neither do these.
    ///
    /// # Errors
    /// A report whose very number of people would isolate somebody, or exceeds its roster.
    pub fn tally_reports(
        &self,
        tally: &Tally,
        instruments: &[Arc<Instrument>],
        roster: Roster<'_>,
    ) -> Result<Vec<Released>, ReportFault> {
        let mut known: Vec<_> = tally.surveys.iter().collect();
        // As they are read: a leader's answers before those of managers.
        known.sort_by_key(|(key, _)| {
            (&key.cohort, &key.wave, &key.instrument, &key.version, key.rater(), !key.signed)
        });
        let mut released: Vec<Released> = Vec::new();
        for (key, survey) in known {
            let Some(instrument) = key.find(instruments) else { continue };
            let layout = Layout::of(instrument);
            let room = Room { instrument, layout: &layout, min_group: survey.min_group };
            let release = room.release(key, survey, self)?;
            let mut report = room.report(survey, &release);
            if let Some(roster) = roster(&report) {
                room.narrow(&mut report, (survey, &release), roster)?;
            }
            released.push((report, release));
        }
        let changes: Vec<Option<Change>> = released
            .iter()
            .map(|(_, release)| {
                let survey = tally.surveys.get(&release.survey)?;
                let (since, before) = earlier(tally, &release.survey)?;
                let (_, earlier) = released.iter().find(|(_, other)| other.survey == *since)?;
                let instrument = since.find(instruments)?;
                let layout = Layout::of(instrument);
                let room = Room { instrument, layout: &layout, min_group: survey.min_group };
                Some(Change::of_means(&room, (before, earlier), (survey, release)))
            })
            .collect();
        for ((report, _), change) in released.iter_mut().zip(changes) {
            report.change = change;
        }
        Ok(released)
    }

    /// Notes what was given away.
    pub fn record(&mut self, releases: impl IntoIterator<Item = Release>) {
        self.releases.extend(releases);
    }
}
