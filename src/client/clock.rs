//! The time as a client keeps it: that of the machine, that of a recording, or one that passes only by waiting.

use super::Client;
use jiff::Timestamp;
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::time::Instant;

/// A clock that moves on only when it is told. While a recording is made or replayed it does so with a reply and while
/// the script sleeps, and stands still in between: a replay, which is quicker, then computes the same moments.
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
        self.now_ms() / 1000
    }

    fn now_ms(&self) -> i64 {
        self.start * 1000 + self.passed_ms.load(Relaxed) as i64
    }

    /// The script has slept.
    pub(super) fn slept(&self, length: Duration) {
        self.passed_ms.fetch_add(length.as_millis() as u64, Relaxed);
    }

    /// So many seconds have passed at least. Whether that is news.
    pub(super) fn reached(&self, seconds: u64) -> bool {
        self.passed_ms.fetch_max(seconds * 1000, Relaxed) / 1000 < seconds
    }

    fn passed(&self) -> Duration {
        Duration::from_millis(self.passed_ms.load(Relaxed))
    }

    /// So much has passed at least. How many seconds of it are news.
    fn passed_until(&self, until: Duration) -> u64 {
        let until = u64::try_from(until.as_millis()).unwrap_or(u64::MAX);
        let before = self.passed_ms.fetch_max(until, Relaxed);
        (until / 1000).saturating_sub(before / 1000)
    }
}

/// The machine's time, in seconds since 1970.
pub(super) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() as i64)
}

/// What pauses and lifetimes are measured by.
#[derive(Debug, Default)]
pub(super) struct Time(Option<Leaps>);

/// Whoever waits goes on at once, and then it is later.
struct Leaps {
    clock: Clock,
    began: Instant,
    tell: Box<dyn Fn(u64) + Send + Sync>,
}

impl Time {
    pub(super) fn instant(&self) -> Instant {
        self.0.as_ref().map_or_else(Instant::now, |leaps| leaps.began + leaps.clock.passed())
    }

    /// Whether nobody really waits.
    pub(super) fn leaps(&self) -> bool {
        self.0.is_some()
    }

    /// Wait. The result is how much of it was left out.
    pub(super) async fn wait(&self, length: Duration) -> Duration {
        let Some(leaps) = &self.0 else {
            tokio::time::sleep(length).await;
            return Duration::ZERO;
        };
        let until = leaps.clock.passed().saturating_add(length);
        // Others that begin to wait now wait at the same time, not one after the other.
        tokio::task::yield_now().await;
        (leaps.tell)(leaps.clock.passed_until(until));
        length
    }
}

impl Client {
    /// Let nobody wait: the time begins at `start`, in seconds since 1970, and passes only by waiting. Who else keeps that
    /// time is told how many seconds have passed.
    pub fn leaping(mut self, start: i64, tell: impl Fn(u64) + Send + Sync + 'static) -> Self {
        let leaps = Leaps { clock: Clock::starting(start), began: Instant::now(), tell: Box::new(tell) };
        self.time = Arc::new(Time(Some(leaps)));
        self.pacer = Arc::new(super::pace::Pacer::new(self.time.clone()));
        self
    }

    /// Now, in seconds since 1970; in a replay, as it was then.
    pub fn now(&self) -> i64 {
        self.clock().map_or_else(now, Clock::now)
    }

    /// The same, to the millisecond.
    pub(super) fn moment(&self) -> Timestamp {
        let of_clock = |clock: &Clock| Timestamp::from_millisecond(clock.now_ms()).ok();
        self.clock().and_then(of_clock).unwrap_or_else(Timestamp::now)
    }

    /// What is kept instead of the machine's time.
    fn clock(&self) -> Option<&Clock> {
        self.tape.as_ref().map(|tape| tape.clock()).or(self.time.0.as_ref().map(|leaps| &leaps.clock))
    }
}

impl fmt::Debug for Leaps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leaps").field("clock", &self.clock).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaping(told: Arc<AtomicU64>) -> Time {
        let tell = move |seconds| {
            told.fetch_add(seconds, Relaxed);
        };
        Time(Some(Leaps { clock: Clock::starting(1_000), began: Instant::now(), tell: Box::new(tell) }))
    }

    #[tokio::test]
    async fn whoever_waits_goes_on_at_once_and_every_second_is_told() {
        let told = Arc::new(AtomicU64::new(0));
        let time = leaping(told.clone());
        let (real, begin) = (Instant::now(), time.instant());
        for _ in 0..5 {
            assert_eq!(time.wait(Duration::from_millis(500)).await, Duration::from_millis(500));
        }
        time.wait(Duration::from_secs(3600)).await;
        assert_eq!(time.instant() - begin, Duration::from_millis(3_602_500));
        assert_eq!(told.load(Relaxed), 3602);
        assert!(real.elapsed() < Duration::from_secs(60));
    }

    #[tokio::test]
    async fn those_who_wait_together_do_not_add_up() {
        let told = Arc::new(AtomicU64::new(0));
        let time = leaping(told.clone());
        tokio::join!(time.wait(Duration::from_secs(10)), time.wait(Duration::from_secs(60)));
        assert_eq!(told.load(Relaxed), 60);
    }
}
