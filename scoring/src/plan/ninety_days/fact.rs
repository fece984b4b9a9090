//! What the rules of the 90-day test may speak about, and how sure it is.

use num_rational::Rational64;
use std::collections::BTreeMap;

/// Something that a plan says once it is kept, as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// Weeks of the twelve with a whole check-in.
    WeeksChecked,
    /// Of these, weeks that were filled in after their end.
    WeeksLate,
    /// Behaviours that changed, by the declared rule.
    BehavioursChanged,
    /// Indicators that moved as wanted, by the declared rule.
    IndicatorsMoved,
    /// Behaviours that the team sees, by the declared rule.
    TeamSees,
    /// Behaviours of which the team does its part, by the declared rule.
    TeamDoes,
    /// Share of the checked weeks from week 5 on in which the mechanism ran, in percent.
    MechanismRan,
    /// People of the team who were asked.
    TeamAsked,
    /// 1 if somebody else than the leader asked the team.
    AskedByOther,
    /// Behaviours that held under pressure, by the leader's own word.
    UnderPressure,
    /// 1 if the mechanism ran without a push, by the leader's own word.
    RunsAlone,
    /// 1 if the team named what is unclear: who decides.
    NamedDecisions,
    /// 1 if the team named what is missing: a regular moment for it.
    NamedCadence,
    /// 1 if the team named what is missing: a number that anybody acts on.
    NamedMeasures,
    /// 1 if the team named what pulls back: the old way is what is rewarded.
    NamedRewards,
    /// 1 if the team named what is missing: one owner.
    NamedOwners,
    /// How often one behaviour showed in weeks 1–4, from 0 (never) to 100 (always).
    Early,
    /// How often one behaviour showed in weeks 9–12, from 0 (never) to 100 (always).
    Late,
    /// [`Fact::Late`] minus [`Fact::Early`].
    Rise,
    /// Share of those asked who see one behaviour, in percent.
    Sees,
    /// Share of those asked who say that the team does its part of one behaviour, in percent.
    Does,
    /// Share of weeks 9–12 in which one indicator was better than at the start, in percent.
    Better,
}

/// What a fact is one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// A plan.
    Plan,
    /// One behaviour of a plan.
    Behaviour,
    /// One indicator of a plan.
    Indicator,
}

/// Largest number of people who can have been asked.
pub const MAX_ASKED: i64 = 500;

impl Fact {
    /// Every fact.
    pub const ALL: [Fact; 22] = [
        Fact::WeeksChecked,
        Fact::WeeksLate,
        Fact::BehavioursChanged,
        Fact::IndicatorsMoved,
        Fact::TeamSees,
        Fact::TeamDoes,
        Fact::MechanismRan,
        Fact::TeamAsked,
        Fact::AskedByOther,
        Fact::UnderPressure,
        Fact::RunsAlone,
        Fact::NamedDecisions,
        Fact::NamedCadence,
        Fact::NamedMeasures,
        Fact::NamedRewards,
        Fact::NamedOwners,
        Fact::Early,
        Fact::Late,
        Fact::Rise,
        Fact::Sees,
        Fact::Does,
        Fact::Better,
    ];

    /// Its name in rules, and the key of its texts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Fact::WeeksChecked => "weeks_checked",
            Fact::WeeksLate => "weeks_late",
            Fact::BehavioursChanged => "behaviours_changed",
            Fact::IndicatorsMoved => "indicators_moved",
            Fact::TeamSees => "team_sees",
            Fact::TeamDoes => "team_does",
            Fact::MechanismRan => "mechanism_ran",
            Fact::TeamAsked => "team_asked",
            Fact::AskedByOther => "asked_by_other",
            Fact::UnderPressure => "under_pressure",
            Fact::RunsAlone => "runs_alone",
            Fact::NamedDecisions => "named_decisions",
            Fact::NamedCadence => "named_cadence",
            Fact::NamedMeasures => "named_measures",
            Fact::NamedRewards => "named_rewards",
            Fact::NamedOwners => "named_owners",
            Fact::Early => "early",
            Fact::Late => "late",
            Fact::Rise => "rise",
            Fact::Sees => "sees",
            Fact::Does => "does",
            Fact::Better => "better",
        }
    }

    /// What it is one of.
    #[must_use]
    pub fn scope(self) -> Scope {
        match self {
            Fact::Early | Fact::Late | Fact::Rise | Fact::Sees | Fact::Does => Scope::Behaviour,
            Fact::Better => Scope::Indicator,
            _ => Scope::Plan,
        }
    }

    /// Its lowest and highest possible value.
    #[must_use]
    pub fn range(self) -> (i64, i64) {
        match self {
            Fact::WeeksChecked | Fact::WeeksLate => (0, 12),
            Fact::BehavioursChanged
            | Fact::IndicatorsMoved
            | Fact::TeamSees
            | Fact::TeamDoes
            | Fact::UnderPressure => (0, 3),
            Fact::TeamAsked => (0, MAX_ASKED),
            Fact::AskedByOther
            | Fact::RunsAlone
            | Fact::NamedDecisions
            | Fact::NamedCadence
            | Fact::NamedMeasures
            | Fact::NamedRewards
            | Fact::NamedOwners => (0, 1),
            Fact::Rise => (-100, 100),
            Fact::MechanismRan
            | Fact::Early
            | Fact::Late
            | Fact::Sees
            | Fact::Does
            | Fact::Better => (0, 100),
        }
    }

    /// Whether it is 1 for yes and 0 for no.
    #[must_use]
    pub fn is_yes_or_no(self) -> bool {
        self.range() == (0, 1)
    }
}

/// What a number can still turn out to be; it is known when both ends are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The least.
    pub low: Rational64,
    /// The most.
    pub high: Rational64,
}

impl Span {
    /// A known number.
    #[must_use]
    pub fn known(value: impl Into<Rational64>) -> Self {
        let value = value.into();
        Span { low: value, high: value }
    }

    /// A number of which only the bounds are known.
    #[must_use]
    pub fn between(low: i64, high: i64) -> Self {
        Span { low: low.into(), high: high.into() }
    }

    /// The number, if it is known.
    #[must_use]
    pub fn value(self) -> Option<Rational64> {
        (self.low == self.high).then_some(self.low)
    }
}

/// What is known of a plan, of one of its behaviours, or of one of its indicators.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts(BTreeMap<Fact, Span>);

impl Facts {
    /// Notes a fact.
    pub fn set(&mut self, fact: Fact, span: Span) {
        self.0.insert(fact, span);
    }

    /// What a fact can be; all that it could ever be if nothing was noted.
    #[must_use]
    pub fn get(&self, fact: Fact) -> Span {
        let (low, high) = fact.range();
        self.0.get(&fact).copied().unwrap_or_else(|| Span::between(low, high))
    }
}
