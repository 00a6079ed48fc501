//! A plan for people: each write with what it changes.

use super::super::{
    colour,
    output::{Output, write_rows},
    width, write_out,
};
use crate::{
    Error,
    client::script_value,
    helpers::plan::{Plan, Step, Thing},
    host::{harmless, shortened},
};
use jiff::{Timestamp, tz::TimeZone};
use rhai::{Array, Dynamic};
use serde_json::{Map, Value};
use std::{
    io::{IsTerminal, stdout},
    path::PathBuf,
};
use unicode_width::UnicodeWidthStr;

/// Of many rows so many are shown on a terminal.
const SHOWN: usize = 5;
/// A value is cut there after so many columns.
const WIDEST: usize = 40;
/// Where the readers are.
const ZONE: &str = "Asia/Shanghai";
/// Numbers that can be moments, in seconds since 1970: from 2001 on.
const MOMENTS: std::ops::Range<i64> = 1_000_000_000..10_000_000_000;
/// What a terminal shows of the rows; a pipe has all.
const COLUMNS: [&str; 7] = ["number", "operation", "thing", "title", "field", "was", "becomes"];

/// How much is shown: what fits into so many columns, or all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look(Option<usize>);

/// What becomes of a field.
struct Change<'a> {
    field: &'a str,
    was: Option<&'a Value>,
    becomes: Option<&'a Value>,
}

/// Write it in this form; for people without one.
pub(super) fn write(plan: &Plan, files: &[PathBuf], output: Option<Output>) -> Result<(), Error> {
    match output {
        None => write_out(&format!("{}{}", Look::here().plan(plan), written(files))),
        Some(Output::Json) => write_out(&plan.text()),
        Some(form) => write_rows(&rows(plan).into(), &COLUMNS, Some(form)),
    }
}

/// The files that the script has written meanwhile.
fn written(files: &[PathBuf]) -> String {
    let files: Vec<_> = files.iter().map(|file| harmless(&file.display().to_string())).collect();
    if files.is_empty() { String::new() } else { format!("files written meanwhile: {}\n", files.join(", ")) }
}

impl Look {
    /// As fits on the terminal; all where there is none.
    pub(super) fn here() -> Look {
        Look(stdout().is_terminal().then(width))
    }

    /// All of it.
    pub(super) fn whole() -> Look {
        Look(None)
    }

    /// A plan.
    pub(super) fn plan(self, plan: &Plan) -> String {
        if plan.writes.is_empty() {
            return "nothing would change\n".to_owned();
        }
        let paint = colour(&stdout());
        let steps: String = plan.writes.iter().map(|step| self.painted(step, paint)).collect();
        let made = plan.made.parse::<Timestamp>().ok().and_then(|made| moment(made.as_second()));
        let by = format!("by {} at {}", plan.by.name, made.as_deref().unwrap_or(&plan.made));
        let end = [sum(plan), format!("made {by} China time"), format!("digest {}", plan.digest)];
        format!("{steps}{}", end.map(|line| harmless(&line) + "\n").concat())
    }

    fn painted(self, step: &Step, paint: bool) -> String {
        let (sign, code) = sign(step);
        let text = self.step(step, sign);
        match text.split_once('\n') {
            Some((head, rest)) if paint => format!("\u{1b}[{code}m{head}\u{1b}[0m\n{rest}"),
            _ => text,
        }
    }

    fn step(self, step: &Step, sign: char) -> String {
        let Step { number, operation, account, .. } = step;
        let mut lines = vec![format!("{sign} {number}. {operation} (account {account})")];
        match &step.unchecked {
            Some(why) => lines.push(format!("    not checked: {why}")),
            None if step.expects.len() > 1 => lines.push(format!("    {} rows", step.expects.len())),
            None => {}
        }
        if step.expects.is_empty() {
            lines.extend(fields(step).iter().flat_map(|change| self.change(change, 4)));
        }
        let most = if self.0.is_some() { SHOWN } else { usize::MAX };
        for (place, thing) in step.expects.iter().enumerate().take(most) {
            lines.push(format!("    {}", named(thing, self)));
            if thing.missing {
                lines.push("      ! is not there".to_owned());
            }
            let changes = changes(thing, row(step, place), step);
            if changes.is_empty() && !thing.was.is_null() {
                lines.push(format!("      is {}", self.value("", &thing.was)));
            }
            lines.extend(changes.iter().flat_map(|change| self.change(change, 6)));
        }
        let left = step.expects.len().saturating_sub(most);
        if left > 0 {
            lines.push(format!("    … and {left} more; --output csv has all"));
        }
        lines.iter().map(|line| self.fitted(line) + "\n").collect()
    }

    /// On one line, or on two where one does not do.
    fn change(self, change: &Change<'_>, indent: usize) -> Vec<String> {
        let of = |value: Option<&Value>| value.map(|value| self.value(change.field, value)).unwrap_or_default();
        let head = " ".repeat(indent) + change.field + ": ";
        let (was, becomes) = (of(change.was), of(change.becomes));
        let line = match (change.was, change.becomes) {
            (Some(_), Some(_)) => format!("{head}{was} → {becomes}"),
            _ => format!("{head}{was}{becomes}"),
        };
        match self.0 {
            Some(columns) if line.width() > columns && change.was.is_some() => {
                vec![format!("{head}{was}"), format!("{}→ {becomes}", " ".repeat(indent + 2))]
            }
            _ => vec![line],
        }
    }

