//! Where a map has a gap: declared rules, each with the cell that it looks at.

use super::{DecisionMap, Entry, Field, Kind, Metric, Outcome, Owed, Permission, When, YesNo};
use std::collections::BTreeSet;

/// Words of one language that the rules look for. They are texts of the interface, so that a translation brings its
/// own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// Words that name more than one person, such as "everyone" or "team".
    groups: BTreeSet<String>,
    /// What people write where there is nothing, such as "none" or "n/a".
    nothing: BTreeSet<String>,
    /// Words that join two names, such as "and".
    joining: BTreeSet<String>,
}

impl Words {
    /// Words as they stand in a catalogue, separated by commas.
    #[must_use]
    pub fn new(groups: &str, nothing: &str, joining: &str) -> Self {
        let listed = |texts: &str| texts.split(',').map(|text| words(text).join(" ")).collect();
        Words { groups: listed(groups), nothing: listed(nothing), joining: listed(joining) }
    }

    /// Whether a text says nothing.
    fn is_nothing(&self, text: &str) -> bool {
        let said = words(text).join(" ");
        said.is_empty() || self.nothing.contains(&said)
    }

    /// Who is named in a text: names are apart where a joining word, `&`, `/`, `,`, `;`, `+` or a line's end stands.
    fn named(&self, text: &str) -> Vec<Vec<String>> {
        if self.is_nothing(text) {
            return Vec::new();
        }
        let parts = text.split(['&', '/', ',', ';', '+', '\n']).flat_map(|part| {
            let words = words(part);
            let names = words.split(|word| self.joining.contains(word)).map(<[String]>::to_vec);
            names.collect::<Vec<_>>()
        });
        parts.filter(|name| !name.is_empty() && !self.nothing.contains(&name.join(" "))).collect()
    }

    fn owners(&self, owner: &str, second: &str) -> Owners {
        let mut named: Vec<Vec<String>> = Vec::new();
        for name in self.named(owner).into_iter().chain(self.named(second)) {
            if !named.contains(&name) {
                named.push(name);
            }
        }
        let is_group = |name: &Vec<String>| name.iter().all(|word| self.groups.contains(word));
        match named.len() {
            0 => Owners::None,
            _ if named.iter().all(is_group) => Owners::Group,
            1 => Owners::One,
            _ => Owners::Several,
        }
    }
}

/// The words of a text in lower case.
fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// How many people own something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owners {
    None,
    /// Whoever is named is a group.
    Group,
    One,
    Several,
}

/// Whether a text is an amount: a number with what may stand around it (a sign, a currency, a unit), and no second
/// number. Its size is never computed with, so it is not asked which of `.` and `,` parts decimals.
fn is_amount(text: &str) -> bool {
    let unsigned = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let n_capitals = unsigned.chars().take_while(char::is_ascii_uppercase).count();
    // A currency's code (ISO 4217) before its amount.
    let number = match unsigned.get(3..) {
        Some(rest) if n_capitals == 3 => rest.trim_start_matches(|c: char| !c.is_alphanumeric()),
        _ => unsigned,
    };
    let mut characters = number.chars().peekable();
    if !characters.next().is_some_and(char::is_numeric) {
        return false;
    }
    while let Some(c) = characters.next() {
        let separates = matches!(c, '.' | ',' | '\'' | '\u{2019}' | ' ' | '\u{a0}' | '\u{202f}');
        let goes_on = characters.peek().is_some_and(|next| next.is_numeric());
        if !(c.is_numeric() || separates && goes_on) {
            return !characters.any(char::is_numeric);
        }
    }
    true
}

/// What rules look at besides the entry.
struct Case<'a> {
    words: &'a Words,
    today: &'a str,
}

