//! The decision map: which number, watched by whom, leads to which decision; and who answers for which outcome.
//!
//! A number that nobody may act on is decoration. So every metric is asked for one owner, a threshold and a lever
//! that the owner may pull without asking; every outcome for one directly responsible person with the casting
//! vote, for what others owe them by when, and for a status that is yes or no.
//!
//! [`DecisionMap`] holds what was written down, [`flags`](DecisionMap::flags) says where it has a gap by the
//! declared [`RULES`], [`ratio`](DecisionMap::ratio) sets decisions against numbers, [`repairs`](DecisionMap::repairs)
//! ranks what to mend first, and [`to_csv`](DecisionMap::to_csv) and [`read_csv`] are its table.

mod content;
mod file;
mod flags;
mod repair;
mod sentence;
mod table;

pub use file::{FileFault, FileRead, read_file};
pub use flags::{Flag, RULES, Rule, Words};
pub use repair::{Ratio, RatioSays, Repair, Step};
pub use sentence::Sentence;
pub use table::{CellFault, MAX_CSV_BYTES, RowFault, TableFault, TableRead, read_csv};

/// Most metrics of a map.
pub const MAX_METRICS: usize = 200;
/// Most outcomes of a map.
pub const MAX_OUTCOMES: usize = 100;
/// Most things that others owe to one outcome.
pub const MAX_OWED: usize = 20;
/// Largest number of decisions of one metric in a quarter.
pub const MAX_DECISIONS: u32 = 9_999;
/// Longest title, in characters.
pub const MAX_TITLE_CHARS: usize = 120;

/// A decision map.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DecisionMap {
    /// What its owner calls it.
    pub title: String,
    /// The numbers that are tracked.
    pub metrics: Vec<Metric>,
    /// The outcomes that somebody answers for.
    pub outcomes: Vec<Outcome>,
}

/// A number that is tracked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metric {
    /// Its id, which never changes.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Who owns it.
    pub owner: String,
    /// Who owns it, too.
    pub second_owner: String,
    /// On which side of the amount somebody acts.
    pub when: When,
    /// A number, or for [`When::Happens`] a condition that is met or not.
    pub amount: String,
    /// What the owner does then.
    pub lever: String,
    /// Whether the owner may do it without asking.
    pub permission: Permission,
    /// Whom the owner has to ask.
    pub ask: String,
    /// How many decisions were made because of it in the last quarter.
    pub decisions: Option<u32>,
}

/// An outcome that somebody answers for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Its id, which never changes.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Who answers for it.
    pub owner: String,
    /// Who answers for it, too.
    pub second_owner: String,
    /// Whether whoever answers for it has the last word.
    pub casting_vote: YesNo,
    /// Whether it is on track.
    pub on_track: YesNo,
    /// What others owe to it.
    pub owed: Vec<Owed>,
}

/// Something that others owe to an outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owed {
    /// Its id, which never changes.
    pub id: String,
    /// What is owed.
    pub name: String,
    /// Who owes it.
    pub owner: String,
    /// The last day, such as `2026-11-20`; empty if none was agreed.
    pub by: String,
    /// Whether it was delivered.
    pub delivered: bool,
}

