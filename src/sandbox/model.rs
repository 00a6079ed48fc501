//! What the server hands to the models of the platforms, and what they answer.

use super::life::Life;
use bytes::Bytes;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A call that has been understood: it names an operation, its caller is known and its fields fit the catalog's schema.
#[derive(Debug)]
pub(super) struct Request<'a> {
    /// `novel.add_book_auth`
    pub operation: &'a str,
    /// The caller: an appid of WeChat, a userid of Polyv.
    pub caller: &'a str,
    /// The fields of path, query and body in one map.
    pub fields: Map<String, Value>,
    /// The files of a multipart body.
    pub files: BTreeMap<String, File>,
    /// The sandbox's clock, in seconds since 1970.
    pub now: i64,
    /// How long the platforms take for what they do by themselves.
    pub life: &'a Life,
    /// The mini programs that have lost the category which grants need.
    pub without_category: &'a BTreeSet<String>,
}

/// A file of a multipart body.
#[derive(Debug, Default)]
pub(super) struct File {
    /// May be empty.
    pub name: String,
    /// The content; empty when it is larger than any model looks at.
    pub bytes: Bytes,
    /// How many bytes were sent.
    pub size: u64,
    /// MD5 of what was sent, in lower-case hex.
    pub md5: String,
}

/// The fields of the reply besides the envelope, or a refusal.
pub(super) type Answer = Result<Map<String, Value>, Refusal>;

/// A documented error code, with the fields that come along with it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    pub code: i64,
    pub message: String,
    /// Such as the results of the rows of a call that failed in part.
    pub fields: Map<String, Value>,
}

impl Refusal {
    pub fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), fields: Map::new() }
    }
}

impl Request<'_> {
    pub fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field)?.as_str()
    }

    /// A number, also when it came as digits.
    pub fn number(&self, field: &str) -> Option<i64> {
        number(self.fields.get(field)?)
    }

    pub fn flag(&self, field: &str) -> bool {
        self.fields.get(field).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Whether that mini program cannot be granted anything; an appid that ends in `dead` never can.
    pub fn lacks_category(&self, appid: &str) -> bool {
        appid.ends_with("dead") || self.without_category.contains(appid)
    }

    pub fn list(&self, field: &str) -> &[Value] {
        self.fields.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}

/// A JSON number, also when it is written as digits.
pub(super) fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// `wx` and sixteen hexadecimal digits.
pub(super) fn is_appid(text: &str) -> bool {
    let hex = |digits: &str| digits.len() == 16 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    text.strip_prefix("wx").is_some_and(hex)
}

/// The fields of an object literal: `answer!({ "book_id": id })`.
macro_rules! answer {
    ($($json:tt)+) => {
        match serde_json::json!($($json)+) {
            serde_json::Value::Object(fields) => Ok(fields),
            _ => unreachable!("an answer is an object"),
        }
    };
}
pub(super) use answer;

/// Fail a test whose reply does not fit what the catalog says of its operation.
#[cfg(test)]
#[track_caller]
pub(super) fn assert_fits_catalog(operation: &str, reply: &Value) {
    let (tag, name) = operation.split_once('.').expect("an operation has a module");
    let fits = |schema: &Value, document: &Value| {
        let mut schema = schema.clone();
        schema["components"] = document["components"].clone();
        let validator = jsonschema::validator_for(&schema).expect("a schema of the catalog");
        let faults: Vec<_> = validator.iter_errors(reply).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{operation} answers {reply}: {faults:?}");
    };
    for (_, text) in crate::catalog::documents() {
        let document: Value = serde_json::from_str(text).expect("a document of the catalog");
        let paths = document["paths"].as_object().expect("paths");
        let mut known = paths.values().map(|path| &path["post"]);
        if let Some(found) = known.find(|post| post["tags"][0] == tag && post["operationId"] == name) {
            return fits(&found["responses"]["200"]["content"]["application/json"]["schema"], &document);
        }
    }
    panic!("the catalog has no {operation}");
}
