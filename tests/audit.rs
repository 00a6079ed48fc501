//! What is wrong in a history is found: each way to break a good one, and what is then said.

use crate::command::Juben;
use jiff::{Timestamp, tz::TimeZone};
use juben::{
    scheduler::{Job, Rules, Trigger, audit, schedule::Schedule},
    store::Store,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

/// Eight hours of a job: it ran, ran at the second attempt, was left out, was missed for three hours, and runs.
const GOOD: &str = "
    insert into jobs (name, since, accepted_until, schedule) values ('hourly', 0, 28800000, '0 * * * * UTC');
    insert into fires (id, job, cause, mark, due, state, reason, not_before, attempt, times, until) values
        (1, 'hourly', 'schedule', '1', 3600000, 'ran', null, 3600000, 1, 1, null),
        (2, 'hourly', 'schedule', '2', 7200000, 'ran', null, 7200000, 2, 1, null),
        (3, 'hourly', 'schedule', '3', 10800000, 'skipped', 'it ran', 10800000, 0, 1, null),
        (4, 'hourly', 'schedule', '4', 14400000, 'missed', 'juben was not running', 14400000, 0, 3, 21600000),
        (5, 'hourly', 'schedule', '5', 25200000, 'unknown', 'its process died', 25200000, 1, 1, null),
        (6, 'hourly', 'schedule', '6', 28800000, 'running', null, 28800000, 1, 1, null);
    insert into runs (id, fire, job, attempt, state, began, ended, script, parameters) values
        (1, 1, 'hourly', 1, 'done', 3600001, 3600002, 'a.rhai', '{}'),
        (2, 2, 'hourly', 1, 'failed', 7200001, 7200002, 'a.rhai', '{}'),
        (3, 2, 'hourly', 2, 'done', 7260000, 7260001, 'a.rhai', '{}'),
        (4, 5, 'hourly', 1, 'unknown', 25200001, 25200001, 'a.rhai', '{}'),
        (5, 6, 'hourly', 1, 'running', 28800001, null, 'a.rhai', '{}');
";

/// The good history after a change.
async fn changed(change: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    assert_eq!(store.accepted().await.unwrap(), []);
    let options = SqliteConnectOptions::new().filename(folder.path().join("juben.db")).foreign_keys(false);
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("{GOOD}; {change}"))).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    folder
}

async fn found_after(change: &str) -> Vec<String> {
    let folder = changed(change).await;
    let schedule = Schedule::new("0 * * * *", TimeZone::UTC).unwrap();
    let job = Job {
        name: "hourly".to_owned(),
        trigger: Trigger::Times { schedules: vec![schedule], written: "0 * * * * UTC".to_owned() },
        script: "a.rhai".into(),
        parameters: Vec::new(),
        account: None,
        rules: Rules::default(),
    };
    audit::faults(&Store::at(folder.path()), &[job], Timestamp::UNIX_EPOCH).await.unwrap()
}

#[tokio::test]
async fn a_good_history_has_no_faults() {
    assert_eq!(found_after("").await, [""; 0]);
}

#[tokio::test]
async fn each_fault_is_found() {
    let faults: [(&str, &[&str]); _] = [
        ("delete from fires where id = 3", &["hourly was due at 1970-01-01T03:00:00Z, and has no fire for it"]),
        ("update fires set times = 4 where id = 4", &["fire 4 of hourly stands for 4 due times; there are 3"]),
        (
            "insert into fires (id, job, cause, mark, due, state, reason, not_before) \
             values (7, 'hourly', 'schedule', 'other', 10800000, 'skipped', 'it ran', 0)",
            &[
                "hourly at 10800000: two fires are of one due time",
                "fire 7 of hourly stands for 1 due times; there are 0",
            ],
        ),
        (
            "insert into fires (id, job, cause, mark, due, state, reason, not_before) \
             values (7, 'hourly', 'schedule', 'other', 18000000, 'skipped', 'it ran', 0)",
            &[
                "fire 7: its due time is one of those that another fire stands for",
                "fire 7 of hourly stands for 1 due times; there are 0",
            ],
        ),
        (
            "update jobs set accepted_until = 25200000",
            &[
                "fire 6: it is due later than all that is accepted",
                "fire 6 of hourly stands for 1 due times; there are 0",
            ],
        ),
        (
            "update runs set state = 'done', ended = began where id = 5",
            &["fire 6: it is said to run, but its last attempt does not"],
        ),
        (
            "update fires set state = 'ran' where id = 6",
            &[
                "run 5: it runs, but its fire has ended, waits or is at another attempt",
                "fire 6: it ran, but nobody knows how its last attempt ended",
            ],
        ),
        ("update runs set attempt = 3 where id = 3", &["fire 2: its attempts are not numbered from 1 to its last"]),
        ("update fires set attempt = 1 where id = 2", &["fire 2: its attempts are not numbered from 1 to its last"]),
        ("update fires set state = 'ran' where id = 3", &["fire 3: it ran without an attempt"]),
        (
            "update fires set state = 'ran' where id = 5",
            &["fire 5: it ran, but nobody knows how its last attempt ended"],
        ),
        ("update fires set reason = null where id = 3", &["fire 3: it did not run, and no reason is given"]),
        ("update runs set job = 'other' where id = 1", &["run 1: it is of another job than its fire"]),
        ("update runs set ended = null where id = 1", &["run 1: it ended before it began, or has no end"]),
        ("update runs set ended = 1 where id = 4", &["run 4: it ended before it began, or has no end"]),
        (
            "update runs set ended = 7260001 where id = 2",
            &["run 3: it began before the attempt before it had ended", "run 3 of hourly began while another one ran"],
        ),
        ("update runs set ended = 7200002 where id = 1", &["run 2 of hourly began while another one ran"]),
        (
            "update runs set began = 7300000, ended = 7300001 where id = 1",
            &["fire 2 of hourly began before fire 1, which was due earlier"],
        ),
        ("delete from fires where id = 1", &["runs 1: it belongs to nothing"]),
    ];
    for (change, expected) in faults {
        let found = found_after(change).await;
        assert!(expected.iter().all(|fault| found.iter().any(|line| line == fault)), "{change}: {found:#?}");
    }
}

#[tokio::test]
async fn the_doctor_looks_for_faults() {
    let doctor = async |change| {
        let folder = changed(change).await;
        Juben::new(&["doctor", "--offline", "--state", folder.path().to_str().unwrap()]).run()
    };
    let (well, ill) = (doctor("").await, doctor("update runs set ended = 1 where id = 4").await);
    assert!(well.stdout.contains("ok       jobs            what became of them is kept without a fault"), "{well:?}");
    assert!(ill.stdout.contains("1 faults in what is kept of them, such as: run 4: it ended before"), "{ill:?}");
    assert_eq!(ill.code, 1);
}
