//! What is taken in, shown, refused, and kept.

use super::{Disk, EXTENDS, LISTS, READS, WRITES, remove};
use std::{fs, thread};

const SCRIPT: &str = "import \"team/grants\" as grants;\nprint(grants::books());\n";
const RUN: [&str; 5] = ["run", "list.rhai", "--sandbox", "--allow", "read"];

#[test]
fn a_package_of_another_team_is_used_updated_vendored_and_run_offline() {
    let disk = Disk::new();
    disk.package("theirs", "team/grants", "1.0.0", READS, LISTS);
    let commit = disk.commit("theirs", "v1.0.0");
    disk.write("project/list.rhai", SCRIPT);
    let added = disk.does(&["add", "--git", "../theirs", "--tag", "v1.0.0", "--yes"]);
    assert_eq!(
        added,
        format!(
            "+ team/grants 1.0.0  git:../theirs?tag=v1.0.0#{commit}\n    + read:novel.list_books   finds the books\n"
        )
    );
    assert_eq!(
        disk.read("project/juben.toml"),
        "[packages]\n\"team/grants\" = { git = \"../theirs\", tag = \"v1.0.0\" }\n"
    );
    assert_eq!(disk.does(&RUN), "1\n");

    // Their next version asks for more: that is shown, and nothing happens until somebody agrees.
    disk.package("theirs", "team/grants", "1.1.0", WRITES, EXTENDS);
    disk.commit("theirs", "v1.1.0");
    let before = (disk.read("project/juben.toml"), disk.read("project/juben.lock"));
    let newer = ["add", "--git", "../theirs", "--tag", "v1.1.0"];
    let refused = disk.refuses(4, &newer, &["team/grants asks for rights that it did not have", "add --yes"]);
    assert!(refused.stdout.contains("~ team/grants 1.0.0 -> 1.1.0"), "{}", refused.stdout);
    assert!(refused.stdout.contains("    + write:novel.add_book_auth   extends grants\n"), "{}", refused.stdout);
    assert_eq!((disk.read("project/juben.toml"), disk.read("project/juben.lock")), before);
    assert_eq!(disk.does(&RUN), "1\n");
    disk.does(&[&newer[..], &["--yes"]].concat());

    // What it now needs is not granted by what was enough before, until somebody grants it.
    disk.write("project/extend.rhai", "import \"team/grants\" as grants;\nprint(grants::extend());\n");
    disk.refuses(4, &["run", "extend.rhai", "--sandbox", "--allow", "read"], &["write:novel.add_book_auth"]);
    disk.refuses(
        4,
        &["run", "extend.rhai", "--sandbox"],
        &["team/grants 1.1.0 may not do", "write:novel.add_book_auth"],
    );
    let toml = disk.read("project/juben.toml");
    let rights = "[rights.\"team/grants\"]\nallow = [\"read\", \"write:novel.add_book_auth\"]\n";
    disk.write("project/juben.toml", &format!("{toml}\n{rights}"));
    let run = ["run", "extend.rhai", "--sandbox"];
    assert_eq!(disk.does(&run), "extended\n");

    // From its own copies it runs without git, cache or the other team.
    assert_eq!(disk.does(&["vendor"]), "vendor has 1 package\n");
    remove(&disk.path("cache"));
    remove(&disk.path("theirs"));
    disk.start(&run).env("PATH", "").prints("extended\n");
}

