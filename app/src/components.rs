//! Pieces that several pages show.

mod chart;
mod commitments;
mod drop;
mod fields;
mod page;
mod pair;
mod question;
mod reasons;
mod score_table;

pub use chart::ChartView;
pub use commitments::Commitments;
pub use drop::{DropArea, FileButton};
pub use fields::{Choice, Confirm, EngineFailure, FieldError, Problems, TextField};
pub use page::{Failure, Page};
pub use pair::{PairPage, PairPart};
pub use question::Question;
pub use reasons::{BandReasons, Basis, NoReasons, Reasons};
pub use score_table::ScoreTable;
