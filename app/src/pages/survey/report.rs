//! The participant's own report, at once.

use super::Handle;
use crate::catalogue::{fill, text};
use crate::charts::ChartModel;
use crate::components::{BandReasons, Basis, ChartView, NoReasons, Page, Reasons, ScoreTable};
use crate::live;
use crate::platform::{clock, dom};
use crate::route::{Route, Step};
use crate::state::{Stage, Survey};
use leptos::prelude::*;
use scoring::instrument::{Rater, RuleKind, ScaleDefinition, Then};
use scoring::score::{Fired, Verdict, band, interpret, score};
use std::sync::Arc;

/// The report of a finished survey.
#[component]
pub fn ReportPage(handle: Handle) -> impl IntoView {
    let survey = handle.survey();
    let key = survey.key.clone();
    let stage = Memo::new(move |_| handle.progress().with(|progress| progress.stage()));
    live(move || match stage.get() {
        Stage::Finished { at } => any! { <Finished handle at/> },
        Stage::NotStarted | Stage::Answering => {
            let step = Step::Screen(handle.progress().with_untracked(|progress| progress.screen));
            let href = Route::Survey(key.clone(), step).href();
            any! {
                <Page name="report" title=text("report.unfinished.title") eyebrow=survey.wording.text("short_title").to_owned()>
                    <p>{text("report.unfinished.text")}</p>
                    <p><a class="button" href=href>{text("intro.continue")}</a></p>
                </Page>
            }
        }
    })
}

#[component]
fn Finished(handle: Handle, at: i64) -> impl IntoView {
    let survey = handle.survey();
    let sheet = handle.completed();
    let scores = score(&survey.instrument, &sheet);
    let said = interpret(&survey.instrument, &sheet, &scores);
    let at_step = |step| Route::Survey(survey.key.clone(), step).href();
    let (to_export, edit) = (at_step(Step::Export), at_step(Step::Screen(0)));
    let eyebrow = fill(
        "report.eyebrow",
        &[("title", survey.wording.text("title")), ("date", &clock::local_time(at))],
    );
    let definition = survey.instrument.clone();
    let definition = definition.definition();
    let basis = Arc::new(Basis { survey, sheet, scores });
    let part = |title: &'static str, rules: &[Fired], class: &'static str| {
        let cards: Vec<_> = rules
            .iter()
            .map(|fired| any! { <RuleCard basis=basis.clone() fired=fired.clone() class/> })
            .collect();
        (!cards.is_empty())
            .then(|| any! { <section class="said"><h2>{text(title)}</h2>{cards}</section> })
    };
    let verdict =
        said.verdict.clone().map(|verdict| any! { <VerdictPart basis=basis.clone() verdict/> });
    let gates = part("report.gates", &said.gates, "rule gate");
    let focus = part("report.focus", &said.focus, "rule focus");
    let patterns = part("report.patterns", &said.patterns, "rule pattern");
    let levers = part("report.levers", &said.levers, "rule");
    let recommendations = part("report.recommendations", &said.recommendations, "rule");
    let groups = definition
        .groups
        .iter()
        .map(|group| any! { <GroupPart basis=basis.clone() group=group.id.clone()/> })
        .collect_view();
    let focus_rules = definition.rules.iter().filter(|rule| rule.kind == RuleKind::Focus);
    let focus_rules: Vec<String> = focus_rules.map(|rule| rule.id.clone()).collect();
    let no_focus = said.focus.is_empty() && !focus_rules.is_empty();
    let is_scored = |scale: &ScaleDefinition| basis.scores.pomp(&scale.id).is_some();
    let why_no_focus = match definition.scales.iter().all(is_scored) {
        true => text("report.focus.none"),
        false => text("report.focus.missing"),
    };
    let compares = basis.survey.key.rater == Rater::Own && definition.pair.is_some();
    let to_pair = compares.then(|| Route::own_pair(&basis.survey.key).href());
    any! {
        <Page name="report" title=text("report.title") eyebrow=eyebrow>
            <p class="lead">{text("report.lead")}</p>
            {gates}
            {verdict}
            {groups}
            {patterns}
            {levers}
            {focus}
            {no_focus.then(|| any! {
                <section class="said">
                    <h2>{text("report.focus")}</h2>
                    <p>{why_no_focus}</p>
                    <NoReasons basis rules=focus_rules/>
                </section>
            })}
            {recommendations}
            <section class="handover">
                <h2>{text("report.handover.title")}</h2>
                <p>{text("report.handover.text")}</p>
                <div class="actions">
                    <a class="button" data-action="to-export" href=to_export>{text("report.to_export")}</a>
                    <button type="button" class="button secondary" data-action="print" on:click=|_| dom::print()>{text("report.print")}</button>
                    {to_pair.map(|href| any! { <a class="button secondary" data-action="to-pair" href=href>{text("report.pair")}</a> })}
                    <a class="button secondary" data-action="edit" href=edit>{text("report.edit")}</a>
                </div>
            </section>
            <p class="hint">{text("report.limits")}</p>
        </Page>
    }
}

