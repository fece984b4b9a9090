//! Where the test stands: what comes next, the phases, the weeks, the calendar and the file.

use super::words::{phases, with_numbers};
use super::{Frame, Handle, TEAM, VERDICT, day, of_week, word};
use crate::catalogue::{fill, plural, text};
use crate::live;
use crate::pages::work::Sheet;
use crate::pages::work::kept::{Remove, SaveSigned};
use crate::platform::{clock, dom, files};
use crate::route::AsidePage;
use crate::state::file_stem;
use leptos::prelude::*;
use scoring::plan::WorksheetKind;
use scoring::plan::ninety_days::{
    CalendarTexts, Event, Fact, Next, NinetyDays, Phase, Run, Stage, WEEKS, WeekState, calendar,
    read,
};

/// The page of a test that has begun.
#[component]
pub fn Now(handle: Handle) -> impl IntoView {
    let plan = untrack(move || handle.plan());
    let today = handle.today();
    let Some(run) = plan.stage.run().cloned() else { return ().into_any() };
    let title = match run.week_of(today) {
        _ if matches!(plan.stage, Stage::Ended { .. }) => text("work.ninety_days.ended").to_owned(),
        Some(week) => of_week("work.ninety_days.week_of", week),
        None if run.is_past(today) => text("work.ninety_days.past").to_owned(),
        None => fill("work.ninety_days.begins", &[("day", &day(run.start))]),
    };
    let plan = handle.memo(NinetyDays::clone);
    any! {
        <Frame handle name="plan" title place="">
            {live(move || next(handle, &plan.get()))}
            <section>
                <h2>{text("work.ninety_days.weeks.title")}</h2>
                {live(move || weeks(handle, &plan.get()))}
            </section>
            <section>
                <h2>{text("work.ninety_days.phases")}</h2>
                {phases(&handle.rules(), Some((&run, today)))}
            </section>
            <section class="handover">
                <h2>{text("work.ninety_days.calendar.title")}</h2>
                <p>{text("work.ninety_days.calendar.text")}</p>
                <Calendar handle/>
            </section>
            <section class="handover">
                <h2>{text("work.ninety_days.file.title")}</h2>
                <p>{text("work.ninety_days.file")}</p>
                <SaveSigned sheet=handle.sheet><Close handle/></SaveSigned>
                <p class="hint">{text("work.ninety_days.again.hint")}</p>
                <Remove sheet=handle.sheet/>
            </section>
        </Frame>
    }
}

/// The one thing to do next.
fn next(handle: Handle, plan: &NinetyDays) -> AnyView {
    let today = handle.today();
    let Some(run) = plan.stage.run() else { return ().into_any() };
    let next = plan.next(today);
    let link = |key: &'static str, place: &str| {
        let href = handle.address(place);
        any! { <p><a class="button" data-action="next" href=href>{text(key)}</a></p> }
    };
    let (code, said, action) = match next {
        Next::Write => ("write", String::new(), ().into_any()),
        Next::Wait(from) if from == run.start => {
            ("begin", fill("work.ninety_days.next.begin", &[("day", &day(from))]), ().into_any())
        }
        Next::Wait(from) => {
            ("wait", fill("work.ninety_days.next.wait", &[("day", &day(from))]), ().into_any())
        }
        Next::CheckIn(week) => {
            let late = run.last_day(week) < today;
            let key = if late {
                "work.ninety_days.next.catch_up"
            } else {
                "work.ninety_days.next.check_in"
            };
            let values = [("week", week.to_string()), ("day", day(run.closes(week)))];
            let said = fill(key, &[("week", &values[0].1), ("day", &values[1].1)]);
            (
                if late { "catch_up" } else { "check_in" },
                said,
                link("work.ninety_days.next.go", &week.to_string()),
            )
        }
        Next::Ask => {
            let until = day(run.closes(WEEKS));
            let said = fill("work.ninety_days.next.ask", &[("day", &until)]);
            ("ask", said, link("work.ninety_days.next.ask.go", TEAM))
        }
        Next::Verdict => (
            "verdict",
            text("work.ninety_days.next.verdict").to_owned(),
            link("work.ninety_days.next.verdict.go", VERDICT),
        ),
    };
    any! {
        <section class="verdict" data-next=code>
            <p class="eyebrow">{text("work.ninety_days.next")}</p>
            <p>{said}</p>
            {action}
        </section>
    }
}

/// The twelve weeks, and what a missed one means.
fn weeks(handle: Handle, plan: &NinetyDays) -> AnyView {
    let today = handle.today();
    let Some(run) = plan.stage.run() else { return ().into_any() };
    let items = (1..=WEEKS).map(|week| {
        let state = run.state(week, today);
        let is_now = run.week_of(today) == Some(week);
        let (code, said) = state_of(run, week, state);
        let href = handle.address(&week.to_string());
        let name = of_week("work.ninety_days.week", week);
        let name = match state {
            WeekState::Ahead => any! { <span>{name}</span> },
            _ => any! { <a href=href>{name}</a> },
        };
        any! {
            <li data-week=week.to_string() data-state=code aria-current=is_now.then_some("date")>
                {name}" "<span class="hint">{said}</span>
            </li>
        }
    });
    any! { <ol class="week-list">{items.collect_view()}</ol><p data-missed="">{chances(handle, plan, run)}</p> }
}

