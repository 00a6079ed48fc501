//! Reads the folder of a package: its files, what it says of itself, and who has signed it.

use super::{MANIFEST, Manifest, Package, Tree, signature};
use crate::{
    Error,
    error::Kind,
    files::{self, LARGEST_TEXT},
};
use semver::Version;
use std::{io, path::Path};

/// The package in this folder; who has signed it may be one of the `keys` that are known. What is damaged or was made for a
/// later juben is none.
pub fn read(root: &Path, keys: &[String]) -> Result<Package, Error> {
    let (manifest, text) = read_manifest(root)?;
    let tree = Tree::read(root)?;
    if !tree.has(MANIFEST, text.as_bytes()) {
        let message = format!("{} has changed while it was read", root.join(MANIFEST).display());
        return Err(Error::new(Kind::Conflict, message).hint("try again"));
    }
    let signer = signature::check(root, &tree.listing(), keys)?;
    check_age(&manifest)?;
    Ok(Package { manifest, root: root.to_owned(), hash: tree.hash(), tree: tree.into(), signer })
}

/// With its text.
fn read_manifest(root: &Path) -> Result<(Manifest, String), Error> {
    let file = root.join(MANIFEST);
    let text = files::text(&file, LARGEST_TEXT).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            Error::new(Kind::Config, format!("{} is no package: it has no {MANIFEST}", root.display())).hint(format!(
                "{MANIFEST} lies at its top; in a git repository name the folder that has it: --subfolder"
            ))
        }
        _ => Error::new(Kind::File, format!("cannot read {}: {error}", file.display())),
    })?;
    Ok((Manifest::parse(&text, &file.display().to_string())?, text))
}

/// Whether it is for this juben.
pub(super) fn check_age(manifest: &Manifest) -> Result<(), Error> {
    let own: Version = env!("CARGO_PKG_VERSION").parse().unwrap_or(Version::new(0, 0, 0));
    let Manifest { name, version, juben, .. } = manifest;
    if *juben <= own {
        return Ok(());
    }
    let message = format!("{name} {version} needs juben {juben}, and this is {own}");
    Err(Error::new(Kind::Config, message).hint("install that juben, or ask for an older version of the package"))
}
