//! The log of writes: every write is there, no secret is, and nobody changes it unseen.

use crate::{
    command::Juben,
    package::{manifest, table},
    script::{RUNTIME, Server},
    serve::Office,
    terminal::Terminal,
};
use juben::{
    catalog::{Catalog, Effect},
    client::{Run, decode},
    sandbox::{Fault, FaultKind},
    store::{Begun, Entry, Store},
};
use serde_json::Value;
use std::{fs, path::Path, process::Stdio, sync::Arc, thread::sleep, time::Duration};
use unicode_width::UnicodeWidthStr;

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
fn a_write_is_known_as_that_of_its_package_also_by_a_helper() {
    let server = Server::start();
    let office = office(&server).with("work.rhai", "import \"team/work\" as work; work::all();");
    fs::write(office.folder().join("clip.mp4"), "0123456789").unwrap();
    fs::write(office.folder().join("cover.png"), "\u{89}PNG").unwrap();
    let package = office.folder().join("work");
    fs::create_dir(&package).unwrap();
    let rights = table([("write", "works"), ("destructive", "tidies"), ("files-read:.", "sends files")]);
    fs::write(package.join("package.toml"), manifest("team/work", "1.2.0", &["work"], &rights)).unwrap();
    let helpers = HELPERS.replace("import \"titles\" as titles;", "").replace("titles::make", "make");
    fs::write(package.join("work.rhai"), format!("{TITLES}\nfn all() {{ {helpers} }}")).unwrap();
    office.does(&["add", "--path", "work", "--yes"]);
    let allowed = "write,destructive,files-read:.";
    let ended = office.juben(&["run", "work.rhai", "--yes", "--allow", allowed]);
    let mut operations = told(&office, &["operation"], &["--package", "team/work"]);
    let mut expected = writes(&server);
    operations.sort();
    expected.sort();
    assert!(expected.len() > 6, "{expected:?}\n{}", ended.stderr);
    assert_eq!(operations, expected, "{}", ended.stderr);
    assert!(rows(&office, &[]).iter().all(|row| row["by"] == "team/work 1.2.0"));
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
    office.refuses(&["audit"], 1, &["there is no log of writes"]);
}

#[test]
fn a_write_that_a_kill_cuts_off_is_shown_as_unknown() {
    let server = Server::start();
    let office = office(&server);
    office.write("write.rhai", "drama::list_media(#{ limit: 1 }); drama::delete_media(910003)");
    server.sandbox.fail([Fault { operation: Some("drama.delete_media".into()), ..Fault::next(FaultKind::Hang) }]);
    let mut child = office.starts(&["run", "write.rhai"]);
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
    fs::create_dir_all(office.folder().join("state/audit.chain")).unwrap();
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
    let stores: Vec<_> = (0..stores).map(|_| Store::at(folder)).collect();
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

#[test]
fn where_no_log_is_none_is_made() {
    let office = Office::new("");
    let there = || fs::read_dir(office.folder()).unwrap().map(|it| it.unwrap().file_name()).collect::<Vec<_>>();
    let said = ["there is no log of writes in", "where another state is, tell by --state DIR"];
    for arguments in [&["audit"] as &[_], &["audit", "--verify"], &["audit", "--head"]] {
        office.refuses(arguments, 1, &said);
    }
    let listed = office.juben(&["rights"]);
    assert_eq!((listed.code, listed.stdout.as_str()), (0, ""));
    assert!(listed.stderr.contains("no package may do anything"), "{}", listed.stderr);
    office.refuses(&["rights", "revoke", "team/a"], 2, &["nothing was answered about team/a"]);
    assert_eq!(there(), ["juben.toml"]);
}

#[test]
fn processes_that_are_killed_while_they_write_leave_one_chain() {
    let server = Server::start();
    let text = "for n in 0..80 { try { drama::delete_media(args::get(\"from\", 0) + n) } catch { } }";
    let office = office(&server).with("work.rhai", text);
    fastrand::seed(7);
    for round in 0..6 {
        let from = |number: i32| format!("from={}", (round * 3 + number) * 1000);
        let start = |number| office.starts(&["run", "work.rhai", "--arg", &from(number)]);
        let (mut killed, mut other) = (start(1), start(2));
        let goal = server.sandbox.requests().len() + fastrand::usize(1..60);
        while server.sandbox.requests().len() < goal && other.try_wait().unwrap().is_none() {
            sleep(Duration::from_micros(100));
        }
        killed.kill().unwrap();
        killed.wait().unwrap();
        assert!(other.wait().unwrap().success());
        let said = office.juben(&["audit", "--verify"]);
        assert_eq!(said.code, 0, "{}", said.stderr);
    }
    // Whatever was sent is there.
    let noted = told(&office, &["target"], &[]);
    let sent = writes(&server).len();
    assert!(sent >= 6 * 80 && (sent..=sent + 6).contains(&noted.len()), "{sent} sent, {} noted", noted.len());
}

#[test]
fn the_beginning_of_a_row_does_not_count_and_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name| folder.path().join(name);
    many(folder.path(), 1, 2);
    let (two, head) = (fs::read(path("audit.chain")).unwrap(), fs::read(path("audit.head")).unwrap());
    many(folder.path(), 1, 1);
    let three = fs::read(path("audit.chain")).unwrap();
    for length in two.len()..three.len() {
        // So a kill while the third was written leaves it.
        fs::write(path("audit.chain"), &three[..length]).unwrap();
        fs::write(path("audit.head"), &head).unwrap();
        let store = Store::at(folder.path());
        assert_eq!(RUNTIME.block_on(store.verify_audit_log(None)).unwrap().number, 2);
        assert_eq!(RUNTIME.block_on(store.writes(|_| true, 9)).unwrap().len(), 2);
        many(folder.path(), 1, 2);
        assert_eq!(RUNTIME.block_on(store.verify_audit_log(None)).unwrap().number, 4);
    }
}

