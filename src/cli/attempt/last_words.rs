//! What a child has said at last, and what is made of one that says nothing.

use super::{desk::Answers, perform::failed, process::Heard, wire::FromRun};
use crate::{
    Error,
    config::Lasting,
    engine::Sources,
    error::Kind,
    scheduler::{Ended, Outcome, Tell, Told},
};
use std::{collections::VecDeque, process::ExitStatus, time::Duration};
use tracing::Level;

/// So many lines tell what it died of.
const KEPT: usize = 2;

const MAY_BE_DONE: &str = "what it had sent may be done: look at its calls before you run it again";

/// What has been said, as far as it is needed at the end.
pub(super) struct LastWords {
    tell: Tell,
    answers: Answers,
    ended: Option<Ended>,
    cries: VecDeque<String>,
}

impl LastWords {
    /// What is told while it goes goes there, what is asked is answered by these.
    pub(super) fn new(tell: Tell, answers: Answers) -> LastWords {
        LastWords { tell, answers, ended: None, cries: VecDeque::new() }
    }

    /// Whether this was its last message.
    pub(super) fn hear(&mut self, heard: Heard) -> bool {
        match heard {
            Heard::Word(FromRun::Told(told)) => (self.tell)(told),
            Heard::Word(FromRun::Ask(number, ask)) => self.answers.asked(number, ask),
            Heard::Word(FromRun::Leave(number)) => self.answers.left(number),
            Heard::Word(FromRun::Ended(ended)) => self.ended = Some(ended),
            Heard::Cry(line) => self.cry(line),
            Heard::Silence => return true,
        }
        self.ended.is_some()
    }

    fn cry(&mut self, line: String) {
        // The note is how to get a backtrace.
        if line.trim().is_empty() || line.starts_with("note: ") {
            return;
        }
        (self.tell)(Told::Logged(Level::ERROR, line.clone()));
        if self.cries.len() == KEPT {
            self.cries.pop_front();
        }
        self.cries.push_back(line);
    }

    /// What it ended with: what it has said itself, or else what is known from outside.
    pub(super) fn ended(self, forced: Option<Outcome>, status: Option<ExitStatus>, limit: Duration) -> Ended {
        if let Some(ended) = self.ended {
            return ended;
        }
        let (outcome, error) = match forced {
            Some(Outcome::TimedOut) => (Outcome::TimedOut, late(limit)),
            Some(outcome) => (outcome, killed()),
            None => self.died(status),
        };
        Ended { outcome, ..failed(&error, &Sources::default()) }
    }

    fn died(&self, status: Option<ExitStatus>) -> (Outcome, Error) {
        let cries = self.cries.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        // So Rust says it before it aborts.
        if cries.contains("memory allocation of") {
            let error = Error::new(Kind::Limit, format!("the script used more memory than it may: {cries}"));
            return (Outcome::Failed, error.hint("work in smaller pieces, or raise limits.memory in juben.toml"));
        }
        let status = status.map_or_else(String::new, |status| format!(" ({status})"));
        let reason = if cries.is_empty() { String::new() } else { format!(": {cries}") };
        let error = Error::new(Kind::UnknownOutcome, format!("its process died{status}{reason}"));
        (Outcome::Unknown, error.hint(MAY_BE_DONE))
    }
}

fn killed() -> Error {
    Error::new(Kind::Cancelled, "its process was killed: it did not stop when it was asked to").hint(MAY_BE_DONE)
}

fn late(limit: Duration) -> Error {
    let limit = Lasting::from_seconds(i64::try_from(limit.as_secs()).unwrap_or(i64::MAX));
    Error::new(Kind::Limit, format!("its process was killed: it did not stop after its {limit}")).hint(MAY_BE_DONE)
}
