//! Runs: every attempt of a fire, what it printed, and the calls that it made.

use super::{Store, jobs::json, moment};
use crate::Error;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
};

/// A fire whose next attempt is to begin, with what its job says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Claim<'a> {
    /// The fire's number.
    pub fire: i64,
    /// The script.
    pub script: Cow<'a, str>,
    /// The account for the whole run.
    pub account: Option<&'a str>,
    /// What the script reads by `args::get`.
    pub parameters: Map<String, Value>,
}

/// An attempt that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The run's number.
    pub run: i64,
    /// The fire's number.
    pub fire: i64,
    /// From 1.
    pub attempt: u32,
    /// The account for the whole run.
    pub account: Option<String>,
    /// As a JSON object: the job's, and before them those that the fire was given.
    pub parameters: String,
    /// What it runs on, as JSON.
    pub event: Option<String>,
}

/// An attempt that nobody is at work on any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The fire's number.
    pub fire: i64,
    /// The job's name.
    pub job: String,
    /// Why it ran.
    pub cause: String,
    /// When it was due.
    pub due: Timestamp,
    /// From 1.
    pub attempt: u32,
    /// The run's number.
    pub run: i64,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunEnd {
    /// The run's number.
    pub run: i64,
    /// The fire's number.
    pub fire: i64,
    /// What an earlier attempt says no longer counts.
    pub attempt: u32,
    /// The job's name.
    pub job: String,
    /// The word for its outcome.
    pub outcome: &'static str,
    /// When.
    pub ended: Timestamp,
    /// SHA-256 of the script's text, in hex.
    pub script_hash: Option<String>,
    /// What it ended with, as JSON.
    pub result: Option<String>,
    /// What went wrong, as JSON: kind, message, hint, report.
    pub error: Option<String>,
    /// What becomes of the fire.
    pub next: Next,
}

/// What becomes of a fire when an attempt has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// It has ended.
    Ended {
        /// `ran` or `unknown`.
        state: &'static str,
        /// Why, in words.
        reason: Option<String>,
        /// Runs of the job in a row that ended alike.
        streak: i64,
    },
    /// It is tried again.
    Again {
        /// Not before then.
        not_before: Timestamp,
    },
}

/// What a run printed or logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// From 1.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// `print`, `error`, `warn`, `info` or `debug`.
    pub level: &'static str,
    /// The text.
    pub text: String,
}

/// A call that a run made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// From 1.
    pub number: i64,
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub took: i64,
    /// As `module.name`.
    pub operation: String,
    /// The account that made it.
    pub account: String,
    /// `read`, `write` or `destructive`.
    pub effect: String,
    /// The requests that were sent for it.
    pub attempts: u32,
    /// `ok`, or the kind of the error.
    pub outcome: String,
    /// What went wrong.
    pub message: Option<String>,
}

type ClaimedRow = (i64, i64, u32, Option<String>, String, Option<String>);
type LeftRow = (i64, String, String, i64, u32, i64);

/// SQLite takes so many values at once, and more at a time are no faster.
const ROWS: usize = 500;

