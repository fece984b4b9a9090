//! Many result files: import, and a report that is fair to small groups.
//!
//! [`Import`] decides what counts; its verdict on a file does not depend on the order in which
//! files arrive. [`reports`] turns what counts into one report per instrument, version and rater.

mod export;
mod import;
mod report;
mod suppress;

pub use export::report_csv;
pub use import::{Import, Outcome, Status};
pub use report::{CommentList, Cut, CutGroup, Estimate, ItemRow, Report, ScaleRow, reports};
pub use suppress::hidden;
