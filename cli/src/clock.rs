//! The time, and the dates that people write.

use std::time::{SystemTime, UNIX_EPOCH};

const SECONDS_A_DAY: i64 = 86_400;

/// Seconds since 1970, by this machine's clock.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.ok().and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or(0)
}

/// The last second of a day in UTC, written YYYY-MM-DD; nothing if there is no such day.
pub fn end_of_day(date: &str) -> Option<i64> {
    let mut parts = date.split('-').map(|part| {
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<i64>().ok())?
    });
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || !(1970..=9999).contains(&year) {
        return None;
    }
    let end = days_since_1970(year, month, day) * SECONDS_A_DAY + SECONDS_A_DAY - 1;
    (self::date(end) == format!("{year:04}-{month:02}-{day:02}")).then_some(end)
}

/// The day of an instant in UTC, as YYYY-MM-DD.
pub fn date(instant: i64) -> String {
    // Days are counted in cycles of 400 years that begin on 1 March, so that the day which is
    // sometimes missing comes last.
    let days = instant.div_euclid(SECONDS_A_DAY) + MARCH_0000_TO_1970;
    let (cycle, day) = (days.div_euclid(DAYS_A_CYCLE), days.rem_euclid(DAYS_A_CYCLE));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = (400 * cycle + year, if month < 10 { month + 3 } else { month - 9 });
    let year = if month <= 2 { year + 1 } else { year };
    format!("{year:04}-{month:02}-{day:02}")
}

const DAYS_A_CYCLE: i64 = 146_097;
/// Days from 1 March of the year 0 to 1 January 1970.
const MARCH_0000_TO_1970: i64 = 719_468;

fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (cycle, year) = (year.div_euclid(400), year.rem_euclid(400));
    let day = (153 * month + 2) / 5 + day - 1;
    cycle * DAYS_A_CYCLE + 365 * year + year / 4 - year / 100 + day - MARCH_0000_TO_1970
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `date -u -d @86399 +%F`, and so on.
    #[test]
    fn days_end_where_the_calendar_says() {
        for (day, end) in [
            ("1970-01-01", 86_399),
            ("1999-12-31", 946_684_799),
            ("2000-02-29", 951_868_799),
            ("2026-12-31", 1_798_761_599),
            ("2100-03-01", 4_107_628_799),
        ] {
            assert_eq!(
                (end_of_day(day), date(end), date(end + 1) > date(end)),
                (Some(end), day.to_owned(), true)
            );
        }
        let no_days =
            ["2026-02-29", "2026-13-01", "2026-00-10", "2026-1-1x", "2026-01", "1.1.2026"];
        for text in no_days.iter().chain(&["", "2026-01-01-01", "-2026-01-01", "2026-+1-01"]) {
            assert_eq!(end_of_day(text), None, "{text}");
        }
    }
}
