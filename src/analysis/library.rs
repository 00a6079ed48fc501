//! What a script can call: the operations, the functions of modules, and those of the language.

use crate::{
    catalog::{Catalog, Operation},
    rights::Kind,
};
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

/// What a function calls on a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Called {
    /// This operation: `drama.list_media`.
    Operation(String),
    /// The operation whose name is given for this parameter.
    Argument(String),
}

impl Function {
    /// `time::parse(text, zone)`
    pub fn signature(&self) -> String {
        let module = if self.module.is_empty() { String::new() } else { format!("{}::", self.module) };
        format!("{module}{}({})", self.name, self.parameters.join(", "))
    }

    /// The first sentence of what it does, without what follows.
    pub fn summary(&self) -> String {
        let ends = |line: &str| line.is_empty() || ["-", "```", "#"].iter().any(|mark| line.starts_with(mark));
        let lines = self.text.lines().take_while(|line| !ends(line));
        let text = lines.map(str::trim).collect::<Vec<_>>().join(" ");
        // After `e.g. ` a sentence goes on.
        let ends_there = |end: &usize| !text[end + 2..].starts_with(char::is_lowercase);
        let end = text.match_indices(". ").map(|(end, _)| end).find(ends_there);
        let end = end.map_or(text.len(), |end| end + 1);
        text[..end].to_owned()
    }

    /// What it may call, as its manual says by `- calls: …`: operations by their full names, and parameters that take the
    /// name of one.
    pub fn calls(&self) -> Vec<Called> {
        let called = |name: String| if name.contains('.') { Called::Operation(name) } else { Called::Argument(name) };
        self.told("- calls:").into_iter().map(called).collect()
    }

    /// What it may do besides, as its manual says by `- reads: …`, `- writes: …`, `- tells: …`, `- reaches: …`,
    /// `- environment: …`, `- switches: …`, `- keeps: …` and `- events: …`: each with the parameter, or the field of a
    /// parameter (`options.cover`), that says which file, whom, the address, the variable, the account, the key or the event.
    pub fn touches(&self) -> Vec<(Kind, String)> {
        const MARKS: [(&str, Kind); 8] = [
            ("- reads:", Kind::FilesRead),
            ("- writes:", Kind::FilesWrite),
            ("- tells:", Kind::Notify),
            ("- reaches:", Kind::Host),
            ("- environment:", Kind::Env),
            ("- switches:", Kind::Account),
            ("- keeps:", Kind::State),
            ("- events:", Kind::Events),
        ];
        MARKS.into_iter().flat_map(|(mark, kind)| self.told(mark).into_iter().map(move |what| (kind, what))).collect()
    }

    /// The names in a line of the manual.
    fn told(&self, mark: &str) -> Vec<String> {
        let lines = self.text.lines().skip_while(|line| !line.starts_with(mark)).enumerate();
        let ends = |line: &str| line.is_empty() || line.starts_with("- ") || line.starts_with("```");
        let told = lines.take_while(|(number, line)| *number == 0 || !ends(line)).map(|(_, line)| line);
        let told = told.collect::<Vec<_>>().join(" ");
        told.split('`').skip(1).step_by(2).map(str::to_owned).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn named() -> Function {
        Function {
            module: "grants".into(),
            name: "renew".into(),
            parameters: Vec::new(),
            text: String::new(),
            imported: false,
        }
    }

    fn calls(text: &str) -> Vec<Called> {
        Function { text: text.into(), ..named() }.calls()
    }

    #[test]
    fn a_summary_is_the_whole_first_sentence() {
        let summary = |text: &str| Function { text: text.into(), ..named() }.summary();
        assert_eq!(
            summary("The items of the\n`list`, e.g. of two. More.\n- returns: int."),
            "The items of the `list`, e.g. of two."
        );
        assert_eq!(summary("The sum.\n```rhai\nx\n```"), "The sum.");
    }

    #[test]
    fn what_a_function_calls_is_read_off_its_manual() {
        let text = "It calls.\n- returns: `int`.\n- calls: `a.one`,\n`b.two`.\n- throws: `file`.\n```rhai\nx\n```";
        assert_eq!(calls(text), ["a.one", "b.two"].map(|name| Called::Operation(name.into())));
        assert_eq!(calls("It calls.\n- calls: `name`.\n```rhai\n`x`\n```"), [Called::Argument("name".into())]);
        assert_eq!(calls("It calls `a.one`, it seems."), []);
    }

    #[test]
    fn what_a_function_touches_is_read_off_its_manual() {
        let text =
            "It sends.\n- `path`: string.\n- reads: `path`,\n  `options.cover`.\n- tells: `name`.\n```rhai\nx\n```";
        let touched = [(Kind::FilesRead, "path"), (Kind::FilesRead, "options.cover"), (Kind::Notify, "name")];
        let touched = touched.map(|(kind, what)| (kind, what.to_owned()));
        assert_eq!(Function { text: text.into(), ..named() }.touches(), touched);
    }
}