/// When a rule fires, and at which cell.
#[derive(Debug, Clone, Copy)]
enum Fires {
    Metric(fn(&Metric, &Case<'_>) -> Option<Field>),
    Outcome(fn(&Outcome, &Case<'_>) -> Option<Field>),
    Owed(fn(&Owed, &Case<'_>) -> Option<Field>),
}

/// A declared rule.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Stable code, part of the keys of its texts: what it means, what to do, and when it fires.
    pub code: &'static str,
    fires: Fires,
}

impl Rule {
    /// Which entries it looks at.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.fires {
            Fires::Metric(_) => Kind::Metric,
            Fires::Outcome(_) => Kind::Outcome,
            Fires::Owed(_) => Kind::Owed,
        }
    }

    fn fires(&self, entry: Entry<'_>, case: &Case<'_>) -> Option<Field> {
        match (self.fires, entry) {
            (Fires::Metric(fires), Entry::Metric(metric)) => fires(metric, case),
            (Fires::Outcome(fires), Entry::Outcome(outcome)) => fires(outcome, case),
            (Fires::Owed(fires), Entry::Owed(owed, _)) => fires(owed, case),
            _ => None,
        }
    }
}

/// A rule that fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag<'a> {
    /// The rule's code.
    pub code: &'static str,
    /// The kind of the entry.
    pub kind: Kind,
    /// The entry's id.
    pub id: &'a str,
    /// The cell that made it fire.
    pub field: Field,
}

/// All rules, in the order in which they are told.
pub const RULES: &[Rule] = &[
    Rule {
        code: "no_owner",
        fires: Fires::Metric(|m, c| at_owner(metric_owners(m, c), Owners::None)),
    },
    Rule {
        code: "everyone",
        fires: Fires::Metric(|m, c| at_owner(metric_owners(m, c), Owners::Group)),
    },
    Rule {
        code: "two_owners",
        fires: Fires::Metric(|m, c| at_owner(metric_owners(m, c), Owners::Several)),
    },
    Rule { code: "no_threshold", fires: Fires::Metric(no_threshold) },
    Rule { code: "threshold_not_a_number", fires: Fires::Metric(threshold_not_a_number) },
    Rule {
        code: "no_lever",
        fires: Fires::Metric(|m, c| c.words.is_nothing(&m.lever).then_some(Field::Lever)),
    },
    Rule {
        code: "needs_permission",
        fires: Fires::Metric(|m, c| {
            let fires = !c.words.is_nothing(&m.lever) && m.permission == Permission::Needed;
            fires.then_some(Field::Permission)
        }),
    },
    Rule { code: "vanity", fires: Fires::Metric(vanity) },
    Rule {
        code: "nothing_decided",
        fires: Fires::Metric(|m, _| (m.decisions == Some(0)).then_some(Field::Decisions)),
    },
    Rule {
        code: "no_one_responsible",
        fires: Fires::Outcome(|o, c| at_owner(outcome_owners(o, c), Owners::None)),
    },
    Rule {
        code: "everyone_responsible",
        fires: Fires::Outcome(|o, c| at_owner(outcome_owners(o, c), Owners::Group)),
    },
    Rule {
        code: "two_responsible",
        fires: Fires::Outcome(|o, c| at_owner(outcome_owners(o, c), Owners::Several)),
    },
    Rule {
        code: "no_casting_vote",
        fires: Fires::Outcome(|o, _| (o.casting_vote != YesNo::Yes).then_some(Field::CastingVote)),
    },
    Rule {
        code: "status_unclear",
        fires: Fires::Outcome(|o, _| (o.on_track == YesNo::NotStated).then_some(Field::OnTrack)),
    },
    Rule {
        code: "owed_by_nobody",
        fires: Fires::Owed(|o, c| c.words.is_nothing(&o.owner).then_some(Field::Owner)),
    },
    Rule {
        code: "owed_without_date",
        fires: Fires::Owed(|o, _| (!o.delivered && o.by.is_empty()).then_some(Field::By)),
    },
    Rule {
        code: "owed_date_passed",
        fires: Fires::Owed(|o, c| {
            let fires = !o.delivered && !o.by.is_empty() && o.by.as_str() < c.today;
            fires.then_some(Field::By)
        }),
    },
];

fn metric_owners(metric: &Metric, case: &Case<'_>) -> Owners {
    case.words.owners(&metric.owner, &metric.second_owner)
}

fn outcome_owners(outcome: &Outcome, case: &Case<'_>) -> Owners {
    case.words.owners(&outcome.owner, &outcome.second_owner)
}

fn at_owner(found: Owners, fires_at: Owners) -> Option<Field> {
    (found == fires_at).then_some(Field::Owner)
}

fn no_threshold(metric: &Metric, case: &Case<'_>) -> Option<Field> {
    let first_missing = if metric.when == When::NotStated { Field::When } else { Field::Amount };
    case.words.is_nothing(&metric.amount).then_some(first_missing)
}

fn threshold_not_a_number(metric: &Metric, case: &Case<'_>) -> Option<Field> {
    if case.words.is_nothing(&metric.amount) {
        return None;
    }
    match metric.when {
        When::NotStated => Some(Field::When),
        When::Above | When::Below => (!is_amount(&metric.amount)).then_some(Field::Amount),
        When::Happens => None,
    }
}

/// Whether somebody can act on the number is: one owner, a lever, and leave to use it.
fn vanity(metric: &Metric, case: &Case<'_>) -> Option<Field> {
    if metric_owners(metric, case) != Owners::One {
        Some(Field::Owner)
    } else if case.words.is_nothing(&metric.lever) {
        Some(Field::Lever)
    } else {
        (metric.permission != Permission::Given).then_some(Field::Permission)
    }
}

impl<'a> Entry<'a> {
    /// The rules that fire for this entry. `today` is a day such as `2026-11-20`.
    pub fn flags<'b>(
        self,
        words: &'b Words,
        today: &'b str,
    ) -> impl Iterator<Item = Flag<'a>> + use<'a, 'b> {
        let case = Case { words, today };
        RULES.iter().filter_map(move |rule| {
            let field = rule.fires(self, &case)?;
            Some(Flag { code: rule.code, kind: self.kind(), id: self.id(), field })
        })
    }
}

