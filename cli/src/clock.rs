//! The time, and the dates that people write.

use scoring::plan::Day;
use std::time::{SystemTime, UNIX_EPOCH};

const SECONDS_A_DAY: i64 = 86_400;

/// Seconds since 1970, by this machine's clock.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.ok().and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or(0)
}

/// The last second of a day in UTC, written YYYY-MM-DD; nothing if there is no such day.
pub fn end_of_day(date: &str) -> Option<i64> {
    Day::read(date).map(|day| day.number() * SECONDS_A_DAY + SECONDS_A_DAY - 1)
}

/// The day of an instant in UTC, as YYYY-MM-DD.
pub fn date(instant: i64) -> String {
    Day::of_instant(instant).to_string()
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
