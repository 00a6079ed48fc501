//! No more messages a minute than a robot takes, by whichever process they are sent.

use crate::store::{Store, Values};
use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::time::Instant;

const MINUTE: i64 = 60_000;

/// Keeps the count.
#[derive(Debug)]
pub(super) struct Pace {
    sent: Values,
    /// The machine's time in milliseconds when this began; from then on it is measured.
    began: (i64, Instant),
}

impl Pace {
    pub(super) fn new(store: &Arc<Store>) -> Pace {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as i64);
        Pace { sent: Values::new(store, "notify"), began: (now, Instant::now()) }
    }

    /// In milliseconds since 1970.
    pub(super) fn now(&self) -> i64 {
        self.began.0 + self.began.1.elapsed().as_millis() as i64
    }

    /// Wait until another message may be sent, and count it. Whether it had to wait.
    pub(super) async fn wait(&self, target: &str, per_minute: u32) -> bool {
        let mut waited = false;
        loop {
            let left = self.take(target, per_minute).await;
            if left <= 0 {
                return waited;
            }
            waited = true;
            tokio::time::sleep(Duration::from_millis(left.unsigned_abs())).await;
        }
    }

    /// The milliseconds until one may be sent; if that is now, it is counted.
    async fn take(&self, target: &str, per_minute: u32) -> i64 {
        let (now, most) = (self.now(), per_minute.max(1) as usize);
        let taken = self.sent.change(target, now, |before| {
            let mut sent: Vec<i64> = before.and_then(|(json, _)| serde_json::from_str(&json).ok()).unwrap_or_default();
            // What lies ahead was noted by a clock that was wrong.
            sent.retain(|at| (now - MINUTE + 1..=now).contains(at));
            let left = sent.len().checked_sub(most).map_or(0, |first| sent[first] + MINUTE - now);
            if left <= 0 {
                sent.push(now);
            }
            Ok((Some((serde_json::json!(sent).to_string(), Some(now + MINUTE))), left))
        });
        // Who tells that the disk is full must not need the disk.
        taken.await.unwrap_or(0)
    }
}
