//! What a participant needs only at the end: drawing charts, and sealing the file. The page loads
//! it then; a first visit does without.

use js_sys::Array;
use plumbline_app::platform::{canvas, finish};
use scoring::jose::{Sealing, seal as sealed};
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::HtmlCanvasElement;

fn main() {}

/// Draws a chart, as [`finish::described`] takes it.
#[wasm_bindgen]
pub fn draw(canvas: &HtmlCanvasElement, model: &Array) {
    if let Some(model) = finish::described(model) {
        canvas::paint(canvas, &model);
    }
}

/// Seals a file for a key with 44 fresh random bytes: the ephemeral key, then the initialization
/// vector.
#[wasm_bindgen]
#[must_use]
pub fn seal(file: &str, to: &[u8], random: &[u8]) -> Option<String> {
    let (ephemeral, iv) = random.split_first_chunk::<32>()?;
    let fresh = Sealing { ephemeral: *ephemeral, iv: iv.try_into().ok()? };
    sealed(file, to.try_into().ok()?, &fresh)
}