fn state_of(run: &Run, week: usize, state: WeekState) -> (&'static str, String) {
    match state {
        WeekState::Ahead => {
            ("ahead", fill("work.ninety_days.state.ahead", &[("day", &day(run.first_day(week)))]))
        }
        WeekState::Open { late: false } => ("open", text("work.ninety_days.state.open").to_owned()),
        WeekState::Open { late: true } => {
            ("late", fill("work.ninety_days.state.late", &[("day", &day(run.closes(week)))]))
        }
        WeekState::Checked { late: false } => {
            ("checked", text("work.ninety_days.state.checked").to_owned())
        }
        WeekState::Checked { late: true } => {
            ("checked-late", text("work.ninety_days.state.checked_late").to_owned())
        }
        WeekState::Missed => ("missed", text("work.ninety_days.state.missed").to_owned()),
    }
}

/// How many weeks are whole, how many can still become so, and what that means for the verdict.
fn chances(handle: Handle, plan: &NinetyDays, run: &Run) -> String {
    let today = handle.today();
    let n_missed = (1..=WEEKS).filter(|week| run.state(*week, today) == WeekState::Missed).count();
    let Some(reading) = read(&handle.rules().definition, plan, today) else { return String::new() };
    let span = reading.facts.get(Fact::WeeksChecked);
    let (whole, possible) = (span.low.to_integer(), span.high.to_integer());
    let values = [("whole", whole.to_string()), ("possible", possible.to_string())];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    let said = match n_missed {
        0 => fill("work.ninety_days.chances", &values),
        n => plural("work.ninety_days.chances.missed", n, &values),
    };
    with_numbers(&handle.rules(), &said)
}

/// A button that saves the dates.
#[component]
fn Calendar(handle: Handle) -> impl IntoView {
    let saved = RwSignal::new(false);
    let save = move |_| {
        let plan = untrack(move || handle.plan());
        let Some(run) = plan.stage.run() else { return };
        let file = calendar(run, &handle.sheet.id(), clock::now(), &calendar_texts(handle, &plan));
        let name = format!("{}.ics", file_stem(&plan.title));
        files::download(&name, "text/calendar", &file);
        saved.set(true);
    };
    any! {
        <div class="actions">
            <button type="button" class="button secondary" data-action="calendar" on:click=save>{text("work.ninety_days.calendar.save")}</button>
        </div>
        <p role="status">{live(move || saved.get().then(|| text("work.ninety_days.calendar.saved")))}</p>
    }
}

fn calendar_texts(handle: Handle, plan: &NinetyDays) -> CalendarTexts {
    let rules = handle.rules();
    let entry = |part: &str, more: String| {
        let said = with_numbers(&rules, &word(&format!("calendar.{part}.text")));
        (word(&format!("calendar.{part}")), said + &more)
    };
    let behaviours = plan.behaviours.iter().map(|behaviour| format!("\n• {}", behaviour.own.text));
    let phase = |phase: Phase| {
        let words =
            |part: &str| rules.wording.text(&format!("phases.{}.{part}", phase.code())).to_owned();
        (words("name"), words("text"))
    };
    CalendarTexts {
        name: if plan.title.is_empty() {
            text("work.ninety_days.one").to_owned()
        } else {
            plan.title.clone()
        },
        phases: Phase::ALL.map(phase),
        check_in: entry("check_in", behaviours.collect()),
        validation: entry("ask", String::new()),
        verdict: entry("verdict", String::new()),
    }
}

/// Buttons that close the test, open it again, and begin another round.
#[component]
pub fn Close(handle: Handle) -> impl IntoView {
    let is_running = handle.memo(|plan| matches!(plan.stage, Stage::Running(_)));
    let is_ended = handle.memo(|plan| matches!(plan.stage, Stage::Ended { .. }));
    let again = move |_| {
        let mut plan = untrack(move || handle.plan());
        // The plan is written anew; what happened stays where it is.
        if plan.apply(Event::StartOver, handle.today()).is_ok()
            && let Ok(id) = Sheet::create(&plan)
        {
            let (kind, place) = (WorksheetKind::NinetyDays, String::new());
            dom::go(&AsidePage::Worksheet { kind, id, place }.href());
        }
    };
    any! {
            <Show when=move || is_running.get()>
                <button type="button" class="button secondary" data-action="end" on:click=move |_| handle.act(Event::End)>{text("work.ninety_days.end")}</button>
            </Show>
            <Show when=move || is_ended.get()>
                <button type="button" class="button secondary" data-action="reopen" on:click=move |_| handle.act(Event::Reopen)>{text("work.ninety_days.reopen")}</button>
            </Show>
            <button type="button" class="button secondary" data-action="again" on:click=again>{text("work.ninety_days.again")}</button>
    }
}
