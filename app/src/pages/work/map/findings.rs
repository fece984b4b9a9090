//! What the rules say: beside an entry, as what to mend first, and as numbers for each decision.

use super::{Open, named, word};
use crate::catalogue::{fill, find, plural, text};
use crate::live;
use leptos::prelude::*;
use scoring::plan::decision_map::{DecisionMap, Entry, Field, Flag, Repair, Sentence, Step};

/// A flag in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub code: &'static str,
    pub title: String,
    what: String,
    to_do: String,
    rule: String,
}

impl Told {
    pub fn of(map: &DecisionMap, flag: &Flag<'_>) -> Self {
        let facts = map.facts(flag);
        let facts: Vec<(&str, &str)> =
            facts.iter().map(|(key, fact)| (*key, fact.as_str())).collect();
        let part = |part: &str| fill(&format!("map.flag.{}.{part}", flag.code), &facts);
        Told {
            code: flag.code,
            title: part("title"),
            what: part("what"),
            to_do: part("do"),
            rule: part("rule"),
        }
    }
}

impl Open {
    /// The flags of an entry, followed.
    pub fn told(self, id: &str) -> Vec<Told> {
        self.read(|map| {
            let Some(entry) = map.entry(id) else { return Vec::new() };
            self.flags(entry).iter().map(|flag| Told::of(map, flag)).collect()
        })
    }

    /// The flags of an entry.
    pub fn flags<'a>(self, entry: Entry<'a>) -> Vec<Flag<'a>> {
        self.words
            .with_value(|words| self.today.with_value(|today| entry.flags(words, today).collect()))
    }

    /// What to mend, first things first.
    pub fn repairs<'a>(self, map: &'a DecisionMap) -> Vec<Repair<'a>> {
        self.words.with_value(|words| self.today.with_value(|today| map.repairs(words, today)))
    }
}

/// A sentence of the library in the words of this language.
pub fn say(sentence: &Sentence) -> String {
    let Sentence { key, n, values } = sentence;
    let values: Vec<(&str, &str)> =
        values.iter().map(|(key, value)| (*key, value.as_str())).collect();
    match n {
        None => fill(key, &values),
        Some(n) => plural(key, *n as usize, &values),
    }
}

/// Flags, each with what to do and the rule behind it.
pub fn told_view(told: Vec<Told>) -> AnyView {
    let flag = |told: Told| {
        any! {
            <li class="flag" data-flag=told.code>
                <p><strong>{told.title}</strong></p>
                <p>{told.what}" "{told.to_do}</p>
                <details class="reasons"><summary>{text("work.decision_map.why")}</summary><p>{told.rule}</p></details>
            </li>
        }
    };
    any! { <ul class="flags">{told.into_iter().map(flag).collect_view()}</ul> }
}

/// A repair in words, and where its first cell is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mending {
    pub place: usize,
    pub step: Step,
    pub name: String,
    pub why: String,
    pub told: Vec<Told>,
    id: String,
    field: Field,
}

impl Mending {
    fn of(map: &DecisionMap, repair: &Repair<'_>) -> Self {
        let why: Vec<String> = repair.sentences().iter().map(say).collect();
        let first = repair.flags.first();
        Mending {
            place: repair.place,
            step: repair.step,
            name: map.entry(repair.id).map(named).unwrap_or_default(),
            why: why.join(" "),
            told: repair.flags.iter().map(|flag| Told::of(map, flag)).collect(),
            id: first.map_or(repair.id, |flag| flag.id).to_owned(),
            field: first.map_or(Field::Name, |flag| flag.field),
        }
    }
}

/// What to mend, in words.
pub fn mendings(open: Open, map: &DecisionMap) -> Vec<Mending> {
    open.repairs(map).iter().map(|repair| Mending::of(map, repair)).collect()
}

fn step_word(step: Step, part: &str) -> &'static str {
    find(&format!("map.step.{}.{part}", step.code())).unwrap_or_default()
}

/// What to mend first, and all the rest in its order.
#[component]
pub fn Findings(open: Open) -> impl IntoView {
    let all = open.settled(mendings);
    let n = Memo::new(move |_| all.with(Vec::len));
    let first = Memo::new(move |_| all.with(|all| all.first().cloned()));
    any! {
        <section class="verdict start-here" data-mend=move || n.get().to_string()>
            {live(move || match first.get() {
                None => any! { <h2>{text("work.decision_map.sound")}</h2><p>{text("map.repair.none")}</p> },
                Some(first) => any! {
                    <h2>{text("work.decision_map.start")}</h2>
                    <p>{step_word(first.step, "why")}</p>
                    <div class="mending" data-place=first.place.to_string()>
                        <h3>{first.name.clone()}</h3>
                        <p class="hint">{first.why.clone()}</p>
                        {told_view(first.told.clone())}
                        <p><button type="button" class="button" data-action="mend" on:click=move |_| open.edit(&first.id, first.field)>
                            {text("work.decision_map.mend")}
                        </button></p>
                    </div>
                },
            })}
            // What was opened stays open while the map is mended.
            <Show when=move || { n.get() > 1 }>
                <details class="order">
                    <summary>{live(move || plural("work.decision_map.order", n.get(), &[]))}</summary>
                    {live(move || order(open, all.get()))}
                </details>
            </Show>
        </section>
    }
}

fn order(open: Open, all: Vec<Mending>) -> AnyView {
    let step = |step: Step| {
        let of_step: Vec<_> = all.iter().filter(|mending| mending.step == step).cloned().collect();
        let repair = move |mending: Mending| {
            let titles: Vec<_> = mending.told.into_iter().map(|told| told.title).collect();
            any! {
                <li data-place=mending.place.to_string() data-step=step.code()>
                    <span class="rank">{mending.place}</span>
                    <div>
                        <button type="button" class="quiet to-entry" data-action="mend" on:click=move |_| open.edit(&mending.id, mending.field)>{mending.name}</button>
                        <p>{titles.join(" · ")}</p>
                        <p class="hint">{mending.why}</p>
                    </div>
                </li>
            }
        };
        (!of_step.is_empty()).then(|| {
            any! {
                <h3>{step_word(step, "title")}</h3>
                <p class="hint">{step_word(step, "why")}</p>
                <ol class="repairs">{of_step.into_iter().map(repair).collect_view()}</ol>
            }
        })
    };
    any! { {Step::ALL.map(step).into_iter().collect_view()} }
}

/// Numbers that are tracked for each decision.
#[component]
pub fn Ratio(open: Open) -> impl IntoView {
    let ratio = open.settled(|_, map| {
        let ratio = map.ratio();
        let says: Vec<String> = ratio.sentences().iter().map(say).collect();
        let (numbers, decisions) = (ratio.n_metrics.to_string(), ratio.n_decisions.to_string());
        (says, fill("map.ratio.rule", &[("numbers", &numbers), ("decisions", &decisions)]))
    });
    any! {
        <section class="ratio" data-ratio="">
            <h2>{text("map.ratio.title")}</h2>
            {live(move || {
                let (says, rule) = ratio.get();
                any! {
                    {says.into_iter().map(|says| any! { <p>{says}</p> }).collect_view()}
                    <details class="reasons"><summary>{text("work.decision_map.why")}</summary><p>{rule}</p></details>
                }
            })}
        </section>
    }
}

/// What an entry lacks, in a few words; nothing where it lacks nothing.
pub fn titles(map: &DecisionMap, flags: &[Flag<'_>]) -> String {
    let titles: Vec<String> = flags.iter().map(|flag| Told::of(map, flag).title).collect();
    if titles.is_empty() { word("nothing_to_mend") } else { titles.join(" · ") }
}
