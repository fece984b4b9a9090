//! A chart on the page's canvas.

use super::dom;
use crate::charts::{ChartModel, Ink, draw};
use plotters::prelude::{IntoDrawingArea, RGBColor};
use plotters_canvas::CanvasBackend;
use web_sys::HtmlCanvasElement;

/// Draws a chart at the canvas's width, in the colours of the page's theme.
pub fn paint(canvas: &HtmlCanvasElement, model: &ChartModel) {
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
