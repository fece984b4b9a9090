//! What can be written into an engagement record: its phases, the kinds of entries, and their fields.

use std::fmt;

/// A stable code for each case, in the order in which people meet them.
macro_rules! coded {
    ($(#[$about:meta])* $name:ident { $($(#[$case_about:meta])* $case:ident => $code:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$case_about])* $case),+
        }

        impl $name {
            /// All of them.
            pub const ALL: &[$name] = &[$($name::$case),+];

            /// Stable code, also part of the keys of its texts.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self {
                    $($name::$case => $code),+
                }
            }

            /// The one with this code.
            #[must_use]
            pub fn of_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.code() == code)
            }
        }
    };
}

coded! {
    /// The phases of an engagement, in their order.
    Phase {
        /// Who wants what, who hears what, and how success will be seen.
        Contracting => "contracting",
        /// How the leader is experienced, and what the business asks for.
        Assessment => "assessment",
        /// Which behaviours are to change, and how that will show.
        Planning => "planning",
        /// Sessions, and practice between them.
        Sessions => "sessions",
        /// What others see change.
        Feedback => "feedback",
        /// What came of it, and what keeps it going.
        Evaluation => "evaluation",
    }
}

coded! {
    /// What an entry is.
    Kind {
        /// The record itself: its title, the leader, the first day.
        About => "about",
        /// When a phase began and ended.
        Phase => "phase",
        /// Who takes part.
        Person => "person",
        /// Something that was agreed or found.
        Statement => "statement",
        /// Something that was done or not.
        Check => "check",
        /// How success will be seen.
        Criterion => "criterion",
        /// A month's value of a criterion.
        Value => "value",
        /// A result, a report or a worksheet that a phase rests on.
        Evidence => "evidence",
        /// What a stakeholder saw.
        Voice => "voice",
        /// A behaviour that the leader works on.
        Commitment => "commitment",
        /// A coaching session.
        Session => "session",
    }
}

/// What may be written into a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// One line of at most so many characters.
    Line(usize),
    /// Lines of at most so many characters in all.
    Text(usize),
    /// A day of the calendar.
    Day,
    /// One of these codes.
    Choice(&'static [&'static str]),
    /// A number with its decimals.
    Number,
    /// SHA-256 of a file in lower-case hexadecimal, or the id of a worksheet.
    Reference,
}

/// A field of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Stable code, also part of the keys of its texts.
    pub code: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// Whether an entry without it says nothing.
    pub is_needed: bool,
}

const fn needed(code: &'static str, takes: Takes) -> Field {
    Field { code, takes, is_needed: true }
}

const fn optional(code: &'static str, takes: Takes) -> Field {
    Field { code, takes, is_needed: false }
}

const YES_NO: Takes = Takes::Choice(&["yes", "no"]);

impl Kind {
    /// The fields of such an entry, in the order in which they are asked for.
    #[must_use]
    pub fn fields(self) -> &'static [Field] {
        match self {
            Kind::About => {
                const {
                    &[
                        needed("title", Takes::Line(120)),
                        optional("leader", Takes::Line(120)),
                        optional("began", Takes::Day),
                    ]
                }
            }
            Kind::Phase => const { &[optional("from", Takes::Day), optional("to", Takes::Day)] },
            Kind::Person => {
                const {
                    &[
                        needed(
                            "part",
                            Takes::Choice(&["coach", "leader", "sponsor", "stakeholder"]),
                        ),
                        needed("role", Takes::Line(120)),
                    ]
                }
            }
            Kind::Statement => const { &[needed("text", Takes::Text(2000))] },
            Kind::Check => const { &[needed("done", YES_NO)] },
            Kind::Criterion => {
                const {
                    &[
                        needed("name", Takes::Line(120)),
                        needed("unit", Takes::Line(40)),
                        needed("better", Takes::Choice(&["down", "up"])),
                        needed("known", Takes::Choice(&["counted", "timed", "seen", "felt"])),
                        optional("supplied_by", Takes::Line(120)),
                        optional("baseline", Takes::Number),
                        optional("baseline_date", Takes::Day),
                        optional("baseline_source", Takes::Line(200)),
                        optional("target", Takes::Number),
                    ]
                }
            }
            Kind::Value => {
                const { &[needed("value", Takes::Number), optional("note", Takes::Line(200))] }
            }
            Kind::Evidence => {
                const {
                    &[
                        needed("phase", Takes::Choice(PHASES)),
                        needed("source", Takes::Choice(SOURCES)),
                        needed("name", Takes::Line(200)),
                        needed("reference", Takes::Reference),
                        needed("date", Takes::Day),
                        optional("note", Takes::Text(500)),
                    ]
                }
            }
            Kind::Voice => {
                const {
                    &[
                        needed("date", Takes::Day),
                        needed("who", Takes::Line(120)),
                        needed("seen", Takes::Text(1000)),
                    ]
                }
            }
            Kind::Commitment => {
                const {
                    &[
                        needed("behaviour", Takes::Text(300)),
                        optional("shows_when", Takes::Text(300)),
                        optional("outcome", Takes::Text(300)),
                        optional("took_part", Takes::Text(300)),
                        optional("monitored", Takes::Text(300)),
                        optional("judged", Takes::Text(300)),
                        needed("state", Takes::Choice(&["open", "kept", "dropped"])),
                        optional("came_of_it", Takes::Text(500)),
                    ]
                }
            }
            Kind::Session => {
                const {
                    &[
                        needed("date", Takes::Day),
                        needed("focus", Takes::Line(200)),
                        optional("agreed", Takes::Text(1000)),
                        optional("next_step", Takes::Line(200)),
                        needed("held", YES_NO),
                    ]
                }
            }
        }
    }

    /// The field with this code.
    #[must_use]
    pub fn field(self, code: &str) -> Option<&'static Field> {
        self.fields().iter().find(|field| field.code == code)
    }

    /// The ids of entries of which there is one each; nothing where there can be any number.
    #[must_use]
    pub fn ids(self) -> Option<&'static [&'static str]> {
        match self {
            Kind::About => Some(&["record"]),
            Kind::Phase => Some(PHASES),
            Kind::Statement => Some(&[
                "goals",
                "confidentiality",
                "who_hears",
                "context",
                "findings",
                "loop",
                "review",
                "sustain",
            ]),
            Kind::Check => Some(&[
                "met_together",
                "findings_discussed",
                "commitments_told",
                "told_back",
                "review_together",
            ]),
            Kind::Person
            | Kind::Criterion
            | Kind::Value
            | Kind::Evidence
            | Kind::Voice
            | Kind::Commitment
            | Kind::Session => None,
        }
    }
}

