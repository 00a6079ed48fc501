//! The manual of the everyday modules and of the standard library, read off the comments above their functions.

use super::{limits, modules::stdlib};
use crate::host;
use rhai::{Engine, FnAccess};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A function that a script can call, other than an operation.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its module.
    pub module: String,
    /// Its name.
    pub name: String,
    /// The names of its parameters.
    pub parameters: Vec<String>,
    /// What it does, as written above it.
    pub text: String,
    /// Whether the module is one of the standard library and has to be imported.
    pub imported: bool,
}

impl Function {
    /// `time::parse(text, zone)`
    pub fn signature(&self) -> String {
        format!("{}::{}({})", self.module, self.name, self.parameters.join(", "))
    }
}

/// All functions, by module and name.
pub fn manual() -> Vec<Function> {
    let mut engine = Engine::new();
    limits::set_depths(&mut engine);
    let mut functions = of_stdlib(&engine);
    host::register_modules(&mut engine);
    functions.extend(of_host(&engine));
    functions.sort_by_key(|it| (it.module.clone(), it.name.clone(), it.parameters.len()));
    functions
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

fn of_host(engine: &Engine) -> Vec<Function> {
    let described = engine.gen_fn_metadata_to_json(false).unwrap_or_default();
    let described: Described = serde_json::from_str(&described).unwrap_or_default();
    let modules = described.modules.into_iter();
    let functions =
        modules.flat_map(|(module, inside)| inside.functions.into_iter().map(move |it| (module.clone(), it)));
    let documented = functions.filter(|(_, it)| !it.doc_comments.is_empty());
    documented
        .map(|(module, it)| Function {
            module,
            name: it.name,
            parameters: it.params.into_iter().filter_map(|parameter| parameter.name).collect(),
            text: plain(&it.doc_comments),
            imported: false,
        })
        .collect()
}

/// Comments without the marks that make them comments.
fn plain<S: AsRef<str>>(comments: &[S]) -> String {
    let lines = comments.iter().flat_map(|comment| comment.as_ref().lines());
    let lines: Vec<_> = lines.map(|line| line.trim_start().trim_start_matches('/').trim_start_matches(' ')).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_says_what_it_does_with_an_example() {
        let manual = manual();
        assert!(manual.len() > 30);
        for function in manual {
            assert!(function.text.contains("```rhai"), "{} has no example", function.signature());
        }
    }
}