/// One group of scales: chart, table, and what each scale's band says.
#[component]
fn GroupPart(basis: Arc<Basis>, group: String) -> impl IntoView {
    let Basis { survey, scores, .. } = &*basis;
    let wording = &survey.wording;
    let title = wording.text(&format!("groups.{group}.title")).to_owned();
    let intro = wording.text(&format!("groups.{group}.description")).to_owned();
    let chart = ChartModel::new(&survey.instrument, wording, scores, &group);
    let scales = survey
        .instrument
        .definition()
        .scales
        .iter()
        .filter(|scale| scale.group == group)
        .map(|scale| {
            let band = scores.pomp(&scale.id).and_then(|pomp| band(scale, pomp));
            let meaning = band.map_or(text("report.no_score").to_owned(), |band| {
                wording.text(&format!("scales.{}.bands.{band}", scale.id)).to_owned()
            });
            let what = wording.text(&format!("scales.{}.description", scale.id)).to_owned();
            any! {
                <div class="scale-text">
                    <dt>{wording.scale_name(&scale.id).to_owned()}<span class="scale-what">{what}</span></dt>
                    <dd>{meaning}<BandReasons basis=basis.clone() scale=scale.id.clone()/></dd>
                </div>
            }
        })
        .collect_view();
    any! {
        <section class="group" data-group=group.clone()>
            <h2>{title.clone()}</h2>
            <p>{intro}</p>
            <div class="chart-and-table">
                {chart.map(|model| any! { <ChartView model title=title.clone()/> })}
                <ScoreTable survey=survey.clone() scores=scores.clone() group=group.clone() caption=title.clone()/>
            </div>
            <details class="meanings">
                <summary>{text("report.meanings")}</summary>
                <dl>{scales}</dl>
            </details>
        </section>
    }
}

#[component]
fn VerdictPart(basis: Arc<Basis>, verdict: Verdict) -> impl IntoView {
    let survey = &basis.survey;
    // What comes out is the first that holds, so those before it are reasons, too.
    let before = |rule: &str| -> Vec<String> {
        let verdicts = survey.instrument.definition().rules.iter();
        let verdicts = verdicts.filter(|rule| rule.kind == RuleKind::Verdict);
        verdicts.map(|rule| rule.id.clone()).take_while(|id| id != rule).collect()
    };
    match verdict {
        Verdict::Reached(fired) => {
            let before = before(&fired.rule);
            let mut rules = survey.instrument.definition().rules.iter();
            let leads_on = rules.any(|rule| rule.id == fired.rule && rule.then == Some(Then::Plan));
            any! {
                <section class="verdict" data-verdict=fired.rule.clone()>
                    <p class="eyebrow">{text("report.verdict")}</p>
                    <h2>{rule_title(survey, &fired)}</h2>
                    <RuleText basis=basis.clone() fired=fired.clone() before/>
                    {leads_on.then(|| any! {
                        <p><a class="button secondary" data-action="plan" href=Route::new_plan().href()>{text("report.plan")}</a></p>
                    })}
                </section>
            }
        }
        Verdict::Undetermined { rule, scales, items } => {
            let names = scales.iter().map(|scale| survey.wording.scale_name(scale));
            let questions = items.iter().map(|item| survey.wording.item(item, survey.key.rater));
            let links = names
                .chain(questions)
                .map(|missing| any! { <li>{missing.to_owned()}</li> })
                .collect_view();
            let first = items.first().and_then(|item| survey.screen_of(item)).unwrap_or_default();
            let href = Route::Survey(survey.key.clone(), Step::Screen(first)).href();
            let before = before(&rule);
            any! {
                <section class="verdict" data-verdict="undetermined">
                    <p class="eyebrow">{text("report.verdict")}</p>
                    <h2>{text("report.undetermined.title")}</h2>
                    <p>{text("report.undetermined.text")}</p>
                    <ul>{links}</ul>
                    <p><a class="button secondary" href=href>{text("report.undetermined.action")}</a></p>
                    <Reasons basis=basis.clone() rule before/>
                </section>
            }
        }
    }
}

#[component]
fn RuleCard(basis: Arc<Basis>, fired: Fired, class: &'static str) -> impl IntoView {
    any! {
        <article class=class data-rule=fired.rule.clone()>
            <h3>{rule_title(&basis.survey, &fired)}</h3>
            <RuleText basis=basis.clone() fired=fired.clone() before=Vec::new()/>
        </article>
    }
}

fn rule_title(survey: &Survey, fired: &Fired) -> String {
    survey.wording.text(&format!("rules.{}.title", fired.rule)).to_owned()
}

/// A rule's text, its next steps, and why it is said.
#[component]
fn RuleText(basis: Arc<Basis>, fired: Fired, before: Vec<String>) -> impl IntoView {
    let wording = &basis.survey.wording;
    let path = format!("rules.{}", fired.rule);
    let said = wording.text(&format!("{path}.text")).to_owned();
    let steps = format!("{path}.next");
    let next = wording.list(&steps).map(|step| any! { <li>{step.to_owned()}</li> }).collect_view();
    any! {
        <p>{said}</p>
        <p class="next-label">{text("report.next")}</p>
        <ul class="next">{next}</ul>
        <Reasons basis=basis.clone() rule=fired.rule.clone() fired=fired.clone() before/>
    }
}
