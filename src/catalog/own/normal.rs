//! A document in the catalog's own words: one module, a name for every operation, parameters beside their operations,
//! one content type where there are several, and credentials as parameters that are filled in.

use super::{
    credentials::credentials,
    names,
    schemas::Source,
    spot::{Fault, Spot},
};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
const SHAPE: &str = "mend it there; a validator of OpenAPI documents tells more";
const LEAVE_OUT: &str = "leave its operation out of the document, or the parameter where the API does without";
/// Headers that are no parameters, as OpenAPI says.
const NO_PARAMETERS: [&str; 3] = ["accept", "content-type", "authorization"];

pub(super) fn normal(module: &str, root: &Value) -> Result<Value, Fault> {
    let source = Source(root);
    let spot = Spot::Root;
    let mut document = extensions(root);
    let title = ["description", "title"].iter().find_map(|name| root["info"][*name].as_str()).unwrap_or_default();
    document
        .insert("tags".into(), json!([{ "name": module, "description": title.lines().next().unwrap_or_default() }]));
    document.insert("servers".into(), servers(root));
    let here = Spot::In(&spot, "components");
    let mut schemas = Map::new();
    for (name, schema) in map(&root["components"]["schemas"], &here)? {
        let here = Spot::In(&here, "schemas");
        schemas.insert(name.clone(), source.schema(schema, Spot::In(&here, name))?);
    }
    let schemes = root["components"]["securitySchemes"].clone();
    let schemes = if schemes.is_null() { json!({}) } else { schemes };
    document.insert("components".into(), json!({ "schemas": schemas, "securitySchemes": schemes }));
    let mut walk = Walk { module, root, source, names: HashMap::new() };
    let paths = walk.paths(&Spot::In(&spot, "paths"))?;
    document.insert("paths".into(), Value::Object(paths));
    Ok(Value::Object(document))
}

struct Walk<'a> {
    module: &'a str,
    root: &'a Value,
    source: Source<'a>,
    /// Which operation has which name.
    names: HashMap<String, String>,
}

