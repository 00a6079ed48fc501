//! From the end of an attempt to what becomes of its fire.

use super::{
    attempt::Finished,
    rounds::Engine,
    runs::Going,
    verdict::{next, outcome},
};
use crate::{
    Error,
    scheduler::{
        fire::{Ended, Outcome, Trouble},
        news::Event,
    },
    store::{Next, RunEnd},
};
use jiff::Timestamp;
use serde_json::json;
use std::{collections::HashMap, mem};

/// Longer results are not kept.
const LONGEST_RESULT: usize = 1 << 20;

impl Engine<'_> {
    /// Keep how attempts ended, and then go on with their fires.
    pub(super) async fn end_attempts(&mut self, now: Timestamp) -> Result<(), Error> {
        if self.finished.is_empty() {
            return Ok(());
        }
        let ends = self.ends(now);
        let are_last_words = self.scheduler.store.end_runs(&ends).await?;
        for ((finished, end), is_last_word) in mem::take(&mut self.finished).into_iter().zip(&ends).zip(are_last_words)
        {
            self.go_on(finished.ended, end, is_last_word);
        }
        Ok(())
    }

    /// One for each that has finished. Several of one job count on from each other.
    fn ends(&self, now: Timestamp) -> Vec<RunEnd> {
        let mut streaks = HashMap::new();
        let mut end = |finished: &Finished| {
            let going = self.runs.get(finished.run)?;
            let name = going.job.name.as_str();
            let streak = streaks.entry(name).or_insert_with(|| self.plan.job(name).map_or(0, |known| known.streak));
            let end = run_end(going, &finished.ended, *streak, now);
            if let Next::Ended { streak: after, .. } = end.next {
                *streak = after;
            }
            Some(end)
        };
        self.finished.iter().filter_map(&mut end).collect()
    }

    fn go_on(&mut self, ended: Ended, end: &RunEnd, is_last_word: bool) {
        let Some(going) = self.runs.end(end.run) else { return };
        let outcome = outcome(going.why, &ended);
        if !is_last_word {
            tracing::warn!(run = end.run, job = end.job, "a run ended of which somebody else has said how");
        } else {
            let event = self.event(&going, outcome, ended.trouble, end);
            self.tell_of(&going.fire, event);
        }
        match end.next {
            Next::Again { not_before } if is_last_word => self.fires.again(end.fire, not_before),
            Next::Ended { streak, .. } if is_last_word => {
                self.plan.set_streak(&end.job, streak);
                self.fires.remove(end.fire);
            }
            _ => drop(self.fires.remove(end.fire)),
        }
        self.move_up(&end.job);
    }

    fn event(&self, going: &Going, outcome: Outcome, trouble: Option<Trouble>, end: &RunEnd) -> Event {
        let before = self.plan.job(&end.job).map_or(0, |planned| planned.streak);
        match &end.next {
            Next::Ended { state: "unknown", reason, .. } => {
                Event::Unknown { run: Some(going.run), reason: reason.clone().unwrap_or_default() }
            }
            Next::Ended { streak, .. } => Event::Ended {
                run: going.run,
                outcome,
                trouble,
                again: None,
                streak: *streak,
                recovered: before < 0 && *streak > 0,
            },
            Next::Again { not_before } => Event::Ended {
                run: going.run,
                outcome,
                trouble,
                again: Some(*not_before),
                streak: before,
                recovered: false,
            },
        }
    }
}

fn run_end(going: &Going, ended: &Ended, streak: i64, now: Timestamp) -> RunEnd {
    let outcome = outcome(going.why, ended);
    RunEnd {
        run: going.run,
        fire: going.fire.id,
        attempt: going.fire.attempt,
        job: going.job.name.clone(),
        outcome: outcome.name(),
        ended: now,
        script_hash: ended.script_hash.clone(),
        result: ended.result.as_deref().map(kept),
        error: ended.trouble.as_ref().map(|trouble| {
            let Trouble { kind, message, hint, report } = trouble;
            json!({ "kind": kind, "message": message, "hint": hint, "report": report }).to_string()
        }),
        next: next(going, outcome, ended.trouble.as_ref(), streak, now),
    }
}

fn kept(result: &str) -> String {
    match result.len() {
        ..=LONGEST_RESULT => result.to_owned(),
        bytes => json!(format!("a value of {bytes} bytes, which is not kept")).to_string(),
    }
}
