//! What the scheduler has to tell: for notices, logs and metrics.

use super::fire::{Cause, Outcome, Trouble};
use jiff::Timestamp;

/// Something that has happened to a job.
#[derive(Debug, Clone, PartialEq)]
pub struct News {
    /// The job.
    pub job: String,
    /// Why it runs.
    pub cause: Cause,
    /// When it was due.
    pub due: Timestamp,
    /// What has happened.
    pub event: Event,
}

/// What has happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// An attempt has begun, so many milliseconds after it was due (or its pause was over).
    Began {
        /// The run's number.
        run: i64,
        /// From 1.
        attempt: u32,
        /// Milliseconds.
        late: i64,
    },
    /// An attempt has ended.
    Ended {
        /// The run's number.
        run: i64,
        /// How.
        outcome: Outcome,
        /// What went wrong.
        trouble: Option<Trouble>,
        /// When it is tried again, if it is.
        again: Option<Timestamp>,
        /// Runs in a row that ended alike, this one included: 3 went well, -2 failed.
        streak: i64,
        /// Whether the one before had failed and this went well.
        recovered: bool,
    },
    /// It was left out.
    Skipped {
        /// In words.
        reason: String,
    },
    /// Nobody was there.
    Missed {
        /// In words.
        reason: String,
        /// So many due times.
        times: u64,
    },
    /// A run's end is unknown: its process died, or juben did.
    Unknown {
        /// The run's number, if one had begun.
        run: Option<i64>,
        /// In words.
        reason: String,
    },
}
