//! `notify::` and `juben notify`: what robots are sent.

use crate::{
    command::Juben,
    script::{RUNTIME, Script, Server},
    serve::Office,
};
use axum::{Router, body::Bytes, extract::State, http::Request};
use juben::{
    client::Plain,
    config::{Config, Http},
    error::Kind,
    helpers::notify::{Message, Notice, Notifier, ping},
    secret::SecretSource,
    store::Store,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{net::TcpListener, runtime::Handle, sync::Notify, time::Instant};

/// What a robot was sent.
#[derive(Debug, Clone)]
struct Heard {
    target: String,
    signature: Option<String>,
    body: String,
    at: Instant,
}

impl Heard {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// A parameter of the address, as it was written.
    fn parameter(&self, name: &str) -> &str {
        let (_, query) = self.target.split_once('?').unwrap();
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).unwrap()
    }
}

/// A robot on this machine, which keeps what it hears and says yes unless it was told to say something else.
#[derive(Clone)]
struct Robot {
    url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    answers: Arc<Mutex<VecDeque<(u16, &'static str)>>>,
    news: Arc<Notify>,
}

impl Robot {
    /// In the runtime, and so the time, of the test itself.
    async fn here() -> Robot {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/send?key=s3cret-key", listener.local_addr().unwrap());
        let robot = Robot { url, heard: Arc::default(), answers: Arc::default(), news: Arc::default() };
        let app = Router::new().fallback(hear).with_state(robot.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        robot
    }

    fn start() -> Robot {
        RUNTIME.block_on(Robot::here())
    }

    fn will_answer(&self, answers: &[(u16, &'static str)]) {
        self.answers.lock().unwrap().extend(answers);
    }

    fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// The texts that a webhook was sent.
    fn texts(&self) -> Vec<String> {
        self.heard().iter().map(|heard| heard.json()["text"].as_str().unwrap().to_owned()).collect()
    }

    /// When it has heard so many.
    async fn has_heard(&self, count: usize) {
        while self.heard().len() < count {
            self.news.notified().await;
        }
    }
}

async fn hear(
    State(robot): State<Robot>,
    request: Request<axum::body::Body>,
) -> (axum::http::StatusCode, &'static str) {
    let (head, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let header = |name: &str| head.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    robot.heard.lock().unwrap().push(Heard {
        target: head.uri.to_string(),
        signature: header("x-juben-signature"),
        body: String::from_utf8(body.to_vec()).unwrap(),
        at: Instant::now(),
    });
    robot.news.notify_one();
    let (status, answer) = robot.answers.lock().unwrap().pop_front().unwrap_or((200, r#"{"errcode":0,"code":0}"#));
    (axum::http::StatusCode::from_u16(status).unwrap(), answer)
}

/// A `juben.toml` with one robot.
fn toml(kind: &str, url: &str, more: &str) -> String {
    format!("[notify.team]\nkind = \"{kind}\"\nurl = \"cmd:echo '{url}'\"\n{more}\n")
}

/// A notifier of that configuration, and the warnings that it gives.
fn notifier(toml: &str, store: &Arc<Store>) -> (Notifier, Arc<Mutex<Vec<String>>>) {
    let config = Config::parse(toml).unwrap();
    let warnings = Arc::new(Mutex::new(Vec::new()));
    let kept = warnings.clone();
    let warn = move |text: &str| kept.lock().unwrap().push(text.to_owned());
    let http = Plain::new(&Http::default(), true);
    (Notifier::new(&config.notify, http, store, Handle::current(), warn).unwrap(), warnings)
}

fn text(text: &str) -> Message {
    Message { text: text.to_owned(), ..Message::default() }
}

/// What a robot of that kind hears of a message, after one try.
fn told(kind: &str, secret: bool, message: &Message) -> Heard {
    let robot = Robot::start();
    let secret = if secret { "secret = \"cmd:echo this is secret\"" } else { "" };
    RUNTIME.block_on(async {
        let (notifier, _) = notifier(&toml(kind, &robot.url, secret), &Arc::new(Store::in_memory()));
        notifier.try_now("team", message).await.unwrap();
    });
    robot.heard().remove(0)
}

/// RFC 2104, written down once more.
fn hmac(key: &str, text: &str) -> Vec<u8> {
    let pad = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key.bytes()).for_each(|(pad, key)| *pad ^= key);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

fn base64(bytes: &[u8]) -> String {
    use base64::prelude::{BASE64_STANDARD, Engine};
    BASE64_STANDARD.encode(bytes)
}

#[test]
fn every_robot_is_told_in_its_own_form() {
    let plain = Message { title: Some("Grants".into()), ..text("3 end this week\n\"soon\"") };
    let marked = Message { markdown: true, ..plain.clone() };
    let both = "Grants\n3 end this week\n\"soon\"";
    let heading = "### Grants\n3 end this week\n\"soon\"";
    assert_eq!(told("wecom", false, &plain).json(), json!({ "msgtype": "text", "text": { "content": both } }));
    let expected = json!({ "msgtype": "markdown", "markdown": { "content": heading } });
    assert_eq!(told("wecom", false, &marked).json(), expected);
    assert_eq!(told("dingtalk", false, &plain).json(), json!({ "msgtype": "text", "text": { "content": both } }));
    let expected = json!({ "msgtype": "markdown", "markdown": { "title": "Grants", "text": heading } });
    assert_eq!(told("dingtalk", false, &marked).json(), expected);
    assert_eq!(told("feishu", false, &plain).json(), json!({ "msg_type": "text", "content": { "text": both } }));
    let expected = json!({ "msg_type": "interactive", "card": {
        "elements": [{ "tag": "markdown", "content": "3 end this week\n\"soon\"" }],
        "header": { "title": { "tag": "plain_text", "content": "Grants" } },
    } });
    assert_eq!(told("feishu", false, &marked).json(), expected);
    let heard = told("webhook", false, &plain);
    let mut body = heard.json();
    assert!(body["at"].as_i64().unwrap() > 1_700_000_000);
    body.as_object_mut().unwrap().remove("at");
    assert_eq!(body, json!({ "title": "Grants", "text": "3 end this week\n\"soon\"", "markdown": false }));
    assert_eq!((heard.target.as_str(), heard.signature), ("/send?key=s3cret-key", None));
}

#[test]
fn signatures_are_those_that_the_vendors_compute() {
    let heard = told("dingtalk", true, &text("hello"));
    let timestamp = heard.parameter("timestamp");
    assert!(heard.target.starts_with("/send?key=s3cret-key&") && timestamp.len() == 13, "{}", heard.target);
    let sign = base64(&hmac("this is secret", &format!("{timestamp}\nthis is secret")));
    let escaped = sign.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    assert_eq!(heard.parameter("sign"), escaped);

    let body = told("feishu", true, &text("hello")).json();
    let timestamp = body["timestamp"].as_str().unwrap();
    assert_eq!(timestamp.len(), 10);
    assert_eq!(body["sign"], base64(&hmac(&format!("{timestamp}\nthis is secret"), "")));

    let heard = told("webhook", true, &text("hello 中文"));
    let hex: String = hmac("this is secret", &heard.body).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(heard.signature.unwrap(), format!("sha256={hex}"));
}

#[test]
fn what_a_robot_cannot_take_is_cut_off_at_a_character() {
    let long = text(&"第1集 ".repeat(5000));
    let body = told("wecom", false, &long).json();
    let content = body["text"]["content"].as_str().unwrap();
    assert!((1980..=2048).contains(&content.len()), "{}", content.len());
    let (kept, note) = content.split_once("\n… and ").unwrap();
    let left_out: usize = note.strip_suffix(" more characters").unwrap().parse().unwrap();
    assert!((0..2).contains(&(20_000 - left_out - kept.chars().count())), "{note}");
}

#[test]
fn a_job_is_told_of_in_the_words_of_the_template() {
    let robot = Robot::start();
    let notice = Notice { job: "renew".into(), what: "failed".into(), error: "network".into(), ..Notice::default() };
    RUNTIME.block_on(async {
        let template = "template = '''\n短剧 {job} {what} ({error})\nhint: {hint}\n'''";
        let (notifier, _) = notifier(&toml("webhook", &robot.url, template), &Arc::new(Store::in_memory()));
        notifier.notice("team", notice.clone()).unwrap();
        notifier.finish().await;
    });
    let body = robot.heard()[0].json();
    assert_eq!(body["text"], "短剧 renew failed (network)");
    // Field by field, too, as far as it is known.
    assert_eq!((&body["job"], &body["error"], &body["hint"]), (&json!("renew"), &json!("network"), &Value::Null));

    let config = Config::parse(&toml("webhook", "http://localhost", "template = '{jobs} failed'")).unwrap();
    let http = Plain::new(&Http::default(), true);
    let store = Arc::new(Store::in_memory());
    let error = Notifier::new(&config.notify, http, &store, RUNTIME.handle().clone(), |_| {}).unwrap_err();
    assert_eq!((error.kind, error.hint.as_deref()), (Kind::Config, Some("did you mean `job`?")));
}

/// A store that is open: it has a thread of its own, for which paused time does not wait.
async fn open() -> Arc<Store> {
    let store = Arc::new(Store::in_memory());
    store.uploads().await.unwrap();
    store
}

#[tokio::test]
async fn more_than_a_minute_takes_are_told_together_afterwards() {
    let (robot, store) = (Robot::here().await, open().await);
    tokio::time::pause();
    let config = toml("webhook", &robot.url, "per_minute = 3");
    // As by two processes that share a state.
    let (one, _) = notifier(&config, &store);
    let (other, warnings) = notifier(&config, &store);
    let begun = Instant::now();
    one.send("team", text("first")).unwrap();
    one.finish().await;
    for number in 0..40 {
        other.send("team", text(&format!("job {number} failed\nwhy"))).unwrap();
    }
    // To send takes no time at all: the robot is told in the background.
    assert_eq!(robot.heard().len(), 1);
    robot.has_heard(4).await;
    other.finish().await;
    let heard = robot.heard();
    let titles: Vec<_> = heard.iter().map(|heard| heard.json()["title"].as_str().map(str::to_owned)).collect();
    assert_eq!(titles[..3], [None, None, None]);
    assert!(heard[3].at - begun >= Duration::from_secs(60), "{:?}", heard[3].at - begun);
    // Whatever had been sent before the limit was reached, the rest is counted.
    let (last, texts) = (heard.last().unwrap().json(), robot.texts());
    assert_eq!((titles.len(), last["title"].as_str()), (4, Some("38 messages")));
    assert_eq!(texts[..3], ["first", "job 0 failed\nwhy", "job 1 failed\nwhy"]);
    assert!(
        texts[3].starts_with("· job 2 failed\n· job 3 failed\n") && texts[3].ends_with("\nand 28 more"),
        "{}",
        texts[3]
    );
    assert!(warnings.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_robot_that_is_busy_is_told_later_and_one_that_refuses_is_not() {
    let (robot, store) = (Robot::here().await, open().await);
    tokio::time::pause();
    let (notifier, warnings) = notifier(&toml("wecom", &robot.url, ""), &store);
    let busy = r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#;
    robot.will_answer(&[(503, ""), (200, busy), (200, r#"{"errcode":0,"errmsg":"ok"}"#)]);
    let begun = Instant::now();
    notifier.send("team", text("it failed")).unwrap();
    robot.has_heard(3).await;
    let heard = robot.heard();
    assert!(heard[1].at - begun >= Duration::from_secs(1) && heard[2].at - heard[1].at >= Duration::from_secs(60));
    assert!(heard.iter().all(|it| it.json()["text"]["content"] == "it failed"));

    // Its address may stand in what it answers.
    robot.will_answer(&[(200, r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#)]);
    notifier.send("team", text("it failed again\nbadly")).unwrap();
    robot.has_heard(4).await;
    notifier.finish().await;
    assert_eq!(robot.heard().len(), 4);
    let warning = "`team` was not told \"it failed again\": the robot refused it: invalid webhook url (code 93000); \
                   this address is of no robot: copy it again from the group's settings";
    assert_eq!(*warnings.lock().unwrap(), [warning]);
}

#[tokio::test]
async fn tries_end_and_the_end_waits_for_none_of_them() {
    let (robot, store) = (Robot::here().await, open().await);
    tokio::time::pause();
    let (notifier, warnings) = notifier(&toml("webhook", &robot.url, ""), &store);
    robot.will_answer(&[(500, "s3cret-key"); 20]);
    notifier.send("team", text("one")).unwrap();
    robot.has_heard(6).await;
    while warnings.lock().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(robot.heard().len(), 6);

    let begun = Instant::now();
    notifier.send("team", text("two")).unwrap();
    robot.has_heard(7).await;
    notifier.finish().await;
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(robot.heard().len(), 8);
    let warnings = warnings.lock().unwrap().join("\n");
    assert!(warnings.contains("\"two\": the answer is HTTP 500") && !warnings.contains("s3cret"), "{warnings}");
}

fn run(script: &str, toml: &str, options: &[&str]) -> Juben {
    Juben::new(&[&["run", "tell.rhai"], options].concat()).file("tell.rhai", script).file("juben.toml", toml)
}

const TELL: &str = r#"notify::send("team", "3 grants end"); notify::send("team", #{ title: "Grants", text: "2" }); 7"#;

#[test]
fn a_script_tells_and_goes_on() {
    let robot = Robot::start();
    let config = toml("webhook", &robot.url, "");
    run(TELL, &config, &[]).prints("7\n");
    assert_eq!(robot.texts(), ["3 grants end", "2"]);

    // Who cannot be told fails no run.
    robot.will_answer(&[(403, "")]);
    let ended = run(r#"notify::send("team", "3 grants end"); 7"#, &config, &[]).run();
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "7\n"));
    let warning = "warning: `team` was not told \"3 grants end\": the answer is HTTP 403; who answers there";
    assert!(ended.stderr.starts_with(warning) && !ended.stderr.contains("s3cret"), "{}", ended.stderr);

    // Entries of a prompt tell, too.
    let mut prompt = Juben::new(&["repl", "--no-history"])
        .file("juben.toml", &config)
        .file("entry", "notify::send(\"team\", \"prompt\")");
    let entry = std::fs::File::open(prompt.folder().join("entry")).unwrap();
    prompt.command().stdin(entry);
    prompt.prints("");
    assert_eq!(robot.texts().last().unwrap(), "prompt");
}

#[test]
fn what_must_not_be_lost_is_waited_for() {
    let robot = Robot::start();
    let config = toml("wecom", &robot.url, "");
    let deliver = r#"
        let message = #{ title: "Grants", text: "**3** end", markdown: true };
        try { notify::deliver("team", message); print("taken"); } catch (error) { print(error.kind); }
    "#;
    robot.will_answer(&[(403, "")]);
    run(deliver, &config, &[]).prints("auth\n");
    run(deliver, &config, &[]).prints("taken\n");
    assert_eq!(robot.heard()[1].json()["markdown"]["content"], "### Grants\n**3** end");
    let dry = run(deliver, &config, &["--dry-run"]).run();
    assert_eq!((dry.stdout.as_str(), dry.stderr.trim()), ("taken\n", "would tell team: Grants: **3** end"));
    assert_eq!(robot.heard().len(), 2);
}

#[test]
fn a_digest_that_a_robot_does_not_take_is_told_by_the_next_run_and_fits_the_message() {
    let (server, robot) = (Arc::new(Server::start()), Robot::start());
    let office = Office::new(&(server.toml() + toml("wecom", &robot.url, "").as_str()));
    office.write("digest.rhai", &std::fs::read_to_string("scripts/daily_digest.rhai").unwrap());
    let many = r#"
        for n in 1..=20 {
            let name = `夜行船${n}：一卷失传的山海图和三个各怀心事的人在雾里走了很久很久 - 第${n}集`;
            upload::wait(upload::pull(`https://media.example.org/${n}.mp4`, #{ media_name: name }));
        }
    "#;
    Script::on(&server, many).run().result.map(drop).unwrap();
    let digest = ["run", "digest.rhai", "--robot", "team", "--days", "400"];
    robot.will_answer(&[(403, "")]);
    let ended = office.juben(&digest);
    assert_eq!(ended.code, 3, "{}", ended.stderr);
    assert!(ended.stdout.contains(r#""section":"message""#), "{}", ended.stdout);
    // It is told now, and not once more.
    office.does(&digest);
    office.does(&digest);
    let heard = robot.heard();
    assert_eq!(heard.len(), 2);
    let content = heard[1].json()["markdown"]["content"].as_str().unwrap().to_owned();
    assert!(content.len() <= 4096 && content.contains("> and 12 more"), "{content}");
}

#[test]
fn nothing_leaves_the_machine_from_the_sandbox_or_a_dry_run() {
    let told = "would tell team: 3 grants end\nwould tell team: Grants: 2";
    let elsewhere = toml("webhook", "http://robot.invalid/?key=s3cret-key", "");
    let robot = Robot::start();
    let here = "[notify.team]\nkind = \"webhook\"\nurl = \"env:ROBOT\"\n";
    for (toml, options) in [(elsewhere.as_str(), ["--sandbox"]), (&elsewhere, ["--dry-run"]), (here, ["--dry-run"])] {
        let ended = run(TELL, toml, &options).env("ROBOT", &robot.url).run();
        assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.trim()), (0, "7\n", told));
    }
    assert!(robot.heard().is_empty());
    // A test may have a robot of its own.
    run(TELL, here, &["--sandbox"]).env("ROBOT", &robot.url).prints("7\n");
    assert_eq!(robot.texts(), ["3 grants end", "2"]);
    // Without any target, as in the examples, every name will do.
    assert_eq!(Script::new(TELL).run().logged.trim(), told);
}

#[test]
fn a_script_learns_of_its_own_mistakes() {
    let throws = |script: &str, message: &str, hint: &str| {
        let ended = run(script, &toml("webhook", "http://robot.invalid", ""), &["--sandbox"]).run();
        assert!(ended.code != 0 && ended.stderr.contains(message) && ended.stderr.contains(hint), "{}", ended.stderr);
    };
    throws(r#"notify::send("teem", "hello")"#, "there is no [notify.teem] in juben.toml", "did you mean `team`?");
    throws(r#"notify::send("team", " ")"#, "there is nothing to tell", "");
    throws(r#"notify::send("team", #{ text: "a", titel: "b" })"#, "titel", "did you mean `title`?");
}

fn notify(arguments: &[&str], toml: &str) -> Juben {
    Juben::new(&[&["notify"], arguments].concat()).file("juben.toml", toml)
}

#[test]
fn the_command_says_what_the_robot_answers() {
    let robot = Robot::start();
    let config = toml("dingtalk", &robot.url, "template = '短剧 {job} {what}'");
    robot.will_answer(&[(200, r#"{"errcode":0,"errmsg":"ok"}"#)]);
    notify(&["team", "hello", "--title", "Test"], &config).prints("team answers: ok\n");
    assert_eq!(robot.heard()[0].json()["text"]["content"], "Test\nhello");

    robot.will_answer(&[(200, r#"{"errcode":310000,"errmsg":"keywords not in content: s3cret-key"}"#)]);
    let ended = notify(&["team"], &config).run();
    assert_eq!(robot.heard()[1].json()["text"]["content"], "短剧 example failed");
    assert_eq!((ended.code, ended.stdout.as_str()), (1, ""));
    let plain = ended.stderr.replace("\n  │ ", " ");
    assert!(plain.contains("keywords not in content") && plain.contains("(code 310000)"), "{plain}");
    assert!(plain.contains("its keyword must be in the text") && !plain.contains("s3cret"), "{plain}");
    assert!(!notify(&["team"], &toml("webhook", "no address s3cret", "")).run().stderr.contains("s3cret"));
}

#[test]
fn the_command_lists_who_can_be_told() {
    let config = toml("dingtalk", "http://robot.invalid/s3cret", "secret = \"env:NOBODY\"");
    notify(&[], &config).prints("{\"kind\":\"dingtalk\",\"name\":\"team\",\"per_minute\":20,\"signed\":true}\n");
    let ended = notify(&[], "").run();
    assert!(ended.code == 2 && ended.stderr.contains("[notify.team]"), "{}", ended.stderr);
    let ended = notify(&["teams"], &config).run();
    assert!(ended.code == 2 && ended.stderr.contains("did you mean `team`?"), "{}", ended.stderr);
    let ended = notify(&["team"], &config).run();
    assert!(ended.code == 2 && ended.stderr.contains("`secret` of [notify.team] cannot be read"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_dead_man_switch_is_told_of_a_good_run() {
    let robot = Robot::here().await;
    tokio::time::pause();
    let switch = SecretSource::Command(format!("echo '{}'", robot.url));
    let http = Plain::new(&Http::default(), true);
    robot.will_answer(&[(503, ""), (200, "OK")]);
    ping(&http, "renew", &switch).await;
    assert_eq!(robot.heard().len(), 2);
    assert_eq!((robot.heard()[1].target.as_str(), robot.heard()[1].body.as_str()), ("/send?key=s3cret-key", ""));
    // It ends, whatever comes back.
    robot.will_answer(&[(503, ""), (503, ""), (503, ""), (404, "")]);
    ping(&http, "renew", &switch).await;
    assert_eq!(robot.heard().len(), 5);
    ping(&http, "renew", &switch).await;
    assert_eq!(robot.heard().len(), 6);
}
