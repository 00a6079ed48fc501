//! Gets packages from where they are into the cache, and says what exactly they are.

use super::{
    Cache, Index, Least, Locked, Manifest, Name, Package, Place, Project, Reference, Release, Repository, Source,
    Wanted,
    git::{self, Mirror},
    read::read,
    unpack::unpack,
};
use crate::{
    Error, config,
    error::{Kind, nearest},
};
use std::{
    collections::HashMap,
    fmt,
    fs::{self, File},
    io::{Cursor, Read, Seek},
    path::PathBuf,
    sync::Arc,
};

/// Gets the bytes of an address, at most so many.
pub type Get = Arc<dyn Fn(&str, u64) -> Result<Vec<u8>, Error> + Send + Sync>;

/// A package that was fetched.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The package, in the cache or in its own folder.
    pub package: Package,
    /// Where exactly it is from.
    pub source: Source,
    /// What is published later and was not asked for: a tag, or a version.
    pub newer: Option<String>,
}

impl AsRef<Manifest> for Fetched {
    fn as_ref(&self) -> &Manifest {
        &self.package.manifest
    }
}

/// Gets packages for a project.
pub struct Fetcher {
    /// The folder of `juben.toml`.
    home: PathBuf,
    cache: Cache,
    indexes: Vec<config::Index>,
    /// Those that may have signed what does not name its key.
    keys: Vec<String>,
    get: Get,
    /// Says what takes long.
    tell: Box<dyn Fn(&str)>,
    /// What was read already.
    opened: HashMap<String, Index>,
    mirrors: HashMap<String, Mirror>,
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetcher").field("home", &self.home).field("cache", &self.cache).finish_non_exhaustive()
    }
}

impl Fetcher {
    /// For that project.
    pub fn new(project: &Project, cache: Cache, get: Get, tell: Box<dyn Fn(&str)>) -> Fetcher {
        Fetcher {
            home: project.folder().to_owned(),
            cache,
            indexes: project.indexes.clone(),
            keys: project.keys(),
            get,
            tell,
            opened: HashMap::new(),
            mirrors: HashMap::new(),
        }
    }

    /// Where it is kept.
    pub fn cache(&self) -> &Cache {
        &self.cache
    }

    /// What is asked for, as it is now. Of an index it is the oldest version that will do.
    pub async fn wanted(&mut self, name: Option<&Name>, wanted: &Wanted) -> Result<Fetched, Error> {
        let fetched = match (wanted, name) {
            (Wanted::Path(path), _) => self.of_path(path)?,
            (Wanted::Archive(path), _) => self.of_archive(path)?,
            (Wanted::Git(repository), _) => self.of_git(repository).await?,
            (Wanted::Index(least, index), Some(name)) => {
                self.of_index(name, least, index.as_deref(), "juben.toml").await?
            }
            (Wanted::Index(..), None) => {
                return Err(Error::new(Kind::Usage, "an index has many packages")
                    .hint("name the one: juben add team/grants 1.2"));
            }
        };
        expect_name(fetched, name)
    }

    /// Exactly what was locked, from the cache if it is there. What is in a folder of its own is taken as it is.
    pub async fn locked(&mut self, locked: &Locked) -> Result<Fetched, Error> {
        let Locked { name, version, source, hash, key, .. } = locked;
        if let Source::Path(path) = source {
            return expect_name(self.of_path(path)?, Some(name));
        }
        if let Ok(package) = read(&self.cache.package(hash), &self.keys)
            && (&package.hash, &package.signer) == (hash, key)
        {
            return Ok(Fetched { package, source: source.clone(), newer: None });
        }
        let fetched = match source {
            Source::Path(path) => self.of_path(path)?,
            Source::Archive(path) => self.of_archive(path)?,
            Source::Git(repository, commit) => self.of_commit(repository, commit).await?,
            Source::Index(url) => {
                let index = self.indexes.iter().find(|index| index.url == *url).cloned();
                let index =
                    index.ok_or_else(|| Error::new(Kind::Config, format!("juben.toml has no [[index]] at {url}")))?;
                let release =
                    self.releases(&index, name).await?.into_iter().find(|release| release.version == *version);
                let release = release.ok_or_else(|| {
                    Error::new(Kind::NotFound, format!("{url} no longer has {name} {version}"))
                        .hint(format!("`juben update {name}` takes another one"))
                })?;
                self.of_release(&index, release).await?
            }
        };
        match (&fetched.package.hash, &fetched.package.signer) == (hash, key) {
            true => Ok(Fetched { source: source.clone(), ..fetched }),
            false => Err(Error::new(Kind::Denied, format!("{name}: what is at {source} now is not what was locked"))
                .hint(format!("ask whoever publishes it; if the change is meant: juben update {name}"))),
        }
    }

