//! Values as the schema wants them, from what came over the wire as text.

use crate::catalog::{Schema, Type};
use serde_json::{Number, Value};

/// A text of a query or a form as the type that the schema asks for; the text itself where it is none.
pub(super) fn from_text(schema: &Schema, text: &str) -> Value {
    let found = if schema.allows(Type::String) { None } else { parsed(schema, text) };
    found.unwrap_or_else(|| Value::String(text.to_owned()))
}

fn parsed(schema: &Schema, text: &str) -> Option<Value> {
    if schema.allows(Type::Integer)
        && let Some(number) = integer(text)
    {
        return Some(number.into());
    }
    if schema.allows(Type::Number)
        && let Some(number) = text.parse().ok().and_then(Number::from_f64)
    {
        return Some(number.into());
    }
    match text {
        "true" | "1" if schema.allows(Type::Boolean) => Some(true.into()),
        "false" | "0" if schema.allows(Type::Boolean) => Some(false.into()),
        _ if schema.allows(Type::Array) || schema.allows(Type::Object) => serde_json::from_str(text).ok(),
        _ => None,
    }
}

/// Turn digits into numbers where the schema has a 64-bit integer, and `1.0` into 1 where it has any: many languages
/// cannot write them otherwise.
pub(super) fn to_integers(schema: &Schema, value: &mut Value) {
    match value {
        Value::Number(number) if schema.allows(Type::Integer) && !schema.allows(Type::Number) => {
            if let Some(whole) = number.as_f64().filter(|it| number.is_f64() && it.fract() == 0.0 && it.abs() < 9e15) {
                *value = (whole as i64).into();
            }
        }
        Value::String(text) if schema.is_int64() && !schema.allows(Type::String) => {
            if let Some(number) = integer(text) {
                *value = number.into();
            }
        }
        Value::Array(items) => {
            if let Some(each) = &schema.items {
                items.iter_mut().for_each(|item| to_integers(each, item));
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                if let Some(schema) = schema.properties.get(name) {
                    to_integers(schema, field);
                }
            }
        }
        _ => {}
    }
}

fn integer(text: &str) -> Option<Number> {
    let number = text.parse::<i64>().map(Number::from);
    number.or_else(|_| text.parse::<u64>().map(Number::from)).ok()
}
