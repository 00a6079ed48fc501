//! How a plan reads, and what its command says of itself.

use crate::{
    command::Juben,
    plan::{SCRIPT, office, plan, writes},
    script::Server,
};
use std::fs;

/// An author's words, longer than a terminal is wide.
const INTRO: &str = "一个关于归来的故事，说来话长，长得一行写不下，所以要看得到它的每一个字，直到最后，最后的最后。";

#[test]
fn a_pipe_has_all_of_it_with_times_and_titles_that_people_read() {
    let server = Server::start();
    let script = format!(
        r#"
        novel::update_book(#{{ book_id: "Bk7aQ2x9", intro: "{INTRO}" }});
        novel::add_book_auth(#{{ books: [1, 2, 3, 4, 5, 6, 7, 8, 9].map(|n| #{{ book_id: "Bk7aQ2x9", grantee_appid: `wx00000000000000f${{n}}`, expire_time: 2000000000 }}) }});
        novel::add_book_auth(#{{ books: [#{{ book_id: "BkqELw0u", grantee_appid: "wx3f8a61c09d2e47b5", expire_time: 2000000000 }}] }});
        "#
    );
    let office = office(&server).with("script.rhai", &script);
    let (shown, _) = plan(&office, &["script.rhai"]);
    for line in [
        &format!("→ {INTRO}\n"),
        "book_id Bk7aQ2x9 (重生之我在九零开工厂)",
        "wx00000000000000f9",
        "expire_time: 2033-05-18 11:33:20",
        "→ 2033-05-18 11:33:20",
    ] {
        assert!(shown.contains(line), "{line:?} is not in\n{shown}");
    }
    assert!(!shown.contains('…'), "{shown}");
    let csv = office.does(&["plan", "script.rhai", "--output", "csv"]);
    assert_eq!(csv.lines().count(), 12, "{csv}");
    assert!(
        csv.contains(INTRO) && csv.contains("2000000000") && csv.lines().next().unwrap().contains("becomes"),
        "{csv}"
    );
    let rows = office.does(&["apply", "plan.json", "--show", "--output", "jsonl"]);
    assert_eq!(rows.lines().count(), 11, "{rows}");
    assert_eq!(
        office.does(&["apply", "plan.json", "--show", "--output", "json"]),
        fs::read_to_string(office.folder().join("plan.json")).unwrap()
    );
    assert!(writes(&server).is_empty());
}

#[test]
fn what_is_not_there_is_said_before_and_after() {
    let server = Server::start();
    let script = r#"
        novel::update_book(#{ book_id: "BkNowhere", title: "无" });
        novel::del_book_auth(#{ book_id: "BkNowhere", grantee_appid: "wx3f8a61c09d2e47b5" });
        novel::add_book_auth(#{ books: [#{ book_id: "Bk7aQ2x9", grantee_appid: "wx00000000000000f1", expire_time: 2000000000 }] });
    "#;
    let office = office(&server).with("script.rhai", script);
    let (shown, made) = plan(&office, &["script.rhai"]);
    assert_eq!(shown.matches("! is not there").count(), 2, "{shown}");
    assert!(shown.contains("~ 1. novel.update_book") && shown.contains("2 of the things are not there"), "{shown}");
    assert_eq!(made["writes"][0]["expects"][0]["missing"], true);
    let said = office.juben(&["apply", "plan.json", "--yes"]);
    let results: Vec<serde_json::Value> = said.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((said.code, &results[0]["result"]), (3, &"failed".into()), "{}{}", said.stdout, said.stderr);
    assert_eq!(results[2]["result"], "done", "{}", said.stdout);
}

#[test]
fn the_files_that_a_script_writes_meanwhile_are_told() {
    let server = Server::start();
    let script = format!("files::write(\"out/report.csv\", \"a\");\n{SCRIPT}");
    let office = office(&server).with("script.rhai", &script);
    let (shown, _) = plan(&office, &["script.rhai"]);
    let last = shown.lines().last().unwrap();
    assert!(last.starts_with("files written meanwhile: ") && last.ends_with("report.csv"), "{shown}");
    assert!(office.folder().join("out/report.csv").exists());
    office.write("script.rhai", "files::write(\"b.csv\", \"b\");");
    let shown = office.does(&["plan", "script.rhai"]);
    assert!(shown.starts_with("nothing would change\nfiles written meanwhile: "), "{shown}");
}

#[test]
fn the_help_has_what_makes_sense_and_the_rest_is_refused() {
    let help = |command: &str| Juben::new(&[command, "--help"]).run().stdout;
    let (plan, apply) = (help("plan"), help("apply"));
    for flag in ["--dry-run", "--yes", "--limit-rate", "--record", "--replay"] {
        assert!(!plan.contains(flag), "{flag} is in {plan}");
    }
    assert!(plan.contains("-o, --save <FILE>") && plan.contains("--sandbox") && plan.contains("--allow"), "{plan}");
    for flag in ["--dry-run", "--account"] {
        assert!(!apply.contains(flag), "{flag} is in {apply}");
    }
    assert!(apply.contains("--digest") && apply.contains("--show") && apply.contains("--need-signature"), "{apply}");
    let refused = |arguments: &[&str], said: &str| {
        let ended = Juben::new(arguments).file("a.rhai", "1").run();
        assert!(ended.code == 2 && ended.stderr.contains(said), "{arguments:?}: {}", ended.stderr);
    };
    refused(&["plan", "a.rhai", "--sandbox", "--dry-run"], "--dry-run says nothing to a plan");
    refused(&["plan", "a.rhai", "--sandbox", "--yes"], "--yes says nothing to a plan");
    refused(&["plan", "a.rhai", "--sandbox", "-o", "json"], "the form is chosen by --output json");
}
