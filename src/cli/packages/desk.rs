//! Where the packages of a project are worked on: what `juben.toml` asks for becomes what `juben.lock` has.

use super::changes::{Change, Leave};
use crate::{
    Error,
    cli::{Common, apis::catalog},
    client::Download,
    config::Config,
    engine::{self, Sources},
    error::Kind,
    host::stopped,
    packages::{
        Cache, Fetched, Fetcher, Hold, Installed, Least, Lock, Locked, Name, PROJECT, Project, Source, VENDOR, Wanted,
        replace, resolve, trust,
    },
};
use std::{collections::HashMap, env, fs, io, path::PathBuf, sync::Arc};
use tokio::{runtime::Handle, task::spawn_blocking};

/// A project that nobody else works on meanwhile.
pub(super) struct Desk {
    /// As it is on the disk.
    pub project: Project,
    /// The text of its `juben.toml`.
    pub text: String,
    pub fetcher: Fetcher,
    config: Config,
    /// Gets the texts that are read, for reports.
    sources: Sources,
    _hold: Hold,
}

/// What is to be written.
pub(super) struct Settled {
    text: String,
    lock: Lock,
    /// The packages, in the order of their names.
    pub packages: Vec<Fetched>,
}

impl Desk {
    /// For the project of the `juben.toml` that a run here would use.
    pub(super) async fn open(common: &Common, sources: &Sources) -> Result<Desk, Error> {
        let (file, _) = Config::file(common.config.as_deref())?.ok_or_else(|| {
            Error::new(Kind::Usage, format!("there is no {PROJECT} here or above"))
                .hint("`juben add` makes one; or go to the folder of your scripts")
        })?;
        Desk::at(file, sources).await
    }

    /// The same; without one, a project begins in this folder.
    pub(super) async fn open_or_begin(common: &Common, sources: &Sources) -> Result<Desk, Error> {
        let found = Config::file(common.config.as_deref())?;
        let here = || env::current_dir().unwrap_or_default().join(PROJECT);
        Desk::at(found.map_or_else(here, |(file, _)| file), sources).await
    }

    async fn at(file: PathBuf, sources: &Sources) -> Result<Desk, Error> {
        let cache = Cache::open()?;
        let waits = || tracing::info!("another juben works on {}; waiting", file.display());
        let hold = cache.hold(&format!("project {}", file.display()), waits).await?;
        let text = match fs::read_to_string(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            read => {
                read.map_err(|error| Error::new(Kind::Config, format!("cannot read {}: {error}", file.display())))?
            }
        };
        let (project, config) = (Project::of_text(&file, &text)?, Config::of_file(&text, &file)?);
        let (download, runtime) = (Download::new(&config.http), Handle::current());
        let get = Arc::new(move |url: &str, most| runtime.block_on(download.get(url, most)));
        let tell = Box::new(|text: &str| tracing::info!("{text}"));
        let fetcher = Fetcher::new(&project, cache, get, tell);
        Ok(Desk { project, text, fetcher, config, sources: sources.clone(), _hold: hold })
    }

    /// What the lock becomes if `juben.toml` has that text. What is not renewed stays as it was locked.
    pub(super) async fn settle(&mut self, text: String, renewed: impl Fn(&Name) -> bool) -> Result<Settled, Error> {
        let project = Project::of_text(&self.project.file, &text)?;
        let root = |(name, wanted): &(Name, Wanted)| match wanted {
            Wanted::Index(least, _) => (name.clone(), Some(least.clone())),
            _ => (name.clone(), None),
        };
        let roots: Vec<_> = project.wanted.iter().map(root).collect();
        let (fetcher, mut known) = (&mut self.fetcher, HashMap::<Name, Fetched>::new());
        let mut find = async |name: &Name, least: Option<&Least>, by: &str| {
            if let Some(fetched) = known.get(name) {
                return Ok(fetched.clone());
            }
            let own = project.wants(name);
            if let Some(locked) =
                project.lock.package(name).filter(|locked| !renewed(name) && stays(locked, own, least, &project))
            {
                return fetcher.locked(locked).await;
            }
            match (own, least) {
                (Some(Wanted::Index(_, index)), Some(least)) => {
                    fetcher.of_index(name, least, index.as_deref(), by).await
                }
                (None, Some(least)) => fetcher.of_index(name, least, None, by).await,
                (Some(wanted), _) => {
                    let fetched = fetcher.wanted(Some(name), wanted).await?;
                    known.insert(name.clone(), fetched.clone());
                    Ok(fetched)
                }
                (None, None) => Err(Error::new(Kind::NotFound, format!("{name} is not in {PROJECT}"))),
            }
        };
        let (file, old) = (self.project.file.clone(), self.text.clone());
        let find = async |name: &Name, least: Option<&Least>, by: &str| {
            find(name, least, by).await.map_err(|error| Project::at_entry(&file, &old, name, error))
        };
        let packages = resolve(&roots, find).await?;
        self.judge(&packages).await?;
        let lock = Lock::new(packages.iter().map(locked).collect());
        Ok(Settled { text, lock, packages })
    }

