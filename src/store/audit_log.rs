//! The log of writes. Each row vouches for all before it: its hash is made of its content and the hash before it.

use super::Store;
use crate::{Error, error::Kind, lock::lock};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use sqlx::{Connection, SqliteConnection};
use std::{
    collections::HashMap,
    fmt, fs, mem,
    path::PathBuf,
    str::FromStr,
    sync::{Arc, Mutex},
};
use tokio::sync::oneshot;

/// So many rows are looked at together.
const PAGE: i64 = 1000;

/// The file beside the database that has the last row's number and hash, too.
const HEAD: &str = "audit.head";

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

/// The last row of the log: it stands for all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its number; 0 when there is none.
    pub number: i64,
    /// Its hash, in hex.
    pub hash: String,
}

/// Rows that wait to be written together.
#[derive(Debug, Default)]
pub(super) struct Waiting(Mutex<Vec<Wait>>);

/// An entry, and who waits for its number.
type Wait = (Entry, oneshot::Sender<Result<i64, Error>>);

type Row = (i64, String, String);

impl Store {
    /// Write this entry. When its number is there, the death of the process does not take it away.
    pub async fn log_write(self: &Arc<Store>, entry: Entry) -> Result<i64, Error> {
        let (told, number) = oneshot::channel();
        lock(&self.audit.0).push((entry, told));
        // Whoever has the connection first writes the rows of all who wait by then, even if nobody waits any more.
        let store = self.clone();
        tokio::spawn(async move { store.write_waiting().await });
        number.await.unwrap_or_else(|_| Err(self.unusable("cannot be written", "juben is about to end")))
    }

    async fn write_waiting(&self) {
        let connection = self.connection().await;
        let mut waiting = mem::take(&mut *lock(&self.audit.0));
        // A write that is no longer waited for is not sent, so it does not begin.
        waiting.retain(|(entry, told)| matches!(entry, Entry::Ended(_)) || !told.is_closed());
        if waiting.is_empty() {
            return;
        }
        let (entries, told): (Vec<_>, Vec<_>) = waiting.into_iter().unzip();
        let written = match connection {
            Ok(mut connection) => self.chain(&mut connection, &entries).await.map_err(|error| self.failed(error)),
            Err(error) => Err(error),
        };
        for (told, offset) in told.into_iter().zip(0..) {
            told.send(written.clone().map(|first| first + offset)).ok();
        }
    }

    /// Put the entries at the end of the chain. The result is the number of the first.
    async fn chain(&self, connection: &mut SqliteConnection, entries: &[Entry]) -> sqlx::Result<i64> {
        let mut change = self.begin_to_note(connection).await?;
        let mut head = head(&mut change).await?;
        let first = head.number + 1;
        let mut rows = Vec::with_capacity(entries.len());
        for entry in entries {
            let content = serde_json::to_string(entry).unwrap_or_default();
            head = head.next(&content);
            rows.push((head.number, content, head.hash.clone()));
        }
        let rows = serde_json::to_string(&rows).unwrap_or_default();
        sqlx::query(
            "insert into audit_log (number, content, hash) \
             select value ->> 0, value ->> 1, value ->> 2 from json_each(?)",
        )
        .bind(rows)
        .execute(&mut *change)
        .await?;
        sqlx::query("update audit_head set number = ?, hash = ?")
            .bind(head.number)
            .bind(&head.hash)
            .execute(&mut *change)
            .await?;
        change.commit().await?;
        if let Some(file) = self.head_file() {
            // It may lag behind: what it says must be in the log, and more may be.
            fs::write(file, format!("{head}\n")).ok();
        }
        Ok(first)
    }

    /// The last writes that are meant, the latest last.
    pub async fn writes(&self, meant: impl Fn(&Written) -> bool, last: usize) -> Result<Vec<Written>, Error> {
        let mut found = Vec::new();
        let mut ends = HashMap::new();
        let mut before = i64::MAX;
        while found.len() < last {
            let query = "select number, content, hash from audit_log where number < ? order by number desc limit ?";
            let rows = page(&mut *self.connection().await?, query, before).await;
            let rows = rows.map_err(|error| self.failed(error))?;
            let Some((lowest, ..)) = rows.last() else { break };
            before = *lowest;
            for (number, content, _) in rows {
                match serde_json::from_str(&content) {
                    Ok(Entry::Begun(begun)) => {
                        let written = Written { number, begun: *begun, ended: ends.remove(&number) };
                        found.extend(Some(written).filter(&meant));
                    }
                    Ok(Entry::Ended(ended)) => drop(ends.insert(ended.begun, ended)),
                    Err(_) => tracing::warn!("row {number} of the audit log cannot be read: `juben audit --verify`"),
                }
            }
        }
        found.truncate(last);
        found.reverse();
        Ok(found)
    }

