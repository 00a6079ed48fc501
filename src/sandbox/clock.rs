//! The sandbox's time: it runs from where it was set, as fast as it was told, and can be moved forward.

use std::time::{SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// A clock moves forward by no more than this at once.
pub const CENTURY: i64 = 100 * 366 * 86_400;
const YEAR_9000: i64 = 221_845_392_000;
const FASTEST: f64 = 1e9;

/// Whether a clock can show this moment.
pub fn check_moment(moment: i64) -> Result<(), String> {
    match moment {
        0..=YEAR_9000 => Ok(()),
        _ => Err(format!("the time is {moment}; it must be seconds since 1970, before the year 9000")),
    }
}

/// Whether a clock can run so fast.
pub fn check_speed(speed: f64) -> Result<(), String> {
    if (0.0..=FASTEST).contains(&speed) {
        return Ok(());
    }
    Err(format!("the speed is {speed}; 0 stands still, 1 runs as in life, 3600 is an hour a second"))
}

#[derive(Debug)]
pub(super) struct Clock {
    /// The time when it was set last.
    set_to: i64,
    set_at: Instant,
    /// Seconds of the sandbox for each real one.
    speed: f64,
}

impl Clock {
    pub fn new(start: Option<i64>, speed: f64) -> Self {
        let set_to = start.unwrap_or_else(real_now).clamp(0, YEAR_9000);
        Self { set_to, set_at: Instant::now(), speed: speed.max(0.0) }
    }

    /// Seconds since 1970.
    pub fn now(&self) -> i64 {
        let running = self.set_at.elapsed().as_secs_f64() * self.speed;
        self.set_to.saturating_add(running.min(CENTURY as f64) as i64)
    }

    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// From now on so many seconds pass in a real one; at 0 the time stands still.
    pub fn run(&mut self, speed: f64) {
        *self = Clock::new(Some(self.now()), speed);
    }

    pub fn advance(&mut self, seconds: i64) {
        self.set_to = self.set_to.saturating_add(seconds.clamp(0, CENTURY)).min(YEAR_9000);
    }
}

/// The real time in seconds since 1970.
pub(super) fn real_now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn a_clock_runs_as_fast_as_it_was_told_and_never_back() {
        let mut clock = Clock::new(Some(1_000), 60.0);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(clock.now(), 1_120);
        clock.run(0.0);
        tokio::time::advance(Duration::from_secs(9)).await;
        assert_eq!(clock.now(), 1_120);
        clock.advance(-5);
        clock.advance(30);
        assert_eq!(clock.now(), 1_150);
    }
}
