//! `juben add` — take a package into the project.

use super::{changes::Leave, desk::Desk, edit, show};
use crate::{
    Error,
    cli::{Common, session::until_stopped},
    config,
    engine::Sources,
    error::Kind,
    packages::{Least, Name, Wanted},
};
use clap::{ArgGroup, Args};
use std::{
    env,
    path::{Component, Path, PathBuf},
};
use tokio_util::sync::CancellationToken;
use toml_edit::InlineTable;

/// Take a package into the project: into juben.toml, and into juben.lock
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("source").args(["path", "git", "archive", "index"]),
    after_help = "Examples:\n  juben add --path ../grants\n  juben add --git https://git.example.org/team/sums.git --tag v1.2.0\n  juben add --archive base-1.0.0.tar.gz\n  juben add team/report 1.2\n\nThen a script says: import \"team/grants\" as grants;\nWhat the package may do is shown first. That gives it no right to do it: the first run asks."
)]
pub(in crate::cli) struct Add {
    /// Its name, as team/name; may be left out where the source tells it
    #[arg(value_parser = name)]
    name: Option<Name>,
    /// The oldest version that will do, from an index [default: the newest]
    #[arg(conflicts_with_all = ["path", "git", "archive"])]
    version: Option<Least>,
    /// From a folder, where it stays
    #[arg(long, value_name = "FOLDER")]
    path: Option<PathBuf>,
    /// From a git repository
    #[arg(long, value_name = "URL")]
    git: Option<String>,
    /// At that tag
    #[arg(long, requires = "git", conflicts_with_all = ["branch", "rev"])]
    tag: Option<String>,
    /// At the newest commit of that branch
    #[arg(long, requires = "git", conflicts_with = "rev")]
    branch: Option<String>,
    /// At that commit
    #[arg(long, requires = "git", value_name = "COMMIT")]
    rev: Option<String>,
    /// The folder of the repository that has the package.toml
    #[arg(long, requires = "git", value_name = "FOLDER")]
    subfolder: Option<String>,
    /// From an archive
    #[arg(long, value_name = "FILE")]
    archive: Option<PathBuf>,
    /// From that [[index]] of juben.toml [default: the first that has it]
    #[arg(long, value_name = "NAME")]
    index: Option<String>,
    #[command(flatten)]
    leave: Leave,
}

impl Add {
    pub(in crate::cli) async fn execute(self, common: &Common, sources: &Sources) -> Result<(), Error> {
        until_stopped(CancellationToken::new(), None, self.add(common, sources)).await
    }

    async fn add(self, common: &Common, sources: &Sources) -> Result<(), Error> {
        let mut desk = Desk::open_or_begin(common, sources).await?;
        let (name, entry) = self.entry(&mut desk).await?;
        let text = edit::with(&desk.text, &name, table(&entry))?;
        let settled = desk.settle(text, |other| *other == name).await?;
        show(&desk.changes(&settled))?;
        desk.finish(&settled, &self.leave)
    }

    /// What is written into `juben.toml`.
    async fn entry(&self, desk: &mut Desk) -> Result<(Name, config::Package), Error> {
        let home = desk.project.folder().to_owned();
        let entry = config::Package {
            path: self.path.as_deref().map(|path| from(&home, path)),
            git: self.git.as_deref().map(|url| repository(&home, url)),
            tag: self.tag.clone(),
            branch: self.branch.clone(),
            rev: self.rev.clone(),
            subfolder: self.subfolder.clone(),
            archive: self.archive.as_deref().map(|path| from(&home, path)),
            index: self.index.clone(),
            version: None,
        };
        if entry.path.is_some() || entry.git.is_some() || entry.archive.is_some() {
            // What the source is called is known when it is here.
            let stand_in: Name = "team/name".parse().map_err(|reason: String| Error::new(Kind::Usage, reason))?;
            let wanted = Wanted::read(self.name.as_ref().unwrap_or(&stand_in), &entry)?;
            let fetched = desk.fetcher.wanted(self.name.as_ref(), &wanted).await?;
            return Ok((fetched.package.manifest.name, entry));
        }
        let name = self.name.clone().ok_or_else(|| {
            Error::new(Kind::Usage, "which package?")
                .hint("name it, such as juben add team/grants, or its source: --path, --git or --archive")
        })?;
        let least = match &self.version {
            Some(least) => least.clone(),
            None => desk.fetcher.newest(&name, None, self.index.as_deref()).await?,
        };
        Ok((name, config::Package { version: Some(least.to_string()), ..entry }))
    }
}

/// A name; where it is a path, what is written for that.
fn name(text: &str) -> Result<Name, String> {
    text.parse().map_err(|reason| match Path::new(text) {
        path if path.is_dir() => format!("it is a folder, which is taken by --path {text}"),
        path if path.is_file() => format!("it is a file; an archive is taken by --archive {text}"),
        _ if text.contains("://") => format!("it is an address; a git repository is taken by --git {text}"),
        _ => reason,
    })
}

fn table(entry: &config::Package) -> InlineTable {
    let config::Package { path, git, tag, branch, rev, subfolder, archive, version, index } = entry;
    let fields = [
        ("path", path),
        ("git", git),
        ("tag", tag),
        ("branch", branch),
        ("rev", rev),
        ("subfolder", subfolder),
        ("archive", archive),
        ("version", version),
        ("index", index),
    ];
    fields.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect()
}

/// A repository on this disk is seen from `juben.toml`, as a folder is.
fn repository(home: &Path, url: &str) -> String {
    let path = Path::new(url);
    if path.is_dir() { from(home, path) } else { url.to_owned() }
}

/// A path that starts where the user stands, as it is seen from that folder. An absolute one stays.
fn from(home: &Path, path: &Path) -> String {
    let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| env::current_dir().unwrap_or_default().join(path));
    let (home, found) = (whole(home), whole(path));
    let parts = |path: &Path| path.components().map(|part| part.as_os_str().to_owned()).collect::<Vec<_>>();
    let (from, to) = (parts(&home), parts(&found));
    let common = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    if path.is_absolute() || matches!(found.components().next(), Some(Component::Prefix(_))) && common == 0 {
        return path.display().to_string();
    }
    let up = from[common..].iter().map(|_| "..".to_owned());
    let steps: Vec<_> = up.chain(to[common..].iter().map(|step| step.to_string_lossy().into_owned())).collect();
    if steps.is_empty() { ".".to_owned() } else { steps.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_seen_from_the_project() {
        let folder = tempfile::tempdir().unwrap();
        let inside = |name: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(&path).unwrap();
            path
        };
        let (home, other) = (inside("one/project"), inside("two/grants"));
        assert_eq!(from(&home, &other), other.display().to_string());
        let seen = |path: &str| from(Path::new("src/cli"), Path::new(path));
        assert_eq!(seen("src/packages"), "../packages");
        assert_eq!(seen("src/cli/packages"), "packages");
        assert_eq!(seen("."), "../..");
        assert_eq!(seen("src/cli"), ".");
    }
}
