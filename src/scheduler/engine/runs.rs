//! The attempts that are going, and how they are stopped.

use super::{attempt::Finished, fires::Fire};
use crate::scheduler::{
    due::{later, signed},
    fire::Stop,
    job::Job,
};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use tokio::task::JoinSet;

/// Who does not end so long after it was asked is killed.
const PATIENCE: SignedDuration = SignedDuration::from_secs(2);

/// Executors keep the time limit by themselves; one that does not is stopped so much later.
const OVERTIME: SignedDuration = SignedDuration::from_secs(10);

/// Why a run was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// By the overlap policy.
    Newer,
    /// By a request.
    Person,
    /// By the end of juben.
    Shutdown,
    /// By its time limit.
    TooLong,
}

impl Why {
    /// In words.
    pub fn reason(self) -> &'static str {
        match self {
            Why::Newer => "a newer run began",
            Why::Person => "a person stopped it",
            Why::Shutdown => "juben was stopped before it ended",
            Why::TooLong => "it did not end at its time limit",
        }
    }
}

/// An attempt that is going.
#[derive(Debug)]
pub(super) struct Going {
    pub run: i64,
    pub fire: Fire,
    pub job: Arc<Job>,
    pub stop: Stop,
    pub why: Option<Why>,
    kill_at: Timestamp,
}

/// All attempts that are going.
#[derive(Debug, Default)]
pub(super) struct Runs {
    pub tasks: JoinSet<Finished>,
    going: HashMap<i64, Going>,
    kills: BTreeSet<(Timestamp, i64)>,
}

impl Runs {
    /// How many.
    pub fn count(&self) -> usize {
        self.going.len()
    }

    /// That one.
    pub fn get(&self, run: i64) -> Option<&Going> {
        self.going.get(&run)
    }

    /// An attempt begins.
    pub fn begin(&mut self, run: i64, fire: Fire, job: Arc<Job>, now: Timestamp) -> Stop {
        let timeout = signed(job.rules.timeout);
        let kill_at = later(later(now, timeout), OVERTIME);
        let stop = Stop::default();
        self.kills.insert((kill_at, run));
        self.going.insert(run, Going { run, fire, job, stop: stop.clone(), why: None, kill_at });
        stop
    }

    /// It has ended.
    pub fn end(&mut self, run: i64) -> Option<Going> {
        let going = self.going.remove(&run)?;
        self.kills.remove(&(going.kill_at, run));
        Some(going)
    }

    /// Ask one to stop; the first reason counts.
    pub fn ask(&mut self, run: i64, why: Why, now: Timestamp) {
        let Some(going) = self.going.get_mut(&run).filter(|going| going.why.is_none()) else { return };
        going.why = Some(why);
        going.stop.ask.cancel();
        let kill_at = later(now, PATIENCE).min(going.kill_at);
        self.kills.remove(&(going.kill_at, run));
        self.kills.insert((kill_at, run));
        going.kill_at = kill_at;
    }

    /// Ask all of them.
    pub fn ask_all(&mut self, why: Why, now: Timestamp) {
        let all: Vec<i64> = self.going.keys().copied().collect();
        all.into_iter().for_each(|run| self.ask(run, why, now));
    }

    /// Stop one at once.
    pub fn kill(&mut self, run: i64, why: Why) {
        let Some(going) = self.going.get_mut(&run) else { return };
        going.why.get_or_insert(why);
        going.stop.ask.cancel();
        going.stop.kill.cancel();
    }

    /// Kill those whose time has come.
    pub fn kill_late(&mut self, now: Timestamp) {
        while let Some((_, run)) = self.kills.first().copied().filter(|(moment, _)| *moment <= now) {
            self.kills.pop_first();
            self.kill(run, Why::TooLong);
        }
    }

    /// When the next one is to be killed.
    pub fn next(&self) -> Option<Timestamp> {
        self.kills.first().map(|(moment, _)| *moment)
    }
}
