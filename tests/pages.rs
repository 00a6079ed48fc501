//! `pages::`: every item once, in order, whatever the style and the page's size.

use crate::script::{Script, Server};
use juben::{
    error::Kind,
    sandbox::{Fault, FaultKind},
};
use proptest::prelude::*;
use std::sync::Arc;

/// One listing of each style, with the field that tells its items apart.
const LISTINGS: [(&str, &str, &str); 5] = [
    ("drama.list_media", "", "media_id"),
    ("novel.list_books", "need_edited_data: true,", "book_id"),
    ("novel.query_book_auth", "type: 0,", "book_id + item.grantee_appid"),
    ("novel.query_app_auth", "type: 0,", "grantee_appid"),
    ("polyv.list_video", "", "vid"),
];

fn ids(server: &Arc<Server>, listing: (&str, &str, &str), size: usize, ahead: usize) -> String {
    let (name, filter, id) = listing;
    let limit = match name {
        "novel.query_book_auth" | "novel.query_app_auth" => "count",
        "polyv.list_video" => "pageSize",
        _ => "limit",
    };
    let script = format!(
        r#"let ids = []; for item in pages::of("{name}", #{{ {filter} {limit}: {size} }}, #{{ ahead: {ahead} }}) {{
            ids.push(item.{id}); }} ids"#
    );
    let ids = Script::on(server, &script).run().result.unwrap();
    juben::client::encode(&ids).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn every_item_comes_once_and_in_order_for_any_style_and_size(which in 0..LISTINGS.len(), size in 1_usize..31, ahead in 1_usize..5) {
        let server = Arc::new(Server::start());
        let whole = ids(&server, LISTINGS[which], 30, 1);
        prop_assert!(whole.len() > 10);
        prop_assert_eq!(ids(&server, LISTINGS[which], size, ahead), whole);
    }
}

#[test]
fn a_page_that_fails_is_asked_for_again_and_never_ends_the_loop() {
    let server = Arc::new(Server::start());
    let whole = ids(&server, LISTINGS[0], 10, 1);
    for kind in [FaultKind::Html, FaultKind::ResetBefore, FaultKind::ResetAfter, FaultKind::Truncate, FaultKind::Http] {
        server.sandbox.fail([Fault::next(kind), Fault::next(kind)]);
        assert_eq!(ids(&server, LISTINGS[0], 10, 1), whole);
    }
}

#[test]
fn a_page_that_keeps_failing_raises() {
    let server = Arc::new(Server::start());
    server
        .sandbox
        .fail((0..9).map(|_| Fault { operation: Some("drama.list_media".into()), ..Fault::next(FaultKind::Html) }));
    Script::on(&server, r#"let n = 0; for media in pages::of("drama.list_media", #{}) { n += 1; }"#)
        .throws(Kind::Server);
}

#[test]
fn no_page_is_fetched_that_is_not_needed() {
    let server = Arc::new(Server::start());
    Script::on(&server, r#"pages::of("drama.list_media", #{ limit: 5 }).take(3).collect().len"#).returns("3");
    assert!(server.operations().len() <= 3, "{:?}", server.operations());
}

#[test]
fn an_error_of_a_filter_is_an_error_of_the_script() {
    Script::new(r#"pages::of("drama.list_media", #{}).filter(|media| media.nmae == 1).count()"#).throws(Kind::Script);
    Script::new(r#"pages::of("drama.list_media", #{}).filter(|media| 1).count()"#).throws(Kind::Script);
}

#[test]
fn what_does_not_page_is_refused() {
    Script::new(r#"pages::of("drama.get_media", #{})"#).throws(Kind::Argument);
}

#[test]
fn calls_are_answered_in_order_and_one_that_fails_stops_no_other() {
    let script = r#"
        let rows = []; for id in 910001..910041 { rows.push(#{ media_id: if id % 7 == 0 { 1 } else { id } }); }
        let seen = [];
        let replies = calls::many("drama.get_media", rows, #{ at_once: 5, on_progress: |ended, all| seen.push(ended) });
        let wrong = 0;
        for (reply, place) in replies {
            if rows[place].media_id == 1 { if reply.kind != "not_found" { wrong += 1; } }
            else if reply.media_info.media_id != rows[place].media_id { wrong += 1; }
        }
        [wrong, replies.len, seen.len]
    "#;
    Script::new(script).returns("[0,40,40]");
}

#[test]
fn a_checkpoint_belongs_to_one_listing_and_ends_with_it() {
    let server = Arc::new(Server::start());
    let text = |fields: &str, stop: usize| {
        format!(
            r#"let seen = [];
            for media in pages::of("drama.list_media", {fields}, #{{ checkpoint: "tour" }}).batch(7) {{
                seen += media.map(|it| it.media_id);
                if seen.len >= {stop} {{ break; }}
            }}
            seen"#
        )
    };
    let script = Script::on(&server, &text("#{ limit: 10 }", 28));
    let ids = |script: &Script| script.run().result.unwrap().into_typed_array::<i64>().unwrap();
    let first = ids(&script);
    let second = ids(&script);
    // 28 were worked through; the third page, in which it stopped, comes again.
    assert_eq!((first.len(), &second[0]), (28, &first[20]));
    let other = script.with_text(&text("#{ limit: 9 }", 1));
    assert_eq!(ids(&other)[0], first[0]);
    let whole = other.with_text(&text("#{ limit: 9 }", 9999));
    let rest = ids(&whole);
    assert_eq!(ids(&whole)[0], first[0]);
    assert!(rest.len() > 28);
}
