//! The entries of a tar archive, read strictly: a field that may be read in two ways is refused.

use super::paths::shown;
use std::io::{self, Read};

const BLOCK: usize = 512;

/// The largest extension: it holds a path.
const EXTENSION: u64 = 8 << 10;

/// Records of an extension that would change what is read, or where it goes.
const MEANINGFUL: [&str; 3] = ["size", "linkpath", "hdrcharset"];

/// A file or a folder.
#[derive(Debug)]
pub(super) struct Entry {
    pub path: String,
    pub is_file: bool,
}

/// What is left of an archive.
#[derive(Debug)]
pub(super) struct Entries<R> {
    source: R,
    /// Of the entry's content.
    left: u64,
    /// What fills its last block.
    padding: u64,
}

/// The fields of a header that count.
struct Header {
    path: Vec<u8>,
    size: u64,
    kind: u8,
}

impl<R: Read> Entries<R> {
    pub(super) fn new(source: R) -> Entries<R> {
        Entries { source, left: 0, padding: 0 }
    }

    /// The next entry; what was not read of the last is passed over.
    pub(super) fn next(&mut self) -> Result<Option<Entry>, String> {
        self.pass()?;
        let mut long = None;
        loop {
            let Some(header) = self.header()? else {
                return if long.is_some() { Err("its last path belongs to no file".into()) } else { Ok(None) };
            };
            let told = shown(&String::from_utf8_lossy(long.as_deref().unwrap_or(&header.path)));
            let wrong = |why: &str| Err(format!("{told}: {why}"));
            (self.left, self.padding) = (header.size, header.size.next_multiple_of(BLOCK as u64) - header.size);
            let named = match header.kind {
                b'L' => Some(without_end(self.extension(&told)?)),
                b'x' => path_of(&self.extension(&told)?, true).map_err(|why| format!("{told}: {why}"))?,
                b'g' => path_of(&self.extension(&told)?, false).map_err(|why| format!("{told}: {why}"))?,
                0 | b'0' => return entry(long.unwrap_or(header.path), true).map(Some),
                b'5' if header.size > 0 => return wrong("it is a folder with a content"),
                b'5' => return entry(long.unwrap_or(header.path), false).map(Some),
                b'1' => return wrong("it is a hard link"),
                b'2' | b'K' => return wrong("it is a link"),
                b'3' | b'4' => return wrong("it is a device"),
                b'6' => return wrong("it is a pipe"),
                b'S' => return wrong("it is a sparse file"),
                other => return wrong(&format!("it is of the unknown kind `{}`", char::from(other).escape_debug())),
            };
            if let Some(path) = named
                && long.replace(path).is_some()
            {
                return wrong("it has two long paths");
            }
            self.pass()?;
        }
    }

