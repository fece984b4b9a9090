//! What gets past the readers of files and links, and what does not: named malformations, one name
//! each, and properties that hold for all files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

mod fixture;
mod group_report;
mod invitation;
mod key_file;
mod link;
mod properties;
mod result;
mod sealed;
mod tally;
mod worksheet;

use Expected::{Accepted, Refused};
use std::collections::BTreeSet;

/// What must come of a malformation.
#[derive(Debug)]
enum Expected {
    /// Refused, with this code.
    Refused(&'static str),
    /// Accepted knowingly, and why.
    Accepted(&'static str),
}

/// A malformation: its name, what comes of it, and what should.
struct Case {
    name: &'static str,
    expected: Expected,
    code: Option<String>,
}

/// The malformations of one kind of file, and its reader: nothing where it accepts, else the code.
struct Table<'a> {
    read: &'a dyn Fn(&[u8]) -> Option<String>,
    cases: Vec<Case>,
}

impl<'a> Table<'a> {
    fn new(read: &'a dyn Fn(&[u8]) -> Option<String>) -> Self {
        Table { read, cases: Vec::new() }
    }

    fn refused(&mut self, code: &'static str, name: &'static str, file: impl AsRef<[u8]>) {
        let found = (self.read)(file.as_ref());
        self.cases.push(Case { name, expected: Refused(code), code: found });
    }

    fn accepted(&mut self, why: &'static str, name: &'static str, file: impl AsRef<[u8]>) {
        let found = (self.read)(file.as_ref());
        self.cases.push(Case { name, expected: Accepted(why), code: found });
    }
}

#[test]
fn each_malformation_has_its_name_and_its_code() {
    let kinds = [
        ("result", result::cases()),
        ("sealed result", sealed::cases()),
        ("link", link::cases()),
        ("invitation", invitation::cases()),
        ("group report", group_report::cases()),
        ("coach's key", key_file::cases()),
        ("tally", tally::cases()),
    ];
    let mut names = BTreeSet::new();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (kind, cases) in kinds {
        println!("{kind}: {} malformations", cases.len());
        count += cases.len();
        for Case { name, expected, code } in cases {
            if let Accepted(why) = expected {
                println!("  accepted: {name}, because {why}");
            }
            assert!(names.insert((kind, name)), "{kind}: two are named \"{name}\"");
            let fits = match &expected {
                Refused(expected) => code.as_deref() == Some(expected),
                Accepted(_) => code.is_none(),
            };
            if !fits {
                wrong.push(format!("{kind}: {name}: expected {expected:?}, found {code:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{count} in all");
    assert!(count >= 60);
}
