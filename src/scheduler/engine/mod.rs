//! The scheduler itself: due times become fires, fires become runs, and all of it is in the store before it happens.

mod attempt;
mod claiming;
mod ending;
mod fires;
mod overlap;
mod plan;
mod recovery;
mod requests;
mod rounds;
mod runs;
mod telling;
mod turns;
mod verdict;

#[cfg(test)]
mod tests;

use super::{
    clock::Clock,
    fire::Executor,
    job::{Job, Trigger},
    news::News,
};
use crate::{Error, lock::lock, store::Store};
use rounds::{Engine, Scope};
use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// What holds for all jobs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// So many runs at once.
    pub runs_at_once: usize,
    /// How long runs may go on when it is asked to stop.
    pub grace: Duration,
    /// Runs that are older are forgotten.
    pub keep: Duration,
    /// Of more runs the oldest are forgotten.
    pub keep_runs: u64,
}

/// Runs jobs at their times. One process at a time serves a store.
pub struct Scheduler {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    executor: Arc<dyn Executor>,
    settings: Settings,
    tell: Arc<dyn Fn(News) + Send + Sync>,
    /// Definitions that are not taken up yet.
    new_jobs: Mutex<Option<Vec<Job>>>,
    woken: Notify,
}

impl Scheduler {
    /// One for this store. What a crash left in it is settled when the jobs are known and it runs.
    pub async fn open(
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        executor: Arc<dyn Executor>,
        settings: Settings,
        tell: Arc<dyn Fn(News) + Send + Sync>,
    ) -> Result<Arc<Scheduler>, Error> {
        // Whether the store can be used is said now and not when it runs.
        store.version().await?;
        let (new_jobs, woken) = (Mutex::default(), Notify::new());
        Ok(Arc::new(Scheduler { store, clock, executor, settings, tell, new_jobs, woken }))
    }

    /// Replace all jobs, at the start and when the configuration is read again. Those that went keep their history.
    pub fn set_jobs(&self, jobs: Vec<Job>) {
        *lock(&self.new_jobs) = Some(jobs);
        self.wake();
    }

    /// Something new is in the store: a request, an event.
    pub fn wake(&self) {
        self.woken.notify_one();
    }

    /// Run jobs until `stop`; then no new ones begin, and those that run have the grace period, are asked to stop, and
    /// are killed.
    pub async fn run(self: &Arc<Self>, stop: CancellationToken) -> Result<(), Error> {
        Engine::new(self, Scope::All).run(&stop).await
    }

    /// Run one fire of a job to its end, with all its attempts, where nobody serves the store. It is asked to stop at
    /// once by `stop`.
    pub async fn run_fire(self: &Arc<Self>, job: Job, fire: i64, stop: CancellationToken) -> Result<(), Error> {
        let mut job = job;
        if let Trigger::Times { schedules, .. } = &mut job.trigger {
            schedules.clear();
        }
        self.set_jobs(vec![job]);
        Engine::new(self, Scope::Fire(fire)).run(&stop).await
    }
}

impl fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scheduler").field("settings", &self.settings).finish_non_exhaustive()
    }
}
