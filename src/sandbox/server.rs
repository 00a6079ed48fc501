//! HTTP: takes requests from the socket, lets the state answer them and writes the answers, faults included.

use super::{
    connection::Peer,
    control,
    endpoint::{Endpoint, Endpoints, Found},
    envelope,
    faults::{Fault, FaultKind},
    journal::Received,
    model::Refusal,
    pieces,
    state::{Answered, Reply, State},
    stub, wire,
};
use crate::lock::lock;
use axum::{
    body::Body,
    extract::{ConnectInfo, Request, State as Shares},
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use serde_json::Value;
use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// What all requests share.
#[derive(Debug)]
pub(super) struct Shared {
    pub endpoints: Endpoints,
    pub state: Mutex<State>,
    pub stop: CancellationToken,
}

impl Shared {
    pub fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

pub(super) async fn handle(
    Shares(shared): Shares<Arc<Shared>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
) -> Response {
    if request.uri().path().starts_with("/_sandbox/") {
        return control::handle(&shared, request).await;
    }
    let line = Line { method: request.method().to_string(), path: wire::path_of(&request) };
    match shared.endpoints.find(&line.method, request.uri().path()) {
        Found::Nothing => {
            let own = shared.endpoints.is_own(request.uri().path());
            line.note(&shared, None, "", 40066);
            let status = if own { StatusCode::NOT_FOUND } else { StatusCode::OK };
            (status, json(&envelope::nowhere())).into_response()
        }
        Found::OtherMethod(endpoint) if endpoint.stub.is_some() => {
            line.note(&shared, Some(endpoint), "", 405);
            write(Reply::Stub(stub::Answer::refusal(405, "the document has this path with other methods only")))
        }
        Found::OtherMethod(endpoint) => {
            let (status, refusal) = wrong_method(endpoint);
            line.note(&shared, Some(endpoint), "", refusal.code);
            (status, json(&envelope::refusal(&endpoint.operation, refusal, ""))).into_response()
        }
        Found::Operation(endpoint, values) => match &endpoint.stub {
            Some(stub) => {
                let sent = stub::read(endpoint, values, request).await;
                call(&shared, &peer, line, endpoint, || stub.answer(&endpoint.operation, &sent)).await
            }
            None => {
                let wire = wire::read(endpoint, values, request).await;
                let ip = peer.ip.to_string();
                let answer = || shared.state().answer(&shared.endpoints, endpoint, wire, &ip);
                call(&shared, &peer, line, endpoint, answer).await
            }
        },
    }
}

/// The first line of a request, for the journal.
struct Line {
    method: String,
    path: String,
}

impl Line {
    fn note(self, shared: &Shared, operation: Option<&Endpoint>, caller: &str, errcode: i64) {
        let mut state = shared.state();
        let received = Received {
            time: state.clock.now(),
            method: self.method,
            path: self.path,
            operation: operation.map(|endpoint| endpoint.name.clone()),
            caller: caller.to_owned(),
            errcode,
        };
        state.journal.add(received);
    }
}

/// Answer a call, unless a fault stands in its way.
async fn call(
    shared: &Shared,
    peer: &Peer,
    line: Line,
    endpoint: &Endpoint,
    answer: impl FnOnce() -> Answered,
) -> Response {
    let fault = shared.state().faults.meet(&endpoint.name);
    if let Some(fault) = fault.as_ref().filter(|fault| !has_effect(fault)) {
        line.note(shared, Some(endpoint), "", fault.code);
        return in_place_of_answer(shared, endpoint, fault, peer).await;
    }
    let Answered { reply, caller, code } = answer();
    line.note(shared, Some(endpoint), &caller, code);
    match fault {
        Some(Fault { kind: FaultKind::Truncate, .. }) => pieces::half(write(reply)).await,
        Some(Fault { kind: FaultKind::Slow, seconds, .. }) => {
            tokio::time::sleep(Duration::try_from_secs_f64(seconds).unwrap_or_default()).await;
            write(reply)
        }
        Some(Fault { kind: FaultKind::SlowBody, seconds, .. }) => pieces::slow(write(reply), seconds).await,
        Some(Fault { kind: FaultKind::Twice, .. }) => {
            peer.repeat();
            write(reply)
        }
        Some(_) => {
            peer.cut_off();
            Body::empty().into_response()
        }
        None => write(reply),
    }
}

fn wrong_method(endpoint: &Endpoint) -> (StatusCode, Refusal) {
    let wanted = endpoint.operation.method;
    match (endpoint.operation.module.as_str(), wanted) {
        ("polyv", _) => (StatusCode::METHOD_NOT_ALLOWED, Refusal::new(400, format!("require {wanted} method"))),
        (_, "GET") => (StatusCode::OK, Refusal::new(43001, "require GET method")),
        _ => (StatusCode::OK, Refusal::new(43002, "require POST method")),
    }
}

/// Marks an answer that is no model's.
const STUB: [(HeaderName, &str); 1] = [(HeaderName::from_static("x-juben-sandbox"), "stub")];

fn write(reply: Reply) -> Response {
    match reply {
        Reply::Json { body, stub: false } => json(&body).into_response(),
        Reply::Json { body, stub: true } => (STUB, json(&body)).into_response(),
        Reply::Stub(answer) => {
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
            let media = HeaderValue::from_str(&answer.media).ok().map(|media| [(CONTENT_TYPE, media)]);
            let media = media.filter(|_| !answer.body.is_empty());
            (status, STUB, media, Body::from(answer.body)).into_response()
        }
        Reply::File(file) => {
            let name: String = file.name.chars().filter(|letter| letter.is_ascii_graphic() && *letter != '"').collect();
            let shown = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
            let shown = shown.unwrap_or(HeaderValue::from_static("attachment"));
            ([(CONTENT_TYPE, HeaderValue::from_static(file.kind)), (CONTENT_DISPOSITION, shown)], file.bytes)
                .into_response()
        }
        Reply::Wrong(reason) => {
            tracing::error!(%reason, "the sandbox is wrong");
            (StatusCode::INTERNAL_SERVER_ERROR, reason).into_response()
        }
    }
}

pub(super) fn json(value: &Value) -> impl IntoResponse + use<> {
    ([(CONTENT_TYPE, "application/json; charset=UTF-8")], value.to_string())
}

fn has_effect(fault: &Fault) -> bool {
    use FaultKind::{ResetAfter, Slow, SlowBody, Truncate, Twice};
    matches!(fault.kind, ResetAfter | Truncate | Slow | SlowBody | Twice)
}

async fn in_place_of_answer(shared: &Shared, endpoint: &Endpoint, fault: &Fault, peer: &Peer) -> Response {
    const PAGE: &str = "<!doctype html><html><head><title>502 Bad Gateway</title></head><body>502</body></html>";
    let status = |usual| fault.status.and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(usual);
    match fault.kind {
        FaultKind::Http => (status(StatusCode::BAD_GATEWAY), "upstream failed").into_response(),
        FaultKind::Html => (status(StatusCode::OK), [(CONTENT_TYPE, "text/html; charset=utf-8")], PAGE).into_response(),
        FaultKind::Huge => ([(CONTENT_TYPE, "application/json; charset=UTF-8")], pieces::huge()).into_response(),
        FaultKind::Hang => {
            shared.stop.cancelled().await;
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        FaultKind::ResetBefore => {
            peer.cut_off();
            Body::empty().into_response()
        }
        _ => {
            let refusal = Refusal::new(fault.code, "a fault was switched on in the sandbox");
            json(&envelope::refusal(&endpoint.operation, refusal, "")).into_response()
        }
    }
}
