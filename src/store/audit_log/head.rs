//! The last row of the log, which stands for all of it.

use super::file::Row;
use sha2::{Digest, Sha256};
use std::{
    fmt,
    fs::{self, File},
    io::{self, ErrorKind, Seek, Write},
    path::Path,
    str::FromStr,
};

/// The file beside the log that has the last row's number and hash, too.
pub(super) const NAME: &str = "audit.head";

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The characters of the longest one.
const WIDTH: usize = 84;

/// The last row of the log: it stands for all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its number; 0 when there is none.
    pub number: i64,
    /// Its hash, in hex.
    pub hash: String,
}

impl Head {
    /// That of the row after this one, if it has this content.
    pub(super) fn next(&self, content: &[u8]) -> Head {
        let number = self.number.saturating_add(1);
        let before = format!("{}\n{number}\n", self.hash);
        let digest = Sha256::new().chain_update(before).chain_update(content).finalize();
        let hash =
            digest.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)]));
        Head { number, hash: hash.collect() }
    }

    /// What a row says that it is, whether or not it is right.
    pub(super) fn of(row: &Row) -> Option<Head> {
        let hash = str::from_utf8(row.hash).ok()?;
        format!("{}:{hash}", row.number).parse().ok()
    }

    /// The one in the file.
    pub(super) fn kept(folder: &Path) -> io::Result<Option<Head>> {
        match fs::read_to_string(folder.join(NAME)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            text => match text?.trim().parse() {
                Ok(head) => Ok(Some(head)),
                Err(()) => Err(io::Error::new(ErrorKind::InvalidData, format!("{NAME} has no head"))),
            },
        }
    }

    /// The file, to be written.
    pub(super) fn file(folder: &Path) -> io::Result<File> {
        File::options().create(true).truncate(false).write(true).open(folder.join(NAME))
    }

    /// Write it over the one that is there, in one piece: whenever juben is killed, there is a whole one.
    pub(super) fn keep(&self, file: &mut File) -> io::Result<()> {
        file.rewind()?;
        file.write_all(format!("{:<WIDTH$}\n", self.to_string()).as_bytes())
    }
}

impl Default for Head {
    fn default() -> Head {
        Head { number: 0, hash: "0".repeat(64) }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.number, self.hash)
    }
}

impl FromStr for Head {
    type Err = ();

    fn from_str(text: &str) -> Result<Head, ()> {
        let (number, hash) = text.split_once(':').ok_or(())?;
        let is_hash =
            hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let number = number.parse().map_err(drop)?;
        if is_hash && number >= 0 { Ok(Head { number, hash: hash.to_owned() }) } else { Err(()) }
    }
}
