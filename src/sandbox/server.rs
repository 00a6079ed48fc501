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
    wire,
};
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
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;

/// What all requests share.
#[derive(Debug)]
pub(super) struct Shared {
    pub endpoints: &'static Endpoints,
    pub state: Mutex<State>,
    pub stop: CancellationToken,
}

impl Shared {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
    let (method, path) = (request.method().to_string(), wire::path_of(&request));
    let note = |operation: Option<&Endpoint>, caller: String, errcode: i64| {
        let mut state = shared.state();
        let time = state.clock.now();
        let operation = operation.map(|it| it.name.clone());
        state.journal.add(Received { time, method: method.clone(), path: path.clone(), operation, caller, errcode });
    };
    match shared.endpoints.find(&method, request.uri().path()) {
        Found::Nothing => {
            note(None, String::new(), 40066);
            (StatusCode::NOT_FOUND, json(&envelope::nowhere())).into_response()
        }
        Found::OtherMethod(endpoint) => {
            let (status, refusal) = wrong_method(endpoint);
            note(Some(endpoint), String::new(), refusal.code);
            (status, json(&envelope::refusal(&endpoint.operation, refusal, ""))).into_response()
        }
        Found::Operation(endpoint, values) => {
            let wire = wire::read(endpoint, values, request).await;
            let fault = shared.state().faults.meet(&endpoint.name);
            if let Some(fault) = fault.as_ref().filter(|fault| !has_effect(fault)) {
                note(Some(endpoint), String::new(), fault.code);
                return in_place_of_answer(&shared, endpoint, fault, &peer).await;
            }
            let ip = peer.ip.to_string();
            let Answered { reply, caller, code } = shared.state().answer(shared.endpoints, endpoint, wire, &ip);
            note(Some(endpoint), caller, code);
            match fault.map(|fault| fault.kind) {
                Some(FaultKind::ResetAfter) => peer.cut_off(),
                Some(FaultKind::Truncate) => return pieces::half(write(reply)).await,
                _ => {}
            }
            write(reply)
        }
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

fn write(reply: Reply) -> Response {
    match reply {
        Reply::Json { body, stub: false } => json(&body).into_response(),
        Reply::Json { body, stub: true } => {
            ([(HeaderName::from_static("x-juben-sandbox"), "stub")], json(&body)).into_response()
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
    matches!(fault.kind, FaultKind::ResetAfter | FaultKind::Truncate)
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
