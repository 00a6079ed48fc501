//! What is known of a name or a code, as a text for a terminal: `juben doc`, `juben explain`, and the prompt.

mod codes;
pub(super) mod definition_files;
mod kinds;
mod operation;
mod page;
pub(super) mod said;

pub use codes::{Meaning, explain, meanings};
pub use kinds::{Words, words};

use super::{Function, Library};
use crate::{
    Error,
    catalog::{Catalog, Operation},
    error::{Kind, nearest},
};
use rhai::Map;
use std::{collections::BTreeSet, sync::Arc};

/// All about an operation, a module or a function.
pub fn about(library: &Library, name: &str, width: usize) -> Result<String, Error> {
    if let Some(operation) = library.catalog.find(name) {
        return Ok(operation::page(&library.catalog, &operation, width));
    }
    let name = name.replace("::", ".");
    let is_meant = |it: &&Function| is_of(it, &name) || full_name(it) == name;
    let functions: Vec<_> = library.functions.iter().filter(is_meant).collect();
    if !functions.is_empty() {
        return Ok(of_functions(&functions, is_of(functions[0], &name)));
    }
    if library.catalog.names().iter().any(|it| it.module == name) {
        let error = Error::new(Kind::Usage, format!("`{name}` is a module of operations"));
        return Err(error.hint(format!("`juben ops {name}.` lists them")));
    }
    Err(unknown(library, &name))
}

/// The operations whose name, vendor's name, summary or path has all these words, or which operation may be meant.
pub fn find(catalog: &Catalog, words: &[String]) -> Result<Vec<Arc<Operation>>, Error> {
    let sought: Vec<String> = words.iter().map(|word| word.to_lowercase().replace("::", ".")).collect();
    let found: Vec<_> = catalog.operations().filter(|operation| has(operation, &sought)).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let error = Error::new(Kind::Usage, format!("no operation has the words {}", words.join(" ")));
    Err(match catalog.nearest(&words.join("_")) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("`juben ops` lists all of them"),
    })
}

/// The columns of a list of operations.
pub const COLUMNS: [&str; 3] = ["operation", "effect", "summary"];

/// An operation as a row of such a list.
pub fn row(operation: &Operation) -> Map {
    let values = [operation.full_name(), operation.effects.default.name().to_owned(), operation.summary.clone()];
    COLUMNS.iter().zip(values).map(|(name, value)| ((*name).into(), value.into())).collect()
}

fn has(operation: &Operation, words: &[String]) -> bool {
    let alias = operation.alias.as_deref().unwrap_or_default();
    let text = format!("{} {alias} {} {}", operation.full_name(), operation.summary, operation.path).to_lowercase();
    words.iter().all(|word| text.contains(word.as_str()))
}

fn is_of(function: &Function, module: &str) -> bool {
    !function.module.is_empty() && function.module == module
}

/// `time.parse`, or `push` of the language.
fn full_name(function: &Function) -> String {
    match function.module.as_str() {
        "" => function.name.clone(),
        module => format!("{module}.{}", function.name),
    }
}

fn unknown(library: &Library, name: &str) -> Error {
    let error = Error::new(Kind::Usage, format!("there is no operation, module or function `{name}`"));
    let of_modules = || library.functions.iter().filter(|it| !it.module.is_empty());
    let known: Vec<String> = of_modules().map(full_name).chain(of_modules().map(|it| it.module.clone())).collect();
    match library.catalog.nearest(name).or_else(|| nearest(name, known.iter().map(String::as_str)).map(str::to_owned)) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => {
            let modules: BTreeSet<&str> = of_modules().map(|it| it.module.as_str()).collect();
            let modules = modules.into_iter().collect::<Vec<_>>().join(", ");
            error.hint(format!("`juben ops` lists the operations; the modules are {modules}"))
        }
    }
}

/// The manual of a module (a line each), or of one function (all of it).
fn of_functions(functions: &[&Function], brief: bool) -> String {
    let mut text = String::new();
    if functions[0].imported {
        let module = &functions[0].module;
        text += &format!("import \"{module}\" as {module};\n\n");
    }
    for function in functions {
        text += &format!("{}\n", function.signature());
        let lines: Vec<_> = function.text.lines().filter(|line| !line.starts_with("```")).collect();
        // The first sentence, however many lines it has.
        let ends = lines.iter().position(|line| line.ends_with('.') || line.contains(". ")).unwrap_or(0);
        let shown = if brief { &lines[..lines.len().min(ends + 1)] } else { &lines[..] };
        shown.iter().for_each(|line| text += &format!("  {line}\n"));
        text.push('\n');
    }
    text
}
