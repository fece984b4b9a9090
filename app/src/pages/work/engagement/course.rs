//! How the success measures went: a sentence with its rule, a chart, a table, and the value of the next month.

use super::entries::Conflicts;
use super::form::{EntryForm, drafted};
use super::{Frame, MEASURES, Sheet, address, delete, read, word};
use crate::catalogue::{fill, text};
use crate::charts::{ChartModel, Mark, Shape};
use crate::components::ChartView;
use crate::live;
use crate::platform::{clock, dom};
use leptos::prelude::*;
use scoring::plan::engagement::{Content, Course, Engagement, Key, Kind, Number, Phase};

/// Most months that are offered.
const MAX_MONTHS: usize = 60;

/// The page of all measures and their months.
#[component]
pub fn Measures(sheet: Sheet<Engagement>) -> impl IntoView {
    let ids = criteria(sheet);
    any! {
        <Frame sheet name="engagement-measures" title=text("work.engagement.measures.link")>
            <p class="lead">{text("work.engagement.measures.lead")}</p>
            <Conflicts sheet of=Callback::new(|key: Key| key.kind == Kind::Value)/>
            <h2>{text("work.engagement.measures.title")}</h2>
            <NoMeasures sheet/>
            <For each=move || ids.get() key=|id| id.clone() let:id>
                <Measure sheet id=id.clone() with_months=true/>
            </For>
        </Frame>
    }
}

/// The measures within another page, without their months' form.
#[component]
pub fn Courses(sheet: Sheet<Engagement>) -> impl IntoView {
    let ids = criteria(sheet);
    any! {
        <section>
            <h2>{text("work.engagement.measures.title")}</h2>
            <NoMeasures sheet/>
            <For each=move || ids.get() key=|id| id.clone() let:id>
                <Measure sheet id=id.clone() with_months=false/>
            </For>
            <p><a class="button secondary" data-action="measures" href=address(sheet, MEASURES)>{text("work.engagement.measures.link")}</a></p>
        </section>
    }
}

fn criteria(sheet: Sheet<Engagement>) -> Memo<Vec<String>> {
    let ids =
        read(sheet, |record| record.all(Kind::Criterion).map(|(id, _)| id.to_owned()).collect());
    Memo::new(move |_| ids())
}

#[component]
fn NoMeasures(sheet: Sheet<Engagement>) -> impl IntoView {
    let ids = criteria(sheet);
    live(move || {
        ids.with(Vec::is_empty).then(|| {
            any! {
                <p>{text("work.engagement.measures.none")}</p>
                <p><a class="button secondary" href=address(sheet, Phase::Contracting.code())>{text("work.engagement.go")}</a></p>
            }
        })
    })
}

/// One measure.
#[component]
fn Measure(sheet: Sheet<Engagement>, id: String, with_months: bool) -> impl IntoView {
    let key = StoredValue::new(id);
    let found = read(sheet, move |record| {
        key.with_value(|id| {
            let content = record.shown(&Key::new(Kind::Criterion, id))?;
            Some((content.clone(), record.course(id)?))
        })
    });
    let found = Memo::new(move |_| found());
    // While a month is written, the form must not be made anew with every change.
    let first = Memo::new(move |_| {
        found.with(|found| {
            let (_, course) = found.as_ref()?;
            course.baseline.map(|(day, _)| day.month())
        })
    });
    any! {
        <article class="rule measure" data-measure="">
            {live(move || found.get().map(|(content, course)| {
                any! { <CourseView sheet id=key.get_value() content course/> }
            }))}
            {live(move || first.get().filter(|_| with_months).map(|first| any! {
                <NextMonth sheet id=key.get_value() first/>
            }))}
        </article>
    }
}

