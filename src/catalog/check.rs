//! Are these the parameters that an operation takes? Asked before anything is sent.

use super::schema::{Schema, Type};
use crate::{
    Error,
    error::{Kind, nearest},
    secret::Secret,
};
use rhai::{Dynamic, Map};
use serde_json::{Number, Value};
use std::fmt;

/// What is wrong with a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// In which way it is wrong.
    pub fault: Fault,
    /// Which one: `books[3].expire_time`.
    pub path: String,
    /// What is wrong, with what was given and what is allowed.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The name that is probably meant, of one that is unknown.
    pub meant: Option<String>,
}

/// In which way a parameter is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// There is none of that name.
    Unknown,
    /// It has to be given.
    Missing,
    /// Its value does not fit.
    Wrong,
}

/// A value of which nothing is known before the script runs: it fits everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unknown;

type Outcome = Result<(), Problem>;

/// Where a value is. Written out only when something is wrong with it.
#[derive(Clone, Copy)]
enum Spot<'a> {
    /// A value of this name; the parameters themselves have none.
    Top(&'a str),
    Field(&'a Spot<'a>, &'a str),
    Item(&'a Spot<'a>, usize),
}

impl Spot<'_> {
    /// Whether these are the parameters themselves.
    fn is_top(&self) -> bool {
        matches!(self, Spot::Top(""))
    }
}

impl fmt::Display for Spot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Spot::Top(name) => f.write_str(name),
            Spot::Field(outer, name) if outer.is_top() => f.write_str(name),
            Spot::Field(outer, name) => write!(f, "{outer}.{name}"),
            Spot::Item(outer, index) => write!(f, "{outer}[{index}]"),
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Error::new(Kind::Argument, problem.message).hinted(problem.hint)
    }
}

/// Check the fields of a map against a schema.
pub fn check(schema: &Schema, fields: &Map) -> Outcome {
    object(schema, fields, Spot::Top(""))
}

/// Check one value of this name.
pub fn check_value(schema: &Schema, value: &Dynamic, name: &str) -> Outcome {
    value_at(schema, value, Spot::Top(name))
}

fn problem(spot: Spot<'_>, message: String) -> Problem {
    Problem { fault: Fault::Wrong, path: spot.to_string(), message, hint: None, meant: None }
}