#[test]
fn a_run_fetches_nothing_and_says_what_mends_it() {
    let disk = Disk::new();
    disk.package("theirs", "team/grants", "1.0.0", READS, LISTS);
    disk.commit("theirs", "v1.0.0");
    disk.write("project/list.rhai", SCRIPT);
    disk.does(&["add", "--git", "../theirs", "--branch", "main", "--yes"]);
    remove(&disk.path("cache"));
    disk.refuses(2, &RUN, &["team/grants 1.0.0 is not on this machine", "juben update --locked"]);
    let lock = disk.read("project/juben.lock");
    disk.does(&["update", "--locked"]);
    assert_eq!(disk.does(&RUN), "1\n");
    assert_eq!(disk.read("project/juben.lock"), lock);
    disk.write("project/juben.toml", &disk.read("project/juben.toml").replace("main", "next"));
    disk.refuses(2, &RUN, &["from another source than juben.lock has", "juben update team/grants"]);
    disk.write(
        "project/juben.toml",
        "[packages]\n\"team/grants\" = { path = \"../theirs\" }\n\"team/x\" = { path = \"x\" }\n",
    );
    disk.refuses(2, &["run", "list.rhai", "--sandbox"], &["juben.toml asks for team/grants from another source"]);
    disk.write("project/juben.toml", "# nothing any more\n");
    disk.refuses(2, &RUN, &["juben.lock has team/grants, which nothing needs", "juben update"]);
    disk.does(&["update"]);
    assert!(!disk.is_there("project/juben.lock"));
}

#[test]
fn a_dry_run_and_a_refusal_write_nothing() {
    let disk = Disk::new();
    disk.package("grants", "team/grants", "1.0.0", READS, LISTS);
    disk.does(&["add", "--path", "../grants", "--yes"]);
    let before = (disk.read("project/juben.toml"), disk.read("project/juben.lock"));
    disk.package("grants", "team/grants", "1.1.0", WRITES, EXTENDS);
    let told = disk.does(&["update", "--dry-run"]);
    assert!(
        told.starts_with("~ team/grants 1.0.0 -> 1.1.0  path:../grants\n    + write:novel.add_book_auth"),
        "{told}"
    );
    disk.refuses(4, &["update"], &["write:novel.add_book_auth", "add --yes"]);
    assert_eq!((disk.read("project/juben.toml"), disk.read("project/juben.lock")), before);
    disk.does(&["update", "--yes"]);
    assert_eq!(disk.does(&["update"]), "nothing changes in juben.lock\n");

    // Going back takes more than a yes.
    disk.package("grants", "team/grants", "1.0.0", READS, LISTS);
    disk.refuses(4, &["update", "--yes"], &["would go back from 1.1.0 to 1.0.0", "--downgrade"]);
    let told = disk.does(&["update", "--downgrade"]);
    assert!(told.contains("    - write:novel.add_book_auth\n"), "{told}");
    assert_eq!(disk.read("project/juben.lock"), before.1);
}

#[test]
fn the_lock_is_the_same_in_whatever_order_packages_come_and_go() {
    let lock_after = |orders: &[&[&str]]| {
        let disk = Disk::new();
        for name in ["a", "b", "c"] {
            disk.package(name, &format!("team/{name}"), "1.0.0", &[], "fn one() { 1 }\n");
        }
        disk.depends("b", &[("team/c", "1.0")]);
        orders.iter().for_each(|words| drop(disk.does(words)));
        disk.read("project/juben.lock")
    };
    let (a, b, c): ([&str; 3], [&str; 3], [&str; 3]) =
        (["add", "--path", "../a"], ["add", "--path", "../b"], ["add", "--path", "../c"]);
    let one = lock_after(&[&c, &b, &a]);
    assert_eq!(lock_after(&[&a, &c, &b]), one);
    assert_eq!(lock_after(&[&c, &a, &b, &["remove", "team/a"], &a, &["update"]]), one);
    let lines: Vec<_> = one.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(lines, ["#", "team/a", "team/b", "team/c"]);
}

