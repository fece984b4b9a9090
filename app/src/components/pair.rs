//! What a leader and their manager say about the same behaviours, side by side.

use crate::catalogue::{fill, text};
use leptos::prelude::*;
use scoring::instrument::{Instrument, ItemKind, Rater, Response, Wording};
use scoring::pair::{Behaviour, Comparison, PLACES, PairReport, Source};
use scoring::stats::{Exact, nearest, ratio, rounded};
use std::sync::Arc;

/// What can be said of an area's gap, in the order in which it is read.
const SAID: [&str; 8] = [
    "blind_spot",
    "hidden_strength",
    "agreed_poor",
    "agreed_good",
    "seen_less",
    "seen_more",
    "unclear",
    "not_compared",
];

/// A pair's report with the words of its instrument.
#[derive(Clone)]
pub struct PairPage {
    /// The report.
    pub report: Arc<PairReport>,
    /// Structure.
    pub instrument: Arc<Instrument>,
    /// Texts.
    pub wording: Arc<Wording>,
    /// Who reads it: a leader reads of their own behaviour in the first person.
    pub reader: Rater,
}

impl PairPage {
    /// A behaviour or a question, in the reader's words.
    #[must_use]
    pub fn item(&self, id: &str) -> String {
        self.wording.item(id, self.reader).to_owned()
    }

    fn area(&self, of: &Comparison) -> String {
        match &of.scale {
            Some(scale) => self.wording.scale_name(scale).to_owned(),
            None => text("pair.all").to_owned(),
        }
    }

    /// A text of something that is said.
    #[must_use]
    pub fn said(&self, code: &str, part: &str) -> String {
        self.wording.text(&format!("pair.{code}.{part}")).to_owned()
    }

    /// The numbers behind what is said of a gap, and where they come from.
    fn fact(&self, of: &Comparison) -> String {
        let source = |source| match source {
            Source::Declared => text("pair.source.declared").to_owned(),
            Source::Pair => text("pair.source.pair").to_owned(),
            Source::Cohort => text("pair.source.cohort").to_owned(),
        };
        let numbers = [
            ("area", self.area(of)),
            ("own", of.own.shown()),
            ("manager", of.manager.shown()),
            ("n", of.n_both.to_string()),
            ("of", of.n_items.to_string()),
            ("gap", of.gap.signed()),
            ("error", of.error()),
            ("error_from", source(of.error_from)),
            ("within", of.within()),
            ("within_from", source(of.within_from)),
        ];
        filled(if of.gap.value().is_some() { "pair.fact" } else { "pair.fact.few" }, &numbers)
    }

    /// A sentence, what to do, and what it rests on: facts, and the rule in words.
    fn say(&self, code: &str, of: &[&Comparison], facts: Vec<String>, about: AnyView) -> AnyView {
        let path = format!("pair.{code}.next");
        let steps = self.wording.list(&path).map(|step| any! { <li>{step.to_owned()}</li> });
        let steps = steps.collect_view();
        let rule = |of| self.report.rule(code, of, &self.instrument, &self.wording);
        // Areas of a cohort have references of their own.
        let mut rules: Vec<String> = of.iter().map(|of| rule(Some(*of))).collect();
        if rules.is_empty() {
            rules.push(rule(None));
        }
        rules.dedup();
        let rules = rules.into_iter().map(|rule| any! { <p>{rule}</p> }).collect_view();
        let facts = of.iter().map(|of| self.fact(of)).chain(facts);
        let facts = facts.map(|fact| any! { <li>{fact}</li> }).collect_view();
        any! {
            <article class="rule" data-said=code.to_owned()>
                <h3>{self.said(code, "title")}</h3>
                {about}
                <p>{self.said(code, "text")}</p>
                <p class="next-label">{text("pair.next")}</p>
                <ul class="next">{steps}</ul>
                <details class="reasons">
                    <summary>{text("report.why")}</summary>
                    {rules}
                    <ul>{facts}</ul>
                </details>
            </article>
        }
    }

