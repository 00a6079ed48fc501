//! What a script can call: the operations, the functions of modules, and those of the language.

use crate::catalog::{Catalog, Operation};
use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock},
};

/// A function that a script can call, other than an operation.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its module; empty for the language's own.
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
        let module = if self.module.is_empty() { String::new() } else { format!("{}::", self.module) };
        format!("{module}{}({})", self.name, self.parameters.join(", "))
    }

    /// The first sentence of what it does, without what follows.
    pub fn summary(&self) -> String {
        let lines = self.text.lines().take_while(|line| !line.starts_with(['-', '`', '#']) && !line.is_empty());
        let text = lines.map(str::trim).collect::<Vec<_>>().join(" ");
        let end = text.find(". ").map_or(text.len(), |end| end + 1);
        text[..end].to_owned()
    }
}

/// Everything that has a name without being defined by a script.
#[derive(Debug)]
pub struct Library {
    /// The operations.
    pub catalog: Arc<Catalog>,
    /// The functions of modules, and those of the language.
    pub functions: Vec<Function>,
    modules: OnceLock<BTreeSet<String>>,
}

impl Library {
    /// Of these operations and functions.
    pub fn new(catalog: Arc<Catalog>, functions: Vec<Function>) -> Library {
        Library { catalog, functions, modules: OnceLock::new() }
    }

    /// The operation `module::name`, also by the vendor's spelling.
    pub fn operation(&self, module: &str, name: &str) -> Option<Arc<Operation>> {
        self.catalog.find(&format!("{module}.{name}"))
    }

    /// The forms of a function, by the number of its parameters.
    pub fn forms<'a>(&'a self, module: &'a str, name: &'a str) -> impl Iterator<Item = &'a Function> {
        self.of_module(module).filter(move |it| it.name == name)
    }

    /// The functions of a module; those of the language for the empty name.
    pub fn of_module<'a>(&'a self, module: &'a str) -> impl Iterator<Item = &'a Function> {
        self.functions.iter().filter(move |it| it.module == module)
    }

    /// The modules that need no import: those of operations, and the everyday ones.
    pub fn modules(&self) -> &BTreeSet<String> {
        self.modules.get_or_init(|| {
            let of_operations = self.catalog.names().iter().map(|name| name.module.to_string());
            let everyday = self.functions.iter().filter(|it| !it.imported && !it.module.is_empty());
            of_operations.chain(everyday.map(|it| it.module.clone())).collect()
        })
    }
}
