//! `juben jobs cancel`, `pause` and `resume` — a person's hand on what runs by itself.

use super::{desk::Desk, follow::BEAT};
use crate::{Error, error::Kind};
use clap::Args;
use jiff::Timestamp;

/// Stop a run
#[derive(Debug, Args)]
pub(super) struct Cancel {
    /// The run's number, as `juben jobs history NAME` shows it
    run: i64,
    /// End it at once, instead of asking it: what it was sending is then left as it is
    #[arg(long)]
    kill: bool,
}

/// Pass over the due times and events of a job until it is resumed; what runs goes on
#[derive(Debug, Args)]
pub(super) struct Pause {
    /// The job
    name: String,
}

/// Let a job that was paused run again from its next due time on
#[derive(Debug, Args)]
pub(super) struct Resume {
    /// The job
    name: String,
}

impl Cancel {
    pub(super) async fn execute(self, desk: &Desk<'_>) -> Result<(), Error> {
        let run = desk.run(self.run).await?;
        if run.ended.is_some() {
            let error = Error::new(Kind::Conflict, format!("run {} of {} has ended: {}", run.id, run.job, run.state));
            return Err(error.hint(format!("`juben jobs log {}` shows it", run.id)));
        }
        if !desk.is_served()? {
            let error = Error::new(
                Kind::Conflict,
                format!("run {} is on its own: no `juben serve` runs with this state", run.id),
            );
            return Err(error.hint("it ended with the process that ran it; the next `juben serve` notes that"));
        }
        desk.store.ask_to_stop(run.id, self.kill).await?;
        tracing::info!("run {} of {} is asked to stop", run.id, run.job);
        tokio::select! {
            ended = self.until_ended(desk) => ended,
            () = crate::cli::asked_to_stop() => Err(crate::host::stopped()),
        }
    }

    async fn until_ended(&self, desk: &Desk<'_>) -> Result<(), Error> {
        loop {
            let run = desk.run(self.run).await?;
            if run.ended.is_some() {
                tracing::info!("run {} of {}: {}", run.id, run.job, run.state);
                return Ok(());
            }
            tokio::time::sleep(BEAT).await;
        }
    }
}

impl Pause {
    pub(super) async fn execute(self, desk: &Desk<'_>) -> Result<(), Error> {
        known(desk, &self.name)?;
        let what = match desk.store.pause(&self.name, Timestamp::now()).await? {
            true => "is paused",
            false => "was paused already",
        };
        tracing::info!("`{0}` {what}; `juben jobs resume {0}` lets it run again", self.name);
        Ok(())
    }
}

impl Resume {
    pub(super) async fn execute(self, desk: &Desk<'_>) -> Result<(), Error> {
        known(desk, &self.name)?;
        let was_paused = desk.store.resume(&self.name).await?;
        let by_file = desk.config.job.iter().chain(&desk.config.on).any(|job| job.name == self.name && job.paused);
        let what = if was_paused { "runs again from its next due time on" } else { "was not paused" };
        tracing::info!("`{}` {what}", self.name);
        if by_file {
            tracing::warn!("juben.toml itself says `paused = true` of it");
        }
        Ok(())
    }
}

fn known(desk: &Desk<'_>, name: &str) -> Result<(), Error> {
    if desk.names().any(|known| known == name) { Ok(()) } else { Err(desk.no_job(name)) }
}
