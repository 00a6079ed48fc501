//! A listing of one page, so that whoever reads all pages comes to an end.

use crate::catalog::{PageStyle, Pages, WHOLE};
use serde_json::{Map, Value};

pub(super) fn cut(pages: &Pages, sent: &Map<String, Value>, body: &mut Value) {
    let first = pages.first.clone().unwrap_or(match pages.style {
        PageStyle::Page => 1.into(),
        _ => 0.into(),
    });
    let later = sent.get(&pages.position).is_some_and(|given| !same(given, &first) && !is_nothing(given));
    let mut count = 0;
    for path in &pages.items {
        if let Some(Value::Array(items)) = at(body, path) {
            if later {
                items.clear();
            }
            count += items.len();
        }
    }
    if let Some(total) = pages.total.as_ref().and_then(|path| at(body, path))
        && !later
    {
        *total = count.into();
    }
    if let Some(next) = pages.next.as_ref().and_then(|path| at(body, path)) {
        *next = if next.is_string() { "".into() } else { Value::Null };
    }
}

fn at<'a>(body: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    if path == WHOLE && !body.is_object() {
        return Some(body);
    }
    path.split('.').try_fold(body, |value, step| value.get_mut(step))
}

/// A number may have come as text.
fn same(one: &Value, other: &Value) -> bool {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text(one) == text(other)
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value == ""
}
