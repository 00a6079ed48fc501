//! What must be so in every history, whatever has happened to those who wrote it.

use super::Store;
use crate::Error;
use sqlx::{FromRow, Row, sqlite::SqliteRow};

/// What is wrong, and a query for the rows that it is wrong with.
const FAULTS: [(&str, &str); 14] = [
    ("the file is damaged", "select integrity_check from pragma_integrity_check where integrity_check <> 'ok'"),
    ("it belongs to nothing", r#"select "table" || ' ' || rowid from pragma_foreign_key_check"#),
    (
        "two fires are of one due time",
        "select job || ' at ' || due from fires where cause = 'schedule' group by job, due having count(*) > 1",
    ),
    (
        "its due time is one of those that another fire stands for",
        "select 'fire ' || one.id from fires as one join fires as many on many.job = one.job \
         and many.due < one.due and one.due <= many.until where one.cause = 'schedule' and many.cause = 'schedule'",
    ),
    (
        "it is due later than all that is accepted",
        "select 'fire ' || id from fires join jobs on name = job where cause = 'schedule' \
         and coalesce(until, due) > accepted_until",
    ),
    (
        "it is said to run, but its last attempt does not",
        "select 'fire ' || id from fires where state = 'running' and not exists \
         (select 1 from runs where fire = fires.id and runs.attempt = fires.attempt and runs.state = 'running')",
    ),
    (
        "it runs, but its fire has ended, waits or is at another attempt",
        "select 'run ' || runs.id from runs join fires on fires.id = fire where runs.state = 'running' \
         and (fires.state <> 'running' or fires.attempt <> runs.attempt)",
    ),
    (
        "its attempts are not numbered from 1 to its last",
        "select 'fire ' || id from fires where attempt <> (select count(*) from runs where fire = fires.id) \
         or attempt <> (select coalesce(max(attempt), 0) from runs where fire = fires.id)",
    ),
    ("it ran without an attempt", "select 'fire ' || id from fires where state = 'ran' and attempt = 0"),
    (
        "it ran, but nobody knows how its last attempt ended",
        "select 'fire ' || fires.id from fires join runs on fire = fires.id and runs.attempt = fires.attempt \
         where fires.state = 'ran' and runs.state in ('running', 'unknown')",
    ),
    (
        "it did not run, and no reason is given",
        "select 'fire ' || id from fires where state in ('skipped', 'missed', 'unknown') and coalesce(reason, '') = ''",
    ),
    (
        "it is of another job than its fire",
        "select 'run ' || runs.id from runs join fires on fires.id = fire where runs.job <> fires.job",
    ),
    (
        "it ended before it began, or has no end",
        "select 'run ' || id from runs where ended < began or (ended is null) <> (state = 'running')",
    ),
    (
        "it began before the attempt before it had ended",
        "select 'run ' || later.id from runs as later join runs as earlier on earlier.fire = later.fire \
         and earlier.attempt = later.attempt - 1 where earlier.ended is null or later.began < earlier.ended",
    ),
];

/// What is accepted of a job's due times; moments in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Its name.
    pub name: String,
    /// What they come from.
    pub schedule: String,
    /// All after this moment,
    pub since: i64,
    /// up to this one.
    pub accepted_until: i64,
}

/// A due time that has its fire, or many that share one; moments in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueFire {
    /// The fire's number.
    pub id: i64,
    /// The first.
    pub due: i64,
    /// How many.
    pub times: i64,
    /// The last of many.
    pub until: Option<i64>,
    /// When its first attempt began.
    pub began: Option<i64>,
}

impl Store {
    /// What is not as it must be: which row, and what is wrong with it.
    pub async fn faults(&self) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        for (wrong, query) in FAULTS {
            let rows = sqlx::query_scalar(query).fetch_all(&mut *self.connection().await?).await;
            let rows: Vec<String> = rows.map_err(|error| self.failed(error))?;
            found.extend(rows.into_iter().map(|row| format!("{row}: {wrong}")));
        }
        Ok(found)
    }

    /// Up to where the due times of each job have their fires.
    pub async fn accepted(&self) -> Result<Vec<Accepted>, Error> {
        let query = sqlx::query_as("select name, schedule, since, accepted_until from jobs order by name");
        query.fetch_all(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }

    /// The fires of a job's due times after a moment, in their order.
    pub async fn kept(&self, job: &str, since: i64) -> Result<Vec<DueFire>, Error> {
        let query = sqlx::query_as(
            "select id, due, times, until, (select began from runs where fire = fires.id and attempt = 1) as began \
             from fires where job = ? and cause = 'schedule' and due > ? order by due",
        );
        let query = query.bind(job).bind(since);
        query.fetch_all(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }

    /// The runs of a job that began before the one before them had ended: by their numbers.
    pub async fn overlapping(&self, job: &str) -> Result<Vec<i64>, Error> {
        let query = sqlx::query_scalar(
            "select id from (select id, began, max(coalesce(ended, began)) over \
             (order by began, id rows between unbounded preceding and 1 preceding) as before from runs where job = ?) \
             where began < before order by id",
        );
        query.bind(job).fetch_all(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }
}

impl FromRow<'_, SqliteRow> for Accepted {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Accepted> {
        Ok(Accepted {
            name: row.try_get("name")?,
            schedule: row.try_get("schedule")?,
            since: row.try_get("since")?,
            accepted_until: row.try_get("accepted_until")?,
        })
    }
}

impl FromRow<'_, SqliteRow> for DueFire {
    fn from_row(row: &SqliteRow) -> sqlx::Result<DueFire> {
        Ok(DueFire {
            id: row.try_get("id")?,
            due: row.try_get("due")?,
            times: row.try_get("times")?,
            until: row.try_get("until")?,
            began: row.try_get("began")?,
        })
    }
}
