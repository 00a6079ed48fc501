//! What goes wrong between here and a platform: what is repeated, what is not, and what is said about it.

use crate::script::{RUNTIME, Script, Server, call};
use juben::{
    Error,
    catalog::Catalog,
    client::{Client, Options, decode},
    config::Config,
    error::Kind,
    sandbox::{Fault, FaultKind},
};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

const READ: &str = "novel::list_books(#{ limit: 1 }).book_list.len";
/// A write that repeats well, one that does not, and one that can be looked for.
const SET: &str = r#"novel::set_preview(#{ setting: #{ book_id: novel::list_books().book_list[0].book_id, default_words: 200 } }); 1"#;
const AUDIT: &str = "novel::audit_book(BOOK); 1";
const CREATE: &str = r#"
    novel::create_book(#{
        title: "归来", intro: "一个人回来了。", cover_media_id: "MAT_1", author: "江北客", first_category_id: 10001,
        second_category_id: 10002, third_category_id: 10003, complete_status: 1, original_id: "own-1"
    }).book_id
"#;

fn fault(operation: &str, kind: FaultKind, times: u32) -> Fault {
    Fault { operation: Some(operation.into()), times, ..Fault::next(kind) }
}

fn errcode(operation: &str, code: i64, times: u32) -> Fault {
    Fault { code, ..fault(operation, FaultKind::Errcode, times) }
}

/// A sandbox whose calls of this operation meet this fault so many times.
fn failing(operation: &str, kind: FaultKind, times: u32) -> Arc<Server> {
    let server = Server::start();
    server.sandbox.fail([fault(operation, kind, times)]);
    Arc::new(server)
}

fn count(server: &Server, operation: &str) -> usize {
    server.operations().iter().filter(|name| *name == operation).count()
}

/// A script about a book that can be submitted, `BOOK`.
fn about_book(server: &Arc<Server>, script: &str) -> Script {
    let made = r#"
        let id = novel::create_book(#{
            title: "旧案", intro: "一桩旧案。", cover_media_id: "MAT_2", author: "顾夜白", first_category_id: 10001,
            second_category_id: 10002, third_category_id: 10003, complete_status: 1
        }).book_id;
        novel::create_chapter(#{ book_id: id, chapter: #{ chapter_title: "第一章", content: "雨还在下。" } });
        id
    "#;
    let book = Script::on(server, made).run().result.unwrap().into_string().unwrap();
    server.sandbox.forget_requests();
    Script::on(server, &script.replace("BOOK", &format!("{book:?}")))
}

#[test]
fn a_read_is_repeated_until_it_works() {
    use FaultKind::{Errcode, Html, Http, ResetAfter, ResetBefore, Truncate};
    for kind in [Errcode, Http, Html, ResetBefore, ResetAfter, Truncate] {
        let server = failing("novel.list_books", kind, 3);
        Script::on(&server, READ).returns("1");
        assert_eq!(count(&server, "novel.list_books"), 4, "{kind:?}");
    }
}

#[test]
fn a_read_is_repeated_no_more_often_than_allowed() {
    for (options, requests) in [("", 4), (", #{ retries: 2 }", 3), (", #{ retries: 0 }", 1)] {
        let server = failing("novel.list_books", FaultKind::Http, 99);
        let error = Script::on(&server, &format!("novel::list_books(#{{ limit: 1 }}{options})")).throws(Kind::Server);
        assert_eq!(count(&server, "novel.list_books"), requests);
        let tried = format!("it was tried {requests} times");
        assert_eq!(error.hint, (requests > 1).then_some(tried), "{error:?}");
        assert!(error.retryable);
    }
}

#[test]
fn a_call_that_would_wait_longer_than_it_may_take_ends_at_once() {
    let server = Arc::new(Server::start());
    server.sandbox.fail([errcode("novel.list_books", 45011, 9)]);
    let start = Instant::now();
    let error = Script::on(&server, "novel::list_books(#{ limit: 1 }, #{ timeout: 20 })").throws(Kind::Throttled);
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!((error.code, count(&server, "novel.list_books")), (Some(45011), 1));
}

#[test]
fn a_refusal_is_not_repeated() {
    let server = Arc::new(Server::start());
    server.sandbox.fail([errcode("novel.list_books", 40066, 9)]);
    Script::on(&server, READ).throws(Kind::Refused);
    assert_eq!(count(&server, "novel.list_books"), 1);
}