#[test]
fn a_file_of_somebody_elses_is_no_log() {
    let (_server, office) = logged();
    let (_other_server, other) = logged();
    let (file, verify) = (office.folder().join("state/audit.chain"), ["audit", "--verify"]);
    let is_refused = |said: &str| {
        office.refuses(&verify, 1, &[said]);
        // Nor does anything else end otherwise than with a word.
        assert!([0, 1].contains(&office.juben(&["audit"]).code));
        assert!([0, 1].contains(&office.juben(&["audit", "--head"]).code));
    };
    // One that is whole, but another one.
    fs::copy(other.folder().join("state/audit.chain"), &file).unwrap();
    is_refused("row 4 is another one than audit.head knows");
    let zeros = format!("1 {} {{}}\n", "0".repeat(64));
    let long = format!("1 {} {}", "0".repeat(64), "a".repeat(65 << 20));
    for (text, said) in [
        (b"" as &[u8], "it ends with row 0, and audit.head knows row 4"),
        (b"\n", "where row 1 should be is none"),
        (b"this is no log\n", "where row 1 should be is none"),
        (b"SQLite format 3\0\xff\xfe\n\n\0", "where row 1 should be is none"),
        (b"99999999999999999999 a b\n", "where row 1 should be is none"),
        (b"-1 a b\n", "row 1 is missing"),
        (b"9223372036854775807 a b\n", "row 1 is missing"),
        (zeros.as_bytes(), "row 1 does not fit"),
        (long.as_bytes(), "what comes after row 0 is longer than any row"),
    ] {
        fs::write(&file, text).unwrap();
        is_refused(said);
    }
    fs::remove_file(&file).unwrap();
    office.refuses(&verify, 1, &["it is gone, and audit.head is there"]);
    // It does not begin anew in silence.
    office.write("write.rhai", GRANT);
    office.refuses(&["run", "write.rhai"], 1, &["not sent, as it cannot be noted", "its rows are gone"]);
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    is_refused("cannot be read");
}

#[test]
fn what_is_listed_reads_well_everywhere() {
    let (_server, office) = logged();
    let csv = |arguments: &[&str]| office.juben(&[&["audit", "--output", "csv"], arguments].concat());
    let listed = csv(&[]).stdout;
    let lines: Vec<_> = listed.lines().collect();
    assert!(lines[0].starts_with("time,account,operation,target,outcome,") && lines.len() == 3, "{listed}");
    assert!(lines[1].contains("+08:00,sandbox,drama.delete_media,\"{\"\"media_id\"\":910003}\","), "{listed}");
    let none = csv(&["--account", "nobody"]);
    assert_eq!((none.code, none.stdout.lines().collect::<Vec<_>>()), (0, vec![lines[0]]));
    assert!(none.stderr.contains("no write is one of those"), "{}", none.stderr);
    assert_eq!(csv(&["--last", "0"]).stderr, "");
    let table = office.does(&["audit", "--output", "table"]);
    assert!(table.contains("┆ media_id 910003 ┆"), "{table}");
    let head = office.does(&["audit", "--head"]);
    let verified = office.does(&["audit", "--verify", "--output", "json"]);
    let verified: Value = serde_json::from_str(&verified).unwrap();
    assert_eq!(verified, serde_json::json!({ "whole": true, "rows": 4, "head": head.trim(), "reason": "" }));
    change(&office, |rows| drop(rows.remove(1)));
    let broken = office.juben(&["audit", "--verify", "--output", "json"]);
    let told: Value = serde_json::from_str(&broken.stdout).unwrap();
    assert_eq!((broken.code, &told["whole"]), (1, &false.into()));
    assert!(told["reason"].as_str().unwrap().contains("row 2 is missing"), "{told}");
}

