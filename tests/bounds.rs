//! What holds whatever is granted: limits, files of juben's own, whose a file is, and that a question can be left.

use crate::{
    package::manifest,
    permit::{DELETES, GRANTS, Project, RIGHTS, production},
    script::Server,
    terminal::{CTRL_C, Terminal},
};

#[test]
fn limits_of_juben_toml_hold_beside_what_is_allowed_for_a_run() {
    let project = Project::new();
    project.adds("[rights.\"team/*\"]\nallow = []\naccounts = [\"sandbox-polyv\"]\n");
    let denied = project.run(&["--allow", "read,files-write:out,destructive"]);
    assert_eq!(denied.code, 4, "{}", denied.stderr);
    assert!(denied.stderr.contains("this is sandbox (account sandbox)"), "{}", denied.stderr);
}

#[test]
fn a_file_of_a_package_is_that_package_whatever_path_leads_to_it() {
    let project = Project::new();
    project.package("1.0.1", RIGHTS, &format!("{GRANTS}dramas()"));
    project.write("grants/private.rhai", "drama::list_dramas(); 1");
    let does = |command: &[&str]| assert_eq!(project.juben(command).code, 0, "{command:?}");
    does(&["update", "--yes"]);
    let at = |path: &str| project.0.path().join(path);
    let whole = at("grants/grants.rhai");
    #[cfg(unix)]
    std::os::unix::fs::symlink(&whole, at("link.rhai")).unwrap();
    let refuses = |path: &str| {
        for command in ["run", "plan"] {
            let refused = project.juben(&[command, path, "--sandbox"]);
            assert_eq!((refused.code, refused.stdout.as_str()), (4, ""), "{command} {path}: {}", refused.stderr);
            assert!(refused.stderr.contains("team/grants 1.0.1 may not do what it needs:"), "{}", refused.stderr);
        }
    };
    ["grants/grants.rhai", whole.to_str().unwrap()]
        .into_iter()
        .chain(cfg!(unix).then_some("link.rhai"))
        .for_each(refuses);
    // Nor at the prompt.
    let loaded = project.entries(":load grants/grants.rhai\n");
    assert_eq!(loaded.stdout, "", "{}", loaded.stderr);
    assert!(loaded.stderr.contains("team/grants 1.0.1 cannot be used"), "{}", loaded.stderr);
    let private = project.juben(&["run", "grants/private.rhai", "--sandbox"]);
    assert_eq!(private.code, 2, "{}", private.stderr);
    assert!(private.stderr.contains("has no module \"private\" for others"), "{}", private.stderr);
    does(&["vendor"]);
    refuses("vendor/team/grants/grants.rhai");
    // Nobody's lock file names this copy.
    project.write("vendor/team/other/package.toml", &manifest("team/other", "1.0.0", &["other"], ""));
    project.write("vendor/team/other/other.rhai", "1");
    let unknown = project.juben(&["run", "vendor/team/other/other.rhai", "--sandbox"]);
    assert_eq!(unknown.code, 4, "{}", unknown.stderr);
    assert!(unknown.stderr.contains("a copy of a package that juben.lock does not name"), "{}", unknown.stderr);
}

#[test]
fn a_package_that_is_not_there_is_told_with_what_to_do() {
    let missing = Project::new().juben(&["run", "team/grant/report", "--sandbox"]);
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("no package team/grant in juben.lock"), "{}", missing.stderr);
    assert!(missing.stderr.contains("did you mean `team/grants`? `juben add team/grant`"), "{}", missing.stderr);
}

