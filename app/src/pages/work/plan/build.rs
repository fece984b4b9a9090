//! The plan: three behaviours, three indicators, one mechanism, the first day.

use super::field::{Examples, Number, Text};
use super::{Frame, Handle, PLAN, day, word};
use crate::catalogue::{fill, find, text};
use crate::live;
use crate::platform::dom;
use leptos::prelude::*;
use scoring::plan::Day;
use scoring::plan::ninety_days::{
    Direction, Event, Indicator, MAX_SHORT, MAX_TEXT, MAX_VALUE, N_SLOTS, NinetyDays, Phase, Stage,
    Statement,
};

/// The page.
#[component]
pub fn Builder(handle: Handle) -> impl IntoView {
    let is_draft = untrack(move || handle.plan().stage == Stage::Drafting);
    let title = if is_draft { "work.ninety_days.build" } else { "work.ninety_days.place.plan" };
    // What is missing is said once somebody wants to begin.
    let tried = RwSignal::new(false);
    let slots = move |part: fn(Handle, usize, RwSignal<bool>) -> AnyView| {
        (0..N_SLOTS).map(|slot| part(handle, slot, tried)).collect_view().into_any()
    };
    any! {
        <Frame handle name="plan-build" title=text(title) place=PLAN>
            {is_draft.then(|| any! { <p class="lead">{text("work.ninety_days.build.lead")}</p> })}
            {part(handle, Phase::Targets, slots(behaviour), said_behaviours)}
            {part(handle, Phase::Indicators, slots(indicator), said_indicators)}
            {part(handle, Phase::Mechanism, mechanism(handle), said_mechanism)}
            <section class="panel">
                <h2>{text("work.ninety_days.title_field")}</h2>
                <Text id="plan-title" label=text("work.ninety_days.title_label") hint=text("work.ninety_days.title_field.hint") max=MAX_SHORT
                    value=handle.memo(|plan| plan.title.clone()) keep=Callback::new(move |text| handle.act(Event::Title(text)))/>
            </section>
            <Begin handle tried/>
        </Frame>
    }
}

/// A part of the plan: its fields while it can be changed, its words afterwards.
fn part(
    handle: Handle,
    phase: Phase,
    fields: AnyView,
    said: fn(&NinetyDays) -> Vec<String>,
) -> AnyView {
    let plan = untrack(move || handle.plan());
    let today = handle.today();
    let rules = handle.rules();
    let words = |part: &str| rules.wording.text(&format!("phases.{}.{part}", phase.code()));
    let until = plan.stage.run().map(|run| run.last_day(phase.weeks().1));
    let inside = if plan.is_open(phase, today) {
        let until = until.map(|until| fill("work.ninety_days.open_until", &[("day", &day(until))]));
        any! { <p class="hint">{until}</p>{fields} }
    } else {
        let lines = said(&plan).into_iter().map(|line| any! { <li>{line}</li> });
        any! { <p class="hint">{text("work.ninety_days.settled")}</p><ul>{lines.collect_view()}</ul> }
    };
    any! {
        <section class="plan-part" data-part=phase.code()>
            <h2>{words("name").to_owned()}</h2>
            <p class="prose">{words("text").to_owned()}" "{word(&format!("part.{}", phase.code()))}</p>
            {inside}
        </section>
    }
}

fn said_behaviours(plan: &NinetyDays) -> Vec<String> {
    let said = plan.behaviours.iter().map(|behaviour| {
        let values = [("own", behaviour.own.text.as_str()), ("team", behaviour.team.text.as_str())];
        fill("work.ninety_days.behaviour.both", &values)
    });
    said.collect()
}

fn said_indicators(plan: &NinetyDays) -> Vec<String> {
    plan.indicators.iter().map(indicator_name).collect()
}

fn said_mechanism(plan: &NinetyDays) -> Vec<String> {
    vec![or_nothing(&plan.mechanism)]
}

fn or_nothing(said: &str) -> String {
    if said.is_empty() { text("work.ninety_days.nothing").to_owned() } else { said.to_owned() }
}

