//! Is there such a function, and does it take so many arguments?

use super::checker::{Checker, quoted, said};
use crate::{
    analysis::{
        Function,
        program::tree::{Call, Scope, literal_text},
        program::{File, Module},
    },
    error::nearest,
};
use std::collections::BTreeSet;

/// What the language does itself: no function of that name is found in its manual.
const BUILT_IN: [&str; 8] = ["Fn", "call", "curry", "eval", "is_def_fn", "is_def_var", "is_shared", "type_of"];

/// How many arguments something takes: `2`, `1 or 2`.
fn counts(counts: impl IntoIterator<Item = usize>) -> String {
    let counts: BTreeSet<usize> = counts.into_iter().collect();
    let plural = if counts.iter().eq([&1]) { "" } else { "s" };
    let words: Vec<_> = counts.iter().map(ToString::to_string).collect();
    let words = match &words[..] {
        [] => String::new(),
        [one] if one == "0" => "no".to_owned(),
        [one] => one.clone(),
        [others @ .., last] => format!("{} or {last}", others.join(", ")),
    };
    format!("{words} argument{plural}")
}

impl Checker<'_> {
    pub(super) fn call_of_something(&mut self, call: &Call<'_>, scope: &Scope) {
        let path = &call.of.namespace.path;
        match (self.program.imported(self.place, path, scope), &path[..]) {
            (Module::File(file), _) => self.call_of_import(&self.program.files[file], call),
            (Module::Unknown, _) => {}
            (Module::None, []) if call.is_method => self.method(call),
            (Module::None, []) => self.call_of_its_own(call, scope),
            (Module::None, [module]) if self.library.modules().contains(module.name.as_str()) => {
                self.call_of_library(&module.name, call);
            }
            (Module::None, [module, ..]) => self.unknown_module(&module.name, module.pos, scope),
        }
    }

    fn wrong_count(&mut self, call: &Call<'_>, name: &str, taken: Vec<usize>, forms: Vec<String>) {
        let given = call.of.args.len();
        let message = format!("`{name}` takes {}, not {given}", counts(taken));
        // The language tells of its functions in no order.
        let hint = format!("there is {}", quoted(forms.into_iter().collect::<BTreeSet<_>>()));
        self.error("wrong_arguments", self.span_of(call), said(message).hint(hint));
    }

    fn call_of_library(&mut self, module: &str, call: &Call<'_>) {
        let library = self.library;
        let name = call.of.name.as_str();
        if let Some(operation) = library.operation(module, name) {
            return self.call_of_operation(&operation, call);
        }
        let forms: Vec<_> = library.forms(module, name).collect();
        let fits = |it: &&&Function| it.parameters.len() == call.of.args.len();
        let fitting: Vec<_> = forms.iter().filter(fits).copied().collect();
        if forms.is_empty() {
            return self.unknown_of_library(module, call);
        }
        if fitting.is_empty() {
            let taken = forms.iter().map(|it| it.parameters.len()).collect();
            let signatures = forms.iter().map(|it| it.signature()).collect();
            return self.wrong_count(call, &format!("{module}::{name}"), taken, signatures);
        }
        fitting.iter().for_each(|function| self.call_of_helper(function, call));
        if module == "args" {
            self.argument_of_run(call);
        }
    }

    fn unknown_of_library(&mut self, module: &str, call: &Call<'_>) {
        let library = self.library;
        let (name, span) = (call.of.name.as_str(), self.span_of(call));
        let catalog = &library.catalog;
        let operations = catalog.names().iter().filter(|it| it.module == module).map(|it| &*it.function);
        let functions = library.of_module(module).map(|it| it.name.as_str());
        let names: BTreeSet<_> = operations.chain(functions).collect();
        let has_operations = catalog.names().iter().any(|it| it.module == module);
        let (code, kind) =
            if has_operations { ("unknown_operation", "operation") } else { ("unknown_function", "function") };
        let error = said(format!("there is no {kind} `{module}::{name}`"));
        let elsewhere = || catalog.nearest(&format!("{module}.{name}")).filter(|_| has_operations);
        let hint = match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{module}::{near}`?"),
            None => match elsewhere() {
                Some(near) => format!("did you mean `{}`?", near.replace('.', "::")),
                None if has_operations => format!("`juben ops {module}` lists what `{module}` has"),
                None => format!("`{module}` has {}", names.into_iter().collect::<Vec<_>>().join(", ")),
            },
        };
        self.error(code, span, error.hint(hint));
    }

    fn call_of_import(&mut self, file: &File, call: &Call<'_>) {
        if file.broken.is_some() {
            return;
        }
        let (name, span) = (call.of.name.as_str(), self.span_of(call));
        let module = call.of.namespace.path.iter().map(|step| step.name.as_str()).collect::<Vec<_>>().join("::");
        let forms: Vec<_> = file.tree.forms(name).collect();
        let public: Vec<_> = forms.iter().filter(|it| !it.private).collect();
        if public.iter().any(|it| it.parameters.len() == call.of.args.len()) {
            return;
        }
        if !public.is_empty() {
            let taken = public.iter().map(|it| it.parameters.len()).collect();
            let signatures = public.iter().map(|it| format!("{module}::{}", it.signature())).collect();
            return self.wrong_count(call, &format!("{module}::{name}"), taken, signatures);
        }
        if !forms.is_empty() {
            let error = said(format!("`{name}` is private in {}", file.source.name));
            return self.error("private_function", span, error.hint("take `private` away there, or call another one"));
        }
        let names: BTreeSet<_> = file.tree.functions.iter().filter(|it| !it.private).map(|it| &*it.name).collect();
        let error = said(format!("there is no function `{module}::{name}`"));
        let error = match nearest(name, names.iter().copied()) {
            Some(near) => error.hint(format!("did you mean `{module}::{near}`?")),
            None if names.is_empty() => error.hint(format!("{} has no functions", file.source.name)),
            None => error.hint(format!("`{module}` has {}", names.into_iter().collect::<Vec<_>>().join(", "))),
        };
        self.error("unknown_function", span, error);
    }

    /// A function of the script or of the language, by its name alone.
    fn call_of_its_own(&mut self, call: &Call<'_>, scope: &Scope) {
        let name = call.of.name.as_str();
        if BUILT_IN.contains(&name) {
            return self.pointer(call);
        }
        let (given, library) = (call.of.args.len(), self.library);
        let own = self.file.tree.forms(name);
        let own: Vec<_> = own.map(|it| (it.parameters.len(), it.signature())).collect();
        let native = library.forms("", name).map(|it| (it.parameters.len(), it.signature()));
        let forms: Vec<_> = own.into_iter().chain(native).collect();
        if forms.iter().any(|(count, _)| *count == given) {
            return;
        }
        if forms.is_empty() {
            return self.unknown_function(call, scope.has_variable(name));
        }
        let (taken, signatures) = forms.into_iter().unzip();
        self.wrong_count(call, name, taken, signatures);
    }

    /// What is called as `value.name(…)`: the value is the first argument of a function of the language or a module, and
    /// `this` in one of the script. A field of a map may hold a function, too.
    fn method(&mut self, call: &Call<'_>) {
        let name = call.of.name.as_str();
        if BUILT_IN.contains(&name) || self.known.fields.contains(name) {
            return;
        }
        let (given, library, program) = (call.of.args.len(), self.library, self.program);
        let native = library.functions.iter().filter(|it| it.name == name && !it.imported && !it.parameters.is_empty());
        let native = native.map(|it| (it.parameters.len() - 1, as_method(it)));
        // The methods of a type are everyone's.
        let of_types = program.files.iter().flat_map(|file| file.tree.forms(name)).filter(|it| it.of_type);
        let own = self.file.tree.forms(name).filter(|it| !it.of_type).chain(of_types);
        let own = own.map(|it| (it.parameters.len(), it.signature()));
        let forms: Vec<_> = own.chain(native).collect();
        if forms.iter().any(|(count, _)| *count == given) || self.known.any_field {
            return;
        }
        if forms.is_empty() {
            return self.unknown_function(call, false);
        }
        let (taken, signatures) = forms.into_iter().unzip();
        self.wrong_count(call, name, taken, signatures);
    }

    fn unknown_function(&mut self, call: &Call<'_>, is_variable: bool) {
        let (name, library) = (call.of.name.as_str(), self.library);
        let error = said(format!("there is no function `{name}`"));
        let own = self.file.tree.functions.iter().map(|it| it.name.as_str());
        let very_near = |known: &&str| strsim::damerau_levenshtein(name, known) == 1;
        // The language has many short names: one of them is meant only if it is very near.
        let native =
            || library.of_module("").map(|it| it.name.as_str()).filter(|it| !it.contains('$')).filter(very_near).min();
        let of_pages = || {
            let methods = library.functions.iter().filter(|it| call.is_method && !it.module.is_empty() && !it.imported);
            methods.map(|it| it.name.as_str()).find(very_near)
        };
        let operation = || library.catalog.names().iter().find(|it| it.function == name);
        let operation = || operation().map(|it| format!("{}::{name}", it.module));
        let near = nearest(name, own).or_else(native).or_else(of_pages).map(str::to_owned).or_else(operation);
        let hint = match near {
            _ if is_variable => format!("a function in a variable is called by `{name}.call(…)`"),
            Some(near) => format!("did you mean `{near}`?"),
            None if call.is_method => {
                "a value has the functions of the language, a listing those of `pages::`, both those of the script"
                    .to_owned()
            }
            None => match library.functions.iter().find(|it| it.name == name && !is_method_of_a_listing(it)) {
                Some(function) => format!("did you mean `{}::{name}`?", function.module),
                None => "a function of a module is written with its module: `module::name(…)`".to_owned(),
            },
        };
        self.error("unknown_function", self.spans.piece(call.at), error.hint(hint));
    }

    /// `Fn("name")`
    fn pointer(&mut self, call: &Call<'_>) {
        let (Some(argument), "Fn") = (call.of.args.first(), call.of.name.as_str()) else { return };
        let Some(name) = literal_text(argument).filter(|name| !name.contains("::")) else { return };
        let own = || self.file.tree.functions.iter().map(|it| it.name.as_str());
        let native = self.library.forms("", name).next().is_some() || BUILT_IN.contains(&name);
        if !native && !own().any(|known| known == name) {
            let error = said(format!("there is no function `{name}`"));
            let error = error.hinted(nearest(name, own()).map(|near| format!("did you mean `{near}`?")));
            self.error("unknown_function", self.spans.piece(argument.position()), error);
        }
    }
}

fn is_method_of_a_listing(function: &Function) -> bool {
    function.parameters.first().is_some_and(|first| first == "listing")
}

/// `value.name(others)`
fn as_method(function: &Function) -> String {
    match function.parameters.split_first() {
        Some((value, others)) => format!("{value}.{}({})", function.name, others.join(", ")),
        None => function.signature(),
    }
}
