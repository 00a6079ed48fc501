//! The sandbox's own paths below `/_sandbox/`: what it received and holds, its clock, its faults, and a new beginning.

use super::{
    documents,
    faults::Fault,
    life::Life,
    push,
    server::{Shared, json},
};
use axum::{
    body::to_bytes,
    extract::Request,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// How the clock goes on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Time {
    /// Seconds forward.
    #[serde(default)]
    advance: i64,
    /// How many seconds pass in a real one.
    speed: Option<f64>,
}

pub(super) async fn handle(shared: &Shared, request: Request) -> Response {
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    let outcome = match (method.as_str(), path.trim_start_matches("/_sandbox/")) {
        ("GET", "requests") => Ok(json(&json!(shared.state().journal.all())).into_response()),
        ("DELETE", "requests") => Ok(done(shared.state().journal.clear())),
        ("GET", "clock") => Ok(time(shared)),
        ("POST", "clock") => body(request).await.map(|time| move_clock(shared, &time)),
        ("GET", "life") => Ok(json(&json!(shared.state().life())).into_response()),
        ("PUT", "life") => body::<Life>(request).await.map(|life| done(*shared.state().life() = life)),
        ("GET", "faults") => Ok(json(&json!(shared.state().faults.open())).into_response()),
        ("POST", "faults") => body::<Vec<Fault>>(request).await.map(|faults| done(shared.state().faults.add(faults))),
        ("DELETE", "faults") => Ok(done(shared.state().faults.clear())),
        ("GET", "state") => dump(shared),
        ("PUT", "state") => text(request).await.and_then(|saved| load(shared, &saved)),
        ("POST", "reset") => Ok(done(shared.state().reset())),
        ("GET", "pushes") => Ok(push::list(shared)),
        ("POST", "push") => body(request).await.map(|event| push::by_hand(shared, event)),
        ("GET", other) => Ok(document(other)),
        _ => Ok(unknown()),
    };
    outcome.unwrap_or_else(|refused| refused)
}

const JSON: &str = "application/json; charset=UTF-8";

/// `openapi/drama.yaml`; every JSON text is a YAML text as well.
fn document(path: &str) -> Response {
    let file = path.strip_prefix("openapi/").and_then(|file| file.rsplit_once('.'));
    let kind = file.and_then(|(_, ending)| match ending {
        "json" => Some(JSON),
        "yaml" => Some("application/yaml; charset=UTF-8"),
        _ => None,
    });
    let document = file.and_then(|(name, _)| documents::document(name));
    match kind.zip(document) {
        Some((kind, document)) => ([(CONTENT_TYPE, kind)], document.to_string()).into_response(),
        None => unknown(),
    }
}

fn move_clock(shared: &Shared, time: &Time) -> Response {
    let mut state = shared.state();
    if let Some(speed) = time.speed {
        state.clock.run(speed);
    }
    state.advance(time.advance);
    drop(state);
    self::time(shared)
}

fn time(shared: &Shared) -> Response {
    let state = shared.state();
    json(&json!({ "now": state.clock.now(), "speed": state.clock.speed() })).into_response()
}

fn dump(shared: &Shared) -> Result<Response, Response> {
    let mut text = Vec::new();
    shared.state().dump(&mut text).map_err(|error| refused(&error.to_string()))?;
    Ok(([(CONTENT_TYPE, JSON)], text).into_response())
}

fn load(shared: &Shared, saved: &str) -> Result<Response, Response> {
    shared.state().load(saved).map(done).map_err(|error| refused(&error.to_string()))
}

fn done((): ()) -> Response {
    json(&json!({ "ok": true })).into_response()
}

fn unknown() -> Response {
    (StatusCode::NOT_FOUND, json(&json!({ "error": "the sandbox has no such path" }))).into_response()
}

fn refused(reason: &str) -> Response {
    let reason: Value = json!({ "error": reason });
    (StatusCode::BAD_REQUEST, json(&reason)).into_response()
}

async fn body<T: DeserializeOwned>(request: Request) -> Result<T, Response> {
    serde_json::from_str(&text(request).await?).map_err(|error| refused(&error.to_string()))
}

async fn text(request: Request) -> Result<String, Response> {
    const LARGEST: usize = 1 << 30;
    let bytes = to_bytes(request.into_body(), LARGEST).await.map_err(|error| refused(&error.to_string()))?;
    String::from_utf8(bytes.into()).map_err(|error| refused(&error.to_string()))
}
