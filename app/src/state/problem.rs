//! What is wrong with something that was typed.

use scoring::cohort::is_shown;

/// A fault of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The field's id.
    pub field: String,
    /// Key of the text that says what is wrong.
    pub key: &'static str,
    /// The limit that the text names.
    pub limit: usize,
}

impl Problem {
    /// A fault of a field.
    #[must_use]
    pub fn new(field: &str, key: &'static str, limit: usize) -> Self {
        Problem { field: field.to_owned(), key, limit }
    }

    /// The fault of a text that others will read.
    #[must_use]
    pub fn of_shown(field: &str, text: &str, max_chars: usize) -> Option<Self> {
        let key = match text.trim() {
            "" => "field.missing",
            text if text.chars().count() > max_chars => "field.too_long",
            text if !is_shown(text, max_chars) => "field.hidden",
            _ => return None,
        };
        Some(Problem::new(field, key, max_chars))
    }
}
