//! Fires: every order to run, once, and what became of it.

use super::{Store, jobs::json, moment};
use crate::Error;
use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a fire needs beyond the job's definition.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Given {
    /// These go before the job's own.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub parameters: IndexMap<String, String>,
    /// Instead of the job's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What it runs on: `id`, `name`, `account`, `received` and the `body` of an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<Value>,
}

/// A due time, or many that share their fate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DueRow<'a> {
    /// The job's name.
    pub job: &'a str,
    /// What makes it the same one.
    pub mark: String,
    /// When.
    pub due: i64,
    /// `waiting`, `skipped` or `missed`.
    pub state: &'static str,
    /// Why, in words.
    pub reason: Option<&'static str>,
    /// When it may begin.
    pub not_before: i64,
    /// So many due times.
    pub times: u64,
    /// The last of them.
    pub until: Option<i64>,
}

/// An order that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The fire's number.
    pub id: i64,
    /// The job's name.
    pub job: String,
    /// Why it runs: `schedule`, `event`, `hand` or `replay`.
    pub cause: String,
    /// When it was due.
    pub due: Timestamp,
    /// When the next attempt may begin.
    pub not_before: Timestamp,
    /// The attempts that have begun.
    pub attempt: u32,
}

/// How a fire ends that is not tried any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Passed {
    /// The fire's number.
    pub fire: i64,
    /// `skipped` or `missed`, if it has not been tried.
    pub state: &'static str,
    /// Why, in words.
    pub reason: String,
}

type WaitingRow = (i64, String, String, i64, i64, u32);

impl Store {
    /// Order a job to run: its number, and whether it is new. The mark makes it the same one if it is ordered again.
    pub async fn order(
        &self,
        job: &str,
        cause: &str,
        mark: &str,
        due: Timestamp,
        given: Option<&Given>,
    ) -> Result<(i64, bool), Error> {
        let mut connection = self.connection().await?;
        let ordered = async {
            let mut all = self.begin_to_keep(&mut connection).await?;
            let insert = "insert into fires (job, cause, mark, due, state, not_before, given) \
                 values (?1, ?2, ?3, ?4, 'waiting', ?4, ?5) on conflict (job, cause, mark) do nothing";
            let insert = sqlx::query(insert).bind(job).bind(cause).bind(mark).bind(due.as_millisecond());
            let new = insert.bind(given.map(json)).execute(&mut *all).await?.rows_affected() > 0;
            let find = sqlx::query_scalar("select id from fires where job = ? and cause = ? and mark = ?");
            let id = find.bind(job).bind(cause).bind(mark).fetch_one(&mut *all).await?;
            all.commit().await?;
            Ok((id, new))
        };
        ordered.await.map_err(|error| self.failed(error))
    }

    /// Give each due time its row; from then on all up to `until` is accepted for these jobs.
    pub async fn accept(&self, rows: &[DueRow<'_>], jobs: &[&str], until: Timestamp) -> Result<(), Error> {
        let mut connection = self.connection().await?;
        let accepted = async {
            let mut all = self.begin_to_keep(&mut connection).await?;
            let insert = "insert into fires (job, cause, mark, due, state, reason, not_before, times, until) \
                 select value ->> 'job', 'schedule', value ->> 'mark', value ->> 'due', value ->> 'state', \
                 value ->> 'reason', value ->> 'not_before', value ->> 'times', value ->> 'until' \
                 from json_each(?) where true on conflict (job, cause, mark) do nothing";
            sqlx::query(insert).bind(json(rows)).execute(&mut *all).await?;
            let update = "update jobs set accepted_until = ?1 \
                 where accepted_until < ?1 and name in (select value from json_each(?2))";
            sqlx::query(update).bind(until.as_millisecond()).bind(json(jobs)).execute(&mut *all).await?;
            all.commit().await?;
            Ok(())
        };
        accepted.await.map_err(|error| self.failed(error))
    }

    /// What waits and came after the fire of this number, in the order in which it came, and the last number of all.
    pub async fn waiting_after(&self, seen: i64) -> Result<(Vec<Waiting>, i64), Error> {
        let mut connection = self.connection().await?;
        let found = async {
            let last: i64 =
                sqlx::query_scalar("select coalesce(max(id), 0) from fires").fetch_one(&mut *connection).await?;
            let query = sqlx::query_as(
                "select id, job, cause, due, not_before, attempt from fires \
                 where id > ? and id <= ? and state = 'waiting' order by id",
            );
            let rows: Vec<WaitingRow> = query.bind(seen).bind(last).fetch_all(&mut *connection).await?;
            Ok((rows.into_iter().map(waiting).collect(), last))
        };
        found.await.map_err(|error| self.failed(error))
    }

    /// All that waits, as it is found at the start.
    pub async fn waiting(&self) -> Result<(Vec<Waiting>, i64), Error> {
        let mut connection = self.connection().await?;
        let found = async {
            let last: i64 =
                sqlx::query_scalar("select coalesce(max(id), 0) from fires").fetch_one(&mut *connection).await?;
            // The words of the index: SQLite does not see otherwise that it may use it.
            let query = sqlx::query_as(
                "select id, job, cause, due, not_before, attempt from fires indexed by fires_going \
                 where state in ('waiting', 'running') and state = 'waiting' and id <= ? order by id",
            );
            let rows: Vec<WaitingRow> = query.bind(last).fetch_all(&mut *connection).await?;
            Ok((rows.into_iter().map(waiting).collect(), last))
        };
        found.await.map_err(|error| self.failed(error))
    }

    /// These no longer wait. What has been tried ended as its last attempt did: it ran, or nobody knows.
    pub async fn pass(&self, passed: &[Passed]) -> Result<(), Error> {
        let query = "update fires set reason = value ->> 'reason', state = case \
             when attempt = 0 then value ->> 'state' \
             when exists (select 1 from runs where fire = fires.id and runs.attempt = fires.attempt \
             and runs.state = 'unknown') then 'unknown' else 'ran' end \
             from json_each(?) where fires.id = value ->> 'fire' and state = 'waiting'";
        self.keep(sqlx::query(query).bind(json(passed))).await
    }

    /// A number that changes whenever another process has changed something.
    pub async fn version(&self) -> Result<i64, Error> {
        let query = sqlx::query_scalar("pragma data_version");
        query.fetch_one(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }
}

fn waiting((id, job, cause, due, not_before, attempt): WaitingRow) -> Waiting {
    Waiting { id, job, cause, due: moment(due), not_before: moment(not_before), attempt }
}
