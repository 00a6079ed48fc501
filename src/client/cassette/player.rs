//! Answers from a recording, as strictly as it can be told: every call must be there, and no call goes before one that
//! had ended when it began.
//!
//! Calls that were on their way at once may be made in another order. An answer waits until the answers before it have
//! come, and until what was sent before it has been sent: then whatever runs at once goes as it went. Where that cannot
//! be, because less runs at once now, they may come in another order as well.

use super::{
    call::{Call, sha256},
    difference,
    format::{self, Body, Exchange, Fields, Head, Kept, Outcome, Reply},
};
use crate::{
    Error,
    catalog::RetryWhen,
    client::{clock::Clock, retry::Failure, transport::Received},
    config::Config,
    error::Kind,
    lock::lock,
};
use std::{
    path::{Path, PathBuf},
    sync::Mutex,
    time::Duration,
};
use tokio::sync::Notify;

/// An answer whose turn has not come after so long, while nothing else happened, will never have it.
const PATIENCE: Duration = Duration::from_secs(2);

/// So many exchanges that were not asked for are named.
const NAMED: usize = 8;

/// A recording that answers.
#[derive(Debug)]
pub struct Player {
    path: PathBuf,
    head: Head,
    clock: Clock,
    kept: Vec<Kept>,
    /// The exchanges as they began.
    begins: Vec<usize>,
    state: Mutex<State>,
    moved: Notify,
}

#[derive(Debug)]
struct State {
    phases: Vec<Phase>,
    /// All up to here have ended.
    ended: usize,
    /// So many of the first begins have happened.
    begun: usize,
    /// What ran at once then no longer does: only what had ended before an exchange began must end before it.
    loose: bool,
    difference: Option<Error>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Unused,
    Begun,
    Ended,
}

/// An exchange that is being answered. Dropped, it has ended.
struct Turn<'a> {
    player: &'a Player,
    place: usize,
}

impl Player {
    /// The recording in this file.
    pub fn open(path: &Path) -> Result<Player, Error> {
        let (head, kept) = format::read(path)?;
        let mut begins: Vec<usize> = (0..kept.len()).collect();
        begins.sort_by_key(|&place| began_after(&kept, place));
        let phases = vec![Phase::Unused; kept.len()];
        let mut state = State { phases, ended: 0, begun: 0, loose: false, difference: None };
        state.settle(&kept, &begins);
        Ok(Player {
            path: path.to_owned(),
            clock: Clock::starting(head.start()),
            head,
            kept,
            begins,
            state: Mutex::new(state),
            moved: Notify::new(),
        })
    }

    /// Put the accounts of the recording in place of the user's.
    pub fn set_accounts(&self, config: &mut Config) {
        self.head.set(config);
    }

