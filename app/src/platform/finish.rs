//! The module for the end of a survey, from the page's side. `start.js` knows how to load it.

use super::{crypto, reason};
use crate::charts::{ChartModel, Mark, Shape};
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlCanvasElement;

/// Draws a chart. Where the module does not arrive, the chart's sentence and table stand alone.
pub async fn draw(canvas: &HtmlCanvasElement, model: &ChartModel) {
    if let Ok((module, draw)) = function("draw").await {
        let _ = draw.call2(&module, canvas, &description(model));
    }
}

/// A chart for the module: its shape, its edges, and for each mark its name (a line a line), its
/// printed score and its score.
fn description(model: &ChartModel) -> Array {
    let marks = model.marks.iter().map(|mark| {
        let score = mark.score.map_or(JsValue::NULL, JsValue::from_f64);
        Array::of3(&mark.lines.join("\n").into(), &mark.printed.as_str().into(), &score)
    });
    let edges = model.edges.iter().map(|edge| JsValue::from_f64(*edge as f64));
    let shape = JsValue::from_f64(f64::from(model.shape as u8));
    Array::of3(&shape, &edges.collect::<Array>(), &marks.collect::<Array>())
}

/// The chart of such a description.
#[must_use]
pub fn described(model: &Array) -> Option<ChartModel> {
    let shapes = [Shape::Radar, Shape::Profile, Shape::Bars, Shape::Course];
    let shape = *shapes.get(model.get(0).as_f64()? as usize)?;
    let (edges, marks) = (Array::from(&model.get(1)), Array::from(&model.get(2)));
    let edges = edges.iter().map(|edge| edge.as_f64().map(|edge| edge as i64));
    let marks = marks.iter().map(|mark| {
        let mark = Array::from(&mark);
        Some(Mark {
            lines: mark.get(0).as_string()?.lines().map(str::to_owned).collect(),
            printed: mark.get(1).as_string()?,
            score: mark.get(2).as_f64(),
        })
    });
    Some(ChartModel {
        shape,
        marks: marks.collect::<Option<_>>()?,
        edges: edges.collect::<Option<_>>()?,
    })
}

/// Seals a file for a coach's key.
///
/// # Errors
/// Where the module does not arrive, or the browser has no randomness.
pub async fn seal(file: &str, to: &[u8; 32]) -> Result<String, String> {
    let (module, seal) = function("seal").await?;
    let random = crypto::random::<44>().ok_or("no randomness")?;
    let bytes = |bytes: &[u8]| JsValue::from(Uint8Array::from(bytes));
    let sealed = seal.call3(&module, &file.into(), &bytes(to), &bytes(&random));
    sealed.map_err(|error| reason(&error))?.as_string().ok_or_else(|| "not sealed".to_owned())
}

async fn function(name: &str) -> Result<(JsValue, Function), String> {
    let global = js_sys::global();
    let load = Reflect::get(&global, &"plumblineFinish".into()).and_then(JsCast::dyn_into);
    let load: Function = load.map_err(|error| reason(&error))?;
    let loading: Promise = load.call0(&global).map_err(|error| reason(&error))?.unchecked_into();
    let module = JsFuture::from(loading).await.map_err(|error| reason(&error))?;
    let function = Reflect::get(&module, &name.into()).and_then(JsCast::dyn_into);
    Ok((module, function.map_err(|error| reason(&error))?))
}
