//! Values that stand for what a platform will answer: each is like no other, so that a plan knows where it is used.

use super::cannot;
use crate::{Error, catalog::Operation};
use serde_json::{Value, json};

/// Made-up numbers begin here, beyond those of any platform.
const FIRST: i64 = 8_000_000_000_000_000_000;

/// All that were made up so far.
#[derive(Debug, Default)]
pub(super) struct Made(Vec<Stand>);

/// One of them.
#[derive(Debug)]
pub(super) struct Stand {
    text: String,
    /// The write whose reply will have the real one.
    pub number: usize,
    /// Where it will have it.
    pub at: String,
}

impl Made {
    /// Put made-up values for those that the platform would choose into a reply of this write. What the request has is
    /// no choice of the platform's.
    pub(super) fn put_into(&mut self, reply: &mut Value, number: usize, operation: &Operation, request: &Value) {
        let named = operation.inverse.iter().flat_map(|it| it.with.values());
        let named = named.chain(operation.wait.iter().flat_map(|it| it.with.values()));
        let named: Vec<_> = named.filter_map(|value| value.as_str()?.strip_prefix("$reply.")).collect();
        let mut known = Vec::new();
        scalars(request, &mut known);
        // The results of rows say what became of them, by what the request calls them.
        let results = operation.batch.as_ref().and_then(|batch| batch.results.clone());
        let of_rows = |at: &str| results.as_ref().is_some_and(|results| at.starts_with(&format!("{results}.")));
        let counts = |at: &str| !of_rows(at) && counts_by_name(at, &named);
        self.walk(reply, String::new(), number, &counts, &known);
    }

    fn walk(&mut self, value: &mut Value, at: String, number: usize, counts: &impl Fn(&str) -> bool, known: &[String]) {
        let below = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
        match value {
            Value::Object(fields) => {
                fields.iter_mut().for_each(|(name, field)| self.walk(field, below(name), number, counts, known));
            }
            Value::Array(items) => {
                let items = items.iter_mut().enumerate();
                items.for_each(|(place, item)| self.walk(item, below(&place.to_string()), number, counts, known));
            }
            Value::Number(_) | Value::String(_) if counts(&at) && !known.contains(&text(value)) => {
                let place = self.0.len() as i64 + 1;
                *value = if value.is_number() { json!(FIRST + place) } else { json!(format!("planned-{place}")) };
                self.0.push(Stand { text: text(value), number, at });
            }
            _ => {}
        }
    }

    /// The fields with references in place of made-up values.
    pub(super) fn referred(&self, value: Value) -> Result<Value, Error> {
        Ok(match value {
            Value::Array(items) => items.into_iter().map(|item| self.referred(item)).collect::<Result<_, _>>()?,
            Value::Object(fields) => {
                let fields = fields.into_iter().map(|(name, field)| Ok((name, self.referred(field)?)));
                Value::Object(fields.collect::<Result<_, Error>>()?)
            }
            Value::Number(_) | Value::String(_) => match self.within(&value) {
                None => value,
                Some(stand) if stand.text == text(&value) => json!({ "$from": stand.number, "at": stand.at }),
                Some(stand) => {
                    let message = format!(
                        "a plan cannot put what write {} will answer (`{}`) into the middle of a text: {value}",
                        stand.number, stand.at
                    );
                    return Err(
                        cannot(message).hint("give the value by itself, or run the script instead of planning it")
                    );
                }
            },
            other => other,
        })
    }

    /// A made-up value anywhere in this one.
    pub(super) fn within(&self, value: &Value) -> Option<&Stand> {
        let mut texts = Vec::new();
        scalars(value, &mut texts);
        let contains = |text: &String, stand: &Stand| {
            text.match_indices(&stand.text).any(|(start, found)| {
                let next = text[start + found.len()..].chars().next();
                next.is_none_or(|next| !next.is_ascii_digit())
            })
        };
        self.0.iter().find(|stand| texts.iter().any(|text| contains(text, stand)))
    }
}

fn counts_by_name(at: &str, named: &[&str]) -> bool {
    named.contains(&at) || is_id(at.rsplit('.').next().unwrap_or_default())
}

fn is_id(name: &str) -> bool {
    let name = name.to_lowercase();
    ["id", "ids", "etag"].iter().any(|end| name.ends_with(end))
}

/// All numbers and texts in a value, in words.
pub(super) fn scalars(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| scalars(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| scalars(field, found)),
        Value::Number(_) | Value::String(_) => found.push(text(value)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// A number or a text, in words.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
