//! The verdict, or what is still open; the evidence week by week; everything opens to its facts and its rule.

use super::build::indicator_name;
use super::now::Close;
use super::rules::Rules;
use super::words::{amount, condition, counted_when, evidence, fact, with_numbers};
use super::{Frame, Handle, VERDICT, day, word};
use crate::catalogue::{fill, find, text};
use crate::components::Failure;
use crate::live;
use crate::pages::work::kept::SaveSigned;
use crate::platform::dom;
use crate::route::AsidePage;
use leptos::prelude::*;
use scoring::plan::WorksheetKind;
use scoring::plan::ninety_days::{
    CheckIn, Evidence, Fact, Fired, NinetyDays, Part, Phase, Reading, Run, Scope, Shown, Verdict,
    WEEKS, read,
};
use scoring::score::Truth;

/// The page.
#[component]
pub fn VerdictPage(handle: Handle) -> impl IntoView {
    let has_begun = untrack(move || handle.plan().stage.run().is_some());
    let title = text("work.ninety_days.place.verdict");
    if !has_begun {
        return any! { <Frame handle name="plan-verdict" title place=VERDICT><Failure code="plan_stage"/></Frame> };
    }
    let plan = handle.memo(NinetyDays::clone);
    any! {
        <Frame handle name="plan-verdict" title place=VERDICT>
            {live(move || whole(handle, &plan.get()))}
            <section class="handover">
                <h2>{text("work.ninety_days.file.title")}</h2>
                <p>{text("work.ninety_days.file")}</p>
                <SaveSigned sheet=handle.sheet>
                    <button type="button" class="button secondary" data-action="print" on:click=|_| dom::print()>{text("report.print")}</button>
                    <Close handle/>
                </SaveSigned>
                <p class="hint">{text("work.ninety_days.again.hint")}</p>
            </section>
        </Frame>
    }
}

fn whole(handle: Handle, plan: &NinetyDays) -> AnyView {
    let rules = handle.rules();
    let reading = read(&rules.definition, plan, handle.today());
    let (Some(run), Some(reading)) = (plan.stage.run(), reading) else { return ().into_any() };
    let said = |title: &'static str, fired: &[Fired]| {
        let cards: Vec<_> = fired.iter().map(|fired| card(&rules, fired)).collect();
        (!cards.is_empty())
            .then(|| any! { <section class="said"><h2>{text(title)}</h2>{cards}</section> })
    };
    let map = (!reading.steps.is_empty()).then(|| {
        let href = AsidePage::NewWorksheet(WorksheetKind::DecisionMap).href();
        any! { <p><a class="button secondary" data-action="map" href=href>{text("work.decision_map.new")}</a></p> }
    });
    any! {
        {conclusion(handle, plan, run, &reading)}
        {said("work.ninety_days.steps", &reading.steps)}
        {map}
        {chart(&rules, plan, run, &reading)}
        {known(&rules, plan, &reading)}
        {said("work.ninety_days.notes", &reading.notes)}
    }
}

/// The verdict with what to do, and why.
fn conclusion(handle: Handle, plan: &NinetyDays, run: &Run, reading: &Reading) -> AnyView {
    let rules = handle.rules();
    let today = handle.today();
    let is_final = plan.is_final(today);
    let kind = reading.verdict.kind();
    let eyebrow = if is_final {
        text("work.ninety_days.verdict.final").to_owned()
    } else {
        fill("work.ninety_days.verdict.so_far", &[("day", &day(today))])
    };
    let until = (!is_final)
        .then(|| fill("work.ninety_days.verdict.until", &[("day", &day(run.closes(WEEKS)))]));
    let (rule, title, inside, facts) = match &reading.verdict {
        Verdict::Reached(fired) => {
            let title = rules.wording.text(&format!("verdicts.{}", kind.code())).to_owned();
            let headline = rules.wording.text(&format!("rules.{}.title", fired.rule)).to_owned();
            let said = any! { <h3>{headline}</h3>{advice(&rules, &fired.rule)} };
            (fired.rule.clone(), title, said, &fired.because)
        }
        Verdict::Undecided { rule, missing } => {
            let title = if is_final {
                rules.wording.text(&format!("verdicts.{}", kind.code())).to_owned()
            } else {
                text("work.ninety_days.verdict.open").to_owned()
            };
            (rule.clone(), title, open(&rules, missing, is_final), missing)
        }
    };
    let code = if matches!(reading.verdict, Verdict::Reached(_)) { kind.code() } else { "open" };
    any! {
        <section class="verdict" data-verdict=code data-rule=rule.clone()>
            <p class="eyebrow">{eyebrow}</p>
            <h2>{title}</h2>
            {inside}
            {until.map(|until| any! { <p class="hint">{until}</p> })}
            {reasons(&rules, &rule, facts, &reading.passed_over)}
        </section>
    }
}

