//! What is known of the word at a place.

use super::{
    Find, Function, Library, Names, Span,
    context::{Context, FrameKind, callee, key},
    shapes::about,
    view::View,
    wanted::{OPERATION, Wanted},
};
use crate::catalog::{OPTIONS, Operation, Schema};
use serde_json::Value;
use std::sync::Arc;

/// What is known of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// The word.
    pub span: Span,
    /// Its manual, in Markdown.
    pub text: String,
}

/// What is known of the word at byte `at`.
pub fn hover(text: &str, at: usize, library: &Library, names: &Names, find: Find<'_>) -> Option<Hover> {
    let view = View::new(text, library, names, find);
    let index = view.words.at(at)?;
    let context = Context::of(&view.words, view.words.span(index).start);
    let text = if view.words.is_name(index) { view.name(&context, index) } else { None };
    let text = text.or_else(|| view.value(&context, index))?;
    Some(Hover { span: view.words.span(index), text })
}

impl View<'_> {
    fn name(&self, context: &Context, index: usize) -> Option<String> {
        let words = &self.words;
        if context.innermost(FrameKind::Map).is_some_and(|map| map.key.is_none()) && words.get(index + 1) == ":" {
            return self.field(context, index);
        }
        let called = callee(words, index);
        if let Some(operation) = self.operation(&called) {
            return Some(of_operation(&operation));
        }
        if called.is_method
            && let Some(shape) = self.shape_before(context, index - 1)
            && let Some((name, field)) = shape.fields().into_iter().find(|(name, _)| *name == called.name)
        {
            return Some(field.map_or_else(|| format!("`{name}`"), |field| of_field(name, field, false)));
        }
        let is_variable = !called.is_method && called.module.is_empty() && words.get(index + 1) != "(";
        let variable = if is_variable { self.variable(context, index) } else { None };
        variable.or_else(|| of_functions(&self.forms(&called).iter().map(AsRef::as_ref).collect::<Vec<_>>()))
    }

    fn variable(&self, context: &Context, index: usize) -> Option<String> {
        let name = self.words.get(index);
        let seen = self.seen(context);
        let (known, fields) = if seen.locals.iter().any(|local| local.name == name) {
            let shape = self.shape_before(context, index + 1);
            (true, shape.map_or_else(Vec::new, |it| it.fields().iter().map(|(name, _)| (*name).to_owned()).collect()))
        } else {
            (false, Vec::new())
        };
        let left = self.names.variables.iter().find(|it| it.name == name && !known);
        let (kind, fields) = match left {
            Some(variable) => (variable.kind.as_str(), variable.fields.clone()),
            None if known && !fields.is_empty() => ("map", fields),
            None => return None,
        };
        let mut text = format!("`{name}`: {kind}");
        if !fields.is_empty() {
            text +=
                &format!("\n\nFields: {}", fields.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", "));
        }
        Some(text)
    }

    /// The key of a map that is given to an operation, or to a function.
    fn field(&self, context: &Context, index: usize) -> Option<String> {
        let name = key(&self.words, index);
        let map = self.wanted(context)?;
        let required = map.schema().is_some_and(|schema| schema.required.iter().any(|it| it == name));
        let field = map.field(name)?;
        match &field {
            Wanted::Field(..) => Some(of_field(name, field.schema()?, required)),
            Wanted::CallOption(name) => of_option(name),
            Wanted::Option(function, name) => {
                let options = function.options(super::wanted::OPTIONS);
                options.says(name).map(|it| format!("`{name}`: {it}")).or_else(|| of_option(name))
            }
            _ => None,
        }
    }

    /// A value that is written out, where its meaning is known.
    fn value(&self, context: &Context, index: usize) -> Option<String> {
        let quoted = self.words.quoted(index);
        if let Some(name) = quoted
            && self.words.get(index + 1) == ":"
            && let Some(text) = self.field(context, index)
        {
            return Some(text).filter(|_| !name.is_empty());
        }
        let wanted = self.wanted(context)?;
        if let Wanted::Argument(forms, place) = &wanted {
            let is_operation = forms[0].parameters[*place] == OPERATION;
            let operation = self.library.catalog.find(quoted.filter(|_| is_operation)?)?;
            return Some(of_operation(&operation));
        }
        let schema = wanted.schema()?;
        let given: Value = match quoted {
            Some(text) => text.into(),
            None => serde_json::from_str(self.words.get(index)).ok()?,
        };
        let value = schema.values.iter().find(|value| **value == given)?;
        Some(format!("`{value}`: {}", schema.meaning(value)?))
    }
}

fn of_operation(operation: &Arc<Operation>) -> String {
    let mut text = format!("```rhai\n{}\n```\n{}", super::signature::label(operation).0, operation.summary);
    text += &format!("\n\nEffect: {}", operation.effects.default.name());
    for case in &operation.effects.when {
        text += &format!("; {} when `{}` is `{}`", case.effect.name(), case.field, case.equals);
    }
    if !operation.description.is_empty() {
        text += &format!("\n\n{}", operation.description);
    }
    if !operation.input.properties.is_empty() {
        text += &format!("\n\nParameters:\n{}", list(&operation.input));
    }
    text
}

fn of_functions(forms: &[&Function]) -> Option<String> {
    let one = |it: &&Function| format!("```rhai\n{}\n```\n{}", it.signature(), it.text).trim_end().to_owned();
    let all: Vec<_> = forms.iter().map(one).collect();
    (!all.is_empty()).then(|| all.join("\n\n---\n\n"))
}

fn of_field(name: &str, field: &Schema, required: bool) -> String {
    let mut text = format!("`{name}`: {}", field.facts(required));
    if !field.description.is_empty() {
        text += &format!("\n\n{}", field.description);
    }
    let inner = field.items.as_deref().unwrap_or(field);
    if !inner.properties.is_empty() {
        text += &format!("\n\nFields:\n{}", list(inner));
    }
    text
}

fn of_option(name: &str) -> Option<String> {
    let option = OPTIONS.iter().find(|option| option.name == name)?;
    Some(format!("`{name}`: {}\n\n{}", option.expected, option.summary))
}

/// A line for each field, the required ones first.
fn list(schema: &Schema) -> String {
    let lines = schema.in_order().map(|(name, field, required)| format!("- `{name}`: {}\n", about(field, required)));
    lines.collect()
}
