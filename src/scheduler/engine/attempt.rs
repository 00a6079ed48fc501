//! One attempt in a task of its own: what it tells is noted while it goes, and whatever it does, it ends.

use crate::{
    lock::lock,
    scheduler::{
        clock::{Clock, Presence},
        fire::{Attempt, Called, Ended, Executor, Outcome, Stop, Told, Trouble},
    },
    store::{Call, Line, Store},
};
use futures_util::FutureExt;
use jiff::Timestamp;
use std::{
    any::Any,
    mem,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::{Arc, Mutex},
    time::Duration,
};
use tracing::Level;

/// How often what was told is noted.
const BEAT: Duration = Duration::from_millis(200);

const MOST_LINES: i64 = 10_000;
const LONGEST_LINE: usize = 16 * 1024;
const MOST_CALLS: i64 = 100_000;

/// An attempt that has come to its end.
#[derive(Debug)]
pub(super) struct Finished {
    pub run: i64,
    pub ended: Ended,
    /// Until its end is in the store, it is at work.
    _presence: Presence,
}

/// Carry out an attempt, which is at work from now on. A panic ends this one alone.
pub(super) fn perform(
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    executor: Arc<dyn Executor>,
    attempt: Attempt,
    stop: Stop,
) -> impl Future<Output = Finished> {
    let presence = clock.enter();
    carry_out(store, clock, executor, attempt, stop, presence)
}

async fn carry_out(
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    executor: Arc<dyn Executor>,
    attempt: Attempt,
    stop: Stop,
    presence: Presence,
) -> Finished {
    let run = attempt.run;
    let notebook = Arc::new(Notebook::default());
    let tell = {
        let notebook = notebook.clone();
        Arc::new(move |told| notebook.write(told, clock.now()))
    };
    let executing = AssertUnwindSafe(async move { executor.execute(attempt, stop, tell).await }).catch_unwind();
    let mut executing = pin!(executing);
    loop {
        let ended = tokio::time::timeout(BEAT, &mut executing).await;
        notebook.save(run, &store).await;
        if let Ok(ended) = ended {
            let ended = ended.unwrap_or_else(|panic| panicked(&*panic));
            return Finished { run, ended, _presence: presence };
        }
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Ended {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    let message = format!("juben failed inside: {}", text.unwrap_or("a panic without words"));
    tracing::error!(message, "a run panicked");
    let trouble = Trouble { kind: "server".to_owned(), report: message.clone(), message, hint: None };
    Ended { outcome: Outcome::Unknown, script_hash: None, result: None, trouble: Some(trouble) }
}

/// What a run has told.
#[derive(Debug, Default)]
struct Notebook(Mutex<Pages>);

#[derive(Debug, Default)]
struct Pages {
    lines: Vec<Line>,
    calls: Vec<Call>,
    lines_told: i64,
    calls_told: i64,
}

impl Notebook {
    fn write(&self, told: Told, at: Timestamp) {
        let mut pages = lock(&self.0);
        match told {
            Told::Printed(text) => pages.write_line(at, "print", text),
            Told::Logged(level, text) => pages.write_line(at, word(level), text),
            Told::Called(called) => pages.write_call(called),
        }
    }

    /// Note it in the store; what could not be noted is tried again the next time.
    async fn save(&self, run: i64, store: &Store) {
        let (mut lines, mut calls) = {
            let mut pages = lock(&self.0);
            (mem::take(&mut pages.lines), mem::take(&mut pages.calls))
        };
        if lines.is_empty() && calls.is_empty() {
            return;
        }
        if let Err(error) = store.note_told(run, &lines, &calls).await {
            tracing::warn!(run, %error, "what a run told could not be noted");
            let mut pages = lock(&self.0);
            lines.append(&mut pages.lines);
            calls.append(&mut pages.calls);
            (pages.lines, pages.calls) = (lines, calls);
        }
    }
}

impl Pages {
    fn write_line(&mut self, at: Timestamp, level: &'static str, text: String) {
        self.lines_told += 1;
        let number = self.lines_told;
        match number {
            ..=MOST_LINES => self.lines.push(Line { number, at, level, text: shortened(text) }),
            _ if number == MOST_LINES + 1 => {
                let text = format!("of a run {MOST_LINES} lines are kept; it printed or logged more");
                self.lines.push(Line { number, at, level: "warn", text });
            }
            _ => {}
        }
    }

    fn write_call(&mut self, called: Called) {
        self.calls_told += 1;
        if self.calls_told > MOST_CALLS {
            return;
        }
        let (outcome, message) = match called.failure {
            Some((kind, message)) => (kind, Some(shortened(message))),
            None => ("ok".to_owned(), None),
        };
        self.calls.push(Call {
            number: self.calls_told,
            at: called.at,
            took: i64::try_from(called.took.as_millis()).unwrap_or(i64::MAX),
            operation: called.operation,
            account: called.account,
            effect: called.effect,
            attempts: called.attempts,
            outcome,
            message,
        });
    }
}

fn shortened(mut text: String) -> String {
    if text.len() > LONGEST_LINE {
        text.truncate(text.floor_char_boundary(LONGEST_LINE));
        text.push('…');
    }
    text
}

fn word(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG | Level::TRACE => "debug",
    }
}
