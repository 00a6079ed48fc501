//! What platforms push to us: taken when it is theirs, once, and kept before it is answered.

use jiff::Timestamp;
use juben::{
    config::Config,
    events::{LARGEST, Polyv, Receiver, Sender, Wechat, receivers, router_by},
    message::{Key, sign},
    sandbox::{Options, Push},
    secret::Secret,
    store::{Event, EventFilter, Store, Told},
};
use reqwest::{Client, Url};
use serde_json::{Value, json};
use sqlx::{ConnectOptions, Connection};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{command::Juben, script::Server, serve::Office};

const TOKEN: &str = "jubenToken01";
const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const APPID: &str = "wx1234567890abcdef";
const NONCE: &str = "874512369";
/// When the pushes of these tests are made.
const NOW: i64 = 1735689600;
const UPLOADED: &str = "<xml><ToUserName>gh_0123456789ab</ToUserName><FromUserName>oJubenSystem0001</FromUserName><CreateTime>1735689650</CreateTime><MsgType>event</MsgType><Event>secvod_upload_event</Event><upload_event><media_id>910002</media_id><source_context>job-18</source_context><errcode>0</errcode><errmsg>OK</errmsg></upload_event></xml>";

/// Made by wechatpy 1.8.18 with `WeChatCrypto(TOKEN, KEY, APPID).encrypt_message(message, NONCE, str(NOW))`: an XML message
/// and a JSON one, each with its signature.
const OF_WECHATPY: [(&str, &str); 2] = [
    (
        "5jGTS/cW6hOmDKgTgVsFHEiKbuHKsF0Apr6dHQqyHMaugjEF7w2/kOY0fxAyNpGGKPCmyJW0PQ3MXVlaWOP9Fc9L82tpbZD0g0uFPTl0dRPbPZpFdBGdV8CDH07SKo6zLrGXteJuVlOOoYsdqyMBY7WgwFx3XGPwt5a5zTp2H9bBX3/8FzJbyqSuxNVM2j424WrM7Lg13Id4eXr7EIwlslMAOayC2J/9Vg/yIF0TGnL7riak264SzCJXeT09trBAOmcATj0zJrXpo3aMmRRKs5XxjjJJbbEu1bWO6TgsLWnp4QFA49q8pPM4UTvY+QWlYZMf1/rEipoxjUjrPxuKOm4bYTR7DJU06YHQcIsRqjfcV+Z4+fo1ucwED0nZ2sNEk5wds8u5eeC9gmfPyednL46yEAZ+6e836rK41nW/udw+Xtt3l5+xc8NE5yCd2fP77dfsY/+MdRYQnF79a7HzrlKjNhxRjARiL5WhMpYtOQJqWtlLm+6yLa0q6isUJIuJl9ZlOFxb1zySDssj3DrdI1lu/JG1Og2te6oZ29f2y3iR33jHEVw/K/ETsvmlj+yMIGC2a/HUa8euthsgKLVlVA==",
        "15b3693a9d3d92342cb61cafe04a245016714033",
    ),
    (
        "SrYVDtYbVjb1lo14DURghVS5Jxgdze888e/gHr0zEYabYINSMkCuS3P2cCQ33LHc1nml+R0wgWJc8KrXwyIMvfx8g04OuT1RQVzc3MGg6DRkTwqxzpfsYNKo7e2l9K/CmfOwQaOnR9XQdqNaZgj2WQcDL1VxpFupO5/KrTIga46n5kuS3ioe2N4ak176XNj7giKxpZ3AQyfq7IypCBWQE5nvoqRIG2OzgKGbigdQG53Nlty+tGY6XAACQbb3HejK/aNw4j4x3NPYs4WGRlYdOvT6sYWoUy1D7RSO5l1gkxprfR3Quw1NvkGxNSc+x+hFmlfJO1ANiQINEUozMR46Xw==",
        "50ce99563a1abb4921e33c047798ac380980de11",
    ),
];

/// A server that takes pushes, with the state that it keeps them in.
struct Serving {
    address: String,
    http: Client,
    store: Arc<Store>,
    now: Arc<AtomicI64>,
    arrivals: Arc<AtomicU32>,
    folder: tempfile::TempDir,
}

