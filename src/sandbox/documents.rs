//! The documents of the catalog for other programs: with the refusals that every call may meet written out.

use crate::catalog;
use serde_json::{Map, Value, json};

/// The methods that a path can have.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The document of that name.
pub(super) fn document(name: &str) -> Option<Value> {
    let (_, text) = catalog::documents().find(|(document, _)| *document == name)?;
    let mut document: Value = serde_json::from_str(text).ok()?;
    let usual = document["x-juben-envelope"].clone();
    for path in document["paths"].as_object_mut()?.values_mut() {
        for method in METHODS {
            if let Some(operation) = path.get_mut(method).and_then(Value::as_object_mut) {
                write_out_refusals(operation, &usual);
            }
        }
    }
    Some(document)
}

/// A reply is what the operation answers, or one whose code is not that of success.
fn write_out_refusals(operation: &mut Map<String, Value>, usual: &Value) {
    let envelope = operation.get("x-juben-envelope").unwrap_or(usual).clone();
    let (Some(code), success) = (envelope["code"].as_str(), &envelope["success"]) else { return };
    let success = if success.is_null() { &json!(0) } else { success };
    let refusal = json!({
        "type": "object",
        "required": [code],
        "properties": { code: { "not": { "enum": [success, success.to_string()] } } },
    });
    for media in media(operation) {
        let answer = media["schema"].take();
        media["schema"] = json!({ "anyOf": [answer, refusal] });
    }
}

/// What a call answers as JSON.
fn media(operation: &mut Map<String, Value>) -> impl Iterator<Item = &mut Value> {
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut);
    let contents = responses.filter_map(|response| response.get_mut("content")?.as_object_mut());
    contents.flat_map(|content| content.iter_mut()).filter(|(kind, _)| kind.contains("json")).map(|(_, media)| media)
}
