//! Packages in git repositories, through the program `git`: it fetches into a bare repository in the cache, and hands out
//! the files of one commit byte for byte. Nothing of a repository runs: no hooks, filters, submodules or line endings.

pub(super) mod program;

use super::{
    Cache, Reference,
    paths::Paths,
    tree::place,
    unpack::{LARGEST, MOST_FILES},
};
use crate::{
    Error,
    error::{Kind, nearest},
};
use program::{PROTOCOLS, git};
use std::{
    fs,
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    process::Output,
};
use tempfile::TempDir;

/// A repository as it was fetched.
#[derive(Debug)]
pub struct Mirror {
    folder: PathBuf,
    url: String,
}

/// A file of a commit.
struct Blob {
    id: String,
    path: String,
}

/// Why git is not to be given this address, if it is not.
pub fn fault(url: &str) -> Option<&'static str> {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    let of_host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let before_path = of_host.split(['/', ':']).next().unwrap_or_default();
    match scheme {
        _ if url.is_empty() => Some("it is empty"),
        _ if url.starts_with('-') => Some("it begins with -, as an option does"),
        _ if url.contains(|it: char| it.is_control() || it.is_whitespace()) => {
            Some("it has a blank or a control character")
        }
        _ if url.split_once("::").is_some_and(|(before, _)| !before.contains("://")) => {
            Some("it names a program that git would run")
        }
        Some(scheme) if !PROTOCOLS.split(':').any(|known| known == scheme) => {
            Some("it begins with none of https://, http://, ssh://, git:// and file://")
        }
        _ if without_password(url) != url => {
            Some("it has a password, which would be written into juben.toml; leave it to git's credential helper")
        }
        _ if before_path.starts_with('-') || before_path.contains("@-") => {
            Some("its host begins with -, as an option does")
        }
        _ => None,
    }
}

/// An address as it may be shown.
fn without_password(url: &str) -> String {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find('/').map_or(url.len(), |at| start + at);
    let user = url[start..end].rsplit_once('@').map(|(user, _)| user);
    match user.and_then(|user| user.split_once(':')) {
        Some((name, password)) => url.replacen(&format!("{name}:{password}@"), &format!("{name}:…@"), 1),
        None => url.to_owned(),
    }
}

/// Whether git may be given it as a name of a branch, a tag or a commit.
fn is_reference(name: &str) -> bool {
    let plain = |it: char| it.is_alphanumeric() || matches!(it, '.' | '_' | '-' | '/' | '+');
    !name.is_empty() && name.chars().all(plain) && !name.starts_with(['-', '/', '.']) && !name.contains("..")
}

/// Where a repository is: an address, or a folder from where `juben.toml` is.
fn address(url: &str, home: &Path) -> String {
    // `host:path` and `user@host:path` are addresses.
    let is_remote = url.contains("://") || url.split('/').next().is_some_and(|first| first.contains(':'));
    if is_remote { url.to_owned() } else { home.join(url).display().to_string() }
}

/// Fetch all branches and tags of a repository into the cache. A folder starts at `home`. `tell` is called when git begins.
pub async fn fetch(url: &str, home: &Path, cache: &Cache, tell: &dyn Fn(&str)) -> Result<Mirror, Error> {
    if let Some(fault) = fault(url) {
        let shown = without_password(url);
        let message = format!("{shown:?} cannot be the address of a git repository: {fault}");
        return Err(Error::new(Kind::Config, message).hint("write it as https://git.example.org/team/grants.git"));
    }
    tell(&format!("fetching {url}"));
    let address = address(url, home);
    let mirror = Mirror { folder: cache.repository(&address), url: url.to_owned() };
    // One that was not fetched to its end is none.
    let fresh = if mirror.folder.join("HEAD").is_file() { None } else { Some(cache.fresh()?) };
    let folder = fresh.as_ref().map_or(mirror.folder.as_path(), TempDir::path);
    if fresh.is_some() {
        mirror.done(git(folder, ["init", "--quiet", "--bare", "--template="], None).await?)?;
    }
    let head = "+HEAD:refs/juben/head";
    let words = [
        "fetch",
        "--quiet",
        "--force",
        "--prune",
        "--no-tags",
        "--no-recurse-submodules",
        "--no-write-fetch-head",
        "--end-of-options",
        &address,
        head,
        "+refs/heads/*:refs/heads/*",
        "+refs/tags/*:refs/tags/*",
    ];
    mirror.done(git(folder, words, None).await?)?;
    if fresh.is_some() {
        let kept = fs::create_dir_all(mirror.folder.parent().unwrap_or(&mirror.folder))
            .and_then(|()| fs::rename(folder, &mirror.folder));
        kept.map_err(|error| Error::new(Kind::File, format!("cannot write {}: {error}", mirror.folder.display())))?;
    }
    Ok(mirror)
}

