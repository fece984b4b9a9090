//! From one wave of a cohort to the next.

use super::release::Release;
use super::report::{Room, one_decimal, two_decimals};
use super::suppress::isolates;
use crate::result::VerifiedResult;
use crate::stats::{Exact, Moments, Reason, Sample, d_av, hedges_g, holm, paired, ratio, welch};
use crate::tally::{Ids, Record, Survey, SurveyKey, Tally};
use num_rational::Rational64;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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

/// A result that counts.
pub(super) type Counted<'a> = (&'a VerifiedResult, &'a Record);

/// A change, and by place of the number the results of the people behind it, in the wave before and in the later.
pub(super) type Paired = (Change, Vec<(usize, Ids, Ids)>);

/// What is shown of one wave.
pub(super) struct Wave<'a> {
    pub(super) results: &'a [Counted<'a>],
    pub(super) release: &'a Release,
    /// All people of this wave whose change was shown before.
    pub(super) matched: BTreeSet<(usize, Ids)>,
}

impl Wave<'_> {
    /// Whether nobody could be computed out of a number over these people and all that is shown of the wave.
    pub(super) fn hides_all_with(
        &self,
        variable: usize,
        people: &Ids,
        counts: &dyn Fn(&VerifiedResult) -> bool,
    ) -> bool {
        let Release { sets, profiles, min_group, .. } = self.release;
        let known = self.matched.iter().filter(|(of, _)| *of == variable).map(|(_, ids)| ids);
        let known: Vec<&Ids> = known.chain([people]).collect();
        let rows = self.results.iter().filter(|(result, _)| counts(result)).map(|(_, record)| {
            let groups = record.groups_of(&profiles.cuts);
            let shown = sets.iter().filter(|set| set.shows(variable));
            let row = shown.map(|set| set.holds(&groups));
            let id = record.identity.id();
            (row.chain(known.iter().map(|ids| ids.contains(&id))).collect(), 1)
        });
        !isolates(rows, *min_group)
    }
}

impl Change {
    /// The means of everybody, compared as those of different people.
    pub(super) fn of_means(
        room: &Room<'_>,
        (since, before): (&Survey, &Release),
        (now, later): (&Survey, &Release),
    ) -> Self {
        let sample = |survey: &Survey, release: &Release, idx: usize| {
            let shown = release.everybody().is_some_and(|set| set.shows(room.score(idx)));
            let moments = room.pomp(&survey.all, idx).filter(|_| shown);
            moments.ok_or(Reason::TooFewPeople).and_then(|moments| Sample::of(&moments))
        };
        let compared = (0..room.n_scales()).map(|idx| {
            let (later, before) = (sample(now, later, idx)?, sample(since, before, idx)?);
            Ok((welch(&later, &before)?, hedges_g(&later, &before).map(|g| g.value)))
        });
        let since = before.survey.wave.clone();
        Change { since, matched: None, scales: rows(room, compared) }
    }

    /// The changes of those who answered twice, and who they are. None where somebody could be computed out of
    /// their number.
    ///
    /// A change is the difference of two sums over the same people, one a wave. Nobody can be computed out of it
    /// if nobody could, were either sum shown beside what else is shown of its wave.
    pub(super) fn of_people(room: &Room<'_>, before: &Wave<'_>, now: &Wave<'_>) -> Option<Paired> {
        let people: BTreeMap<&str, Counted<'_>> =
            before.results.iter().map(|one| (one.0.claims().iss.as_str(), *one)).collect();
        let pairs: Vec<(Counted<'_>, Counted<'_>)> = now
            .results
            .iter()
            .filter_map(|later| Some((*people.get(later.0.claims().iss.as_str())?, *later)))
            .collect();
        let mut matched = Vec::new();
        let mut match_people =
            |variable: usize,
             pairs: &[(Counted<'_>, Counted<'_>)],
             counts: &dyn Fn(&VerifiedResult) -> bool| {
                let first: Ids = pairs.iter().map(|(first, _)| first.1.identity.id()).collect();
                let second: Ids = pairs.iter().map(|(_, second)| second.1.identity.id()).collect();
                let is_safe = pairs.len() as u64 >= room.min_group
                    && before.hides_all_with(variable, &first, counts)
                    && now.hides_all_with(variable, &second, counts);
                if is_safe {
                    matched.push((variable, first, second));
                }
                is_safe
            };
        if !match_people(0, &pairs, &|_| true) {
            return None;
        }
        let compared: Vec<Compared> = room
            .scale_ids()
            .enumerate()
            .map(|(idx, scale)| {
                let score = |result: &VerifiedResult| result.scores().pomp(scale);
                let both = |(a, b): &&(Counted<'_>, Counted<'_>)| {
                    score(a.0).is_some() && score(b.0).is_some()
                };
                let scored: Vec<(Counted<'_>, Counted<'_>)> =
                    pairs.iter().filter(both).copied().collect();
                let scores: Vec<(Rational64, Rational64)> =
                    scored.iter().filter_map(|(a, b)| Some((score(a.0)?, score(b.0)?))).collect();
                if !match_people(room.score(idx), &scored, &|result| score(result).is_some()) {
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
            })
            .collect();
        let since = before.release.survey.wave.clone();
        let scales = rows(room, compared.into_iter());
        Some((Change { since, matched: Some(pairs.len() as u64), scales }, matched))
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
