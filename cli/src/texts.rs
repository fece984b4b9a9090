//! "What happened" and "what to do" for every code, from the catalogue that the browser shows too.

use scoring::plan::decision_map::Sentence;
use serde_json::Value;
use std::collections::BTreeMap;

/// The code of a file that the system would not let us read. Only the command line meets it.
pub const UNREADABLE: &str = "unreadable";

const ENGLISH: [&str; 3] = [
    include_str!("../../public/locales/en.json"),
    include_str!("../../public/locales/en.aside.json"),
    include_str!("../../public/locales/en.work.json"),
];

/// The texts of the codes.
pub struct Texts {
    catalogue: BTreeMap<String, Value>,
}

impl Texts {
    /// The English catalogue, which is built in.
    pub fn english() -> Self {
        let read = |file: &str| serde_json::from_str::<BTreeMap<String, Value>>(file);
        let catalogue = ENGLISH.iter().filter_map(|file| read(file).ok()).flatten().collect();
        Texts { catalogue }
    }

    /// The text of a key, or the key itself, which says at least what was meant.
    pub fn text(&self, key: &str) -> String {
        self.catalogue.get(key).and_then(Value::as_str).unwrap_or(key).to_owned()
    }

    /// A text with its `{name}` places filled.
    pub fn fill(&self, key: &str, values: &[(&str, String)]) -> String {
        let fill = |text: String, (name, value): &(&str, String)| {
            text.replace(&format!("{{{name}}}"), value)
        };
        values.iter().fold(self.text(key), fill)
    }

    /// A sentence in the form of its count.
    pub fn say(&self, sentence: &Sentence) -> String {
        let Sentence { key, n, values } = sentence;
        match n {
            None => self.fill(key, values),
            Some(n) => {
                let form = if *n == 1 { "one" } else { "other" };
                self.fill(&format!("{key}.{form}"), values).replace("{n}", &n.to_string())
            }
        }
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
    use scoring::cohort::{FewAsked, Isolates};
    use scoring::explain::{KEY_ALONE, Kind, REMARKS};
    use std::collections::BTreeSet;

    /// The code in `=> "code",` and in `"code", "message"` is all that the sources say of a code.
    fn codes() -> Vec<&'static str> {
        let sources = [
            include_str!("../../scoring/src/result/read.rs"),
            include_str!("../../scoring/src/jose/jws.rs"),
            include_str!("../../scoring/src/jose/jwe.rs"),
            include_str!("../../scoring/src/cohort/link.rs"),
            include_str!("../../scoring/src/tally.rs"),
            include_str!("../../scoring/src/plan/decision_map/table.rs"),
        ];
        let is_code = |line: &&str| {
            let line = line.trim_start();
            let owners = [
                "Refusal",
                "EnvelopeFault",
                "SealFault",
                "LockFailure",
                "LinkFault",
                "TallyFault",
                "TableFault",
            ];
            owners.iter().any(|owner| line.starts_with(&format!("{owner}::")))
        };
        let mut codes: Vec<&str> = sources
            .iter()
            .flat_map(|source| source.lines())
            .filter(is_code)
            .filter_map(|line| line.split_once("=> \"")?.1.split_once('"'))
            .map(|(code, _)| code)
            .collect();
        assert!(codes.len() >= 35, "the codes of refusals are no longer where they were");
        codes.extend([
            "duplicate",
            "superseded",
            "invitation_reused",
            "scores_differ",
            "suspect",
            "late",
            "tally_overlap",
            UNREADABLE,
            Isolates::CODE,
            FewAsked::CODE,
            "no_ledger",
            "ledger_format",
            "map_json",
            "worksheet_version",
            "worksheet_content",
        ]);
        codes
    }

    /// Texts whose keys are put together from codes: each code has its text, and each text its code.
    #[test]
    fn whatever_is_explained_has_its_texts() {
        let explain = |part: &str, code: &str| format!("explain.{part}.{code}");
        let of_kind = |kind: Kind| ["kind", "proves", "not"].map(|part| explain(part, kind.code()));
        let steps = Kind::ALL.iter().flat_map(|kind| kind.steps());
        let asked: BTreeSet<String> = Kind::ALL
            .into_iter()
            .flat_map(of_kind)
            .chain(steps.map(|step| explain("check", step)))
            .chain(REMARKS.iter().map(|remark| explain("remark", remark)))
            .chain([explain("proves", KEY_ALONE)])
            .collect();
        let texts = Texts::english();
        let keys = texts.catalogue.keys().filter(|key| key.starts_with("explain."));
        assert_eq!(asked, keys.cloned().collect());
    }

    /// As above, for the rules, steps and faults of decision maps.
    #[test]
    fn whatever_a_decision_map_says_has_its_texts() {
        use scoring::plan::decision_map::{CellFault, Kind, RULES, Step};
        let of_rule = RULES.iter().flat_map(|rule| {
            ["title", "what", "do", "rule"].map(|part| format!("map.flag.{}.{part}", rule.code))
        });
        let of_step = Step::ALL.iter().flat_map(|step| {
            ["title", "why"].map(|part| format!("map.step.{}.{part}", step.code()))
        });
        let of_cell = CellFault::ALL.iter().map(|fault| format!("map.cell_fault.{}", fault.code()));
        let of_kind = [Kind::Metric, Kind::Outcome, Kind::Owed];
        let of_kind = of_kind.iter().map(|kind| format!("map.unnamed.{}", kind.code()));
        let asked: BTreeSet<_> = of_rule.chain(of_step).chain(of_cell).chain(of_kind).collect();
        let parts = ["map.flag.", "map.step.", "map.cell_fault.", "map.unnamed."];
        let texts = Texts::english();
        let is_composed = |key: &&String| parts.iter().any(|part| key.starts_with(part));
        let keys: BTreeSet<_> = texts.catalogue.keys().filter(is_composed).cloned().collect();
        assert_eq!(asked, keys);
    }

    #[test]
    fn every_code_says_what_happened_and_what_to_do() {
        let texts = Texts::english();
        let bare: Vec<_> = codes().into_iter().filter(|code| texts.of(code).is_none()).collect();
        assert!(bare.is_empty(), "public/locales lacks error.<code>.what or .do of {bare:?}");
    }
}
