//! Pushes by hand: an event that a person thought of, and what became of the events.

use crate::{
    message::is_name,
    sandbox::{
        life::Event,
        server::{Shared, json},
    },
};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What every message begins with.
const HEAD: [&str; 5] = ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Event"];

/// An event by hand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sandbox) struct ByHand {
    /// The first mini program when left out.
    appid: Option<String>,
    /// `secvod_upload_event`, or any other name.
    event: String,
    /// What stands beside the head that every message has: `{"upload_event": {…}}`.
    #[serde(default)]
    fields: Map<String, Value>,
}

/// `POST /_sandbox/push`
pub(in crate::sandbox) fn by_hand(shared: &Shared, given: ByHand) -> Response {
    let mut state = shared.state();
    if state.options.push.is_none() {
        return refused(StatusCode::CONFLICT, "nothing is pushed: the sandbox was started without --push-to");
    }
    let meant = |appid: &&str| given.appid.as_deref().is_none_or(|meant| meant == *appid);
    let Some(to) = state.options.appids().find(meant).map(str::to_owned) else {
        return refused(StatusCode::BAD_REQUEST, "the sandbox has no such mini program");
    };
    if given.event.is_empty() || HEAD.iter().any(|name| given.fields.contains_key(*name)) {
        let reason = format!("an event has a name, and its fields stand beside {}", HEAD.join(", "));
        return refused(StatusCode::BAD_REQUEST, &reason);
    }
    if let Some(name) = given.fields.iter().find_map(|(name, value)| bad_name(name, value)) {
        return refused(StatusCode::BAD_REQUEST, &format!("{name:?} cannot be the name of an XML element"));
    }
    let time = state.clock.now();
    state.push(Event { to, time, name: given.event, fields: given.fields });
    json(&json!({ "ok": true })).into_response()
}

/// `GET /_sandbox/pushes`
pub(in crate::sandbox) fn list(shared: &Shared) -> Response {
    json(&json!(shared.state().outbox.listed())).into_response()
}

/// The first name in there that XML does not allow.
fn bad_name<'a>(name: &'a str, value: &'a Value) -> Option<&'a str> {
    if !is_name(name) {
        return Some(name);
    }
    match value {
        Value::Object(fields) => fields.iter().find_map(|(name, value)| bad_name(name, value)),
        Value::Array(items) => items.iter().find_map(|item| bad_name(name, item)),
        _ => None,
    }
}

fn refused(status: StatusCode, reason: &str) -> Response {
    (status, json(&json!({ "error": reason }))).into_response()
}
