//! Schemas as JSON Schema of OpenAPI 3.1 writes them, and what a document refers to.

use super::spot::{Fault, Spot};
use serde_json::{Map, Value, json};

/// A document whose parts refer to each other.
#[derive(Clone, Copy)]
pub(super) struct Source<'a>(pub &'a Value);

const BUNDLE: &str = "put all of it into one file, for example by `npx @redocly/cli bundle`";
const NOWHERE: &str = "the document must have what it refers to";
const TYPE: &str = "a file is a string with `format: binary`; anything is a schema without a type";
/// References to references are followed so far.
const DEEPEST: usize = 16;

/// Where schemas stand that others refer to; these references stay, so that a schema can contain itself.
const SHARED: &str = "#/components/schemas/";

impl<'a> Source<'a> {
    /// What stands here, or what it refers to.
    pub fn at(self, value: &'a Value, spot: Spot) -> Result<&'a Value, Fault> {
        let mut found = value;
        for _ in 0..DEEPEST {
            let Some(target) = found.get("$ref").and_then(Value::as_str) else { return Ok(found) };
            let Some(pointer) = target.strip_prefix('#') else {
                return Err(spot.fault(format!("`$ref: {target}` is in another file"), BUNDLE));
            };
            let pointer = pointer.replace("%7B", "{").replace("%7D", "}");
            let nowhere = || spot.fault(format!("`$ref: {target}` leads nowhere"), NOWHERE);
            found = self.0.pointer(&pointer).ok_or_else(nowhere)?;
        }
        Err(spot.fault("its `$ref` leads in a circle", NOWHERE))
    }

    /// A schema in the words of OpenAPI 3.1, whichever version it was written for.
    pub fn schema(self, schema: &Value, spot: Spot) -> Result<Value, Fault> {
        self.inner(schema, spot, 0)
    }

    fn inner(self, schema: &Value, spot: Spot, inlined: usize) -> Result<Value, Fault> {
        let Value::Object(fields) = schema else {
            // `true` and `false` are schemas too, which the catalog's types do not know.
            return Ok(if schema == &Value::Bool(false) { json!({ "not": {} }) } else { json!({}) });
        };
        if let Some(target) = fields.get("$ref").and_then(Value::as_str) {
            let known =
                target.strip_prefix(SHARED).is_some_and(|name| self.0["components"]["schemas"].get(name).is_some());
            if !known {
                let found = self.at(schema, spot)?;
                return if inlined < DEEPEST { self.inner(found, spot, inlined + 1) } else { Ok(json!({})) };
            }
        }
        let mut new = Map::new();
        for (name, value) in fields {
            let here = Spot::In(&spot, name);
            let value = match (name.as_str(), value) {
                ("type", _) => {
                    known_types(value, here)?;
                    value.clone()
                }
                ("properties" | "patternProperties" | "dependentSchemas" | "$defs", Value::Object(inner)) => {
                    let field = |(name, field): (&String, &Value)| {
                        Ok((name.clone(), self.inner(field, Spot::In(&here, name), inlined)?))
                    };
                    Value::Object(inner.iter().map(field).collect::<Result<_, Fault>>()?)
                }
                ("allOf" | "anyOf" | "oneOf" | "prefixItems", Value::Array(inner)) => {
                    let part = |(index, part): (usize, &Value)| self.inner(part, Spot::Item(&here, index), inlined);
                    Value::Array(inner.iter().enumerate().map(part).collect::<Result<_, Fault>>()?)
                }
                ("additionalProperties", Value::Bool(_)) => value.clone(),
                (
                    "items" | "additionalProperties" | "not" | "if" | "then" | "else" | "contains" | "propertyNames",
                    _,
                ) => self.inner(value, here, inlined)?,
                // `null` says as little as nothing.
                ("description" | "format" | "pattern" | "default" | "example", Value::Null) => continue,
                _ => value.clone(),
            };
            new.insert(name.clone(), value);
        }
        Ok(Value::Object(modern(new)))
    }
}

fn known_types(value: &Value, spot: Spot) -> Result<(), Fault> {
    const TYPES: [&str; 7] = ["null", "boolean", "integer", "number", "string", "array", "object"];
    let types = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    match types.iter().find(|name| !name.as_str().is_some_and(|name| TYPES.contains(&name))) {
        Some(other) => Err(spot.fault(format!("{other} is no type; it must be one of {}", TYPES.join(", ")), TYPE)),
        None => Ok(()),
    }
}

/// What OpenAPI 3.0 writes otherwise: `nullable`, and limits that are themselves not allowed.
fn modern(mut schema: Map<String, Value>) -> Map<String, Value> {
    if schema.remove("nullable") == Some(Value::Bool(true)) {
        match schema.get_mut("type") {
            Some(Value::String(one)) => schema["type"] = json!([one, "null"]),
            Some(Value::Array(several)) if !several.contains(&json!("null")) => several.push("null".into()),
            _ => {}
        }
        if let Some(Value::Array(values)) = schema.get_mut("enum")
            && !values.contains(&Value::Null)
        {
            values.push(Value::Null);
        }
    }
    for (limit, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        if let Some(Value::Bool(excluded)) = schema.get(exclusive) {
            let excluded = *excluded;
            schema.remove(exclusive);
            if excluded && let Some(number) = schema.remove(limit) {
                schema.insert(exclusive.into(), number);
            }
        }
    }
    // Some write `required: true` at a field itself, which means nothing there.
    if schema.get("required").is_some_and(Value::is_boolean) {
        schema.remove("required");
    }
    // What examples there are becomes the one that the catalog reads.
    if !schema.contains_key("example")
        && let Some(first) = schema.get("examples").and_then(|examples| examples.get(0)).cloned()
    {
        schema.insert("example".into(), first);
    }
    let says_more = ["properties", "additionalProperties", "allOf", "anyOf", "oneOf", "$ref"];
    if schema.get("type") == Some(&json!("object")) && !says_more.iter().any(|name| schema.contains_key(*name)) {
        schema.insert("additionalProperties".into(), true.into());
    }
    schema
}
