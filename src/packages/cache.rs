//! What was fetched, in the user's own cache folder: the files of packages by their hash, and git repositories.

use super::{
    Package, Tree,
    read::read,
    tree::{place, sha256},
};
use crate::{Error, error::Kind};
use std::{
    env,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};
use tempfile::TempDir;

/// How often is looked whether another process is done.
const PAUSE: Duration = Duration::from_millis(100);

/// The folder of what was fetched. All of it can be removed at any time, and fetched again.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

/// Something that no other process does meanwhile. It ends when this is dropped, or with the process.
#[derive(Debug)]
pub struct Hold(#[expect(dead_code, reason = "the lock lives as long as the file is open")] File);

impl Cache {
    /// The folder that `JUBEN_CACHE` names, or `juben` in the user's cache folder.
    pub fn open() -> Result<Cache, Error> {
        use etcetera::BaseStrategy;
        let named = env::var_os("JUBEN_CACHE").filter(|folder| !folder.is_empty()).map(PathBuf::from);
        let own = || etcetera::choose_base_strategy().map(|strategy| strategy.cache_dir().join("juben"));
        let folder = named.map_or_else(own, Ok).map_err(|error| {
            Error::new(Kind::Config, format!("there is no folder for juben's cache: {error}"))
                .hint("name one by JUBEN_CACHE")
        })?;
        Ok(Cache { folder })
    }

    /// That folder.
    pub fn at(folder: PathBuf) -> Cache {
        Cache { folder }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the package with that hash is, if it is there.
    pub fn package(&self, hash: &str) -> PathBuf {
        self.folder.join("packages").join(hash)
    }

    /// Where the repository of that address is, if it is there.
    pub fn repository(&self, url: &str) -> PathBuf {
        self.folder.join("git").join(sha256(url.as_bytes()))
    }

    /// A fresh folder, on the disk of the others.
    pub fn fresh(&self) -> Result<TempDir, Error> {
        let folder = self.folder.join("fresh");
        fs::create_dir_all(&folder).and_then(|()| TempDir::new_in(&folder)).map_err(|error| failed(&folder, &error))
    }

    /// Take in the package in a fresh folder, which errors call `name`, signed by one of the `keys` or by whom it names. One
    /// that is there already is replaced if it is damaged.
    pub fn keep(&self, fresh: &Path, name: &str, keys: &[String]) -> Result<Package, Error> {
        let named =
            |error: Error| error.reworded(error.kind, error.message.replace(&fresh.display().to_string(), name));
        let package = read(fresh, keys).map_err(named)?;
        self.note(&package.tree)?;
        let kept = self.package(&package.hash);
        let is_kept = || read(&kept, keys).is_ok_and(|it| it.hash == package.hash && it.signer == package.signer);
        if !is_kept() {
            let away = self.fresh()?;
            let moved = fs::create_dir_all(self.folder.join("packages")).and_then(|()| {
                if kept.exists() {
                    fs::rename(&kept, away.path().join("damaged"))?;
                }
                fs::rename(fresh, &kept)
            });
            // Another process may have been faster.
            moved.or_else(|error| if is_kept() { Ok(()) } else { Err(failed(&kept, &error)) })?;
        }
        Ok(Package { root: kept, ..package })
    }

    /// Remember the listing of a tree, so that what changes in it later can be told by name.
    pub fn note(&self, tree: &Tree) -> Result<(), Error> {
        place(&self.folder.join("sums").join(tree.hash()), tree.listing().as_bytes())
    }

    /// The listing of the tree with that hash, if it was noted.
    pub fn listing(&self, hash: &str) -> Option<String> {
        let listing = fs::read_to_string(self.folder.join("sums").join(hash)).ok()?;
        (sha256(listing.as_bytes()) == hash).then_some(listing)
    }

    /// Wait until no other process does what has this name; `waits` is called once if one does.
    pub async fn hold(&self, name: &str, waits: impl FnOnce()) -> Result<Hold, Error> {
        let path = self.folder.join("locks").join(sha256(name.as_bytes()));
        let open = || -> io::Result<File> {
            fs::create_dir_all(self.folder.join("locks"))?;
            File::create(&path)
        };
        let file = open().map_err(|error| failed(&path, &error))?;
        let mut waits = Some(waits);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Hold(file)),
                Err(TryLockError::Error(error)) => return Err(failed(&path, &error)),
                Err(TryLockError::WouldBlock) => {}
            }
            if let Some(waits) = waits.take() {
                waits();
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

fn failed(path: &Path, error: &io::Error) -> Error {
    Error::new(Kind::File, format!("cannot write {}: {error}", path.display()))
        .hint("packages are kept in juben's folder in your cache folder, or in the one that JUBEN_CACHE names")
}
