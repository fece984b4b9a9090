//! A plan as JSON, and reading it strictly.

use super::{
    Answer, Behaviour, CheckIn, Direction, FREQUENCIES, Indicator, MAX_ASKED, MAX_SHORT, MAX_TEXT,
    MAX_VALUE, N_SLOTS, NinetyDays, Obstacle, Run, Shown, Stage, Statement, Validation, WEEKS,
};
use crate::json::Node;
use crate::plan::{Day, Worksheet, WorksheetKind, hides};
use crate::result::Object;
use serde_json::{Value, json};
use std::collections::BTreeSet;

impl Worksheet for NinetyDays {
    const KIND: WorksheetKind = WorksheetKind::NinetyDays;

    fn title(&self) -> &str {
        &self.title
    }

    fn to_json(&self) -> Value {
        let statement =
            |statement: &Statement| json!({"text": statement.text, "kept": statement.kept});
        let behaviour = |behaviour: &Behaviour| json!({"own": statement(&behaviour.own), "team": statement(&behaviour.team)});
        let indicator = |indicator: &Indicator| {
            json!({
                "text": indicator.text,
                "unit": indicator.unit,
                "wanted": indicator.wanted.map(Direction::code),
                "baseline": indicator.baseline,
            })
        };
        json!({
            "title": self.title,
            "behaviours": self.behaviours.iter().map(behaviour).collect::<Vec<_>>(),
            "indicators": self.indicators.iter().map(indicator).collect::<Vec<_>>(),
            "mechanism": self.mechanism,
            "run": self.stage.run().map(run_to_json),
            "ended": match &self.stage {
                Stage::Ended { on, .. } => Value::from(on.to_string()),
                Stage::Drafting | Stage::Running(_) => Value::Null,
            },
        })
    }

    fn from_json(content: &Value) -> Result<Self, String> {
        let members = ["title", "behaviours", "indicators", "mechanism", "run", "ended"];
        let content = Node::from(content);
        let plan = Object::of(&content, "", &members)?;
        let run = read_optional(&plan, "run", |_| {
            read_run(&plan.object("run", &["start", "weeks", "validation"])?)
        })?;
        let ended = read_optional(&plan, "ended", |_| read_day(&plan, "ended"))?;
        let stage = match (run, ended) {
            (None, None) => Stage::Drafting,
            (Some(run), None) => Stage::Running(run),
            (Some(run), Some(on)) => Stage::Ended { run, on },
            (None, Some(_)) => return Err(plan.at("ended")),
        };
        Ok(NinetyDays {
            title: read_text(&plan, "title", MAX_SHORT)?,
            behaviours: read_array(&plan, "behaviours", |value, at| {
                let behaviour = Object::of(value, at, &["own", "team"])?;
                let statement = |key: &str| {
                    let statement = behaviour.object(key, &["text", "kept"])?;
                    let text = read_text(&statement, "text", MAX_TEXT)?;
                    Ok::<_, String>(Statement { text, kept: read_flag(&statement, "kept")? })
                };
                Ok(Behaviour { own: statement("own")?, team: statement("team")? })
            })?,
            indicators: read_array(&plan, "indicators", |value, at| {
                let indicator = Object::of(value, at, &["text", "unit", "wanted", "baseline"])?;
                Ok(Indicator {
                    text: read_text(&indicator, "text", MAX_TEXT)?,
                    unit: read_text(&indicator, "unit", MAX_SHORT)?,
                    wanted: read_optional(&indicator, "wanted", |value| {
                        read_code(value, &Direction::ALL, Direction::code)
                            .ok_or_else(|| indicator.at("wanted"))
                    })?,
                    baseline: read_optional(&indicator, "baseline", |_| {
                        indicator.integer("baseline", -MAX_VALUE..=MAX_VALUE)
                    })?,
                })
            })?,
            mechanism: read_text(&plan, "mechanism", MAX_TEXT)?,
            stage,
        })
    }
}

impl Direction {
    /// Both of them.
    pub const ALL: [Direction; 2] = [Direction::Up, Direction::Down];

    /// Its name in files and texts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Direction::Up => "up",
            Direction::Down => "down",
        }
    }
}

fn run_to_json(run: &Run) -> Value {
    let day = |day: Option<Day>| day.map(|day| day.to_string());
    let shown = |shown: &Option<Shown>| match shown {
        None => Value::Null,
        Some(Shown::NoOccasion) => Value::from("na"),
        Some(Shown::Often(code)) => Value::from(*code),
    };
    let week = |week: &CheckIn| {
        json!({
            "on": day(week.on),
            "shown": week.shown.iter().map(shown).collect::<Vec<_>>(),
            "values": week.values,
            "ran": week.ran,
            "note": week.note,
        })
    };
    let said = &run.validation;
    let codes = |answers: &[Option<Answer>]| {
        answers.iter().map(|answer| answer.map(Answer::code)).collect::<Vec<_>>()
    };
    json!({
        "start": run.start.to_string(),
        "weeks": run.weeks.iter().map(week).collect::<Vec<_>>(),
        "validation": {
            "on": day(said.on),
            "asked": said.asked,
            "by_other": said.by_other,
            "sees": said.sees,
            "does": said.does,
            "named": said.named.iter().map(|named| named.code()).collect::<Vec<_>>(),
            "moment": said.moment,
            "pressure": codes(&said.pressure),
            "runs_alone": said.runs_alone.map(Answer::code),
        },
    })
}

