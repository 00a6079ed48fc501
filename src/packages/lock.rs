//! `juben.lock`: what exactly the packages of a project are. The same packages make the same bytes, on every system.

use super::{
    Name, Source,
    source::{escaped, unescaped},
    tree::sha256,
};
use crate::{
    Error,
    error::Kind,
    files::{self, LARGEST_TEXT},
    rights::{Right, Rights},
};
use semver::Version;
use std::{fmt, fs, io, path::Path, str::FromStr};

/// The file beside `juben.toml`.
pub const LOCK: &str = "juben.lock";

/// The first line.
const HEAD: &str = "# juben.lock 1, written by `juben add`, `remove` and `update`; keep it with your scripts";

/// Letters of the check at the end of a line.
const CHECK: usize = 8;

/// What the packages of a project are, in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    packages: Vec<Locked>,
}

/// One package of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// What it is called.
    pub name: Name,
    /// Which version it is.
    pub version: Version,
    /// Where it is from.
    pub source: Source,
    /// SHA-256 of its tree, in hex.
    pub hash: String,
    /// What it may ask for.
    pub rights: Rights,
    /// The public key that has signed it.
    pub key: Option<String>,
}

impl Lock {
    /// Of these packages.
    pub fn new(mut packages: Vec<Locked>) -> Lock {
        packages.sort_by(|a, b| a.name.cmp(&b.name));
        Lock { packages }
    }

    /// Each of them.
    pub fn packages(&self) -> &[Locked] {
        &self.packages
    }

    /// The package of that name.
    pub fn package(&self, name: &Name) -> Option<&Locked> {
        self.packages.iter().find(|locked| locked.name == *name)
    }

    /// The lock of the project in this folder; none where nothing is locked.
    pub fn read(folder: &Path) -> Result<Option<Lock>, Error> {
        let path = folder.join(LOCK);
        match files::text(&path, LARGEST_TEXT) {
            Ok(text) => Lock::parse(&text, &path.display().to_string()).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::new(Kind::Config, format!("cannot read {}: {error}", path.display()))),
        }
    }

    /// Read the text of a lock, every byte of which counts; `file` names it in errors.
    pub fn parse(text: &str, file: &str) -> Result<Lock, Error> {
        let wrong = |line: usize, reason: &str| {
            Error::new(Kind::Config, format!("{file}, line {line}: {reason}")).hint(format!(
                "nobody but juben writes it: take it from your version control, as the bytes that were put there \
                 (`{LOCK} -text` in .gitattributes), or remove it and run `juben update`"
            ))
        };
        let mut lines = text.split_inclusive('\n');
        if lines.next() != Some(&format!("{HEAD}\n")) {
            return Err(wrong(1, "it does not begin as a juben.lock of this juben does"));
        }
        let mut packages: Vec<Locked> = Vec::new();
        for (number, line) in (2..).zip(lines) {
            let whole = line.strip_suffix('\n').ok_or_else(|| wrong(number, "its end is missing"))?;
            let locked: Locked = whole.parse().map_err(|reason: String| wrong(number, &reason))?;
            if packages.last().is_some_and(|before| before.name >= locked.name) {
                return Err(wrong(number, &format!("{} is not where it belongs in the order", locked.name)));
            }
            packages.push(locked);
        }
        Ok(Lock { packages })
    }

    /// Write it beside `juben.toml`, as a whole or not at all. One without packages is no file.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(LOCK);
        if !self.packages.is_empty() {
            return replace(&path, self.to_string());
        }
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::new(Kind::File, format!("cannot remove {}: {error}", path.display())))
            }
            _ => Ok(()),
        }
    }
}

/// Write a file so that whoever reads it finds the content before or after, and never a part of it.
pub fn replace(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Error> {
    use io::Write;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        let message = format!("cannot write {}: there is no folder {}", path.display(), folder.display());
        return Err(Error::new(Kind::File, message).hint("make the folder first"));
    }
    let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
        // One that only its owner can read would be new to who reads along.
        let mode = fs::metadata(path).map(|found| found.permissions());
        file.write_all(content.as_ref())?;
        file.as_file().sync_all()?;
        #[cfg(unix)]
        fs::set_permissions(
            file.path(),
            mode.unwrap_or_else(|_| {
                use std::os::unix::fs::PermissionsExt;
                fs::Permissions::from_mode(0o644)
            }),
        )?;
        file.persist(path).map(|_| ()).map_err(|error| error.error)
    });
    written.map_err(|error| Error::new(Kind::File, format!("cannot write {}: {error}", path.display())))
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        self.packages.iter().try_for_each(|locked| writeln!(f, "{locked}"))
    }
}

