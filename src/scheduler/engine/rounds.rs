//! Round after round: what has ended is kept, what is due is accepted, what may begin begins; then it waits.

use super::{
    Scheduler,
    attempt::Finished,
    fires::{Fire, Fires},
    overlap::{Turn, turn},
    plan::{Plan, row},
    runs::{Runs, Why},
};
use crate::{
    Error,
    config::Overlap,
    scheduler::{
        due::{earlier, later, signed},
        job::Job,
        news::Event,
    },
    store::Passed,
};
use jiff::{SignedDuration, Timestamp};
use std::{sync::Arc, time::Duration};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

/// How often it looks for requests of other processes, and whether the machine's clock was set.
const LOOK: Duration = Duration::from_millis(250);

/// After trouble with the store it tries again.
const PAUSE: SignedDuration = SignedDuration::from_secs(1);

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// What is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Everything.
    All,
    /// This fire, and nothing else.
    Fire(i64),
}

impl Scope {
    /// Whether a fire is in it.
    pub fn has(self, fire: i64) -> bool {
        match self {
            Scope::All => true,
            Scope::Fire(only) => only == fire,
        }
    }
}

/// The scheduler while it runs.
pub(super) struct Engine<'a> {
    pub(super) scheduler: &'a Arc<Scheduler>,
    pub(super) scope: Scope,
    /// Definitions that are not taken up yet.
    pub(super) new_jobs: Option<Vec<Job>>,
    pub(super) plan: Plan,
    pub(super) fires: Fires,
    pub(super) runs: Runs,
    /// Ends of attempts that are not in the store yet.
    pub(super) finished: Vec<Finished>,
    /// Ends of fires that are not in the store yet.
    pub(super) passed: Vec<Passed>,
    /// The number of the last fire in the store that it knows.
    pub(super) seen: i64,
    /// By which another process's changes are noticed.
    pub(super) version: i64,
    /// Whether there may be something new in the store.
    pub(super) news_in_store: bool,
    /// Whether what the store had at the start is taken up.
    pub(super) taken_up: bool,
    /// It is to end: runs may go on until then.
    closing: Option<Timestamp>,
    next_pruning: Timestamp,
    pruning: Option<AbortOnDropHandle<()>>,
}

