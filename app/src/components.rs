//! Pieces that several pages show.

mod chart;
mod drop;
mod fields;
mod page;
mod question;
mod reasons;
mod score_table;

pub use chart::ChartView;
pub use drop::{DropArea, FileButton};
pub use fields::{Choice, Confirm, EngineFailure, FieldError, Problems, TextField};
pub use page::{Failure, Page};
pub use question::Question;
pub use reasons::{BandReasons, Basis, NoReasons, Reasons};
pub use score_table::ScoreTable;
