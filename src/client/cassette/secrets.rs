//! What must not be in a recording, and what stands in its place.

use super::format::Fields;
use crate::{
    catalog::{Path, Schema},
    client::{account::Account, request::escaped},
    secret::Secret,
};
use serde_json::Value;
use std::collections::HashSet;

/// In place of a secret in a request. Which one it was does not count.
pub(super) const HIDDEN: &str = "••••";

/// What is shorter is too likely to be another word.
const SHORTEST: usize = 6;

/// The secrets that a run has seen. Each has a number, so that a replay can tell an old token from a new one.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    known: Vec<Secret>,
    accounts: HashSet<String>,
}

impl Secrets {
    /// Those of an account; one that cannot be read cannot be sent.
    pub(super) fn learn_account(&mut self, account: &Account) {
        if !self.accounts.insert(account.name.clone()) {
            return;
        }
        let settings = &account.settings;
        let own = [&settings.secret, &settings.refresh_token, &settings.secretkey, &settings.writetoken];
        let component = account.component.iter().flat_map(|it| [&it.secret, &it.ticket]);
        for source in own.into_iter().flatten().chain(component) {
            if let Ok(secret) = source.read("a secret") {
                self.learn(secret.reveal());
            }
        }
    }

    /// Its stand-in.
    pub(super) fn learn(&mut self, secret: &str) -> String {
        let place = self.known.iter().position(|known| known.reveal() == secret).unwrap_or_else(|| {
            self.known.push(Secret::new(secret));
            self.known.len() - 1
        });
        format!("{HIDDEN}{}", place + 1)
    }

    /// Take the secrets out of a reply: those at the places that the catalog names, and wherever else a known one stands.
    pub(super) fn hide_reply(&mut self, reply: &mut Value, paths: &[Path]) {
        for path in paths {
            at(reply, path, &mut |value| {
                let secret = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                if !value.is_null() {
                    *value = self.learn(&secret).into();
                }
            });
        }
        self.hide(reply);
    }

    /// Take known secrets out of fields.
    pub(super) fn hide_fields(&self, fields: &mut Fields) {
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
        self.long().fold(text.to_owned(), |text, (secret, stand_in)| {
            let text = text.replace(secret, &stand_in);
            text.replace(&escaped(secret), &stand_in)
        })
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

    /// The longest first, as one may be a part of another.
    fn long(&self) -> impl Iterator<Item = (&str, String)> {
        let numbered = self.known.iter().enumerate();
        let mut long: Vec<_> = numbered.map(|(place, it)| (it.reveal(), format!("{HIDDEN}{}", place + 1))).collect();
        long.retain(|(secret, _)| secret.len() >= SHORTEST);
        long.sort_by_key(|(secret, _)| std::cmp::Reverse(secret.len()));
        long.into_iter()
    }
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
