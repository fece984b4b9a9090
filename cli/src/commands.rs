//! One module a command: its arguments, and what it prints.

pub mod calc;
pub mod engagement;
pub mod explain;
pub mod import;
pub mod instruments;
pub mod invite;
pub mod keys;
pub mod link;
pub mod map;
pub mod merge;
pub mod open;
pub mod pair;
pub mod publish;
pub mod receipt;
pub mod report;
pub mod score;
pub mod seal;
pub mod simulate;
pub mod stats;
pub mod tally;
pub mod verify;
