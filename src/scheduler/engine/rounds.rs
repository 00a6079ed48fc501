//! Round after round: what has ended is kept, what is due is accepted, what may begin begins; then it waits.

use super::{
    Scheduler,
    attempt::Finished,
    fires::Fires,
    plan::{Plan, row},
    runs::{Runs, Why},
};
use crate::{
    Error,
    scheduler::{
        due::{earlier, later, signed},
        job::Job,
    },
    store::Passed,
};
use jiff::{SignedDuration, Timestamp};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

/// How often it looks for requests of other processes, and whether the machine's clock was set.
pub(super) const LOOK: Duration = Duration::from_millis(250);

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
    /// When they were looked for.
    pub(super) looked: Instant,
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
            looked: Instant::now(),
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
            let mut trouble = false;
            match self.round().await {
                Ok(()) if self.is_over() => return Ok(()),
                Ok(()) => {}
                Err(error) if self.cannot_go_on() => return Err(error),
                Err(error) => {
                    tracing::error!(%error, "the scheduler cannot use its store; it tries again");
                    trouble = true;
                }
            }
            self.wait(stop, trouble).await;
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

    /// Whether nothing is left but to say that the store cannot be used.
    fn cannot_go_on(&self) -> bool {
        !self.taken_up || (self.closing.is_some() && self.runs.tasks.is_empty())
    }

    /// Until something happens; after trouble at least for a moment.
    async fn wait(&mut self, stop: &CancellationToken, trouble: bool) {
        let moment = if trouble { later(self.now(), PAUSE) } else { self.next_moment() };
        tokio::select! {
            biased;
            () = stop.cancelled(), if self.closing.is_none() => self.close(),
            Some(finished) = self.runs.tasks.join_next() => {
                self.finished.extend(finished);
                while let Some(finished) = self.runs.tasks.try_join_next() {
                    self.finished.extend(finished);
                }
            }
            () = self.scheduler.woken.notified() => self.news_in_store = true,
            () = tokio::time::sleep(LOOK), if !trouble => {}
            () = self.scheduler.clock.sleep_until(moment) => {}
        }
    }

    /// When something is to be done that can be foreseen.
    fn next_moment(&self) -> Timestamp {
        let next = match self.closing {
            Some(grace) => [self.runs.next(), Some(grace).filter(|grace| *grace > self.now()), None, None],
            None if self.taken_up => [self.runs.next(), self.fires.next(), self.plan.next(), Some(self.next_pruning)],
            None => [None; 4],
        };
        next.into_iter().flatten().min().unwrap_or(Timestamp::MAX)
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