#[test]
fn a_code_that_nobody_documents_is_told_as_it_came() {
    let server = Arc::new(Server::start());
    server.sandbox.fail([errcode("novel.list_books", 987_654, 9)]);
    let error = Script::on(&server, READ).throws(Kind::Refused);
    assert_eq!(error.message, "a fault was switched on in the sandbox (code 987654)");
    assert_eq!(count(&server, "novel.list_books"), 1);
}

#[test]
fn a_write_whose_answer_was_lost_is_sent_once_and_its_outcome_is_unknown() {
    use FaultKind::{Html, Http, ResetAfter, ResetBefore, Truncate};
    for kind in [ResetAfter, ResetBefore, Truncate, Html, Http] {
        let server = failing("novel.audit_book", kind, 1);
        let error = about_book(&server, AUDIT).throws(Kind::UnknownOutcome);
        assert_eq!(server.operations(), ["novel.audit_book"], "{kind:?}");
        assert!(error.message.starts_with("the answer was lost, so this may or may not have been done ("), "{error}");
        assert!(error.hint.as_deref().unwrap().starts_with("look with `novel.get_book`: audit_info.audit_status 1"));
        assert!(!error.retryable);
    }
}

#[test]
fn a_script_can_catch_an_unknown_outcome() {
    let server = failing("novel.audit_book", FaultKind::ResetAfter, 1);
    about_book(&server, "try { novel::audit_book(BOOK); } catch (error) { return [error.kind, error.op]; }")
        .returns(r#"["unknown_outcome","novel.audit_book"]"#);
}

#[test]
fn a_write_that_the_platform_was_too_busy_for_is_not_repeated() {
    let server = failing("novel.audit_book", FaultKind::Errcode, 9);
    about_book(&server, AUDIT).throws(Kind::Server);
    assert_eq!(server.operations(), ["novel.audit_book"]);
}

#[test]
fn an_idempotent_write_is_repeated() {
    use FaultKind::{Errcode, Http, ResetAfter, ResetBefore, Truncate};
    for kind in [Errcode, Http, ResetBefore, ResetAfter, Truncate] {
        let server = failing("novel.set_preview", kind, 2);
        Script::on(&server, SET).returns("1");
        assert_eq!(count(&server, "novel.set_preview"), 3, "{kind:?}");
    }
}

#[test]
fn an_idempotent_write_whose_answers_were_all_lost_is_of_unknown_outcome_and_may_be_repeated() {
    let server = failing("novel.set_preview", FaultKind::ResetAfter, 3);
    server.sandbox.fail([errcode("novel.set_preview", -1, 9)]);
    let caught = format!("try {{ {SET} }} catch (error) {{ return [error.kind, error.retryable, error.hint]; }}");
    let hint = "it was tried 4 times; call it again: doing it twice is the same as doing it once";
    Script::on(&server, &caught).returns(&format!(r#"["unknown_outcome",true,"{hint}"]"#));
}

#[test]
fn an_idempotent_write_that_was_always_refused_was_not_done() {
    let server = failing("novel.set_preview", FaultKind::Errcode, 9);
    Script::on(&server, SET).throws(Kind::Server);
}

#[test]
fn a_write_that_was_refused_for_being_too_many_is_repeated_however_badly_it_repeats() {
    let server = Arc::new(Server::start());
    server.sandbox.fail([errcode("drama.authorize_drama", 10_093_023, 2)]);
    let script = r#"
        let given = #{ authorized_appid: "wx00000000000000e1", drama_id: [310045], authz_expire_time: 0 };
        drama::authorize_drama(given).result[0].errcode
    "#;
    Script::on(&server, script).returns("0");
    assert_eq!(count(&server, "drama.authorize_drama"), 3);
}

#[test]
fn a_refusal_after_a_lost_answer_says_that_it_may_be_done_already() {
    let server = failing("novel.delete_book", FaultKind::ResetAfter, 1);
    let error = about_book(&server, "novel::delete_book(BOOK)").throws(Kind::NotFound);
    let hint = "the answer to an earlier attempt was lost, so it may have done this already; otherwise: check the id";
    assert!(error.hint.as_deref().unwrap().starts_with(hint), "{error:?}");
    assert_eq!(server.operations(), ["novel.delete_book", "novel.delete_book"]);
}

#[test]
fn a_token_whose_answers_were_lost_leaves_the_call_unsent() {
    let server = failing("platform.get_access_token", FaultKind::ResetAfter, 9);
    let mut config = server.config();
    config.account["sandbox"].token = juben::config::TokenKind::Plain;
    let client = Client::new(Catalog::builtin(), &config).direct();
    let error = Script::on(&server, "novel::audit_book(\"Bk7aQ2x9\")").run_with(client, &config).result.unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (Kind::Network, "no token: its answer was lost"));
    assert!(server.operations().is_empty());
}

#[test]
fn a_file_is_sent_from_its_beginning_at_every_attempt() {
    let server = failing("platform.upload_temp_media", FaultKind::ResetAfter, 2);
    let script = r#"
        let media = platform::upload_temp_media(#{ type: args::get("type", "voice"), media: "cover.png" }).media_id;
        platform::get_temp_media(media).body.len
    "#;
    let cover = format!("\u{89}PNG\r\n{}", "x".repeat(200_000));
    Script::on(&server, script).arg("type", "image").file("cover.png", &cover).returns(&cover.len().to_string());
    assert_eq!(count(&server, "platform.upload_temp_media"), 3);
}

#[test]
fn a_revoke_that_was_done_before_its_answer_was_lost_is_repeated_and_finds_nothing_left() {
    let server = failing("drama.deauthorize_drama", FaultKind::ResetAfter, 1);
    let script = r#"
        let grant = drama::get_authorize_objects(#{ limit: 1 }).objects[0];
        let given = #{ authorized_appid: grant.authorized_appid, drama_id: [grant.drama_id] };
        drama::deauthorize_drama(given).result[0].errcode
    "#;
    Script::on(&server, script).returns("10090039");
    assert_eq!(count(&server, "drama.deauthorize_drama"), 2);
}

#[test]
fn a_book_whose_answer_was_lost_is_found_by_its_own_key_and_made_once() {
    use FaultKind::{Html, ResetAfter, ResetBefore, Truncate};
    for (kind, creations) in [(ResetAfter, 1), (Truncate, 1), (ResetBefore, 2), (Html, 2)] {
        let server = failing("novel.create_book", kind, 1);
        let made = Script::on(&server, CREATE).run().result.unwrap().into_string().unwrap();
        assert_eq!(count(&server, "novel.create_book"), creations, "{kind:?}");
        let own = r#"novel::list_books(#{ need_edited_data: true }).book_list.filter(|it| it.original_id == "own-1")"#;
        Script::on(&server, &format!("{own}.map(|it| it.book_id)")).returns(&format!("[{made:?}]"));
    }
}

#[test]
fn a_book_that_cannot_be_looked_for_is_of_unknown_outcome() {
    let server = failing("novel.create_book", FaultKind::ResetAfter, 1);
    server.sandbox.fail([fault("novel.get_book", FaultKind::Http, 99)]);
    Script::on(&server, CREATE).throws(Kind::UnknownOutcome);
    assert_eq!(count(&server, "novel.create_book"), 1);
    let server = failing("novel.create_book", FaultKind::ResetAfter, 1);
    let error = Script::on(&server, &CREATE.replace(r#", original_id: "own-1""#, "")).throws(Kind::UnknownOutcome);
    assert!(error.hint.as_deref().unwrap().contains("look for the title with novel.list_books"), "{error:?}");
    assert_eq!(server.operations(), ["novel.create_book"]);
}

#[test]
fn a_platform_that_hangs_is_given_up_in_time() {
    for (operation, expected) in [
        ("novel.list_books", "no answer in time"),
        ("platform.get_stable_access_token", "no token in time; the call was not sent"),
    ] {
        let server = failing(operation, FaultKind::Hang, 9);
        let start = Instant::now();
        let error = Script::on(&server, "novel::list_books(#{ limit: 1 }, #{ timeout: 1 })").throws(Kind::Network);
        assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
        assert_eq!(error.message, expected);
    }
}

#[test]
fn a_write_that_hangs_is_of_unknown_outcome() {
    let server = failing("novel.audit_book", FaultKind::Hang, 9);
    about_book(&server, "novel::audit_book(#{ book_id: BOOK }, #{ timeout: 1 })").throws(Kind::UnknownOutcome);
    assert_eq!(server.operations(), ["novel.audit_book"]);
}

#[test]
fn an_attempt_that_hangs_is_followed_by_another() {
    let server = failing("novel.list_books", FaultKind::Hang, 1);
    let mut config = server.config();
    config.http.timeout = 1;
    let client = Client::new(Catalog::builtin(), &config).direct();
    let result = Script::on(&server, READ).run_with(client, &config).result.unwrap();
    assert_eq!((result.as_int(), count(&server, "novel.list_books")), (Ok(1), 2));
}

/// The most memory that this process has used, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
}

#[test]
fn a_reply_without_end_stops_at_the_limit() {
    let server = failing("novel.list_books", FaultKind::Huge, 9);
    let mut config = server.config();
    config.http.max_reply = 1 << 20;
    let client = Client::new(Catalog::builtin(), &config).direct();
    let before = peak();
    let error = Script::on(&server, READ).run_with(client, &config).result.unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (Kind::TooLarge, "the reply is larger than 1048576 bytes"));
    assert_eq!(count(&server, "novel.list_books"), 1);
    assert!(peak() - before < 64 << 20, "{} bytes", peak() - before);
}

#[test]
fn a_write_with_a_reply_without_end_is_of_unknown_outcome() {
    let server = failing("novel.audit_book", FaultKind::Huge, 9);
    let script = about_book(&server, AUDIT);
    let mut config = server.config();
    config.http.max_reply = 1 << 20;
    let client = Client::new(Catalog::builtin(), &config).direct();
    assert_eq!(script.run_with(client, &config).result.unwrap_err().kind, Kind::UnknownOutcome);
    assert_eq!(server.operations(), ["novel.audit_book"]);
}

#[test]
fn a_long_outage_is_met_with_few_retries() {
    for operation in ["novel.list_books", "platform.get_stable_access_token"] {
        let server = failing(operation, FaultKind::Http, 10_000);
        let client = server.client();
        for _ in 0..100 {
            RUNTIME.block_on(call(&client, "novel.list_books", "{}")).unwrap_err();
        }
        let failed = server.sandbox.requests().into_iter().filter(|it| it.operation.as_deref() == Some(operation));
        let failed = failed.count();
        assert!((100..=120).contains(&failed), "{operation}: {failed}");
    }
}

/// A server that gives a token to whoever asks for one, and these bytes to every other request.
struct Raw {
    url: String,
    /// The first lines of the other requests.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Raw {
    fn start(answer: impl Into<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer) = (asked.clone(), answer.into());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that goes away early is no failure of the server.
                serve(stream, &answer, &kept).ok();
            }
        });
        Raw { url, asked }
    }

    /// A JSON text, or what is meant to be one.
    fn json(text: &str) -> Self {
        Self::start(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}", text.len()))
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    fn call(&self, operation: &str, fields: &str) -> Result<rhai::Map, Error> {
        RUNTIME.block_on(call(&client_at(&self.url), operation, fields))
    }

    fn read(&self) -> Result<rhai::Map, Error> {
        self.call("novel.list_books", "{}")
    }

    fn write(&self) -> Result<rhai::Map, Error> {
        self.call("novel.audit_book", r#"{"book_id": "Bk7aQ2x9"}"#)
    }
}

fn serve(mut stream: TcpStream, answer: &[u8], asked: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !is_whole(&request) {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            count => request.extend_from_slice(&buffer[..count]),
        }
    }
    let first = String::from_utf8_lossy(&request).lines().next().unwrap_or_default().to_owned();
    if first.contains("/stable_token") {
        let token = r#"{"access_token":"canary-token","expires_in":7200}"#;
        let length = token.len();
        return write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{token}");
    }
    asked.lock().unwrap().push(first);
    stream.write_all(answer)
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.trim().parse().ok());
    body.len() >= length.unwrap_or(0)
}

