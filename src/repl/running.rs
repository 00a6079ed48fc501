//! An entry while it runs, and its end by Ctrl-C.

use super::Prompt;
use crate::{
    Error,
    engine::{Script, finder},
    host::stopped,
    lock::lock,
};
use rhai::Dynamic;
use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};
use tokio_util::sync::CancellationToken;

/// A script ends between two statements, a call at once. A native function that is busy is not waited for.
const PATIENCE: Duration = Duration::from_millis(100);

impl Prompt {
    /// Evaluate a script in the session.
    pub fn evaluate(&mut self, script: Script) -> Result<Dynamic, Error> {
        let cancel = CancellationToken::new();
        let mut host = self.world.host(self.account.as_deref(), cancel.clone());
        host.arguments = script.arguments(Vec::new(), Vec::new(), &finder(host.folder.clone()))?;
        let host = Arc::new(host);
        self.began = SystemTime::now();
        let begun = Instant::now();
        let work = self.session.evaluate(script, host.clone(), self.world.limits());
        let outcome = self.runtime.block_on(until_stopped(cancel, work));
        self.took = begun.elapsed();
        let value = self.world.client().ended(outcome)?;
        self.account = lock(&host.account).clone();
        Ok(value)
    }

    /// Wait for a call; Ctrl-C ends the wait.
    pub fn wait<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.runtime.block_on(until_stopped(CancellationToken::new(), work))
    }
}

async fn until_stopped<T>(cancel: CancellationToken, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    tokio::pin!(work);
    tokio::select! {
        // First, so that no key is missed that is pressed as the work begins.
        biased;
        _ = tokio::signal::ctrl_c() => cancel.cancel(),
        outcome = &mut work => return outcome,
    }
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| Err(stopped()))
}
