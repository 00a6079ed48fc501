//! What has happened is told: to whoever listens, and to the metrics.

use super::{fires::Fire, rounds::Engine};
use crate::scheduler::{
    due::{Due, Fate},
    fire::{Cause, Outcome},
    news::{Event, News},
};
use jiff::Timestamp;
use metrics::{counter, gauge, histogram};

impl Engine<'_> {
    /// A due time has its row.
    pub(super) fn tell_due(&self, job: &str, due: &Due) {
        let event = match due.fate {
            Fate::Runs(_) => return,
            Fate::Skipped(reason) => Event::Skipped { reason: reason.to_owned() },
            Fate::Missed(reason) => Event::Missed { reason: reason.to_owned(), times: due.times },
        };
        self.tell(job, Cause::Schedule, due.at, event);
    }

    /// Something has happened to a fire.
    pub(super) fn tell_of(&self, fire: &Fire, event: Event) {
        self.tell(&fire.job, fire.cause, fire.due, event);
    }

    pub(super) fn tell(&self, job: &str, cause: Cause, due: Timestamp, event: Event) {
        count(job, &event);
        (self.scheduler.tell)(News { job: job.to_owned(), cause, due, event });
    }

    /// How much there is of everything.
    pub(super) fn measure(&self) {
        gauge!("juben_jobs").set(self.plan.len() as f64);
        gauge!("juben_runs_going").set(self.runs.count() as f64);
        gauge!("juben_fires_waiting").set(self.fires.count().saturating_sub(self.runs.count()) as f64);
    }
}

/// How a run went, for the metrics.
pub(super) fn count_run(job: &str, outcome: Outcome, seconds: f64) {
    counter!("juben_runs_total", "job" => job.to_owned(), "outcome" => outcome.name()).increment(1);
    histogram!("juben_run_seconds").record(seconds);
}

fn count(job: &str, event: &Event) {
    let (state, times) = match event {
        Event::Began { late, .. } => {
            histogram!("juben_lateness_seconds").record(*late as f64 / 1000.0);
            return;
        }
        Event::Ended { again: Some(_), .. } => return,
        Event::Ended { .. } => ("ran", 1),
        Event::Skipped { .. } => ("skipped", 1),
        Event::Missed { times, .. } => ("missed", *times),
        Event::Unknown { .. } => ("unknown", 1),
    };
    counter!("juben_fires_total", "job" => job.to_owned(), "state" => state).increment(times);
}
