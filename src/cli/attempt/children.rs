//! Carries out attempts, each in a child process.

use super::{
    process,
    wire::{Order, Setting},
};
use crate::{
    lock::lock,
    scheduler::{Attempt, Ended, Executor, Stop, Told},
};
use futures_util::future::{BoxFuture, FutureExt};
use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};
use tokio::process::Command;

/// Starts children, and knows what they begin with.
#[derive(Debug)]
pub(in crate::cli) struct Children {
    program: PathBuf,
    setting: Mutex<Setting>,
}

impl Children {
    /// Children that begin so.
    pub(in crate::cli) fn new(setting: Setting) -> io::Result<Children> {
        Ok(Children { program: this_program()?, setting: setting.into() })
    }

    /// From now on they begin so: the configuration has been read again.
    pub(in crate::cli) fn set(&self, setting: Setting) {
        *lock(&self.setting) = setting;
    }
}

impl Executor for Children {
    fn execute(
        &self,
        attempt: Attempt,
        stop: Stop,
        tell: Arc<dyn Fn(Told) + Send + Sync>,
    ) -> BoxFuture<'static, Ended> {
        let mut command = Command::new(&self.program);
        command.arg("attempt");
        let order = Order { attempt, setting: lock(&self.setting).clone() };
        process::run(command, order, stop, tell).boxed()
    }
}

/// This very program, even when its file has been replaced by a newer version meanwhile.
fn this_program() -> io::Result<PathBuf> {
    let own = Path::new("/proc/self/exe");
    if own.exists() { Ok(own.to_owned()) } else { std::env::current_exe() }
}
