//! The cohort report: what may be said about a group, and nothing that exposes a person.

use super::LinkCut;
use super::suppress::hidden;
use crate::answers::Answer;
use crate::instrument::{Instrument, ItemKind, Rater, Response, ScaleDefinition};
use crate::result::{Policy, VerifiedResult};
use crate::score::keyed;
use crate::stats::{Interval, Moments, decimal_wide, wilson};
use num_rational::Rational64;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A report on everyone who answered one version of one instrument in one role.
///
/// Scores are POMP, 0 to 100; numbers are rounded to the one decimal that is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The cohort; none for people who answered for themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cohort: Option<CohortName>,
    /// Instrument id.
    pub instrument: String,
    /// Instrument version.
    pub version: String,
    /// Who answered: `self` or `manager`.
    pub rater: String,
    /// Number of people counted.
    pub n: usize,
    /// Fewest people a number may rest on: the strictest policy among the files.
    pub min_group: usize,
    /// Fewest people who wrote before comments are shown.
    pub min_comments: usize,
    /// Scales in the definition's order; estimates are absent below the minimum group.
    pub scales: Vec<ScaleRow>,
    /// Rating items in presentation order.
    pub items: Vec<ItemRow>,
    /// One table a cut.
    pub cuts: Vec<Cut>,
    /// Answers to open questions.
    pub comments: Vec<CommentList>,
}

/// Which cohort a report is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CohortName {
    /// Cohort id.
    pub id: String,
    /// The wave.
    pub wave: String,
    /// What participants were invited to.
    pub title: String,
}

/// One scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScaleRow {
    /// Scale id.
    pub scale: String,
    /// Group of scales it belongs to.
    pub group: String,
    /// The numbers, or nothing where too few people have a score.
    pub estimate: Option<Estimate>,
}

/// A mean with its uncertainty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// People it rests on.
    pub n: usize,
    /// Mean POMP.
    pub mean: f64,
    /// Standard deviation between people, n − 1.
    pub sd: Option<f64>,
    /// Student's 95 % interval of the mean, clipped to 0–100.
    pub ci95: Option<[f64; 2]>,
}

/// One rating item, in the direction of its scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemRow {
    /// Item id.
    pub item: String,
    /// Whether its answers were reversed to point in the direction of the scale.
    pub reversed: bool,
    /// The numbers, or nothing where too few people answered.
    pub estimate: Option<Estimate>,
    /// Percent favourable after reversing.
    pub favourable: Option<f64>,
    /// Wilson's 95 % interval of percent favourable.
    pub favourable_ci95: Option<[f64; 2]>,
}

/// The cohort divided by a closed question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cut {
    /// The choice item, or the id of the coach's own question.
    pub item: String,
    /// The texts of a question that the coach's link asks; none for an item of the instrument.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<CutTexts>,
    /// Its options in order, then people who did not say.
    pub groups: Vec<CutGroup>,
}

/// A coach's own question, as the link states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutTexts {
    /// The question.
    pub title: String,
    /// Its options; the first has code 1.
    pub options: Vec<String>,
}

/// One group of a cut.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CutGroup {
    /// Option code; none for people who did not say.
    pub code: Option<i64>,
    /// People in it; none when hidden.
    pub n: Option<usize>,
    /// Scales in the definition's order; estimates are absent where hidden.
    pub scales: Vec<ScaleRow>,
}

/// What people wrote to one open question, in alphabetical order so that none can be traced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CommentList {
    /// Text item.
    pub item: String,
    /// The texts, or nothing while too few people wrote.
    pub texts: Option<Vec<String>>,
}

/// One report per cohort, wave, instrument, version and rater among the counted results.
#[must_use]
pub fn reports(counted: &[&VerifiedResult]) -> Vec<Report> {
    let mut kinds: BTreeMap<(&str, &str, &str, &str, Rater), Vec<&VerifiedResult>> =
        BTreeMap::new();
    for result in counted {
        let claims = result.claims();
        let survey = &claims.survey;
        let wave = survey.cohort.as_ref().map_or("", |cohort| cohort.wave.as_str());
        let (instrument, version) = (survey.instrument.as_str(), survey.version.as_str());
        let kind = (claims.aud.as_str(), wave, instrument, version, survey.sheet.rater);
        kinds.entry(kind).or_default().push(result);
    }
    kinds.into_values().filter_map(|results| report(&results)).collect()
}

