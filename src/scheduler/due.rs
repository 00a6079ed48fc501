//! Which due times of a job have come, and what becomes of each: one pure function of the job and the time.

use super::job::{Job, Trigger};
use super::schedule::Schedule;
use crate::config::CatchUp;
use jiff::{SignedDuration, Timestamp};
use std::iter::successors;
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
    let nobody_was_there = times.next(after).is_some_and(|due| due <= earlier(now, LATE));
    let boundary = if nobody_was_there { times.caught_up_after(job, after, now) } else { after };
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

    fn between(self, after: Timestamp, until: Timestamp) -> impl Iterator<Item = Timestamp> + 'a {
        let first = if after < until { self.next(after) } else { None };
        successors(first, move |due| self.next(*due)).take_while(move |due| *due <= until)
    }

    /// The last that is after a moment and not after another, found by halving: a gap of a year is as soon searched as
    /// one of a day.
    fn last(self, after: Timestamp, until: Timestamp) -> Option<Timestamp> {
        let comes = |moment| self.next(moment).is_some_and(|due| due <= until);
        if !comes(after) {
            return None;
        }
        let (mut before, mut beyond) = (after.as_second(), until.as_second());
        while beyond - before > 1 {
            let middle = before + (beyond - before) / 2;
            let moment = Timestamp::from_second(middle).ok()?;
            if comes(moment) { before = middle } else { beyond = middle }
        }
        self.next(after.max(Timestamp::from_second(before).ok()?))
    }

    /// Due times after this boundary run, those before it are missed.
    fn caught_up_after(self, job: &Job, after: Timestamp, now: Timestamp) -> Timestamp {
        let recent = after.max(earlier(now, LATE));
        let window = SignedDuration::try_from(job.rules.catch_up_window).unwrap_or(SignedDuration::MAX);
        let oldest = after.max(earlier(now, window)).min(recent);
        let backwards = successors(self.last(oldest, recent), |due| self.last(oldest, earlier(*due, INSTANT)));
        let first = match job.rules.catch_up {
            CatchUp::None => None,
            CatchUp::Last if self.between(recent, now).next().is_some() => None,
            CatchUp::Last => backwards.take(1).last(),
            CatchUp::All => backwards.take(MOST).last(),
        };
        first.map_or(recent, |due| earlier(due, INSTANT))
    }

    /// Each for itself, but no more than can be looked through: then the rest in one.
    fn told_together(self, after: Timestamp, until: Timestamp, fate: Fate) -> Vec<Due> {
        let mut due: Vec<Due> = self.between(after, until).take(MOST).map(|at| Due::one(at, fate)).collect();
        if due.len() < MOST {
            return due;
        }
        let told = due.last().map_or(until, |due| due.at);
        if let (Some(at), Some(last)) = (self.between(told, until).next(), self.last(told, until)) {
            let times = self.between(told, until).count() as u64;
            due.push(Due { at, until: (last > at).then_some(last), times, fate });
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
