//! The packages that a run may import: those of the lock file, each as it was locked.

use super::{Manifest, Name};
use std::path::PathBuf;

/// A package on the disk whose files are what the lock file says.
#[derive(Debug, Clone, PartialEq)]
pub struct Package {
    /// What it says of itself.
    pub manifest: Manifest,
    /// Where it is.
    pub root: PathBuf,
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
}

impl Installed {
    /// These packages.
    pub fn new(packages: Vec<Package>) -> Installed {
        Installed { packages }
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
}