#[test]
fn comments_of_the_project_stay_and_what_others_need_does_too() {
    let disk = Disk::new();
    let text =
        "# ours\n[http]\ntimeout = 3 # short\n\n[packages] # shared\n# base of all\n\"team/c\" = { path = \"../c\" }\n";
    disk.package("b", "team/b", "1.0.0", &[], "fn one() { 1 }\n");
    disk.package("c", "team/c", "1.2.0", &[], "fn one() { 1 }\n");
    disk.depends("b", &[("team/c", "1.1")]);
    disk.write("project/juben.toml", text);
    disk.does(&["add", "team/b", "--path", "../b"]);
    assert_eq!(disk.read("project/juben.toml"), format!("{text}\"team/b\" = {{ path = \"../b\" }}\n"));
    disk.does(&["remove", "team/b"]);
    assert_eq!(disk.read("project/juben.toml"), text);
    disk.refuses(2, &["remove", "team/x"], &["juben.toml has no package team/x"]);
    disk.refuses(2, &["add", "team/wrong", "--path", "../b"], &["path:../b is the package team/b, and not team/wrong"]);
}

#[test]
fn conflicts_and_circles_are_told_with_who_asks() {
    let disk = Disk::new();
    disk.package("b", "team/b", "1.0.0", &[], "fn one() { 1 }\n");
    disk.package("c", "team/c", "1.2.0", &[], "fn one() { 1 }\n");
    disk.depends("b", &[("team/c", "2.0")]);
    disk.refuses(
        1,
        &["add", "--path", "../b"],
        &["team/b 1.0.0 needs team/c 2.0.0, which no index", "juben add team/c --git"],
    );
    disk.does(&["add", "--path", "../c"]);
    disk.refuses(2, &["add", "--path", "../b"], &["team/b 1.0.0 needs team/c 2.0.0, and its source has 1.2.0"]);
    disk.package("c", "team/c", "2.0.0", &[], "fn one() { 1 }\n");
    disk.depends("c", &[("team/b", "1.0")]);
    disk.write(
        "project/juben.toml",
        "[packages]\n\"team/b\" = { path = \"../b\" }\n\"team/c\" = { path = \"../c\" }\n",
    );
    disk.refuses(2, &["update"], &["in a circle: team/b needs team/c needs team/b"]);
    let manifest = disk.read("c/package.toml").replace("juben = \"0.1.0\"", "juben = \"99.0.0\"");
    disk.write("c/package.toml", &manifest);
    disk.refuses(2, &["update"], &["team/c 2.0.0 needs juben 99.0.0"]);
}

#[test]
fn what_is_asked_for_wrongly_is_told_with_what_there_is() {
    let disk = Disk::new();
    disk.package("grants", "team/grants", "1.0.0", READS, LISTS);
    disk.write("empty/README.md", "");
    disk.write("some.zip", "PK\u{3}\u{4}");
    let add = |code, words: &[&str], said: &str| {
        disk.refuses(code, &[&["add"], words].concat(), &[said]);
        assert!(!disk.is_there("project/juben.toml") && !disk.is_there("project/juben.lock"), "{words:?}");
    };
    add(2, &["../grants"], "it is a folder, which is taken by --path ../grants");
    add(2, &["../some.zip"], "it is a file; an archive is taken by --archive ../some.zip");
    add(2, &["https://git.example.org/a.git"], "a git repository is taken by --git https://git.example.org/a.git");
    add(2, &["grants"], "is no name of a package: it is written team/name");
    add(2, &["--path", "../empty"], "is no package: it has no package.toml");
    add(2, &["--path", "../nothing"], "../nothing is not there");
    add(2, &["--path", "../some.zip"], "../some.zip is a file, and no folder of a package");
    add(2, &["--archive", "../grants"], "../grants is a folder, and no archive");
    add(1, &["--archive", "../nothing.tar.gz"], "the .tar.gz that `juben pack` makes");
    add(1, &["--archive", "../some.zip"], "it is a zip file, and not a .tar.gz");
    add(2, &["team/grants", "^1.2"], "\"^1.2\" is no version; write the oldest that will do, such as 1.2");
    add(2, &["team/grants", "v1.0"], "such as 1.0");
    add(1, &["team/grants", "1"], "say where it is: juben add team/grants --git URL");
    disk.write("project/juben.toml", "# ours\n[packages]\n\"team/a\" = { version = \"~2\" }\n");
    disk.refuses(2, &["update"], &["juben.toml:3: package `team/a`: \"~2\" is no version"]);
}

