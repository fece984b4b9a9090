//! How long a screen was really in use.

/// Longest gap between two signs of life that still counts as reading, in milliseconds.
const IDLE_MS: i64 = 60_000;

/// Counts time between signs of life; hidden time and long silence are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopwatch {
    last_ms: i64,
    running: bool,
}

impl Stopwatch {
    /// A stopwatch that starts now.
    #[must_use]
    pub fn started(now_ms: i64) -> Self {
        Stopwatch { last_ms: now_ms, running: true }
    }

    /// Notes a sign of life; returns the milliseconds since the last one that count.
    pub fn mark(&mut self, now_ms: i64) -> i64 {
        let gap = now_ms - self.last_ms;
        self.last_ms = now_ms;
        // A clock set back counts nothing.
        if self.running && (0..=IDLE_MS).contains(&gap) { gap } else { 0 }
    }

    /// Notes that the page was hidden or shown; returns what counts until then.
    pub fn visible(&mut self, now_ms: i64, visible: bool) -> i64 {
        let gap = self.mark(now_ms);
        self.running = visible;
        gap
    }
}

#[cfg(test)]
mod tests {
    use super::Stopwatch;

    #[test]
    fn hidden_and_idle_time_is_left_out() {
        let mut watch = Stopwatch::started(0);
        assert_eq!(watch.mark(4_000), 4_000);
        assert_eq!(watch.visible(5_000, false), 1_000);
        assert_eq!(watch.visible(50_000, true), 0);
        assert_eq!(watch.mark(52_000), 2_000);
        assert_eq!(watch.mark(200_000), 0);
        assert_eq!(watch.mark(199_000), 0);
    }
}
