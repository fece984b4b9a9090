//! The cohort report: what may be said about a group, and nothing that exposes a person.

use super::change::{Change, Counted};
use super::gaps::Gaps;
use super::ledger::{FewAsked, Ledger, no_roster};
use super::release::{Release, ReleasedSet};
use crate::instrument::{Instrument, ItemKind, Response};
use crate::result::VerifiedResult;
use crate::stats::{
    Exact, Interval, Moments, Null, alpha, feldt, nearest, omega_total, ratio, rounded, rwg_j,
    wilson,
};
use crate::tally::{Cell, CutKey, Layout, ScaleSums, Survey, Tally, told_rules, verdicts};
use num_bigint::BigInt;
use num_traits::Zero;
use serde::{Deserialize, Serialize};
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
    /// Number of people asked, where the coach said so: [`Self::scales`] are then read as `n` of that many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roster: Option<u64>,
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
    /// Answers to open questions; none of a tally, which holds no comments.
    pub comments: Vec<CommentList>,
    /// The scales without people whose answers look careless; absent where nobody's do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_suspects: Option<WithoutSuspects>,
    /// How scores changed since the wave before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// What people are told in their own reports; of instruments that come to a verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcomes: Option<Outcomes>,
    /// How the leaders of a cohort see themselves against how their managers do; beside leaders' own answers only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gaps: Option<Gaps>,
}

/// How many people are told what. Nothing tells no number from one that is withheld.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcomes {
    /// Verdicts in the definition's order, then the people who are told none, because answers are missing.
    pub verdicts: Vec<Told>,
    /// The people of all verdicts without a number, together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<u64>,
    /// Gates, patterns and levers in the definition's order.
    pub rules: Vec<Told>,
}

/// How many people are told what a rule says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The rule; none for people without a verdict.
    pub rule: Option<String>,
    /// How many; none where it is withheld, or nobody.
    pub n: Option<u64>,
}

/// Which cohort a report is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CohortName {
    /// Cohort id; empty for answers from another survey tool.
    pub id: String,
    /// The wave.
    pub wave: String,
    /// What participants were invited to.
    pub title: String,
}

/// The other way to read a report in which some answers look careless. The report itself counts them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WithoutSuspects {
    /// People whose answers look careless; none where they, or the others, are too few to be told apart.
    pub n_suspect: Option<u64>,
    /// Scales in the definition's order, over the others.
    pub scales: Vec<ScaleRow>,
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
    /// Whether people disagree: r_wg(J) against an even spread is below what the definition declares for the scale's
    /// group. Always no where nothing is declared.
    #[serde(default, skip_serializing_if = "is_false")]
    pub disagree: bool,
}

impl Quality {
    /// α where the questions hang together too little for groups to be compared: below 0.70 (Nunnally and Bernstein,
    /// Psychometric Theory, 1994, page 264).
    #[must_use]
    pub fn weak_alpha(&self) -> Option<f64> {
        self.alpha.filter(|alpha| *alpha < 0.7)
    }
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
    /// Student's 95 % interval of the mean, clipped to 0–100. Of everybody's scales it is that of a sample without
    /// replacement, where [`Report::roster`] is known; nobody knows how many were asked of a part of them.
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

/// One report per cohort, wave, instrument, version and rater among the counted results, as if nothing had been
/// released before: [`Ledger::reports`] knows better.
#[must_use]
pub fn reports(counted: &[&VerifiedResult]) -> Vec<Report> {
    // A first report has nothing to differ from.
    let released = Ledger::default().reports(counted, &no_roster).unwrap_or_default();
    released.into_iter().map(|(report, _)| report).collect()
}

/// One report a survey of a tally, as if nothing had been released before: [`Ledger::tally_reports`] knows better.
#[must_use]
pub fn tally_reports(tally: &Tally, instruments: &[Arc<Instrument>]) -> Vec<Report> {
    let released = Ledger::default().tally_reports(tally, instruments, &no_roster);
    let released = released.unwrap_or_default();
    released.into_iter().map(|(report, _)| report).collect()
}

/// What the numbers of one survey are read with.
pub(super) struct Room<'a> {
    pub(super) instrument: &'a Instrument,
    pub(super) layout: &'a Layout,
    pub(super) min_group: u64,
}

