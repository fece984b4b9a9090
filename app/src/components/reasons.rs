//! Why something is said: the facts behind it, and the rule in words with the reader's own values.

use crate::catalogue::{fill, text};
use crate::state::Survey;
use leptos::prelude::*;
use scoring::answers::AnswerSheet;
use scoring::instrument::{Condition, ItemKind, Rule};
use scoring::score::{Evidence, Fired, Scores};
use scoring::stats::decimal;
use std::sync::Arc;

/// What every sentence of a report rests on.
#[derive(Debug)]
pub struct Basis {
    /// The survey.
    pub survey: Survey,
    /// The answers.
    pub sheet: AnswerSheet,
    /// Their scores.
    pub scores: Scores,
}

/// Why a rule's sentences are said: the facts, the rule, and the rules that were asked before it.
#[component]
pub fn Reasons(
    /// What the report rests on.
    basis: Arc<Basis>,
    /// The rule's id.
    rule: String,
    /// The facts that made it fire.
    #[prop(optional)]
    fired: Option<Fired>,
    /// Rules of which the first that holds is said.
    #[prop(optional)]
    before: Vec<String>,
) -> impl IntoView {
    let facts = fired.map(|fired| fired.because).unwrap_or_default();
    let facts = facts.iter().map(|fact| list_item(basis.fact(fact), Vec::new())).collect();
    let rule = basis.rule(&rule)?;
    let limit = basis.survey.instrument.definition().focus_limit.to_string();
    let before = basis.titled(&before);
    Some(details(any! {
        {list(facts)}
        <div class="grounds">
            <p>{text("rule.said")}</p>
            {list(vec![basis.when(rule)])}
            {rule.rank_by.is_some().then(|| any! { <p>{fill("rule.limit", &[("n", &limit)])}</p> })}
            {(!before.is_empty()).then(|| any! { <p>{text("rule.before")}</p> })}
            {list(before)}
        </div>
    }))
}

/// Why nothing of some rules is said: each with its condition.
#[component]
pub fn NoReasons(
    /// What the report rests on.
    basis: Arc<Basis>,
    /// The rules.
    rules: Vec<String>,
) -> impl IntoView {
    let rules = basis.titled(&rules);
    details(any! { <div class="grounds"><p>{text("rule.none")}</p>{list(rules)}</div> })
}

/// Why a band's sentence is said of a scale: where the band begins and ends, and the answers that the score rests on.
#[component]
pub fn BandReasons(
    /// What the report rests on.
    basis: Arc<Basis>,
    /// The scale's id.
    scale: String,
) -> impl IntoView {
    let pomp = basis.scores.pomp(&scale);
    let scale = basis.survey.instrument.scale(&scale)?;
    let mut bands = scale.bands.iter().peekable();
    let mut said = None;
    while let Some(band) = bands.next() {
        if pomp.is_some_and(|pomp| pomp >= band.from.into()) {
            let to = bands.peek().map_or(100, |next| next.from).to_string();
            let from = band.from.to_string();
            let key = if bands.peek().is_some() { "rule.band" } else { "rule.band_top" };
            let yours = basis.score(&scale.id);
            said = Some(fill(key, &[("from", &from), ("to", &to), ("yours", &yours)]));
        }
    }
    let answers = scale.items.iter().map(|id| {
        let item = basis.survey.instrument.item(id).map(|item| &item.kind);
        let turned = matches!(item, Some(ItemKind::Rating { reversed: true, .. }));
        basis.value(basis.question(id), &basis.answer(id), turned.then_some("rule.turned"))
    });
    let answers = answers.collect();
    Some(details(any! {
        <div class="grounds">
            {said.map(|said| any! { <p>{said}</p> })}
            <p>{text("rule.answers")}</p>
            {list(answers)}
        </div>
    }))
}

fn details(inside: AnyView) -> AnyView {
    any! { <details class="reasons"><summary>{text("report.why")}</summary>{inside}</details> }
}

fn list(items: Vec<AnyView>) -> AnyView {
    if items.is_empty() {
        return ().into_any();
    }
    any! { <ul>{items}</ul> }
}

fn list_item(said: String, below: Vec<AnyView>) -> AnyView {
    any! { <li>{said}{list(below)}</li> }
}

impl Basis {
    fn rule(&self, id: &str) -> Option<&Rule> {
        self.survey.instrument.definition().rules.iter().find(|rule| rule.id == id)
    }

    fn when(&self, rule: &Rule) -> AnyView {
        self.words(&self.survey.instrument.affirmed(&rule.when))
    }

    /// Rules by their titles, with their conditions.
    fn titled(&self, ids: &[String]) -> Vec<AnyView> {
        let rules = ids.iter().filter_map(|id| {
            let title = self.survey.wording.text(&format!("rules.{id}.title")).to_owned();
            Some(list_item(title, vec![self.when(self.rule(id)?)]))
        });
        rules.collect()
    }

