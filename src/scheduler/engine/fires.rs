//! The fires that have not ended, each in the line of its job.

use crate::{scheduler::fire::Cause, store::Waiting};
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap, VecDeque};

/// An order to run that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fire {
    pub id: i64,
    pub job: String,
    pub cause: Cause,
    pub due: Timestamp,
    pub not_before: Timestamp,
    /// The attempts that have begun.
    pub attempt: u32,
    /// The last of them.
    pub run: Option<i64>,
}

impl Fire {
    /// One that the store has.
    pub fn waiting(row: Waiting) -> Fire {
        let Waiting { id, job, cause, due, not_before, attempt } = row;
        Fire { id, job, cause: Cause::named(&cause).unwrap_or(Cause::Hand), due, not_before, attempt, run: None }
    }
}

/// The fires of a job, in their order.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// It is their turn: they wait for room, run, or wait until they are tried again.
    pub going: Vec<i64>,
    /// They wait until those have ended.
    pub waiting: VecDeque<i64>,
}

impl Line {
    /// Whether nobody is before a new one.
    pub fn is_free(&self) -> bool {
        self.going.is_empty() && self.waiting.is_empty()
    }
}

/// All fires that have not ended.
#[derive(Debug, Default)]
pub(super) struct Fires {
    all: HashMap<i64, Fire>,
    lines: HashMap<String, Line>,
    /// They wait for a moment.
    later: BTreeSet<(Timestamp, i64)>,
    /// They wait only for room.
    ready: BTreeSet<(Timestamp, i64)>,
}

impl Fires {
    /// That fire.
    pub fn get(&self, fire: i64) -> Option<&Fire> {
        self.all.get(&fire)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Fire> {
        self.all.values()
    }

    /// The line of a job.
    pub fn line(&mut self, job: &str) -> &mut Line {
        self.lines.entry(job.to_owned()).or_default()
    }

    /// A fire that the store has. One that is tried again has its place already.
    pub fn add(&mut self, fire: Fire) {
        if fire.attempt > 0 {
            self.line(&fire.job).going.push(fire.id);
        }
        self.later.insert((fire.not_before, fire.id));
        self.all.insert(fire.id, fire);
    }

    /// The moment that the first one waits for.
    pub fn next(&self) -> Option<Timestamp> {
        self.later.first().map(|(moment, _)| *moment)
    }

    /// The next whose moment has come.
    pub fn take_due(&mut self, now: Timestamp) -> Option<Fire> {
        let (_, fire) = self.later.first().copied().filter(|(moment, _)| *moment <= now)?;
        self.later.pop_first();
        self.all.get(&fire).cloned()
    }

    /// It is the turn of a fire.
    pub fn is_next(&mut self, fire: &Fire) {
        let line = self.line(&fire.job);
        if !line.going.contains(&fire.id) {
            line.going.push(fire.id);
        }
        self.ready.insert((fire.not_before, fire.id));
    }

    /// The first of those that wait only for room.
    pub fn ready(&self, most: usize) -> Vec<i64> {
        self.ready.iter().take(most).map(|(_, fire)| *fire).collect()
    }

    /// An attempt of a fire has begun.
    pub fn began(&mut self, fire: i64, attempt: u32, run: i64) {
        if let Some(fire) = self.all.get_mut(&fire) {
            self.ready.remove(&(fire.not_before, fire.id));
            (fire.attempt, fire.run) = (attempt, Some(run));
        }
    }

    /// A fire is to be tried again, and keeps its place.
    pub fn again(&mut self, fire: i64, not_before: Timestamp) {
        if let Some(fire) = self.all.get_mut(&fire) {
            fire.not_before = not_before;
            self.later.insert((not_before, fire.id));
        }
    }

    /// A fire has ended.
    pub fn remove(&mut self, fire: i64) -> Option<Fire> {
        let fire = self.all.remove(&fire)?;
        self.later.remove(&(fire.not_before, fire.id));
        self.ready.remove(&(fire.not_before, fire.id));
        let line = self.line(&fire.job);
        line.going.retain(|id| *id != fire.id);
        line.waiting.retain(|id| *id != fire.id);
        if line.is_free() {
            self.lines.remove(&fire.job);
        }
        Some(fire)
    }

    /// Those that wait in the line of a job move up, all of them or the first when nobody is before it.
    pub fn move_up(&mut self, job: &str, all: bool) {
        while let Some(line) = self.lines.get_mut(job)
            && (all || line.going.is_empty())
            && let Some(fire) = line.waiting.pop_front().and_then(|fire| self.all.get(&fire).cloned())
        {
            self.is_next(&fire);
        }
    }

    /// The jobs that have fires.
    pub fn jobs(&self) -> Vec<String> {
        self.lines.keys().cloned().collect()
    }
}
