//! How two values of a script differ, place by place.

use super::type_name;
use crate::{
    client::{self, around, listed},
    secret::Secret,
};
use rhai::{Array, Dynamic, Map, NativeCallContext};

/// A text that is longer is shown from a little before where it differs.
const LONG: usize = 60;

/// How they differ, for a person to read; `None` when they are equal.
pub(super) fn told(call: &NativeCallContext, found: &Dynamic, expected: &Dynamic) -> Option<String> {
    let mut comparison = Comparison { call, lines: Vec::new() };
    comparison.values("", found, expected);
    let lines = comparison.lines;
    match lines.len() {
        0 | 1 => lines.into_iter().next(),
        count => Some(format!("{count} differences:{}", listed(lines))),
    }
}

/// A value as a script would write it, more or less.
pub(super) fn literal(value: &Dynamic) -> String {
    if value.is_unit() {
        return "()".to_owned();
    }
    match value.read_lock::<Secret>() {
        Some(secret) => secret.to_string(),
        None => client::encode(value).unwrap_or_else(|_| value.to_string()),
    }
}

struct Comparison<'a, 'c> {
    call: &'a NativeCallContext<'c>,
    lines: Vec<String>,
}

impl Comparison<'_, '_> {
    fn values(&mut self, path: &str, found: &Dynamic, expected: &Dynamic) {
        if let (Ok(found), Ok(expected)) = (found.as_map_ref(), expected.as_map_ref()) {
            return self.maps(path, &found, &expected);
        }
        if let (Ok(found), Ok(expected)) = (found.as_array_ref(), expected.as_array_ref()) {
            return self.arrays(path, &found, &expected);
        }
        if !self.are_equal(found, expected) {
            self.tell(path, different(found, expected));
        }
    }

    fn maps(&mut self, path: &str, found: &Map, expected: &Map) {
        let extra = found.keys().filter(|name| !expected.contains_key(*name));
        for name in expected.keys().chain(extra) {
            self.items(&field(path, name), found.get(name), expected.get(name));
        }
    }

    /// What is put in or left out in the middle does not make all that follows differ.
    fn arrays(&mut self, path: &str, found: &Array, expected: &Array) {
        let shorter = found.len().min(expected.len());
        let end = match found.len() == expected.len() {
            true => 0,
            false => {
                let pairs = || found.iter().zip(expected);
                let begin = pairs().take_while(|(found, expected)| self.same(found, expected)).count();
                let from_end = found.iter().rev().zip(expected.iter().rev()).take(shorter - begin);
                from_end.take_while(|(found, expected)| self.same(found, expected)).count()
            }
        };
        let (found, expected) = (&found[..found.len() - end], &expected[..expected.len() - end]);
        for place in 0..found.len().max(expected.len()) {
            self.items(&format!("{path}[{place}]"), found.get(place), expected.get(place));
        }
    }

    fn items(&mut self, path: &str, found: Option<&Dynamic>, expected: Option<&Dynamic>) {
        match (found, expected) {
            (Some(found), Some(expected)) => self.values(path, found, expected),
            (Some(found), None) => self.tell(path, format!("extra; found {}", around(&literal(found), "").0)),
            (None, Some(expected)) => {
                self.tell(path, format!("missing; expected {}", around(&literal(expected), "").0));
            }
            (None, None) => {}
        }
    }

    fn same(&self, found: &Dynamic, expected: &Dynamic) -> bool {
        let mut comparison = Comparison { call: self.call, lines: Vec::new() };
        comparison.values("", found, expected);
        comparison.lines.is_empty()
    }

    /// As the language's `==` judges; values that it cannot compare are different.
    fn are_equal(&self, found: &Dynamic, expected: &Dynamic) -> bool {
        let (mut found, mut expected) = (found.flatten_clone(), expected.flatten_clone());
        if found.is_unit() || expected.is_unit() {
            return found.is_unit() && expected.is_unit();
        }
        let equal = self.call.call_native_fn_raw("==", true, &mut [&mut found, &mut expected]);
        equal.is_ok_and(|equal| equal.as_bool() == Ok(true))
    }

    fn tell(&mut self, path: &str, what: String) {
        self.lines.push(if path.is_empty() { what } else { format!("{path}: {what}") });
    }
}

/// `books[3].title`; a name that is none in a script stands in quotes.
fn field(path: &str, name: &str) -> String {
    let plain = name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    match (plain, path.is_empty()) {
        (true, true) => name.to_owned(),
        (true, false) => format!("{path}.{name}"),
        (false, _) => format!("{path}[{name:?}]"),
    }
}

fn different(found: &Dynamic, expected: &Dynamic) -> String {
    let (one, other) = (literal(found), literal(expected));
    if one == other {
        return format!("found {one} of type {}, expected {other} of type {}", type_name(found), type_name(expected));
    }
    let from = match (found.read_lock::<rhai::ImmutableString>(), expected.read_lock::<rhai::ImmutableString>()) {
        (Some(found), Some(expected)) if found.chars().count().max(expected.chars().count()) > LONG => {
            first_difference(&found, &expected)
        }
        _ => String::new(),
    };
    let (one, other) = around(&one, &other);
    format!("found {one}, expected {other}{from}")
}

/// Where two long texts begin to differ.
fn first_difference(found: &str, expected: &str) -> String {
    let same: String = found.chars().zip(expected.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
    let line = same.matches('\n').count() + 1;
    let column = same.chars().rev().take_while(|letter| *letter != '\n').count() + 1;
    match line {
        1 => format!("; they differ from character {column} on"),
        _ => format!("; they differ from line {line}, character {column} on"),
    }
}
