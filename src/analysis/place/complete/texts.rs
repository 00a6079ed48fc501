//! What may stand between quotes: names of operations and accounts, paths, values of an enum, arguments of the script.

use super::{ItemKind, Offers, files, values};
use crate::analysis::{
    Source,
    manual::said::quoted_values,
    parameters,
    place::context::Context,
    place::view::View,
    place::wanted::{OPERATION, OPTIONS, Wanted},
};
use std::collections::BTreeSet;

pub(super) fn offer(view: &View<'_>, context: &Context, offers: &mut Offers<'_>) {
    if view.words.before(context.before) == "import" {
        return of_import(view, offers);
    }
    let Some(wanted) = view.wanted(context) else { return };
    if wanted.schema().is_some_and(|schema| schema.is_binary()) {
        return files::offer(&view.names.folder, offers);
    }
    for (text, meaning) in values::texts(&wanted) {
        offers.add(text, ItemKind::Value, "", || meaning);
    }
    few(view, &wanted).iter().for_each(|it| offers.add(it, ItemKind::Value, "", String::new));
    let Wanted::Argument(forms, place) = &wanted else {
        if let Wanted::Option(function, name) = &wanted
            && function.options(OPTIONS).says(name).is_some_and(|it| it.contains("path"))
        {
            files::offer(&view.names.folder, offers);
        }
        return;
    };
    let name = forms[0].parameters[*place].as_str();
    match name {
        OPERATION => operations(view, offers),
        "path" | "file" | "folder" => files::offer(&view.names.folder, offers),
        _ => {}
    }
}

/// Texts that are known without looking further: accounts, the script's own arguments, what a manual has in quotes.
pub(super) fn few(view: &View<'_>, wanted: &Wanted) -> Vec<String> {
    let in_quotes = |about: &str| quoted_values(about).map(str::to_owned).collect::<Vec<_>>();
    match wanted {
        Wanted::CallOption(name) if name == "account" => view.names.accounts.clone(),
        Wanted::Option(_, name) if name == "account" => view.names.accounts.clone(),
        Wanted::Option(function, name) => {
            let options = function.options(OPTIONS);
            options.says(name).map_or_else(Vec::new, in_quotes)
        }
        Wanted::Argument(forms, place) => {
            let name = forms[0].parameters[*place].as_str();
            let about = forms.iter().find_map(|form| form.about(&form.parameters[*place])).unwrap_or_default();
            match (forms[0].module.as_str(), name) {
                _ if about.contains("`juben.toml`") => view.names.accounts.clone(),
                ("args", "name") => {
                    let declared = parameters(&Source::new("", view.words.text)).unwrap_or_default();
                    declared.into_iter().map(|it| it.name).collect()
                }
                (_, OPERATION) => Vec::new(),
                _ => in_quotes(&about),
            }
        }
        _ => Vec::new(),
    }
}

fn operations(view: &View<'_>, offers: &mut Offers<'_>) {
    let catalog = &view.library.catalog;
    for (position, name) in catalog.names().iter().enumerate() {
        offers.add(&name.full(), ItemKind::Operation, "", || catalog.at(position).summary.clone());
    }
}

/// The modules that can be imported: those of the standard library, and the scripts beside this one.
pub(super) fn of_import(view: &View<'_>, offers: &mut Offers<'_>) {
    let modules: BTreeSet<_> = view.library.functions.iter().filter(|it| it.imported).map(|it| &it.module).collect();
    let quoted = offers.is_quoted();
    let mut add = |name: &str, detail: &str| {
        let written = if quoted { name.to_owned() } else { format!("{name:?}") };
        offers.add_as(name, &written, ItemKind::Module, "", || detail.to_owned());
    };
    modules.iter().for_each(|it| add(it, "standard library"));
    files::modules(&view.names.folder).iter().for_each(|it| add(it, "beside this script"));
}