    fn fitted(self, line: &str) -> String {
        let line = harmless(line);
        self.0.map_or_else(|| line.clone(), |columns| shortened(&line, columns))
    }

    /// The value of a field, on one line.
    fn value(self, field: &str, value: &Value) -> String {
        let text = match value {
            Value::String(text) => text.replace('\n', "⏎"),
            Value::Null => "nothing".to_owned(),
            Value::Number(number) if field.ends_with("_time") => {
                number.as_i64().and_then(moment).unwrap_or_else(|| number.to_string())
            }
            Value::Object(fields) if fields.contains_key("$from") => {
                format!("(`{}` of write {})", fields["at"].as_str().unwrap_or_default(), fields["$from"])
            }
            Value::Object(fields) if fields.contains_key("$file") => {
                format!("{} ({} bytes)", fields["$file"].as_str().unwrap_or_default(), fields["size"])
            }
            Value::Object(fields) => {
                let fields = fields.iter().map(|(name, value)| format!("{name} {}", self.value(name, value)));
                fields.collect::<Vec<_>>().join(", ")
            }
            Value::Array(items) if self.0.is_some() && items.len() > SHOWN => format!("{} items", items.len()),
            Value::Array(items) => {
                let items: Vec<_> = items.iter().map(|item| self.value(field, item)).collect();
                format!("[{}]", items.join("; "))
            }
            other => other.to_string(),
        };
        if self.0.is_some() { shortened(&text, WIDEST) } else { text }
    }

    /// In what a thing is no longer as it was.
    pub(super) fn difference(self, thing: &Thing, now: &Value) -> String {
        let told = |name: &str, was: &Value, now: &Value| {
            format!("was {}, is {}", self.value(name, was), self.value(name, now))
        };
        let different = match (thing.was.as_object(), now.as_object()) {
            (Some(was), Some(now)) => {
                let names = was.keys().chain(now.keys().filter(|name| !was.contains_key(*name)));
                let of = |fields: &Map<String, Value>, name| fields.get(name).cloned().unwrap_or_default();
                let different = names.filter(|name| was.get(*name) != now.get(*name));
                let different = different.map(|name| format!("{name} {}", told(name, &of(was, name), &of(now, name))));
                different.collect::<Vec<_>>().join("; ")
            }
            _ => told("", &thing.was, now),
        };
        format!("{}: {different}", named(thing, self))
    }
}

/// `-` takes away or overwrites, `+` makes something new, `~` changes it.
fn sign(step: &Step) -> (char, u8) {
    match step.effect.as_str() {
        "destructive" => ('-', 31),
        _ if step.expects.iter().all(|thing| thing.was.is_null() && !thing.missing) => ('+', 32),
        _ => ('~', 33),
    }
}

/// What is to know of all of it.
fn sum(plan: &Plan) -> String {
    let count = |counts: &dyn Fn(&Step) -> bool| plan.writes.iter().filter(|step| counts(step)).count();
    let missing = plan.writes.iter().flat_map(|step| &step.expects).filter(|thing| thing.missing).count();
    let sum = format!(
        "{} writes, {} of them destructive; {} are not checked before they are made",
        plan.writes.len(),
        count(&|step| step.effect == "destructive"),
        count(&|step| step.unchecked.is_some())
    );
    if missing > 0 { format!("{sum}; {missing} of the things are not there") } else { sum }
}

/// Which thing it is.
fn named(thing: &Thing, look: Look) -> String {
    let names = thing.is.iter().filter(|(name, _)| *name != "need_edited_data");
    let names = names.map(|(name, value)| format!("{name} {}", look.value(name, value))).collect::<Vec<_>>().join(", ");
    match &thing.title {
        Some(title) => format!("{names} ({})", look.value("", &title.as_str().into())),
        None => names,
    }
}

/// The row of a write that is about its thing at that place, if there is one for each.
fn row(step: &Step, place: usize) -> &Map<String, Value> {
    let rows = |value: &&Value| value.as_array().is_some_and(|rows| rows.len() == step.expects.len());
    let row = step.fields.values().find(rows).and_then(|rows| rows[place].as_object());
    row.unwrap_or(&step.fields)
}

/// What a write without a known thing gives.
fn fields(step: &Step) -> Vec<Change<'_>> {
    step.fields.iter().map(|(field, value)| Change { field, was: None, becomes: Some(value) }).collect()
}

/// What becomes of the fields of a thing: those that are given and differ from what is there.
fn changes<'a>(thing: &'a Thing, row: &'a Map<String, Value>, step: &'a Step) -> Vec<Change<'a>> {
    let named = |name: &str| thing.is.contains_key(name) || name.ends_with("_id_list");
    let given = row.iter().chain(step.fields.iter().filter(|(name, _)| !row.contains_key(*name)));
    let change = |(field, value): (&'a String, &'a Value)| {
        let was = thing.was.get(field);
        let told = was.is_some_and(|old| old != value) || was.is_none() && step.effect != "destructive";
        let plain = !named(field) && (!value.is_array() || was.is_some());
        (plain && told).then_some(Change { field, was, becomes: Some(value) })
    };
    given.filter_map(change).collect()
}

