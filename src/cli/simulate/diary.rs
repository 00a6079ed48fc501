//! What happens in a simulation, noted as it happens.

use super::report::moment;
use crate::{
    catalog::Effect,
    lock::lock,
    scheduler::{Called, Cause, Clock, Event, Leaping, News, Outcome, Told, Trouble},
};
use jiff::{Timestamp, tz::TimeZone};
use std::{
    collections::{BTreeMap, HashMap},
    io::Write,
    sync::Mutex,
};

/// Is told of everything.
#[derive(Debug)]
pub(super) struct Diary {
    clock: Leaping,
    /// What moments are shown in.
    zone: TimeZone,
    /// Whether what scripts say is said aloud.
    aloud: bool,
    pages: Mutex<Pages>,
}

/// What it has noted.
#[derive(Debug, Default)]
pub(super) struct Pages {
    pub runs: Vec<Run>,
    pub passed: Vec<Passed>,
    changes: HashMap<i64, Changes>,
}

/// One attempt.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub number: i64,
    pub job: String,
    pub cause: Cause,
    pub due: Timestamp,
    pub attempt: u32,
    pub began: Timestamp,
    /// Nothing as long as it goes.
    pub ended: Option<End>,
    pub changes: Changes,
}

/// How an attempt ended.
#[derive(Debug, Clone)]
pub(super) struct End {
    pub at: Timestamp,
    pub outcome: Outcome,
    pub trouble: Option<Trouble>,
    /// When it is tried again.
    pub again: Option<Timestamp>,
}

/// A due time, or several, at which nothing ran.
#[derive(Debug, Clone)]
pub(super) struct Passed {
    pub job: String,
    pub due: Timestamp,
    /// `skipped`, `missed` or `unknown`.
    pub state: &'static str,
    pub reason: String,
    pub times: u64,
}

/// The writes of a run, by operation.
pub(super) type Changes = BTreeMap<String, Change>;

/// The writes of one operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Change {
    pub calls: u64,
    /// Those of them that failed.
    pub failed: u64,
    /// The rows of those that went well, where the operation takes many.
    pub rows: Option<u64>,
}

impl Change {
    pub(super) fn add(&mut self, more: Change) {
        self.calls += more.calls;
        self.failed += more.failed;
        self.rows = match (self.rows, more.rows) {
            (None, rows) | (rows, None) => rows,
            (Some(rows), Some(more)) => Some(rows + more),
        };
    }
}

impl Pages {
    fn end(&mut self, number: i64, end: End) {
        if let Some(run) = self.runs.iter_mut().rev().find(|run| run.number == number) {
            run.ended = Some(end);
        }
    }
}

impl Diary {
    pub(super) fn new(clock: &Leaping, zone: &TimeZone, aloud: bool) -> Diary {
        Diary { clock: clock.clone(), zone: zone.clone(), aloud, pages: Mutex::default() }
    }

    /// The scheduler has something to tell.
    pub(super) fn news(&self, news: News) {
        let News { job, cause, due, event } = news;
        let mut pages = lock(&self.pages);
        let mut pass = |state, reason, times| pages.passed.push(Passed { job: job.clone(), due, state, reason, times });
        match event {
            Event::Skipped { reason } => pass("skipped", reason, 1),
            Event::Missed { reason, times } => pass("missed", reason, times),
            Event::Unknown { run: None, reason } => pass("unknown", reason, 1),
            Event::Began { run: number, attempt, .. } => {
                let (began, changes) = (self.clock.now(), Changes::new());
                pages.runs.push(Run { number, job, cause, due, attempt, began, ended: None, changes });
            }
            Event::Ended { run, outcome, trouble, again, .. } => {
                pages.end(run, End { at: self.clock.now(), outcome, trouble, again });
            }
            Event::Unknown { run: Some(run), reason } => {
                let kind = Outcome::Unknown.name().to_owned();
                let trouble = Some(Trouble { kind, report: reason.clone(), message: reason, hint: None });
                pages.end(run, End { at: self.clock.now(), outcome: Outcome::Unknown, trouble, again: None });
            }
        }
    }

    /// A run has something to say, or has made a call.
    pub(super) fn told(&self, run: i64, job: &str, told: &Told) {
        match told {
            Told::Called(called) if called.effect == Effect::Read.name() => {}
            Told::Called(called) => self.called(run, called),
            Told::Printed(text) | Told::Logged(_, text) if self.aloud => {
                writeln!(std::io::stderr(), "{} {job}: {text}", moment(self.clock.now(), &self.zone)).ok();
            }
            Told::Printed(_) | Told::Logged(..) => {}
        }
    }

    fn called(&self, run: i64, called: &Called) {
        let failed = called.failure.is_some();
        let rows = called.rows.map(|rows| if failed { 0 } else { rows as u64 });
        let change = Change { calls: 1, failed: failed.into(), rows };
        let mut pages = lock(&self.pages);
        pages.changes.entry(run).or_default().entry(called.operation.clone()).or_default().add(change);
    }

    /// All that was noted.
    pub(super) fn close(&self) -> Pages {
        let mut pages = std::mem::take(&mut *lock(&self.pages));
        for run in &mut pages.runs {
            run.changes = pages.changes.remove(&run.number).unwrap_or_default();
        }
        pages
    }
}
