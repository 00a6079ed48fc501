//! A job as the scheduler knows it: made of `juben.toml`, checked, with its schedules read.

use super::schedule::Schedule;
use crate::config::{AfterCrash, CatchUp, Notices, Overlap, Retry};
use serde_json::Value;
use std::{path::PathBuf, time::Duration};

/// A script that runs by itself.
#[derive(Debug, Clone)]
pub struct Job {
    /// What it is called by.
    pub name: String,
    /// What it runs on.
    pub trigger: Trigger,
    /// The script.
    pub script: PathBuf,
    /// What the script reads by `args::get`.
    pub parameters: Vec<(String, String)>,
    /// The account for the whole run.
    pub account: Option<String>,
    /// How it runs.
    pub rules: Rules,
}

/// What a job runs on.
#[derive(Debug, Clone)]
pub enum Trigger {
    /// Its times; none when it runs only by hand.
    Times {
        /// Due when one of them is.
        schedules: Vec<Schedule>,
        /// Patterns and zone as they are written; when they change, due times count anew.
        written: String,
    },
    /// An event of a platform.
    Event {
        /// The platform's own name of it.
        name: String,
        /// What fields of it must be: a path, and the values that do.
        filter: Vec<(String, Vec<Value>)>,
    },
}

impl Trigger {
    /// What due times come from; empty where there are none.
    pub(super) fn written(&self) -> &str {
        match self {
            Trigger::Times { written, .. } => written,
            Trigger::Event { .. } => "",
        }
    }
}

/// How a job runs.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// What happens when it is due while it runs.
    pub overlap: Overlap,
    /// So many wait at most.
    pub queue: usize,
    /// What happens to due times at which nobody was there.
    pub catch_up: CatchUp,
    /// Due times that are longer ago are not caught up.
    pub catch_up_window: Duration,
    /// An attempt is stopped when it takes longer.
    pub timeout: Duration,
    /// Whether it was agreed to what removes or overwrites on production accounts.
    pub yes: bool,
    /// What happens when an attempt fails.
    pub retry: Retry,
    /// What happens to a run that juben itself did not survive.
    pub after_crash: AfterCrash,
    /// A due time is put off by up to so much.
    pub jitter: Duration,
    /// Whether its due times are passed over.
    pub paused: bool,
    /// Who is told of what.
    pub notify: Notices,
}