#[test]
fn what_is_jubens_own_is_touched_by_no_guarded_run() {
    let project = Project::new();
    project.write("state/juben.db", "state");
    project.write("secret.txt", "secret");
    let account = "[account.main]\nplatform = \"wechat\"\nappid = \"wx1\"\nsecret = \"file:secret.txt\"\n";
    project.adds(account);
    let own = |deed: &str, flags: &[&str]| {
        project.write("own.rhai", &format!("import \"team/grants\" as grants; {deed}; 1"));
        project.juben(&[&["--state", "state", "run", "own.rhai", "--sandbox"], flags].concat())
    };
    let reads = [
        "juben.toml",
        "state/juben.db",
        "state/history",
        "state/audit.chain",
        "secret.txt",
        ".config/juben/keys/a.key",
    ];
    let writes = [
        "juben.toml",
        "juben.lock",
        "vendor/team/a/a.rhai",
        "grants/grants.rhai",
        ".cache/juben/packages/a/b",
        "state/audit.head",
        "secret.txt",
        "own.rhai",
        ".git/hooks/post-commit",
    ];
    let deeds = reads.iter().map(|path| format!("files::read({path:?})"));
    for deed in deeds.chain(writes.iter().map(|path| format!("files::write({path:?}, \"x\")"))) {
        let denied = own(&deed, &["--allow", "files:.,read,destructive"]);
        assert_eq!((denied.code, denied.stdout.as_str()), (4, ""), "{deed}: {}", denied.stderr);
        let told = denied.stderr.replace("\n  │ ", " ");
        assert!(told.contains("by packages or with --allow, whatever is granted"), "{deed}: {told}");
    }
    let lock =
        own("files::read(\"juben.lock\"); files::write(\"out/a.txt\", \"\")", &["--allow", "files:.,read,destructive"]);
    assert_eq!(lock.code, 0, "{}", lock.stderr);
    // A script of one's own, without packages, is as free as its author.
    project.write("own.rhai", "files::read(\"juben.toml\").len > 0");
    let free = project.run(&[]);
    assert_eq!((free.code, free.stdout.as_str()), (0, "true\n"), "{}", free.stderr);
}

#[test]
fn ctrl_c_at_a_question_stops_the_run() {
    let project = Project::new();
    let mut terminal = Terminal::start(&["run", "own.rhai", "--sandbox"], project.0.path());
    terminal.shows("Let it?");
    terminal.send(CTRL_C);
    assert_eq!(terminal.ends(), 130);
    let server = Server::start();
    project.write("juben.toml", &production(&server));
    project.write("own.rhai", DELETES);
    std::fs::remove_file(project.0.path().join("juben.lock")).unwrap();
    let mut terminal = Terminal::start(&["run", "own.rhai"], project.0.path());
    terminal.shows("Do it?");
    terminal.send(CTRL_C);
    assert_eq!(terminal.ends(), 130);
    assert_eq!(server.sandbox.requests(), []);
    let planned = project.juben(&["plan", "own.rhai", "-o", "plan.json"]);
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    let mut terminal = Terminal::start(&["apply", "plan.json"], project.0.path());
    terminal.shows("[y/N]");
    terminal.send(CTRL_C);
    assert_eq!(terminal.ends(), 130);
}

#[test]
fn a_module_that_only_defines_functions_says_so_when_it_is_run() {
    let ended =
        Project::new().juben(&["run", "team/grants", "--sandbox", "--allow", "read,destructive,files-write:out"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{}", ended.stderr);
    let said = "only defines functions, and has done nothing: dramas/0, drop_book/0, keep/1";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
}

#[test]
fn a_package_that_has_changed_can_be_checked_from_a_project_that_uses_it() {
    let project = Project::new();
    project.write("grants/grants.rhai", &GRANTS.replace("Lists.", "Lists all."));
    let checked = project.juben(&["check", "grants/grants.rhai"]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    assert!(checked.stdout.contains("drama.list_dramas"), "{}", checked.stdout);
    project.write("grants/grants.rhai", "let = 3;");
    assert_eq!(project.juben(&["check", "grants/grants.rhai"]).code, 2);
    // What is not of the package is judged with what was locked.
    assert_eq!(project.juben(&["check", "own.rhai"]).code, 4);
}