/// What can be said of a measure.
#[component]
pub fn CourseView(
    sheet: Sheet<Engagement>,
    id: String,
    content: Content,
    course: Course,
) -> impl IntoView {
    let unit = content.text("unit");
    let name = content.text("name");
    let said = sentence(&content, &course);
    let target = course.is_at_target.zip(content.number("target")).map(|(is_at_target, target)| {
        let key = if is_at_target {
            "work.engagement.movement.at_target"
        } else {
            "work.engagement.movement.not_at_target"
        };
        fill(key, &[("target", &target.to_string()), ("unit", &unit)])
    });
    let chart = chart(&course);
    let title = format!("{name} ({unit})");
    let baseline =
        course.baseline.map(|(day, value)| (clock::day_in_words(&day.to_string()), value));
    let because = baseline.clone().map(|(day, value)| {
        let entry = format!("{}: {value} {unit}, {day}", text("work.engagement.measures.baseline"));
        any! { <li><a href=address(sheet, Phase::Contracting.code())>{entry}</a></li> }
    });
    let latest = course.months.last().map(|month| {
        let entry = format!("{}: {} {unit}", clock::month_in_words(&month.month), month.value);
        any! { <li><a href=address(sheet, MEASURES)>{entry}</a></li> }
    });
    let table = (!course.months.is_empty())
        .then(|| any! { <Months sheet id content course=course.clone()/> });
    any! {
        <h3>{name}</h3>
        <p data-movement=course.movement.code()>{said}</p>
        {target.map(|said| any! { <p>{said}</p> })}
        <details class="reasons"><summary>{text("work.engagement.why")}</summary>
            <p>{text("work.engagement.movement.why")}</p>
            <ul>{because}{latest}</ul>
        </details>
        {chart.map(|model| any! { <ChartView model title=title/> })}
        {table}
    }
}

/// What moved, in a sentence that ends in something to do.
pub fn sentence(content: &Content, course: &Course) -> String {
    let latest = course.months.last();
    let from = course.baseline.map(|(_, value)| value.to_string()).unwrap_or_default();
    let to = latest.map(|month| month.value.to_string()).unwrap_or_default();
    let change = latest.map(|month| signed(month.change)).unwrap_or_default();
    let places = [("from", from), ("to", to), ("change", change), ("unit", content.text("unit"))];
    let text = word(&format!("movement.{}", course.movement.code()));
    places.iter().fold(text, |text, (place, value)| text.replace(&format!("{{{place}}}"), value))
}

/// A change with its sign.
fn signed(change: Number) -> String {
    format!("{}{change}", if change.n > 0 { "+" } else { "" })
}

/// The baseline and the months as points between their lowest and highest value; a month without a value keeps
/// its place.
fn chart(course: &Course) -> Option<ChartModel> {
    let (day, baseline) = course.baseline?;
    let last = course.months.last()?;
    let all =
        || course.months.iter().map(|month| month.value).chain([baseline]).map(Number::nearest);
    let (low, high) = (all().reduce(f64::min)?, all().reduce(f64::max)?);
    let place = |value: Number| {
        if high > low { (value.nearest() - low) / (high - low) * 100.0 } else { 50.0 }
    };
    let mark = |name: &str, value: Option<Number>| Mark {
        lines: name.split(' ').map(str::to_owned).collect(),
        score: value.map(place),
        printed: value.map(|value| value.to_string()).unwrap_or_default(),
    };
    let first = mark(text("work.engagement.measures.baseline"), Some(baseline));
    let value_of = |month: &str| {
        course.months.iter().find(|known| known.month == month).map(|known| known.value)
    };
    let baseline_month = day.month();
    let months = months(&baseline_month, &last.month).into_iter().filter_map(|month| {
        let value = value_of(&month);
        let is_shown = value.is_some() || month != baseline_month;
        is_shown.then(|| mark(&clock::month_in_words(&month), value))
    });
    let edge = place(baseline).round() as i64;
    let marks = std::iter::once(first).chain(months).collect();
    Some(ChartModel { shape: Shape::Course, marks, edges: vec![edge] })
}

