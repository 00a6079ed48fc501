//! What the sandbox pushes: messages, signatures, repetition, and receivers that do not answer.

use crate::{command::Juben, script::Server};
use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use juben::{
    message::{Format, Key, verify},
    sandbox::{Life, Options, Push, Sandbox},
    secret::Secret,
};
use reqwest::{Client, Url};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, VecDeque},
    future::pending,
    io::{BufRead, BufReader},
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{net::TcpListener, sync::mpsc, time::Instant};
use tokio_util::sync::CancellationToken;

const TOKEN: &str = "jubenToken01";
const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const APPID: &str = "wx1234567890abcdef";
/// A mini program that has authorised a third-party platform.
const AUTHORIZER: &str = "wx00000000000000c1";
const COMPONENT: &str = "wxc000000000000001";

/// A message as the receiver got it.
#[derive(Debug)]
struct Received {
    at: Instant,
    query: BTreeMap<String, String>,
    media: String,
    body: String,
}

impl Received {
    /// The message itself, which must be signed, and encrypted for this appid.
    #[track_caller]
    fn decrypted(&self, appid: &str) -> String {
        self.assert_signed("signature", &[]);
        let encrypted = match serde_json::from_str::<Value>(&self.body) {
            Ok(envelope) => envelope["Encrypt"].as_str().unwrap().to_owned(),
            Err(_) => element(&self.body, "Encrypt").to_owned(),
        };
        self.assert_signed("msg_signature", &[&encrypted]);
        assert_eq!(self.query["encrypt_type"], "aes");
        KEY.parse::<Key>().unwrap().decrypt(&encrypted, appid).unwrap()
    }

    /// The message itself, which must be signed and plain.
    #[track_caller]
    fn plain(&self) -> &str {
        self.assert_signed("signature", &[]);
        assert_eq!(self.query.keys().collect::<Vec<_>>(), ["nonce", "signature", "timestamp"]);
        &self.body
    }

    #[track_caller]
    fn assert_signed(&self, name: &str, more: &[&str]) {
        let parts = [&[TOKEN, &self.query["timestamp"], &self.query["nonce"]], more].concat();
        assert!(verify(&self.query[name], &parts), "{name} of {:?}", self.query);
    }
}

fn element<'a>(text: &'a str, name: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("<{name}>")).unwrap();
    rest.split_once(&format!("</{name}>")).unwrap().0
}

