//! Publishes a package as a tag of the git repository that it lies in. What the tag names is a commit of no branch: the
//! last one, with the listing of the package and its signature.

use super::{
    Parcel, Published,
    git::program::{MISLEADING, unavailable},
    publish::taken,
    tree::{SIGNATURE, SUMS},
};
use crate::{Error, error::Kind};
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    io::{self, Write},
    path::Path,
    process::{Command, Stdio},
};

/// Runs git in a folder.
struct Git<'a> {
    folder: &'a Path,
    /// Which files the next commit has; that of the folder, if none is named.
    index: Option<&'a Path>,
}

/// Set the tag, in the repository of this folder, whose package is this one.
pub fn tag(root: &Path, parcel: &Parcel, tag: &str) -> Result<Published, Error> {
    let git = Git { folder: root, index: None };
    let prefix = git.line(["rev-parse", "--show-prefix"])?;
    let path = |file: &str| format!("{prefix}{file}");
    if git.output(["check-ref-format", &format!("refs/tags/{tag}")], b"").is_err() {
        return Err(Error::new(Kind::Usage, format!("{tag:?} cannot be a tag of git")));
    }
    if git.output(["rev-parse", "--verify", "--quiet", &format!("refs/tags/{tag}")], b"").is_ok() {
        let there = git.output(["cat-file", "blob", &format!("refs/tags/{tag}:{}", path(SUMS))], b"");
        let is_same = there.is_ok_and(|listing| listing == parcel.listing.as_bytes());
        return if is_same { Ok(Published::Before) } else { Err(taken(parcel, &format!("the tag {tag}"))) };
    }
    check_clean(&git, parcel, &prefix)?;

    let index = tempfile::tempdir().map_err(|error| Error::new(Kind::File, format!("no folder: {error}")))?;
    let git = Git { index: Some(&index.path().join("index")), ..git };
    git.output(["read-tree", "HEAD"], b"")?;
    let listing = (SUMS, parcel.listing.as_bytes());
    let signature = parcel.files.get(SIGNATURE).map(|signature| (SIGNATURE, signature.as_slice()));
    git.output(["update-index", "--force-remove", "--", SUMS, SIGNATURE], b"")?;
    for (name, content) in [Some(listing), signature].into_iter().flatten() {
        let blob = git.text(["hash-object", "-w", "--no-filters", "--stdin"], content)?;
        git.output(["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{}", path(name))], b"")?;
    }
    let tree = git.line(["write-tree"])?;
    let message = format!("{} {}", parcel.manifest.name, parcel.manifest.version);
    let commit = git.line(["commit-tree", &tree, "-p", "HEAD", "-m", &message])?;
    git.output(["update-ref", "-m", &message, &format!("refs/tags/{tag}"), &commit, ""], b"")?;
    Ok(Published::New)
}

/// Whether the last commit has exactly the files of the package.
fn check_clean(git: &Git<'_>, parcel: &Parcel, prefix: &str) -> Result<(), Error> {
    let refused =
        |why: String| Err(Error::new(Kind::Conflict, why).hint("a tag has what is committed: commit it first"));
    let status = git.text(["status", "--porcelain", "--untracked-files=all", "--", "."], b"")?;
    if let Some(first) = status.lines().next() {
        let file = first.get(3..).unwrap_or(first);
        return refused(format!("{} has changes that are not committed, such as {file}", git.folder.display()));
    }
    let files: Vec<_> = parcel.files.keys().filter(|file| ![SUMS, SIGNATURE].contains(&file.as_str())).collect();
    // These paths start at the top of the repository, the others at the folder.
    let asked: String = files.iter().map(|file| format!("{prefix}{file}\n")).collect();
    let ids = git.text(["hash-object", "--no-filters", "--stdin-paths"], asked.as_bytes())?;
    let committed = git.output(["ls-files", "--stage", "-z", "--", "."], b"")?;
    let committed = String::from_utf8_lossy(&committed);
    let committed: BTreeMap<_, _> = committed.split_terminator('\0').filter_map(entry).collect();
    for (file, id) in files.into_iter().zip(ids.lines()) {
        match committed.get(file.as_str()) {
            None => return refused(format!("{file} is not in git, which ignores it")),
            Some(other) if *other != id => {
                let why = format!("git has {file} otherwise than it is, as it does with ends of lines");
                return Err(Error::new(Kind::Conflict, why).hint("say in .gitattributes: * -text"));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// `100644 ID 0`, a tabulator, a path: the path and the id.
fn entry(line: &str) -> Option<(&str, &str)> {
    let (about, path) = line.split_once('\t')?;
    Some((path, about.split(' ').nth(1)?))
}

impl Git<'_> {
    /// What it prints, without the ends of the first line and the last.
    fn line<W: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = W>) -> Result<String, Error> {
        self.text(words, b"")
    }

    fn text<W: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = W>, input: &[u8]) -> Result<String, Error> {
        let output = self.output(words, input)?;
        Ok(String::from_utf8_lossy(&output).trim_end().to_owned())
    }

    fn output<W: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = W>, input: &[u8]) -> Result<Vec<u8>, Error> {
        let mut command = Command::new("git");
        command.arg("-C").arg(self.folder).args(words).env("LC_ALL", "C");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for name in MISLEADING {
            command.env_remove(name);
        }
        if let Some(index) = self.index {
            command.env("GIT_INDEX_FILE", index);
        }
        let failed = |error: io::Error| unavailable(&error);
        let mut child = command.spawn().map_err(failed)?;
        let mut asked = child.stdin.take().expect("it was given a pipe");
        // It may answer before it has heard all, so it is heard at the same time.
        let output = std::thread::scope(|scope| {
            scope.spawn(move || asked.write_all(input).ok());
            child.wait_with_output()
        });
        let output = output.map_err(failed)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next().unwrap_or("it does not say why").trim_start_matches("fatal: ");
        Err(Error::new(Kind::Config, format!("git in {}: {said}", self.folder.display())))
    }
}
