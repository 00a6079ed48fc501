//! One run in a process of its own: what it tells, and how it is stopped.

use crate::{
    command::Juben,
    script::{RUNTIME, Server},
    stopping::BUSY,
};
use juben::client::{Client, Desk};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    io::{BufRead, BufReader, Lines, Write},
    process::{Child, ChildStdin, ChildStdout, ExitStatus, Stdio},
    time::{Duration, Instant},
};

/// What it is at most when a run is told to stop, or is to be gone; a machine that is busy with other tests included.
const SOON: Duration = Duration::from_secs(5);

/// A run that the test is the parent of.
struct Run {
    child: Child,
    to_run: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
    /// Has tokens for it.
    desk: Option<Client>,
    // Its folder lives as long as it runs.
    _juben: Juben,
}

impl Run {
    fn of(script: &str) -> Run {
        Run::with(script, "", json!({}))
    }

    /// With this configuration, and these fields of the attempt.
    fn with(script: &str, config: &str, fields: Value) -> Run {
        let mut juben = Juben::new(&["attempt"]).file("script.rhai", script);
        let mut attempt = json!({
            "run": 7, "job": "nightly", "number": 1, "due": "2026-03-01T02:00:00Z", "script": "script.rhai",
            "parameters": [], "account": null, "timeout": { "secs": 60, "nanos": 0 }, "event": null,
        });
        attempt.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let setting = json!({ "config": { "path": "juben.toml", "text": config }, "sandbox": null, "state": "state" });
        let pipes = juben.command().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().unwrap();
        let (to_run, lines) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()).lines());
        let mut run = Run { child, to_run, lines, desk: None, _juben: juben };
        run.say(&json!({ "begin": { "attempt": attempt, "setting": setting } }));
        run
    }

    fn say(&mut self, words: &Value) {
        writeln!(self.to_run.as_mut().unwrap(), "{words}").unwrap();
    }

    fn given_by(mut self, server: &Server) -> Run {
        self.desk = Some(server.client());
        self
    }

    /// What it says next. What it asks for, it is given.
    fn next(&mut self) -> Option<Value> {
        loop {
            let said: Value = serde_json::from_str(&self.lines.next()?.unwrap()).unwrap();
            match (said.get("ask"), said.get("leave")) {
                (None, None) => return Some(said),
                (Some(ask), _) => self.answer(&ask[0], &ask[1]),
                (None, Some(_)) => {}
            }
        }
    }

    fn answer(&mut self, number: &Value, asked: &Value) {
        let answer = match asked.get("token") {
            None => json!("place"),
            Some(asked) => {
                let text = |name: &str| asked[name].as_str().unwrap();
                let token = self.desk.as_ref().unwrap().token(text("account"), text("operation"), None);
                json!({ "token": RUNTIME.block_on(token).unwrap().reveal() })
            }
        };
        self.say(&json!({ "answer": [number, answer] }));
    }

    /// It says that it has begun.
    #[track_caller]
    fn begun(mut self) -> Run {
        assert_eq!(self.next(), Some(json!({ "told": { "printed": "begun" } })));
        self
    }

    /// What it told, and what it ended with.
    #[track_caller]
    fn ended(mut self) -> (Vec<Value>, Value) {
        let mut said: Vec<Value> = std::iter::from_fn(|| self.next()).collect();
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        let last = said.pop().unwrap();
        (said.into_iter().map(|it| it["told"].clone()).collect(), last["ended"].clone())
    }

    /// It is gone soon, without anybody having killed it.
    #[track_caller]
    fn is_gone(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < SOON, "it is still there");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // It has ended already, unless the test has failed.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn a_run_tells_in_order_and_says_what_it_ended_with() {
    let script = r#"print("one"); log::warn("two\nlines"); print(3); #{ done: 4 }"#;
    let (told, ended) = Run::of(script).ended();
    let expected =
        [json!({ "printed": "one" }), json!({ "logged": ["WARN", "two\nlines"] }), json!({ "printed": "3" })];
    assert_eq!(told, expected);
    let hash: String = Sha256::digest(script).iter().map(|byte| format!("{byte:02x}")).collect();
    let expected = json!({ "outcome": "done", "script_hash": hash, "result": "{\"done\":4}", "trouble": null });
    assert_eq!(ended, expected);
}

