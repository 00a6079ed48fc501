//! What may stand after `module::` and after `value.`.

use super::{ItemKind, Offers, words::function};
use crate::{
    analysis::{context::Context, view::View},
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
    // The vendor's spellings are for those who type them.
    if offers.is_empty() && !offers.typed().is_empty() {
        for (position, name) in names().filter(|(_, name)| !name.alias.is_empty()) {
            offers.add(&name.alias, ItemKind::Operation, "(", || about(position));
        }
    }
}

/// The fields of the value before the `.`, then what can be called on values.
pub(super) fn of_value(view: &View<'_>, context: &Context, offers: &mut Offers<'_>) {
    if let Some(shape) = view.shape_before(context, context.before - 1) {
        for (name, field) in shape.fields() {
            let about = || field.map_or_else(String::new, |field| super::fields::about(field, false));
            offers.add(name, ItemKind::Field, "", about);
        }
    }
    view.methods().for_each(|it| function(offers, it));
    view.names.functions.iter().for_each(|it| function(offers, it));
    view.library.of_module("").for_each(|it| function(offers, it));
}
