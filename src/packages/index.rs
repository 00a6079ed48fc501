//! An index of packages: static files in a folder or behind an address.

use super::{
    Name,
    release::{self, Release},
    unpack::LARGEST,
};
use crate::{Error, error::Kind};
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// The file that lists what there is.
pub const LISTING: &str = "index.jsonl";

/// Bytes of a listing.
const LARGEST_LISTING: u64 = 16 << 20;

/// Gets the bytes of an address, at most so many. It gives up in the end, and does not follow to another address.
pub type Fetch<'a> = dyn Fn(&str, u64) -> Result<Vec<u8>, Error> + 'a;

/// Where an index is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Here, or on a disk that several share.
    Folder(PathBuf),
    /// Below this address.
    Web(String),
}

/// An index as it was read.
#[derive(Debug, Clone)]
pub struct Index {
    place: Place,
    releases: Vec<Release>,
}

impl Place {
    /// The place of a setting: an address, or a folder as seen from that one.
    pub fn parse(text: &str, from: &Path) -> Result<Place, Error> {
        let web = text.starts_with("https://") || text.starts_with("http://");
        let wrong = |why: &str| Error::new(Kind::Config, format!("the index {text}: {why}"));
        match text {
            _ if web && text.contains(['?', '#', '@']) => {
                Err(wrong("an address with `?`, `#` or `@` is none of static files")
                    .hint("it is kept in juben.lock, so it has no passwords"))
            }
            _ if web => Ok(Place::Web(text.trim_end_matches('/').to_owned())),
            _ if text.contains("://") => Err(wrong("it begins with https:// or http://, or is a folder")),
            _ => Ok(Place::Folder(from.join(text))),
        }
    }

    /// Read a file of it.
    fn read(&self, path: &str, most: u64, fetch: &Fetch<'_>) -> Result<Vec<u8>, Error> {
        match self {
            Place::Web(address) => fetch(&format!("{address}/{path}"), most),
            Place::Folder(folder) => read_file(&folder.join(path), most),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Web(address) => f.write_str(address),
            Place::Folder(folder) => folder.display().fmt(f),
        }
    }
}

impl Index {
    /// Read the index there. Where keys are given, one of them must have signed it.
    pub fn read(place: Place, keys: &[String], fetch: &Fetch<'_>) -> Result<Index, Error> {
        let listing = text(&place, LISTING, fetch).map_err(|error| match error.kind {
            Kind::NotFound => error.hint(
                "there is no index: `url` in [[index]] is what comes before /index.jsonl, which \
                 `juben publish --to FOLDER` writes",
            ),
            _ => error,
        })?;
        let name = format!("{place}/{LISTING}");
        if !keys.is_empty() {
            let signature = text(&place, &format!("{LISTING}.minisig"), fetch).map_err(|error| match error.kind {
                Kind::NotFound => {
                    error.hint("it is not signed, and `keys` in [[index]] of juben.toml say by whom it must be")
                }
                _ => error,
            })?;
            release::check_signature(&listing, &name, &signature, keys)?;
        }
        let releases = release::read(&listing, &name)?;
        Ok(Index { place, releases })
    }

    /// Where it is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// All that it lists, by name and version.
    pub fn releases(&self) -> &[Release] {
        &self.releases
    }

    /// The versions of a package, the oldest first.
    pub fn versions(&self, name: &Name) -> impl Iterator<Item = &Release> {
        self.releases.iter().filter(move |release| release.name == *name)
    }

    /// The archive of a version, as it was listed.
    pub fn archive(&self, release: &Release, fetch: &Fetch<'_>) -> Result<Vec<u8>, Error> {
        let archive = self.place.read(&release.archive, LARGEST, fetch).map_err(|error| match error.kind {
            Kind::NotFound => error.hint("the index lists it, and does not have it; tell whoever keeps the index"),
            _ => error,
        })?;
        release.check_archive(&archive)?;
        Ok(archive)
    }
}

fn text(place: &Place, path: &str, fetch: &Fetch<'_>) -> Result<String, Error> {
    let bytes = place.read(path, LARGEST_LISTING, fetch)?;
    String::from_utf8(bytes).map_err(|_| Error::new(Kind::Denied, format!("{place}/{path} is not UTF-8")))
}

fn read_file(file: &Path, most: u64) -> Result<Vec<u8>, Error> {
    let failed = |error: io::Error| {
        let kind = if error.kind() == io::ErrorKind::NotFound { Kind::NotFound } else { Kind::File };
        Error::new(kind, format!("cannot read {}: {error}", file.display()))
    };
    let size = fs::metadata(file).map_err(failed)?.len();
    if size > most {
        return Err(Error::new(Kind::TooLarge, format!("{} has {size} bytes; it may have {most}", file.display())));
    }
    fs::read(file).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packages::Manifest;
    use std::collections::HashMap;

    const MANIFEST: &str = "name = \"team/a\"\nversion = \"1.0.0\"\nsummary = \"s\"\nlicense = \"MIT\"\n\
                            juben = \"0.1.0\"\nmodules = []\n";

    fn place() -> Place {
        Place::parse("https://packages.example.org/juben/", Path::new(".")).unwrap()
    }

    #[test]
    fn an_index_is_read_and_its_archives_are_what_it_lists() {
        let manifest = Manifest::parse(MANIFEST, "package.toml").unwrap();
        let release = Release::new(&manifest, b"archive", None);
        let mut files = HashMap::from([
            ("https://packages.example.org/juben/index.jsonl", release::write(&[release]).into_bytes()),
            ("https://packages.example.org/juben/team/a/a-1.0.0.tar.gz", b"archive".to_vec()),
        ]);
        let get = |files: &HashMap<&str, Vec<u8>>, url: &str| {
            files.get(url).cloned().ok_or_else(|| Error::new(Kind::NotFound, url))
        };
        let index = Index::read(place(), &[], &|url, _| get(&files, url)).unwrap();
        let found: Vec<_> = index.versions(&manifest.name).collect();
        assert_eq!(index.archive(found[0], &|url, _| get(&files, url)).unwrap(), b"archive");
        files.insert("https://packages.example.org/juben/team/a/a-1.0.0.tar.gz", b"Archive".to_vec());
        let error = index.archive(found[0], &|url, _| get(&files, url)).unwrap_err();
        assert!(error.message.contains("team/a 1.0.0: team/a/a-1.0.0.tar.gz is another"), "{error}");
    }

    #[test]
    fn an_index_that_must_be_signed_is() {
        let unsigned = Index::read(place(), &["RW".to_owned()], &|url, _| match url.ends_with(".minisig") {
            true => Err(Error::new(Kind::NotFound, url)),
            false => Ok(release::write(&[]).into_bytes()),
        });
        assert!(unsigned.unwrap_err().message.ends_with("index.jsonl.minisig"));
    }

    #[test]
    fn an_index_is_a_folder_or_an_address_without_secrets() {
        let parse = |text| Place::parse(text, Path::new("/home/me"));
        assert_eq!(parse("../shared").unwrap(), Place::Folder("/home/me/../shared".into()));
        for wrong in ["ftp://a", "https://me:secret@a.org", "https://a.org/?token=1", "https://a.org/#b"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
