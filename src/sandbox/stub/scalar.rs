//! Numbers and texts that a schema allows.

use super::{pattern, value::Spot};
use serde_json::{Map, Number, Value};

/// A number within its limits; the next item of a list gets the next number where there is one.
pub(super) fn number(schema: &Map<String, Value>, nth: usize, whole: bool) -> Option<Value> {
    let limit = |name: &str| schema.get(name).and_then(Value::as_f64);
    let (least, above) = (limit("minimum").unwrap_or(f64::MIN), limit("exclusiveMinimum").unwrap_or(f64::MIN));
    let (most, below) = (limit("maximum").unwrap_or(f64::MAX), limit("exclusiveMaximum").unwrap_or(f64::MAX));
    let step = limit("multipleOf").filter(|step| *step > 0.0);
    let within = |number: &f64| {
        let times = step.map_or(0.0, |step| number / step);
        (least..=most).contains(number) && *number > above && *number < below && (times - times.round()).abs() < 1e-9
    };
    let lowest = least.max(above);
    let highest = most.min(below);
    let start = if lowest > 1.0 || highest < 1.0 { if lowest > f64::MIN { lowest } else { highest } } else { 1.0 };
    let size = step.filter(|step| !whole || step.fract() == 0.0).unwrap_or(1.0);
    let first = (start / size).ceil() * size;
    let later = (nth - 1) as f64 * size;
    let whole_ones =
        [first + later, first + size + later, first, first + size, (highest / size).floor() * size, highest - 1.0];
    let others = [lowest, highest, f64::midpoint(lowest, highest)];
    let candidates = whole_ones.into_iter().chain(others.into_iter().filter(|_| !whole));
    candidates.filter(|number| number.is_finite()).find(within).and_then(|number| {
        let exact = number.fract() == 0.0 && number.abs() < 9e15;
        if exact { Some((number as i64).into()) } else { Number::from_f64(number).map(Value::Number) }
    })
}

/// A text of the right form and length.
pub(super) fn text(schema: &Map<String, Value>, spot: Spot) -> String {
    let count = |name: &str| schema.get(name).and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok());
    let (least, most) = (count("minLength").unwrap_or(0).min(100_000), count("maxLength").unwrap_or(usize::MAX));
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
        && let Some(text) = pattern::text(pattern, least)
    {
        return text;
    }
    let fits = |text: &String| (least..=most).contains(&text.chars().count());
    if let Some(text) = schema.get("format").and_then(Value::as_str).and_then(|format| of_format(format, spot.nth))
        && fits(&text)
    {
        return text;
    }
    let name = if spot.name.is_empty() { "text" } else { spot.name };
    let number = format!(" {}", spot.nth);
    let words: String = name.chars().take(most.saturating_sub(number.len())).collect();
    let words = if words.is_empty() { spot.nth.to_string() } else { format!("{words}{number}") };
    let length = words.chars().count().max(least).min(most);
    words.chars().chain(std::iter::repeat('.')).take(length).collect()
}

fn of_format(format: &str, nth: usize) -> Option<String> {
    let day = (nth - 1) % 28 + 1;
    Some(match format {
        "date-time" => format!("2026-01-{day:02}T08:00:00Z"),
        "date" => format!("2026-01-{day:02}"),
        "time" => format!("08:00:{:02}Z", nth % 60),
        "duration" => format!("P{nth}D"),
        "email" | "idn-email" => format!("name{nth}@example.com"),
        "hostname" | "idn-hostname" => format!("host{nth}.example.com"),
        "ipv4" => format!("192.0.2.{}", nth % 256),
        "ipv6" => format!("2001:db8::{:x}", nth % 65_536),
        "uri" | "url" | "iri" => format!("https://example.com/{nth}"),
        "uri-reference" | "iri-reference" | "json-pointer" => format!("/{nth}"),
        "uri-template" => format!("/{nth}/{{name}}"),
        "relative-json-pointer" => format!("{nth}"),
        "uuid" => format!("00000000-0000-4000-8000-{nth:012}"),
        "regex" => format!("^{nth}$"),
        "byte" => "anViZW4=".to_owned(),
        _ => return None,
    })
}