    /// The response of the behaviours, and its lowest and highest code.
    fn response(&self) -> (&str, i64, i64) {
        let first = self.report.behaviours.first();
        let first = first.and_then(|found| self.instrument.item(&found.item));
        let Some(ItemKind::Rating { response, .. }) = first.map(|item| &item.kind) else {
            return ("", 0, 1);
        };
        match self.instrument.definition().responses.get(response) {
            Some(Response::Rating { min, max, .. }) => (response, *min, *max),
            _ => (response, 0, 1),
        }
    }

    /// Behaviours by their ids.
    fn list<'a>(&self, ids: impl Iterator<Item = &'a str>) -> AnyView {
        let items = ids.map(|id| any! { <li>{self.item(id)}</li> }).collect_view();
        any! { <ul>{items}</ul> }
    }
}

fn filled(key: &'static str, values: &[(&str, String)]) -> String {
    let values: Vec<(&str, &str)> =
        values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fill(key, &values)
}

fn number<N: ToString>(number: Option<N>) -> String {
    number.map_or_else(|| "–".to_owned(), |number| number.to_string())
}

/// The report.
#[component]
pub fn PairPart(page: PairPage) -> impl IntoView {
    let report = page.report.clone();
    let overall = [&report.overall];
    let areas: Vec<_> = SAID
        .into_iter()
        .filter_map(|code| {
            let of: Vec<_> = report.areas.iter().filter(|area| area.says == code).collect();
            let names = of.iter().map(|area| page.area(area)).collect::<Vec<_>>().join(" · ");
            let about = any! { <p class="areas">{names}</p> };
            (!of.is_empty()).then(|| page.say(code, &of, Vec::new(), about))
        })
        .collect();
    let places = PLACES
        .into_iter()
        .filter_map(|place| {
            let mut behaviours = report.placed(place).map(|found| found.item.as_str()).peekable();
            behaviours.peek()?;
            let facts = report.placed(place).map(|found| placed(&page, found)).collect();
            let list = page.list(report.placed(place).map(|found| found.item.as_str()));
            Some(page.say(place, &[], facts, list))
        })
        .collect_view();
    any! {
        <div class="sections pair-report" data-pair-report="">
            <p class="hint">{how_to_read(&page)}</p>
            <section>
                <h2>{text("pair.overall")}</h2>
                {page.say(&report.overall.says, &overall, Vec::new(), ().into_any())}
            </section>
            <section>
                <h2>{text("pair.areas")}</h2>
                <Areas page=page.clone()/>
                <div class="said">{areas}</div>
            </section>
            <Priorities page=page.clone()/>
            <section>
                <h2>{text("pair.places")}</h2>
                <p>{text("pair.places.what")}</p>
                <div class="by-place">{places}</div>
            </section>
            <Behaviours page=page.clone()/>
            <Likeness page=page.clone()/>
            <Questions page/>
        </div>
    }
}

/// Which codes there are, and when a gap is given a name.
fn how_to_read(page: &PairPage) -> String {
    let (response, low, high) = page.response();
    let option = |code| page.wording.option(response, Some(code)).to_owned();
    filled(
        "pair.how",
        &[
            ("low", low.to_string()),
            ("lowest", option(low)),
            ("high", high.to_string()),
            ("highest", option(high)),
        ],
    )
}

