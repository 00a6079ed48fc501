//! What is known of jobs besides their definitions: how far their due times are accepted, whether somebody paused them.

use super::{Change, Store, moment};
use crate::Error;
use jiff::Timestamp;

/// What is known of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// What it is called by.
    pub name: String,
    /// Every due time up to here has its row.
    pub accepted_until: Timestamp,
    /// Whether a person paused it.
    pub paused: bool,
    /// Runs in a row that ended alike.
    pub streak: i64,
}

impl Store {
    /// Take up the jobs of a configuration, each with what its due times come from. New ones, and those that are due by
    /// other patterns than before, count from now; so do those that went, when they come back. With `all`, jobs that are
    /// not among them are gone.
    pub async fn take_up_jobs(&self, jobs: &[(&str, &str)], all: bool, now: Timestamp) -> Result<Vec<Known>, Error> {
        let jobs = json(jobs);
        let mut connection = self.connection().await?;
        let known = async {
            let mut change = self.begin_to_keep(&mut connection).await?;
            if all {
                let forget = "update jobs set schedule = '' where schedule <> '' \
                     and name not in (select value ->> 0 from json_each(?))";
                sqlx::query(forget).bind(&jobs).execute(&mut *change).await?;
            }
            let take_up = "insert into jobs (name, since, accepted_until, schedule) \
                 select value ->> 0, ?1, ?1, value ->> 1 from json_each(?2) where true \
                 on conflict (name) do update set since = excluded.since, accepted_until = excluded.accepted_until, \
                 schedule = excluded.schedule where schedule <> excluded.schedule";
            sqlx::query(take_up).bind(now.as_millisecond()).bind(&jobs).execute(&mut *change).await?;
            change.commit().await?;
            let known = "select name, accepted_until, paused_at is not null, streak from jobs";
            sqlx::query_as(known).fetch_all(&mut *connection).await
        };
        let known: Vec<(String, i64, bool, i64)> = known.await.map_err(|error| self.failed(error))?;
        let known = known.into_iter().map(|(name, until, paused, streak)| Known {
            name,
            accepted_until: moment(until),
            paused,
            streak,
        });
        Ok(known.collect())
    }

    /// The jobs that a person paused.
    pub async fn paused_jobs(&self) -> Result<Vec<String>, Error> {
        let query = sqlx::query_scalar("select name from jobs where paused_at is not null");
        query.fetch_all(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }

    /// Pass over the due times of a job until it is resumed; whether that is new.
    pub async fn pause(&self, job: &str, now: Timestamp) -> Result<bool, Error> {
        let query = "insert into jobs (name, since, accepted_until, schedule, paused_at) values (?1, ?2, ?2, '', ?2) \
             on conflict (name) do update set paused_at = excluded.paused_at where paused_at is null";
        self.keep_one(sqlx::query(query).bind(job).bind(now.as_millisecond())).await
    }

    /// No longer; whether it was paused.
    pub async fn resume(&self, job: &str) -> Result<bool, Error> {
        let query = "update jobs set paused_at = null where name = ? and paused_at is not null";
        self.keep_one(sqlx::query(query).bind(job)).await
    }

    /// Keep a change of at most one row; whether there was one to change.
    pub(super) async fn keep_one(&self, change: Change<'_>) -> Result<bool, Error> {
        let mut connection = self.connection().await?;
        let changed = async {
            let mut all = self.begin_to_keep(&mut connection).await?;
            let changed = change.execute(&mut *all).await?.rows_affected();
            all.commit().await?;
            Ok(changed > 0)
        };
        changed.await.map_err(|error| self.failed(error))
    }
}

/// Many rows for one statement, which reads them by `json_each`.
pub(super) fn json(rows: &(impl serde::Serialize + ?Sized)) -> String {
    serde_json::to_string(rows).unwrap_or_default()
}