/// An indicator with its unit and direction.
pub fn indicator_name(indicator: &Indicator) -> String {
    let wanted = indicator.wanted.map(|wanted| word(&format!("wanted.{}", wanted.code())));
    let unit = Some(indicator.unit.clone()).filter(|unit| !unit.is_empty());
    let parts = [Some(or_nothing(&indicator.text)), unit, wanted];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn behaviour(handle: Handle, slot: usize, tried: RwSignal<bool>) -> AnyView {
    let rules = handle.rules();
    let examples = rules.definition.examples.iter().map(|id| {
        let words = |part: &str| rules.wording.text(&format!("examples.{id}.{part}"));
        let values = [("own", words("behaviour")), ("team", words("team"))];
        (id.clone(), fill("work.ninety_days.behaviour.both", &values))
    });
    let examples = examples.collect();
    let take = Callback::new(move |id: String| {
        let rules = handle.rules();
        let words = |part: &str| rules.wording.text(&format!("examples.{id}.{part}")).to_owned();
        handle.act(Event::Own { slot, text: words("behaviour") });
        handle.act(Event::Team { slot, text: words("team") });
    });
    let n = (slot + 1).to_string();
    any! {
        <fieldset class="panel" data-slot=slot.to_string()>
            <legend>{fill("work.ninety_days.behaviour", &[("n", &n)])}</legend>
            <Examples examples take then=format!("#own-{slot}")/>
            <Phrase handle nth=slot team=false tried/>
            <Phrase handle nth=slot team=true tried/>
        </fieldset>
    }
}

fn statement(plan: &NinetyDays, slot: usize, team: bool) -> Statement {
    let behaviour = plan.behaviours.get(slot).cloned().unwrap_or_default();
    if team { behaviour.team } else { behaviour.own }
}

/// A phrase that should name a behaviour, and why it does not look like one.
#[component]
fn Phrase(handle: Handle, nth: usize, team: bool, tried: RwSignal<bool>) -> impl IntoView {
    // In a view, `slot` is a word of Leptos's own.
    let slot = nth;
    let who = if team { "team" } else { "own" };
    let id = format!("{who}-{slot}");
    let said = handle.memo(move |plan| statement(plan, slot, team));
    let value = Memo::new(move |_| said.get().text);
    let keep = Callback::new(move |text: String| {
        handle.act(if team { Event::Team { slot, text } } else { Event::Own { slot, text } });
    });
    let fault = Memo::new(move |_| {
        let rules = handle.rules();
        said.with(|said| {
            let found = (!said.is_empty()).then(|| rules.form.fault(&said.text)).flatten();
            found.map(str::to_owned)
        })
    });
    let kept = Memo::new(move |_| said.with(|said| said.kept));
    let is_missing = Memo::new(move |_| tried.get() && said.with(Statement::is_empty));
    let wrong = Signal::derive(move || is_missing.get() || (fault.get().is_some() && !kept.get()));
    let field = id.clone();
    let accept = move |kept: bool| {
        handle.act(Event::Keep { slot, team, kept });
        let field = field.clone();
        dom::after_render(move || dom::focus(&format!("#{field}")));
    };
    let accept = StoredValue::new(accept);
    let words = move |fault: &str, part: &str| {
        handle.rules().wording.text(&format!("form.{fault}.{part}")).to_owned()
    };
    let answer = move || match fault.get() {
        None if is_missing.get() => {
            any! { <p class="field-error">{text("work.ninety_days.missing")}</p> }
        }
        None => ().into_any(),
        Some(fault) if kept.get() => any! {
            <div data-kept=fault.clone()>
                <p class="hint">{fill("work.ninety_days.kept", &[("what", &words(&fault, "what"))])}</p>
                <button type="button" class="quiet" data-action="unkeep" on:click=move |_| accept.with_value(|accept| accept(false))>
                    {text("work.ninety_days.kept.undo")}
                </button>
            </div>
        },
        Some(fault) => any! {
            <div class="notice warning" data-fault=fault.clone()>
                <p><strong>{words(&fault, "what")}</strong></p>
                <p>{words(&fault, "do")}</p>
                <button type="button" class="quiet" data-action="keep" on:click=move |_| accept.with_value(|accept| accept(true))>
                    {text("work.ninety_days.keep")}
                </button>
            </div>
        },
    };
    any! {
        <div class="phrase">
            <Text id=id.clone() label=word(&format!("behaviour.{who}")) hint=word(&format!("behaviour.{who}.hint")) rows=2 max=MAX_TEXT
                value keep is_judged=true wrong/>
            <div id=format!("{id}-said") role="status">{live(answer)}</div>
        </div>
    }
}

fn indicator(handle: Handle, slot: usize, _: RwSignal<bool>) -> AnyView {
    let rules = handle.rules();
    let examples = rules.definition.examples.iter().map(|id| {
        let words = |part: &str| rules.wording.text(&format!("examples.{id}.{part}")).to_owned();
        (id.clone(), indicator_name(&example(&words)))
    });
    let examples = examples.collect();
    let own = move |plan: &NinetyDays| plan.indicators.get(slot).cloned().unwrap_or_default();
    let change = move |change: &dyn Fn(&mut Indicator)| {
        let mut indicator = untrack(move || own(&handle.plan()));
        change(&mut indicator);
        handle.act(Event::Indicator { slot, indicator });
    };
    let take = Callback::new(move |id: String| {
        let rules = handle.rules();
        let words = |part: &str| rules.wording.text(&format!("examples.{id}.{part}")).to_owned();
        change(&|indicator| {
            *indicator = Indicator { baseline: indicator.baseline, ..example(&words) }
        });
    });
    let wanted = handle.memo(move |plan| own(plan).wanted);
    let option = move |of: Option<Direction>, key: &'static str| {
        let code = of.map_or("", Direction::code);
        any! { <option value=code selected=move || wanted.get() == of>{text(key)}</option> }
    };
    let choose = move |event: web_sys::Event| {
        let chosen = event_target_value(&event);
        let wanted = Direction::ALL.into_iter().find(|own| own.code() == chosen);
        change(&|indicator| indicator.wanted = wanted);
    };
    let (n, select) = ((slot + 1).to_string(), format!("wanted-{slot}"));
    any! {
        <fieldset class="panel" data-indicator=slot.to_string()>
            <legend>{fill("work.ninety_days.indicator", &[("n", &n)])}</legend>
            <Examples examples take then=format!("#indicator-{slot}")/>
            <Text id=format!("indicator-{slot}") label=text("work.ninety_days.indicator.text") hint=text("work.ninety_days.indicator.text.hint")
                max=MAX_TEXT value=handle.memo(move |plan| own(plan).text)
                keep=Callback::new(move |text: String| change(&|indicator| indicator.text.clone_from(&text)))/>
            <div class="pair">
                <Text id=format!("unit-{slot}") label=text("work.ninety_days.indicator.unit") hint=text("work.ninety_days.indicator.unit.hint")
                    max=MAX_SHORT value=handle.memo(move |plan| own(plan).unit)
                    keep=Callback::new(move |text: String| change(&|indicator| indicator.unit.clone_from(&text)))/>
                <div class="field">
                    <label for=select.clone()>{text("work.ninety_days.indicator.wanted")}</label>
                    <p class="hint"></p>
                    <select id=select on:change=choose>
                        {option(None, "work.ninety_days.choose")}
                        {option(Some(Direction::Down), "work.ninety_days.wanted.down")}
                        {option(Some(Direction::Up), "work.ninety_days.wanted.up")}
                    </select>
                </div>
            </div>
            <Number id=format!("baseline-{slot}") label=text("work.ninety_days.indicator.baseline") hint=text("work.ninety_days.indicator.baseline.hint")
                range=Signal::derive(|| (-MAX_VALUE, MAX_VALUE)) value=handle.memo(move |plan| own(plan).baseline)
                keep=Callback::new(move |baseline| change(&|indicator| indicator.baseline = baseline))/>
        </fieldset>
    }
}

