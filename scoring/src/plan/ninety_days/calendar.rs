//! A plan's dates as an iCalendar file (RFC 5545).

use super::{Phase, Run, WEEKS};
use crate::plan::Day;

/// The words of the calendar's entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarTexts {
    /// Name of the calendar.
    pub name: String,
    /// Title and description of each phase, in the order of [`Phase::ALL`].
    pub phases: [(String, String); 4],
    /// Title and description of the weekly check-in.
    pub check_in: (String, String),
    /// Title and description of the day on which leader and team are asked.
    pub validation: (String, String),
    /// Title and description of the day of the verdict.
    pub verdict: (String, String),
}

/// The days of a test as a calendar file: the phases and the day of the verdict as all-day entries, a check-in of five
/// minutes each week on the fifth day at nine, and the day to ask the team. `id` is the plan's: the same entries
/// keep their names, so that importing the file again moves them and doubles none. `now` is in seconds since 1970.
#[must_use]
pub fn calendar(run: &Run, id: &str, now: i64, texts: &CalendarTexts) -> String {
    let mut file = File { lines: String::new(), id, stamp: instant(now) };
    file.line("BEGIN:VCALENDAR");
    file.line("VERSION:2.0");
    file.line("PRODID:-//Plumbline//90-day test//EN");
    file.line("CALSCALE:GREGORIAN");
    file.line("METHOD:PUBLISH");
    file.line(&format!("X-WR-CALNAME:{}", escaped(&texts.name)));
    for (phase, words) in Phase::ALL.into_iter().zip(&texts.phases) {
        let (from, to) = phase.weeks();
        file.all_day(phase.code(), run.first_day(from), run.first_day(to + 1), words);
    }
    let first = digits(run.first_day(1).after(4));
    file.event(
        "check-in",
        &texts.check_in,
        &[
            &format!("DTSTART:{first}T090000"),
            "DURATION:PT5M",
            &format!("RRULE:FREQ=WEEKLY;COUNT={WEEKS}"),
        ],
    );
    let (from, _) = Phase::Validation.weeks();
    let asking = run.first_day(from + 2);
    file.all_day("ask", asking, asking.after(1), &texts.validation);
    let verdict = run.first_day(WEEKS + 1);
    file.all_day("verdict", verdict, verdict.after(1), &texts.verdict);
    file.line("END:VCALENDAR");
    file.lines
}

struct File<'a> {
    lines: String,
    id: &'a str,
    stamp: String,
}

impl File<'_> {
    /// An entry of whole days; the end is the first day after it (RFC 5545 section 3.6.1).
    fn all_day(&mut self, name: &str, from: Day, end: Day, words: &(String, String)) {
        let when = [
            format!("DTSTART;VALUE=DATE:{}", digits(from)),
            format!("DTEND;VALUE=DATE:{}", digits(end)),
        ];
        // A phase does not make anybody busy.
        self.event(name, words, &[&when[0], &when[1], "TRANSP:TRANSPARENT"]);
    }

    fn event(&mut self, name: &str, words: &(String, String), when: &[&str]) {
        self.line("BEGIN:VEVENT");
        self.line(&format!("UID:{name}.{}@plumbline", self.id));
        self.line(&format!("DTSTAMP:{}", self.stamp));
        when.iter().for_each(|line| self.line(line));
        self.line(&format!("SUMMARY:{}", escaped(&words.0)));
        self.line(&format!("DESCRIPTION:{}", escaped(&words.1)));
        self.line("END:VEVENT");
    }

    /// A content line, folded so that no line is longer than 75 octets and no character is cut (section 3.1).
    fn line(&mut self, line: &str) {
        let mut octets = 0;
        for character in line.chars() {
            if octets + character.len_utf8() > 75 {
                self.lines.push_str("\r\n ");
                octets = 1;
            }
            self.lines.push(character);
            octets += character.len_utf8();
        }
        self.lines.push_str("\r\n");
    }
}

/// A text value (section 3.3.11); control characters other than a line break have no place in one.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '\\' | ';' | ',' => escaped.extend(['\\', character]),
            '\n' => escaped.push_str("\\n"),
            control if control.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}

fn digits(day: Day) -> String {
    day.to_string().replace('-', "")
}

fn instant(seconds: i64) -> String {
    let time = seconds.rem_euclid(86_400);
    let (hours, minutes, seconds_left) = (time / 3600, time / 60 % 60, time % 60);
    format!("{}T{hours:02}{minutes:02}{seconds_left:02}Z", digits(Day::of_instant(seconds)))
}
