//! The run's end of the wire: hears the parent, and speaks to it.

use super::{
    desk::Asks,
    wire::{FromRun, Order, ToRun},
};
use crate::{Error, error::Kind};
use std::{io::Write, sync::Arc, thread, time::Duration};
use tokio_util::sync::CancellationToken;

/// When the parent is gone, a run that does not listen is ended after so long.
const PATIENCE: Duration = Duration::from_secs(2);

/// Who has started this process.
pub(super) struct Parent {
    /// Cancelled when it says so, or is gone.
    pub stop: CancellationToken,
    /// What it is asked for.
    pub asks: Arc<Asks>,
}

impl Parent {
    /// Hear what is to be done; from then on, hear the rest on a thread of its own, which no busy run holds up.
    pub(super) fn hear() -> Result<(Order, Parent), Error> {
        let mut first = String::new();
        std::io::stdin().read_line(&mut first).ok();
        let Ok(ToRun::Begin(order)) = serde_json::from_str(&first) else {
            return Err(Error::new(Kind::Usage, "`juben attempt` is for `juben serve`, which tells it what to do")
                .hint("`juben run SCRIPT` runs a script"));
        };
        let (stop, asks) = (CancellationToken::new(), Arc::<Asks>::default());
        let parent = Parent { stop: stop.clone(), asks: asks.clone() };
        thread::spawn(move || listen(&stop, &asks));
        Ok((*order, parent))
    }
}

fn listen(stop: &CancellationToken, asks: &Asks) {
    for line in std::io::stdin().lines().map_while(Result::ok) {
        match serde_json::from_str(&line) {
            Ok(ToRun::Stop) => stop.cancel(),
            Ok(ToRun::Answer(number, answer)) => asks.answered(number, answer),
            Ok(ToRun::Begin(_)) | Err(_) => tracing::warn!("the parent said something strange"),
        }
    }
    // Nobody is there who could tell of what this run does.
    stop.cancel();
    thread::sleep(PATIENCE);
    std::process::exit(1);
}

/// Say this to the parent. One that is gone is noticed at the other end.
pub(super) fn say(words: &FromRun) {
    let Ok(line) = serde_json::to_string(words) else { return };
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).ok();
}
