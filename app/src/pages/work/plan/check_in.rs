//! One week: how often each behaviour showed, the numbers, whether the mechanism ran. Less than a minute.

use super::build::indicator_name;
use super::field::{Choices, Number, Text};
use super::{Frame, Handle, day, of_week};
use crate::catalogue::{fill, text};
use crate::components::Failure;
use crate::live;
use leptos::prelude::*;
use scoring::plan::ninety_days::{
    CheckIn, Event, FREQUENCIES, MAX_TEXT, MAX_VALUE, N_SLOTS, NinetyDays, Phase, Run, Shown,
    Stage, WeekState,
};

/// The page.
#[component]
pub fn CheckInPage(handle: Handle, week: usize) -> impl IntoView {
    let plan = untrack(move || handle.plan());
    let title = of_week("work.ninety_days.week", week);
    let Some(run) = plan.stage.run() else {
        return any! { <Frame handle name="plan-week" title place=""><Failure code="plan_stage"/></Frame> };
    };
    let today = handle.today();
    let may_change = matches!(plan.stage, Stage::Running(_))
        && (run.first_day(week)..=run.closes(week)).contains(&today);
    let inside = if may_change {
        any! { <Fields handle week/> }
    } else {
        closed(handle, &plan, run, week)
    };
    let days = [("from", day(run.first_day(week))), ("to", day(run.last_day(week)))];
    let days = fill("work.ninety_days.days", &[("from", &days[0].1), ("to", &days[1].1)]);
    let late = may_change && today > run.last_day(week);
    let until = fill("work.ninety_days.late", &[("day", &day(run.closes(week)))]);
    any! {
        <Frame handle name="plan-week" title place="">
            <p class="lead">{days}</p>
            {late.then(|| any! { <p class="notice warning" data-late="">{until}</p> })}
            {inside}
        </Frame>
    }
}

/// What was said about a week.
fn said(plan: &NinetyDays, week: usize) -> CheckIn {
    plan.stage.run().and_then(|run| run.check_in(week)).cloned().unwrap_or_default()
}

#[component]
fn Fields(handle: Handle, week: usize) -> impl IntoView {
    let plan = untrack(move || handle.plan());
    let n_answered = handle.memo(move |plan| said(plan, week).shown.iter().flatten().count());
    let status = move || match n_answered.get() {
        N_SLOTS => text("work.ninety_days.whole").to_owned(),
        n => fill("work.ninety_days.part_of", &[("n", &n.to_string())]),
    };
    let has_mechanism = week >= Phase::Mechanism.weeks().0;
    let numbers: Vec<_> =
        (0..N_SLOTS).filter_map(|slot| number(handle, &plan, week, slot)).collect();
    any! {
        <div class="check-in">
            {(0..N_SLOTS).map(|slot| shown(handle, &plan, week, slot)).collect_view()}
            {(!numbers.is_empty()).then(|| any! {
                <section class="question">
                    <h2>{text("work.ninety_days.numbers")}</h2>
                    <div class="pair">{numbers}</div>
                </section>
            })}
            {has_mechanism.then(|| ran(handle, &plan, week))}
            <details class="question">
                <summary>{text("work.ninety_days.note")}</summary>
                <Text id="note" label=text("work.ninety_days.note.label") rows=2 max=MAX_TEXT value=handle.memo(move |plan| said(plan, week).note)
                    keep=Callback::new(move |text| handle.act(Event::Note { week, text }))/>
            </details>
            <p role="status" data-answered=move || n_answered.get().to_string()>{live(status)}</p>
            <div class="actions">
                <a class="button" data-action="done" href=handle.address("")>{text("work.ninety_days.done")}</a>
            </div>
        </div>
    }
}

