//! What an expression may begin with.

use super::{ItemKind, Offers};
use crate::analysis::{
    Function,
    place::context::{Context, FrameKind},
    place::view::View,
    text::defined,
    text::tokens::KEYWORDS,
};

/// The nearest first: what the text defines, what earlier entries have left, modules, the language.
pub(super) fn offer(view: &View<'_>, context: &Context, offers: &mut Offers<'_>) {
    let seen = view.seen(context);
    for local in &seen.locals {
        offers.add(local.name, ItemKind::Variable, "", String::new);
    }
    if !seen.in_function {
        for variable in &view.names.variables {
            offers.add(&variable.name, ItemKind::Variable, "", || variable.kind.clone());
        }
    }
    for own in defined::functions(&view.words) {
        function(offers, &own.function);
    }
    view.names.functions.iter().for_each(|it| function(offers, it));
    for import in defined::imports(&view.words).iter().filter(|it| !it.alias.is_empty()) {
        offers.add(import.alias, ItemKind::Module, "::", || format!("import {:?}", import.name));
    }
    for import in &view.names.imports {
        offers.add(&import.alias, ItemKind::Module, "::", || format!("import {:?}", import.name));
    }
    for module in view.library.modules() {
        offers.add(module, ItemKind::Module, "::", || about_module(view, module));
    }
    if context.frames.iter().all(|frame| frame.kind == FrameKind::Block) {
        KEYWORDS.iter().for_each(|it| offers.add(it, ItemKind::Keyword, "", String::new));
    } else {
        let values = ["true", "false", "if", "switch", "this", "Fn"];
        values.iter().for_each(|it| offers.add(it, ItemKind::Keyword, "", String::new));
    }
    view.library.of_module("").for_each(|it| function(offers, it));
}

pub(super) fn function(offers: &mut Offers<'_>, function: &Function) {
    // `set$tag` is how the language knows `x.tag = …`.
    if function.name.contains('$') {
        return;
    }
    offers.add(&function.name, ItemKind::Function, "(", || about(function));
}

/// `(text, zone): what it does`
fn about(function: &Function) -> String {
    let parameters = function.parameters.join(", ");
    match function.summary() {
        summary if summary.is_empty() => format!("({parameters})"),
        summary => format!("({parameters}): {summary}"),
    }
}

fn about_module(view: &View<'_>, module: &str) -> String {
    let names = || view.library.of_module(module).map(|it| it.name.as_str());
    let operations = view.library.catalog.names().iter().filter(|name| name.module == module).count();
    match operations {
        0 => {
            let mut names: Vec<_> = names().collect();
            names.dedup();
            names.join(", ")
        }
        count => format!("{count} operations"),
    }
}