impl Walk<'_> {
    fn paths(&mut self, spot: &Spot) -> Result<Map<String, Value>, Fault> {
        let mut paths = Map::new();
        for (path, item) in map(&self.root["paths"], spot)? {
            let here = Spot::In(spot, path);
            let item = self.source.at(item, here)?;
            let mut new = Map::new();
            for method in METHODS {
                if let Some(operation) = item.get(method) {
                    let operation = self.operation(path, method, item, operation, &Spot::In(&here, method))?;
                    new.insert(method.to_owned(), operation);
                }
            }
            new.insert("servers".into(), servers(item));
            paths.insert(path.clone(), Value::Object(new));
        }
        if self.names.is_empty() {
            return Err(spot.fault("there is no operation", "an API needs at least one"));
        }
        Ok(paths)
    }

    fn operation(&mut self, path: &str, method: &str, item: &Value, raw: &Value, spot: &Spot) -> Result<Value, Fault> {
        let mut new = extensions(raw);
        let id = raw["operationId"].as_str().unwrap_or_default();
        let name = self.name(id, method, path, spot)?;
        if !self.names.contains_key(id) && rhai::is_valid_function_name(id) {
            self.names.insert(id.to_owned(), spot.to_string());
            new.entry("x-juben-alias").or_insert(id.into());
        }
        new.insert("operationId".into(), name.into());
        new.insert("tags".into(), json!([self.module]));
        let description = raw["description"].as_str().unwrap_or_default();
        let first = description.lines().next().unwrap_or_default();
        let summary = raw["summary"].as_str().filter(|it| !it.is_empty()).unwrap_or(first);
        new.insert("summary".into(), summary.into());
        new.insert("description".into(), if description == summary { "" } else { description }.into());
        new.insert("servers".into(), servers(raw));
        // What HTTP says of these methods.
        if method == "delete" {
            new.entry("x-juben-effect").or_insert("destructive".into());
        }
        if matches!(method, "put" | "delete") {
            new.entry("x-juben-retry").or_insert(json!({ "idempotent": true }));
        }
        let (responses, wanted) = self.responses(&raw["responses"], &Spot::In(spot, "responses"))?;
        let mut parameters = self.parameters(item, raw, spot)?;
        parameters.extend(wanted.map(|media| accept(&media)));
        let security = raw.get("security").or_else(|| self.root.get("security"));
        parameters.extend(credentials(self.source, security, spot)?);
        new.extend(security.map(|security| ("security".to_owned(), security.clone())));
        new.insert("parameters".into(), Value::Array(parameters));
        if let Some(body) = raw.get("requestBody") {
            new.insert("requestBody".into(), self.request_body(body, &Spot::In(spot, "requestBody"))?);
        }
        new.insert("responses".into(), Value::Object(responses));
        Ok(Value::Object(new))
    }

    /// The name of an operation: that of its id, or that of its path where it has none or another has it.
    fn name(&mut self, id: &str, method: &str, path: &str, spot: &Spot) -> Result<String, Fault> {
        let by_path = names::of_path(method, path);
        let wanted = names::of_id(id).filter(|name| !self.names.contains_key(name));
        let name = wanted.unwrap_or(by_path);
        match self.names.insert(name.clone(), spot.to_string()) {
            None => Ok(name),
            Some(other) => Err(spot.fault(
                format!("its name would be `{name}`, as that of {other}"),
                "give one of them another `operationId`",
            )),
        }
    }

    /// The parameters of the path and of the operation, which are those that count where both have one.
    fn parameters(&self, item: &Value, raw: &Value, spot: &Spot) -> Result<Vec<Value>, Fault> {
        let mut found: Vec<(Value, bool)> = Vec::new();
        for list in [&item["parameters"], &raw["parameters"]] {
            let here = Spot::In(spot, "parameters");
            for (index, parameter) in list_of(list, &here)?.iter().enumerate() {
                let here = Spot::Item(&here, index);
                let raw = self.source.at(parameter, here)?;
                let (new, is_sent) = (self.parameter(raw, &here)?, self.is_sent(raw, &here)?);
                let same = |(other, _): &(Value, bool)| other["name"] == new["name"] && other["in"] == new["in"];
                match found.iter().position(same) {
                    Some(index) => found[index] = (new, is_sent),
                    None => found.push((new, is_sent)),
                }
            }
        }
        Ok(found.into_iter().filter_map(|(parameter, is_sent)| is_sent.then_some(parameter)).collect())
    }

    /// Whether juben sends such a parameter. One that it cannot write must not be required.
    fn is_sent(&self, raw: &Value, spot: &Spot) -> Result<bool, Fault> {
        let text = |field: &str| raw[field].as_str().unwrap_or_default();
        let name = text("name");
        if text("in") == "cookie" || text("in") == "header" && NO_PARAMETERS.contains(&&*name.to_lowercase()) {
            return Ok(false);
        }
        let why = match text("style") {
            // A content type says how it is written.
            _ if raw.get("content").is_some() => return Ok(true),
            "" | "form" | "simple" if !self.is_object(&raw["schema"], spot)? => return Ok(true),
            "" | "form" | "simple" => "it is an object".to_owned(),
            style => format!("its style is {style}"),
        };
        match raw["required"] == true {
            true => Err(spot.fault(format!("`{name}` is required, and juben cannot send it: {why}"), LEAVE_OUT)),
            false => Ok(false),
        }
    }

    fn is_object(&self, schema: &Value, spot: &Spot) -> Result<bool, Fault> {
        let schema = self.source.at(schema, *spot)?;
        for part in std::iter::once(schema).chain(schema["allOf"].as_array().into_iter().flatten()) {
            let part = self.source.at(part, *spot)?;
            let types = &part["type"];
            let named = types == "object" || types.as_array().is_some_and(|types| types.contains(&json!("object")));
            if named || part.get("properties").is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn parameter(&self, raw: &Value, spot: &Spot) -> Result<Value, Fault> {
        let name = raw["name"].as_str().ok_or_else(|| spot.fault("a parameter has no `name`", SHAPE))?;
        let mut new = extensions(raw);
        new.insert("name".into(), name.into());
        for field in ["in", "required", "description", "explode"] {
            new.extend(raw.get(field).filter(|value| !value.is_null()).map(|value| (field.to_owned(), value.clone())));
        }
        let content = raw["content"].as_object().and_then(|content| content.values().next());
        let (schema, step) = match content {
            Some(media) => (&media["schema"], "content"),
            None => (&raw["schema"], "schema"),
        };
        if !schema.is_null() {
            new.insert("schema".into(), self.source.schema(schema, Spot::In(spot, step))?);
        }
        new.extend(self.example(raw, schema, spot)?.map(|example| ("example".to_owned(), example)));
        Ok(Value::Object(new))
    }

    fn request_body(&self, raw: &Value, spot: &Spot) -> Result<Value, Fault> {
        let raw = self.source.at(raw, *spot)?;
        let content = self.content(&raw["content"], &Spot::In(spot, "content"))?;
        let writable = |media: &&String| media.starts_with("multipart/") || media.ends_with("x-www-form-urlencoded");
        let chosen = content.keys().find(|media| media.contains("json")).or_else(|| content.keys().find(writable));
        let chosen = chosen.or_else(|| content.keys().next()).cloned();
        let content: Map<_, _> = content.into_iter().filter(|(media, _)| Some(media) == chosen.as_ref()).collect();
        Ok(json!({ "required": raw["required"] == true, "content": content }))
    }

    /// The responses, and what must be asked for where a success may be JSON or another text.
    fn responses(&self, raw: &Value, spot: &Spot) -> Result<(Map<String, Value>, Option<String>), Fault> {
        let mut new = Map::new();
        let mut wanted = None;
        for (status, response) in map(raw, spot)? {
            let here = Spot::In(spot, status);
            let response = self.source.at(response, here)?;
            let mut content = self.content(&response["content"], &Spot::In(&here, "content"))?;
            let json = content.keys().find(|media| media.contains("json")).cloned();
            let other_text = |media: &String| media.contains("xml") || media.starts_with("text/");
            if let (Some(json), true) = (json, content.keys().any(other_text)) {
                content.retain(|media, _| !other_text(media));
                wanted = wanted.or(status.starts_with('2').then_some(json));
            }
            let description = response["description"].as_str().unwrap_or_default();
            new.insert(status.to_lowercase(), json!({ "description": description, "content": content }));
        }
        Ok((new, wanted))
    }

    fn content(&self, raw: &Value, spot: &Spot) -> Result<Map<String, Value>, Fault> {
        let mut new = Map::new();
        for (media, raw) in map(raw, spot)? {
            let here = Spot::In(spot, media);
            let mut content = Map::new();
            if !raw["schema"].is_null() {
                content.insert("schema".into(), self.source.schema(&raw["schema"], Spot::In(&here, "schema"))?);
            }
            let example = self.example(raw, &raw["schema"], &here)?;
            content.extend(example.map(|example| ("example".to_owned(), example)));
            new.insert(media.to_lowercase(), Value::Object(content));
        }
        Ok(new)
    }

    /// The first example that stands there, or at the schema.
    fn example(&self, raw: &Value, schema: &Value, spot: &Spot) -> Result<Option<Value>, Fault> {
        let own = |value: &Value| value.get("example").filter(|example| !example.is_null()).cloned();
        if let Some(example) = own(raw) {
            return Ok(Some(example));
        }
        if let Some(first) = raw["examples"].as_object().and_then(|examples| examples.values().next()) {
            let example = self.source.at(first, Spot::In(spot, "examples"))?;
            if let Some(value) = example.get("value") {
                return Ok(Some(value.clone()));
            }
        }
        let schema = if schema.is_null() { schema } else { self.source.at(schema, *spot)? };
        Ok(own(schema).or_else(|| schema["examples"].get(0).cloned()))
    }
}

/// The addresses that are whole, with the usual values of their variables. Where an API is that says only `/v1` is for
/// the user to say.
fn servers(raw: &Value) -> Value {
    let servers = raw["servers"].as_array().into_iter().flatten().filter_map(|server| {
        let mut url = server["url"].as_str()?.to_owned();
        for (name, variable) in server["variables"].as_object().into_iter().flatten() {
            url = url.replace(&format!("{{{name}}}"), variable["default"].as_str().unwrap_or_default());
        }
        (url.starts_with("https://") || url.starts_with("http://")).then(|| json!({ "url": url }))
    });
    Value::Array(servers.collect())
}

/// The catalog's vocabulary where the document uses it.
fn extensions(raw: &Value) -> Map<String, Value> {
    let own = raw.as_object().into_iter().flatten().filter(|(name, _)| name.starts_with("x-juben-"));
    own.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// A header that asks for one of several content types.
fn accept(media: &str) -> Value {
    json!({ "name": "Accept", "in": "header", "schema": { "type": "string", "const": media } })
}

fn map<'a>(value: &'a Value, spot: &Spot) -> Result<impl Iterator<Item = (&'a String, &'a Value)> + use<'a>, Fault> {
    match value {
        Value::Object(_) | Value::Null => Ok(value.as_object().into_iter().flatten()),
        _ => Err(spot.fault("it must be a map", SHAPE)),
    }
}

fn list_of<'a>(value: &'a Value, spot: &Spot) -> Result<&'a [Value], Fault> {
    match value {
        Value::Array(items) => Ok(items),
        Value::Null => Ok(&[]),
        _ => Err(spot.fault("it must be a list", SHAPE)),
    }
}
