//! Reads what was sent to a stub, and compares it with the document.

use super::{
    super::{convert::from_text, endpoint::Endpoint, multipart, shapes::misfit, text::pairs, wire::Wire},
    Refused, validator,
};
use crate::catalog::{Body, Operation, Place, Schema, Type};
use axum::{
    body::to_bytes,
    extract::Request,
    http::{HeaderMap, header::CONTENT_TYPE},
};
use bytes::Bytes;
use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// The largest body that is no upload.
const LARGEST: usize = 10 << 20;
const BAD_REQUEST: &[u16] = &[400, 422];

/// A request as it was sent.
#[derive(Debug, Default)]
pub(in super::super) struct Sent {
    path: Vec<(String, String)>,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    /// A body that is one value.
    bytes: Bytes,
    /// The fields of a form.
    form: Map<String, Value>,
    /// Why the body could not be read.
    defect: Option<String>,
}

pub(in super::super) async fn read(endpoint: &Endpoint, in_path: Vec<(String, String)>, request: Request) -> Sent {
    let query = pairs(request.uri().query().unwrap_or_default()).collect();
    let mut sent = Sent { path: in_path, query, headers: request.headers().clone(), ..Sent::default() };
    let properties = &endpoint.operation.input.properties;
    let field = |(name, text): (String, String)| {
        let value = properties.get(&name).map_or_else(|| Value::String(text.clone()), |it| from_text(it, &text));
        (name, value)
    };
    if sent.media().starts_with("multipart/") {
        let mut wire = Wire::default();
        let outcome = multipart::read(endpoint, &mut wire, request).await;
        sent.defect = outcome.err().map(|refusal| refusal.message);
        sent.form = wire.texts.into_iter().map(field).collect();
        sent.form.extend(wire.files.into_keys().map(|name| (name, json!(""))));
        return sent;
    }
    match to_bytes(request.into_body(), LARGEST).await {
        Ok(bytes) => sent.bytes = bytes,
        Err(_) => sent.defect = Some(format!("it is larger than {LARGEST} bytes, or broke off")),
    }
    if endpoint.operation.body == Body::Form {
        sent.form = pairs(&String::from_utf8_lossy(&sent.bytes)).map(field).collect();
    }
    sent
}

impl Sent {
    fn media(&self) -> String {
        let given = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        given.unwrap_or_default().to_ascii_lowercase()
    }

    fn texts<'a>(&'a self, place: &str, name: &'a str) -> Vec<&'a str> {
        let of = |pairs: &'a [(String, String)]| {
            let same = pairs.iter().filter(move |(given, _)| given == name);
            same.map(|(_, text)| text.as_str()).collect()
        };
        match place {
            "path" => of(&self.path),
            "query" => of(&self.query),
            _ => self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect(),
        }
    }
}

/// What is asked of a request, made when the first one comes.
#[derive(Debug)]
pub(super) struct Checks {
    parameters: Vec<Parameter>,
    body: Option<Validator>,
    body_required: bool,
}

#[derive(Debug)]
struct Parameter {
    name: String,
    /// `path`, `query` or `header`.
    place: String,
    required: bool,
    /// Whether it authorises the call.
    credential: bool,
    /// Whether commas stand between its items.
    joined: bool,
    validator: Option<Validator>,
}

impl Checks {
    pub(super) fn new(document: &Value, raw: &Value, operation: &Operation) -> Self {
        let parameter = |raw: &Value| {
            let text = |field: &str| raw[field].as_str().unwrap_or_default().to_owned();
            let (name, place) = (text("name"), text("in"));
            Parameter {
                required: raw["required"] == true || place == "path",
                credential: text("x-juben-from").starts_with("api."),
                joined: operation.places.get(&name) != Some(&Place::Query),
                validator: raw.get("schema").and_then(|schema| validator(document, schema)),
                name,
                place,
            }
        };
        let body = &raw["requestBody"];
        let media = body["content"].as_object().and_then(|content| content.values().next());
        let schema = media.and_then(|media| media.get("schema"));
        Checks {
            parameters: raw["parameters"].as_array().into_iter().flatten().map(parameter).collect(),
            body: schema.and_then(|schema| validator(&of_requests(document), &of_requests(schema))),
            body_required: body["required"] == true,
        }
    }