    /// The content of the entry.
    pub(super) fn content(&mut self) -> Content<'_, R> {
        Content(self)
    }

    pub(super) fn into_inner(self) -> R {
        self.source
    }

    fn extension(&mut self, told: &str) -> Result<Vec<u8>, String> {
        if self.left > EXTENSION {
            return Err(format!("{told}: its path is too long"));
        }
        let mut bytes = Vec::new();
        self.content().read_to_end(&mut bytes).map_err(|error| format!("{told}: {error}"))?;
        Ok(bytes)
    }

    /// Read on to the next header.
    fn pass(&mut self) -> Result<(), String> {
        io::copy(&mut self.content(), &mut io::sink()).map_err(|error| error.to_string())?;
        let mut padding = [0; BLOCK];
        let padding = &mut padding[..self.padding as usize];
        self.padding = 0;
        self.source.read_exact(padding).map_err(cut)?;
        if padding.iter().any(|byte| *byte != 0) { Err("something is hidden between two files".into()) } else { Ok(()) }
    }

    /// The next header, or the end of the archive.
    fn header(&mut self) -> Result<Option<Header>, String> {
        let mut block = [0; BLOCK];
        self.source.read_exact(&mut block).map_err(cut)?;
        if block == [0; BLOCK] {
            return self.end().map(|()| None);
        }
        Header::read(&block).map(Some)
    }

    /// Two blocks of zeros, and nothing but zeros from there.
    fn end(&mut self) -> Result<(), String> {
        let mut block = [0; BLOCK];
        self.source.read_exact(&mut block).map_err(cut)?;
        let mut more = BLOCK;
        while more > 0 {
            if block[..more].iter().any(|byte| *byte != 0) {
                return Err("something follows the end of the archive".into());
            }
            more = self.source.read(&mut block).map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

impl Header {
    fn read(block: &[u8; BLOCK]) -> Result<Header, String> {
        let name = text(&block[..100]);
        let told = shown(&String::from_utf8_lossy(name));
        let wrong = |why: &str| Err(format!("{told}: {why}"));
        let posix = match &block[257..265] {
            b"ustar\x0000" => true,
            b"ustar  \0" => false,
            _ => return Err("it is no tar archive".into()),
        };
        let sum = block.iter().enumerate().map(|(at, byte)| match at {
            148..156 => u64::from(b' '),
            _ => u64::from(*byte),
        });
        if number(&block[148..156]) != Some(sum.sum()) {
            return wrong("the check sum of its head is wrong");
        }
        let Some(size) = number(&block[124..136]) else { return wrong("its size is no plain number") };
        match number(&block[100..108]) {
            Some(mode) if mode & 0o7000 == 0 => {}
            Some(_) => return wrong("it asks for the rights of its owner (setuid, setgid or sticky)"),
            None => return wrong("its mode is no plain number"),
        }
        let kind = block[156];
        if matches!(kind, 0 | b'0' | b'5') && block[157] != 0 {
            return wrong("it is a file and a link at once");
        }
        let prefix = if posix { text(&block[345..500]) } else { &[] };
        let path = if prefix.is_empty() { name.to_vec() } else { [prefix, b"/", name].concat() };
        Ok(Header { path, size, kind })
    }
}

/// The content of an entry.
#[derive(Debug)]
pub(super) struct Content<'a, R>(&'a mut Entries<R>);

impl<R: Read> Read for Content<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(usize::try_from(self.0.left).unwrap_or(usize::MAX));
        let count = self.0.source.read(&mut buffer[..most])?;
        if count == 0 && most > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.0.left -= count as u64;
        Ok(count)
    }
}

fn entry(path: Vec<u8>, is_file: bool) -> Result<Entry, String> {
    let path = String::from_utf8(path)
        .map_err(|error| format!("{}: its path is not UTF-8", shown(&String::from_utf8_lossy(error.as_bytes()))))?;
    match path.strip_suffix('/') {
        Some(folder) if !is_file => Ok(Entry { path: folder.to_owned(), is_file }),
        _ => Ok(Entry { path, is_file }),
    }
}

/// The path that a PAX extension gives to the next file, which only one of its own may do.
fn path_of(records: &[u8], own: bool) -> Result<Option<Vec<u8>>, String> {
    let (mut rest, mut path) = (records, None);
    while !rest.is_empty() {
        let (key, value, after) = record(rest).ok_or("its extension cannot be read")?;
        match key {
            "path" if own && path.is_none() => path = Some(value.to_vec()),
            "path" => return Err("its extension gives more than one path".into()),
            _ if MEANINGFUL.contains(&key) || key.starts_with("GNU.sparse") => {
                return Err(format!("its extension changes its {}", shown(key)));
            }
            _ => {}
        }
        rest = after;
    }
    Ok(path)
}

/// `18 path=team.toml` and a line's end: how long it is with its length, a key, a value; and what follows.
fn record(bytes: &[u8]) -> Option<(&str, &[u8], &[u8])> {
    let blank = bytes.iter().position(|byte| *byte == b' ')?;
    let digits = std::str::from_utf8(&bytes[..blank]).ok().filter(|it| it.bytes().all(|it| it.is_ascii_digit()))?;
    let (record, after) = bytes.split_at_checked(digits.parse().ok()?)?;
    let pair = record.get(blank + 1..)?.strip_suffix(b"\n")?;
    let equals = pair.iter().position(|byte| *byte == b'=')?;
    Some((std::str::from_utf8(&pair[..equals]).ok()?, &pair[equals + 1..], after))
}

/// A GNU long path ends with a zero byte.
fn without_end(mut path: Vec<u8>) -> Vec<u8> {
    path.pop_if(|byte| *byte == 0);
    path
}

/// Up to the first zero byte.
fn text(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Octal digits, closed by a zero byte or a blank.
fn number(field: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(text(field)).ok()?.trim_matches(' ');
    let plain = !digits.is_empty() && digits.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    plain.then(|| u64::from_str_radix(digits, 8).ok())?
}

fn cut(error: io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "it ends before its end".to_owned(),
        _ => error.to_string(),
    }
}
