//! What fields a value has, as far as a text tells: a reply, an item of a listing, a map that is written out.

use super::{
    Function,
    context::{Callee, Context, callee, key},
    defined::{Local, Origin},
    view::View,
    wanted::OPERATION,
};
use crate::catalog::{Operation, Schema};
use std::sync::Arc;

/// What is known of a value.
pub(in crate::analysis) enum Shape {
    /// A piece of a reply: names of fields, `[]` for an item.
    Reply(Arc<Operation>, Vec<String>),
    /// The items of a listing, from this operation's pages.
    Listing(Arc<Operation>),
    /// An array of replies.
    Replies(Arc<Operation>),
    /// A map with these fields.
    Map(Vec<String>),
    /// An array of such maps.
    Array(Vec<String>),
    /// Something without fields, of this type.
    Plain(String),
}

/// A line about a field: `int, required, 1 to 100: items in a page`
pub(in crate::analysis) fn about(field: &Schema, required: bool) -> String {
    let facts = field.facts(required);
    match field.summary() {
        "" => facts,
        summary => format!("{facts}: {summary}"),
    }
}

/// A variable may be made of another one, but not for ever.
const DEEPEST: usize = 8;

impl Shape {
    /// The fields, each with what the catalog says of it.
    pub(in crate::analysis) fn fields(&self) -> Vec<(&str, Option<&Schema>)> {
        match self {
            Shape::Reply(operation, way) => {
                let hidden = if way.is_empty() { operation.hidden_fields() } else { Vec::new() };
                let fields = schema(operation, way).into_iter().flat_map(|schema| &schema.properties);
                let shown = fields.filter(|(name, _)| !hidden.contains(name));
                shown.map(|(name, field)| (name.as_str(), Some(field))).collect()
            }
            Shape::Map(names) => names.iter().map(|name| (name.as_str(), None)).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether a function can be called on it. The language names the first parameter of its functions by the type.
    pub(in crate::analysis) fn takes(&self, function: &Function) -> bool {
        let first = function.parameters.first().map_or("", String::as_str);
        let is = |kind: &str| match kind {
            "int" | "float" | "number" => ["x", "value", "number"].contains(&first),
            "char" => first == "character",
            kind => first == kind,
        };
        match self {
            Shape::Reply(operation, way) => {
                let kinds = schema(operation, way).map(|schema| schema.types.as_slice()).unwrap_or_default();
                kinds.is_empty() || kinds.iter().any(|kind| is(kind.name()))
            }
            Shape::Map(_) => is("map"),
            Shape::Replies(_) | Shape::Array(_) => is("array"),
            Shape::Plain(kind) => is(kind),
            Shape::Listing(_) => !function.module.is_empty(),
        }
    }

    fn field(self, name: &str) -> Option<Shape> {
        let Shape::Reply(operation, mut way) = self else { return None };
        way.push(name.to_owned());
        schema(&operation, &way)?;
        Some(Shape::Reply(operation, way))
    }

    fn item(self) -> Option<Shape> {
        match self {
            Shape::Reply(operation, mut way) => {
                way.push("[]".to_owned());
                schema(&operation, &way)?;
                Some(Shape::Reply(operation, way))
            }
            Shape::Listing(operation) => {
                let items = operation.pages.as_ref()?.items.first()?;
                let mut way: Vec<_> = items.split('.').map(str::to_owned).collect();
                way.push("[]".to_owned());
                Some(Shape::Reply(operation, way))
            }
            Shape::Replies(operation) => Some(Shape::Reply(operation, Vec::new())),
            Shape::Array(fields) => Some(Shape::Map(fields)),
            Shape::Map(_) | Shape::Plain(_) => None,
        }
    }

    /// What a method gives: those of arrays and listings that keep the items, and those that give one.
    fn method(self, name: &str) -> Option<Shape> {
        match name {
            "collect" | "filter" | "take" | "skip" | "sort" | "reverse" | "extract" | "drain" | "retain" => Some(self),
            "first" | "last" | "pop" | "shift" | "find" => self.item(),
            _ => None,
        }
    }
}

fn schema<'a>(operation: &'a Operation, way: &[String]) -> Option<&'a Schema> {
    way.iter().try_fold(&operation.reply.schema, |schema, step| match step.as_str() {
        "[]" => schema.items.as_deref(),
        name => schema.properties.get(name),
    })
}

