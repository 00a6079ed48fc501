//! `http::`: what is sent to hosts that are no platform's, and what never is.

use crate::{
    command::{Ended, Juben},
    package::Packages,
    script::{RUNTIME, Script, Server},
    serve::Office,
};
use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use juben::{
    client::Client,
    error::Kind,
    rights::{Grant, Right},
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// A server on this machine, and the requests that it has heard: method, path, `content-type`, `x-team` and body.
#[derive(Clone)]
struct Web {
    host: String,
    heard: Arc<Mutex<Vec<[String; 5]>>>,
}

impl Web {
    fn start() -> Web {
        RUNTIME.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let web = Web { host: listener.local_addr().unwrap().to_string(), heard: Arc::default() };
            let heard = web.heard.clone();
            let app = Router::new().fallback(move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
                let header = |name| headers.get(name).map_or("", |it| it.to_str().unwrap()).to_owned();
                let body = String::from_utf8(body.to_vec()).unwrap();
                let request = [method.to_string(), uri.to_string(), header("content-type"), header("x-team"), body];
                heard.lock().unwrap().push(request);
                async move { answer(uri.path()).await }
            });
            tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
            web
        })
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host)
    }

    fn heard(&self) -> Vec<[String; 5]> {
        std::mem::take(&mut self.heard.lock().unwrap())
    }

    /// A script with `URL` in place of this server.
    fn script(&self, text: &str) -> Script {
        Script::new(&text.replace("URL", &self.url("")))
    }

    fn juben(&self, text: &str, options: &[&str]) -> Ended {
        let script = text.replace("URL", &self.url(""));
        Juben::new(&[&["run", "a.rhai"], options].concat()).file("a.rhai", &script).run()
    }
}

