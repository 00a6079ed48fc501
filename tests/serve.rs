//! `juben serve` as a process: jobs at their times, reload, shutdown, health and metrics.

use crate::command::{Ended, Juben};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

/// What is waited for at most; a machine that is busy with other tests included.
const SOON: Duration = Duration::from_secs(60);

/// A folder with a configuration, its scripts and its state.
pub struct Office(tempfile::TempDir);

impl Office {
    pub fn new(toml: &str) -> Office {
        let office = Office(tempfile::tempdir().unwrap());
        office.write("juben.toml", toml);
        office
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    pub fn with(self, name: &str, text: &str) -> Office {
        self.write(name, text);
        self
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    fn command(&self, arguments: &[&str]) -> Juben {
        let mut juben = Juben::new(arguments).env("JUBEN_STATE", self.0.path().join("state").to_str().unwrap());
        juben.command().current_dir(self.0.path());
        juben
    }

    pub fn juben(&self, arguments: &[&str]) -> Ended {
        self.command(arguments).run()
    }

    /// One that is left to itself, silently.
    pub fn starts(&self, arguments: &[&str]) -> Child {
        self.command(arguments).command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// It ends well, and says this on standard output.
    #[track_caller]
    pub fn does(&self, arguments: &[&str]) -> String {
        let ended = self.juben(arguments);
        assert_eq!(ended.code, 0, "{arguments:?}: {}{}", ended.stdout, ended.stderr);
        ended.stdout
    }

    /// It ends with this code and says all of these.
    #[track_caller]
    pub fn refuses(&self, arguments: &[&str], code: i32, said: &[&str]) {
        let ended = self.juben(arguments);
        let stderr = ended.stderr.replace("\n  │ ", " ");
        assert_eq!((ended.code, ended.stdout.as_str()), (code, ""), "{stderr}");
        for said in said {
            assert!(stderr.contains(said), "{said:?} is not in {stderr}");
        }
    }

    /// A server that listens.
    pub fn serve(&self, arguments: &[&str]) -> Serving {
        let mut juben = self.command(&[&["serve", "--listen", "127.0.0.1:0"], arguments].concat());
        let mut child = juben.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (say, log) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| say.send(line)));
        let mut first = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
        let address = first.split("http://").nth(1).and_then(|rest| rest.split(' ').next());
        let Some(address) = address.map(str::to_owned) else {
            child.kill().ok();
            panic!("it does not serve: {first}{:?}", log.iter().collect::<Vec<_>>());
        };
        Serving { child, address, log, _home: juben }
    }
}

/// A server that runs; dropped, it is killed.
pub struct Serving {
    child: Child,
    pub address: String,
    log: Receiver<String>,
    _home: Juben,
}

impl Serving {
    /// Wait until it logs this; what it has logged so far.
    #[track_caller]
    pub fn logs(&self, text: &str) -> String {
        let (end, mut heard) = (Instant::now() + SOON, Vec::new());
        while let Ok(line) = self.log.recv_timeout(end.saturating_duration_since(Instant::now())) {
            let is_it = line.contains(text);
            heard.push(line);
            if is_it {
                return heard.join("\n");
            }
        }
        panic!("it does not log {text:?}, but {heard:?}");
    }

    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// It is told to stop, and ends with this code.
    #[track_caller]
    fn ends(mut self, code: i32) {
        self.signal("TERM");
        assert_eq!(self.child.wait().unwrap().code(), Some(code), "{:?}", self.log.iter().collect::<Vec<_>>());
    }

    /// The status and the body of an answer.
    fn get(&self, path: &str, header: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: juben\r\nConnection: close\r\n{header}\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
    }

