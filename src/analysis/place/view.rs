//! A text with everything that can be named in it.

use super::{
    Find, Function, Library, Names, Source,
    context::{Callee, Context},
    defined::{self, Defined},
    words::Words,
};
use crate::catalog::Operation;
use std::{borrow::Cow, sync::Arc};

/// A text, and what it can name.
pub(in crate::analysis) struct View<'a> {
    pub(in crate::analysis) words: Words<'a>,
    pub(in crate::analysis) library: &'a Library,
    pub(in crate::analysis) names: &'a Names,
    find: Find<'a>,
}

/// The forms of a function that is called.
pub(in crate::analysis) type Forms<'a> = Vec<Cow<'a, Function>>;

impl<'a> View<'a> {
    pub(in crate::analysis) fn new(text: &'a str, library: &'a Library, names: &'a Names, find: Find<'a>) -> View<'a> {
        View { words: Words::of(text), library, names, find }
    }

    /// The operation that is called.
    pub(in crate::analysis) fn operation(&self, callee: &Callee<'_>) -> Option<Arc<Operation>> {
        (!callee.module.is_empty()).then(|| self.library.operation(callee.module, callee.name))?
    }

    /// The forms of the function that is called.
    pub(in crate::analysis) fn forms(&self, callee: &Callee<'_>) -> Forms<'a> {
        let mut forms = self.functions(callee.module);
        forms.retain(|it| it.name == callee.name);
        if callee.is_method {
            forms.extend(self.methods().filter(|it| it.name == callee.name).map(Cow::Borrowed));
        }
        forms
    }

    /// The functions of a module or of an import; for the empty name those of the text, the session and the language.
    pub(in crate::analysis) fn functions(&self, module: &str) -> Forms<'a> {
        if module.is_empty() {
            let own = defined::functions(&self.words).into_iter().map(|it| Cow::Owned(it.function));
            let left = self.names.functions.iter().map(Cow::Borrowed);
            return own.chain(left).chain(self.library.of_module("").map(Cow::Borrowed)).collect();
        }
        if let Some(name) = self.import(module) {
            let public = self.defined_in(name).into_iter().filter(|it| !it.private);
            return public.map(|it| Cow::Owned(Function { module: module.to_owned(), ..it.function })).collect();
        }
        let everyday = self.library.functions.iter().filter(|it| it.module == module && !it.imported);
        everyday.map(Cow::Borrowed).collect()
    }

    /// Functions of modules that are written after a value, such as those of a listing.
    pub(in crate::analysis) fn methods(&self) -> impl Iterator<Item = &'a Function> {
        self.library.functions.iter().filter(|it| !it.module.is_empty() && !it.imported && it.is_method())
    }

    /// What is imported under this name, by the text or before it.
    pub(in crate::analysis) fn import(&self, alias: &str) -> Option<&'a str> {
        let own = defined::imports(&self.words).into_iter().find(|it| it.alias == alias);
        let left = self.names.imports.iter().find(|it| it.alias == alias);
        own.map(|it| it.name).or_else(|| left.map(|it| it.name.as_str()))
    }

    /// The text itself is of no package, whatever its name.
    fn defined_in(&self, import: &str) -> Vec<Defined> {
        let source: Option<Source> = (self.find)("", import);
        source.map_or_else(Vec::new, |source| defined::functions(&Words::of(&source.text)))
    }

    /// The variables that are seen at a place, the nearest first, with those of the session.
    pub(in crate::analysis) fn seen(&self, context: &Context) -> defined::Seen<'a> {
        defined::seen(&self.words, context.before)
    }
}
