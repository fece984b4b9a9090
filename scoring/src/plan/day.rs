//! Calendar days without a time of day or a place.

use std::fmt;

/// A day of the Gregorian calendar from 1970 to 9999, counted from 1 January 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

const DAYS_A_CYCLE: i64 = 146_097;
/// Days from 1 March of the year 0 to 1 January 1970.
const MARCH_0000_TO_1970: i64 = 719_468;
/// 31 December 9999.
const LAST: i64 = 2_932_896;

impl Day {
    /// The day so many days after 1 January 1970; a number beyond the calendar is its nearest end.
    #[must_use]
    pub fn since_1970(days: i64) -> Self {
        Day(days.clamp(0, LAST))
    }

    /// The day of an instant in UTC, given in seconds since 1970.
    #[must_use]
    pub fn of_instant(seconds: i64) -> Self {
        Day::since_1970(seconds.div_euclid(86_400))
    }

    /// The day that is written so, as `2026-11-25`; nothing if there is no such day.
    ///
    /// ```
    /// use scoring::plan::Day;
    /// assert_eq!(Day::read("2024-02-29").unwrap().after(1).to_string(), "2024-03-01");
    /// assert_eq!(Day::read("2026-02-29"), None);
    /// ```
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('-').map(|part| {
            part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<i64>().ok())?
        });
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        if parts.next().is_some() || !(1970..=9999).contains(&year) || month > 12 || day > 31 {
            return None;
        }
        let (shifted, of_year) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let (cycle, of_cycle) = (shifted.div_euclid(400), shifted.rem_euclid(400));
        let leap_days = of_cycle / 4 - of_cycle / 100;
        let in_cycle = of_cycle * 365 + leap_days + (153 * of_year + 2) / 5 + day - 1;
        let found = Day(cycle * DAYS_A_CYCLE + in_cycle - MARCH_0000_TO_1970);
        // What is no day, such as 30 February, is written otherwise.
        (found.to_string() == text).then_some(found)
    }

    /// Days since 1 January 1970.
    #[must_use]
    pub fn number(self) -> i64 {
        self.0
    }

    /// The day so many days later, or earlier.
    #[must_use]
    pub fn after(self, days: i64) -> Self {
        Day::since_1970(self.0.saturating_add(days))
    }

    /// Its month, as `2026-11`.
    #[must_use]
    pub fn month(self) -> String {
        self.to_string().chars().take(7).collect()
    }

    /// The Monday on or after this day.
    ///
    /// ```
    /// use scoring::plan::Day;
    /// let monday = |text| Day::read(text).unwrap().monday().to_string();
    /// assert_eq!((monday("2026-11-25"), monday("2026-11-30")), ("2026-11-30".into(), "2026-11-30".into()));
    /// ```
    #[must_use]
    pub fn monday(self) -> Self {
        // 1 January 1970 was a Thursday.
        self.after((4 - self.0).rem_euclid(7))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Days are counted in cycles of 400 years that begin on 1 March, so that the day which is
        // sometimes missing comes last.
        let days = self.0 + MARCH_0000_TO_1970;
        let (cycle, day) = (days.div_euclid(DAYS_A_CYCLE), days.rem_euclid(DAYS_A_CYCLE));
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let (year, month) = (400 * cycle + year, if month < 10 { month + 3 } else { month - 9 });
        let year = if month <= 2 { year + 1 } else { year };
        write!(formatter, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Python 3: `(datetime.date.fromisoformat(day) - datetime.date(1970, 1, 1)).days`
    #[test]
    fn days_are_where_the_calendar_says() {
        for (text, number) in [
            ("1970-01-01", 0),
            ("1999-12-31", 10_956),
            ("2000-02-29", 11_016),
            ("2024-02-29", 19_782),
            ("2026-11-25", 20_782),
            ("2100-03-01", 47_541),
            ("9999-12-31", LAST),
        ] {
            assert_eq!(Day::read(text), Some(Day(number)), "{text}");
            assert_eq!(Day(number).to_string(), text);
        }
    }

    #[test]
    fn every_day_reads_as_it_is_written() {
        for number in (0..LAST).step_by(17).chain([LAST]) {
            assert_eq!(Day::read(&Day(number).to_string()), Some(Day(number)));
        }
    }

    #[test]
    fn no_days_are_refused() {
        let no_days = [
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-1-1x",
            "2026-01",
            "1.1.2026",
            "",
            "2026-01-01-01",
            "-2026-01-01",
            "2026-+1-01",
            "2026-1-01",
            "1969-12-31",
            "2026-99999999999-01",
            "10000-01-01",
        ];
        for text in no_days {
            assert_eq!(Day::read(text), None, "{text}");
        }
    }
}
