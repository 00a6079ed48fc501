//! Where a package is from: as `juben.toml` asks for it, and as `juben.lock` has it.

use super::{Least, Name};
use crate::{Error, config, error::Kind};
use std::{fmt, str::FromStr};

/// What `juben.toml` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A folder.
    Path(String),
    /// A folder of a git repository.
    Git(Repository),
    /// An archive.
    Archive(String),
    /// That version or a later one, of the index with that name or of the first that has it.
    Index(Least, Option<String>),
}

/// What `juben.lock` has: where exactly the files are from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A folder.
    Path(String),
    /// A commit of a git repository.
    Git(Repository, String),
    /// An archive.
    Archive(String),
    /// An index, by its address.
    Index(String),
}

/// A git repository, as far as a package is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Its address.
    pub url: String,
    /// What of it is asked for.
    pub reference: Reference,
    /// The folder that is the package.
    pub subfolder: Option<String>,
}

/// Which commit of a git repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// The newest of its main branch.
    Head,
    /// The newest of a branch.
    Branch(String),
    /// What a tag names.
    Tag(String),
    /// This one.
    Rev(String),
}

impl Wanted {
    /// What the entry of a package asks for.
    pub fn read(name: &Name, entry: &config::Package) -> Result<Wanted, Error> {
        let config::Package { path, git, tag, branch, rev, subfolder, archive, version, index } = entry.clone();
        let reference = branch.map(Reference::Branch).or(tag.map(Reference::Tag)).or(rev.map(Reference::Rev));
        let reference = reference.unwrap_or(Reference::Head);
        match (path, git, archive, version) {
            (Some(path), ..) => Ok(Wanted::Path(path.replace('\\', "/"))),
            (_, Some(url), ..) => Ok(Wanted::Git(Repository { url, reference, subfolder })),
            (_, _, Some(archive), _) => Ok(Wanted::Archive(archive.replace('\\', "/"))),
            (_, _, _, Some(version)) => {
                let wrong = |reason| Error::new(Kind::Config, format!("package `{name}`: {reason}"));
                Ok(Wanted::Index(version.parse().map_err(wrong)?, index))
            }
            _ => Err(Error::new(Kind::Config, format!("package `{name}` has no source"))),
        }
    }
}

impl Source {
    /// Whether `juben.toml` still asks for it.
    pub fn fits(&self, wanted: &Wanted, indexes: &[config::Index]) -> bool {
        match (self, wanted) {
            (Source::Path(path), Wanted::Path(wanted)) => path == wanted,
            (Source::Archive(archive), Wanted::Archive(wanted)) => archive == wanted,
            (Source::Git(repository, commit), Wanted::Git(wanted)) => {
                let is_it = !matches!(&wanted.reference, Reference::Rev(rev) if !commit.starts_with(rev));
                repository == wanted && is_it
            }
            (Source::Index(url), Wanted::Index(_, name)) => {
                indexes.iter().any(|index| index.url == *url && name.as_ref().is_none_or(|name| index.name == *name))
            }
            _ => false,
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reference::Head => Ok(()),
            Reference::Branch(name) => write!(f, "?branch={}", escaped(name)),
            Reference::Tag(name) => write!(f, "?tag={}", escaped(name)),
            Reference::Rev(name) => write!(f, "?rev={}", escaped(name)),
        }
    }
}