/// The indicator of an example.
fn example(words: &impl Fn(&str) -> String) -> Indicator {
    let wanted = words("wanted");
    Indicator {
        text: words("indicator"),
        unit: words("unit"),
        wanted: Direction::ALL.into_iter().find(|own| own.code() == wanted),
        baseline: None,
    }
}

fn mechanism(handle: Handle) -> AnyView {
    let rules = handle.rules();
    let words =
        move |id: &str| handle.rules().wording.text(&format!("examples.{id}.mechanism")).to_owned();
    let examples = rules.definition.examples.iter().map(|id| (id.clone(), words(id))).collect();
    let take = Callback::new(move |id: String| handle.act(Event::Mechanism(words(&id))));
    any! {
        <div class="panel">
            <Examples examples take then="#mechanism"/>
            <Text id="mechanism" label=text("work.ninety_days.mechanism") hint=text("work.ninety_days.mechanism.hint") rows=2 max=MAX_TEXT
                value=handle.memo(|plan| plan.mechanism.clone()) keep=Callback::new(move |text| handle.act(Event::Mechanism(text)))/>
        </div>
    }
}

/// The id of the first field that keeps the test from beginning.
fn first_open(handle: Handle) -> Option<String> {
    let (plan, rules) = (untrack(move || handle.plan()), handle.rules());
    let fields = (0..N_SLOTS).flat_map(|slot| [(slot, false), (slot, true)]);
    let is_open = |(slot, team): &(usize, bool)| {
        let statement = statement(&plan, *slot, *team);
        statement.is_empty() || statement.refused_by(&rules.form).is_some()
    };
    let (slot, team) = { fields }.find(is_open)?;
    Some(format!("{}-{slot}", if team { "team" } else { "own" }))
}

