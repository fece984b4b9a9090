//! The 90-day test: three behaviours, three leading indicators and one mechanism that reinforces, twelve weekly
//! check-ins, and the question at the end whether the team's behaviour changed too. If the leader changed and the
//! team did not, the constraint is structural.
//!
//! A plan holds what was said and when, and nothing that can be derived from it: weeks are counted from the day of
//! the start, and [`read`] says what the declared rules make of it.

mod calendar;
mod content;
mod definition;
mod evidence;
mod fact;
mod form;

pub use calendar::{CalendarTexts, calendar};
pub use definition::{Bound, Condition, Definition, Evidence, FormCheck, FormTest, Rule, RuleKind};
pub use evidence::{Fired, Part, Reading, Verdict, read};
pub use fact::{Fact, Facts, MAX_ASKED, Scope, Span};
pub use form::Form;

use super::{Day, hides};
use num_rational::Rational64;
use std::collections::BTreeSet;

/// Weeks of a test.
pub const WEEKS: usize = 12;

/// Behaviours, and indicators, of a plan.
pub const N_SLOTS: usize = 3;

/// So many weeks after its end a week can still be filled in. Longer ago, people tell what they think of
/// themselves rather than what they remember.
pub const LATE_WEEKS: i64 = 2;

/// Longest text of a statement or note, in Unicode scalar values.
pub const MAX_TEXT: usize = 300;

/// Longest title or unit.
pub const MAX_SHORT: usize = 80;

/// Largest magnitude of an indicator's value.
pub const MAX_VALUE: i64 = 1_000_000_000;

/// A stretch of the test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Weeks 1–2: the three behaviours are settled.
    Targets,
    /// Weeks 3–4: the three indicators are looked at every week.
    Indicators,
    /// Weeks 5–8: the mechanism is put in place.
    Mechanism,
    /// Weeks 9–12: whether the team's behaviour changed too.
    Validation,
}

impl Phase {
    /// All of them in order.
    pub const ALL: [Phase; 4] =
        [Phase::Targets, Phase::Indicators, Phase::Mechanism, Phase::Validation];

    /// Its name in texts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Phase::Targets => "targets",
            Phase::Indicators => "indicators",
            Phase::Mechanism => "mechanism",
            Phase::Validation => "validation",
        }
    }

    /// Its first and its last week.
    #[must_use]
    pub fn weeks(self) -> (usize, usize) {
        match self {
            Phase::Targets => (1, 2),
            Phase::Indicators => (3, 4),
            Phase::Mechanism => (5, 8),
            Phase::Validation => (9, 12),
        }
    }

    /// The phase of a week.
    #[must_use]
    pub fn of_week(week: usize) -> Self {
        let phase = Self::ALL.into_iter().find(|phase| week <= phase.weeks().1);
        phase.unwrap_or(Phase::Validation)
    }
}

/// A plan and what happened to it.
#[derive(Debug, Clone, PartialEq)]
pub struct NinetyDays {
    /// What its owner calls it; may be empty.
    pub title: String,
    /// The behaviours.
    pub behaviours: [Behaviour; N_SLOTS],
    /// The leading indicators.
    pub indicators: [Indicator; N_SLOTS],
    /// What reinforces: a routine, a template, a rule.
    pub mechanism: String,
    /// How far it got.
    pub stage: Stage,
}

/// A behaviour of the leader, and what the team would then do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Behaviour {
    /// What the leader does.
    pub own: Statement,
    /// The team's part.
    pub team: Statement,
}

/// A phrase that should name a behaviour.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Statement {
    /// The phrase.
    pub text: String,
    /// Its writer read why it does not look like a behaviour, and kept it.
    pub kept: bool,
}

impl Statement {
    /// The form test that refuses it, by its id: none where it reads as a behaviour, is still empty, or was kept.
    #[must_use]
    pub fn refused_by<'a>(&self, form: &'a Form) -> Option<&'a str> {
        if self.kept || self.is_empty() { None } else { form.fault(&self.text) }
    }

    /// Whether it has no words yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// A number that is looked at every week.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Indicator {
    /// What is counted.
    pub text: String,
    /// The unit, such as days; values are whole numbers of it.
    pub unit: String,
    /// Which way it should go.
    pub wanted: Option<Direction>,
    /// Where it stands before; without it, the weeks at the beginning say it.
    pub baseline: Option<i64>,
}

