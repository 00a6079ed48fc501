//! Calls kept in a file, and a run answered from it: the same steps without a platform, an account or a wait.
//!
//! What is kept is what the catalog names: an operation, the fields that it was given, the reply. Addresses, headers,
//! signatures and tokens are never in what is written, because nothing that is written is made from them.

mod call;
mod difference;
mod format;
mod player;
mod recorder;
#[cfg(test)]
mod tests;

pub(crate) use call::sha256;
pub(crate) use difference::{around, listed};
pub use player::Player;
pub use recorder::Recorder;

pub(super) use call::Call;

use super::{Client, clock::Clock, retry::Failure, transport::Received};
use crate::Error;
use std::{sync::Arc, time::Duration};

/// What becomes of the exchanges of a run.
#[derive(Debug)]
pub(super) enum Tape {
    /// They are kept.
    Recorder(Box<Recorder>),
    /// They come from a recording.
    Player(Box<Player>),
}

impl Tape {
    /// One exchange: made and kept, or answered from the recording; and how much time a replay has left out.
    pub(super) async fn exchange(
        &self,
        call: Call<'_>,
        made: impl Future<Output = Result<Received, Failure>>,
    ) -> (Duration, Result<Received, Failure>) {
        match self {
            Tape::Recorder(recorder) => (Duration::ZERO, recorder.keep(call, made).await),
            Tape::Player(player) => player.answer(call).await,
        }
    }

    pub(super) fn clock(&self) -> &Clock {
        match self {
            Tape::Recorder(recorder) => recorder.clock(),
            Tape::Player(player) => player.clock(),
        }
    }
}

impl Client {
    /// Keep every exchange.
    pub fn record(mut self, recorder: Recorder) -> Self {
        self.tape = Some(Arc::new(Tape::Recorder(Box::new(recorder))));
        self
    }

    /// Answer from a recording; nothing is sent.
    pub fn replay(mut self, player: Player) -> Self {
        self.tape = Some(Arc::new(Tape::Player(Box::new(player))));
        self
    }

    /// Whether exchanges are kept or replayed: then nothing is asked for before it is needed, or a recording would
    /// depend on who is quicker.
    pub fn is_taped(&self) -> bool {
        self.tape.is_some()
    }

    /// Wait, for a script.
    pub async fn sleep(&self, length: Duration) {
        self.rest(length).await;
        if let Some(tape) = &self.tape {
            tape.clock().slept(length);
        }
    }

    /// Wait between two calls. A replay goes on at once; the result is how much was left out.
    pub async fn rest(&self, length: Duration) -> Duration {
        match self.tape.as_deref() {
            Some(Tape::Player(_)) => length,
            _ => self.time.wait(length).await,
        }
    }

    /// How a run ends in truth: not well, if it left the recording or could not be kept.
    pub fn ended<T>(&self, outcome: Result<T, Error>) -> Result<T, Error> {
        match self.tape.as_deref() {
            Some(Tape::Recorder(recorder)) => recorder.ended(outcome),
            Some(Tape::Player(player)) => player.ended(outcome),
            None => outcome,
        }
    }
}
