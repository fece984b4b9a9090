//! What a coach has typed so far for a new cohort: checked here, before it is signed.

use crate::state::Problem;
use scoring::cohort::{
    Asked, Delivery, LinkClaims, LinkCut, MAX_CUT_OPTION_CHARS, MAX_CUT_OPTIONS,
    MAX_CUT_TITLE_CHARS, MAX_CUTS, MAX_TITLE_CHARS, MAX_WAVE_CHARS, is_folder, is_origin,
};
use scoring::result::{MIN_GROUP_FLOOR, Policy};
use serde::{Deserialize, Serialize};

/// The form of a new cohort, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// What participants are invited to.
    pub title: String,
    /// The wave.
    pub wave: String,
    /// The instruments asked for, each as `id/version`.
    pub instruments: Vec<String>,
    /// Languages offered.
    pub languages: Vec<String>,
    /// The last day, as `2026-11-20`; empty for no end.
    pub closes: String,
    /// The coach's own questions.
    pub cuts: Vec<DraftCut>,
    /// Fewest people a number may rest on.
    pub min_group: String,
    /// Fewest people before comments are shown.
    pub min_comments: String,
    /// Whether results are sealed.
    pub seal: bool,
    /// How results come back: `file`, `message` or `drop`.
    pub by: String,
    /// Where the embedding page comes from.
    pub origin: String,
    /// The folder on the same server.
    pub path: String,
    /// Whether everyone is invited one by one.
    pub invitation: bool,
}

/// A question of the coach's own, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftCut {
    /// Its id, the same in every wave.
    pub id: String,
    /// The question.
    pub title: String,
    /// Its options, one a line.
    pub options: String,
}

impl DraftCut {
    /// The options, without empty lines.
    #[must_use]
    pub fn options(&self) -> Vec<String> {
        self.options.lines().map(str::trim).filter(|o| !o.is_empty()).map(str::to_owned).collect()
    }
}

/// What a link says beside what was typed.
#[derive(Debug, Clone)]
pub struct Settled {
    /// Now, in seconds since 1970.
    pub iat: i64,
    /// The cohort's id.
    pub id: String,
    /// The link's nonce.
    pub nonce: String,
    /// Who asks.
    pub coach: String,
    /// The published instruments that were chosen.
    pub instruments: Vec<Asked>,
    /// The end of the last day, in seconds since 1970.
    pub closes: Option<i64>,
    /// The key to seal for.
    pub seal: [u8; 32],
}

impl Default for Draft {
    fn default() -> Self {
        let policy = Policy::default();
        Draft {
            title: String::new(),
            wave: "1".to_owned(),
            instruments: Vec::new(),
            languages: Vec::new(),
            closes: String::new(),
            cuts: Vec::new(),
            min_group: policy.min_group.to_string(),
            min_comments: policy.min_comments.to_string(),
            seal: true,
            by: "file".to_owned(),
            origin: String::new(),
            path: String::new(),
            invitation: false,
        }
    }
}

impl Draft {
    /// The next wave of a cohort: as the last one, without its end.
    #[must_use]
    pub fn next_wave(last: &LinkClaims) -> Self {
        let number = last.wave.trim().parse::<u32>().ok();
        let (by, origin, path) = match &last.delivery {
            Delivery::File => ("file", "", ""),
            Delivery::Message { origin } => ("message", origin.as_str(), ""),
            Delivery::Drop { path } => ("drop", "", path.as_str()),
        };
        Draft {
            title: last.title.clone(),
            wave: number.map(|number| number.saturating_add(1).to_string()).unwrap_or_default(),
            instruments: last
                .instruments
                .iter()
                .map(|asked| format!("{}/{}", asked.id, asked.version))
                .collect(),
            languages: last.languages.clone(),
            closes: String::new(),
            cuts: last
                .cuts
                .iter()
                .map(|cut| DraftCut {
                    id: cut.id.clone(),
                    title: cut.title.clone(),
                    options: cut.options.join("\n"),
                })
                .collect(),
            min_group: last.policy.min_group.to_string(),
            min_comments: last.policy.min_comments.to_string(),
            seal: last.seal.is_some(),
            by: by.to_owned(),
            origin: origin.to_owned(),
            path: path.to_owned(),
            invitation: last.invitation,
        }
    }

