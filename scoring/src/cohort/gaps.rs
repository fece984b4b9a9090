//! How leaders see themselves and how their managers do, over all pairs of a cohort.

use super::change::{Counted, Wave};
use super::report::{Room, one_decimal, printed};
use crate::pair::{Pair, PairNorms, PairReport, pairs};
use crate::result::VerifiedResult;
use crate::stats::{Exact, Moments, ratio};
use crate::tally::Ids;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Leaders' own ratings against their managers', over pairs of which both answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gaps {
    /// Pairs.
    pub n: u64,
    /// Compared scales in the definition's order.
    pub scales: Vec<GapRow>,
}

/// One scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GapRow {
    /// Scale id.
    pub scale: String,
    /// The numbers, or nothing where too few pairs stand behind them.
    pub estimate: Option<GapEstimate>,
}

/// A mean gap with its uncertainty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GapEstimate {
    /// Pairs that both rated enough of the same behaviours.
    pub n: u64,
    /// Mean of self − manager, in points of 0 to 100.
    pub gap: f64,
    /// Standard deviation between pairs, n − 1.
    pub gap_sd: Option<f64>,
    /// Student's 95 % interval of the mean.
    pub gap_ci95: Option<[f64; 2]>,
    /// Leaders who rate themselves clearly higher than their managers do; with `under` absent where all are alike.
    pub over: Option<u64>,
    /// Leaders who rate themselves clearly lower.
    pub under: Option<u64>,
}

/// Gaps, and by place of the number the results of the people behind it, leaders' and managers'.
pub(super) type Matched = (Gaps, Vec<(usize, Ids, Ids)>);

impl Gaps {
    /// None where somebody could be computed out of the number of pairs, or nobody is compared.
    ///
    /// A mean gap is the difference of two sums over the same pairs, one a side. Nobody can be computed out of it
    /// if nobody could, were either sum shown beside what else is shown of its side.
    pub(super) fn of(room: &Room<'_>, own: &Wave<'_>, manager: &Wave<'_>) -> Option<Matched> {
        room.instrument.definition().pair.as_ref()?;
        let counted: Vec<Counted<'_>> =
            own.results.iter().chain(manager.results).copied().collect();
        let by_receipt: BTreeMap<&[u8; 32], Counted<'_>> =
            counted.iter().map(|one| (one.0.receipt(), *one)).collect();
        let results: Vec<&VerifiedResult> = counted.iter().map(|(result, _)| *result).collect();
        let pairs: Vec<Pair<'_>> = pairs(&results).into_values().collect();
        let norms = PairNorms::of(room.instrument, &pairs);
        let reports: Vec<(Pair<'_>, PairReport)> =
            pairs.iter().filter_map(|pair| Some((*pair, pair.report(norms.as_ref())?))).collect();
        let mut matched = Vec::new();
        let mut may_match =
            |variable: usize, pairs: &[Pair<'_>], counts: &dyn Fn(&VerifiedResult) -> bool| {
                let ids = |of: fn(&Pair<'_>) -> [u8; 32]| -> Ids {
                    let receipts = pairs.iter().map(of);
                    let records = receipts.filter_map(|receipt| by_receipt.get(&receipt));
                    records.map(|(_, record)| record.identity.id()).collect()
                };
                let first = ids(|pair| *pair.own.receipt());
                let second = ids(|pair| *pair.manager.receipt());
                let is_safe = pairs.len() as u64 >= room.min_group
                    && own.hides_all_with(variable, &first, counts)
                    && manager.hides_all_with(variable, &second, counts);
                if is_safe {
                    matched.push((variable, first, second));
                }
                is_safe
            };
        if !may_match(0, &pairs, &|_| true) {
            return None;
        }
        let scales = room.scale_ids().enumerate().filter_map(|(idx, scale)| {
            let compared: Vec<(Pair<'_>, Exact, Option<&str>)> = reports
                .iter()
                .filter_map(|(pair, report)| {
                    let mut areas = report.areas.iter();
                    let area = areas.find(|area| area.scale.as_deref() == Some(scale))?;
                    Some((*pair, area.gap.value()?.clone(), area.agreement.as_deref()))
                })
                .collect();
            let is_compared = |(_, report): &(Pair<'_>, PairReport)| {
                report.areas.iter().any(|area| area.scale.as_deref() == Some(scale))
            };
            reports.iter().any(is_compared).then_some(())?;
            let people: Vec<Pair<'_>> = compared.iter().map(|(pair, ..)| *pair).collect();
            let counts = |result: &VerifiedResult| result.scores().pomp(scale).is_some();
            let span = room.layout.scales.get(idx)?.span;
            let points = compared.iter().map(|(_, gap, _)| (gap * ratio(100, span), 1));
            let moments = Moments::of(points).filter(|moments| {
                room.may_show(moments) && may_match(room.score(idx), &people, &counts)
            });
            let of = |code: &str| {
                compared.iter().filter(|(.., agreement)| *agreement == Some(code)).count() as u64
            };
            let estimate = moments.map(|moments| {
                let (over, under) = (of("over_estimator"), of("under_estimator"));
                let alike = [over, under].contains(&moments.n);
                let shown = |n: u64| (!alike || moments.n >= 2 * room.min_group).then_some(n);
                GapEstimate {
                    n: moments.n,
                    gap: printed(&moments.mean),
                    gap_sd: moments.sd().map(one_decimal),
                    gap_ci95: moments
                        .interval(-100.0, 100.0, None)
                        .map(|ends| [one_decimal(ends.low), one_decimal(ends.high)]),
                    over: shown(over),
                    under: shown(under),
                }
            });
            Some(GapRow { scale: scale.to_owned(), estimate })
        });
        let scales = scales.collect();
        Some((Gaps { n: pairs.len() as u64, scales }, matched))
    }
}