fn read_run(run: &Object<'_>) -> Result<Run, String> {
    let start = read_day(run, "start")?;
    let mut read = Run { validation: read_validation(run)?, ..Run::new(start) };
    let weeks: [CheckIn; WEEKS] = read_array(run, "weeks", |value, at| {
        let week = Object::of(value, at, &["on", "shown", "values", "ran", "note"])?;
        Ok(CheckIn {
            on: read_optional(&week, "on", |_| read_day(&week, "on"))?,
            shown: read_array(&week, "shown", |value, at| match value {
                Node::Null => Ok(None),
                Node::Text(na) if na == "na" => Ok(Some(Shown::NoOccasion)),
                code => {
                    let code = code.as_i64().and_then(|code| u8::try_from(code).ok());
                    let code = code.filter(|code| FREQUENCIES.contains(code)).ok_or(at)?;
                    Ok(Some(Shown::Often(code)))
                }
            })?,
            values: read_integers(&week, "values", -MAX_VALUE, MAX_VALUE)?,
            ran: read_optional(&week, "ran", |_| read_flag(&week, "ran"))?,
            note: read_text(&week, "note", MAX_TEXT)?,
        })
    })?;
    for (week, check_in) in (1..).zip(&weeks) {
        // Something said has its day, not before the week; nothing said has none.
        let is_empty = *check_in == CheckIn { on: check_in.on, ..CheckIn::default() };
        if check_in.on.is_none() != is_empty
            || check_in
                .on
                .is_some_and(|on| !(read.first_day(week)..=read.closes(week)).contains(&on))
        {
            return Err(run.at(&format!("weeks[{}].on", week - 1)));
        }
    }
    read.weeks = weeks;
    Ok(read)
}

fn read_validation(run: &Object<'_>) -> Result<Validation, String> {
    let members =
        ["on", "asked", "by_other", "sees", "does", "named", "moment", "pressure", "runs_alone"];
    let said = run.object("validation", &members)?;
    let asked = read_optional(&said, "asked", |_| said.integer("asked", 0..=MAX_ASKED))?;
    let answer = |value: &Node<'_>| read_code(value, &Answer::ALL, Answer::code);
    let named = said.list("named", 0..=Obstacle::ALL.len(), |value, at| {
        read_code(value, &Obstacle::ALL, Obstacle::code).ok_or_else(|| at.to_owned())
    })?;
    let distinct: BTreeSet<Obstacle> = named.iter().copied().collect();
    if !named.iter().eq(&distinct) {
        return Err(said.at("named"));
    }
    Ok(Validation {
        on: read_optional(&said, "on", |_| read_day(&said, "on"))?,
        asked,
        by_other: read_optional(&said, "by_other", |_| read_flag(&said, "by_other"))?,
        sees: read_integers(&said, "sees", 0, asked.unwrap_or(-1))?,
        does: read_integers(&said, "does", 0, asked.unwrap_or(-1))?,
        named: distinct,
        moment: read_text(&said, "moment", MAX_TEXT)?,
        pressure: read_array(&said, "pressure", |value, at| match value {
            Node::Null => Ok(None),
            code => answer(code).map(Some).ok_or_else(|| at.to_owned()),
        })?,
        runs_alone: read_optional(&said, "runs_alone", |value| {
            answer(value).ok_or_else(|| said.at("runs_alone"))
        })?,
    })
}

/// A list of exactly so many elements.
fn read_array<T, const N: usize>(
    object: &Object<'_>,
    key: &str,
    read: impl Fn(&Node<'_>, &str) -> Result<T, String>,
) -> Result<[T; N], String> {
    object.list(key, N..=N, read)?.try_into().map_err(|_| object.at(key))
}

fn read_integers(
    object: &Object<'_>,
    key: &str,
    low: i64,
    high: i64,
) -> Result<[Option<i64>; N_SLOTS], String> {
    read_array(object, key, |value, at| match value {
        Node::Null => Ok(None),
        number => {
            let number = number.as_i64().filter(|number| (low..=high).contains(number));
            number.map(Some).ok_or_else(|| at.to_owned())
        }
    })
}

fn read_optional<T>(
    object: &Object<'_>,
    key: &str,
    read: impl FnOnce(&Node<'_>) -> Result<T, String>,
) -> Result<Option<T>, String> {
    match object.get(key)? {
        Node::Null => Ok(None),
        value => read(value).map(Some),
    }
}

fn read_text(object: &Object<'_>, key: &str, max_chars: usize) -> Result<String, String> {
    object
        .text(key, max_chars)
        .ok()
        .filter(|text| !text.contains(hides))
        .ok_or_else(|| object.at(key))
}

fn read_flag(object: &Object<'_>, key: &str) -> Result<bool, String> {
    object.get(key)?.as_bool().ok_or_else(|| object.at(key))
}

fn read_day(object: &Object<'_>, key: &str) -> Result<Day, String> {
    Day::read(&object.text(key, 10)?).ok_or_else(|| object.at(key))
}

fn read_code<T: Copy>(value: &Node<'_>, all: &[T], code: impl Fn(T) -> &'static str) -> Option<T> {
    let found = value.as_str()?;
    all.iter().copied().find(|one| code(*one) == found)
}
