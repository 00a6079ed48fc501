//! `juben doc NAME` — all about an operation, a module or a function, for a terminal.

use super::{Common, apis::catalog_of, width, write_out};
use crate::{
    Error,
    analysis::Function,
    catalog::{Catalog, Operation, Schema},
    engine::manual,
    error::{Kind, nearest},
};
use clap::Args;
use serde_json::Value;
use std::collections::BTreeSet;
use unicode_width::UnicodeWidthStr;

/// Tell all about an operation, a module or a function
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  juben doc drama.list_media\n  juben doc novel::add_book_auth\n  juben doc time\n  juben doc grants.renew"
)]
pub(super) struct Doc {
    /// An operation such as drama.list_media, a module such as time, or one of its functions
    name: String,
}

impl Doc {
    pub(super) fn execute(self, common: &Common) -> Result<(), Error> {
        let catalog = catalog_of(common)?;
        let width = width().clamp(60, 110);
        if let Some(operation) = catalog.find(&self.name) {
            return write_out(&page(&catalog, &operation, width));
        }
        let name = self.name.replace("::", ".");
        let manual = manual();
        let functions: Vec<_> = manual.iter().filter(|it| it.module == name || path(it) == name).collect();
        if !functions.is_empty() {
            return write_out(&of_functions(&functions, functions[0].module == name));
        }
        if catalog.names().iter().any(|it| it.module == name) {
            let error = Error::new(Kind::Usage, format!("`{name}` is a module of operations"));
            return Err(error.hint(format!("`juben ops {name}.` lists them")));
        }
        Err(unknown(&catalog, &manual, &name))
    }
}

/// `time.parse`; a global function has no module.
fn path(function: &Function) -> String {
    match function.module.as_str() {
        "" => function.name.clone(),
        module => format!("{module}.{}", function.name),
    }
}

fn unknown(catalog: &Catalog, manual: &[Function], name: &str) -> Error {
    let error = Error::new(Kind::Usage, format!("there is no operation, module or function `{name}`"));
    let functions = manual.iter().map(path);
    let modules = manual.iter().map(|it| it.module.clone()).filter(|module| !module.is_empty());
    let known: Vec<String> = functions.chain(modules).collect();
    match catalog.nearest(name).or_else(|| nearest(name, known.iter().map(String::as_str)).map(str::to_owned)) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => {
            let modules: BTreeSet<&str> = manual.iter().map(|it| it.module.as_str()).collect();
            let modules = modules.into_iter().filter(|module| !module.is_empty()).collect::<Vec<_>>().join(", ");
            error.hint(format!("`juben ops` lists the operations; the modules are {modules}"))
        }
    }
}

/// The manual of a module (a line each), or of one function (all of it).
fn of_functions(functions: &[&Function], brief: bool) -> String {
    let mut text = String::new();
    if functions[0].imported {
        let module = &functions[0].module;
        text += &format!("import \"{module}\" as {module};\n\n");
    }
    for function in functions {
        text += &format!("{}\n", function.signature());
        let lines: Vec<_> = function.text.lines().filter(|line| !line.starts_with("```")).collect();
        // The first sentence, however many lines it has.
        let ends = lines.iter().position(|line| line.ends_with('.') || line.contains(". ")).unwrap_or(0);
        let shown = if brief { &lines[..lines.len().min(ends + 1)] } else { &lines[..] };
        shown.iter().for_each(|line| text += &format!("  {line}\n"));
        text.push('\n');
    }
    text
}

fn page(catalog: &Catalog, operation: &Operation, width: usize) -> String {
    let mut page = Page { text: String::new(), width };
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
    page.fields(&operation.input, 2, true);
    page.head("Reply");
    if operation.reply.binary {
        page.line(2, "the bytes of a file: #{ body: blob, content_type: string }");
    }
    let hidden = operation.hidden_fields();
    let mut reply = operation.reply.schema.clone();
    reply.properties.retain(|name, _| !hidden.contains(name));
    page.fields(&reply, 2, false);
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

struct Page {
    text: String,
    width: usize,
}

impl Page {
    fn head(&mut self, title: &str) {
        self.text += &format!("\n{title}\n");
    }

    fn line(&mut self, indent: usize, text: &str) {
        let margin = " ".repeat(indent);
        let options = textwrap::Options::new(self.width).initial_indent(&margin).subsequent_indent(&margin);
        self.text += &textwrap::fill(text, options);
        self.text.push('\n');
    }

    /// A name and what it means, side by side.
    fn entry(&mut self, indent: usize, name: &str, column: usize, text: &str) {
        let gap = column.saturating_sub(name.width()).max(2);
        let first = format!("{}{name}{}", " ".repeat(indent), " ".repeat(gap));
        let rest = " ".repeat(indent + column.max(name.width() + 2).min(40));
        let options = textwrap::Options::new(self.width).initial_indent(&first).subsequent_indent(&rest);
        self.text += textwrap::fill(text, options).trim_end();
        self.text.push('\n');
    }

    fn fields(&mut self, schema: &Schema, indent: usize, mark_required: bool) {
        if schema.properties.is_empty() {
            return self.line(indent, "none");
        }
        let longest = schema.properties.keys().map(|name| name.width()).max().unwrap_or(0);
        for (name, field) in &schema.properties {
            let mut about = vec![field.type_name()];
            if mark_required && schema.required.contains(name) {
                about.push("required".to_owned());
            }
            about.extend(limits(field));
            let about = about.join(", ");
            let meaning =
                if field.description.is_empty() { String::new() } else { format!(" — {}", field.description) };
            self.entry(indent, name, longest + 2, &format!("{about}{meaning}"));
            let inner = field.items.as_deref().unwrap_or(field);
            if !inner.properties.is_empty() {
                self.fields(inner, indent + 2, mark_required);
            }
        }
    }
}

/// The limits of a field in words.
fn limits(field: &Schema) -> Vec<String> {
    let mut limits = Vec::new();
    let between = |least: Option<String>, most: Option<String>, unit: &str| match (least, most) {
        (Some(least), Some(most)) => Some(format!("{least} to {most}{unit}")),
        (Some(least), None) => Some(format!("{least}{unit} or more")),
        (None, Some(most)) => Some(format!("at most {most}{unit}")),
        (None, None) => None,
    };
    let text = |number: Option<usize>| number.map(|number| number.to_string());
    limits.extend(between(
        field.minimum.as_ref().map(ToString::to_string),
        field.maximum.as_ref().map(ToString::to_string),
        "",
    ));
    limits.extend(between(text(field.min_length), text(field.max_length), " characters"));
    limits.extend(between(None, text(field.max_bytes), " bytes"));
    limits.extend(between(text(field.min_items), text(field.max_items), " items"));
    if !field.values.is_empty() {
        limits.push(field.values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | "));
    }
    limits.extend(field.constant.as_ref().map(|constant| format!("always {constant}")));
    limits.extend(
        field.default.as_ref().filter(|_| field.constant.is_none()).map(|default| format!("default {default}")),
    );
    limits.extend(field.from.as_ref().map(|from| format!("filled in from {from}")));
    limits
}

/// A JSON object as the script's own notation.
fn shell_value(value: &Value) -> String {
    match value {
        Value::String(text) if text.chars().all(|it| it.is_alphanumeric() || "-_./".contains(it)) => text.clone(),
        Value::String(text) => format!("'{text}'"),
        Value::Array(_) | Value::Object(_) => format!("'{value}'"),
        plain => plain.to_string(),
    }
}
