//! What a person allows: rights, on these accounts, for these things.

use super::{Right, Rights};
use crate::catalog::{Effect, Operation, Schema};
use rhai::{Dynamic, Map};
use std::collections::{BTreeMap, BTreeSet};

/// What a person allows to some code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grant {
    /// What it may do. Folders are absolute.
    pub rights: Rights,
    /// On these accounts; on any without a list.
    pub accounts: Option<BTreeSet<String>>,
    /// For these things alone, by the field that names them: `drama_id` and the ids, as texts.
    pub only: BTreeMap<String, BTreeSet<String>>,
}

/// A call that is about to be made.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// What is called.
    pub operation: &'a Operation,
    /// What it does with these fields.
    pub effect: Effect,
    /// Who calls.
    pub account: &'a str,
    /// Its fields.
    pub fields: &'a Map,
}

impl Call<'_> {
    /// What must be granted for it.
    pub fn right(&self) -> Right {
        Right::call(&self.operation.full_name(), self.effect)
    }
}

impl Grant {
    /// These rights without a limit.
    pub fn of(rights: Rights) -> Grant {
        Grant { rights, ..Grant::default() }
    }

    /// Why this call is not allowed, if it is not.
    pub fn refuses(&self, call: &Call<'_>) -> Option<String> {
        let right = call.right();
        if !self.rights.covers(&right) {
            return Some(format!("`{right}` is not granted"));
        }
        match &self.accounts {
            Some(accounts) if !accounts.contains(call.account) => {
                let granted = listed(accounts);
                Some(format!("it is granted for the accounts {granted}, and this is {}", call.account))
            }
            _ => self.only.iter().find_map(|(field, allowed)| beyond(call, field, allowed)),
        }
    }
}

/// A call that does not say which thing it is about may be about any. One that only reads, and has no such field, tells of
/// things and does nothing to them.
fn beyond(call: &Call<'_>, field: &str, allowed: &BTreeSet<String>) -> Option<String> {
    let mut named = Vec::new();
    call.fields.iter().for_each(|(name, value)| collect(name, value, field, &mut named));
    if named.is_empty() {
        let may_name = has(&call.operation.input, field);
        let harmless = call.effect == Effect::Read && !may_name;
        let granted = listed(allowed);
        return (!harmless).then(|| format!("it is granted for `{field}` {granted}, and this call names none"));
    }
    let other = named.into_iter().find(|value| !allowed.contains(value))?;
    Some(format!("it is granted for `{field}` {}, and this is {other}", listed(allowed)))
}

fn collect(name: &str, value: &Dynamic, field: &str, found: &mut Vec<String>) {
    if let Ok(map) = value.as_map_ref() {
        map.iter().for_each(|(name, value)| collect(name, value, field, found));
    } else if let Ok(items) = value.as_array_ref() {
        items.iter().for_each(|item| collect(name, item, field, found));
    } else if name == field {
        found.push(value.to_string());
    }
}

fn has(schema: &Schema, field: &str) -> bool {
    schema.properties.contains_key(field)
        || schema.properties.values().chain(schema.items.as_deref()).any(|inner| has(inner, field))
}

/// `1, 2, 3 and 4 more`
fn listed(names: &BTreeSet<String>) -> String {
    const MOST: usize = 5;
    let shown: Vec<_> = names.iter().take(MOST).map(String::as_str).collect();
    let more = names.len().saturating_sub(MOST);
    let shown = shown.join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Catalog, check};

    fn grant(rights: &str) -> Grant {
        Grant::of(rights.parse().unwrap())
    }

    fn only(mut grant: Grant, field: &str, values: &[&str]) -> Grant {
        grant.only.insert(field.into(), values.iter().map(ToString::to_string).collect());
        grant
    }

    /// Why this call of account `main` is refused.
    fn refusal(grant: &Grant, operation: &str, effect: Effect, fields: &str) -> Option<String> {
        let operation = Catalog::builtin().named(operation).unwrap();
        let fields: Map = rhai::Engine::new().parse_json(fields, true).unwrap();
        let _ = check(&operation.input, &fields);
        grant.refuses(&Call { operation: &operation, effect, account: "main", fields: &fields })
    }

    #[test]
    fn an_effect_that_is_not_granted_is_refused() {
        let fields = r#"{"media_id": 1}"#;
        assert_eq!(refusal(&grant("destructive"), "drama.delete_media", Effect::Destructive, fields), None);
        let refused = refusal(&grant("write"), "drama.delete_media", Effect::Destructive, fields).unwrap();
        assert!(refused.contains("destructive:drama.delete_media"), "{refused}");
    }

    #[test]
    fn another_account_is_refused() {
        let mut grant = grant("read");
        grant.accounts = Some(["test".to_owned()].into());
        assert!(refusal(&grant, "drama.list_media", Effect::Read, "{}").unwrap().contains("this is main"));
        grant.accounts = Some(["main".to_owned()].into());
        assert_eq!(refusal(&grant, "drama.list_media", Effect::Read, "{}"), None);
    }

    #[test]
    fn each_thing_that_a_call_names_must_be_granted() {
        let grant = only(grant("destructive"), "media_id", &["1", "2"]);
        let refusal = |fields| refusal(&grant, "drama.delete_media", Effect::Destructive, fields);
        assert_eq!(refusal(r#"{"media_id": 2}"#), None);
        assert!(refusal(r#"{"media_id": 3}"#).unwrap().contains("this is 3"));
        assert!(refusal("{}").unwrap().contains("names none"));
        assert!(refusal(r#"{"rows": [{"media_id": 1}, {"media_id": 9}]}"#).unwrap().contains("this is 9"));
    }

    #[test]
    fn a_read_that_has_no_such_field_is_harmless_and_a_write_is_not() {
        let grant = only(grant("destructive"), "book_id", &["1"]);
        assert_eq!(refusal(&grant, "drama.list_media", Effect::Read, "{}"), None);
        assert!(refusal(&grant, "drama.delete_media", Effect::Destructive, r#"{"media_id": 1}"#).is_some());
    }
}