/// The phases' codes, as ids and as choices.
const PHASES: &[&str] =
    &["contracting", "assessment", "planning", "sessions", "feedback", "evaluation"];

/// What can be evidence.
const SOURCES: &[&str] = &["result", "group_report", "pair_report", "ninety_days", "decision_map"];

/// Most characters of a number: a dozen digits, sign and point.
const MAX_NUMBER_CHARS: usize = 16;

/// A number as it was written: 12.50 is `n` 1250 with 2 `decimals`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number {
    /// The digits, as if there were no point.
    pub n: i64,
    /// How many of them are behind the point.
    pub decimals: u32,
}

impl Number {
    /// Most digits behind the point.
    pub const MAX_DECIMALS: u32 = 4;
    /// Largest magnitude of the digits.
    pub const MAX_N: i64 = 999_999_999_999;

    /// The number that is written so, in digits with a point; nothing if it is none.
    ///
    /// ```
    /// use scoring::plan::engagement::Number;
    /// assert_eq!(Number::read("-12.50").unwrap(), Number { n: -1250, decimals: 2 });
    /// assert_eq!(Number::read("1,5"), None);
    /// ```
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, behind) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let is_written = !whole.is_empty() && (behind.is_empty() != digits.contains('.'));
        if !is_written || !all_digits(whole) || !all_digits(behind) || text.len() > MAX_NUMBER_CHARS
        {
            return None;
        }
        let decimals = u32::try_from(behind.len()).ok()?;
        let n = format!("{whole}{behind}").parse::<i64>().ok()?;
        let number = Number { n: if text.starts_with('-') { -n } else { n }, decimals };
        number.is_possible().then_some(number)
    }

    /// Whether it is within the limits.
    #[must_use]
    pub fn is_possible(self) -> bool {
        self.decimals <= Self::MAX_DECIMALS && (-Self::MAX_N..=Self::MAX_N).contains(&self.n)
    }

    /// The digits with so many behind the point, which are not fewer than there are.
    fn at(self, decimals: u32) -> i128 {
        i128::from(self.n) * 10_i128.pow(decimals.saturating_sub(self.decimals))
    }

    /// How it compares in size, however it is written.
    #[must_use]
    pub fn compare(self, other: Self) -> std::cmp::Ordering {
        let decimals = self.decimals.max(other.decimals);
        self.at(decimals).cmp(&other.at(decimals))
    }

    /// This minus another, exactly; with the decimals of the more exact one.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        let decimals = self.decimals.max(other.decimals);
        let n = self.at(decimals) - other.at(decimals);
        // 2 × 10^12 × 10^4 at most, which fits.
        Number { n: i64::try_from(n).unwrap_or(i64::MAX), decimals }
    }

    /// The nearest double, for charts alone.
    #[must_use]
    pub fn nearest(self) -> f64 {
        self.n as f64 / f64::from(10_u32.saturating_pow(self.decimals))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10_u64.saturating_pow(self.decimals);
        let (whole, behind) = (self.n.unsigned_abs() / unit, self.n.unsigned_abs() % unit);
        let sign = if self.n < 0 { "-" } else { "" };
        match self.decimals {
            0 => write!(formatter, "{sign}{whole}"),
            digits => write!(formatter, "{sign}{whole}.{behind:0width$}", width = digits as usize),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_kept_as_they_are_written() {
        for text in ["0", "12", "-3", "12.50", "0.05", "-0.5", "999999999999", "99999999.9999"] {
            assert_eq!(Number::read(text).unwrap().to_string(), text);
        }
        for text in ["", "-", ".5", "5.", "1,5", "1.2.3", "+1", "1e3", "1000000000000", "0.00001"] {
            assert_eq!(Number::read(text), None, "{text}");
        }
        // What cannot be told from 0 is not written back the same, and so is not read.
        assert_eq!(Number::read("-0").unwrap().to_string(), "0");
    }

    #[test]
    fn numbers_compare_by_size() {
        let number = |text| Number::read(text).unwrap();
        assert!(number("1.50").compare(number("1.5")).is_eq());
        assert!(number("-2").compare(number("-1.9999")).is_lt());
        assert_eq!(number("1.5").minus(number("1.75")).to_string(), "-0.25");
        assert_eq!(number("3").minus(number("-999999999999")).to_string(), "1000000000002");
    }
}