/// The first day, and the button that begins.
#[component]
fn Begin(handle: Handle, tried: RwSignal<bool>) -> impl IntoView {
    let plan = untrack(move || handle.plan());
    if !plan.can_set_start() {
        return ().into_any();
    }
    let run = plan.stage.run();
    let first = run.map_or_else(|| handle.today().monday(), |run| run.start);
    let typed = RwSignal::new(first.to_string());
    let wrong = RwSignal::new(false);
    let open = RwSignal::new(false);
    let begin = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        if let Some(field) = first_open(handle) {
            open.set(true);
            dom::after_render(move || dom::focus(&format!("#{field}")));
            return;
        }
        open.set(false);
        let day = Day::read(&typed.get_untracked());
        wrong.set(day.is_none());
        match day {
            Some(day) => {
                handle.act(Event::Start(day));
                dom::go(&handle.address(""));
            }
            None => dom::focus("#start-day"),
        }
    };
    let has_begun = run.is_some();
    let (title, button) = if has_begun {
        ("work.ninety_days.start.change", "work.ninety_days.start.move")
    } else {
        ("work.ninety_days.start", "work.ninety_days.start.begin")
    };
    let error = find("work.ninety_days.start.wrong").unwrap_or_default();
    any! {
        <form class="panel" novalidate on:submit=begin>
            <h2>{text(title)}</h2>
            <div class="field">
                <label for="start-day">{text("work.ninety_days.start.day")}</label>
                <p class="hint" id="start-day-hint">{text("work.ninety_days.start.hint")}</p>
                <input id="start-day" type="date" aria-describedby="start-day-hint start-day-error" aria-invalid=move || wrong.get().then_some("true")
                    prop:value=move || typed.get() on:input=move |event| typed.set(event_target_value(&event))/>
                <p class="field-error" id="start-day-error" role="alert">{live(move || wrong.get().then_some(error))}</p>
            </div>
            <div role="status">{live(move || open.get().then(|| any! { <p class="notice warning" data-refused="">{text("work.ninety_days.start.open")}</p> }))}</div>
            <div class="actions"><button class="button" data-action="start">{text(button)}</button></div>
        </form>
    }
}
