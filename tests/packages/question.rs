//! What `juben update` asks on a terminal before a package may ask for more.

use super::{Disk, EXTENDS, LISTS, READS, WRITES};
use crate::terminal::{CTRL_C, CTRL_D, Terminal};

/// A project whose package has a newer version, which asks for more.
fn project() -> Disk {
    let disk = Disk::new();
    disk.package("grants", "team/grants", "1.0.0", READS, LISTS);
    disk.does(&["add", "--path", "../grants", "--yes"]);
    disk.does(&["vendor"]);
    disk.package("grants", "team/grants", "1.1.0", WRITES, EXTENDS);
    disk
}

/// All that an update could change.
fn state(disk: &Disk) -> [String; 3] {
    ["juben.toml", "juben.lock", "vendor/team/grants/package.toml"].map(|file| disk.read(&format!("project/{file}")))
}

/// Start it on a terminal; what is new is shown before the question.
#[track_caller]
fn asked(disk: &Disk, words: &[&str], question: &str) -> Terminal {
    let cache = disk.path("cache").display().to_string();
    let terminal = Terminal::start_with(words, &disk.path("project"), &[("JUBEN_CACHE", &cache)]);
    let rows = terminal.shows(question).join("\n");
    assert!(rows.contains("+ write:novel.add_book_auth   extends grants"), "{rows}");
    terminal
}

#[test]
fn what_asks_for_more_is_taken_only_after_a_yes() {
    let disk = project();
    let before = state(&disk);
    let question = "Take what is shown above into juben.lock? y yes, N no:";
    for (keys, code, said) in [
        ("n\r", 4, "team/grants asks for rights that it did not have"),
        ("\r", 4, "nothing was changed"),
        ("yesterday\r", 4, "nothing was changed"),
        (CTRL_D, 4, "nothing was changed"),
        (CTRL_C, 130, "stopped"),
    ] {
        let mut terminal = asked(&disk, &["update"], question);
        terminal.send(keys);
        terminal.shows(said);
        assert_eq!(terminal.ends(), code, "{keys:?}");
        assert_eq!(state(&disk), before, "{keys:?}");
    }
    let mut terminal = asked(&disk, &["update"], question);
    terminal.enter("y");
    assert_eq!(terminal.ends(), 0);
    assert!(disk.read("project/juben.lock").contains("team/grants 1.1.0 "));
    // Where nobody is there, the refusal says in which line the package is named.
    disk.write("project/juben.lock", &before[1]);
    let said =
        ["juben.toml:2: team/grants asks for rights that it did not have: write:novel.add_book_auth", "add --yes"];
    disk.refuses(4, &["update"], &said);
}

#[test]
fn a_new_package_is_asked_about_as_such() {
    let disk = Disk::new();
    disk.package("grants", "team/grants", "1.0.0", WRITES, EXTENDS);
    let said = "team/grants is new here and asks for rights that nobody has agreed to: read:novel.list_books";
    disk.refuses(
        4,
        &["add", "--path", "../grants"],
        &[said, "nothing was added; if all of the above is meant, add --yes"],
    );
    let mut terminal = asked(&disk, &["add", "--path", "../grants"], "Add what is shown above? y yes, N no:");
    terminal.enter("n");
    terminal.shows("nothing was added");
    assert_eq!(terminal.ends(), 4);
    assert!(!disk.is_there("project/juben.toml") && !disk.is_there("project/juben.lock"));
}
