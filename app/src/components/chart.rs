//! A chart on a canvas. It never stands alone: the table beside it says the same in text.

use crate::catalogue::fill;
use crate::charts::ChartModel;
use crate::platform::{dom, finish, spawn};
use leptos::html::Canvas;
use leptos::prelude::*;

/// A canvas that follows its width and the page's theme.
#[component]
pub fn ChartView(
    /// What to draw.
    model: ChartModel,
    /// What it is called.
    title: String,
) -> impl IntoView {
    let canvas = NodeRef::<Canvas>::new();
    let summary = summary(&title, &model);
    let model = StoredValue::new(model);
    // Drawing is an outward synchronization: it reads the theme and writes pixels.
    let redraw = move || {
        if let Some(canvas) = canvas.get_untracked() {
            let model = model.get_value();
            spawn(async move { finish::draw(&canvas, &model).await });
        }
    };
    Effect::new(move || {
        if canvas.get().is_some() {
            dom::after_render(redraw);
        }
    });
    dom::on_appearance_change(move || {
        if model.try_with_value(|_| ()).is_some() {
            redraw();
        }
    });
    any! {
        <figure class="chart">
            <canvas node_ref=canvas role="img" aria-label=summary.clone()></canvas>
            <figcaption>{summary}</figcaption>
        </figure>
    }
}

/// What the chart shows, in a sentence.
fn summary(title: &str, model: &ChartModel) -> String {
    let names = |marks: &[&crate::charts::Mark]| {
        let named = marks.iter().map(|mark| format!("{} ({})", mark.lines.join(" "), mark.printed));
        named.collect::<Vec<_>>().join(", ")
    };
    match model.extremes() {
        None => fill("chart.empty", &[("title", title)]),
        Some((high, _)) if high.len() == model.marks.len() => {
            let score = high.first().map_or("", |mark| mark.printed.as_str());
            fill("chart.level", &[("title", title), ("score", score)])
        }
        // Of those that have a score, all have the same.
        Some((high, low)) if high == low => {
            fill("chart.some", &[("title", title), ("scores", &names(&high))])
        }
        Some((high, low)) => fill(
            "chart.summary",
            &[("title", title), ("high", &names(&high)), ("low", &names(&low))],
        ),
    }
}
