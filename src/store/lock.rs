//! One process at a time: a lock that ends with the process, however it ends.

use super::Store;
use crate::{Error, lock::lock};
use std::{
    collections::HashSet,
    fs::{self, File, TryLockError},
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

const PAUSE: Duration = Duration::from_millis(100);

/// A deed that no other process does meanwhile. It ends when this is dropped.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the lock lives as long as it")] Held);

#[derive(Debug)]
enum Held {
    OnDisk(#[expect(dead_code, reason = "the lock lives as long as it")] Locked),
    InMemory(Names, String),
}

/// What is locked in a state in memory, which other runs of this process may share.
pub(super) type Names = Arc<Mutex<HashSet<String>>>;

impl Drop for Held {
    fn drop(&mut self) {
        if let Held::InMemory(names, name) = self {
            lock(names).remove(name);
        }
    }
}

/// The system's lock lives as long as the open file.
#[derive(Debug)]
struct Locked {
    file: File,
    path: PathBuf,
}

impl Locked {
    /// Whether whoever comes now finds the file that is locked, and not another one in its place.
    #[cfg(unix)]
    fn is_in_place(&self) -> bool {
        use std::os::unix::fs::MetadataExt;
        let which = |found: fs::Metadata| (found.dev(), found.ino());
        let (own, there) = (self.file.metadata(), fs::metadata(&self.path));
        own.is_ok_and(|own| there.is_ok_and(|there| which(own) == which(there)))
    }

    #[cfg(not(unix))]
    fn is_in_place(&self) -> bool {
        true
    }
}

/// Only who holds the lock may remove its file, and leaves nothing behind.
#[cfg(unix)]
impl Drop for Locked {
    fn drop(&mut self) {
        if self.is_in_place() {
            fs::remove_file(&self.path).ok();
        }
    }
}

impl Store {
    /// Wait until no other process does what has this name; `waits` is called once if one does.
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
        let Some(folder) = &self.folder else {
            let is_new = lock(&self.locked).insert(name.to_owned());
            return Ok(is_new.then(|| Lock(Held::InMemory(self.locked.clone(), name.to_owned()))));
        };
        let folder = folder.join("locks");
        let failed = |error: std::io::Error| self.unusable("cannot be written", &error.to_string());
        super::create(&folder).map_err(failed)?;
        let name = twox_hash::XxHash3_128::oneshot(name.as_bytes());
        let path = folder.join(format!("{name:032x}"));
        loop {
            let file = File::create(&path).map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {
                    let locked = Locked { file, path: path.clone() };
                    // Who had it may have removed the file after this one was opened.
                    if locked.is_in_place() {
                        return Ok(Some(Lock(Held::OnDisk(locked))));
                    }
                }
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
    }
}
