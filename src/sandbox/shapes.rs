//! What an operation's request and reply must look like: validators made from the catalog's document when first used.

use crate::catalog::{self, Schema};
use jsonschema::{ValidationError, Validator, error::ValidationErrorKind};
use serde_json::{Map, Value, json};
use std::{fmt, sync::OnceLock};

#[derive(Debug, Default)]
pub(super) struct Shapes {
    request: OnceLock<Result<Validator, String>>,
    reply: OnceLock<Result<Validator, String>>,
}

/// A value that does not fit.
#[derive(Debug)]
pub(super) struct Misfit {
    /// Which one: `books[3].expire_time`.
    pub path: String,
    pub message: String,
    pub why: Why,
}

/// Why a value does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    Missing,
    /// It is of another type.
    Type,
    /// It breaks another rule.
    Value,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", if self.path.is_empty() { "the whole" } else { &self.path }, self.message)
    }
}

impl Shapes {
    pub fn check_request(
        &self,
        path: &str,
        method: &str,
        fields: &Value,
        but: impl Fn(&Misfit) -> bool,
    ) -> Result<(), Misfit> {
        check(self.request.get_or_init(|| compile(path, method, request_schema)), fields, but)
    }

    pub fn check_reply(&self, path: &str, method: &str, reply: &Value) -> Result<(), Misfit> {
        check(self.reply.get_or_init(|| compile(path, method, reply_schema)), reply, |_| false)
    }
}

fn check(validator: &Result<Validator, String>, value: &Value, but: impl Fn(&Misfit) -> bool) -> Result<(), Misfit> {
    let validator =
        validator.as_ref().map_err(|error| Misfit { path: String::new(), message: error.clone(), why: Why::Value })?;
    if validator.is_valid(value) {
        return Ok(());
    }
    validator.iter_errors(value).map(|error| misfit(&error)).find(|misfit| !but(misfit)).map_or(Ok(()), Err)
}

pub(super) fn misfit(error: &ValidationError) -> Misfit {
    const LONGEST: usize = 160;
    let mut path = String::new();
    for step in error.instance_path().as_str().split('/').skip(1) {
        append(&mut path, step);
    }
    if let ValidationErrorKind::Required { property: Value::String(name) } = error.kind() {
        append(&mut path, name);
    }
    let why = match error.kind() {
        ValidationErrorKind::Required { .. } => Why::Missing,
        ValidationErrorKind::Type { .. } => Why::Type,
        _ => Why::Value,
    };
    let message = error.to_string().chars().take(LONGEST).collect();
    Misfit { path, message, why }
}

fn append(path: &mut String, step: &str) {
    if step.bytes().all(|byte| byte.is_ascii_digit()) {
        path.push_str(&format!("[{step}]"));
    } else if path.is_empty() {
        path.push_str(step);
    } else {
        path.push_str(&format!(".{step}"));
    }
}

/// The first text that has more bytes than the platform takes, which JSON Schema cannot say.
pub(super) fn too_many_bytes(schema: &Schema, value: &Value, path: &str) -> Option<Misfit> {
    let within = |step: &str| {
        let mut path = path.to_owned();
        append(&mut path, step);
        path
    };
    match value {
        Value::String(text) => {
            let most = schema.max_bytes.filter(|most| text.len() > *most)?;
            let message = format!("{} bytes are more than {most}", text.len());
            Some(Misfit { path: path.to_owned(), message, why: Why::Value })
        }
        Value::Array(items) => {
            let each = schema.items.as_ref()?;
            items.iter().enumerate().find_map(|(index, it)| too_many_bytes(each, it, &within(&index.to_string())))
        }
        Value::Object(fields) => fields.iter().find_map(|(name, field)| {
            schema.properties.get(name).and_then(|schema| too_many_bytes(schema, field, &within(name)))
        }),
        _ => None,
    }
}

fn documents() -> &'static [Value] {
    static READ: OnceLock<Vec<Value>> = OnceLock::new();
    READ.get_or_init(|| catalog::documents().filter_map(|(_, json)| serde_json::from_str(json).ok()).collect())
}

fn compile(path: &str, method: &str, schema: fn(&Value, &Value, &Value) -> Value) -> Result<Validator, String> {
    let operation = |document: &'static Value| {
        let item = document["paths"].get(path)?;
        Some((document, item, item.get(method.to_lowercase())?))
    };
    let (document, item, operation) =
        documents().iter().find_map(operation).ok_or_else(|| format!("{method} {path} is in no document"))?;
    let mut schema = schema(document, item, operation);
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("components".into(), document["components"].clone());
    }
    jsonschema::validator_for(&schema).map_err(|error| error.to_string())
}

/// Parameters and the body's fields as one object.
fn request_schema(document: &Value, item: &Value, operation: &Value) -> Value {
    let content = operation["requestBody"]["content"].as_object().and_then(|content| content.values().next());
    let body =
        content.map_or_else(|| json!({ "type": "object" }), |media| referred(document, &media["schema"]).clone());
    let mut schema = body.as_object().cloned().unwrap_or_default();
    let lists = [&item["parameters"], &operation["parameters"]];
    for parameter in lists.into_iter().filter_map(Value::as_array).flatten() {
        let parameter = referred(document, parameter);
        let Some(name) = parameter["name"].as_str().filter(|_| parameter["in"] != "header") else { continue };
        entry(&mut schema, "properties", json!({}))[name] = parameter["schema"].clone();
        if parameter["required"] == true
            && let Some(required) = entry(&mut schema, "required", json!([])).as_array_mut()
        {
            required.push(name.into());
        }
    }
    Value::Object(schema)
}

fn entry<'a>(schema: &'a mut Map<String, Value>, name: &str, empty: Value) -> &'a mut Value {
    schema.entry(name).or_insert(empty)
}

fn reply_schema(document: &Value, _: &Value, operation: &Value) -> Value {
    let content = operation["responses"]["200"]["content"].as_object();
    let json = content.and_then(|content| content.iter().find(|(media, _)| media.contains("json")));
    json.map_or_else(|| json!({}), |(_, media)| referred(document, &media["schema"]).clone())
}

fn referred<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let target = value["$ref"].as_str().and_then(|target| target.strip_prefix('#'));
    target.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}
