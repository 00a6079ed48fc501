//! What `juben serve` answers over HTTP: whether it lives, whether it is ready, its metrics, and the pushes of platforms.

use super::metrics::Metrics;
use crate::{Error, client::Meter, config, error::Kind, lock::lock, secret::Secret, store::Store};
use axum::{
    Router,
    extract::{Request, State},
    http::{
        HeaderMap, StatusCode,
        header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use subtle::ConstantTimeEq;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// A state that takes longer to answer is not ready.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the answers are made of.
#[derive(Debug)]
pub(super) struct Desk {
    pub store: Arc<Store>,
    pub metrics: Metrics,
    /// Counts the calls of the day.
    pub meter: Arc<Meter>,
    /// What opens the metrics.
    pub password: Option<Secret>,
    /// Says that no new runs begin.
    pub stopping: CancellationToken,
    /// Takes the pushes; another one after the configuration was read again.
    pub pushes: Mutex<Router>,
}

/// The whole of it.
pub(super) fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(readiness))
        .route("/metrics", get(metrics))
        .fallback(push)
        .with_state(desk)
}

async fn readiness(State(desk): State<Arc<Desk>>) -> Response {
    let store = match timeout(PATIENCE, desk.store.going()).await {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some("the state does not answer".to_owned()),
    };
    let stopping = desk.stopping.is_cancelled().then(|| "it is stopping".to_owned());
    let reasons: Vec<_> = store.into_iter().chain(stopping).collect();
    match reasons.is_empty() {
        true => "ready\n".into_response(),
        false => (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", reasons.join("\n"))).into_response(),
    }
}

async fn metrics(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Response {
    if desk.password.as_ref().is_some_and(|password| !is_opened(&headers, password)) {
        let asks = [(WWW_AUTHENTICATE, "Basic realm=\"juben\"")];
        return (StatusCode::UNAUTHORIZED, asks, "give the password of [serve]\n").into_response();
    }
    let text = desk.metrics.render(&desk.store, &desk.meter).await;
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

async fn push(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let pushes = lock(&desk.pushes).clone();
    TowerToHyperService::new(pushes).call(request).await.unwrap_or_else(|never| match never {})
}

/// `Basic` with any user, or `Bearer`.
fn is_opened(headers: &HeaderMap, password: &Secret) -> bool {
    let given =
        headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.split_once(' '));
    let given = match given {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Some(token.trim().as_bytes().to_vec()),
        Some((scheme, pair)) if scheme.eq_ignore_ascii_case("basic") => {
            let pair = BASE64_STANDARD.decode(pair.trim()).unwrap_or_default();
            pair.iter().position(|byte| *byte == b':').map(|colon| pair[colon + 1..].to_vec())
        }
        _ => None,
    };
    given.is_some_and(|given| given.ct_eq(password.reveal().as_bytes()).into())
}

/// The password, which is needed where others than this machine can ask.
pub(super) fn password(serve: &config::Serve, listen: SocketAddr) -> Result<Option<Secret>, Error> {
    match &serve.password {
        Some(source) => source.read("the password of [serve]").map(Some),
        None if listen.ip().is_loopback() => Ok(None),
        None => {
            Err(Error::new(Kind::Config, format!("it would listen on {listen}, for others too, without a password"))
                .hint("add password = \"env:JUBEN_SERVE_PASSWORD\" to [serve], or listen on 127.0.0.1 behind a proxy"))
        }
    }
}
