//! What went wrong with a run, as it is kept.

use crate::store::{PastFire, PastRun};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct Wrong {
    pub kind: String,
    pub message: String,
    pub report: String,
}

impl Wrong {
    /// What went wrong with a run, if anything.
    pub(super) fn of(run: &PastRun) -> Option<Wrong> {
        run.error.as_deref().and_then(|error| serde_json::from_str(error).ok())
    }
}

/// Why a fire ended as it did: the scheduler's reason, or what went wrong with its last run.
pub(super) fn reason(fire: &PastFire, runs: &[PastRun]) -> Option<String> {
    fire.reason.clone().or_else(|| Some(Wrong::of(runs.last()?)?.message))
}