impl Indicator {
    /// Whether a value is better than the one at the start; nothing while nobody said which way is better.
    #[must_use]
    pub fn is_better(&self, start: Rational64, value: i64) -> Option<bool> {
        let value = Rational64::from(value);
        self.wanted.map(|wanted| match wanted {
            Direction::Up => value > start,
            Direction::Down => value < start,
        })
    }
}

/// Which way a number should go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// More is better.
    Up,
    /// Less is better.
    Down,
}

/// How far a plan got.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// Being written.
    Drafting,
    /// Begun.
    Running(Run),
    /// Closed by its owner.
    Ended {
        /// What had happened until then.
        run: Run,
        /// When.
        on: Day,
    },
}

/// What happened since the start.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The first day of week 1.
    pub start: Day,
    /// The check-ins, week by week.
    pub weeks: [CheckIn; WEEKS],
    /// What leader and team say at the end.
    pub validation: Validation,
}

/// What the owner of a plan can do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Word the plan, and begin.
    Write,
    /// Nothing until this day, on which a week begins.
    Wait(Day),
    /// Fill in this week: of those that can be filled in, the one that closes first.
    CheckIn(usize),
    /// Ask the team.
    Ask,
    /// Read the verdict.
    Verdict,
}

/// What was said about one week.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckIn {
    /// The day of the last change; none if nothing was said.
    pub on: Option<Day>,
    /// How often each behaviour showed.
    pub shown: [Option<Shown>; N_SLOTS],
    /// The value of each indicator.
    pub values: [Option<i64>; N_SLOTS],
    /// Whether the mechanism ran.
    pub ran: Option<bool>,
    /// A line for oneself.
    pub note: String,
}

/// How often a behaviour showed in a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// From 1 (never) to 5 (always), when there was occasion.
    Often(u8),
    /// There was no occasion.
    NoOccasion,
}

/// Codes of [`Shown::Often`].
pub const FREQUENCIES: std::ops::RangeInclusive<u8> = 1..=5;

/// What leader and team say in weeks 9–12.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Validation {
    /// The day of the last change; none if nothing was said.
    pub on: Option<Day>,
    /// How many people of the team were asked.
    pub asked: Option<i64>,
    /// Whether somebody else than the leader asked them.
    pub by_other: Option<bool>,
    /// How many of them see the leader do it, behaviour by behaviour.
    pub sees: [Option<i64>; N_SLOTS],
    /// How many of them say that the team does its part, behaviour by behaviour.
    pub does: [Option<i64>; N_SLOTS],
    /// What the team says stands in the way.
    pub named: BTreeSet<Obstacle>,
    /// A moment that somebody told.
    pub moment: String,
    /// Whether the leader kept to each behaviour under pressure.
    pub pressure: [Option<Answer>; N_SLOTS],
    /// Whether the mechanism ran when the leader did not push it.
    pub runs_alone: Option<Answer>,
}

/// An answer of the leader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Not sure.
    Unsure,
}

impl Answer {
    /// All of them.
    pub const ALL: [Answer; 3] = [Answer::Yes, Answer::No, Answer::Unsure];

    /// Its name in files and texts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Answer::Yes => "yes",
            Answer::No => "no",
            Answer::Unsure => "unsure",
        }
    }
}

/// What may stand in a team's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// It is unclear who decides.
    Decisions,
    /// No regular moment for it.
    Cadence,
    /// No number that anybody acts on.
    Measures,
    /// The old way is what is rewarded.
    Rewards,
    /// Nobody owns it alone.
    Owners,
}

impl Obstacle {
    /// All of them.
    pub const ALL: [Obstacle; 5] = [
        Obstacle::Decisions,
        Obstacle::Cadence,
        Obstacle::Measures,
        Obstacle::Rewards,
        Obstacle::Owners,
    ];

    /// Its name in files and texts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Obstacle::Decisions => "decisions",
            Obstacle::Cadence => "cadence",
            Obstacle::Measures => "measures",
            Obstacle::Rewards => "rewards",
            Obstacle::Owners => "owners",
        }
    }

    /// The fact that it was named.
    #[must_use]
    pub fn fact(self) -> Fact {
        match self {
            Obstacle::Decisions => Fact::NamedDecisions,
            Obstacle::Cadence => Fact::NamedCadence,
            Obstacle::Measures => Fact::NamedMeasures,
            Obstacle::Rewards => Fact::NamedRewards,
            Obstacle::Owners => Fact::NamedOwners,
        }
    }
}

