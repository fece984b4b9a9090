//! One leader and their manager: what both say about the same behaviours, side by side.
//!
//! Everything here is exact until it is printed, and follows the instrument's [`PairRules`]. What is said has a
//! code, and the code's texts state its rule; the numbers behind it stand beside it.

mod names;
mod norms;
mod priorities;

pub use names::{
    InvitedPair, MAX_NAME_CHARS, MAX_PAIRS, Names, NamesFault, invited_csv, names_by_pair,
    read_names,
};
pub use norms::PairNorms;
pub use priorities::Priorities;

use crate::answers::{Answer, AnswerSheet};
use crate::instrument::{Instrument, Item, ItemKind, PairRules, Rater, ScaleDefinition, Wording};
use crate::participant;
use crate::result::VerifiedResult;
use crate::score::keyed;
use crate::stats::{
    Agreement, DyadMeans, Dyads, Exact, Reason, Reference, nearest, ratio, rounded,
};
use num_traits::{Signed, Zero};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A value, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Number {
    /// The exact value, written as a fraction in lowest terms.
    Value(#[serde(with = "fraction")] Exact),
    /// No value, for this reason.
    Reason(Reason),
}

impl From<Result<Exact, Reason>> for Number {
    fn from(value: Result<Exact, Reason>) -> Self {
        value.map_or_else(Number::Reason, Number::Value)
    }
}

impl Number {
    /// The value with two decimals, or a dash.
    #[must_use]
    pub fn shown(&self) -> String {
        self.value().map_or_else(|| "–".to_owned(), |value| rounded(value, 2))
    }

    /// The value with its sign and two decimals, or a dash.
    #[must_use]
    pub fn signed(&self) -> String {
        let text = self.shown();
        if self.value().is_some_and(Signed::is_positive) && text != "0.00" {
            format!("+{text}")
        } else {
            text
        }
    }

    /// The value, if there is one.
    #[must_use]
    pub fn value(&self) -> Option<&Exact> {
        match self {
            Number::Value(value) => Some(value),
            Number::Reason(_) => None,
        }
    }
}

/// What two people said about one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairReport {
    /// Instrument id.
    pub instrument: String,
    /// Instrument version.
    pub version: String,
    /// The rules that everything below follows.
    pub rules: PairRules,
    /// Every behaviour of the compared scales, in presentation order.
    pub behaviours: Vec<Behaviour>,
    /// All of them together.
    pub overall: Comparison,
    /// Scale by scale, in the definition's order.
    pub areas: Vec<Comparison>,
    /// Whether both find the same important.
    pub priorities: Priorities,
    /// Double-entry intraclass correlation of the two profiles (Furr 2010).
    pub similarity: Number,
    /// Whether it rests on too few behaviours to be stable.
    pub unstable: bool,
    /// Weighted κ (Cohen 1968).
    pub kappa: Number,
    /// Open questions, in presentation order.
    pub questions: Vec<Question>,
}

/// One behaviour. Ratings are in the direction of its scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behaviour {
    /// Item id.
    pub item: String,
    /// The leader's own rating.
    pub own: Option<i64>,
    /// The manager's.
    pub manager: Option<i64>,
    /// The square of the standard error of their difference.
    pub error_squared: Number,
    /// Where that error comes from.
    pub error_from: Source,
    /// The category of Atwater & Yammarino, if the difference allows one; agreement is at most what is declared.
    pub agreement: Option<String>,
    /// The leader's rank among their priorities, from 1.
    pub own_rank: Option<usize>,
    /// The manager's.
    pub manager_rank: Option<usize>,
    /// Code of its place by priority and frequency; none where the manager rated neither.
    pub place: Option<String>,
}

impl Behaviour {
    /// Self − manager, where both rated.
    #[must_use]
    pub fn gap(&self) -> Option<i64> {
        Some(self.own? - self.manager?)
    }

