//! Tokens: fetched once, renewed once, and never seen.

use crate::script::{RUNTIME, Script, Server, call};
use juben::{catalog::Catalog, client::Client, config::Config, error::Kind, sandbox};
use std::sync::Arc;

const LIST: &str = "novel::list_books(#{ limit: 1 }); 1";
/// A stable token lives two hours.
const LIFE: i64 = 7_200;

/// That many calls at once; all must work.
#[track_caller]
fn at_once(client: &Arc<Client>, calls: usize) {
    let outcomes = RUNTIME.block_on(async {
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..calls {
            let client = client.clone();
            running.spawn(async move { call(&client, "novel.list_books", r#"{"limit": 1}"#).await.map(drop) });
        }
        running.join_all().await
    });
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
}

/// The answers to one operation, as codes.
fn codes(server: &Server, operation: &str) -> Vec<i64> {
    let requests = server.sandbox.requests().into_iter();
    requests.filter(|it| it.operation.as_deref() == Some(operation)).map(|it| it.errcode).collect()
}

fn refused(code: i64, times: u32) -> sandbox::Fault {
    let fault = sandbox::Fault::next(sandbox::FaultKind::Errcode);
    sandbox::Fault { operation: Some("novel.list_books".into()), code, times, ..fault }
}

/// A client with these tables of `juben.toml`; `URL` stands for the sandbox.
fn client_of(server: &Server, toml: &str) -> (Client, Config) {
    let config = Config::parse(&toml.replace("URL", &server.sandbox.url())).unwrap();
    (Client::new(Catalog::builtin(), &config).direct(), config)
}

#[test]
fn fifty_calls_at_once_fetch_one_token() {
    let server = Server::start();
    at_once(&Arc::new(server.client()), 50);
    assert_eq!((server.token_calls(), server.operations().len()), (1, 50));
}

#[test]
fn a_token_serves_later_calls_too() {
    let server = Arc::new(Server::start());
    Script::on(&server, "for i in 0..5 { novel::list_books(#{ limit: 1 }); drama::list_media(#{ limit: 1 }); } 1")
        .returns("1");
    assert_eq!((server.token_calls(), server.operations().len()), (1, 10));
}

#[test]
fn an_expired_token_is_renewed_once_however_many_calls_it_fails() {
    let server = Server::start();
    let client = Arc::new(server.client());
    at_once(&client, 1);
    server.sandbox.advance(LIFE + 1);
    at_once(&client, 20);
    assert_eq!(server.token_calls(), 2);
    let expired = codes(&server, "novel.list_books").into_iter().filter(|code| *code == 42001).count();
    assert!((1..=20).contains(&expired));
    assert_eq!(server.operations().len(), 21 + expired);
}

#[test]
fn a_token_that_another_program_replaced_is_renewed_without_replacing_that_one() {
    let server = Server::start();
    let (ours, theirs) = (server.client(), server.client());
    RUNTIME.block_on(async {
        call(&ours, "novel.list_books", "{}").await.unwrap();
        call(&theirs, "platform.get_stable_access_token", r#"{"force_refresh": true}"#).await.unwrap();
        call(&ours, "novel.list_books", "{}").await.unwrap();
        call(&theirs, "novel.list_books", "{}").await.unwrap();
    });
    assert_eq!(codes(&server, "novel.list_books"), [0, 40001, 0, 0]);
    // Ours, the forced one, ours again, theirs.
    assert_eq!(server.token_calls(), 4);
}

#[test]
fn a_token_that_the_platform_refuses_while_it_still_hands_it_out_is_replaced_by_force() {
    let server = Arc::new(Server::start());
    server.sandbox.fail([refused(40014, 1)]);
    Script::on(&server, LIST).returns("1");
    assert_eq!(codes(&server, "novel.list_books"), [40014, 0]);
    assert_eq!(server.token_calls(), 3);
}

#[test]
fn a_second_refusal_of_the_token_is_final() {
    for code in [40001, 40014, 42001] {
        let server = Arc::new(Server::start());
        server.sandbox.fail([refused(code, 9)]);
        let error = Script::on(&server, LIST).throws(Kind::Auth);
        assert_eq!((error.code, codes(&server, "novel.list_books")), (Some(code), vec![code, code]));
    }
}

#[test]
fn a_write_whose_token_was_refused_is_done_once() {
    let server = Server::start();
    let client = server.client();
    RUNTIME.block_on(async {
        call(&client, "novel.list_books", "{}").await.unwrap();
        server.sandbox.advance(LIFE + 1);
        let book = call(&client, "novel.list_books", r#"{"limit": 1}"#).await.unwrap();
        server.sandbox.advance(LIFE + 1);
        let book = book["book_list"].as_array_ref().unwrap()[0].as_map_ref().unwrap()["book_id"].to_string();
        let setting = format!(r#"{{"setting": {{"book_id": "{book}", "default_words": 200}}}}"#);
        call(&client, "novel.set_preview", &setting).await.unwrap();
    });
    assert_eq!(codes(&server, "novel.set_preview"), [42001, 0]);
}

#[test]
fn a_wrong_secret_is_final_and_not_told() {
    let server = Arc::new(Server::start());
    let (client, config) = client_of(
        &server,
        r#"
        [account.main]
        platform = "wechat"
        appid = "wx1234567890abcdef"
        secret = "cmd:echo canary-secret"
        base_url = "URL"
        "#,
    );
    let error = Script::on(&server, LIST).run_with(client, &config).result.unwrap_err();
    assert_eq!((error.kind, error.code), (Kind::Auth, Some(40001)));
    assert_eq!(error.operation.as_deref(), Some("platform.get_stable_access_token"));
    assert!(error.message.starts_with("the secret is wrong"), "{error}");
    assert!(error.hint.as_deref().unwrap().contains("correct appid and secret"), "{error:?}");
    assert!(!format!("{error:?}").contains("canary"));
    assert_eq!((server.token_calls(), server.operations().len()), (1, 0));
}

#[test]
fn those_who_wait_for_a_token_that_is_refused_are_refused_with_it() {
    let server = Server::start();
    let toml = server.toml().replace("cmd:echo sandbox-secret", "cmd:echo another-secret");
    let client = Arc::new(client_of(&server, &toml).0);
    let outcomes = RUNTIME.block_on(async {
        let calls = (0..20).map(|_| call(&client, "novel.list_books", "{}"));
        futures_util::future::join_all(calls).await
    });
    for outcome in outcomes {
        assert_eq!(outcome.unwrap_err().code, Some(40001));
    }
    assert_eq!(server.token_calls(), 1);
    // Who comes later asks again: the secret may be right by now.
    RUNTIME.block_on(call(&client, "novel.list_books", "{}")).unwrap_err();
    assert_eq!(server.token_calls(), 2);
}

#[test]
fn an_account_of_plain_tokens_uses_the_plain_call() {
    let server = Arc::new(Server::start());
    let toml = r#"
        [account.main]
        platform = "wechat"
        appid = "wx1234567890abcdef"
        secret = "cmd:echo sandbox-secret"
        token = "plain"
        base_url = "URL"
    "#;
    let (client, _) = client_of(&server, toml);
    RUNTIME.block_on(async {
        call(&client, "novel.list_books", "{}").await.unwrap();
        server.sandbox.advance(LIFE + 1);
        call(&client, "novel.list_books", "{}").await.unwrap();
    });
    assert_eq!(codes(&server, "platform.get_access_token"), [0, 0]);
    assert!(codes(&server, "platform.get_stable_access_token").is_empty());
    assert_eq!(codes(&server, "novel.list_books"), [0, 42001, 0]);
}

const AGENCY: &str = r#"
    [account.shop]
    platform = "wechat"
    appid = "wx00000000000000c1"
    component = "agency"
    refresh_token = "cmd:echo refreshtoken@@@sandbox"
    base_url = "URL"
    [component.agency]
    appid = "wxc000000000000001"
    secret = "cmd:echo sandbox-secret"
    ticket = "cmd:echo ticket@@@sandbox"
    [http]
    backoff_ms = 1
"#;

#[test]
fn a_third_party_platform_acts_for_the_account_that_authorised_it() {
    let server = Server::start();
    let (client, _) = client_of(&server, AGENCY);
    RUNTIME.block_on(async {
        call(&client, "novel.list_books", "{}").await.unwrap();
        call(&client, "drama.list_media", "{}").await.unwrap();
    });
    let callers: Vec<_> = server.sandbox.requests().into_iter().map(|it| (it.operation.unwrap(), it.caller)).collect();
    let expected = [
        ("platform.get_component_access_token", "wxc000000000000001"),
        ("platform.refresh_authorizer_token", "wxc000000000000001"),
        ("novel.list_books", "wx00000000000000c1"),
        ("drama.list_media", "wx00000000000000c1"),
    ];
    assert_eq!(callers, expected.map(|(operation, caller)| (operation.to_owned(), caller.to_owned())));
}

#[test]
fn both_tokens_of_a_third_party_platform_are_renewed_when_they_end() {
    let server = Server::start();
    let (client, _) = client_of(&server, AGENCY);
    RUNTIME.block_on(async {
        call(&client, "novel.list_books", "{}").await.unwrap();
        server.sandbox.advance(LIFE + 1);
        call(&client, "novel.list_books", "{}").await.unwrap();
    });
    assert_eq!(codes(&server, "platform.get_component_access_token"), [0, 0]);
    assert_eq!(codes(&server, "novel.list_books"), [0, 42001, 0]);
}

#[test]
fn a_wrong_ticket_is_final() {
    let server = Server::start();
    let (client, _) = client_of(&server, &AGENCY.replace("ticket@@@", "canary@@@"));
    let error = RUNTIME.block_on(call(&client, "novel.list_books", "{}")).unwrap_err();
    assert_eq!(error.operation.as_deref(), Some("platform.get_component_access_token"));
    assert!(!format!("{error:?}").contains("canary"));
    assert_eq!(server.sandbox.requests().len(), 1);
}

#[test]
fn a_polyv_account_without_the_key_of_a_call_is_told_so_before_anything_is_sent() {
    let server = Server::start();
    let (client, _) = client_of(
        &server,
        r#"
        [account.videos]
        platform = "polyv"
        appid = "jb7Kq2Zx9T"
        userid = "a1b2c3d4e5"
        base_url = "URL"
        "#,
    );
    for (operation, lacking) in [("polyv.v2_list_new", "secretkey"), ("polyv.list_video", "secret")] {
        let error = RUNTIME.block_on(call(&client, operation, "{}")).unwrap_err();
        assert_eq!(error.kind, Kind::Config);
        assert_eq!(error.message, format!("account `videos` has no `{lacking}`"));
        assert_eq!(error.hint, Some(format!("add `{lacking}` to [account.videos] in juben.toml")));
    }
    assert_eq!(server.sandbox.requests(), []);
}

#[test]
fn a_secret_that_cannot_be_read_is_named_with_its_place() {
    let server = Server::start();
    let account = |secret: &str| {
        format!(
            "[account.main]\nplatform = \"wechat\"\nappid = \"wx1234567890abcdef\"\nbase_url = \"URL\"\nsecret = \"{secret}\""
        )
    };
    for (secret, why) in [
        ("env:JUBEN_NO_SUCH", "the environment variable JUBEN_NO_SUCH is not set"),
        ("file:/no/such", "/no/such: No such file or directory (os error 2)"),
        ("file:/dev/null", "it is empty"),
        ("cmd:exit 3", "`exit 3` ended with exit status: 3"),
        ("cmd:true", "it is empty"),
    ] {
        let (client, _) = client_of(&server, &account(secret));
        let error = RUNTIME.block_on(call(&client, "novel.list_books", "{}")).unwrap_err();
        assert_eq!(error.message, format!("the secret of account `main` cannot be read: {why}"));
        assert_eq!(error.kind, Kind::Config);
    }
    assert_eq!(server.sandbox.requests(), []);
}

#[test]
fn a_script_can_fetch_a_token_but_not_show_it() {
    let script = Script::new(
        r#"
        let token = platform::get_stable_access_token().access_token;
        print(token);
        print(`${token} ${[token]} ${#{ a: token }}`);
        log::info(token);
        "#,
    );
    let outcome = script.run();
    outcome.result.map(drop).unwrap();
    assert_eq!(outcome.printed.matches("••••").count(), 4, "{}", outcome.printed);
    let long = |text: &str| text.split(|it: char| !it.is_alphanumeric()).any(|word| word.len() > 60);
    assert!(!long(&outcome.printed) && !long(&outcome.logged), "{}{}", outcome.printed, outcome.logged);
}