/// How a week stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeekState {
    /// Not begun.
    Ahead,
    /// Can be filled in; not all behaviours have an answer yet.
    Open {
        /// Whether the week is over, so that it will be marked as late.
        late: bool,
    },
    /// Every behaviour has an answer.
    Checked {
        /// Whether it was filled in after its end.
        late: bool,
    },
    /// Too long ago, and not filled in.
    Missed,
}

impl CheckIn {
    /// Whether every behaviour has an answer.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.shown.iter().all(Option::is_some)
    }
}

impl Validation {
    /// Whether nothing is noted, or all of it was taken back.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Validation { on: self.on, ..Validation::default() }
    }

    /// The most people that were counted for a behaviour.
    #[must_use]
    pub fn most_counted(&self) -> i64 {
        self.sees.iter().chain(&self.does).flatten().copied().max().unwrap_or(0)
    }
}

impl Run {
    fn new(start: Day) -> Self {
        let weeks = std::array::from_fn(|_| CheckIn::default());
        Run { start, weeks, validation: Validation::default() }
    }

    /// The first day of a week; of the week after the last, the day after the test.
    #[must_use]
    pub fn first_day(&self, week: usize) -> Day {
        let weeks = i64::try_from(week).unwrap_or(0) - 1;
        self.start.after(7 * weeks)
    }

    /// The last day of a week.
    #[must_use]
    pub fn last_day(&self, week: usize) -> Day {
        self.first_day(week).after(6)
    }

    /// The last day on which a week can be filled in.
    #[must_use]
    pub fn closes(&self, week: usize) -> Day {
        self.last_day(week).after(7 * LATE_WEEKS)
    }

    /// The week of a day, if it is one of the twelve.
    #[must_use]
    pub fn week_of(&self, day: Day) -> Option<usize> {
        (1..=WEEKS).find(|week| (self.first_day(*week)..=self.last_day(*week)).contains(&day))
    }

    /// Whether the twelve weeks lie behind.
    #[must_use]
    pub fn is_past(&self, today: Day) -> bool {
        today > self.last_day(WEEKS)
    }

    /// What was said about a week.
    #[must_use]
    pub fn check_in(&self, week: usize) -> Option<&CheckIn> {
        self.weeks.get(week.checked_sub(1)?)
    }

    /// How a week stands.
    #[must_use]
    pub fn state(&self, week: usize, today: Day) -> WeekState {
        let over = |day: Option<Day>| day.is_some_and(|day| day > self.last_day(week));
        match self.check_in(week) {
            Some(check_in) if check_in.is_whole() => WeekState::Checked { late: over(check_in.on) },
            _ if today < self.first_day(week) => WeekState::Ahead,
            _ if today > self.closes(week) => WeekState::Missed,
            _ => WeekState::Open { late: over(Some(today)) },
        }
    }

    /// Past weeks that can still be filled in.
    #[must_use]
    pub fn catching_up(&self, today: Day) -> Vec<usize> {
        let open = |week: &usize| self.state(*week, today) == WeekState::Open { late: true };
        (1..=WEEKS).filter(open).collect()
    }
}

impl Stage {
    /// What happened since the start.
    #[must_use]
    pub fn run(&self) -> Option<&Run> {
        match self {
            Stage::Drafting => None,
            Stage::Running(run) | Stage::Ended { run, .. } => Some(run),
        }
    }
}

