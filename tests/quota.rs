//! Every call is told of, tokens and quotas are shared, and the calls of a day are counted.

use crate::{
    command::{Ended, Juben},
    script::{RUNTIME, Server, call},
};
use futures_util::future::BoxFuture;
use juben::{
    Error,
    catalog::{Catalog, Effect},
    client::{Called, Client, Desk, Place},
    error::Kind,
    sandbox::{Fault, FaultKind},
    secret::Secret,
};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

/// What a client was told, in order.
fn told(client: &Client) -> (Client, Arc<Mutex<Vec<Called>>>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let kept = told.clone();
    (client.for_run(move |called| kept.lock().unwrap().push(called.clone())), told)
}

#[test]
fn every_call_of_a_run_is_told_of_with_those_that_fetch_tokens() {
    let server = Server::start();
    let (client, told) = told(&server.client());
    let fields = r#"{"media_id": 1}"#;
    RUNTIME.block_on(async {
        call(&client, "drama.list_media", r#"{"limit": 1}"#).await.unwrap();
        call(&client, "drama.get_media", fields).await.unwrap_err();
        call(&client, "drama.get_media", r#"{"media_id": "x"}"#).await.unwrap_err();
    });
    let told = told.lock().unwrap();
    let short: Vec<_> = told.iter().map(|it| (it.operation.as_str(), it.sent, it.failure.is_some())).collect();
    let expected =
        [("platform.get_stable_access_token", 1, false), ("drama.list_media", 1, false), ("drama.get_media", 1, true)];
    assert_eq!(short, expected);
    assert!(told.iter().all(|it| it.account == "sandbox" && it.effect == Effect::Read), "{told:?}");
    assert_eq!(told[2].failure.as_ref().map(|(kind, _)| *kind), Some(Kind::NotFound));
    assert!(told.windows(2).all(|pair| pair[0].began <= pair[1].began + pair[1].took), "{told:?}");
}

#[test]
fn a_call_that_is_repeated_tells_how_many_requests_it_took() {
    let server = Server::start();
    server.sandbox.fail([Fault {
        operation: Some("drama.list_media".into()),
        times: 2,
        ..Fault::next(FaultKind::Http)
    }]);
    let (client, told) = told(&server.client());
    RUNTIME.block_on(call(&client, "drama.list_media", "{}")).unwrap();
    let told = told.lock().unwrap();
    assert_eq!((told[1].operation.as_str(), told[1].sent, &told[1].failure), ("drama.list_media", 3, &None));
}

#[test]
fn a_call_without_a_connection_is_told_of_with_no_request() {
    let mut config = Server::start().config();
    config.account.values_mut().for_each(|account| account.base_url = Some("http://127.0.0.1:1".into()));
    config.http.retries = 1;
    let (client, told) = told(&Client::new(Catalog::builtin(), &config).direct());
    RUNTIME.block_on(call(&client, "drama.list_media", "{}")).unwrap_err();
    let told = told.lock().unwrap();
    let short: Vec<_> = told.iter().map(|it| (it.operation.as_str(), it.sent)).collect();
    assert_eq!(short, [("platform.get_stable_access_token", 0)]);
    assert_eq!(told[0].failure.as_ref().map(|(kind, _)| *kind), Some(Kind::Network));
}

#[test]
fn a_call_that_nobody_waits_for_is_told_of_as_given_up() {
    let server = Server::start();
    let (client, told) = told(&server.client());
    RUNTIME.block_on(async {
        call(&client, "drama.list_media", "{}").await.unwrap();
        server.sandbox.fail([Fault::next(FaultKind::Hang)]);
        let arrived = async {
            while server.sandbox.requests().len() < 3 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            _ = call(&client, "drama.list_media", "{}") => unreachable!("there is no answer"),
            () = arrived => {}
        }
    });
    let told = told.lock().unwrap();
    assert_eq!((told[2].sent, told[2].failure.as_ref().map(|(kind, _)| *kind)), (1, Some(Kind::Cancelled)));
}

#[test]
fn the_runs_of_a_client_have_one_token() {
    let server = Server::start();
    let client = server.client();
    let runs = [told(&client), told(&client), told(&client)];
    RUNTIME.block_on(async {
        for (run, _) in &runs {
            call(run, "drama.list_media", "{}").await.unwrap();
        }
    });
    assert_eq!(server.token_calls(), 1);
    assert_eq!(runs.map(|(_, told)| told.lock().unwrap().len()), [2, 1, 1]);
}

/// A desk in another process, as good as that: it has a client of its own, and counts who comes.
#[derive(Debug)]
struct Counter {
    client: Client,
    tokens: AtomicUsize,
    places: Arc<AtomicUsize>,
}

struct Taken(Arc<AtomicUsize>, #[expect(dead_code, reason = "held")] Place);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.fetch_add(1, Relaxed);
    }
}

impl Desk for Counter {
    fn token<'a>(
        &'a self,
        account: &'a str,
        operation: &'a str,
        failing: Option<&'a Secret>,
    ) -> BoxFuture<'a, Result<Secret, Error>> {
        self.tokens.fetch_add(1, Relaxed);
        Desk::token(&self.client, account, operation, failing)
    }

    fn place<'a>(&'a self, account: &'a str, operation: &'a str) -> BoxFuture<'a, Result<Place, Error>> {
        Box::pin(async move {
            let place = Desk::place(&self.client, account, operation).await?;
            Ok(Place::new(Taken(self.places.clone(), place)))
        })
    }
}

