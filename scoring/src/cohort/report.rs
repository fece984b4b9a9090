//! The cohort report: what may be said about a group, and nothing that exposes a person.

use super::change::{Change, earlier};
use super::suppress::suppressed;
use crate::instrument::{Instrument, ItemKind, Response};
use crate::result::VerifiedResult;
use crate::stats::{
    Exact, Interval, Moments, Null, alpha, feldt, nearest, omega_total, ratio, rounded, rwg_j,
    wilson,
};
use crate::tally::{Cell, CutKey, Layout, Recorder, ScaleSums, Survey, SurveyKey, Tally};
use num_bigint::BigInt;
use num_traits::Zero;
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
    /// Whether the answers came from another survey tool, so that no signature vouches for them.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unsigned: bool,
    /// Number of people counted.
    pub n: u64,
    /// Fewest people a number may rest on: the strictest policy among the files.
    pub min_group: u64,
    /// Fewest people who wrote before comments are shown.
    pub min_comments: u64,
    /// Scales in the definition's order; estimates are absent below the minimum group.
    pub scales: Vec<ScaleRow>,
    /// Rating items in presentation order.
    pub items: Vec<ItemRow>,
    /// One table a cut.
    pub cuts: Vec<Cut>,
    /// Answers to open questions.
    pub comments: Vec<CommentList>,
    /// How scores changed since the wave before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
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
    /// How far the numbers can be trusted, where they are shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<Quality>,
}

/// How well the items of a scale hang together, and how far people agree, over those who answered all of them.
/// Rounded to the two decimals that are shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// People who answered every item.
    pub n: u64,
    /// Cronbach's α.
    pub alpha: Option<f64>,
    /// Feldt's 95 % interval of α.
    pub alpha_ci95: Option<[f64; 2]>,
    /// ω total of one common factor.
    pub omega: Option<f64>,
    /// r_wg(J) against answers spread evenly.
    pub rwg_uniform: Option<f64>,
    /// r_wg(J) against answers with a slight skew; for five options.
    pub rwg_slight_skew: Option<f64>,
}

/// A mean with its uncertainty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// People it rests on.
    pub n: u64,
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
    /// The hidden groups together, if that shows none of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<CutGroup>,
}

/// A coach's own question, as the link states it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    pub n: Option<u64>,
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
    let written = |(key, survey): (&SurveyKey, &Survey)| {
        let instrument = key.find(&instruments)?;
        let mut report = Report::of(&tally, key, survey, instrument);
        let of = |key| writers.get(key).map(Vec::as_slice).unwrap_or_default();
        let results = of(key);
        if let Some((since, _)) = earlier(&tally, key, survey) {
            let layout = Layout::of(instrument);
            let room = Room { instrument, layout: &layout, min_group: survey.min_group };
            let people = Change::of_people(&room, &since.wave, of(since), results);
            report.change = people.or(report.change);
        }
        for list in &mut report.comments {
            list.texts = comments(results, &list.item, report.min_comments);
        }
        Some(report)
    };
    in_order(&tally).filter_map(written).collect()
}

/// One report a survey of a tally. A tally holds no comments, and so these hold none.
#[must_use]
pub fn tally_reports(tally: &Tally, instruments: &[Arc<Instrument>]) -> Vec<Report> {
    let report = |(key, survey): (&SurveyKey, &Survey)| {
        Some(Report::of(tally, key, survey, key.find(instruments)?))
    };
    in_order(tally).filter_map(report).collect()
}

/// Surveys in the order in which they are read: a leader's answers before those of managers.
fn in_order(tally: &Tally) -> impl Iterator<Item = (&SurveyKey, &Survey)> {
    let mut surveys: Vec<_> = tally.surveys.iter().collect();
    surveys.sort_by_key(|(key, _)| {
        (&key.cohort, &key.wave, &key.instrument, &key.version, key.rater(), !key.signed)
    });
    surveys.into_iter()
}

impl Report {
    /// What may be said about everybody who was counted in one survey.
    fn of(tally: &Tally, key: &SurveyKey, survey: &Survey, instrument: &Instrument) -> Self {
        let definition = instrument.definition();
        let layout = Layout::of(instrument);
        let room = Room { instrument, layout: &layout, min_group: survey.min_group };
        let texts = definition.items.iter().filter(|i| matches!(i.kind, ItemKind::Text { .. }));
        let ratings = instrument.presented().filter_map(|item| match item.kind {
            ItemKind::Rating { reversed, .. } => Some((item.id.as_str(), reversed)),
            _ => None,
        });
        Report {
            cohort: (!key.cohort.is_empty()).then(|| CohortName {
                id: key.cohort.clone(),
                wave: key.wave.clone(),
                title: survey.title.clone(),
            }),
            instrument: key.instrument.clone(),
            version: key.version.clone(),
            rater: key.rater.clone(),
            unsigned: !key.signed,
            n: survey.all.n,
            min_group: survey.min_group,
            min_comments: survey.min_comments,
            scales: room.scale_rows(&survey.all, |idx| room.shows(&survey.all, idx)),
            items: ratings
                .map(|(item, reversed)| room.item_row(&survey.all, item, reversed))
                .collect(),
            cuts: survey.cuts.keys().filter_map(|cut| room.cut(survey, cut)).collect(),
            comments: texts.map(|i| CommentList { item: i.id.clone(), texts: None }).collect(),
            change: earlier(tally, key, survey).map(|since| Change::of_means(&room, since, survey)),
        }
    }
}