fn report(results: &[&VerifiedResult]) -> Option<Report> {
    let first = results.first()?;
    let instrument = first.instrument();
    let definition = instrument.definition();
    let policy = strictest(results);
    let min_group = usize::try_from(policy.min_group).ok()?;
    let min_comments = usize::try_from(policy.min_comments).ok()?;
    let ratings = instrument.presented().filter_map(|item| match item.kind {
        ItemKind::Rating { reversed, .. } => Some((item.id.as_str(), reversed)),
        _ => None,
    });
    let built_in = definition.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Choice { cut: true, response } => {
            let codes = definition.responses.get(response).map(Response::codes)?;
            let code = |result: &VerifiedResult| match result
                .claims()
                .survey
                .sheet
                .answers
                .get(&item.id)
            {
                Some(Answer::Code(code)) => Some(*code),
                _ => None,
            };
            let groups = groups(instrument, results, code, &codes, min_group);
            Some(Cut { item: item.id.clone(), asked: None, groups })
        }
        _ => None,
    });
    // Re-issued links of one wave may ask differently: only the same question makes one cut.
    let mut questions: Vec<&LinkCut> = Vec::new();
    for cut in results.iter().filter_map(|result| result.link()).flat_map(|l| &l.claims().cuts) {
        if !questions.contains(&cut) {
            questions.push(cut);
        }
    }
    let asked = questions.into_iter().map(|cut| {
        let codes: Vec<i64> = (1..).take(cut.options.len()).collect();
        let code = |result: &VerifiedResult| {
            let asked = result.link().is_some_and(|link| link.claims().cuts.contains(cut));
            result.claims().survey.cuts.get(&cut.id).filter(|_| asked).copied()
        };
        let texts = CutTexts { title: cut.title.clone(), options: cut.options.clone() };
        let groups = groups(instrument, results, code, &codes, min_group);
        Cut { item: cut.id.clone(), asked: Some(texts), groups }
    });
    let texts = definition.items.iter().filter(|item| matches!(item.kind, ItemKind::Text { .. }));
    Some(Report {
        cohort: first.link().map(|link| CohortName {
            id: link.claims().id.clone(),
            wave: link.claims().wave.clone(),
            title: link.claims().title.clone(),
        }),
        instrument: definition.id.clone(),
        version: definition.version.clone(),
        rater: first.claims().survey.sheet.rater.code().to_owned(),
        n: results.len(),
        min_group,
        min_comments,
        scales: scale_rows(instrument, |scale| {
            let moments = moments(results, scale);
            moments.filter(|moments| moments.n >= min_group)
        }),
        items: ratings
            .map(|(item, reversed)| item_row(instrument, results, item, reversed, min_group))
            .collect(),
        cuts: built_in.chain(asked).collect(),
        comments: texts.map(|item| comments(results, &item.id, min_comments)).collect(),
    })
}

/// The strictest policy of all: what a link pins, everybody was promised. Without a link nobody was promised
/// anything, and nothing is laxer than usual.
fn strictest(results: &[&VerifiedResult]) -> Policy {
    let usual = Some(Policy::default()).filter(|_| results.iter().any(|r| r.link().is_none()));
    let pinned = results.iter().map(|result| result.claims().survey.policy);
    let strictest = pinned.chain(usual).reduce(|a, b| Policy {
        min_group: a.min_group.max(b.min_group),
        min_comments: a.min_comments.max(b.min_comments),
    });
    strictest.unwrap_or_default()
}

fn moments(results: &[&VerifiedResult], scale: &str) -> Option<Moments> {
    Moments::of(results.iter().filter_map(|result| result.scores().pomp(scale)))
}

fn scale_rows(
    instrument: &Instrument,
    publishable: impl Fn(&str) -> Option<Moments>,
) -> Vec<ScaleRow> {
    let row = |scale: &ScaleDefinition| ScaleRow {
        scale: scale.id.clone(),
        group: scale.group.clone(),
        estimate: publishable(&scale.id).map(|moments| Estimate::of(&moments)),
    };
    instrument.definition().scales.iter().map(row).collect()
}

impl Estimate {
    fn of(moments: &Moments) -> Self {
        Estimate {
            n: moments.n,
            mean: printed(&decimal_wide(moments.mean, 1)),
            sd: moments.sd().map(one_decimal),
            ci95: moments.interval(0.0, 100.0).map(ends),
        }
    }
}

/// The double nearest to a printed decimal, which prints as the same digits again.
fn printed(decimal: &str) -> f64 {
    decimal.parse().unwrap_or(f64::NAN)
}

fn one_decimal(value: f64) -> f64 {
    printed(&format!("{value:.1}"))
}

