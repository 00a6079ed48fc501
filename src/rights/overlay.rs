//! A folder that begins with the files of another one, none of which it ever changes.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

/// What is written in a folder is there only; what is not there is read from the folder beneath.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlay {
    /// Where all is written.
    pub folder: PathBuf,
    /// What it begins with.
    pub beneath: PathBuf,
}

impl Overlay {
    /// The path that a path has beneath, unless it is left out there.
    pub(super) fn beneath(&self, path: &Path) -> Option<PathBuf> {
        let way = path.strip_prefix(&self.folder).ok()?;
        let below = self.beneath.join(way);
        let path = if way.as_os_str().is_empty() { self.beneath.clone() } else { below };
        (!self.leaves_out(&path)).then_some(path)
    }

    /// The path in the folder for one that leads beneath.
    pub(super) fn above(&self, path: PathBuf) -> PathBuf {
        let way = path.strip_prefix(&self.beneath).ok().filter(|_| !path.starts_with(&self.folder));
        way.map(|way| self.folder.join(way)).unwrap_or(path)
    }

    /// Whether a file beneath is as if it were not there: what is hidden, and what was built.
    pub(super) fn leaves_out(&self, path: &Path) -> bool {
        let is_left_out = |step: &OsStr| step.to_string_lossy().starts_with('.') || step == "target";
        path.strip_prefix(&self.beneath).is_ok_and(|way| !path.starts_with(&self.folder) && way.iter().any(is_left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_or_was_built_is_not_there() {
        let overlay = Overlay { folder: "/tmp/a".into(), beneath: "/home/b".into() };
        let beneath = |path: &str| overlay.beneath(Path::new(path));
        assert_eq!(beneath("/tmp/a"), Some("/home/b".into()));
        assert_eq!(beneath("/tmp/a/media/1.mp4"), Some("/home/b/media/1.mp4".into()));
        assert_eq!(beneath("/tmp/a/.env"), None);
        assert_eq!(beneath("/tmp/a/target/x"), None);
        assert_eq!(beneath("/tmp/b"), None);
        assert_eq!(overlay.above("/home/b/media".into()), Path::new("/tmp/a/media"));
        assert_eq!(overlay.above("/home/c".into()), Path::new("/home/c"));
        assert!(overlay.leaves_out(Path::new("/home/b/.git/config")));
        assert!(!overlay.leaves_out(Path::new("/home/.c/x")));
    }
}
