//! What a person allows: on the command line, in juben.toml, and when asked.

use crate::{
    command::{Ended, Juben},
    script::Server,
    terminal::Terminal,
};

const DELETES: &str =
    "novel::delete_book(#{ book_id: \"Bk7aQ2x9\" });\nnovel::delete_book(#{ book_id: \"Bk3mZ8w5\" });\n1";

/// The accounts of that sandbox, as if they were real ones.
fn production(server: &Server) -> String {
    server.toml().replace("platform =", "production = true\nplatform =")
}

fn run(text: &str, flags: &[&str]) -> Ended {
    let arguments = [&["run", "own.rhai", "--sandbox"], flags].concat();
    Juben::new(&arguments).file("own.rhai", text).file("media/a.txt", "a").file("secret", "s").run()
}

#[test]
fn a_script_of_ones_own_has_just_what_is_allowed_to_it() {
    let lists = "drama::list_dramas();\nfiles::read(args::get(\"file\", \"media/a.txt\"))";
    let allowed = run(lists, &["--allow", "read:drama.*,files-read:media"]);
    assert_eq!((allowed.code, allowed.stdout.as_str()), (0, "a\n"), "{}", allowed.stderr);
    let twice = run(lists, &["--allow", "read", "--allow", "files:."]);
    assert_eq!(twice.code, 0, "{}", twice.stderr);
    let outside = run(lists, &["--allow", "read,files-read:media", "--arg", "file=secret"]);
    assert_eq!(outside.code, 4);
    assert!(outside.stderr.contains("own.rhai may not do this: `files-read:"), "{}", outside.stderr);
    let nothing = run(lists, &["--allow", ""]);
    assert_eq!((nothing.code, nothing.stdout.as_str()), (4, ""));
    assert!(nothing.stderr.contains("own.rhai may not do what it needs: "), "{}", nothing.stderr);
    assert!(nothing.stderr.contains("--allow read:drama.list_dramas,files-read"), "{}", nothing.stderr);
}

#[test]
fn a_right_that_is_none_is_told_with_those_that_there_are() {
    let wrong = run("1", &["--allow", "reed:drama.list_dramas"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("\"reed\" is no right; there are: read, write, destructive"), "{}", wrong.stderr);
}

#[test]
fn what_cannot_be_undone_on_a_production_account_needs_a_yes() {
    let server = Server::start();
    let run = |flags: &[&str]| {
        let arguments = [&["run", "own.rhai"], flags].concat();
        Juben::new(&arguments).file("own.rhai", DELETES).file("juben.toml", &production(&server)).run()
    };
    let refused = run(&[]);
    assert_eq!(refused.code, 4, "{}", refused.stderr);
    assert!(refused.stderr.contains("nobody agreed to this call, so it was not made"), "{}", refused.stderr);
    assert_eq!(server.sandbox.requests(), []);
    assert_eq!(run(&["--yes"]).code, 0);
    server.sandbox.reset();
    // Who names it has agreed to it.
    assert_eq!(run(&["--allow", "destructive:novel.delete_book"]).code, 0);
    assert_eq!(server.operations(), ["novel.delete_book", "novel.delete_book"]);
}

#[test]
fn on_a_terminal_it_is_asked_once_a_run() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("own.rhai"), DELETES).unwrap();
    std::fs::write(folder.path().join("juben.toml"), production(&server)).unwrap();
    let mut terminal = Terminal::start(&["run", "own.rhai"], folder.path());
    terminal.shows("Do it? y yes, also to what follows in this run, N no:");
    terminal.enter("y");
    assert_eq!(terminal.ends(), 0);
    assert_eq!(server.operations(), ["novel.delete_book", "novel.delete_book"]);
    server.sandbox.reset();
    let mut terminal = Terminal::start(&["run", "own.rhai"], folder.path());
    terminal.shows("Do it?");
    terminal.enter("");
    assert_eq!(terminal.ends(), 4);
    assert_eq!(server.sandbox.requests(), []);
}

#[test]
fn the_rights_of_juben_toml_are_listed_and_read_with_care() {
    let toml = "[account.main]\nplatform = \"wechat\"\nappid = \"wx1\"\n[rights.\"team/a\"]\nallow = [\"read\"]\n\
                accounts = [\"main\"]\ndrama_id = [1, 2]\n";
    let listed = Juben::new(&["rights"]).file("juben.toml", toml).run();
    assert!(listed.stdout.contains("\"package\":\"team/a\""), "{}{}", listed.stdout, listed.stderr);
    assert!(listed.stdout.contains("\"only\":\"drama_id 1, 2\""), "{}", listed.stdout);
    let wrong = Juben::new(&["rights"]).file("juben.toml", &toml.replace("drama_id", "drama_idd")).run();
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("did you mean `drama_id`"), "{}", wrong.stderr);
    let unknown = Juben::new(&["rights", "revoke", "team/b"]).run();
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("nothing was answered about team/b"), "{}", unknown.stderr);
}