/// What the numbers of one survey are read with.
pub(super) struct Room<'a> {
    instrument: &'a Instrument,
    layout: &'a Layout,
    pub(super) min_group: u64,
}

impl Room<'_> {
    pub(super) fn n_scales(&self) -> usize {
        self.layout.scales.len()
    }

    pub(super) fn scale_ids(&self) -> impl Iterator<Item = &str> {
        self.layout.scales.iter().map(|scale| scale.scale.as_str())
    }

    /// The scores of a scale as POMP, 0 to 100.
    pub(super) fn pomp(&self, cell: &Cell, scale_idx: usize) -> Option<Moments> {
        let (sums, scale) = (cell.scales.get(scale_idx)?, self.layout.scales.get(scale_idx)?);
        let scores = sums.scores.scored(scale.min_answered);
        Moments::of(scores.map(|(score, n)| (score * ratio(100, scale.span), n)))
    }

    /// Whether a number over so many people may be shown. Where few people all gave the same, it would say what
    /// each of them gave.
    pub(super) fn may_show(&self, moments: &Moments) -> bool {
        let unanimous = moments.variance.as_ref().is_none_or(Zero::is_zero);
        moments.n >= self.min_group && !(unanimous && moments.n < 2 * self.min_group)
    }

    fn shows(&self, cell: &Cell, scale_idx: usize) -> bool {
        self.pomp(cell, scale_idx).is_some_and(|moments| self.may_show(&moments))
    }

    fn scale_rows(&self, cell: &Cell, shows: impl Fn(usize) -> bool) -> Vec<ScaleRow> {
        let scales = self.instrument.definition().scales.iter().enumerate();
        let row = |(idx, scale): (usize, &crate::instrument::ScaleDefinition)| {
            let moments = self.pomp(cell, idx).filter(|_| shows(idx));
            ScaleRow {
                scale: scale.id.clone(),
                group: scale.group.clone(),
                quality: moments.as_ref().and_then(|_| self.quality(cell.scales.get(idx)?)),
                estimate: moments.map(|moments| Estimate::of(&moments)),
            }
        };
        scales.map(row).collect()
    }

    fn quality(&self, sums: &ScaleSums) -> Option<Quality> {
        let rows = &sums.complete;
        let n = rows.n();
        if n < self.min_group {
            return None;
        }
        let agreement =
            |null| rwg_j(rows, null).ok().map(|found| two_decimals(nearest(&found.value)));
        let alpha = alpha(rows).ok().map(|alpha| nearest(&alpha));
        let omega = rows.covariances().and_then(|covariances| omega_total(&covariances)).ok();
        let interval = alpha.and_then(|alpha| feldt(alpha, rows.k() as u64, n).ok());
        Some(Quality {
            n,
            alpha: alpha.map(two_decimals),
            alpha_ci95: interval.map(|ends| [two_decimals(ends.low), two_decimals(ends.high)]),
            omega: omega.map(two_decimals),
            rwg_uniform: agreement(Null::Uniform),
            rwg_slight_skew: agreement(Null::SlightSkew),
        })
    }

    fn item_row(&self, cell: &Cell, item: &str, reversed: bool) -> ItemRow {
        let bare = ItemRow {
            item: item.to_owned(),
            reversed,
            estimate: None,
            favourable: None,
            favourable_ci95: None,
        };
        let response = self.instrument.item(item).and_then(|i| self.instrument.response_of(i));
        let Some(Response::Rating { min, max, favourable_from, .. }) = response else {
            return bare;
        };
        let Some(counts) = self.layout.place(item).and_then(|place| cell.items.get(place)) else {
            return bare;
        };
        let keyed = counts.keyed(reversed);
        let pomps = (0..).zip(&keyed).map(|(value, n)| (ratio(100 * value, max - min), *n));
        let Some(moments) = Moments::of(pomps).filter(|moments| self.may_show(moments)) else {
            return bare;
        };
        let n_favourable: u64 =
            (*min..).zip(&keyed).filter(|(code, _)| code >= favourable_from).map(|(_, n)| n).sum();
        let percent = |share: f64| one_decimal(100.0 * share);
        ItemRow {
            favourable: Some(printed(&ratio(BigInt::from(n_favourable) * 100, moments.n))),
            favourable_ci95: wilson(n_favourable, moments.n)
                .map(|interval| [percent(interval.low), percent(interval.high)]),
            estimate: Some(Estimate::of(&moments)),
            ..bare
        }
    }

    /// The survey divided by a question: its groups in order, then those who did not say.
    fn cut(&self, survey: &Survey, cut: &CutKey) -> Option<Cut> {
        let counted = survey.cuts.get(cut)?;
        let nobody = Cell::new(self.layout);
        let (codes, asked) = self.codes(cut, counted.keys());
        let mut cells: Vec<Cell> =
            codes.iter().map(|(_, name)| counted.get(name).unwrap_or(&nobody).clone()).collect();
        cells.push(survey.not_stated(cut)?);
        let sizes: Vec<u64> = cells.iter().map(|cell| cell.n).collect();
        let hidden = suppressed(&sizes, &vec![false; sizes.len()], self.min_group);
        // What is hidden is shown as one group, which no difference divides.
        let mut other = nobody;
        for (cell, _) in cells.iter_mut().zip(&hidden).filter(|(_, hidden)| **hidden) {
            other.merge(cell);
            *cell = Cell::new(self.layout);
        }
        cells.push(other);
        let shown: Vec<Vec<bool>> =
            (0..self.layout.scales.len()).map(|idx| self.shown_blocks(&cells, idx)).collect();
        let rows = |block: usize, cell: &Cell| {
            let shows = |scale: usize| {
                shown.get(scale).and_then(|blocks| blocks.get(block)).is_some_and(|shown| *shown)
            };
            self.scale_rows(cell, shows)
        };
        let other = cells.pop()?;
        let codes = codes.iter().map(|(code, _)| Some(*code)).chain([None]);
        let groups = codes.zip(&cells).zip(&hidden).enumerate();
        let groups = groups.map(|(block, ((code, cell), hidden))| CutGroup {
            code,
            n: (!hidden).then_some(cell.n),
            scales: rows(block, cell),
        });
        Some(Cut {
            item: cut.id.clone(),
            asked,
            groups: groups.collect(),
            other: (other.n >= self.min_group).then(|| CutGroup {
                code: None,
                n: Some(other.n),
                scales: rows(cells.len(), &other),
            }),
        })
    }

    /// The numbers and names of a cut's groups, and the texts of a question that is no item.
    fn codes<'c>(
        &self,
        cut: &CutKey,
        counted: impl Iterator<Item = &'c String>,
    ) -> (Vec<(i64, String)>, Option<CutTexts>) {
        let response = self.instrument.item(&cut.id).and_then(|i| self.instrument.response_of(i));
        match (&cut.asked, response) {
            (Some(asked), _) => {
                let numbers = (1..).take(asked.options.len());
                (numbers.map(|code: i64| (code, code.to_string())).collect(), Some(asked.clone()))
            }
            (None, Some(response)) => {
                (response.codes().into_iter().map(|code| (code, code.to_string())).collect(), None)
            }
            // A column of a table: what stood in it.
            (None, None) => {
                let names: Vec<String> = counted.cloned().collect();
                let asked = CutTexts { title: cut.id.clone(), options: names.clone() };
                ((1..).zip(names).collect(), Some(asked))
            }
        }
    }

    /// Which of some groups may show a scale. Who lacks a score differs between scales, and so does what a
    /// difference shows.
    fn shown_blocks(&self, cells: &[Cell], scale_idx: usize) -> Vec<bool> {
        let moments: Vec<Option<Moments>> =
            cells.iter().map(|cell| self.pomp(cell, scale_idx)).collect();
        let sizes: Vec<u64> = moments.iter().map(|m| m.as_ref().map_or(0, |m| m.n)).collect();
        let unfit = |moments: &Option<Moments>| {
            moments.as_ref().is_some_and(|moments| !self.may_show(moments))
        };
        let unfit: Vec<bool> = moments.iter().map(unfit).collect();
        let hidden = suppressed(&sizes, &unfit, self.min_group);
        hidden.iter().map(|hidden| !hidden).collect()
    }
}

