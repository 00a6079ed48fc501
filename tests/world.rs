//! What the sandbox holds: time that moves it on, dumps of it, and worlds from files.

use crate::{
    command::Juben,
    script::{Server, call},
};
use juben::{
    client::Client,
    sandbox::{Fault, FaultKind, Life, Options, Ruling, Verdict},
};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    process::{Command, Output, Stdio},
};

const NOW: i64 = 1_796_083_200;
const DAY: i64 = 86_400;

/// A sandbox whose clock only moves when it is told.
fn still() -> Options {
    Options { now: Some(NOW), clock_speed: 0.0, ..Options::default() }
}

#[track_caller]
fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn dump(server: &Server) -> String {
    let mut text = Vec::new();
    server.sandbox.dump(&mut text).unwrap();
    String::from_utf8(text).unwrap()
}

async fn ok(client: &Client, operation: &str, fields: Value) -> Value {
    let reply =
        call(client, operation, &fields.to_string()).await.unwrap_or_else(|error| panic!("{operation}: {error}"));
    json(&juben::client::encode(&reply.into()).unwrap())
}

/// Uploads every day, a drama that is rejected and submitted again, grants that end: sixty days, and what is left.
async fn sixty_days(seed: u64) -> String {
    let life = Life { review_seconds: 2 * DAY, pull_seconds: 600, transcode_seconds: 60, ..Life::default() };
    let rejected =
        Verdict { about: "归来记".into(), result: Ruling::Reject, reason: "片名不符".into(), times: Some(1) };
    let server = Server::here(Options { seed, life: Life { verdicts: vec![rejected], ..life }, ..still() }).await;
    let client = server.client();
    let mut media = Vec::new();
    let mut drama = Value::Null;
    for day in 0..60 {
        let now = server.sandbox.now();
        let media_name = format!("归来记 - 第{}集", day + 1);
        let pull = json!({ "media_name": media_name, "media_url": format!("https://v.example.org/{day}.mp4") });
        let task = ok(&client, "drama.pull_upload", pull).await["task_id"].clone();
        let grant = json!({ "authorized_appid": format!("wx{day:016x}"), "drama_id": [310045], "authz_expire_time": now + (7 + day % 5) * DAY });
        ok(&client, "drama.authorize_drama", grant).await;
        server.sandbox.advance(DAY / 2);
        media.push(ok(&client, "drama.get_task", json!({ "task_id": task })).await["task_info"]["media_id"].clone());
        if day == 20 {
            drama = ok(&client, "drama.audit_drama", submission(&media)).await["drama_id"].clone();
        }
        if day == 30 {
            let info = ok(&client, "drama.get_drama", json!({ "drama_id": drama })).await;
            assert_eq!(info["drama_info"]["audit_detail"]["status"], 2, "{info}");
            let again = json!({ "drama_id": drama, "name": "归来记" });
            ok(&client, "drama.audit_drama", again).await;
        }
        server.sandbox.advance(DAY / 2);
    }
    let info = ok(&client, "drama.get_drama", json!({ "drama_id": drama })).await;
    assert_eq!(info["drama_info"]["audit_detail"]["status"], 3, "{info}");
    let grants = ok(&client, "drama.get_authorize_objects", json!({ "drama_id": 310045, "limit": 100 })).await;
    let ours = grants["objects"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["authorized_appid"].as_str().unwrap().starts_with("wx00000000000000"));
    assert!((7..=11).contains(&ours.count()), "{grants}");
    dump(&server)
}

fn submission(media: &[Value]) -> Value {
    json!({
        "name": "归来记", "media_count": media.len(), "media_id_list": media, "producer": "示例影业", "drama_type": 1,
        "description": "一个关于归来的故事。", "cover_material_id": "MAT_COVER_1", "authorized_material_id": "MAT_AUTH_1",
        "qualification_type": 2, "cost_of_production": 18, "cost_commitment_letter_material_id": "MAT_COST_1",
        "copyright": { "copyright_role": 1, "apply_for_copyright_protection": 0 },
    })
}

#[tokio::test]
async fn sixty_days_of_an_account_pass_by_the_clock_and_always_in_the_same_way() {
    let (first, second, other) = (sixty_days(1).await, sixty_days(1).await, sixty_days(2).await);
    assert!(first == second, "the same seed and calls make the same world");
    assert_ne!(first, other);
}

