//! The pure core of Plumbline: instruments as data, exact scoring, declared rules, the signed
//! result file and cohort reports.
//!
//! Nothing in this crate reads a file, a clock, a random source or a DOM; callers pass bytes,
//! times and keys. The browser client, its worker and the command line all call the same code, so
//! a number can never differ between them.
//!
//! | module | what it holds |
//! |---|---|
//! | [`json`] | strict reading and canonical writing (RFC 8785) of integer-only JSON |
//! | [`instrument`] | definitions and wordings, loaded with every problem reported |
//! | [`answers`] | one respondent's answers: chosen, not applicable, skipped, not shown |
//! | [`score`] | scale scores and the interpretation that declared rules give |
//! | [`stats`] | exact statistics, intervals, decimal printing |
//! | [`jose`] | signed and sealed envelopes, kept to the few forms we write |
//! | [`result`] | the signed result file: writing it, and the one reader |
//! | [`participant`] | which key belongs where, and the code that brings one back |
//! | [`coach`] | a coach's keys, and the locked file they are kept in |
//! | [`pair`] | a leader's and their manager's answers side by side |
//! | [`cohort`] | the link, import of many files, and the report that is fair to small groups |
//! | [`plan`] | worksheets: what an engagement writes down between the surveys |
//! | [`explain`] | what a file says, what was checked, and what that proves |
//! | [`table`] | tables of answers from elsewhere: their rows, and the exports of other survey tools |
//! | [`tally`] | what a report is made from: counts that add up over any number of machines |
//! | [`words`] | a key as words |
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "a failing test should stop at the line that failed"
    )
)]

pub mod answers;
pub mod coach;
pub mod cohort;
pub mod explain;
pub mod instrument;
pub mod jose;
pub mod json;
pub mod pair;
pub mod participant;
pub mod plan;
pub mod result;
pub mod score;
pub mod stats;
pub mod table;
pub mod tally;
pub mod words;

use litemap::LiteMap;
use std::cmp::Ordering;

/// Values of the ids that are in both maps.
pub(crate) fn joined<'a, 'b, A, B>(
    one: &'a LiteMap<String, A>,
    other: &'b LiteMap<String, B>,
) -> impl Iterator<Item = (&'a A, &'b B)> {
    let mut other = other.iter().peekable();
    // Ids ascend in both, so that nothing has to be searched for.
    one.iter().filter_map(move |(id, value)| {
        loop {
            match other.peek()?.0.cmp(id) {
                Ordering::Less => other.next(),
                Ordering::Equal => return Some((value, other.next()?.1)),
                Ordering::Greater => return None,
            };
        }
    })
}

/// Gathers into an ordered collection one by one. `collect` sorts first, and every type that is
/// sorted brings its own sorting code into a participant's download.
pub(crate) fn gather<C: Default + Extend<T>, T>(elements: impl IntoIterator<Item = T>) -> C {
    let mut gathered = C::default();
    gathered.extend(elements);
    gathered
}