    /// The last row.
    pub async fn audit_head(&self) -> Result<Head, Error> {
        head(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }

    /// Walk the chain from its beginning. It must lead through the row that was kept elsewhere, if one was, to where the
    /// log says that it ends. What does not fit first is what the error tells.
    pub async fn verify_audit_log(&self, kept: Option<&Head>) -> Result<Head, Error> {
        let mut known: Vec<_> = self.head_in_file()?.into_iter().map(|head| (head, HEAD)).collect();
        known.extend(kept.cloned().map(|head| (head, "the head that was kept")));
        let mut connection = self.connection().await?;
        // All of it as it is now, whoever writes meanwhile.
        let mut now = connection.begin().await.map_err(|error| self.failed(error))?;
        let end = head(&mut now).await.map_err(|error| self.failed(error))?;
        let mut last = Head::default();
        loop {
            let query = "select number, content, hash from audit_log where number > ? order by number limit ?";
            let rows = page(&mut now, query, last.number).await.map_err(|error| self.failed(error))?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                last = self.follows(&last, &row)?;
                let other = |(head, _): &&(Head, &str)| head.number == last.number && *head != last;
                if let Some((head, name)) = known.iter().find(other) {
                    let message =
                        format!("row {} is another one than {name} knows: rows were written anew", head.number);
                    return Err(self.broken(&message));
                }
            }
        }
        if last.number == 0 && end.number > 0 {
            return Err(self.broken(&format!("it is empty, and had {} rows", end.number)));
        }
        known.push((end.clone(), "the table audit_head"));
        if let Some((head, name)) = known.iter().find(|(head, _)| head.number > last.number) {
            let message = format!("it ends with row {}, and {name} knows row {}", last.number, head.number);
            return Err(self.broken(&message));
        }
        if end != last {
            let message = format!("it ends with row {}, and the table audit_head says otherwise", last.number);
            return Err(self.broken(&message));
        }
        Ok(last)
    }

    /// The head of this row, if it is the next one.
    fn follows(&self, last: &Head, (number, content, hash): &Row) -> Result<Head, Error> {
        let next = last.next(content);
        if *number != next.number {
            return Err(self.broken(&format!("row {} is missing", next.number)));
        }
        if *hash != next.hash {
            let why = "it was changed, or one before it was taken out or put in";
            return Err(self.broken(&format!("row {number} does not fit to those before it: {why}")));
        }
        Ok(next)
    }

    /// The last row that the file beside the database knows.
    fn head_in_file(&self) -> Result<Option<Head>, Error> {
        let Some(text) = self.head_file().and_then(|file| fs::read_to_string(file).ok()) else { return Ok(None) };
        text.trim().parse().map(Some).map_err(|()| self.broken(&format!("{HEAD} beside it has no head")))
    }

    fn head_file(&self) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join(HEAD))
    }

    fn broken(&self, what: &str) -> Error {
        let place = self.folder.as_deref().map_or("memory".into(), |folder| folder.to_string_lossy());
        Error::new(Kind::Conflict, format!("the audit log in {place} is not as juben wrote it: {what}")).hint(
            "keep a copy of juben.db before you go on; after a power cut the last rows may be gone, \
             otherwise somebody changed it: docs/audit.md",
        )
    }
}

/// So many rows from there on.
async fn page(connection: &mut SqliteConnection, query: &'static str, from: i64) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as(query).bind(from).bind(PAGE).fetch_all(connection).await
}

async fn head(connection: &mut SqliteConnection) -> sqlx::Result<Head> {
    let row = sqlx::query_as("select number, hash from audit_head").fetch_one(connection).await;
    row.map(|(number, hash)| Head { number, hash })
}

impl Head {
    /// That of the row after this one, if it has this content.
    fn next(&self, content: &str) -> Head {
        let number = self.number + 1;
        let hash = Sha256::digest(format!("{}\n{number}\n{content}", self.hash));
        Head { number, hash: hash.iter().map(|byte| format!("{byte:02x}")).collect() }
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
