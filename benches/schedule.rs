//! What 100,000 jobs cost: to load, to wake for, to keep records of, and to start with a long history.
//! `cargo bench --bench schedule` runs all, `-- load` one of them; the disk counts, so give its folder by JUBEN_BENCH.

use futures_util::future::{BoxFuture, FutureExt};
use jiff::{Timestamp, ToSpan, Zoned, tz::TimeZone};
use juben::{
    config::Overlap,
    scheduler::{
        Attempt, Ended, Executor, Job, Outcome, Real, Rules, Scheduler, Settings, Stop, Tell, Trigger,
        schedule::Schedule,
    },
    store::Store,
};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};
use std::{
    hint::black_box,
    path::Path,
    str::FromStr,
    sync::Arc,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const JOBS: usize = 100_000;
const ROUNDS: usize = 5;

#[tokio::main]
async fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|it| it == name);
    if is_wanted("load") {
        load();
    }
    if is_wanted("wake") {
        wake().await;
    }
    if is_wanted("burst") {
        burst().await;
    }
    if is_wanted("records") {
        records().await;
    }
    if is_wanted("start") {
        start().await;
    }
}

#[allow(clippy::print_stdout)]
fn row(name: &str, figure: String, allowed: &str) {
    println!("{name:<52} {figure:>34}   {allowed}");
}

/// Patterns as people have them: some alike, most at a time of their own.
fn patterns() -> Vec<String> {
    let pattern = |i: usize| match i % 5 {
        0 => format!("{} * * * *", i % 60),
        1 => format!("{} {} * * *", i % 60, i % 24),
        2 => format!("*/{} * * * *", i % 29 + 1),
        3 => format!("{} {} * * 1-5", i % 60, i % 24),
        _ => format!("{} {} {} * *", i % 60, i % 24, i % 28 + 1),
    };
    (0..JOBS).map(pattern).collect()
}

/// Reading patterns and finding when each is due, beside the `cron` crate alone, which does it in UTC.
fn load() {
    let patterns = patterns();
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let (now, utc) = (Timestamp::now(), chrono::Utc::now());
    let ours = || -> Vec<(Schedule, Timestamp)> {
        let schedules = patterns.iter().map(|pattern| Schedule::new(pattern, zone.clone()).unwrap());
        schedules
            .map(|schedule| {
                let next = schedule.next(now).unwrap();
                (schedule, next)
            })
            .collect()
    };
    // What it takes for Monday to Friday.
    let theirs: Vec<String> = patterns.iter().map(|pattern| format!("0 {}", pattern.replace("1-5", "2-6"))).collect();
    let bare = || -> Vec<(cron::Schedule, chrono::DateTime<chrono::Utc>)> {
        let schedules = theirs.iter().map(|pattern| cron::Schedule::from_str(pattern).unwrap());
        schedules
            .map(|schedule| {
                let next = schedule.after(&utc).next().unwrap();
                (schedule, next)
            })
            .collect()
    };
    let held = |load: &dyn Fn() -> Box<dyn std::any::Any>| {
        let before = resident();
        let loaded = load();
        let held = resident() - before;
        drop(loaded);
        held
    };
    let (we_hold, they_hold) = (held(&|| Box::new(ours())), held(&|| Box::new(bare())));
    let mut ratios: Vec<f64> = Vec::new();
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..ROUNDS {
        let ours = time(ours);
        ratios.push(ours.as_secs_f64() / time(bare).as_secs_f64());
        times.push(ours);
    }
    ratios.sort_by(f64::total_cmp);
    times.sort();
    let (ratio, took) = (ratios[ROUNDS / 2], times[ROUNDS / 2]);
    row("100,000 jobs loaded, beside the bare cron crate", format!("{ratio:.2} ({took:.0?})"), "1.5");
    row("memory that they hold; the bare cron crate's", format!("{we_hold:.0} MB; {they_hold:.0} MB"), "100 MB");
}

fn time<T>(work: impl Fn() -> T) -> Duration {
    let begin = Instant::now();
    black_box(work());
    begin.elapsed()
}

/// The memory of this process in megabytes, as Linux counts it.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
}

