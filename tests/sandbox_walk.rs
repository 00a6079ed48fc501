//! `juben sandbox` as another program meets it: plain HTTP, by `curl` where there is one.

use crate::{command::Juben, script::RUNTIME};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// A sandbox in a process of its own.
struct Walk {
    child: Child,
    url: String,
    juben: Juben,
}

impl Walk {
    fn start() -> Self {
        let mut juben = Juben::new(&["sandbox", "--port", "0"]);
        let mut child = juben.command().stdout(Stdio::piped()).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let url = first.strip_prefix("sandbox at ").unwrap().trim().to_owned();
        Walk { child, url, juben }
    }

    /// POST this body; the reply as JSON, with the status.
    #[track_caller]
    fn post(&self, path: &str, body: &str) -> (u16, Value) {
        self.send("POST", path, &["--data-binary", body, "-H", "Content-Type: application/json"])
    }

    #[track_caller]
    fn get(&self, path: &str) -> (u16, Value) {
        self.send("GET", path, &[])
    }

    /// A form in parts, each as `curl -F` takes it; `@` names a file of the folder.
    #[track_caller]
    fn parts(&self, path: &str, parts: &[&str]) -> (u16, Value) {
        let arguments: Vec<_> = parts.iter().flat_map(|part| ["-F", part]).collect();
        self.send("POST", path, &arguments)
    }

    #[track_caller]
    fn send(&self, method: &str, path: &str, arguments: &[&str]) -> (u16, Value) {
        let url = format!("{}{path}", self.url);
        let mut curl = Command::new("curl");
        curl.args(["-s", "--noproxy", "*", "-w", "\n%{http_code}", "-X", method]).args(arguments).arg(&url);
        let output = match curl.current_dir(self.juben.folder()).output() {
            Ok(output) => String::from_utf8(output.stdout).unwrap(),
            Err(_) => RUNTIME.block_on(without_curl(method, &url, arguments, self.juben.folder())),
        };
        let (body, status) = output.rsplit_once('\n').unwrap();
        let body = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {output}"));
        (status.parse().unwrap(), body)
    }

    fn token(&self) -> String {
        let (_, reply) = self.post(
            "/cgi-bin/stable_token",
            r#"{"grant_type":"client_credential","appid":"wx1234567890abcdef","secret":"sandbox-secret"}"#,
        );
        reply["access_token"].as_str().unwrap().to_owned()
    }

    /// POST with a token; what must work.
    #[track_caller]
    fn works(&self, path: &str, body: Value) -> Value {
        let (status, reply) = self.post(&format!("{path}?access_token={}", self.token()), &body.to_string());
        assert_eq!((status, &reply["errcode"]), (200, &json!(0)), "{reply}");
        reply
    }
}

