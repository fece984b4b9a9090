//! A chart on a canvas. It never stands alone: the table beside it says the same in text.

use crate::catalogue::fill;
use crate::charts::{ChartModel, Ink, draw};
use crate::platform::dom;
use leptos::html::Canvas;
use leptos::prelude::*;
use plotters::prelude::{IntoDrawingArea, RGBColor};
use plotters_canvas::CanvasBackend;

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
            model.with_value(|model| paint(&canvas, model));
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
        Some((high, low)) => fill(
            "chart.summary",
            &[("title", title), ("high", &names(&high)), ("low", &names(&low))],
        ),
    }
}

fn paint(canvas: &web_sys::HtmlCanvasElement, model: &ChartModel) {
    let scale = dom::pixel_ratio();
    let width = canvas.get_bounding_client_rect().width().round().max(280.0);
    let height = model.height(width as u32);
    // Setting the size also clears the canvas.
    canvas.set_width((width * scale) as u32);
    canvas.set_height((f64::from(height) * scale) as u32);
    let _ = web_sys::HtmlElement::style(canvas).set_property("height", &format!("{height}px"));
    let ink = Ink {
        text: color("--ink-soft"),
        grid: color("--line-strong"),
        accent: color("--accent"),
        scale,
    };
    if let Some(backend) = CanvasBackend::with_canvas_object(canvas.clone()) {
        // A canvas that cannot be drawn on leaves its table and its sentence.
        let _ = draw(&backend.into_drawing_area(), model, ink);
    }
}

/// A theme colour as the canvas takes it: the tokens are resolved by the browser to `rgb(r, g, b)`.
fn color(property: &str) -> RGBColor {
    let value = dom::theme_color(property);
    let mut parts =
        value.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse::<u8>().ok());
    let mut next = || parts.next().unwrap_or(128);
    RGBColor(next(), next(), next())
}