/// A kind of choice among few, each with a stable code; empty means that nothing was said.
macro_rules! choice {
    ($(#[$about:meta])* $name:ident { $($(#[$case_about:meta])* $case:ident => $code:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub enum $name {
            /// Nothing was said.
            #[default]
            NotStated,
            $($(#[$case_about])* $case),+
        }

        impl $name {
            /// What may be said, each with its code.
            pub const SAID: &[(&str, $name)] = &[$(($code, $name::$case)),+];

            /// Stable code; empty if nothing was said.
            #[must_use]
            pub fn code(self) -> &'static str {
                Self::SAID.iter().find(|(_, case)| *case == self).map_or("", |(code, _)| code)
            }

            /// The case with a code.
            #[must_use]
            pub fn of_code(code: &str) -> Option<Self> {
                let said = Self::SAID.iter().find(|(known, _)| *known == code);
                said.map(|(_, case)| *case).or_else(|| code.is_empty().then_some($name::NotStated))
            }
        }
    };
}

choice! {
    /// On which side of its amount a metric calls for somebody to act.
    When {
        /// The number is above the amount.
        Above => "above",
        /// The number is below the amount.
        Below => "below",
        /// A condition is met, yes or no.
        Happens => "happens",
    }
}

choice! {
    /// Whether the owner may pull the lever without asking.
    Permission {
        /// Yes, it was agreed beforehand.
        Given => "given",
        /// No, somebody has to be asked.
        Needed => "needed",
    }
}

choice! {
    /// An answer that is yes or no, or missing.
    YesNo {
        /// Yes.
        Yes => "yes",
        /// No.
        No => "no",
    }
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A [`Metric`].
    Metric,
    /// An [`Outcome`].
    Outcome,
    /// Something [`Owed`].
    Owed,
}

impl Kind {
    /// Stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Kind::Metric => "metric",
            Kind::Outcome => "outcome",
            Kind::Owed => "owed",
        }
    }

    /// The fields of such an entry, in the order in which they are asked for.
    #[must_use]
    pub fn fields(self) -> &'static [Field] {
        use Field::{
            Amount, Ask, By, CastingVote, Decisions, Delivered, Lever, Name, OnTrack, Owner,
            Permission, SecondOwner, When,
        };
        match self {
            Kind::Metric => {
                &[Name, Owner, SecondOwner, When, Amount, Lever, Permission, Ask, Decisions]
            }
            Kind::Outcome => &[Name, Owner, SecondOwner, CastingVote, OnTrack],
            Kind::Owed => &[Name, Owner, By, Delivered],
        }
    }
}

/// A field of an entry: a cell of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// What it is called; what is owed.
    Name,
    /// Who owns it, answers for it, owes it.
    Owner,
    /// Who does so, too.
    SecondOwner,
    /// See [`When`].
    When,
    /// The number or condition of the threshold.
    Amount,
    /// What the owner does.
    Lever,
    /// See [`Permission`].
    Permission,
    /// Whom the owner has to ask.
    Ask,
    /// Decisions in the last quarter.
    Decisions,
    /// Whether the owner has the last word.
    CastingVote,
    /// Whether the outcome is on track.
    OnTrack,
    /// The last day.
    By,
    /// Whether it was delivered.
    Delivered,
}

impl Field {
    /// All of them, in the order of the table's columns.
    pub const ALL: [Field; 13] = [
        Field::Name,
        Field::Owner,
        Field::SecondOwner,
        Field::When,
        Field::Amount,
        Field::Lever,
        Field::Permission,
        Field::Ask,
        Field::Decisions,
        Field::CastingVote,
        Field::OnTrack,
        Field::By,
        Field::Delivered,
    ];

    /// Its name in files.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Field::Name => "name",
            Field::Owner => "owner",
            Field::SecondOwner => "second_owner",
            Field::When => "when",
            Field::Amount => "amount",
            Field::Lever => "lever",
            Field::Permission => "permission",
            Field::Ask => "ask",
            Field::Decisions => "decisions",
            Field::CastingVote => "casting_vote",
            Field::OnTrack => "on_track",
            Field::By => "by",
            Field::Delivered => "delivered",
        }
    }

    /// Whether it takes any text, and not a number, a day or one of few words.
    #[must_use]
    pub fn is_free(self) -> bool {
        self.max_chars() > 10
    }

    /// Most characters of its text.
    #[must_use]
    pub fn max_chars(self) -> usize {
        match self {
            Field::Name | Field::Amount => 200,
            Field::Owner | Field::SecondOwner | Field::Ask => 80,
            Field::Lever => 400,
            _ => 10,
        }
    }
}

