//! How each platform wraps what it answers.

use super::model::Refusal;
use crate::catalog::Operation;
use serde_json::{Map, Value, json};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Wechat,
    PolyvV3,
    PolyvV2,
    /// The old upload of Polyv: a text in `error`.
    PolyvLegacy,
}

fn style(operation: &Operation) -> Style {
    match &operation.envelope {
        Some(envelope) if envelope.code == "error" => Style::PolyvLegacy,
        Some(envelope) if envelope.inner.is_some() => Style::PolyvV3,
        Some(envelope) if envelope.code == "code" => Style::PolyvV2,
        _ => Style::Wechat,
    }
}

/// A reply that tells success.
pub(super) fn success(operation: &Operation, fields: Map<String, Value>, request_id: &str) -> Value {
    let head = match style(operation) {
        Style::Wechat if !says_ok(operation) => json!({}),
        Style::Wechat => json!({ "errcode": 0, "errmsg": "ok" }),
        Style::PolyvV3 => json!({ "requestId": request_id, "code": 200, "status": "success", "error": null }),
        Style::PolyvV2 => json!({ "code": 200, "status": "success", "message": "success" }),
        Style::PolyvLegacy => json!({ "error": "0" }),
    };
    joined(head, fields)
}

/// A reply that tells a refusal.
pub(super) fn refusal(operation: &Operation, refusal: Refusal, request_id: &str) -> Value {
    let Refusal { code, message, fields } = refusal;
    let head = match style(operation) {
        Style::Wechat => json!({ "errcode": code, "errmsg": message }),
        Style::PolyvV3 => json!({
            "requestId": request_id,
            "code": like_http(code),
            "status": "error",
            "error": { "code": polyv(code), "desc": message },
            "data": null,
        }),
        Style::PolyvV2 => json!({ "code": like_http(code), "status": "error", "message": message, "data": "" }),
        Style::PolyvLegacy => json!({ "error": legacy(code).to_string(), "message": message }),
    };
    joined(head, fields)
}

/// A request that belongs to no operation.
pub(super) fn nowhere() -> Value {
    json!({ "errcode": 40066, "errmsg": "invalid url" })
}

/// Some WeChat replies, such as tokens, have no errcode when they worked; the document's example shows which.
fn says_ok(operation: &Operation) -> bool {
    operation.reply.example.as_ref().is_none_or(|example| example.get("errcode").is_some())
}

/// Polyv does not know the codes with which WeChat refuses unreadable bodies.
fn polyv(code: i64) -> i64 {
    if code < 40_000 { code } else { 400 }
}

fn legacy(code: i64) -> i64 {
    const TOO_LARGE: i64 = 4;
    const FAILED: i64 = 15;
    match code {
        45002 => TOO_LARGE,
        code if code < 40_000 => code,
        _ => FAILED,
    }
}

/// Polyv's outer code for an exact one.
fn like_http(code: i64) -> i64 {
    match code {
        103..=105 => 403,
        401 | 403 | 500 => code,
        _ => 400,
    }
}

fn joined(head: Value, fields: Map<String, Value>) -> Value {
    let mut all = match head {
        Value::Object(head) => head,
        _ => Map::new(),
    };
    for (name, value) in fields {
        all.insert(name, value);
    }
    Value::Object(all)
}
