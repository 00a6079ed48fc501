//! Packages in git repositories, through the program `git`: it fetches into a bare repository in the cache, and hands out
//! the files of one commit byte for byte. Nothing of a repository runs: no hooks, filters, submodules or line endings.

use super::{
    Cache, Reference,
    paths::Paths,
    tree::place,
    unpack::{LARGEST, MOST_FILES},
};
use crate::{Error, error::Kind};
use std::{
    ffi::OsStr,
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};
use tokio::process::Command;

/// How long one use of git may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// What would send git to another repository than the one it is told.
const MISLEADING: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_COMMON_DIR",
    "GIT_CEILING_DIRECTORIES",
];

/// What always goes before the command: nothing that a repository brings runs, and only these ways lead to one.
const SAFE: [&str; 10] = [
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "fetch.recurseSubmodules=false",
    "-c",
    "gc.auto=0",
    "-c",
    "http.lowSpeedLimit=1000",
    "-c",
    "http.lowSpeedTime=30",
];
const PROTOCOLS: &str = "file:git:http:https:ssh";

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
    let authority = of_host.split('/').next().unwrap_or_default();
    let has_password = authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'));
    match scheme {
        _ if url.is_empty() => Some("it is empty"),
        _ if url.starts_with('-') => Some("it begins with -, as an option does"),
        _ if url.contains(|it: char| it.is_control() || it.is_whitespace()) => {
            Some("it has a blank or a control character")
        }
        _ if url.contains("::") && !url.contains('[') => Some("it names a program that git would run"),
        Some(scheme) if !PROTOCOLS.split(':').any(|known| known == scheme) => {
            Some("it begins with none of https://, http://, ssh://, git:// and file://")
        }
        _ if has_password => {
            Some("it has a password, which would be written into juben.toml; leave it to git's credential helper")
        }
        _ if before_path.starts_with('-') || before_path.contains("@-") => {
            Some("its host begins with -, as an option does")
        }
        _ => None,
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

/// Fetch all branches and tags of a repository into the cache. A folder starts at `home`.
pub async fn fetch(url: &str, home: &Path, cache: &Cache) -> Result<Mirror, Error> {
    if let Some(fault) = fault(url) {
        let message = format!("{url:?} cannot be the address of a git repository: {fault}");
        return Err(Error::new(Kind::Config, message).hint("write it as https://git.example.org/team/grants.git"));
    }
    let address = address(url, home);
    let mirror = Mirror { folder: cache.repository(&address), url: url.to_owned() };
    if !mirror.folder.join("HEAD").is_file() {
        let folder = cache.fresh()?;
        mirror.done(git(folder.path(), ["init", "--quiet", "--bare", "--template="], None).await?)?;
        let made = std::fs::create_dir_all(mirror.folder.parent().unwrap_or(&mirror.folder))
            .and_then(|()| std::fs::rename(folder.path(), &mirror.folder));
        made.map_err(|error| Error::new(Kind::File, format!("cannot write {}: {error}", mirror.folder.display())))?;
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
    mirror.done(git(&mirror.folder, words, None).await?)?;
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
        let is_commit = |name: &str| name.len() >= 7 && name.bytes().all(|it| it.is_ascii_hexdigit());
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
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// What there is instead.
    async fn others(&self, reference: &Reference) -> Result<Option<String>, Error> {
        let (kind, name) = match reference {
            Reference::Branch(name) => ("heads", name),
            Reference::Tag(name) => ("tags", name),
            _ => return Ok(None),
        };
        let names = self.names(kind).await?;
        let error = Error::new(Kind::NotFound, "").hint_names(name, names.iter().map(String::as_str));
        Ok(error.hint.clone().or(Some(format!("it has no {kind} at all"))))
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
        let message = format!("git cannot read {}: {}", self.url, said.join("; "));
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

/// Run git in a bare repository. It asks nothing, and ends when nobody waits for it any more.
async fn git<W: AsRef<OsStr>>(
    folder: &Path,
    words: impl IntoIterator<Item = W>,
    input: Option<Stdio>,
) -> Result<Output, Error> {
    let mut command = Command::new("git");
    command.args(SAFE).arg("--git-dir").arg(folder).args(words);
    MISLEADING.iter().for_each(|name| {
        command.env_remove(name);
    });
    command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_ALLOW_PROTOCOL", PROTOCOLS).env("LC_ALL", "C");
    if std::env::var_os("GIT_SSH_COMMAND").is_none() {
        command.env("GIT_SSH_COMMAND", "ssh -oBatchMode=yes");
    }
    command.stdin(input.unwrap_or_else(Stdio::null)).kill_on_drop(true);
    match tokio::time::timeout(PATIENCE, command.output()).await {
        Ok(Ok(output)) => Ok(output),
        Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => Err(Error::new(
            Kind::Config,
            "the program `git` is not there, which fetches packages from git repositories",
        )
        .hint("install git, or use the package from a folder or an archive. A run does not need it")),
        Ok(Err(error)) => Err(Error::new(Kind::File, format!("git cannot be run: {error}"))),
        Err(_) => Err(Error::new(Kind::Network, format!("git took longer than {} s", PATIENCE.as_secs()))),
    }
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
        ] {
            assert_eq!(fault(url), None, "{url}");
        }
        for url in [
            "",
            "--upload-pack=touch /tmp/x",
            "-uhttps://a",
            "ext::sh -c touch% /tmp/x",
            "ext::sh",
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
