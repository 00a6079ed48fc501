//! The time of one simulated run: what it waits for passes for all.

use crate::{
    client::Keeper,
    scheduler::{Clock, Leaping, One},
};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use std::{any::Any, time::Duration};

/// What the calls of a run wait by. The run itself has entered.
#[derive(Debug)]
pub(super) struct RunTime {
    clock: Leaping,
    one: One,
}

impl RunTime {
    pub(super) fn new(clock: &Leaping) -> RunTime {
        RunTime { clock: clock.clone(), one: clock.one() }
    }
}

impl Keeper for RunTime {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn wait(&self, length: Duration) -> BoxFuture<'static, ()> {
        self.one.sleep_until(later(self.now(), length))
    }

    fn busy(&self) -> Box<dyn Any + Send> {
        Box::new(self.clock.enter())
    }
}

/// So long after a moment.
pub(super) fn later(moment: Timestamp, length: Duration) -> Timestamp {
    moment.checked_add(length).unwrap_or(Timestamp::MAX)
}
