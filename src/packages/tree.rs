//! The files of a package, and the hash that stands for all of them: that of the listing which `sha256sum` would print.

use super::{
    paths::Paths,
    unpack::{LARGEST, MOST_FILES},
};
use crate::{Error, error::Kind};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fs, io, path::Path};

/// The listing of a package that is passed on, beside its files.
pub const SUMS: &str = "package.sums";

/// The signature of that listing.
pub const SIGNATURE: &str = "package.sums.minisig";

/// What lies in the folder of a package and is none of its files.
const APART: [&str; 3] = [SUMS, SIGNATURE, ".git"];

/// The files of a package by their paths, each with its SHA-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree(BTreeMap<String, String>);

/// What was read so far.
#[derive(Default)]
struct Reading {
    files: BTreeMap<String, String>,
    paths: Paths,
    bytes: u64,
}

impl Tree {
    /// The files below this folder. It must hold nothing else.
    pub fn read(root: &Path) -> Result<Tree, Error> {
        let mut reading = Reading::default();
        reading.walk(root, "")?;
        Ok(Tree(reading.files))
    }

    /// The files of such a listing.
    pub fn listed(listing: &str) -> Tree {
        let lines = listing.lines().filter_map(|line| line.split_once("  "));
        Tree(lines.map(|(hash, path)| (path.to_owned(), hash.to_owned())).collect())
    }

    /// Whether the file at this path has just this content.
    pub fn has(&self, path: &str, content: &[u8]) -> bool {
        self.0.get(path).is_some_and(|hash| *hash == sha256(content))
    }

    /// The paths, in the order of their bytes.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A line for each file, as `sha256sum` prints it: the content of `package.sums`.
    pub fn listing(&self) -> String {
        self.0.iter().map(|(path, hash)| format!("{hash}  {path}\n")).collect()
    }

    /// SHA-256 of the listing, which stands for the whole tree.
    pub fn hash(&self) -> String {
        sha256(self.listing().as_bytes())
    }

    /// What differs first from the tree of that listing, if anything does.
    pub fn difference(&self, listing: &str) -> Option<String> {
        let Tree(listed) = Tree::listed(listing);
        let own = self.0.iter().find_map(|(path, hash)| match listed.get(path) {
            None => Some(format!("the file {path} is new")),
            Some(other) if other != hash => Some(format!("the file {path} has changed")),
            Some(_) => None,
        });
        let gone = || listed.keys().find(|path| !self.0.contains_key(*path));
        own.or_else(|| gone().map(|path| format!("the file {path} is gone")))
    }

    /// Copy the files of a folder that was read, with what signs them, into an empty one.
    pub fn copy(&self, from: &Path, into: &Path) -> Result<(), Error> {
        let signed = [SUMS, SIGNATURE].into_iter().filter(|name| from.join(name).is_file());
        for path in self.paths().chain(signed) {
            let content = fs::read(from.join(path)).map_err(|error| unreadable(&from.join(path), &error))?;
            place(&into.join(path), &content)?;
        }
        Ok(())
    }
}

impl Reading {
    fn walk(&mut self, folder: &Path, prefix: &str) -> Result<(), Error> {
        let failed = |error: io::Error| unreadable(folder, &error);
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            if prefix.is_empty() && name.to_str().is_some_and(|name| APART.contains(&name)) {
                continue;
            }
            let found = entry.path();
            let Some(name) = name.to_str() else {
                return Err(refused(&found, "its name is no Unicode text"));
            };
            let path = format!("{prefix}{name}");
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                self.paths.add_folder(&path).map_err(|reason| refused(&found, &reason))?;
                self.walk(&found, &format!("{path}/"))?;
            } else if kind.is_file() {
                self.read_file(&found, path)?;
            } else {
                return Err(refused(&found, "it is a link or a device, and a package holds files alone"));
            }
        }
        Ok(())
    }

    fn read_file(&mut self, found: &Path, path: String) -> Result<(), Error> {
        self.paths.add_file(&path).map_err(|reason| refused(found, &reason))?;
        if self.files.len() >= MOST_FILES {
            return Err(refused(found, &format!("with it the package has more than {MOST_FILES} files")));
        }
        let size = fs::metadata(found).map_err(|error| unreadable(found, &error))?.len();
        if self.bytes + size > LARGEST {
            return Err(refused(found, "with it the package has more than 64 MB"));
        }
        let content = fs::read(found).map_err(|error| unreadable(found, &error))?;
        self.bytes += content.len() as u64;
        self.files.insert(path, sha256(&content));
        Ok(())
    }
}