/// Something that the owner of a plan does.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Calls it something.
    Title(String),
    /// Words a behaviour.
    Own {
        /// Which one, from 0.
        slot: usize,
        /// The words.
        text: String,
    },
    /// Words the team's part of a behaviour.
    Team {
        /// Which one, from 0.
        slot: usize,
        /// The words.
        text: String,
    },
    /// Keeps a wording that does not look like a behaviour, or no longer does.
    Keep {
        /// Which behaviour, from 0.
        slot: usize,
        /// Whether the team's part is meant.
        team: bool,
        /// Whether it is kept.
        kept: bool,
    },
    /// Describes an indicator.
    Indicator {
        /// Which one, from 0.
        slot: usize,
        /// The whole of it.
        indicator: Indicator,
    },
    /// Words the mechanism.
    Mechanism(String),
    /// Begins, on a day.
    Start(Day),
    /// Says how often a behaviour showed, or takes it back.
    Shown {
        /// The week, from 1.
        week: usize,
        /// Which behaviour, from 0.
        slot: usize,
        /// How often.
        shown: Option<Shown>,
    },
    /// Notes an indicator's value, or takes it back.
    Value {
        /// The week, from 1.
        week: usize,
        /// Which indicator, from 0.
        slot: usize,
        /// The value.
        value: Option<i64>,
    },
    /// Says whether the mechanism ran, or takes it back.
    Ran {
        /// The week, from 1.
        week: usize,
        /// Whether it ran.
        ran: Option<bool>,
    },
    /// Writes a line about a week.
    Note {
        /// The week, from 1.
        week: usize,
        /// The line.
        text: String,
    },
    /// Says how many people were asked. A count that is larger than this is taken back.
    Asked(Option<i64>),
    /// Says whether somebody else asked them.
    ByOther(bool),
    /// Notes how many see a behaviour.
    Sees {
        /// Which behaviour, from 0.
        slot: usize,
        /// How many.
        people: Option<i64>,
    },
    /// Notes how many say that the team does its part.
    Does {
        /// Which behaviour, from 0.
        slot: usize,
        /// How many.
        people: Option<i64>,
    },
    /// Notes what stands in the way, or that it does not.
    Named {
        /// What.
        obstacle: Obstacle,
        /// Whether it was named.
        named: bool,
    },
    /// Writes down a moment that somebody told.
    Moment(String),
    /// Says whether a behaviour held under pressure.
    Pressure {
        /// Which behaviour, from 0.
        slot: usize,
        /// The answer.
        answer: Answer,
    },
    /// Says whether the mechanism runs without a push.
    RunsAlone(Answer),
    /// Closes the test.
    End,
    /// Opens a closed test again.
    Reopen,
    /// Goes back to the plan, with its words and without its weeks.
    StartOver,
}

/// Why something cannot be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such behaviour, week or number of people.
    #[error("there is no such place in a plan")]
    NoSuchPlace,
    /// A text is too long, or a number too large.
    #[error("a text is too long, or a number too large")]
    TooLarge,
    /// The plan has begun, or has not.
    #[error("the plan is at another stage")]
    Stage,
    /// The test begins only once every behaviour is worded.
    #[error("the plan has no three behaviours yet")]
    NotReady,
    /// This part was settled: its weeks are over.
    #[error("this part of the plan is settled")]
    Settled,
    /// The week has not begun, or is too long ago.
    #[error("the week is not open")]
    WeekClosed,
}

impl Refused {
    /// Stable code, also the key of the texts that say what happened and what to do.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Refused::NoSuchPlace => "plan_no_place",
            Refused::TooLarge => "plan_too_large",
            Refused::Stage => "plan_stage",
            Refused::NotReady => "plan_not_ready",
            Refused::Settled => "plan_settled",
            Refused::WeekClosed => "plan_week_closed",
        }
    }
}

impl Default for NinetyDays {
    fn default() -> Self {
        NinetyDays {
            title: String::new(),
            behaviours: Default::default(),
            indicators: Default::default(),
            mechanism: String::new(),
            stage: Stage::Drafting,
        }
    }
}

impl NinetyDays {
    /// Whether everything has words that the test needs before it can begin.
    #[must_use]
    pub fn can_start(&self) -> bool {
        self.behaviours
            .iter()
            .all(|behaviour| !behaviour.own.is_empty() && !behaviour.team.is_empty())
    }

    /// Whether the first day can be set. One that was set by mistake can be moved until the first word about a week or
    /// of the team, which belong to their days.
    #[must_use]
    pub fn can_set_start(&self) -> bool {
        match &self.stage {
            Stage::Drafting => true,
            Stage::Running(run) => {
                run.weeks.iter().all(|week| week.on.is_none()) && run.validation.is_empty()
            }
            Stage::Ended { .. } => false,
        }
    }