impl fmt::Display for Locked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Locked { name, version, source, hash, rights, key } = self;
        let rights: Vec<_> = rights.iter().map(|right| escaped(&right.to_string())).collect();
        let rights = if rights.is_empty() { "-".to_owned() } else { rights.join(",") };
        let key = key.as_deref().unwrap_or("unsigned");
        let line = format!("{name} {version} {source} sha256:{hash} {rights} {key}");
        write!(f, "{line} {}", &sha256(line.as_bytes())[..CHECK])
    }
}

impl FromStr for Locked {
    type Err = String;

    fn from_str(text: &str) -> Result<Locked, String> {
        let columns: Vec<_> = text.split(' ').collect();
        let [name, version, source, hash, rights, key, check] = columns[..] else {
            return Err(format!("it has {} columns and needs 7", columns.len()));
        };
        let line = &text[..text.len() - check.len() - 1];
        if sha256(line.as_bytes())[..CHECK] != *check {
            return Err(format!("the line of {name:?} was changed: the check at its end does not fit"));
        }
        let is_hex = |it: &&str| it.len() == 64 && it.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
        let hash = hash.strip_prefix("sha256:").filter(is_hex).ok_or(format!("{hash:?} is no hash"))?;
        let right = |right: &str| unescaped(right).ok_or(format!("{right:?} is no right"))?.parse::<Right>();
        let rights = match rights {
            "-" => Ok(Rights::default()),
            rights => rights.split(',').map(right).collect(),
        };
        let locked = Locked {
            name: name.parse()?,
            version: version.parse().map_err(|_| format!("{version:?} is no version"))?,
            source: source.parse()?,
            hash: hash.to_owned(),
            rights: rights?,
            key: (key != "unsigned").then(|| key.to_owned()),
        };
        // There is one way to write it.
        if locked.to_string() == text {
            Ok(locked)
        } else {
            Err(format!("the line of {name} is not as juben writes it"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locked(name: &str, rights: &str) -> Locked {
        Locked {
            name: name.parse().unwrap(),
            version: "1.2.0".parse().unwrap(),
            source: "path:../my%20grants".parse().unwrap(),
            hash: sha256(name.as_bytes()),
            rights: rights.parse().unwrap(),
            key: Some("RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3".into()),
        }
    }

    fn text() -> String {
        let folder = Right::new(crate::rights::Kind::FilesRead, "my media, all");
        let mut one = locked("team/grants", "write:novel.add_book_auth");
        one.rights.add(folder);
        Lock::new(vec![one, Locked { key: None, ..locked("team/base", "") }]).to_string()
    }

    #[test]
    fn a_lock_is_read_as_it_is_written() {
        let text = text();
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[1].starts_with("team/base 1.2.0 path:../my%20grants sha256:"), "{text}");
        assert!(lines[1].contains(" - unsigned "), "{text}");
        assert!(lines[2].contains(" write:novel.add_book_auth,files-read:my%20media%2C%20all RWQf"), "{text}");
        assert_eq!(Lock::parse(&text, LOCK).unwrap().to_string(), text);
    }

    #[test]
    fn the_same_packages_are_the_same_bytes_in_whatever_order_they_came() {
        let (a, b, c) = (locked("a/a", ""), locked("a/b", "read"), locked("b/a", "write"));
        let one = Lock::new(vec![a.clone(), b.clone(), c.clone()]).to_string();
        assert_eq!(Lock::new(vec![c, a, b]).to_string(), one);
    }

    #[test]
    fn one_byte_of_a_lock_is_as_bad_as_all() {
        let whole = text();
        for at in 0..whole.len() {
            for bit in [1, 0x20] {
                let mut bytes = whole.clone().into_bytes();
                bytes[at] ^= bit;
                let Ok(changed) = String::from_utf8(bytes) else { continue };
                let line = whole[..at].matches('\n').count() + 1;
                let error = Lock::parse(&changed, LOCK).expect_err(&changed);
                let at_line = |line| error.message.starts_with(&format!("{LOCK}, line {line}:"));
                assert!(at_line(line), "byte {at}: {error}");
            }
        }
        for changed in [whole.replace('\n', "\r\n"), format!("{whole}\n"), whole.trim_end().to_owned(), String::new()] {
            assert!(Lock::parse(&changed, LOCK).is_err(), "{changed:?}");
        }
        let swapped: Vec<_> = [0, 2, 1].map(|line| whole.lines().nth(line).unwrap()).to_vec();
        assert!(Lock::parse(&(swapped.join("\n") + "\n"), LOCK).unwrap_err().message.contains("order"));
    }

    #[test]
    fn a_lock_without_packages_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Lock::read(folder.path()).unwrap(), None);
        let lock = Lock::new(vec![locked("team/a", "read")]);
        lock.write(folder.path()).unwrap();
        assert_eq!(Lock::read(folder.path()).unwrap(), Some(lock));
        Lock::default().write(folder.path()).unwrap();
        Lock::default().write(folder.path()).unwrap();
        assert!(!folder.path().join(LOCK).exists());
    }
}
