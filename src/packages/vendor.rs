//! Copies of packages beside `juben.toml`, which are looked at first: so that scripts run where nothing can be fetched.

use super::{
    Name, Package,
    project::VENDOR,
    tree::{SUMS, Tree},
};
use crate::{Error, error::Kind};
use std::{fs, io, path::Path};

/// Copy these packages to where the project looks first, and remove the copies of others.
pub fn vendor(folder: &Path, packages: &[Package]) -> Result<(), Error> {
    let vendor = folder.join(VENDOR);
    let failed = |error: io::Error| Error::new(Kind::File, format!("cannot write {}: {error}", vendor.display()));
    fs::create_dir_all(&vendor).map_err(failed)?;
    for package in packages {
        let fresh = tempfile::Builder::new().prefix(".fresh-").tempdir_in(&vendor).map_err(failed)?;
        let (copy, old) = (fresh.path().join("new"), fresh.path().join("old"));
        let tree = Tree::read(&package.root)?;
        fs::create_dir(&copy).map_err(failed)?;
        tree.copy(&package.root, &copy)?;
        // So that a copy says by itself which of its files has changed.
        fs::write(copy.join(SUMS), tree.listing()).map_err(failed)?;
        let place = vendor.join(package.manifest.name.as_str());
        let swap = || {
            fs::create_dir_all(vendor.join(package.manifest.name.team()))?;
            if place.exists() {
                fs::rename(&place, &old)?;
            }
            fs::rename(&copy, &place)
        };
        swap().map_err(failed)?;
    }
    forget_others(&vendor, packages).map_err(failed)
}

/// Remove the copies of packages that are no longer locked, and nothing that is no package.
fn forget_others(vendor: &Path, packages: &[Package]) -> io::Result<()> {
    for team in fs::read_dir(vendor)?.collect::<Result<Vec<_>, _>>()? {
        if !team.file_type()?.is_dir() {
            continue;
        }
        for copy in fs::read_dir(team.path())?.collect::<Result<Vec<_>, _>>()? {
            let name = format!("{}/{}", team.file_name().display(), copy.file_name().display());
            let is_locked = packages.iter().any(|package| package.manifest.name.as_str() == name);
            let is_copy = name.parse::<Name>().is_ok() && copy.path().join(SUMS).is_file();
            if is_copy && !is_locked {
                fs::remove_dir_all(copy.path())?;
            }
        }
        // Only an empty one is removed.
        fs::remove_dir(team.path()).ok();
    }
    Ok(())
}
