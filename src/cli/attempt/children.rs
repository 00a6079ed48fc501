//! Carries out attempts, each in a child process.

use super::{
    process,
    wire::{Order, Setting},
};
use crate::{
    Error,
    client::Client,
    error::Kind,
    lock::lock,
    scheduler::{Attempt, Ended, Executor, Stop, Tell},
};
use futures_util::future::{BoxFuture, FutureExt};
use std::{
    io,
    path::{Path, PathBuf},
    sync::Mutex,
};
use tokio::process::Command;

/// Starts children, and knows what they begin with.
#[derive(Debug)]
pub(in crate::cli) struct Children {
    program: PathBuf,
    beginning: Mutex<Beginning>,
}

/// What children begin with, and who has their tokens and quotas.
#[derive(Debug, Clone)]
struct Beginning {
    setting: Setting,
    client: Client,
}

impl Children {
    /// Children that begin so.
    pub(in crate::cli) fn new(setting: Setting) -> Result<Children, Error> {
        let unknown =
            |error| Error::new(Kind::File, format!("juben cannot find its own program to start runs: {error}"));
        let program = this_program().map_err(unknown)?;
        Ok(Children { program, beginning: Beginning::new(setting)?.into() })
    }

    /// From now on they begin so: the configuration has been read again.
    pub(in crate::cli) fn set(&self, setting: Setting) -> Result<(), Error> {
        let mut beginning = lock(&self.beginning);
        // Tokens and quotas outlive a change of the jobs.
        if beginning.setting != setting {
            *beginning = Beginning::new(setting)?;
        }
        Ok(())
    }
}

impl Beginning {
    fn new(setting: Setting) -> Result<Beginning, Error> {
        let client = setting.client(&setting.config()?)?;
        Ok(Beginning { setting, client })
    }
}

impl Executor for Children {
    fn execute(&self, attempt: Attempt, stop: Stop, tell: Tell) -> BoxFuture<'static, Ended> {
        let mut command = Command::new(&self.program);
        command.arg("attempt");
        #[cfg(unix)]
        command.arg0("juben");
        let Beginning { setting, client } = lock(&self.beginning).clone();
        process::run(command, Order { attempt, setting }, client, stop, tell).boxed()
    }
}

/// This very program, even when its file has been replaced by a newer version meanwhile.
fn this_program() -> io::Result<PathBuf> {
    let own = Path::new("/proc/self/exe");
    if own.exists() { Ok(own.to_owned()) } else { std::env::current_exe() }
}
