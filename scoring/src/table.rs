//! Tables of answers from elsewhere.

mod records;

pub use records::{RecordFault, Records};