    /// The account that was chosen for the whole run.
    pub fn account(&self) -> Option<&str> {
        self.head.account.as_deref()
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(super) async fn answer(&self, call: Call<'_>) -> (Duration, Result<Received, Failure>) {
        let refused = |error| (Duration::ZERO, Err(Failure::Answered(error, RetryWhen::No)));
        let outcome = match self.found(call).await {
            Ok(outcome) => outcome,
            Err(error) => return refused(error),
        };
        match outcome {
            Outcome::Reply(reply) => {
                self.received(reply).map_or_else(refused, |received| (Duration::ZERO, Ok(received)))
            }
            Outcome::Failure(lost) => (Duration::from_millis(lost.ms), Err(lost.failure())),
            Outcome::GivenUp(_) => unreachable!("its turn never comes"),
        }
    }

    /// How the exchange ended that this call asks for.
    async fn found(&self, call: Call<'_>) -> Result<&Outcome, Error> {
        let asked = call.asked(call.options.watch.clone()).await?;
        // Numbers as they are when they have been written and read.
        let text = serde_json::Value::Object(asked.fields).to_string();
        let fields = serde_json::from_str(&text).unwrap_or_default();
        let turn = self.begin(&call, &fields)?;
        self.has_turn(turn.place).await?;
        let exchange = &self.kept[turn.place].exchange;
        if let Some(seconds) = exchange.seconds {
            self.clock.reached(seconds);
        }
        Ok(&exchange.outcome)
    }

    /// How the run ends in truth: a script may have caught the difference, and nothing may be left over.
    pub(super) fn ended<T>(&self, outcome: Result<T, Error>) -> Result<T, Error> {
        let is_told = outcome.as_ref().is_err_and(|error| matches!(error.kind, Kind::Replay | Kind::Cancelled));
        if let Some(difference) = lock(&self.state).difference.take()
            && !is_told
        {
            return Err(difference);
        }
        let left = self.left();
        if left.is_empty() {
            return outcome;
        }
        let named: Vec<_> = left.iter().take(NAMED).map(|&place| self.named(place)).collect();
        let more = if left.len() > NAMED { "\n  …" } else { "" };
        let message = format!("{} of {} recorded exchanges were not asked for", left.len(), self.kept.len());
        let hint = format!("left over:\n  {}{more}{ANEW}", named.join("\n  "));
        outcome.and(Err(Error::new(Kind::Replay, message).hint(hint)))
    }

    /// Where the run has left the recording, nothing more is answered.
    fn is_followed(&self) -> Result<(), Error> {
        lock(&self.state).difference.clone().map_or(Ok(()), Err)
    }

    /// Find the exchange that a call asks for.
    fn begin(&self, call: &Call<'_>, fields: &Fields) -> Result<Turn<'_>, Error> {
        self.is_followed()?;
        let operation = call.operation.full_name();
        let is_it = |exchange: &Exchange| {
            exchange.operation == operation
                && exchange.account == call.account.name
                && difference::same_fields(&exchange.fields, fields)
        };
        let mut state = lock(&self.state);
        let mut unused = (0..self.kept.len()).filter(|&place| state.phases[place] == Phase::Unused);
        let Some(place) = unused.find(|&place| is_it(&self.kept[place].exchange)) else {
            drop(state);
            return Err(self.not_there(&operation, &call.account.name, fields));
        };
        state.phases[place] = Phase::Begun;
        state.settle(&self.kept, &self.begins);
        drop(state);
        self.moved.notify_waiters();
        Ok(Turn { player: self, place })
    }

    /// Wait until it is the turn of this exchange.
    async fn has_turn(&self, place: usize) -> Result<(), Error> {
        loop {
            let moved = self.moved.notified();
            self.is_followed()?;
            if self.is_due(place) {
                return Ok(());
            }
            if tokio::time::timeout(PATIENCE, moved).await.is_err() {
                self.overdue(place)?;
            }
        }
    }

    fn is_due(&self, place: usize) -> bool {
        let state = lock(&self.state);
        if is_given_up(&self.kept[place]) {
            return false;
        }
        if state.loose {
            return state.ended >= began_after(&self.kept, place);
        }
        let before = self.begins.partition_point(|&other| began_after(&self.kept, other) <= place);
        state.ended >= place && state.begun >= before
    }

    /// Nothing has happened for a while, and it is not the turn of this exchange.
    fn overdue(&self, place: usize) -> Result<(), Error> {
        let mut state = lock(&self.state);
        let first = state.ended;
        let overlaps = first >= began_after(&self.kept, place);
        if !overlaps && state.phases[first] == Phase::Unused {
            drop(state);
            let hint = format!("first comes {}\nthis is {}", self.named(first), self.named(place));
            return Err(self.differs("the recording has another call before this one", hint));
        }
        if is_given_up(&self.kept[place]) {
            drop(state);
            return Err(self.unanswered(place));
        }
        state.loose |= overlaps;
        Ok(())
    }

    fn received(&self, reply: &Reply) -> Result<Received, Error> {
        let body = match &reply.body {
            Body::Json(value) => value.to_string().into(),
            Body::Text(text) => text.clone().into(),
            Body::File(hash) => self.file(hash)?.into(),
        };
        Ok(Received { status: reply.status, media: reply.media.clone(), body })
    }

    fn file(&self, hash: &str) -> Result<Vec<u8>, Error> {
        let path = format::folder(&self.path).join(hash);
        let wrong = |what: String| {
            let message = format!("{}, which belongs to the recording, {what}", path.display());
            self.differs(&message, "keep the folder beside the recording".to_owned())
        };
        let bytes = std::fs::read(&path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
        if sha256(&bytes) == hash { Ok(bytes) } else { Err(wrong("has been changed".to_owned())) }
    }

    /// A call that the recording does not have, beside what comes nearest.
    fn not_there(&self, operation: &str, account: &str, fields: &Fields) -> Error {
        let left = self.left();
        let differing = |place: &usize| {
            let exchange = &self.kept[*place].exchange;
            let mut lines = difference::lines(&exchange.fields, fields);
            if exchange.account != account {
                lines.insert(0, format!("account: recorded {}, now {account}", exchange.account));
            }
            (*place, lines)
        };
        let same = left.iter().filter(|place| self.kept[**place].exchange.operation == operation);
        let hint = match (same.map(differing).min_by_key(|(_, lines)| lines.len()), left.first()) {
            (Some((place, lines)), _) => {
                format!("the nearest is {}:{}", self.named(place), difference::listed(lines))
            }
            (None, Some(&next)) => format!("next comes {}", self.named(next)),
            (None, None) => format!("all {} exchanges of {} are used up", self.kept.len(), self.path.display()),
        };
        self.differs("the recording has no such call", hint)
    }

    /// A call that was given up then, and is waited for now.
    fn unanswered(&self, place: usize) -> Error {
        self.differs("the recording has no answer to this call", format!("it was given up: {}", self.named(place)))
    }

    /// The run has left the recording; the first time tells why.
    fn differs(&self, message: &str, hint: String) -> Error {
        let error = Error::new(Kind::Replay, message).hint(format!("{hint}{ANEW}"));
        lock(&self.state).difference.get_or_insert_with(|| error.clone());
        self.moved.notify_waiters();
        error
    }

    /// What has not been asked for.
    fn left(&self) -> Vec<usize> {
        let state = lock(&self.state);
        let unused = |place: &usize| state.phases[*place] == Phase::Unused && !is_given_up(&self.kept[*place]);
        (0..self.kept.len()).filter(unused).collect()
    }

    fn named(&self, place: usize) -> String {
        let Kept { exchange, line } = &self.kept[place];
        format!("exchange {}, {} ({}:{line})", place + 1, exchange.operation, self.path.display())
    }
}

const ANEW: &str = "\nif the script is right, make the recording anew by --record";

impl State {
    /// Move on over what has ended, and over what has begun.
    fn settle(&mut self, kept: &[Kept], begins: &[usize]) {
        while self.ended < kept.len() && (self.phases[self.ended] == Phase::Ended || is_given_up(&kept[self.ended])) {
            self.ended += 1;
        }
        while begins.get(self.begun).is_some_and(|&place| self.phases[place] != Phase::Unused) {
            self.begun += 1;
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.player.state);
        state.phases[self.place] = Phase::Ended;
        state.settle(&self.player.kept, &self.player.begins);
        drop(state);
        self.player.moved.notify_waiters();
    }
}

fn is_given_up(kept: &Kept) -> bool {
    matches!(kept.exchange.outcome, Outcome::GivenUp(_))
}

/// How many exchanges had ended before this one began.
fn began_after(kept: &[Kept], place: usize) -> usize {
    place - kept[place].exchange.overlaps.min(place)
}
