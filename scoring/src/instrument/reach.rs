//! Whether anybody can ever be told what a definition declares.
//!
//! A rule is dead if no answers make it fire. That is searched for with every question and every scale free to
//! take any value that it can take by itself: a question each of its codes, a scale each score that some number
//! of answers gives. What is found impossible then is impossible. The converse does not follow where questions
//! and scales hang together: if two scales share items, or a rule asks for an item of a scale beside the scale,
//! a rule may be dead unnoticed. Where the search would take too long, nothing is said either.

use super::{Condition, Definition, Item, Problems, Response, Rule, RuleKind, ScaleDefinition};
use num_rational::Rational64;
use std::collections::{BTreeMap, BTreeSet};

/// Where the search gives up. The rules of the published instruments take a few hundred steps.
const MAX_STEPS: u32 = 50_000;

/// Notes every rule that never fires, question that is never asked and band that no score falls in. Of a
/// definition without other problems.
pub(super) fn check(definition: &Definition, problems: &mut Problems) {
    let reach = Reach { definition };
    for (idx, item) in definition.items.iter().enumerate() {
        if item.shown_when.as_ref().is_some_and(|when| !reach.is_possible([when], [])) {
            let message = "no answers make this hold, so the item is never shown";
            problems.add(format!("items[{idx}].shown_when"), message);
        }
    }
    for (idx, scale) in definition.scales.iter().enumerate() {
        let scores = reach.scores(scale);
        let starts = scale.bands.iter().map(|band| Rational64::from(band.from));
        let ends = starts.clone().skip(1).map(Some).chain([None]);
        for (band, (start, end)) in scale.bands.iter().zip(starts.zip(ends)) {
            let falls = |score: &Rational64| *score >= start && end.is_none_or(|end| *score < end);
            if !scores.iter().any(falls) {
                let message = format!("no score falls in band \"{}\"", band.id);
                problems.add(format!("scales[{idx}]"), message);
            }
        }
    }
    let mut earlier: Vec<&Rule> = Vec::new();
    for (idx, rule) in definition.rules.iter().enumerate() {
        let path = format!("rules[{idx}]");
        if !reach.is_possible([&rule.when], []) {
            problems.add(path, "no answers make this hold, so it is never said");
        } else if rule.kind == RuleKind::Verdict
            && !reach.is_possible([&rule.when], earlier.iter().map(|rule| &rule.when))
        {
            let message = "whenever this holds, a verdict before it does, so it is never said";
            problems.add(path, message);
        }
        // A verdict comes out only if those before it are known not to hold; one that never holds may stay unknown.
        if rule.kind == RuleKind::Verdict {
            earlier.push(rule);
        }
    }
}

struct Reach<'a> {
    definition: &'a Definition,
}

/// What has a value: an item its code, a scale its score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Variable<'a> {
    Item(&'a str),
    Scale(&'a str),
}

/// A variable has one of some values.
#[derive(Clone)]
struct Fact<'a> {
    variable: Variable<'a>,
    values: Vec<Rational64>,
}