/// How a receiver takes a message.
#[derive(Debug, Clone, Copy)]
enum Answer {
    Text(&'static str),
    Status(StatusCode),
    Redirect,
    Silence,
}

/// What the handlers of a receiver share.
#[derive(Debug)]
struct Desk {
    received: mpsc::UnboundedSender<Received>,
    /// For the messages that come; those after the last are taken well.
    answers: Mutex<VecDeque<Answer>>,
    /// How often it still fails at the handshake.
    ignorant: Mutex<u32>,
}

/// A server of a mini program, as its owner would write it.
struct Receiver {
    url: Url,
    received: mpsc::UnboundedReceiver<Received>,
    desk: Arc<Desk>,
}

impl Receiver {
    async fn start() -> Self {
        let (sender, received) = mpsc::unbounded_channel();
        let desk = Arc::new(Desk { received: sender, answers: Mutex::default(), ignorant: Mutex::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/push", listener.local_addr().unwrap()).parse().unwrap();
        let service = Router::new().fallback(take).with_state(desk.clone());
        tokio::spawn(axum::serve(listener, service).into_future());
        Receiver { url, received, desk }
    }

    fn answers(&self, answers: impl IntoIterator<Item = Answer>) {
        self.desk.answers.lock().unwrap().extend(answers);
    }

    async fn next(&mut self) -> Received {
        self.received.recv().await.unwrap()
    }
}

async fn take(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let at = Instant::now();
    let url = Url::parse(&format!("http://receiver{}", request.uri())).unwrap();
    let query: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    let media = request.headers().get(header::CONTENT_TYPE).map(|it| it.to_str().unwrap().to_owned());
    if request.method() == "GET" {
        let mut ignorant = desk.ignorant.lock().unwrap();
        if *ignorant > 0 {
            *ignorant -= 1;
            return "who is there?".into_response();
        }
        assert!(verify(&query["signature"], &[TOKEN, &query["timestamp"], &query["nonce"]]));
        return query["echostr"].clone().into_response();
    }
    let body = String::from_utf8(to_bytes(request.into_body(), 1 << 20).await.unwrap().into()).unwrap();
    desk.received.send(Received { at, query, media: media.unwrap_or_default(), body }).ok();
    let answer = desk.answers.lock().unwrap().pop_front();
    match answer.unwrap_or(Answer::Text("success")) {
        Answer::Text(text) => text.into_response(),
        Answer::Status(status) => status.into_response(),
        Answer::Redirect => Redirect::temporary("/elsewhere").into_response(),
        Answer::Silence => pending().await,
    }
}

/// A sandbox that pushes to a receiver.
struct Pushing {
    server: Server,
    http: Client,
}

impl Pushing {
    async fn to(url: &Url, change: impl FnOnce(&mut Push)) -> Self {
        let mut push = Push { token: Secret::new(TOKEN), ..Push::new(url.clone()) };
        change(&mut push);
        Self::with(Options { push: Some(push), ..Options::default() }).await
    }

    async fn with(options: Options) -> Self {
        Pushing { server: Server::here(options).await, http: client() }
    }

    /// Push an event by hand; the status and the body of the reply.
    async fn push(&self, event: Value) -> (u16, Value) {
        let request = self.http.post(format!("{}/_sandbox/push", self.server.sandbox.url()));
        let response = request.body(event.to_string()).send().await.unwrap();
        (response.status().as_u16(), serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
    }

    /// Tell that a media file was uploaded.
    async fn uploaded(&self, appid: &str, media: i64) {
        let event = json!({ "appid": appid, "event": "secvod_upload_event", "fields": {
            "upload_event": { "media_id": media, "source_context": "a<b&c", "errcode": 0, "errmsg": "OK" },
        }});
        assert_eq!(self.push(event).await, (200, json!({ "ok": true })));
    }

    /// A call of the mini program that works.
    async fn call(&self, path: &str, fields: Value) -> Value {
        let url = self.server.sandbox.url();
        let query = format!("grant_type=client_credential&appid={APPID}&secret=sandbox-secret");
        let token = self.http.get(format!("{url}/cgi-bin/token?{query}")).send().await.unwrap();
        let token: Value = serde_json::from_slice(&token.bytes().await.unwrap()).unwrap();
        let token = token["access_token"].as_str().unwrap();
        let request = self.http.post(format!("{url}{path}?access_token={token}")).body(fields.to_string());
        let reply: Value = serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap();
        assert_eq!(reply["errcode"], 0, "{reply}");
        reply
    }

    async fn listed(&self) -> Value {
        let request = self.http.get(format!("{}/_sandbox/pushes", self.server.sandbox.url()));
        serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap()
    }

    /// Wait, in paused time, until the last event has been delivered or given up.
    async fn ended(&self, events: usize) -> Vec<Value> {
        loop {
            let deliveries = self.listed().await["deliveries"].as_array().unwrap().clone();
            if deliveries.len() == events && deliveries.iter().all(|it| it["outcome"] != "failing") {
                return deliveries;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

pub fn client() -> Client {
    // Only the first test of the process can install it.
    rustls::crypto::ring::default_provider().install_default().ok();
    Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap()
}

fn summary(delivery: &Value) -> (&str, u64, &str) {
    let text = |name: &str| delivery[name].as_str().unwrap_or_default();
    (text("outcome"), delivery["attempts"].as_u64().unwrap(), text("failure"))
}

fn media_of(received: &Received) -> String {
    element(&received.body, "media_id").to_owned()
}

#[tokio::test]
async fn a_plain_push_is_signed_xml() {
    let mut receiver = Receiver::start().await;
    let pushing = Pushing::to(&receiver.url, |_| {}).await;
    pushing.uploaded(APPID, 910002).await;
    let received = receiver.next().await;
    let time = element(received.plain(), "CreateTime");
    assert_eq!(received.media, "text/xml");
    assert_eq!(
        received.body,
        format!(
            "<xml><ToUserName>gh_567890abcdef</ToUserName><FromUserName>oJubenSystem0001</FromUserName>\
             <CreateTime>{time}</CreateTime><MsgType>event</MsgType><Event>secvod_upload_event</Event><upload_event>\
             <media_id>910002</media_id><source_context>a&lt;b&amp;c</source_context><errcode>0</errcode>\
             <errmsg>OK</errmsg></upload_event></xml>"
        )
    );
    assert!((0..60).contains(&(pushing.server.sandbox.now() - time.parse::<i64>().unwrap())));
}

#[tokio::test]
async fn a_plain_push_is_json_when_asked_for() {
    let mut receiver = Receiver::start().await;
    let pushing = Pushing::to(&receiver.url, |push| push.format = Format::Json).await;
    pushing.uploaded(APPID, 7).await;
    let received = receiver.next().await;
    let message: Value = serde_json::from_str(received.plain()).unwrap();
    let time = message["CreateTime"].as_i64().unwrap();
    assert_eq!(received.media, "application/json");
    assert_eq!(
        message,
        json!({
            "ToUserName": "gh_567890abcdef", "FromUserName": "oJubenSystem0001", "CreateTime": time,
            "MsgType": "event", "Event": "secvod_upload_event",
            "upload_event": { "media_id": 7, "source_context": "a<b&c", "errcode": 0, "errmsg": "OK" },
        })
    );
}

#[tokio::test]
async fn the_safe_mode_shows_nothing_but_for_whom_a_message_is() {
    for format in [Format::Xml, Format::Json] {
        let mut receiver = Receiver::start().await;
        let safe = |push: &mut Push| {
            push.key = Some(KEY.parse().unwrap());
            push.format = format;
        };
        let pushing = Pushing::to(&receiver.url, safe).await;
        pushing.uploaded(APPID, 910002).await;
        let received = receiver.next().await;
        assert!(received.decrypted(APPID).contains("910002"));
        let names = ["ToUserName", "Encrypt"].map(|name| received.body.find(name));
        assert!(names[0] < names[1] && !received.body.contains("upload"), "{}", received.body);
    }
}

#[tokio::test]
async fn a_push_about_an_authorizer_is_encrypted_for_its_third_party_platform() {
    let mut receiver = Receiver::start().await;
    let pushing = Pushing::to(&receiver.url, |push| push.key = Some(KEY.parse().unwrap())).await;
    pushing.uploaded(AUTHORIZER, 1).await;
    let message = receiver.next().await.decrypted(COMPONENT);
    assert_eq!(element(&message, "ToUserName"), "gh_0000000000c1");
}

#[tokio::test]
async fn events_come_in_order_and_twice_when_asked_for() {
    let mut receiver = Receiver::start().await;
    let pushing = Pushing::to(&receiver.url, |push| push.twice = true).await;
    for media in 1..=3 {
        pushing.uploaded(APPID, media).await;
    }
    let mut bodies = Vec::new();
    for media in ["1", "1", "2", "2", "3", "3"] {
        let received = receiver.next().await;
        assert_eq!(media_of(&received), media);
        bodies.push(received.body);
    }
    assert!(bodies.chunks(2).all(|pair| pair[0] == pair[1]), "{bodies:?}");
}

#[tokio::test]
async fn the_same_seed_makes_the_same_nonces() {
    let nonce = async |seed| {
        let mut receiver = Receiver::start().await;
        let push = Push { token: Secret::new(TOKEN), ..Push::new(receiver.url.clone()) };
        let pushing = Pushing::with(Options { push: Some(push), seed, ..Options::default() }).await;
        pushing.uploaded(APPID, 1).await;
        receiver.next().await.query["nonce"].clone()
    };
    assert_eq!(nonce(1).await, nonce(1).await);
    assert_ne!(nonce(1).await, nonce(2).await);
}

#[tokio::test]
async fn a_url_keeps_its_own_query() {
    let mut receiver = Receiver::start().await;
    receiver.url.set_query(Some("account=main"));
    let pushing = Pushing::to(&receiver.url, |_| {}).await;
    pushing.uploaded(APPID, 1).await;
    let received = receiver.next().await;
    assert_eq!(received.query["account"], "main");
    received.assert_signed("signature", &[]);
}

#[tokio::test(start_paused = true)]
async fn an_empty_answer_is_a_good_one() {
    let mut receiver = Receiver::start().await;
    receiver.answers([Answer::Text(""), Answer::Text("success")]);
    let pushing = Pushing::to(&receiver.url, |_| {}).await;
    pushing.uploaded(APPID, 1).await;
    pushing.uploaded(APPID, 2).await;
    let deliveries = pushing.ended(2).await;
    assert!(deliveries.iter().all(|it| summary(it) == ("delivered", 1, "")), "{deliveries:?}");
    assert_eq!([receiver.next().await, receiver.next().await].map(|it| media_of(&it)), ["1", "2"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_taken_well_is_sent_three_times_five_seconds_apart_and_given_up() {
    let bad = StatusCode::INTERNAL_SERVER_ERROR;
    let wrong = |text: &str| format!("the answer is {text:?}, neither `success` nor empty");
    for (answer, failure) in [
        (Answer::Text("fail"), wrong("fail")),
        (Answer::Text("success "), wrong("success ")),
        (Answer::Status(bad), "the status is 500 Internal Server Error".to_owned()),
        (Answer::Status(StatusCode::NO_CONTENT), "the status is 204 No Content".to_owned()),
        (Answer::Redirect, "the status is 307 Temporary Redirect".to_owned()),
        (Answer::Silence, "no answer within 5 seconds".to_owned()),
    ] {
        let mut receiver = Receiver::start().await;
        receiver.answers([answer; 3]);
        let pushing = Pushing::to(&receiver.url, |_| {}).await;
        pushing.uploaded(APPID, 1).await;
        pushing.uploaded(APPID, 2).await;
        let sent = [receiver.next().await, receiver.next().await, receiver.next().await];
        for pair in sent.windows(2) {
            let pause = (pair[1].at - pair[0].at).as_secs_f64();
            assert!((4.9..5.1).contains(&pause), "{answer:?}: {pause}");
            assert_eq!(pair[0].body, pair[1].body);
        }
        assert_eq!(media_of(&receiver.next().await), "2");
        let deliveries = pushing.ended(2).await;
        assert_eq!(summary(&deliveries[0]), ("given_up", 3, failure.as_str()));
        assert_eq!(summary(&deliveries[1]), ("delivered", 1, ""));
    }
}

#[tokio::test(start_paused = true)]
async fn a_push_that_is_taken_at_last_is_not_sent_again() {
    let mut receiver = Receiver::start().await;
    receiver.answers([Answer::Silence, Answer::Text("busy")]);
    let pushing = Pushing::to(&receiver.url, |_| {}).await;
    pushing.uploaded(APPID, 1).await;
    let deliveries = pushing.ended(1).await;
    assert_eq!(summary(&deliveries[0]), ("delivered", 3, "the answer is \"busy\", neither `success` nor empty"));
    pushing.uploaded(APPID, 2).await;
    let received = [receiver.next().await, receiver.next().await, receiver.next().await, receiver.next().await];
    assert_eq!(received.map(|it| media_of(&it)), ["1", "1", "1", "2"]);
}

#[tokio::test(start_paused = true)]
async fn a_dead_receiver_does_not_hold_up_the_sandbox() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let pushing = Pushing::to(&format!("http://{closed}/").parse().unwrap(), |_| {}).await;
    let begun = Instant::now();
    for media in 0..100 {
        pushing.uploaded(APPID, media).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(100));
    let deliveries = pushing.ended(100).await;
    for delivery in &deliveries {
        let (outcome, attempts, failure) = summary(delivery);
        assert_eq!((outcome, attempts), ("given_up", 3));
        assert!(failure.starts_with("no answer: Connection refused"), "{failure}");
    }
    assert!(begun.elapsed() >= Duration::from_secs(100 * 10));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_pushed_to_a_url_that_does_not_verify() {
    let mut receiver = Receiver::start().await;
    // At the start, before the three attempts of the first event, and before the first of the second one.
    *receiver.desk.ignorant.lock().unwrap() = 5;
    let pushing = Pushing::to(&receiver.url, |_| {}).await;
    pushing.uploaded(APPID, 1).await;
    pushing.uploaded(APPID, 2).await;
    let deliveries = pushing.ended(2).await;
    let failure = "the URL does not verify: it answers GET without its `echostr`";
    assert_eq!(summary(&deliveries[0]), ("given_up", 3, failure));
    assert_eq!(summary(&deliveries[1]), ("delivered", 2, failure));
    assert_eq!(media_of(&receiver.next().await), "2");
}

/// A sandbox whose platform takes a minute for everything, and its receiver.
async fn taking_a_minute() -> (Pushing, Receiver) {
    let receiver = Receiver::start().await;
    let push = Push { token: Secret::new(TOKEN), format: Format::Json, ..Push::new(receiver.url.clone()) };
    let life = Life { pull_seconds: 60, review_seconds: 60, ..Life::default() };
    (Pushing::with(Options { push: Some(push), life, ..Options::default() }).await, receiver)
}

/// The next event, told a minute after the call, although nobody called in between.
async fn told_a_minute_later(pushing: &Pushing, receiver: &mut Receiver) -> Value {
    pushing.server.sandbox.advance(60);
    let message: Value = serde_json::from_str(receiver.next().await.plain()).unwrap();
    assert_eq!(message["ToUserName"], "gh_567890abcdef");
    message
}

/// What is said of a review that took a minute; it ended when the message says.
fn reviewed(message: &Value, status: i64) -> Value {
    let end = message["CreateTime"].as_i64().unwrap();
    json!({ "status": status, "create_time": end - 60, "audit_time": end })
}

#[tokio::test(start_paused = true)]
async fn a_video_that_was_fetched_is_told() {
    let (pushing, mut receiver) = taking_a_minute().await;
    let pull = json!({
        "media_name": "归来记 - 第2集", "media_url": "https://media.example.org/02.mp4", "source_context": "job-18",
    });
    let task = pushing.call("/wxa/sec/vod/pullupload", pull).await["task_id"].clone();
    let message = told_a_minute_later(&pushing, &mut receiver).await;
    let task = pushing.call("/wxa/sec/vod/gettask", json!({ "task_id": task })).await;
    let media = &task["task_info"]["media_id"];
    assert_eq!(message["Event"], "secvod_upload_event");
    let expected = json!({ "media_id": media, "source_context": "job-18", "errcode": 0, "errmsg": "OK" });
    assert_eq!(message["upload_event"], expected);
}

#[tokio::test(start_paused = true)]
async fn a_drama_that_was_reviewed_is_told() {
    let (pushing, mut receiver) = taking_a_minute().await;
    let dramas = pushing.call("/wxa/sec/vod/listdramas", json!({ "limit": 1 })).await;
    let drama = &dramas["drama_info_list"][0]["drama_id"];
    pushing.call("/wxa/sec/vod/modifydramabasicinfo", json!({ "drama_id": drama, "description": "新的简介。" })).await;
    let message = told_a_minute_later(&pushing, &mut receiver).await;
    let mut detail = reviewed(&message, 3);
    detail["audit_type"] = json!(3);
    assert_eq!(message["Event"], "secvod_audit_event");
    assert_eq!(message["audit_event"], json!({ "drama_id": drama, "audit_detail": detail }));
}

#[tokio::test(start_paused = true)]
async fn a_book_that_was_reviewed_is_told() {
    let (pushing, mut receiver) = taking_a_minute().await;
    let book = pushing.call("/wxa/book/listbook", json!({ "limit": 1 })).await["book_list"][0]["book_id"].clone();
    pushing.call("/wxa/book/auditbook", json!({ "book_id": book })).await;
    let message = told_a_minute_later(&pushing, &mut receiver).await;
    assert_eq!(message["Event"], "secbook_audit_event");
    assert_eq!(message["audit_event"], json!({ "book_id": book, "audit_detail": reviewed(&message, 3) }));
}

#[tokio::test(start_paused = true)]
async fn a_sandbox_that_begins_again_forgets_its_pushes() {
    let receiver = Receiver::start().await;
    let pushing = Pushing::to(&receiver.url, |_| {}).await;
    pushing.uploaded(APPID, 1).await;
    pushing.ended(1).await;
    pushing.server.sandbox.reset();
    assert_eq!(pushing.listed().await, json!({ "waiting": 0, "dropped": 0, "deliveries": [] }));
}

#[tokio::test(start_paused = true)]
async fn a_sandbox_stops_while_it_waits_for_a_receiver() {
    let mut receiver = Receiver::start().await;
    receiver.answers([Answer::Silence]);
    let stop = CancellationToken::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let push = Push { token: Secret::new(TOKEN), ..Push::new(receiver.url.clone()) };
    let options = Options { push: Some(push), ..Options::default() };
    let sandbox = Sandbox::start(listener, options, stop.clone()).unwrap();
    client().post(format!("{}/_sandbox/push", sandbox.url())).body(r#"{"event":"test"}"#).send().await.unwrap();
    let asked = receiver.next().await.at;
    stop.cancel();
    sandbox.stopped().await.unwrap();
    assert!(asked.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn an_event_by_hand_must_be_one_that_can_be_sent() {
    let receiver = Receiver::start().await;
    let pushing = Pushing::to(&receiver.url, |_| {}).await;
    let refused = |reason: &str| (400, json!({ "error": reason }));
    let cases = [
        (json!({ "appid": "wx0", "event": "e" }), refused("the sandbox has no such mini program")),
        (json!({ "event": "e", "fields": { "a b": 1 } }), refused("\"a b\" cannot be the name of an XML element")),
        (
            json!({ "event": "e", "fields": { "a": [{ "<b>": 1 }] } }),
            refused("\"<b>\" cannot be the name of an XML element"),
        ),
    ];
    for (event, expected) in cases {
        assert_eq!(pushing.push(event).await, expected);
    }
    assert_eq!(pushing.push(json!({ "fields": {} })).await.0, 400);
    assert_eq!(pushing.push(json!({ "event": "e", "more": 1 })).await.0, 400);
}

#[tokio::test]
async fn without_a_receiver_nothing_is_pushed() {
    let pushing = Pushing::with(Options::default()).await;
    let reason = "nothing is pushed: the sandbox was started without --push-to";
    assert_eq!(pushing.push(json!({ "event": "e" })).await, (409, json!({ "error": reason })));
    assert_eq!(pushing.listed().await, json!({ "waiting": 0, "dropped": 0, "deliveries": [] }));
}

#[test]
fn the_flags_are_checked_before_anything_listens() {
    let to = ["sandbox", "--port", "0", "--push-to", "http://127.0.0.1:9/push"];
    let hint = "help: an EncodingAESKey is 43 letters, digits, `+` and `/`";
    let with = |more: &[&str]| Juben::new(&[&to[..], more].concat());
    with(&["--push-key", "abc"]).fails(2, &format!("usage\n\n  × --push-key is no EncodingAESKey\n  {hint}"));
    with(&["--push-token", "env:NOWHERE"]).fails(
        2,
        "config\n\n  × --push-token cannot be read: the environment variable NOWHERE is not set\n  help: export NOWHERE=…",
    );
    let usage = |text: &str| format!("error: {text}\n\nFor more information, try '--help'.");
    Juben::new(&["sandbox", "--push-to", "ftp://a/b"]).fails(
        2,
        &usage("invalid value 'ftp://a/b' for '--push-to <URL>': give an address such as http://127.0.0.1:8000/push"),
    );
    with(&["--push-format", "yaml"])
        .fails(2, &usage("invalid value 'yaml' for '--push-format <FORM>': give xml or json"));
}

#[test]
fn the_welcome_says_how_pushes_are_signed_and_shows_no_secret_of_the_user() {
    let to = ["sandbox", "--port", "0", "--push-to", "http://127.0.0.1:9/push"];
    for (more, expected) in [
        (&[][..], "  Pushes  in XML, not encrypted, signed by sandbox-token; GET /_sandbox/pushes lists them"),
        (
            &["--push-key", KEY, "--push-token", "mine", "--push-format", "json", "--push-twice"],
            "  Pushes  in JSON, encrypted by --push-key, signed by --push-token; GET /_sandbox/pushes lists them",
        ),
    ] {
        let mut juben = Juben::new(&[&to[..], more].concat());
        let mut child = juben.command().stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let welcome: Vec<_> = lines.map(Result::unwrap).take_while(|line| !line.starts_with("Ctrl-C")).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(welcome[1], expected);
        assert!(!welcome.iter().any(|line| line.contains(KEY) || line.contains("mine")), "{welcome:?}");
    }
}