impl Drop for Walk {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What `curl` would have written.
async fn without_curl(method: &str, url: &str, arguments: &[&str], folder: &std::path::Path) -> String {
    rustls::crypto::ring::default_provider().install_default().ok();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = client.request(method.parse().unwrap(), url);
    let mut form = reqwest::multipart::Form::new();
    for pair in arguments.chunks(2) {
        match (pair[0], pair[1].split_once("=@"), pair[1].split_once('=')) {
            ("-F", Some((name, file)), _) => {
                let bytes = std::fs::read(folder.join(file)).unwrap();
                let part = reqwest::multipart::Part::bytes(bytes).file_name(file.to_owned());
                form = form.part(name.to_owned(), part);
            }
            ("-F", None, Some((name, value))) => form = form.text(name.to_owned(), value.to_owned()),
            ("-H", ..) => request = request.header("Content-Type", "application/json"),
            _ => request = request.body(pair[1].to_owned()),
        }
    }
    if arguments.contains(&"-F") {
        request = request.multipart(form);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    format!("{}\n{status}", response.text().await.unwrap())
}

const BOOKS: &str = "/wxa/book/listbook";
const GRANTS: &str = "/wxa/book/querybookauth";
const GRANT: &str = "/wxa/book/addbookauth";

#[test]
fn grants_are_given_row_by_row_and_listed() {
    let walk = Walk::start();
    let book = walk.works(BOOKS, json!({ "limit": 2 }))["book_list"][0]["book_id"].clone();
    let total = || walk.works(GRANTS, json!({ "type": 0, "offset": 0, "count": 30, "is_sum": true }))["sum"].as_i64();
    let before = total().unwrap();
    let row =
        |book: Value| json!({ "book_id": book, "grantee_appid": "wx00000000000000d7", "expire_time": 2_000_000_000 });
    let rows = json!({ "books": [row(book.clone()), row(json!("nope"))] });
    let (status, reply) = walk.post(&format!("{GRANT}?access_token={}", walk.token()), &rows.to_string());
    let results = json!([{ "errcode": 0, "errmsg": "ok" }, { "errcode": 10145004, "errmsg": "invalid book id" }]);
    assert_eq!((status, &reply["errcode"], &reply["results"]), (200, &json!(10145010), &results));
    assert_eq!(total(), Some(before + 1));
    let own = walk.works(GRANTS, json!({ "type": 0, "offset": 0, "count": 30, "book_id": book }));
    let grantees: Vec<_> = own["results"].as_array().unwrap().iter().map(|row| &row["grantee_appid"]).collect();
    assert!(grantees.contains(&&json!("wx00000000000000d7")), "{own}");
}

#[test]
fn a_video_is_uploaded_in_parts() {
    let walk = Walk::start();
    let token = walk.token();
    let upload = walk.works("/wxa/sec/vod/applyupload", json!({ "media_name": "归来记 - 第9集", "media_type": "MP4" }));
    let upload = upload["upload_id"].as_str().unwrap();
    let mut parts = Vec::new();
    for (number, length) in [(1, 5 << 20), (2, 1000)] {
        let file = format!("part{number}");
        std::fs::write(walk.juben.folder().join(&file), vec![b'v'; length]).unwrap();
        let form = [
            format!("upload_id={upload}"),
            format!("part_number={number}"),
            "resource_type=1".to_owned(),
            format!("data=@{file}"),
        ];
        let path = format!("/wxa/sec/vod/uploadpart?access_token={token}");
        let (status, reply) = walk.parts(&path, &form.each_ref().map(String::as_str));
        assert_eq!((status, &reply["errcode"]), (200, &json!(0)), "{reply}");
        parts.push(json!({ "part_number": number, "etag": reply["etag"] }));
    }
    let commit = json!({ "upload_id": upload, "media_part_infos": parts });
    let media = walk.works("/wxa/sec/vod/commitupload", commit)["media_id"].clone();
    let info = walk.works("/wxa/sec/vod/getmedia", json!({ "media_id": media }));
    assert_eq!(info["media_info"]["name"], "归来记 - 第9集", "{info}");
}

#[test]
fn what_is_wrong_gets_the_code_that_the_platform_gives() {
    let walk = Walk::start();
    let with_token = format!("{BOOKS}?access_token={}", walk.token());
    let code = |(status, reply): (u16, Value)| (status, reply["errcode"].as_i64().unwrap());
    assert_eq!(code(walk.get(&with_token)), (200, 43002));
    assert_eq!(code(walk.post(&with_token, "{\"limit\":")), (200, 47001));
    assert_eq!(code(walk.post(&with_token, "")), (200, 44002));
    assert_eq!(code(walk.post(BOOKS, "{}")), (200, 41001));
    assert_eq!(code(walk.post(&format!("{BOOKS}?access_token=nope"), "{}")), (200, 40014));
    assert_eq!(code(walk.post(&format!("{BOOKS}?access_token={}", "x".repeat(136)), "{}")), (200, 40001));
    assert_eq!(code(walk.post("/wxa/book/nope", "{}")), (200, 40066));
    assert_eq!(code(walk.post(&with_token, "{\"limit\":2}")), (200, 0));
    let (_, one) = walk.post(&with_token, "{\"limit\":1.0}");
    assert_eq!(one["book_list"].as_array().unwrap().len(), 1);
    let secret = r#"{"grant_type":"client_credential","appid":"wx1234567890abcdef","secret":"nope"}"#;
    assert_eq!(code(walk.post("/cgi-bin/stable_token", secret)), (200, 40001));
}

#[test]
fn a_wrong_signature_of_polyv_is_refused() {
    let walk = Walk::start();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    for (caller, expected) in [
        (format!("appId=jb7Kq2Zx9T&timestamp={now}&sign=00"), (403, 104, "invalid signature")),
        (format!("appId=jb7Kq2Zx9T&timestamp={now}"), (403, 104, "invalid signature")),
        (format!("appId=nope&timestamp={now}&sign=00"), (400, 101, "application not exist")),
        ("appId=jb7Kq2Zx9T&timestamp=1735689600000&sign=00".to_owned(), (400, 100, "invalid timestamp")),
    ] {
        let (status, reply) = walk.get(&format!("/v3/video/list-video?{caller}"));
        let (code, exact, why) = expected;
        let error = json!({ "code": exact, "desc": why });
        assert_eq!((status, &reply["code"], &reply["error"]), (200, &json!(code), &error), "{caller}");
    }
}

#[test]
fn what_it_received_can_be_read_and_holds_no_secret() {
    let walk = Walk::start();
    let token = walk.token();
    walk.works(BOOKS, json!({}));
    let (status, journal) = walk.get("/_sandbox/requests");
    let operations: Vec<_> = journal.as_array().unwrap().iter().map(|it| it["operation"].as_str().unwrap()).collect();
    let stable = "platform.get_stable_access_token";
    assert_eq!((status, operations), (200, vec![stable, stable, "novel.list_books"]));
    assert!(!journal.to_string().contains(&token) && !journal.to_string().contains("sandbox-secret"));
}
