//! The time as a script sees it while a recording is made or replayed.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A clock that moves on with a reply and while the script sleeps, and stands still in between: a replay, which is
/// quicker, then computes the same moments.
#[derive(Debug)]
pub(super) struct Clock {
    start: i64,
    passed_ms: AtomicU64,
}

impl Clock {
    pub(super) fn starting(start: i64) -> Clock {
        Clock { start, passed_ms: AtomicU64::new(0) }
    }

    /// In seconds since 1970.
    pub(super) fn now(&self) -> i64 {
        self.start + (self.passed_ms.load(Relaxed) / 1000) as i64
    }

    /// The script has slept.
    pub(super) fn slept(&self, length: Duration) {
        self.passed_ms.fetch_add(length.as_millis() as u64, Relaxed);
    }

    /// So many seconds have passed at least. Whether that is news.
    pub(super) fn reached(&self, seconds: u64) -> bool {
        self.passed_ms.fetch_max(seconds * 1000, Relaxed) / 1000 < seconds
    }
}

/// The machine's time, in seconds since 1970.
pub(super) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() as i64)
}