    /// The oldest version of a package that will do, in this index or in the first that has it.
    pub async fn of_index(
        &mut self,
        name: &Name,
        least: &Least,
        index: Option<&str>,
        by: &str,
    ) -> Result<Fetched, Error> {
        let mut others = Vec::new();
        for index in self.named(index) {
            let releases = self.releases(&index, name).await?;
            if let Some(release) = releases.iter().find(|release| least.admits(&release.version)) {
                let last = releases.iter().rev().find(|other| least.admits(&other.version));
                let newer = last.filter(|last| last.version > release.version).map(|last| last.version.to_string());
                return Ok(Fetched { newer, ..self.of_release(&index, release.clone()).await? });
            }
            others.extend(releases.iter().map(|release| release.version.to_string()));
        }
        Err(self.nowhere(name, Some(least), by, &others))
    }

    /// The newest version that is published in this index or in the first that has it; with the same first number, where
    /// one is asked for.
    pub async fn newest(&mut self, name: &Name, least: Option<&Least>, index: Option<&str>) -> Result<Least, Error> {
        let mut others = Vec::new();
        for index in self.named(index) {
            let releases = self.releases(&index, name).await?;
            let fits = |it: &&Release| least.map_or(it.version.pre.is_empty(), |least| least.admits(&it.version));
            if let Some(release) = releases.iter().rfind(fits) {
                return Ok(Least::new(release.version.clone()));
            }
            others.extend(releases.iter().map(|release| release.version.to_string()));
        }
        Err(self.nowhere(name, least, "juben.toml", &others))
    }

    /// The index of that name, or all of them.
    fn named(&self, index: Option<&str>) -> Vec<config::Index> {
        self.indexes.iter().filter(|it| index.is_none_or(|index| it.name == index)).cloned().collect()
    }

    fn nowhere(&self, name: &Name, least: Option<&Least>, by: &str, others: &[String]) -> Error {
        let known: Vec<_> = self.indexes.iter().map(|index| index.name.as_str()).collect();
        let wanted = least.map_or_else(|| name.to_string(), |least| format!("{name} {least}"));
        let error = Error::new(Kind::NotFound, format!("{by} needs {wanted}, which no index of juben.toml has"));
        match (others.is_empty(), known.is_empty()) {
            (false, _) => error.hint(format!("there are the versions {}", others.join(", "))),
            (_, true) => error.hint(format!(
                "say where it is: juben add {name} --git URL (or --path, --archive), or add an [[index]] to juben.toml"
            )),
            _ => {
                let all = self.opened.values().flat_map(|index| index.releases().iter().map(|it| it.name.as_str()));
                let near = nearest(name.as_str(), all).map(|near| format!("did you mean {near}? "));
                let near = near.unwrap_or_default();
                error.hint(format!("{near}looked in {}; say where it is: juben add {name} --git URL", known.join(", ")))
            }
        }
    }

    fn of_path(&self, path: &str) -> Result<Fetched, Error> {
        let folder = self.home.join(path);
        let wrong = |why: &str, hint: &str| Err(Error::new(Kind::Config, format!("{path} {why}")).hint(hint));
        if folder.is_file() {
            return wrong("is a file, and no folder of a package", "an archive is taken by --archive");
        }
        if !folder.exists() {
            return wrong("is not there", "name the folder that has the package.toml");
        }
        let package = read(&folder, &self.keys)?;
        self.cache.note(&package.tree)?;
        Ok(Fetched { package, source: Source::Path(path.to_owned()), newer: None })
    }

    fn of_archive(&self, path: &str) -> Result<Fetched, Error> {
        let file = self.home.join(path);
        if file.is_dir() {
            let message = format!("{path} is a folder, and no archive");
            return Err(Error::new(Kind::Config, message).hint("a folder is taken by --path"));
        }
        let opened = File::open(&file).map_err(|error| {
            Error::new(Kind::File, format!("cannot read {}: {error}", file.display()))
                .hint("an archive is the .tar.gz that `juben pack` makes")
        })?;
        let package = self.unpacked(opened, path)?;
        Ok(Fetched { package, source: Source::Archive(path.to_owned()), newer: None })
    }

