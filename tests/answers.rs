//! `juben rights`: what was answered about packages is listed, and taken back.

use crate::{script::RUNTIME, serve::Office, terminal::Terminal};
use juben::store::{Scope, Store};
use serde_json::Value;

/// Where two versions of a package, and all of a publisher's, were answered for.
fn office() -> Office {
    let office = Office::new("");
    let store = Store::at(office.folder().join("state"));
    RUNTIME.block_on(async {
        for (scope, subject) in [(Scope::Version, "a"), (Scope::Version, "b"), (Scope::Publisher, "c")] {
            store.keep_answer("team/grants", scope, &subject.repeat(64), "read").await.unwrap();
        }
    });
    office
}

#[test]
fn a_pipe_has_them_whole_and_a_terminal_their_beginning() {
    let office = office();
    let listed = office.does(&["rights"]);
    let rows: Vec<Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let from: Vec<_> = rows.iter().map(|row| row["from"].as_str().unwrap()).collect();
    let whole = [("publisher", "c"), ("version", "a"), ("version", "b")];
    assert_eq!(from, whole.map(|(scope, subject)| format!("{scope} {}", subject.repeat(64))));
    assert!(rows.iter().all(|row| row["since"].as_str().unwrap().ends_with("+08:00")), "{listed}");
    assert!(office.does(&["rights", "--output", "table"]).contains(&"a".repeat(64)));
    let terminal = Terminal::start(&["rights", "--state", "state"], office.folder());
    let shown = terminal.shows(&"b".repeat(12)).join("\n");
    assert!(shown.contains(&"a".repeat(12)) && !shown.contains(&"a".repeat(13)), "{shown}");
}

#[test]
fn one_that_is_not_there_is_told_with_the_others_once() {
    let office = office();
    office.refuses(
        &["rights", "revoke", "other/thing"],
        2,
        &["nothing was answered about other/thing", "there are: team/grants\n"],
    );
    office.does(&["rights", "revoke", "team/grants"]);
    assert_eq!(office.does(&["rights"]), "");
    assert_eq!(office.does(&["rights", "--output", "csv"]), "package,rights,accounts,only,from,since\n");
}
