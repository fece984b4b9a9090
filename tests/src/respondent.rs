//! Answers drawn from a seed: a person who answers most questions, does not know some answers, and
//! skips one question.

use crate::place;
use scoring::answers::{Answer, AnswerSheet};
use scoring::instrument::{Instrument, Item, ItemKind, Rater};
use std::fs;

/// SplitMix64 (Steele, Lea & Flood 2014): tiny, and the same on every machine.
#[derive(Debug, Clone)]
pub struct Draw(u64);

impl Draw {
    /// Starts from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Draw(seed)
    }

    /// Starts from a name, so that every test draws answers of its own; `PLUMBLINE_SEED` shifts all.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let shift = std::env::var("PLUMBLINE_SEED").ok().and_then(|seed| seed.parse().ok());
        // FNV-1a.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Draw(hash.wrapping_add(shift.unwrap_or(0)))
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below a bound.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).expect("a bound fits");
        usize::try_from(self.number() % bound).expect("below a usize")
    }

    /// True so many times in a hundred.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of some.
    pub fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

/// What a person does with one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Chooses the option with this value: a code, or `na`.
    Choose(String),
    /// Picks these, most important first.
    Rank(Vec<String>),
    /// Writes this.
    Write(String),
    /// Goes on without an answer.
    Skip,
}

/// Everything one person will do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Screens as the definition has them: question and act, in order. Questions that the answers
    /// before them hide are left out.
    pub screens: Vec<Vec<(String, Act)>>,
    /// The answer sheet that results.
    pub sheet: AnswerSheet,
    /// How many acts are answers.
    pub n_answers: usize,
}

/// Texts that break what is careless about quotes, markup, formulas, lines or scripts.
const TEXTS: [&str; 3] = [
    "Decisions wait for \"the next meeting\" – Müller & <b>Søn</b>'s team",
    "=HYPERLINK(\"http://example.invalid\";\"open\")\nsecond line, with a comma",
    "计划总是变 · план · 100 % \\ {\"a\":1}",
];

impl Plan {
    /// Draws a plan.
    #[must_use]
    pub fn draw(instrument: &Instrument, rater: Rater, draw: &mut Draw) -> Self {
        let is_rating = |item: &&Item| matches!(item.kind, ItemKind::Rating { .. });
        let ratings: Vec<&str> =
            instrument.presented().filter(is_rating).map(|item| item.id.as_str()).collect();
        let skipped = *draw.one_of(&ratings);
        let mut act = |item: &Item| match item.id.as_str() == skipped {
            true => Act::Skip,
            false => act(instrument, item, draw),
        };
        Plan::of(instrument, rater, &mut act)
    }

    /// The plan of somebody who does this with each question they are asked.
    #[must_use]
    pub fn of(instrument: &Instrument, rater: Rater, act: &mut dyn FnMut(&Item) -> Act) -> Self {
        let definition = instrument.definition();
        let mut sheet = AnswerSheet::new(rater);
        let mut screens = Vec::new();
        for ids in definition.sections.iter().flat_map(|section| &section.screens) {
            let mut acts = Vec::new();
            for id in ids {
                let item = instrument.item(id).expect("a loaded definition names its own items");
                if sheet.shows(item) {
                    let act = act(item);
                    record(&mut sheet, id, &act);
                    acts.push((id.clone(), act));
                }
            }
            screens.push(acts);
        }
        let is_answer = |(_, act): &&(String, Act)| *act != Act::Skip;
        let n_answers = screens.iter().flatten().filter(is_answer).count();
        Plan { screens, sheet: sheet.completed(instrument), n_answers }
    }
}

fn act(instrument: &Instrument, item: &Item, draw: &mut Draw) -> Act {
    match &item.kind {
        ItemKind::Rating { .. } | ItemKind::Choice { .. } => {
            let response = instrument.response_of(item).expect("an item with options has some");
            if response.not_applicable() && draw.percent(12) {
                return Act::Choose("na".to_owned());
            }
            Act::Choose(draw.one_of(&response.codes()).to_string())
        }
        ItemKind::Ranking { candidates, pick } => {
            let mut left = candidates.clone();
            let n_picked = 1 + draw.below(*pick);
            Act::Rank((0..n_picked).map(|_| left.swap_remove(draw.below(left.len()))).collect())
        }
        ItemKind::Text { .. } if draw.percent(60) => Act::Write((*draw.one_of(&TEXTS)).to_owned()),
        ItemKind::Text { .. } => Act::Skip,
    }
}

fn record(sheet: &mut AnswerSheet, id: &str, act: &Act) {
    match act {
        Act::Choose(value) => {
            let answer = value.parse().map_or(Answer::NotApplicable, Answer::Code);
            sheet.answers.insert(id.to_owned(), answer);
        }
        Act::Rank(picked) => {
            sheet.rankings.insert(id.to_owned(), picked.clone());
        }
        Act::Write(text) => {
            sheet.texts.insert(id.to_owned(), text.clone());
        }
        Act::Skip => {}
    }
}

/// A published instrument, as the app's users get it.
#[must_use]
pub fn instrument(id: &str, version: &str) -> Instrument {
    let path = place::public().join("instruments").join(id).join(version).join("definition.json");
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Instrument::load(&text).unwrap_or_else(|problems| panic!("{}: {problems:?}", path.display()))
}

/// Id and version of every published instrument.
#[must_use]
pub fn published() -> Vec<(String, String)> {
    let path = place::public().join("instruments/index.json");
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let index: serde_json::Value = serde_json::from_slice(&text).expect("the index is JSON");
    let entries = index["instruments"].as_array().expect("the index lists instruments");
    let text = |entry: &serde_json::Value, key: &str| entry[key].as_str().expect(key).to_owned();
    entries.iter().map(|entry| (text(entry, "id"), text(entry, "version"))).collect()
}
