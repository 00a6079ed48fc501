//! One process at a time: a lock that ends with the process, however it ends.

use super::Store;
use crate::Error;
use std::{
    fs::{File, TryLockError},
    time::Duration,
};

const PAUSE: Duration = Duration::from_millis(100);

/// A deed that no other process does meanwhile. It ends when this is dropped.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the system's lock lives as long as the open file")] Option<File>);

impl Store {
    /// Wait until no other process does what has this name; `waits` is called once if one does. Nobody else can reach a
    /// state in memory.
    pub async fn lock(&self, name: &str, waits: impl FnOnce()) -> Result<Lock, Error> {
        let mut waits = Some(waits);
        loop {
            if let Some(lock) = self.try_lock(name)? {
                return Ok(lock);
            }
            if let Some(waits) = waits.take() {
                waits();
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The same, or nothing when another process does it.
    pub fn try_lock(&self, name: &str) -> Result<Option<Lock>, Error> {
        let Some(folder) = &self.folder else { return Ok(Some(Lock(None))) };
        let folder = folder.join("locks");
        let failed = |error: std::io::Error| self.unusable("cannot be written", &error.to_string());
        super::create(&folder).map_err(failed)?;
        let name = twox_hash::XxHash3_128::oneshot(name.as_bytes());
        let file = File::create(folder.join(format!("{name:032x}"))).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock(Some(file)))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}
