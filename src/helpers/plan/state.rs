//! What a write touches, as the platform shows it now.

use super::made::text;
use crate::{
    Error,
    catalog::{Effect, Named, Operation, Schema, Target},
    client::{Client, Options, encode, script_value},
    error::Kind,
    helpers::pages::{Listing, Report},
};
use rhai::{Dynamic, Map};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::HashMap, sync::Arc};

/// A thing that a write touches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thing {
    /// The read that shows it.
    pub read: String,
    /// Which one it is.
    pub is: serde_json::Map<String, Value>,
    /// What people call it, if the read tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is known of it; `null` when it is not there.
    pub was: Value,
    /// Whether it would have to be there for the write, and is not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub missing: bool,
}

impl Thing {
    /// The same for the same thing of an account, whichever write touches it.
    pub fn key(&self, account: &str) -> String {
        format!("{account} {} {}", self.read, Value::Object(self.is.clone()))
    }
}

/// Listings that were read already.
pub(super) type Cache = HashMap<String, Vec<Value>>;

/// The things that this write touches; none where the catalog does not say how to see them, or they do not exist yet.
pub(super) async fn things(
    client: &Arc<Client>,
    operation: &Operation,
    fields: &Value,
    options: &Options,
    cache: &mut Cache,
) -> Result<Vec<Thing>, Error> {
    let Some(target) = &operation.target else { return Ok(Vec::new()) };
    let read = client.operation(&target.read)?;
    let with = resolved(&target.with, fields, None);
    let is_there = |name: &String| with.contains_key(name);
    if read.pages.is_none() && !read.input.required.iter().all(is_there) {
        return Ok(Vec::new());
    }
    let options = Options { account: options.account.clone(), ..Options::default() };
    if target.matches.is_empty() {
        let found = one(client, &read, target, &with, &options).await?;
        let missing = found.as_ref().is_none_or(|found| found.as_array().is_some_and(Vec::is_empty));
        let found = found.unwrap_or_default();
        let (title, was) = (title(&found), part(&found, &target.fields));
        return Ok(vec![Thing { read: target.read.clone(), is: with, title, was, missing }]);
    }
    let key = format!("{:?} {} {}", options.account, target.read, Value::Object(with.clone()));
    if !cache.contains_key(&key) {
        let items = all(client, &read, target, &with, &options).await?;
        cache.insert(key.clone(), items);
    }
    let items = &cache[&key];
    let rows = target.rows.as_ref().and_then(|rows| fields.get(rows)).and_then(Value::as_array);
    let rows: Vec<_> = rows.map_or_else(|| vec![None], |rows| rows.iter().map(Some).collect());
    let thing = |row: Option<&Value>| {
        let is = resolved(&target.matches, fields, row);
        let same = |item: &&Value| is.iter().all(|(name, value)| item.get(name).map(text) == Some(text(value)));
        let found = items.iter().find(same);
        let was = found.map_or(Value::Null, |item| part(item, &target.fields));
        let missing = found.is_none() && takes_away(operation, target);
        Thing { read: target.read.clone(), is, title: found.and_then(title), was, missing }
    };
    Ok(rows.into_iter().map(thing).collect())
}

/// What people call it.
fn title(found: &Value) -> Option<String> {
    const NAMES: [&str; 6] = ["title", "name", "drama_name", "book_name", "chapter_title", "media_name"];
    let found = found.as_array().and_then(|items| items.first()).unwrap_or(found);
    NAMES.iter().find_map(|name| found.get(name)?.as_str()).filter(|name| !name.is_empty()).map(str::to_owned)
}

/// Whether a write takes an item of a listing away: one that makes it, or gives it another state, has the fields that
/// count.
fn takes_away(operation: &Operation, target: &Target) -> bool {
    operation.effects.default == Effect::Destructive && !target.fields.iter().any(|name| has(&operation.input, name))
}

fn has(schema: &Schema, field: &str) -> bool {
    schema.properties.contains_key(field)
        || schema.properties.values().chain(schema.items.as_deref()).any(|inner| has(inner, field))
}

/// The thing that the read shows; none where the platform knows none.
async fn one(
    client: &Client,
    read: &Operation,
    target: &Target,
    with: &serde_json::Map<String, Value>,
    options: &Options,
) -> Result<Option<Value>, Error> {
    match client.call(read, as_fields(with), options).await {
        Ok(reply) => {
            let reply = json(&reply.into());
            let found = target.at.as_deref().map_or(Some(&reply), |at| find(&reply, at));
            Ok(Some(found.cloned().unwrap_or_default()))
        }
        Err(error) if error.kind == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

async fn all(
    client: &Arc<Client>,
    read: &Operation,
    target: &Target,
    with: &serde_json::Map<String, Value>,
    options: &Options,
) -> Result<Vec<Value>, Error> {
    if read.pages.is_none() {
        let reply = json(&client.call(read, as_fields(with), options).await?.into());
        let items = target.at.as_deref().and_then(|at| find(&reply, at));
        return Ok(items.and_then(Value::as_array).cloned().unwrap_or_default());
    }
    let listing = Listing::new(client, &target.read, as_fields(with), options.clone())?;
    let mut reading = listing.read(client.clone(), Arc::new(Report::default()));
    let mut items = Vec::new();
    while let Some(page) = reading.next().await {
        items.extend(page?.iter().map(json));
    }
    Ok(items)
}

/// The fields that count; of a list, those of each item.
fn part(value: &Value, fields: &[String]) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| part(item, fields)).collect(),
        Value::Object(all) if !fields.is_empty() => {
            let kept = fields.iter().filter_map(|name| Some((name.clone(), all.get(name)?.clone())));
            Value::Object(kept.collect())
        }
        other => other.clone(),
    }
}

/// The template with `$request.x`, `$row.x` and `$row` replaced; a field whose value is not there is left out.
fn resolved(template: &Named<Value>, request: &Value, row: Option<&Value>) -> serde_json::Map<String, Value> {
    let value = |value: &Value| match value.as_str() {
        Some("$row") => row.cloned(),
        Some(path) if path.starts_with("$row.") => find(row?, &path[5..]).cloned(),
        Some(path) if path.starts_with("$request.") => find(request, &path[9..]).cloned(),
        _ => Some(value.clone()),
    };
    template.iter().filter_map(|(name, it)| Some((name.clone(), value(it)?))).collect()
}

/// The value at a path: names of fields, and places in lists from 0.
pub(super) fn find<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        other => other.get(step),
    })
}

/// A value of a script as JSON.
pub(super) fn json(value: &Dynamic) -> Value {
    encode(value).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Fields of a call.
pub(super) fn as_fields(fields: &serde_json::Map<String, Value>) -> Map {
    fields.iter().map(|(name, value)| (name.as_str().into(), script_value(value))).collect()
}
