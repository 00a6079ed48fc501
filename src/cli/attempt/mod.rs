//! `juben attempt` — one run of a job, in a process of its own; `juben serve` starts it.
//!
//! A script that panics, never ends or eats memory ends its own process and nothing else. Two halves: here and in
//! `parent` the run itself, in `children` and `process` who starts it; `wire` is what they say to each other, and
//! `perform` the run without a process around it.

mod bounds;
mod children;
mod last_words;
mod log;
mod parent;
mod perform;
mod process;
mod wire;

pub(super) use children::Children;
pub(super) use log::log_to_parent;
pub(super) use perform::perform;
pub(super) use wire::Setting;

use super::{apis, session::to_sandbox};
use crate::{Error, client::Client, config::Config, engine::Sources, scheduler::Ended, store::Store};
use clap::Args;
use parent::{Parent, say};
use std::{path::Path, sync::Arc};
use tokio::time::Instant;
use wire::{FromRun, Order};

/// Carry out one run of a job
#[derive(Debug, Args)]
pub(super) struct Attempt {}

impl Attempt {
    pub(super) async fn execute(self) -> Result<(), Error> {
        let (order, parent) = Parent::hear()?;
        let ended = match prepare(&order) {
            Ok((client, store, config)) => carry_out(&order, client, store, config, parent).await,
            Err(error) => perform::failed(&error, &Sources::default()),
        };
        say(&FromRun::Ended(ended));
        Ok(())
    }
}

fn prepare(order: &Order) -> Result<(Client, Store, Config), Error> {
    let Setting { config, sandbox, state } = &order.setting;
    let mut config = match config {
        Some(wire::Text { path, text }) => Config::of_file(text, Path::new(path))?,
        None => Config::default(),
    };
    bounds::set(config.limits.memory);
    let catalog = apis::catalog(&config)?;
    if let Some(url) = sandbox {
        to_sandbox(&mut config, url);
    }
    let client = Client::new(catalog, &config);
    let client = if sandbox.is_some() { client.direct() } else { client };
    Ok((client, Store::at(state), config))
}

async fn carry_out(order: &Order, client: Client, store: Store, config: Config, parent: Parent) -> Ended {
    let deadline = Instant::now() + order.attempt.timeout;
    let tell = Arc::new(|told| say(&FromRun::Told(told)));
    perform(&order.attempt, Arc::new(client), Arc::new(store), config.limits, parent.stop, Some(deadline), tell).await
}
