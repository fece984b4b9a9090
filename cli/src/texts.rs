//! "What happened" and "what to do" for every code, from the catalogue that the browser shows too.

use serde_json::Value;
use std::collections::BTreeMap;

/// The code of a file that the system would not let us read. Only the command line meets it.
pub const UNREADABLE: &str = "unreadable";

const ENGLISH: &str = include_str!("../../public/locales/en.aside.json");

/// The texts of the codes.
pub struct Texts {
    catalogue: BTreeMap<String, Value>,
}

impl Texts {
    /// The English catalogue, which is built in.
    pub fn english() -> Self {
        Texts { catalogue: serde_json::from_str(ENGLISH).unwrap_or_default() }
    }

    /// What happened to a file, and what to do, if the catalogue has the code.
    pub fn of(&self, code: &str) -> Option<(&str, &str)> {
        let text = |part: &str| self.catalogue.get(&format!("error.{code}.{part}"))?.as_str();
        Some((text("what")?, text("do")?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The code in `=> "code",` and in `"code", "message"` is all that the sources say of a code.
    fn codes() -> Vec<&'static str> {
        let refusals = include_str!("../../scoring/src/result/read.rs");
        let mut codes: Vec<&str> = refusals
            .lines()
            .filter(|line| line.trim_start().starts_with("Refusal::"))
            .filter_map(|line| line.split_once("=> \"")?.1.split_once('"'))
            .map(|(code, _)| code)
            .collect();
        assert!(codes.len() >= 18, "the codes of refusals are no longer where they were");
        codes.extend(["duplicate", "superseded", "scores_differ", UNREADABLE]);
        codes
    }

    #[test]
    fn every_code_says_what_happened_and_what_to_do() {
        let texts = Texts::english();
        let bare: Vec<_> = codes().into_iter().filter(|code| texts.of(code).is_none()).collect();
        assert!(
            bare.is_empty(),
            "public/locales/en.aside.json lacks error.<code>.what or .do of {bare:?}"
        );
    }
}
