//! What tools write above the answers: their header rows, and how a column is called.

/// Which tool wrote a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// Google Forms, as its spreadsheet is downloaded: one header row of questions.
    GoogleForms,
    /// Microsoft Forms, its workbook saved as CSV: one header row of questions.
    MicrosoftForms,
    /// Qualtrics: names, questions, and import ids; a column is called by its name, such as `Q1_2`.
    Qualtrics,
    /// `SurveyMonkey`: questions, each above the first of its columns only, and their rows or options.
    SurveyMonkey,
    /// Anything with one header row.
    Plain,
}

impl Export {
    /// Each with its name in a map.
    pub(super) const ALL: [(&str, Export); 5] = [
        ("google_forms", Export::GoogleForms),
        ("microsoft_forms", Export::MicrosoftForms),
        ("qualtrics", Export::Qualtrics),
        ("surveymonkey", Export::SurveyMonkey),
        ("plain", Export::Plain),
    ];

    /// Its name in a map.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, export)| *export == self).map_or("", |(name, _)| name)
    }

    /// Rows above the first answer.
    pub(super) fn n_header_rows(self) -> usize {
        match self {
            Export::Qualtrics => 3,
            Export::SurveyMonkey => 2,
            Export::GoogleForms | Export::MicrosoftForms | Export::Plain => 1,
        }
    }

    /// Whether the first rows of a table can be of this tool; if not, which tool they are of, as far as they
    /// show it. Only English column names and the form of the header are known here.
    pub(super) fn fits(self, rows: &[Vec<String>]) -> Result<(), Option<Export>> {
        let found = recognized(rows);
        let second_begins_empty = rows.get(1).is_some_and(|row| cell(row, 0).is_empty());
        let fits = match self {
            Export::Qualtrics => found == Some(self),
            Export::SurveyMonkey => found == Some(self) || found.is_none() && second_begins_empty,
            Export::Plain => !matches!(found, Some(Export::Qualtrics | Export::SurveyMonkey)),
            Export::GoogleForms | Export::MicrosoftForms => found.is_none_or(|found| found == self),
        };
        if fits { Ok(()) } else { Err(found.filter(|found| *found != self)) }
    }

    /// What the columns are called, from the header rows.
    pub(super) fn columns(self, rows: &[Vec<String>]) -> Vec<String> {
        let first = rows.first().map(Vec::as_slice).unwrap_or_default();
        if self != Export::SurveyMonkey {
            return first.to_vec();
        }
        let second = rows.get(1).map(Vec::as_slice).unwrap_or_default();
        let mut question = "";
        let mut names = Vec::new();
        for (idx, own) in first.iter().enumerate() {
            let part = cell(second, idx);
            if !own.is_empty() || part.is_empty() {
                question = own;
            }
            names.push(match part {
                // What stands below a question that has one column.
                "" | "Response" | "Open-Ended Response" => question.to_owned(),
                part => format!("{question} [{part}]"),
            });
        }
        names
    }
}

fn cell(row: &[String], idx: usize) -> &str {
    row.get(idx).map_or("", String::as_str)
}

/// The tool that nobody else's header looks like.
fn recognized(rows: &[Vec<String>]) -> Option<Export> {
    let row = |idx: usize| rows.get(idx).map(Vec::as_slice).unwrap_or_default();
    let first = row(0);
    let begins = |names: &[&str]| {
        let is_called = |(idx, name): (usize, &&str)| cell(first, idx).eq_ignore_ascii_case(name);
        names.iter().enumerate().all(is_called)
    };
    if cell(row(2), 0).starts_with('{') && cell(row(2), 0).contains("ImportId") {
        Some(Export::Qualtrics)
    } else if begins(&["Respondent ID"]) || begins(&["RespondentID"]) {
        Some(Export::SurveyMonkey)
    } else if begins(&["ID", "Start time", "Completion time"]) {
        Some(Export::MicrosoftForms)
    } else if begins(&["Timestamp"]) {
        Some(Export::GoogleForms)
    } else {
        None
    }
}

/// Columns that tell who somebody is, as these tools call them in English. None may divide people: its texts
/// would be the names of groups.
const PERSONAL: [&str; 18] = [
    "Email",
    "Email Address",
    "E-mail",
    "E-mail Address",
    "Username",
    "Name",
    "First Name",
    "Last Name",
    "IP Address",
    "IPAddress",
    "RecipientFirstName",
    "RecipientLastName",
    "RecipientEmail",
    "LocationLatitude",
    "LocationLongitude",
    "Respondent ID",
    "RespondentID",
    "ResponseId",
];

/// Whether a column tells who somebody is.
pub(super) fn is_personal(column: &str) -> bool {
    PERSONAL.iter().any(|known| known.eq_ignore_ascii_case(column))
}

/// A text as it is compared: any run of white space, with the non-breaking ones, is one space.
pub(super) fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
