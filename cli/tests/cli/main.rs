//! The program as its users run it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod calc;
mod cohort;
mod engagement;
mod explain;
mod import;
mod instruments;
mod keys;
mod ledger;
mod link;
mod map;
mod pair;
mod report;
mod score;
mod shards;
mod simulate;
mod stats;
mod support;
mod tally;
mod verify;