    /// What its owner can do next on a day.
    #[must_use]
    pub fn next(&self, today: Day) -> Next {
        let run = match &self.stage {
            Stage::Drafting => return Next::Write,
            Stage::Ended { .. } => return Next::Verdict,
            Stage::Running(run) => run,
        };
        let is_open = |week: &usize| matches!(run.state(*week, today), WeekState::Open { .. });
        if let Some(week) = (1..=WEEKS).find(is_open) {
            return Next::CheckIn(week);
        }
        if self.can_validate(today) && run.validation.asked.is_none() {
            return Next::Ask;
        }
        let ahead = (1..=WEEKS).find(|week| run.state(*week, today) == WeekState::Ahead);
        ahead.map_or(Next::Verdict, |week| Next::Wait(run.first_day(week)))
    }

    /// Whether a part of the plan can still be changed: up to the end of the weeks in which it is settled.
    #[must_use]
    pub fn is_open(&self, part: Phase, today: Day) -> bool {
        match &self.stage {
            Stage::Drafting => true,
            Stage::Running(run) => today <= run.last_day(part.weeks().1),
            Stage::Ended { .. } => false,
        }
    }

    /// Whether everything is said that can be said: closed, or so long over that nothing can be added.
    #[must_use]
    pub fn is_final(&self, today: Day) -> bool {
        match &self.stage {
            Stage::Drafting => false,
            Stage::Running(run) => today > run.closes(WEEKS),
            Stage::Ended { .. } => true,
        }
    }

    /// Whether leader and team can be asked now.
    #[must_use]
    pub fn can_validate(&self, today: Day) -> bool {
        match &self.stage {
            Stage::Running(run) => {
                (run.first_day(Phase::Validation.weeks().0)..=run.closes(WEEKS)).contains(&today)
            }
            Stage::Drafting | Stage::Ended { .. } => false,
        }
    }

    /// Applies an event on a day. What is refused changes nothing.
    ///
    /// # Errors
    /// Why it cannot be done.
    pub fn apply(&mut self, event: Event, today: Day) -> Result<(), Refused> {
        let mut changed = self.clone();
        changed.change(event, today)?;
        *self = changed;
        Ok(())
    }

    fn change(&mut self, event: Event, today: Day) -> Result<(), Refused> {
        match event {
            Event::Title(text) => self.title = sized(text, MAX_SHORT)?,
            Event::Own { slot, text } => {
                let text = sized(text, MAX_TEXT)?;
                *self.statement(slot, false, today)? = Statement { text, kept: false };
            }
            Event::Team { slot, text } => {
                let text = sized(text, MAX_TEXT)?;
                *self.statement(slot, true, today)? = Statement { text, kept: false };
            }
            Event::Keep { slot, team, kept } => self.statement(slot, team, today)?.kept = kept,
            Event::Indicator { slot, indicator } => {
                self.open(Phase::Indicators, today)?;
                let Indicator { text, unit, wanted, baseline } = indicator;
                *place(&mut self.indicators, slot)? = Indicator {
                    text: sized(text, MAX_TEXT)?,
                    unit: sized(unit, MAX_SHORT)?,
                    wanted,
                    baseline: within(baseline, -MAX_VALUE, MAX_VALUE)?,
                };
            }
            Event::Mechanism(text) => {
                self.open(Phase::Mechanism, today)?;
                self.mechanism = sized(text, MAX_TEXT)?;
            }
            Event::Start(_) if !self.can_set_start() => return Err(Refused::Stage),
            Event::Start(_) if self.stage == Stage::Drafting && !self.can_start() => {
                return Err(Refused::NotReady);
            }
            Event::Start(day) => self.stage = Stage::Running(Run::new(day)),
            Event::Shown { week, slot, shown } => {
                if matches!(shown, Some(Shown::Often(code)) if !FREQUENCIES.contains(&code)) {
                    return Err(Refused::TooLarge);
                }
                self.check_in(week, today, |week| {
                    place(&mut week.shown, slot).map(|at| *at = shown)
                })?;
            }
            Event::Value { week, slot, value } => {
                let value = within(value, -MAX_VALUE, MAX_VALUE)?;
                self.check_in(week, today, |week| {
                    place(&mut week.values, slot).map(|at| *at = value)
                })?;
            }
            Event::Ran { week, ran } => self.check_in(week, today, |week| {
                week.ran = ran;
                Ok(())
            })?,
            Event::Note { week, text } => {
                let text = sized(text, MAX_TEXT)?;
                self.check_in(week, today, |week| {
                    week.note = text;
                    Ok(())
                })?;
            }
            Event::Asked(people) => {
                let people = within(people, 0, MAX_ASKED)?;
                let validation = self.validation(today)?;
                validation.asked = people;
                for count in validation.sees.iter_mut().chain(&mut validation.does) {
                    *count = count.filter(|count| people.is_some_and(|people| *count <= people));
                }
            }
            Event::ByOther(other) => self.validation(today)?.by_other = Some(other),
            Event::Sees { slot, people } => self.people(slot, people, today, |v| &mut v.sees)?,
            Event::Does { slot, people } => self.people(slot, people, today, |v| &mut v.does)?,
            Event::Named { obstacle, named } => {
                let all = &mut self.validation(today)?.named;
                if named {
                    all.insert(obstacle)
                } else {
                    all.remove(&obstacle)
                };
            }
            Event::Moment(text) => self.validation(today)?.moment = sized(text, MAX_TEXT)?,
            Event::Pressure { slot, answer } => {
                *place(&mut self.validation(today)?.pressure, slot)? = Some(answer);
            }
            Event::RunsAlone(answer) => self.validation(today)?.runs_alone = Some(answer),
            Event::End => match &self.stage {
                Stage::Running(run) => self.stage = Stage::Ended { run: run.clone(), on: today },
                Stage::Drafting | Stage::Ended { .. } => return Err(Refused::Stage),
            },
            Event::Reopen => match &self.stage {
                Stage::Ended { run, .. } => self.stage = Stage::Running(run.clone()),
                Stage::Drafting | Stage::Running(_) => return Err(Refused::Stage),
            },
            Event::StartOver => self.stage = Stage::Drafting,
        }
        Ok(())
    }