impl Store {
    /// Begin an attempt of each that still waits, all together.
    pub async fn claim(&self, claims: &[Claim<'_>], now: Timestamp) -> Result<Vec<Claimed>, Error> {
        let mut connection = self.connection().await?;
        let claimed = async {
            let mut all = self.begin_to_keep(&mut connection).await?;
            let begin = "update fires set state = 'running', attempt = attempt + 1 \
                 where state = 'waiting' and id in (select value ->> 'fire' from json_each(?)) returning id";
            let begun: Vec<i64> = sqlx::query_scalar(begin).bind(json(claims)).fetch_all(&mut *all).await?;
            let begun: HashSet<i64> = begun.into_iter().collect();
            let claims: Vec<_> = claims.iter().filter(|claim| begun.contains(&claim.fire)).collect();
            let claims = json(&claims);
            let insert = "insert into runs (fire, job, attempt, state, began, script, account, parameters) \
                 select fires.id, job, attempt, 'running', ?1, value ->> 'script', \
                 coalesce(given ->> 'account', value ->> 'account'), \
                 json_patch(value -> 'parameters', coalesce(given -> 'parameters', '{}')) \
                 from json_each(?2) join fires on fires.id = value ->> 'fire' \
                 returning id, fire, attempt, account, parameters, \
                 (select given ->> 'event' from fires where fires.id = runs.fire)";
            let insert = sqlx::query_as(insert).bind(now.as_millisecond()).bind(&claims);
            let rows = insert.fetch_all(&mut *all).await?;
            all.commit().await?;
            Ok(rows)
        };
        let rows: Vec<ClaimedRow> = claimed.await.map_err(|error| self.failed(error))?;
        let claimed = rows.into_iter().map(|(run, fire, attempt, account, parameters, event)| Claimed {
            run,
            fire,
            attempt,
            account,
            parameters,
            event,
        });
        Ok(claimed.collect())
    }

    /// Keep how attempts ended; whether each was still the last word on its fire.
    pub async fn end_runs(&self, ends: &[RunEnd]) -> Result<Vec<bool>, Error> {
        let mut connection = self.connection().await?;
        let ended = async {
            let mut all = self.begin_to_keep(&mut connection).await?;
            let last_words = write_ends(&mut all, ends).await?;
            all.commit().await?;
            Ok(ends.iter().map(|end| last_words.contains(&end.fire)).collect())
        };
        ended.await.map_err(|error| self.failed(error))
    }

    /// The attempts that are said to run.
    pub async fn left_running(&self) -> Result<Vec<Left>, Error> {
        let query = sqlx::query_as(
            "select fires.id, fires.job, cause, due, fires.attempt, runs.id from runs join fires on fires.id = fire \
             and fires.attempt = runs.attempt where runs.state = 'running' order by runs.id",
        );
        let rows: Result<Vec<LeftRow>, _> = query.fetch_all(&mut *self.connection().await?).await;
        let rows = rows.map_err(|error| self.failed(error))?;
        let left = rows.into_iter().map(|(fire, job, cause, due, attempt, run)| Left {
            fire,
            job,
            cause,
            due: moment(due),
            attempt,
            run,
        });
        Ok(left.collect())
    }

    /// Ask a run to stop, or have it killed; whether it is running.
    pub async fn ask_to_stop(&self, run: i64, kill: bool) -> Result<bool, Error> {
        let how = if kill { "kill" } else { "ask" };
        self.keep_one(sqlx::query("update runs set stop = ? where id = ? and state = 'running'").bind(how).bind(run))
            .await
    }

    /// The runs that a person wants to stop, and whether they are to be killed.
    pub async fn stops(&self) -> Result<Vec<(i64, bool)>, Error> {
        let query = sqlx::query_as("select id, stop = 'kill' from runs where state = 'running' and stop is not null");
        query.fetch_all(&mut *self.connection().await?).await.map_err(|error| self.failed(error))
    }

    /// Note what a run has told. A power cut may forget it, unless the run has ended.
    pub async fn note_told(&self, run: i64, lines: &[Line], calls: &[Call]) -> Result<(), Error> {
        let mut connection = self.connection().await?;
        let noted = async {
            let mut all = self.begin_to_note(&mut connection).await?;
            for lines in lines.chunks(ROWS) {
                write_lines(&mut all, run, lines).await?;
            }
            for calls in calls.chunks(ROWS) {
                write_calls(&mut all, run, calls).await?;
            }
            all.commit().await
        };
        noted.await.map_err(|error| self.failed(error))
    }
}

/// Many at once cost hardly more than one. The fires on which somebody still had the last word.
async fn write_ends(all: &mut SqliteConnection, ends: &[RunEnd]) -> sqlx::Result<HashSet<i64>> {
    let rows = json(&ends.iter().map(end_row).collect::<Vec<_>>());
    let runs = "update runs set state = value ->> 'outcome', ended = value ->> 'ended', \
         script_hash = value ->> 'script_hash', result = value ->> 'result', error = value ->> 'error' \
         from json_each(?) where runs.id = value ->> 'run' and state = 'running'";
    sqlx::query(runs).bind(&rows).execute(&mut *all).await?;
    let fires = "update fires set state = value ->> 'state', reason = value ->> 'reason', \
         not_before = coalesce(value ->> 'not_before', not_before) \
         from json_each(?) where fires.id = value ->> 'fire' and attempt = value ->> 'attempt' and state = 'running' \
         returning fires.id";
    let last_words: HashSet<i64> =
        sqlx::query_scalar(fires).bind(&rows).fetch_all(&mut *all).await?.into_iter().collect();
    // Of several that end together, the last one knows.
    let streaks: BTreeMap<&str, i64> = ends
        .iter()
        .filter(|end| last_words.contains(&end.fire))
        .filter_map(|end| match end.next {
            Next::Ended { streak, .. } => Some((end.job.as_str(), streak)),
            Next::Again { .. } => None,
        })
        .collect();
    let jobs = "update jobs set streak = value from json_each(?) where name = key";
    sqlx::query(jobs).bind(json(&streaks)).execute(&mut *all).await?;
    Ok(last_words)
}

fn end_row(end: &RunEnd) -> Value {
    let (state, reason, not_before) = match &end.next {
        Next::Ended { state, reason, .. } => (*state, reason.as_deref(), None),
        Next::Again { not_before } => ("waiting", None, Some(not_before.as_millisecond())),
    };
    json!({
        "run": end.run, "fire": end.fire, "attempt": end.attempt, "outcome": end.outcome,
        "ended": end.ended.as_millisecond(), "script_hash": end.script_hash, "result": end.result,
        "error": end.error, "state": state, "reason": reason, "not_before": not_before,
    })
}

async fn write_lines(all: &mut SqliteConnection, run: i64, lines: &[Line]) -> sqlx::Result<()> {
    let mut insert = QueryBuilder::<Sqlite>::new("insert into run_lines (run, number, at, level, text) ");
    insert.push_values(lines, |mut row, line| {
        row.push_bind(run).push_bind(line.number).push_bind(line.at.as_millisecond());
        row.push_bind(line.level).push_bind(&line.text);
    });
    insert.build().persistent(false).execute(all).await.map(drop)
}

async fn write_calls(all: &mut SqliteConnection, run: i64, calls: &[Call]) -> sqlx::Result<()> {
    let mut insert = QueryBuilder::<Sqlite>::new(
        "insert into run_calls (run, number, at, took, operation, account, effect, attempts, outcome, message) ",
    );
    insert.push_values(calls, |mut row, call| {
        row.push_bind(run).push_bind(call.number).push_bind(call.at.as_millisecond()).push_bind(call.took);
        row.push_bind(&call.operation).push_bind(&call.account).push_bind(&call.effect).push_bind(call.attempts);
        row.push_bind(&call.outcome).push_bind(&call.message);
    });
    insert.build().persistent(false).execute(all).await.map(drop)
}
