//! Spreads what the scheduler tells: to the log, to the metrics, to people, and to dead-man switches.

use super::{metrics, plan::Plan};
use crate::{
    Error,
    cli::{
        jobs::{length, written},
        logging,
    },
    client::Plain,
    config::Notices,
    helpers::notify::{Notice, Notifier, ping},
    lock::lock,
    scheduler::{Event, News, Outcome, Trouble},
    secret::SecretSource,
    store::Store,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

/// Who spreads it.
#[derive(Debug)]
pub(super) struct Herald {
    addresses: Mutex<Arc<Addresses>>,
    /// When the attempts that go on have begun.
    began: Mutex<HashMap<i64, Instant>>,
    errands: TaskTracker,
    runtime: Handle,
    log: logging::Server,
}

/// Whom it tells, as a configuration says.
#[derive(Debug)]
pub(super) struct Addresses {
    notifier: Notifier,
    http: Plain,
    jobs: HashMap<String, Address>,
    zone: TimeZone,
    /// In a sandbox nobody is told in earnest.
    in_earnest: bool,
}

/// Whom a job's news go to.
#[derive(Debug)]
struct Address {
    notify: Notices,
    ping: Option<SecretSource>,
    zone: TimeZone,
}

impl Addresses {
    pub(super) fn of(plan: &Plan, store: &Arc<Store>, in_earnest: bool) -> Result<Addresses, Error> {
        let config = &plan.config;
        let address = |job: &crate::config::Job| Address {
            notify: job.notify.clone(),
            ping: job.ping.clone(),
            zone: config.zone_of(&job.name),
        };
        let plain = || Plain::new(&config.http, false);
        let warn = |text: &str| tracing::warn!("{text}");
        Ok(Addresses {
            notifier: Notifier::new(&config.notify, plain(), store, Handle::current(), warn)?,
            http: plain(),
            jobs: config.job.iter().chain(&config.on).map(|job| (job.name.clone(), address(job))).collect(),
            zone: config.zone_of(""),
            in_earnest,
        })
    }

    fn zone(&self, job: &str) -> &TimeZone {
        self.jobs.get(job).map_or(&self.zone, |address| &address.zone)
    }

    fn tell(&self, names: &[String], notice: &Notice) {
        for name in names {
            if !self.in_earnest {
                tracing::info!("would tell {name}: {} {}", notice.job, notice.what);
            } else if let Err(error) = self.notifier.notice(name, notice.clone()) {
                tracing::warn!("{error}");
            }
        }
    }
}

impl Herald {
    pub(super) fn new(addresses: Addresses, log: logging::Server) -> Herald {
        Herald {
            addresses: Mutex::new(Arc::new(addresses)),
            began: Mutex::default(),
            errands: TaskTracker::new(),
            runtime: Handle::current(),
            log,
        }
    }

    /// From now on it tells these.
    pub(super) fn set(&self, addresses: Addresses) {
        *lock(&self.addresses) = Arc::new(addresses);
    }

    /// Spread it; nobody is waited for.
    pub(super) fn tell(&self, news: &News) {
        let addresses = lock(&self.addresses).clone();
        let took = match &news.event {
            Event::Began { run, .. } => {
                lock(&self.began).insert(*run, Instant::now());
                None
            }
            Event::Ended { run, .. } => lock(&self.began).remove(run).map(|began| began.elapsed()),
            _ => None,
        };
        metrics::count(news, took);
        match self.log {
            logging::Server::Text => log(news, took, addresses.zone(&news.job)),
            logging::Server::Json => record(news, took),
        }
        self.notify(news, &addresses);
    }

    fn notify(&self, news: &News, addresses: &Arc<Addresses>) {
        let Some(Address { notify, ping: switch, .. }) = addresses.jobs.get(&news.job) else { return };
        let notice = |what: &str| Notice {
            job: news.job.clone(),
            what: what.to_owned(),
            due: written(news.due, addresses.zone(&news.job)),
            ..Notice::default()
        };
        match &news.event {
            Event::Ended { run, outcome: Outcome::Done, recovered, .. } => {
                if *recovered {
                    addresses.tell(&notify.recovery, &Notice { run: run.to_string(), ..notice("is well again") });
                }
                if let Some(switch) = switch.clone().filter(|_| addresses.in_earnest) {
                    let (addresses, job) = (addresses.clone(), news.job.clone());
                    let errand = async move { ping(&addresses.http, &job, &switch).await };
                    self.errands.spawn_on(errand, &self.runtime);
                }
            }
            // Somebody wanted that, or it is tried again.
            Event::Ended { outcome: Outcome::Cancelled, .. } | Event::Ended { again: Some(_), .. } => {}
            Event::Ended { run, outcome, trouble, .. } => {
                let Trouble { kind, message, hint, .. } = trouble.clone().unwrap_or_else(nothing_known);
                let notice = Notice {
                    run: run.to_string(),
                    reason: message,
                    hint: hint.unwrap_or_default(),
                    error: kind,
                    ..notice(in_words(*outcome))
                };
                addresses.tell(&notify.failure, &notice);
            }
            Event::Missed { reason, times } => {
                let what = if *times == 1 { "was missed".to_owned() } else { format!("was missed {times} times") };
                addresses.tell(&notify.missed, &Notice { reason: reason.clone(), ..notice(&what) });
            }
            Event::Unknown { run, reason } => {
                let run = run.map(|run| run.to_string()).unwrap_or_default();
                addresses
                    .tell(&notify.missed, &Notice { run, reason: reason.clone(), ..notice("ended nobody knows how") });
            }
            Event::Began { .. } | Event::Skipped { .. } => {}
        }
    }

    /// Wait until everybody has been told.
    pub(super) async fn finish(&self) {
        let notifier = lock(&self.addresses).notifier.clone();
        self.errands.close();
        tokio::join!(self.errands.wait(), notifier.finish());
    }
}

fn nothing_known() -> Trouble {
    Trouble { kind: String::new(), message: String::new(), hint: None, report: String::new() }
}

fn in_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Failed => "failed",
        Outcome::Partial => "was done in part",
        Outcome::Cancelled => "was cancelled",
        Outcome::TimedOut => "took too long and was stopped",
        Outcome::Unknown => "ended nobody knows how",
    }
}

