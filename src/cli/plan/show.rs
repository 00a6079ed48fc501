//! A plan for people: each write with what it changes.

use super::super::{colour, width};
use crate::{
    helpers::plan::{Plan, Step, Thing},
    host::shortened,
};
use serde_json::{Map, Value};

/// Of many rows so many are shown.
const SHOWN: usize = 5;
/// A value is cut after so many columns.
const WIDEST: usize = 40;

/// All of it.
pub(super) fn plan(plan: &Plan) -> String {
    let paint = colour(&std::io::stdout());
    let steps: String = plan.writes.iter().map(|step| painted(step, paint)).collect();
    let count = |effect: &str| plan.writes.iter().filter(|step| step.effect == effect).count();
    let unchecked = plan.writes.iter().filter(|step| step.unchecked.is_some()).count();
    let sum = format!(
        "{} writes, {} of them destructive; {unchecked} are not checked before they are made\n",
        plan.writes.len(),
        count("destructive")
    );
    if plan.writes.is_empty() { "nothing would change\n".to_owned() } else { format!("{steps}{sum}") }
}

fn painted(step: &Step, paint: bool) -> String {
    let (sign, code) = sign(step);
    let text = write(step, sign);
    match text.split_once('\n') {
        Some((head, rest)) if paint => format!("\u{1b}[{code}m{head}\u{1b}[0m\n{rest}"),
        _ => text,
    }
}

/// `-` takes away or overwrites, `+` makes something new, `~` changes it.
fn sign(step: &Step) -> (char, u8) {
    match step.effect.as_str() {
        "destructive" => ('-', 31),
        _ if step.expects.iter().all(|thing| thing.was.is_null()) => ('+', 32),
        _ => ('~', 33),
    }
}

fn write(step: &Step, sign: char) -> String {
    let Step { number, operation, account, .. } = step;
    let mut lines = vec![format!("{sign} {number}. {operation} (account {account})")];
    let rows = rows(step);
    match &step.unchecked {
        Some(why) => lines.push(format!("    not checked: {why}")),
        None if step.expects.len() > 1 => lines.push(format!("    {} rows", step.expects.len())),
        None => {}
    }
    if step.expects.is_empty() {
        lines.extend(step.fields.iter().map(|(name, value)| format!("    {name}: {}", short(value))));
    }
    for (place, thing) in step.expects.iter().enumerate().take(SHOWN) {
        let fields = rows.and_then(|rows| rows.get(place)).and_then(Value::as_object).unwrap_or(&step.fields);
        lines.push(format!("    {}", of(thing)));
        lines.extend(changes(thing, fields, step).into_iter().map(|change| format!("      {change}")));
    }
    if step.expects.len() > SHOWN {
        lines.push(format!("    … and {} more", step.expects.len() - SHOWN));
    }
    let most = width().max(60);
    lines.iter().map(|line| shortened(line, most) + "\n").collect()
}

/// The rows of a write whose things are its rows.
fn rows(step: &Step) -> Option<&Vec<Value>> {
    let same = |value: &&Value| value.as_array().is_some_and(|rows| rows.len() == step.expects.len());
    step.fields.values().find(same).and_then(Value::as_array)
}

/// Which thing it is.
pub(super) fn of(thing: &Thing) -> String {
    let names = thing.is.iter().filter(|(name, _)| *name != "need_edited_data");
    names.map(|(name, value)| format!("{name} {}", short(value))).collect::<Vec<_>>().join(", ")
}

/// What becomes of its fields: those that are given and differ from what is there.
fn changes(thing: &Thing, row: &Map<String, Value>, step: &Step) -> Vec<String> {
    let was = |name: &str| thing.was.get(name);
    let named = |name: &str| thing.is.contains_key(name) || name.ends_with("_id_list");
    let given = row.iter().chain(step.fields.iter().filter(|(name, _)| !row.contains_key(*name)));
    let given = given.filter(|(name, value)| !named(name) && (!value.is_array() || was(name).is_some()));
    let change = |(name, value): (&String, &Value)| match was(name) {
        Some(old) if old == value => None,
        Some(old) => Some(format!("{name}: {} → {}", short(old), short(value))),
        None if step.effect == "destructive" => None,
        None => Some(format!("{name}: {}", short(value))),
    };
    let mut lines: Vec<_> = given.filter_map(change).collect();
    if lines.is_empty() && !thing.was.is_null() {
        lines.push(format!("is {}", short(&thing.was)));
    }
    lines
}

/// A value in a few words.
pub(super) fn short(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.replace('\n', "⏎"),
        Value::Null => "nothing".to_owned(),
        Value::Object(fields) if fields.contains_key("$from") => {
            format!("(`{}` of write {})", fields["at"].as_str().unwrap_or_default(), fields["$from"])
        }
        Value::Object(fields) if fields.contains_key("$file") => {
            format!("{} ({} bytes)", fields["$file"].as_str().unwrap_or_default(), fields["size"])
        }
        Value::Array(items) if items.len() > SHOWN => format!("{} items", items.len()),
        other => other.to_string(),
    };
    shortened(&text, WIDEST)
}