impl<'a> Engine<'a> {
    pub fn new(scheduler: &'a Arc<Scheduler>, scope: Scope) -> Engine<'a> {
        Engine {
            scheduler,
            scope,
            new_jobs: None,
            plan: Plan::default(),
            fires: Fires::default(),
            runs: Runs::default(),
            finished: Vec::new(),
            passed: Vec::new(),
            seen: 0,
            version: 0,
            news_in_store: false,
            taken_up: false,
            closing: None,
            next_pruning: if scope == Scope::All { Timestamp::MIN } else { Timestamp::MAX },
            pruning: None,
        }
    }

    /// Until `stop`, and then until all runs have ended.
    pub async fn run(mut self, stop: &CancellationToken) -> Result<(), Error> {
        let _presence = self.scheduler.clock.enter();
        loop {
            let mut wait_until = None;
            if let Err(error) = self.round().await {
                if !self.taken_up {
                    return Err(error);
                }
                tracing::error!(%error, "the scheduler cannot use its store; it tries again");
                wait_until = Some(later(self.now(), PAUSE));
            } else if self.is_over() {
                return Ok(());
            }
            self.wait(stop, wait_until).await;
        }
    }

    /// Now, in milliseconds, as the store has it.
    pub(super) fn now(&self) -> Timestamp {
        let now = self.scheduler.clock.now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    async fn round(&mut self) -> Result<(), Error> {
        let now = self.now();
        self.end_attempts(now).await?;
        self.take_up_jobs(now).await?;
        if !self.taken_up {
            return Ok(());
        }
        self.notice_requests(now).await?;
        self.runs.kill_late(now);
        match self.closing {
            Some(grace) if grace <= now => self.runs.ask_all(Why::Shutdown, now),
            Some(_) => {}
            None => {
                self.prune(now);
                self.accept(now).await?;
                self.react(now).await?;
                self.take_in_fires().await?;
                self.give_turns(now);
                self.keep_passed().await?;
                self.claim(now).await?;
            }
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        let fire_is_over = match self.scope {
            Scope::All => false,
            Scope::Fire(fire) => self.taken_up && self.fires.get(fire).is_none(),
        };
        self.runs.count() == 0 && (self.closing.is_some() || fire_is_over)
    }

    /// Until something happens.
    async fn wait(&mut self, stop: &CancellationToken, at_least_until: Option<Timestamp>) {
        let Engine { scheduler, runs, .. } = self;
        if let Some(moment) = at_least_until {
            return tokio::select! {
                () = stop.cancelled(), if self.closing.is_none() => self.close(),
                () = scheduler.clock.sleep_until(moment) => {}
            };
        }
        let moments = [
            self.fires.next().filter(|_| self.closing.is_none()),
            self.plan.next().filter(|_| self.closing.is_none()),
            self.taken_up.then_some(self.next_pruning).filter(|_| self.closing.is_none()),
            runs.next(),
            self.closing.filter(|grace| *grace > scheduler.clock.now()),
        ];
        let moment = moments.into_iter().flatten().min().unwrap_or(Timestamp::MAX);
        tokio::select! {
            biased;
            () = stop.cancelled(), if self.closing.is_none() => self.close(),
            Some(finished) = runs.tasks.join_next() => {
                self.finished.extend(finished);
                while let Some(finished) = self.runs.tasks.try_join_next() {
                    self.finished.extend(finished);
                }
            }
            () = scheduler.woken.notified() => self.news_in_store = true,
            () = tokio::time::sleep(LOOK) => {}
            () = scheduler.clock.sleep_until(moment) => {}
        }
    }

    /// Begin to end: who waits for one fire wants it to stop at once.
    fn close(&mut self) {
        let grace = signed(self.scheduler.settings.grace);
        self.closing = Some(match self.scope {
            Scope::All => later(self.now(), grace),
            Scope::Fire(_) => self.now(),
        });
    }

    /// Give the due times that have come their rows.
    async fn accept(&mut self, now: Timestamp) -> Result<(), Error> {
        let places = self.plan.take_due(now);
        if places.is_empty() {
            return Ok(());
        }
        let due = self.plan.due(&places, now);
        let rows: Vec<_> = due.iter().map(|(job, due)| row(job, due)).collect();
        let accepted = self.scheduler.store.accept(&rows, &self.plan.names(&places), now).await;
        if accepted.is_ok() {
            due.iter().for_each(|(job, due)| self.tell_due(job, due));
            self.plan.accepted(&places, now);
            self.news_in_store = true;
        }
        self.plan.put_back(&places);
        accepted
    }

    /// Decide about each fire whose moment has come.
    fn give_turns(&mut self, now: Timestamp) {
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
        for Passed { fire, state, reason } in std::mem::take(&mut self.passed) {
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

    fn prune(&mut self, now: Timestamp) {
        if now < self.next_pruning {
            return;
        }
        self.next_pruning = later(now, HOUR);
        let (store, settings) = (self.scheduler.store.clone(), self.scheduler.settings.clone());
        let keep = signed(settings.keep);
        let before = earlier(now, keep);
        let pruning = tokio::spawn(async move {
            let forgotten = async {
                store.forget_events(before).await?;
                store.forget_runs(before, settings.keep_runs).await
            };
            match forgotten.await {
                Ok(0) => {}
                Ok(fires) => tracing::info!(fires, "old runs were forgotten"),
                Err(error) => tracing::warn!(%error, "old runs could not be forgotten"),
            }
        });
        self.pruning = Some(AbortOnDropHandle::new(pruning));
    }
}
