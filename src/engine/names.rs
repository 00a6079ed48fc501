//! A function or a module that is not there: what was probably meant, and what there is.

use super::{Sources, modules::stdlib};
use crate::{
    Error,
    error::{Kind, nearest},
    host::Host,
};
use rhai::Engine;
use std::collections::BTreeSet;

/// `text` is the script's: its own functions and imports are known by it.
pub(super) fn no_such_function(engine: &Engine, host: &Host, sources: &Sources, text: &str, signature: &str) -> Error {
    let signature = in_words(signature);
    let name = signature.split('(').next().unwrap_or(&signature);
    if !name.starts_with(|it: char| it.is_alphabetic() || it == '_') {
        return Error::new(Kind::Script, format!("`{name}` does not take {}", &signature[name.len()..]))
            .hint("turn one of them into the other's type: to_string(), parse_int(), parse_float()");
    }
    let error = Error::new(Kind::Script, format!("there is no function `{signature}`"));
    match name.rsplit_once("::") {
        Some((module, function)) if host.client.catalog().names().iter().any(|name| name.module == module) => {
            error.hint(of_operations(host, module, function))
        }
        Some((module, function)) => {
            let imported = import_of(text, module).and_then(|import| sources.ending(&format!("{import}.rhai")));
            let forms = match imported {
                Some(text) => own_forms(&text).iter().map(|form| format!("{module}::{form}")).collect(),
                None => forms_of_module(engine, module),
            };
            error.hint(of_module(module, function, &forms))
        }
        None => error.hint(of_globals(name, &own_forms(text), &native_forms(engine))),
    }
}

fn of_operations(host: &Host, module: &str, function: &str) -> String {
    let names = host.client.catalog().names().iter().filter(|name| name.module == module);
    let known = names.clone().flat_map(|name| [&*name.function, &*name.alias]).any(|known| known == function);
    if known {
        return format!("it takes a map of parameters, then perhaps a map of options: `juben doc {module}.{function}`");
    }
    match nearest(function, names.map(|name| &*name.function)) {
        Some(near) => format!("did you mean `{module}::{near}`?"),
        None => format!("`juben ops {module}` lists what `{module}` has"),
    }
}

fn name_of(form: &str) -> &str {
    form.split('(').next().unwrap_or(form)
}

/// The forms of that name, such as `time::days(count: int)`.
fn same(name: &str, forms: &[String]) -> Option<String> {
    let same: Vec<_> = forms.iter().filter(|form| name_of(form) == name).map(|form| format!("`{form}`")).collect();
    (!same.is_empty()).then(|| format!("there is {}", same.join(", ")))
}

fn of_module(module: &str, function: &str, forms: &[String]) -> String {
    let names = || forms.iter().map(|form| name_of(form).rsplit("::").next().unwrap_or_default());
    same(&format!("{module}::{function}"), forms).unwrap_or_else(|| match nearest(function, names()) {
        Some(near) => format!("did you mean `{module}::{near}`?"),
        None => {
            let names: BTreeSet<_> = names().collect();
            format!("`{module}` has {}", names.into_iter().collect::<Vec<_>>().join(", "))
        }
    })
}

/// The language has many short names: one of them is meant only if it is very near.
fn of_globals(name: &str, own: &[String], native: &[String]) -> String {
    let very_near = |form: &&String| strsim::damerau_levenshtein(name, name_of(form)) == 1;
    let near = || native.iter().find(very_near).map(|form| name_of(form));
    let known = same(name, own).or_else(|| same(name, native));
    known.unwrap_or_else(|| match nearest(name, own.iter().map(|form| name_of(form))).or_else(near) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "a function of a module is written with its module: `module::name(…)`".to_owned(),
    })
}

fn forms_of_module(engine: &Engine, module: &str) -> Vec<String> {
    let prefix = format!("{module}::");
    let mut forms: Vec<_> = engine.gen_fn_signatures(false).iter().map(|form| in_words(form)).collect();
    forms.retain(|form| form.starts_with(&prefix));
    forms.sort();
    forms
}

/// The functions that a text defines and that others may call.
fn own_forms(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim_start).filter_map(|line| line.strip_prefix("fn "));
    lines.filter_map(|rest| Some(format!("{})", rest.split_once(')')?.0))).collect()
}

/// What the script imports under this name.
fn import_of<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let imports = text.split("import \"").skip(1).filter_map(|rest| rest.split_once('"'));
    let named = |rest: &str| Some(rest.trim_start().strip_prefix("as ")?.split(';').next()?.trim() == name);
    imports.filter(|(_, rest)| named(rest) == Some(true)).map(|(import, _)| import).next()
}

fn native_forms(engine: &Engine) -> Vec<String> {
    let identifier = |form: &String| form.starts_with(char::is_alphabetic) && !form.contains("::");
    let native = engine.gen_fn_signatures(true).into_iter().filter(identifier);
    let mut forms: Vec<_> = native.map(|form| in_words(&form)).collect();
    forms.sort();
    forms
}

/// A signature without the inside of the program.
fn in_words(signature: &str) -> String {
    let form = signature.split(" -> ").next().unwrap_or(signature);
    let words = [
        ("&str | ImmutableString | String", "string"),
        ("&mut ", ""),
        ("i64", "int"),
        ("f64", "float"),
        ("Dynamic", "any"),
        (" (", "("),
    ];
    words.iter().fold(form.to_owned(), |form, (from, to)| form.replace(from, to))
}

pub(super) fn no_such_module(engine: &Engine, name: &str) -> Error {
    let error = Error::new(Kind::Script, format!("there is no module `{name}`"));
    let standard: Vec<_> = stdlib().map(|(name, _)| name).collect();
    if standard.contains(&name) {
        return error.hint(format!("put this first: import \"{name}\" as {name};"));
    }
    let mut modules: Vec<_> = engine.gen_fn_signatures(false);
    modules.retain_mut(|form| match form.split('(').next().and_then(|name| name.rsplit_once("::")) {
        Some((module, _)) => {
            *form = module.to_owned();
            true
        }
        None => false,
    });
    match nearest(name, modules.iter().map(String::as_str).chain(standard)) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(where_modules_are(name)),
    }
}

/// What leads nowhere when it is imported.
pub(super) fn nothing_to_import(name: &str) -> Error {
    let error = Error::new(Kind::Script, format!("there is no module `{name}`")).hint(where_modules_are(name));
    error.hinted(nearest(name, stdlib().map(|(name, _)| name)).map(|near| format!("did you mean `{near}`?")))
}

fn where_modules_are(name: &str) -> &'static str {
    match name.contains('/') {
        true => {
            "a package is taken into the project by `juben add`; a module of your own is a file below the script's folder"
        }
        false => "a module of your own is a file beside the script: import \"name\" as name;",
    }
}
