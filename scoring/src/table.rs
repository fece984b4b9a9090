//! Tables of answers from elsewhere: their rows, and the exports of other survey tools.
//!
//! [`Records`] reads rows of CSV with their lines. [`ImportMap`] says what the columns and labels of an export
//! mean, and [`import`] makes a tally of it that is marked as unsigned: no key vouches for such answers.

mod export;
mod import;
mod map;
mod records;
mod rows;

pub use export::Export;
pub use import::{ImportFault, Imported, Unmapped, import};
pub use map::{ImportMap, LeaveOut, MappedItem};
pub use records::{RecordFault, Records};
pub(crate) use rows::unguarded;
pub use rows::write_rows;
