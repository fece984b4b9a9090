//! Fetching an instrument and its wording.

use crate::platform::http::{self, FetchError};
use crate::platform::spawn;
use crate::route::{INSTRUMENT_INDEX, instrument_file};
use leptos::prelude::*;
use scoring::instrument::{Instrument, Problem, Rater, Wording};
use scoring::json;
use serde_json::Value;
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
    /// It is another one than the cohort's link asks for.
    Differs,
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
            LoadError::Differs => "load.differs",
            LoadError::Broken(_) => "load.broken",
        }
    }

    /// Particulars for whoever helps.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            LoadError::Fetch(error) => error.to_string(),
            LoadError::Unknown | LoadError::Differs => String::new(),
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

/// A value that arrives later; none until then.
pub fn later<T: Clone + Send + Sync + 'static>(
    arriving: impl Future<Output = T> + 'static,
) -> ReadSignal<Option<T>> {
    let (value, set_value) = signal(None);
    spawn(async move {
        // Whoever waited for it may have left the page.
        let arrived = arriving.await;
        set_value.try_set(Some(arrived));
    });
    value
}

/// An instrument on the home page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Instrument id.
    pub id: String,
    /// Instrument version.
    pub version: String,
    /// Honest estimate.
    pub minutes: usize,
    /// Number of items.
    pub n_items: usize,
    /// Who may answer.
    pub raters: Vec<Rater>,
    /// Full title.
    pub title: String,
    /// Title where space is short.
    pub short_title: String,
    /// One sentence.
    pub summary: String,
}

impl Entry {
    fn read(entry: &Value) -> Option<Self> {
        let text = |value: &Value, key: &str| value.get(key)?.as_str().map(str::to_owned);
        let count = |key: &str| usize::try_from(entry.get(key)?.as_u64()?).ok();
        let titles = entry.get("titles")?.get(LANGUAGE)?;
        let raters = entry.get("raters")?.as_array()?.iter();
        Some(Entry {
            id: text(entry, "id")?,
            version: text(entry, "version")?,
            minutes: count("minutes")?,
            n_items: count("n_items")?,
            raters: raters.filter_map(|code| Rater::from_code(code.as_str()?)).collect(),
            title: text(titles, "title")?,
            short_title: text(titles, "short_title")?,
            summary: text(titles, "summary")?,
        })
    }
}

/// The list of published instruments.
pub async fn index() -> Result<Vec<Entry>, LoadError> {
    let file = http::get(INSTRUMENT_INDEX).await?;
    let index = json::parse(&file).map_err(|fault| LoadError::Broken(fault.to_string()))?;
    let entries = index.get("instruments").and_then(Value::as_array);
    let entries = entries.and_then(|entries| entries.iter().map(Entry::read).collect());
    entries.ok_or_else(|| LoadError::Broken(INSTRUMENT_INDEX.to_owned()))
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
    let instrument = Instrument::load_published(&definition).map_err(broken)?;
    let wording = instrument.wording_published(&file, &wording).map_err(broken)?;
    Ok((Arc::new(instrument), Arc::new(wording)))
}
