//! The sandbox's own paths below `/_sandbox/`: what it received and holds, its clock, its faults, and a new beginning.

use super::{
    clock::{CENTURY, check_speed},
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
use serde_json::json;

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

/// Why a request cannot be done.
struct Refused(String);

impl<E: std::error::Error> From<E> for Refused {
    fn from(error: E) -> Self {
        Refused(error.to_string())
    }
}

pub(super) async fn handle(shared: &Shared, request: Request) -> Response {
    answer(shared, request)
        .await
        .unwrap_or_else(|Refused(reason)| (StatusCode::BAD_REQUEST, json(&json!({ "error": reason }))).into_response())
}

async fn answer(shared: &Shared, request: Request) -> Result<Response, Refused> {
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    match (method.as_str(), path.trim_start_matches("/_sandbox/")) {
        ("GET", "requests") => return Ok(json(&json!(shared.state().journal.all())).into_response()),
        ("GET", "clock") => return Ok(time(shared)),
        ("GET", "life") => return Ok(json(&json!(shared.state().life())).into_response()),
        ("GET", "faults") => return Ok(json(&json!(shared.state().faults.open())).into_response()),
        ("GET", "state") => return dump(shared),
        ("GET", "pushes") => return Ok(push::list(shared)),
        ("GET", other) => return Ok(document(other)),
        ("POST", "clock") => {
            move_clock(shared, &body(request).await?).map_err(Refused)?;
            return Ok(time(shared));
        }
        ("POST", "push") => return Ok(push::by_hand(shared, body(request).await?)),
        ("POST", "faults") => {
            let faults: Vec<Fault> = body(request).await?;
            let mut state = shared.state();
            faults.iter().try_for_each(|fault| fault.check(&state.options.catalog)).map_err(Refused)?;
            state.faults.add(faults);
        }
        ("POST", "reset") => shared.state().reset(),
        ("PUT", "life") => {
            let life: Life = body(request).await?;
            life.check().map_err(Refused)?;
            *shared.state().life() = life;
        }
        ("PUT", "state") => {
            let saved = text(request).await?;
            shared.state().load(&saved)?;
        }
        ("DELETE", "requests") => shared.state().journal.clear(),
        ("DELETE", "faults") => shared.state().faults.clear(),
        _ => return Ok(unknown()),
    }
    Ok(json(&json!({ "ok": true })).into_response())
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

fn move_clock(shared: &Shared, time: &Time) -> Result<(), String> {
    if !(0..=CENTURY).contains(&time.advance) {
        return Err(format!("`advance` is {}; it must be 0 to {CENTURY} seconds", time.advance));
    }
    let mut state = shared.state();
    if let Some(speed) = time.speed {
        check_speed(speed)?;
        state.clock.run(speed);
    }
    state.advance(time.advance);
    Ok(())
}

fn time(shared: &Shared) -> Response {
    let state = shared.state();
    json(&json!({ "now": state.clock.now(), "speed": state.clock.speed() })).into_response()
}

fn dump(shared: &Shared) -> Result<Response, Refused> {
    let mut text = Vec::new();
    shared.state().dump(&mut text)?;
    Ok(([(CONTENT_TYPE, JSON)], text).into_response())
}

fn unknown() -> Response {
    (StatusCode::NOT_FOUND, json(&json!({ "error": "the sandbox has no such path" }))).into_response()
}

async fn body<T: DeserializeOwned>(request: Request) -> Result<T, Refused> {
    Ok(serde_json::from_str(&text(request).await?)?)
}

async fn text(request: Request) -> Result<String, Refused> {
    const LARGEST: usize = 1 << 30;
    Ok(String::from_utf8(to_bytes(request.into_body(), LARGEST).await?.into())?)
}
