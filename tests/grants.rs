//! `grants::`: any number of grants, each judged, none given twice, none left out.

use crate::script::{Script, Server};
use juben::{
    error::Kind,
    sandbox::{Fault, FaultKind},
};
use std::sync::Arc;

/// Rows for so many mini programs, all for one book of the sandbox.
const ROWS: &str = r#"
    fn appid(n) { let digits = "000000000000" + n; "wx0a1b" + digits.sub_string(digits.len - 12) }
    fn rows(count) {
        let rows = [];
        for n in 0..count {
            rows.push(#{ kind: "book", item: "Bk7aQ2x9", grantee: appid(n), expires_at: 1900000000 });
        }
        rows
    }
"#;

fn script(server: &Arc<Server>, text: &str) -> Script {
    Script::on(server, &format!("{ROWS}\n{text}"))
}

/// How many of these grants the platform has.
fn there(server: &Arc<Server>) -> String {
    let count = r#"grants::list(#{ scope: "book" }).filter(|row| row.grantee.starts_with("wx0a1b")).len"#;
    script(server, count).run().result.unwrap().to_string()
}

fn calls(server: &Server, operation: &str) -> usize {
    server.operations().iter().filter(|name| *name == operation).count()
}

#[test]
fn any_number_of_rows_is_cut_into_calls_and_nothing_is_given_twice() {
    let server = Arc::new(Server::start());
    let give = "let report = grants::add(rows(45)); [report.done.len, report.already.len, report.failed.len]";
    script(&server, give).returns("[45,0,0]");
    assert_eq!((calls(&server, "novel.add_book_auth"), there(&server).as_str()), (3, "45"));
    script(&server, give).returns("[0,45,0]");
    assert_eq!(calls(&server, "novel.add_book_auth"), 3);
}

#[test]
fn a_row_that_fails_is_named_with_its_code_and_stops_no_other() {
    let server = Arc::new(Server::start());
    server.sandbox.drop_category("wx0a1b000000000007");
    let text = r#"
        let rows = rows(30);
        rows[3].item = "nope";
        let report = grants::add(rows);
        [report.done.len, report.failed.map(|row| row.code), report.unknown.len]
    "#;
    script(&server, text).returns("[28,[10145004,10145006],0]");
}

#[test]
fn an_answer_that_is_lost_is_settled_by_reading() {
    for (kind, attempts) in [(FaultKind::ResetAfter, 1), (FaultKind::ResetBefore, 2)] {
        let server = Arc::new(Server::start());
        server.sandbox.fail([Fault { operation: Some("novel.add_book_auth".into()), ..Fault::next(kind) }]);
        script(&server, "let report = grants::add(rows(5)); [report.done.len, report.unknown.len]").returns("[5,0]");
        assert_eq!((calls(&server, "novel.add_book_auth"), there(&server).as_str()), (attempts, "5"));
    }
}

#[test]
fn behind_calls_that_fail_in_every_way_nothing_is_lost_or_doubled() {
    let server = Arc::new(Server::start());
    let fault = |operation: &str, kind| Fault { operation: Some(operation.into()), ..Fault::next(kind) };
    let reads = [FaultKind::ResetAfter, FaultKind::Http, FaultKind::Html];
    server.sandbox.fail(reads.map(|kind| fault("novel.query_book_auth", kind)));
    let writes = [FaultKind::ResetAfter, FaultKind::Truncate, FaultKind::ResetBefore];
    server.sandbox.fail(writes.map(|kind| fault("novel.add_book_auth", kind)));
    script(&server, "let report = grants::add(rows(90)); [report.done.len, report.failed.len, report.unknown.len]")
        .returns("[90,0,0]");
    assert_eq!(there(&server), "90");
}

#[test]
fn a_used_up_quota_stops_at_once_and_says_which_rows_are_left() {
    let server = Arc::new(Server::start());
    let quota = Fault { operation: Some("novel.add_book_auth".into()), code: 45009, ..Fault::next(FaultKind::Errcode) };
    server.sandbox.fail([quota]);
    let text = "let report = grants::add(rows(90)); [report.done.len, report.failed.len, report.failed[89].code]";
    script(&server, text).returns("[0,90,45009]");
    assert_eq!(calls(&server, "novel.add_book_auth"), 1);
}

#[test]
fn many_calls_at_once_give_each_row_once_and_report_the_rows_in_their_order() {
    let server = Arc::new(Server::start());
    let text = r#"
        let rows = rows(170);
        rows[33].item = "nope";
        let seen = [];
        let report = grants::add(rows, #{ at_once: 8, on_progress: |settled, all| {
            novel::list_books(#{ limit: 1 });   // a call of its own
            seen.push([settled, all]);
        } });
        let left = rows; left.remove(33);
        [
            report.done.map(|row| row.grantee) == left.map(|row| row.grantee), report.failed.map(|row| row.grantee),
            seen[seen.len - 1], seen.map(|it| it[0]) == data::sort_by(seen.map(|it| #{ n: it[0] }), "n").map(|it| it.n)
        ]
    "#;
    script(&server, text).returns(r#"[true,["wx0a1b000000000033"],[170,170],true]"#);
    assert_eq!((calls(&server, "novel.add_book_auth"), there(&server).as_str()), (9, "169"));
    let text = r#"
        let report = grants::revoke(rows(170), #{ at_once: 16 });
        let gone = report.done.map(|row| row.grantee);
        [gone == rows(170).map(|row| row.grantee).filter(|grantee| grantee != appid(33)), report.already.len]
    "#;
    script(&server, text).returns("[true,1]");
    assert_eq!(there(&server), "0");
    for options in ["#{ at_once: 0 }", "#{ at_once: 17 }", "#{ at_once: \"2\" }"] {
        script(&server, &format!("grants::add([], {options})")).throws(Kind::Argument);
    }
}

#[test]
fn after_a_used_up_quota_only_the_calls_in_flight_were_sent() {
    let server = Arc::new(Server::start());
    let fault = Fault::often(FaultKind::Errcode, 1.0);
    server.sandbox.fail([Fault { operation: Some("novel.add_book_auth".into()), code: 45009, ..fault }]);
    let text = "let report = grants::add(rows(400), #{ at_once: 4 }); [report.failed.len, report.failed[399].code]";
    script(&server, text).returns("[400,45009]");
    assert_eq!(calls(&server, "novel.add_book_auth"), 4);
}

#[test]
fn a_row_that_is_taken_back_twice_is_refused_before_anything_is_sent() {
    let server = Arc::new(Server::start());
    let error = script(&server, "grants::revoke(rows(3) + rows(1))").throws(Kind::Argument);
    assert_eq!((error.message.as_str(), server.operations().len()), ("rows[3] is the same grant as rows[0]", 0));
}

#[test]
fn a_listing_that_fails_ends_it_before_anything_is_sent() {
    let server = Arc::new(Server::start());
    let listing = Fault { operation: Some("drama.get_authorize_objects".into()), ..Fault::often(FaultKind::Http, 1.0) };
    server.sandbox.fail([listing]);
    let drama = r#"#{ kind: "drama", item: 310045, grantee: appid(1), expires_at: "forever" }"#;
    script(&server, &format!("let rows = rows(3); rows.push({drama}); grants::add(rows)")).throws(Kind::Server);
    assert_eq!((calls(&server, "novel.add_book_auth"), there(&server).as_str()), (0, "0"));
}

#[test]
fn what_can_be_known_to_be_wrong_sends_nothing() {
    let server = Arc::new(Server::start());
    let wrong = [
        ("rows[1].grantee = rows[0].grantee;", "rows[1] is the same grant as rows[0]"),
        ("rows[1].grantee = \"wx1234567890abcdef\";", "rows[1] grants to the account itself"),
        ("rows[1].expires_at = 1600000000;", "rows[1] ends at 1600000000, which is past"),
        ("rows[1].expires_at = 1900000000000;", "the latest end is 2147483646"),
        ("rows[1].expires_at = \"forever\";", "rows[1] has no end"),
        ("rows[1].kind = \"bok\";", "rows[1]: there is no kind of grants \"bok\""),
        ("rows[1].kind = \"all_books\";", "rows[1] gives everything that the account has"),
        (
            "rows[1] += #{ kind: \"drama\", item: 310045, expires_at: time::now() + 86400 };",
            "rows[1] ends in less than 7 days",
        ),
        ("rows[1].remove(\"grantee\");", "rows[1]: has no `grantee`"),
    ];
    for (change, message) in wrong {
        let error = script(&server, &format!("let rows = rows(3); {change} grants::add(rows)")).throws(Kind::Argument);
        assert!(error.message.contains(message), "{change}: {}", error.message);
    }
    assert_eq!(server.operations(), Vec::<String>::new());
}

#[test]
fn a_plan_is_what_is_done_and_nothing_else() {
    let server = Arc::new(Server::start());
    let text = r#"
        let wanted = grants::list(#{ scope: "drama" });
        let before = wanted.len;
        wanted.remove(0);                                       // to be taken back
        wanted[0].expires_at = time::now() + time::days(800);   // to be extended
        wanted.push(#{ kind: "drama", item: 310046, grantee: "wx00000000000000e1", expires_at: "forever" });
        let plan = grants::plan(wanted);
        let report = grants::apply(plan);
        let again = grants::plan(wanted);
        [plan.add, plan.extend, plan.revoke, report.done.len, again.changes.len, again.unchanged == before]
    "#;
    script(&server, text).returns("[1,1,1,3,0,true]");
}

#[test]
fn a_plan_whose_ground_has_moved_is_refused_and_changes_nothing() {
    let server = Arc::new(Server::start());
    let text = r#"
        let wanted = grants::list(#{ scope: "drama" });
        wanted[0].expires_at = time::now() + time::days(800);
        let plan = grants::plan(wanted);
        grants::revoke([wanted[0]]);
        grants::apply(plan)
    "#;
    script(&server, text).throws(Kind::Conflict);
    assert_eq!(calls(&server, "drama.authorize_drama"), 0);
}
