//! Interface texts: flat files of keys, read once before anything is shown.

use crate::platform::{http, intl};
use crate::route;
use litemap::LiteMap;
use scoring::json;
use std::sync::OnceLock;

static TEXTS: OnceLock<LiteMap<String, String>> = OnceLock::new();

/// Why the texts could not be had.
#[derive(Debug)]
pub enum CatalogueError {
    /// The file did not arrive.
    Fetch(http::FetchError),
    /// The file is not a catalogue.
    Format,
}

impl std::fmt::Display for CatalogueError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CatalogueError::Fetch(error) => write!(formatter, "{error}"),
            CatalogueError::Format => formatter.write_str("the texts are not in the expected form"),
        }
    }
}

/// Loads the texts of some catalogue files, such as `en`.
///
/// # Errors
/// When a file does not arrive or is not a catalogue.
pub async fn load(files: &[&str]) -> Result<(), CatalogueError> {
    let mut texts = LiteMap::new();
    for name in files {
        let file = http::get(&route::locale_file(name)).await.map_err(CatalogueError::Fetch)?;
        let read = json::parse(&file).map_err(|_| CatalogueError::Format)?;
        for (key, text) in read.as_object().ok_or(CatalogueError::Format)? {
            texts.insert(key.clone(), text.as_str().ok_or(CatalogueError::Format)?.to_owned());
        }
    }
    let _ = TEXTS.set(texts);
    Ok(())
}

/// The text of a key. A key without a text shows itself, so that a gap is seen and not silent.
#[must_use]
pub fn text(key: &'static str) -> &'static str {
    find(key).unwrap_or(key)
}

/// The text of a key that is put together at run time, such as an error's code.
#[must_use]
pub fn find(key: &str) -> Option<&'static str> {
    TEXTS.get().and_then(|texts| texts.get(key)).map(String::as_str)
}

/// A text with its `{name}` places filled.
#[must_use]
pub fn fill(key: &str, values: &[(&str, &str)]) -> String {
    fill_text(find(key).unwrap_or(key), values)
}

/// A text in the plural form that the language uses for `n`; `{n}` and further places are filled.
#[must_use]
pub fn plural(key: &str, n: usize, values: &[(&str, &str)]) -> String {
    let form = intl::plural_form("en", n);
    let template = find(&format!("{key}.{form}")).or_else(|| find(&format!("{key}.other")));
    let filled = fill_text(template.unwrap_or(key), values);
    filled.replace("{n}", &n.to_string())
}

fn fill_text(template: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(template.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}

/// What happened and what to do, for an error code.
#[must_use]
pub fn error_pair(code: &str) -> (String, String) {
    let part = |part: &str| {
        let key = format!("error.{code}.{part}");
        find(&key).map_or(key.clone(), str::to_owned)
    };
    (part("what"), part("do"))
}
