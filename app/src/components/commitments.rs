//! Up to three development commitments: what makes each more than a wish.

use super::{FieldError, PairPage, Problems, TextField};
use crate::catalogue::{find, text};
use crate::live;
use crate::platform::dom;
use crate::state::Problem;
use leptos::prelude::*;
use scoring::pair::PLACES;
use scoring::plan::commitment::{Commitment, MAX_COMMITMENTS, MAX_PART_CHARS, PARTS, PartFault};

/// A commitment as it is typed.
#[derive(Clone, Copy)]
struct Typed {
    id: usize,
    behaviour: RwSignal<String>,
    parts: [RwSignal<String>; PARTS.len()],
}

impl Typed {
    fn of(id: usize, kept: &Commitment) -> Self {
        let part = |name: &str| RwSignal::new(kept.part(name).to_owned());
        Typed { id, behaviour: RwSignal::new(kept.behaviour.clone()), parts: PARTS.map(part) }
    }

    /// The id of a field.
    fn field(self, part: &str) -> String {
        format!("commitment-{}-{part}", self.id)
    }

    fn commitment(self) -> Commitment {
        let mut typed = Commitment { behaviour: self.behaviour.get(), ..Commitment::default() };
        for (name, value) in PARTS.into_iter().zip(self.parts) {
            if let Some(part) = typed.part_mut(name) {
                *part = value.get();
            }
        }
        typed
    }

    fn problems(self) -> Vec<Problem> {
        let problem = |(part, fault): (&str, PartFault)| {
            let key = match fault {
                PartFault::Missing => "field.missing",
                PartFault::TooLong => "field.too_long",
                PartFault::Hidden => "field.hidden",
            };
            Problem::new(&self.field(part), key, MAX_PART_CHARS)
        };
        self.commitment().faults().map(problem).collect()
    }
}

fn words(part: &str, of: &str) -> &'static str {
    find(&format!("commitment.{part}.{of}")).unwrap_or_default()
}

/// The form, and what is printed of it.
#[component]
pub fn Commitments(
    /// The report that they follow from.
    page: PairPage,
    /// Those on this device.
    kept: Vec<Commitment>,
    /// Keeps them on this device.
    keep: Callback<Vec<Commitment>>,
) -> impl IntoView {
    let first = kept.iter().take(MAX_COMMITMENTS).enumerate();
    let typed = RwSignal::new(first.map(|(id, kept)| Typed::of(id, kept)).collect::<Vec<_>>());
    let now = move || typed.get().into_iter().map(Typed::commitment).collect::<Vec<_>>();
    Effect::new(move |before: Option<Vec<Commitment>>| {
        let now = now();
        if before.is_some_and(|before| before != now) {
            keep.run(now.clone());
        }
        now
    });
    let problems =
        Problems::of(move || typed.get().into_iter().flat_map(Typed::problems).collect());
    let complete = RwSignal::new(false);
    let is_full = move || typed.read().len() >= MAX_COMMITMENTS;
    let add = move |_| {
        complete.set(false);
        let id = typed.with_untracked(|typed| typed.iter().map(|t| t.id + 1).max().unwrap_or(0));
        typed.update(|typed| typed.push(Typed::of(id, &Commitment::default())));
        dom::after_render(move || dom::focus(&format!("#commitment-{id}-behaviour")));
    };
    let check = move |_| complete.set(problems.none());
    let printed = page.clone();
    any! {
        <section class="commitments" data-commitments="">
            <h2>{text("commitment.title")}</h2>
            <p>{text("commitment.what")}</p>
            <p class="hint">{text("commitment.kept")}</p>
            <div class="form">
                <For each=move || typed.get() key=|typed| typed.id let:one>
                    <Fields one typed page=page.clone() problems/>
                </For>
                <div class="actions">
                    // What it makes room for belongs to the form: hidden, and not taken away, after the last one.
                    <button type="button" class="button secondary" data-action="add-commitment"
                        hidden=is_full on:click=add>{text("commitment.add")}</button>
                    {live(move || (!typed.read().is_empty()).then(|| any! {
                        <button type="button" class="button" data-action="check-commitments" on:click=check>{text("commitment.check")}</button>
                    }))}
                </div>
                <div role="status">
                    {live(move || (complete.get() && typed.get().into_iter().all(|one| one.problems().is_empty())).then(|| any! {
                        <p class="notice calm" data-complete="">{text("commitment.complete")}</p>
                    }))}
                </div>
            </div>
            {live(move || now().iter().map(|commitment| printed_out(&printed, commitment)).collect_view())}
        </section>
    }
}

#[component]
fn Fields(
    one: Typed,
    typed: RwSignal<Vec<Typed>>,
    page: PairPage,
    problems: Problems,
) -> impl IntoView {
    let chosen = one.behaviour;
    let group = |label: String, behaviours: Vec<&str>| {
        let options = behaviours.into_iter().map(|id| {
            let (value, is_chosen) = (id.to_owned(), id.to_owned());
            any! { <option value=value selected=move || chosen.get_untracked() == is_chosen>{page.item(id)}</option> }
        });
        let options = options.collect_view();
        any! { <optgroup label=label>{options}</optgroup> }
    };
    let mut groups = Vec::new();
    for place in PLACES {
        let found: Vec<&str> = page.report.placed(place).map(|found| found.item.as_str()).collect();
        if !found.is_empty() {
            groups.push(group(page.said(place, "title"), found));
        }
    }
    let others = page.report.behaviours.iter().filter(|found| found.place.is_none());
    let others: Vec<&str> = others.map(|found| found.item.as_str()).collect();
    if !others.is_empty() {
        groups.push(group(text("commitment.other").to_owned(), others));
    }
    let id = one.field("behaviour");
    let error = format!("{id}-error");
    let parts = PARTS.into_iter().zip(one.parts).map(|(part, value)| any! {
        <TextField id=one.field(part) label=words(part, "label") hint=words(part, "hint") rows=2 value problems/>
    });
    any! {
        <fieldset class="panel" data-commitment="">
            <legend>{text("commitment.one")}</legend>
            <div class="field">
                <label for=id.clone()>{words("behaviour", "label")}</label>
                <select id=id.clone() aria-describedby=error on:change=move |event| chosen.set(event_target_value(&event))>
                    <option value="">{text("commitment.choose")}</option>
                    {groups}
                </select>
                <FieldError id problems/>
            </div>
            {parts.collect_view()}
            <button type="button" class="quiet" data-action="remove-commitment" on:click=move |_| {
                typed.update(|typed| typed.retain(|other| other.id != one.id));
            }>{text("commitment.remove")}</button>
        </fieldset>
    }
}

/// A commitment as it is read on paper.
fn printed_out(page: &PairPage, commitment: &Commitment) -> AnyView {
    let parts = PARTS.into_iter().map(|part| {
        any! {
            <div><dt>{words(part, "label")}</dt><dd>{commitment.part(part).to_owned()}</dd></div>
        }
    });
    let behaviour = page.item(&commitment.behaviour);
    any! {
        <div class="on-paper">
            <h3>{behaviour}</h3>
            <dl class="facts">{parts.collect_view()}</dl>
        </div>
    }
}
