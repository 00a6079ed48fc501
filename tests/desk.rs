//! The desk beside the prompt: what was exchanged, consent to what cannot be undone, and the `:` commands.

use crate::{
    command::{Ended, Juben},
    script::{RUNTIME, Script, Server, call},
};
use juben::{
    analysis::Names,
    catalog::{Catalog, Effect},
    client::Client,
    config::Config,
    error::Kind,
    repl::commands::complete,
    sandbox::{Fault, FaultKind},
};
use std::{
    fs::{self, File},
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex},
};

/// A client of the sandbox whose accounts are production, and the questions that it asks; all get this answer.
fn asking(server: &Server, answer: bool) -> (Client, Arc<Mutex<Vec<String>>>) {
    let toml = server.toml().replace("platform =", "production = true\nplatform =");
    let config = Config::parse(&toml).unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = asked.clone();
    let client = Client::new(Catalog::builtin(), &config).direct().ask(move |planned| {
        kept.lock().unwrap().push(format!("{} {} {:?}", planned.operation, planned.fields, planned.rows));
        Box::pin(async move { Ok(answer) })
    });
    (client, asked)
}

const DELETE: &str = r#"{"book_id": "Bk7aQ2x9"}"#;

#[test]
fn a_destructive_call_that_nobody_agrees_to_makes_no_request() {
    let server = Arc::new(Server::start());
    let (client, asked) = asking(&server, false);
    let text = "try { novel::delete_book(#{ book_id: \"Bk7aQ2x9\" }); } catch (error) { print(\"caught\"); }";
    let outcome = Script::on(&server, text).run_with(client, &server.config());
    let error = outcome.result.unwrap_err();
    assert_eq!((error.kind, outcome.printed.as_str()), (Kind::Denied, ""));
    assert_eq!(error.to_string(), "`novel.delete_book`: nobody agreed to this call, so it was not made");
    assert_eq!(*asked.lock().unwrap(), [r#"novel.delete_book {"book_id":"Bk7aQ2x9"} None"#]);
    assert!(server.sandbox.requests().is_empty());
}

#[test]
fn reads_and_writes_are_not_asked_about_and_neither_is_a_sandbox() {
    let server = Server::start();
    let (client, asked) = asking(&server, false);
    RUNTIME.block_on(async {
        call(&client, "novel.list_books", "{}").await.unwrap();
        call(&client, "novel.audit_book", DELETE).await.unwrap_or_default();
        let plain = server.client().ask(|_| unreachable!("nobody depends on a sandbox"));
        call(&plain, "novel.delete_book", DELETE).await.unwrap();
    });
    assert_eq!(*asked.lock().unwrap(), [""; 0]);
}

#[test]
fn what_is_agreed_to_is_asked_once_however_often_it_is_tried() {
    let server = Server::start();
    let (client, asked) = asking(&server, true);
    server.sandbox.fail([Fault { operation: Some("novel.delete_book".into()), ..Fault::next(FaultKind::Errcode) }]);
    RUNTIME.block_on(call(&client, "novel.delete_book", DELETE)).unwrap();
    assert_eq!(server.operations(), ["novel.delete_book", "novel.delete_book"]);
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[test]
fn exchanges_are_kept_without_tokens_and_with_every_attempt() {
    let server = Server::start();
    let client = server.client().keep_exchanges();
    server.sandbox.fail([Fault { operation: Some("novel.list_books".into()), ..Fault::next(FaultKind::ResetBefore) }]);
    RUNTIME.block_on(call(&client, "novel.list_books", r#"{"limit": 2}"#)).unwrap();
    let [token, list] = client.exchanges().try_into().unwrap();
    let shown = format!("{token:?}");
    assert!(token.operation.ends_with("get_stable_access_token") && !shown.contains("sandbox-secret"), "{shown}");
    assert!(token.body.contains(r#""secret":"••••""#) && shown.contains("access_token"), "{shown}");
    let url = server.sandbox.url();
    assert_eq!(
        (list.operation.as_str(), list.account.as_str(), list.effect),
        ("novel.list_books", "sandbox", Effect::Read)
    );
    assert_eq!(list.request, format!("POST {url}/wxa/book/listbook?access_token=••••"));
    assert_eq!((list.body.as_str(), &list.ended), (r#"{"limit":2}"#, &Some(Ok(()))));
    let [first, second] = &list.attempts[..] else { panic!("{list:?}") };
    assert!(matches!(&first.answer, Some(Err(reason)) if reason.starts_with("the connection broke")), "{first:?}");
    assert!(first.pause.is_some() && second.pause.is_none() && second.after >= first.took);
    assert!(matches!(&second.answer, Some(Ok((200, reply))) if reply.contains("\"title\"")), "{second:?}");
}

#[test]
fn exchanges_are_kept_only_when_they_are_wanted() {
    let server = Server::start();
    let client = server.client();
    RUNTIME.block_on(call(&client, "novel.list_books", "{}")).unwrap();
    assert!(client.exchanges().is_empty());
}

#[test]
fn a_signature_is_not_kept() {
    let server = Server::start();
    let client = server.client().keep_exchanges();
    RUNTIME.block_on(call(&client, "polyv.list_video", "{}")).unwrap();
    let exchange = client.exchanges().pop().unwrap();
    assert!(exchange.request.contains("sign=••••") && exchange.request.contains("timestamp="), "{}", exchange.request);
}

/// A prompt that is fed these lines, in a folder with this `juben.toml` and these files.
fn entered(lines: &str, toml: &str, files: &[(&str, &str)], arguments: &[&str]) -> (Ended, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("lines", lines);
    write("juben.toml", toml);
    files.iter().for_each(|(name, text)| write(name, text));
    let mut juben = Juben::new(&[&["repl", "--no-history", "--no-rc"], arguments].concat());
    juben.command().current_dir(folder.path()).stdin(File::open(folder.path().join("lines")).unwrap());
    (juben.run(), folder)
}

/// What a prompt on the sandbox writes for these lines, none of which fails.
#[track_caller]
fn sandboxed(lines: &str) -> String {
    let (ended, _) = entered(lines, "", &[], &["--sandbox"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{}", ended.stdout);
    ended.stdout
}

/// What it says of a line that fails.
#[track_caller]
fn refused(line: &str) -> String {
    let (ended, _) = entered(line, "", &[], &["--sandbox"]);
    assert!(ended.code != 0 && ended.stdout.is_empty(), "{}", ended.stdout);
    ended.stderr.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_command_is_known_by_any_unique_beginning_and_a_wrong_one_has_a_near_one() {
    let help = sandboxed(":help");
    assert!(help.starts_with("  :help [COMMAND]                 this list, or one command\n"), "{help}");
    assert_eq!(sandboxed(":h"), help);
    assert_eq!(sandboxed(":help undo"), ":undo \n  undo the last write, where there is a way back\n");
    assert_eq!(sandboxed(":vars\n:v\n:q\n:nope"), "nothing yet\nnothing yet\n");
    assert_eq!(refused(":hepl"), "usage × there is no command `:hepl` help: did you mean `:help`?");
    assert_eq!(refused(":s"), "usage × `:s` may be `:save` or `:sandbox` help: write more of it");
    assert_eq!(refused(":xyzzy"), "usage × there is no command `:xyzzy` help: `:help` lists the commands");
}

#[test]
fn every_command_is_in_the_help_in_one_line() {
    for line in sandboxed(":help").lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn operations_are_found_and_explained_as_on_the_command_line() {
    assert_eq!(sandboxed(":doc novel.list_books"), include_str!("pages/novel.list_books.txt"));
    let shell = |arguments: &[&str]| Juben::new(arguments).run().stdout;
    assert_eq!(sandboxed(":explain 45009"), shell(&["explain", "45009"]));
    assert_eq!(sandboxed(":doc time"), shell(&["doc", "time"]));
    assert_eq!(sandboxed(":ops 授权 novel"), shell(&["ops", "授权", "novel"]).replace("`juben doc", "`:doc"));
    assert_eq!(refused(":ops nonsense"), "usage × no operation has the words nonsense help: `:ops` lists all of them");
    assert_eq!(
        refused(":doc novel.list_boks"),
        "usage × there is no operation, module or function `novel.list_boks` help: did you mean `novel.list_books`?"
    );
}

#[test]
fn accounts_are_listed_and_switched() {
    let shown = sandboxed(":account\n:account sandbox-polyv\naccount::current()");
    assert!(shown.contains("│ * ┆ sandbox       ┆ wechat   ┆ wx1234567890abcdef ┆ no         │"), "{shown}");
    assert!(shown.ends_with("┘\nsandbox-polyv\n"), "{shown}");
    let unknown = "config × there is no account `nope` help: there are: sandbox, sandbox-polyv";
    assert_eq!(refused(":account nope"), unknown);
}

#[test]
fn variables_are_listed_with_type_size_and_value() {
    let lines = "let 名 = \"归来记\";\nconst N = 3;\nlet rows = [#{ a: 1 }, #{ a: 2 }];\nfn twice(x) { x * 2 }\n\
                 import \"listing\" as l;\n:vars";
    assert_eq!(
        sandboxed(lines),
        "\
┌──────┬───────────┬──────┬───────────────────┐
│ name ┆ type      ┆ size ┆ value             │
╞══════╪═══════════╪══════╪═══════════════════╡
│ 名   ┆ string    ┆ 3    ┆ 归来记            │
│ N    ┆ const int ┆      ┆ 3                 │
│ rows ┆ array     ┆ 2    ┆ [{\"a\":1},{\"a\":2}] │
└──────┴───────────┴──────┴───────────────────┘
fn twice(x)
import \"listing\" as l
"
    );
}

#[test]
fn the_history_has_the_numbers_of_entries() {
    let shown = sandboxed("let a = 1;\nlet b = [\n  2,\n];\n:history\n:history 1");
    assert_eq!(
        shown,
        "   1  let a = 1;\n   2  let b = [\n        2,\n      ];\n   2  let b = [\n        2,\n      ];\n"
    );
    assert!(refused(":history x").contains("`:history` takes a number, not \"x\""));
}

#[test]
fn a_script_is_loaded_into_the_session_and_read_anew() {
    let files = [("own.rhai", "fn add(a) { a + 1 }"), ("first.rhai", "let loaded = 40;\nfn two() { 2 }\nloaded")];
    let lines = ":load first.rhai\nloaded + two()\nimport \"own\" as own;\nown::add(1)\n:reload\nown::add(1)\n:load";
    let (ended, folder) = entered(lines, "", &files, &["--sandbox"]);
    let expected = "40\n42\n2\nread anew: the configuration, own; the sandbox begins again\n2\n40\n";
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str(), ended.code), (expected, "", 0));
    drop(folder);
    assert!(refused(":load nope.rhai").contains("cannot read the script nope.rhai"));
    assert!(refused(":load").contains("`:load` takes a file"));
}

#[test]
fn entries_are_saved_as_a_script_that_runs() {
    let lines = "let books = novel::list_books(#{ limit: 2 }).book_list;\nbooks.len\nlet x = 1 // one\n\
                 novel::audit_book(#{ book_id: \"Bk7aQ2x9\" });\n:save shelf_report 1-2\n:save all.rhai";
    let (ended, folder) = entered(lines, "", &[], &["--sandbox"]);
    assert_eq!((ended.stderr.as_str(), ended.code), ("", 0), "{}", ended.stdout);
    assert!(ended.stdout.contains("2 entries in shelf_report.rhai; try it: juben run shelf_report.rhai --sandbox\n"));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let saved = read("shelf_report.rhai");
    assert!(saved.starts_with("//! Shelf report.\n//!\n//! "), "{saved}");
    assert!(saved.contains("//! Try it: juben run shelf_report.rhai --sandbox\n"), "{saved}");
    assert!(saved.ends_with("\nlet books = novel::list_books(#{ limit: 2 }).book_list;\nbooks.len\n"), "{saved}");
    assert!(read("all.rhai").contains("let x = 1 // one\n;\nnovel::audit_book("), "{}", read("all.rhai"));
    let run = |name: &str| {
        let mut juben = Juben::new(&["run", name, "--sandbox"]);
        juben.command().current_dir(folder.path());
        juben.run()
    };
    assert_eq!((run("shelf_report.rhai").stdout.as_str(), run("all.rhai").code), ("2\n", 0));
    again(folder.path());
}

#[test]
fn a_plain_value_of_a_saved_entry_is_a_parameter_of_the_script() {
    let lines = "let days = 30;\nlet scope = \"drama\";\nlet ending = grants::expiring(days, #{ scope: [scope] });\n:save soon.rhai";
    let (ended, folder) = entered(lines, "", &[], &["--sandbox"]);
    assert_eq!((ended.stderr.as_str(), ended.code), ("", 0));
    let saved = fs::read_to_string(folder.path().join("soon.rhai")).unwrap();
    assert!(saved.contains("\n//! @param days int = 30\n//! @param scope string = \"drama\"\n//!\n"), "{saved}");
    assert!(saved.contains("\nlet days = args::get(\"days\");\nlet scope = args::get(\"scope\");\n"), "{saved}");
    for (arguments, code) in [
        (&["run", "soon.rhai", "--sandbox", "--days", "60"][..], 0),
        (&["check", "soon.rhai"], 0),
        (&["run", "soon.rhai", "--days", "x"], 2),
    ] {
        let mut juben = Juben::new(arguments);
        juben.command().current_dir(folder.path());
        assert_eq!(juben.run().code, code, "{arguments:?}");
    }
}

/// What is there is not overwritten without `!`.
fn again(folder: &Path) {
    let save = |line: &str| {
        fs::write(folder.join("lines"), format!("7\n{line}")).unwrap();
        let mut juben = Juben::new(&["repl", "--sandbox", "--no-history", "--no-rc"]);
        juben.command().current_dir(folder).stdin(File::open(folder.join("lines")).unwrap()).stderr(Stdio::piped());
        juben.run()
    };
    let kept = save(":save shelf_report");
    assert!(kept.code == 2 && kept.stderr.contains("shelf_report.rhai is there already"), "{}", kept.stderr);
    assert_eq!(save(":save shelf_report!").code, 0);
    assert!(fs::read_to_string(folder.join("shelf_report.rhai")).unwrap().ends_with("\n\n7\n"));
    assert!(save(":save x 2").stderr.contains("there is no entry 2"));
    assert!(save("_ + 1\n:save x").stderr.contains("entry 2 uses `_`, which a script does not have"));
    assert_eq!(save("switch 3 { 4 => 1, _ => 100 }\n:save cases").code, 0);
    let refused = save("let password = \"hunter2!abc\";\n:save x");
    assert!(refused.stderr.contains("entry 2 has a secret in it, or looks as if it had"), "{}", refused.stderr);
    assert!(!folder.join("x.rhai").exists());
}

#[test]
fn a_value_is_shown_again_in_another_form() {
    let shown = sandboxed("[#{ 名: \"归来记\", n: 1 }]\n:json\n:tree\n:table");
    assert_eq!(shown.matches("归来记").count(), 4, "{shown}");
    assert!(shown.contains("\"名\": \"归来记\""), "{shown}");
}

#[test]
fn the_time_of_an_entry_and_of_its_calls_is_told() {
    let shown = sandboxed("novel::list_books(#{ limit: 1 }).book_list.len\n:time\n:time 1 + 1");
    let told = regex::Regex::new(
        r"^1\n\d+\.\d{3} s in all, \d+\.\d{3} s of it waiting for 2 calls\n2\n\d+\.\d{3} s in all, no calls\n$",
    );
    assert!(told.unwrap().is_match(&shown), "{shown}");
}

#[test]
fn what_is_done_in_part_is_shown_before_the_error() {
    let lines = "throw #{ kind: \"partial\", message: \"1 of 2\", result: [#{ id: 7 }] }";
    let (ended, _) = entered(lines, "", &[], &["--sandbox"]);
    assert_eq!(ended.stdout, "{\"id\":7}\n");
    assert!(ended.stderr.contains("1 of 2"), "{}", ended.stderr);
}

#[test]
fn a_command_that_is_timed_may_leave() {
    assert_eq!(sandboxed("1\n:time :quit\n2"), "1\n");
}

#[test]
fn the_last_exchange_is_shown_without_its_token() {
    let shown = sandboxed(
        "let book = novel::get_book(#{ book_id: \"Bk7aQ2x9\", need_edited_data: true });\n:last request\n:last list\n:last 2",
    );
    assert!(shown.contains("novel.get_book, account sandbox, "), "{shown}");
    assert!(
        shown.contains("?access_token=••••\ncontent-type: application/json\n\n{\"book_id\":\"Bk7aQ2x9\",\"need_edited_data\":true}\n"),
        "{shown}"
    );
    assert!(shown.contains("attempt 1 after 0.") && shown.contains(": HTTP 200 in 0."), "{shown}");
    assert!(shown.contains("platform.get_stable_access_token") && shown.contains("\"secret\":\"••••\""), "{shown}");
    assert!(!shown.contains("sandbox-secret"), "{shown}");
    assert!(refused(":last").contains("there was no call in this session"));
    assert!(
        refused("let books = novel::list_books();\n:last 9")
            .contains("only 2 exchanges are kept; `:last 9` asks for an older one")
    );
    assert!(refused(":last x").contains("`:last` does not know \"x\""));
}

#[test]
fn the_last_write_is_undone_where_there_is_a_way_back() {
    let lines = "fn now() { polyv::get_category(#{ cateId: 1 }).data.to_string() }\nlet before = now();\n\
                 let made = polyv::add_category(#{ name: \"新剧\" });\nnow() == before\n:undo\nnow() == before";
    let shown = sandboxed(lines);
    let (before, after) = shown.split_once("polyv.add_category was done by account").unwrap();
    assert_eq!(before, "false\n");
    assert!(
        after.contains("; this undoes it:\n  polyv.delete_category {\"cateId\":") && after.ends_with("undone\ntrue\n"),
        "{shown}"
    );
    assert!(refused(":undo").contains("nothing was written that could be undone"));
    let none = entered("novel::audit_book(#{ book_id: \"Bk7aQ2x9\" });\n:undo", "", &[], &["--sandbox"]).0;
    assert!(none.stderr.contains("the catalog knows no way back from `novel.audit_book`"), "{}", none.stderr);
}

#[test]
fn on_a_production_account_nobody_agrees_without_a_terminal() {
    let server = Server::start();
    let toml = server.toml().replace("platform =", "production = true\nplatform =");
    let lines = "novel::delete_book(#{ book_id: \"Bk7aQ2x9\" });\n1";
    let (ended, _) = entered(lines, &toml, &[], &[]);
    assert_eq!((ended.code, ended.stdout.as_str()), (4, ""));
    assert!(ended.stderr.contains("nobody agreed to this call, so it was not made"), "{}", ended.stderr);
    assert!(ended.stderr.contains("start juben with --yes"), "{}", ended.stderr);
    assert!(server.sandbox.requests().is_empty());
    let (ended, _) = entered(lines, &toml, &[], &["--yes"]);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str(), ended.code), ("{}\n1\n", "", 0));
    assert_eq!(server.operations(), ["novel.delete_book"]);
}

#[test]
fn the_sandbox_takes_over_begins_again_and_moves_its_clock() {
    let server = Server::start();
    let lines = "account::current()\n:sandbox\naccount::list().len\n:sandbox advance 2d\n:sandbox reset\n:sandbox\n\
                 :sandbox off\n:sandbox off";
    let (ended, _) = entered(lines, &server.toml(), &[], &[]);
    assert_eq!((ended.stderr.as_str(), ended.code), ("", 0), "{}", ended.stdout);
    let day = regex::Regex::new(r"in the sandbox it is \d{4}-\d\d-\d\dT[0-9:]+Z").unwrap();
    assert_eq!(
        day.replace(&ended.stdout, "in the sandbox it is THEN"),
        "sandbox\n\
         a fresh sandbox answers; no platform is contacted. `:sandbox off` goes back\n2\n\
         in the sandbox it is THEN\nthe sandbox begins again\n\
         the sandbox answers already; `:sandbox reset` begins again\n\
         the configured accounts answer again\nno sandbox answers here\n"
    );
    assert!(server.operations().is_empty());
    assert!(refused(":sandbox advance soon").contains("\"soon\" is not a time"));
    assert!(refused(":sandbox x").contains("`:sandbox` does not know \"x\""));
}

#[test]
fn commands_and_what_they_take_are_completed() {
    let library = juben::engine::library(Catalog::builtin());
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("one.rhai"), "").unwrap();
    fs::write(folder.path().join("one.txt"), "").unwrap();
    let names =
        Names { accounts: vec!["main".into(), "shop".into()], folder: folder.path().into(), ..Names::default() };
    let texts = |line: &str| {
        let found = complete(line, line.len(), &library, &names);
        (found.from, found.items.into_iter().map(|item| item.text).collect::<Vec<_>>())
    };
    assert_eq!(texts(":s"), (1, vec!["save".to_owned(), "sandbox".to_owned()]));
    assert_eq!(texts(":account s"), (9, vec!["shop".to_owned()]));
    assert_eq!(texts(":sandbox "), (9, ["off", "reset", "advance"].map(str::to_owned).to_vec()));
    assert_eq!(texts(":doc novel.list_boo"), (5, vec!["novel.list_books".to_owned()]));
    assert_eq!(texts(":load o"), (6, vec!["one.rhai".to_owned()]));
    assert_eq!(texts(":explain unk"), (9, vec!["unknown_outcome".to_owned()]));
    assert_eq!(texts(":explain 45009 novel.list_boo"), (15, vec!["novel.list_books".to_owned()]));
    assert_eq!(texts(":help un"), (6, vec!["undo".to_owned()]));
    // A blank as Chinese input methods write it.
    assert_eq!(texts(":doc\u{3000}novel.list_boo"), (7, vec!["novel.list_books".to_owned()]));
}