impl Problem {
    fn is(mut self, fault: Fault) -> Self {
        self.fault = fault;
        self
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

fn object(schema: &Schema, fields: &Map, spot: Spot<'_>) -> Outcome {
    unknown(schema, fields, spot)?;
    for name in &schema.required {
        if !fields.contains_key(name.as_str()) {
            return Err(missing(schema, name, spot));
        }
    }
    for (name, needed) in &schema.dependent_required {
        let lacking = needed.iter().find(|needed| !fields.contains_key(needed.as_str()));
        if let (true, Some(lacking)) = (fields.contains_key(name.as_str()), lacking) {
            return Err(missing(schema, lacking, spot).hint(format!("`{name}` is only complete with {}", list(needed))));
        }
    }
    alternatives(schema, fields, spot)?;
    if let (Some(condition), Some(then)) = (&schema.condition, &schema.then)
        && holds(condition, fields)
        && let Some(lacking) = then.required.iter().find(|name| !fields.contains_key(name.as_str()))
    {
        let because: Vec<_> = condition.properties.keys().map(String::as_str).collect();
        return Err(
            missing(schema, lacking, spot).hint(format!("it is needed because of the value of {}", list(because)))
        );
    }
    for (name, value) in fields {
        if let Some(field) = schema.properties.get(name.as_str()) {
            value_at(field, value, Spot::Field(&spot, name))?;
        }
    }
    Ok(())
}

fn unknown(schema: &Schema, fields: &Map, spot: Spot<'_>) -> Outcome {
    let known = || schema.properties.keys().map(String::as_str);
    if schema.open || (schema.properties.is_empty() && !spot.is_top()) {
        return Ok(());
    }
    let Some(name) = fields.keys().find(|name| !schema.properties.contains_key(name.as_str())) else {
        return Ok(());
    };
    let at = Spot::Field(&spot, name);
    let found = problem(at, format!("there is no parameter `{at}`")).is(Fault::Unknown);
    Err(match nearest(name, known()) {
        Some(near) => Problem { meant: Some(near.to_owned()), ..found.hint(format!("did you mean `{near}`?")) },
        None if schema.properties.is_empty() => found.hint("it takes no parameters"),
        None => found.hint(format!("there are: {}", list(known()))),
    })
}

fn missing(schema: &Schema, name: &str, spot: Spot<'_>) -> Problem {
    let at = Spot::Field(&spot, name);
    let found = problem(at, format!("`{at}` is missing")).is(Fault::Missing);
    match schema.properties.get(name) {
        Some(field) if field.description.is_empty() => found.hint(format!("{}, required", field.type_name())),
        Some(field) => found.hint(format!("{}, required: {}", field.type_name(), field.description)),
        None => found,
    }
}

fn alternatives(schema: &Schema, fields: &Map, spot: Spot<'_>) -> Outcome {
    let given = |option: &Schema| option.required.iter().all(|name| fields.contains_key(name.as_str()));
    let lists_of_names = schema.any_of.iter().all(|option| !option.required.is_empty());
    if schema.any_of.is_empty() || !lists_of_names || schema.any_of.iter().any(given) {
        return Ok(());
    }
    let options: Vec<String> = schema.any_of.iter().map(|option| list(&option.required)).collect();
    let within = if spot.is_top() { String::new() } else { format!(" in `{spot}`") };
    Err(problem(spot, format!("one of {} is needed{within}", options.join(" or "))).is(Fault::Missing))
}

/// Whether a condition on fields holds; a field that is not there does not meet any.
fn holds(condition: &Schema, fields: &Map) -> bool {
    condition.required.iter().all(|name| fields.contains_key(name.as_str()))
        && condition.properties.iter().all(|(name, expected)| {
            fields.get(name.as_str()).is_some_and(|value| {
                let is = |allowed: &Value| equals(value, allowed);
                expected.constant.iter().all(is) && (expected.values.is_empty() || expected.values.iter().any(is))
            })
        })
}

fn value_at(schema: &Schema, value: &Dynamic, spot: Spot<'_>) -> Outcome {
    if value.is::<Unknown>() || (schema.is_binary() && (value.is_blob() || value.is_string())) {
        return Ok(());
    }
    let given = type_of(schema, value).ok_or_else(|| wrong_type(schema, value, spot))?;
    one_of(schema, value, spot)?;
    match given {
        Type::Integer | Type::Number => range(schema, value, spot),
        Type::String => text(schema, value, spot),
        Type::Array => array(schema, value, spot),
        Type::Object => value.as_map_ref().map_or(Ok(()), |fields| object(schema, &fields, spot)),
        Type::Boolean | Type::Null => Ok(()),
    }
}

/// The type that a value counts as, if the schema allows it.
fn type_of(schema: &Schema, value: &Dynamic) -> Option<Type> {
    let kind = if value.is_int() {
        Type::Integer
    } else if value.is_string() || value.is::<Secret>() {
        Type::String
    } else if value.is_bool() {
        Type::Boolean
    } else if value.is_float() {
        Type::Number
    } else if value.is_array() {
        Type::Array
    } else if value.is_map() {
        Type::Object
    } else if value.is_unit() {
        Type::Null
    } else {
        return None;
    };
    if schema.allows(kind) {
        return Some(kind);
    }
    let whole_as_number = kind == Type::Integer && schema.allows(Type::Number);
    let digits = kind == Type::String && schema.is_int64() && is_digits(value);
    (whole_as_number || digits).then_some(Type::Integer)
}

fn is_digits(value: &Dynamic) -> bool {
    value.as_immutable_string_ref().is_ok_and(|text| text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok())
}

fn wrong_type(schema: &Schema, value: &Dynamic, spot: Spot<'_>) -> Problem {
    let message = format!("`{spot}` is {}; it must be {}", shown(schema, value), with_article(&schema.type_name()));
    let found = problem(spot, message);
    if value.is_unit() {
        return found.hint("leave a parameter out instead of giving it ()");
    }
    let alone = schema.items.as_ref().filter(|items| schema.allows(Type::Array) && type_of(items, value).is_some());
    match (alone, value.is_int() && schema.allows(Type::String)) {
        (Some(_), _) => found.hint(format!("put it into an array: [{}]", shown(schema, value))),
        (None, true) => found.hint(format!("write it as text: \"{value}\"")),
        _ => found,
    }
}

fn one_of(schema: &Schema, value: &Dynamic, spot: Spot<'_>) -> Outcome {
    let allowed: Vec<&Value> = schema.constant.iter().chain(&schema.values).collect();
    if allowed.is_empty() || allowed.iter().any(|allowed| equals(value, allowed)) {
        return Ok(());
    }
    let words: Vec<String> = allowed.iter().map(ToString::to_string).collect();
    let expected = if let [one] = &words[..] { one.clone() } else { format!("one of {}", words.join(", ")) };
    let found = problem(spot, format!("`{spot}` is {}; it must be {expected}", shown(schema, value)));
    let names = allowed.iter().filter_map(|allowed| allowed.as_str());
    let near = value.as_immutable_string_ref().ok().and_then(|text| nearest(&text, names));
    Err(match near {
        Some(near) => found.hint(format!("did you mean {near:?}?")),
        None if schema.description.is_empty() => found,
        None => found.hint(schema.description.clone()),
    })
}

/// Whether a script's value is this JSON value.
pub(crate) fn equals(value: &Dynamic, json: &Value) -> bool {
    match json {
        Value::Null => value.is_unit(),
        Value::Bool(flag) => value.as_bool() == Ok(*flag),
        Value::Number(number) => {
            value.as_int().is_ok_and(|given| number.as_i64() == Some(given))
                || value.as_float().is_ok_and(|given| number.as_f64() == Some(given))
        }
        Value::String(text) => value.as_immutable_string_ref().is_ok_and(|given| given.as_str() == text),
        Value::Array(_) | Value::Object(_) => false,
    }
}

fn range(schema: &Schema, value: &Dynamic, spot: Spot<'_>) -> Outcome {
    let below = schema.minimum.as_ref().filter(|least| compare(value, least).is_some_and(|order| order.is_lt()));
    let above = schema.maximum.as_ref().filter(|most| compare(value, most).is_some_and(|order| order.is_gt()));
    if below.is_none() && above.is_none() {
        return Ok(());
    }
    let allowed = match (&schema.minimum, &schema.maximum) {
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) => format!("{least} or more"),
        (None, Some(most)) => format!("at most {most}"),
        (None, None) => return Ok(()),
    };
    let found = problem(spot, format!("`{spot}` is {}; it must be {allowed}", shown(schema, value)));
    Err(if schema.description.is_empty() { found } else { found.hint(schema.description.clone()) })
}

fn compare(value: &Dynamic, limit: &Number) -> Option<std::cmp::Ordering> {
    match (value.as_int(), limit.as_i64()) {
        (Ok(given), Some(limit)) => Some(given.cmp(&limit)),
        (Ok(given), None) => (given as f64).partial_cmp(&limit.as_f64()?),
        _ => value.as_float().ok()?.partial_cmp(&limit.as_f64()?),
    }
}

fn text(schema: &Schema, value: &Dynamic, spot: Spot<'_>) -> Outcome {
    let Ok(text) = value.as_immutable_string_ref() else { return Ok(()) };
    let size = text.chars().count();
    let limits = [
        (schema.min_length.is_some_and(|least| size < least), size, "character", "at least", schema.min_length),
        (schema.max_length.is_some_and(|most| size > most), size, "character", "at most", schema.max_length),
        (schema.max_bytes.is_some_and(|most| text.len() > most), text.len(), "byte", "at most", schema.max_bytes),
    ];
    if let Some((_, given, unit, word, limit)) = limits.into_iter().find(|limit| limit.0) {
        let limit = limit.unwrap_or_default();
        let message = format!("`{spot}` has {}; it must have {word} {limit}", counted(given, unit));
        return Err(problem(spot, message));
    }
    let pattern = schema.pattern.as_deref().and_then(|pattern| regex::Regex::new(pattern).ok());
    if pattern.is_some_and(|pattern| !pattern.is_match(&text)) {
        let found = problem(spot, format!("`{spot}` is {}, which is not of the right form", shown(schema, value)));
        return Err(found.hint(schema.description.clone()));
    }
    Ok(())
}

fn array(schema: &Schema, value: &Dynamic, spot: Spot<'_>) -> Outcome {
    let Ok(items) = value.as_array_ref() else { return Ok(()) };
    let count = items.len();
    if let Some(least) = schema.min_items.filter(|least| count < *least) {
        return Err(problem(spot, format!("`{spot}` has {}; it must have at least {least}", counted(count, "item"))));
    }
    if let Some(most) = schema.max_items.filter(|most| count > *most) {
        let found = problem(spot, format!("`{spot}` has {}; it may have at most {most}", counted(count, "item")));
        return Err(found.hint(format!("make several calls of at most {most} items")));
    }
    let Some(each) = &schema.items else { return Ok(()) };
    items.iter().enumerate().try_for_each(|(index, item)| value_at(each, item, Spot::Item(&spot, index)))
}

/// What was given, short enough for a message; a secret is not shown.
fn shown(schema: &Schema, value: &Dynamic) -> String {
    const LONGEST: usize = 40;
    if schema.is_secret() || value.is::<Secret>() {
        return "••••".into();
    }
    if value.is_unit() {
        return "()".into();
    }
    if value.is_array() || value.is_map() || value.is_blob() {
        return with_article(value.type_name());
    }
    match value.as_immutable_string_ref() {
        Ok(text) if text.chars().count() > LONGEST => format!("{:?}…", text.chars().take(LONGEST).collect::<String>()),
        Ok(text) => format!("{:?}", text.as_str()),
        Err(_) => value.to_string(),
    }
}

fn with_article(name: &str) -> String {
    let vowel = name.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {name}", if vowel { "an" } else { "a" })
}

fn counted(count: usize, unit: &str) -> String {
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

fn list<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{}`", name.as_ref())).collect();
    quoted.join(", ")
}