impl Mirror {
    /// The repository as it was fetched last, without fetching anything.
    pub fn fetched(url: &str, home: &Path, cache: &Cache) -> Option<Mirror> {
        let folder = cache.repository(&address(url, home));
        folder.join("HEAD").is_file().then(|| Mirror { folder, url: url.to_owned() })
    }

    /// The commit that is asked for.
    pub async fn commit(&self, reference: &Reference) -> Result<String, Error> {
        let (name, told) = match reference {
            Reference::Head => ("refs/juben/head".to_owned(), "commit".to_owned()),
            Reference::Branch(name) => (format!("refs/heads/{name}"), format!("branch `{name}`")),
            Reference::Tag(name) => (format!("refs/tags/{name}"), format!("tag `{name}`")),
            Reference::Rev(name) => (name.clone(), format!("commit `{name}`")),
        };
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_commit = |name: &str| name.len() >= 7 && name.bytes().all(is_hex);
        let is_right = match reference {
            Reference::Rev(name) => is_commit(name),
            _ => is_reference(&name),
        };
        let missing = || Error::new(Kind::NotFound, format!("{} has no {told}", self.url));
        if !is_right {
            return Err(
                missing().hint("a rev is the hash of a commit in hex, 7 letters or more; a name is written plainly")
            );
        }
        let name = format!("{name}^{{commit}}");
        let output = git(&self.folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", &name], None).await?;
        if !output.status.success() {
            return Err(missing().hinted(self.others(reference).await?));
        }
        let commit = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        match reference {
            // A branch may be called like a commit.
            Reference::Rev(rev) if !commit.starts_with(rev) => Err(missing()),
            _ => Ok(commit),
        }
    }

    /// What there is instead.
    async fn others(&self, reference: &Reference) -> Result<Option<String>, Error> {
        const MOST: usize = 12;
        let (kind, word, name) = match reference {
            Reference::Branch(name) => ("heads", "branches", name),
            Reference::Tag(name) => ("tags", "tags", name),
            Reference::Rev(_) => {
                return Ok(Some(
                    "only commits of branches and tags are fetched; `git log --all` shows them there".into(),
                ));
            }
            Reference::Head => return Ok(Some("nothing was committed there yet".into())),
        };
        let names = self.names(kind).await?;
        let near = nearest(name, names.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`? "));
        let shown: Vec<_> = names.iter().take(MOST).map(String::as_str).collect();
        let more = if names.len() > MOST { ", …" } else { "" };
        Ok(Some(match shown[..] {
            [] => format!("it has no {word} at all"),
            _ => format!("{}its {word} are {}{more}", near.unwrap_or_default(), shown.join(", ")),
        }))
    }

    /// Its branches or tags, the newest version first.
    pub async fn names(&self, kind: &str) -> Result<Vec<String>, Error> {
        let prefix = format!("refs/{kind}/");
        let words = ["for-each-ref", "--sort=-version:refname", "--format=%(refname:lstrip=2)", &prefix];
        let output = self.done(git(&self.folder, words, None).await?)?;
        Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
    }

    /// Write the files of a commit, or of a folder of it, into an empty folder.
    pub async fn write(&self, commit: &str, subfolder: Option<&str>, into: &Path) -> Result<(), Error> {
        let blobs = self.list(commit, subfolder).await?;
        let failed = |error: io::Error| Error::new(Kind::File, format!("cannot write {}: {error}", into.display()));
        let mut asked = tempfile::tempfile().map_err(failed)?;
        blobs.iter().try_for_each(|blob| writeln!(asked, "{}", blob.id)).map_err(failed)?;
        asked.seek(SeekFrom::Start(0)).map_err(failed)?;
        let output = self.done(git(&self.folder, ["cat-file", "--batch"], Some(asked.into())).await?)?;
        let mut rest = output.stdout.as_slice();
        for blob in &blobs {
            let (content, after) = next_blob(rest, &blob.id).ok_or_else(|| self.damaged())?;
            place(&into.join(&blob.path), content)?;
            rest = after;
        }
        Ok(())
    }

    /// The files of a commit. What else there is makes it no package.
    async fn list(&self, commit: &str, subfolder: Option<&str>) -> Result<Vec<Blob>, Error> {
        let folder = subfolder.map(|folder| folder.trim_matches('/')).filter(|folder| !matches!(*folder, "" | "."));
        let tree = folder.map_or_else(|| commit.to_owned(), |folder| format!("{commit}:{folder}"));
        let words = ["ls-tree", "-r", "-l", "-z", "--full-tree", "--end-of-options", &tree];
        let output = git(&self.folder, words, None).await?;
        if let Some(folder) = folder.filter(|_| !output.status.success()) {
            let message = format!("{} has no folder `{folder}` at {commit}", self.url);
            return Err(Error::new(Kind::NotFound, message).hint("`subfolder` is the folder that has the package.toml"));
        }
        let output = self.done(output)?;
        let (mut blobs, mut paths, mut bytes) = (Vec::new(), Paths::default(), 0);
        for entry in output.stdout.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
            let entry = String::from_utf8_lossy(entry);
            let (about, path) = entry.split_once('\t').ok_or_else(|| self.damaged())?;
            let refused = |reason: &str| {
                let message =
                    format!("{} at {commit}: {} cannot be in a package: {reason}", self.url, path.escape_debug());
                Err(Error::new(Kind::Denied, message))
            };
            let [mode, _, id, size] = about.split_whitespace().collect::<Vec<_>>()[..] else {
                return Err(self.damaged());
            };
            if !mode.starts_with("100") {
                return refused("it is a link or another repository, and a package holds files alone");
            }
            if let Err(reason) = paths.add_file(path) {
                return refused(&reason);
            }
            bytes += size.parse::<u64>().map_err(|_| self.damaged())?;
            if bytes > LARGEST || blobs.len() >= MOST_FILES {
                return refused(&format!("with it the package has more than 64 MB or {MOST_FILES} files"));
            }
            blobs.push(Blob { id: id.to_owned(), path: path.to_owned() });
        }
        Ok(blobs)
    }

    fn damaged(&self) -> Error {
        Error::new(Kind::File, format!("{} is damaged: git answers what it should not", self.folder.display()))
            .hint("remove that folder; it is fetched again")
    }

    /// The output, if it went well; else what git says.
    fn done(&self, output: Output) -> Result<Output, Error> {
        if output.status.success() {
            return Ok(output);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
        let said: Vec<_> = lines.map(|line| line.trim_start_matches("fatal: ")).take(3).collect();
        let said = if said.is_empty() { output.status.to_string() } else { said.join("; ") };
        let message = format!("git cannot read {}: {said}", self.url);
        let hint =
            "whether you are online, and may read it: git ls-remote, with that address, says. Nothing was changed";
        Err(Error::new(Kind::Network, message).hint(hint))
    }
}

/// `ID blob SIZE`, a line's end, so many bytes, a line's end; and what follows.
fn next_blob<'a>(bytes: &'a [u8], id: &str) -> Option<(&'a [u8], &'a [u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let size = head.strip_prefix(id)?.strip_prefix(" blob ")?.parse().ok()?;
    let (content, rest) = bytes[end + 1..].split_at_checked(size)?;
    Some((content, rest.strip_prefix(b"\n")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_more_than_that_are_refused() {
        for url in [
            "https://git.example.org/team/grants.git",
            "ssh://git@git.example.org:2222/team/grants.git",
            "git@git.example.org:team/grants.git",
            "../grants",
            "/srv/git/grants.git",
            "file:///srv/git/grants.git",
            "https://user@git.example.org/a.git",
            "https://[::1]/a.git",
        ] {
            assert_eq!(fault(url), None, "{url}");
        }
        for url in [
            "",
            "--upload-pack=touch /tmp/x",
            "-uhttps://a",
            "ext::sh -c touch% /tmp/x",
            "ext::sh",
            "ext::sh[",
            "fd::17",
            "http::https://a",
            "ftp://git.example.org/a",
            "ssh://-oProxyCommand=x/a",
            "ssh://git@-oProxyCommand=x/a",
            "-oProxyCommand=x:a",
            "git@-oProxyCommand=x:a",
            "https://user:secret@git.example.org/a.git",
            "https://git.example.org/a b.git",
            "https://git.example.org/a\n.git",
        ] {
            assert!(fault(url).is_some(), "{url}");
        }
    }

    #[test]
    fn a_password_is_not_repeated() {
        assert_eq!(without_password("https://me:secret@git.example.org/a@b"), "https://me:…@git.example.org/a@b");
        assert_eq!(without_password("https://me:se@cret@git.example.org"), "https://me:…@git.example.org");
        assert_eq!(without_password("git@git.example.org:team/a.git"), "git@git.example.org:team/a.git");
    }

    #[test]
    fn references_are_plain_names() {
        for name in ["v1.2.0", "main", "feature/授权", "release-1.x"] {
            assert!(is_reference(name), "{name}");
        }
        for name in ["", "-v", "--all", "a..b", "main~1", "main^{tree}", "@{-1}", ":/fix", "a:b", "a b", "/a"] {
            assert!(!is_reference(name), "{name}");
        }
    }

    #[test]
    fn blobs_are_read_one_after_the_other() {
        let bytes = b"ab blob 3\n1\n2\ncd blob 0\n\n";
        let (one, rest) = next_blob(bytes, "ab").unwrap();
        assert_eq!(one, b"1\n2");
        assert_eq!(next_blob(rest, "cd"), Some((&b""[..], &b""[..])));
        assert_eq!(next_blob(rest, "ab"), None);
        assert_eq!(next_blob(b"ab missing\n", "ab"), None);
    }
}