/// A row an area: both means, the gap with its error, what is said.
#[component]
fn Areas(page: PairPage) -> impl IntoView {
    let rows = page.report.areas.iter().chain([&page.report.overall]);
    let rows = rows
        .map(|of| {
            let scale = of.scale.clone().unwrap_or_else(|| "all".to_owned());
            let title = page.said(&of.says, "title");
            any! {
                <tr data-area=scale data-says=of.says.clone()>
                    <th scope="row">{page.area(of)}</th>
                    <td class="beside">{drawn(&page, of)}</td>
                    <td class="number" data-own="">{of.own.shown()}</td>
                    <td class="number" data-manager="">{of.manager.shown()}</td>
                    <td class="number" data-gap="">{of.gap.signed()}</td>
                    <td class="number" data-error="">{of.error()}</td>
                    <td class="number" data-within="">{of.within()}</td>
                    <td>{title}</td>
                </tr>
            }
        })
        .collect_view();
    let caption = text("pair.areas.table");
    any! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=caption>
            <table>
                <caption>{caption}</caption>
                <thead><tr>
                    <th scope="col">{text("pair.area")}</th>
                    <th scope="col" class="beside"><span class="visually-hidden">{text("pair.drawn")}</span></th>
                    <th scope="col" class="number">{text("pair.leader")}" "<span aria-hidden="true">"●"</span></th>
                    <th scope="col" class="number">{text("pair.manager")}" "<span aria-hidden="true">"◇"</span></th>
                    <th scope="col" class="number">{text("pair.gap")}</th>
                    <th scope="col" class="number">{text("pair.error")}</th>
                    <th scope="col" class="number">{text("pair.within")}</th>
                    <th scope="col">{text("report.band")}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// Both means on one line, for those who see; the numbers stand beside it.
fn drawn(page: &PairPage, of: &Comparison) -> AnyView {
    let (_, low, high) = page.response();
    let place = |mean: &Exact| 8.0 + 104.0 * (nearest(mean) - low as f64) / (high - low) as f64;
    let (Some(own), Some(manager)) = (of.own.value().map(place), of.manager.value().map(place))
    else {
        return ().into_any();
    };
    any! {
        <svg class="drawn" viewBox="0 0 120 16" aria-hidden="true">
            <line class="axis" x1="8" x2="112" y1="8" y2="8"/>
            <line class="gap" x1=own.to_string() x2=manager.to_string() y1="8" y2="8"/>
            <circle cx=own.to_string() cy="8" r="5"/>
            <path d=format!("M{manager} 2l6 6l-6 6l-6 -6z")/>
        </svg>
    }
}

/// What each finds important, in order, and whether that overlaps beyond chance.
#[component]
fn Priorities(page: PairPage) -> impl IntoView {
    let found = page.report.priorities.clone();
    let list = |label: &'static str, picked: &[String]| {
        let picked = picked.iter().map(|id| {
            let shared = found.shared.contains(id);
            any! { <li data-shared=shared.then_some("")>{page.item(id)}{shared.then(|| any! { " "<strong>{text("pair.both")}</strong> })}</li> }
        });
        any! { <div><h3>{text(label)}</h3><ol>{picked.collect_view()}</ol></div> }
    };
    let fact = filled(
        "pair.priorities.fact",
        &[
            ("shared", found.shared.len().to_string()),
            ("own", found.own.len().to_string()),
            ("manager", found.manager.len().to_string()),
            ("of", found.n_candidates.to_string()),
            ("expected", rounded(&found.expected, 1)),
            ("percent", rounded(&(&found.probability * ratio(100, 1)), 1)),
        ],
    );
    any! {
        <section data-priorities=found.says.clone()>
            <h2>{text("pair.priorities")}</h2>
            <div class="pair">
                {list("pair.leader", &found.own)}
                {list("pair.manager", &found.manager)}
            </div>
            <div class="said">{page.say(&found.says, &[], vec![fact], ().into_any())}</div>
        </section>
    }
}

/// Why a behaviour stands where it does.
fn placed(page: &PairPage, found: &Behaviour) -> String {
    filled(
        "pair.places.fact",
        &[
            ("item", page.item(&found.item)),
            ("own_rank", number(found.own_rank)),
            ("manager_rank", number(found.manager_rank)),
            ("manager", number(found.manager)),
        ],
    )
}

