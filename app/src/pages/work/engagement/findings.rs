//! What the record lacks, with the rule and the entries behind each sentence.

use super::{Sheet, address, named, place_of, read, word};
use crate::catalogue::text;
use crate::live;
use leptos::prelude::*;
use scoring::plan::engagement::{Engagement, Finding, Phase};

/// A finding as it is shown: the address of its place, and the entries behind it.
#[derive(Clone, PartialEq)]
pub struct Lack {
    pub code: &'static str,
    pub phase: Phase,
    href: String,
    because: Vec<(String, String)>,
}

/// A finding, as it is shown.
pub fn lack(sheet: Sheet<Engagement>, record: &Engagement, finding: &Finding) -> Lack {
    let because = finding.because.iter();
    let because: Vec<_> =
        because.map(|key| (named(record, key), address(sheet, place_of(record, key)))).collect();
    let first = because.first().map(|(_, href)| href.clone());
    Lack {
        code: finding.rule.code,
        phase: finding.rule.phase,
        href: first.unwrap_or_else(|| address(sheet, finding.rule.phase.code())),
        because,
    }
}

/// One finding: what is missing, what to do, where, and why this is said.
#[component]
pub fn LackView(lack: Lack, #[prop(optional)] with_link: bool) -> impl IntoView {
    let rule = move |part: &str| word(&format!("rule.{}.{part}", lack.code));
    let because = lack.because.clone().into_iter();
    let because = because.map(|(name, href)| any! { <li><a href=href>{name}</a></li> });
    let behind = if lack.because.is_empty() {
        any! { <p>{text("work.engagement.why.nothing")}</p> }
    } else {
        any! { <p>{text("work.engagement.why.because")}</p><ul>{because.collect_view()}</ul> }
    };
    any! {
        <article class="rule" data-rule=lack.code>
            <p><strong>{rule("what")}</strong>" "{rule("do")}</p>
            {with_link.then(|| any! {
                <p><a class="button" data-action="go" href=lack.href.clone()>{text("work.engagement.go")}</a></p>
            })}
            <details class="reasons"><summary>{text("work.engagement.why")}</summary>
                <p>{rule("why")}</p>
                {behind}
            </details>
        </article>
    }
}

/// What is missing in a phase.
#[component]
pub fn Lacks(sheet: Sheet<Engagement>, phase: Phase) -> impl IntoView {
    let lacks = read(sheet, move |record| {
        let findings = record.findings().into_iter().filter(|finding| finding.rule.phase == phase);
        findings.map(|finding| lack(sheet, record, &finding)).collect::<Vec<_>>()
    });
    let lacks = Memo::new(move |_| lacks());
    any! {
        <section class="lacks">
            <h2>{text("work.engagement.lacks.title")}</h2>
            {live(move || lacks.with(Vec::is_empty).then(|| any! { <p>{text("work.engagement.lacks.none")}</p> }))}
            <For each=move || lacks.get() key=|lack| (lack.code, lack.because.clone()) let:lack>
                <LackView lack/>
            </For>
        </section>
    }
}
