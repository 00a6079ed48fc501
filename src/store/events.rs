//! What platforms have told, each once.

use super::Store;
use crate::Error;
use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::{FromRow, Row, sqlite::SqliteRow};

/// What a platform tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The account that it is about.
    pub account: String,
    /// The platform's own name of the event.
    pub name: String,
    /// What makes it the same one when it comes again.
    pub mark: String,
    /// Marks from this one on, up to its own, are the same event: its own, where the platform tells one from another.
    pub since: String,
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

/// An order to run a job on an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// The job's name.
    pub job: String,
    /// Why: `event`, or `replay` when a person wants it again.
    pub cause: &'static str,
    /// What makes it the same order.
    pub mark: String,
    /// When the event came.
    pub due: i64,
    /// What its run is given, as JSON.
    pub given: String,
    /// Whether it is passed over: the job's definition says that it is paused.
    pub paused: bool,
}

/// A run that was ordered because of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reacted {
    /// The event's number.
    pub event: i64,
    /// The job's name.
    pub job: String,
    /// What became of the order: `waiting`, `running`, `ran`, `skipped`, `missed`, `unknown`.
    pub state: String,
}

impl Told {
    /// The message.
    pub fn message(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

impl Event {
    /// As a run is given it: `id`, `name`, `account`, `received` in seconds, and the message as `body`.
    pub fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.told.name,
            "account": self.told.account,
            "received": self.told.received / 1000,
            "body": self.told.message(),
        })
    }
}

/// Whether a message has one of these values at a path such as `upload_event.errcode`, in a list at any of its places.
/// Values are equal when their texts are: platforms send the same number as a number or as a text.
pub fn has(message: &Value, path: &str, values: &[Value]) -> bool {
    match (message, path) {
        (Value::Array(items), _) => items.iter().any(|item| has(item, path, values)),
        (value, "") => values.iter().any(|wanted| as_text(wanted) == as_text(value)),
        (Value::Object(fields), _) => {
            let (name, rest) = path.split_once('.').unwrap_or((path, ""));
            fields.get(name).is_some_and(|field| has(field, rest, values))
        }
        _ => false,
    }
}

/// A value as a text, whether it is one or a number.
pub fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl Store {
    /// Keep events in one transaction: when this returns, they are on the disk. The number of each that is new.
    pub async fn add_events(&self, told: &[Told]) -> Result<Vec<Option<i64>>, Error> {
        let mut connection = self.connection().await?;
        let added = async {
            let mut all = self.begin_to_keep(&mut connection).await?;
            let mut numbers = Vec::with_capacity(told.len());
            for event in told {
                let insert = sqlx::query_scalar(
                    "insert into events (account, name, mark, received, body) select ?1, ?2, ?3, ?4, ?5 where not exists \
                     (select 1 from events where account = ?1 and mark between ?6 and ?3) returning id",
                );
                let insert = insert.bind(&event.account).bind(&event.name).bind(&event.mark).bind(event.received);
                numbers.push(insert.bind(&event.body).bind(&event.since).fetch_optional(&mut *all).await?);
            }
            all.commit().await?;
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

    /// Order what runs on these events, each once, and note that they are handled: all of it or nothing. Who is paused,
    /// also by a person, is passed over. So many orders are new.
    pub async fn react(&self, handled: &[i64], reactions: &[Reaction], now: i64) -> Result<u64, Error> {
        let mut connection = self.connection().await?;
        let reacted = async {
            let mut all = self.begin_to_note(&mut connection).await?;
            let mut new = 0;
            for reaction in reactions {
                let is_paused = "select paused_at is not null from jobs where name = ? and ? = 'event'";
                let is_paused = sqlx::query_scalar(is_paused).bind(&reaction.job).bind(reaction.cause);
                let paused = reaction.paused || is_paused.fetch_optional(&mut *all).await?.unwrap_or(false);
                let (state, reason) = if paused { ("skipped", Some("paused")) } else { ("waiting", None) };
                let insert = sqlx::query(
                    "insert into fires (job, cause, mark, due, state, reason, not_before, given) values (?, ?, ?, ?, ?, ?, \
                     ?, ?) on conflict do nothing",
                );
                let insert = insert.bind(&reaction.job).bind(reaction.cause).bind(&reaction.mark).bind(reaction.due);
                let insert = insert.bind(state).bind(reason).bind(now).bind(&reaction.given);
                new += insert.execute(&mut *all).await?.rows_affected();
            }
            for event in handled {
                sqlx::query("update events set handled = 1 where id = ?").bind(event).execute(&mut *all).await?;
            }
            all.commit().await?;
            Ok(new)
        };
        reacted.await.map_err(|error| self.failed(error))
    }

    /// What ran or runs on the events from one number to another.
    pub async fn reacted(&self, first: i64, last: i64) -> Result<Vec<Reacted>, Error> {
        let query = sqlx::query_as(
            "select cast(given -> 'event' ->> 'id' as integer) as event, job, state from fires where cause in ('event', \
             'replay') and event between ? and ? order by id",
        );
        let rows: Vec<(i64, String, String)> = query
            .bind(first)
            .bind(last)
            .fetch_all(&mut *self.connection().await?)
            .await
            .map_err(|error| self.failed(error))?;
        Ok(rows.into_iter().map(|(event, job, state)| Reacted { event, job, state }).collect())
    }

    /// Whether anything was ever told here; asking creates nothing.
    pub async fn has_events(&self) -> bool {
        let exists = match &self.folder {
            Some(folder) => folder.join("juben.db").exists(),
            None => self.connection.initialized(),
        };
        exists && self.latest_event().await.is_ok_and(|latest| latest > 0)
    }

    /// Forget the events that came before a moment and are handled. One that comes again is then new. The latest stays, so
    /// that no number is used again.
    pub async fn forget_events(&self, before: Timestamp) -> Result<u64, Error> {
        let query =
            sqlx::query("delete from events where handled = 1 and received < ? and id < (select max(id) from events)");
        let mut connection = self.connection().await?;
        let done = query.bind(before.as_millisecond()).execute(&mut *connection).await;
        done.map(|done| done.rows_affected()).map_err(|error| self.failed(error))
    }
}

impl FromRow<'_, SqliteRow> for Event {
    fn from_row(row: &SqliteRow) -> Result<Event, sqlx::Error> {
        let told = Told {
            account: row.try_get("account")?,
            name: row.try_get("name")?,
            mark: row.try_get("mark")?,
            since: row.try_get("mark")?,
            received: row.try_get("received")?,
            body: row.try_get("body")?,
        };
        Ok(Event { id: row.try_get("id")?, told, handled: row.try_get::<i64, _>("handled")? != 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_message_are_equal_by_their_texts() {
        let message = json!({ "e": { "code": 0, "id": "7", "on": true }, "list": [{ "n": 1 }, { "n": 2 }] });
        let has = |path: &str, value: Value| has(&message, path, &[value]);
        assert!(has("e.code", json!("0")) && has("e.id", json!(7)) && has("e.on", json!("true")));
        assert!(has("list.n", json!(2)) && !has("list.n", json!(3)));
        assert!(!has("e", json!("")) && !has("e.code.x", json!(0)) && !has("missing", json!(null)));
    }
}
