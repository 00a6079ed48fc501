//! What a simulation has found out, counted.

use super::{
    diary::{Change, Passed, Run},
    watch::Ending,
};
use jiff::{Timestamp, tz::TimeZone};
use std::collections::BTreeMap;

/// What has happened, and what has not.
#[derive(Debug)]
pub(super) struct Findings {
    pub start: Timestamp,
    pub until: Timestamp,
    /// Earlier than `until` when somebody has stopped it.
    pub reached: Timestamp,
    /// What moments are shown in.
    pub zone: TimeZone,
    /// The jobs, and what they run on.
    pub jobs: Vec<(String, String)>,
    pub runs: Vec<Run>,
    pub passed: Vec<Passed>,
    /// Every grant that reached its end.
    pub lapsed: Vec<Ending>,
    /// What ends soon after it.
    pub soon: Vec<Ending>,
}

/// What became of what was due.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Tally {
    pub due: u64,
    /// By the word for it.
    pub states: BTreeMap<&'static str, u64>,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
}

/// What the runs of a job have changed by one operation.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Total {
    pub runs: u64,
    pub change: Change,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
}

/// What went wrong, as often as it did so in the same way.
#[derive(Debug)]
pub(super) struct Failing<'a> {
    pub state: &'static str,
    pub times: u64,
    pub first: Timestamp,
    pub last: Timestamp,
    /// With the script's line, where there was one.
    pub report: Option<&'a str>,
}

/// The job, and what went wrong in words.
pub(super) type Cause<'a> = (&'a str, &'a str);

/// The order in which the states of due times are shown.
pub(super) const STATES: [&str; 9] =
    ["done", "partial", "failed", "timed_out", "cancelled", "unknown", "skipped", "missed", "running"];

impl Run {
    /// The word for how it ended; `None` when it is tried again.
    pub(super) fn state(&self) -> Option<&'static str> {
        match &self.ended {
            None => Some("running"),
            Some(ended) if ended.again.is_some() => None,
            Some(ended) => Some(ended.outcome.name()),
        }
    }
}

impl Findings {
    /// What became of what a job was due for.
    pub(super) fn tally(&self, job: &str) -> Tally {
        let ran = self.runs.iter().filter(|run| run.job == job);
        let ran = ran.filter_map(|run| Some((run.state()?, run.due, 1)));
        let passed = self.passed.iter().filter(|it| it.job == job).map(|it| (it.state, it.due, it.times));
        let mut tally = Tally::default();
        for (state, due, times) in ran.chain(passed) {
            tally.due += times;
            *tally.states.entry(state).or_default() += times;
            extend(&mut tally.first, &mut tally.last, due);
        }
        tally
    }

    /// What a job has changed, by operation.
    pub(super) fn totals(&self, job: &str) -> BTreeMap<&str, Total> {
        let mut totals: BTreeMap<&str, Total> = BTreeMap::new();
        for run in self.runs.iter().filter(|run| run.job == job) {
            for (operation, change) in &run.changes {
                let total = totals.entry(operation).or_default();
                total.runs += 1;
                total.change.add(*change);
                extend(&mut total.first, &mut total.last, run.began);
            }
        }
        totals
    }

    /// The runs that did not end well and are not tried again, by what went wrong. One that a newer run has replaced has
    /// ended as its job wants it.
    pub(super) fn failing(&self) -> Vec<(Cause<'_>, Failing<'_>)> {
        let mut failing: Vec<(Cause, Failing)> = Vec::new();
        for run in &self.runs {
            let ended_well = matches!(run.state(), None | Some("done" | "cancelled"));
            let Some(ended) = run.ended.as_ref().filter(|_| !ended_well) else { continue };
            let trouble = ended.trouble.as_ref();
            let cause = (run.job.as_str(), trouble.map_or("", |trouble| trouble.message.as_str()));
            match failing.iter_mut().find(|(known, _)| *known == cause) {
                Some((_, failing)) => {
                    failing.times += 1;
                    failing.last = run.due;
                }
                None => {
                    let report = trouble.map(|trouble| trouble.report.as_str());
                    let (state, first, last) = (ended.outcome.name(), run.due, run.due);
                    failing.push((cause, Failing { state, times: 1, first, last, report }));
                }
            }
        }
        failing
    }

    /// What was passed over, by job, state and reason.
    pub(super) fn passed_over(&self) -> BTreeMap<(&str, &'static str, &str), Tally> {
        let mut passed: BTreeMap<_, Tally> = BTreeMap::new();
        for it in &self.passed {
            let tally = passed.entry((it.job.as_str(), it.state, it.reason.as_str())).or_default();
            tally.due += it.times;
            extend(&mut tally.first, &mut tally.last, it.due);
        }
        passed
    }

    /// What lapsed though it was in our hand.
    pub(super) fn given(&self) -> impl Iterator<Item = &Ending> {
        self.lapsed.iter().filter(|ending| ending.given)
    }

    /// Whether something went wrong: a grant of ours lapsed, a run did not end well, or a due time was missed.
    pub(super) fn is_partial(&self) -> bool {
        let missed = self.passed.iter().any(|it| it.state != "skipped");
        self.given().next().is_some() || missed || !self.failing().is_empty()
    }

    /// Whether it was stopped before its end.
    pub(super) fn is_stopped(&self) -> bool {
        self.reached < self.until
    }
}

fn extend(first: &mut Option<Timestamp>, last: &mut Option<Timestamp>, moment: Timestamp) {
    *first = Some(first.map_or(moment, |first| first.min(moment)));
    *last = Some(last.map_or(moment, |last| last.max(moment)));
}
