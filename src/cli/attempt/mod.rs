//! `juben attempt` — one run of a job, in a process of its own; `juben serve` starts it.
//!
//! A script that panics, never ends or eats memory ends its own process and nothing else. Two halves: here and in
//! `parent` the run itself, in `children` and `process` who starts it; `wire` is what they say to each other, and
//! `perform` the run without a process around it.

mod bounds;
mod children;
mod desk;
mod last_words;
mod log;
mod parent;
mod perform;
mod process;
mod setting;
mod wire;

pub(super) use children::Children;
pub(super) use log::log_to_parent;
pub(super) use perform::{Means, perform};
pub(super) use setting::Setting;

use crate::{Error, engine::Sources, scheduler::Ended, store::Store};
use clap::Args;
use parent::{Parent, say};
use std::sync::Arc;
use tokio::time::Instant;
use wire::{FromRun, Order};

/// Carry out one run of a job
#[derive(Debug, Args)]
pub(super) struct Attempt {}

impl Attempt {
    pub(super) async fn execute(self) -> Result<(), Error> {
        let (order, parent) = Parent::hear()?;
        let ended = carry_out(order, parent).await;
        say(&FromRun::Ended(ended.unwrap_or_else(|error| perform::failed(&error, &Sources::default()))));
        Ok(())
    }
}

async fn carry_out(Order { attempt, setting }: Order, parent: Parent) -> Result<Ended, Error> {
    let deadline = Instant::now().checked_add(attempt.timeout);
    let config = setting.config()?;
    bounds::set(config.limits.memory);
    let store = Arc::new(Store::at(&setting.state));
    let client = Arc::new(setting.client(&config)?.at_desk(parent.asks).audited(&store));
    let sources = Sources::of(setting.packages()?);
    let tell = Arc::new(|told| say(&FromRun::Told(told)));
    let means = Means { client, store, config: Arc::new(config), sources };
    Ok(perform(&attempt, means, parent.stop, deadline, tell).await)
}