    fn open(&self, part: Phase, today: Day) -> Result<(), Refused> {
        if self.is_open(part, today) { Ok(()) } else { Err(Refused::Settled) }
    }

    fn statement(
        &mut self,
        slot: usize,
        team: bool,
        today: Day,
    ) -> Result<&mut Statement, Refused> {
        self.open(Phase::Targets, today)?;
        let behaviour = place(&mut self.behaviours, slot)?;
        Ok(if team { &mut behaviour.team } else { &mut behaviour.own })
    }

    fn check_in(
        &mut self,
        week: usize,
        today: Day,
        change: impl FnOnce(&mut CheckIn) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        let Stage::Running(run) = &mut self.stage else { return Err(Refused::Stage) };
        let idx = week.checked_sub(1).ok_or(Refused::NoSuchPlace)?;
        if idx < WEEKS && !(run.first_day(week)..=run.closes(week)).contains(&today) {
            return Err(Refused::WeekClosed);
        }
        let check_in = place(&mut run.weeks, idx)?;
        change(check_in)?;
        // Nothing said is nothing said, whenever it was taken back.
        check_in.on = Some(today);
        let empty = CheckIn { on: check_in.on, ..CheckIn::default() };
        if *check_in == empty {
            check_in.on = None;
        }
        Ok(())
    }

    fn validation(&mut self, today: Day) -> Result<&mut Validation, Refused> {
        if !self.can_validate(today) {
            return Err(Refused::WeekClosed);
        }
        let Stage::Running(run) = &mut self.stage else { return Err(Refused::Stage) };
        run.validation.on = Some(today);
        Ok(&mut run.validation)
    }

    fn people(
        &mut self,
        slot: usize,
        people: Option<i64>,
        today: Day,
        counts: impl FnOnce(&mut Validation) -> &mut [Option<i64>; N_SLOTS],
    ) -> Result<(), Refused> {
        let asked = self.stage.run().and_then(|run| run.validation.asked).unwrap_or(-1);
        let people = within(people, 0, asked)?;
        *place(counts(self.validation(today)?), slot)? = people;
        Ok(())
    }
}

fn place<T>(list: &mut [T], idx: usize) -> Result<&mut T, Refused> {
    list.get_mut(idx).ok_or(Refused::NoSuchPlace)
}

/// What was typed or pasted, if it is not too long: a form is no file, and tidies up what came along unseen.
fn sized(mut text: String, max_chars: usize) -> Result<String, Refused> {
    text.retain(|c| !hides(c));
    if text.chars().count() <= max_chars { Ok(text) } else { Err(Refused::TooLarge) }
}

fn within(value: Option<i64>, low: i64, high: i64) -> Result<Option<i64>, Refused> {
    match value {
        Some(value) if !(low..=high).contains(&value) => Err(Refused::TooLarge),
        fine => Ok(fine),
    }
}