fn wechat(key: Option<&str>) -> Sender {
    Sender::Wechat(Wechat {
        appids: vec![APPID.into()],
        token: Secret::new(TOKEN),
        key: key.map(|key| key.parse().unwrap()),
        window: Duration::from_secs(600),
    })
}

impl Serving {
    /// Plain pushes go to `/events/plain`, those of the safe mode to `/events/safe`, callbacks to `/events/vod`.
    async fn start() -> Serving {
        // Only the first test of the process can install it.
        rustls::crypto::ring::default_provider().install_default().ok();
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::at(folder.path()));
        let polyv = Sender::Polyv(Polyv { secretkey: Secret::new("JbSecret01") });
        let senders = [("plain", wechat(None)), ("safe", wechat(Some(KEY))), ("vod", polyv)];
        let receivers = senders.map(|(name, sender)| Receiver {
            path: format!("/events/{name}"),
            account: name.to_owned(),
            sender,
        });
        let (now, arrivals) = (Arc::new(AtomicI64::new(NOW)), Arc::new(AtomicU32::new(0)));
        let clock = now.clone();
        let arrived = arrivals.clone();
        let routes = router_by(
            move || Timestamp::from_second(clock.load(SeqCst)).unwrap(),
            receivers.to_vec(),
            store.clone(),
            move || {
                arrived.fetch_add(1, SeqCst);
            },
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(axum::serve(listener, routes).into_future());
        let http = Client::builder().no_proxy().build().unwrap();
        Serving { address, http, store, now, arrivals, folder }
    }

