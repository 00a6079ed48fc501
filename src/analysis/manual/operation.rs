//! The manual page of an operation.

use super::page::Page;
use crate::catalog::{Catalog, Operation, Schema};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

/// All about an operation.
pub(super) fn page(catalog: &Catalog, operation: &Operation, width: usize) -> String {
    let mut page = Page::new(width);
    page.line(0, &format!("{} — {}", operation.full_name(), operation.summary));
    let mut facts =
        format!("{}, {} {}{}", operation.effects.default.name(), operation.method, operation.server, operation.path);
    for case in &operation.effects.when {
        facts += &format!("; {} when {} is {}", case.effect.name(), case.field, case.equals);
    }
    page.line(0, &facts);
    page.head("Call");
    for form in forms(operation) {
        page.line(2, &form);
    }
    if !operation.description.is_empty() {
        page.text.push('\n');
        page.line(0, &operation.description);
    }
    page.head("Parameters");
    fields(&mut page, &operation.input, 2, true);
    page.head("Reply");
    if operation.reply.binary {
        page.line(2, "the bytes of a file: #{ body: blob, content_type: string }");
    }
    let hidden = operation.hidden_fields();
    let mut reply = operation.reply.schema.clone();
    reply.properties.retain(|name, _| !hidden.contains(name));
    fields(&mut page, &reply, 2, false);
    rules(&mut page, operation);
    errors(&mut page, catalog, operation);
    if let Some(call) = operation.example_call() {
        page.head("Example");
        page.line(2, &call);
        page.text += &shell_call(operation);
    }
    page.text
}

/// Not folded: it is there to be copied.
fn shell_call(operation: &Operation) -> String {
    let shell = operation.example.iter().map(|(name, value)| format!(" {name}={}", shell_value(value)));
    format!("  juben call {}{} --sandbox\n", operation.full_name(), shell.collect::<String>())
}

fn forms(operation: &Operation) -> Vec<String> {
    let name = operation.script_name();
    let mut forms = vec![format!("{name}(#{{ … }})")];
    forms.extend(operation.positional().map(|names| format!("{name}({})", names.join(", "))));
    if operation.input.required.is_empty() {
        forms.push(format!("{name}()"));
    }
    forms.extend(operation.alias.as_ref().map(|alias| format!("{}::{alias}(#{{ … }})", operation.module)));
    forms
}

fn rules(page: &mut Page, operation: &Operation) {
    let mut rules = Vec::new();
    if let Some(pages) = &operation.pages {
        let most = pages.at_most.map_or_else(String::new, |most| format!(", at most {most} a page"));
        rules.push(format!("pages by {}{most}; items in {}", pages.position, pages.items.join(" or ")));
    }
    if let Some(batch) = &operation.batch {
        let most = batch.at_most.map_or_else(String::new, |most| format!(", at most {most}"));
        let results =
            batch.results.as_ref().map_or_else(String::new, |results| format!("; each row's outcome in {results}"));
        rules.push(format!("takes many rows in {}{most}{results}", batch.rows));
    }
    for quota in &operation.quota {
        rules.push(format!("{} calls in {} seconds", quota.calls, quota.seconds));
    }
    if operation.retry.idempotent {
        rules.push("may be repeated: doing it twice is the same as doing it once".to_owned());
    }
    if let Some(look) = &operation.retry.look {
        let note = look.note.as_ref().map_or_else(String::new, |note| format!(": {}", note.en));
        rules.push(format!("when its answer is lost, look with {}{note}", look.operation));
    }
    if let Some(wait) = &operation.wait {
        rules.push(format!("goes on after the reply; {} shows {}", wait.operation, wait.state));
    }
    if let Some(inverse) = &operation.inverse {
        rules.push(format!("{} undoes it", inverse.operation));
    }
    if !rules.is_empty() {
        page.head("Rules");
        rules.iter().for_each(|rule| page.line(2, rule));
    }
}

fn errors(page: &mut Page, catalog: &Catalog, operation: &Operation) {
    let told: Vec<_> = operation.reply.refusals.iter().filter(|_| operation.envelope.is_none()).collect();
    if operation.errors.typical.is_empty() && told.is_empty() {
        return;
    }
    page.head("Errors");
    for (status, meaning) in told {
        page.entry(2, status, 10, meaning);
    }
    for code in &operation.errors.typical {
        let known = catalog.error_code(operation, *code);
        let meaning = known.map_or_else(String::new, |known| format!("{} ({})", known.meaning.en, known.meaning.zh));
        page.entry(2, &code.to_string(), 10, &meaning);
    }
}

fn fields(page: &mut Page, schema: &Schema, indent: usize, mark_required: bool) {
    if schema.properties.is_empty() {
        return page.line(indent, "none");
    }
    let longest = schema.properties.keys().map(|name| name.width()).max().unwrap_or(0);
    for (name, field) in &schema.properties {
        let about = field.facts(mark_required && schema.required.contains(name));
        let meaning = if field.description.is_empty() { String::new() } else { format!(" — {}", field.description) };
        page.entry(indent, name, longest + 2, &format!("{about}{meaning}"));
        let inner = field.items.as_deref().unwrap_or(field);
        if !inner.properties.is_empty() {
            fields(page, inner, indent + 2, mark_required);
        }
    }
}

/// A JSON value as a word of the shell.
fn shell_value(value: &Value) -> String {
    match value {
        Value::String(text) if text.chars().all(|it| it.is_alphanumeric() || "-_./".contains(it)) => text.clone(),
        Value::String(text) => format!("'{text}'"),
        Value::Array(_) | Value::Object(_) => format!("'{value}'"),
        plain => plain.to_string(),
    }
}