fn ends(interval: Interval) -> [f64; 2] {
    [one_decimal(interval.low), one_decimal(interval.high)]
}

fn item_row(
    instrument: &Arc<Instrument>,
    results: &[&VerifiedResult],
    item: &str,
    reversed: bool,
    min_group: usize,
) -> ItemRow {
    let bare = ItemRow {
        item: item.to_owned(),
        reversed,
        estimate: None,
        favourable: None,
        favourable_ci95: None,
    };
    let response = instrument.item(item).and_then(|item| instrument.response_of(item));
    let Some(Response::Rating { min, max, favourable_from, .. }) = response else { return bare };
    let values: Vec<i64> = results
        .iter()
        .filter_map(|result| keyed(instrument, &result.claims().survey.sheet, item))
        .collect();
    if values.len() < min_group {
        return bare;
    }
    let pomps = values.iter().map(|value| Rational64::new(100 * (value - min), max - min));
    let n_favourable = values.iter().filter(|value| *value >= favourable_from).count();
    let percent = |share: f64| one_decimal(100.0 * share);
    ItemRow {
        estimate: Moments::of(pomps).map(|moments| Estimate::of(&moments)),
        favourable: Some(printed(&decimal_wide(
            num_rational::Ratio::new(100 * n_favourable as i128, values.len() as i128),
            1,
        ))),
        favourable_ci95: wilson(n_favourable, values.len())
            .map(|interval| [percent(interval.low), percent(interval.high)]),
        ..bare
    }
}

/// The results by an answer of theirs: its codes in order, then those without one.
fn groups(
    instrument: &Instrument,
    results: &[&VerifiedResult],
    answered: impl Fn(&VerifiedResult) -> Option<i64>,
    codes: &[i64],
    min_group: usize,
) -> Vec<CutGroup> {
    let codes: Vec<Option<i64>> = codes.iter().copied().map(Some).chain([None]).collect();
    let members: Vec<Vec<&VerifiedResult>> = codes
        .iter()
        .map(|code| results.iter().filter(|result| answered(result) == *code).copied().collect())
        .collect();
    let sizes: Vec<usize> = members.iter().map(Vec::len).collect();
    let hidden_groups = hidden(&sizes, min_group);
    let mut groups: Vec<CutGroup> = codes
        .iter()
        .zip(&sizes)
        .zip(&hidden_groups)
        .map(|((code, size), hidden)| CutGroup {
            code: *code,
            n: (!hidden).then_some(*size),
            scales: scale_rows(instrument, |_| None),
        })
        .collect();
    // Scale by scale: who lacks a score differs between scales, and so does what a difference shows.
    for (scale_idx, scale) in instrument.definition().scales.iter().enumerate() {
        let estimates: Vec<Option<Moments>> = members
            .iter()
            .zip(&hidden_groups)
            .map(|(members, hidden)| if *hidden { None } else { moments(members, &scale.id) })
            .collect();
        let scored: Vec<usize> = members
            .iter()
            .map(|members| members.iter().filter(|r| r.scores().pomp(&scale.id).is_some()).count())
            .collect();
        let withheld = withheld(&scored, &hidden_groups, min_group);
        for ((group, estimate), withheld) in groups.iter_mut().zip(estimates).zip(withheld) {
            if let (Some(row), Some(moments), false) =
                (group.scales.get_mut(scale_idx), estimate, withheld)
            {
                row.estimate = Some(Estimate::of(&moments));
            }
        }
    }
    groups
}

/// [`hidden`] for one scale, where some groups are hidden already whatever their number of scores.
fn withheld(scored: &[usize], hidden_groups: &[bool], min_group: usize) -> Vec<bool> {
    let concealed: usize =
        scored.iter().zip(hidden_groups).filter(|(_, hidden)| **hidden).map(|(n, _)| n).sum();
    // The hidden groups act as one group of a partition; their own flag is not asked for.
    let mut sizes: Vec<usize> =
        scored.iter().zip(hidden_groups).map(|(n, hidden)| if *hidden { 0 } else { *n }).collect();
    sizes.push(concealed);
    let mut withheld = hidden(&sizes, min_group);
    withheld.pop();
    withheld.iter().zip(hidden_groups).map(|(a, b)| *a || *b).collect()
}

fn comments(results: &[&VerifiedResult], item: &str, min_comments: usize) -> CommentList {
    let mut texts: Vec<String> =
        results.iter().filter_map(|r| r.claims().survey.sheet.texts.get(item).cloned()).collect();
    texts.sort();
    CommentList { item: item.to_owned(), texts: (texts.len() >= min_comments).then_some(texts) }
}
