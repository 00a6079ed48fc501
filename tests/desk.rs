//! The desk beside the prompt: what was exchanged, consent to what cannot be undone, and the `:` commands.

use crate::script::{RUNTIME, Script, Server, call};
use juben::{
    catalog::{Catalog, Effect},
    client::Client,
    config::Config,
    error::Kind,
    sandbox::{Fault, FaultKind},
};
use std::sync::{Arc, Mutex};

/// A client of the sandbox whose accounts are production, and the questions that it asks; all get this answer.
fn asking(server: &Server, answer: bool) -> (Client, Arc<Mutex<Vec<String>>>) {
    let toml = server.toml().replace("platform =", "production = true\nplatform =");
    let config = Config::parse(&toml).unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = asked.clone();
    let client = Client::new(Catalog::builtin(), &config).direct().ask(move |planned| {
        kept.lock().unwrap().push(format!("{} {} {:?}", planned.operation, planned.fields, planned.rows));
        Box::pin(async move { answer })
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
