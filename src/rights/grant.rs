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
    let mut named = Named { field, known: Vec::new(), others: Vec::new(), is_open: false };
    named.collect(call.fields, Some(&call.operation.input));
    if let Some(other) = named.known.iter().chain(&named.others).find(|value| !allowed.contains(*value)) {
        return Some(format!("it is granted for `{field}` {}, and this is {other}", listed(allowed)));
    }
    let harmless = call.effect == Effect::Read && !has(&call.operation.input, field);
    let says_which = !named.known.is_empty() && !named.is_open || harmless;
    (!says_which).then(|| format!("it is granted for `{field}` {}, and this call leaves it open", listed(allowed)))
}

/// The things that a call names.
struct Named<'a> {
    /// The field that names them.
    field: &'a str,
    /// In fields that the operation has.
    known: Vec<String>,
    /// In others: who adds a field says nothing by it.
    others: Vec<String>,
    /// Whether something that has the field does not say which: any could be meant.
    is_open: bool,
}

impl Named<'_> {
    fn collect(&mut self, fields: &Map, schema: Option<&Schema>) {
        let has_field = schema.is_some_and(|schema| schema.properties.contains_key(self.field));
        self.is_open |= has_field && fields.get(self.field).is_none_or(is_nothing);
        for (name, value) in fields {
            let schema = schema.and_then(|schema| schema.properties.get(name.as_str()));
            self.value(value, schema, name == self.field);
        }
    }

    fn value(&mut self, value: &Dynamic, schema: Option<&Schema>, is_field: bool) {
        if let Ok(fields) = value.as_map_ref() {
            self.collect(&fields, schema);
        } else if let Ok(items) = value.as_array_ref() {
            let schema = schema.and_then(|schema| schema.items.as_deref());
            items.iter().for_each(|item| self.value(item, schema, is_field));
        } else if is_field && !value.is_unit() {
            let named = if schema.is_some() { &mut self.known } else { &mut self.others };
            named.push(value.to_string());
        }
    }
}

fn is_nothing(value: &Dynamic) -> bool {
    value.is_unit() || value.as_array_ref().is_ok_and(|items| items.is_empty() || items.iter().any(is_nothing))
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
        assert!(refusal("{}").unwrap().contains("leaves it open"));
        assert!(refusal(r#"{"rows": [{"media_id": 1}, {"media_id": 9}]}"#).unwrap().contains("this is 9"));
    }

    #[test]
    fn a_field_that_the_operation_does_not_have_names_nothing() {
        let grant = only(grant("destructive"), "drama_id", &["1"]);
        let refusal = |fields| refusal(&grant, "drama.delete_media", Effect::Destructive, fields);
        assert!(refusal(r#"{"media_id": 1, "drama_id": 1}"#).unwrap().contains("leaves it open"));
        assert!(refusal(r#"{"media_id": 1, "drama_id": 2}"#).unwrap().contains("this is 2"));
        let grant = only(grant.clone(), "media_id", &["1"]);
        let hidden = r#"{"media_id": [], "z": {"media_id": 1}, "drama_id": 1}"#;
        assert!(tests::refusal(&grant, "drama.delete_media", Effect::Destructive, hidden).is_some());
    }

    #[test]
    fn every_row_says_which_thing_it_is_about() {
        let grant = only(grant("write"), "book_id", &["b1"]);
        let refusal = |fields: &str| refusal(&grant, "novel.add_book_auth", Effect::Write, fields);
        assert_eq!(refusal(r#"{"books": [{"book_id": "b1"}, {"book_id": "b1"}]}"#), None);
        for open in [
            r#"{"books": [{"book_id": "b1"}, {"grantee_appid": "wx2"}]}"#,
            r#"{"books": [{"book_id": "b1"}, {"book_id": null}]}"#,
            r#"{"books": []}"#,
            r#"{"books": [{"book_id": []}, {"book_id": "b1"}]}"#,
        ] {
            assert!(refusal(open).is_some_and(|refused| refused.contains("leaves it open")), "{open}");
        }
    }

    #[test]
    fn a_read_that_has_no_such_field_is_harmless_and_a_write_is_not() {
        let grant = only(grant("destructive"), "book_id", &["1"]);
        assert_eq!(refusal(&grant, "drama.list_media", Effect::Read, "{}"), None);
        assert!(refusal(&grant, "drama.delete_media", Effect::Destructive, r#"{"media_id": 1}"#).is_some());
    }
}