fn client_at(url: &str) -> Client {
    let toml = format!(
        r#"
        [account.main]
        platform = "wechat"
        appid = "wx1234567890abcdef"
        secret = "cmd:echo canary-secret"
        base_url = "{url}"
        [http]
        backoff_ms = 1
        retries = 2
        max_reply = 1048576
        "#
    );
    Client::new(Catalog::builtin(), &Config::parse(&toml).unwrap()).direct()
}

#[test]
fn an_answer_that_is_no_answer_fails_a_read_and_leaves_a_write_unknown() {
    for (answer, expected) in [
        ("<html>login</html>", "the answer is a web page, not JSON"),
        (r#"{"errcode":0,"book_li"#, "the answer is cut off"),
        ("", "the answer is cut off"),
        ("ok", "the answer is not JSON: expected value at line 1 column 1"),
        (r#"[{"errcode":0}]"#, "the reply is not a JSON object"),
        ("null", "the reply is not a JSON object"),
        ("{}", "the reply has neither `errcode` nor a field of this operation"),
        (r#"{"message":"ok"}"#, "the reply has neither `errcode` nor a field of this operation"),
    ] {
        let raw = Raw::json(answer);
        let error = raw.read().unwrap_err();
        assert_eq!((error.kind, error.message.as_str(), raw.asked()), (Kind::Server, expected, 3), "{answer}");
        let raw = Raw::json(answer);
        let error = raw.write().unwrap_err();
        assert_eq!((error.kind, raw.asked()), (Kind::UnknownOutcome, 1), "{answer}");
        assert!(error.message.ends_with(&format!("({expected})")), "{error}");
    }
}

#[test]
fn a_read_without_errcode_works_if_it_has_what_was_asked_for() {
    let reply = Raw::json(r#"{"book_list":[],"total_cnt":0}"#).read().unwrap();
    assert_eq!(reply["total_cnt"].as_int(), Ok(0));
}

#[test]
fn a_status_counts_where_there_is_no_code() {
    for (status, kind, asked) in [
        ("401 Unauthorized", Kind::Auth, 1),
        ("404 Not Found", Kind::NotFound, 1),
        ("413 Content Too Large", Kind::TooLarge, 1),
        ("500 Internal Server Error", Kind::Server, 3),
        ("503 Service Unavailable", Kind::Server, 3),
    ] {
        let raw = Raw::start(format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno"));
        let error = raw.read().unwrap_err();
        assert_eq!((error.kind, raw.asked()), (kind, asked), "{error:?}");
        assert!(error.message.starts_with(&format!("HTTP status {}: ", &status[..3])), "{error}");
    }
}

#[test]
fn a_code_counts_more_than_the_status() {
    let body = r#"{"errcode":10140001,"errmsg":"no such book"}"#;
    let raw =
        Raw::start(format!("HTTP/1.1 500 Oh\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
    assert_eq!((raw.write().unwrap_err().code, raw.asked()), (Some(10140001), 1));
}

#[test]
fn a_redirect_is_not_followed() {
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let target = Raw::json(r#"{"errcode":0}"#);
        let raw = Raw::start(format!(
            "HTTP/1.1 {status}\r\nLocation: {}/elsewhere\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
            target.url
        ));
        let error = raw.write().unwrap_err();
        assert_eq!((error.kind, raw.asked(), target.asked()), (Kind::Refused, 1, 0));
        assert!(error.message.contains("redirect"), "{error}");
    }
}

#[test]
fn a_reply_announced_as_two_gigabytes_is_not_read() {
    let raw = Raw::start("HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n{");
    let before = peak();
    assert_eq!((raw.read().unwrap_err().kind, raw.asked()), (Kind::TooLarge, 1));
    assert!(peak() - before < 64 << 20);
}

#[test]
fn a_closed_port_is_tried_again_and_named() {
    let url = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let error = RUNTIME.block_on(call(&client_at(&url), "novel.list_books", "{}")).unwrap_err();
    assert_eq!(error.message, "no connection: Connection refused (os error 111)");
    assert_eq!(
        error.hint.as_deref(),
        Some("it was tried 3 times; check the network, the proxy (http.proxy) and base_url")
    );
    assert_eq!((error.kind, error.retryable), (Kind::Network, true));
}

#[test]
fn a_write_that_was_never_sent_is_not_of_unknown_outcome() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // It gives a token and is gone.
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        drop(listener);
        serve(stream, b"", &Mutex::default())
    });
    let client = client_at(&url);
    let error = RUNTIME.block_on(call(&client, "novel.audit_book", r#"{"book_id": "Bk7aQ2x9"}"#)).unwrap_err();
    assert_eq!((error.kind, error.operation.as_deref()), (Kind::Network, Some("novel.audit_book")));
    assert!(error.hint.as_deref().unwrap().starts_with("it was tried 3 times; "), "{error:?}");
}

/// Lines that are traced, whole.
#[derive(Debug, Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What a person may come to see of calls that meet this fault: errors, log lines and the sandbox's journal.
fn seen(kind: FaultKind) -> String {
    let server = Server::start();
    server.sandbox.fail([Fault { times: 1000, ..Fault::next(kind) }]);
    let mut seen = all_errors(&server);
    let server = Server::start();
    let tokens = ["platform.get_stable_access_token"];
    let client = server.client();
    let reply = RUNTIME.block_on(call(&client, tokens[0], "{}")).unwrap();
    let token = reply["access_token"].read_lock::<juben::secret::Secret>().unwrap().reveal().to_owned();
    server.sandbox.fail(
        ["novel.list_books", "novel.audit_book", "polyv.list_video", "polyv.v2_list_new"]
            .map(|operation| fault(operation, kind, 1000)),
    );
    seen += &all_errors(&server);
    assert!(!seen.contains(&token), "a token is told of {kind:?}: {seen}");
    seen
}

fn all_errors(server: &Server) -> String {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).with_writer(move || writer.clone());
    let guard = tracing::subscriber::set_default(subscriber.finish());
    let mut config = server.config();
    config.http.max_reply = 1 << 16;
    let client = Client::new(Catalog::builtin(), &config).direct();
    let options = Options { timeout: Some(Duration::from_millis(100)), retries: Some(1), ..Options::default() };
    let mut seen = String::new();
    for (operation, fields) in [
        ("novel.list_books", "{}"),
        ("novel.audit_book", r#"{"book_id": "Bk7aQ2x9"}"#),
        ("polyv.list_video", "{}"),
        ("polyv.v2_list_new", "{}"),
        ("platform.get_stable_access_token", "{}"),
    ] {
        let fields = decode(fields.as_bytes()).unwrap().cast::<rhai::Map>();
        let outcome = RUNTIME.block_on(client.call(&client.operation(operation).unwrap(), fields, &options));
        seen += &format!("{outcome:?}\n");
        if let Err(error) = outcome {
            seen += &format!("{error}\n");
        }
    }
    drop(guard);
    let lines = lines.0.lock().unwrap();
    assert!(!lines.is_empty());
    format!("{seen}{}{:?}", String::from_utf8_lossy(&lines), server.sandbox.requests())
}

#[test]
fn no_error_log_line_or_journal_tells_a_secret_a_token_or_a_signature() {
    use FaultKind::{Errcode, Hang, Html, Http, Huge, ResetAfter, ResetBefore, Truncate};
    let secrets = ["sandbox-secret", "9f8e7d6c5b4a39281706f5e4d3c2b1a0", "JbSecret01", "sandbox-writetoken"];
    let token = regex::Regex::new("[A-Za-z0-9]{100}|[0-9A-F]{32}|access_token=|sign=").unwrap();
    for kind in [Errcode, Hang, Html, Http, Huge, ResetAfter, ResetBefore, Truncate] {
        let seen = seen(kind);
        for secret in secrets {
            assert!(!seen.contains(secret), "{secret} is told of {kind:?}: {seen}");
        }
        assert_eq!(token.find(&seen).map(|it| it.as_str()), None, "{kind:?}: {seen}");
    }
}

#[test]
fn what_is_told_of_a_call_quotes_no_secret() {
    let raw = Raw::json(r#"{"errcode": 1, "errmsg": "canary-token of canary-appid is strange"}"#);
    let told = Arc::new(Mutex::new(Vec::new()));
    let kept = told.clone();
    let client = client_at(&raw.url).for_run(move |called| kept.lock().unwrap().push(called.clone()));
    RUNTIME.block_on(call(&client, "novel.list_books", "{}")).unwrap_err();
    let told = told.lock().unwrap();
    let (kind, message) = told[1].failure.as_ref().unwrap();
    assert_eq!((*kind, message.as_str()), (Kind::Refused, "•••• of canary-appid is strange (code 1)"));
}
