//! What the end of an attempt means for its fire: the last word, or another try.

use super::runs::{Going, Why};
use crate::{
    config::{AfterCrash, Retry},
    scheduler::{
        due::later,
        fire::{Ended, Outcome, Trouble},
    },
    store::Next,
};
use jiff::{SignedDuration, Timestamp};

/// The pause before a repetition doubles no further.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(24);

/// How an attempt ended, in the light of why it was stopped.
pub(super) fn outcome(why: Option<Why>, ended: &Ended) -> Outcome {
    match (why, ended.outcome) {
        (Some(Why::TooLong), Outcome::Unknown | Outcome::Cancelled) => Outcome::TimedOut,
        (Some(_), Outcome::Unknown) => Outcome::Cancelled,
        (_, outcome) => outcome,
    }
}

/// What becomes of its fire; `streak` is that of the job before.
pub(super) fn next(going: &Going, outcome: Outcome, trouble: Option<&Trouble>, streak: i64, now: Timestamp) -> Next {
    let rules = &going.job.rules;
    let ended = |state, reason: Option<&str>| Next::Ended {
        state,
        reason: reason.map(str::to_owned),
        streak: streak_after(streak, outcome),
    };
    let stopped = going.why.filter(|why| *why != Why::TooLong);
    match (outcome, stopped) {
        (Outcome::Cancelled, Some(Why::Shutdown)) => match rules.after_crash {
            AfterCrash::Again => Next::Again { not_before: now },
            AfterCrash::Unknown => ended("unknown", Some(Why::Shutdown.reason())),
        },
        (Outcome::Cancelled, why) => ended("ran", Some(why.map_or("it was cancelled", Why::reason))),
        (Outcome::Done, _) => ended("ran", None),
        (_, stopped) => match pause(&rules.retry, trouble, going.fire.attempt).filter(|_| stopped.is_none()) {
            Some(pause) => Next::Again { not_before: later(now, pause) },
            None if outcome == Outcome::Unknown => {
                ended("unknown", Some(trouble.map_or("its process died", |trouble| trouble.message.as_str())))
            }
            None => ended("ran", None),
        },
    }
}

/// How long to wait before the next try, if there is one.
fn pause(retry: &Retry, trouble: Option<&Trouble>, attempt: u32) -> Option<SignedDuration> {
    let kind = &trouble?.kind;
    let again = attempt <= retry.times && retry.on.contains(kind);
    let doubled = retry.pause.seconds().saturating_mul(1_i64.checked_shl(attempt - 1).unwrap_or(i64::MAX));
    again.then(|| SignedDuration::from_secs(doubled).clamp(SignedDuration::ZERO, LONGEST_PAUSE))
}

/// Runs in a row that ended alike. Who was stopped neither went well nor failed.
pub(super) fn streak_after(before: i64, outcome: Outcome) -> i64 {
    match outcome {
        Outcome::Done => before.max(0) + 1,
        Outcome::Cancelled => before,
        _ => before.min(0) - 1,
    }
}
