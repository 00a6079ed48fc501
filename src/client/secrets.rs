//! What must not be in a recording or be shown of an exchange, and what stands in its place.

use super::{
    account::Account,
    request::{encoded, escaped},
};
use crate::{
    catalog::{Path, Schema},
    config::{SecretSource, Vendor},
    secret::Secret,
};
use rhai::Map;
use serde_json::Value;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashSet},
};

/// In place of a secret in a request. Which one it was does not count.
pub(super) const HIDDEN: &str = "••••";

/// What is shorter is too likely to be another word.
const SHORTEST: usize = 6;

/// The secrets that a run has seen, each with its stand-in.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    /// In every spelling; the longest first, as one may be a part of another.
    known: Vec<(Secret, String)>,
    accounts: HashSet<String>,
    /// So many came in replies.
    given: usize,
}

impl Secrets {
    /// Those of an account; one that cannot be read cannot be sent.
    pub(super) fn learn_account(&mut self, account: &Account) {
        if !self.accounts.insert(format!("{:?} {}", account.settings.platform, account.name)) {
            return;
        }
        let settings = &account.settings;
        self.learn_sources(account.secrets());
        if settings.platform == Vendor::Api
            && let Ok(both) = account.basic()
        {
            self.learn(both.reveal());
        }
    }

    /// What is found there.
    pub(super) fn learn_sources<'a>(&mut self, sources: impl IntoIterator<Item = &'a SecretSource>) {
        sources.into_iter().filter_map(|source| source.read("a secret").ok()).for_each(|it| self.learn(it.reveal()));
    }

    /// Those of a request: the guarded ones of its fields, and its token.
    pub(super) fn learn_request(&mut self, sent: &Map, token: Option<&Secret>) {
        let guarded = sent.values().filter_map(|value| value.read_lock::<Secret>().map(|secret| secret.clone()));
        guarded.chain(token.cloned()).for_each(|secret| self.learn(secret.reveal()));
    }

    /// One that was there before.
    pub(super) fn learn(&mut self, secret: &str) {
        if self.stand_in(secret).is_none() {
            self.add(secret, HIDDEN);
        }
    }

    /// One that the platform gave, such as a token. It has a number: a replay must tell an old token from a new one.
    fn receive(&mut self, secret: &str) -> String {
        self.stand_in(secret).unwrap_or_else(|| {
            self.given += 1;
            let stand_in = format!("{HIDDEN}{}", self.given);
            self.add(secret, &stand_in);
            stand_in
        })
    }

    fn add(&mut self, secret: &str, stand_in: &str) {
        let each = spellings(secret).into_iter().map(|spelling| (Secret::new(spelling), stand_in.to_owned()));
        self.known.extend(each);
        self.known.sort_by_key(|(secret, _)| Reverse(secret.reveal().len()));
    }

    fn stand_in(&self, secret: &str) -> Option<String> {
        self.known.iter().find(|(known, _)| known.reveal() == secret).map(|(_, stand_in)| stand_in.clone())
    }

    /// Take the secrets out of a reply: those at the places that the catalog names, and wherever else a known one stands.
    pub(super) fn hide_reply(&mut self, reply: &mut Value, paths: &[Path]) {
        for path in paths {
            at(reply, path, &mut |value| {
                let secret = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                if !value.is_null() {
                    *value = self.receive(&secret).into();
                }
            });
        }
        self.hide(reply);
    }

    /// Take known secrets out of fields.
    pub(super) fn hide_fields(&self, fields: &mut serde_json::Map<String, Value>) {
        let mut value = Value::Object(std::mem::take(fields));
        self.hide(&mut value);
        if let Value::Object(hidden) = value {
            *fields = hidden;
        }
    }

    fn hide(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.hide_text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide(item)),
            Value::Object(fields) => {
                *fields = std::mem::take(fields)
                    .into_iter()
                    .map(|(name, mut value)| {
                        self.hide(&mut value);
                        (self.hide_text(&name), value)
                    })
                    .collect();
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    pub(super) fn hide_text(&self, text: &str) -> String {
        let hide = |text: String, (secret, stand_in): (&str, &str)| match text.contains(secret) {
            true => text.replace(secret, stand_in),
            false => text,
        };
        self.long().fold(text.to_owned(), hide)
    }

    /// The same for bytes that need not be text.
    pub(super) fn hide_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        self.long().fold(bytes.to_vec(), |mut bytes, (secret, stand_in)| {
            let mut from = 0;
            while let Some(found) = bytes[from..].windows(secret.len()).position(|it| it == secret.as_bytes()) {
                bytes.splice(from + found..from + found + secret.len(), stand_in.bytes());
                from += found + stand_in.len();
            }
            bytes
        })
    }

    fn long(&self) -> impl Iterator<Item = (&str, &str)> {
        let known = self.known.iter().map(|(secret, stand_in)| (secret.reveal(), stand_in.as_str()));
        known.filter(|(secret, _)| secret.len() >= SHORTEST)
    }
}

/// A secret as it is, as in a path, a query or a form, and as in JSON. What is too short to be looked for has only itself.
fn spellings(secret: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::from([secret.to_owned()]);
    if secret.len() >= SHORTEST {
        let form = encoded(&BTreeMap::from([(String::new(), secret.to_owned())]));
        let json = Value::from(secret).to_string();
        let json = &json[1..json.len() - 1];
        let in_url = [escaped(secret), form.trim_start_matches('=').to_owned()];
        all.extend(in_url.iter().map(|it| lower_hex(it)));
        all.extend(in_url);
        all.extend([json.to_owned(), json.replace('/', r"\/")]);
    }
    all
}

/// `%2f` for `%2F`.
fn lower_hex(escaped: &str) -> String {
    let mut parts = escaped.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| format!("{text}%{}{}", part[..2].to_ascii_lowercase(), &part[2..]))
}

/// Take the secrets out of a field of a request, as its schema names them. Back come those that were there.
pub(super) fn hide_by_schema(value: &mut Value, schema: &Schema, found: &mut Vec<String>) {
    if schema.is_secret() && !value.is_null() {
        found.extend(value.as_str().filter(|text| *text != HIDDEN).map(str::to_owned));
        *value = HIDDEN.into();
        return;
    }
    match value {
        Value::Array(items) => {
            let each = schema.items.as_deref();
            each.into_iter().for_each(|each| items.iter_mut().for_each(|item| hide_by_schema(item, each, found)));
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                schema.properties.get(name).into_iter().for_each(|schema| hide_by_schema(value, schema, found));
            }
        }
        _ => {}
    }
}

fn at(value: &mut Value, path: &[String], change: &mut impl FnMut(&mut Value)) {
    match (path.split_first(), value) {
        (None, value) => change(value),
        (Some((step, rest)), Value::Array(items)) if step == "[]" => {
            items.iter_mut().for_each(|item| at(item, rest, change));
        }
        (Some((step, rest)), Value::Object(fields)) => {
            fields.get_mut(step).into_iter().for_each(|value| at(value, rest, change));
        }
        _ => {}
    }
}
