//! Which due times of a job have come, and what becomes of each: one pure function of the job and the time.

mod count;
#[cfg(test)]
mod tests;

use super::job::{Job, Trigger};
use super::schedule::Schedule;
use crate::config::CatchUp;
use jiff::{SignedDuration, Timestamp};
use std::{collections::VecDeque, iter, time::Duration};
use twox_hash::XxHash3_128;

/// So long after a due time juben is late; beyond, it was not running, or the machine was asleep.
pub(super) const LATE: SignedDuration = SignedDuration::from_secs(60);

/// Of more due times of one gap, the rest is told together; and so many are caught up at most.
const MOST: usize = 1000;

const INSTANT: SignedDuration = SignedDuration::from_nanos(1);

/// A due time, or many that share their fate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Due {
    /// When; the first of many.
    pub at: Timestamp,
    /// The last of many.
    pub until: Option<Timestamp>,
    /// How many.
    pub times: u64,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of a due time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It runs, not before then.
    Runs(Timestamp),
    /// It is left out, because of this.
    Skipped(&'static str),
    /// Nobody was there, because of this.
    Missed(&'static str),
}

/// The due times after a moment and not after `now`, in order, each with its fate.
pub(super) fn due(job: &Job, paused: bool, after: Timestamp, now: Timestamp) -> Vec<Due> {
    let times = Times::of(job);
    if paused {
        return times.told_together(after, now, Fate::Skipped("paused"));
    }
    let boundary = times.runs_after(job, after, now);
    let mut due = times.told_together(after, boundary, Fate::Missed("juben was not running"));
    due.extend(times.between(boundary, now).map(|at| Due::one(at, Fate::Runs(put_off(job, at)))));
    due
}

impl Due {
    fn one(at: Timestamp, fate: Fate) -> Due {
        Due { at, until: None, times: 1, fate }
    }
}

/// When a due time may begin: each by a delay of its own, always the same, so that not all begin at once.
fn put_off(job: &Job, due: Timestamp) -> Timestamp {
    let most = job.rules.jitter.as_millis();
    if most == 0 {
        return due;
    }
    let delay = XxHash3_128::oneshot(format!("{} {due}", job.name).as_bytes()) % (most + 1);
    later(due, SignedDuration::from_millis(i64::try_from(delay).unwrap_or(0)))
}

/// The due times of a job.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times<'a>(&'a [Schedule]);

impl<'a> Times<'a> {
    /// None for a job that runs on events or by hand.
    pub fn of(job: &'a Job) -> Times<'a> {
        match &job.trigger {
            Trigger::Times { schedules, .. } => Times(schedules),
            Trigger::Event { .. } => Times(&[]),
        }
    }

    /// The first after a moment.
    pub fn next(self, after: Timestamp) -> Option<Timestamp> {
        self.0.iter().filter_map(|schedule| schedule.next(after)).min()
    }

    /// All after a moment, in order; one at which several schedules are due counts once.
    fn after(self, moment: Timestamp) -> impl Iterator<Item = Timestamp> + 'a {
        let mut each: Vec<_> = self.0.iter().map(|schedule| schedule.after(moment).peekable()).collect();
        iter::from_fn(move || {
            let next = each.iter_mut().filter_map(|times| times.peek().copied()).min()?;
            for times in &mut each {
                times.next_if_eq(&next);
            }
            Some(next)
        })
    }

    /// All after a moment and not after another.
    pub fn between(self, after: Timestamp, until: Timestamp) -> impl Iterator<Item = Timestamp> + 'a {
        let all = (after < until).then(|| self.after(after));
        all.into_iter().flatten().take_while(move |due| *due <= until)
    }

    /// The last so many of them. It looks back over twice the time again and again, so that a long gap costs no more
    /// than a short one.
    fn latest(self, most: usize, after: Timestamp, until: Timestamp) -> VecDeque<Timestamp> {
        let mut span = LATE;
        loop {
            let start = after.max(earlier(until, span));
            let mut latest = VecDeque::new();
            for due in self.between(start, until) {
                latest.push_back(due);
                if latest.len() > most {
                    latest.pop_front();
                }
            }
            if latest.len() == most || start <= after {
                return latest;
            }
            span = span.saturating_mul(2);
        }
    }

    /// Due times after this boundary run, those before it are missed.
    fn runs_after(self, job: &Job, after: Timestamp, now: Timestamp) -> Timestamp {
        let recent = after.max(earlier(now, LATE));
        if self.between(after, recent).next().is_none() {
            return after;
        }
        let oldest = after.max(earlier(now, signed(job.rules.catch_up_window))).min(recent);
        let caught_up = match job.rules.catch_up {
            CatchUp::None => None,
            CatchUp::Last if self.between(recent, now).next().is_some() => None,
            CatchUp::Last => self.latest(1, oldest, recent).pop_front(),
            CatchUp::All => self.latest(MOST, oldest, recent).pop_front(),
        };
        caught_up.map_or(recent, |due| earlier(due, INSTANT))
    }

    /// Each for itself, but no more than a person looks through: the rest together.
    fn told_together(self, after: Timestamp, until: Timestamp, fate: Fate) -> Vec<Due> {
        let mut due: Vec<Due> = self.between(after, until).take(MOST).map(|at| Due::one(at, fate)).collect();
        let told = due.get(MOST - 1).map_or(until, |due| due.at);
        if let Some(at) = self.between(told, until).next() {
            let last = self.latest(1, told, until).pop_front();
            due.push(Due { at, until: last.filter(|last| *last > at), times: count::count(self.0, told, until), fate });
        }
        due
    }
}

/// A moment that long before.
pub(super) fn earlier(moment: Timestamp, by: SignedDuration) -> Timestamp {
    moment.checked_sub(by).unwrap_or(Timestamp::MIN)
}

/// A moment that long after.
pub(super) fn later(moment: Timestamp, by: SignedDuration) -> Timestamp {
    moment.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// A length of time as moments are reckoned with.
pub(super) fn signed(length: Duration) -> SignedDuration {
    SignedDuration::try_from(length).unwrap_or(SignedDuration::MAX)
}