    /// The standard error of the gap with two decimals, or a dash.
    #[must_use]
    pub fn error(&self) -> String {
        self.error_squared.value().map_or_else(|| "–".to_owned(), root)
    }
}

/// The category of one behaviour's gap.
fn agreement_on(
    rules: &PairRules,
    ratings: Option<(i64, i64)>,
    error_squared: Option<&Exact>,
) -> Option<String> {
    let ((own, manager), error) = ratings.zip(error_squared)?;
    let means = DyadMeans { own: ratio(own, 1), manager: ratio(manager, 1) };
    let error = libm::sqrt(nearest(error));
    let within = Reference::Points(rules.within as f64 / 100.0);
    let agreement = means.agreement(error, within, rules.good_from as f64 / 100.0)?;
    Some(agreement.code().to_owned())
}

/// Two means over the same behaviours, and what follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The scale; none for all behaviours together.
    pub scale: Option<String>,
    /// Behaviours it has.
    pub n_items: usize,
    /// Behaviours that both rated; all means are over these.
    pub n_both: usize,
    /// The leader's mean, in codes of the response scale.
    pub own: Number,
    /// The manager's.
    pub manager: Number,
    /// Self − manager, in steps.
    pub gap: Number,
    /// The square of the gap's standard error.
    pub error_squared: Number,
    /// Where that error comes from.
    pub error_from: Source,
    /// The square of the largest gap that is agreement.
    #[serde(with = "fraction")]
    pub within_squared: Exact,
    /// Where that comes from.
    pub within_from: Source,
    /// The category of Atwater & Yammarino, if the gap allows one.
    pub agreement: Option<String>,
    /// Code of what is said.
    pub says: String,
}

/// Where a number comes from that a gap is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Declared in the instrument.
    Declared,
    /// How much single behaviours of this pair differ around their scale's gap.
    Pair,
    /// The pairs of the cohort.
    Cohort,
}

/// An open question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Item id.
    pub item: String,
    /// What the leader wrote.
    pub own: Option<String>,
    /// What the manager wrote.
    pub manager: Option<String>,
}

/// The smallest variance of a difference of two ratings: each was rounded to a whole step, which alone makes an
/// error of 1/12 (Sheppard 1898). Without it somebody whose answers all differ by the same would have no error.
fn rounding() -> Exact {
    ratio(1, 6)
}

