//! A folder with a `juben.toml` and a `juben.lock`: which packages its scripts may import, and whether they are what they
//! were when they were locked. Nothing is fetched here.

use super::{
    Cache, Installed, LOCK, Lock, Locked, Manifest, Name, Package, Source, Wanted,
    place::place,
    read::read,
    resolve::reached,
    tree::{SUMS, Tree, sha256},
    trust,
};
use crate::{
    Error,
    config::{self, Config},
    error::Kind,
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The file that makes a folder a project.
pub const PROJECT: &str = "juben.toml";

/// The folder beside it that has copies of the packages.
pub const VENDOR: &str = "vendor";

/// A folder whose scripts import packages.
#[derive(Debug, Clone)]
pub struct Project {
    /// Its `juben.toml`.
    pub file: PathBuf,
    /// What its scripts import.
    pub wanted: Vec<(Name, Wanted)>,
    /// Where packages are published.
    pub indexes: Vec<config::Index>,
    /// Who may have signed them.
    pub trust: config::Trust,
    /// What was locked.
    pub lock: Lock,
}

/// Where a package is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Home {
    Vendor,
    Path,
    Cache,
}

impl Project {
    /// The packages of scripts in this folder: those of the `juben.toml` there or above, if there is one.
    pub fn packages_of(folder: &Path) -> Result<Installed, Error> {
        let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let mut files = whole.ancestors().map(|folder| folder.join(PROJECT));
        files
            .find(|file| file.is_file())
            .map_or_else(|| Ok(Installed::default()), |file| Project::open(&file)?.installed())
    }

    /// The project of that `juben.toml`.
    pub fn open(file: &Path) -> Result<Project, Error> {
        let text = fs::read_to_string(file)
            .map_err(|error| Error::new(Kind::Config, format!("cannot read {}: {error}", file.display())))?;
        Project::of_text(file, &text)
    }

    /// The same, if its `juben.toml` had this text.
    pub fn of_text(file: &Path, text: &str) -> Result<Project, Error> {
        let Config { packages, index: indexes, trust, .. } = Config::of_file(text, file)?;
        let read = |(name, entry): (&String, &config::Package)| -> Result<_, Error> {
            let name: Name = name.parse().map_err(|reason: String| Error::new(Kind::Config, reason))?;
            let wanted = Wanted::read(&name, entry).map_err(|error| Project::at_entry(file, text, &name, error))?;
            Ok((name, wanted))
        };
        let wanted = packages.iter().map(read).collect::<Result<_, _>>()?;
        let mut project = Project { file: file.to_owned(), wanted, indexes, trust, lock: Lock::default() };
        project.lock = Lock::read(project.folder())?.unwrap_or_default();
        Ok(project)
    }