#[test]
fn a_client_at_a_desk_fetches_no_token_of_its_own_and_gives_every_place_back() {
    let server = Server::start();
    let desk = Arc::new(Counter { client: server.client(), tokens: AtomicUsize::new(0), places: Arc::default() });
    let (client, told) = told(&server.client().at_desk(desk.clone()));
    RUNTIME.block_on(async {
        call(&client, "drama.list_media", "{}").await.unwrap();
        // The token ends: the one that fails is handed in for another.
        server.sandbox.advance(7_201);
        call(&client, "drama.list_media", "{}").await.unwrap();
        call(&client, "polyv.v2_list_new", "{}").await.unwrap();
    });
    let told = told.lock().unwrap();
    assert!(told.iter().all(|it| !it.operation.starts_with("platform.")), "{told:?}");
    assert_eq!(server.token_calls(), 2);
    assert_eq!((desk.tokens.load(Relaxed), desk.places.load(Relaxed)), (3, 4));
}

#[test]
fn what_goes_wrong_at_the_desk_is_what_goes_wrong_with_the_call() {
    let server = Server::start();
    let mut config = server.config();
    config.account.values_mut().for_each(|account| account.secret = None);
    let desk = Client::new(Catalog::builtin(), &config).direct();
    let client = server.client().at_desk(Arc::new(desk));
    let error = RUNTIME.block_on(call(&client, "drama.list_media", "{}")).unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (Kind::Config, "account `sandbox` has no `secret`"));
    assert_eq!(server.sandbox.requests(), []);
}

/// `juben` with the accounts of this sandbox and a state of its own.
fn juben(server: &Server, state: &tempfile::TempDir, arguments: &[&str]) -> Juben {
    Juben::new(arguments).file("juben.toml", &server.toml()).env("JUBEN_STATE", state.path().to_str().unwrap())
}

#[track_caller]
fn ends_well(juben: Juben) -> String {
    let Ended { code, stdout, stderr } = juben.run();
    assert_eq!((code, stderr.as_str()), (0, ""));
    stdout
}

/// What `juben quota` lists, without the time of the next day.
#[track_caller]
fn quota(server: &Server, state: &tempfile::TempDir, arguments: &[&str]) -> Vec<String> {
    let all = [&["quota", "--output", "csv"], arguments].concat();
    let listed = ends_well(juben(server, state, &all));
    let mut lines = csv::Reader::from_reader(listed.as_bytes());
    let columns = lines.headers().unwrap().clone();
    let row = |row: csv::StringRecord| {
        let of = |name: &str| row[columns.iter().position(|column| column == name).unwrap()].to_owned();
        assert!(of("resets").is_empty() == of("limit").is_empty() && !of("resets").contains("Z"), "{row:?}");
        [of("account"), of("operation"), of("calls"), of("limit"), of("left")].join(" ").trim().to_owned()
    };
    lines.records().map(|record| row(record.unwrap())).collect()
}

