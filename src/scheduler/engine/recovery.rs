//! Jobs are taken up, and at the start what an earlier process left in the store.

use super::{
    fires::Fire,
    plan::Plan,
    rounds::{Engine, Scope},
    verdict::streak_after,
};
use crate::{
    Error,
    config::AfterCrash,
    lock::lock,
    scheduler::{
        due::{later, signed},
        fire::{Cause, Outcome},
        news::Event,
    },
    store::{Left, Next, RunEnd},
};
use jiff::Timestamp;

const CRASHED: &str = "juben ended while it ran";

impl Engine<'_> {
    /// Take up the jobs that were set last.
    pub(super) async fn take_up_jobs(&mut self, now: Timestamp) -> Result<(), Error> {
        let new = lock(&self.scheduler.new_jobs).take();
        self.new_jobs = new.or(self.new_jobs.take());
        let Some(jobs) = &self.new_jobs else { return Ok(()) };
        let names: Vec<(&str, &str)> = jobs.iter().map(|job| (job.name.as_str(), job.trigger.written())).collect();
        let known = self.scheduler.store.take_up_jobs(&names, self.scope == Scope::All, now).await?;
        self.plan = Plan::new(self.new_jobs.take().unwrap_or_default(), known, &self.plan);
        if !self.taken_up {
            self.take_up_fires(now).await?;
            (self.taken_up, self.news_in_store) = (true, true);
        }
        let gone = self.fires.iter().filter(|fire| self.plan.job(&fire.job).is_none());
        let gone: Vec<i64> = gone.filter(|fire| !self.is_running(fire)).map(|fire| fire.id).collect();
        gone.into_iter().for_each(|fire| self.pass(fire, "skipped", "the job is gone".to_owned()));
        self.fires.jobs().iter().for_each(|job| self.move_up(job));
        self.keep_passed().await
    }

    fn is_running(&self, fire: &Fire) -> bool {
        fire.run.is_some_and(|run| self.runs.get(run).is_some())
    }

    async fn take_up_fires(&mut self, now: Timestamp) -> Result<(), Error> {
        if self.scope == Scope::All {
            self.settle_the_left(now).await?;
        }
        let (scope, (fires, seen)) = (self.scope, self.scheduler.store.waiting().await?);
        for fire in fires.into_iter().filter(|fire| scope.has(fire.id)).map(Fire::waiting) {
            let is_stale = self.is_stale(&fire, now);
            let id = fire.id;
            self.fires.add(fire);
            if is_stale {
                self.pass(id, "missed", "juben was not running".to_owned());
            }
        }
        self.seen = seen;
        Ok(())
    }

    /// Whether it was due so long ago that it is not caught up.
    fn is_stale(&self, fire: &Fire, now: Timestamp) -> bool {
        let Some(planned) = self.plan.job(&fire.job) else { return false };
        let window = signed(planned.job.rules.catch_up_window);
        fire.cause == Cause::Schedule && fire.attempt == 0 && later(fire.not_before, window) < now
    }

    /// What is said to run died with the process that ran it: one process at a time serves a store.
    async fn settle_the_left(&mut self, now: Timestamp) -> Result<(), Error> {
        let left = self.scheduler.store.left_running().await?;
        if left.is_empty() {
            return Ok(());
        }
        let mut ends = Vec::with_capacity(left.len());
        for left in &left {
            let next = self.after_crash(left, now);
            if let Next::Ended { streak, .. } = next {
                self.plan.set_streak(&left.job, streak);
            }
            ends.push(RunEnd {
                run: left.run,
                fire: left.fire,
                attempt: left.attempt,
                job: left.job.clone(),
                outcome: Outcome::Unknown.name(),
                ended: now,
                script_hash: None,
                result: None,
                error: None,
                next,
            });
        }
        self.scheduler.store.end_runs(&ends).await?;
        for (left, end) in left.iter().zip(&ends).filter(|(_, end)| matches!(end.next, Next::Ended { .. })) {
            let cause = Cause::named(&left.cause).unwrap_or(Cause::Hand);
            let event = Event::Unknown { run: Some(end.run), reason: CRASHED.to_owned() };
            self.tell(&left.job, cause, left.due, event);
        }
        Ok(())
    }

    fn after_crash(&self, left: &Left, now: Timestamp) -> Next {
        match self.plan.job(&left.job) {
            Some(planned) if planned.job.rules.after_crash == AfterCrash::Again => Next::Again { not_before: now },
            planned => {
                let before = planned.map_or(0, |planned| planned.streak);
                let streak = streak_after(before, Outcome::Unknown);
                Next::Ended { state: "unknown", reason: Some(CRASHED.to_owned()), streak }
            }
        }
    }
}
