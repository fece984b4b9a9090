//! Whether a phrase names a behaviour, by its form: word lists and patterns of one language, declared as data.
//!
//! A pattern is a few tokens: a word, the beginning of a word (`improv*`), a number (`#`) or a sign (`%`). One
//! that begins with `^` fits only where a clause begins: at the first word, after a comma, after words that
//! only open a clause ("I", "and") and after words that pledge ("will"). What stands in quotation marks is
//! what somebody says, and is not looked at.

use super::definition::{Definition, FormTest};
use crate::instrument::Wording;

/// The form tests of one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    checks: Vec<(String, Test)>,
    /// Words that may open a clause before its verb.
    openers: Vec<String>,
    /// Words after which the verb of a pledge comes, wherever they stand.
    pledges: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    FewerWords(usize),
    MoreWords(usize),
    Present(Vec<Pattern>),
    Absent(Vec<Pattern>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    opens: bool,
    tokens: Vec<Token>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Prefix(String),
    Number,
}

impl Form {
    /// The tests that a definition declares, with the patterns of a language.
    #[must_use]
    pub fn new(definition: &Definition, wording: &Wording) -> Self {
        let patterns = |id: &str| {
            wording.list(&format!("form.{id}.patterns")).map(Pattern::new).collect::<Vec<_>>()
        };
        let checks = definition.form.iter().map(|check| {
            let test = match check.test {
                FormTest::FewerWords(n) => Test::FewerWords(n),
                FormTest::MoreWords(n) => Test::MoreWords(n),
                FormTest::Present => Test::Present(patterns(&check.id)),
                FormTest::Absent => Test::Absent(patterns(&check.id)),
            };
            (check.id.clone(), test)
        });
        let words = |path: &str| wording.list(path).map(str::to_owned).collect();
        Form {
            checks: checks.collect(),
            openers: words("form_words.openers"),
            pledges: words("form_words.pledges"),
        }
    }

    /// The first declared test that a phrase does not pass, by its id; none if it reads as a behaviour.
    #[must_use]
    pub fn fault(&self, phrase: &str) -> Option<&str> {
        let n_words = phrase.split_whitespace().count();
        let tokens = tokens(phrase);
        let starts = self.starts(&tokens);
        let fits = |patterns: &[Pattern]| patterns.iter().any(|p| p.fits(&tokens, &starts));
        let failed = self.checks.iter().find(|(_, test)| match test {
            Test::FewerWords(n) => n_words < *n,
            Test::MoreWords(n) => n_words > *n,
            Test::Present(patterns) => fits(patterns),
            Test::Absent(patterns) => !fits(patterns),
        });
        failed.map(|(id, _)| id.as_str())
    }

    /// For each token, whether a clause's own words begin there.
    fn starts(&self, tokens: &[String]) -> Vec<bool> {
        let is_one = |words: &[String], token: &str| words.iter().any(|word| word == token);
        let mut starts: Vec<bool> = Vec::new();
        for idx in 0..tokens.len() {
            let before = idx.checked_sub(1).and_then(|before| tokens.get(before));
            let start = match before.map(String::as_str) {
                None | Some(BREAK) => true,
                Some(word) => {
                    is_one(&self.pledges, word)
                        || (is_one(&self.openers, word) && starts.last() == Some(&true))
                }
            };
            starts.push(start);
        }
        starts
    }
}

impl Pattern {
    fn new(text: &str) -> Self {
        let (opens, rest) = match text.strip_prefix('^') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let token = |word: &str| match (word, word.strip_suffix('*')) {
            ("#", _) => Token::Number,
            (_, Some(prefix)) => Token::Prefix(prefix.to_owned()),
            (word, None) => Token::Word(word.to_owned()),
        };
        Pattern { opens, tokens: rest.split_whitespace().map(token).collect() }
    }

    fn fits(&self, tokens: &[String], starts: &[bool]) -> bool {
        let places = tokens.windows(self.tokens.len().max(1)).zip(starts);
        let mut places = places.filter(|(_, start)| **start || !self.opens);
        places.any(|(window, _)| window.iter().zip(&self.tokens).all(|(found, t)| t.fits(found)))
    }
}

impl Token {
    fn fits(&self, found: &str) -> bool {
        match self {
            Token::Word(word) => found == word,
            Token::Prefix(prefix) => found.starts_with(prefix.as_str()),
            Token::Number => found.starts_with(|c: char| c.is_ascii_digit()),
        }
    }
}

/// Stands for every mark that ends a clause.
const BREAK: &str = ",";

/// Lower-case words, numbers and signs, without what is quoted.
fn tokens(phrase: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    let phrase = phrase.to_lowercase().replace('’', "'");
    let mut characters = phrase.chars().peekable();
    let mut end = |word: &mut String, sign: Option<&str>| {
        let whole = word.trim_matches(['\'', '-']).to_owned();
        word.clear();
        tokens.extend(Some(whole).filter(|word| !word.is_empty()));
        tokens.extend(sign.map(str::to_owned));
    };
    while let Some(character) = characters.next() {
        if matches!(character, '"' | '“' | '”' | '„' | '«' | '»') {
            end(&mut word, None);
            quoted = !quoted;
        } else if quoted {
            // Somebody's words.
        } else if character.is_alphanumeric()
            || matches!(character, '\'' | '-')
            || is_within_number(character, &word, characters.peek())
        {
            word.push(character);
        } else if character.is_whitespace() {
            end(&mut word, None);
        } else if matches!(character, '%' | '€' | '$' | '£' | '¥') {
            end(&mut word, Some(character.encode_utf8(&mut [0; 4])));
        } else {
            end(&mut word, Some(BREAK));
        }
    }
    end(&mut word, None);
    tokens
}

/// Whether a mark stands between digits, as in 50,000.
fn is_within_number(mark: char, before: &str, after: Option<&char>) -> bool {
    matches!(mark, ',' | '.')
        && before.ends_with(|c: char| c.is_ascii_digit())
        && after.is_some_and(char::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_fall_into_words_numbers_and_signs() {
        let check = |phrase: &str, expected: &[&str]| assert_eq!(tokens(phrase), expected);
        check("I’ll cut it by 20%", &["i'll", "cut", "it", "by", "20", "%"]);
        check("Save €50,000, now.", &["save", "€", "50,000", ",", "now", ","]);
        check("Say “no, not yet” aloud", &["say", "aloud"]);
        check("One-to-ones - weekly", &["one-to-ones", "weekly"]);
        check("  ", &[]);
    }

    #[test]
    fn a_pattern_that_opens_fits_where_a_clause_begins() {
        let form = Form {
            checks: vec![("negation".to_owned(), Test::Present(vec![Pattern::new("^not")]))],
            openers: vec!["i".to_owned(), "and".to_owned()],
            pledges: vec!["will".to_owned()],
        };
        let check = |phrase: &str, fits: bool| {
            assert_eq!(form.fault(phrase), fits.then_some("negation"), "{phrase}");
        };
        check("Not me", true);
        check("And I not me", true);
        check("In meetings, not me", true);
        check("In meetings I will not", true);
        check("Say I do not know", false);
        check("Ask and not tell", false);
    }
}
