//! Everything on one page, to be read and printed.

use super::course::CourseView;
use super::entries::{Conflicts, facts};
use super::findings::Lacks;
use super::{Frame, Sheet, checks, lists, read, shown_text, statements, word};
use crate::catalogue::text;
use crate::live;
use crate::platform::dom;
use leptos::prelude::*;
use scoring::plan::engagement::{Engagement, Key, Kind, Phase};

/// The page.
#[component]
pub fn Dossier(sheet: Sheet<Engagement>) -> impl IntoView {
    let parts = Phase::ALL.iter().map(move |phase| any! { <Part sheet phase=*phase/> });
    any! {
        <Frame sheet name="engagement-dossier" title=text("work.engagement.dossier")>
            <div class="actions">
                <button type="button" class="button" data-action="print" on:click=move |_| dom::print()>{text("work.engagement.print")}</button>
            </div>
            <Conflicts sheet of=Callback::new(|_| true)/>
            {parts.collect_view()}
        </Frame>
    }
}

/// A phase of it.
#[component]
fn Part(sheet: Sheet<Engagement>, phase: Phase) -> impl IntoView {
    let content = sheet.found();
    let shown = move || {
        // Read, because a memo that is only tracked follows nothing.
        content.with(|_| ());
        untrack(read(sheet, move |record| part(sheet, record, phase)))
    };
    any! {
        <section class="part" data-part=phase.code()>
            <h2>{word(&format!("phase.{}", phase.code()))}</h2>
            {live(shown)}
            <Lacks sheet phase/>
        </section>
    }
}

fn part(sheet: Sheet<Engagement>, record: &Engagement, phase: Phase) -> AnyView {
    let dates = record.shown(&Key::new(Kind::Phase, phase.code()));
    let written = statements(phase).iter().filter_map(|id| {
        let text = record.shown(&Key::new(Kind::Statement, id))?.text("text");
        Some(any! { <div><dt>{word(&format!("statement.{id}"))}</dt><dd class="lines">{text}</dd></div> })
    });
    let ticked = checks(phase).iter().map(|id| {
        let done = record.shown(&Key::new(Kind::Check, id));
        let done = done.map_or_else(
            || word(&format!("choice.{}.done.no", Kind::Check.code())),
            |done| {
                Kind::Check
                    .fields()
                    .iter()
                    .map(|field| shown_text(Kind::Check, field, done))
                    .collect()
            },
        );
        any! { <div><dt>{word(&format!("check.{id}"))}</dt><dd>{done}</dd></div> }
    });
    let listed = lists(phase).iter().map(|kind| {
        let entries = record.by_day(*kind).into_iter().filter(|(_, content)| {
            *kind != Kind::Evidence || content.line("phase") == phase.code()
        });
        let entries: Vec<_> = entries.map(|(_, content)| facts(*kind, content)).collect();
        (!entries.is_empty()).then(|| {
            any! { <h3>{word(&format!("list.{}", kind.code()))}</h3>{entries} }
        })
    });
    let measures = (phase == Phase::Evaluation).then(|| {
        let all = record.all(Kind::Criterion).filter_map(|(id, content)| {
            let course = record.course(id)?;
            Some(any! { <article class="rule measure"><CourseView sheet id=id.to_owned() content=content.clone() course/></article> })
        });
        all.collect::<Vec<_>>()
    });
    any! {
        {dates.map(|dates| facts(Kind::Phase, dates))}
        <dl class="facts">{written.collect::<Vec<_>>()}{ticked.collect_view()}</dl>
        {measures}
        {listed.collect_view()}
    }
}