#[test]
fn a_run_that_fails_says_where_and_what_to_do() {
    let (_, ended) = Run::of("let a = 1;\npages::no_such(a);").ended();
    let trouble = &ended["trouble"];
    assert_eq!((&ended["outcome"], &trouble["kind"]), (&json!("failed"), &json!("script")));
    assert!(trouble["report"].as_str().unwrap().contains("script.rhai:2:"), "{trouble}");
    assert!(trouble["hint"].is_string(), "{trouble}");
}

#[test]
fn what_is_done_in_part_is_kept() {
    let (_, ended) = Run::of(r#"throw #{ kind: "partial", message: "1 of 2", result: [1] }"#).ended();
    assert_eq!((&ended["outcome"], &ended["result"]), (&json!("partial"), &json!("[1]")));
    assert_eq!(ended["trouble"]["message"], "1 of 2");
}

#[test]
fn a_script_cannot_say_that_somebody_stopped_it() {
    for kind in ["cancelled", "limit"] {
        let (_, ended) = Run::of(&format!(r#"throw #{{ kind: "{kind}", message: "as if" }}"#)).ended();
        assert_eq!(ended["outcome"], "failed");
    }
}

#[test]
fn a_run_without_its_script_fails() {
    let (told, ended) = Run::with("", "", json!({ "script": "gone.rhai" })).ended();
    assert!(told.is_empty());
    assert_eq!((&ended["outcome"], &ended["script_hash"]), (&json!("failed"), &Value::Null));
    assert!(ended["trouble"]["message"].as_str().unwrap().contains("gone.rhai"), "{ended}");
}

#[test]
fn parameters_are_those_that_the_script_declares() {
    let script = "//! @param days int = 30 \"how far ahead\"\nargs::get(\"days\") + 1";
    let (_, ended) = Run::with(script, "", json!({ "parameters": [["days", "44"]] })).ended();
    assert_eq!(ended["result"], "45");
    let (_, ended) = Run::with(script, "", json!({ "parameters": [["dais", "44"]] })).ended();
    assert_eq!(ended["trouble"]["hint"], "did you mean `days`?");
}

#[test]
fn calls_go_where_the_parent_has_read_that_they_go() {
    let server = Server::start();
    let script = "drama::list_media(#{ limit: 1 }).media_info_list.len() >= 0";
    let run = Run::with(script, &server.toml(), json!({ "account": "sandbox" })).given_by(&server);
    let (told, ended) = run.ended();
    assert_eq!((&ended["outcome"], &ended["result"]), (&json!("done"), &json!("true")), "{ended}");
    assert_eq!((server.operations(), server.token_calls()), (vec!["drama.list_media".to_owned()], 1));
    let [called] = &told[..] else { panic!("{told:?}") };
    let called = &called["called"];
    assert_eq!((&called["operation"], &called["effect"]), (&json!("drama.list_media"), &json!("read")));
    assert_eq!((&called["attempts"], &called["failure"]), (&json!(1), &Value::Null));
    let (_, ended) = Run::with(script, &server.toml(), json!({ "account": "sandbux" })).ended();
    assert_eq!(ended["trouble"]["hint"], "did you mean `sandbox`?");
}

#[test]
fn what_cannot_be_undone_on_a_production_account_is_agreed_to_before() {
    let server = Server::start();
    let toml = server.toml().replace("platform =", "production = true\nplatform =");
    let script = "novel::delete_book(#{ book_id: \"Bk7aQ2x9\" }); 1";
    let (_, ended) = Run::with(script, &toml, json!({})).given_by(&server).ended();
    assert_eq!((&ended["outcome"], &ended["trouble"]["kind"]), (&json!("failed"), &json!("denied")), "{ended}");
    assert!(ended["trouble"]["hint"].as_str().unwrap().contains("yes = true"), "{ended}");
    assert_eq!(server.sandbox.requests(), []);
    let (_, ended) = Run::with(script, &toml, json!({ "yes": true })).given_by(&server).ended();
    assert_eq!(ended["outcome"], "done", "{ended}");
}

#[test]
fn a_result_that_is_too_large_is_not_kept() {
    let (told, ended) = Run::of(r#"let text = ""; text.pad(2000000, 'a'); text"#).ended();
    assert_eq!((&ended["outcome"], &ended["result"]), (&json!("done"), &Value::Null));
    assert!(told[0]["logged"][1].as_str().unwrap().starts_with("the result is not kept"), "{told:?}");
}

#[test]
fn a_run_keeps_its_time() {
    for endless in ["loop {}", "sleep(3600);", BUSY[0]] {
        let start = Instant::now();
        let (_, ended) = Run::with(endless, "", json!({ "timeout": { "secs": 1, "nanos": 0 } })).ended();
        assert_eq!((&ended["outcome"], &ended["trouble"]["kind"]), (&json!("timed_out"), &json!("limit")), "{endless}");
        assert!(ended["trouble"]["hint"].as_str().unwrap().contains("[[job]]"), "{ended}");
        assert!(start.elapsed() < Duration::from_secs(1) + SOON);
    }
}

#[test]
fn a_run_stops_when_it_is_told_to() {
    for endless in ["loop {}", "sleep(3600);", BUSY[0]] {
        let mut run = Run::of(&format!("print(\"begun\"); {endless}")).begun();
        let start = Instant::now();
        run.say(&json!("stop"));
        let (_, ended) = run.ended();
        assert_eq!((&ended["outcome"], &ended["trouble"]["kind"]), (&json!("cancelled"), &json!("cancelled")));
        assert!(start.elapsed() < SOON);
    }
}

#[test]
fn a_run_whose_parent_is_gone_ends() {
    for endless in ["loop {}", "sleep(3600);", BUSY[0]] {
        let mut run = Run::of(&format!("print(\"begun\"); {endless}")).begun();
        run.to_run = None;
        run.is_gone();
    }
}

#[test]
fn a_script_that_eats_memory_ends_within_its_limit() {
    let (script, config) = ("let a = []; loop { a.push(blob(1000000, 1)); }", "[limits]\nmemory = 300000000");
    let (_, ended) = Run::with(script, config, json!({})).ended();
    assert_eq!((&ended["outcome"], &ended["trouble"]["kind"]), (&json!("failed"), &json!("limit")), "{ended}");
}

#[cfg(target_os = "linux")]
#[test]
fn one_step_that_asks_for_more_than_there_may_be_ends_its_process() {
    use std::os::unix::process::ExitStatusExt;
    let mut run = Run::with("print(\"begun\"); blob(9000000000, 1).len()", "[limits]\nmemory = 300000000", json!({}));
    run = run.begun();
    assert_eq!(run.is_gone().signal(), Some(6));
    assert_eq!(run.next(), None);
}

#[test]
fn who_is_no_parent_is_told_what_to_do() {
    let said = "usage\n\n  × `juben attempt` is for `juben serve`, which tells it what to do\n  help: `juben run SCRIPT` runs a script";
    Juben::new(&["attempt"]).fails(2, said);
}

#[test]
fn all_runs_of_a_server_have_one_token() {
    let platform = Server::start();
    let jobs: String = ["one", "two"]
        .map(|name| format!("[[job]]\nname = \"{name}\"\nscript = \"list.rhai\"\ncron = \"* * * * * *\"\n"))
        .concat();
    let arguments = ["serve", "--state", "state", "--listen", "127.0.0.1:0", "--for", "5s"];
    let served = Juben::new(&arguments)
        .file("juben.toml", &format!("{}\n{jobs}", platform.toml()))
        .file("list.rhai", "drama::list_media(#{ limit: 1 });")
        .run();
    assert_eq!(served.code, 0, "{}{}", served.stdout, served.stderr);
    assert!(platform.operations().len() > 2, "{served:?}");
    assert_eq!(platform.token_calls(), 1, "{:?}", platform.operations());
}