fn shown(handle: Handle, plan: &NinetyDays, week: usize, slot: usize) -> AnyView {
    let rules = handle.rules();
    let option = |shown: Shown| {
        let code = match shown {
            Shown::Often(code) => code.to_string(),
            Shown::NoOccasion => "na".to_owned(),
        };
        let label = rules.wording.text(&format!("shown.{code}")).to_owned();
        (shown, code, label)
    };
    let options = FREQUENCIES.map(Shown::Often).chain([Shown::NoOccasion]).map(option).collect();
    let question = plan.behaviours.get(slot).map(|behaviour| behaviour.own.text.clone());
    let value = handle.memo(move |plan| said(plan, week).shown.get(slot).copied().flatten());
    any! {
        <Choices name=format!("shown-{slot}") question=question.unwrap_or_default() hint=text("work.ninety_days.shown") options rating=true value
            keep=Callback::new(move |shown| handle.act(Event::Shown { week, slot, shown: Some(shown) }))/>
    }
}

/// A number of a week, with the last one before it; nothing while nobody said what is counted.
fn number(handle: Handle, plan: &NinetyDays, week: usize, slot: usize) -> Option<AnyView> {
    let indicator = plan.indicators.get(slot).filter(|indicator| !indicator.text.is_empty())?;
    let value = move |plan: &NinetyDays, week| said(plan, week).values.get(slot).copied().flatten();
    let before = (1..week).rev().find_map(|week| Some((week, value(plan, week)?)));
    let hint = before.map(|(week, value)| {
        let values = [("week", &week.to_string()), ("value", &value.to_string())];
        fill("work.ninety_days.before", &values.map(|(name, value)| (name, value.as_str())))
    });
    Some(any! {
        <Number id=format!("value-{slot}") label=indicator_name(indicator) hint=hint.unwrap_or_default()
            range=Signal::derive(|| (-MAX_VALUE, MAX_VALUE)) value=handle.memo(move |plan| value(plan, week))
            keep=Callback::new(move |value| handle.act(Event::Value { week, slot, value }))/>
    })
}

fn ran(handle: Handle, plan: &NinetyDays, week: usize) -> AnyView {
    if plan.mechanism.is_empty() {
        return any! {
            <p class="notice warning">{text("work.ninety_days.no_mechanism")}" "
                <a href=handle.address(super::PLAN)>{text("work.ninety_days.place.plan")}</a></p>
        };
    }
    let options = [(true, "yes"), (false, "no")];
    let options =
        options.map(|(own, code)| (own, code.to_owned(), super::word(&format!("answer.{code}"))));
    any! {
        <Choices name="ran" question=plan.mechanism.clone() hint=text("work.ninety_days.ran") options=options.to_vec() rating=true
            value=handle.memo(move |plan| said(plan, week).ran)
            keep=Callback::new(move |ran| handle.act(Event::Ran { week, ran: Some(ran) }))/>
    }
}

/// A week that cannot be changed: not begun, too long ago, or of a closed test.
fn closed(handle: Handle, plan: &NinetyDays, run: &Run, week: usize) -> AnyView {
    let state = run.state(week, handle.today());
    let (key, when) = match state {
        WeekState::Ahead => ("work.ninety_days.ahead", run.first_day(week)),
        WeekState::Missed => ("work.ninety_days.missed", run.closes(week)),
        WeekState::Open { .. } | WeekState::Checked { .. } => {
            ("work.ninety_days.closed", run.closes(week))
        }
    };
    let said = said(plan, week);
    let rules = handle.rules();
    let rows = plan.behaviours.iter().zip(said.shown).map(|(behaviour, shown)| {
        let code = match shown {
            Some(Shown::Often(code)) => code.to_string(),
            Some(Shown::NoOccasion) => "na".to_owned(),
            None => return any! { <div><dt>{behaviour.own.text.clone()}</dt><dd>{text("work.ninety_days.nothing")}</dd></div> },
        };
        let shown = rules.wording.text(&format!("shown.{code}")).to_owned();
        any! { <div><dt>{behaviour.own.text.clone()}</dt><dd>{shown}</dd></div> }
    });
    let has_words =
        said.on.is_some().then(|| any! { <dl class="facts">{rows.collect_view()}</dl> });
    any! {
        <p class="notice" data-closed="">{fill(key, &[("day", &day(when))])}</p>
        {has_words}
        <div class="actions"><a class="button" href=handle.address("")>{text("work.ninety_days.back")}</a></div>
    }
}
