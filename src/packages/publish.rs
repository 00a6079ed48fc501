//! Publishes a package into an index that is a folder.

use super::{
    Index, LISTING, Parcel, Place, Release, Tree, keys::PrivateKey, lock::replace, release::write, signature::sign,
    unpack,
};
use crate::{Error, error::Kind};
use std::{
    fs::{self, File},
    io::{self, Cursor},
    path::{Path, PathBuf},
};

/// How publishing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// It was not there before.
    New,
    /// It was there already, with the same files.
    Before,
    /// So it was, but not signed, and stays so.
    Unsigned,
}

/// Put a package into the index in that folder, which is made if it is not there. The listing is signed with this key. An
/// index that is signed must be by that key or by one of these.
pub fn publish(
    folder: &Path,
    parcel: &Parcel,
    key: Option<&PrivateKey>,
    trusted: &[String],
) -> Result<Published, Error> {
    let failed = |error: io::Error| Error::new(Kind::File, format!("cannot write {}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(failed)?;
    // Two that publish at once do it one after the other.
    let lock = File::create(folder.join(".lock")).map_err(failed)?;
    lock.lock().map_err(failed)?;
    let mut releases = match folder.join(LISTING).is_file() {
        true => {
            let index = open(folder, key, trusted)?;
            let same = |it: &&Release| it.name == parcel.manifest.name && it.version == parcel.manifest.version;
            if let Some(there) = index.releases().iter().find(same) {
                return is_same(&index, there, parcel);
            }
            index.releases().to_vec()
        }
        false => Vec::new(),
    };
    let archive = parcel.archive()?;
    let release = Release::new(&parcel.manifest, &archive, parcel.signer.clone());
    let file = folder.join(&release.archive);
    fs::create_dir_all(file.parent().unwrap_or(folder)).map_err(failed)?;
    replace(&file, archive)?;
    releases.push(release);
    let listing = write(&releases);
    let signature = key.map(|key| sign(listing.as_bytes(), LISTING, key)).transpose()?;
    if let Some(signature) = signature {
        replace(&signature_of(folder), signature)?;
    }
    replace(&folder.join(LISTING), listing)?;
    Ok(Published::New)
}

fn signature_of(folder: &Path) -> PathBuf {
    folder.join(format!("{LISTING}.minisig"))
}

/// The index as it is. What is in it is published again under the own key, so it must be what it was.
fn open(folder: &Path, key: Option<&PrivateKey>, trusted: &[String]) -> Result<Index, Error> {
    let keys = match (signature_of(folder).is_file(), key) {
        (false, _) => Vec::new(),
        (true, Some(key)) => trusted.iter().cloned().chain([key.public()?]).collect(),
        (true, None) => {
            let message = format!("the index in {} is signed, and you have no key to sign it with", folder.display());
            return Err(Error::new(Kind::Usage, message).hint("`juben key new` makes one; choose one by --key NAME"));
        }
    };
    let nowhere = |url: &str, _| Err(Error::new(Kind::NotFound, url));
    Index::read(Place::Folder(folder.to_owned()), &keys, &nowhere)
}

/// A version that is there stays what it is.
fn is_same(index: &Index, there: &Release, parcel: &Parcel) -> Result<Published, Error> {
    let nowhere = |url: &str, _| Err(Error::new(Kind::NotFound, url));
    let archive = index.archive(there, &nowhere)?;
    let folder = tempfile::tempdir().map_err(|error| Error::new(Kind::File, format!("no folder: {error}")))?;
    let tree = folder.path().join("tree");
    unpack(Cursor::new(archive), &there.archive, &tree)?;
    match Tree::read(&tree)?.difference(&parcel.listing) {
        None if there.key.is_none() && parcel.signer.is_some() => Ok(Published::Unsigned),
        None => Ok(Published::Before),
        Some(_) => Err(taken(parcel, &index.place().to_string())),
    }
}

/// What is said where a version was published with other files.
pub(super) fn taken(parcel: &Parcel, place: &str) -> Error {
    let (name, version) = (&parcel.manifest.name, &parcel.manifest.version);
    Error::new(Kind::Conflict, format!("{place} has {name} {version} already, with other files"))
        .hint("what is published stays as it is: raise `version` in package.toml")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{packages::keys::Pair, secret::Secret};

    fn key() -> PrivateKey {
        PrivateKey::read(&Pair::new(None).unwrap().private, "a.key", || Ok(Secret::new(""))).unwrap()
    }

    /// A package of that version, with a module of that text.
    fn parcel(version: &str, text: &str, key: Option<&PrivateKey>) -> Parcel {
        let folder = tempfile::tempdir().unwrap();
        let manifest = format!(
            "name = \"team/a\"\nversion = {version:?}\nsummary = \"s\"\nlicense = \"MIT\"\njuben = \"0.1.0\"\n\
             modules = [\"a\"]\n"
        );
        fs::write(folder.path().join("package.toml"), manifest).unwrap();
        fs::write(folder.path().join("a.rhai"), text).unwrap();
        Parcel::new(folder.path(), key).unwrap()
    }

    fn versions(folder: &Path) -> Vec<String> {
        let index = open(folder, None, &[]).unwrap();
        index.releases().iter().map(|release| release.version.to_string()).collect()
    }

    #[test]
    fn a_version_is_published_once() {
        let folder = tempfile::tempdir().unwrap();
        let index = folder.path().join("index");
        let publish = |version, text| publish(&index, &parcel(version, text, None), None, &[]);
        assert_eq!(publish("1.10.0", "1").unwrap(), Published::New);
        assert_eq!(publish("1.9.0", "1").unwrap(), Published::New);
        assert_eq!(publish("1.9.0", "1").unwrap(), Published::Before);
        let error = publish("1.9.0", "2").unwrap_err();
        assert!(error.kind == Kind::Conflict && error.message.contains("team/a 1.9.0 already"), "{error}");
        assert_eq!(versions(&index), ["1.9.0", "1.10.0"]);
        let left: Vec<_> = fs::read_dir(index.join("team/a")).unwrap().map(|it| it.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "{left:?}");
    }

    #[test]
    fn a_signed_index_stays_signed() {
        let (folder, ours, theirs) = (tempfile::tempdir().unwrap(), key(), key());
        let publish = |version, key: Option<&PrivateKey>, trusted: &[String]| {
            publish(folder.path(), &parcel(version, "1", key), key, trusted)
        };
        publish("0.9.0", None, &[]).unwrap();
        assert_eq!(publish("0.9.0", Some(&ours), &[]).unwrap(), Published::Unsigned);
        publish("1.0.0", Some(&ours), &[]).unwrap();
        // Another signature of the same files is no other version.
        assert_eq!(publish("1.0.0", Some(&ours), &[]).unwrap(), Published::Before);
        assert!(publish("1.1.0", None, &[]).unwrap_err().message.contains("you have no key"));
        assert!(publish("1.1.0", Some(&theirs), &[]).unwrap_err().message.contains("none of the keys"));
        publish("1.1.0", Some(&theirs), &[ours.public().unwrap()]).unwrap();
        let nowhere = |url: &str, _| Err(Error::new(Kind::NotFound, url));
        let read =
            |key: &PrivateKey| Index::read(Place::Folder(folder.path().to_owned()), &[key.public().unwrap()], &nowhere);
        assert_eq!(read(&theirs).unwrap().releases().len(), 3);
        assert!(read(&ours).is_err());
    }

    #[test]
    fn an_index_that_was_changed_is_not_published_into() {
        let folder = tempfile::tempdir().unwrap();
        publish(folder.path(), &parcel("1.0.0", "1", None), None, &[]).unwrap();
        let listing = folder.path().join(LISTING);
        let text = fs::read_to_string(&listing).unwrap();
        fs::write(&listing, text.replace("\"s\"", "\"t\"")).unwrap();
        let error = publish(folder.path(), &parcel("1.1.0", "1", None), None, &[]).unwrap_err();
        assert!(error.message.contains("index.jsonl, line 2: it is not the SHA-256"), "{error}");
    }
}
