//! What a record lacks: declared rules, and the entries behind each of them.
//!
//! The four qualities are what to look for in a framework: defined phases, stakeholders who are heard, outcomes
//! that can be measured, and context together with rigour.

use super::form::{Kind, Phase};
use super::{Content, Engagement, Key, MAX_OPEN_COMMITMENTS};
use crate::plan::Day;

/// What a rule protects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// Phases that are defined: each says what was agreed, and when.
    Phases,
    /// Stakeholders who are heard.
    Stakeholders,
    /// Outcomes that can be measured.
    Outcomes,
    /// Context together with rigour.
    Context,
}

impl Quality {
    /// All of them.
    pub const ALL: [Quality; 4] =
        [Quality::Phases, Quality::Stakeholders, Quality::Outcomes, Quality::Context];

    /// Stable code, also the key of its texts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Quality::Phases => "phases",
            Quality::Stakeholders => "stakeholders",
            Quality::Outcomes => "outcomes",
            Quality::Context => "context",
        }
    }
}

/// What must be there for a rule to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// No entry about which two devices differ.
    OneVersion,
    /// The phase has a first day.
    Dated,
    /// Somebody with this part.
    Part(&'static str),
    /// A statement.
    Said(&'static str),
    /// A check that was answered with yes.
    Done(&'static str),
    /// A criterion.
    Criterion,
    /// Of the criteria, if there are any, one that is known by more than a feeling.
    Observable,
    /// A baseline of every criterion.
    Baselines,
    /// A criterion with a baseline and so many monthly values.
    Measured(usize),
    /// A result, a report or a worksheet that belongs to the phase.
    Evidence,
    /// A stakeholder's voice on the day of the first session held, or before.
    VoiceBefore,
    /// A stakeholder's voice after the day of the first session held.
    VoiceAfter,
    /// A commitment.
    Commitment,
    /// Every part of every commitment.
    WholeCommitments,
    /// No more open commitments than are allowed.
    FewOpen,
    /// No open commitment.
    AllJudged,
    /// A session that was held.
    Session,
    /// Of every session that was held, what was agreed and what comes next.
    WholeSessions,
}

/// A rule of the completeness check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Stable code, also the key of its texts. The rule that phases have dates has one code for all of them.
    pub code: &'static str,
    /// The phase that it belongs to.
    pub phase: Phase,
    /// What it protects.
    pub quality: Quality,
    needs: Needs,
}

const fn rule(code: &'static str, phase: Phase, quality: Quality, needs: Needs) -> Rule {
    Rule { code, phase, quality, needs }
}

/// The rules, in the order in which an engagement meets them.
pub const RULES: &[Rule] = {
    use Phase::{Assessment, Contracting, Evaluation, Feedback, Planning, Sessions};
    use Quality::{Context, Outcomes, Phases, Stakeholders};
    &[
        rule("one_version", Contracting, Phases, Needs::OneVersion),
        rule("dated", Contracting, Phases, Needs::Dated),
        rule("leader_named", Contracting, Stakeholders, Needs::Part("leader")),
        rule("coach_named", Contracting, Stakeholders, Needs::Part("coach")),
        rule("sponsor_named", Contracting, Stakeholders, Needs::Part("sponsor")),
        rule("met_together", Contracting, Stakeholders, Needs::Done("met_together")),
        rule("goals_agreed", Contracting, Phases, Needs::Said("goals")),
        rule("confidentiality_agreed", Contracting, Phases, Needs::Said("confidentiality")),
        rule("who_hears_agreed", Contracting, Stakeholders, Needs::Said("who_hears")),
        rule("criterion_set", Contracting, Outcomes, Needs::Criterion),
        rule("criterion_observable", Contracting, Outcomes, Needs::Observable),
        rule("baselines_recorded", Contracting, Outcomes, Needs::Baselines),
        rule("dated", Assessment, Phases, Needs::Dated),
        rule("context_described", Assessment, Context, Needs::Said("context")),
        rule("evidence_gathered", Assessment, Context, Needs::Evidence),
        rule("voice_before", Assessment, Stakeholders, Needs::VoiceBefore),
        rule("findings_written", Assessment, Context, Needs::Said("findings")),
        rule("findings_discussed", Assessment, Phases, Needs::Done("findings_discussed")),
        rule("dated", Planning, Phases, Needs::Dated),
        rule("commitment_made", Planning, Outcomes, Needs::Commitment),
        rule("commitments_whole", Planning, Outcomes, Needs::WholeCommitments),
        rule("commitments_few", Planning, Phases, Needs::FewOpen),
        rule("commitments_told", Planning, Stakeholders, Needs::Done("commitments_told")),
        rule("dated", Sessions, Phases, Needs::Dated),
        rule("session_held", Sessions, Phases, Needs::Session),
        rule("sessions_whole", Sessions, Phases, Needs::WholeSessions),
        rule("dated", Feedback, Phases, Needs::Dated),
        rule("loop_agreed", Feedback, Stakeholders, Needs::Said("loop")),
        rule("voice_after", Feedback, Stakeholders, Needs::VoiceAfter),
        rule("told_back", Feedback, Stakeholders, Needs::Done("told_back")),
        rule("dated", Evaluation, Phases, Needs::Dated),
        rule("outcome_measured", Evaluation, Outcomes, Needs::Measured(2)),
        rule("commitments_judged", Evaluation, Outcomes, Needs::AllJudged),
        rule("review_written", Evaluation, Outcomes, Needs::Said("review")),
        rule("review_together", Evaluation, Stakeholders, Needs::Done("review_together")),
        rule("sustained", Evaluation, Phases, Needs::Said("sustain")),
    ]
};

/// A rule that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which one.
    pub rule: &'static Rule,
    /// The entries that fall short; none where something is not there at all.
    pub because: Vec<Key>,
}

