//! The record at a glance: the next step, the six phases, the success measures, the file.

use super::course::sentence;
use super::entries::Conflicts;
use super::findings::{LackView, lack};
use super::form::Single;
use super::hand_over::HandOver;
use super::{Frame, MEASURES, Sheet, address, read, word};
use crate::catalogue::{fill, text};
use crate::live;
use crate::platform::clock;
use leptos::prelude::*;
use scoring::plan::Worksheet;
use scoring::plan::engagement::{Engagement, Key, Kind, Phase, Quality};

/// The page.
#[component]
pub fn Overview(sheet: Sheet<Engagement>) -> impl IntoView {
    let title = untrack(read(sheet, |record| record.title().to_owned()));
    let next = read(sheet, move |record| {
        record.findings().first().map(|finding| lack(sheet, record, finding))
    });
    let next = Memo::new(move |_| next());
    let conflict = Callback::new(|_| true);
    let phases = Phase::ALL.iter().map(move |phase| any! { <PhaseCard sheet phase=*phase/> });
    any! {
        <Frame sheet name="engagement" title>
            <Conflicts sheet of=conflict/>
            <section class="verdict" data-next="">
                <h2>{text("work.engagement.next.title")}</h2>
                {live(move || match next.get() {
                    Some(lack) => any! { <LackView lack with_link=true/> },
                    None => any! { <p>{text("work.engagement.next.none")}</p> },
                })}
            </section>
            <section>
                <h2>{text("work.engagement.phases.title")}</h2>
                <ol class="cards phases">{phases.collect_view()}</ol>
            </section>
            <Qualities sheet/>
            <Glance sheet/>
            <details class="panel"><summary>{text("work.engagement.edit")}": "{text("work.engagement.kind.about")}</summary>
                <Single sheet key=Key::new(Kind::About, "record")/>
            </details>
            <HandOver sheet/>
        </Frame>
    }
}

/// A phase: how much of it is in place.
#[component]
fn PhaseCard(sheet: Sheet<Engagement>, phase: Phase) -> impl IntoView {
    let progress = read(sheet, move |record| {
        let dates = record.shown(&Key::new(Kind::Phase, phase.code()));
        (record.progress(phase), dates.map(|dates| dates.text("from")).unwrap_or_default())
    });
    let progress = Memo::new(move |_| progress());
    let said = move || {
        let ((in_place, of), from) = progress.get();
        let counts = [("n", in_place.to_string()), ("all", of.to_string())];
        let counts =
            fill("work.engagement.in_place", &counts.each_ref().map(|(k, v)| (*k, v.as_str())));
        let since = (!from.is_empty())
            .then(|| fill("work.engagement.since", &[("day", &clock::day_in_words(&from))]));
        [Some(counts), since].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    let value = move || progress.get().0.0.to_string();
    let max = move || progress.get().0.1.to_string();
    let title = word(&format!("phase.{}", phase.code()));
    any! {
        <li class="card" data-phase=phase.code()>
            <h3><a class="card-link" href=address(sheet, phase.code())>{title.clone()}</a></h3>
            <p>{word(&format!("phase.{}.what", phase.code()))}</p>
            <p class="card-facts">{live(said)}</p>
            <progress value=value max=max aria-label=title></progress>
        </li>
    }
}

/// The four qualities, each with how many of its rules hold.
#[component]
fn Qualities(sheet: Sheet<Engagement>) -> impl IntoView {
    let rows = Quality::ALL.into_iter().map(|quality| {
        let sound = read(sheet, move |record| record.soundness(quality));
        let said = move || {
            let (n, all) = sound();
            fill("work.engagement.in_place", &[("n", &n.to_string()), ("all", &all.to_string())])
        };
        any! {
            <div data-quality=quality.code()>
                <dt>{word(&format!("quality.{}", quality.code()))}</dt><dd>{live(said)}</dd>
            </div>
        }
    });
    any! {
        <section>
            <h2>{text("work.engagement.qualities.title")}</h2>
            <p class="hint">{text("work.engagement.qualities.hint")}</p>
            <dl class="facts">{rows.collect_view()}</dl>
        </section>
    }
}

/// The success measures, a sentence each.
#[component]
fn Glance(sheet: Sheet<Engagement>) -> impl IntoView {
    let said = read(sheet, |record| {
        let all = record.all(Kind::Criterion);
        let said = all.filter_map(|(id, content)| {
            Some((content.text("name"), sentence(content, &record.course(id)?)))
        });
        said.collect::<Vec<_>>()
    });
    let said = Memo::new(move |_| said());
    let rows = move || {
        let said = said.get();
        if said.is_empty() {
            return any! { <p>{text("work.engagement.measures.none")}</p> };
        }
        let row =
            |(name, said): (String, String)| any! { <div><dt>{name}</dt><dd>{said}</dd></div> };
        any! { <dl class="facts">{said.into_iter().map(row).collect_view()}</dl> }
    };
    any! {
        <section>
            <h2>{text("work.engagement.measures.title")}</h2>
            {live(rows)}
            <p><a class="button secondary" data-action="measures" href=address(sheet, MEASURES)>{text("work.engagement.measures.link")}</a></p>
        </section>
    }
}