/// The months in a table, each with a way to change it.
#[component]
fn Months(sheet: Sheet<Engagement>, id: String, content: Content, course: Course) -> impl IntoView {
    let rows = course.months.into_iter().map(|month| {
        let key = Key::value(&id, &month.month);
        // A course holds no notes, so each of them follows the record itself.
        let note = read(sheet, {
            let key = key.clone();
            move |record| record.shown(&key).map(|value| value.text("note")).unwrap_or_default()
        });
        let remove = move |_| {
            delete(sheet, [key.clone()]);
            dom::after_render(|| dom::focus("[data-action='undo']"));
        };
        let name = clock::month_in_words(&month.month);
        let label = format!("{}: {name}", text("work.engagement.delete"));
        any! {
            <tr>
                <th scope="row">{name}</th>
                <td class="number">{month.value.to_string()}</td>
                <td class="number">{signed(month.change)}</td>
                <td>{live(note)}</td>
                <td><button type="button" class="quiet" data-action="delete-month" aria-label=label on:click=remove>{text("work.engagement.delete")}</button></td>
            </tr>
        }
    });
    any! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=text("work.engagement.measures.table")>
            <table>
                <caption>{text("work.engagement.measures.table")}", "{content.text("unit")}</caption>
                <thead><tr>
                    <th scope="col">{text("work.engagement.measures.month")}</th>
                    <th scope="col" class="number">{text("work.engagement.field.value.value")}</th>
                    <th scope="col" class="number">{text("work.engagement.measures.change")}</th>
                    <th scope="col">{text("work.engagement.measures.note")}</th>
                    <td></td>
                </tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}

/// The months from one to another, such as `2026-03`; of very many the last ones.
fn months(first: &str, last: &str) -> Vec<String> {
    let number = |month: &str| {
        let (year, month) = month.split_once('-')?;
        Some(year.parse::<usize>().ok()? * 12 + month.parse::<usize>().ok()?.checked_sub(1)?)
    };
    let Some((first, last)) = number(first).zip(number(last)) else { return Vec::new() };
    let first = first.max((last + 1).saturating_sub(MAX_MONTHS));
    (first..=last).map(|month| format!("{:04}-{:02}", month / 12, month % 12 + 1)).collect()
}

/// A month and its value: the latest one without a value is offered first.
#[component]
fn NextMonth(
    sheet: Sheet<Engagement>,
    id: String,
    /// The month of the baseline.
    first: String,
) -> impl IntoView {
    let today = clock::today();
    let all = months(&first, today.get(..7).unwrap_or_default());
    let Some(latest) = all.last().cloned() else {
        let day = clock::day_in_words(&format!("{first}-01"));
        return any! { <p>{fill("work.engagement.measures.first", &[("day", &day)])}</p> };
    };
    let key = StoredValue::new(id);
    let next = read(sheet, {
        let all = all.clone();
        move |record| {
            let has_value =
                |month: &str| key.with_value(|id| record.shown(&Key::value(id, month)).is_some());
            all.iter().rev().find(|month| !has_value(month)).cloned()
        }
    });
    let month = RwSignal::new(untrack(&next).unwrap_or(latest));
    let tag = move || key.with_value(|id| format!("{id}-month"));
    let options = all.into_iter().rev().map(move |own| {
        let (value, name) = (own.clone(), clock::month_in_words(&own));
        any! { <option value=value selected=move || month.get() == own>{name}</option> }
    });
    let done = Callback::new(move |()| {
        // On to the next month without a value.
        if let Some(next) = untrack(&next) {
            month.set(next);
        }
        let selector = tag();
        dom::after_render(move || dom::focus(&format!("[id='{selector}']")));
    });
    any! {
        <div class="panel next-month">
            <div class="field">
                <label for=tag()>{text("work.engagement.measures.month")}</label>
                <select id=tag() on:change=move |event| month.set(event_target_value(&event))>{options.collect_view()}</select>
            </div>
            {live(move || {
                let entry = key.with_value(|id| Key::value(id, &month.get()));
                drafted(sheet, entry, Vec::new(), move |draft| any! {
                    <EntryForm draft tag=key.get_value() done done_label="work.engagement.measures.save"/>
                })
            })}
        </div>
    }
}