fn log(news: &News, took: Option<Duration>, zone: &TimeZone) {
    let job = &news.job;
    let due = clock(news.due, zone);
    match &news.event {
        Event::Began { run, attempt, late } => {
            let which = if *attempt == 1 { String::new() } else { format!("attempt {attempt}, ") };
            let late = *late as f64 / 1000.0;
            tracing::info!("run {run} {job} began ({which}{} {due}, {late:.1} s late)", news.cause.name());
        }
        Event::Ended { run, outcome, trouble, again, .. } => {
            let took = took.and_then(|took| SignedDuration::try_from(took).ok());
            let took = took.map_or_else(String::new, |took| format!(" in {}", length(took)));
            let why = trouble.as_ref().map_or_else(String::new, |trouble| format!(": {}", trouble.message));
            let again = again.map_or_else(String::new, |again| format!("; tried again at {}", clock(again, zone)));
            let text = format!("run {run} {job} {}{took}{why}{again}", in_words(*outcome));
            match outcome {
                Outcome::Done => tracing::info!("{text}"),
                Outcome::Cancelled => tracing::warn!("{text}"),
                _ => tracing::error!("{text}"),
            }
        }
        Event::Skipped { reason } => tracing::info!("{job} due {due} skipped: {reason}"),
        Event::Missed { reason, times: 1 } => tracing::warn!("{job} due {due} missed: {reason}"),
        Event::Missed { reason, times } => tracing::warn!("{job} missed {times} times from {due} on: {reason}"),
        Event::Unknown { run, reason } => {
            let run = run.map_or_else(String::new, |run| format!("run {run} "));
            tracing::warn!("{run}{job} due {due}: nobody knows how it ended: {reason}");
        }
    }
}

/// The same as fields, for programs.
fn record(news: &News, took: Option<Duration>) {
    let (job, cause, due) = (&news.job, news.cause.name(), news.due.to_string());
    match &news.event {
        Event::Began { run, attempt, late } => tracing::info!(run, job, cause, due, attempt, late_ms = late, "began"),
        Event::Ended { run, outcome, trouble, again, .. } => {
            let took_ms = took.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
            let (outcome, again) = (outcome.name(), again.map(|again| again.to_string()));
            let error = trouble.as_ref().map(|trouble| trouble.message.as_str());
            match error {
                None => tracing::info!(run, job, cause, due, outcome, took_ms, "ended"),
                Some(error) => tracing::error!(run, job, cause, due, outcome, took_ms, error, again, "ended"),
            }
        }
        Event::Skipped { reason } => tracing::info!(job, cause, due, reason, "skipped"),
        Event::Missed { reason, times } => tracing::warn!(job, cause, due, reason, times, "missed"),
        Event::Unknown { run, reason } => tracing::warn!(run, job, cause, due, reason, "unknown"),
    }
}

/// The day is that of the log's own line, or near it.
fn clock(moment: Timestamp, zone: &TimeZone) -> String {
    moment.to_zoned(zone.clone()).strftime("%m-%d %H:%M:%S").to_string()
}
