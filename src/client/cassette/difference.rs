//! How two calls differ, field by field.

use super::format::Fields;
use crate::client::secrets::HIDDEN;
use serde_json::Value;

/// So much of a value is shown.
const WIDTH: usize = 60;
/// So many fields are shown.
const MOST: usize = 12;

/// Whether these are the recorded fields. Dots in a recorded text stand for whatever is there now.
pub(super) fn same_fields(recorded: &Fields, now: &Fields) -> bool {
    let same_field = |(name, value): (&String, &Value)| now.get(name).is_some_and(|now| same(value, now));
    recorded.len() == now.len() && recorded.iter().all(same_field)
}

fn same(recorded: &Value, now: &Value) -> bool {
    match (recorded, now) {
        (Value::String(recorded), Value::String(now)) => same_text(recorded, now),
        (Value::Array(recorded), Value::Array(now)) => {
            recorded.len() == now.len() && recorded.iter().zip(now).all(|(recorded, now)| same(recorded, now))
        }
        (Value::Object(recorded), Value::Object(now)) => same_fields(recorded, now),
        _ => recorded == now,
    }
}

fn same_text(recorded: &str, now: &str) -> bool {
    let Some((first, rest)) = recorded.split_once(HIDDEN) else { return recorded == now };
    let Some(mut now) = now.strip_prefix(first) else { return false };
    let mut parts: Vec<_> = rest.split(HIDDEN).collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, behind)) = now.split_once(part) else { return false };
        now = behind;
    }
    now.ends_with(last)
}

/// The fields that differ, a line each: `books[0].expire_time: recorded 1, now 2`.
pub(super) fn lines(recorded: &Fields, now: &Fields) -> Vec<String> {
    let mut lines = Vec::new();
    compare_fields("", recorded, now, &mut lines);
    lines
}

/// The same, for a person to read.
pub(super) fn shown(mut lines: Vec<String>) -> String {
    let left = lines.len().saturating_sub(MOST);
    if left > 0 {
        lines.truncate(MOST);
        lines.push(format!("and {left} more"));
    }
    lines.iter().map(|line| format!("\n  {line}")).collect()
}

fn compare_fields(path: &str, recorded: &Fields, now: &Fields, lines: &mut Vec<String>) {
    let added = now.keys().filter(|name| !recorded.contains_key(*name));
    for name in recorded.keys().chain(added) {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        compare(&path, recorded.get(name), now.get(name), lines);
    }
}

fn compare(path: &str, recorded: Option<&Value>, now: Option<&Value>, lines: &mut Vec<String>) {
    match (recorded, now) {
        // Where in it the secret stands now is not known.
        (Some(recorded), Some(now)) if has_secret(recorded) && !same(recorded, now) => {
            lines.push(format!("{path}: recorded {}, now {HIDDEN}", cut(&recorded.to_string())));
        }
        (Some(Value::Object(recorded)), Some(Value::Object(now))) => compare_fields(path, recorded, now, lines),
        (Some(Value::Array(recorded)), Some(Value::Array(now))) => {
            for place in 0..recorded.len().max(now.len()) {
                compare(&format!("{path}[{place}]"), recorded.get(place), now.get(place), lines);
            }
        }
        (Some(recorded), Some(now)) if same(recorded, now) => {}
        (Some(recorded), Some(now)) => {
            let (recorded, now) = around(&recorded.to_string(), &now.to_string());
            lines.push(format!("{path}: recorded {recorded}, now {now}"));
        }
        (Some(recorded), None) => lines.push(format!("{path}: recorded {}, now not given", cut(&recorded.to_string()))),
        (None, Some(now)) => lines.push(format!("{path}: not given when recorded, now {}", cut(&now.to_string()))),
        (None, None) => {}
    }
}

fn has_secret(recorded: &Value) -> bool {
    recorded.to_string().contains(HIDDEN)
}

/// Two long texts from a little before where they differ.
fn around(recorded: &str, now: &str) -> (String, String) {
    let same = recorded.chars().zip(now.chars()).take_while(|(recorded, now)| recorded == now).count();
    let skip = if same > WIDTH / 2 { same - WIDTH / 3 } else { 0 };
    let from = |text: &str| {
        let rest: String = text.chars().skip(skip).collect();
        if skip > 0 { format!("…{}", cut(&rest)) } else { cut(&rest) }
    };
    (from(recorded), from(now))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