impl Room<'_> {
    pub(super) fn n_scales(&self) -> usize {
        self.layout.scales.len()
    }

    /// The place of a scale's numbers among everything that is shown of a set of people.
    pub(super) fn score(&self, scale_idx: usize) -> usize {
        1 + scale_idx
    }

    /// The place of what rests on those who answered the whole scale.
    pub(super) fn completeness(&self, scale_idx: usize) -> usize {
        1 + self.n_scales() + scale_idx
    }

    pub(super) fn scale_ids(&self) -> impl Iterator<Item = &str> {
        self.layout.scales.iter().map(|scale| scale.scale.as_str())
    }

    /// What may be said about everybody who was counted in one survey.
    pub(super) fn report(&self, survey: &Survey, release: &Release) -> Report {
        let ratings = self.instrument.presented().filter_map(|item| match item.kind {
            ItemKind::Rating { reversed, .. } => Some((item.id.as_str(), reversed)),
            _ => None,
        });
        let key = &release.survey;
        let cuts = survey.cuts.keys().filter(|cut| !cut.is_suspects() && !cut.is_outcome());
        let cuts = cuts.filter_map(|cut| self.cut(survey, cut, release));
        Report {
            cohort: (!key.cohort.is_empty() || !key.signed).then(|| CohortName {
                id: key.cohort.clone(),
                wave: key.wave.clone(),
                title: survey.title.clone(),
            }),
            instrument: key.instrument.clone(),
            version: key.version.clone(),
            rater: key.rater.clone(),
            unsigned: !key.signed,
            n: survey.all.n,
            roster: None,
            min_group: survey.min_group,
            min_comments: survey.min_comments,
            scales: self.scale_rows(&survey.all, release.everybody(), None),
            items: ratings
                .map(|(item, reversed)| {
                    let shown = release.items.get(item).is_some_and(|item| item.shown);
                    self.item_row(&survey.all, item, reversed, shown)
                })
                .collect(),
            cuts: cuts.collect(),
            comments: Vec::new(),
            without_suspects: self.without_suspects(survey, release),
            change: None,
            outcomes: self.outcomes(survey, release),
            gaps: None,
        }
    }

    /// Reads the scales of everybody as those of a sample from so many people. What is shown stays what it was.
    pub(super) fn narrow(
        &self,
        report: &mut Report,
        (survey, release): (&Survey, &Release),
        roster: u64,
    ) -> Result<(), FewAsked> {
        if roster < report.n {
            return Err(FewAsked {
                instrument: report.instrument.clone(),
                version: report.version.clone(),
                rater: report.rater.clone(),
                n: report.n,
                roster,
            });
        }
        report.roster = Some(roster);
        report.scales = self.scale_rows(&survey.all, release.everybody(), Some(roster));
        Ok(())
    }

    /// How many people are told what.
    fn outcomes(&self, survey: &Survey, release: &Release) -> Option<Outcomes> {
        let everybody = release.everybody().filter(|all| all.shows(0) && release.survey.signed);
        everybody.and(verdicts(self.instrument).next())?;
        let n_of = |cut: &CutKey, group: &String| match survey.cuts.get(cut)?.get(group) {
            Some(cell) => Some(cell.n),
            None => survey.not_stated(cut).map(|cell| cell.n),
        };
        let shown = |cut: &CutKey, group: String| {
            let mut sets = release.of_cut(cut).filter(|set| set.shows(0));
            sets.find(|set| set.groups.iter().eq([&group]))?;
            n_of(cut, &group)
        };
        let verdict = CutKey::verdict();
        let reached = (1..).zip(verdicts(self.instrument)).map(|(code, rule)| Told {
            rule: Some(rule.id.clone()),
            n: shown(&verdict, i64::to_string(&code)),
        });
        let none = Told { rule: None, n: shown(&verdict, String::new()) };
        let mut together = release.of_cut(&verdict).filter(|set| set.shows(0));
        let other = together.find(|set| set.groups.len() > 1);
        let rules = told_rules(self.instrument).map(|rule| Told {
            rule: Some(rule.id.clone()),
            n: shown(&CutKey::rule(&rule.id), "1".to_owned()),
        });
        Some(Outcomes {
            verdicts: reached.chain([none]).collect(),
            other: other
                .map(|set| set.groups.iter().filter_map(|group| n_of(&verdict, group)).sum()),
            rules: rules.collect(),
        })
    }

    /// The others of a cut whose one group is suspects: protected as every cut is.
    fn without_suspects(&self, survey: &Survey, release: &Release) -> Option<WithoutSuspects> {
        let mut cut = self.cut(survey, &CutKey::suspects(), release)?;
        let others = cut.groups.pop()?;
        let suspects = cut.groups.pop()?;
        let n_suspect = suspects.n.filter(|_| others.n.is_some());
        Some(WithoutSuspects { n_suspect, scales: others.scales })
    }

    /// The scores of a scale as POMP, 0 to 100.
    pub(super) fn pomp(&self, cell: &Cell, scale_idx: usize) -> Option<Moments> {
        let (sums, scale) = (cell.scales.get(scale_idx)?, self.layout.scales.get(scale_idx)?);
        let scores = sums.scores.scored(scale.min_answered);
        Moments::of(scores.map(|(score, n)| (score * ratio(100, scale.span), n)))
    }

    /// The sums of those who answered every item of a scale.
    pub(super) fn complete_moments(&self, cell: &Cell, scale_idx: usize) -> Option<Moments> {
        let sums = cell.scales.get(scale_idx)?;
        let complete =
            sums.scores.iter().filter(|(n_answered, ..)| *n_answered == sums.complete.k() as u64);
        Moments::of(complete.map(|(_, sum, n)| (ratio(sum, 1), n)))
    }

    /// Whether a number over so many people may be shown. Where few people all gave the same, it would say what
    /// each of them gave.
    pub(super) fn may_show(&self, moments: &Moments) -> bool {
        let unanimous = moments.variance.as_ref().is_none_or(Zero::is_zero);
        moments.n >= self.min_group && !(unanimous && moments.n < 2 * self.min_group)
    }

    fn scale_rows(
        &self,
        cell: &Cell,
        set: Option<&ReleasedSet>,
        roster: Option<u64>,
    ) -> Vec<ScaleRow> {
        let scales = self.instrument.definition().scales.iter().enumerate();
        let row = |(idx, scale): (usize, &crate::instrument::ScaleDefinition)| {
            let shows = |variable| set.is_some_and(|set| set.shows(variable));
            let moments = self.pomp(cell, idx).filter(|_| shows(self.score(idx)));
            let sums = cell.scales.get(idx).filter(|_| shows(self.completeness(idx)));
            ScaleRow {
                scale: scale.id.clone(),
                group: scale.group.clone(),
                quality: sums.map(|sums| {
                    Quality::of(sums, self.instrument.definition().agreement_from(scale))
                }),
                estimate: moments.map(|moments| Estimate::of(&moments, roster)),
            }
        };
        scales.map(row).collect()
    }

    /// The answers to a rating item, as they were given: reversing changes neither how many there are nor whether
    /// they are all the same.
    pub(super) fn item_moments(&self, cell: &Cell, item: &str) -> Option<Moments> {
        let counts = self.layout.place(item).and_then(|place| cell.items.get(place))?;
        Moments::of((0..).zip(&counts.codes).map(|(value, n)| (ratio(value, 1), *n)))
    }

    fn item_row(&self, cell: &Cell, item: &str, reversed: bool, shown: bool) -> ItemRow {
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
        let Some(moments) = Moments::of(pomps).filter(|_| shown) else {
            return bare;
        };
        let n_favourable: u64 =
            (*min..).zip(&keyed).filter(|(code, _)| code >= favourable_from).map(|(_, n)| n).sum();
        let percent = |share: f64| one_decimal(100.0 * share);
        ItemRow {
            favourable: Some(printed(&ratio(BigInt::from(n_favourable) * 100, moments.n))),
            favourable_ci95: wilson(n_favourable, moments.n)
                .map(|interval| [percent(interval.low), percent(interval.high)]),
            estimate: Some(Estimate::of(&moments, None)),
            ..bare
        }
    }

    /// The survey divided by a question: its groups in order, then those who did not say.
    fn cut(&self, survey: &Survey, cut: &CutKey, release: &Release) -> Option<Cut> {
        let counted = survey.cuts.get(cut)?;
        let not_stated = survey.not_stated(cut)?;
        let (codes, asked) = self.codes(cut, counted.keys());
        let cell = |name: &String| {
            if name.is_empty() { Some(&not_stated) } else { counted.get(name) }
        };
        let shown = |code: Option<i64>, set: &ReleasedSet| {
            let mut all = Cell::new(self.layout);
            set.groups.iter().filter_map(cell).for_each(|cell| all.merge(cell));
            CutGroup { code, n: Some(all.n), scales: self.scale_rows(&all, Some(set), None) }
        };
        let sets = || release.of_cut(cut).filter(|set| set.shows(0));
        let codes = codes.into_iter().map(|(code, name)| (Some(code), name));
        let groups = codes.chain([(None, String::new())]).map(|(code, name)| {
            let nobody = cell(&name).is_none_or(|cell| cell.n == 0);
            sets().find(|set| set.groups.iter().eq([&name])).map_or_else(
                || CutGroup {
                    code,
                    n: nobody.then_some(0),
                    scales: self.scale_rows(&Cell::new(self.layout), None, None),
                },
                |set| shown(code, set),
            )
        });
        Some(Cut {
            item: cut.id.clone(),
            asked,
            groups: groups.collect(),
            other: sets().find(|set| set.groups.len() > 1).map(|set| shown(None, set)),
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
}

impl Quality {
    fn of(sums: &ScaleSums, agreement_from: Option<i64>) -> Self {
        let rows = &sums.complete;
        let uniform = rwg_j(rows, Null::Uniform).ok().map(|found| found.value);
        let disagree = uniform
            .as_ref()
            .zip(agreement_from)
            .is_some_and(|(found, from)| *found < ratio(from, 100));
        let slight_skew = rwg_j(rows, Null::SlightSkew).ok().map(|found| found.value);
        let agreement = |found: Option<Exact>| found.map(|found| two_decimals(nearest(&found)));
        let alpha = alpha(rows).ok().map(|alpha| nearest(&alpha));
        let omega = rows.covariances().and_then(|covariances| omega_total(&covariances)).ok();
        let interval = alpha.and_then(|alpha| feldt(alpha, rows.k() as u64, rows.n()).ok());
        Quality {
            n: rows.n(),
            alpha: alpha.map(two_decimals),
            alpha_ci95: interval.map(|ends| [two_decimals(ends.low), two_decimals(ends.high)]),
            omega: omega.map(two_decimals),
            rwg_uniform: agreement(uniform),
            rwg_slight_skew: agreement(slight_skew),
            disagree,
        }
    }
}

impl Estimate {
    fn of(moments: &Moments, roster: Option<u64>) -> Self {
        Estimate {
            n: moments.n,
            mean: printed(&moments.mean),
            sd: moments.sd().map(one_decimal),
            ci95: moments.interval(0.0, 100.0, roster).map(ends),
        }
    }
}

/// The double nearest to a value's one printed decimal, which prints as the same digits again.
pub(super) fn printed(value: &Exact) -> f64 {
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
pub(super) fn comments(
    results: &[Counted<'_>],
    item: &str,
    min_comments: u64,
) -> Option<Vec<String>> {
    let mut texts: Vec<String> = results
        .iter()
        .filter_map(|(r, _)| r.claims().survey.sheet.texts.get(item).cloned())
        .collect();
    texts.sort();
    (texts.len() as u64 >= min_comments).then_some(texts)
}

fn is_false(flag: &bool) -> bool {
    !flag
}
