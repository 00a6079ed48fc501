//! The log of writes: every write is there, no secret is, and nobody changes it unseen.

use crate::{
    command::Juben,
    script::{RUNTIME, Server},
    serve::Office,
};
use juben::{
    catalog::{Catalog, Effect},
    client::{Run, decode},
    sandbox::{Fault, FaultKind},
    store::{Begun, Entry, Store},
};
use serde_json::Value;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{fs, path::Path, process::Stdio, sync::Arc, thread::sleep, time::Duration};

/// One write of each helper that writes, and some of its own.
const HELPERS: &str = r#"
    import "titles" as titles;
    let clip = upload::file("clip.mp4", #{ media_name: "归来记 - 第80集" });
    upload::material("cover.png");
    let rows = [#{ kind: "book", item: "Bk7aQ2x9" }, #{ kind: "drama", item: 310045 }, #{ kind: "copyright", item: 310045 }];
    rows = rows.map(|row| { row.grantee = "wx00000000000000a7"; row.expires_at = time::now() + time::days(90); row });
    grants::add(rows);
    grants::revoke(rows);
    let book = titles::make("一本书");
    chapters::upload(book, [#{ original_id: "own-1", chapter_title: "第一章", content: "雨还在下。" }]);
    calls::many("drama.delete_media", [#{ media_id: clip }, #{ media_id: 1 }]);
"#;
/// A write that the sandbox takes.
const GRANT: &str = r#"novel::del_book_auth(#{ book_id: "BkqELw0u", grantee_appid: "wx3f8a61c09d2e47b5" })"#;
const TITLES: &str = r#"
    fn make(title) {
        novel::create_book(#{ title: title, intro: "一个关于归来的故事。", cover_media_id: "MAT", author: "林一",
            first_category_id: 1, second_category_id: 2, third_category_id: 3, complete_status: 1 }).book_id
    }
"#;

/// A folder whose accounts are those of a sandbox.
fn office(server: &Server) -> Office {
    Office::new(&server.toml())
}

fn rows(office: &Office, arguments: &[&str]) -> Vec<Value> {
    let listed = office.does(&[&["audit", "--last", "100000"], arguments].concat());
    listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The same, a line each.
fn told(office: &Office, columns: &[&str], arguments: &[&str]) -> Vec<String> {
    let cell = |row: &Value, name: &str| match &row[name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let line = |row: &Value| columns.iter().map(|name| cell(row, name)).collect::<Vec<_>>().join(" ");
    rows(office, arguments).iter().map(line).collect()
}

/// The writes that the sandbox was asked for.
fn writes(server: &Server) -> Vec<String> {
    let catalog = Catalog::builtin();
    let writes = |name: &String| catalog.named(name).unwrap().effects.default != Effect::Read;
    server.operations().into_iter().filter(writes).collect()
}

#[test]
fn the_writes_of_every_helper_are_there() {
    let server = Server::start();
    let office = office(&server).with("work.rhai", HELPERS).with("titles.rhai", TITLES);
    fs::write(office.folder().join("clip.mp4"), "0123456789").unwrap();
    fs::write(office.folder().join("cover.png"), "\u{89}PNG").unwrap();
    let ended = office.juben(&["run", "work.rhai"]);
    let mut expected = writes(&server);
    let mut listed = told(&office, &["operation"], &[]);
    expected.sort();
    listed.sort();
    assert_eq!(listed, expected, "{}", ended.stderr);
    for operation in ["drama.delete_media", "novel.add_book_auth", "novel.del_book_auth", "novel.create_book"] {
        assert!(listed.iter().any(|it| it == operation), "{operation} is not in {listed:?}\n{}", ended.stderr);
    }
    assert!(listed.iter().any(|it| it.starts_with("drama.") && it.contains("upload")), "{listed:?}");
    let rows = rows(&office, &[]);
    let hash = office.does(&["audit", "--output", "json", "--last", "1"]);
    assert!(hash.contains("\"script_hash\": \""), "{hash}");
    for row in &rows {
        assert_eq!((&row["script"], &row["account"]), (&"work.rhai".into(), &"sandbox".into()), "{row}");
        assert_eq!(row["run"], rows[0]["run"]);
        assert!(row["server"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{row}");
        assert_ne!(row["outcome"], "unknown", "{row}");
    }
    assert!(office.does(&["audit", "--verify"]).starts_with(&format!("{} rows", rows.len() * 2)));
}

#[test]
fn every_way_to_run_leaves_entries() {
    let server = Server::start();
    let office = office(&server);
    let job = "[[job]]\nname = \"nightly\"\nscript = \"audit.rhai\"\n";
    office.write("juben.toml", &(server.toml() + job));
    office.write("audit.rhai", "novel::set_preview(#{ setting: #{ book_id: \"no\", default_words: 100 } })");
    let what = ["run", "script", "operation", "outcome", "kind"];
    assert_eq!(office.juben(&["run", "audit.rhai"]).code, 1);
    assert_eq!(office.juben(&["call", "drama.delete_media", "media_id=1"]).code, 1);
    assert_eq!(office.juben(&["jobs", "run", "nightly"]).code, 1);
    let mut prompt = Juben::new(&["repl", "--yes"]);
    prompt.command().current_dir(office.folder()).env("JUBEN_STATE", office.folder().join("state"));
    let mut child = prompt.command().stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"drama::delete_media(2)\n").unwrap();
    child.wait().unwrap();
    let lines = told(&office, &what, &[]);
    let words: Vec<Vec<&str>> = lines.iter().map(|line| line.split(' ').collect()).collect();
    let by_hand = |line: &[&str]| line[0].len() == 10 && line[0].chars().all(|it| it.is_ascii_lowercase());
    assert!(words.len() == 4 && by_hand(&words[0]) && by_hand(&words[1]) && by_hand(&words[3]), "{lines:?}");
    assert_eq!(words[0][1..], ["audit.rhai", "novel.set_preview", "failed", "not_found"]);
    assert_eq!(words[1][1..], ["null", "drama.delete_media", "failed", "not_found"]);
    assert_eq!((words[2][0], words[2][2]), ("nightly/1", "novel.set_preview"));
    assert_eq!(words[3][1..], ["null", "drama.delete_media", "failed", "not_found"]);
    let codes = told(&office, &["code", "effect", "target"], &["--run", words[1][0]]);
    assert_eq!(codes.len(), 1);
    assert!(codes[0].ends_with(r#"destructive {"media_id":1}"#) && !codes[0].starts_with("null"), "{codes:?}");

    assert_eq!(rows(&office, &["--run", "nightly"]).len(), 1);
    assert_eq!(rows(&office, &["--operation", "drama"]).len(), 2);
    assert_eq!(rows(&office, &["--operation", "drama.delete"]).len(), 0);
    assert_eq!(rows(&office, &["--since", "1h", "--account", "sandbox"]).len(), 4);
    assert_eq!(rows(&office, &["--since", "2199-01-01"]).len(), 0);
    assert_eq!(rows(&office, &["--package", "team/grants"]).len(), 0);
    assert_eq!(office.does(&["audit", "--last", "1"]).lines().count(), 1);
    let csv = office.does(&["audit", "--output", "csv"]);
    assert!(csv.lines().count() == 5 && csv.contains("drama.delete_media"), "{csv}");
}

#[test]
fn what_stands_in_for_a_platform_leaves_none() {
    let server = Server::start();
    let office = office(&server).with("write.rhai", GRANT);
    for flag in ["--sandbox", "--dry-run"] {
        assert_eq!(office.juben(&["run", "write.rhai", flag]).code, 0);
    }
    assert_eq!(office.juben(&["run", "write.rhai", "--sandbox", "--record", "tape.json"]).code, 0);
    assert_eq!(office.juben(&["run", "write.rhai", "--replay", "tape.json"]).code, 0);
    assert!(rows(&office, &[]).is_empty());
    assert_eq!(office.does(&["audit", "--head"]), format!("0:{}\n", "0".repeat(64)));
    assert!(office.does(&["audit", "--verify"]).starts_with("0 rows"));
}

#[test]
fn a_write_that_a_kill_cuts_off_is_shown_as_unknown() {
    let server = Server::start();
    let office = office(&server);
    office.write("write.rhai", "drama::list_media(#{ limit: 1 }); drama::delete_media(910003)");
    server.sandbox.fail([Fault { operation: Some("drama.delete_media".into()), ..Fault::next(FaultKind::Hang) }]);
    let mut juben = Juben::new(&["run", "write.rhai"]);
    juben.command().current_dir(office.folder()).env("JUBEN_STATE", office.folder().join("state"));
    let mut child = juben.command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while !server.operations().iter().any(|name| name == "drama.delete_media") {
        sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let columns = ["operation", "outcome", "ended", "target"];
    assert_eq!(told(&office, &columns, &[]), [r#"drama.delete_media unknown null {"media_id":910003}"#]);
    assert!(office.does(&["audit", "--verify"]).starts_with("1 rows"));
}

#[test]
fn what_cannot_be_noted_is_not_sent() {
    let server = Server::start();
    let office = office(&server).with("write.rhai", "drama::list_media(); drama::delete_media(910003)");
    office.does(&["audit", "--verify"]);
    change(&office, "drop table audit_log");
    office.refuses(&["run", "write.rhai"], 1, &["not sent, as it cannot be noted"]);
    assert_eq!(server.operations(), ["drama.list_media"]);
}

#[test]
fn no_secret_is_in_it() {
    const SECRET: &str = "s3cr3t-0f-th3-sh0p";
    let server = Server::start();
    let toml = server.toml().replace("cmd:echo sandbox-secret", "env:SHOP_SECRET");
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        "try {{ platform::get_access_token(#{{ grant_type: \"client_credential\", appid: \"wx1\", secret: \"{SECRET}\" }}) }}\n\
         catch (e) {{}}\n\
         drama::pull_upload(#{{ media_name: \"{SECRET}\", media_url: \"https://example.org/{SECRET}\" }})"
    );
    let mut juben = Juben::new(&["run", "secret.rhai"]).file("juben.toml", &toml).file("secret.rhai", &script);
    juben.command().env("JUBEN_STATE", folder.path()).env("SHOP_SECRET", SECRET);
    juben.run();
    let log = Store::at(folder.path());
    let written = RUNTIME.block_on(log.writes(|_| true, 10)).unwrap();
    assert!(!written.is_empty(), "{written:?}");
    assert!(!format!("{written:?}").contains(SECRET), "{written:?}");
    for file in fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file()) {
        let bytes = fs::read(&file).unwrap();
        assert!(!bytes.windows(SECRET.len()).any(|it| it == SECRET.as_bytes()), "{}", file.display());
    }
}

/// Begin so many writes at once, by stores that know nothing of each other.
fn many(folder: &Path, stores: usize, writes: usize) {
    let stores: Vec<_> = (0..stores).map(|_| Arc::new(Store::at(folder))).collect();
    RUNTIME.block_on(async {
        let begun = |at| {
            Entry::Begun(Box::new(Begun { at, operation: "a.b".into(), account: "一号".into(), ..Begun::default() }))
        };
        let all = stores.iter().flat_map(|store| (0..writes as i64).map(move |at| store.log_write(begun(at))));
        for number in futures_util::future::join_all(all).await {
            number.unwrap();
        }
    });
}

#[test]
fn those_who_write_at_once_make_one_chain() {
    let folder = tempfile::tempdir().unwrap();
    many(folder.path(), 4, 100);
    let store = Store::at(folder.path());
    let head = RUNTIME.block_on(store.verify_audit_log(None)).unwrap();
    assert_eq!(head.number, 400);
    let numbers: Vec<_> = RUNTIME.block_on(store.writes(|_| true, 1000)).unwrap().iter().map(|it| it.number).collect();
    assert_eq!(numbers, (1..=400).collect::<Vec<_>>());
}

/// An office whose log has rows.
fn logged() -> (Server, Office) {
    let server = Server::start();
    let office = office(&server);
    RUNTIME.block_on(async {
        let store = Arc::new(Store::at(office.folder().join("state")));
        let client = server.client().audited(&store).of_run(Run { script: Some("a.rhai".into()), ..Run::default() });
        for fields in [r#"{"media_id": 910003}"#, r#"{"media_id": 1}"#] {
            let operation = client.operation("drama.delete_media").unwrap();
            let fields = decode(fields.as_bytes()).unwrap().cast();
            client.call(&operation, fields, &Default::default()).await.ok();
        }
    });
    (server, office)
}

/// Change the database behind juben's back.
fn change(office: &Office, statement: &'static str) {
    RUNTIME.block_on(async {
        let options = SqliteConnectOptions::new().filename(office.folder().join("state/juben.db"));
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::query(statement).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
}

#[test]
fn a_byte_that_is_changed_anywhere_is_found() {
    let (_server, office) = logged();
    let verify = ["audit", "--verify"];
    assert!(office.does(&verify).starts_with("4 rows, each as it was written; the last is 4:"));
    change(&office, "create table kept as select * from audit_log");
    for row in ["1", "2", "3", "4"] {
        for (column, changed) in [
            ("number", "number + 10"),
            ("content", "replace(content, '\"at\":1', '\"at\":2')"),
            ("content", "content || ' '"),
            ("content", "replace(content, 'd', 'D')"),
            ("hash", "case when hash like 'a%' then 'b' else 'a' end || substr(hash, 2)"),
        ] {
            let statement = format!("update audit_log set {column} = {changed} where number = {row}");
            change(&office, Box::leak(statement.into_boxed_str()));
            let said = if column == "number" && row == "4" { "ends with row 3".into() } else { format!("row {row} ") };
            let said = if column == "number" && row == "4" { "row 4 is missing".into() } else { said };
            office.refuses(&verify, 1, &["is not as juben wrote it", &said]);
            change(&office, "delete from audit_log");
            change(&office, "insert into audit_log select * from kept");
        }
    }
    office.does(&verify);
    change(&office, "update audit_head set hash = replace(hash, substr(hash, 1, 1), '_')");
    office.refuses(&verify, 1, &["the table audit_head says otherwise"]);
}

#[test]
fn rows_that_are_taken_out_are_missed() {
    let (_server, office) = logged();
    let (verify, head) = (["audit", "--verify"], office.does(&["audit", "--head"]));
    change(&office, "create table kept as select * from audit_log");
    change(&office, "delete from audit_log where number = 2");
    office.refuses(&verify, 1, &["row 2 is missing"]);
    change(&office, "delete from audit_log where number > 1");
    office.refuses(&verify, 1, &["it ends with row 1, and audit.head knows row 4"]);
    // Who cuts both ends of the log forgets the third.
    change(&office, "update audit_head set number = 1, hash = (select hash from audit_log)");
    office.refuses(&verify, 1, &["audit.head knows row 4"]);
    fs::remove_file(office.folder().join("state/audit.head")).unwrap();
    assert!(office.does(&verify).starts_with("1 rows"));
    let kept = ["audit", "--verify", "--head", head.trim()];
    office.refuses(&kept, 1, &["it ends with row 1, and the head that was kept knows row 4"]);
    // Who writes the whole chain anew cannot make it lead through a head that was kept elsewhere.
    change(&office, "delete from audit_log");
    change(&office, "update audit_head set number = 0, hash = substr(hex(zeroblob(32)), 1, 64)");
    many(&office.folder().join("state"), 1, 6);
    assert!(office.does(&verify).starts_with("6 rows"));
    office.refuses(&kept, 1, &["row 4 is another one than the head that was kept knows"]);
    office.refuses(&["audit", "--verify", "--head"], 2, &["needs what to compare with"]);
    office.refuses(&["audit", "--head", head.trim()], 2, &["for --verify"]);
    assert_eq!(office.juben(&["audit", "--verify", "--head", "4:xyz"]).code, 2);
}