/// Does nothing, and tells when it was told to.
#[derive(Debug)]
struct Idle(UnboundedSender<(Timestamp, Timestamp)>);

impl Executor for Idle {
    fn execute(&self, attempt: Attempt, _: Stop, _: Tell) -> BoxFuture<'static, Ended> {
        self.0.send((attempt.due, Timestamp::now())).ok();
        async { Ended { outcome: Outcome::Done, script_hash: None, result: None, trouble: None } }.boxed()
    }
}

/// A scheduler of its own.
struct Running {
    /// When each attempt was due, and when it began.
    begun: UnboundedReceiver<(Timestamp, Timestamp)>,
    stop: CancellationToken,
    ended: JoinHandle<()>,
    _folder: TempDir,
}

impl Running {
    async fn new(folder: TempDir, jobs: Vec<Job>, runs_at_once: usize) -> Running {
        let store = Arc::new(Store::at(folder.path()));
        let (sender, begun) = unbounded_channel();
        let settings = Settings {
            runs_at_once,
            grace: Duration::from_secs(1),
            keep: Duration::from_secs(10_000 * 86_400),
            keep_runs: 200_000,
        };
        let (clock, executor) = (Arc::new(Real::machine()), Arc::new(Idle(sender)));
        let scheduler = Scheduler::open(store.clone(), clock, executor, settings, Arc::new(|_| {})).await.unwrap();
        scheduler.set_jobs(jobs);
        let stop = CancellationToken::new();
        let told = stop.clone();
        let ended = tokio::spawn(async move { scheduler.run(told).await.unwrap() });
        Running { begun, stop, ended, _folder: folder }
    }

    /// The next so many beginnings.
    async fn begun(&mut self, count: usize) -> Vec<(Timestamp, Timestamp)> {
        let mut begun = Vec::with_capacity(count);
        while begun.len() < count {
            begun.push(self.begun.recv().await.unwrap());
        }
        begun
    }

    async fn end(self) {
        self.stop.cancel();
        self.ended.await.unwrap();
    }
}

fn folder() -> TempDir {
    match std::env::var_os("JUBEN_BENCH") {
        Some(place) => tempfile::tempdir_in(place).unwrap(),
        None => tempfile::tempdir().unwrap(),
    }
}

fn job(number: usize, pattern: Option<&str>) -> Job {
    let schedule = |pattern| Schedule::new(pattern, TimeZone::UTC).unwrap();
    Job {
        name: format!("job-{number}"),
        trigger: Trigger::Times {
            schedules: pattern.map(schedule).into_iter().collect(),
            written: pattern.unwrap_or_default().to_owned(),
        },
        script: "nothing.rhai".into(),
        parameters: Vec::new(),
        account: None,
        rules: Rules { timeout: Duration::from_secs(60), queue: JOBS, ..Rules::default() },
    }
}

/// The middle one, the one that 99 of 100 are below, and the last, in milliseconds.
fn spread(mut milliseconds: Vec<f64>) -> String {
    milliseconds.sort_by(f64::total_cmp);
    let at = |part: f64| milliseconds[((milliseconds.len() - 1) as f64 * part) as usize];
    format!("p50 {:.1}, p99 {:.1}, max {:.1} ms", at(0.5), at(0.99), at(1.0))
}

fn late((due, began): &(Timestamp, Timestamp)) -> f64 {
    began.duration_since(*due).as_secs_f64() * 1e3
}

/// Jobs of every second of an hour: 28 are due in each.
async fn wake() {
    let pattern = |i: usize| format!("{} {} * * * *", i % 60, i / 60 % 60);
    let jobs = (0..JOBS).map(|number| job(number, Some(&pattern(number)))).collect();
    let mut running = Running::new(folder(), jobs, 100).await;
    // Those before came while the jobs were taken up.
    let settled = running.begun(1).await[0].1 + 2.seconds();
    let mut lateness = Vec::new();
    while lateness.len() < 600 {
        lateness.extend(running.begun(1).await.iter().filter(|(due, _)| *due > settled).map(late));
    }
    row("a wake-up with 100,000 jobs is late by", spread(lateness), "p99 20 ms");
    running.end().await;
}

