//! From one wave of a cohort to the next.

use super::report::{Room, one_decimal, two_decimals};
use crate::result::VerifiedResult;
use crate::stats::{Exact, Moments, Reason, Sample, d_av, hedges_g, holm, paired, ratio, welch};
use crate::tally::{Survey, SurveyKey, Tally};
use num_rational::Rational64;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How scores changed since the wave before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The wave before.
    pub since: String,
    /// People who answered in both waves, if their own changes are compared; none where the means of all are,
    /// because too few are known to be the same, or a tally does not say who is.
    pub matched: Option<u64>,
    /// Scales in the definition's order.
    pub scales: Vec<ChangeRow>,
}

/// The change of one scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeRow {
    /// Scale id.
    pub scale: String,
    /// The numbers, or nothing where too few people stand behind them.
    pub estimate: Option<ChangeEstimate>,
}

/// A change of a mean with its uncertainty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeEstimate {
    /// Later mean minus earlier mean, in points of 0 to 100.
    pub points: f64,
    /// Its 95 % interval: Welch's, or the paired one of people who answered twice.
    pub points_ci95: [f64; 2],
    /// The change in standard deviations: Hedges' g, or d_av of people who answered twice.
    pub effect: Option<f64>,
    /// Probability of such a change if there was none, adjusted for the number of scales (Holm 1979).
    pub p_holm: f64,
}

/// The wave before a survey: of the same cohort, instrument and rater, and begun earlier.
pub(super) fn earlier<'a>(
    tally: &'a Tally,
    key: &SurveyKey,
) -> Option<(&'a SurveyKey, &'a Survey)> {
    let same = |other: &SurveyKey| {
        !key.cohort.is_empty() && SurveyKey { wave: key.wave.clone(), ..other.clone() } == *key
    };
    let order = |(key, survey): (&SurveyKey, &Survey)| (survey.first, key.wave.clone());
    let own = order((key, tally.surveys.get(key)?));
    let before = tally.surveys.iter().filter(|other| same(other.0) && order(*other) < own);
    before.max_by_key(|other| order(*other))
}

impl Change {
    /// The means of everybody, compared as those of different people.
    pub(super) fn of_means(room: &Room<'_>, since: (&SurveyKey, &Survey), now: &Survey) -> Self {
        let sample = |survey: &Survey, idx: usize| {
            let moments = room.pomp(&[&survey.all], idx).filter(|moments| room.may_show(moments));
            moments.ok_or(Reason::TooFewPeople).and_then(|moments| Sample::of(&moments))
        };
        let compared = room.layout.scales.iter().enumerate().map(|(idx, _)| {
            let (later, before) = (sample(now, idx)?, sample(since.1, idx)?);
            Ok((welch(&later, &before)?, hedges_g(&later, &before).map(|g| g.value)))
        });
        Change { since: since.0.wave.clone(), matched: None, scales: rows(room, compared) }
    }

    /// The changes of those who answered twice. None where too few did, or where the others are so few that
    /// the means of all would show what they gave.
    pub(super) fn of_people(
        room: &Room<'_>,
        since: &str,
        before: &[&VerifiedResult],
        now: &[&VerifiedResult],
    ) -> Option<Self> {
        let people: BTreeMap<&str, &VerifiedResult> =
            before.iter().map(|result| (result.claims().iss.as_str(), *result)).collect();
        let pairs: Vec<(&VerifiedResult, &VerifiedResult)> = now
            .iter()
            .filter_map(|later| Some((*people.get(later.claims().iss.as_str())?, *later)))
            .collect();
        let others = |all: usize, matched: usize| {
            let n = (all - matched) as u64;
            n == 0 || n >= room.min_group
        };
        let is_safe = |before: usize, now: usize, matched: usize| {
            matched as u64 >= room.min_group && others(before, matched) && others(now, matched)
        };
        if !is_safe(before.len(), now.len(), pairs.len()) {
            return None;
        }
        let compared = room.scale_ids().map(|scale| {
            let score = |result: &VerifiedResult| result.scores().pomp(scale);
            let scored =
                |all: &[&VerifiedResult]| all.iter().filter(|r| score(r).is_some()).count();
            let both = |(a, b): &(&VerifiedResult, &VerifiedResult)| Some((score(a)?, score(b)?));
            let scores: Vec<(Rational64, Rational64)> = pairs.iter().filter_map(both).collect();
            if !is_safe(scored(before), scored(now), scores.len()) {
                return Err(Reason::TooFewPeople);
            }
            let sample = |values: Vec<Rational64>| {
                let values = values.iter().map(|value| (exact(*value), 1));
                Moments::of(values).ok_or(Reason::TooFewPeople)
            };
            let changes = sample(scores.iter().map(|(a, b)| b - a).collect())?;
            if !room.may_show(&changes) {
                return Err(Reason::TooFewPeople);
            }
            let sample = |values| sample(values).and_then(|moments| Sample::of(&moments));
            let effect = d_av(
                &sample(scores.iter().map(|(_, b)| *b).collect())?,
                &sample(scores.iter().map(|(a, _)| *a).collect())?,
            );
            Ok((paired(&Sample::of(&changes)?)?, effect))
        });
        let scales = rows(room, compared);
        Some(Change { since: since.to_owned(), matched: Some(pairs.len() as u64), scales })
    }
}

fn exact(value: Rational64) -> Exact {
    ratio(*value.numer(), *value.denom())
}

type Compared = Result<(crate::stats::Difference, Result<f64, Reason>), Reason>;

fn rows(room: &Room<'_>, compared: impl Iterator<Item = Compared>) -> Vec<ChangeRow> {
    let compared: Vec<Compared> = compared.collect();
    let probabilities: Vec<f64> = compared.iter().flatten().map(|(found, _)| found.p).collect();
    let mut adjusted = holm(&probabilities).into_iter();
    room.scale_ids()
        .zip(&compared)
        .map(|(scale, compared)| ChangeRow {
            scale: scale.to_owned(),
            estimate: compared.as_ref().ok().map(|(found, effect)| ChangeEstimate {
                points: one_decimal(found.difference),
                points_ci95: [one_decimal(found.interval.low), one_decimal(found.interval.high)],
                effect: effect.as_ref().ok().map(|effect| two_decimals(*effect)),
                p_holm: format!("{:.3}", adjusted.next().unwrap_or(1.0)).parse().unwrap_or(1.0),
            }),
        })
        .collect()
}