impl PairReport {
    /// The report of a pair; none if the instrument does not compare pairs.
    #[must_use]
    pub fn of(
        instrument: &Instrument,
        own: &AnswerSheet,
        manager: &AnswerSheet,
        norms: Option<&PairNorms>,
    ) -> Option<Self> {
        let definition = instrument.definition();
        let rules = definition.pair.clone()?;
        let norms = norms.filter(|norms| norms.n >= rules.cohort_from as u64);
        let priorities = Priorities::of(instrument, &rules, own, manager);
        let scales = || compared(instrument, &rules);
        let (own_answers, manager_answers) =
            (instrument.by_item(&own.answers), instrument.by_item(&manager.answers));
        let both = Both::of(instrument, &own_answers, &manager_answers);
        let variance = both.variance(scales().map(|(_, scale)| scale));
        // Of the difference of two ratings of one behaviour.
        let item_error = |idx: usize| match norms.and_then(|norms| norms.item_error(idx)) {
            Some(error) => (Ok(error.clone()), Source::Cohort),
            None => (variance.clone(), Source::Pair),
        };
        let error = |idx: usize, scale: &ScaleDefinition| {
            let (error, source) = item_error(idx);
            (error.map(|error| error / ratio(both.of_scale(scale).n().max(1), 1)), source)
        };
        let items = instrument.presented_places().filter_map(|(item_place, item)| {
            let (place, _) = scales().find(|(_, scale)| scale.items.contains(&item.id))?;
            Some((item_place, item, item_error(place)))
        });
        let behaviours = items.map(|(item_place, Item { id, .. }, (error, error_from))| {
            let rank = |picked: &[String]| picked.iter().position(|p| p == id).map(|idx| idx + 1);
            let (own_rank, manager_rank) = (rank(&priorities.own), rank(&priorities.manager));
            let own = keyed(instrument, item_place, &own_answers);
            let manager = keyed(instrument, item_place, &manager_answers);
            let error = own.and(manager).ok_or(Reason::TooFewItems).and(error);
            let is_priority = own_rank.or(manager_rank).is_some();
            let is_frequent = manager.map(|code| code >= rules.frequent_from);
            let place = match (is_priority, is_frequent) {
                (true, Some(false)) => Some("act_on"),
                (true, Some(true)) => Some("protect"),
                (false, Some(true)) => Some("ease_off"),
                (false, Some(false)) => Some("leave"),
                (true, None) => Some("not_seen"),
                (false, None) => None,
            };
            Behaviour {
                item: id.clone(),
                own,
                manager,
                agreement: agreement_on(&rules, own.zip(manager), error.as_ref().ok()),
                error_squared: error.into(),
                error_from,
                own_rank,
                manager_rank,
                place: place.map(str::to_owned),
            }
        });
        let behaviours: Vec<Behaviour> = behaviours.collect();
        let areas = scales().map(|(place, scale)| {
            let rated = both.of_scale(scale);
            let enough = rated.n() >= scale.min_answered as u64;
            let within = norms.and_then(|norms| norms.gap_variance(place));
            Comparison::of(&rules, Some(scale), enough, &rated, error(place, scale), within)
        });
        let areas: Vec<Comparison> = areas.collect();
        // The mean of all is the mean of the scales', each with as much weight as it has behaviours.
        let (mut sum, mut of_cohort) = (Ok(Exact::zero()), !areas.is_empty());
        for area in areas.iter().filter(|area| area.n_both > 0) {
            let weight = ratio(area.n_both as u64 * area.n_both as u64, 1);
            sum = match (&area.error_squared, sum) {
                (Number::Value(error), Ok(sum)) => Ok(sum + error * weight),
                (Number::Reason(reason), _) => Err(*reason),
                (_, failed) => failed,
            };
            of_cohort &= area.error_from == Source::Cohort;
        }
        let all = both.all(scales().map(|(_, scale)| scale));
        let n = ratio(all.n().max(1), 1);
        let source = if of_cohort { Source::Cohort } else { Source::Pair };
        let error = (sum.map(|sum| sum / (&n * &n)), source);
        let within = norms.and_then(|norms| norms.overall_variance());
        let mut overall = Comparison::of(&rules, None, all.n() > 0, &all, error, within);
        overall.n_items = behaviours.len();
        let double_entry = all.double_entry();
        let questions = instrument
            .presented()
            .filter(|item| matches!(item.kind, ItemKind::Text { .. }))
            .map(|item| Question {
                item: item.id.clone(),
                own: own.texts.get(&item.id).cloned(),
                manager: manager.texts.get(&item.id).cloned(),
            });
        Some(PairReport {
            instrument: definition.id.clone(),
            version: definition.version.clone(),
            behaviours,
            overall,
            areas,
            priorities,
            unstable: double_entry.as_ref().is_ok_and(|found| found.is_unstable),
            similarity: double_entry.map(|found| found.value).into(),
            kappa: all.kappa().into(),
            questions: questions.collect(),
            rules,
        })
    }

    /// Behaviours with a place by priority and frequency.
    pub fn placed<'a>(&'a self, place: &'a str) -> impl Iterator<Item = &'a Behaviour> {
        self.behaviours.iter().filter(move |behaviour| behaviour.place.as_deref() == Some(place))
    }