#[tokio::test]
async fn a_world_that_was_dumped_goes_on_in_another_sandbox() {
    let first = Server::here(still()).await;
    ok(
        &first.client(),
        "drama.pull_upload",
        json!({ "media_name": "归来记 - 第1集", "media_url": "https://v.example.org/1.mp4" }),
    )
    .await;
    first.sandbox.advance(5 * DAY);
    let saved = dump(&first);
    let second = Server::here(Options { world: Some(saved.clone()), ..still() }).await;
    assert_eq!(second.sandbox.now(), NOW + 5 * DAY);
    assert_eq!(dump(&second), saved);
    let (one, other) = (first.client(), second.client());
    for (operation, fields) in [
        ("drama.list_media", json!({ "media_name": "归来记 - 第1集" })),
        ("novel.query_book_auth", json!({ "type": 0, "offset": 0, "count": 30 })),
        ("polyv.list_video", json!({})),
        ("drama.pull_upload", json!({ "media_name": "归来记 - 第2集", "media_url": "https://v.example.org/2.mp4" })),
    ] {
        assert_eq!(ok(&one, operation, fields.clone()).await, ok(&other, operation, fields).await, "{operation}");
    }
    assert_eq!(dump(&first), dump(&second));
}

/// A request to the sandbox's own paths: the status and the reply.
async fn control(server: &Server, method: &str, path: &str, body: &str) -> (u16, String) {
    rustls::crypto::ring::default_provider().install_default().ok();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/_sandbox/{path}", server.sandbox.url());
    let reply = http.request(method.parse().unwrap(), url).body(body.to_owned()).send().await.unwrap();
    (reply.status().as_u16(), reply.text().await.unwrap())
}

