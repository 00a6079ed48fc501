//! The sandbox's time: it runs like the real one, from where it was set, and can be moved forward.

use std::time::{SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

#[derive(Debug)]
pub(super) struct Clock {
    start: i64,
    started: Instant,
    advanced: i64,
}

impl Clock {
    pub fn new(start: Option<i64>) -> Self {
        const YEAR_9000: i64 = 221_845_392_000;
        let start = start.unwrap_or_else(real_now).clamp(0, YEAR_9000);
        Self { start, started: Instant::now(), advanced: 0 }
    }

    /// Seconds since 1970.
    pub fn now(&self) -> i64 {
        let running = i64::try_from(self.started.elapsed().as_secs()).unwrap_or(i64::MAX);
        self.start.saturating_add(running).saturating_add(self.advanced)
    }

    pub fn advance(&mut self, seconds: i64) {
        const CENTURY: i64 = 100 * 366 * 86_400;
        self.advanced = self.advanced.saturating_add(seconds.max(0)).min(CENTURY);
    }
}

/// The real time in seconds since 1970.
pub(super) fn real_now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
