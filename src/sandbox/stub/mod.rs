//! Answers for an API of the user's: no model, only its document. What is asked is compared with the schemas; what is
//! answered is the document's example, or else a value made from the schema.

mod merge;
mod page;
mod pattern;
mod request;
mod scalar;
#[cfg(test)]
mod tests;
mod value;

pub(super) use request::read;

use super::state::{Answered, Reply};
use crate::catalog::Operation;
use bytes::Bytes;
use jsonschema::Validator;
use request::{Checks, Sent};
use serde_json::{Map, Value, json};
use std::sync::{Arc, OnceLock};
use value::Maker;

/// What answers for one operation.
#[derive(Debug)]
pub(super) struct Stub {
    document: Arc<Value>,
    path: String,
    method: String,
    checks: OnceLock<Checks>,
    success: OnceLock<(u16, String, Option<Value>)>,
}

/// A reply that is ready to be written.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    /// The content type.
    pub media: String,
    pub body: Bytes,
}

/// Why a request is not answered as it wishes.
#[derive(Debug)]
struct Refused {
    /// The HTTP statuses that fit, the best first.
    statuses: &'static [u16],
    reason: String,
}

const JSON: &str = "application/json";

impl Answer {
    fn json(status: u16, body: &Value) -> Self {
        Answer { status, media: JSON.to_owned(), body: body.to_string().into() }
    }

    /// A refusal of which the document says nothing.
    pub fn refusal(status: u16, reason: &str) -> Self {
        Answer::json(status, &json!({ "error": reason }))
    }
}

impl Stub {
    pub fn new(document: &Arc<Value>, operation: &Operation) -> Self {
        Stub {
            document: document.clone(),
            path: operation.path.clone(),
            method: operation.method.to_lowercase(),
            checks: OnceLock::new(),
            success: OnceLock::new(),
        }
    }

    pub fn answer(&self, operation: &Operation, sent: &Sent) -> Answered {
        let checks = self.checks.get_or_init(|| Checks::new(&self.document, self.raw(), operation));
        let answer = match checks.judge(operation, sent) {
            Ok(fields) => self.success(operation, &fields),
            Err(refused) => self.refusal(&refused),
        };
        let code = if answer.status < 300 { 0 } else { answer.status.into() };
        Answered { reply: Reply::Stub(answer), caller: String::new(), code }
    }

    /// The operation as the document writes it.
    fn raw(&self) -> &Value {
        &self.document["paths"][&self.path][&self.method]
    }

    fn success(&self, operation: &Operation, fields: &Map<String, Value>) -> Answer {
        let (status, media, body) = self.success.get_or_init(|| self.first_success(operation));
        let mut body = body.clone();
        if let (Some(pages), Some(body)) = (&operation.pages, &mut body) {
            page::cut(pages, fields, body);
        }
        let bytes = match body {
            None => Bytes::new(),
            // A text that is no JSON is sent as it is.
            Some(Value::String(text)) if !media.contains("json") => text.into(),
            Some(body) => body.to_string().into(),
        };
        Answer { status: *status, media: media.clone(), body: bytes }
    }

    fn first_success(&self, operation: &Operation) -> (u16, String, Option<Value>) {
        let none = Map::new();
        let responses = self.raw()["responses"].as_object().unwrap_or(&none);
        let mut statuses: Vec<&String> = responses.keys().filter(|status| status.starts_with('2')).collect();
        statuses.sort();
        let name = statuses.first().map_or("default", |name| name.as_str());
        let status = name.parse().unwrap_or(200);
        let (media, mut body) = self.content(&responses.get(name).unwrap_or(&Value::Null)["content"]);
        if let (Some(envelope), Some(Value::Object(fields))) = (&operation.envelope, &mut body)
            && fields.contains_key(&envelope.code)
        {
            fields.insert(envelope.code.clone(), envelope.success.into());
        }
        (status, media, body)
    }

    /// The content type of a response and what stands in it: an example, or what the schema says.
    fn content(&self, content: &Value) -> (String, Option<Value>) {
        let Some(content) = content.as_object() else { return (String::new(), None) };
        let json = content.iter().find(|(media, _)| media.contains("json"));
        let Some((media, found)) = json.or_else(|| content.iter().next()) else { return (String::new(), None) };
        let made = || match found.get("schema") {
            Some(schema) => Maker::new(&self.document).value(schema),
            None if json.is_some() => json!({}),
            None => "text".into(),
        };
        (media.clone(), Some(found.get("example").cloned().unwrap_or_else(made)))
    }

    /// A refusal as the document writes it, with the reason in it.
    fn refusal(&self, refused: &Refused) -> Answer {
        let responses = &self.raw()["responses"];
        let documented = |status: &&u16| responses.get(status.to_string()).is_some();
        let status = *refused.statuses.iter().find(documented).unwrap_or(&refused.statuses[0]);
        let names = [status.to_string(), "4xx".to_owned(), "default".to_owned()];
        let response = names.iter().find_map(|name| responses.get(name));
        let (media, body) = response.map_or((String::new(), None), |response| self.content(&response["content"]));
        match body {
            Some(Value::Object(mut fields)) => match tell(&mut fields, status, &refused.reason) {
                true => Answer { media, ..Answer::json(status, &Value::Object(fields)) },
                false => Answer::refusal(status, &refused.reason),
            },
            _ => Answer::refusal(status, &refused.reason),
        }
    }
}

/// Put the reason where an error usually says it.
fn tell(fields: &mut Map<String, Value>, status: u16, reason: &str) -> bool {
    const NAMES: [&str; 7] = ["detail", "message", "error_description", "msg", "reason", "error", "title"];
    if let Some(given) = fields.get_mut("status").filter(|given| given.is_number()) {
        *given = status.into();
    }
    NAMES.iter().any(|name| match fields.get_mut(*name) {
        Some(Value::String(text)) => {
            reason.clone_into(text);
            true
        }
        Some(Value::Object(inner)) => tell(inner, status, reason),
        _ => false,
    })
}

/// A validator of a schema of this document; `None` when it is one that none can be made of.
fn validator(document: &Value, schema: &Value) -> Option<Validator> {
    let mut schema = match schema {
        Value::Object(_) => schema.clone(),
        _ => return None,
    };
    let mut shared = Map::new();
    gather(document, &schema, &mut shared);
    if !shared.is_empty() {
        schema["components"] = json!({ "schemas": shared });
    }
    let made = jsonschema::options().should_validate_formats(true).build(&schema);
    made.inspect_err(|error| tracing::warn!(%error, "a schema of the document cannot be used")).ok()
}

/// The shared schemas that a schema needs.
fn gather(document: &Value, schema: &Value, shared: &mut Map<String, Value>) {
    match schema {
        Value::Object(fields) => {
            let target = fields.get("$ref").and_then(Value::as_str);
            let name = target.and_then(|target| target.strip_prefix("#/components/schemas/"));
            if let Some(name) = name.filter(|name| !shared.contains_key(*name)) {
                let found = &document["components"]["schemas"][name];
                shared.insert(name.to_owned(), found.clone());
                gather(document, found, shared);
            }
            fields.values().for_each(|inner| gather(document, inner, shared));
        }
        Value::Array(items) => items.iter().for_each(|inner| gather(document, inner, shared)),
        _ => {}
    }
}
