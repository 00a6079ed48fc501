//! What became of jobs: their fires, runs, lines and calls, for those who look; and how the oldest are forgotten.

use super::Store;
use crate::Error;
use jiff::Timestamp;
use sqlx::{FromRow, Row, sqlite::SqliteRow};

/// How a job stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Its name.
    pub job: String,
    /// When a person paused it.
    pub paused_at: Option<Timestamp>,
    /// Runs in a row that ended alike: 3 went well, -2 failed.
    pub streak: i64,
}

/// An order to run, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PastFire {
    /// Its number.
    pub id: i64,
    /// The job.
    pub job: String,
    /// `schedule`, `event`, `hand` or `replay`.
    pub cause: String,
    /// When it was due.
    pub due: Timestamp,
    /// `waiting`, `running`, `ran`, `skipped`, `missed` or `unknown`.
    pub state: String,
    /// Why, in words.
    pub reason: Option<String>,
    /// When its next attempt may begin.
    pub not_before: Timestamp,
    /// The due times that it stands for, and the last of them.
    pub times: i64,
    /// The last due time that it stands for, if there are several.
    pub until: Option<Timestamp>,
    /// What it needs beyond the job's definition, as JSON.
    pub given: Option<String>,
}

/// An attempt of a fire.
#[derive(Debug, Clone, PartialEq)]
pub struct PastRun {
    /// Its number.
    pub id: i64,
    /// The number of the fire.
    pub fire: i64,
    /// The job.
    pub job: String,
    /// From 1.
    pub attempt: i64,
    /// `running`, `done`, `failed`, `partial`, `cancelled`, `timed_out` or `unknown`.
    pub state: String,
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// The script.
    pub script: String,
    /// SHA-256 of its text in hex.
    pub script_hash: Option<String>,
    /// The account for the whole run.
    pub account: Option<String>,
    /// As a JSON object.
    pub parameters: String,
    /// What it ended with, as JSON.
    pub result: Option<String>,
    /// What went wrong, as JSON: kind, message, hint, report.
    pub error: Option<String>,
    /// The calls that it made.
    pub calls: i64,
}

/// What a run printed or logged.
#[derive(Debug, Clone, PartialEq)]
pub struct PastLine {
    /// Its place among the lines of the run.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// `print`, `error`, `warn`, `info` or `debug`.
    pub level: String,
    /// The text.
    pub text: String,
}

/// A call that a run made.
#[derive(Debug, Clone, PartialEq)]
pub struct PastCall {
    /// Its place among the calls of the run.
    pub number: i64,
    /// When it began.
    pub at: Timestamp,
    /// Milliseconds.
    pub took: i64,
    /// As `module.name`.
    pub operation: String,
    /// The account that made it.
    pub account: String,
    /// `read`, `write` or `destructive`.
    pub effect: String,
    /// The requests that were sent for it.
    pub attempts: i64,
    /// `ok`, or the kind of the error.
    pub outcome: String,
    /// What the error said.
    pub message: Option<String>,
}

const FIRES: &str = "select * from fires";
const RUNS: &str = "select *, (select count(*) from run_calls where run = runs.id) as calls from runs";

/// So many fires are forgotten at once; others write in between.
const BATCH: i64 = 500;