    /// Wait until the metrics have this line.
    #[track_caller]
    fn measures(&self, line: &str) {
        let end = Instant::now() + SOON;
        loop {
            let (status, text) = self.get("/metrics", "");
            if status == 200 && text.lines().any(|it| it == line) {
                return;
            }
            assert!(Instant::now() < end, "{line} is not in\n{text}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// An hourly job that is due two seconds after the clock starts.
const HOURLY: &str = "[[job]]\nname = \"hourly\"\nscript = \"hourly.rhai\"\ncron = \"0 * * * *\"\n";
const START: [&str; 3] = ["--sandbox", "--now", "2026-12-01T02:59:58+08:00"];

#[test]
fn a_job_runs_at_its_time_and_its_history_stays() {
    let office = Office::new(HOURLY).with("hourly.rhai", "print(\"hello\"); novel::list_books(); 1");
    let state = office.folder().join("state");
    let serving = office.serve(&[&START[..], &["--state", state.to_str().unwrap()]].concat());
    let log = serving.logs("run 1 hourly done in ");
    assert!(log.contains("run 1 hourly began (schedule 12-01 03:00:00, "), "{log}");
    serving.measures("juben_fires_total{job=\"hourly\",state=\"ran\"} 1");
    serving.measures("juben_runs_total{job=\"hourly\",outcome=\"done\"} 1");
    serving.measures("juben_calls_total{operation=\"novel.list_books\",outcome=\"ok\"} 1");
    serving.measures("juben_config_ok 1");
    serving.ends(0);
    let history = office.does(&["jobs", "history", "hourly"]);
    assert!(history.contains("\"due\":\"2026-12-01 03:00:00+08:00\""), "{history}");
    assert!(history.contains("\"cause\":\"schedule\"") && history.contains("\"outcome\":\"done\""), "{history}");
    assert!(office.does(&["jobs", "log", "1"]).contains("\"level\":\"print\",\"text\":\"hello\""));
    let calls = office.does(&["jobs", "log", "1", "--calls"]);
    assert!(calls.contains("\"operation\":\"novel.list_books\",\"outcome\":\"ok\""), "{calls}");
}

#[test]
fn the_log_is_json_for_programs() {
    let office = Office::new(HOURLY).with("hourly.rhai", "throw \"no\"");
    let serving = office.serve(&[&START[..], &["--log", "json"]].concat());
    let log = serving.logs("\"outcome\":\"failed\"");
    let line: serde_json::Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert_eq!((&line["message"], &line["run"], &line["job"]), (&"ended".into(), &1.into(), &"hourly".into()));
    assert_eq!(
        (&line["level"], &line["error"], &line["due"]),
        (&"ERROR".into(), &"no".into(), &"2026-11-30T19:00:00Z".into())
    );
    serving.ends(0);
}

#[test]
fn it_ends_by_itself_after_so_long_and_leaves_nothing_of_a_sandbox() {
    let office = Office::new(HOURLY).with("hourly.rhai", "1");
    let arguments = [&["serve", "--listen", "127.0.0.1:0"], &START[..], &["--for", "4s"]].concat();
    let ended = office.juben(&arguments);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stdout.contains("  hourly: next 2026-12-01 03:00:00+08:00\n"), "{}", ended.stdout);
    assert!(ended.stderr.contains("run 1 hourly done"), "{}", ended.stderr);
    assert!(!office.folder().join("state/juben.db").exists());
}

#[test]
fn health_is_free_and_metrics_ask_for_the_password_that_is_set() {
    let toml = format!("{HOURLY}[serve]\npassword = \"cmd:echo opensesame\"\n");
    let office = Office::new(&toml).with("hourly.rhai", "1");
    let serving = office.serve(&[]);
    assert_eq!(serving.get("/healthz", ""), (200, "alive\n".to_owned()));
    assert_eq!(serving.get("/readyz", ""), (200, "ready\n".to_owned()));
    assert_eq!(serving.get("/nothing", "").0, 404);
    assert_eq!(serving.get("/metrics", "").0, 401);
    assert_eq!(serving.get("/metrics", "Authorization: Bearer wrong\r\n").0, 401);
    assert_eq!(serving.get("/metrics", "Authorization: Bearer opensesame\r\n").0, 200);
    // any:opensesame
    assert_eq!(serving.get("/metrics", "Authorization: Basic YW55Om9wZW5zZXNhbWU=\r\n").0, 200);
    serving.ends(0);
}

#[test]
fn others_may_ask_only_with_a_password() {
    let office = Office::new(HOURLY).with("hourly.rhai", "1");
    office.refuses(&["serve", "--listen", "0.0.0.0:0"], 2, &["without a password", "password = \"env:"]);
}

#[test]
fn one_server_runs_the_jobs_of_a_state() {
    let office = Office::new(HOURLY).with("hourly.rhai", "1");
    let serving = office.serve(&[]);
    office.refuses(&["serve", "--listen", "127.0.0.1:0"], 1, &["another juben runs jobs", "--state DIR"]);
    serving.ends(0);
}

#[test]
fn a_change_is_taken_up_and_a_wrong_one_refused_while_the_old_goes_on() {
    let office = Office::new(HOURLY).with("hourly.rhai", "1");
    let serving = office.serve(&[]);
    office.write("juben.toml", &HOURLY.replace("0 * * * *", "0 * 30 2 *"));
    let log = serving.logs("[[job]] `hourly`");
    assert!(log.contains("the new juben.toml is refused"), "{log}");
    serving.measures("juben_config_ok 0");
    office.write("juben.toml", &format!("{HOURLY}[[job]]\nname = \"second\"\nscript = \"hourly.rhai\"\n"));
    serving.logs("was read again: 2 jobs");
    serving.measures("juben_config_ok 1");
    serving.signal("HUP");
    serving.logs("was read again: 2 jobs");
    assert_eq!(office.does(&["jobs", "run", "second"]).trim(), "1");
    serving.ends(0);
}

#[test]
fn a_run_is_ordered_from_the_server_followed_and_cancelled() {
    let office = Office::new("[[job]]\nname = \"slow\"\nscript = \"slow.rhai\"\n");
    office.write("slow.rhai", "print(\"begun\"); sleep(600);");
    let serving = office.serve(&[]);
    office.does(&["jobs", "run", "slow", "--no-wait"]);
    serving.logs("run 1 slow began (hand ");
    let list = office.does(&["jobs"]);
    assert!(list.contains("\"state\":\"running\""), "{list}");
    let cancelled = office.juben(&["jobs", "cancel", "1"]);
    assert!(cancelled.code == 0 && cancelled.stderr.contains("run 1 of slow: cancelled"), "{}", cancelled.stderr);
    office.refuses(&["jobs", "cancel", "1"], 1, &["run 1 of slow has ended: cancelled"]);
    let again = office.juben(&["jobs", "replay", "1", "--no-wait"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    serving.logs("run 2 slow began (replay ");
    serving.signal("TERM");
    serving.logs("Ctrl-C again ends it at once");
    serving.ends(130);
}
