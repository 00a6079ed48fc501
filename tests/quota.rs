//! Every call is told of, tokens and quotas are shared, and the calls of a day are counted.

use crate::script::{RUNTIME, Server, call};
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
        let waits = call(&client, "drama.list_media", "{}");
        tokio::time::timeout(Duration::from_millis(300), waits).await.unwrap_err();
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