#[test]
fn what_cannot_be_had_is_named_line_by_line_and_what_was_copied_runs() {
    let disk = Disk::new();
    disk.package("theirs", "team/grants", "1.0.0", READS, LISTS);
    disk.commit("theirs", "v1.0.0");
    disk.package("base", "team/base", "1.0.0", &[], "fn one() { 1 }\n");
    disk.does(&["add", "--git", "../theirs", "--tag", "v1.0.0", "--yes"]);
    disk.does(&["add", "--path", "../base"]);
    disk.write("project/list.rhai", SCRIPT);
    disk.does(&["vendor"]);
    ["cache", "theirs", "base"].iter().for_each(|folder| remove(&disk.path(folder)));
    let all = || {
        let copies = ["team/grants/grants.rhai", "team/grants/package.sums", "team/base/base.rhai"];
        let files = copies.iter().map(|copy| disk.read(&format!("project/vendor/{copy}")));
        files.chain([disk.read("project/juben.toml"), disk.read("project/juben.lock")]).collect::<Vec<_>>()
    };
    let before = all();
    disk.start(&RUN).env("PATH", "").prints("1\n");
    for update in [&["update"][..], &["update", "--locked"]] {
        let ended = disk.juben(update);
        assert!(ended.code != 0 && ended.stdout.is_empty(), "{ended:?}");
        let lines: Vec<_> = ended.stderr.lines().filter(|line| line.contains("juben.toml:")).collect();
        assert_eq!(lines.len(), 2, "{}", ended.stderr);
        assert!(lines.iter().any(|line| line.contains("juben.toml:2: git cannot read ../theirs")), "{}", ended.stderr);
        assert!(lines.iter().any(|line| line.contains("juben.toml:3: ../base is not there")), "{}", ended.stderr);
        assert_eq!(all(), before);
    }
    disk.start(&RUN).env("PATH", "").prints("1\n");
}

#[test]
fn what_is_granted_is_listed() {
    let disk = Disk::new();
    disk.package("grants", "team/grants", "1.0.0", WRITES, EXTENDS);
    disk.does(&["add", "--path", "../grants", "--yes"]);
    let toml = disk.read("project/juben.toml");
    let granted = |rights: &str| {
        disk.write("project/juben.toml", &format!("{toml}{rights}"));
        let row: serde_json::Value = serde_json::from_str(&disk.does(&["packages"])).unwrap();
        assert_eq!(row["hash"].as_str().unwrap().len(), 64);
        row["granted"].as_str().unwrap().to_owned()
    };
    let of = |allow: &str| format!("[rights.\"team/*\"]\nallow = {allow}\n");
    assert_eq!(granted(""), "nothing");
    assert_eq!(granted(&of("[]")), "nothing");
    assert_eq!(granted(&of("[\"read\"]")), "some");
    assert_eq!(granted(&of("[\"write\"]")), "all");
    assert_eq!(granted(&format!("{}book_id = [\"1\"]\n", of("[\"write\"]"))), "some");
}

#[test]
fn packages_are_listed_with_their_state() {
    let disk = Disk::new();
    assert_eq!(disk.does(&["packages"]), "");
    disk.package("grants", "team/grants", "1.0.0", READS, LISTS);
    disk.does(&["add", "--path", "../grants", "--yes"]);
    let row = |disk: &Disk| serde_json::from_str::<serde_json::Value>(&disk.does(&["packages"])).unwrap();
    let found = row(&disk);
    assert_eq!(
        (&found["name"], &found["state"], &found["signature"]),
        (&"team/grants".into(), &"ok".into(), &"unsigned".into())
    );
    assert_eq!(found["rights"], "read:novel.list_books");
    disk.write("grants/grants.rhai", "fn books() { 2 }\n");
    let found = row(&disk);
    assert_eq!(found["state"], "changed");
    assert!(found["why"].as_str().unwrap().contains("the file grants.rhai has changed"), "{found}");
}