/// A thousand jobs of one second.
async fn burst() {
    let then = Zoned::now().with_time_zone(TimeZone::UTC) + 4.seconds();
    let pattern = format!("{} {} * * * *", then.second(), then.minute());
    let jobs = (0..1000).map(|number| job(number, Some(&pattern))).collect();
    let mut running = Running::new(folder(), jobs, 8).await;
    let late = running.begun(1000).await.iter().map(late).collect();
    row("1000 due in one second have begun after", spread(late), "10 s");
    running.end().await;
}

/// Runs that do nothing, each with its records, beside one row in a transaction of its own; both are on the disk before
/// it goes on.
async fn records() {
    const RUNS: usize = 2000;
    let folder = folder();
    let bare = bare_rows(folder.path(), RUNS).await;
    write(folder.path(), &waiting(RUNS)).await;
    let allow = Rules { overlap: Overlap::Allow, ..job(0, None).rules };
    let mut running = Running::new(folder, vec![Job { rules: allow, ..job(0, None) }], 8).await;
    running.begun(1).await;
    let begin = Instant::now();
    running.begun(RUNS - 1).await;
    let ours = RUNS as f64 / begin.elapsed().as_secs_f64();
    row("runs kept a second, beside bare rows", format!("{:.2} ({ours:.0}; {bare:.0})", ours / bare), "0.8");
    running.end().await;
}

/// Rows a second, with what SQLite itself needs for them to last.
async fn bare_rows(folder: &Path, rows: usize) -> f64 {
    let mut connection = open(&folder.join("bare.db")).await;
    let table = "pragma synchronous = full; create table run (id integer primary key, job text not null, \
         state text not null, began integer, ended integer, log text); create index run_job on run (job, began)";
    sqlx::raw_sql(table).execute(&mut connection).await.unwrap();
    let begin = Instant::now();
    for number in 0..rows as i64 {
        let insert = "insert into run (job, state, began, ended, log) values (?, 'done', ?, ?, ?)";
        let insert = sqlx::query(insert).bind(format!("job-{}", number % 500)).bind(number).bind(number + 3);
        insert
            .bind("a line of log for this run, as a short script would print it")
            .execute(&mut connection)
            .await
            .unwrap();
    }
    rows as f64 / begin.elapsed().as_secs_f64()
}

async fn open(file: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    options.journal_mode(SqliteJournalMode::Wal).connect().await.unwrap()
}

/// Write into a store of its own.
async fn write(folder: &Path, sql: &str) {
    // The tables are there once something is asked.
    Store::at(folder).version().await.unwrap();
    let mut connection = open(&folder.join("juben.db")).await;
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Orders of one job.
fn waiting(count: usize) -> String {
    format!(
        "with recursive n (n) as (select 1 union all select n + 1 from n where n < {count}) \
         insert into fires (job, cause, mark, due, state, not_before) \
         select 'job-0', 'hand', 'order ' || n, 1700000000000, 'waiting', 1700000000000 from n;"
    )
}

/// 100,000 runs of the past, with two lines each.
fn history() -> String {
    format!(
        "with recursive n (n) as (select 1 union all select n + 1 from n where n < {JOBS}) \
         insert into fires (id, job, cause, mark, due, state, not_before, attempt) \
         select n, 'job-' || n % 500, 'schedule', n, 1700000000000 + n * 1000, 'ran', 1700000000000 + n * 1000, 1 from n; \
         insert into runs (fire, job, attempt, state, began, ended, script, parameters) \
         select id, job, 1, 'done', due + 5, due + 900, 'nothing.rhai', '{{}}' from fires; \
         insert into run_lines (run, number, at, level, text) \
         select runs.id, n, began, 'print', 'a line of its log' from runs, (select 1 as n union select 2);"
    )
}

/// From the beginning to the first run.
async fn start() {
    let folder = folder();
    write(folder.path(), &history()).await;
    write(folder.path(), &waiting(1)).await;
    let begin = Instant::now();
    let mut running = Running::new(folder, vec![job(0, None)], 8).await;
    running.begun(1).await;
    row("start with 100,000 runs in the history", format!("{:.0?}", begin.elapsed()), "2 s");
    running.end().await;
}
