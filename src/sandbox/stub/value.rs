//! A value that a schema allows: the same one every time, with every field that it may have.

use super::{
    merge::{both, names},
    scalar, validator,
};
use serde_json::{Map, Value, json};
use std::cell::{Cell, RefCell};

type Schema = Map<String, Value>;

/// So many values are made of one schema; then only what is required.
const MOST: usize = 2_000;
/// Lists this deep have one item, and objects below have only what is required.
const DEEP: usize = 4;
const DEEPEST: usize = 40;
/// So many combinations of alternatives are tried.
const TRIES: usize = 64;

/// Makes values of the schemas of one document.
pub(super) struct Maker<'a> {
    document: &'a Value,
    left: Cell<usize>,
    /// The references that are being followed: one that leads back is not followed again.
    following: RefCell<Vec<String>>,
}

/// Where a value is to stand.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    /// The name of its field.
    pub name: &'a str,
    /// Which item of its list it is, from 1.
    pub nth: usize,
    depth: usize,
}

impl<'a> Maker<'a> {
    pub(super) fn new(document: &'a Value) -> Self {
        Maker { document, left: Cell::new(MOST), following: RefCell::default() }
    }

    pub(super) fn value(&self, schema: &Value) -> Value {
        self.make(schema, Spot { name: "", nth: 1, depth: 0 }).unwrap_or(Value::Null)
    }

