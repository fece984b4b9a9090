//! Fetching an instrument and its wording.

use crate::platform::http::{self, FetchError};
use crate::route::{INSTRUMENT_INDEX, instrument_file};
use scoring::instrument::{Instrument, Problem, Rater, Wording};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The language the app speaks.
pub const LANGUAGE: &str = "en";

/// Why something that the app is made of could not be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadError {
    /// It did not arrive.
    Fetch(FetchError),
    /// There is no such instrument or version here.
    Unknown,
    /// It arrived damaged.
    Broken(String),
}

impl LoadError {
    /// Key of the texts that say what happened and what to do.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            LoadError::Fetch(_) => "load.fetch",
            LoadError::Unknown => "load.unknown",
            LoadError::Broken(_) => "load.broken",
        }
    }

    /// Particulars for whoever helps.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            LoadError::Fetch(error) => error.to_string(),
            LoadError::Unknown => String::new(),
            LoadError::Broken(detail) => detail.clone(),
        }
    }
}

impl From<FetchError> for LoadError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Status(404) => LoadError::Unknown,
            other => LoadError::Fetch(other),
        }
    }
}

/// An instrument on the home page.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Entry {
    /// Instrument id.
    pub id: String,
    /// Instrument version.
    pub version: String,
    /// Honest estimate.
    pub minutes: i64,
    /// Number of items.
    pub n_items: usize,
    /// Codes of who may answer.
    pub raters: Vec<String>,
    /// Titles by language.
    titles: BTreeMap<String, Titles>,
}

/// What an instrument is called.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Titles {
    /// Full title.
    pub title: String,
    /// Title where space is short.
    pub short_title: String,
    /// One sentence.
    pub summary: String,
}

impl Entry {
    /// Its titles in the app's language.
    #[must_use]
    pub fn titles(&self) -> Option<&Titles> {
        self.titles.get(LANGUAGE)
    }

    /// Who may answer.
    pub fn raters(&self) -> impl Iterator<Item = Rater> {
        self.raters.iter().filter_map(|code| Rater::from_code(code))
    }
}

#[derive(Deserialize)]
struct Index {
    instruments: Vec<Entry>,
}

/// The list of published instruments.
pub async fn index() -> Result<Vec<Entry>, LoadError> {
    let file = http::get(INSTRUMENT_INDEX).await?;
    let index: Index =
        serde_json::from_slice(&file).map_err(|error| LoadError::Broken(error.to_string()))?;
    Ok(index.instruments)
}

/// An instrument with its wording.
pub async fn instrument(
    id: &str,
    version: &str,
) -> Result<(Arc<Instrument>, Arc<Wording>), LoadError> {
    let broken = |problems: Vec<Problem>| {
        LoadError::Broken(problems.iter().map(|problem| format!("{problem}\n")).collect())
    };
    let file = format!("{LANGUAGE}.json");
    let definition = http::get(&instrument_file(id, version, "definition.json")).await?;
    let wording = http::get(&instrument_file(id, version, &file)).await?;
    let instrument = Instrument::load(&definition).map_err(broken)?;
    let wording = instrument.wording(&file, &wording).map_err(broken)?;
    Ok((Arc::new(instrument), Arc::new(wording)))
}