/// One of a map's entries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Entry<'a> {
    /// A metric.
    Metric(&'a Metric),
    /// An outcome.
    Outcome(&'a Outcome),
    /// Something owed, and the outcome it is owed to.
    Owed(&'a Owed, &'a Outcome),
}

impl<'a> Entry<'a> {
    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Entry::Metric(_) => Kind::Metric,
            Entry::Outcome(_) => Kind::Outcome,
            Entry::Owed(..) => Kind::Owed,
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(self) -> &'a str {
        match self {
            Entry::Metric(metric) => &metric.id,
            Entry::Outcome(outcome) => &outcome.id,
            Entry::Owed(owed, _) => &owed.id,
        }
    }

    /// Whether nothing was said of it yet.
    #[must_use]
    pub fn is_blank(self) -> bool {
        let id = self.id().to_owned();
        match self {
            Entry::Metric(metric) => *metric == Metric { id, ..Metric::default() },
            Entry::Outcome(outcome) => *outcome == Outcome { id, ..Outcome::default() },
            Entry::Owed(owed, _) => *owed == Owed { id, ..Owed::default() },
        }
    }

    /// A field as text, empty where it has none.
    #[must_use]
    pub fn get(self, field: Field) -> String {
        let text = match (self, field) {
            (Entry::Metric(metric), Field::Decisions) => {
                return metric.decisions.map(|n| n.to_string()).unwrap_or_default();
            }
            (Entry::Metric(metric), Field::Name) => &metric.name,
            (Entry::Metric(metric), Field::Owner) => &metric.owner,
            (Entry::Metric(metric), Field::SecondOwner) => &metric.second_owner,
            (Entry::Metric(metric), Field::When) => metric.when.code(),
            (Entry::Metric(metric), Field::Amount) => &metric.amount,
            (Entry::Metric(metric), Field::Lever) => &metric.lever,
            (Entry::Metric(metric), Field::Permission) => metric.permission.code(),
            (Entry::Metric(metric), Field::Ask) => &metric.ask,
            (Entry::Outcome(outcome), Field::Name) => &outcome.name,
            (Entry::Outcome(outcome), Field::Owner) => &outcome.owner,
            (Entry::Outcome(outcome), Field::SecondOwner) => &outcome.second_owner,
            (Entry::Outcome(outcome), Field::CastingVote) => outcome.casting_vote.code(),
            (Entry::Outcome(outcome), Field::OnTrack) => outcome.on_track.code(),
            (Entry::Owed(owed, _), Field::Name) => &owed.name,
            (Entry::Owed(owed, _), Field::Owner) => &owed.owner,
            (Entry::Owed(owed, _), Field::By) => &owed.by,
            (Entry::Owed(owed, _), Field::Delivered) => match owed.delivered {
                true => "yes",
                false => "no",
            },
            _ => "",
        };
        text.to_owned()
    }
}

/// Something that happens to a map. New entries come with their id, because ids are random.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It is called otherwise.
    Title(String),
    /// A metric is added.
    AddMetric {
        /// Its id.
        id: String,
    },
    /// An outcome is added.
    AddOutcome {
        /// Its id.
        id: String,
    },
    /// Something owed is added.
    AddOwed {
        /// To which outcome.
        outcome: String,
        /// Its id.
        id: String,
    },
    /// A field is filled in.
    Set {
        /// Of which entry.
        id: String,
        /// Which.
        field: Field,
        /// What it says now, as typed.
        value: String,
    },
    /// An entry is removed, with whatever is owed to it.
    Remove {
        /// Which.
        id: String,
    },
    /// The entries of another map are added.
    Add(DecisionMap),
    /// Another map takes its place.
    Replace(DecisionMap),
}

