//! What the system and the person at the terminal ask for: an end, or that the configuration is read again.

use std::io;

/// Signals that have come since this was made.
#[cfg(unix)]
#[derive(Debug)]
pub(super) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn listen() -> io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Until it shall end.
    pub(super) async fn end(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// SIGHUP.
#[cfg(unix)]
#[derive(Debug)]
pub(super) struct Reload(tokio::signal::unix::Signal);

#[cfg(unix)]
impl Reload {
    pub(super) fn listen() -> io::Result<Reload> {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::hangup()).map(Reload)
    }

    /// Until it shall read the configuration again.
    pub(super) async fn wanted(&mut self) {
        self.0.recv().await;
    }
}

/// Where there are no such signals, Ctrl-C ends it.
#[cfg(not(unix))]
#[derive(Debug)]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(super) fn listen() -> io::Result<Signals> {
        Ok(Signals)
    }

    pub(super) async fn end(&mut self) {
        tokio::signal::ctrl_c().await.ok();
    }
}

#[cfg(not(unix))]
#[derive(Debug)]
pub(super) struct Reload;

#[cfg(not(unix))]
impl Reload {
    pub(super) fn listen() -> io::Result<Reload> {
        Ok(Reload)
    }

    pub(super) async fn wanted(&mut self) {
        std::future::pending().await
    }
}
