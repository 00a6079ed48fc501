//! Files of juben's own, which no guarded run touches, whatever it is granted.

use super::{Kind, Right};
use crate::{Error, error};
use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

/// What is neither read nor written, by its name, wherever it is: it says where secrets are.
const CONFIGURATION: &str = "juben.toml";

/// The same, by the beginning of its name: the state and the log of writes.
const STATE: [&str; 3] = ["juben.db", "audit.chain", "audit.head"];

/// What is read, but not written, by its name.
const LOCK: &str = "juben.lock";

/// The same, by the end of its name: what is written there would run later, with other rights.
const SCRIPT: &str = ".rhai";

/// The same of all in a folder of that name, where git looks for programs to run.
const REPOSITORY: &str = ".git";

/// Files and folders of juben's own, with all below them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reserved {
    /// Neither read nor written: configuration, state, keys.
    secret: Vec<PathBuf>,
    /// Read, but not written: packages.
    fixed: Vec<PathBuf>,
}

impl Reserved {
    /// Those that are neither read nor written, and those that are only read.
    pub fn new(secret: &[PathBuf], fixed: &[PathBuf]) -> Reserved {
        let all = |paths: &[PathBuf]| paths.iter().map(|path| really(path)).collect();
        Reserved { secret: all(secret), fixed: all(fixed) }
    }

    /// Why a file is not opened, if it is one of them, also by a link.
    pub(super) fn check(&self, right: &Right) -> Result<(), Error> {
        let path = Path::new(&right.what);
        let (path, target) = (without_links(path), really(path));
        let writes = right.kind == Kind::FilesWrite;
        let refused = |path: &PathBuf| self.is_secret(path) || writes && self.is_fixed(path);
        if ![path, target].iter().any(refused) {
            return Ok(());
        }
        let deed = if writes { "written" } else { "read" };
        let message = format!("{} is not {deed} by packages or with --allow, whatever is granted", right.what);
        Err(Error::new(error::Kind::Denied, message).hint(
            "so are juben.toml, files with secrets, the state and keys; and scripts, juben.lock, vendor/ and .git are not \
             written; docs/rights.md",
        ))
    }

    fn is_secret(&self, path: &Path) -> bool {
        let name = name(path);
        name == CONFIGURATION || STATE.iter().any(|state| name.starts_with(state)) || is_below(path, &self.secret)
    }

    fn is_fixed(&self, path: &Path) -> bool {
        let name = name(path);
        let is_repository = |step: &OsStr| step.to_string_lossy().to_lowercase() == REPOSITORY;
        name == LOCK || name.ends_with(SCRIPT) || path.iter().any(is_repository) || is_below(path, &self.fixed)
    }
}

/// Some disks do not tell large letters from small ones.
fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().to_lowercase()
}

fn is_below(path: &Path, folders: &[PathBuf]) -> bool {
    folders.iter().any(|folder| path.starts_with(folder))
}

/// A path whose folder has no links; the last step may be one.
fn without_links(path: &Path) -> PathBuf {
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => really(folder).join(name),
        _ => path.to_owned(),
    }
}

/// Where a path leads, as far as it is there.
fn really(path: &Path) -> PathBuf {
    let there = path.ancestors().find_map(|folder| Some((folder, folder.canonicalize().ok()?)));
    match there.map(|(folder, whole)| (path.strip_prefix(folder), whole)) {
        Some((Ok(way), whole)) if way.as_os_str().is_empty() => whole,
        Some((Ok(way), whole)) => whole.join(way),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_is_jubens_own_is_refused_by_any_of_its_names() {
        let here = tempfile::tempdir().unwrap();
        let at = |name: &str| here.path().join(name);
        fs::create_dir_all(at("keys")).unwrap();
        fs::create_dir_all(at("vendor/team/a")).unwrap();
        fs::write(at("juben.toml"), "").unwrap();
        let reserved = Reserved::new(&[at("keys"), at("other.toml")], &[at("vendor")]);
        let refuses = |kind, path: &str| {
            let right = Right::new(kind, at(path).to_string_lossy());
            reserved.check(&right).is_err_and(|error| error.kind == error::Kind::Denied)
        };
        for path in [
            "juben.toml",
            "deep/Juben.TOML",
            "keys/a.key",
            "keys",
            "other.toml",
            "juben.db-wal",
            "audit.chain",
            "audit.head",
        ] {
            assert!(refuses(Kind::FilesRead, path) && refuses(Kind::FilesWrite, path), "{path}");
        }
        for path in
            ["juben.lock", "vendor", "vendor/team/a/a.rhai", "vendor/new/x", "own.rhai", "Own.RHAI", ".git/hooks/x"]
        {
            assert!(refuses(Kind::FilesWrite, path) && !refuses(Kind::FilesRead, path), "{path}");
        }
        for path in ["vendor2/a", "keys2", "juben.toml.md", "media/juben.txt", "a.rhai.md", "git/x"] {
            assert!(!refuses(Kind::FilesWrite, path), "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_to_none_of_it() {
        use std::os::unix::fs::symlink;
        let here = tempfile::tempdir().unwrap();
        let at = |name: &str| here.path().join(name);
        fs::create_dir_all(at("vendor")).unwrap();
        fs::write(at("juben.toml"), "").unwrap();
        symlink("juben.toml", at("notes.txt")).unwrap();
        symlink("vendor", at("out")).unwrap();
        let reserved = Reserved::new(&[], &[at("vendor")]);
        let refuses = |kind, path: &str| reserved.check(&Right::new(kind, at(path).to_string_lossy())).is_err();
        assert!(refuses(Kind::FilesRead, "notes.txt"));
        assert!(refuses(Kind::FilesWrite, "out/new.rhai"));
    }
}
