//! Who wants to know of every call that was made.

use super::{Client, account::Account, effect, retry::Failure, secrets::Secrets, transport::Received};
use crate::{
    Error,
    catalog::{Effect, Operation},
    error::Kind,
};
use jiff::Timestamp;
use rhai::Map;
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::time::Instant;

/// A call that has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Called {
    /// As `module.name`.
    pub operation: String,
    /// The account that made it.
    pub account: String,
    /// What it did.
    pub effect: Effect,
    /// The rows of a call that takes many, such as books.
    pub rows: Option<usize>,
    /// When it began.
    pub began: Timestamp,
    /// How long it took, with all attempts and pauses.
    pub took: Duration,
    /// The requests that may have reached the platform; none when there was no connection.
    pub sent: u32,
    /// What went wrong, without secrets.
    pub failure: Option<(Kind, String)>,
}

/// Told of every call, and of those that fetch tokens, when it has ended. One that was refused before there was anything
/// to send is not told of.
#[derive(Clone)]
pub(super) struct Observer(Arc<dyn Fn(&Called) + Send + Sync>);

/// A call that is being made. It is told of when this is dropped.
pub(super) struct Telling<'a> {
    client: &'a Client,
    observer: &'a Observer,
    called: Called,
    began: Instant,
    attempts: AtomicU32,
    unsent: AtomicU32,
}

impl Client {
    /// The same for one run, with connections, tokens and quotas in common. `told` is told of every call that has ended.
    pub fn for_run(&self, told: impl Fn(&Called) + Send + Sync + 'static) -> Client {
        Client { observer: Some(Observer(Arc::new(told))), ..self.clone() }
    }
}

impl<'a> Telling<'a> {
    /// A call begins; `None` when nobody wants to know of it.
    pub(super) fn begin(client: &'a Client, operation: &Operation, account: &Account, sent: &Map) -> Option<Self> {
        client.observer.as_ref().map(|observer| Telling {
            client,
            observer,
            called: Called {
                operation: operation.full_name(),
                account: account.name.clone(),
                effect: effect(operation, sent),
                rows: operation.batch.as_ref().map(|batch| rows(sent, &batch.rows)),
                began: client.moment(),
                took: Duration::ZERO,
                sent: 0,
                failure: Some((Kind::Cancelled, "nobody waited for its end".to_owned())),
            },
            began: client.time.instant(),
            attempts: AtomicU32::new(0),
            unsent: AtomicU32::new(0),
        })
    }

    /// A request is about to be sent.
    pub(super) fn sends(&self) {
        self.attempts.fetch_add(1, Relaxed);
    }

    /// What came back for it.
    pub(super) fn answered(&self, received: &Result<Received, Failure>) {
        if matches!(received, Err(Failure::NotSent(_))) {
            self.unsent.fetch_add(1, Relaxed);
        }
    }

    /// It has ended so. What went wrong may quote what was sent.
    pub(super) fn end(mut self, outcome: &Result<Map, Error>, secrets: impl FnOnce() -> Secrets) {
        self.called.failure = outcome.as_ref().err().map(|error| (error.kind, secrets().hide_text(&error.message)));
    }
}

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        let attempts = self.attempts.load(Relaxed);
        if attempts > 0 {
            self.called.sent = attempts - self.unsent.load(Relaxed);
            self.called.took = self.client.time.instant() - self.began;
            (self.observer.0)(&self.called);
        }
    }
}

fn rows(sent: &Map, field: &str) -> usize {
    sent.get(field).and_then(|rows| rows.as_array_ref().ok().map(|rows| rows.len())).unwrap_or(0)
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}