impl DecisionMap {
    /// Every rule that fires, entry by entry. `today` is a day such as `2026-11-20`.
    #[must_use]
    pub fn flags(&self, words: &Words, today: &str) -> Vec<Flag<'_>> {
        self.entries().flat_map(|entry| entry.flags(words, today)).collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn english() -> Words {
        Words::new(
            "everyone, all, of, us, we, the, our, team, leadership, sales, marketing",
            "none, tbd, n/a, nobody",
            "and, with",
        )
    }

    const TODAY: &str = "2026-11-20";

    /// A metric that no rule has anything to say about.
    pub(crate) fn sound_metric() -> Metric {
        Metric {
            id: "m".to_owned(),
            name: "Churn".to_owned(),
            owner: "Ana Ruiz".to_owned(),
            when: When::Above,
            amount: "3 %".to_owned(),
            lever: "Pause the price change".to_owned(),
            permission: Permission::Given,
            decisions: Some(2),
            ..Metric::default()
        }
    }

    /// An outcome, and something owed to it, that no rule has anything to say about.
    pub(crate) fn sound_outcome() -> Outcome {
        Outcome {
            id: "o".to_owned(),
            name: "Launch".to_owned(),
            owner: "Ben Okafor".to_owned(),
            casting_vote: YesNo::Yes,
            on_track: YesNo::No,
            owed: vec![Owed {
                id: "w".to_owned(),
                name: "Specification".to_owned(),
                owner: "Engineering".to_owned(),
                by: TODAY.to_owned(),
                delivered: false,
            }],
            ..Outcome::default()
        }
    }

    fn flagged(map: &DecisionMap) -> Vec<(&'static str, Field)> {
        map.flags(&english(), TODAY).iter().map(|flag| (flag.code, flag.field)).collect()
    }

    /// Which rules fire for a metric whose fields say this, besides those of other fields.
    #[track_caller]
    fn metric(change: impl Fn(&mut Metric), expected: &[(&str, Field)]) {
        let mut metric = sound_metric();
        change(&mut metric);
        let map = DecisionMap { metrics: vec![metric.clone()], ..DecisionMap::default() };
        assert_eq!(flagged(&map), expected, "{metric:?}");
    }

    #[track_caller]
    fn owner(owner: &str, second: &str, code: Option<&str>) {
        let expected: Vec<_> = code.into_iter().chain(code.map(|_| "vanity")).collect();
        let expected: Vec<_> = expected.into_iter().map(|code| (code, Field::Owner)).collect();
        let change = |m: &mut Metric| (m.owner, m.second_owner) = (owner.into(), second.into());
        metric(change, &expected);
    }

    #[track_caller]
    fn threshold(when: When, amount: &str, expected: Option<(&str, Field)>) {
        let change = |m: &mut Metric| (m.when, m.amount) = (when, amount.to_owned());
        metric(change, expected.as_slice());
    }

    #[track_caller]
    fn lever(lever: &str, permission: Permission, expected: &[(&str, Field)]) {
        metric(|m| (m.lever, m.permission) = (lever.to_owned(), permission), expected);
    }

    #[test]
    fn one_person_owns_a_number() {
        for one in [
            "Ana",
            "Ana Ruiz",
            "Head of the sales team",
            "Team lead",
            "We Chen",
            "Sandy Andrews",
            "Ana/ana",
        ] {
            owner(one, "", None);
        }
        owner("", "Ana", None);
        owner("Ana Ruiz", "ana  ruiz", None);
        owner("Ana and nobody", "TBD", None);
        for nobody in ["", " ", "-", "?", "TBD", "n/a", "N/A.", "None"] {
            owner(nobody, "", Some("no_owner"));
        }
        for group in [
            "Everyone",
            "everyone!",
            "We all",
            "All of us",
            "the Leadership Team",
            "TEAM",
            "Sales & Marketing",
        ] {
            owner(group, "", Some("everyone"));
        }
        for two in [
            "Ana and Ben",
            "Ana & Ben",
            "Ana/Ben",
            "Ana, Ben",
            "Ana; Ben",
            "Ana + Ben",
            "Ana\nBen",
            "Ana WITH Ben",
            "Ana and the team",
        ] {
            owner(two, "", Some("two_owners"));
        }
        owner("Ana", "Ben", Some("two_owners"));
        owner("Everyone", "Ben", Some("two_owners"));
    }

