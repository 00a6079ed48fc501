//! Unpacks the archive of a package: all of it is looked at before the first file is made, and nothing is written outside.

use super::{
    entries::{Content, Entries, Entry},
    paths::{Paths, shown},
};
use crate::{Error, error::Kind};
use cap_std::{
    ambient_authority,
    fs::{Dir, OpenOptions},
};
use flate2::bufread::GzDecoder;
use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

/// Bytes of an archive, packed and unpacked.
pub const LARGEST: u64 = 64 << 20;

/// Files and folders of an archive.
pub const MOST_FILES: usize = 10_000;

/// No file of a package can be packed so much better than that …
const RATIO: u64 = 200;

/// … beyond so many bytes.
const FREE: u64 = 1 << 20;

/// Unpack the archive, which errors call `name`, into a folder that is not there yet. The folder appears as a whole, or
/// not at all.
pub fn unpack(mut archive: impl Read + Seek, name: &str, into: &Path) -> Result<(), Error> {
    inspect(&mut archive, name)?;
    let beside = into.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed =
        |error: io::Error| Error::new(Kind::File, format!("cannot unpack {name} into {}: {error}", into.display()));
    let fresh = tempfile::Builder::new().prefix(".juben-").tempdir_in(beside).map_err(failed)?;
    let tree = fresh.path().join("tree");
    fs::create_dir(&tree).map_err(failed)?;
    let folder = Dir::open_ambient_dir(&tree, ambient_authority()).map_err(failed)?;
    // What was looked at is looked at once more, since the file may be another by now.
    walk(&mut archive, |path, content| write(&folder, path, content)).map_err(|why| refused(name, &why))?;
    if fs::symlink_metadata(into).is_ok() {
        return Err(failed(io::ErrorKind::AlreadyExists.into()));
    }
    fs::rename(&tree, into).map_err(failed)
}

/// Whether the archive is one that can be unpacked; nothing is written.
pub fn inspect(mut archive: impl Read + Seek, name: &str) -> Result<(), Error> {
    walk(&mut archive, |_, _| Ok(())).map_err(|why| refused(name, &why))
}

fn refused(name: &str, why: &str) -> Error {
    Error::new(Kind::File, format!("{name}: {why}"))
        .hint("nothing was unpacked; an archive of a package is what `juben pack` makes")
}

fn write(folder: &Dir, path: &str, content: &mut dyn Read) -> io::Result<()> {
    let path = PathBuf::from(path);
    folder.create_dir_all(path.parent().unwrap_or(Path::new("")))?;
    let mut file = folder.open_with(&path, OpenOptions::new().write(true).create_new(true))?;
    io::copy(content, &mut file).map(|_| ())
}

/// Read an archive from its first byte to its last, and hand out its files.
fn walk(
    archive: &mut (impl Read + Seek),
    mut file: impl FnMut(&str, &mut dyn Read) -> io::Result<()>,
) -> Result<(), String> {
    let packed = archive.seek(SeekFrom::End(0)).and_then(|size| archive.rewind().map(|()| size));
    let packed = packed.map_err(|error| error.to_string())?;
    if packed > LARGEST {
        return Err(format!("it has {packed} bytes; it may have {LARGEST}"));
    }
    let mut archive = BufReader::new(archive);
    if let Some(other) = other_form(archive.fill_buf().map_err(|error| error.to_string())?) {
        return Err(format!("it is {other}, and not a .tar.gz"));
    }
    let source = Bounded { source: GzDecoder::new(archive), packed, read: 0 };
    let (mut entries, mut paths) = (Entries::new(source), Paths::default());
    let (mut count, mut has_files) = (0, false);
    while let Some(Entry { path, is_file }) = entries.next()? {
        count += 1;
        if count > MOST_FILES {
            return Err(format!("{}: it is one of more than {MOST_FILES} files", shown(&path)));
        }
        let wrong = |why: String| format!("{}: {why}", shown(&path));
        // So `tar -C FOLDER .` writes it, which begins with the folder itself.
        let path = path.strip_prefix("./").unwrap_or(&path);
        if !is_file {
            if !matches!(path, "" | ".") {
                paths.add_folder(path).map_err(wrong)?;
            }
            continue;
        }
        paths.add_file(path).map_err(wrong)?;
        has_files = true;
        file(path, &mut entries.content()).and_then(|()| rest(entries.content())).map_err(|error| {
            let cut = error.kind() == io::ErrorKind::UnexpectedEof;
            wrong(if cut { "the archive ends within it".to_owned() } else { error.to_string() })
        })?;
    }
    if !has_files {
        return Err("it has no files".to_owned());
    }
    let mut behind = entries.into_inner().source.into_inner();
    match behind.fill_buf().map_err(|error| error.to_string())? {
        [] => Ok(()),
        _ => Err("something follows the end of the archive".to_owned()),
    }
}

/// What it is instead of a gzip file, by its first bytes.
fn other_form(start: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &str); 6] = [
        (b"PK", "a zip file"),
        (b"\x28\xb5\x2f\xfd", "packed by zstd"),
        (b"BZh", "packed by bzip2"),
        (b"\xfd7zXZ", "packed by xz"),
        (b"7z\xbc\xaf", "packed by 7-Zip"),
        (b"", "no gzip file"),
    ];
    match start {
        [] => Some("empty"),
        [0x1f, 0x8b, ..] => None,
        _ if start.get(257..262) == Some(b"ustar") => Some("a tar archive that is not packed"),
        _ => known.into_iter().find(|(sign, _)| start.starts_with(sign)).map(|(_, name)| name),
    }
}

fn rest<R: Read>(mut content: Content<'_, R>) -> io::Result<()> {
    io::copy(&mut content, &mut io::sink()).map(|_| ())
}

/// What was packed, up to a limit.
#[derive(Debug)]
struct Bounded<R> {
    source: R,
    /// Bytes of the whole archive.
    packed: u64,
    read: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.read += count as u64;
        if self.read > LARGEST {
            return Err(io::Error::other(format!("the archive unpacks to more than {LARGEST} bytes")));
        }
        if self.read > FREE && self.read > self.packed.saturating_mul(RATIO) {
            return Err(io::Error::other(format!("the archive unpacks to more than {RATIO} times its size")));
        }
        Ok(count)
    }
}