#[test]
fn the_calls_of_runs_of_single_calls_and_of_the_prompt_add_up() {
    let (server, state) = (Server::start(), tempfile::tempdir().unwrap());
    let script = "for i in 0..3 { novel::list_books(#{ limit: 1 }); } polyv::v2_list_new();";
    ends_well(juben(&server, &state, &["run", "a.rhai"]).file("a.rhai", script));
    ends_well(juben(&server, &state, &["call", "novel.list_books"]));
    let mut prompt = juben(&server, &state, &["repl", "--no-rc"]).file("entries", "novel::list_books();\n");
    let entries = std::fs::File::open(prompt.folder().join("entries")).unwrap();
    prompt.command().stdin(entries);
    ends_well(prompt);
    let expected = [
        "sandbox novel.list_books 5",
        "sandbox platform.get_stable_access_token 3 500000 499997",
        "sandbox-polyv polyv.v2_list_new 1",
    ];
    assert_eq!(quota(&server, &state, &[]), expected);
    assert_eq!(quota(&server, &state, &["--account", "sandbox-polyv"]), expected[2..]);
    assert_eq!(server.sandbox.requests().len(), 9);
}

#[test]
fn calls_of_a_run_that_fails_are_counted_with_their_repetitions() {
    let (server, state) = (Server::start(), tempfile::tempdir().unwrap());
    let fault = Fault { operation: Some("novel.list_books".into()), times: 2, ..Fault::next(FaultKind::Http) };
    server.sandbox.fail([fault]);
    let script = "novel::list_books(); drama::get_media(#{ media_id: 1 });";
    assert_eq!(juben(&server, &state, &["run", "-q", "a.rhai"]).file("a.rhai", script).run().code, 1);
    let counted = quota(&server, &state, &[]);
    assert_eq!(counted[..2], ["sandbox drama.get_media 1", "sandbox novel.list_books 3"]);
}

#[test]
fn what_no_platform_counts_is_not_counted() {
    let (server, state) = (Server::start(), tempfile::tempdir().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let tape = folder.path().join("tape.jsonl");
    let tape = tape.to_str().unwrap();
    ends_well(juben(&server, &tempfile::tempdir().unwrap(), &["call", "novel.list_books", "--record", tape]));
    for more in [&["--sandbox"][..], &["--dry-run"], &["--replay", tape]] {
        ends_well(juben(&server, &state, &[&["call", "novel.list_books"], more].concat()));
    }
    ends_well(juben(&server, &state, &["run", "a.rhai"]).file("a.rhai", "print(1)"));
    assert!(!state.path().join("juben.db").exists());
    assert_eq!(quota(&server, &state, &[]), [""; 0]);
    let given = state.path().to_str().unwrap();
    ends_well(juben(&server, &state, &["call", "novel.list_books", "--sandbox", "--state", given]));
    assert_eq!(quota(&server, &state, &[])[0], "sandbox novel.list_books 1");
}

#[test]
fn a_run_does_not_fail_because_its_calls_cannot_be_counted() {
    let (server, state) = (Server::start(), tempfile::tempdir().unwrap());
    let call = juben(&server, &state, &["call", "novel.list_books", "--state", "/dev/null/no"]);
    assert!(ends_well(call).contains("book_list"));
}

#[test]
fn who_comes_near_the_limit_of_a_day_is_warned_once_at_each_share() {
    let state = tempfile::tempdir().unwrap();
    let document = r#"
        openapi: 3.1.0
        info: { title: Tickets, version: "1" }
        paths:
          /tickets:
            get:
              operationId: list_tickets
              x-juben-quota: [{ calls: 20, seconds: 86400 }]
              responses: { "200": { description: ok } }
    "#;
    let server = Server::start();
    let toml = "[[api]]\nname = \"tickets\"\ndocument = \"tickets.yaml\"\n";
    let run = |calls: u32| {
        let text = format!("for i in 0..{calls} {{ tickets::list_tickets(); }}");
        let given = state.path().to_str().unwrap();
        let run = juben(&server, &state, &["run", "a.rhai", "--sandbox", "--state", given]);
        let ended = run.file("juben.toml", toml).file("tickets.yaml", document).file("a.rhai", &text).run();
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        ended.stderr
    };
    let told = [15, 1, 2, 1, 1, 3].map(run);
    let shares = told
        .map(|told| told.split(" % of").next().and_then(|begin| begin.split_whitespace().last().map(str::to_owned)));
    assert_eq!(shares, [None, Some("80"), None, Some("95"), None, None].map(|share| share.map(str::to_owned)));
}

#[test]
fn an_account_that_does_not_exist_is_no_account_without_calls() {
    let (server, state) = (Server::start(), tempfile::tempdir().unwrap());
    assert_eq!(quota(&server, &state, &["--account", "sandbox"]), [""; 0]);
    let error =
        "usage\n\n  × there is no account `sandbx`, and it has made no call today\n  help: did you mean `sandbox`?";
    juben(&server, &state, &["quota", "--account", "sandbx"]).fails(2, error);
}
