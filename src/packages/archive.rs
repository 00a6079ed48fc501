//! A package as it is passed on, and its archive: the same bytes wherever it is packed, whatever the times, modes and
//! order of its files.

use super::{
    MANIFEST, Manifest, inspect,
    keys::PrivateKey,
    signature,
    tree::{SIGNATURE, SUMS, Tree, sha256},
};
use crate::{Error, error::Kind};
use flate2::{Compression, GzBuilder};
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Cursor},
    path::Path,
};
use tar::{Builder, Header};

/// A package with all that is passed on of it.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// What it says of itself.
    pub manifest: Manifest,
    /// Its files by their paths; of one that is signed, also the listing and its signature.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The listing of its files, without what signs it.
    pub listing: String,
    /// The public key that has signed it.
    pub signer: Option<String>,
}

impl Parcel {
    /// The package in that folder, signed with this key. Without one, it is signed if it was before.
    pub fn new(root: &Path, key: Option<&PrivateKey>) -> Result<Parcel, Error> {
        let listing = Tree::read(root)?.listing();
        let mut files = files(root, &listing)?;
        let file = root.join(MANIFEST);
        let manifest = files.get(MANIFEST).ok_or_else(|| Manifest::missing(root))?;
        let manifest = Manifest::parse(&String::from_utf8_lossy(manifest), &file.display().to_string())?;
        let signer = match key {
            Some(key) => {
                let signature = signature::sign(listing.as_bytes(), SUMS, key)?;
                files.insert(SIGNATURE.to_owned(), signature.into_bytes());
                Some(key.public()?)
            }
            None => {
                let signer = signature::check(root, &listing, &[])?;
                if signer.is_some() {
                    files.insert(SIGNATURE.to_owned(), read(&root.join(SIGNATURE))?);
                }
                signer
            }
        };
        if signer.is_some() {
            files.insert(SUMS.to_owned(), listing.clone().into_bytes());
        }
        Ok(Parcel { manifest, files, listing, signer })
    }

    /// `grants-1.2.0.tar.gz`
    pub fn file_name(&self) -> String {
        format!("{}-{}.tar.gz", self.manifest.name.short(), self.manifest.version)
    }

    /// The archive.
    pub fn archive(&self) -> Result<Vec<u8>, Error> {
        let name = self.file_name();
        let packed = packed(&self.files).map_err(|error| Error::new(Kind::File, format!("{name}: {error}")))?;
        inspect(Cursor::new(&packed), &name)?;
        Ok(packed)
    }
}

/// The files of a listing, each as it was listed.
fn files(root: &Path, listing: &str) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let listed = listing.lines().filter_map(|line| line.split_once("  "));
    let files = listed.map(|(sum, path)| {
        let content = read(&root.join(path))?;
        match sha256(&content) == sum {
            true => Ok((path.to_owned(), content)),
            false => Err(Error::new(Kind::File, format!("{path} has changed while it was packed")).hint("try again")),
        }
    });
    files.collect()
}

fn read(file: &Path) -> Result<Vec<u8>, Error> {
    fs::read(file).map_err(|error| Error::new(Kind::File, format!("cannot read {}: {error}", file.display())))
}

fn packed(files: &BTreeMap<String, Vec<u8>>) -> io::Result<Vec<u8>> {
    const UNKNOWN_SYSTEM: u8 = 255;
    let gzip = GzBuilder::new().mtime(0).operating_system(UNKNOWN_SYSTEM).write(Vec::new(), Compression::best());
    let mut archive = Builder::new(gzip);
    for (path, content) in files {
        let mut header = Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        archive.append_data(&mut header, path, content.as_slice())?;
    }
    archive.into_inner()?.finish()
}
