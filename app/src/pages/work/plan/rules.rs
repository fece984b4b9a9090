//! What a plan is read by: the declared rules and their words.

use crate::pages::load::{LANGUAGE, LoadError};
use crate::platform::http;
use crate::route::worksheet_file;
use scoring::instrument::{Problem, Wording};
use scoring::plan::WorksheetKind;
use scoring::plan::ninety_days::{Definition, Form};
use std::sync::{Arc, OnceLock};

const VERSION: &str = "1.0";

/// The rules of the 90-day test in one language.
#[derive(Debug)]
pub struct Rules {
    /// The rules.
    pub definition: Definition,
    /// Their words.
    pub wording: Wording,
    /// How a phrase is told from a behaviour.
    pub form: Form,
}

static LOADED: OnceLock<Arc<Rules>> = OnceLock::new();

/// The rules, fetched once.
pub async fn load() -> Result<Arc<Rules>, LoadError> {
    if let Some(rules) = LOADED.get() {
        return Ok(rules.clone());
    }
    let broken = |problems: Vec<Problem>| {
        LoadError::Broken(problems.iter().map(|problem| format!("{problem}\n")).collect())
    };
    let address = |file: &str| worksheet_file(WorksheetKind::NinetyDays, VERSION, file);
    let file = format!("{LANGUAGE}.json");
    let definition = http::get(&address("definition.json")).await?;
    let words = http::get(&address(&file)).await?;
    let definition = Definition::load_published(&definition).map_err(broken)?;
    let wording = definition.wording(&file, &words).map_err(broken)?;
    let form = Form::new(&definition, &wording);
    Ok(LOADED.get_or_init(|| Arc::new(Rules { definition, wording, form })).clone())
}