impl Engagement {
    /// The rules that do not hold, in their order.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let finding = |rule: &'static Rule| {
            let because = self.lacks(rule)?;
            Some(Finding { rule, because })
        };
        RULES.iter().filter_map(finding).collect()
    }

    /// How many rules of a phase hold, and how many it has. A rule about entries of which there are none holds
    /// for nothing, and does not count.
    #[must_use]
    pub fn progress(&self, phase: Phase) -> (usize, usize) {
        self.in_place(|rule| rule.phase == phase)
    }

    /// The same of the rules that protect a quality.
    #[must_use]
    pub fn soundness(&self, quality: Quality) -> (usize, usize) {
        self.in_place(|rule| rule.quality == quality)
    }

    fn in_place(&self, of: impl Fn(&Rule) -> bool) -> (usize, usize) {
        let rules = || RULES.iter().filter(|rule| of(rule));
        let hold =
            rules().filter(|rule| self.speaks_of_something(rule) && self.lacks(rule).is_none());
        (hold.count(), rules().count())
    }

    /// Whether there is anything that a rule about every entry of a kind is about.
    fn speaks_of_something(&self, rule: &Rule) -> bool {
        match rule.needs {
            Needs::Observable | Needs::Baselines => self.all(Kind::Criterion).next().is_some(),
            Needs::WholeCommitments | Needs::FewOpen | Needs::AllJudged => {
                self.all(Kind::Commitment).next().is_some()
            }
            Needs::WholeSessions => self.first_session().is_some(),
            Needs::OneVersion
            | Needs::Dated
            | Needs::Part(_)
            | Needs::Said(_)
            | Needs::Done(_)
            | Needs::Criterion
            | Needs::Measured(_)
            | Needs::Evidence
            | Needs::VoiceBefore
            | Needs::VoiceAfter
            | Needs::Commitment
            | Needs::Session => true,
        }
    }

    /// The first day on which a session was held.
    fn first_session(&self) -> Option<Day> {
        let held = self.all(Kind::Session).filter(|(_, session)| session.says("held", "yes"));
        held.filter_map(|(_, session)| session.day("date")).min()
    }

    /// Nothing if the rule holds; else the entries that fall short.
    fn lacks(&self, rule: &Rule) -> Option<Vec<Key>> {
        let short_of = |kind: Kind, falls_short: &dyn Fn(&str, &Content) -> bool| {
            let short = self.all(kind).filter(|(id, content)| falls_short(id, content));
            let keys: Vec<Key> = short.map(|(id, _)| Key::new(kind, id)).collect();
            (!keys.is_empty()).then_some(keys)
        };
        let unless = |holds: bool| (!holds).then(Vec::new);
        let says = |kind: Kind, code: &'static str, text: &'static str| {
            self.all(kind).any(|(_, content)| content.says(code, text))
        };
        let lacks_any = |content: &Content, codes: &[&str]| codes.iter().any(|c| !content.has(c));
        match rule.needs {
            Needs::OneVersion => {
                let keys: Vec<Key> = self.conflicts().cloned().collect();
                (!keys.is_empty()).then_some(keys)
            }
            Needs::Dated => {
                let phase = self.shown(&Key::new(Kind::Phase, rule.phase.code()));
                unless(phase.is_some_and(|phase| phase.has("from")))
            }
            Needs::Part(part) => unless(says(Kind::Person, "part", part)),
            Needs::Said(id) => unless(self.shown(&Key::new(Kind::Statement, id)).is_some()),
            Needs::Done(id) => {
                let check = self.shown(&Key::new(Kind::Check, id));
                unless(check.is_some_and(|check| check.says("done", "yes")))
            }
            Needs::Criterion => unless(self.all(Kind::Criterion).next().is_some()),
            Needs::Observable => {
                let felt = short_of(Kind::Criterion, &|_, content| content.says("known", "felt"));
                felt.filter(|felt| felt.len() == self.all(Kind::Criterion).count())
            }
            Needs::Baselines => {
                short_of(Kind::Criterion, &|_, content| content.baseline().is_none())
            }
            Needs::Measured(n_months) => {
                let short = short_of(Kind::Criterion, &|id, _| {
                    self.course(id).is_none_or(|course| course.months.len() < n_months)
                });
                let n_criteria = self.all(Kind::Criterion).count();
                let short = short.unwrap_or_default();
                (short.len() == n_criteria).then_some(short)
            }
            Needs::Evidence => unless(says(Kind::Evidence, "phase", rule.phase.code())),
            Needs::VoiceBefore => {
                let first = self.first_session();
                let is_before = |day: Day| first.is_none_or(|first| day <= first);
                let mut days = self.all(Kind::Voice).filter_map(|(_, voice)| voice.day("date"));
                unless(days.any(is_before))
            }
            Needs::VoiceAfter => {
                let first = self.first_session();
                let is_after = |day: Day| first.is_some_and(|first| day > first);
                let mut days = self.all(Kind::Voice).filter_map(|(_, voice)| voice.day("date"));
                unless(days.any(is_after))
            }
            Needs::Commitment => unless(self.all(Kind::Commitment).next().is_some()),
            Needs::WholeCommitments => short_of(Kind::Commitment, &|_, content| {
                lacks_any(content, &["shows_when", "outcome", "took_part", "monitored", "judged"])
            }),
            Needs::FewOpen => {
                let open = short_of(Kind::Commitment, &|_, content| content.says("state", "open"));
                open.filter(|open| open.len() > MAX_OPEN_COMMITMENTS)
            }
            Needs::AllJudged => short_of(Kind::Commitment, &|_, content| {
                content.says("state", "open") || !content.has("came_of_it")
            }),
            Needs::Session => unless(says(Kind::Session, "held", "yes")),
            Needs::WholeSessions => short_of(Kind::Session, &|_, content| {
                content.says("held", "yes") && lacks_any(content, &["agreed", "next_step"])
            }),
        }
    }
}