    /// Whether each keeps to its manifest and to the rules for packages. What is somebody else's may take long to read:
    /// that is done on a thread of its own, so that Ctrl-C is heard.
    async fn judge(&self, packages: &[Fetched]) -> Result<(), Error> {
        let library = engine::library(catalog(&self.config)?);
        let installed = Arc::new(Installed::new(packages.iter().map(|fetched| fetched.package.clone()).collect()));
        let sources = self.sources.with(installed.clone());
        let each = move || {
            installed.packages().iter().try_for_each(|package| {
                let mut pieces = engine::parts_of_modules(package, &library, &sources);
                let judged = pieces.try_for_each(|piece| piece.map(drop));
                judged.map_err(|error| (package.manifest.name.clone(), error))
            })
        };
        let judged = spawn_blocking(each).await.map_err(|_| stopped())?;
        judged.map_err(|(name, error)| self.at_entry(&name, error))
    }

    /// The error, with the line of the package in `juben.toml` as it is on the disk.
    pub(super) fn at_entry(&self, name: &Name, error: Error) -> Error {
        Project::at_entry(&self.project.file, &self.text, name, error)
    }

    /// What would change, each package that does.
    pub(super) fn changes<'a>(&'a self, settled: &'a Settled) -> Vec<Change<'a>> {
        Change::between(&self.project.lock, &settled.lock, &settled.packages)
    }

    /// Show what changes, and write it if it may be.
    pub(super) fn finish(&self, settled: &Settled, leave: &Leave) -> Result<(), Error> {
        let changes = self.changes(settled);
        for fetched in &settled.packages {
            let (name, signer) = (&fetched.package.manifest.name, fetched.package.signer.as_deref());
            trust::check(&self.project.trust, name, signer).map_err(|error| self.at_entry(name, error))?;
        }
        leave.check(&changes, |name, error| self.at_entry(name, error))?;
        self.write(settled)?;
        if self.project.folder().join(VENDOR).is_dir() && !changes.is_empty() {
            tracing::info!("the copies in vendor are behind: juben vendor");
        }
        Ok(())
    }

    /// The lock first: whoever runs a script between the two is told to update.
    fn write(&self, settled: &Settled) -> Result<(), Error> {
        if settled.lock != self.project.lock {
            settled.lock.write(self.project.folder())?;
        }
        if settled.text != self.text {
            replace(&self.project.file, &settled.text)?;
        }
        Ok(())
    }
}

/// Whether what was locked is still what is asked for. Of an index, it is if the version is the very one that is named: the
/// index is not asked then.
fn stays(locked: &Locked, own: Option<&Wanted>, least: Option<&Least>, project: &Project) -> bool {
    let is_named = || least.is_some_and(|least| *least.version() == locked.version);
    let is_of_index = matches!(locked.source, Source::Index(_));
    match own {
        Some(wanted @ Wanted::Index(..)) => locked.source.fits(wanted, &project.indexes) && is_named(),
        Some(wanted) => locked.source.fits(wanted, &project.indexes),
        None => is_of_index && is_named(),
    }
}

fn locked(fetched: &Fetched) -> Locked {
    let package = &fetched.package;
    Locked {
        name: package.manifest.name.clone(),
        version: package.manifest.version.clone(),
        source: fetched.source.clone(),
        hash: package.hash.clone(),
        rights: package.manifest.all_rights(),
        key: package.signer.clone(),
    }
}
