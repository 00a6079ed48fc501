//! What a value must be at a place, as the operation or the function says that it is given to.

use super::{
    Function,
    context::{Callee, Context, Frame, FrameKind, key},
    view::View,
};
use crate::catalog::{Operation, Schema};
use std::sync::Arc;

/// What a value must be.
#[derive(Clone)]
pub(in crate::analysis) enum Wanted {
    /// What an operation takes at the end of this way: names of fields, `[]` for an item.
    Field(Arc<Operation>, Vec<String>),
    /// The options of any call.
    CallOptions,
    /// One of these.
    CallOption(String),
    /// The options of a function, in the form that has them.
    Options(Function),
    /// One of these.
    Option(Function, String),
    /// An argument of a function, which can have several forms.
    Argument(Vec<Function>, usize),
}

/// The parameters of this name are maps of options.
pub(in crate::analysis) const OPTIONS: &str = "options";
/// Those of this name are names of operations, which take what comes next.
pub(in crate::analysis) const OPERATION: &str = "operation";

impl Wanted {
    /// The schema, of an operation's field.
    pub(in crate::analysis) fn schema(&self) -> Option<&Schema> {
        let Wanted::Field(operation, way) = self else { return None };
        way.iter().try_fold(&operation.input, |schema, step| match step.as_str() {
            // An array of what a call takes is told by its items.
            "[]" if schema.items.is_none() && std::ptr::eq(schema, &operation.input) => Some(schema),
            "[]" => schema.items.as_deref(),
            name => schema.properties.get(name),
        })
    }

    /// What is wanted of a field of the map.
    pub(in crate::analysis) fn field(self, name: &str) -> Option<Wanted> {
        match self {
            Wanted::Field(operation, mut way) => {
                way.push(name.to_owned());
                Some(Wanted::Field(operation, way))
            }
            Wanted::CallOptions => Some(Wanted::CallOption(name.to_owned())),
            Wanted::Options(function) => Some(Wanted::Option(function, name.to_owned())),
            _ => None,
        }
    }

    fn item(self) -> Option<Wanted> {
        match self {
            Wanted::Field(operation, mut way) => {
                way.push("[]".to_owned());
                Some(Wanted::Field(operation, way))
            }
            other => Some(other),
        }
    }
}

impl View<'_> {
    /// What is wanted where a value stands at the place, or of the map whose key stands there.
    pub(in crate::analysis) fn wanted(&self, context: &Context) -> Option<Wanted> {
        let mut wanted = None;
        for (place, frame) in context.frames.iter().enumerate() {
            wanted = match frame.kind {
                FrameKind::Call => self.argument(frame, context.frames.get(place + 1)),
                FrameKind::Group => wanted,
                FrameKind::List => wanted.and_then(Wanted::item),
                FrameKind::Map => wanted.and_then(|it: Wanted| match frame.key {
                    Some(index) => it.field(key(&self.words, index)),
                    None => Some(it),
                }),
                FrameKind::Index | FrameKind::Block => None,
            };
        }
        wanted
    }

    /// What is wanted of the argument of a call, which may be the bracket within.
    fn argument(&self, frame: &Frame, within: Option<&Frame>) -> Option<Wanted> {
        let callee = frame.callee(&self.words)?;
        let place = frame.argument() + usize::from(callee.is_method);
        let is_map = self.words.get(frame.arguments[frame.argument()]) == "#{";
        if let Some(operation) = self.operation(&callee) {
            let in_order = self.words.get(frame.arguments[0]) != "#{";
            let names = operation.positional().filter(|_| in_order).unwrap_or_default();
            return match (is_map && within.is_some(), place) {
                (true, 0) => Some(Wanted::Field(operation, Vec::new())),
                (true, _) => Some(Wanted::CallOptions),
                (false, place) => {
                    let name = names.get(place)?.clone();
                    Some(Wanted::Field(operation, vec![name]))
                }
            };
        }
        self.of_function(&callee, frame, place)
    }

    fn of_function(&self, callee: &Callee<'_>, frame: &Frame, place: usize) -> Option<Wanted> {
        let forms = self.forms(callee).into_iter().map(|form| form.into_owned());
        let forms: Vec<_> = forms.filter(|form| form.parameters.len() > place).collect();
        let form = forms.first()?;
        let name = form.parameters[place].as_str();
        if name == OPTIONS {
            return Some(Wanted::Options(form.clone()));
        }
        // A map that is handed on to an operation, which the first argument names or the manual.
        let about = form.about(name).unwrap_or_default();
        let by_argument = || self.words.quoted(frame.arguments[0]);
        let operation = match form.parameters.first().is_some_and(|first| first == OPERATION) && place == 1 {
            true => by_argument(),
            false => about.split_once("fields of `").and_then(|(_, rest)| rest.split('`').next()),
        };
        let operation = operation.and_then(|name| self.library.catalog.find(name));
        Some(operation.map_or(Wanted::Argument(forms, place), |it| Wanted::Field(it, Vec::new())))
    }
}
