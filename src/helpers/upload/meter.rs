//! How much of a file has been sent, and what it was.

use crate::{
    client::Watch,
    helpers::progress::{BEAT, Progress, Unit},
    lock::lock,
};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering::Relaxed},
};
use twox_hash::XxHash3_128;

/// Counts the bytes of a deed.
#[derive(Debug, Default)]
pub struct Meter {
    what: Mutex<String>,
    sent: AtomicU64,
    skipped: AtomicU64,
    total: AtomicU64,
}

impl Meter {
    /// How far it has come.
    pub fn read(&self) -> Progress {
        Progress {
            what: lock(&self.what).clone(),
            done: self.sent.load(Relaxed),
            before: self.skipped.load(Relaxed),
            total: self.total.load(Relaxed),
            unit: Unit::Bytes,
        }
    }

    /// Do the deed, and tell meanwhile how far it has come, and at its end; what goes wrong with telling ends it.
    pub async fn told<T, E>(
        &self,
        deed: impl Future<Output = T>,
        mut tell: impl FnMut(&Progress) -> Result<(), E>,
    ) -> Result<T, E> {
        let mut deed = std::pin::pin!(deed);
        let mut before = self.read();
        loop {
            let ended = tokio::time::timeout(BEAT, &mut deed).await;
            let progress = self.read();
            if progress != before {
                tell(&progress)?;
                before = progress;
            }
            if let Ok(outcome) = ended {
                return Ok(outcome);
            }
        }
    }

    /// The deed begins.
    pub(super) fn begin(&self, what: &str, total: u64) {
        self.sent.store(0, Relaxed);
        self.skipped.store(0, Relaxed);
        self.total.store(total, Relaxed);
        self.now(what);
    }

    /// Another piece of the same deed.
    pub(super) fn now(&self, what: &str) {
        what.clone_into(&mut lock(&self.what));
    }

    /// So much need not be sent.
    pub(super) fn skip(&self, bytes: u64) {
        self.skipped.fetch_add(bytes, Relaxed);
        self.sent.fetch_add(bytes, Relaxed);
    }

    /// What was sent since then is sent again.
    pub(super) fn back_to(&self, sent: u64) {
        self.sent.store(sent, Relaxed);
    }

    /// For one call.
    pub(super) fn watch(self: &Arc<Self>) -> Arc<Sent> {
        Arc::new(Sent { meter: self.clone(), seen: Mutex::default() })
    }
}

/// The bytes that the latest attempt of a call has sent.
#[derive(Debug)]
pub(super) struct Sent {
    meter: Arc<Meter>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    attempt: u64,
    bytes: u64,
    digest: Digest,
}

/// Told by it whether a file is still what was sent. It guards against accidents, not against attackers.
#[derive(Default)]
pub(super) struct Digest(XxHash3_128);

impl Digest {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    pub(super) fn value(&self) -> u128 {
        self.0.finish_128()
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Digest({:x})", self.value())
    }
}

impl Sent {
    /// Of what was sent.
    pub(super) fn digest(&self) -> u128 {
        lock(&self.seen).digest.value()
    }
}

impl Watch for Sent {
    fn begin(&self) -> u64 {
        let mut seen = lock(&self.seen);
        self.meter.sent.fetch_sub(seen.bytes, Relaxed);
        *seen = Seen { attempt: seen.attempt + 1, ..Seen::default() };
        seen.attempt
    }

    fn bytes(&self, attempt: u64, bytes: &[u8]) {
        let mut seen = lock(&self.seen);
        if seen.attempt == attempt {
            seen.bytes += bytes.len() as u64;
            seen.digest.add(bytes);
            self.meter.sent.fetch_add(bytes.len() as u64, Relaxed);
        }
    }
}
