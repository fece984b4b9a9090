//! Weeks 9–12: what to ask the team, what it answered, and what the leader says.

use super::field::{Choices, Number, Text};
use super::words::with_numbers;
use super::{Frame, Handle, TEAM, day, word};
use crate::catalogue::{fill, text};
use crate::components::{Choice, Failure};
use crate::live;
use crate::platform::{files, spawn};
use leptos::prelude::*;
use scoring::plan::ninety_days::{
    Answer, Event, MAX_ASKED, MAX_TEXT, N_SLOTS, NinetyDays, Obstacle, Phase, Stage, Validation,
    WEEKS,
};

/// The page.
#[component]
pub fn Ask(handle: Handle) -> impl IntoView {
    let plan = untrack(move || handle.plan());
    let today = handle.today();
    let title = text("work.ninety_days.place.team");
    let Some(run) = plan.stage.run() else {
        return any! { <Frame handle name="plan-team" title place=TEAM><Failure code="plan_stage"/></Frame> };
    };
    let may_answer = plan.can_validate(today);
    let (from, until) = (run.first_day(Phase::Validation.weeks().0), run.closes(WEEKS));
    let when = match &plan.stage {
        Stage::Ended { .. } => text("work.ninety_days.team.ended").to_owned(),
        _ if today < from => fill("work.ninety_days.team.ahead", &[("day", &day(from))]),
        _ if may_answer => fill("work.ninety_days.team.until", &[("day", &day(until))]),
        _ => fill("work.ninety_days.team.closed", &[("day", &day(until))]),
    };
    any! {
        <Frame handle name="plan-team" title place=TEAM>
            <p class="lead">{with_numbers(&handle.rules(), text("work.ninety_days.team.lead"))}</p>
            <p class="notice" data-open=may_answer.to_string()>{when}</p>
            <Questions plan=plan.clone()/>
            {may_answer.then(|| any! { <Answers handle/> })}
        </Frame>
    }
}

/// The four questions, to be read aloud or sent.
#[component]
fn Questions(plan: NinetyDays) -> impl IntoView {
    let copied = RwSignal::new(None::<bool>);
    let own = plan.behaviours.iter().map(|behaviour| behaviour.own.text.clone());
    let team = plan.behaviours.iter().map(|behaviour| behaviour.team.text.clone());
    let (own, team): (Vec<_>, Vec<_>) = (own.collect(), team.collect());
    let obstacles = Obstacle::ALL.map(|obstacle| word(&format!("obstacle.{}", obstacle.code())));
    let questions =
        [("sees", own), ("does", team), ("named", obstacles.to_vec()), ("moment", Vec::new())];
    let questions = questions.map(|(code, parts)| (word(&format!("ask.{code}")), parts));
    let whole: String = (1..)
        .zip(&questions)
        .map(|(n, (question, parts))| {
            let parts: String = parts.iter().map(|part| format!("   – {part}\n")).collect();
            format!("{n}. {question}\n{parts}")
        })
        .collect();
    let copy = move |_| {
        let whole = whole.clone();
        spawn(async move {
            copied.try_set(Some(files::copy(&whole).await.is_ok()));
        });
    };
    let items = questions.map(|(question, parts)| {
        let parts = parts.into_iter().map(|part| any! { <li>{part}</li> }).collect::<Vec<_>>();
        any! { <li><strong>{question}</strong>{(!parts.is_empty()).then(|| any! { <ul>{parts}</ul> })}</li> }
    });
    any! {
        <section class="prose">
            <h2>{text("work.ninety_days.ask.title")}</h2>
            <p>{text("work.ninety_days.ask.how")}</p>
            <ol>{Vec::from(items)}</ol>
            <div class="actions">
                <button type="button" class="button secondary" data-action="copy" on:click=copy>{text("work.ninety_days.ask.copy")}</button>
            </div>
            <p role="status">{live(move || copied.get().map(|done| {
                text(if done { "work.ninety_days.ask.copied" } else { "work.ninety_days.ask.not_copied" })
            }))}</p>
        </section>
    }
}

fn said(plan: &NinetyDays) -> Validation {
    plan.stage.run().map(|run| run.validation.clone()).unwrap_or_default()
}