    /// A condition without "not", in words.
    fn words(&self, condition: &Condition) -> AnyView {
        let (said, below) = match condition {
            Condition::All(parts) => (text("rule.all").to_owned(), self.each(parts)),
            Condition::Any(parts) => (text("rule.any").to_owned(), self.each(parts)),
            Condition::Always(_) => (text("rule.always").to_owned(), Vec::new()),
            Condition::Not(part) => (text("rule.not").to_owned(), vec![self.words(part)]),
            Condition::Lowest { scale, among } => {
                let said = self.about(scale, "rule.lowest", *among);
                (said, Vec::new())
            }
            Condition::Score(at) => {
                let (key, threshold) = side(at.below, at.at_least, "rule.below", "rule.at_least");
                (self.about(&at.scale, key, threshold), Vec::new())
            }
            Condition::CountScores(count) => {
                let (key, threshold) =
                    side(count.below, count.at_least_score, "rule.scales_below", "rule.scales");
                let scales = count.scales.iter().map(|id| {
                    let pomp = self.scores.pomp(id);
                    let counts =
                        pomp.is_some_and(|pomp| (pomp < threshold.into()) == count.below.is_some());
                    let name = self.survey.wording.scale_name(id);
                    self.value(name, &self.score(id), counts.then_some("rule.counts"))
                });
                let threshold = threshold.to_string();
                (counted(key, count.at_least, count.scales.len(), &threshold), scales.collect())
            }
            Condition::Answer { item, is } => {
                let said = fill(
                    "rule.answer",
                    &[("options", &self.options(item, is)), ("item", self.question(item))],
                );
                (said + &self.yours(&self.answer(item)), Vec::new())
            }
            Condition::Count(count) => {
                let items = count.items.iter().map(|id| {
                    let counts = self.sheet.code(id).is_some_and(|code| count.is.contains(&code));
                    let mark = counts.then_some("rule.counts");
                    self.value(self.question(id), &self.answer(id), mark)
                });
                let first = count.items.first().map(String::as_str).unwrap_or_default();
                let options = self.options(first, &count.is);
                let (key, n) = match (count.at_least, count.at_most) {
                    (Some(n), _) => ("rule.answers_at_least", n),
                    (None, n) => ("rule.answers_at_most", n.unwrap_or_default()),
                };
                (counted(key, n, count.items.len(), &options), items.collect())
            }
        };
        list_item(said, below)
    }

    fn each(&self, parts: &[Condition]) -> Vec<AnyView> {
        parts.iter().map(|part| self.words(part)).collect()
    }

    /// A sentence about a scale and a number, with the reader's own score.
    fn about(&self, scale: &str, key: &'static str, number: impl ToString) -> String {
        let name = self.survey.wording.scale_name(scale);
        fill(key, &[("scale", name), ("n", &number.to_string())]) + &self.yours(&self.score(scale))
    }

    fn yours(&self, value: &str) -> String {
        fill("rule.yours", &[("value", value)])
    }

    fn value(&self, name: &str, value: &str, mark: Option<&'static str>) -> AnyView {
        let marked = mark.map_or_else(|| value.to_owned(), |key| fill(key, &[("value", value)]));
        any! { <li>{name.to_owned()}" "<strong>{marked}</strong></li> }
    }

    fn question(&self, item: &str) -> &str {
        self.survey.wording.item(item, self.survey.key.rater)
    }

    fn score(&self, scale: &str) -> String {
        let pomp = self.scores.pomp(scale);
        pomp.map_or_else(|| text("rule.no_score").to_owned(), |pomp| decimal(pomp, 1))
    }

    fn answer(&self, item: &str) -> String {
        match self.sheet.code(item) {
            Some(code) => self.options(item, &[code]),
            None => text("rule.no_answer").to_owned(),
        }
    }

    /// Labels of options, in quotation marks.
    fn options(&self, item: &str, codes: &[i64]) -> String {
        let response = self.survey.instrument.item(item).and_then(|item| item.response());
        let label = |code: &i64| {
            format!("“{}”", self.survey.wording.option(response.unwrap_or_default(), Some(*code)))
        };
        codes.iter().map(label).collect::<Vec<_>>().join(text("rule.or"))
    }

    /// A fact in words.
    fn fact(&self, fact: &Evidence) -> String {
        let wording = &self.survey.wording;
        let (key, scale, pomp, number) = match fact {
            Evidence::Below { scale, pomp, threshold } => ("reason.below", scale, pomp, *threshold),
            Evidence::AtLeast { scale, pomp, threshold } => {
                ("reason.at_least", scale, pomp, *threshold)
            }
            Evidence::AmongLowest { scale, pomp, among } => {
                ("reason.among_lowest", scale, pomp, i64::try_from(*among).unwrap_or(i64::MAX))
            }
            Evidence::Answered { item, code } => {
                let answer = self.options(item, &[*code]);
                let values = [("answer", answer.as_str()), ("item", self.question(item))];
                return fill("reason.answered", &values);
            }
        };
        let (scale, score) = (wording.scale_name(scale), decimal(*pomp, 1));
        fill(key, &[("scale", scale), ("score", &score), ("n", &number.to_string())])
    }
}

/// The one threshold that is given, and the key of the sentence about it.
fn side(
    below: Option<i64>,
    at_least: Option<i64>,
    key_below: &'static str,
    key_at_least: &'static str,
) -> (&'static str, i64) {
    match below {
        Some(below) => (key_below, below),
        None => (key_at_least, at_least.unwrap_or_default()),
    }
}

fn counted(key: &'static str, n: usize, of: usize, what: &str) -> String {
    fill(key, &[("n", &n.to_string()), ("of", &of.to_string()), ("what", what)])
}