/// What has to be true. A missing answer makes none of these true.
#[derive(Clone)]
enum Need<'a> {
    All(Vec<Need<'a>>),
    Any(Vec<Need<'a>>),
    AtLeast(usize, Vec<Fact<'a>>),
    /// Whether fewer than so many scales of its group lie below the scale.
    Lowest(&'a ScaleDefinition, usize, bool),
}

/// What has been settled so far.
#[derive(Clone, Default)]
struct Settled<'a> {
    /// Values left of each variable that must have one.
    values: BTreeMap<Variable<'a>, Vec<Rational64>>,
    lowest: Vec<(&'a ScaleDefinition, usize, bool)>,
}

impl<'a> Reach<'a> {
    /// Whether some conditions can hold while others do not; yes where that is not decided.
    fn is_possible<'c>(
        &self,
        hold: impl IntoIterator<Item = &'c Condition>,
        fail: impl IntoIterator<Item = &'c Condition>,
    ) -> bool {
        let not = |condition: &Condition| Condition::Not(Box::new(condition.clone()));
        let conditions = hold.into_iter().cloned().chain(fail.into_iter().map(not));
        let needs = conditions.map(|condition| self.need(&self.affirmed(&condition))).collect();
        Search { reach: self, steps: 0 }.succeeds(needs, Settled::default())
    }

    fn affirmed(&self, condition: &Condition) -> Condition {
        condition.affirmed(&|item| self.item(item).map(|item| self.codes(item)).unwrap_or_default())
    }

    fn item(&self, id: &str) -> Option<&'a Item> {
        self.definition.items.iter().find(|item| item.id == id)
    }

    fn scale(&self, id: &str) -> Option<&'a ScaleDefinition> {
        self.definition.scales.iter().find(|scale| scale.id == id)
    }

    fn codes(&self, item: &Item) -> Vec<i64> {
        let response = item.response().and_then(|id| self.definition.responses.get(id));
        response.map(Response::codes).unwrap_or_default()
    }

    /// Every score, 0 to 100, that some number of answers gives.
    fn scores(&self, scale: &ScaleDefinition) -> Vec<Rational64> {
        let item = scale.items.first().and_then(|id| self.item(id));
        let codes = item.map(|item| self.codes(item)).unwrap_or_default();
        let (Some(low), Some(high)) = (codes.first(), codes.last()) else { return Vec::new() };
        let n_answered = scale.min_answered..=scale.items.len();
        let scores: BTreeSet<Rational64> = n_answered
            .filter_map(|n| i64::try_from(n).ok())
            .flat_map(|n| (0..=n * (high - low)).map(move |sum| (n, sum)))
            .map(|(n, sum)| Rational64::new(100 * sum, n * (high - low)))
            .collect();
        scores.into_iter().collect()
    }

    fn all_values(&self, variable: Variable<'_>) -> Vec<Rational64> {
        match variable {
            Variable::Item(id) => {
                let codes = self.item(id).map(|item| self.codes(item)).unwrap_or_default();
                codes.into_iter().map(Rational64::from).collect()
            }
            Variable::Scale(id) => self.scale(id).map(|s| self.scores(s)).unwrap_or_default(),
        }
    }

    fn need(&self, condition: &Condition) -> Need<'a> {
        let answered = |item: &str, is: &[i64]| {
            let variable = Variable::Item(self.item(item)?.id.as_str());
            let values = is.iter().copied().map(Rational64::from).collect();
            Some(Fact { variable, values })
        };
        let scored = |scale: &str, below: Option<i64>, at_least: Option<i64>| {
            let scale = self.scale(scale)?;
            let mut values = self.scores(scale);
            values.retain(|score| {
                below.is_none_or(|below| *score < Rational64::from(below))
                    && at_least.is_none_or(|at_least| *score >= Rational64::from(at_least))
            });
            Some(Fact { variable: Variable::Scale(&scale.id), values })
        };
        let lowest = |condition: &Condition, holds| match condition {
            Condition::Lowest { scale, among } => {
                self.scale(scale).map(|scale| Need::Lowest(scale, *among, holds))
            }
            _ => None,
        };
        // A definition without other problems names nothing that it does not have.
        let nothing = || Need::AtLeast(0, Vec::new());
        match condition {
            Condition::Always(always) => Need::AtLeast(usize::from(!always), Vec::new()),
            Condition::All(parts) => Need::All(parts.iter().map(|part| self.need(part)).collect()),
            Condition::Any(parts) => Need::Any(parts.iter().map(|part| self.need(part)).collect()),
            Condition::Not(part) => lowest(part, false).unwrap_or_else(nothing),
            Condition::Lowest { .. } => lowest(condition, true).unwrap_or_else(nothing),
            Condition::Answer { item, is } => {
                Need::AtLeast(1, answered(item, is).into_iter().collect())
            }
            Condition::Score(at) => {
                Need::AtLeast(1, scored(&at.scale, at.below, at.at_least).into_iter().collect())
            }
            Condition::Count(count) => {
                let facts = |wanted: bool| {
                    let fact = |item: &String| {
                        let mut codes = self.codes(self.item(item)?);
                        codes.retain(|code| count.is.contains(code) == wanted);
                        answered(item, &codes)
                    };
                    count.items.iter().filter_map(fact).collect()
                };
                match count.at_most {
                    // A missing answer may yet count: so many must be known not to.
                    Some(n) => Need::AtLeast(count.items.len().saturating_sub(n), facts(false)),
                    None => Need::AtLeast(count.at_least.unwrap_or(0), facts(true)),
                }
            }
            Condition::CountScores(count) => {
                let fact = |scale: &String| scored(scale, count.below, count.at_least_score);
                Need::AtLeast(count.at_least, count.scales.iter().filter_map(fact).collect())
            }
        }
    }
}

