//! How a run ends before its script does: Ctrl-C, and the time that it was given.

use crate::{
    command::{Ended, Juben},
    script::Server,
};
use juben::sandbox::{Fault, FaultKind};
use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A quarter of a second is the promise; a machine that is busy with other tests gets twice that.
const SOON: Duration = Duration::from_millis(500);

/// Native functions that take seconds between two steps of the script, and one whose steps are in a callback.
pub const BUSY: [&str; 2] = [
    r#"let text = ""; text.pad(30000000, 'a'); loop { text.replace("aaaa", "aaab"); text.replace("b", "a"); }"#,
    "let all = []; all.pad(20000, 7); all.sort(|a, b| { let n = 0; while n < 100000 { n += 1; } 1 });",
];

/// A start of the program, and the line that says it has begun.
pub struct Running {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    pub first: String,
    // Its folder lives as long as it runs.
    _juben: Juben,
}

impl Running {
    pub fn start(mut juben: Juben) -> Self {
        let mut child = juben.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        output.read_line(&mut first).unwrap();
        Running { child, output, first, _juben: juben }
    }

    /// As Ctrl-C does; also how long it took to end.
    pub fn interrupt(mut self) -> (Ended, Duration) {
        // Let it get from the line that it printed into what comes after it.
        std::thread::sleep(Duration::from_millis(100));
        let start = Instant::now();
        let id = self.child.id().to_string();
        assert!(Command::new("sh").args(["-c", &format!("kill -INT {id}")]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        let took = start.elapsed();
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.output.read_to_string(&mut stdout).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        (Ended { code: status.code().unwrap_or(-1), stdout, stderr }, took)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, unless the test has failed.
        self.child.kill().ok();
    }
}

fn script(text: &str, arguments: &[&str]) -> Juben {
    let text = format!("print(\"begun\");\n{text}");
    Juben::new(&[&["run", "test.rhai"], arguments].concat()).file("test.rhai", &text)
}

/// Ctrl-C ends it soon, and it says no more than that.
#[track_caller]
fn stops(start: impl Fn() -> Juben) {
    soon(|| {
        let running = Running::start(start());
        assert_eq!(running.first, "begun\n");
        let (ended, took) = running.interrupt();
        assert_eq!((ended.code, ended.stdout.as_str()), (130, ""), "{}", ended.stderr);
        assert!(ended.stderr.starts_with("cancelled\n\n  × stopped\n"), "{}", ended.stderr);
        took
    });
}

/// The quickest of three tries is what the program needs; the rest is the machine.
#[track_caller]
pub fn soon(mut once: impl FnMut() -> Duration) {
    let tries: Vec<_> = (0..3).map(|_| once()).take_while(|took| *took >= SOON).collect();
    assert!(tries.len() < 3, "{tries:?}");
}

#[test]
fn ctrl_c_ends_a_loop() {
    stops(|| script("loop {}", &[]));
    stops(|| script("let n = 0; while true { n += 1; }", &[]));
}

#[test]
fn ctrl_c_ends_a_loop_that_catches_everything() {
    stops(|| script("loop { try { throw 1; } catch { } }", &[]));
    stops(|| script("loop { try { time::sleep(1000); } catch (error) { print(error); } }", &[]));
}

#[test]
fn ctrl_c_ends_a_pause() {
    stops(|| script("time::sleep(1000);", &[]));
    stops(|| script("sleep(1000);", &[]));
}

#[test]
fn ctrl_c_ends_a_native_function_that_is_busy() {
    for text in BUSY {
        stops(|| script(text, &[]));
    }
}

/// A platform that never answers, and the configuration for it.
fn hanging() -> (Server, String) {
    let server = Server::start();
    server.sandbox.fail([Fault { times: 99, ..Fault::next(FaultKind::Hang) }]);
    let toml = format!(
        "[account.main]\nplatform = \"wechat\"\nappid = \"wx1234567890abcdef\"\nsecret = \"cmd:echo sandbox-secret\"\n\
         base_url = \"{}\"",
        server.sandbox.url()
    );
    (server, toml)
}

#[test]
fn ctrl_c_ends_a_call_that_hangs() {
    let (_server, toml) = hanging();
    stops(|| script("novel::list_books()", &[]).file("juben.toml", &toml));
    stops(|| {
        script("loop { try { novel::list_books() } catch (error) { print(error) } }", &[]).file("juben.toml", &toml)
    });
}

#[test]
fn ctrl_c_ends_a_call_from_the_command_line() {
    soon(|| {
        let (server, toml) = hanging();
        let mut juben = Juben::new(&["call", "novel.list_books"]).file("juben.toml", &toml);
        let mut child = juben.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        while server.sandbox.requests().is_empty() {
            std::thread::sleep(Duration::from_millis(10));
        }
        let (ended, took) = Running { child, output, first: String::new(), _juben: juben }.interrupt();
        assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (130, "", "cancelled\n\n  × stopped\n"));
        took
    });
}

#[test]
fn ctrl_c_ends_the_sandbox_well() {
    soon(|| {
        let running = Running::start(Juben::new(&["sandbox", "--port", "0"]));
        assert!(running.first.starts_with("sandbox at http://127.0.0.1:"), "{}", running.first);
        let (ended, took) = running.interrupt();
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
        took
    });
}

#[test]
fn a_run_that_is_out_of_time_ends_with_an_error_that_it_cannot_catch() {
    for text in [
        "loop {}",
        "loop { try { throw 1; } catch { } }",
        "try { time::sleep(1000); } catch { print(\"caught\"); }",
        "loop { try { novel::list_books(#{ limit: 1 }); } catch { } }",
        BUSY[0],
        BUSY[1],
    ] {
        let start = Instant::now();
        let ended = script(text, &["--timeout", "0.3", "--sandbox"]).run();
        assert_eq!((ended.code, ended.stdout.contains("caught")), (1, false), "{text}: {}", ended.stderr);
        assert!(ended.stderr.starts_with("limit\n\n  × the time for this run is up\n"), "{text}: {}", ended.stderr);
        assert!(ended.stderr.ends_with("help: give it more by --timeout SECONDS\n"), "{}", ended.stderr);
        assert!(start.elapsed() < Duration::from_secs(5), "{text}: {:?}", start.elapsed());
    }
}

#[test]
fn a_script_that_hoards_memory_ends_and_cannot_catch_it() {
    let hoards = [
        ("text", r#"let text = "x"; loop { try { text += text; } catch {} }"#),
        ("array", "let list = [1]; loop { try { list = [list, list]; } catch {} }"),
        ("closures", "let kept = []; loop { let text = \"x\"; text.pad(100000, 'x'); kept.push(|| text.len); }"),
        ("pad", "let list = []; loop { try { list.pad(1000000000, 1); } catch {} }"),
    ];
    for (name, script) in hoards {
        let ended = Juben::new(&["run", "hoard.rhai"])
            .file("hoard.rhai", script)
            .file("juben.toml", "[limits]\nmemory = 300000000")
            .run();
        assert_eq!(ended.code, 1, "{name}: {}", ended.stderr);
        assert!(ended.stderr.contains("the script uses more than 286 MB of memory"), "{name}: {}", ended.stderr);
    }
}
