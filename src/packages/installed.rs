//! The packages that a run may import: those of the lock file, each as it was locked.

use super::{Manifest, Name, Tree};
use crate::{Error, error::Kind, lock::lock};
use std::{
    collections::HashMap,
    fs,
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex},
};

/// A larger module is not read.
const LARGEST: u64 = 1 << 20;

/// A package on the disk whose files are what the lock file says.
#[derive(Debug, Clone, PartialEq)]
pub struct Package {
    /// What it says of itself.
    pub manifest: Manifest,
    /// Where it is.
    pub root: PathBuf,
    /// Its files, as they were when they were checked.
    pub tree: Arc<Tree>,
    /// SHA-256 of its tree, in hex.
    pub hash: String,
    /// The public key that has signed it, in minisign's form.
    pub signer: Option<String>,
}

/// A module of a package.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<'a> {
    /// Whose it is.
    pub package: &'a Package,
    /// Its name in reports: `team/grants/grants.rhai`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// The packages of a project.
#[derive(Debug, Clone, Default)]
pub struct Installed {
    packages: Vec<Package>,
    /// Each module is read once: what was judged is what runs.
    texts: Arc<Mutex<HashMap<String, String>>>,
}

impl Installed {
    /// These packages.
    pub fn new(packages: Vec<Package>) -> Installed {
        Installed { packages, texts: Arc::default() }
    }

    /// Each of them.
    pub fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// The package of that name.
    pub fn package(&self, name: &Name) -> Option<&Package> {
        self.packages.iter().find(|package| package.manifest.name == *name)
    }

    /// The package that a module belongs to, by its name in reports.
    pub fn owner(&self, module: &str) -> Option<&Package> {
        let mut steps = module.splitn(3, '/');
        let name = format!("{}/{}", steps.next()?, steps.next()?).parse().ok()?;
        steps.next().and_then(|_| self.package(&name))
    }

    /// The module of a package that an import means, `None` where it means none: a file beside the script, or a module of
    /// the standard library. Who imports is told by the name of the importing text in reports.
    pub fn find(&self, importer: &str, name: &str) -> Result<Option<Found<'_>>, Error> {
        let from = self.owner(importer);
        let Some((package, module)) = self.of_package(name) else {
            let own = from.map(|own| self.module(own, name)).transpose()?;
            return Ok(own.flatten());
        };
        match from {
            Some(own) if own.manifest.name == package.manifest.name => return self.module(own, &module),
            Some(own) if !own.manifest.dependencies.contains_key(&package.manifest.name) => {
                let (own, name) = (&own.manifest.name, &package.manifest.name);
                let message = format!("{own} imports {name}, which is none of its dependencies");
                let hint = format!("add it to [dependencies] in the package.toml of {own}: \"{name}\" = \"1.0.0\"");
                return Err(Error::new(Kind::Usage, message).hint(hint));
            }
            _ => {}
        }
        let exported = &package.manifest.modules;
        if !exported.contains(&module) {
            let message = format!("{} has no module {module:?} for others", package.manifest.name);
            let error = Error::new(Kind::Usage, message).hint(format!("it has {}", exported.join(", ")));
            return Err(error.hint_names(&module, exported.iter().map(String::as_str)));
        }
        self.module(package, &module)?.map(Some).ok_or_else(|| {
            let message = format!("{} has no file {module}.rhai, which its package.toml names", package.manifest.name);
            Error::new(Kind::Usage, message).hint(mended(package))
        })
    }

    /// The package that a name in an import begins with, and its module: the one that is named like it, or the rest.
    fn of_package(&self, name: &str) -> Option<(&Package, String)> {
        let mut steps = name.splitn(3, '/');
        let package = self.package(&format!("{}/{}", steps.next()?, steps.next()?).parse().ok()?)?;
        let module = steps.next().unwrap_or(package.manifest.name.short());
        Some((package, module.to_owned()))
    }

    /// A file of a package.
    fn module<'a>(&self, package: &'a Package, module: &str) -> Result<Option<Found<'a>>, Error> {
        let plain = |part: Component| matches!(part, Component::Normal(_));
        let steps = || Path::new(module).components();
        let is_plain = steps().all(plain) && steps().count() == module.split('/').count();
        if module.is_empty() || !is_plain || module.contains(['\\', ':', '\0']) {
            let message = format!("{} imports {module:?}, which is no name of a module", package.manifest.name);
            let hint = "a package imports its own files, its dependencies and the standard library";
            return Err(Error::new(Kind::Usage, message).hint(hint));
        }
        let name = format!("{}/{module}.rhai", package.manifest.name);
        let found = |text| Some(Found { package, name: name.clone(), text });
        if let Some(text) = lock(&self.texts).get(&name) {
            return Ok(found(text.clone()));
        }
        let Some(text) = read(package, &format!("{module}.rhai"))? else { return Ok(None) };
        lock(&self.texts).insert(name.clone(), text.clone());
        Ok(found(text))
    }
}

/// What to do about a package that is not as it should be: who reads it may have written it.
fn mended(package: &Package) -> String {
    let name = &package.manifest.name;
    format!("if {name} is yours, mend it and run `juben update {name}`; else ask its authors for another version")
}

/// The text of a file below the root of a package, if it is still what was checked.
fn read(package: &Package, path: &str) -> Result<Option<String>, Error> {
    let (file, root) = (package.root.join(path).canonicalize(), package.root.canonicalize());
    let (Ok(file), Ok(root)) = (file, root) else { return Ok(None) };
    let refused = |reason: &str| {
        Error::new(Kind::Usage, format!("{path} of {} {reason}", package.manifest.name)).hint(mended(package))
    };
    if file.strip_prefix(&root) != Ok(Path::new(path)) {
        return Err(refused("is a link, which no package may have"));
    }
    let unreadable = |error: std::io::Error| refused(&format!("cannot be read: {error}"));
    if fs::metadata(&file).map_err(unreadable)?.len() > LARGEST {
        return Err(refused(&format!("is larger than {} MB, which no module is", LARGEST >> 20)));
    }
    let text = fs::read_to_string(&file).map_err(unreadable)?;
    if !package.tree.has(path, text.as_bytes()) {
        let message = format!("{path} of {} has changed since the package was checked", package.manifest.name);
        return Err(Error::new(Kind::Denied, message).hint("start again, and all of its files are checked anew"));
    }
    Ok(Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)))
}
