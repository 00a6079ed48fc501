//! The log of writes, a file that only grows. Each row vouches for all before it: its hash is made of its content and the
//! hash before it.

mod backwards;
mod file;
mod head;
mod proof;

pub use head::Head;

pub(super) use file::Log;

use super::{PATIENCE, Store, create};
use crate::{Error, error::Kind};
use backwards::Backwards;
use file::{Row, open};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{
    collections::HashMap,
    fs::{File, TryLockError},
    io::{self, ErrorKind},
    path::Path,
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// How long is waited for a row of another process before it is looked again.
const PAUSE: Duration = Duration::from_millis(1);

/// What stands in a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Entry {
    /// A write has ended.
    Ended(Ended),
    /// A write is about to be sent.
    Begun(Box<Begun>),
}

/// A write that is about to be sent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begun {
    /// In milliseconds since 1970.
    pub at: i64,
    /// The run: the job and the number, or a random word for one by hand.
    pub run: String,
    /// The script.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    /// SHA-256 of its text, in hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script_hash: Option<String>,
    /// The package and version of the code that called, if it is of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The account that makes it.
    pub account: String,
    /// Where it goes.
    pub server: String,
    /// As `module.name`.
    pub operation: String,
    /// `write` or `destructive`.
    pub effect: String,
    /// The fields that name what it touches.
    pub target: Map<String, Value>,
    /// The rows of a call that takes many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<usize>,
}

/// How a write has ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    /// In milliseconds since 1970.
    pub at: i64,
    /// The number of the row that began it.
    pub begun: i64,
    /// `done`, `failed` or `unknown`.
    pub outcome: String,
    /// What kind of error it ended with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The platform's code of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
}

/// A write, with how it ended, if that is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The number of the row that began it.
    pub number: i64,
    /// What it is.
    pub begun: Begun,
    /// How it ended.
    pub ended: Option<Ended>,
}

impl Store {
    /// Put this entry at the end. When its number is there, the death of the process does not take it away.
    pub async fn log_write(&self, entry: Entry) -> Result<i64, Error> {
        let unwritable = |error: io::Error| self.no_row("cannot be written", &error);
        let folder = self.folder.as_deref().ok_or_else(|| self.unusable("has no log of writes", "it is in memory"))?;
        let mut log = self.log.lock().await;
        let log = match &mut *log {
            Some(log) if log.is_there() => log,
            other => other.insert(create(folder).and_then(|()| Log::at(folder)).map_err(unwritable)?),
        };
        let until = Instant::now() + PATIENCE;
        let row = loop {
            match log.try_lock() {
                Ok(row) => break row,
                Err(TryLockError::WouldBlock) if Instant::now() < until => sleep(PAUSE).await,
                Err(error) => return Err(unwritable(error.into())),
            }
        };
        row.write(&serde_json::to_string(&entry).unwrap_or_default()).map_err(unwritable)
    }

    /// The last writes that are meant, the latest last.
    pub async fn writes(&self, meant: impl Fn(&Written) -> bool, last: usize) -> Result<Vec<Written>, Error> {
        let (file, length) = self.opened()?;
        let (mut found, mut ends) = (Vec::new(), HashMap::new());
        // Behind the last row may be the beginning of one.
        let mut lines = Backwards::new(&file, length).skip(1);
        while found.len() < last
            && let Some(line) = lines.next()
        {
            let line = line.map_err(|error| self.no_row("cannot be read", &error))?;
            let row = Row::of(&line).and_then(|row| Some((row.number, serde_json::from_slice(row.content).ok()?)));
            match row {
                Some((number, Entry::Begun(begun))) => {
                    let written = Written { number, begun: *begun, ended: ends.remove(&number) };
                    found.extend(Some(written).filter(&meant));
                }
                Some((_, Entry::Ended(ended))) => drop(ends.insert(ended.begun, ended)),
                None => tracing::warn!("a row of the log of writes cannot be read: `juben audit --verify`"),
            }
        }
        found.reverse();
        Ok(found)
    }

    /// The last row.
    pub async fn audit_head(&self) -> Result<Head, Error> {
        let (file, length) = self.opened()?;
        file::end(&file, length).map(|(head, _)| head).map_err(|error| self.no_row("cannot be read", &error))
    }

    /// The log to be read, as long as it is now.
    fn opened(&self) -> Result<(File, u64), Error> {
        let opened = self.folder.as_deref().map(open).unwrap_or(Err(ErrorKind::NotFound.into()));
        opened.map_err(|error| match error.kind() {
            ErrorKind::NotFound => self.no_log(),
            _ => self.no_row("cannot be read", &error),
        })
    }

    fn no_log(&self) -> Error {
        let place = self.folder.as_deref().unwrap_or(Path::new("memory"));
        Error::new(Kind::NotFound, format!("there is no log of writes in {}", place.display())).hint(
            "it begins with the first write that is sent; where another state is, tell by --state DIR or JUBEN_STATE",
        )
    }

    /// What it means that the file does not do as it should.
    fn no_row(&self, trouble: &str, error: &io::Error) -> Error {
        let place = self.folder.as_deref().unwrap_or(Path::new("memory"));
        let hint = match error.kind() {
            ErrorKind::StorageFull => "free some space",
            ErrorKind::WouldBlock => "another process holds it: try again when that has ended",
            ErrorKind::InvalidData => "`juben audit --verify` says what is wrong with it",
            _ => "look at the file and its folder, or keep the state elsewhere by --state DIR or JUBEN_STATE",
        };
        Error::new(Kind::File, format!("the log of writes in {} {trouble} ({error})", place.display())).hint(hint)
    }
}
