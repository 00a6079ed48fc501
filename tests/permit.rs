//! What a person allows: on the command line, in juben.toml, and when asked.

use crate::{
    command::{Ended, Juben},
    package::manifest,
    script::Server,
    terminal::Terminal,
};

/// Twice; that it is not there any more the second time does no harm.
pub const DELETES: &str =
    "let id = \"Bk7aQ2x9\";\nnovel::delete_book(id);\ntry { novel::delete_book(id); } catch { }\n1";

/// The accounts of that sandbox, as if they were real ones.
pub fn production(server: &Server) -> String {
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
    assert!(outside.stderr.contains("own.rhai may not do this:"), "{}", outside.stderr);
    let nothing = run(lists, &["--allow", ""]);
    assert_eq!((nothing.code, nothing.stdout.as_str()), (4, ""));
    assert!(nothing.stderr.contains("own.rhai may not do what it needs:"), "{}", nothing.stderr);
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

/// A project that imports a package from the folder beside it.
pub struct Project(pub tempfile::TempDir);

pub const GRANTS: &str = "/// Lists.\nfn dramas() { drama::list_dramas().drama_info_list.len }\n/// Deletes.\nfn drop_book() { novel::delete_book(\"Bk7aQ2x9\") }\n\
                      /// Keeps.\nfn keep(text) { files::write(\"out/kept.txt\", text) }\n";
pub const RIGHTS: &str = "\"read:drama.*\" = \"to list the dramas\"\n\"destructive:novel.delete_book\" = \"to clean up\"\n\
                      \"files-write:out\" = \"to keep a text\"\n";
const USES: &str = "import \"team/grants\" as grants;\ngrants::dramas();\ngrants::keep(\"a\");\n1";
const ALLOW: &str = "\"read:drama.*\", \"destructive:novel.delete_book\", \"files-write:out\"";

impl Project {
    pub fn new() -> Project {
        let project = Project(tempfile::tempdir().unwrap());
        project.package("1.0.0", RIGHTS, GRANTS);
        project.write("own.rhai", USES);
        let added = project.juben(&["add", "team/grants", "--path", "grants", "--yes"]);
        assert_eq!(added.code, 0, "{}", added.stderr);
        project
    }

    pub fn package(&self, version: &str, rights: &str, text: &str) {
        self.write("grants/package.toml", &manifest("team/grants", version, &["grants"], rights));
        self.write("grants/grants.rhai", text);
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn juben(&self, arguments: &[&str]) -> Ended {
        let mut juben = Juben::new(arguments);
        juben.command().current_dir(self.0.path()).env("HOME", self.0.path());
        juben.run()
    }

    pub fn run(&self, flags: &[&str]) -> Ended {
        self.juben(&[&["run", "own.rhai", "--sandbox"], flags].concat())
    }

    pub fn adds(&self, table: &str) {
        let toml = std::fs::read_to_string(self.0.path().join("juben.toml")).unwrap();
        self.write("juben.toml", &format!("{toml}\n{table}"));
    }

    /// A prompt before a sandbox, ready for the first key.
    fn prompt(&self) -> Terminal {
        let terminal = Terminal::start(&["--sandbox"], self.0.path());
        terminal.is_ready("sandbox>");
        terminal
    }

    /// A prompt that reads these entries from a file.
    pub fn entries(&self, text: &str) -> Ended {
        self.write("entries", text);
        let mut juben = Juben::new(&["repl", "--sandbox"]);
        let command = juben.command().current_dir(self.0.path()).env("HOME", self.0.path());
        command.stdin(std::fs::File::open(self.0.path().join("entries")).unwrap());
        juben.run()
    }

    /// Run it on a terminal, and answer the question, if there is one, with this.
    fn asked(&self, answer: Option<&str>) -> u32 {
        let mut terminal = Terminal::start(&["run", "own.rhai", "--sandbox"], self.0.path());
        if let Some(answer) = answer {
            terminal.shows("Let it? y for this run, v for this version, N no:");
            terminal.enter(answer);
        }
        terminal.ends()
    }
}

#[test]
fn a_package_does_nothing_until_somebody_has_allowed_it() {
    let project = Project::new();
    let refused = project.run(&[]);
    assert_eq!((refused.code, refused.stdout.as_str()), (4, ""), "{}", refused.stderr);
    assert!(refused.stderr.contains("team/grants 1.0.0 may not do what it needs:"), "{}", refused.stderr);
    assert!(refused.stderr.contains("[rights.\"team/grants\"]"), "{}", refused.stderr);
    assert!(refused.stderr.contains("--allow "), "{}", refused.stderr);
    let allowed = project.run(&["--allow", "read,files-write:out,destructive"]);
    assert_eq!((allowed.code, allowed.stdout.as_str()), (0, "1\n"), "{}", allowed.stderr);
    assert!(project.0.path().join("out/kept.txt").exists());
    project.adds(&format!("[rights.\"team/grants\"]\nallow = [{ALLOW}]\n"));
    assert_eq!(project.run(&[]).code, 0, "{}", project.run(&[]).stderr);
}

#[test]
fn what_juben_toml_allows_in_part_is_looked_at_when_it_is_done() {
    let project = Project::new();
    project.adds(&format!("[rights.\"team/*\"]\nallow = [{ALLOW}]\naccounts = [\"sandbox-polyv\"]\n"));
    let denied = project.run(&[]);
    assert_eq!(denied.code, 4, "{}", denied.stderr);
    assert!(denied.stderr.contains("team/grants 1.0.0 may not do this:"), "{}", denied.stderr);
    assert!(denied.stderr.contains("this is sandbox") && !project.0.path().join("out").exists(), "{}", denied.stderr);
}

#[test]
fn an_answer_counts_for_the_version_until_it_is_taken_back() {
    let project = Project::new();
    assert_eq!(project.asked(Some("")), 4);
    assert_eq!(project.asked(Some("y")), 0);
    assert_eq!(project.asked(Some("v")), 0);
    assert_eq!(project.asked(None), 0);
    assert_eq!(project.run(&[]).code, 0);
    let listed = project.juben(&["rights"]).stdout;
    assert!(listed.contains("\"package\":\"team/grants\"") && listed.contains("\"from\":\"version "), "{listed}");
    // Other files are another version, whatever they say.
    project.package("1.0.1", RIGHTS, &GRANTS.replace("Lists.", "Lists all."));
    assert_eq!(project.juben(&["update", "--yes"]).code, 0);
    assert_eq!(project.run(&[]).code, 4);
    assert_eq!(project.asked(Some("v")), 0);
    assert_eq!(project.juben(&["rights", "revoke", "team/grants"]).code, 0);
    assert_eq!(project.run(&[]).code, 4);
}

#[test]
fn what_others_do_for_a_package_is_part_of_it() {
    let project = Project::new();
    let nested = |text: &str, version: &str| {
        project.write(
            "sums/package.toml",
            &manifest("team/sums", version, &["sums"], "\"read:drama.*\" = \"to count\"\n"),
        );
        project.write("sums/sums.rhai", text);
    };
    nested("fn dramas() { drama::list_dramas().drama_info_list.len }", "1.0.0");
    assert_eq!(project.juben(&["add", "team/sums", "--path", "sums", "--yes"]).code, 0);
    let rights = format!("{RIGHTS}[dependencies]\n\"team/sums\" = \"1.0.0\"\n");
    let text = GRANTS.replace("drama::list_dramas().drama_info_list.len", "sums::dramas()");
    project.package("1.1.0", &rights, &format!("import \"team/sums\" as sums;\n{text}"));
    assert_eq!(project.juben(&["update", "--yes"]).code, 0);
    assert_eq!(project.asked(Some("v")), 0);
    assert_eq!(project.run(&[]).code, 0);
    // The answer was given for the code behind it, too.
    nested("fn dramas() { drama::list_dramas(#{}).drama_info_list.len }", "1.0.1");
    assert_eq!(project.juben(&["update", "--yes"]).code, 0);
    assert_eq!(project.run(&[]).code, 4);
    assert_eq!(project.asked(Some("v")), 0);
    // And what juben.toml says of that code holds, whoever calls it.
    project.adds("[rights.\"team/sums\"]\nallow = []\n");
    let denied = project.run(&[]);
    assert_eq!(denied.code, 4);
    assert!(denied.stderr.contains("team/sums 1.0.1 may not do what it needs: read:drama."), "{}", denied.stderr);
}

#[test]
fn the_question_tells_what_is_asked_for_and_why() {
    let project = Project::new();
    let mut terminal = Terminal::start(&["run", "own.rhai", "--sandbox"], project.0.path());
    terminal.shows("team/grants 1.0.0 (not signed) wants to:");
    terminal.shows("read:drama.*                   to list the dramas");
    terminal.shows("destructive:novel.delete_book  to clean up");
    terminal.shows("files-write:out                to keep a text");
    terminal.enter("p");
    assert_eq!(terminal.ends(), 4);
}

#[test]
fn a_module_of_a_package_is_run_by_its_name() {
    let project = Project::new();
    project.package("1.0.1", RIGHTS, &format!("{GRANTS}dramas()"));
    assert_eq!(project.juben(&["update", "--yes"]).code, 0);
    let refused = project.juben(&["run", "team/grants", "--sandbox"]);
    assert_eq!(refused.code, 4, "{}", refused.stderr);
    let ran = project.juben(&["run", "team/grants", "--sandbox", "--allow", "destructive,files-write:out"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.trim().parse::<u32>().is_ok(), "{}", ran.stdout);
}

#[test]
fn at_the_prompt_it_is_asked_before_an_entry_runs_and_a_no_leaves_the_session_as_it_was() {
    let project = Project::new();
    let mut terminal = project.prompt();
    terminal.enter("let n = 40;");
    terminal.enter("n = 0; import \"team/grants\" as grants;");
    terminal.shows("Let it? y for this run, v for this version, N no:");
    terminal.enter("");
    terminal.shows("team/grants 1.0.0 may not do what it needs:");
    terminal.is_ready("sandbox>");
    terminal.enter("let found = 0; try { found = grants::dramas(); } catch { found = n * 10; } found");
    terminal.shows("400");
    terminal.enter("import \"team/grants\" as grants;");
    let questions = |rows: &[String]| rows.iter().filter(|row| row.contains("Let it?")).count();
    terminal.until("the question again", |rows| questions(rows) == 2);
    terminal.enter("y");
    terminal.is_ready("sandbox>");
    // It counts for the entries that follow.
    terminal.enter("grants::keep(\"a\"); if grants::dramas() > 0 { \"some\" + \" dramas\" }");
    let rows = terminal.shows("some dramas");
    assert_eq!(questions(&rows), 2, "{rows:#?}");
    assert!(project.0.path().join("out/kept.txt").exists());
}

#[test]
fn without_a_terminal_the_prompt_has_what_juben_toml_allows() {
    let project = Project::new();
    let imports = "import \"team/grants\" as grants;";
    let refused = project.entries(&format!("drama::list_dramas(); 1\n{imports}\n2\n"));
    assert_eq!((refused.code, refused.stdout.as_str()), (4, "1\n"), "{}", refused.stderr);
    assert!(refused.stderr.contains("[rights.\"team/grants\"]"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("--allow"), "{}", refused.stderr);
    project.adds(&format!("[rights.\"team/grants\"]\nallow = [{ALLOW}]\n"));
    let lives_on =
        "fn keep() { 1 }\nfn keep() { grants::keep(\"a\") }\ngrants::dramas()\nlet some = _ > 0;\nkeep();\nsome\n";
    let allowed = project.entries(&format!("{imports}\n{lives_on}"));
    assert_eq!(allowed.code, 0, "{}", allowed.stderr);
    assert!(allowed.stdout.ends_with("\ntrue\n"), "{}", allowed.stdout);
    assert!(project.0.path().join("out/kept.txt").exists());
}

#[test]
fn what_an_earlier_entry_has_imported_is_bounded_in_later_ones() {
    let project = Project::new();
    project.adds(&format!("[rights.\"team/*\"]\nallow = [{ALLOW}]\naccounts = [\"sandbox-polyv\"]\n"));
    let denied = project.entries(
        "import \"team/grants\" as grants;\nlet later = || grants::dramas();\nnovel::list_books(); 1\nlater.call()\n2\n",
    );
    assert_eq!((denied.code, denied.stdout.as_str()), (4, "1\n"), "{}", denied.stderr);
    assert!(denied.stderr.contains("team/grants 1.0.0 may not do this:"), "{}", denied.stderr);
}

#[test]
fn a_test_in_a_project_with_packages_finds_the_modules_beside_it() {
    let project = Project::new();
    project.write("lib.rhai", "fn greeting() { \"hi\" }");
    let test =
        "import \"lib\" as lib; import \"team/grants\" as grants; fn test_it() { assert_eq(lib::greeting(), \"hi\") }";
    project.write("lib_test.rhai", test);
    project.adds("[rights.\"team/grants\"]\nallow = [\"destructive\", \"files-write:out\"]\n");
    let ended = project.juben(&["test", "lib_test.rhai"]);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("1 passed, 0 failed"), "{}", ended.stdout);
}
