//! The time as a client keeps it: that of the machine, that of a recording, one that passes only by waiting, or that of
//! others.

use super::Client;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use std::{
    any::Any,
    fmt,
    sync::{
        Arc, LazyLock,
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

    fn moment(&self) -> Timestamp {
        let milliseconds = self.start * 1000 + self.passed_ms.load(Relaxed) as i64;
        Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MAX)
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

/// A time that others keep as well. Who waits by it goes on when it is that late for all of them.
pub trait Keeper: fmt::Debug + Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Wait so long.
    fn wait(&self, length: Duration) -> BoxFuture<'static, ()>;

    /// A request is on its way: until this is dropped, nobody may think that all wait.
    fn busy(&self) -> Box<dyn Any + Send>;
}

/// What pauses and lifetimes are measured by.
#[derive(Debug, Default)]
pub(super) enum Time {
    /// The machine's.
    #[default]
    Machine,
    /// Whoever waits goes on at once, and then it is later.
    Leaping(Leaps),
    /// That of others.
    Kept(Box<dyn Keeper>),
}

/// Where 1970 lies on a time that others keep: for all clients at the same instant, since they share quotas and tokens.
static EPOCH: LazyLock<Instant> = LazyLock::new(Instant::now);

pub(super) struct Leaps {
    clock: Clock,
    began: Instant,
    tell: Box<dyn Fn(u64) + Send + Sync>,
}

impl Time {
    pub(super) fn instant(&self) -> Instant {
        match self {
            Time::Machine => Instant::now(),
            Time::Leaping(leaps) => leaps.began + leaps.clock.passed(),
            Time::Kept(keeper) => {
                let since = keeper.now().duration_since(Timestamp::UNIX_EPOCH);
                *EPOCH + Duration::try_from(since).unwrap_or_default()
            }
        }
    }

    /// Whether nobody really waits.
    pub(super) fn leaps(&self) -> bool {
        !matches!(self, Time::Machine)
    }

    /// Wait. The result is how much of it was left out.
    pub(super) async fn wait(&self, length: Duration) -> Duration {
        match self {
            Time::Machine => {
                tokio::time::sleep(length).await;
                return Duration::ZERO;
            }
            Time::Leaping(leaps) => {
                let until = leaps.clock.passed().saturating_add(length);
                // Others that begin to wait now wait at the same time, not one after the other.
                tokio::task::yield_now().await;
                (leaps.tell)(leaps.clock.passed_until(until));
            }
            Time::Kept(keeper) => keeper.wait(length).await,
        }
        length
    }

    /// A request is on its way, until the result is dropped.
    pub(super) fn busy(&self) -> Option<impl Send + use<>> {
        match self {
            Time::Kept(keeper) => Some(keeper.busy()),
            Time::Machine | Time::Leaping(_) => None,
        }
    }
}

impl Client {
    /// Let nobody wait: the time begins at `start`, in seconds since 1970, and passes only by waiting. Who else keeps that
    /// time is told how many seconds have passed.
    pub fn leaping(mut self, start: i64, tell: impl Fn(u64) + Send + Sync + 'static) -> Self {
        let leaps = Leaps { clock: Clock::starting(start), began: Instant::now(), tell: Box::new(tell) };
        self.time = Arc::new(Time::Leaping(leaps));
        self
    }

    /// Wait by the time of others. Clones may wait each by a keeper of their own, of the same time.
    pub fn keeping(mut self, keeper: impl Keeper + 'static) -> Self {
        self.time = Arc::new(Time::Kept(Box::new(keeper)));
        self
    }

    /// Now, in seconds since 1970; in a replay, as it was then.
    pub fn now(&self) -> i64 {
        self.moment().as_second()
    }

    /// The same, to the millisecond.
    pub(super) fn moment(&self) -> Timestamp {
        match (&self.tape, &*self.time) {
            (Some(tape), _) => tape.clock().moment(),
            (None, Time::Leaping(leaps)) => leaps.clock.moment(),
            (None, Time::Kept(keeper)) => keeper.now(),
            (None, Time::Machine) => Timestamp::now(),
        }
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
        Time::Leaping(Leaps { clock: Clock::starting(1_000), began: Instant::now(), tell: Box::new(tell) })
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
