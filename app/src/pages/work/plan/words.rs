//! Rules, facts and phases in words.

use super::day;
use super::rules::Rules;
use crate::catalogue::{fill, text};
use leptos::prelude::*;
use scoring::plan::Day;
use scoring::plan::ninety_days::{Bound, Condition, Evidence, Fact, Facts, Phase, Run, Span};
use scoring::stats::decimal;
use std::ops::RangeInclusive;

/// The four phases: what each is for and its weeks, with their days once the test has begun.
pub fn phases(rules: &Rules, run: Option<(&Run, Day)>) -> AnyView {
    let cards = Phase::ALL.into_iter().map(|phase| {
        let (from, to) = phase.weeks();
        let words = |part: &str| rules.wording.text(&format!("phases.{}.{part}", phase.code()));
        let weeks =
            fill("work.ninety_days.weeks", &[("from", &from.to_string()), ("to", &to.to_string())]);
        let days = run
            .map(|(run, _)| format!(" · {} – {}", day(run.first_day(from)), day(run.last_day(to))));
        let is_now = run
            .is_some_and(|(run, today)| (run.first_day(from)..=run.last_day(to)).contains(&today));
        any! {
            <li class="card" data-phase=phase.code() aria-current=is_now.then_some("step")>
                <h3>{words("name").to_owned()}</h3>
                <p class="card-facts">{weeks}{days}</p>
                <p>{words("text").to_owned()}</p>
            </li>
        }
    });
    any! { <ol class="cards phases">{cards.collect_view()}</ol> }
}

/// What a fact says, in words.
pub fn fact(rules: &Rules, fact: Fact) -> String {
    with_numbers(rules, rules.wording.text(&format!("facts.{}", fact.code())))
}

/// A text in which the rules' own numbers stand.
pub fn with_numbers(rules: &Rules, said: &str) -> String {
    let definition = &rules.definition;
    let weeks = |weeks: &RangeInclusive<usize>| format!("{}–{}", weeks.start(), weeks.end());
    said.replace("{early}", &weeks(&definition.early))
        .replace("{late}", &weeks(&definition.late))
        .replace("{min_weeks}", &definition.min_weeks.to_string())
        .replace("{needed}", &needed(rules, Fact::WeeksChecked).to_string())
        .replace("{people_needed}", &needed(rules, Fact::TeamAsked).to_string())
}

/// The number below which the first rule about a fact gives no verdict.
fn needed(rules: &Rules, fact: Fact) -> i64 {
    let mut found = None;
    for rule in &rules.definition.rules {
        rule.when.walk(&mut |bound| {
            if bound.fact == fact {
                found.get_or_insert(bound.threshold);
            }
        });
    }
    found.unwrap_or(0)
}

/// A number that is known, or what it can still be; yes or no where it stands for that.
pub fn amount(fact: Fact, span: Span) -> String {
    let printed = |value| {
        let rounded = decimal(value, 1);
        rounded.strip_suffix(".0").map_or(rounded.clone(), str::to_owned)
    };
    match span.value() {
        Some(value) if fact.is_yes_or_no() => yes_or_no(value >= 1.into()),
        Some(value) => printed(value),
        None if span == Facts::default().get(fact) => {
            text("work.ninety_days.fact.unknown").to_owned()
        }
        None => fill(
            "work.ninety_days.fact.between",
            &[("low", &printed(span.low)), ("high", &printed(span.high))],
        ),
    }
}

fn yes_or_no(yes: bool) -> String {
    text(if yes { "work.ninety_days.asks.yes" } else { "work.ninety_days.asks.no" }).to_owned()
}

/// What a rule asks of a fact.
fn asked(bound: Bound) -> String {
    let n = bound.threshold.to_string();
    match bound.at_least {
        yes if bound.fact.is_yes_or_no() => yes_or_no(yes),
        true => fill("work.ninety_days.asks.at_least", &[("n", &n)]),
        false => fill("work.ninety_days.asks.below", &[("n", &n)]),
    }
}

/// A fact that decided something, beside what the rule asks.
pub fn evidence(rules: &Rules, evidence: &Evidence) -> String {
    let bound = evidence.bound;
    let (said, is) = (fact(rules, bound.fact), amount(bound.fact, evidence.is));
    let values = [("fact", said.as_str()), ("is", &is), ("asked", &asked(bound))];
    fill("work.ninety_days.asks.evidence", &values)
}

/// A condition in words, as an element of a list. What it counts is explained below it.
pub fn condition(rules: &Rules, condition: &Condition) -> AnyView {
    let list = |key: &'static str, parts: &[Condition]| {
        let parts: Vec<_> = parts.iter().map(|part| self::condition(rules, part)).collect();
        any! { <li>{text(key)}<ul>{parts}</ul></li> }
    };
    match condition {
        Condition::Always => any! { <li>{text("rule.always")}</li> },
        Condition::All(parts) => list("rule.all", parts),
        Condition::Any(parts) => list("rule.any", parts),
        Condition::Fact(bound) => {
            let counted = rules.definition.counted_by(bound.fact).map(|by| {
                let by = self::condition(rules, by);
                any! { <ul><li>{counted_when(rules, bound.fact)}<ul>{by}</ul></li></ul> }
            });
            any! { <li>{self::bound(rules, *bound)}{counted}</li> }
        }
    }
}

/// What a counted fact counts.
pub fn counted_when(rules: &Rules, fact: Fact) -> String {
    let key = match fact {
        Fact::BehavioursChanged => "changed",
        Fact::IndicatorsMoved => "moved",
        Fact::TeamSees => "seen",
        _ => "done",
    };
    rules.wording.text(&format!("counts.{key}")).to_owned() + ":"
}

fn bound(rules: &Rules, bound: Bound) -> String {
    let said = fact(rules, bound.fact);
    fill("work.ninety_days.asks.condition", &[("fact", &said), ("asked", &asked(bound))])
}
