//! Is an id compared with a value of another type? It would never be equal.

use super::checker::{Checker, said};
use crate::{
    analysis::{Library, tree::Call},
    catalog::{Schema, Type},
};
use rhai::Expr;

/// The types that a field has, wherever the platforms' documents name it.
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
            let types = types_of(self.library, name);
            let always = if kind == Type::Integer { types.int && !types.text } else { types.text && !types.int };
            if always {
                let article = if kind == Type::Integer { "an int" } else { "a string" };
                let error = said(format!("`{name}` is {article} on the platforms, and never equals {other_kind}"));
                self.warning("mixed_types", self.spans.value(other.start_position()), error.hint(hint));
            }
        }
    }
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

fn types_of(library: &Library, name: &str) -> Types {
    let mut types = Types::default();
    for operation in library.catalog.operations() {
        collect(&operation.input, name, &mut types);
        collect(&operation.reply.schema, name, &mut types);
    }
    types
}

fn collect(schema: &Schema, name: &str, types: &mut Types) {
    if let Some(field) = schema.properties.get(name) {
        let int = field.is_int64() || field.types.contains(&Type::Integer);
        types.int |= int;
        types.text |= field.types.is_empty() || (field.types.contains(&Type::String) && !field.is_int64());
    }
    schema.properties.values().chain(schema.items.as_deref()).for_each(|inner| collect(inner, name, types));
}