/// What may be said of one behaviour's gap.
fn reading(found: &Behaviour) -> &'static str {
    match found.agreement.as_deref() {
        Some("over_estimator") => text("pair.reading.over"),
        Some("under_estimator") => text("pair.reading.under"),
        Some(_) => text("pair.reading.agreed"),
        None if found.gap().is_some() => text("pair.reading.unclear"),
        None => text("pair.reading.none"),
    }
}

/// Every behaviour with both ratings.
#[component]
fn Behaviours(page: PairPage) -> impl IntoView {
    let rows = page.report.behaviours.iter().map(|found| {
        let gap = found.gap().map(|gap| if gap > 0 { format!("+{gap}") } else { gap.to_string() });
        any! {
            <tr data-behaviour=found.item.clone()>
                <th scope="row">{page.item(&found.item)}</th>
                <td class="number" data-own="">{number(found.own)}</td>
                <td class="number" data-manager="">{number(found.manager)}</td>
                <td class="number" data-gap="">{number(gap)}</td>
                <td class="number" data-error="">{found.error()}</td>
                <td data-agreement=found.agreement.clone()>{reading(found)}</td>
                <td class="number">{number(found.own_rank)}</td>
                <td class="number">{number(found.manager_rank)}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let within = rounded(&ratio(page.report.rules.within, 100), 2);
    let title = text("pair.behaviours");
    any! {
        <section>
            <h2>{title}</h2>
            <p>{filled("pair.behaviours.what", &[("within", within), ("n", page.report.behaviours.len().to_string())])}</p>
            <details class="items">
                <summary>{text("pair.behaviours.show")}</summary>
                <div class="table-scroll" tabindex="0" role="region" aria-label=title>
                    <table>
                        <caption>{title}</caption>
                        <thead><tr>
                            <th scope="col">{text("pair.behaviour")}</th>
                            <th scope="col" class="number">{text("pair.leader")}</th>
                            <th scope="col" class="number">{text("pair.manager")}</th>
                            <th scope="col" class="number">{text("pair.gap")}</th>
                            <th scope="col" class="number">{text("pair.error")}</th>
                            <th scope="col">{text("report.band")}</th>
                            <th scope="col" class="number">{text("pair.rank.leader")}</th>
                            <th scope="col" class="number">{text("pair.rank.manager")}</th>
                        </tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </details>
        </section>
    }
}

/// How alike both profiles are.
#[component]
fn Likeness(page: PairPage) -> impl IntoView {
    let report = page.report;
    let numbers = [("likeness", report.similarity.shown()), ("kappa", report.kappa.shown())];
    let said = match report.similarity.value() {
        Some(_) => filled("pair.likeness.text", &numbers),
        None => text("pair.likeness.none").to_owned(),
    };
    any! {
        <section>
            <h2>{text("pair.likeness")}</h2>
            <p data-likeness=report.similarity.shown()>{said}</p>
            {report.unstable.then(|| any! { <p class="notice calm">{text("pair.likeness.unstable")}</p> })}
            <details class="reasons">
                <summary>{text("report.why")}</summary>
                <p>{filled("pair.likeness.rule", &numbers)}</p>
            </details>
        </section>
    }
}

/// What both wrote, question by question.
#[component]
fn Questions(page: PairPage) -> impl IntoView {
    let questions = page.report.questions.iter().map(|question| {
        let answer = |who: &'static str, said: &Option<String>| {
            let said = match said {
                Some(said) => any! { <p>{said.clone()}</p> },
                None => any! { <p class="hint">{text("pair.no_answer")}</p> },
            };
            any! { <div class="answer"><h4>{text(who)}</h4>{said}</div> }
        };
        any! {
            <div data-question=question.item.clone()>
                <h3>{page.item(&question.item)}</h3>
                <div class="pair">
                    {answer("pair.leader", &question.own)}
                    {answer("pair.manager", &question.manager)}
                </div>
            </div>
        }
    });
    any! {
        <section class="pair-questions">
            <h2>{text("pair.questions")}</h2>
            <p>{text("pair.questions.what")}</p>
            {questions.collect_view()}
        </section>
    }
}
