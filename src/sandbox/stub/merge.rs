//! Two schemas that both hold, as one.

use serde_json::{Map, Value, json};

type Schema = Map<String, Value>;

/// What holds where both hold; what cannot be said as one schema is left to whoever checks the outcome.
pub(super) fn both(mut one: Schema, other: &Schema) -> Schema {
    for (name, value) in other {
        let Some(known) = one.remove(name) else {
            // An example of a part is none of the whole.
            if !matches!(name.as_str(), "example" | "examples" | "default") {
                one.insert(name.clone(), value.clone());
            }
            continue;
        };
        let joined = match name.as_str() {
            "properties" => properties(known, value),
            "required" | "allOf" => union(known, value),
            "type" => types(&known, value),
            "enum" => kept(&known, value),
            "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => {
                if number(&known) < number(value) { value.clone() } else { known }
            }
            "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => {
                if number(&known) > number(value) { value.clone() } else { known }
            }
            "items" => json!({ "allOf": [known, value] }),
            "additionalProperties" if known == json!(true) || value == &json!(false) => value.clone(),
            _ => known,
        };
        one.insert(name.clone(), joined);
    }
    one
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_default()
}

fn properties(known: Value, other: &Value) -> Value {
    let Value::Object(mut fields) = known else { return other.clone() };
    for (name, field) in other.as_object().into_iter().flatten() {
        let joined = match fields.remove(name) {
            Some(known) => json!({ "allOf": [known, field] }),
            None => field.clone(),
        };
        fields.insert(name.clone(), joined);
    }
    Value::Object(fields)
}

fn union(known: Value, other: &Value) -> Value {
    let Value::Array(mut items) = known else { return other.clone() };
    for item in other.as_array().into_iter().flatten() {
        if !items.contains(item) {
            items.push(item.clone());
        }
    }
    Value::Array(items)
}

fn kept(known: &Value, other: &Value) -> Value {
    let items = known.as_array().into_iter().flatten();
    items.filter(|item| other.as_array().is_some_and(|other| other.contains(item))).cloned().collect()
}

/// The types that both allow.
fn types(known: &Value, other: &Value) -> Value {
    let (known, other) = (names(known), names(other));
    let allowed = |name: &str, list: &[&str]| list.contains(&name) || (name == "integer" && list.contains(&"number"));
    let mut both: Vec<&str> = known.iter().copied().filter(|name| allowed(name, &other)).collect();
    both.extend(other.iter().copied().filter(|name| allowed(name, &known) && !known.contains(name)));
    json!(both)
}

/// The types of a schema's `type`, one or several.
pub(super) fn names(types: &Value) -> Vec<&str> {
    match types {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}