#[test]
fn a_narrow_terminal_shows_the_writes() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::at(folder.path().join("state")));
    let target = serde_json::json!({ "book_id": "Bk7aQ2x9", "chapter_title": "第一章：雨还在下，夜行船没有回来" });
    let begun = Begun {
        at: 1_790_000_000_000,
        account: "主号".into(),
        operation: "novel.create_chapter".into(),
        target: target.as_object().unwrap().clone(),
        ..Begun::default()
    };
    RUNTIME.block_on(store.log_write(Entry::Begun(Box::new(begun)))).unwrap();
    let terminal = Terminal::start_narrow(&["audit", "--state", "state"], folder.path(), 60);
    let rows = terminal.shows("回来");
    let text = rows.join("\n");
    assert!(rows.iter().all(|row| row.width() <= 60), "{text}");
    for word in ["2026-09-21 22:13:20", "主号", "novel.create_chapter", "Bk7aQ2x9", "unknown"] {
        assert!(text.contains(word), "{word} is not whole in\n{text}");
    }
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

/// Change the rows behind juben's back.
fn change(office: &Office, change: impl FnOnce(&mut Vec<String>)) {
    let path = office.folder().join("state/audit.chain");
    let mut rows = fs::read_to_string(&path).unwrap().lines().map(|row| format!("{row}\n")).collect();
    change(&mut rows);
    fs::write(path, rows.concat()).unwrap();
}

#[test]
fn a_byte_that_is_changed_anywhere_is_found() {
    let (_server, office) = logged();
    let file = office.folder().join("state/audit.chain");
    assert!(office.does(&["audit", "--verify"]).starts_with("4 rows, each as it was written; the last is 4:"));
    let whole = fs::read(&file).unwrap();
    let store = Store::at(office.folder().join("state"));
    for place in 0..whole.len() {
        for other in [whole[place] ^ 1, b'\n', b' '] {
            let mut changed = whole.clone();
            changed[place] = other;
            if changed != whole {
                fs::write(&file, &changed).unwrap();
                let error = RUNTIME.block_on(store.verify_audit_log(None)).unwrap_err();
                assert!(error.message.contains("is not as juben wrote it"), "{place}: {error}");
            }
        }
    }
    fs::write(&file, &whole).unwrap();
    change(&office, |rows| rows[2] = rows[2].replacen("\"at\":1", "\"at\":2", 1));
    office.refuses(&["audit", "--verify"], 1, &["row 3 does not fit to those before it: it was changed"]);
}

#[test]
fn rows_that_are_taken_out_or_put_elsewhere_are_missed() {
    let (_server, office) = logged();
    let (verify, head) = (["audit", "--verify"], office.does(&["audit", "--head"]));
    let (file, head_file) = (office.folder().join("state/audit.chain"), office.folder().join("state/audit.head"));
    let whole = fs::read(&file).unwrap();
    change(&office, |rows| rows.swap(1, 2));
    office.refuses(&verify, 1, &["row 2 is missing"]);
    fs::write(&file, &whole).unwrap();
    change(&office, |rows| rows.insert(1, rows[0].clone()));
    office.refuses(&verify, 1, &["row 2 is missing"]);
    fs::write(&file, &whole).unwrap();
    change(&office, |rows| drop(rows.remove(1)));
    office.refuses(&verify, 1, &["row 2 is missing"]);
    change(&office, |rows| rows.truncate(1));
    office.refuses(&verify, 1, &["it ends with row 1, and audit.head knows row 4"]);
    // Who takes that away, too, must know what it says.
    fs::remove_file(&head_file).unwrap();
    office.refuses(&verify, 1, &["audit.head beside it is missing; it ends with row 1"]);
    fs::write(&head_file, "").unwrap();
    office.refuses(&verify, 1, &["audit.head has no head"]);
    fs::write(&head_file, office.does(&["audit", "--head"])).unwrap();
    assert!(office.does(&verify).starts_with("1 rows"));
    let kept = ["audit", "--verify", "--head", head.trim()];
    office.refuses(&kept, 1, &["it ends with row 1, and the head that was kept knows row 4"]);
    // Who writes the whole chain anew cannot make it lead through a head that was kept elsewhere.
    fs::remove_file(&file).unwrap();
    fs::remove_file(&head_file).unwrap();
    many(&office.folder().join("state"), 1, 6);
    assert!(office.does(&verify).starts_with("6 rows"));
    office.refuses(&kept, 1, &["row 4 is another one than the head that was kept knows"]);
    office.refuses(&["audit", "--verify", "--head"], 2, &["needs what to compare with"]);
    office.refuses(&["audit", "--head", head.trim()], 2, &["for --verify"]);
    assert_eq!(office.juben(&["audit", "--verify", "--head", "4:xyz"]).code, 2);
}