impl View<'_> {
    /// The value of the chain that ends before this token.
    pub(in crate::analysis) fn shape_before(&self, context: &Context, end: usize) -> Option<Shape> {
        self.shape(&self.seen(context).locals, self.words.chain_start(end), end, DEEPEST)
    }

    /// The value of the chain that begins at this token, read no further than the end.
    fn shape(&self, locals: &[Local<'_>], start: usize, end: usize, depth: usize) -> Option<Shape> {
        let depth = depth.checked_sub(1)?;
        let (mut shape, mut at) = self.first(locals, start, depth)?;
        while at < end {
            let name = at + 1;
            (shape, at) = match self.words.get(at) {
                "[" => (shape.item()?, self.words.closer(at)? + 1),
                "." | "?." if self.words.get(name + 1) == "(" => {
                    (shape.method(self.words.get(name))?, self.words.closer(name + 1)? + 1)
                }
                "." | "?." if name < end => (shape.field(self.words.get(name))?, name + 1),
                _ => break,
            };
        }
        Some(shape)
    }

    /// What a chain begins with, and where it goes on.
    fn first(&self, locals: &[Local<'_>], start: usize, depth: usize) -> Option<(Shape, usize)> {
        let words = &self.words;
        if words.quoted(start).is_some() {
            return Some((Shape::Plain("string".to_owned()), start + 1));
        }
        if words.get(start) == "#{" {
            return Some((Shape::Map(self.keys(start)), words.closer(start)? + 1));
        }
        if words.get(start) == "[" {
            let after = words.closer(start)? + 1;
            let keys = if words.get(start + 1) == "#{" { self.keys(start + 1) } else { Vec::new() };
            return Some((Shape::Array(keys), after));
        }
        if words.get(start + 1) == "::" && words.get(start + 3) == "(" {
            let called = callee(words, start + 2);
            let shape = match self.operation(&called) {
                Some(operation) => Shape::Reply(operation, Vec::new()),
                None => self.result(&called, words.quoted(start + 4))?,
            };
            return Some((shape, words.closer(start + 3)? + 1));
        }
        let name = words.get(start);
        if let Some(place) = locals.iter().position(|it| it.name == name) {
            // What was defined before it, it can be made of.
            let before = &locals[place + 1..];
            let value = |from, end| self.shape(before, from, end, depth);
            let shape = match locals[place].origin {
                Origin::Expression(from) => value(from, usize::MAX)?,
                Origin::ItemOf(from, end) => value(from, end)?.item()?,
                Origin::Unknown => return None,
            };
            return Some((shape, start + 1));
        }
        let left = self.names.variables.iter().find(|it| it.name == name)?;
        let fields = left.fields.clone();
        let shape = match left.kind.as_str() {
            "array" => Shape::Array(fields),
            "map" => Shape::Map(fields),
            kind => Shape::Plain(kind.to_owned()),
        };
        Some((shape, start + 1))
    }

    /// What a function gives, as its manual says: of the operation that its argument names, or that the manual does.
    fn result(&self, called: &Callee<'_>, argument: Option<&str>) -> Option<Shape> {
        let forms = self.forms(called);
        let returns = forms.first()?.returns();
        let by_argument = forms[0].parameters.first().is_some_and(|first| first == OPERATION);
        let told = || returns.split_once("as of `").and_then(|(_, rest)| rest.split('`').next());
        let operation = self.library.catalog.find(if by_argument { argument? } else { told()? })?;
        Some(match returns.split([',', ' ']).next() {
            Some("map") => Shape::Reply(operation, Vec::new()),
            Some("array") if by_argument => Shape::Replies(operation),
            _ => Shape::Listing(operation),
        })
    }

    /// The keys of the map that is written out here.
    fn keys(&self, open: usize) -> Vec<String> {
        let words = &self.words;
        let mut depth = 0;
        let mut keys = Vec::new();
        for index in open..words.closer(open).unwrap_or(words.tokens.len()) {
            depth += i32::from(words.is_open_bracket(index)) - i32::from(words.is_close_bracket(index));
            if depth == 1 && words.get(index) == ":" {
                keys.push(key(words, index - 1).to_owned());
            }
        }
        keys
    }
}