    /// An id that no question has yet.
    #[must_use]
    pub fn free_cut_id(&self) -> Option<String> {
        let taken = |id: &String| self.cuts.iter().any(|cut| cut.id == *id);
        let free = (1..=MAX_CUTS + 1).map(|n| format!("q{n}")).find(|id| !taken(id));
        free.filter(|_| self.cuts.len() < MAX_CUTS)
    }

    /// Every fault, in the order of the form. `closes` is the end of the typed day.
    #[must_use]
    pub fn problems(&self, now: i64, closes: Option<i64>) -> Vec<Problem> {
        let mut problems = Vec::new();
        problems.extend(Problem::of_shown("cohort-title", &self.title, MAX_TITLE_CHARS));
        if self.instruments.is_empty() {
            problems.push(Problem::new("cohort-instruments", "field.choose", 1));
        }
        problems.extend(Problem::of_shown("cohort-wave", &self.wave, MAX_WAVE_CHARS));
        if !self.instruments.is_empty() && self.languages.is_empty() {
            problems.push(Problem::new("cohort-languages", "field.choose", 1));
        }
        if !self.closes.is_empty() && closes.is_none_or(|closes| closes <= now) {
            problems.push(Problem::new("cohort-closes", "field.past", 0));
        }
        for cut in &self.cuts {
            let (title, list) =
                (format!("cut-{}-title", cut.id), format!("cut-{}-options", cut.id));
            problems.extend(Problem::of_shown(&title, &cut.title, MAX_CUT_TITLE_CHARS));
            let options = cut.options();
            if options.len() < 2 {
                problems.push(Problem::new(&list, "field.few_options", 2));
            } else if options.len() > MAX_CUT_OPTIONS {
                problems.push(Problem::new(&list, "field.many_options", MAX_CUT_OPTIONS));
            } else {
                let mut faults = options
                    .iter()
                    .filter_map(|option| Problem::of_shown(&list, option, MAX_CUT_OPTION_CHARS));
                problems.extend(faults.next());
            }
        }
        for (field, typed) in
            [("cohort-min-group", &self.min_group), ("cohort-min-comments", &self.min_comments)]
        {
            if number(typed).is_none() {
                problems.push(Problem::new(field, "field.minimum", MIN_GROUP_FLOOR as usize));
            }
        }
        if self.by == "message" && !is_origin(self.origin.trim()) {
            problems.push(Problem::new("cohort-origin", "field.origin", 0));
        }
        if self.by == "drop" && !is_folder(self.path.trim()) {
            problems.push(Problem::new("cohort-path", "field.folder", 0));
        }
        problems
    }

    /// What the link says. A draft with problems makes claims that no link is made of; they only
    /// show how long it would be.
    #[must_use]
    pub fn claims(&self, settled: Settled) -> LinkClaims {
        let policy = Policy::default();
        LinkClaims {
            iat: settled.iat,
            id: settled.id,
            title: self.title.trim().to_owned(),
            coach: settled.coach,
            wave: self.wave.trim().to_owned(),
            nonce: settled.nonce,
            instruments: settled.instruments,
            languages: self.languages.clone(),
            closes: settled.closes,
            cuts: self
                .cuts
                .iter()
                .map(|cut| LinkCut {
                    id: cut.id.clone(),
                    title: cut.title.trim().to_owned(),
                    options: cut.options(),
                })
                .collect(),
            policy: Policy {
                min_group: number(&self.min_group).unwrap_or(policy.min_group),
                min_comments: number(&self.min_comments).unwrap_or(policy.min_comments),
            },
            seal: self.seal.then_some(settled.seal),
            delivery: match self.by.as_str() {
                "message" => Delivery::Message { origin: self.origin.trim().to_owned() },
                "drop" => Delivery::Drop { path: self.path.trim().to_owned() },
                _ => Delivery::File,
            },
            invitation: self.invitation,
        }
    }
}

