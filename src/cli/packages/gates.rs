//! What must hold before a package is published: its manifest covers its code, and its checks and tests pass.

use super::judge::judge;
use crate::{
    Error,
    cli::{Common, apis::catalog_of, check::Check, test::Test},
    config::Config,
    engine::library,
    error::Kind,
    packages::{Installed, Package, Parcel, Project, Tree, tree::sha256},
};
use std::{path::Path, process::ExitCode, sync::Arc};

/// Whether the package in that folder may be published. What is wrong is told as `juben check` and `juben test` do.
pub(super) async fn pass(parcel: &Parcel, root: &Path, common: &Common) -> Result<(), Error> {
    let common = Common { quiet: true, ..common.clone() };
    let package = Package {
        manifest: parcel.manifest.clone(),
        root: root.to_owned(),
        tree: Tree::listed(&parcel.listing).into(),
        hash: sha256(parcel.listing.as_bytes()),
        signer: parcel.signer.clone(),
    };
    // What it imports itself comes from the project that it lies in.
    let (_, project) = Config::load_from(common.config.as_deref(), &root.canonicalize().unwrap_or_default())?;
    let installed = project.map(|file| Project::open(&file)?.installed()).transpose()?.unwrap_or_default();
    let others = installed.packages().iter().filter(|other| other.manifest.name != package.manifest.name);
    let packages = Installed::new(others.cloned().chain([package.clone()]).collect());
    judge(&package, &library(catalog_of(&common)?), &Arc::new(packages))?;
    let name = &package.manifest.name;
    if Check::of(root).execute(&common)? != ExitCode::SUCCESS {
        return Err(Error::new(Kind::Usage, format!("{name} is not published: there are mistakes in it"))
            .hint(format!("juben check {}", root.display())));
    }
    if Test::of(root).execute(&common).await? != ExitCode::SUCCESS {
        return Err(Error::new(Kind::Assertion, format!("{name} is not published: not all of its tests pass"))
            .hint(format!("juben test {}", root.display())));
    }
    match Tree::read(root)?.difference(&parcel.listing) {
        Some(what) => {
            Err(Error::new(Kind::Conflict, format!("{name} has changed while it was tested: {what}")).hint("try again"))
        }
        None => Ok(()),
    }
}
