//! What outlives a run: a SQLite database in a folder of the user's.

mod answers;
mod audit;
mod audit_log;
mod checkpoints;
mod events;
mod fires;
mod history;
mod jobs;
mod lock;
mod plans;
mod quota;
mod runs;
mod uploads;
mod values;

pub use answers::{Answer, Scope};
pub use audit::{Accepted, DueFire};
pub use audit_log::{Begun, Ended, Entry, Head, Written};
pub use checkpoints::Checkpoint;
pub use events::{Event, EventFilter, Reacted, Reaction, Told, as_text, has};
pub use fires::{DueRow, Given, Passed, Waiting};
pub use history::{PastCall, PastFire, PastLine, PastRun, Standing};
pub use jobs::Known;
pub use lock::Lock;
pub use quota::Used;
pub use runs::{Call, Claim, Claimed, Left, Line, Next, RunEnd};
pub use uploads::{Part, State, Upload};
pub use values::{Kept, Values};

use crate::{Error, error::Kind};
use jiff::Timestamp;
use sqlx::{
    ConnectOptions, Connection, SqlSafeStr, Sqlite, SqliteConnection, Transaction,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::sync::{Mutex, MutexGuard, OnceCell};

const MIGRATIONS: [(&str, &str); 7] = [
    ("uploads", include_str!("migrations/0001_uploads.sql")),
    ("checkpoints", include_str!("migrations/0002_checkpoints.sql")),
    ("runs", include_str!("migrations/0003_runs.sql")),
    ("rights", include_str!("migrations/0004_rights.sql")),
    ("audit", include_str!("migrations/0005_audit.sql")),
    ("plans", include_str!("migrations/0006_plans.sql")),
    ("made_plans", include_str!("migrations/0007_made_plans.sql")),
];

/// How long another process may keep the database to itself.
const PATIENCE: Duration = Duration::from_secs(5);

type Change<'a> = sqlx::query::Query<'a, Sqlite, sqlx::sqlite::SqliteArguments>;

/// The state of this user. Nothing is read or created before it is needed.
#[derive(Debug)]
pub struct Store {
    /// Where it is; without a folder it lives in memory and ends with the run.
    folder: Option<PathBuf>,
    /// The one connection: every statement, and every transaction that begins as a writer, has its turn.
    connection: OnceCell<Mutex<SqliteConnection>>,
    /// Whether changes by it are on the disk when they return. Who has the connection may look and change it.
    is_lasting: AtomicBool,
    /// What is locked, if it lives in memory.
    locked: lock::Names,
    /// What is about to stand in the log of writes.
    audit: audit_log::Waiting,
}

impl Store {
    /// The state in this folder.
    pub fn at(folder: impl Into<PathBuf>) -> Store {
        Store {
            folder: Some(folder.into()),
            connection: OnceCell::new(),
            is_lasting: false.into(),
            locked: Default::default(),
            audit: Default::default(),
        }
    }

    /// Where it is, unless it lives in memory.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// A state that ends with the run, as what the built-in sandbox holds does.
    pub fn in_memory() -> Store {
        Store {
            folder: None,
            connection: OnceCell::new(),
            is_lasting: false.into(),
            locked: Default::default(),
            audit: Default::default(),
        }
    }

    async fn connection(&self) -> Result<MutexGuard<'_, SqliteConnection>, Error> {
        let connection = self.connection.get_or_try_init(|| async { self.open().await.map(Mutex::new) });
        Ok(connection.await?.lock().await)
    }

    /// Change what a power cut may forget without harm. The death of the process forgets nothing.
    async fn note(&self, change: Change<'_>) -> Result<(), Error> {
        let mut connection = self.connection().await?;
        let noted = async {
            self.set_lasting(&mut connection, false).await?;
            change.execute(&mut *connection).await
        };
        noted.await.map(drop).map_err(|error| self.failed(error))
    }

    /// Change what must last: when this returns, it is on the disk, and so is all that was noted before.
    async fn keep(&self, change: Change<'_>) -> Result<(), Error> {
        let mut connection = self.connection().await?;
        let changed = async {
            self.set_lasting(&mut connection, true).await?;
            change.execute(&mut *connection).await
        };
        changed.await.map(drop).map_err(|error| self.failed(error))
    }

    /// Begin a change of several statements that must last: when it is committed, it is on the disk.
    async fn begin_to_keep<'a>(&self, connection: &'a mut SqliteConnection) -> sqlx::Result<Transaction<'a, Sqlite>> {
        self.set_lasting(connection, true).await?;
        connection.begin_with("begin immediate").await
    }

    /// Begin one that a power cut may forget.
    async fn begin_to_note<'a>(&self, connection: &'a mut SqliteConnection) -> sqlx::Result<Transaction<'a, Sqlite>> {
        self.set_lasting(connection, false).await?;
        connection.begin_with("begin immediate").await
    }

    /// From here on changes last, or need not. Those of a kind often follow each other, and nothing is to do then.
    async fn set_lasting(&self, connection: &mut SqliteConnection, lasting: bool) -> sqlx::Result<()> {
        if self.is_lasting.load(Relaxed) != lasting {
            let level = if lasting { "pragma synchronous = full" } else { "pragma synchronous = normal" };
            // Whoever is not waited for half-way must not leave behind that changes last when they do not.
            self.is_lasting.store(false, Relaxed);
            sqlx::query(level).execute(connection).await?;
            self.is_lasting.store(lasting, Relaxed);
        }
        Ok(())
    }

    async fn open(&self) -> Result<SqliteConnection, Error> {
        let _lock = match &self.folder {
            Some(folder) => {
                create(folder).map_err(|error| self.unusable("cannot be created", &error.to_string()))?;
                // Two processes must not migrate at once.
                Some(self.lock("open", || {}).await?)
            }
            None => None,
        };
        let options = match &self.folder {
            Some(folder) => SqliteConnectOptions::new()
                .filename(folder.join("juben.db"))
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Normal)
                .busy_timeout(PATIENCE),
            None => SqliteConnectOptions::new().in_memory(true),
        };
        let mut connection = options.foreign_keys(true).connect().await.map_err(|error| self.failed(error))?;
        let migrations = MIGRATIONS.iter().zip(1..).map(|((name, sql), version)| {
            Migration::new(version, (*name).into(), MigrationType::Simple, sql.into_sql_str(), false)
        });
        let migrator = Migrator::with_migrations(migrations.collect());
        // As `run` does; that cannot be told to be `Send`.
        migrator.run_direct(None, &mut connection, false).await.map_err(|error| self.not_migrated(error))?;
        Ok(connection)
    }

    fn not_migrated(&self, error: MigrateError) -> Error {
        match error {
            MigrateError::VersionMissing(_) => self
                .unusable("was written by a newer version of juben", "it has tables that this one does not know")
                .hint("update juben, or give this one a state of its own by --state DIR"),
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => self.failed(error),
            other => self.unusable("cannot be brought up to date", &other.to_string()),
        }
    }

    /// What a failure of the database means to a person.
    fn failed(&self, error: sqlx::Error) -> Error {
        let code = error.as_database_error().and_then(|error| error.code()).and_then(|code| code.parse::<i32>().ok());
        // The low byte of SQLite's code is the kind of trouble.
        let (trouble, hint) = match code.map(|code| code & 0xff) {
            Some(5 | 6) => ("is in use by another process", "try again when that has ended"),
            Some(8) => ("is read-only", "make it writable, or keep the state elsewhere by --state DIR or JUBEN_STATE"),
            Some(10) => ("cannot be read or written", "look at the disk"),
            Some(11 | 26) => ("is damaged", "move juben.db away; uploads, jobs and all else then begin anew"),
            Some(13) => {
                ("cannot grow: the disk is full", "free some space, and run it again: it goes on where it stopped")
            }
            Some(14) => ("cannot be opened", "keep the state elsewhere by --state DIR or JUBEN_STATE"),
            _ => ("cannot be used", "keep the state elsewhere by --state DIR or JUBEN_STATE"),
        };
        self.unusable(trouble, &error.to_string()).hint(hint)
    }

    fn unusable(&self, trouble: &str, reason: &str) -> Error {
        let place = self.folder.as_deref().map_or("memory".into(), Path::to_string_lossy);
        Error::new(Kind::File, format!("the state in {place} {trouble} ({reason})"))
            .hint("keep the state elsewhere by --state DIR or JUBEN_STATE")
    }
}

/// Only the user looks into it.
fn create(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A moment as the tables of the scheduler have it.
fn moment(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() as i64)
}
