//! `juben events replay ID` — run again what runs on an event.

use super::{super::serve, event};
use crate::{
    Error,
    config::Config,
    engine::Sources,
    error::Kind,
    scheduler::{Cause, reactions::reactions},
    store::{Reaction, Store},
};
use clap::Args;
use jiff::Timestamp;
use std::path::Path;

/// Run again what runs on an event: the jobs of juben.toml as they are now
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// Its number, as `juben events` lists it
    id: i64,
    /// Only this job
    #[arg(long, value_name = "NAME")]
    job: Option<String>,
}

impl Replay {
    pub(super) async fn execute(
        self,
        store: &Store,
        config: &Config,
        folder: &Path,
        sources: &Sources,
    ) -> Result<(), Error> {
        let event = event(store, self.id).await?;
        let jobs = serve::jobs(config, folder, sources)?;
        let now = Timestamp::now().as_millisecond();
        let again = |reaction: Reaction| Reaction {
            cause: Cause::Replay.name(),
            // Each time it is asked for is another order.
            mark: format!("event {} at {now}", event.id),
            due: now,
            paused: false,
            ..reaction
        };
        let mut orders: Vec<_> = reactions(jobs.iter(), &event).into_iter().map(again).collect();
        orders.retain(|order| self.job.as_ref().is_none_or(|job| *job == order.job));
        if orders.is_empty() {
            let message = match &self.job {
                Some(job) => format!("the job `{job}` does not run on event {} ({})", event.id, event.told.name),
                None => format!("no job runs on event {} ({})", event.id, event.told.name),
            };
            return Err(Error::new(Kind::Usage, message).hint(
                "an [[on]] of juben.toml says which script runs on which event; its `where` and `account` must fit",
            ));
        }
        store.react(&[], &orders, now).await?;
        for order in &orders {
            tracing::info!("{} is ordered; it runs as soon as `juben serve` does", order.job);
        }
        Ok(())
    }
}
