//! What is wrong with the package in a folder, for who writes it: `check`, `pack` and `publish` say the same of it.

use crate::{
    Error,
    analysis::{Rights, Source},
    cli::{Common, apis::catalog_of},
    config::Config,
    engine::{self, Sources, library},
    error::{Kind, Place},
    files::{self, LARGEST_TEXT},
    packages::{self, Installed, LOCK, Least, MANIFEST, Manifest, Name, Package, Project, Tree, place},
};
use std::{fs, io, path::Path, sync::Arc};

/// What is known of a package in a folder.
pub(in crate::cli) struct Inspected {
    /// The text of its manifest, by the path of the file.
    pub manifest: Source,
    /// What is wrong, the manifest first. Each names the file as the user does.
    pub faults: Vec<Error>,
    /// The other texts that these are about.
    pub texts: Vec<Source>,
    /// What its code can do.
    pub rights: Rights,
}

/// Where packages are written that others are to have.
struct Workshop<'a> {
    root: &'a Path,
    manifest: &'a Manifest,
    /// The text of that.
    source: &'a Source,
}

/// Look at the package in that folder.
pub(in crate::cli) fn inspect(root: &Path, common: &Common) -> Result<Inspected, Error> {
    let file = root.join(MANIFEST);
    let text = files::text(&file, LARGEST_TEXT).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => Error::new(Kind::Config, format!("{} is not UTF-8", file.display())),
        _ => Manifest::missing(root),
    })?;
    let source = Source::new(file.display().to_string(), text);
    let mut inspected =
        Inspected { manifest: source.clone(), faults: Vec::new(), texts: Vec::new(), rights: Rights::default() };
    let manifest = match Manifest::placed(&source.text, &source.name) {
        Ok(manifest) => manifest,
        Err(error) => {
            inspected.faults.push(error);
            return Ok(inspected);
        }
    };
    inspected.faults = packages::faults(&manifest, &source.text, &source.name);
    let workshop = Workshop { root, manifest: &manifest, source: &source };
    let tree = match Tree::read(root) {
        Ok(tree) => tree,
        Err(error) => {
            inspected.faults.push(error);
            return Ok(inspected);
        }
    };
    let package = Package {
        manifest: manifest.clone(),
        root: root.to_owned(),
        hash: tree.hash(),
        tree: tree.into(),
        signer: None,
    };
    let (others, missing) = workshop.others(common)?;
    inspected.faults.extend(missing);
    let all = Arc::new(Installed::new(others.into_iter().chain([package.clone()]).collect()));
    let library = library(catalog_of(common)?);
    for error in engine::parts_of_modules(&package, &library, &Sources::of(all.clone())).filter_map(Result::err) {
        let (error, text) = workshop.named(error, &all);
        if !inspected.faults.iter().any(|fault| (&fault.message, &fault.place) == (&error.message, &error.place)) {
            inspected.faults.push(error);
            inspected.texts.extend(text);
        }
    }
    if inspected.faults.is_empty() {
        inspected.rights = engine::judge(&package, &library, all)?.rights;
    }
    Ok(inspected)
}

impl Inspected {
    /// The first of what is wrong, if anything is; `sources` gets the texts that a report shows.
    pub(super) fn whole(self, sources: &Sources) -> Result<(), Error> {
        [&self.manifest].into_iter().chain(&self.texts).for_each(|source| sources.add(&source.name, &source.text));
        self.faults.into_iter().next().map_or(Ok(()), Err)
    }
}

impl Workshop<'_> {
    /// What it imports itself, which comes from the project that it lies in; and what is wrong with that.
    fn others(&self, common: &Common) -> Result<(Vec<Package>, Vec<Error>), Error> {
        let dependencies = &self.manifest.dependencies;
        if dependencies.is_empty() {
            return Ok(Default::default());
        }
        let (_, file) = Config::load_from(common.config.as_deref(), &self.root.canonicalize().unwrap_or_default())?;
        let project = file.map(|file| Project::open(&file)).transpose()?;
        let (mut found, mut faults) = (Vec::<Package>::new(), Vec::new());
        // Each with the dependency that it is there for.
        let mut waiting: Vec<_> =
            dependencies.iter().rev().map(|(name, least)| (name.clone(), name.clone(), least.clone())).collect();
        while let Some((own, name, least)) = waiting.pop() {
            if name == self.manifest.name || found.iter().any(|it| it.manifest.name == name) {
                continue;
            }
            match self.other(project.as_ref(), &name, &least) {
                Ok(package) => {
                    let further = package.manifest.dependencies.iter();
                    waiting.extend(further.map(|(name, least)| (own.clone(), name.clone(), least.clone())));
                    found.push(package);
                }
                Err(error) => faults.extend([self.at(error, &["dependencies", own.as_str()])]),
            }
        }
        Ok((found, faults))
    }

    fn other(&self, project: Option<&Project>, name: &Name, least: &Least) -> Result<Package, Error> {
        let add = format!("the project that the package lies in has what it needs: juben add {name}");
        let Some(project) = project else {
            let message =
                format!("{name} {least} is nowhere: there is no juben.toml in {} or above", self.root.display());
            return Err(Error::new(Kind::Config, message).hint(add));
        };
        match project.lock.package(name) {
            None => {
                let known = project.lock.packages().iter().map(|locked| locked.name.as_str());
                let message = format!("{name} {least} is nowhere: {LOCK} of {} has none", project.file.display());
                Err(Error::new(Kind::Config, message).hint_names(name.as_str(), known).hint(add))
            }
            Some(locked) if !least.admits(&locked.version) => {
                let message = format!("{name} {least} is needed, and {LOCK} of the project has {}", locked.version);
                Err(Error::new(Kind::Config, message).hint(add))
            }
            Some(locked) => project.package(locked),
        }
    }

    /// The error with the file of its place as the user calls it, and the text of that file. What has no place is about
    /// the modules that the manifest names.
    fn named(&self, error: Error, all: &Installed) -> (Error, Option<Source>) {
        let Some(place) = &error.place else {
            let hint = "`modules` names the files that others may import: add the file, or take its name out";
            return (self.at(error.hint(hint), &["modules"]), None);
        };
        let file = all.owner(&place.file).and_then(|owner| {
            let path = place.file.strip_prefix(owner.manifest.name.as_str())?.strip_prefix('/')?;
            Some(owner.root.join(path))
        });
        let Some(file) = file else { return (error, None) };
        let text = fs::read_to_string(&file).unwrap_or_default();
        let source = Source::new(file.display().to_string(), text.trim_start_matches('\u{feff}'));
        let place = Place { file: source.name.clone(), ..place.clone() };
        (error.reworded(error.kind, error.message.clone()).at(place), Some(source))
    }

    fn at(&self, error: Error, keys: &[&str]) -> Error {
        place(&self.source.text, &self.source.name, keys).into_iter().fold(error, Error::at)
    }
}
