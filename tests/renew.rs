//! The main job: grants that end soon are renewed, once.

use crate::script::{Script, Server};
use juben::error::Kind;
use std::sync::Arc;

const SCRIPT: &str = "scripts/renew_grants.rhai";

fn writes(server: &Server) -> usize {
    let write = |name: &&String| {
        ["novel.add_book_auth", "drama.authorize_drama", "drama.authorize_copyright"].contains(&name.as_str())
    };
    server.operations().iter().filter(write).count()
}

#[test]
fn grants_that_end_soon_are_renewed_and_a_second_run_renews_nothing() {
    let server = Arc::new(Server::start());
    let first = Script::file_of_repository(&server, SCRIPT).run().result.unwrap().into_array().unwrap();
    assert!(first.len() >= 15);
    for row in &first {
        assert_eq!(row.as_map_ref().unwrap()["result"].to_string(), "renewed");
    }
    let sent = writes(&server);
    assert!(sent > 0);
    let second = Script::file_of_repository(&server, SCRIPT).run().result.unwrap().into_array().unwrap();
    assert_eq!((second.len(), writes(&server)), (0, sent));
}

#[test]
fn a_grant_that_cannot_be_renewed_is_named_with_its_reason_and_does_not_stop_the_others() {
    let server = Arc::new(Server::start());
    let give = r#"
        let book = novel::list_books(#{ limit: 1 }).book_list[0].book_id;
        novel::add_book_auth(#{ books: [#{
            book_id: book, grantee_appid: "wx00000000000000d1", expire_time: time::now() + time::days(2)
        }] });
    "#;
    Script::on(&server, give).run().result.map(drop).unwrap();
    server.sandbox.drop_category("wx00000000000000d1");
    let error = Script::file_of_repository(&server, SCRIPT).throws(Kind::Partial);
    assert_eq!(error.kind.exit_code(), 3);
    let rows = error.reply.as_ref().unwrap()["result"].clone().into_array().unwrap();
    let results: Vec<_> = rows.iter().map(|row| row.as_map_ref().unwrap()["result"].to_string()).collect();
    assert_eq!(results.iter().filter(|result| *result == "failed").count(), 1);
    assert!(results.iter().filter(|result| *result == "renewed").count() >= 15);
}

#[test]
fn a_dry_run_sends_no_write() {
    let server = Arc::new(Server::start());
    let planned = Arc::new(std::sync::Mutex::new(Vec::new()));
    let kept = planned.clone();
    let client = juben::client::Client::new(juben::catalog::Catalog::builtin(), &server.config())
        .direct()
        .dry_run(move |it| kept.lock().unwrap().push(it.operation.clone()));
    Script::file_of_repository(&server, SCRIPT).run_with(client, &server.config()).result.map(drop).unwrap();
    assert_eq!(writes(&server), 0);
    assert!(planned.lock().unwrap().contains(&"novel.add_book_auth".to_owned()));
}
