//! Where paths start: anywhere on the disk, or in a folder that they cannot leave, whatever links lead out of it.

use cap_std::{
    ambient_authority,
    fs::{Dir, OpenOptions},
};
use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    path::Path,
    sync::Arc,
    time::SystemTime,
};

/// Where paths start.
#[derive(Debug, Clone)]
pub(super) enum Root {
    /// Where the process has them start.
    Anywhere,
    /// In this folder, which they cannot leave.
    Below(Arc<Dir>),
}

/// What is known of a file without reading it.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Its bytes.
    pub size: u64,
    /// Whether it is a file, and no folder, device or pipe.
    pub is_file: bool,
    /// When it was changed, where the disk tells.
    pub changed: Option<SystemTime>,
}

impl Root {
    /// A folder below this one that paths cannot leave.
    pub(super) fn below(&self, folder: &Path) -> io::Result<Root> {
        let dir = match self {
            Root::Anywhere => Dir::open_ambient_dir(folder, ambient_authority()),
            Root::Below(dir) => dir.open_dir(folder),
        };
        dir.map(|dir| Root::Below(Arc::new(dir)))
    }

    pub(super) fn open(&self, path: &Path) -> io::Result<File> {
        match self {
            Root::Anywhere => File::open(path),
            Root::Below(dir) => dir.open(path).map(|file| file.into_std()),
        }
    }

    /// A file that is not there yet.
    pub(super) fn create_new(&self, path: &Path) -> io::Result<File> {
        match self {
            Root::Anywhere => File::create_new(path),
            Root::Below(dir) => {
                let new = dir.open_with(path, OpenOptions::new().write(true).create_new(true));
                new.map(|file| file.into_std())
            }
        }
    }

    pub(super) fn create_folders(&self, path: &Path) -> io::Result<()> {
        match self {
            Root::Anywhere => fs::create_dir_all(path),
            Root::Below(_) if path.as_os_str().is_empty() => Ok(()),
            // A link that leads out is there already, as far as making a folder is concerned.
            Root::Below(dir) => dir.create_dir_all(path).map_err(|error| dir.metadata(path).err().unwrap_or(error)),
        }
    }

    pub(super) fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        match self {
            Root::Anywhere => fs::rename(from, to),
            Root::Below(dir) => dir.rename(from, dir, to),
        }
    }

    pub(super) fn remove(&self, path: &Path) -> io::Result<()> {
        match self {
            Root::Anywhere => fs::remove_file(path),
            Root::Below(dir) => dir.remove_file(path),
        }
    }

    /// The names in a folder.
    pub(super) fn names(&self, path: &Path) -> io::Result<Vec<OsString>> {
        match self {
            Root::Anywhere => fs::read_dir(path)?.map(|entry| Ok(entry?.file_name())).collect(),
            Root::Below(dir) => dir.read_dir(path)?.map(|entry| Ok(entry?.file_name())).collect(),
        }
    }

    pub(super) fn about(&self, path: &Path) -> io::Result<About> {
        Ok(match self {
            Root::Anywhere => {
                let about = fs::metadata(path)?;
                About { size: about.len(), is_file: about.is_file(), changed: about.modified().ok() }
            }
            Root::Below(dir) => {
                let about = dir.metadata(path)?;
                let changed = about.modified().ok().map(|time| time.into_std());
                About { size: about.len(), is_file: about.is_file(), changed }
            }
        })
    }
}