    /// When a code is said, in words; `of` is what it is said of, if it is about a gap.
    #[must_use]
    pub fn rule(
        &self,
        code: &str,
        of: Option<&Comparison>,
        instrument: &Instrument,
        wording: &Wording,
    ) -> String {
        let PairRules { good_from, frequent_from, chance, .. } = &self.rules;
        let response = self.behaviours.first().and_then(|behaviour| {
            match &instrument.item(&behaviour.item)?.kind {
                ItemKind::Rating { response, .. } => Some(response.as_str()),
                _ => None,
            }
        });
        let within = of.map(Comparison::within).unwrap_or_default();
        let filled = [
            ("{within}", within),
            ("{good_from}", rounded(&ratio(*good_from, 100), 2)),
            (
                "{frequent}",
                wording.option(response.unwrap_or_default(), Some(*frequent_from)).to_owned(),
            ),
            ("{chance}", chance.to_string()),
        ];
        let rule = wording.text(&format!("pair.{code}.rule")).to_owned();
        filled.iter().fold(rule, |rule, (place, value)| rule.replace(place, value))
    }
}

/// A square's root, with two decimals.
fn root(square: &Exact) -> String {
    format!("{:.2}", libm::sqrt(nearest(square)))
}

/// The places in priority order: where to begin comes first.
pub const PLACES: [&str; 5] = ["act_on", "not_seen", "protect", "ease_off", "leave"];

/// The scales that are compared one by one, each with its place in the definition.
fn compared<'a>(
    instrument: &'a Instrument,
    rules: &'a PairRules,
) -> impl Iterator<Item = (usize, &'a ScaleDefinition)> {
    let scales = instrument.definition().scales.iter().enumerate();
    scales.filter(|(_, scale)| scale.group == rules.group)
}

/// Ratings of behaviours that both rated.
struct Both<'a>(BTreeMap<&'a str, (i64, i64)>);

impl<'a> Both<'a> {
    /// Of answers by the places of their items in the definition.
    fn of(instrument: &'a Instrument, own: &[Option<Answer>], manager: &[Option<Answer>]) -> Self {
        let items = instrument.definition().items.iter().enumerate();
        let rated = items.filter_map(|(place, item)| {
            let rated = |answers| keyed(instrument, place, answers);
            Some((item.id.as_str(), (rated(own)?, rated(manager)?)))
        });
        Both(rated.collect())
    }

    fn rated(&self, scale: &ScaleDefinition) -> impl Iterator<Item = (i64, i64)> {
        scale.items.iter().filter_map(|id| self.0.get(id.as_str()).copied())
    }

    fn of_scale(&self, scale: &ScaleDefinition) -> Dyads {
        self.all([scale].into_iter())
    }

    fn all<'s>(&self, scales: impl Iterator<Item = &'s ScaleDefinition>) -> Dyads {
        let mut dyads = Dyads::default();
        for (own, manager) in scales.flat_map(|scale| self.rated(scale)) {
            dyads.add(own, manager);
        }
        dyads
    }

    /// The variance of single differences around their scale's mean difference, pooled over all scales, so that a
    /// scale of three behaviours need not estimate its own error from three numbers.
    fn variance<'s>(
        &self,
        scales: impl Iterator<Item = &'s ScaleDefinition>,
    ) -> Result<Exact, Reason> {
        let (mut squares, mut freedom) = (Exact::zero(), 0);
        for scale in scales {
            let gaps: Vec<i64> = self.rated(scale).map(|(own, manager)| own - manager).collect();
            let Some(others @ 1..) = gaps.len().checked_sub(1) else { continue };
            let sum: i64 = gaps.iter().sum();
            let square: i64 = gaps.iter().map(|gap| gap * gap).sum();
            squares += ratio(square, 1) - ratio(sum * sum, gaps.len());
            freedom += others;
        }
        match freedom {
            0 => Err(Reason::TooFewItems),
            freedom => Ok((squares / ratio(freedom, 1)).max(rounding())),
        }
    }
}

impl Comparison {
    /// The standard error of the gap with two decimals, or a dash.
    #[must_use]
    pub fn error(&self) -> String {
        let error = self.gap.value().and(self.error_squared.value());
        error.map_or_else(|| "–".to_owned(), root)
    }

