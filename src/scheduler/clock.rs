//! The time that jobs are due by: the machine's, or one that passes otherwise.

use futures_util::future::{BoxFuture, FutureExt};
use jiff::Timestamp;
use std::{any::Any, fmt, time::Duration};

/// A time to wait by.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Wait until then; at once when it has passed. Dropped, nobody waits any more.
    fn sleep_until(&self, moment: Timestamp) -> BoxFuture<'static, ()>;

    /// Somebody begins to work. A time that leaps does so only when all who are present wait.
    fn enter(&self) -> Presence {
        Presence::default()
    }
}

/// Somebody who works, until this is dropped.
#[derive(Default)]
pub struct Presence(
    #[expect(dead_code, reason = "what it does, it does when it is dropped")] Option<Box<dyn Any + Send + Sync>>,
);

impl Presence {
    /// One that a clock notices when it is dropped.
    pub fn of(guard: impl Any + Send + Sync) -> Presence {
        Presence(Some(Box::new(guard)))
    }
}

impl fmt::Debug for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Presence")
    }
}

/// The machine's time, or one that runs faster from some moment on.
#[derive(Debug, Clone)]
pub struct Real {
    began: tokio::time::Instant,
    start: Timestamp,
    speed: f64,
}

/// Without a wait in between, a clock that was set back would be waited for.
const LONGEST_NAP: Duration = Duration::from_secs(30);

impl Real {
    /// The machine's.
    pub fn machine() -> Real {
        Real { began: tokio::time::Instant::now(), start: Timestamp::UNIX_EPOCH, speed: 1.0 }
    }

    /// It is `start` now, and so many seconds pass in a real one.
    pub fn running(start: Timestamp, speed: f64) -> Real {
        Real { began: tokio::time::Instant::now(), start, speed }
    }

    fn is_the_machines(&self) -> bool {
        self.start == Timestamp::UNIX_EPOCH
    }
}

impl Clock for Real {
    fn now(&self) -> Timestamp {
        if self.is_the_machines() {
            return Timestamp::now();
        }
        let passed = self.began.elapsed().as_secs_f64() * self.speed;
        self.start.saturating_add(jiff::SignedDuration::from_secs_f64(passed)).unwrap_or(Timestamp::MAX)
    }

    fn sleep_until(&self, moment: Timestamp) -> BoxFuture<'static, ()> {
        let clock = self.clone();
        async move {
            loop {
                let left = moment.duration_since(clock.now());
                if !left.is_positive() {
                    return;
                }
                let left = Duration::try_from(left).unwrap_or_default().div_f64(clock.speed);
                tokio::time::sleep(left.min(LONGEST_NAP)).await;
            }
        }
        .boxed()
    }
}
