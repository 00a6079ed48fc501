//! Is an id compared with a value of another type? It would never be equal.

use super::checker::{Checker, said};
use crate::{
    analysis::program::tree::Call,
    catalog::{Operation, Schema, Type},
};
use rhai::Expr;

/// The types that the platforms give a field.
#[derive(Debug, Default)]
struct Types {
    int: bool,
    text: bool,
}

impl Checker<'_> {
    pub(super) fn comparison(&mut self, call: &Call<'_>) {
        let ("==" | "!=", [left, right]) = (call.of.name.as_str(), &call.of.args[..]) else { return };
        for (side, other) in [(left, right), (right, left)] {
            let Some(name) = last_field(side).filter(|name| *name == "id" || name.ends_with("_id")) else { continue };
            let (kind, other_kind, hint) = match other {
                Expr::StringConstant(text, _) => {
                    let number = text.parse::<i64>().map_or_else(|_| "an int".to_owned(), |number| number.to_string());
                    (Type::Integer, "a string", format!("compare it with {number}"))
                }
                Expr::IntegerConstant(number, _) => (Type::String, "an int", format!("compare it with \"{number}\"")),
                _ => continue,
            };
            let types = self.types_of(name);
            let always = if kind == Type::Integer { types.int && !types.text } else { types.text && !types.int };
            if always {
                let article = if kind == Type::Integer { "an int" } else { "a string" };
                let error = said(format!("`{name}` is {article} on the platforms, and never equals {other_kind}"));
                self.warning("mixed_types", self.spans.value(other.start_position()), error.hint(hint));
            }
        }
    }
}

impl Checker<'_> {
    /// As the operations have it that the script can call; one platform's int may be the other's string.
    fn types_of(&self, name: &str) -> Types {
        let catalog = &self.library.catalog;
        let mut types = Types::default();
        if self.rights.unknown.is_empty() {
            let called = self.rights.operations.keys().filter_map(|name| catalog.find(name));
            called.for_each(|operation| collect_all(&operation, name, &mut types));
        }
        if !types.int && !types.text {
            catalog.operations().for_each(|operation| collect_all(&operation, name, &mut types));
        }
        types
    }
}

fn collect_all(operation: &Operation, name: &str, types: &mut Types) {
    collect(&operation.input, name, types);
    collect(&operation.reply.schema, name, types);
}

/// The name of the field that an expression ends with: of `rows[0].drama.drama_id` it is `drama_id`.
fn last_field(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Dot(pair, _, _) => last_field(&pair.rhs),
        Expr::Index(pair, _, _) => match &pair.rhs {
            Expr::StringConstant(name, _) => Some(name),
            other => last_field(other),
        },
        Expr::Property(property, _) => Some(&property.2),
        _ => None,
    }
}

fn collect(schema: &Schema, name: &str, types: &mut Types) {
    if let Some(field) = schema.properties.get(name) {
        let int = field.is_int64() || field.types.contains(&Type::Integer);
        types.int |= int;
        types.text |= field.types.is_empty() || (field.types.contains(&Type::String) && !field.is_int64());
    }
    schema.properties.values().chain(schema.items.as_deref()).for_each(|inner| collect(inner, name, types));
}
