//! What Prometheus reads: counted from the news of the scheduler, and looked up in the state when it is asked for.

use crate::{
    Error,
    cli::calls,
    client::Meter,
    error::Kind,
    scheduler::{Event, News, Outcome},
    store::Store,
};
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::time::Duration;

/// Seconds that are told apart.
const LATENESS: [f64; 9] = [0.005, 0.02, 0.1, 0.5, 1.0, 5.0, 30.0, 300.0, 3600.0];
const LENGTHS: [f64; 9] = [0.1, 0.5, 1.0, 5.0, 30.0, 60.0, 300.0, 1800.0, 7200.0];

/// The figures of this process.
#[derive(Debug)]
pub(super) struct Metrics {
    recorder: PrometheusHandle,
}

impl Metrics {
    /// From here on all that is counted in this process is kept.
    pub(super) fn begin() -> Result<Metrics, Error> {
        let failed = |error: &dyn std::fmt::Display| Error::new(Kind::Limit, format!("no metrics: {error}"));
        let builder = PrometheusBuilder::new().set_buckets_for_metric(full("juben_lateness_seconds"), &LATENESS);
        let builder = builder.and_then(|it| it.set_buckets(&LENGTHS)).map_err(|error| failed(&error))?;
        let recorder = builder.install_recorder().map_err(|error| failed(&error))?;
        describe();
        calls::describe();
        gauge!("juben_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        Ok(Metrics { recorder })
    }

    /// As Prometheus reads it.
    pub(super) async fn render(&self, store: &Store, meter: &Meter) -> String {
        if let Ok((waiting, running)) = store.going().await {
            gauge!("juben_fires_waiting").set(waiting as f64);
            gauge!("juben_fires_running").set(running as f64);
        }
        // What cannot be read now is shown as it was.
        meter.show(store).await.ok();
        self.recorder.render()
    }

    /// Now and then, so that what is measured does not pile up while nobody asks.
    pub(super) fn tidy(&self) {
        self.recorder.run_upkeep();
    }
}

/// Count what has happened; an attempt that has ended took so long.
pub(super) fn count(news: &News, took: Option<Duration>) {
    let job = || news.job.clone();
    let ended = |state: &'static str, times: u64| {
        counter!("juben_fires_total", "job" => job(), "state" => state).increment(times);
    };
    match &news.event {
        Event::Began { late, .. } => {
            histogram!("juben_lateness_seconds", "job" => job()).record(*late as f64 / 1000.0);
        }
        Event::Ended { outcome, again, streak, .. } => {
            counter!("juben_runs_total", "job" => job(), "outcome" => outcome.name()).increment(1);
            if let Some(took) = took {
                histogram!("juben_run_seconds", "job" => job()).record(took);
            }
            if *outcome == Outcome::Done {
                let now = Duration::from_secs(jiff::Timestamp::now().as_second().unsigned_abs());
                gauge!("juben_last_success_timestamp_seconds", "job" => job()).set(now.as_secs_f64());
            }
            match again {
                Some(_) => counter!("juben_run_retries_total", "job" => job()).increment(1),
                None => {
                    gauge!("juben_streak", "job" => job()).set(*streak as f64);
                    ended("ran", 1);
                }
            }
        }
        Event::Skipped { .. } => ended("skipped", 1),
        Event::Missed { times, .. } => ended("missed", *times),
        Event::Unknown { run, .. } => {
            if run.is_some() {
                counter!("juben_runs_total", "job" => job(), "outcome" => Outcome::Unknown.name()).increment(1);
            }
            ended("unknown", 1);
        }
    }
}

/// So many jobs are served.
pub(super) fn jobs_are(count: usize) {
    gauge!("juben_jobs").set(count as f64);
}

/// Whether the configuration on the disk is the one that is served.
pub(super) fn config_is(ok: bool) {
    gauge!("juben_config_ok").set(if ok { 1.0 } else { 0.0 });
}

fn full(name: &str) -> metrics_exporter_prometheus::Matcher {
    metrics_exporter_prometheus::Matcher::Full(name.to_owned())
}

fn describe() {
    describe_gauge!("juben_info", "1, with the version");
    describe_gauge!(
        "juben_config_ok",
        "1 when juben.toml on the disk is the one that is served, 0 when it was refused"
    );
    describe_gauge!("juben_jobs", "Jobs that are served");
    describe_counter!(
        "juben_fires_total",
        "Due times, events and orders by what became of them: ran, skipped, missed, unknown"
    );
    describe_counter!("juben_runs_total", "Attempts by outcome: done, failed, partial, cancelled, timed_out, unknown");
    describe_counter!("juben_run_retries_total", "Attempts that are tried again");
    describe_histogram!("juben_lateness_seconds", Unit::Seconds, "From when a run was due until it began");
    describe_histogram!("juben_run_seconds", Unit::Seconds, "How long attempts took");
    describe_gauge!("juben_last_success_timestamp_seconds", Unit::Seconds, "When a job went well last, since 1970");
    describe_gauge!("juben_streak", "Runs in a row that ended alike: 3 went well, -2 failed");
    describe_gauge!("juben_fires_waiting", "Orders to run that wait for their time or their turn");
    describe_gauge!("juben_fires_running", "Orders to run whose script runs");
    describe_counter!("juben_pushes_total", "Pushes of platforms by account and what became of them");
}
