//! Names of files that are handed over.

/// A title or a name as part of a file's name.
#[must_use]
pub fn file_stem(name: &str) -> String {
    let kept = |c: char| if c.is_alphanumeric() { c } else { '-' };
    let words: String = name.trim().to_lowercase().chars().map(kept).collect();
    let words = words.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    if words.is_empty() { "plumbline".to_owned() } else { words.chars().take(60).collect() }
}
