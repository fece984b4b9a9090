//! One module a command: its arguments, and what it prints.

pub mod instruments;
pub mod report;
pub mod score;
pub mod simulate;
pub mod verify;