/// What a rule says, and what to do then.
fn advice(rules: &Rules, rule: &str) -> AnyView {
    let next = format!("rules.{rule}.next");
    let next =
        rules.wording.list(&next).map(|step| any! { <li>{step.to_owned()}</li> }).collect_view();
    any! {
        <p>{rules.wording.text(&format!("rules.{rule}.text")).to_owned()}</p>
        <p class="next-label">{text("report.next")}</p>
        <ul class="next">{next}</ul>
    }
}

/// What nobody has said yet, and how it comes to be said.
fn open(rules: &Rules, missing: &[Evidence], is_final: bool) -> AnyView {
    let items = missing.iter().map(|missing| {
        let (fact, is) = (missing.bound.fact, missing.is);
        any! { <li data-missing=fact.code()>{self::fact(rules, fact)}": "{amount(fact, is)}</li> }
    });
    let to_do = missing.iter().map(|missing| {
        let own = find(&format!("work.ninety_days.todo.{}", missing.bound.fact.code()));
        let own = own.unwrap_or(text("work.ninety_days.todo"));
        any! { <li>{with_numbers(rules, own)}</li> }
    });
    let (said, next) = if is_final {
        let again = text("work.ninety_days.todo.again");
        (text("work.ninety_days.verdict.never"), any! { <li>{again}</li> })
    } else {
        (text("work.ninety_days.verdict.missing"), to_do.collect_view().into_any())
    };
    any! {
        <p>{said}</p>
        <ul>{items.collect_view()}</ul>
        <p class="next-label">{text("report.next")}</p>
        <ul class="next">{next}</ul>
    }
}

/// The facts, the rule in words, and the verdicts that come before it and do not hold.
fn reasons(rules: &Rules, rule: &str, facts: &[Evidence], passed_over: &[Fired]) -> AnyView {
    let list = |facts: &[Evidence]| {
        let facts = facts.iter().map(|fact| any! { <li>{evidence(rules, fact)}</li> });
        any! { <ul>{facts.collect_view()}</ul> }
    };
    let in_words = rules.definition.rule(rule).map(|rule| condition(rules, &rule.when));
    let before = passed_over.iter().map(|fired| {
        let title = rules.wording.text(&format!("rules.{}.title", fired.rule)).to_owned();
        any! { <li data-passed-over=fired.rule.clone()>{title}{list(&fired.because)}</li> }
    });
    let has_before = !passed_over.is_empty();
    any! {
        <details class="reasons">
            <summary>{text("report.why")}</summary>
            {(!facts.is_empty()).then(|| list(facts))}
            <div class="grounds">
                <p>{text("rule.said")}</p>
                <ul>{in_words}</ul>
                {has_before.then(|| any! { <p>{text("rule.before")}</p> })}
                <ul>{before.collect_view()}</ul>
            </div>
        </details>
    }
}

