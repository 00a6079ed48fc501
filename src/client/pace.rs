//! Keeps calls below the platform's quota, so that it never has to refuse one.
//!
//! A platform counts a call when it arrives, somewhere between our sending it and our reading the answer. A place in
//! the window is therefore taken before a call is sent and given back a whole window after its answer has come.

use super::clock::Time;
use crate::{
    catalog::{Operation, Scope},
    lock::lock,
};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};

/// Longer quotas are counted by the platform; holding a call back for hours helps nobody.
const LONGEST_WINDOW: u64 = 3600;

/// The windows of every account and operation.
#[derive(Debug, Default)]
pub struct Pacer {
    windows: Mutex<HashMap<String, Arc<Window>>>,
}

#[derive(Debug)]
struct Window {
    calls: usize,
    length: Duration,
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct State {
    in_flight: usize,
    answered: VecDeque<Instant>,
}

/// The right to make one call; its places are given back when it is dropped.
#[derive(Debug)]
pub struct Permit {
    windows: Vec<Arc<Window>>,
    /// What the windows are measured by.
    time: Arc<Time>,
}

impl Pacer {
    /// Wait, by this time, until this call is within every quota.
    pub(super) async fn admit(
        &self,
        time: &Arc<Time>,
        account: &str,
        operation: &Operation,
        overridden: Option<usize>,
    ) -> Permit {
        let mut permit = Permit { windows: Vec::new(), time: time.clone() };
        for quota in operation.quota.iter().filter(|quota| quota.seconds <= LONGEST_WINDOW) {
            let key = match quota.scope {
                Scope::Account => format!("{account} {} {}", operation.full_name(), quota.seconds),
                Scope::Ip => format!("{} {}", operation.server, quota.seconds),
            };
            let calls = overridden.filter(|_| quota.seconds == 60).unwrap_or(quota.calls);
            let window = self.window(key, calls, Duration::from_secs(quota.seconds));
            window.take(time).await;
            permit.windows.push(window);
        }
        permit
    }

    fn window(&self, key: String, calls: usize, length: Duration) -> Arc<Window> {
        let new = || Window::new(calls.max(1), length);
        lock(&self.windows).entry(key).or_insert_with(|| Arc::new(new())).clone()
    }
}

impl Window {
    fn new(calls: usize, length: Duration) -> Self {
        Window { calls, length, state: Mutex::default(), freed: Notify::new() }
    }

    async fn take(&self, time: &Time) {
        loop {
            let freed = self.freed.notified();
            let Some(wait) = self.try_take(time.instant()) else { return };
            // Answers that are on their way take no time where time passes only by waiting.
            if time.leaps() && lock(&self.state).answered.is_empty() {
                freed.await;
                continue;
            }
            tokio::select! {
                _ = time.wait(wait) => {}
                () = freed => {}
            }
        }
    }

    /// Take a place, or say how long to wait for one.
    fn try_take(&self, now: Instant) -> Option<Duration> {
        let mut state = lock(&self.state);
        while state.answered.front().is_some_and(|answered| now.duration_since(*answered) >= self.length) {
            state.answered.pop_front();
        }
        if state.in_flight + state.answered.len() < self.calls {
            state.in_flight += 1;
            return None;
        }
        Some(state.answered.front().map_or(self.length, |answered| self.length - now.duration_since(*answered)))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        for window in self.windows.drain(..) {
            let mut state = lock(&window.state);
            state.in_flight -= 1;
            state.answered.push_back(self.time.instant());
            drop(state);
            window.freed.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_window_of_a_minute_holds_more_than_the_quota() {
        let window = Arc::new(Window::new(100, Duration::from_secs(60)));
        let time = Arc::<Time>::default();
        let mut arrivals = Vec::new();
        for call in 0..350_u64 {
            window.take(&time).await;
            arrivals.push(Instant::now());
            // An answer takes up to 700 ms; the platform may have counted the call at any moment before.
            tokio::time::sleep(Duration::from_millis(call % 8 * 100)).await;
            drop(Permit { windows: vec![window.clone()], time: time.clone() });
        }
        for (earlier, later) in arrivals.iter().zip(&arrivals[100..]) {
            assert!(later.duration_since(*earlier) >= Duration::from_secs(60));
        }
    }
}
