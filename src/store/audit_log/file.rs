//! The file of the log. A row is a line: its number, its hash and its content, with a blank between them.

use super::{Backwards, Head};
use std::{
    fs::{File, TryLockError},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

/// In the folder of the state.
pub(super) const NAME: &str = "audit.chain";

/// The log, open to be written.
#[derive(Debug)]
pub struct Log {
    folder: PathBuf,
    file: File,
    /// How long it was when this process looked last, and its last row then.
    length: u64,
    head: Head,
    /// Where that row is kept as well, once there is one.
    kept: Option<File>,
}

/// What a line says that it is.
pub(super) struct Row<'a> {
    pub number: i64,
    pub hash: &'a [u8],
    pub content: &'a [u8],
}

/// The log, which no other process writes meanwhile.
pub(super) struct Locked<'a>(&'a mut Log);

/// The log to be read, and how long it is now.
pub(super) fn open(folder: &Path) -> io::Result<(File, u64)> {
    let file = File::open(folder.join(NAME))?;
    let length = file.metadata()?.len();
    Ok((file, length))
}

/// The last row, and where it ends. What is behind that is the beginning of a row of a process that was killed: what it was
/// about was not sent.
pub(super) fn end(file: &File, length: u64) -> io::Result<(Head, u64)> {
    let mut lines = Backwards::new(file, length);
    let half = lines.next().transpose()?.unwrap_or_default();
    let head = match lines.next().transpose()? {
        None => Head::default(),
        Some(line) => Row::of(&line).and_then(|row| Head::of(&row)).ok_or(ErrorKind::InvalidData)?,
    };
    Ok((head, length - half.len() as u64))
}

/// Where no row is there must have been none.
fn begin(folder: &Path) -> io::Result<()> {
    match Head::kept(folder)? {
        Some(head) if head.number > 0 => Err(io::Error::new(ErrorKind::InvalidData, "its rows are gone")),
        _ => Head::default().keep(&mut Head::file(folder)?),
    }
}

impl Row<'_> {
    pub(super) fn of(line: &[u8]) -> Option<Row<'_>> {
        let mut parts = line.splitn(3, |byte| *byte == b' ');
        let number = str::from_utf8(parts.next()?).ok()?.parse().ok()?;
        Some(Row { number, hash: parts.next()?, content: parts.next()? })
    }
}

impl Log {
    pub(super) fn at(folder: &Path) -> io::Result<Log> {
        let file = File::options().create(true).append(true).read(true).open(folder.join(NAME))?;
        Ok(Log { folder: folder.to_owned(), file, length: 0, head: Head::default(), kept: None })
    }

    /// Whether it is still the file of that name.
    #[cfg(unix)]
    pub(super) fn is_there(&self) -> bool {
        use std::os::unix::fs::MetadataExt;
        self.file.metadata().is_ok_and(|file| file.nlink() > 0)
    }

    #[cfg(not(unix))]
    pub(super) fn is_there(&self) -> bool {
        true
    }

    fn keep_head(&mut self) -> io::Result<()> {
        let file = match &mut self.kept {
            Some(file) => file,
            none => none.insert(Head::file(&self.folder)?),
        };
        self.head.keep(file)
    }

    pub(super) fn try_lock(&mut self) -> Result<Locked<'_>, TryLockError> {
        self.file.try_lock().map(|()| Locked(self))
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        self.0.file.unlock().ok();
    }
}

impl Locked<'_> {
    /// Put a row with this content at the end; its number.
    pub(super) fn write(self, content: &str) -> io::Result<i64> {
        let log = &mut *self.0;
        let length = log.file.metadata()?.len();
        if length != log.length {
            // Others have written, too.
            let (head, whole) = end(&log.file, length)?;
            if whole < length {
                log.file.set_len(whole)?;
            }
            (log.head, log.length) = (head, whole);
        }
        if log.length == 0 {
            // Before there is a row, so that no log is ever without it.
            begin(&log.folder)?;
        }
        let next = log.head.next(content.as_bytes());
        let row = format!("{} {} {content}\n", next.number, next.hash);
        if let Err(error) = log.file.write_all(row.as_bytes()) {
            log.file.set_len(log.length).ok();
            return Err(error);
        }
        log.length += row.len() as u64;
        log.head = next;
        // It may lag behind: what it says must be in the log, and more may be.
        log.keep_head().ok();
        Ok(log.head.number)
    }
}