struct Search<'r, 'a> {
    reach: &'r Reach<'a>,
    steps: u32,
}

impl<'a> Search<'_, 'a> {
    /// Whether all needs can be met at once.
    fn succeeds(&mut self, mut needs: Vec<Need<'a>>, mut settled: Settled<'a>) -> bool {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return true;
        }
        let mut choices: Vec<Need<'a>> = Vec::new();
        while let Some(need) = needs.pop() {
            match need {
                Need::All(parts) => needs.extend(parts),
                Need::Any(_) => choices.push(need),
                Need::Lowest(scale, among, holds) => {
                    let variable = Variable::Scale(&scale.id);
                    let values = self.reach.all_values(variable);
                    if !self.settle(&Fact { variable, values }, &mut settled, &mut needs) {
                        return false;
                    }
                    settled.lowest.push((scale, among, holds));
                }
                Need::AtLeast(n, mut facts) => {
                    let n_before = facts.len();
                    facts.retain(|fact| !settled.has(fact));
                    let n = n.saturating_sub(n_before - facts.len());
                    facts.retain(|fact| settled.allows(fact));
                    if facts.len() < n {
                        return false;
                    }
                    if n == 0 {
                        continue;
                    }
                    if facts.len() > n {
                        choices.push(Need::AtLeast(n, facts));
                    } else if !facts.iter().all(|fact| self.settle(fact, &mut settled, &mut needs))
                    {
                        return false;
                    }
                }
            }
        }
        let Some(choice) = choices.pop() else {
            return settled.lowest.iter().all(|lowest| self.can_be_lowest(lowest, &settled));
        };
        let mut with =
            |more: Vec<Need<'a>>| self.succeeds([choices.clone(), more].concat(), settled.clone());
        match choice {
            Need::Any(parts) => parts.into_iter().any(|part| with(vec![part])),
            Need::AtLeast(n, mut facts) => {
                let Some(one) = facts.pop() else { return false };
                let counts = Need::AtLeast(1, vec![one]);
                with(vec![counts, Need::AtLeast(n - 1, facts.clone())])
                    || with(vec![Need::AtLeast(n, facts)])
            }
            Need::All(_) | Need::Lowest(..) => true,
        }
    }

    /// Settles a fact; an item that needs an answer has to be asked. False if nothing is left.
    fn settle(
        &self,
        fact: &Fact<'a>,
        settled: &mut Settled<'a>,
        needs: &mut Vec<Need<'a>>,
    ) -> bool {
        let left = settled.values.entry(fact.variable).or_insert_with(|| {
            if let Variable::Item(id) = fact.variable
                && let Some(when) = self.reach.item(id).and_then(|item| item.shown_when.as_ref())
            {
                needs.push(self.reach.need(&self.reach.affirmed(when)));
            }
            self.reach.all_values(fact.variable)
        });
        left.retain(|value| fact.values.contains(value));
        !left.is_empty()
    }

    /// Whether a scale can be among the lowest of its group, or not, by the values that are left. Scales of which
    /// nothing is asked may have no score.
    fn can_be_lowest(
        &self,
        (scale, among, holds): &(&ScaleDefinition, usize, bool),
        settled: &Settled<'a>,
    ) -> bool {
        let left = |id| settled.values.get(&Variable::Scale(id));
        let own = left(&scale.id).and_then(|own| if *holds { own.first() } else { own.last() });
        let siblings = self.reach.definition.scales.iter();
        let siblings = siblings.filter(|other| other.group == scale.group && other.id != scale.id);
        let n_below = siblings.filter(|sibling| match (left(&sibling.id), holds) {
            (Some(left), true) => left.last() < own,
            (Some(left), false) => left.first() < own,
            (None, true) => false,
            (None, false) => self.reach.scores(sibling).first() < own,
        });
        (n_below.count() < *among) == *holds
    }
}

impl<'a> Settled<'a> {
    /// Whether a fact holds already.
    fn has(&self, fact: &Fact<'a>) -> bool {
        let left = self.values.get(&fact.variable);
        left.is_some_and(|left| left.iter().all(|value| fact.values.contains(value)))
    }

    /// Whether a fact can still come to hold.
    fn allows(&self, fact: &Fact<'a>) -> bool {
        match self.values.get(&fact.variable) {
            Some(left) => left.iter().any(|value| fact.values.contains(value)),
            None => !fact.values.is_empty(),
        }
    }
}
