//! An entry while it runs, and its end by Ctrl-C.

use super::Prompt;
use crate::{
    Error,
    engine::{Script, finder},
    host::stopped,
    lock::lock,
};
use futures_util::FutureExt;
use rhai::Dynamic;
use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant, SystemTime},
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// A script ends between two statements, a call at once. A native function that is busy is not waited for.
const PATIENCE: Duration = Duration::from_millis(100);

impl Prompt {
    /// Evaluate a script in the session.
    pub fn evaluate(&mut self, script: Script) -> Result<Dynamic, Error> {
        let cancel = CancellationToken::new();
        let mut host = self.world.host(&script, &self.session, self.account.as_deref(), cancel.clone())?;
        let find = finder(host.folder.clone(), self.session.sources().packages().clone());
        host.arguments = script.arguments(Vec::new(), Vec::new(), &find)?;
        let host = Arc::new(host);
        self.began = SystemTime::now();
        let begun = Instant::now();
        let work = self.session.evaluate(script, host.clone(), self.world.limits());
        let outcome = self.runtime.block_on(self.ctrl_c.until_pressed(cancel, work));
        self.took = begun.elapsed();
        let value = self.world.client().ended(outcome)?;
        self.account = lock(&host.account).clone();
        Ok(value)
    }

    /// Wait for a call; Ctrl-C ends the wait.
    pub fn wait<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.runtime.block_on(self.ctrl_c.until_pressed(CancellationToken::new(), work))
    }
}

/// Ctrl-C, which is remembered until somebody asks for it: it may be pressed between two pieces of work.
#[derive(Debug, Default)]
pub(super) struct CtrlC {
    pressed: Arc<Notify>,
    listening: OnceLock<()>,
}

impl CtrlC {
    /// Not before the first work: the line editor has taken its signals by then, and these stay ours.
    fn listen(&self) {
        let pressed = self.pressed.clone();
        self.listening.get_or_init(|| drop(tokio::spawn(presses(pressed))));
    }

    /// What was pressed while a line was edited concerned that line.
    pub(super) fn forget(&self) {
        self.pressed.notified().now_or_never();
    }

    async fn until_pressed<T>(
        &self,
        cancel: CancellationToken,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        self.listen();
        tokio::pin!(work);
        tokio::select! {
            // First, so that no key is missed that is pressed as the work begins.
            biased;
            () = self.pressed.notified() => cancel.cancel(),
            outcome = &mut work => return outcome,
        }
        tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| Err(stopped()))
    }
}

#[cfg(unix)]
fn presses(pressed: Arc<Notify>) -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    // Here and now, before the work begins.
    let presses = signal(SignalKind::interrupt());
    async move {
        let Ok(mut presses) = presses else { return };
        while presses.recv().await.is_some() {
            pressed.notify_one();
        }
    }
}

#[cfg(not(unix))]
async fn presses(pressed: Arc<Notify>) {
    while tokio::signal::ctrl_c().await.is_ok() {
        pressed.notify_one();
    }
}