    /// The largest gap that is agreement, with two decimals.
    #[must_use]
    pub fn within(&self) -> String {
        root(&self.within_squared)
    }

    fn of(
        rules: &PairRules,
        scale: Option<&ScaleDefinition>,
        enough: bool,
        both: &Dyads,
        (error, error_from): (Result<Exact, Reason>, Source),
        cohort_variance: Option<&Exact>,
    ) -> Self {
        let means =
            both.means().and_then(|m| if enough { Ok(m) } else { Err(Reason::TooFewItems) });
        // Half a standard deviation of the cohort's gaps, or what the instrument declares.
        let (within_squared, within_from) = match cohort_variance {
            Some(variance) => (variance / ratio(4, 1), Source::Cohort),
            None => (ratio(rules.within * rules.within, 10_000), Source::Declared),
        };
        let sqrt = |square: &Exact| libm::sqrt(nearest(square));
        let reference = match cohort_variance {
            Some(variance) => Reference::CohortSd(sqrt(variance)),
            None => Reference::Points(rules.within as f64 / 100.0),
        };
        let good_from = rules.good_from as f64 / 100.0;
        let agreement = match (&means, &error) {
            (Ok(means), Ok(error)) => means.agreement(sqrt(error), reference, good_from),
            _ => None,
        };
        let is_good = means.as_ref().is_ok_and(|means| nearest(&means.manager) >= good_from);
        let says = match (scale, agreement, is_good) {
            _ if means.is_err() => "not_compared",
            (None, None, _) => "overall_unclear",
            (None, Some(Agreement::OverEstimator), _) => "overall_over",
            (None, Some(Agreement::UnderEstimator), _) => "overall_under",
            (None, Some(Agreement::InAgreementGood), _) => "overall_good",
            (None, Some(Agreement::InAgreementPoor), _) => "overall_poor",
            (Some(_), None, _) => "unclear",
            (Some(_), Some(Agreement::OverEstimator), false) => "blind_spot",
            (Some(_), Some(Agreement::OverEstimator), true) => "seen_less",
            (Some(_), Some(Agreement::UnderEstimator), true) => "hidden_strength",
            (Some(_), Some(Agreement::UnderEstimator), false) => "seen_more",
            (Some(_), Some(Agreement::InAgreementGood), _) => "agreed_good",
            (Some(_), Some(Agreement::InAgreementPoor), _) => "agreed_poor",
        };
        let mean =
            |of: fn(&DyadMeans) -> Exact| Number::from(means.as_ref().map(of).map_err(|r| *r));
        Comparison {
            scale: scale.map(|scale| scale.id.clone()),
            n_items: scale.map_or(0, |scale| scale.items.len()),
            n_both: usize::try_from(both.n()).unwrap_or(usize::MAX),
            own: mean(|means| means.own.clone()),
            manager: mean(|means| means.manager.clone()),
            gap: mean(DyadMeans::gap),
            error_squared: error.into(),
            error_from,
            within_squared,
            within_from,
            agreement: agreement.map(|agreement| agreement.code().to_owned()),
            says: says.to_owned(),
        }
    }
}

/// A leader's and a manager's results that belong together.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'a> {
    /// The leader's.
    pub own: &'a VerifiedResult,
    /// The manager's.
    pub manager: &'a VerifiedResult,
}

impl Pair<'_> {
    /// Their report, beside those of the cohort.
    #[must_use]
    pub fn report(&self, norms: Option<&PairNorms>) -> Option<PairReport> {
        let (own, manager) = (&self.own.claims().survey, &self.manager.claims().survey);
        PairReport::of(self.own.instrument(), &own.sheet, &manager.sheet, norms)
    }
}

/// The place of the key that a leader invites their manager with: none of a participant's.
#[must_use]
pub fn slot() -> String {
    participant::slot(Some(("", "pair")))
}

