//! Pure chart models, drawn on any plotters backend: the page's canvas, or SVG in tests.

mod draw;
mod model;

pub use draw::{Ink, draw};
pub use model::{ChartModel, Mark, Shape};
