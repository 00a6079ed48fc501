//! The values that a place allows, where they are few: those of an enum, `true` and `false`.

use super::{ItemKind, Offers};
use crate::{
    analysis::{place::context::Context, place::view::View, place::wanted::Wanted},
    catalog::{Schema, Type},
};
use serde_json::Value;

/// What may stand here without quotes around the place.
pub(super) fn offer(view: &View<'_>, context: &Context, offers: &mut Offers<'_>) {
    // After an operator or a dot a value is only a part of what is wanted.
    let begins = matches!(view.words.before(context.before), "(" | "[" | "," | ":");
    let Some(wanted) = view.wanted(context).filter(|_| begins) else { return };
    match wanted.schema() {
        Some(schema) => of_schema(schema, offers),
        None => {
            let quoted = |value: &str, offers: &mut Offers<'_>| {
                offers.add_as(value, &format!("{value:?}"), ItemKind::Value, "", String::new);
            };
            super::texts::few(view, &wanted).iter().for_each(|value| quoted(value, offers));
        }
    }
}

fn of_schema(schema: &Schema, offers: &mut Offers<'_>) {
    for value in &schema.values {
        let written = value.to_string();
        let name = value.as_str().unwrap_or(&written);
        offers.add_as(name, &written, ItemKind::Value, "", || meaning(schema, value));
    }
    if schema.types.contains(&Type::Boolean) {
        let default = |value: bool| if schema.default == Some(Value::Bool(value)) { "default" } else { "" };
        for value in [true, false] {
            offers.add(&value.to_string(), ItemKind::Value, "", || default(value).to_owned());
        }
    }
}

pub(super) fn meaning(schema: &Schema, value: &Value) -> String {
    let default = (schema.default.as_ref() == Some(value)).then_some("default");
    schema.meaning(value).into_iter().chain(default).collect::<Vec<_>>().join(", ")
}

/// The values that are texts.
pub(super) fn texts(wanted: &Wanted) -> impl Iterator<Item = (&str, String)> {
    let schema = wanted.schema();
    schema.into_iter().flat_map(|schema| {
        let texts = schema.values.iter().filter_map(|value| Some((value, value.as_str()?)));
        texts.map(|(value, text)| (text, meaning(schema, value)))
    })
}
