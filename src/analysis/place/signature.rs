//! The call around a place.

use super::{
    Find, Function, Library, Names,
    context::{Context, Frame, FrameKind, Inside, key},
    shapes::about,
    view::View,
};
use crate::catalog::{OPTIONS, Operation};

/// The call that a place is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// `drama::get_media(media_id)`
    pub label: String,
    /// The parameters, as they stand in the label; of an operation with one map, its fields.
    pub parameters: Vec<Parameter>,
    /// The parameter that the place is in.
    pub active: Option<usize>,
    /// A line about the function.
    pub summary: String,
}

/// A parameter of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, as in the label.
    pub name: String,
    /// A line about it.
    pub detail: String,
}

/// The call around byte `at`.
pub fn signature(text: &str, at: usize, library: &Library, names: &Names, find: Find<'_>) -> Option<Signature> {
    let view = View::new(text, library, names, find);
    let at = text.floor_char_boundary(at);
    let context = Context::of(&view.words, at);
    let place = context.frames.iter().rposition(|frame| matches!(frame.kind, FrameKind::Call | FrameKind::Block))?;
    let frame = &context.frames[place];
    let callee = frame.callee(&view.words)?;
    let map = context.frames.get(place + 1).filter(|map| map.kind == FrameKind::Map);
    if let Some(operation) = view.operation(&callee) {
        return Some(of_operation(&view, &context, &operation, frame, map));
    }
    let argument = frame.argument() + usize::from(callee.is_method);
    let mut forms = view.forms(&callee);
    if callee.is_method
        && let Some(shape) = view.shape_before(&context, frame.open - 2)
    {
        forms.retain(|form| shape.takes(form));
    }
    // The form that has room for the arguments.
    let form = forms.iter().filter(|form| form.parameters.len() > argument).min_by_key(|form| form.parameters.len());
    let form = form.or(forms.first())?;
    Some(of_function(form, argument))
}

fn of_operation(
    view: &View<'_>,
    context: &Context,
    operation: &Operation,
    frame: &Frame,
    map: Option<&Frame>,
) -> Signature {
    let argument = frame.argument();
    let begins_with_map = view.words.get(frame.arguments[0]) == "#{";
    let positional = operation.positional().filter(|_| !begins_with_map);
    let summary = operation.summary.clone();
    // What is being written in the map: the key before the `:`, or the word at the place.
    let key = map.and_then(|map| match map.key {
        Some(index) => Some(key(&view.words, index)),
        None => (context.frames.last().map(|last| last.open) == Some(map.open)).then(|| view.word_at(context)),
    });
    let active = |parameters: &[Parameter]| parameters.iter().position(|it| Some(it.name.as_str()) == key);
    if map.is_some() && argument > 0 {
        let parameters: Vec<_> =
            OPTIONS.iter().map(|it| parameter(it.name, format!("{}: {}", it.expected, it.summary))).collect();
        let names: Vec<_> = OPTIONS.iter().map(|it| it.name).collect();
        let label = format!("{}(…, #{{ {} }})", operation.script_name(), names.join(", "));
        return Signature { active: active(&parameters), label, parameters, summary };
    }
    if let Some(names) = positional {
        let label = format!("{}({})", operation.script_name(), names.join(", "));
        let detail =
            |name: &String| operation.input.properties.get(name).map_or_else(String::new, |it| about(it, true));
        let parameters: Vec<_> = names.iter().map(|name| parameter(name, detail(name))).collect();
        return Signature { active: (argument < parameters.len()).then_some(argument), label, parameters, summary };
    }
    let (label, parameters) = label(operation);
    Signature { active: active(&parameters), label, parameters, summary }
}

/// `drama::list_media(#{ limit, offset })`, and what it names.
pub(in crate::analysis) fn label(operation: &Operation) -> (String, Vec<Parameter>) {
    let fields = operation.input.in_order();
    let parameters: Vec<_> = fields.map(|(name, field, required)| parameter(name, about(field, required))).collect();
    let names: Vec<_> = parameters.iter().map(|it| it.name.as_str()).collect();
    let map = if names.is_empty() { String::new() } else { format!("#{{ {} }}", names.join(", ")) };
    (format!("{}({map})", operation.script_name()), parameters)
}

fn parameter(name: &str, detail: String) -> Parameter {
    Parameter { name: name.to_owned(), detail }
}

fn of_function(function: &Function, argument: usize) -> Signature {
    let names = function.parameters.iter();
    let parameters: Vec<_> = names.map(|name| parameter(name, function.about(name).unwrap_or_default())).collect();
    let active = (argument < parameters.len()).then_some(argument);
    Signature { label: function.signature(), parameters, active, summary: function.summary() }
}

impl View<'_> {
    /// The whole word at the place.
    fn word_at(&self, context: &Context) -> &str {
        let is_word = context.inside == Inside::Text || !context.word.is_empty();
        if is_word { key(&self.words, context.before) } else { "" }
    }
}