fn number(typed: &str) -> Option<i64> {
    typed.trim().parse().ok().filter(|number| (MIN_GROUP_FLOOR..=1000).contains(number))
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "a failing test should stop at the line that failed")]
mod tests {
    use super::*;

    fn draft() -> Draft {
        Draft {
            title: "Leadership 2026".to_owned(),
            instruments: vec!["ops/1.0".to_owned()],
            languages: vec!["en".to_owned()],
            cuts: vec![DraftCut {
                id: "q1".to_owned(),
                title: "Where do you work?".to_owned(),
                options: "North\n\n  South \n".to_owned(),
            }],
            ..Draft::default()
        }
    }

    fn settled() -> Settled {
        Settled {
            iat: 1_800_000_000,
            id: "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
            nonce: "AQEBAQEBAQEBAQEBAQEBAQ".to_owned(),
            coach: "A coach".to_owned(),
            instruments: vec![Asked {
                id: "ops".to_owned(),
                version: "1.0".to_owned(),
                sha256: [0; 32],
            }],
            closes: None,
            seal: [9; 32],
        }
    }

    fn check(change: impl Fn(&mut Draft), expected: &[(&str, &str)]) {
        let mut changed = draft();
        change(&mut changed);
        let problems = changed.problems(1_800_000_000, Some(1_700_000_000));
        let found: Vec<_> = problems.iter().map(|p| (p.field.as_str(), p.key)).collect();
        assert_eq!(found, expected);
        // What passes here passes the reader of links, and what does not is named by it, too.
        let closes_late = expected == [("cohort-closes", "field.past")];
        let makes_a_link = changed.claims(settled()).unsigned(&[7; 32]).is_ok();
        assert!(makes_a_link == expected.is_empty() || closes_late || changed.min_group == "2");
    }

    #[test]
    fn every_fault_is_named_at_its_field() {
        check(|_| (), &[]);
        check(|d| d.title = "  ".to_owned(), &[("cohort-title", "field.missing")]);
        check(|d| d.title = "x".repeat(81), &[("cohort-title", "field.too_long")]);
        check(|d| d.title = "a\u{202e}b".to_owned(), &[("cohort-title", "field.hidden")]);
        check(|d| d.wave.clear(), &[("cohort-wave", "field.missing")]);
        check(|d| d.languages.clear(), &[("cohort-languages", "field.choose")]);
        check(|d| d.closes = "2020-01-01".to_owned(), &[("cohort-closes", "field.past")]);
        check(|d| d.cuts[0].title.clear(), &[("cut-q1-title", "field.missing")]);
        check(
            |d| d.cuts[0].options = "One\n".to_owned(),
            &[("cut-q1-options", "field.few_options")],
        );
        check(
            |d| d.cuts[0].options = format!("One\n{}", "x".repeat(41)),
            &[("cut-q1-options", "field.too_long")],
        );
        check(|d| d.min_group = "2".to_owned(), &[("cohort-min-group", "field.minimum")]);
        check(|d| d.by = "message".to_owned(), &[("cohort-origin", "field.origin")]);
        check(
            |d| {
                d.by = "drop".to_owned();
                d.path = "../up/".to_owned();
            },
            &[("cohort-path", "field.folder")],
        );
    }

    #[test]
    fn another_wave_asks_the_same_and_counts_on() {
        let claims = draft().claims(settled());
        let next = Draft::next_wave(&claims);
        assert_eq!(next.wave, "2");
        assert_eq!(next.claims(settled()), LinkClaims { wave: "2".to_owned(), ..claims });
    }

    #[test]
    fn the_ids_of_questions_stay_free_of_one_another() {
        let mut draft = draft();
        assert_eq!(draft.free_cut_id().as_deref(), Some("q2"));
        let more =
            ["q3", "q4", "q5"].map(|id| DraftCut { id: id.to_owned(), ..draft.cuts[0].clone() });
        draft.cuts.extend(more);
        assert_eq!(draft.free_cut_id(), None);
    }
}
