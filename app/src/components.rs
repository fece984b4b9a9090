//! Pieces that several pages show.

mod chart;
mod page;
mod question;
mod score_table;

pub use chart::ChartView;
pub use page::{Failure, Page};
pub use question::Question;
pub use score_table::{ReasonList, ScoreTable};
