//! The scheduler on a time that leaps, with runs that are played.

mod catch_up;
mod crash;
mod ends;
mod overlap;
mod random;
mod requests;
mod scale;

use super::{Scheduler, Settings};
use crate::{
    lock::lock,
    scheduler::{
        Attempt, Clock, Ended, Executor, Job, Leaping, News, Outcome, Rules, Stop, Tell, Told, Trigger, Trouble,
        schedule::Schedule,
    },
    store::{PastFire, Store},
};
use futures_util::future::{BoxFuture, FutureExt};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::{
    fmt, slice,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn start() -> Timestamp {
    at("2026-03-01T00:00:00Z")
}

pub fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

/// A job that is due by this pattern, by the wall clock of UTC.
pub fn job(name: &str, pattern: &str, rules: Rules) -> Job {
    Job {
        name: name.to_owned(),
        trigger: Trigger::Times {
            schedules: vec![Schedule::new(pattern, TimeZone::UTC).unwrap()],
            written: pattern.to_owned(),
        },
        script: format!("{name}.rhai").into(),
        parameters: vec![("day".to_owned(), "today".to_owned())],
        account: None,
        rules,
    }
}

/// As `juben.toml` has them when it says nothing.
pub fn rules() -> Rules {
    Rules {
        queue: 100,
        catch_up_window: Duration::from_secs(86_400),
        timeout: Duration::from_secs(3600),
        ..Rules::default()
    }
}

pub fn ended(outcome: Outcome) -> Ended {
    Ended { outcome, script_hash: None, result: None, trouble: None }
}

pub fn failed(kind: &str) -> Ended {
    let message = format!("a failure of the kind {kind}");
    let trouble = Trouble { kind: kind.to_owned(), report: message.clone(), message, hint: None };
    Ended { trouble: Some(trouble), ..ended(Outcome::Failed) }
}

/// How a run is played.
#[derive(Debug, Clone)]
pub enum Play {
    /// It takes so many seconds; asked to stop, it stops.
    Takes(i64, Ended),
    /// It listens to nobody until it is killed.
    Deaf,
    /// It panics.
    Panics,
}

/// A run that was played.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    pub attempt: Attempt,
    pub began: Timestamp,
    pub ended: Option<(Timestamp, Outcome)>,
}

struct Actor {
    clock: Leaping,
    play: Arc<dyn Fn(&Attempt) -> Play + Send + Sync>,
    acts: Arc<Mutex<Vec<Act>>>,
}

impl fmt::Debug for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Actor")
    }
}

impl Executor for Actor {
    fn execute(&self, attempt: Attempt, stop: Stop, tell: Tell) -> BoxFuture<'static, Ended> {
        let (clock, acts, play) = (self.clock.clone(), self.acts.clone(), (self.play)(&attempt));
        async move {
            let act = {
                let mut acts = lock(&acts);
                acts.push(Act { attempt, began: clock.now(), ended: None });
                acts.len() - 1
            };
            tell(Told::Printed("it begins".to_owned()));
            let ended = match play {
                Play::Takes(count, ended_so) => tokio::select! {
                    biased;
                    () = stop.ask.cancelled() => ended(Outcome::Cancelled),
                    () = clock.sleep_until(clock.now() + seconds(count)) => ended_so,
                },
                Play::Deaf => tokio::select! {
                    biased;
                    () = stop.kill.cancelled() => ended(Outcome::Unknown),
                    () = clock.sleep_until(Timestamp::MAX) => unreachable!("nobody waits so long"),
                },
                Play::Panics => panic!("as it was told"),
            };
            lock(&acts)[act].ended = Some((clock.now(), ended.outcome));
            ended
        }
        .boxed()
    }
}

/// How a process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It is gone from one moment to the next.
    Crash,
    /// It is asked to stop.
    Stop,
}

/// A store that outlives processes, and what happened in all of them.
pub struct World {
    pub store: Arc<Store>,
    pub settings: Settings,
    pub play: Arc<dyn Fn(&Attempt) -> Play + Send + Sync>,
    pub acts: Arc<Mutex<Vec<Act>>>,
    pub told: Arc<Mutex<Vec<News>>>,
}

impl World {
    pub fn new(play: impl Fn(&Attempt) -> Play + Send + Sync + 'static) -> World {
        World {
            store: Arc::new(Store::in_memory()),
            settings: Settings {
                runs_at_once: 8,
                grace: Duration::from_secs(30),
                keep: Duration::from_secs(10_000 * 86_400),
                keep_runs: 1_000_000,
            },
            play: Arc::new(play),
            acts: Arc::default(),
            told: Arc::default(),
        }
    }

    pub async fn scheduler(&self, clock: &Leaping) -> Arc<Scheduler> {
        let actor = Actor { clock: clock.clone(), play: self.play.clone(), acts: self.acts.clone() };
        let told = self.told.clone();
        let tell = Arc::new(move |news| lock(&told).push(news));
        let clock = Arc::new(clock.clone());
        Scheduler::open(self.store.clone(), clock, Arc::new(actor), self.settings.clone(), tell).await.unwrap()
    }

    /// A process that runs these jobs from one moment until another.
    pub async fn run(&self, jobs: &[Job], from: Timestamp, until: Timestamp, end: End) {
        self.run_and(jobs, from, async |_, clock| clock.sleep_until(until).await, end).await;
    }

    /// A process that runs these jobs while somebody does something with it.
    pub async fn run_and(
        &self,
        jobs: &[Job],
        from: Timestamp,
        deed: impl AsyncFnOnce(&Arc<Scheduler>, &Leaping),
        end: End,
    ) {
        let clock = Leaping::starting(from);
        let scheduler = self.scheduler(&clock).await;
        scheduler.set_jobs(jobs.to_vec());
        let stop = CancellationToken::new();
        let course = async {
            let here = clock.enter();
            deed(&scheduler, &clock).await;
            if end == End::Stop {
                stop.cancel();
                drop(here);
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            () = course => {}
            ended = scheduler.run(stop.clone()) => ended.unwrap(),
            () = clock.pass(|_, _| {}) => unreachable!("time passes for ever"),
        }
    }

    /// All fires of a job, in the order of their due times.
    pub async fn fires(&self, job: &str) -> Vec<PastFire> {
        let mut fires = self.store.past_fires(job, u32::MAX).await.unwrap();
        fires.reverse();
        fires
    }

    /// The states of all fires of a job, with how often each comes in a row.
    pub async fn states(&self, job: &str) -> Vec<(String, usize)> {
        let mut states: Vec<(String, usize)> = Vec::new();
        for fire in self.fires(job).await {
            match states.last_mut() {
                Some((state, count)) if *state == fire.state => *count += 1,
                _ => states.push((fire.state, 1)),
            }
        }
        states
    }

    pub fn acts(&self) -> Vec<Act> {
        lock(&self.acts).clone()
    }
}