    /// `None` where there is no value, or none that ends.
    fn make(&self, schema: &Value, spot: Spot) -> Option<Value> {
        let Some(schema) = schema.as_object() else { return (schema != &json!(false)).then(|| json!({})) };
        self.left.set(self.left.get().saturating_sub(1));
        if spot.depth > DEEPEST {
            return None;
        }
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            return self.follow(target, schema, spot);
        }
        if let Some(constant) = schema.get("const") {
            return Some(constant.clone());
        }
        let shown = ["example", "default"].iter().filter_map(|name| schema.get(*name));
        let listed = schema.get("examples").and_then(Value::as_array).into_iter().flatten();
        if let Some(example) = shown.chain(listed).find(|example| self.fits(schema, example)) {
            return Some(example.clone());
        }
        if ["allOf", "anyOf", "oneOf", "if"].iter().any(|word| schema.contains_key(*word)) {
            return self.composed(schema, spot);
        }
        self.plain(schema, spot)
    }

    fn follow(&self, target: &str, schema: &Schema, spot: Spot) -> Option<Value> {
        if self.following.borrow().iter().any(|followed| followed == target) {
            return None;
        }
        let found = self.document.pointer(target.strip_prefix('#')?)?;
        self.following.borrow_mut().push(target.to_owned());
        let mut beside = schema.clone();
        beside.remove("$ref");
        let value = match found.as_object() {
            Some(found) if !beside.is_empty() => self.make(&Value::Object(both(found.clone(), &beside)), spot),
            _ => self.make(found, spot),
        };
        self.following.borrow_mut().pop();
        value
    }

    /// The first combination of alternatives whose value fits the whole.
    fn composed(&self, schema: &Schema, spot: Spot) -> Option<Value> {
        let mut found = None;
        for candidate in self.alternatives(schema, 0).into_iter().take(TRIES) {
            let Some(value) = self.make(&Value::Object(candidate), spot) else { continue };
            if self.fits(schema, &value) {
                return Some(value);
            }
            found.get_or_insert(value);
        }
        found
    }

    /// The schema without its alternatives, joined with each of them. Those that lead back to themselves have no end: they
    /// count as values that are made.
    fn alternatives(&self, schema: &Schema, depth: usize) -> Vec<Schema> {
        if self.left.get() == 0 {
            return Vec::new();
        }
        self.left.set(self.left.get() - 1);
        let mut base = schema.clone();
        let mut take = |word: &str| base.remove(word);
        let list = |value: Option<Value>| match value {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        };
        let (parts, any, one) = (list(take("allOf")), list(take("anyOf")), list(take("oneOf")));
        let (condition, then, otherwise) = (take("if"), take("then"), take("else"));
        take("not");
        let mut found = vec![base];
        for part in parts {
            found = self.join(&found, &[part], depth);
        }
        for options in [any, one] {
            if !options.is_empty() {
                found = self.join(&found, &options, depth);
            }
        }
        if let Some(condition) = condition {
            let met = json!({ "allOf": [condition, then.unwrap_or(json!({}))] });
            found = self.join(&found, &[otherwise.unwrap_or(json!({})), met], depth);
        }
        found
    }

    fn join(&self, found: &[Schema], options: &[Value], depth: usize) -> Vec<Schema> {
        const DEEPEST_PART: usize = 12;
        let plain = options.iter().filter_map(|option| self.referred(option));
        let options: Vec<Schema> = plain
            .flat_map(|option| {
                let nested = ["allOf", "anyOf", "oneOf", "if"].iter().any(|word| option.contains_key(*word));
                if nested && depth < DEEPEST_PART { self.alternatives(&option, depth + 1) } else { vec![option] }
            })
            .collect();
        let pairs = options.iter().flat_map(|option| found.iter().map(move |known| both(known.clone(), option)));
        pairs.take(TRIES).collect()
    }

    /// The schema that a part of a schema refers to.
    fn referred(&self, part: &Value) -> Option<Schema> {
        let mut part = part.as_object()?.clone();
        for _ in 0..DEEP {
            let Some(target) = part.get("$ref").and_then(Value::as_str).map(str::to_owned) else { break };
            if self.following.borrow().contains(&target) {
                return None;
            }
            part.remove("$ref");
            part = both(self.document.pointer(target.strip_prefix('#')?)?.as_object()?.clone(), &part);
        }
        Some(part)
    }

    fn plain(&self, schema: &Schema, spot: Spot) -> Option<Value> {
        if let Some(Value::Array(values)) = schema.get("enum") {
            let fitting: Vec<_> = values.iter().filter(|value| self.fits(schema, value)).collect();
            return fitting.get((spot.nth - 1) % fitting.len().max(1)).map(|value| (*value).clone());
        }
        match kind(schema) {
            "object" => self.object(schema, spot),
            "array" => self.array(schema, spot),
            "null" => Some(Value::Null),
            "boolean" => Some((spot.nth % 2 == 1).into()),
            "integer" => scalar::number(schema, spot.nth, true),
            "number" => scalar::number(schema, spot.nth, false),
            "string" => Some(scalar::text(schema, spot).into()),
            _ => Some(json!({})),
        }
    }

    fn object(&self, schema: &Schema, spot: Spot) -> Option<Value> {
        let list = |name: &str| schema.get(name).and_then(Value::as_array).into_iter().flatten();
        let required: Vec<&str> = list("required").filter_map(Value::as_str).collect();
        let none = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
        let mut fields = Map::new();
        let brief = spot.depth > DEEP || self.left.get() == 0;
        for (name, field) in properties {
            let needed = required.contains(&name.as_str());
            if needed || !(brief || field["writeOnly"] == true) {
                let value = self.make(field, Spot { name, nth: spot.nth, depth: spot.depth + 1 });
                if value.is_none() && needed {
                    return None;
                }
                fields.extend(value.map(|value| (name.clone(), value)));
            }
        }
        let other = schema.get("additionalProperties").filter(|other| other.is_object());
        let further = |name: &str| match other {
            Some(other) => self.make(other, Spot { name, nth: spot.nth, depth: spot.depth + 1 }),
            None => Some(json!("text")),
        };
        for name in required.iter().filter(|name| !properties.contains_key(**name)) {
            fields.insert((*name).to_owned(), further(name)?);
        }
        let count = |name: &str| schema.get(name).and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok());
        let most = count("maxProperties").unwrap_or(usize::MAX);
        while fields.len() > most
            && let Some(name) = fields.keys().rfind(|name| !required.contains(&name.as_str())).cloned()
        {
            fields.remove(&name);
        }
        let shown = usize::from(other.is_some() && properties.is_empty()).min(most);
        for number in 1..=count("minProperties").unwrap_or(0).max(shown) {
            if fields.len() < count("minProperties").unwrap_or(0).max(shown) {
                let name = format!("key{number}");
                match further(&name) {
                    Some(value) => drop(fields.insert(name, value)),
                    None => break,
                }
            }
        }
        Some(Value::Object(fields))
    }

    fn array(&self, schema: &Schema, spot: Spot) -> Option<Value> {
        const LONGEST: u64 = 10_000;
        let count = |name: &str| schema.get(name).and_then(Value::as_u64).map(|count| count.min(LONGEST) as usize);
        let usual = if spot.depth < DEEP { 2 } else { 1 };
        let (least, most) = (count("minItems").unwrap_or(0), count("maxItems").unwrap_or(usize::MAX));
        let wanted = usual.max(least).min(most);
        let unique = schema.get("uniqueItems") == Some(&json!(true));
        let first = schema.get("prefixItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let any = json!({ "type": "string" });
        let each = schema.get("items").unwrap_or(&any);
        let mut items = Vec::new();
        // Where no two may be alike, some are made in vain.
        for nth in 1..=wanted.max(first.len()) * 4 {
            if items.len() >= wanted.max(first.len()).min(most) {
                break;
            }
            let schema = first.get(nth - 1).unwrap_or(each);
            match self.make(schema, Spot { name: spot.name, nth, depth: spot.depth + 1 }) {
                Some(item) if !unique || !items.contains(&item) => items.push(item),
                Some(_) => {}
                None => break,
            }
        }
        (items.len() >= least).then_some(Value::Array(items))
    }

    fn fits(&self, schema: &Schema, value: &Value) -> bool {
        let schema = Value::Object(schema.clone());
        validator(self.document, &schema).is_none_or(|validator| validator.is_valid(value))
    }
}

/// The type of the value to make.
fn kind(schema: &Schema) -> &str {
    let types = schema.get("type").map(names).unwrap_or_default();
    if let Some(kind) = types.iter().find(|kind| **kind != "null").or(types.first()) {
        return kind;
    }
    let says = |words: &[&str]| words.iter().any(|word| schema.contains_key(*word));
    match () {
        () if says(&["properties", "required", "additionalProperties", "minProperties"]) => "object",
        () if says(&["items", "prefixItems", "minItems"]) => "array",
        () if says(&["format", "pattern", "minLength", "maxLength"]) => "string",
        () if says(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]) => "number",
        () => "",
    }
}