/// `path:../grants`, `git:URL?tag=v1.2.0#COMMIT:subfolder`, `archive:grants-1.2.0.tar.gz`, `index:URL`.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Path(path) => write!(f, "path:{}", escaped(path)),
            Source::Archive(path) => write!(f, "archive:{}", escaped(path)),
            Source::Index(url) => write!(f, "index:{}", escaped(url)),
            Source::Git(Repository { url, reference, subfolder }, commit) => {
                write!(f, "git:{}{reference}#{commit}", escaped(url))?;
                subfolder.as_ref().map_or(Ok(()), |folder| write!(f, ":{}", escaped(folder)))
            }
        }
    }
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Source, String> {
        let wrong = || format!("{text:?} is no source of a package");
        let (kind, rest) = text.split_once(':').ok_or_else(wrong)?;
        let plain = || unescaped(rest).ok_or_else(wrong);
        match kind {
            "path" => plain().map(Source::Path),
            "archive" => plain().map(Source::Archive),
            "index" => plain().map(Source::Index),
            "git" => git(rest).ok_or_else(wrong),
            _ => Err(wrong()),
        }
    }
}

fn git(text: &str) -> Option<Source> {
    let (address, commit) = text.split_once('#')?;
    let (commit, subfolder) = commit.split_once(':').map_or((commit, None), |(commit, folder)| (commit, Some(folder)));
    let (url, reference) = match address.split_once('?') {
        None => (address, Reference::Head),
        Some((url, reference)) => {
            let (kind, name) = reference.split_once('=')?;
            let name = unescaped(name)?;
            let reference = match kind {
                "branch" => Reference::Branch(name),
                "tag" => Reference::Tag(name),
                "rev" => Reference::Rev(name),
                _ => return None,
            };
            (url, reference)
        }
    };
    let is_commit = matches!(commit.len(), 40 | 64) && commit.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
    let subfolder = subfolder.map(|folder| unescaped(folder).ok_or(())).transpose().ok()?;
    is_commit.then_some(Source::Git(Repository { url: unescaped(url)?, reference, subfolder }, commit.to_owned()))
}

/// A text that stands between blanks: what divides is written as `%20`.
pub(super) fn escaped(text: &str) -> String {
    let is_plain = |it: char| !it.is_control() && !it.is_whitespace() && !matches!(it, '%' | '#' | '?' | ',');
    let escape = |letter: char| letter.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
    text.chars().map(|letter| if is_plain(letter) { letter.to_string() } else { escape(letter) }).collect()
}

/// The text again.
pub(super) fn unescaped(text: &str) -> Option<String> {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        bytes.push(u8::from_str_radix(piece.get(..2)?, 16).ok()?);
        bytes.extend(piece[2..].as_bytes());
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn a_source_is_written_as_it_is_read() {
        for text in [
            "path:../grants",
            "path:../my%20grants%23%3F%25",
            "path:剧本/grants",
            "archive:base-1.0.0.tar.gz",
            "index:https://example.org/juben",
            &format!("git:https://example.org/a.git#{COMMIT}"),
            &format!("git:git@example.org:team/a.git?tag=v1.2.0#{COMMIT}:packages/a"),
        ] {
            assert_eq!(text.parse::<Source>().unwrap().to_string(), text);
        }
        for wrong in ["", "path", "http:x", "git:https://example.org/a.git", "git:u#12", "path:%", "path:%zz"] {
            assert!(wrong.parse::<Source>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_source_that_is_no_longer_asked_for_does_not_fit() {
        let repository = |reference| Repository { url: "u".into(), reference, subfolder: None };
        let tagged = |tag: &str| repository(Reference::Tag(tag.into()));
        let locked = Source::Git(tagged("v1"), COMMIT.into());
        assert!(locked.fits(&Wanted::Git(tagged("v1")), &[]));
        assert!(!locked.fits(&Wanted::Git(tagged("v2")), &[]));
        assert!(!locked.fits(&Wanted::Path("u".into()), &[]));
        let index = |name: &str, url: &str| config::Index { name: name.into(), url: url.into(), keys: Vec::new() };
        let indexes = [index("a", "one"), index("b", "two")];
        let wanted = |name: Option<&str>| Wanted::Index("1".parse().unwrap(), name.map(str::to_owned));
        assert!(Source::Index("two".into()).fits(&wanted(None), &indexes));
        assert!(!Source::Index("two".into()).fits(&wanted(Some("a")), &indexes));
    }
}
