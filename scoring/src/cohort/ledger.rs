//! What was released before, so that no later report shows anybody by its difference to an earlier one.

use super::change::{Change, earlier};
use super::release::Release;
use super::report::{Report, Room, comments};
use crate::instrument::Instrument;
use crate::json;
use crate::result::VerifiedResult;
use crate::tally::{Layout, Recorder, SurveyKey, Tally};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The format number that this code reads and writes.
const FORMAT: u32 = 1;

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
    "compared with an earlier report, {n_added} results are new and {n_removed} are missing, which would show \
     numbers of fewer than {min_group} people"
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
    /// Written by a later version.
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

/// A report, and what it shows of whom: to be recorded when it is given away.
pub type Released = (Report, Release);

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
    /// by itself, it hides what its difference to an earlier one would show.
    ///
    /// # Errors
    /// A report whose very number of people would isolate somebody.
    pub fn reports(&self, counted: &[&VerifiedResult]) -> Result<Vec<Released>, Isolates> {
        let mut recorder = Recorder::default();
        let mut instruments: Vec<Arc<Instrument>> = Vec::new();
        let mut writers: BTreeMap<SurveyKey, Vec<&VerifiedResult>> = BTreeMap::new();
        let mut records = Vec::new();
        for result in counted {
            if !instruments.contains(result.instrument()) {
                instruments.push(result.instrument().clone());
            }
            let record = recorder.record(result);
            writers.entry(record.survey().clone()).or_default().push(result);
            records.push(record);
        }
        let tally = Tally::of(&records);
        let mut released = self.tally_reports(&tally, &instruments)?;
        for (report, release) in &mut released {
            let of = |key| writers.get(key).map(Vec::as_slice).unwrap_or_default();
            let results = of(&release.survey);
            if let Some((since, _)) = earlier(&tally, &release.survey)
                && let Some(instrument) = since.find(&instruments)
                && self.is_first(&tally, since)
                && self.is_first(&tally, &release.survey)
            {
                let layout = Layout::of(instrument);
                let room = Room { instrument, layout: &layout, min_group: report.min_group };
                let people = Change::of_people(&room, &since.wave, of(since), results);
                report.change = people.or(report.change.take());
            }
            for list in &mut report.comments {
                list.texts = comments(results, &list.item, report.min_comments);
            }
        }
        Ok(released)
    }

    /// One report a survey of a tally. A tally holds no comments, and so these hold none.
    ///
    /// # Errors
    /// A report whose very number of people would isolate somebody.
    pub fn tally_reports(
        &self,
        tally: &Tally,
        instruments: &[Arc<Instrument>],
    ) -> Result<Vec<Released>, Isolates> {
        // In the order in which they are read: a leader's answers before those of managers.
        let mut surveys: Vec<_> = tally.surveys.iter().collect();
        surveys.sort_by_key(|(key, _)| {
            (&key.cohort, &key.wave, &key.instrument, &key.version, key.rater(), !key.signed)
        });
        let known = surveys
            .into_iter()
            .filter_map(|(key, survey)| Some((key, survey, key.find(instruments)?)));
        known
            .map(|(key, survey, instrument)| {
                let layout = Layout::of(instrument);
                let room = Room { instrument, layout: &layout, min_group: survey.min_group };
                let release = room.release(key, survey, self)?;
                let mut report = room.report(survey, &release);
                report.change =
                    earlier(tally, key).map(|since| Change::of_means(&room, since, survey));
                Ok((report, release))
            })
            .collect()
    }

    /// Whether nothing was released of a survey but what is counted now. The people of two waves who are the same
    /// are no set of a release, so that a second release could show the change of a few.
    fn is_first(&self, tally: &Tally, key: &SurveyKey) -> bool {
        let now = tally.surveys.get(key).map(|survey| &survey.results);
        let mut before = self.releases.iter().filter(|release| release.survey == *key);
        before.all(|release| Some(&release.results) == now)
    }

    /// Notes what was given away.
    pub fn record(&mut self, releases: impl IntoIterator<Item = Release>) {
        self.releases.extend(releases);
    }
}
