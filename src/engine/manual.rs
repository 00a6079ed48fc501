//! The manual of the everyday modules and of the standard library, read off the comments above their functions.

use super::modules::stdlib;
use crate::{
    analysis::{self, Function, Library},
    catalog::Catalog,
    host,
};
use rhai::{Engine, FnAccess};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::Arc};

/// All functions, by module and name.
pub fn manual() -> Vec<Function> {
    let mut engine = Engine::new();
    analysis::speak(&mut engine);
    let mut functions = of_stdlib(&engine);
    host::register_modules(&mut engine);
    functions.extend(of_host(&engine));
    functions.sort_by_key(|it| (it.module.clone(), it.name.clone(), it.parameters.len(), it.parameters.clone()));
    functions
}

/// Everything that a script can name: these operations, and all functions.
pub fn library(catalog: Arc<Catalog>) -> Library {
    let mut functions = manual();
    functions.extend(of_language());
    Library::new(catalog, functions)
}

/// The language's own functions, in each form; operators are none, nor are forms that take the name of a function, which
/// are refused here.
fn of_language() -> Vec<Function> {
    let described = described(&Engine::new(), true);
    let named = described.functions.into_iter().filter(|it| it.name.starts_with(char::is_alphabetic));
    let mut functions: Vec<_> = named.map(|it| it.of(String::new())).collect();
    functions.retain(|it| !it.text.contains("# Deprecated API"));
    // The engine tells them in another order each time.
    functions.sort_by(|a, b| (&a.name, &a.parameters).cmp(&(&b.name, &b.parameters)));
    functions
}

/// The language's own functions and operators, and what is global, as definition files, by their names.
pub fn language_definitions() -> impl Iterator<Item = (String, String)> {
    let mut engine = Engine::new();
    host::register_global(&mut engine);
    let files: Vec<_> = engine.definitions().iter_files().collect();
    files.into_iter().map(|(name, text)| (name, format!("{}\n", text.trim_end())))
}

fn of_stdlib(engine: &Engine) -> Vec<Function> {
    let mut functions = Vec::new();
    for (module, text) in stdlib() {
        let ast = engine.compile(text).unwrap_or_else(|error| unreachable!("stdlib/{module}.rhai is tested: {error}"));
        // A closure is a public function too, with a `$` in its name.
        let public = ast.iter_functions().filter(|it| it.access == FnAccess::Public && !it.name.contains('$'));
        functions.extend(public.map(|it| Function {
            module: module.to_owned(),
            name: it.name.to_owned(),
            parameters: it.params.iter().map(|name| (*name).to_owned()).collect(),
            text: plain(&it.comments),
            imported: true,
        }));
    }
    functions
}

/// The part of the engine's own description that is used here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Described {
    modules: BTreeMap<String, Described>,
    functions: Vec<DescribedFunction>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribedFunction {
    name: String,
    #[serde(default)]
    params: Vec<DescribedParameter>,
    #[serde(default)]
    doc_comments: Vec<String>,
}

#[derive(Deserialize)]
struct DescribedParameter {
    name: Option<String>,
}

impl DescribedFunction {
    fn of(self, module: String) -> Function {
        Function {
            module,
            name: self.name,
            parameters: self.params.into_iter().filter_map(|parameter| parameter.name).collect(),
            text: plain(&self.doc_comments),
            imported: false,
        }
    }
}

fn described(engine: &Engine, of_language: bool) -> Described {
    let text = engine.gen_fn_metadata_to_json(of_language).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

fn of_host(engine: &Engine) -> Vec<Function> {
    let Described { modules, functions } = described(engine, false);
    let modules = modules.into_iter().map(|(module, inside)| (module, inside.functions));
    let modules = modules.chain([(String::new(), functions)]);
    let functions = modules.flat_map(|(module, inside)| inside.into_iter().map(move |it| (module.clone(), it)));
    functions.filter(|(_, it)| !it.doc_comments.is_empty()).map(|(module, it)| it.of(module)).collect()
}

/// Comments without the marks that make them comments.
pub(super) fn plain<S: AsRef<str>>(comments: &[S]) -> String {
    let lines = comments.iter().flat_map(|comment| comment.as_ref().lines());
    let lines: Vec<_> = lines.map(|line| line.trim_start().trim_start_matches('/').trim_start_matches(' ')).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_has_functions_of_its_own() {
        let library = library(Catalog::builtin());
        assert!(library.forms("", "push").count() >= 1);
        assert!(library.forms("time", "parse").count() == 2);
        assert!(library.modules().contains("drama") && library.modules().contains("pages"));
    }

    #[test]
    fn every_function_says_what_it_does_with_an_example() {
        let manual = manual();
        assert!(manual.len() > 30);
        for function in manual {
            assert!(function.text.contains("```rhai"), "{} has no example", function.signature());
        }
    }
}