#[component]
fn Answers(handle: Handle) -> impl IntoView {
    let plan = untrack(move || handle.plan());
    let asked = handle.memo(|plan| said(plan).asked);
    // Fewer than a count says would take that count back, and so would a number half corrected.
    let counted = handle.memo(|plan| said(plan).most_counted());
    let has_asked = Memo::new(move |_| asked.get().is_some_and(|asked| asked > 0));
    let by = [(false, "self"), (true, "other")];
    let by = by.map(|(own, code)| (own, code.to_owned(), word(&format!("team.by.{code}"))));
    let obstacles = Obstacle::ALL.map(|obstacle| {
        let named = handle.memo(move |plan| said(plan).named.contains(&obstacle));
        let change = Callback::new(move |named| handle.act(Event::Named { obstacle, named }));
        let label = word(&format!("obstacle.{}", obstacle.code()));
        any! { <Choice name="named" value=obstacle.code() label checked=named.into() on_change=change/> }
    });
    let runs_alone = (!plan.mechanism.is_empty()).then(|| {
        any! {
            <Choices name="alone" question=text("work.ninety_days.leader.alone") hint=plan.mechanism.clone() options=answers() rating=true
                value=handle.memo(|plan| said(plan).runs_alone) keep=Callback::new(move |answer| handle.act(Event::RunsAlone(answer)))/>
        }
    });
    let pressures: Vec<_> = (0..N_SLOTS).map(|slot| pressure(handle, &plan, slot)).collect();
    any! {
        <section class="check-in">
            <h2>{text("work.ninety_days.team.title")}</h2>
            <div class="question">
                <Number id="asked" label=text("work.ninety_days.team.asked") hint=text("work.ninety_days.team.asked.hint")
                    range=Signal::derive(move || (counted.get(), MAX_ASKED)) value=asked waits=true fault="work.ninety_days.team.asked.wrong"
                    keep=Callback::new(move |people| handle.act(Event::Asked(people)))/>
            </div>
            <Choices name="by" question=text("work.ninety_days.team.by") options=by.to_vec()
                value=handle.memo(|plan| said(plan).by_other) keep=Callback::new(move |other| handle.act(Event::ByOther(other)))/>
            {live(move || has_asked.get().then(|| {
                (0..N_SLOTS).map(|slot| counts(handle, &plan, slot, asked)).collect_view()
            }))}
            <fieldset class="question" id="named">
                <legend>{text("work.ninety_days.ask.named")}</legend>
                <p class="hint">{text("work.ninety_days.team.named.hint")}</p>
                <div class="options">{Vec::from(obstacles)}</div>
            </fieldset>
            <div class="question">
                <Text id="moment" label=text("work.ninety_days.team.moment") hint=text("work.ninety_days.team.moment.hint") rows=2 max=MAX_TEXT
                    value=handle.memo(|plan| said(plan).moment) keep=Callback::new(move |text| handle.act(Event::Moment(text)))/>
            </div>
        </section>
        <section class="check-in">
            <h2>{text("work.ninety_days.leader.title")}</h2>
            {pressures}
            {runs_alone}
            <div class="actions">
                <a class="button" data-action="to-verdict" href=handle.address(super::VERDICT)>{text("work.ninety_days.next.verdict.go")}</a>
            </div>
        </section>
    }
}

/// How many see a behaviour, and how many say that the team does its part.
fn counts(handle: Handle, plan: &NinetyDays, slot: usize, asked: Memo<Option<i64>>) -> AnyView {
    let Some(behaviour) = plan.behaviours.get(slot).cloned() else { return ().into_any() };
    let range = Signal::derive(move || (0, asked.get().unwrap_or(0)));
    let sees = handle.memo(move |plan| said(plan).sees.get(slot).copied().flatten());
    let does = handle.memo(move |plan| said(plan).does.get(slot).copied().flatten());
    let of = move || {
        fill("work.ninety_days.team.of", &[("asked", &asked.get().unwrap_or(0).to_string())])
    };
    any! {
        <fieldset class="question" data-behaviour=slot.to_string()>
            <legend>{behaviour.own.text}</legend>
            <p class="hint">{live(of)}</p>
            <div class="pair">
                <Number id=format!("sees-{slot}") label=text("work.ninety_days.team.sees") range value=sees
                    keep=Callback::new(move |people| handle.act(Event::Sees { slot, people }))/>
                <Number id=format!("does-{slot}") label=text("work.ninety_days.team.does") hint=behaviour.team.text range value=does
                    keep=Callback::new(move |people| handle.act(Event::Does { slot, people }))/>
            </div>
        </fieldset>
    }
}

fn answers() -> Vec<(Answer, String, String)> {
    let answer = |answer: Answer| {
        let code = answer.code();
        (answer, code.to_owned(), word(&format!("answer.{code}")))
    };
    Answer::ALL.map(answer).to_vec()
}

fn pressure(handle: Handle, plan: &NinetyDays, slot: usize) -> AnyView {
    let question = plan.behaviours.get(slot).map(|behaviour| behaviour.own.text.clone());
    let value = handle.memo(move |plan| said(plan).pressure.get(slot).copied().flatten());
    any! {
        <Choices name=format!("pressure-{slot}") question=question.unwrap_or_default() hint=text("work.ninety_days.leader.pressure")
            options=answers() rating=true value keep=Callback::new(move |answer| handle.act(Event::Pressure { slot, answer }))/>
    }
}