/// A note or a step.
fn card(rules: &Rules, fired: &Fired) -> AnyView {
    any! {
        <article class="rule" data-rule=fired.rule.clone()>
            <h3>{rules.wording.text(&format!("rules.{}.title", fired.rule)).to_owned()}</h3>
            {advice(rules, &fired.rule)}
            {reasons(rules, &fired.rule, &fired.because, &[])}
        </article>
    }
}

/// What was noted, week by week: a table that is its own chart, so that it is the same to every reader.
fn chart(rules: &Rules, plan: &NinetyDays, run: &Run, reading: &Reading) -> AnyView {
    let heads = (1..=WEEKS)
        .map(|week| any! { <th scope="col" data-ends=ends(week)>{week.to_string()}</th> });
    let behaviours = plan.behaviours.iter().enumerate().map(|(slot, behaviour)| {
        let cells = cells(run, |week| frequency(rules, week, slot));
        let said = &run.validation;
        let people = |key: &'static str, counts: &[Option<i64>]| {
            let (asked, n) = (said.asked?, counts.get(slot).copied().flatten()?);
            let label = fill(key, &[("n", &n.to_string()), ("asked", &asked.to_string())]);
            Some(any! {
                <p>{label}</p><progress value=n.to_string() max=asked.to_string() aria-hidden="true"></progress>
            })
        };
        let sees = people("work.ninety_days.chart.sees", &said.sees);
        let does = people("work.ninety_days.chart.does", &said.does);
        let has_team = sees.is_some() || does.is_some();
        any! {
            <tbody>
                {named(behaviour.own.text.clone())}
                <tr class="bars">{cells}</tr>
                {has_team.then(|| any! { <tr class="people"><td colspan=WEEKS.to_string()>{sees}{does}</td></tr> })}
            </tbody>
        }
    });
    let indicators = plan.indicators.iter().enumerate().filter_map(|(slot, indicator)| {
        let start = reading.indicators.get(slot).and_then(|part| part.start);
        (!indicator.text.is_empty()).then(|| {
            let cells = cells(run, |week| {
                let value = week.values.get(slot).copied().flatten()?;
                let better = start.and_then(|start| indicator.is_better(start, value));
                let (code, mark) = match better {
                    Some(true) => ("better", text("work.ninety_days.chart.better")),
                    Some(false) => ("not", text("work.ninety_days.chart.not_better")),
                    None => ("", ""),
                };
                Some(any! {
                    <span class="value" data-better=code>{value.to_string()}<span class="visually-hidden">" "{mark}</span></span>
                })
            });
            any! { <tbody>{named(indicator_name(indicator))}<tr>{cells}</tr></tbody> }
        })
    });
    let mechanism = (!plan.mechanism.is_empty()).then(|| {
        let cells = cells(run, |week| {
            let ran = week.ran?;
            let said = text(if ran { "work.ninety_days.answer.yes" } else { "work.ninety_days.answer.no" });
            Some(any! {
                <span class="value" data-better=if ran { "better" } else { "not" }>
                    <span aria-hidden="true">{if ran { "✓" } else { "–" }}</span><span class="visually-hidden">{said}</span>
                </span>
            })
        });
        any! { <tbody>{named(plan.mechanism.clone())}<tr>{cells}</tr></tbody> }
    });
    any! {
        <section data-chart="">
            <h2>{text("work.ninety_days.chart")}</h2>
            <p class="prose">{text("work.ninety_days.chart.text")}</p>
            <div class="table-scroll" tabindex="0" role="region" aria-label=text("work.ninety_days.chart")>
                <table class="course">
                    <caption class="visually-hidden">{text("work.ninety_days.chart")}</caption>
                    <thead><tr>{heads.collect_view()}</tr></thead>
                    {behaviours.collect_view()}
                    {indicators.collect_view()}
                    {mechanism}
                </table>
            </div>
        </section>
    }
}

/// The row that names those below it.
fn named(name: String) -> AnyView {
    any! { <tr class="name"><th scope="rowgroup" colspan=WEEKS.to_string()>{name}</th></tr> }
}

