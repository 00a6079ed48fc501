//! The names that can be seen at a place of a script.

/// The names that can be seen at a place of a script: variables, parameters and imports.
#[derive(Debug, Default)]
pub(in crate::analysis) struct Scope {
    names: Vec<(String, Named)>,
    /// Whether the place is in a function, which does not see the variables of the script.
    pub(in crate::analysis) in_function: bool,
    /// Whether it is in a closure, which may be called by anyone.
    pub(in crate::analysis) in_closure: bool,
}

#[derive(Debug, Clone)]
enum Named {
    Variable,
    /// The name of the module, where the script writes it out.
    Import(Option<String>),
}

impl Scope {
    /// Whether there is such a variable.
    pub(in crate::analysis) fn has_variable(&self, name: &str) -> bool {
        self.variables().any(|known| known == name)
    }

    /// The names of the variables, the nearest first.
    pub(in crate::analysis) fn variables(&self) -> impl Iterator<Item = &str> {
        let variables = self.names.iter().rev().filter(|(_, named)| matches!(named, Named::Variable));
        variables.map(|(name, _)| name.as_str())
    }

    /// What is imported under this name: the module's name, where it is written out.
    pub(in crate::analysis) fn import(&self, alias: &str) -> Option<Option<&str>> {
        self.names.iter().rev().find_map(|(name, named)| match named {
            Named::Import(module) if name == alias => Some(module.as_deref()),
            _ => None,
        })
    }

    /// The names under which modules are imported.
    pub(in crate::analysis) fn imports(&self) -> impl Iterator<Item = &str> {
        let imports = self.names.iter().filter(|(_, named)| matches!(named, Named::Import(_)));
        imports.map(|(name, _)| name.as_str())
    }

    /// What a closure sees besides its parameters.
    pub(in crate::analysis) fn only_imports(&self) -> Scope {
        let imports = self.names.iter().filter(|(_, named)| matches!(named, Named::Import(_)));
        Scope { names: imports.cloned().collect(), in_function: self.in_function, in_closure: true }
    }

    pub(in crate::analysis) fn add_variable(&mut self, name: &str) {
        self.names.push((name.to_owned(), Named::Variable));
    }

    pub(in crate::analysis) fn add_import(&mut self, alias: &str, module: Option<&str>) {
        self.names.push((alias.to_owned(), Named::Import(module.map(str::to_owned))));
    }

    /// How many names there are now; see [`Scope::leave`].
    pub(in crate::analysis) fn enter(&self) -> usize {
        self.names.len()
    }

    /// Forget the names that have come since.
    pub(in crate::analysis) fn leave(&mut self, before: usize) {
        self.names.truncate(before);
    }
}