    /// The error, with the line of the package in the text of that `juben.toml`, if it has one.
    pub fn at_entry(file: &Path, text: &str, name: &Name, error: Error) -> Error {
        let shown = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
        let Some(entry) = place(text, &shown, &["packages", name.as_str()]) else { return error };
        let told = error.reworded(error.kind, format!("{shown}:{}: {}", entry.line, error.message));
        error.place.clone().into_iter().fold(told, Error::at)
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        self.file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// What its `juben.toml` asks for of that package.
    pub fn wants(&self, name: &Name) -> Option<&Wanted> {
        self.wanted.iter().find(|(wanted, _)| wanted == name).map(|(_, wanted)| wanted)
    }

    /// Its packages, each found to be what was locked. What is missing or differs is refused by name.
    pub fn installed(&self) -> Result<Installed, Error> {
        if self.wanted.is_empty() && self.lock.packages().is_empty() {
            return Ok(Installed::default());
        }
        self.wanted.iter().try_for_each(|(name, wanted)| self.check_wanted(name, wanted))?;
        let packages = self.lock.packages().iter().map(|locked| self.package(locked)).collect::<Result<Vec<_>, _>>()?;
        self.check_needs(&packages)?;
        Ok(Installed::new(packages))
    }

    /// Its packages as they are now, whatever they were when they were locked: for those who only look. What cannot be read
    /// is left out.
    pub fn present(&self) -> Installed {
        let read_now = |locked| self.place(locked).and_then(|(_, root)| read(&root, &self.keys())).ok();
        Installed::new(self.lock.packages().iter().filter_map(read_now).collect())
    }

    /// The keys that are known here: those of its list, and those of what was locked.
    pub fn keys(&self) -> Vec<String> {
        let locked = self.lock.packages().iter().filter_map(|locked| locked.key.as_ref());
        self.trust.values().flatten().chain(locked).cloned().collect()
    }

    /// The package that was locked, if it is what it was then.
    pub fn package(&self, locked: &Locked) -> Result<Package, Error> {
        let (home, root) = self.place(locked)?;
        let package = read(&root, &self.keys()).map_err(|error| match home {
            // It is a copy, of which there is a good one.
            Home::Vendor | Home::Cache => error.hint(home.mended(&locked.name)),
            Home::Path => error,
        })?;
        let refused = |reason: String| {
            let message = format!("{} {} is not what {LOCK} says: {reason}", locked.name, locked.version);
            Err(Error::new(Kind::Denied, message).hint(home.mended(&locked.name)))
        };
        if package.hash != locked.hash {
            let difference = difference(&package.tree, &root, &locked.hash);
            return refused(format!("{difference} in {}", root.display()));
        }
        let Manifest { name, version, .. } = &package.manifest;
        let told = |key: &Option<String>| key.clone().unwrap_or("nobody".to_owned());
        if (name, version) != (&locked.name, &locked.version) {
            return refused(format!("its package.toml says {name} {version}"));
        }
        if package.manifest.all_rights() != locked.rights {
            return refused("its package.toml asks for other rights".to_owned());
        }
        if package.signer != locked.key {
            return refused(format!("it is signed by {}, and was by {}", told(&package.signer), told(&locked.key)));
        }
        trust::check(&self.trust, name, package.signer.as_deref())?;
        Ok(package)
    }

    /// Where the files of a package are: with the project, in their own folder, or in the cache.
    fn place(&self, locked: &Locked) -> Result<(Home, PathBuf), Error> {
        let vendored = self.folder().join(VENDOR).join(locked.name.as_str());
        if vendored.exists() {
            return Ok((Home::Vendor, vendored));
        }
        let (home, root) = match &locked.source {
            Source::Path(path) => (Home::Path, self.folder().join(path)),
            _ => (Home::Cache, Cache::open()?.package(&locked.hash)),
        };
        if root.is_dir() {
            return Ok((home, root));
        }
        let message = match home {
            Home::Path => format!("the folder of {}, {}, is not there", locked.name, root.display()),
            _ => format!("{} {} is not on this machine, and a run fetches nothing", locked.name, locked.version),
        };
        Err(Error::new(Kind::Config, message).hint(home.mended(&locked.name)))
    }

    /// Whether the lock has what `juben.toml` asks for.
    fn check_wanted(&self, name: &Name, wanted: &Wanted) -> Result<(), Error> {
        let wrong = |message: String| {
            Err(Error::new(Kind::Config, message).hint(format!("`juben update {name}` fetches it and writes {LOCK}")))
        };
        let Some(locked) = self.lock.package(name) else {
            return wrong(format!("{LOCK} does not have {name}, which juben.toml asks for"));
        };
        if !locked.source.fits(wanted, &self.indexes) {
            return wrong(format!("juben.toml asks for {name} from another source than {LOCK} has: {}", locked.source));
        }
        match wanted {
            Wanted::Index(least, _) if !least.admits(&locked.version) => {
                wrong(format!("juben.toml asks for {name} {least}, and {LOCK} has {}", locked.version))
            }
            _ => Ok(()),
        }
    }

    /// Whether the lock has what the packages need, and nothing else.
    fn check_needs(&self, packages: &[Package]) -> Result<(), Error> {
        let wrong =
            |message: String| Err(Error::new(Kind::Config, message).hint(format!("`juben update` writes {LOCK} anew")));
        let manifests: BTreeMap<_, _> = packages.iter().map(|it| (&it.manifest.name, &it.manifest)).collect();
        for manifest in manifests.values() {
            for (needed, least) in &manifest.dependencies {
                match manifests.get(needed) {
                    None => return wrong(format!("{LOCK} does not have {needed}, which {} needs", manifest.name)),
                    Some(found) if !least.admits(&found.version) => {
                        let (name, version) = (&manifest.name, &found.version);
                        return wrong(format!("{name} needs {needed} {least}, and {LOCK} has {version}"));
                    }
                    Some(_) => {}
                }
            }
        }
        let roots: Vec<_> = self.wanted.iter().map(|(name, _)| name).collect();
        let reached = reached(&roots, &manifests)?;
        match manifests.keys().find(|name| !reached.contains(**name)) {
            Some(name) => wrong(format!("{LOCK} has {name}, which nothing needs")),
            None => Ok(()),
        }
    }
}

impl Home {
    /// What to do about a package there that is missing or damaged.
    fn mended(self, name: &Name) -> String {
        match self {
            Home::Vendor => "`juben vendor` copies it anew, as it was locked".to_owned(),
            Home::Path => format!("if the change is meant: juben update {name}"),
            Home::Cache => "`juben update --locked` fetches what was locked".to_owned(),
        }
    }
}

/// What differs in a tree from the one that was locked, by name where its listing is still known.
fn difference(tree: &Tree, root: &Path, hash: &str) -> String {
    let kept = || Cache::open().ok()?.listing(hash);
    let beside = fs::read_to_string(root.join(SUMS)).ok().filter(|listing| sha256(listing.as_bytes()) == hash);
    let listing = beside.or_else(kept);
    listing.and_then(|listing| tree.difference(&listing)).unwrap_or_else(|| "the files have changed".to_owned())
}
