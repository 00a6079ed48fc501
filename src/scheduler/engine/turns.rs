//! Fires whose moment has come get their turn, by the overlap policy of their job, or are passed over.

use super::{
    fires::Fire,
    overlap::{Turn, turn},
    rounds::Engine,
    runs::Why,
};
use crate::{
    Error,
    config::Overlap,
    scheduler::{job::Job, news::Event},
    store::Passed,
};
use jiff::Timestamp;
use std::mem;

impl Engine<'_> {
    /// Decide about each fire whose moment has come.
    pub(super) fn give_turns(&mut self, now: Timestamp) {
        while let Some(fire) = self.fires.take_due(now) {
            match self.plan.job(&fire.job).map(|planned| planned.job.clone()) {
                None => self.pass(fire.id, "skipped", "the job is gone".to_owned()),
                Some(_) if fire.attempt > 0 => self.fires.is_next(&fire),
                Some(job) => self.give_turn(&job, &fire, now),
            }
        }
    }

    fn give_turn(&mut self, job: &Job, fire: &Fire, now: Timestamp) {
        let line = self.fires.line(&fire.job);
        match turn(&job.rules, line, fire, now) {
            Turn::Now => self.fires.is_next(fire),
            Turn::Wait => line.waiting.push_back(fire.id),
            Turn::Full => self.pass(fire.id, "skipped", "the queue is full".to_owned()),
            Turn::Skip => {
                let reason = self.who_is_going(fire);
                self.pass(fire.id, "skipped", reason);
            }
            Turn::Replace => self.replace(fire, now),
        }
    }

    fn who_is_going(&mut self, fire: &Fire) -> String {
        let first = self.fires.line(&fire.job).going.first().copied();
        match first.and_then(|first| self.fires.get(first)) {
            Some(Fire { run: Some(run), .. }) if self.runs.get(*run).is_some() => format!("run {run} was still going"),
            Some(Fire { run: Some(run), .. }) => format!("run {run} was waiting to be tried again"),
            Some(first) => format!("the one due at {} had not begun yet", first.due),
            None => "those before had not begun yet".to_owned(),
        }
    }

    /// Stop those before it; it begins when they have ended.
    fn replace(&mut self, fire: &Fire, now: Timestamp) {
        let line = self.fires.line(&fire.job);
        let older: Vec<i64> = line.waiting.drain(..).chain(line.going.iter().copied()).collect();
        line.waiting.push_back(fire.id);
        for older in older {
            let run = self.fires.get(older).and_then(|older| older.run);
            match run.filter(|run| self.runs.get(*run).is_some()) {
                Some(run) => self.runs.ask(run, Why::Newer, now),
                None => self.pass(older, "skipped", Why::Newer.reason().to_owned()),
            }
        }
        self.fires.move_up(&fire.job, false);
    }

    /// A fire ends without another attempt.
    pub(super) fn pass(&mut self, fire: i64, state: &'static str, reason: String) {
        self.passed.push(Passed { fire, state, reason });
    }

    /// Keep the ends of fires that were passed over; then the next in their lines move up.
    pub(super) async fn keep_passed(&mut self) -> Result<(), Error> {
        if self.passed.is_empty() {
            return Ok(());
        }
        self.scheduler.store.pass(&self.passed).await?;
        for Passed { fire, state, reason } in mem::take(&mut self.passed) {
            let Some(fire) = self.fires.remove(fire) else { continue };
            match state {
                "missed" => self.tell_of(&fire, Event::Missed { reason, times: 1 }),
                _ => self.tell_of(&fire, Event::Skipped { reason }),
            }
            self.move_up(&fire.job);
        }
        Ok(())
    }

    /// The next in the line of a job has its turn, if it may.
    pub(super) fn move_up(&mut self, job: &str) {
        let all = self.plan.job(job).is_some_and(|planned| planned.job.rules.overlap == Overlap::Allow);
        self.fires.move_up(job, all);
    }
}
