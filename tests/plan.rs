//! What a script would change is planned, and then done as it was planned.

use crate::{command::Juben, script::Server, serve::Office};
use juben::{
    catalog::{Catalog, Effect},
    sandbox::{Fault, FaultKind},
};
use serde_json::Value;
use std::{fs, path::Path, process::Stdio, thread::sleep, time::Duration};

/// Several writes: some of their own, some that need another's reply, two of the same thing.
pub const SCRIPT: &str = r#"
    novel::del_book_auth(#{ book_id: "BkqELw0u", grantee_appid: "wx3f8a61c09d2e47b5" });
    novel::del_book_auth(#{ book_id: "Bkpm5hXQ", grantee_appid: "wxa86e13d94b70c2f1" });
    let book = novel::create_book(#{ title: "一本书", intro: "一个关于归来的故事。", cover_media_id: "MAT", author: "林一",
        first_category_id: 1, second_category_id: 2, third_category_id: 3, complete_status: 1 }).book_id;
    novel::create_chapter(#{ book_id: book, chapter: #{ chapter_title: "第一章", content: "雨还在下。", original_id: "c1" } });
    for title in ["新的名字", "更新的名字"] { novel::update_book(#{ book_id: "Bk7aQ2x9", title: title }); }
"#;

/// A folder whose accounts are those of a sandbox, with the scripts of the repository.
pub fn office(server: &Server) -> Office {
    let office = Office::new(&server.toml()).with("script.rhai", SCRIPT);
    for file in fs::read_dir("scripts").unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file()) {
        fs::copy(&file, office.folder().join(file.file_name().unwrap())).unwrap();
    }
    office
}

/// The writes that the sandbox was asked for.
pub fn writes(server: &Server) -> Vec<String> {
    let catalog = Catalog::builtin();
    let is_write = |name: &String| catalog.named(name).unwrap().effects.default != Effect::Read;
    server.operations().into_iter().filter(is_write).collect()
}

pub fn plan(office: &Office, arguments: &[&str]) -> (String, Value) {
    let shown = office.does(&[&["plan"], arguments, &["-o", "plan.json"]].concat());
    let text = fs::read_to_string(office.folder().join("plan.json")).unwrap();
    (shown, serde_json::from_str(&text).unwrap())
}

/// What became of each write, and the exit code.
pub fn apply(office: &Office) -> (i32, Vec<String>, String) {
    let ended = office.juben(&["apply", "plan.json", "--yes"]);
    let rows = ended.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let results = rows.map(|row| row["result"].as_str().unwrap().to_owned()).collect();
    (ended.code, results, format!("{}{}", ended.stdout, ended.stderr))
}

#[test]
fn nothing_is_sent_while_planning_and_all_of_it_when_it_is_applied() {
    let server = Server::start();
    let office = office(&server);
    let (shown, plan) = plan(&office, &["script.rhai"]);
    assert!(writes(&server).is_empty());
    let operations: Vec<_> =
        plan["writes"].as_array().unwrap().iter().map(|it| it["operation"].as_str().unwrap()).collect();
    assert_eq!(
        operations,
        [
            "novel.del_book_auth",
            "novel.del_book_auth",
            "novel.create_book",
            "novel.create_chapter",
            "novel.update_book",
            "novel.update_book"
        ]
    );
    assert_eq!(plan["writes"][3]["fields"]["book_id"], serde_json::json!({ "$from": 3, "at": "book_id" }), "{shown}");
    for line in [
        "- 1. novel.del_book_auth",
        "+ 3. novel.create_book",
        "    not checked: no read shows what it touches",
        "title: 重生之我在九零开工厂 → 新的名字",
        "(`book_id` of write 3)",
    ] {
        assert!(shown.contains(line), "{line:?} is not in\n{shown}");
    }
    let (code, results, said) = apply(&office);
    assert_eq!((code, results), (0, vec!["done".to_owned(); 6]), "{said}");
    assert_eq!(writes(&server), operations);
    let (code, results, said) = apply(&office);
    assert_eq!((code, results), (0, vec!["already".to_owned(); 6]), "{said}");
    assert_eq!(writes(&server).len(), 6);
    let log = office.does(&["audit"]);
    assert!(log.lines().count() == 6 && log.lines().all(|line| line.contains("\"script\":\"script.rhai\"")), "{log}");
}

#[test]
fn what_has_moved_is_refused_with_what_depends_on_it_and_the_rest_is_done() {
    let server = Server::start();
    let office = office(&server);
    plan(&office, &["script.rhai"]);
    office.does(&["call", "novel.update_book", "book_id=Bk7aQ2x9", "title=别的名字"]);
    let (code, results, said) = apply(&office);
    assert_eq!(
        (code, results),
        (3, ["done", "done", "done", "done", "refused", "skipped"].map(str::to_owned).to_vec()),
        "{said}"
    );
    assert!(
        said.contains("重生之我在九零开工厂") && said.contains("别的名字") && said.contains("write 5 was not made"),
        "{said}"
    );
    assert!(said.contains("2 of 6 writes are not made"), "{said}");
    assert!(said.contains("plan anew") && !said.contains("apply the same plan again"), "{said}");
    assert_eq!(writes(&server).iter().filter(|name| *name == "novel.update_book").count(), 1);
}

#[test]
fn what_an_own_write_changes_besides_is_no_move_and_what_others_change_is() {
    let script = r#"
        novel::create_chapter(#{ book_id: "Bk7aQ2x9", chapter: #{ chapter_title: "章", content: "雨。", original_id: "c1" } });
        novel::update_book(#{ book_id: "Bk7aQ2x9", title: "新的名字" });
    "#;
    for (moved, results) in [(false, ["done", "done"]), (true, ["done", "refused"])] {
        let server = Server::start();
        let office = office(&server).with("script.rhai", script);
        plan(&office, &["script.rhai"]);
        if moved {
            office.does(&["call", "novel.update_book", "book_id=Bk7aQ2x9", "title=别的名字"]);
        }
        let (_, found, said) = apply(&office);
        assert_eq!(found, results, "{said}");
    }
}

#[test]
fn what_others_change_while_it_is_stopped_is_no_own_doing() {
    let server = Server::start();
    let script = r#"
        novel::create_chapter(#{ book_id: "Bk7aQ2x9", chapter: #{ chapter_title: "章", content: "雨。", original_id: "c1" } });
        novel::update_book(#{ book_id: "Bk7aQ2x9", title: "新的名字" });
    "#;
    let office = office(&server).with("script.rhai", script);
    plan(&office, &["script.rhai"]);
    server
        .sandbox
        .fail([Fault { operation: Some("novel.update_book".into()), ..Fault::often(FaultKind::Errcode, 1.0) }]);
    let (_, results, said) = apply(&office);
    assert_eq!(results, ["done", "failed"], "{said}");
    assert!(said.contains("apply the same plan again") && !said.contains("plan anew"), "{said}");
    server.sandbox.clear_faults();
    let titled =
        |title: &str| office.does(&["call", "novel.update_book", "book_id=Bk7aQ2x9", &format!("title={title}")]);
    titled("别的名字");
    for _ in 0..2 {
        let (_, results, said) = apply(&office);
        assert_eq!(results, ["already", "refused"], "{said}");
    }
    titled("重生之我在九零开工厂");
    let (code, results, said) = apply(&office);
    assert_eq!((code, results), (0, ["already", "done"].map(str::to_owned).to_vec()), "{said}");
}

#[test]
fn what_needs_a_reply_that_never_came_is_skipped() {
    let server = Server::start();
    let office = office(&server);
    plan(&office, &["script.rhai"]);
    server
        .sandbox
        .fail([Fault { operation: Some("novel.create_book".into()), ..Fault::often(FaultKind::Errcode, 1.0) }]);
    let (code, results, said) = apply(&office);
    assert_eq!(code, 3, "{said}");
    assert_eq!(
        (results[2].as_str(), results[3].as_str(), results[5].as_str()),
        ("failed", "skipped", "done"),
        "{said}"
    );
    server.sandbox.clear_faults();
    let (code, results, said) = apply(&office);
    assert_eq!(
        (code, results),
        (0, ["already", "already", "done", "done", "already", "already"].map(str::to_owned).to_vec()),
        "{said}"
    );
}

#[test]
fn after_a_kill_it_goes_on_and_repeats_nothing() {
    let server = Server::start();
    let office = office(&server);
    plan(&office, &["script.rhai"]);
    server.sandbox.fail([Fault { operation: Some("novel.create_book".into()), ..Fault::next(FaultKind::Hang) }]);
    let mut juben = Juben::new(&["apply", "plan.json", "--yes"]);
    juben.command().current_dir(office.folder()).env("JUBEN_STATE", office.folder().join("state"));
    let mut child = juben.command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while !writes(&server).iter().any(|name| name == "novel.create_book") {
        sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let (code, results, said) = apply(&office);
    assert_eq!(
        (code, results),
        (3, ["already", "already", "unknown", "skipped", "done", "done"].map(str::to_owned).to_vec()),
        "{said}"
    );
    let told = said.replace("\n  │ ", " ");
    for said in [
        "1 of 6 writes are not made, and of 1 nobody knows whether they are",
        "look on the platform whether write 3 is made",
        "nobody knows whether write 3 is made, which it needs",
    ] {
        assert!(told.contains(said), "{said:?} is not in {told}");
    }
    assert_eq!(writes(&server).len(), 5);
}

#[test]
fn the_scripts_of_the_library_are_planned_and_applied() {
    for script in ["renew_grants.rhai", "grant_from_sheet.rhai"] {
        let server = Server::start();
        let office = office(&server);
        let (shown, plan) = plan(&office, &[script]);
        assert!(writes(&server).is_empty());
        let steps = plan["writes"].as_array().unwrap();
        assert!(!steps.is_empty() && steps.iter().all(|step| step["expects"].is_array()), "{shown}");
        let (code, results, said) = apply(&office);
        assert_eq!((code, results), (0, vec!["done".to_owned(); steps.len()]), "{said}");
        assert_eq!(writes(&server).len(), steps.len());
    }
}

#[test]
fn a_byte_that_is_changed_in_a_plan_is_refused() {
    let server = Server::start();
    let office = office(&server);
    plan(&office, &["script.rhai"]);
    let path = office.folder().join("plan.json");
    let text = fs::read_to_string(&path).unwrap();
    let refused = |text: String| {
        fs::write(&path, text).unwrap();
        office.refuses(&["apply", "plan.json", "--yes"], 1, &["the plan plan.json"]);
    };
    for (old, new) in [
        ("BkqELw0u", "BkqELw0v"),
        ("\"account\"", " \"account\""),
        ("更新", "更旧"),
        ("\"version\": 1", "\"version\": 2"),
    ] {
        assert!(text.contains(old));
        refused(text.replacen(old, new, 1));
    }
    refused(text.clone() + "\n");
    for _ in 0..20 {
        let at = fastrand::usize(..text.len());
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        refused(String::from_utf8_lossy(&bytes).into_owned());
    }
    assert!(writes(&server).is_empty());
    fs::write(&path, text).unwrap();
    office.refuses(&["apply", "plan.json"], 4, &["nobody agreed to this plan"]);
    assert!(writes(&server).is_empty());
}

#[test]
fn what_cannot_be_planned_is_said_with_its_line() {
    let server = Server::start();
    let made = "let b = novel::create_book(#{ title: \"书\", intro: \"一个关于归来的故事。\", cover_media_id: \"M\", author: \"林\",\n\
                first_category_id: 1, second_category_id: 2, third_category_id: 3, complete_status: 1 }).book_id;\n";
    for (rest, said) in [
        ("try { novel::get_book(#{ book_id: b }) } catch (e) {}", "cannot read what does not exist yet"),
        ("novel::update_book(#{ book_id: \"Bk7aQ2x9\", title: `a ${b}` })", "into the middle of a text"),
    ] {
        let office = office(&server).with("script.rhai", &format!("{made}{rest}"));
        let none = "there is no plan: the write before it is not kept either";
        office.refuses(&["plan", "script.rhai", "-o", "plan.json"], 1, &[said, "script.rhai:3:", none]);
        assert!(!Path::new(&office.folder().join("plan.json")).exists());
    }
    let secret =
        "platform::get_access_token(#{ grant_type: \"client_credential\", appid: \"wx1\", secret: \"abcdefgh\" })";
    let office = office(&server).with("script.rhai", secret);
    office.refuses(&["plan", "script.rhai"], 1, &["is a secret, and a plan keeps none"]);
    assert!(writes(&server).is_empty());
}

#[test]
fn a_file_of_a_plan_must_stay_as_it_was() {
    let server = Server::start();
    let script = "platform::upload_temp_media(#{ type: \"image\", media: \"cover.png\" })";
    let office = office(&server).with("script.rhai", script).with("cover.png", "PNG");
    let (_, plan) = plan(&office, &["script.rhai"]);
    assert_eq!(plan["writes"][0]["fields"]["media"]["size"], 3);
    office.write("cover.png", "JPG");
    office.refuses(&["apply", "plan.json", "--yes"], 1, &["is no longer the one that was planned"]);
    office.write("cover.png", "PNG");
    assert_eq!(apply(&office).0, 0);
}

#[test]
fn a_script_knows_whether_its_writes_are_sent() {
    let server = Server::start();
    let office = office(&server).with("script.rhai", "print(`dry: ${args::dry_run()}`)");
    for (arguments, said) in [
        (&["run", "script.rhai"][..], "dry: false"),
        (&["run", "script.rhai", "--dry-run"], "dry: true"),
        (&["plan", "script.rhai"], "dry: true"),
    ] {
        let ended = office.juben(arguments);
        assert!(format!("{}{}", ended.stdout, ended.stderr).contains(said), "{arguments:?}: {}", ended.stderr);
    }
}

/// A season with its drama, submitted by the ids that its episodes get.
const SEASON: &str = r#"
    import "season" as season;
    let about = season::about("season");
    let rows = season::upload("season", #{ drama: about.name });
    season::submit("season", about, rows.map(|row| row.id))
"#;

/// The folders that the scripts of the repository read.
fn with_folders(office: &Office) {
    for folder in ["season", "novel"] {
        fs::create_dir_all(office.folder().join(folder)).unwrap();
        for file in fs::read_dir(format!("scripts/{folder}")).unwrap().map(|file| file.unwrap().path()) {
            fs::copy(&file, office.folder().join(folder).join(file.file_name().unwrap())).unwrap();
        }
    }
}

#[test]
fn a_season_is_planned_whole_with_the_ids_that_its_episodes_will_get() {
    let server = Server::start();
    let office = office(&server).with("script.rhai", SEASON);
    with_folders(&office);
    let (shown, plan) = plan(&office, &["script.rhai"]);
    assert!(writes(&server).is_empty());
    let steps = plan["writes"].as_array().unwrap();
    let last = steps.last().unwrap();
    assert_eq!(last["operation"], "drama.audit_drama", "{shown}");
    let media = last["fields"]["media_id_list"].as_array().unwrap();
    assert!(!media.is_empty() && media.iter().all(|id| id["$from"].is_number()), "{shown}");
    let (code, results, said) = apply(&office);
    assert_eq!((code, results), (0, vec!["done".to_owned(); steps.len()]), "{said}");
    assert_eq!(writes(&server).len(), steps.len());
    // What is there is not planned again.
    let again = office.does(&["call", "drama.list_media", "limit=100", "--output", "json"]);
    assert!(again.contains("第1集"), "{again}");
    office.write(
        "script.rhai",
        "import \"season\" as season;\nseason::upload(\"season\", #{ drama: season::about(\"season\").name })",
    );
    assert_eq!(office.does(&["plan", "script.rhai"]), "nothing would change\n");
}

#[test]
fn a_novel_is_planned_whole_with_the_chapters_of_the_book_that_is_made() {
    let server = Server::start();
    let office = office(&server);
    with_folders(&office);
    let (shown, plan) = plan(&office, &["publish_novel.rhai", "--submit"]);
    let steps = plan["writes"].as_array().unwrap();
    let operations: Vec<_> = steps.iter().map(|step| step["operation"].as_str().unwrap()).collect();
    assert_eq!(
        operations,
        ["platform.upload_temp_media", "novel.create_book", "novel.batch_create_chapters", "novel.audit_book"],
        "{shown}"
    );
    let (code, results, said) = apply(&office);
    assert_eq!((code, results), (0, vec!["done".to_owned(); 4]), "{said}");
}

#[test]
fn a_file_that_goes_in_parts_is_not_planned() {
    let server = Server::start();
    let office = office(&server).with("script.rhai", r#"upload::file("long.mp4", #{ media_name: "归来记 - 第80集" })"#);
    fs::File::create(office.folder().join("long.mp4")).unwrap().set_len(11 << 20).unwrap();
    let said =
        ["a plan cannot keep the upload of 归来记 - 第80集", "script.rhai:1:", "upload first", "there is no plan"];
    office.refuses(&["plan", "script.rhai"], 1, &said);
    assert!(writes(&server).is_empty());
}
