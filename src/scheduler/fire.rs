//! An order to run and what becomes of it: plain data, and the one who carries it out.

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt, path::PathBuf, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// Why something runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// It was due.
    Schedule,
    /// A platform has told of something.
    Event,
    /// A person wants it.
    Hand,
    /// A person wants an earlier run again.
    Replay,
}

impl Cause {
    /// The cause that the store has this word for.
    pub fn named(name: &str) -> Option<Cause> {
        [Cause::Schedule, Cause::Event, Cause::Hand, Cause::Replay].into_iter().find(|cause| cause.name() == name)
    }

    /// The word in the store.
    pub fn name(self) -> &'static str {
        match self {
            Cause::Schedule => "schedule",
            Cause::Event => "event",
            Cause::Hand => "hand",
            Cause::Replay => "replay",
        }
    }
}

/// One try of a fire: all that is needed to run its script, and no secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// The run's number.
    pub run: i64,
    /// The job's name.
    pub job: String,
    /// From 1; it grows with each try of the same fire.
    pub number: u32,
    /// When it was due.
    pub due: Timestamp,
    /// The script.
    pub script: PathBuf,
    /// What the script reads by `args::get`.
    pub parameters: Vec<(String, String)>,
    /// The account for the whole run.
    pub account: Option<String>,
    /// It is stopped when it takes longer.
    pub timeout: Duration,
    /// Whether it was agreed to what removes or overwrites on production accounts.
    #[serde(default)]
    pub yes: bool,
    /// What it runs on, as JSON: `id`, `name`, `account`, `received` and the `body` of the event.
    pub event: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Well.
    Done,
    /// The script failed.
    Failed,
    /// Some items failed.
    Partial,
    /// Somebody stopped it.
    Cancelled,
    /// Its time was up.
    TimedOut,
    /// Nobody knows: its process died.
    Unknown,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Outcome; 6] =
        [Outcome::Done, Outcome::Failed, Outcome::Partial, Outcome::Cancelled, Outcome::TimedOut, Outcome::Unknown];

    /// The word in the store.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Failed => "failed",
            Outcome::Partial => "partial",
            Outcome::Cancelled => "cancelled",
            Outcome::TimedOut => "timed_out",
            Outcome::Unknown => "unknown",
        }
    }
}

/// What a run ended with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// How.
    pub outcome: Outcome,
    /// SHA-256 of the script's text in hex, if it could be read.
    pub script_hash: Option<String>,
    /// Its last value as JSON; `None` for nothing.
    pub result: Option<String>,
    /// What went wrong.
    pub trouble: Option<Trouble>,
}

/// What went wrong, for people and for the retry rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// The name of an error's kind.
    pub kind: String,
    /// In one sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// As `juben run` would show it, with the script's line.
    pub report: String,
}

/// What a run tells while it goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// It printed this.
    Printed(String),
    /// It logged this.
    Logged(#[serde(with = "level")] tracing::Level, String),
    /// It has made a call.
    Called(Called),
}

/// A call that has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Called {
    /// As `module.name`.
    pub operation: String,
    /// The account that made it.
    pub account: String,
    /// `read`, `write` or `destructive`.
    pub effect: String,
    /// The rows of a call that takes many, such as books.
    pub rows: Option<usize>,
    /// When it began.
    pub at: Timestamp,
    /// How long it took with all its attempts.
    pub took: Duration,
    /// The requests that were sent for it.
    pub attempts: u32,
    /// What went wrong: the error's kind and message.
    pub failure: Option<(String, String)>,
}

/// How a run is stopped: it is asked first, and ended if it does not listen.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    /// It shall end by itself.
    pub ask: CancellationToken,
    /// It is ended.
    pub kill: CancellationToken,
}

/// Who hears what a run tells.
pub type Tell = Arc<dyn Fn(Told) + Send + Sync>;

/// Carries out attempts.
pub trait Executor: fmt::Debug + Send + Sync + 'static {
    /// Run a script to its end, however it ends; `tell` is called for each thing that it tells, in order. It keeps the
    /// time limit of the attempt and listens to `stop` by itself, and always returns.
    fn execute(&self, attempt: Attempt, stop: Stop, tell: Tell) -> BoxFuture<'static, Ended>;
}

/// A level as its word: the type itself knows only how to print and to read that.
mod level {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use tracing::Level;

    pub fn serialize<S: Serializer>(level: &Level, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(level.as_str())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Level, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}