/// What says that results belong together: who invited both, to what, in which wave, and as which pair.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PairKey {
    /// Cohort id.
    pub cohort: String,
    /// The wave.
    pub wave: String,
    /// SHA-256 of the definition.
    pub sha256: String,
    /// The pair.
    pub pair: String,
}

impl PairKey {
    /// What the pairs of one survey have in common.
    #[must_use]
    pub fn survey(&self) -> [&String; 3] {
        [&self.cohort, &self.wave, &self.sha256]
    }

    /// The pair of a result, if its invitation names one.
    #[must_use]
    pub fn of(result: &VerifiedResult) -> Option<Self> {
        let survey = &result.claims().survey;
        let cohort = survey.cohort.as_ref()?;
        Some(PairKey {
            cohort: cohort.id.clone(),
            wave: cohort.wave.clone(),
            sha256: survey.sha256.clone(),
            pair: result.invitation()?.seat()?.pair.clone(),
        })
    }
}

/// Both seats of every pair that somebody answered for. If a seat was given away twice, the latest result counts.
#[must_use]
pub fn seats<'a>(
    counted: &[&'a VerifiedResult],
) -> BTreeMap<PairKey, [Option<&'a VerifiedResult>; 2]> {
    let mut seats: BTreeMap<PairKey, [Option<&VerifiedResult>; 2]> = BTreeMap::new();
    for result in counted {
        let Some(key) = PairKey::of(result) else { continue };
        let [own, manager] = seats.entry(key).or_default();
        let seat = match result.claims().survey.sheet.rater {
            Rater::Own => own,
            Rater::Manager => manager,
        };
        let age = |result: &VerifiedResult| (result.claims().iat, *result.receipt());
        if seat.is_none_or(|other| age(result) > age(other)) {
            *seat = Some(result);
        }
    }
    seats
}

/// Every pair of which both answered.
#[must_use]
pub fn pairs<'a>(counted: &[&'a VerifiedResult]) -> BTreeMap<PairKey, Pair<'a>> {
    let complete = |(key, seat): (PairKey, [Option<&'a VerifiedResult>; 2])| {
        let [own, manager] = seat;
        Some((key, Pair { own: own?, manager: manager? }))
    };
    seats(counted).into_iter().filter_map(complete).collect()
}

/// The report of every pair, each beside the others of its survey.
#[must_use]
pub fn pair_reports(counted: &[&VerifiedResult]) -> BTreeMap<PairKey, PairReport> {
    let found = pairs(counted);
    let mut surveys: BTreeMap<[&String; 3], Vec<Pair<'_>>> = BTreeMap::new();
    for (key, pair) in &found {
        surveys.entry(key.survey()).or_default().push(*pair);
    }
    let norms_of = |pairs: Vec<Pair<'_>>| PairNorms::of(pairs.first()?.own.instrument(), &pairs);
    let norms: BTreeMap<[&String; 3], Option<PairNorms>> =
        surveys.into_iter().map(|(survey, pairs)| (survey, norms_of(pairs))).collect();
    let report = |(key, pair): (&PairKey, &Pair<'_>)| {
        let norms = norms.get(&key.survey()).and_then(Option::as_ref);
        Some((key.clone(), pair.report(norms)?))
    };
    found.iter().filter_map(report).collect()
}

/// Exact values as texts, `7/3` or `2`.
mod fraction {
    use crate::stats::Exact;
    use num_bigint::BigInt;
    use num_traits::Zero;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(value: &Exact, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Exact, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (numer, denom) = text.split_once('/').unwrap_or((&text, "1"));
        let read = |part: &str| part.parse::<BigInt>().map_err(D::Error::custom);
        match (read(numer)?, read(denom)?) {
            (_, denom) if denom.is_zero() => Err(D::Error::custom("a fraction of nothing")),
            (numer, denom) => Ok(Exact::new(numer, denom)),
        }
    }
}