    #[test]
    fn a_threshold_is_a_number_or_a_condition() {
        for amount in [
            "3",
            "3%",
            "-5",
            "+ 2,5",
            "$500",
            "€ 2.5 m",
            "CHF 1'000",
            "1 000 000 units",
            "10k",
            "١٢",
            "5 days late",
        ] {
            threshold(When::Above, amount, None);
            threshold(When::Below, amount, None);
        }
        for text in
            ["soon", "around 5", "3 to 5", "5–10 %", "too high", "ABCD 5", "ca 5", "2026-11-20"]
        {
            threshold(When::Above, text, Some(("threshold_not_a_number", Field::Amount)));
            threshold(When::NotStated, text, Some(("threshold_not_a_number", Field::When)));
            threshold(When::Happens, text, None);
        }
        threshold(When::NotStated, "3", Some(("threshold_not_a_number", Field::When)));
        for nothing in ["", " ", "tbd", "?"] {
            threshold(When::NotStated, nothing, Some(("no_threshold", Field::When)));
            threshold(When::Above, nothing, Some(("no_threshold", Field::Amount)));
            threshold(When::Happens, nothing, Some(("no_threshold", Field::Amount)));
        }
    }

    #[test]
    fn a_number_without_authority_is_for_show() {
        lever("Pause", Permission::Given, &[]);
        lever(
            "Pause",
            Permission::Needed,
            &[("needs_permission", Field::Permission), ("vanity", Field::Permission)],
        );
        lever("Pause", Permission::NotStated, &[("vanity", Field::Permission)]);
        lever("none", Permission::Given, &[("no_lever", Field::Lever), ("vanity", Field::Lever)]);
        lever("", Permission::Needed, &[("no_lever", Field::Lever), ("vanity", Field::Lever)]);
    }

    #[test]
    fn a_number_leads_to_decisions() {
        metric(|m| m.decisions = Some(0), &[("nothing_decided", Field::Decisions)]);
        metric(|m| m.decisions = Some(1), &[]);
        metric(|m| m.decisions = None, &[]);
    }

    #[track_caller]
    fn outcome(change: impl Fn(&mut Outcome), expected: &[(&str, Field)]) {
        let mut outcome = sound_outcome();
        change(&mut outcome);
        let map = DecisionMap { outcomes: vec![outcome.clone()], ..DecisionMap::default() };
        assert_eq!(flagged(&map), expected, "{outcome:?}");
    }

    #[test]
    fn one_person_answers_for_an_outcome() {
        outcome(|_| (), &[]);
        outcome(|o| o.owner.clear(), &[("no_one_responsible", Field::Owner)]);
        outcome(|o| o.owner = "The team".into(), &[("everyone_responsible", Field::Owner)]);
        outcome(|o| o.owner = "CTO and COO".into(), &[("two_responsible", Field::Owner)]);
        outcome(|o| o.second_owner = "COO".into(), &[("two_responsible", Field::Owner)]);
        for vote in [YesNo::No, YesNo::NotStated] {
            outcome(|o| o.casting_vote = vote, &[("no_casting_vote", Field::CastingVote)]);
        }
        outcome(|o| o.on_track = YesNo::NotStated, &[("status_unclear", Field::OnTrack)]);
        outcome(|o| o.on_track = YesNo::Yes, &[]);
    }

    #[test]
    fn what_is_owed_has_a_name_and_a_day() {
        outcome(|o| o.owed[0].owner = "?".into(), &[("owed_by_nobody", Field::Owner)]);
        outcome(|o| o.owed[0].by.clear(), &[("owed_without_date", Field::By)]);
        outcome(|o| o.owed[0].by = "2026-11-19".into(), &[("owed_date_passed", Field::By)]);
        outcome(|o| o.owed[0].by = "2026-11-21".into(), &[]);
        for by in ["", "2026-11-19"] {
            outcome(|o| (o.owed[0].by, o.owed[0].delivered) = (by.into(), true), &[]);
        }
    }

    /// The two scenes that the rules were made for: numbers that everybody argues about, and two who lead together.
    #[test]
    fn known_scenes_come_out() {
        metric(
            |m| {
                *m = Metric {
                    owner: "Sales, Marketing".into(),
                    when: When::Below,
                    ..Metric::default()
                }
            },
            &[
                ("everyone", Field::Owner),
                ("no_threshold", Field::Amount),
                ("no_lever", Field::Lever),
                ("vanity", Field::Owner),
            ],
        );
        outcome(
            |o| (o.owner, o.second_owner, o.casting_vote) = ("CTO".into(), "COO".into(), YesNo::No),
            &[("two_responsible", Field::Owner), ("no_casting_vote", Field::CastingVote)],
        );
    }

    #[test]
    fn codes_are_told_apart() {
        let codes: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).collect();
        assert_eq!(codes.len(), RULES.len());
    }
}