async fn answer(path: &str) -> Response {
    let broken = || futures_util::stream::iter([Ok("half"), Err(std::io::Error::other("gone"))]);
    match path {
        "/json" => {
            let more = AppendHeaders([("x-more", "a"), ("x-more", "b")]);
            let kind = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
            (kind, more, r#"{"n":[1,"中文"]}"#).into_response()
        }
        "/text" => "第1集".into_response(),
        "/bytes" => vec![0xff_u8, 0x00].into_response(),
        "/not-json" => ([(header::CONTENT_TYPE, "application/json")], "{").into_response(),
        "/large" => vec![b'a'; (16 << 20) + 1].into_response(),
        "/lost" => Body::from_stream(broken()).into_response(),
        "/slow" => std::future::pending().await,
        "/here" => Redirect::temporary("/text").into_response(),
        "/circle" => Redirect::temporary("/circle").into_response(),
        "/away" => Redirect::temporary("http://other.invalid/text?key=s3cret").into_response(),
        path => match path.trim_start_matches('/').parse::<u16>() {
            Ok(status) => (StatusCode::from_u16(status).unwrap(), "why").into_response(),
            Err(_) => StatusCode::OK.into_response(),
        },
    }
}

#[test]
fn an_answer_is_a_map() {
    let web = Web::start();
    web.script("let it = http::get(\"URL/json\"); [it.status, it.headers[\"x-more\"], it.body, it.json]")
        .returns(r#"[200,"a, b","{\"n\":[1,\"中文\"]}",{"n":[1,"中文"]}]"#);
    web.script("let it = http::get(\"URL/text\"); [it.body, it.json]").returns(r#"["第1集",null]"#);
    web.script("let it = http::get(\"URL/bytes\"); [type_of(it.body), it.body[0]]").returns(r#"["blob",255]"#);
    web.script("http::get(\"URL/not-json\").json").returns("null");
    web.script("http::get(\"URL/here\").body").returns(r#""第1集""#);
}

#[test]
fn what_is_sent_is_what_was_given() {
    let web = Web::start();
    let sent = |text: &str, expected: [&str; 5]| {
        web.script(text).returns("200");
        assert_eq!(web.heard(), [expected.map(str::to_owned)], "{text}");
    };
    sent("http::get(\"URL/a?b=c\").status", ["GET", "/a?b=c", "", "", ""]);
    sent("http::get(\"URL/a\", #{ headers: #{ \"X-Team\": 7 } }).status", ["GET", "/a", "", "7", ""]);
    sent("http::post(\"URL/a\", #{ n: [1] }).status", ["POST", "/a", "application/json", "", r#"{"n":[1]}"#]);
    sent("http::post(\"URL/a\", [1]).status", ["POST", "/a", "application/json", "", "[1]"]);
    sent("http::post(\"URL/a\", \"中\").status", ["POST", "/a", "text/plain; charset=utf-8", "", "中"]);
    let options = "#{ headers: #{ \"content-type\": \"text/csv\" }, timeout: 9 }";
    sent(&format!("http::post(\"URL/a\", \"1,2\", {options}).status"), ["POST", "/a", "text/csv", "", "1,2"]);
}

#[test]
fn a_status_of_400_and_above_is_an_error_of_its_kind() {
    let web = Web::start();
    for (status, get, post) in [
        (400, Kind::Refused, Kind::Refused),
        (401, Kind::Auth, Kind::Auth),
        (404, Kind::NotFound, Kind::NotFound),
        (409, Kind::Conflict, Kind::Conflict),
        (429, Kind::Throttled, Kind::Throttled),
        (503, Kind::Server, Kind::UnknownOutcome),
    ] {
        let error = web.script(&format!("http::get(\"URL/{status}?key=s3cret\")")).throws(get);
        assert!(error.code == Some(status) && !error.message.contains("s3cret"), "{error:?}");
        web.script(&format!("http::post(\"URL/{status}\", \"\")")).throws(post);
        web.script(&format!(
            "let body = (); try {{ http::get(\"URL/{status}\") }} catch (it) {{ body = it.reply.body }} body"
        ))
        .returns("\"why\"");
    }
    // Each once.
    assert_eq!(web.heard().len(), 18);
}

#[test]
fn a_post_whose_answer_is_lost_is_not_repeated() {
    let web = Web::start();
    let hint = web.script("http::post(\"URL/lost\", \"\")").throws(Kind::UnknownOutcome).hint.clone();
    assert_eq!(hint.as_deref(), Some("look there before you repeat it"));
    web.script("http::post(\"URL/slow\", \"\", #{ timeout: 1 })").throws(Kind::UnknownOutcome);
    assert_eq!(web.heard().len(), 2);
    web.script("http::get(\"URL/lost\")").throws(Kind::Network);
    web.script("http::get(\"URL/large\")").throws(Kind::TooLarge);
    web.script("http::get(\"http://127.0.0.1:1/\")").throws(Kind::Network);
    web.script("http::post(\"http://127.0.0.1:1/\", \"\")").throws(Kind::Network);
}

#[test]
fn nobody_is_sent_on_to_another_host() {
    let web = Web::start();
    let error = web.script("http::get(\"URL/away\")").throws(Kind::Refused);
    assert!(error.message.contains("http://other.invalid/text") && !error.message.contains("s3cret"), "{error}");
    web.script("http::get(\"URL/circle\")").throws(Kind::Refused);
    assert_eq!(web.heard().len(), 7);
    web.script("http::post(\"URL/here\", \"\").status").returns("307");
    assert_eq!(web.heard().len(), 1);
}

#[test]
fn a_script_learns_of_its_own_mistakes() {
    let web = Web::start();
    for wrong in [
        "http::get(\"api.example.org\")",
        "http::get(\"file:///etc/passwd\")",
        "http::get(\"URL/a\", #{ headers: #{ Host: \"other.invalid\" } })",
        "http::get(\"URL/a\", #{ headers: #{ \"x-team\": \"a\\r\\nb: c\" } })",
        "http::get(\"URL/a\", #{ headers: #{ \"\": \"a\" } })",
        "http::get(\"URL/a\", #{ timeout: 0 })",
        "http::get(\"URL/a\", #{ timeuot: 1 })",
        "http::post(\"URL/a\", 1)",
    ] {
        web.script(wrong).throws(Kind::Argument);
    }
    assert!(web.heard().is_empty());
}

#[test]
fn only_the_host_that_is_granted_is_asked() {
    let (web, other) = (Web::start(), Web::start());
    let text = "print(http::get(\"URL/text\").body)";
    let (own, foreign) = (format!("host:{}", web.host), format!("host:{}", other.host));
    assert_eq!(web.juben(text, &["--sandbox", "--allow", &own]).stdout, "第1集\n");
    let late = "try { http::get(`URL${args::at(0, \"/text\")}`) } catch { } 1";
    assert_eq!(web.juben(late, &["--sandbox", "--allow", &own]).code, 0);
    assert_eq!(web.heard().len(), 2);
    for text in [text, late] {
        let ended = web.juben(text, &["--sandbox", "--allow", &foreign]);
        assert!(ended.code == 4 && ended.stderr.contains(&own), "{}", ended.stderr);
    }
    assert!(web.heard().is_empty() && other.heard().is_empty());
}

#[test]
fn the_hosts_are_read_off_the_text() {
    let needs = |text: &str| Script::new(text).guard_of_its_text().unwrap().parts()[0].needs.to_string();
    assert_eq!(needs("http::get(\"https://API.example.org:443/a\")"), "host:api.example.org");
    assert_eq!(needs("http::post(\"http://a.example@b.example:8080\", 1, #{})"), "host:b.example:8080");
    assert_eq!(needs("http::get(\"https://api.example.org/\" + args::at(0))"), "host");
    assert_eq!(needs("http::get(\"nowhere\")"), "");
    let check = Juben::new(&["check", "a.rhai"]).file("a.rhai", "http::get(\"https://a.example/\");").run();
    assert_eq!(check.stdout, "a.rhai\n  calls     no operation\n  reaches   a.example\n");
}

#[test]
fn a_package_needs_the_right() {
    let load = |rights: &[&str]| {
        let module = "fn rates() { http::get(\"https://api.example.org/\").json }";
        let packages = Packages::new().with("team/rates", rights, &[], &[("rates", module)]);
        let script = Script::new("import \"team/rates\" as it; it::rates()").packages(&packages.installed());
        script.guard(&Grant::of("host:api.example.org".parse().unwrap()))
    };
    assert!(load(&["host:api.example.org"]).unwrap().deed(&"host:api.example.org".parse::<Right>().unwrap()).is_ok());
    let error = load(&["host:other.example"]).unwrap_err();
    assert!(format!("{error:?}").contains("host:api.example.org"), "{error:?}");
}

#[test]
fn the_sandbox_has_no_internet_and_a_dry_run_changes_nothing() {
    let web = Web::start();
    let ended = web.juben("http::get(\"http://api.invalid/\")", &["--sandbox"]);
    assert!(ended.code == 1 && ended.stderr.contains("the sandbox has no internet"), "{}", ended.stderr);

    let both = "http::get(\"URL/text\"); http::post(\"URL/done?key=s3cret\", #{ n: 1 }).status";
    let ended = web.juben(both, &["--dry-run"]);
    let told = format!("would post to {}: {{\"n\":1}}", web.url("/done"));
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.trim()), (0, "200\n", told.as_str()));
    assert_eq!(web.heard().len(), 1);

    let plan = Juben::new(&["plan", "a.rhai", "--sandbox", "-o", "plan.json"]);
    let ended = plan.file("a.rhai", &both.replace("URL", &web.url(""))).run();
    assert!(ended.code == 1 && ended.stderr.contains("cannot be planned"), "{}", ended.stderr);
    assert_eq!(web.heard().len(), 1);
}

#[test]
fn no_proxy_leads_to_this_machine_from_the_sandbox_and_one_leads_elsewhere() {
    let (web, server) = (Web::start(), Arc::new(Server::start()));
    let mut config = server.config();
    config.http.proxy = Some(web.url(""));
    let client = Client::new(juben::catalog::Catalog::builtin(), &config);
    let script = Script::on(&server, "http::get(\"http://api.invalid/text\").status");
    assert_eq!(script.run_freely(client.clone(), &config).result.unwrap().as_int(), Ok(200));
    assert_eq!(web.heard()[0][1], "http://api.invalid/text");
    let script = Script::on(&server, "http::get(\"http://127.0.0.1:1/text\")");
    assert!(script.run_freely(client.direct(), &config).result.is_err());
    assert!(web.heard().is_empty());
}

#[test]
fn what_is_posted_is_in_the_log_of_writes() {
    let web = Web::start();
    let script = r#"
        http::get("URL/text");
        http::post("URL/done?key=s3cret", #{ body: "b0dy" }, #{ headers: #{ "x-team": "h3ader" } });
        for path in ["/404", "/503", "/lost", "/hook/0f-th3-sh0p"] { try { http::post("URL" + path, "") } catch { } }
        try { http::post("http://127.0.0.1:1/", "") } catch { }
    "#;
    let toml = "[account.main]\nplatform = \"wechat\"\nappid = \"wx1\"\nsecret = \"file:secret\"\n";
    let office = Office::new(toml).with("secret", "0f-th3-sh0p").with("a.rhai", &script.replace("URL", &web.url("")));
    office.does(&["run", "a.rhai"]);
    let listed = office.does(&["audit", "--operation", "http"]);
    let rows: Vec<Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |row: &Value| json!([row["operation"], row["server"], row["target"]["url"], row["outcome"], row["code"]]);
    let entry =
        |path: &str, outcome: &str, code: Value| json!(["http.post", web.url(""), web.url(path), outcome, code]);
    let expected = [
        entry("/done", "done", Value::Null),
        entry("/404", "failed", 404.into()),
        entry("/503", "unknown", 503.into()),
        entry("/lost", "unknown", Value::Null),
        entry("/hook/••••", "done", Value::Null),
        json!(["http.post", "http://127.0.0.1:1", "http://127.0.0.1:1/", "failed", null]),
    ];
    assert_eq!(rows.iter().map(of).collect::<Vec<_>>(), expected);
    assert!(rows.iter().all(|row| row["script"] == "a.rhai" && row["effect"] == "write"), "{listed}");
    assert!(["s3cret", "b0dy", "h3ader"].iter().all(|hidden| !listed.contains(hidden)), "{listed}");
    assert!(office.does(&["audit", "--verify"]).starts_with("12 rows"));
}

#[test]
fn what_is_under_way_when_juben_is_killed_is_unknown() {
    let web = Web::start();
    let script = "http::post(\"URL/slow\", \"\")".replace("URL", &web.url(""));
    let office = Office::new("").with("a.rhai", &script);
    let mut child = office.starts(&["run", "a.rhai"]);
    while web.heard().is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let row: Value = serde_json::from_str(&office.does(&["audit"])).unwrap();
    assert_eq!((&row["outcome"], &row["ended"]), (&"unknown".into(), &Value::Null), "{row}");
    assert!(office.does(&["audit", "--verify"]).starts_with("1 rows"));
}

#[test]
fn a_replay_asks_nobody() {
    let web = Web::start();
    let script =
        "try { http::post(\"URL/done\", \"\") } catch { } drama::list_dramas(); 1".replace("URL", &web.url(""));
    let office = Office::new("").with("a.rhai", &script);
    let recorded = office.juben(&["run", "a.rhai", "--sandbox", "--record", "tape.json"]);
    assert_eq!((recorded.code, web.heard().len()), (0, 1), "{}", recorded.stderr);
    assert!(recorded.stderr.contains("requests of http:: are not recorded"), "{}", recorded.stderr);
    let replayed = office.juben(&["run", "a.rhai", "--replay", "tape.json"]);
    assert_eq!((replayed.code, replayed.stdout.as_str(), web.heard().len()), (1, "", 0), "{}", replayed.stderr);
    assert!(replayed.stderr.contains("is not asked: a recording has no answers"), "{}", replayed.stderr);
}