/// Whether a week is the last of its phase.
fn ends(week: usize) -> Option<&'static str> {
    (Phase::of_week(week).weeks().1 == week && week < WEEKS).then_some("phase")
}

fn cells(run: &Run, cell: impl Fn(&CheckIn) -> Option<AnyView>) -> Vec<AnyView> {
    let cell = |(week, said)| {
        let empty =
            || any! { <span class="visually-hidden">{text("work.ninety_days.nothing")}</span> };
        any! { <td data-ends=ends(week)>{cell(said).unwrap_or_else(empty)}</td> }
    };
    (1..).zip(&run.weeks).map(cell).collect()
}

fn frequency(rules: &Rules, week: &CheckIn, slot: usize) -> Option<AnyView> {
    let code = match week.shown.get(slot).copied().flatten()? {
        Shown::Often(code) => code.to_string(),
        Shown::NoOccasion => "na".to_owned(),
    };
    let label = rules.wording.text(&format!("shown.{code}")).to_owned();
    Some(
        any! { <span class="bar" data-level=code><span class="visually-hidden">{label}</span></span> },
    )
}

/// What is known of each behaviour and each indicator, and when each of them counts.
fn known(rules: &Rules, plan: &NinetyDays, reading: &Reading) -> AnyView {
    let behaviours = plan.behaviours.iter().zip(&reading.behaviours).map(|(behaviour, part)| {
        let outcomes = [("changed", part.changed), ("seen", part.seen), ("done", part.done)];
        let refused = [&behaviour.own, &behaviour.team].into_iter().find_map(|statement| {
            let fault = rules.form.fault(&statement.text)?;
            let what = rules.wording.text(&format!("form.{fault}.what"));
            let said = fill("work.ninety_days.kept", &[("what", what)]);
            Some(any! { <p class="notice warning">{said}</p> })
        });
        any! {
            <article class="rule">
                <h3>{behaviour.own.text.clone()}</h3>
                {refused}
                {table(rules, part, Scope::Behaviour, &outcomes)}
            </article>
        }
    });
    let indicators = plan.indicators.iter().zip(&reading.indicators);
    let indicators = indicators.filter(|(indicator, _)| !indicator.text.is_empty());
    let indicators = indicators.map(|(indicator, part)| {
        any! {
            <article class="rule">
                <h3>{indicator_name(indicator)}</h3>
                {table(rules, part, Scope::Indicator, &[("moved", part.changed)])}
            </article>
        }
    });
    let counts = [Fact::BehavioursChanged, Fact::TeamSees, Fact::TeamDoes, Fact::IndicatorsMoved];
    let counts = counts.map(|fact| {
        let by = rules.definition.counted_by(fact).map(|by| condition(rules, by));
        any! { <li>{counted_when(rules, fact)}<ul>{by}</ul></li> }
    });
    any! {
        <section class="said" data-known="">
            <h2>{text("work.ninety_days.known")}</h2>
            {behaviours.collect_view()}
            {indicators.collect_view()}
        </section>
        <details class="reasons"><summary>{text("work.ninety_days.counts")}</summary><ul>{Vec::from(counts)}</ul></details>
    }
}

fn table(rules: &Rules, part: &Part, scope: Scope, outcomes: &[(&'static str, Truth)]) -> AnyView {
    let outcomes = outcomes.iter().map(|(code, truth)| {
        let said = match truth {
            Truth::True => "yes",
            Truth::False => "no",
            Truth::Unknown => "open",
        };
        any! { <div data-outcome=*code data-is=said><dt>{word(&format!("outcome.{code}"))}</dt><dd><strong>{word(&format!("is.{said}"))}</strong></dd></div> }
    });
    let facts = Fact::ALL.into_iter().filter(|fact| fact.scope() == scope).map(|fact| {
        any! { <div><dt>{self::fact(rules, fact)}</dt><dd>{amount(fact, part.facts.get(fact))}</dd></div> }
    });
    any! { <dl class="known">{outcomes.collect_view()}{facts.collect_view()}</dl> }
}