/// A row for each field that changes, with whole values.
fn rows(plan: &Plan) -> Array {
    plan.writes.iter().flat_map(rows_of).collect()
}

fn rows_of(step: &Step) -> Vec<Dynamic> {
    let line = |thing: Option<&Thing>, change: Option<&Change<'_>>| {
        let text = |text: String| Dynamic::from(text);
        let value = |value: Option<&Value>| value.map_or(Dynamic::UNIT, script_value);
        let missing = thing.is_some_and(|thing| thing.missing).then(|| "is not there".to_owned());
        let names = |thing: &Thing| named(&Thing { title: None, ..thing.clone() }, Look::whole());
        Dynamic::from_map(rhai::Map::from_iter([
            ("number".into(), (step.number as i64).into()),
            ("operation".into(), text(step.operation.clone())),
            ("effect".into(), text(step.effect.clone())),
            ("account".into(), text(step.account.clone())),
            ("thing".into(), thing.map_or(Dynamic::UNIT, |thing| text(names(thing)))),
            ("title".into(), thing.and_then(|thing| thing.title.clone()).map_or(Dynamic::UNIT, text)),
            ("field".into(), change.map_or(Dynamic::UNIT, |change| text(change.field.to_owned()))),
            ("was".into(), value(change.and_then(|change| change.was))),
            ("becomes".into(), value(change.and_then(|change| change.becomes))),
            ("note".into(), missing.or_else(|| step.unchecked.clone()).map_or(Dynamic::UNIT, text)),
        ]))
    };
    if step.expects.is_empty() {
        return fields(step).iter().map(|change| line(None, Some(change))).collect();
    }
    let of = |(place, thing): (usize, &Thing)| -> Vec<Dynamic> {
        match changes(thing, row(step, place), step) {
            none if none.is_empty() => vec![line(Some(thing), None)],
            changes => changes.iter().map(|change| line(Some(thing), Some(change))).collect(),
        }
    };
    step.expects.iter().enumerate().flat_map(of).collect()
}

/// A moment as people there read it, without the seconds if there are none.
fn moment(seconds: i64) -> Option<String> {
    let moment = Timestamp::from_second(seconds).ok().filter(|_| MOMENTS.contains(&seconds))?;
    let pattern = if seconds % 60 == 0 { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" };
    Some(moment.to_zoned(TimeZone::get(ZONE).ok()?).strftime(pattern).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn step(effect: &str, fields: Value, expects: Value) -> Step {
        serde_json::from_value(json!({
            "number": 1, "operation": "novel.update_book", "effect": effect, "account": "main",
            "fields": fields, "expects": expects
        }))
        .unwrap()
    }

    #[test]
    fn a_line_too_long_for_the_terminal_keeps_both_values() {
        let thing = json!({ "read": "r", "is": { "book_id": "b" }, "title": "归来记",
                            "was": { "title": "重生之我在九零开工厂的那些年" } });
        let step = step("write", json!({ "book_id": "b", "title": "重生之我在八零开工厂的那些年" }), json!([thing]));
        let text = Look(Some(60)).step(&step, '~');
        assert_eq!(
            text,
            "~ 1. novel.update_book (account main)\n    book_id b (归来记)\n      title: 重生之我在九零开工厂的那些年\n        \
             → 重生之我在八零开工厂的那些年\n"
        );
        assert!(text.lines().all(|line| line.width() <= 60), "{text}");
        assert!(Look(None).step(&step, '~').contains("那些年 → 重生"), "{text}");
    }

    #[test]
    fn only_a_terminal_gets_less_than_all() {
        let things: Vec<_> = (0..9).map(|id| json!({ "read": "r", "is": { "id": id }, "was": null })).collect();
        let long = "长".repeat(300);
        let step = step("write", json!({ "intro": long.clone() }), things.into());
        let (cut, whole) = (Look(Some(80)).step(&step, '+'), Look(None).step(&step, '+'));
        assert!(cut.contains("… and 4 more; --output csv has all") && !cut.contains(&long), "{cut}");
        assert!(whole.contains("id 8") && whole.contains(&long) && !whole.contains('…'), "{whole}");
    }

    #[test]
    fn times_are_read_by_people_and_nothing_steers_their_terminal() {
        assert_eq!(Look(None).value("expire_time", &json!(1_767_225_600)), "2026-01-01 08:00");
        assert_eq!(Look(None).value("expire_time", &json!(1_767_225_661)), "2026-01-01 08:01:01");
        assert_eq!(Look(None).value("expire_time", &json!(0)), "0");
        assert_eq!(Look(None).value("book_id", &json!(1_767_225_600)), "1767225600");
        let step = step("write", json!({ "title": "\u{1b}[2J红" }), json!([]));
        assert!(!Look(None).step(&step, '+').contains('\u{1b}'));
    }
}