impl Estimate {
    fn of(moments: &Moments) -> Self {
        Estimate {
            n: moments.n,
            mean: printed(&moments.mean),
            sd: moments.sd().map(one_decimal),
            ci95: moments.interval(0.0, 100.0, None).map(ends),
        }
    }
}

/// The double nearest to a value's one printed decimal, which prints as the same digits again.
fn printed(value: &Exact) -> f64 {
    rounded(value, 1).parse().unwrap_or(f64::NAN)
}

pub(super) fn one_decimal(value: f64) -> f64 {
    format!("{value:.1}").parse().unwrap_or(f64::NAN)
}

pub(super) fn two_decimals(value: f64) -> f64 {
    format!("{value:.2}").parse().unwrap_or(f64::NAN)
}

fn ends(interval: Interval) -> [f64; 2] {
    [one_decimal(interval.low), one_decimal(interval.high)]
}

/// What people wrote to an open question, in alphabetical order; nothing while too few wrote.
fn comments(results: &[&VerifiedResult], item: &str, min_comments: u64) -> Option<Vec<String>> {
    let mut texts: Vec<String> =
        results.iter().filter_map(|r| r.claims().survey.sheet.texts.get(item).cloned()).collect();
    texts.sort();
    (texts.len() as u64 >= min_comments).then_some(texts)
}

fn is_false(flag: &bool) -> bool {
    !flag
}
