//! What others have put into the store: fires, wishes to stop, pauses.

use super::{
    fires::Fire,
    rounds::{Engine, LOOK, Scope},
    runs::Why,
};
use crate::{Error, scheduler::reactions};
use jiff::Timestamp;
use tokio::time::Instant;

impl Engine<'_> {
    /// Look for what another process or another room wants.
    pub(super) async fn notice_requests(&mut self, now: Timestamp) -> Result<(), Error> {
        if !self.news_in_store && self.looked.elapsed() < LOOK {
            return Ok(());
        }
        self.looked = Instant::now();
        let version = self.scheduler.store.version().await?;
        if version == self.version && !self.news_in_store {
            return Ok(());
        }
        for (run, kill) in self.scheduler.store.stops().await? {
            match kill {
                true => self.runs.kill(run, Why::Person),
                false => self.runs.ask(run, Why::Person, now),
            }
        }
        if self.scope == Scope::All {
            self.plan.set_paused(&self.scheduler.store.paused_jobs().await?);
        }
        self.version = version;
        self.news_in_store = true;
        Ok(())
    }

    /// Order what runs on the events that have come.
    pub(super) async fn react(&self, now: Timestamp) -> Result<(), Error> {
        if self.news_in_store && self.scope == Scope::All {
            reactions::take(&self.scheduler.store, self.plan.jobs(), now).await?;
        }
        Ok(())
    }

    /// Take in the fires that are new in the store.
    pub(super) async fn take_in_fires(&mut self) -> Result<(), Error> {
        if !self.news_in_store {
            return Ok(());
        }
        let (scope, (fires, seen)) = (self.scope, self.scheduler.store.waiting_after(self.seen).await?);
        for fire in fires.into_iter().filter(|fire| scope.has(fire.id)) {
            self.fires.add(Fire::waiting(fire));
        }
        self.seen = seen;
        self.news_in_store = false;
        Ok(())
    }
}