    fn unpacked(&self, archive: impl Read + Seek, name: &str) -> Result<Package, Error> {
        let fresh = self.cache.fresh()?;
        let tree = fresh.path().join("tree");
        unpack(archive, name, &tree)?;
        self.cache.keep(&tree, name, &self.keys)
    }

    async fn of_git(&mut self, repository: &Repository) -> Result<Fetched, Error> {
        let mirror = self.mirror_of(&repository.url).await?;
        let commit = mirror.commit(&repository.reference).await?;
        let tags = mirror.names("tags").await?;
        let newer = tags.into_iter().find(|tag| is_later(tag, &repository.reference));
        Ok(Fetched { newer, ..self.of_commit(repository, &commit).await? })
    }

    async fn of_commit(&mut self, repository: &Repository, commit: &str) -> Result<Fetched, Error> {
        let fetched = Mirror::fetched(&repository.url, &self.home, &self.cache);
        let exact = Reference::Rev(commit.to_owned());
        let known = match &fetched {
            Some(mirror) => mirror.commit(&exact).await.is_ok(),
            None => false,
        };
        let fresh = self.cache.fresh()?;
        let tree = fresh.path().join("tree");
        fs::create_dir(&tree)
            .map_err(|error| Error::new(Kind::File, format!("cannot write {}: {error}", tree.display())))?;
        match fetched.filter(|_| known) {
            Some(mirror) => mirror.write(commit, repository.subfolder.as_deref(), &tree).await?,
            None => {
                let mirror = self.mirror_of(&repository.url).await?;
                mirror.commit(&exact).await?;
                mirror.write(commit, repository.subfolder.as_deref(), &tree).await?;
            }
        }
        let package = self.cache.keep(&tree, &repository.url, &self.keys)?;
        Ok(Fetched { package, source: Source::Git(repository.clone(), commit.to_owned()), newer: None })
    }

    /// Each repository is fetched once.
    async fn mirror_of(&mut self, url: &str) -> Result<&Mirror, Error> {
        if !self.mirrors.contains_key(url) {
            let waits = || (self.tell)("another juben fetches from there; waiting");
            let _hold = self.cache.hold(url, waits).await?;
            let mirror = git::fetch(url, &self.home, &self.cache, &self.tell).await?;
            self.mirrors.insert(url.to_owned(), mirror);
        }
        Ok(&self.mirrors[url])
    }

    async fn of_release(&self, index: &config::Index, release: Release) -> Result<Fetched, Error> {
        let source = Source::Index(index.url.clone());
        (self.tell)(&format!("fetching {} {} from {}", release.name, release.version, index.name));
        let (opened, get, listed) = (self.opened[&index.url].clone(), self.get.clone(), release.clone());
        let archive = apart(move || opened.archive(&listed, &*get)).await?;
        let package = self.unpacked(Cursor::new(archive), &release.archive)?;
        release.check_package(&package.manifest, package.signer.as_deref())?;
        Ok(Fetched { package, source, newer: None })
    }

    /// The versions of a package in an index, the oldest first. Each index is read once.
    async fn releases(&mut self, index: &config::Index, name: &Name) -> Result<Vec<Release>, Error> {
        if !self.opened.contains_key(&index.url) {
            let (place, keys, get) = (Place::parse(&index.url, &self.home)?, index.keys.clone(), self.get.clone());
            let opened = apart(move || Index::read(place, &keys, &*get)).await?;
            self.opened.insert(index.url.clone(), opened);
        }
        Ok(self.opened[&index.url].versions(name).cloned().collect())
    }
}

/// What waits does so on a thread of its own, so that Ctrl-C is heard.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    let lost = |_| Error::new(Kind::Cancelled, "stopped");
    tokio::task::spawn_blocking(work).await.map_err(lost)?
}

fn expect_name(fetched: Fetched, name: Option<&Name>) -> Result<Fetched, Error> {
    let found = &fetched.package.manifest.name;
    match name {
        Some(name) if name != found => {
            let message = format!("{} is the package {found}, and not {name}", fetched.source);
            Err(Error::new(Kind::Config, message).hint("write its own name in juben.toml, or name another source"))
        }
        _ => Ok(fetched),
    }
}

/// Whether a tag is of a later version than the one that is asked for.
fn is_later(tag: &str, reference: &Reference) -> bool {
    let version = |tag: &str| tag.trim_start_matches('v').parse::<semver::Version>().ok();
    match reference {
        Reference::Tag(asked) => version(tag).zip(version(asked)).is_some_and(|(tag, asked)| tag > asked),
        _ => false,
    }
}