    fn url(&self, path: &str, query: &[(&str, &str)]) -> Url {
        Url::parse_with_params(&format!("http://{}/events/{path}", self.address), query).unwrap()
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> (u16, String) {
        let response = self.http.get(self.url(path, query)).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    async fn post(&self, path: &str, query: &[(&str, &str)], body: impl Into<reqwest::Body>) -> (u16, String) {
        let response = self.http.post(self.url(path, query)).body(body).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// A plain push with a good signature.
    async fn plain(&self, body: impl Into<reqwest::Body>) -> (u16, String) {
        self.post("plain", &signed(NOW).query(), body).await
    }

    /// A push of the safe mode with good signatures.
    async fn safe(&self, message: &str, appid: &str, key: &str) -> (u16, String) {
        let encrypted = key.parse::<Key>().unwrap().encrypt(message, appid, fastrand::u128(..).to_be_bytes());
        self.post("safe", &sealed(NOW, &encrypted).query(), envelope(&encrypted)).await
    }

    async fn events(&self) -> Vec<Event> {
        self.store.events(&EventFilter::default()).await.unwrap()
    }

    async fn bodies(&self) -> Vec<Value> {
        self.events().await.iter().map(|event| serde_json::from_str(&event.told.body).unwrap()).collect()
    }

    /// Nothing was kept, and nobody was told.
    async fn has_nothing(&self) {
        assert_eq!((self.events().await, self.arrivals.load(SeqCst)), (vec![], 0));
    }
}

/// What makes a URL of the platform's.
#[derive(Clone)]
struct Signed(Vec<(&'static str, String)>);

impl Signed {
    fn query(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    fn with(mut self, name: &'static str, value: &str) -> Signed {
        self.0.retain(|(it, _)| *it != name);
        self.0.push((name, value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Signed {
        self.0.retain(|(it, _)| *it != name);
        self
    }
}

fn signed(time: i64) -> Signed {
    let time = time.to_string();
    let signature = sign(&[TOKEN, &time, NONCE]);
    Signed(vec![("signature", signature), ("timestamp", time), ("nonce", NONCE.to_owned())])
}

fn sealed(time: i64, encrypted: &str) -> Signed {
    let signature = sign(&[TOKEN, &time.to_string(), NONCE, encrypted]);
    signed(time).with("encrypt_type", "aes").with("msg_signature", &signature)
}

fn envelope(encrypted: &str) -> String {
    format!("<xml><ToUserName>gh_0123456789ab</ToUserName><Encrypt>{encrypted}</Encrypt></xml>")
}

fn taken() -> (u16, String) {
    (200, "success".to_owned())
}

fn refused(status: u16, reason: &str) -> (u16, String) {
    (status, reason.to_owned())
}

#[tokio::test]
async fn a_url_is_verified_by_who_knows_the_token() {
    let serving = Serving::start().await;
    let asked = signed(NOW).with("echostr", "5927782489442352469");
    for path in ["plain", "safe"] {
        assert_eq!(serving.get(path, &asked.query()).await, refused(200, "5927782489442352469"));
        let forged = asked.clone().with("nonce", "1");
        assert_eq!(serving.get(path, &forged.query()).await, refused(401, "the signature is wrong"));
        assert_eq!(serving.get(path, &signed(NOW).query()).await, refused(405, "a push is a GET or a POST"));
    }
    let encrypted = KEY.parse::<Key>().unwrap().encrypt("8613", APPID, [7; 16]);
    let in_safe_mode = sealed(NOW, &encrypted).with("echostr", &encrypted);
    assert_eq!(serving.get("safe", &in_safe_mode.query()).await, refused(200, "8613"));
    serving.has_nothing().await;
}

#[tokio::test]
async fn a_plain_push_is_kept_and_told() {
    let serving = Serving::start().await;
    assert_eq!(serving.plain(UPLOADED).await, taken());
    let events = serving.events().await;
    let told = &events[0].told;
    assert_eq!((told.account.as_str(), told.name.as_str()), ("plain", "secvod_upload_event"));
    assert_eq!((told.received, events[0].handled), (NOW * 1000, false));
    assert_eq!(serving.bodies().await[0]["upload_event"]["source_context"], "job-18");
    assert_eq!(serving.arrivals.load(SeqCst), 1);
}

#[tokio::test]
async fn pushes_made_by_wechatpy_are_taken() {
    let serving = Serving::start().await;
    for (encrypted, signature) in OF_WECHATPY {
        let query = signed(NOW).with("encrypt_type", "aes").with("msg_signature", signature);
        assert_eq!(serving.post("safe", &query.query(), envelope(encrypted)).await, taken());
        // The SDK's own envelope has more fields, and stands in CDATA.
        let own = format!(
            "<xml>\n<Encrypt><![CDATA[{encrypted}]]></Encrypt>\n<MsgSignature><![CDATA[{signature}]]></MsgSignature>\n</xml>"
        );
        assert_eq!(serving.post("safe", &query.without("signature").query(), own).await, taken());
    }
    let bodies = serving.bodies().await;
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0]["upload_event"]["source_context"], "第2集 <a&b>");
    assert_eq!(bodies[1]["audit_event"], json!({ "book_id": "Bk7aQ2x9", "audit_detail": { "status": 3 } }));
}

#[tokio::test]
async fn a_push_that_was_changed_anywhere_is_refused() {
    let serving = Serving::start().await;
    let forged = || refused(401, "the signature is wrong");
    for (name, value) in [("nonce", "874512368"), ("timestamp", "1735689601"), ("signature", "00")] {
        let changed = signed(NOW).with(name, value);
        assert_eq!(serving.post("plain", &changed.query(), UPLOADED).await, forged(), "{name}");
    }
    let unsigned = signed(NOW).without("signature");
    assert_eq!(serving.post("plain", &unsigned.query(), UPLOADED).await, refused(401, "it is not signed"));

    let (encrypted, signature) = OF_WECHATPY[0];
    let good = signed(NOW).with("msg_signature", signature);
    for (name, value) in [("nonce", "1"), ("timestamp", "1735689601"), ("signature", "00"), ("msg_signature", "00")] {
        let changed = good.clone().with(name, value);
        assert_eq!(serving.post("safe", &changed.query(), envelope(encrypted)).await, forged(), "{name}");
        let without_plain_signature = changed.without("signature");
        let outcome = serving.post("safe", &without_plain_signature.query(), envelope(encrypted)).await;
        assert_eq!(outcome == taken(), name == "signature", "{name}");
    }
    for place in [0, encrypted.len() / 2, encrypted.len() - 3] {
        let other = if encrypted.as_bytes()[place] == b'A' { "B" } else { "A" };
        let changed = [&encrypted[..place], other, &encrypted[place + 1..]].concat();
        assert_eq!(serving.post("safe", &good.query(), envelope(&changed)).await, forged());
    }
    assert_eq!(serving.post("safe", &good.query(), envelope(&encrypted[..64])).await, forged());
    let unsealed = signed(NOW);
    assert_eq!(serving.post("safe", &unsealed.query(), envelope(encrypted)).await, refused(401, "it is not signed"));
    assert_eq!(serving.events().await.len(), 1);
}

#[tokio::test]
async fn what_is_rightly_signed_but_not_for_us_is_refused() {
    let serving = Serving::start().await;
    assert_eq!(serving.safe(UPLOADED, "wx0000000000000000", KEY).await, refused(403, "it is for another appid"));
    let other = KEY.replace('a', "b");
    let wrong_key = "the key is another one, or the ciphertext was changed";
    assert_eq!(serving.safe(UPLOADED, APPID, &other).await, refused(400, wrong_key));
    assert_eq!(serving.post("safe", &signed(NOW).query(), UPLOADED).await, refused(403, "it is not encrypted"));
    let sealed_for_a_plain_one = sealed(NOW, OF_WECHATPY[0].0);
    assert_eq!(
        serving.post("plain", &sealed_for_a_plain_one.query(), envelope(OF_WECHATPY[0].0)).await,
        refused(400, "it is encrypted, and no key is set")
    );
    let ticket = "<xml><AppId>wx0</AppId><InfoType>component_verify_ticket</InfoType></xml>";
    assert_eq!(serving.safe(ticket, APPID, KEY).await, refused(403, "it is for another appid"));
    serving.has_nothing().await;
}

#[tokio::test]
async fn a_stale_push_is_refused_and_so_is_one_of_the_future() {
    let serving = Serving::start().await;
    for (offset, outcome) in [(-600, 200), (-601, 401), (600, 200), (601, 401)] {
        let query = signed(NOW + offset);
        assert_eq!(serving.post("plain", &query.query(), UPLOADED).await.0, outcome, "{offset}");
    }
    for time in ["", "soon", "99999999999999999999", "-1"] {
        let signature = sign(&[TOKEN, time, NONCE]);
        let query = [("signature", signature.as_str()), ("timestamp", time), ("nonce", NONCE)];
        assert_eq!(serving.post("plain", &query, UPLOADED).await, refused(401, "the timestamp is too far off"));
    }
    serving.now.store(NOW + 601, SeqCst);
    assert_eq!(serving.plain(UPLOADED).await.0, 401);
}

#[tokio::test]
async fn a_push_that_comes_again_is_taken_and_not_kept_twice() {
    let serving = Serving::start().await;
    for offset in [0, 5, 10] {
        assert_eq!(serving.post("plain", &signed(NOW + offset).query(), UPLOADED).await, taken());
        assert_eq!(serving.safe(UPLOADED, APPID, KEY).await, taken());
    }
    let other = UPLOADED.replace("910002", "910003");
    assert_eq!(serving.plain(other).await, taken());
    let accounts: Vec<_> = serving.events().await.into_iter().map(|event| event.told.account).collect();
    assert_eq!(accounts, ["plain", "safe", "plain"]);
    assert_eq!(serving.arrivals.load(SeqCst), 3);
}

#[tokio::test]
async fn hostile_messages_are_refused_with_their_reason() {
    let serving = Serving::start().await;
    let deep = ["<a>", "</a>"].map(|tag| tag.repeat(10_000)).concat();
    let bomb = "<!DOCTYPE xml [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><xml><Event>&b;</Event></xml>";
    let cases = [
        (bomb.to_owned(), "it has a document type"),
        ("<!DOCTYPE xml SYSTEM \"file:///etc/passwd\"><xml/>".to_owned(), "it has a document type"),
        ("<xml><Event>&b;</Event></xml>".to_owned(), "it has an entity that XML does not know by itself"),
        ("<xml><Event>&#xFFFFFFFF;</Event></xml>".to_owned(), "it has an entity that XML does not know by itself"),
        ("<?xml-stylesheet href=\"a\"?><xml/>".to_owned(), "it has a processing instruction"),
        ("<xml><?php evil ?></xml>".to_owned(), "it has a processing instruction"),
        (deep, "it is too deep"),
        (["{\"a\":".repeat(100), "1".to_owned(), "}".repeat(100)].concat(), "it is too deep"),
        ("{\"a\":".repeat(10_000), "it is not well-formed"),
        (format!("<xml>{}</xml>", "<a/>".repeat(10_001)), "it has too many fields"),
        (UPLOADED[..200].to_owned(), "it is not well-formed"),
        (UPLOADED.replace("</Event>", "</Evil>"), "it is not well-formed"),
        (UPLOADED.to_owned() + "<xml/>", "it is not well-formed"),
        ("<xml>text<Event>e</Event></xml>".to_owned(), "it has text beside elements"),
        (String::new(), "it is neither XML nor a JSON object"),
        ("[1]".to_owned(), "it is neither XML nor a JSON object"),
        ("Event=e".to_owned(), "it is neither XML nor a JSON object"),
        ("<xml><Event></Event></xml>".to_owned(), "it names no event"),
        ("<xml><Event><a>b</a></Event></xml>".to_owned(), "it names no event"),
        ("{\"Event\":\"a b\"}".to_owned(), "it names no event"),
    ];
    for (body, reason) in cases {
        assert_eq!(serving.plain(body.clone()).await, refused(400, reason), "{:.80}", body);
    }
    assert_eq!(serving.plain(b"<xml><Event>\xff\xfe</Event></xml>".to_vec()).await, refused(400, "it is not UTF-8"));
    assert_eq!(serving.plain("x".repeat(LARGEST + 1)).await, refused(413, "it is too large"));
    serving.has_nothing().await;
}

#[tokio::test]
async fn of_fifty_megabytes_only_the_beginning_is_read() {
    let serving = Serving::start().await;
    let mut socket = TcpStream::connect(&serving.address).await.unwrap();
    let url = serving.url("plain", &signed(NOW).query());
    let target = format!("{}?{}", url.path(), url.query().unwrap());
    let head = format!("POST {target} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", 50 << 20);
    socket.write_all(head.as_bytes()).await.unwrap();
    let piece = vec![b'x'; 64 << 10];
    let mut sent = 0;
    // The server stops reading, so that the writing ends early.
    while sent < 50 << 20
        && let Ok(Ok(written)) = tokio::time::timeout(Duration::from_secs(1), socket.write(&piece)).await
    {
        sent += written;
    }
    assert!(sent < 50 << 20, "all of it was taken");
    serving.has_nothing().await;
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let serving = Serving::start().await;
    let begun = std::time::Instant::now();
    let mut socket = TcpStream::connect(&serving.address).await.unwrap();
    let url = serving.url("plain", &signed(NOW).query());
    let target = format!("{}?{}", url.path(), url.query().unwrap());
    let head = format!("POST {target} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\nConnection: close\r\n\r\n<xml>");
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408") && answer.ends_with("it did not come in time"), "{answer}");
    assert!(begun.elapsed() < Duration::from_secs(5));
    serving.has_nothing().await;
}

#[tokio::test]
async fn nothing_of_the_body_is_read_before_the_url_is_judged() {
    let serving = Serving::start().await;
    let mut socket = TcpStream::connect(&serving.address).await.unwrap();
    let url = serving.url("plain", &signed(NOW).with("signature", "00").query());
    let target = format!("{}?{}", url.path(), url.query().unwrap());
    let head = format!("POST {target} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\nConnection: close\r\n\r\n");
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut start = [0; 12];
    socket.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 401");
}

#[tokio::test]
async fn what_cannot_be_kept_is_answered_so_that_it_comes_again() {
    let serving = Serving::start().await;
    serving.store.latest_event().await.unwrap();
    // Another process holds the database for longer than anyone waits.
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(serving.folder.path().join("juben.db"));
    let mut other = options.connect().await.unwrap();
    let held = other.begin_with("begin immediate").await.unwrap();
    assert_eq!(serving.plain(UPLOADED).await, refused(500, "it could not be kept; send it again"));
    held.rollback().await.unwrap();
    assert_eq!(serving.plain(UPLOADED).await, taken());
    assert_eq!(serving.events().await.len(), 1);
}

#[tokio::test]
async fn a_push_that_was_answered_is_there_for_another_process() {
    let serving = Serving::start().await;
    let other = Store::at(serving.folder.path());
    for media in 0..20 {
        let body = UPLOADED.replace("910002", &media.to_string());
        assert_eq!(serving.plain(body).await, taken());
        assert_eq!(other.latest_event().await.unwrap(), media + 1);
    }
}

#[tokio::test]
async fn a_ticket_is_kept_without_what_opens_the_platform() {
    let serving = Serving::start().await;
    let ticket = format!(
        "<xml><AppId>{APPID}</AppId><CreateTime>1735689600</CreateTime><InfoType>component_verify_ticket</InfoType>\
         <ComponentVerifyTicket>ticket@@@secret</ComponentVerifyTicket></xml>"
    );
    assert_eq!(serving.safe(&ticket, APPID, KEY).await, taken());
    let expected = json!({ "AppId": APPID, "CreateTime": "1735689600", "InfoType": "component_verify_ticket" });
    assert_eq!(serving.bodies().await, [expected]);
}

#[tokio::test]
async fn callbacks_of_polyv_are_taken_by_their_signature() {
    let serving = Serving::start().await;
    let video = "a1b2c3d4e5f60718293a4b5c6d7e8f90_a";
    let uploaded = [("type", "upload"), ("vid", video), ("sign", "947d7445beb8e42672837e0625d5e737")];
    assert_eq!(serving.get("vod", &uploaded).await, taken());
    assert_eq!(serving.get("vod", &uploaded).await, taken());
    let other = [("type", "upload"), ("vid", "other"), ("sign", "947d7445beb8e42672837e0625d5e737")];
    assert_eq!(serving.get("vod", &other).await, refused(401, "the signature is wrong"));
    assert_eq!(serving.get("vod", &uploaded[..2]).await, refused(401, "it is not signed"));
    let unknown = [("type", "uploaded"), ("vid", video), ("sign", "00")];
    assert_eq!(serving.get("vod", &unknown).await, refused(400, "there is no such callback"));
    // echo -n TranscodeComplete${vid}JbSecret01 | md5sum
    let sign = [("sign", "fdcc7c6bdabbcd9cd6981506de9871b4")];
    let body = json!({ "eventType": "TranscodeComplete", "status": "success", "vid": video, "videoInfos": [] });
    assert_eq!(serving.post("vod", &sign, body.to_string()).await, taken());
    serving.now.store(NOW + 3600, SeqCst);
    assert_eq!(serving.get("vod", &uploaded).await, taken());
    // It may well happen again, and no callback tells when it happened.
    serving.now.store(NOW + 7201, SeqCst);
    assert_eq!(serving.get("vod", &uploaded).await, taken());
    let names: Vec<_> = serving.events().await.into_iter().map(|event| event.told.name).collect();
    assert_eq!(names, ["upload", "TranscodeComplete", "upload"]);
}

#[tokio::test]
async fn what_the_sandbox_pushes_arrives() {
    let serving = Serving::start().await;
    serving.now.store(Timestamp::now().as_second(), SeqCst);
    for (path, key) in [("plain", None), ("safe", Some(KEY))] {
        let push = Push {
            token: Secret::new(TOKEN),
            key: key.map(|key| key.parse().unwrap()),
            twice: true,
            ..Push::new(serving.url(path, &[]))
        };
        let server = Server::here(Options { push: Some(push), ..Options::default() }).await;
        let event = json!({ "event": "secvod_upload_event", "fields": { "upload_event": { "media_id": 7 } } });
        let url = format!("{}/_sandbox/push", server.sandbox.url());
        assert!(serving.http.post(url).body(event.to_string()).send().await.unwrap().status().is_success());
        let wanted = |event: &Event| event.told.account == path;
        while !serving.events().await.iter().any(wanted) {
            tokio::task::yield_now().await;
        }
    }
    let bodies = serving.bodies().await;
    assert_eq!(bodies.len(), 2);
    assert!(bodies.iter().all(|body| body["upload_event"]["media_id"] == "7"), "{bodies:?}");
}

/// A state in which an event came to `main`, and two to others.
async fn state() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path());
    let told = |account: &str, name: &str, id: i64| Told {
        account: account.to_owned(),
        name: name.to_owned(),
        mark: id.to_string(),
        since: id.to_string(),
        received: NOW * 1000,
        body: json!({ "Event": name, "upload_event": { "media_id": id.to_string(), "errcode": "0" } }).to_string(),
    };
    let events = [
        told("main", "secvod_upload_event", 1),
        told("other", "secvod_upload_event", 2),
        told("main", "something_new", 3),
    ];
    assert_eq!(store.add_events(&events).await.unwrap(), [Some(1), Some(2), Some(3)]);
    (folder, store)
}

const ON: &str = r#"
[account.main]
platform = "wechat"
appid = "wx1234567890abcdef"
[[on]]
name = "greet"
event = "drama.media_uploaded"
account = "main"
where = { "upload_event.errcode" = 0 }
script = "on.rhai"
"#;

fn juben(state: &std::path::Path, arguments: &[&str]) -> Juben {
    let juben = Juben::new(arguments).file("juben.toml", ON).file("on.rhai", "events::current().id");
    juben.env("JUBEN_STATE", state.to_str().unwrap())
}

#[tokio::test]
async fn events_are_listed_shown_and_replayed() {
    let (folder, store) = state().await;
    let run = |arguments: &[&str]| juben(folder.path(), arguments).run();
    let row = |id: i64, account: &str, event: &str, ran: &str, name: &str| {
        format!(
            "{{\"id\":{id},\"received\":\"2025-01-01 08:00:00+08:00\",\"account\":\"{account}\",\"event\":\"{event}\",\
             \"ran\":\"{ran}\",\"name\":\"{name}\",\"handled\":false}}\n"
        )
    };
    let uploaded =
        |id: i64, account: &str, ran: &str| row(id, account, "drama.media_uploaded", ran, "secvod_upload_event");
    let new = row(3, "main", "something_new", "", "something_new");
    assert_eq!(
        values(&run(&["events"]).stdout),
        values(&[uploaded(1, "main", ""), uploaded(2, "other", ""), new].concat())
    );
    let one = run(&["events", "--name", "drama.media_uploaded", "--last", "1"]);
    assert_eq!(values(&one.stdout), values(&uploaded(2, "other", "")));

    let shown: Value = serde_json::from_str(&run(&["events", "show", "1"]).stdout).unwrap();
    assert_eq!((&shown["account"], &shown["received"]), (&json!("main"), &json!(NOW)));
    assert_eq!(shown["body"]["upload_event"]["media_id"], "1");
    juben(folder.path(), &["events", "show", "9"])
        .fails(2, "usage\n\n  × there is no event 9\n  help: `juben events` lists them with their numbers");

    assert_eq!(run(&["events", "replay", "1"]).code, 0);
    assert_eq!(run(&["events", "replay", "1"]).code, 0);
    let reacted = store.reacted(1, 3).await.unwrap();
    let reacted: Vec<_> = reacted.iter().map(|it| (it.event, it.job.as_str(), it.state.as_str())).collect();
    assert_eq!(reacted, [(1, "greet", "waiting"), (1, "greet", "waiting")]);
    let listed = run(&["events", "--last", "3"]).stdout;
    assert!(listed.contains("greet (waiting), greet (waiting)"), "{listed}");
    for event in ["2", "3"] {
        let ended = run(&["events", "replay", event]);
        assert!(ended.code == 2 && ended.stderr.contains(&format!("no job runs on event {event}")), "{}", ended.stderr);
    }
}

/// Lines of JSON; the order of their fields is free.
fn values(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What is pushed runs its script, in a process that is killed and comes again.
#[tokio::test(flavor = "multi_thread")]
async fn a_push_runs_its_script_once_whatever_becomes_of_the_server() {
    let events = "[events.main]\ntoken = \"cmd:echo jubenToken01\"\n";
    let script = "print(events::current().body.upload_event.media_id + 1);";
    let office = Office::new(&[events, ON].concat()).with("on.rhai", script);
    for _ in 0..2 {
        let serving = office.serve(&[]);
        let query = signed(Timestamp::now().as_second());
        let url = format!("http://{}/events/main", serving.address);
        let url = Url::parse_with_params(&url, query.query()).unwrap();
        let http = crate::push::client();
        let answer = http.post(url).body(UPLOADED).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.text().await.unwrap()), taken());
        let listed = loop {
            let listed = values(&office.does(&["events"]));
            if listed[0]["ran"] == "greet (ran)" {
                break listed;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        assert_eq!(listed.len(), 1, "{listed:?}");
        serving.signal("KILL");
    }
    let history = office.does(&["jobs", "history", "greet"]);
    assert_eq!(history.lines().count(), 1, "{history}");
    let log = office.does(&["jobs", "log", "1"]);
    assert!(log.contains("910003"), "{log}");
}

#[test]
fn the_names_of_events_are_listed_and_so_they_are_in_the_manual() {
    let listed = Juben::new(&["events", "names"]).run().stdout;
    let manual = include_str!("../docs/events.md");
    for row in values(&listed) {
        let cells = ["event", "name"].map(|cell| row[cell].as_str().unwrap().to_owned());
        assert!(manual.contains(&format!("| `{}` | `{}` |", cells[0], cells[1])), "{cells:?} is not in docs/events.md");
    }
    assert_eq!(listed.lines().count(), manual.lines().filter(|line| line.matches("` | `").count() == 2).count());
}

#[test]
fn a_configuration_of_events_says_what_is_missing() {
    let receivers = |text: &str| {
        let account = "[account.main]\nplatform = \"wechat\"\nappid = \"wx1234567890abcdef\"\n[account.vod]\n\
                       platform = \"polyv\"\nuserid = \"u\"\n";
        receivers(&Config::parse(&format!("{account}{text}")).unwrap()).map_err(|error| error.message.clone())
    };
    let token = "token = \"cmd:echo t\"";
    let refused = |text: &str| receivers(text).unwrap_err();
    assert_eq!(refused("[events.main]"), "[events.main] has no `token`, which signs the pushes");
    assert_eq!(refused("[events.vod]"), "account `vod` has no `secretkey`, which signs its callbacks");
    let key = format!("[events.main]\n{token}\nkey = \"cmd:echo short\"");
    assert_eq!(refused(&key), "the key of [events.main] is no EncodingAESKey");
    for path in ["events", "/", "/a b", "/{x}", "/*x"] {
        let text = format!("[events.main]\n{token}\npath = {path:?}");
        assert_eq!(refused(&text), format!("[events.main]: the path {path:?} is none"));
    }
    let taken = format!("[events.main]\n{token}\npath = \"/metrics\"");
    assert_eq!(refused(&taken), "[events.main]: the path /metrics is that of `juben serve` itself");
    let good = receivers(&format!("[events.main]\n{token}\nwindow = \"5m\"")).unwrap();
    assert_eq!((good[0].path.as_str(), good[0].account.as_str()), ("/events/main", "main"));
}

/// The benchmark of the intake in small: what comes together shares a write, and each answer waits for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_pushes_at_once_are_kept_each_once() {
    let serving = Arc::new(Serving::start().await);
    let pushes = (0..1_000).map(|media| {
        let serving = serving.clone();
        tokio::spawn(async move { serving.plain(UPLOADED.replace("910002", &(media / 2).to_string())).await })
    });
    for push in pushes.collect::<Vec<_>>() {
        assert_eq!(push.await.unwrap(), taken());
    }
    assert_eq!(serving.events().await.len(), 500);
}