#[test]
fn a_package_that_does_more_than_it_says_is_not_taken() {
    let disk = Disk::new();
    disk.package("grants", "team/grants", "1.0.0", READS, EXTENDS);
    disk.refuses(4, &["add", "--path", "../grants", "--yes"], &["write:novel.add_book_auth", "does not declare"]);
    assert!(!disk.is_there("project/juben.toml") && !disk.is_there("project/juben.lock"));
}

#[test]
fn two_at_once_both_come_in() {
    let disk = Disk::new();
    let names = ["a", "b", "c", "d"];
    for name in names {
        disk.package(name, &format!("team/{name}"), "1.0.0", &[], "fn one() { 1 }\n");
        disk.commit(name, "v1");
    }
    disk.write("project/juben.toml", "# together\n");
    thread::scope(|scope| {
        for name in names {
            let disk = &disk;
            scope.spawn(move || disk.does(&["add", "--git", &format!("../{name}"), "--tag", "v1"]));
        }
    });
    let lock = disk.read("project/juben.lock");
    names.iter().for_each(|name| assert!(lock.contains(&format!("\nteam/{name} 1.0.0 ")), "{lock}"));
    let left: Vec<_> = fs::read_dir(disk.path("project")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
    assert_eq!(fs::read_dir(disk.path("cache/fresh")).unwrap().count(), 0);
}

#[test]
fn a_script_of_a_package_runs_by_its_name_where_the_user_stands() {
    let disk = Disk::new();
    let report = "//! Counts books.\n//! @param times int = 2 \"how often\"\nlet times = args::get(\"times\");\n\
                  print(`${times} ${files::read(\"here.txt\")} ${novel::list_books(#{ limit: 1 }).type_of()}`);\n";
    let rights = [READS[0], ("files-read:.", "reads what to say")];
    disk.package("reports", "team/report", "1.0.0", &rights, report);
    disk.does(&["add", "--path", "../reports", "--yes"]);
    disk.write("project/here.txt", "here");
    let run = ["run", "team/report", "--sandbox", "--allow", "read,files-read:.", "--times", "3"];
    let ended = disk.juben(&run);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "3 here map\n"), "{}", ended.stderr);
    disk.refuses(4, &["run", "team/report", "--sandbox", "--allow", "read"], &["team/report 1.0.0", "files-read"]);
    disk.refuses(
        2,
        &["run", "team/other", "--sandbox"],
        &["there is no script team/other, and no package team/other in juben.lock", "juben add team/other"],
    );
}

#[test]
fn what_is_to_be_written_fits_what_is_there() {
    let disk = Disk::new();
    disk.package("grants", "team/grants", "1.0.0", READS, EXTENDS);
    let ended = disk.refuses(4, &["add", "--path", "../grants", "--yes"], &["does not declare", "below [rights]:"]);
    let line = "\"write:novel.add_book_auth\" = \"why it is needed\"";
    assert!(ended.stderr.lines().any(|it| it.trim_start_matches(['│', ' ']) == line), "{}", ended.stderr);
    disk.package("grants", "team/grants", "1.0.0", WRITES, EXTENDS);
    disk.does(&["add", "--path", "../grants", "--yes"]);
    let table = "[rights.\"team/grants\"]\nallow = [\"read\"]\n";
    disk.write("project/juben.toml", &format!("{}{table}", disk.read("project/juben.toml")));
    disk.write("project/own.rhai", "import \"team/grants\" as g;\ng::extend();\n");
    let said = "add to `allow` of [rights.\"team/grants\"] in juben.toml: \"write:novel.add_book_auth\",";
    let ended = disk.refuses(4, &["run", "own.rhai", "--sandbox"], &[said]);
    assert!(!ended.stderr.contains("allow = ["), "{}", ended.stderr);
}

#[test]
fn nothing_to_copy_makes_no_folder() {
    let disk = Disk::new();
    disk.write("project/juben.toml", "");
    assert!(disk.does(&["vendor"]).contains("nothing to copy"));
    assert!(!disk.is_there("project/vendor"));
}
