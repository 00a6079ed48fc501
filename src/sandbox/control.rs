//! The sandbox's own paths below `/_sandbox/`: what it received, its clock, faults, and a new beginning.

use super::{
    faults::Fault,
    push,
    server::{Shared, json},
};
use crate::catalog;
use axum::{
    body::to_bytes,
    extract::Request,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    /// Seconds.
    advance: i64,
}

pub(super) async fn handle(shared: &Shared, request: Request) -> Response {
    let (method, path) = (request.method().as_str(), request.uri().path());
    match (method, path.trim_start_matches("/_sandbox/")) {
        ("GET", "requests") => json(&json!(shared.state().journal.all())).into_response(),
        ("DELETE", "requests") => {
            shared.state().journal.clear();
            done()
        }
        ("GET", "clock") => time(shared),
        ("POST", "clock") => match body::<Advance>(request).await {
            Ok(Advance { advance }) => {
                shared.state().clock.advance(advance);
                time(shared)
            }
            Err(refused) => refused,
        },
        ("POST", "reset") => {
            shared.state().reset();
            done()
        }
        ("POST", "faults") => match body::<Vec<Fault>>(request).await {
            Ok(faults) => {
                shared.state().faults.add(faults);
                done()
            }
            Err(refused) => refused,
        },
        ("DELETE", "faults") => {
            shared.state().faults.clear();
            done()
        }
        ("GET", "pushes") => push::list(shared),
        ("POST", "push") => match body(request).await {
            Ok(event) => push::by_hand(shared, event),
            Err(refused) => refused,
        },
        ("GET", other) => document(other),
        _ => unknown(),
    }
}

fn document(path: &str) -> Response {
    let name = path.strip_prefix("openapi/").and_then(|name| name.strip_suffix(".json"));
    match catalog::documents().find(|(document, _)| Some(*document) == name) {
        Some((_, text)) => ([(CONTENT_TYPE, "application/json; charset=UTF-8")], text).into_response(),
        None => unknown(),
    }
}

fn time(shared: &Shared) -> Response {
    json(&json!({ "now": shared.state().clock.now() })).into_response()
}

fn done() -> Response {
    json(&json!({ "ok": true })).into_response()
}

fn unknown() -> Response {
    (StatusCode::NOT_FOUND, json(&json!({ "error": "the sandbox has no such path" }))).into_response()
}

async fn body<T: DeserializeOwned>(request: Request) -> Result<T, Response> {
    const LARGEST: usize = 1 << 20;
    let bytes = to_bytes(request.into_body(), LARGEST).await.unwrap_or_default();
    serde_json::from_slice(&bytes).map_err(|error| {
        let reason: Value = json!({ "error": error.to_string() });
        (StatusCode::BAD_REQUEST, json(&reason)).into_response()
    })
}
