//! What a script can call as definition files, `.d.rhai`, which editors and people read: a file for each module.

use super::{Function, Library};
use crate::catalog::{OPTIONS, Operation, Schema, Type};
use std::collections::{BTreeMap, BTreeSet};

/// The files by their names: the operations as the catalog knows them, the other functions as their comments say.
pub fn definitions(library: &Library) -> BTreeMap<String, String> {
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    let about: BTreeMap<&str, &str> = library.catalog.modules().collect();
    let names: BTreeSet<_> = library.catalog.names().iter().map(|name| (&*name.module, &*name.function)).collect();
    for (position, name) in library.catalog.names().iter().enumerate() {
        let head = || head(&name.module, about.get(&*name.module).copied().unwrap_or_default());
        let text = files.entry(&name.module).or_insert_with(head);
        let operation = library.catalog.at(position);
        *text += &comment(&manual(&operation));
        *text += &forms(&operation, &operation.name);
        if let Some(alias) = operation.alias.as_ref().filter(|alias| !names.contains(&(&*name.module, &***alias))) {
            *text += &comment(&format!("`{}` by the platform's own name.", operation.name));
            *text += &forms(&operation, alias);
        }
    }
    for function in library.functions.iter().filter(|it| !it.module.is_empty()) {
        let module = &function.module;
        let import = if function.imported { format!("import \"{module}\" as {module};") } else { String::new() };
        let text = files.entry(module).or_insert_with(|| head(module, &import));
        *text += &comment(&function.text);
        let parameters =
            function.parameters.iter().map(|name| (name.as_str(), type_told(&function.text, &format!("`{name}`: "))));
        *text += &line(&function.name, parameters, &returned(function));
    }
    files.into_iter().map(|(module, text)| (format!("{module}.d.rhai"), text.trim_end().to_owned() + "\n")).collect()
}

fn head(module: &str, about: &str) -> String {
    let about = if about.is_empty() { String::new() } else { comment(about).trim_start().to_owned() };
    format!("{about}module {module};\n")
}

fn comment(text: &str) -> String {
    let lines = text.lines().map(|line| format!("/// {line}").trim_end().to_owned() + "\n");
    format!("\n{}", lines.collect::<String>())
}

fn line<'a>(name: &str, parameters: impl IntoIterator<Item = (&'a str, String)>, returns: &str) -> String {
    let parameters: Vec<_> = parameters.into_iter().map(|(name, kind)| format!("{name}: {kind}")).collect();
    format!("fn {name}({}) -> {returns};\n", parameters.join(", "))
}

/// An operation in each way to call it: with a map, with the required fields in order, with nothing; and with options.
fn forms(operation: &Operation, name: &str) -> String {
    let map = |name| (name, "map".to_owned());
    let kind = |name: &String| operation.input.properties.get(name).map_or_else(|| "?".to_owned(), type_of);
    let mut forms = vec![vec![map("fields")]];
    forms.extend(operation.positional().map(|names| names.iter().map(|it| (it.as_str(), kind(it))).collect()));
    let with_options: Vec<Vec<_>> = forms.iter().map(|form| [&form[..], &[map("options")]].concat()).collect();
    if operation.input.required.is_empty() {
        forms.insert(0, Vec::new());
    }
    let forms = forms.into_iter().chain(with_options);
    forms.map(|form| line(name, form, "map")).collect()
}

fn manual(operation: &Operation) -> String {
    let mut text = format!("{}\n\n", operation.summary);
    if !operation.description.is_empty() {
        text += &format!("{}\n\n", operation.description);
    }
    text += "- `fields`:\n";
    text += &fields(&operation.input, 1, true);
    text += "- `options`:\n";
    for option in OPTIONS {
        text += &format!("  - `{}`: {}; {}\n", option.name, option.expected, option.summary);
    }
    text += "- returns:\n";
    let hidden = operation.hidden_fields();
    let mut reply = operation.reply.schema.clone();
    reply.properties.retain(|name, _| !hidden.contains(name));
    text += &match operation.reply.binary {
        true => "  - `body`: blob\n  - `content_type`: string\n".to_owned(),
        false => fields(&reply, 1, false),
    };
    text += &format!("- effect: {}", operation.effects.default.name());
    for case in &operation.effects.when {
        text += &format!("; {} when `{}` is {}", case.effect.name(), case.field, case.equals);
    }
    match operation.example_call() {
        Some(call) => format!("{text}\n```rhai\n{call}\n```"),
        None => text,
    }
}

fn fields(schema: &Schema, depth: usize, of_input: bool) -> String {
    let mut text = String::new();
    for (name, field) in &schema.properties {
        let facts = field.facts(of_input && schema.required.contains(name));
        let meaning = if field.description.is_empty() { String::new() } else { format!(". {}", field.description) };
        text += &format!("{}- `{name}`: {facts}{meaning}\n", "  ".repeat(depth));
        text += &fields(field.items.as_deref().unwrap_or(field), depth + 1, of_input);
    }
    text
}

/// The type of a field; that of its parts is left to the words.
fn type_of(schema: &Schema) -> String {
    let name = |kind: &Type| match kind {
        Type::Number => "int | float",
        kind => kind.name(),
    };
    let kinds: Vec<_> = schema.types.iter().map(name).collect();
    if schema.is_binary() {
        "blob | string".to_owned()
    } else if kinds.is_empty() {
        "?".to_owned()
    } else {
        kinds.join(" | ")
    }
}

/// The types that a comment names behind a mark: of `` `default`: int, float or string. `` all three.
fn type_told(text: &str, mark: &str) -> String {
    const TYPES: [&str; 8] = ["int", "float", "bool", "string", "map", "array", "blob", "()"];
    let told = text.split_once(mark).map_or("", |(_, told)| told);
    let words = told.split([',', '.', ';', '\n']).flat_map(|words| words.split(" or "));
    let first = words.map(|words| words.trim().trim_matches('`').split([' ', ':']).next().unwrap_or_default());
    let kinds: Vec<_> = first.map_while(|word| TYPES.into_iter().find(|kind| *kind == word)).collect();
    if kinds.is_empty() { "?".to_owned() } else { kinds.join(" | ") }
}

fn returned(function: &Function) -> String {
    match function.text.contains("- returns:") {
        true => type_told(&function.text, "- returns: "),
        false => "()".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_off_a_comment() {
        let text = "Do.\n- `a`: int, float, bool or string.\n- `b`: array of maps. `c`: string, int the second.\n- returns: string or `()`.";
        let told = |name: &str| type_told(text, &format!("`{name}`: "));
        assert_eq!(told("a"), "int | float | bool | string");
        assert_eq!((told("b"), told("c"), told("d")), ("array".into(), "string | int".into(), "?".into()));
        assert_eq!(type_told(text, "- returns: "), "string | ()");
    }
}