    /// The fields that were sent, if they are as the document says.
    pub(super) fn judge(&self, operation: &Operation, sent: &Sent) -> Result<Map<String, Value>, Refused> {
        let mut fields = Map::new();
        let (credentials, others): (Vec<_>, Vec<_>) = self.parameters.iter().partition(|it| it.credential);
        for parameter in credentials {
            if sent.texts(&parameter.place, &parameter.name).is_empty() {
                let reason = format!("{} {}: it is missing", parameter.place, parameter.name);
                return Err(Refused { statuses: &[401, 403], reason });
            }
        }
        for parameter in others {
            if let Some(value) = parameter.judge(operation, sent)? {
                fields.insert(parameter.name.clone(), value);
            }
        }
        if let Some(Value::Object(body)) = self.body(operation, sent)? {
            fields.extend(body);
        }
        Ok(fields)
    }

    fn body(&self, operation: &Operation, sent: &Sent) -> Result<Option<Value>, Refused> {
        if let Some(reason) = &sent.defect {
            return Err(bad(format!("body: {reason}")));
        }
        let value = match operation.body {
            Body::None => return Ok(None),
            Body::Form | Body::Multipart => Value::Object(sent.form.clone()),
            _ if sent.bytes.trim_ascii().is_empty() => {
                return if self.body_required { Err(bad("body: it is missing".to_owned())) } else { Ok(None) };
            }
            _ if !operation.media.contains("json") => return Ok(None),
            _ => json(operation, sent)?,
        };
        complaint(self.body.as_ref(), &value, "body")?;
        Ok(Some(value))
    }
}

fn json(operation: &Operation, sent: &Sent) -> Result<Value, Refused> {
    let media = sent.media();
    if !media.is_empty() && !media.contains("json") {
        let reason = format!("body: its content type is {media}; it must be {}", operation.media);
        return Err(Refused { statuses: &[415, 400, 422], reason });
    }
    serde_json::from_slice(&sent.bytes).map_err(|error| bad(format!("body: it is not JSON: {error}")))
}

impl Parameter {
    fn judge(&self, operation: &Operation, sent: &Sent) -> Result<Option<Value>, Refused> {
        let at = format!("{} {}", self.place, self.name);
        let texts = sent.texts(&self.place, &self.name);
        let Some(first) = texts.first() else {
            return if self.required { Err(bad(format!("{at}: it is missing"))) } else { Ok(None) };
        };
        let any = Schema::default();
        let schema = operation.input.properties.get(&self.name).unwrap_or(&any);
        let value = if schema.types.contains(&Type::Array) {
            let each = schema.items.as_deref().unwrap_or(&any);
            let split = |text: &&str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
            let items = if self.joined { split(first) } else { texts.iter().map(|text| (*text).to_owned()).collect() };
            items.iter().map(|text| from_text(each, text)).collect()
        } else {
            from_text(schema, first)
        };
        complaint(self.validator.as_ref(), &value, &at)?;
        Ok(Some(value))
    }
}

fn bad(reason: String) -> Refused {
    Refused { statuses: BAD_REQUEST, reason }
}

/// What is wrong with a value, and where.
fn complaint(validator: Option<&Validator>, value: &Value, at: &str) -> Result<(), Refused> {
    let Some(error) = validator.and_then(|validator| validator.iter_errors(value).next()) else { return Ok(()) };
    let found = misfit(&error);
    let at = if found.path.is_empty() { at.to_owned() } else { format!("{at} {}", found.path) };
    Err(bad(format!("{at}: {}", found.message)))
}

/// Fields that only replies have are not required of requests.
fn of_requests(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let mut new: Map<_, _> = fields.iter().map(|(name, inner)| (name.clone(), of_requests(inner))).collect();
            if let Some(Value::Array(required)) = new.get_mut("required") {
                let only_in_replies = |name: &Value| {
                    let field = name.as_str().and_then(|name| fields.get("properties")?.get(name));
                    field.is_some_and(|field| field["readOnly"] == true)
                };
                required.retain(|name| !only_in_replies(name));
            }
            Value::Object(new)
        }
        Value::Array(items) => items.iter().map(of_requests).collect(),
        plain => plain.clone(),
    }
}
