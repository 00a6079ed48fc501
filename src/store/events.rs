//! What platforms have told, each once.

use super::Store;
use crate::Error;
use sqlx::{Connection, FromRow, Row, sqlite::SqliteRow};

/// What a platform tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The account that it is about.
    pub account: String,
    /// The platform's own name of the event.
    pub name: String,
    /// What makes it the same one when it comes again.
    pub mark: String,
    /// When it came, in milliseconds since 1970.
    pub received: i64,
    /// The message as JSON.
    pub body: String,
}

/// An event that was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its number here; later ones have greater numbers.
    pub id: i64,
    /// What the platform told.
    pub told: Told,
    /// Whether the jobs that run on it have their fires.
    pub handled: bool,
}

/// Which events are meant; all when nothing is said.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Of this account.
    pub account: Option<String>,
    /// The platform's own name.
    pub name: Option<String>,
    /// Later than the one of this number.
    pub after: i64,
    /// The last so many.
    pub last: Option<u32>,
}

/// A job that runs on an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// The job's name.
    pub job: String,
    /// What its run is given, as JSON.
    pub given: String,
}

impl Store {
    /// Keep events in one transaction: when this returns, they are on the disk. The number of each that is new.
    pub async fn add_events(&self, told: &[Told]) -> Result<Vec<Option<i64>>, Error> {
        let mut connection = self.connection().await?;
        let added = async {
            sqlx::query("pragma synchronous = full").execute(&mut *connection).await?;
            let mut all = connection.begin_with("begin immediate").await?;
            let mut numbers = Vec::with_capacity(told.len());
            for event in told {
                let insert = sqlx::query_scalar(
                    "insert into events (account, name, mark, received, body) values (?, ?, ?, ?, ?) on conflict do \
                     nothing returning id",
                );
                let insert = insert.bind(&event.account).bind(&event.name).bind(&event.mark);
                numbers.push(insert.bind(event.received).bind(&event.body).fetch_optional(&mut *all).await?);
            }
            all.commit().await?;
            sqlx::query("pragma synchronous = normal").execute(&mut *connection).await?;
            Ok(numbers)
        };
        added.await.map_err(|error| self.failed(error))
    }

    /// The events that are meant, in the order in which they came.
    pub async fn events(&self, meant: &EventFilter) -> Result<Vec<Event>, Error> {
        let query = sqlx::query_as(
            "select * from (select * from events where id > ?1 and (?2 is null or account = ?2) and (?3 is null or name \
             = ?3) order by id desc limit ?4) order by id",
        );
        let last = meant.last.map_or(-1, i64::from);
        let query = query.bind(meant.after).bind(&meant.account).bind(&meant.name).bind(last);
        query.fetch_all(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }

    /// The event of this number.
    pub async fn event(&self, id: i64) -> Result<Option<Event>, Error> {
        let query = sqlx::query_as("select * from events where id = ?").bind(id);
        query.fetch_optional(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }

    /// The number of the latest event; 0 when there was none.
    pub async fn latest_event(&self) -> Result<i64, Error> {
        let query = sqlx::query_scalar("select coalesce(max(id), 0) from events");
        query.fetch_one(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }

    /// Some events whose jobs have no fires yet, in the order in which they came.
    pub async fn unhandled_events(&self, most: u32) -> Result<Vec<Event>, Error> {
        let query = sqlx::query_as("select * from events where handled = 0 order by id limit ?").bind(most);
        query.fetch_all(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }

    /// Order what runs on an event, each job once, and note that this is done: both or neither. So many are new.
    pub async fn react(&self, event: &Event, reactions: &[Reaction], now: i64) -> Result<u64, Error> {
        let mut connection = self.connection().await?;
        let reacted = async {
            let mut all = connection.begin_with("begin immediate").await?;
            let mut new = 0;
            for reaction in reactions {
                let insert = sqlx::query(
                    "insert into fires (job, cause, mark, due, state, not_before, given) values (?, 'event', ?, ?, \
                     'waiting', ?, ?) on conflict do nothing",
                );
                let insert = insert.bind(&reaction.job).bind(event.id.to_string()).bind(event.told.received);
                new += insert.bind(now).bind(&reaction.given).execute(&mut *all).await?.rows_affected();
            }
            sqlx::query("update events set handled = 1 where id = ?").bind(event.id).execute(&mut *all).await?;
            all.commit().await?;
            Ok(new)
        };
        reacted.await.map_err(|error| self.failed(error))
    }

    /// Forget the events that came before a moment and are handled; one of them that comes again is then a new one.
    pub async fn forget_events(&self, before: i64) -> Result<u64, Error> {
        let query = sqlx::query("delete from events where handled = 1 and received < ?").bind(before);
        let mut connection = self.connection().await?;
        let done = query.execute(&mut *connection).await.map_err(|error| self.failed(error))?;
        Ok(done.rows_affected())
    }
}

impl FromRow<'_, SqliteRow> for Event {
    fn from_row(row: &SqliteRow) -> Result<Event, sqlx::Error> {
        let told = Told {
            account: row.try_get("account")?,
            name: row.try_get("name")?,
            mark: row.try_get("mark")?,
            received: row.try_get("received")?,
            body: row.try_get("body")?,
        };
        Ok(Event { id: row.try_get("id")?, told, handled: row.try_get::<i64, _>("handled")? != 0 })
    }
}