#[tokio::test]
async fn the_clock_the_life_and_the_state_are_moved_from_outside() {
    let server = Server::here(still()).await;
    assert_eq!(control(&server, "GET", "clock", "").await, (200, format!(r#"{{"now":{NOW},"speed":0.0}}"#)));
    let (_, moved) = control(&server, "POST", "clock", r#"{"advance": 60, "speed": 0}"#).await;
    assert_eq!(json(&moved)["now"], NOW + 60);
    let life = r#"{"review_seconds": 30, "verdicts": [{"about": "归来记", "result": "refill", "reason": "补充材料"}]}"#;
    assert_eq!(control(&server, "PUT", "life", life).await.0, 200);
    assert_eq!(json(&control(&server, "GET", "life", "").await.1)["verdicts"][0]["result"], "refill");
    let (_, state) = control(&server, "GET", "state", "").await;
    assert_eq!(json(&state)["life"]["review_seconds"], 30);
    assert_eq!(control(&server, "POST", "reset", "").await.0, 200);
    assert_eq!(json(&control(&server, "GET", "life", "").await.1)["review_seconds"], 0);
    assert_eq!(control(&server, "PUT", "state", &state).await.0, 200);
    assert_eq!(control(&server, "GET", "state", "").await.1, state);
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_its_place() {
    let server = Server::here(still()).await;
    let before = dump(&server);
    for (method, path, body, said) in [
        ("PUT", "state", r#"{"dramas": {"medias": []}}"#, "unknown field `medias`"),
        ("PUT", "state", "{\n\"now\": \"x\"}", "line 2 column"),
        ("PUT", "life", r#"{"review_minutes": 3}"#, "unknown field `review_minutes`"),
        ("POST", "clock", r#"{"back": 3}"#, "unknown field `back`"),
        ("POST", "faults", r#"[{"kind": "fire"}]"#, "unknown variant `fire`"),
        ("POST", "faults", r#"[{"kind": "http", "operation": "novel.list_book"}]"#, "did you mean novel.list_books?"),
        ("POST", "faults", r#"[{"kind": "http", "rate": 7}]"#, "its rate is 7"),
        ("POST", "faults", r#"[{"kind": "slow", "seconds": -1}]"#, "its seconds are -1"),
        ("POST", "faults", r#"[{"kind": "http", "status": 9999}]"#, "its status is 9999"),
        ("POST", "clock", r#"{"advance": -100}"#, "`advance` is -100"),
        ("POST", "clock", r#"{"speed": 1e300}"#, "an hour a second"),
        ("PUT", "life", r#"{"review_seconds": -5}"#, "review_seconds is -5"),
        ("PUT", "life", r#"{"verdicts": [{"about": "", "result": "reject"}]}"#, "about nothing"),
        ("PUT", "state", r#"{"now": -5}"#, "the time is -5"),
    ] {
        let (status, reply) = control(&server, method, path, body).await;
        assert_eq!(status, 400, "{body}: {reply}");
        assert!(json(&reply)["error"].as_str().unwrap().contains(said), "{reply}");
    }
    assert_eq!(dump(&server), before);
    assert_eq!(control(&server, "GET", "nothing", "").await.0, 404);
}

#[tokio::test]
async fn the_documents_say_that_every_call_may_be_refused() {
    let server = Server::here(still()).await;
    for name in ["drama", "novel", "platform", "polyv"] {
        let (status, text) = control(&server, "GET", &format!("openapi/{name}.yaml"), "").await;
        assert_eq!((status, &json(&text)["openapi"]), (200, &json!("3.1.0")));
        assert_eq!(control(&server, "GET", &format!("openapi/{name}.json"), "").await, (200, text));
    }
    let (_, drama) = control(&server, "GET", "openapi/drama.yaml", "").await;
    let schema = &json(&drama)["paths"]["/wxa/sec/vod/listmedia"]["post"]["responses"]["200"]["content"]["application/json"]
        ["schema"];
    assert!(jsonschema::is_valid(&schema["anyOf"][1], &json!({ "errcode": 47003, "errmsg": "no" })));
    assert!(!jsonschema::is_valid(&schema["anyOf"][1], &json!({ "errcode": 0, "errmsg": "ok" })));
}

#[tokio::test]
async fn an_answer_that_comes_twice_or_in_pieces_is_read_once() {
    let server = Server::here(Options { clock_speed: 1.0, ..still() }).await;
    let client = server.client();
    for kind in [FaultKind::Twice, FaultKind::SlowBody] {
        server.sandbox.fail([Fault { times: 5, seconds: 0.05, ..Fault::next(kind) }]);
        for offset in 0..10 {
            let page = ok(&client, "drama.list_media", json!({ "limit": 1, "offset": offset })).await;
            assert_eq!(page["media_info_list"][0]["media_id"], 910_001 + offset, "{kind:?} {offset}");
        }
    }
}

/// `juben sandbox` with these flags, stopped as soon as it has started: its output.
#[cfg(unix)]
fn started(juben: &mut Juben) -> (String, Output) {
    let mut child = juben.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
    let id = i32::try_from(child.id()).unwrap();
    Command::new("kill").args(["-INT", &id.to_string()]).status().unwrap();
    (first, child.wait_with_output().unwrap())
}

#[test]
#[cfg(unix)]
fn a_world_comes_from_a_file_and_goes_into_one() {
    let world = r#"{"now": 1796083200, "dramas": {}, "without_category": ["wx0a1b000000000007"]}"#;
    let flags = ["sandbox", "--port", "0", "--clock-speed", "0", "--data", "world.json", "--dump", "after.json"];
    let mut juben = Juben::new(&flags).file("world.json", world);
    let (first, output) = started(&mut juben);
    assert!(first.starts_with("sandbox at http://127.0.0.1:") && output.status.success(), "{first} {output:?}");
    let after = json(&std::fs::read_to_string(juben.folder().join("after.json")).unwrap());
    assert_eq!((&after["now"], &after["without_category"]), (&json!(NOW), &json!(["wx0a1b000000000007"])));
    assert_eq!(after["dramas"]["dramas"], json!({}));
    assert!(!after["novels"]["books"].as_array().unwrap().is_empty());
}

#[test]
fn what_the_sandbox_cannot_begin_with_is_refused_with_its_place() {
    let refused = |flags: &[&str], name: &str, content: &str, said: &str| {
        let flags = [&["sandbox", "--port", "0"], flags].concat();
        let ended = Juben::new(&flags).file(name, content).run();
        assert_eq!(ended.code, 2, "{}", ended.stderr);
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    };
    refused(&["--data", "w.json"], "w.json", "{\n\"dramas\": 5}", "line 2 column");
    refused(&["--data", "none.json"], "w.json", "", "none.json");
    refused(&["--faults", "f.json"], "f.json", r#"[{"kind": "fire"}]"#, "unknown variant `fire`");
    refused(&["--now", "soon"], "w.json", "", "give a moment such as");
    refused(&["--now", "99999999999999999"], "w.json", "", "before the year 9000");
    refused(&["--clock-speed", "-1"], "w.json", "", "an hour a second");
    refused(
        &["--faults", "f.json"],
        "f.json",
        r#"[{"kind": "http", "operation": "novel.nope"}]"#,
        "no operation novel.nope",
    );
    refused(&["--dump", "nowhere/w.json"], "w.json", "", "a folder that is there");
}

#[tokio::test]
async fn what_the_manual_sends_to_the_side_door_is_understood() {
    let server = Server::here(still()).await;
    let manual = std::fs::read_to_string("docs/sandbox.md").unwrap().replace("\\\n  ", "");
    let mut sent = 0;
    for line in manual.lines().filter(|line| line.starts_with("curl ")) {
        let (head, body) = line.split_once(" -d '").unwrap();
        let path = head.split("/_sandbox/").nth(1).unwrap().trim();
        let method = if head.contains("-X PUT") { "PUT" } else { "POST" };
        let (status, reply) = control(&server, method, path, body.trim_end_matches('\'')).await;
        assert_eq!(status, 200, "{line}: {reply}");
        sent += 1;
    }
    assert_eq!(sent, 4);
    let world = manual.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let server = Server::here(Options { world: Some(world.to_owned()), ..still() }).await;
    assert_eq!(json(&dump(&server))["life"]["review_seconds"], 3600);
}
