//! What may stand after `module::` and after `value.`.

use super::{ItemKind, Offers, expressions::function};
use crate::{
    analysis::{
        Function,
        place::context::Context,
        place::shapes::{Shape, about},
        place::view::View,
    },
    catalog::Catalog,
};

/// The operations and functions of the module before the `::`.
pub(super) fn of_module(view: &View<'_>, context: &Context, offers: &mut Offers<'_>) {
    let Some(module) = context.before.checked_sub(2).map(|index| view.words.get(index)) else { return };
    let catalog: &Catalog = &view.library.catalog;
    let names = || catalog.names().iter().enumerate().filter(|(_, name)| name.module == module);
    let about = |position| {
        let operation = catalog.at(position);
        format!("{}: {}", operation.effects.default.name(), operation.summary)
    };
    for (position, name) in names() {
        offers.add(&name.function, ItemKind::Operation, "(", || about(position));
    }
    view.functions(module).iter().for_each(|it| function(offers, it));
    // The vendor's spelling is for those who type it.
    let typed = |alias: &str| !offers.typed().is_empty() && offers.begins(alias);
    let aliases: Vec<_> = names().filter(|(_, name)| !name.alias.is_empty() && typed(&name.alias)).collect();
    for (position, name) in aliases {
        offers.add(&name.alias, ItemKind::Operation, "(", || about(position));
    }
}

/// The fields of the value before the `.`, then what can be called on it.
pub(super) fn of_value(view: &View<'_>, context: &Context, offers: &mut Offers<'_>) {
    let shape = view.shape_before(context, context.before - 1);
    for (name, field) in shape.iter().flat_map(Shape::fields) {
        let about = || field.map_or_else(String::new, |field| about(field, false));
        offers.add(name, ItemKind::Field, "", about);
    }
    let fits = |it: &&Function| shape.as_ref().is_none_or(|shape| shape.takes(it));
    for of_language in view.library.of_module("").filter(fits) {
        match of_language.name.strip_prefix("get$") {
            Some(name) => offers.add(name, ItemKind::Field, "", || of_language.summary()),
            None => function(offers, of_language),
        }
    }
    view.methods().filter(fits).for_each(|it| function(offers, it));
}