/// Write a file, and the folders that lead to it.
pub(super) fn place(path: &Path, content: &[u8]) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, content))
        .map_err(|error| Error::new(Kind::File, format!("cannot write {}: {error}", path.display())))
}

/// In hex.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::new(Kind::File, format!("cannot read {}: {error}", path.display()))
}

fn refused(path: &Path, reason: &str) -> Error {
    Error::new(Kind::Denied, format!("{} cannot be in a package: {reason}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        files.iter().for_each(|(path, text)| place(&folder.path().join(path), text.as_bytes()).unwrap());
        folder
    }

    #[test]
    fn the_listing_is_what_sha256sum_prints() {
        let folder = tree(&[("b/a.rhai", "x"), ("b.rhai", ""), (SUMS, "not listed"), (".git/HEAD", "nor this")]);
        let tree = Tree::read(folder.path()).unwrap();
        assert_eq!(
            tree.listing(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b.rhai\n\
             2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881  b/a.rhai\n"
        );
        assert_eq!(tree.hash(), sha256(tree.listing().as_bytes()));
    }

    #[test]
    fn what_differs_is_named() {
        let before = Tree::read(tree(&[("a", "1"), ("b", "2")]).path()).unwrap().listing();
        let differs = |files: &[(&str, &str)]| Tree::read(tree(files).path()).unwrap().difference(&before);
        assert_eq!(differs(&[("a", "1"), ("b", "2")]), None);
        assert_eq!(differs(&[("a", "1"), ("b", "3")]).unwrap(), "the file b has changed");
        assert_eq!(differs(&[("a", "1")]).unwrap(), "the file b is gone");
        assert_eq!(differs(&[("a", "1"), ("b", "2"), ("c", "")]).unwrap(), "the file c is new");
    }

    #[test]
    fn a_copy_is_the_same_tree_with_its_signature() {
        let from = tree(&[("a/b", "1"), (SUMS, "sums"), (SIGNATURE, "signature"), (".git/HEAD", "")]);
        let into = tempfile::tempdir().unwrap();
        let read = Tree::read(from.path()).unwrap();
        read.copy(from.path(), into.path()).unwrap();
        assert_eq!(Tree::read(into.path()).unwrap().listing(), read.listing());
        assert!(into.path().join(SIGNATURE).is_file() && !into.path().join(".git").exists());
    }

    #[cfg(unix)]
    #[test]
    fn links_clashes_and_odd_names_are_refused() {
        let refusal = |folder: &tempfile::TempDir| Tree::read(folder.path()).unwrap_err().message.clone();
        let linked = tree(&[("a", "")]);
        std::os::unix::fs::symlink("/etc/passwd", linked.path().join("passwd")).unwrap();
        assert!(refusal(&linked).contains("passwd cannot be in a package: it is a link"));
        assert!(refusal(&tree(&[("A.rhai", ""), ("a.rhai", "")])).contains("some systems do not see"));
        assert!(refusal(&tree(&[("x/a", ""), ("X/b", "")])).contains("some systems do not see"));
        assert!(refusal(&tree(&[("a\\b", "")])).contains("has the character"));
        assert!(refusal(&tree(&[("sub/.git/config", "")])).contains("no package brings"));
    }
}
