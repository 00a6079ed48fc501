//! Whose turn it is, when a job is to run while it runs.

use super::fires::{Fire, Line};
use crate::{
    config::Overlap,
    scheduler::{due, fire::Cause, job::Rules},
};
use jiff::Timestamp;

/// What becomes of a fire that is to run now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It runs as soon as there is room.
    Now,
    /// When those before it have ended.
    Wait,
    /// Instead of all those before it, as soon as they have ended.
    Replace,
    /// Never: another one is at it.
    Skip,
    /// Never: too many wait.
    Full,
}

/// Whose turn it is. Only due times are passed over when the job is busy: an event or a person's wish comes once, so it
/// waits. So does what is caught up, or all but the first of them would be passed over.
pub(super) fn turn(rules: &Rules, line: &Line, fire: &Fire, now: Timestamp) -> Turn {
    let caught_up = fire.cause == Cause::Schedule && fire.not_before < due::earlier(now, due::LATE);
    match rules.overlap {
        Overlap::Allow => Turn::Now,
        _ if line.is_free() => Turn::Now,
        _ if caught_up => Turn::Wait,
        Overlap::Skip if fire.cause == Cause::Schedule => Turn::Skip,
        Overlap::Skip => Turn::Wait,
        Overlap::Queue if line.waiting.len() >= rules.queue => Turn::Full,
        Overlap::Queue => Turn::Wait,
        Overlap::CancelOld => Turn::Replace,
    }
}