impl Store {
    /// How each job stands that was ever served.
    pub async fn standings(&self) -> Result<Vec<Standing>, Error> {
        let query = sqlx::query_as("select name, paused_at, streak from jobs order by name");
        query.fetch_all(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }

    /// The latest fires of a job, the latest first.
    pub async fn past_fires(&self, job: &str, most: u32) -> Result<Vec<PastFire>, Error> {
        let text = format!("{FIRES} where job = ? order by due desc, id desc limit ?");
        let query = sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(job).bind(most);
        query.fetch_all(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }

    /// The last fire of a job that has ended.
    pub async fn last_ended(&self, job: &str) -> Result<Option<PastFire>, Error> {
        let text =
            format!("{FIRES} where job = ? and state not in ('waiting', 'running') order by due desc, id desc limit 1");
        let query = sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(job);
        query.fetch_optional(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }

    /// The fires that wait or run.
    pub async fn going_fires(&self) -> Result<Vec<PastFire>, Error> {
        let text = format!("{FIRES} where state in ('waiting', 'running') order by not_before, id");
        let query = sqlx::query_as(sqlx::AssertSqlSafe(text));
        query.fetch_all(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }

    /// A fire.
    pub async fn past_fire(&self, fire: i64) -> Result<Option<PastFire>, Error> {
        let query = sqlx::query_as(sqlx::AssertSqlSafe(format!("{FIRES} where id = ?"))).bind(fire);
        query.fetch_optional(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }

    /// The runs of a fire, in their order.
    pub async fn past_runs(&self, fire: i64) -> Result<Vec<PastRun>, Error> {
        let query = sqlx::query_as(sqlx::AssertSqlSafe(format!("{RUNS} where fire = ? order by attempt"))).bind(fire);
        query.fetch_all(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }

    /// A run.
    pub async fn past_run(&self, run: i64) -> Result<Option<PastRun>, Error> {
        let query = sqlx::query_as(sqlx::AssertSqlSafe(format!("{RUNS} where id = ?"))).bind(run);
        query.fetch_optional(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }

    /// The lines of a run behind that one, in their order.
    pub async fn lines_after(&self, run: i64, number: i64) -> Result<Vec<PastLine>, Error> {
        let query = sqlx::query_as("select * from run_lines where run = ? and number > ? order by number");
        let query = query.bind(run).bind(number);
        query.fetch_all(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }

    /// The calls of a run behind that one, in their order.
    pub async fn calls_after(&self, run: i64, number: i64) -> Result<Vec<PastCall>, Error> {
        let query = sqlx::query_as("select * from run_calls where run = ? and number > ? order by number");
        let query = query.bind(run).bind(number);
        query.fetch_all(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }

    /// How many fires wait, and how many run.
    pub async fn going(&self) -> Result<(i64, i64), Error> {
        let query = sqlx::query_as(
            "select count(*) filter (where state = 'waiting'), count(*) filter (where state = 'running') from fires \
             where state in ('waiting', 'running')",
        );
        query.fetch_one(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }

    /// Forget the fires, with their runs, that ended before that moment, and the oldest of more runs than are kept; how many
    /// fires that were. What waits or runs stays.
    pub async fn forget_runs(&self, before: Timestamp, keep_runs: u64) -> Result<u64, Error> {
        let mut forgotten = 0;
        loop {
            let new = self.forget_old(before).await? + self.forget_surplus(keep_runs).await?;
            forgotten += new;
            if new == 0 {
                return Ok(forgotten);
            }
        }
    }

    /// The oldest come first by their number, so that no more of them are looked at.
    async fn forget_old(&self, before: Timestamp) -> Result<u64, Error> {
        self.forget(
            sqlx::query(
                "delete from fires where id in (select id from (select id, due, until from fires where state not in \
                 ('waiting', 'running') order by id limit ?1) as oldest where coalesce(until, due) < ?2 and not exists \
                 (select 1 from runs where fire = oldest.id and (ended is null or ended >= ?2)))",
            )
            .bind(BATCH)
            .bind(before.as_millisecond()),
        )
        .await
    }

    async fn forget_surplus(&self, keep: u64) -> Result<u64, Error> {
        let count = sqlx::query_scalar("select count(*) from runs").fetch_one(&mut *self.connection().await?).await;
        let count: i64 = count.map_err(|error| self.failed(error))?;
        let surplus = count.saturating_sub_unsigned(keep).min(BATCH);
        if surplus <= 0 {
            return Ok(0);
        }
        self.forget(
            sqlx::query(
                "delete from fires where id in (select fire from runs order by id limit ?) and state not in \
                 ('waiting', 'running')",
            )
            .bind(surplus),
        )
        .await
    }

    async fn forget(&self, change: super::Change<'_>) -> Result<u64, Error> {
        let done = change.execute(&mut *self.connection().await?).await.map_err(|error| self.failed(error))?;
        Ok(done.rows_affected())
    }
}

/// A moment as it is kept.
fn moment(row: &SqliteRow, column: &str) -> sqlx::Result<Timestamp> {
    Timestamp::from_millisecond(row.try_get(column)?).map_err(|error| sqlx::Error::Decode(error.into()))
}

fn moment_if_any(row: &SqliteRow, column: &str) -> sqlx::Result<Option<Timestamp>> {
    let is_there = row.try_get::<Option<i64>, _>(column)?.is_some();
    is_there.then(|| moment(row, column)).transpose()
}

impl FromRow<'_, SqliteRow> for Standing {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Standing> {
        Ok(Standing {
            job: row.try_get("name")?,
            paused_at: moment_if_any(row, "paused_at")?,
            streak: row.try_get("streak")?,
        })
    }
}

impl FromRow<'_, SqliteRow> for PastFire {
    fn from_row(row: &SqliteRow) -> sqlx::Result<PastFire> {
        Ok(PastFire {
            id: row.try_get("id")?,
            job: row.try_get("job")?,
            cause: row.try_get("cause")?,
            due: moment(row, "due")?,
            state: row.try_get("state")?,
            reason: row.try_get("reason")?,
            not_before: moment(row, "not_before")?,
            times: row.try_get("times")?,
            until: moment_if_any(row, "until")?,
            given: row.try_get("given")?,
        })
    }
}

impl FromRow<'_, SqliteRow> for PastRun {
    fn from_row(row: &SqliteRow) -> sqlx::Result<PastRun> {
        Ok(PastRun {
            id: row.try_get("id")?,
            fire: row.try_get("fire")?,
            job: row.try_get("job")?,
            attempt: row.try_get("attempt")?,
            state: row.try_get("state")?,
            began: moment(row, "began")?,
            ended: moment_if_any(row, "ended")?,
            script: row.try_get("script")?,
            script_hash: row.try_get("script_hash")?,
            account: row.try_get("account")?,
            parameters: row.try_get("parameters")?,
            result: row.try_get("result")?,
            error: row.try_get("error")?,
            calls: row.try_get("calls")?,
        })
    }
}

impl FromRow<'_, SqliteRow> for PastLine {
    fn from_row(row: &SqliteRow) -> sqlx::Result<PastLine> {
        Ok(PastLine {
            number: row.try_get("number")?,
            at: moment(row, "at")?,
            level: row.try_get("level")?,
            text: row.try_get("text")?,
        })
    }
}

impl FromRow<'_, SqliteRow> for PastCall {
    fn from_row(row: &SqliteRow) -> sqlx::Result<PastCall> {
        Ok(PastCall {
            number: row.try_get("number")?,
            at: moment(row, "at")?,
            took: row.try_get("took")?,
            operation: row.try_get("operation")?,
            account: row.try_get("account")?,
            effect: row.try_get("effect")?,
            attempts: row.try_get("attempts")?,
            outcome: row.try_get("outcome")?,
            message: row.try_get("message")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    async fn write(store: &Store, sql: &'static str, number: i64, millisecond: i64) {
        let mut connection = store.connection().await.unwrap();
        sqlx::query(sql).bind(number).bind(millisecond).execute(&mut *connection).await.unwrap();
    }

    /// A fire that was due then and has ended, with a run that ended then and has said a word.
    async fn ran(store: &Store, number: i64, second: i64) {
        let fire = "insert into fires (id, job, cause, mark, due, state, not_before) \
             values (?1, 'a', 'schedule', ?1, ?2, 'ran', ?2)";
        let run = "insert into runs (id, fire, job, attempt, state, began, ended, script, parameters) \
             values (?1, ?1, 'a', 1, 'done', ?2, ?2, 'a.rhai', '{}')";
        let line = "insert into run_lines (run, number, at, level, text) values (?1, 1, ?2, 'print', 'a word')";
        for sql in [fire, run, line] {
            write(store, sql, number, second * 1000).await;
        }
    }

    async fn fires(store: &Store) -> Vec<i64> {
        store.past_fires("a", 100).await.unwrap().iter().map(|fire| fire.id).collect()
    }

    #[tokio::test]
    async fn the_oldest_are_forgotten_by_age_and_by_count_and_what_waits_stays() {
        let store = Store::in_memory();
        for number in 1..=5 {
            ran(&store, number, number * 10).await;
        }
        let waits = "insert into fires (id, job, cause, mark, due, state, not_before) \
             values (?1, 'a', 'hand', ?1, ?2, 'waiting', ?2)";
        let missed = "insert into fires (id, job, cause, mark, due, state, not_before) \
             values (?1, 'a', 'schedule', ?1, ?2, 'missed', ?2)";
        write(&store, waits, 6, 1000).await;
        write(&store, missed, 7, 2000).await;

        assert_eq!(store.forget_runs(at(25), 100).await.unwrap(), 3);
        assert_eq!(fires(&store).await, [5, 4, 3, 6]);
        assert_eq!(store.forget_runs(at(25), 1).await.unwrap(), 2);
        assert_eq!(fires(&store).await, [5, 6]);
        assert_eq!(store.lines_after(4, 0).await.unwrap(), []);
        assert_eq!(store.lines_after(5, 0).await.unwrap().len(), 1);
        assert_eq!(store.going().await.unwrap(), (1, 0));
        assert_eq!(store.forget_runs(at(25), 1).await.unwrap(), 0);
    }
}
