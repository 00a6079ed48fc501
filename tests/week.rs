//! A week of due times with restarts at random moments, and fifty kills while jobs run and platforms push: each due time
//! once and in order, none unexplained, and nothing lost that was acknowledged.

use crate::command::Juben;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use juben::{
    config::Overlap,
    message::sign,
    scheduler::{Job, Rules, Trigger, audit, schedule::Schedule},
    store::{EventFilter, Store},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, ChildStdout, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    thread::{self, sleep},
    time::{Duration, Instant},
};
use tempfile::TempDir;

const TOKEN: &str = "jubenToken01";

/// A job: its name, its pattern, its zone, and what else stands in juben.toml.
type Written = (&'static str, &'static str, &'static str, &'static str);

/// Where it is served: its configuration, its state, and its clock.
struct Place {
    folder: TempDir,
    jobs: Vec<Job>,
    now: Timestamp,
}

/// A `juben serve` that runs.
struct Serving {
    child: Child,
    address: String,
    /// When its clock had not begun yet, and how fast that is.
    begun: Instant,
    speed: f64,
    /// What it needs as long as it runs.
    _kept: (Juben, BufReader<ChildStdout>),
}

impl Place {
    fn new(now: &str, jobs: &[Written]) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let toml = |(name, cron, zone, rest): &Written| {
            // Time flies here: an hour is soon over.
            let rest = format!("timeout = \"30d\"\n{rest}");
            format!("[[job]]\nname = {name:?}\nscript = \"work.rhai\"\ncron = {cron:?}\nzone = {zone:?}\n{rest}\n\n")
        };
        let toml: String = jobs.iter().map(toml).collect();
        fs::write(folder.path().join("juben.toml"), format!("{SETTINGS}{toml}")).unwrap();
        fs::write(folder.path().join("work.rhai"), "print(`${1 + 1} done`);").unwrap();
        Place { folder, jobs: jobs.iter().map(job).collect(), now: now.parse().unwrap() }
    }

    /// Start it at the time of its clock; so many seconds pass in a real one.
    fn serve(&self, speed: f64) -> Serving {
        let (now, pace) = (self.now.to_string(), speed.to_string());
        let arguments = ["serve", "--sandbox", "--listen", "127.0.0.1:0", "--state", "state", "--now", &now];
        let mut home = Juben::new(&arguments).env("PUSH_TOKEN", TOKEN).env("APP_SECRET", "secret");
        let log = fs::File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let command = home.command().args(["--clock-speed", &pace]).current_dir(self.folder.path());
        let begun = Instant::now();
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let (mut said, mut line) = (BufReader::new(child.stdout.take().unwrap()), String::new());
        said.read_line(&mut line).unwrap();
        let address = line.strip_prefix("serves at http://").and_then(|rest| rest.split(' ').next());
        let address = address.unwrap_or_else(|| panic!("it said {line:?}\n{}", self.log())).to_owned();
        Serving { child, address, begun, speed, _kept: (home, said) }
    }

    /// End it by a signal. Its clock cannot have come further than ours goes on.
    fn stop(&mut self, mut serving: Serving, signal: &str) {
        let id = serving.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
        serving.child.wait().unwrap();
        let passed = serving.begun.elapsed().as_secs_f64() * serving.speed;
        self.now += SignedDuration::from_secs_f64(passed);
    }

    /// Serve at the machine's pace until nothing waits or runs any more.
    fn serve_to_the_end(&mut self) {
        let patience = Instant::now() + Duration::from_secs(120);
        let (serving, store) = (self.serve(1.0), self.store());
        let is_over =
            || block_on(store.unhandled_events(1)).unwrap().is_empty() && block_on(store.going()).unwrap() == (0, 0);
        while !is_over() {
            assert!(Instant::now() < patience, "it never ends\n{}", self.log());
            sleep(Duration::from_millis(20));
        }
        self.stop(serving, "TERM");
    }

    fn store(&self) -> Store {
        Store::at(self.folder.path().join("state"))
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    #[track_caller]
    fn is_without_faults(&self) {
        let faults = block_on(audit::faults(&self.store(), &self.jobs, Timestamp::UNIX_EPOCH)).unwrap();
        assert!(faults.is_empty(), "{faults:#?}\n{}", self.log());
    }

    /// How the fires of a job ended, counted by the due times that they stand for.
    fn ended(&self, job: &str) -> BTreeMap<String, i64> {
        let fires = block_on(self.store().past_fires(job, u32::MAX)).unwrap();
        fires.into_iter().fold(BTreeMap::new(), |mut all, fire| {
            *all.entry(fire.state).or_default() += fire.times;
            all
        })
    }

    /// How often a job was due that is so every so many seconds, by plain counting.
    fn counted(&self, job: &str, seconds: i64, first: i64) -> i64 {
        let accepted = block_on(self.store().accepted()).unwrap();
        let accepted = accepted.into_iter().find(|accepted| accepted.name == job).unwrap();
        let until = |moment: i64| (moment / 1000 - first).div_euclid(seconds);
        until(accepted.accepted_until) - until(accepted.since)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn job((name, cron, zone, rest): &Written) -> Job {
    let schedule = Schedule::new(cron, TimeZone::get(zone).unwrap()).unwrap();
    let overlap = if rest.contains("allow") { Overlap::Allow } else { Overlap::Queue };
    Job {
        name: (*name).to_owned(),
        trigger: Trigger::Times { schedules: vec![schedule], written: format!("{cron} {zone}") },
        script: "work.rhai".into(),
        parameters: Vec::new(),
        account: None,
        rules: Rules { overlap, ..Rules::default() },
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

const SETTINGS: &str = r#"
[serve]
grace = "1d"

[account.main]
platform = "wechat"
appid = "wx1234567890abcdef"
secret = "env:APP_SECRET"

[events.main]
token = "env:PUSH_TOKEN"
window = "3650d"

[[on]]
name = "uploaded"
event = "secvod_upload_event"
script = "work.rhai"
after_crash = "again"
timeout = "30d"

"#;

/// All due times are caught up, however many there are, and however long ago.
const ALL: &str = "catch_up = \"all\"\ncatch_up_window = \"30d\"\noverlap = \"queue\"\nqueue = 10000";
const ALL_AGAIN: &str =
    "catch_up = \"all\"\ncatch_up_window = \"30d\"\noverlap = \"queue\"\nqueue = 10000\nafter_crash = \"again\"";

#[test]
fn a_week_with_restarts_at_random_moments() {
    const HOUR: i64 = 3600;
    // Clocks go back in Berlin on 26 October 2025.
    let mut place = Place::new(
        "2025-10-22T07:10:00Z",
        &[
            ("hourly", "0 * * * *", "Asia/Shanghai", ALL),
            ("again", "20 */2 * * *", "UTC", ALL_AGAIN),
            ("daily", "30 3 * * *", "Asia/Shanghai", ALL),
            ("weekly", "0 9 * * mon", "Asia/Shanghai", ALL),
            ("autumn", "30 2 * * *", "Europe/Berlin", ALL_AGAIN),
            ("quarters", "*/15 * * * *", "Europe/Berlin", "overlap = \"allow\""),
            ("last", "5 * * * *", "UTC", ""),
            ("never", "10 * * * *", "UTC", "catch_up = \"none\""),
            ("paused", "40 * * * *", "UTC", "paused = true"),
        ],
    );
    let end = place.now + SignedDuration::from_hours(7 * 24);
    let (mut random, mut stops) = (fastrand::Rng::with_seed(7), 0);
    while place.now < end {
        let serving = place.serve(30_000.0);
        sleep(Duration::from_millis(random.u64(100..3000)));
        let signal = if random.bool() { "KILL" } else { "TERM" };
        stops += 1;
        place.stop(serving, signal);
    }
    place.serve_to_the_end();

    place.is_without_faults();
    for (job, seconds, first) in [
        ("hourly", HOUR, 0),
        ("again", 2 * HOUR, HOUR / 3),
        ("daily", 24 * HOUR, 39 * HOUR / 2),
        ("weekly", 168 * HOUR, 4 * 24 * HOUR + HOUR),
        ("quarters", HOUR / 4, 0),
        ("last", HOUR, 5 * 60),
        ("never", HOUR, 10 * 60),
        ("paused", HOUR, 40 * 60),
    ] {
        let (ended, times) = (place.ended(job), place.counted(job, seconds, first));
        assert!(times > 0 && ended.values().sum::<i64>() == times, "{job}: {times} times, {ended:?}");
        let count = |state: &str| ended.get(state).copied().unwrap_or_default();
        match job {
            // One can be going when it is stopped.
            "hourly" | "daily" | "weekly" => {
                assert!(count("ran") >= times - stops && count("ran") + count("unknown") == times, "{ended:?}")
            }
            "again" => assert_eq!(count("ran"), times, "{job}"),
            "paused" => assert_eq!(count("skipped"), times),
            // Whether more than one due time lies between a stop and the next start is chance.
            "last" => assert!(count("ran") > 0, "{ended:?}"),
            _ => assert!(count("missed") > 0, "{job}: {ended:?}"),
        }
    }
    let autumn = block_on(place.store().past_fires("autumn", 100)).unwrap();
    let twice = autumn.iter().filter(|fire| fire.due.to_string().starts_with("2025-10-26"));
    assert_eq!(twice.map(|fire| fire.due.to_string()).collect::<Vec<_>>(), ["2025-10-26T00:30:00Z"]);
}

const KILLS: usize = 50;

#[test]
fn nothing_is_lost_or_done_twice_when_it_is_killed_fifty_times() {
    let mut place = Place::new(
        "2026-05-04T03:00:00Z",
        &[
            ("ticks", "*/5 * * * * *", "UTC", ALL),
            ("again", "*/10 * * * * *", "UTC", ALL_AGAIN),
            ("both", "*/4 * * * * *", "UTC", "overlap = \"allow\""),
        ],
    );
    let mut random = fastrand::Rng::with_seed(3);
    let (mut acknowledged, mut number) = (BTreeSet::new(), 0);
    for _ in 0..KILLS {
        let serving = place.serve(5.0);
        let over = AtomicBool::new(false);
        let (address, sent) = (serving.address.clone(), place.now.as_second());
        thread::scope(|scope| {
            let pushing = scope.spawn(|| {
                while !over.load(SeqCst) {
                    number += 1;
                    if push(&address, number, sent) {
                        acknowledged.insert(number);
                    }
                }
            });
            sleep(Duration::from_millis(random.u64(0..600)));
            place.stop(serving, "KILL");
            over.store(true, SeqCst);
            pushing.join().unwrap();
        });
    }
    place.serve_to_the_end();

    place.is_without_faults();
    let events = block_on(place.store().events(&EventFilter::default())).unwrap();
    let kept: Vec<i64> = events.iter().map(|event| number_of(&event.told.body)).collect();
    let distinct: BTreeSet<i64> = kept.iter().copied().collect();
    assert_eq!(distinct.len(), kept.len(), "an event was kept twice");
    let lost: Vec<_> = acknowledged.difference(&distinct).collect();
    assert!(lost.is_empty() && acknowledged.len() > KILLS, "{lost:?} of {}", acknowledged.len());
    // Each event that a job runs on has run once, and again if it was killed in between.
    let uploads = kept.iter().filter(|number| is_upload(**number)).count() as i64;
    assert_eq!(place.ended("uploaded"), BTreeMap::from([("ran".to_owned(), uploads)]));
    let again = BTreeMap::from([("ran".to_owned(), place.counted("again", 10, 0))]);
    assert_eq!(place.ended("again"), again);
    let ticks = place.ended("ticks");
    assert_eq!(ticks.values().sum::<i64>(), place.counted("ticks", 5, 0));
    assert!(ticks.keys().all(|state| ["ran", "unknown"].contains(&state.as_str())), "{ticks:?}");
}

/// A signed push of an event; whether it was acknowledged.
fn push(address: &str, number: i64, sent: i64) -> bool {
    let event = if is_upload(number) { "secvod_upload_event" } else { "secvod_audit_event" };
    let body = serde_json::json!({
        "ToUserName": "gh_0123456789ab", "FromUserName": "oJubenSystem0001", "CreateTime": sent,
        "MsgType": "event", "Event": event, "number": number,
    });
    let (body, sent) = (body.to_string(), sent.to_string());
    let signature = sign(&[TOKEN, &sent, "874512369"]);
    let request = format!(
        "POST /events/main?signature={signature}&timestamp={sent}&nonce=874512369 HTTP/1.1\r\nHost: {address}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    answer(address, &request).is_ok_and(|answer| answer.starts_with("HTTP/1.1 200") && answer.ends_with("success"))
}

fn answer(address: &str, request: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map(|_| answer)
}

/// Every fortieth; no job runs on the others.
fn is_upload(number: i64) -> bool {
    number % 40 == 0
}

fn number_of(body: &str) -> i64 {
    serde_json::from_str::<serde_json::Value>(body).unwrap()["number"].as_i64().unwrap()
}