impl DecisionMap {
    /// Lets something happen. What cannot be (an entry that is gone, one too many, a text that fits no field) changes
    /// nothing.
    pub fn apply(&mut self, event: Event) {
        match event {
            Event::Title(title) => self.title = content::typed(&title, MAX_TITLE_CHARS),
            Event::AddMetric { id } => self.add(Metric { id, ..Metric::default() }),
            Event::AddOutcome { id } => self.add_outcome(Outcome { id, ..Outcome::default() }),
            Event::AddOwed { outcome, id } => {
                let to = self.outcomes.iter_mut().find(|known| known.id == outcome);
                if let Some(outcome) = to.filter(|outcome| outcome.owed.len() < MAX_OWED) {
                    outcome.owed.push(Owed { id, ..Owed::default() });
                }
            }
            Event::Set { id, field, value } => {
                let value = content::typed(&value, field.max_chars());
                if let Some(mut entry) = self.entry_mut(&id) {
                    // A text that the field does not take stays in the form, where it is seen.
                    let _ = entry.set(field, &value);
                }
            }
            Event::Remove { id } => {
                self.metrics.retain(|metric| metric.id != id);
                self.outcomes.retain(|outcome| outcome.id != id);
                for outcome in &mut self.outcomes {
                    outcome.owed.retain(|owed| owed.id != id);
                }
            }
            Event::Add(other) => {
                if self.title.is_empty() {
                    self.title = other.title;
                }
                other.metrics.into_iter().for_each(|metric| self.add(metric));
                other.outcomes.into_iter().for_each(|outcome| self.add_outcome(outcome));
            }
            Event::Replace(other) => *self = other,
        }
    }

    fn add(&mut self, metric: Metric) {
        if self.metrics.len() < MAX_METRICS {
            self.metrics.push(metric);
        }
    }

    fn add_outcome(&mut self, outcome: Outcome) {
        if self.outcomes.len() < MAX_OUTCOMES {
            self.outcomes.push(outcome);
        }
    }

    /// Whether another map's entries fit beside these.
    #[must_use]
    pub fn has_room_for(&self, other: &DecisionMap) -> bool {
        self.metrics.len() + other.metrics.len() <= MAX_METRICS
            && self.outcomes.len() + other.outcomes.len() <= MAX_OUTCOMES
    }

    /// The same entries under other ids, so that they can stand beside these.
    #[must_use]
    pub fn renewed(mut self, mut new_id: impl FnMut() -> String) -> Self {
        let metrics = self.metrics.iter_mut().map(|metric| &mut metric.id);
        let outcomes = self.outcomes.iter_mut().flat_map(|outcome| {
            [&mut outcome.id].into_iter().chain(outcome.owed.iter_mut().map(|owed| &mut owed.id))
        });
        metrics.chain(outcomes).for_each(|id| *id = new_id());
        self
    }

    /// Whether nothing has been written down.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.metrics.is_empty() && self.outcomes.is_empty()
    }

    /// What the texts of a flag name: places to be filled, and what stands in the map.
    #[must_use]
    pub fn facts(&self, flag: &Flag<'_>) -> Vec<(&'static str, String)> {
        let Some(entry) = self.entry(flag.id) else { return Vec::new() };
        let owners = [Field::Owner, Field::SecondOwner].map(|field| entry.get(field));
        let owners: Vec<&str> =
            owners.iter().map(|owner| owner.trim()).filter(|owner| !owner.is_empty()).collect();
        vec![
            ("owner", owners.join(" · ")),
            ("name", entry.get(Field::Name)),
            ("amount", entry.get(Field::Amount)),
            ("ask", entry.get(Field::Ask)),
            ("by", entry.get(Field::By)),
        ]
    }

    /// All entries: metrics, then outcomes, each followed by what is owed to it.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let outcomes = self.outcomes.iter().flat_map(|outcome| {
            let owed = outcome.owed.iter().map(move |owed| Entry::Owed(owed, outcome));
            [Entry::Outcome(outcome)].into_iter().chain(owed)
        });
        self.metrics.iter().map(Entry::Metric).chain(outcomes)
    }

    /// The entry with an id.
    #[must_use]
    pub fn entry(&self, id: &str) -> Option<Entry<'_>> {
        self.entries().find(|entry| entry.id() == id)
    }

    fn entry_mut(&mut self, id: &str) -> Option<content::EntryMut<'_>> {
        use content::EntryMut;
        if let Some(metric) = self.metrics.iter_mut().find(|metric| metric.id == id) {
            return Some(EntryMut::Metric(metric));
        }
        for outcome in &mut self.outcomes {
            if outcome.id == id {
                return Some(EntryMut::Outcome(outcome));
            }
            if let Some(owed) = outcome.owed.iter_mut().find(|owed| owed.id == id) {
                return Some(EntryMut::Owed(owed));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn set(map: &mut DecisionMap, id: &str, field: Field, value: &str) {
        map.apply(Event::Set { id: id.to_owned(), field, value: value.to_owned() });
    }

    fn small() -> DecisionMap {
        let mut map = DecisionMap::default();
        map.apply(Event::AddMetric { id: "m".to_owned() });
        map.apply(Event::AddOutcome { id: "o".to_owned() });
        map.apply(Event::AddOwed { outcome: "o".to_owned(), id: "w".to_owned() });
        map
    }

    /// Each field takes what it is for, keeps what it had otherwise, and belongs to its kinds only.
    #[test]
    fn fields_take_what_they_are_for() {
        let cases = [
            ("m", Field::Name, "Churn", "Churn"),
            ("m", Field::Amount, "3\u{200b} %\r\n", "3 %"),
            ("m", Field::When, "above", "above"),
            ("m", Field::When, "beyond", "above"),
            ("m", Field::When, "", ""),
            ("m", Field::Permission, "needed", "needed"),
            ("m", Field::Decisions, "12", "12"),
            ("m", Field::Decisions, "-1", "12"),
            ("m", Field::Decisions, "10000", "12"),
            ("m", Field::Decisions, "", ""),
            ("m", Field::OnTrack, "yes", ""),
            ("o", Field::OnTrack, "no", "no"),
            ("o", Field::Lever, "x", ""),
            ("w", Field::By, "2028-02-29", "2028-02-29"),
            ("w", Field::By, "2027-02-29", "2028-02-29"),
            ("w", Field::Delivered, "yes", "yes"),
        ];
        let mut map = small();
        for (id, field, value, expected) in cases {
            set(&mut map, id, field, value);
            assert_eq!(map.entry(id).unwrap().get(field), expected, "{id} {field:?} {value}");
        }
        set(&mut map, "m", Field::Owner, &"é".repeat(100));
        assert_eq!(map.metrics[0].owner.chars().count(), 80, "a text is cut at its limit");
    }

    #[test]
    fn what_cannot_be_changes_nothing() {
        let mut map = small();
        let before = map.clone();
        set(&mut map, "gone", Field::Name, "x");
        map.apply(Event::Remove { id: "gone".to_owned() });
        map.apply(Event::AddOwed { outcome: "gone".to_owned(), id: "x".to_owned() });
        assert_eq!(map, before);
        for n in 0..MAX_OWED + 5 {
            map.apply(Event::AddOwed { outcome: "o".to_owned(), id: n.to_string() });
        }
        assert_eq!(map.outcomes[0].owed.len(), MAX_OWED);
        for n in 0..MAX_METRICS + 5 {
            map.apply(Event::AddMetric { id: format!("m{n}") });
        }
        assert_eq!(map.metrics.len(), MAX_METRICS);
        assert!(!map.has_room_for(&before));
        map.apply(Event::Remove { id: "o".to_owned() });
        assert!(map.entry("w").is_none(), "what is owed goes with its outcome");
    }

    #[test]
    fn an_entry_is_blank_until_something_is_said_of_it() {
        let is_blank = |map: &DecisionMap, id: &str| map.entry(id).unwrap().is_blank();
        let mut map = small();
        assert!(is_blank(&map, "m") && is_blank(&map, "w"));
        assert!(!is_blank(&map, "o"), "something is owed to it");
        set(&mut map, "m", Field::Decisions, "0");
        set(&mut map, "w", Field::Delivered, "yes");
        assert!(!is_blank(&map, "m") && !is_blank(&map, "w"));
        map.apply(Event::Remove { id: "w".to_owned() });
        assert!(is_blank(&map, "o"));
    }

    #[test]
    fn a_map_can_stand_beside_itself() {
        let mut map = small();
        let mut n = 0;
        let other = map.clone().renewed(|| {
            n += 1;
            format!("new {n}")
        });
        map.apply(Event::Add(other));
        let ids: Vec<&str> = map.entries().map(Entry::id).collect();
        assert_eq!(ids, ["m", "new 1", "o", "w", "new 2", "new 3"]);
    }

    /// Some map that the events can make, with awkward texts.
    pub(super) fn any_map() -> impl Strategy<Value = DecisionMap> {
        let text = "[ a-zé'=+@,;\"|\n0-9-]{0,12}";
        let choice = 0..3_usize;
        let metric = (vec(text, 6), choice.clone(), choice.clone(), prop::option::of(0..20_u32));
        let owed = (vec(text, 2), "|2026-0[1-9]-1[0-9]", any::<bool>());
        let outcome = (vec(text, 3), choice.clone(), choice, vec(owed, 0..3));
        let code = |codes: [&'static str; 3], idx: usize| codes[idx].to_owned();
        (text, vec(metric, 0..5), vec(outcome, 0..4)).prop_map(move |(title, metrics, outcomes)| {
            let mut map = DecisionMap::default();
            map.apply(Event::Title(title));
            let mut n = 0_u128;
            let mut id = move || {
                n += 1;
                crate::jose::base64url(&n.to_be_bytes())
            };
            for (texts, when, permission, decisions) in metrics {
                let new = id();
                map.apply(Event::AddMetric { id: new.clone() });
                let [name, owner, second, amount, lever, ask] = texts.try_into().unwrap();
                for (field, value) in [
                    (Field::Name, name),
                    (Field::Owner, owner),
                    (Field::SecondOwner, second),
                    (Field::Amount, amount),
                    (Field::Lever, lever),
                    (Field::Ask, ask),
                    (Field::When, code(["", "below", "happens"], when)),
                    (Field::Permission, code(["", "given", "needed"], permission)),
                    (Field::Decisions, decisions.map(|n| n.to_string()).unwrap_or_default()),
                ] {
                    set(&mut map, &new, field, &value);
                }
            }
            for (texts, vote, track, owed) in outcomes {
                let new = id();
                map.apply(Event::AddOutcome { id: new.clone() });
                let [name, owner, second] = texts.try_into().unwrap();
                for (field, value) in [
                    (Field::Name, name),
                    (Field::Owner, owner),
                    (Field::SecondOwner, second),
                    (Field::CastingVote, code(["", "yes", "no"], vote)),
                    (Field::OnTrack, code(["", "yes", "no"], track)),
                ] {
                    set(&mut map, &new, field, &value);
                }
                for (texts, by, delivered) in owed {
                    let promise = id();
                    map.apply(Event::AddOwed { outcome: new.clone(), id: promise.clone() });
                    let [name, owner] = texts.try_into().unwrap();
                    for (field, value) in [
                        (Field::Name, name),
                        (Field::Owner, owner),
                        (Field::By, by),
                        (Field::Delivered, if delivered { "yes" } else { "no" }.to_owned()),
                    ] {
                        set(&mut map, &promise, field, &value);
                    }
                }
            }
            map
        })
    }
}
