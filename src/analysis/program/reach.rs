//! What pieces of a program can do: a walk from them to all that they can reach.
//!
//! The language looks for a name where it is used first in the module whose function was called by `module::name`, then
//! in those that have called it. A function that is handed over as a value brings nothing along: it is looked for, and
//! finds its own names, in the module that calls it. So what such functions name may be anyone's: they are loose.

use super::{
    Called, Function, Library, Program, literal,
    rights::{Rights, order},
    tree::{Call, Scope, Visitor, literal_text},
};
use crate::{
    catalog::{Effect, Operation, Schema, Unknown},
    error::Place,
    rights::{Kind, Right, host_of},
};
use rhai::{Dynamic, Expr, Ident, Map, Namespace, Position};
use std::collections::BTreeSet;

/// A piece of a program that can be reached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// What is in no function of this file.
    Body(usize),
    /// The functions of that name, which find their own names in this file.
    Functions(usize, String),
    /// Those of them that are methods of a type.
    Methods(usize, String),
    /// All functions.
    All(usize),
    /// The same, loose.
    LooseFunctions(usize, String),
    AllLoose(usize),
}

/// What these pieces can do, with all that they can reach.
pub(super) fn rights(program: &Program, library: &Library, roots: impl IntoIterator<Item = Part>) -> Rights {
    let mut rights = Rights::default();
    // What was not read may do anything.
    rights.unknown.extend(program.beyond.clone());
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<_> = roots.into_iter().collect();
    while let Some(part) = waiting.pop() {
        if !seen.insert(part.clone()) {
            continue;
        }
        let (Part::Body(file)
        | Part::Functions(file, _)
        | Part::Methods(file, _)
        | Part::All(file)
        | Part::LooseFunctions(file, _)
        | Part::AllLoose(file)) = part;
        let is_loose = matches!(part, Part::Methods(..) | Part::LooseFunctions(..) | Part::AllLoose(_));
        let tree = &program.files[file].tree;
        let mut reader = Reader { program, library, file, is_loose, rights: &mut rights, reached: &mut waiting };
        match part {
            Part::Body(_) => tree.walk_body(&mut reader),
            Part::Functions(_, name) | Part::LooseFunctions(_, name) => {
                tree.forms(&name).for_each(|it| tree.walk_function(it, &mut reader));
            }
            Part::Methods(_, name) => {
                tree.forms(&name).filter(|it| it.of_type).for_each(|it| tree.walk_function(it, &mut reader));
            }
            Part::All(_) | Part::AllLoose(_) => {
                tree.functions.iter().for_each(|it| tree.walk_function(it, &mut reader))
            }
        }
    }
    rights.unknown.sort_by(|a, b| order(a).cmp(&order(b)));
    rights.unknown.dedup();
    rights
}

/// Reads one piece.
struct Reader<'a> {
    program: &'a Program,
    library: &'a Library,
    file: usize,
    is_loose: bool,
    rights: &'a mut Rights,
    reached: &'a mut Vec<Part>,
}

impl Visitor for Reader<'_> {
    fn call(&mut self, call: &Call<'_>, scope: &Scope) {
        let name = call.of.name.as_str();
        let path = &call.of.namespace.path;
        let [module, inner @ ..] = &path[..] else {
            if call.of.op_token.is_none() {
                self.call_of_its_own(name, call, scope);
            }
            return;
        };
        let import = scope.import(&module.name);
        if import.is_some_and(|name| name.and_then(|name| self.program.module(self.file, name)).is_none()) {
            self.may_be_any(call.at);
        }
        // A function sees the imports of its callers, too.
        let is_own = import.is_some() && !self.is_loose(scope);
        let files = match is_own {
            true => self.program.imported_by(self.file, path),
            false => self.program.imported_by_any(path),
        };
        self.reached.extend(files.into_iter().map(|file| Part::Functions(file, name.to_owned())));
        // What a name means in a function is known only when it is called: it sees what was imported by then.
        if inner.is_empty() && (scope.in_function || import.is_none()) {
            self.call_of_library(&module.name, call);
        }
    }

    /// The name of a function is a pointer, to what has that name where it is called.
    fn variable(&mut self, name: &str, _: &Namespace, _: Position, scope: &Scope) {
        if !scope.has_variable(name) {
            self.reach(|file| Part::LooseFunctions(file, name.to_owned()));
        }
    }

    fn import(&mut self, module: &Expr, _: &Ident, at: Position, _: &Scope) {
        match literal_text(module) {
            Some(name) => self.reached.extend(self.program.module(self.file, name).map(Part::Body)),
            None => self.may_be_any(at),
        }
    }
}

impl Reader<'_> {
    /// Whether this place can be run in a foreign module.
    fn is_loose(&self, scope: &Scope) -> bool {
        self.is_loose || scope.in_closure
    }

    fn call_of_its_own(&mut self, name: &str, call: &Call<'_>, scope: &Scope) {
        let mut own = self.program.files[self.file].tree.forms(name);
        let is_own = own.any(|it| !it.of_type && it.parameters.len() == call.of.args.len());
        // What a file does not have is looked for in those that have called it.
        match is_own && !self.is_loose(scope) {
            true => self.reached.push(Part::Functions(self.file, name.to_owned())),
            false => self.reach(|file| Part::LooseFunctions(file, name.to_owned())),
        }
        if call.is_method {
            return self.reach(|file| Part::Methods(file, name.to_owned()));
        }
        match (name, call.of.args.first().and_then(literal_text)) {
            // It means a function of the file in which it is called.
            ("Fn", Some(name)) => self.reach(|file| Part::LooseFunctions(file, name.to_owned())),
            ("Fn", None) => self.reach(Part::AllLoose),
            ("eval", _) => self.may_be_any(call.at),
            _ => {}
        }
    }

    /// Parts of each file.
    fn reach(&mut self, part: impl Fn(usize) -> Part) {
        self.reached.extend((0..self.program.files.len()).map(part));
    }

    fn call_of_library(&mut self, module: &str, call: &Call<'_>) {
        let (name, arguments) = (&call.of.name, &call.of.args[..]);
        if let Some(operation) = self.library.operation(module, name) {
            let fields = literal::fields(&operation, arguments).filter(|_| !literal::may_add_fields(arguments));
            self.add(&operation, literal::effect(&operation, fields.as_ref()), call.at);
            self.add_files(&operation, fields.as_ref(), call.at);
        }
        let library = self.library;
        for function in library.forms(module, name).filter(|it| it.parameters.len() == arguments.len()) {
            for called in function.calls() {
                self.call_of_helper(function, &called, arguments, call.at);
            }
            for (kind, what) in function.touches() {
                let argument =
                    |parameter: &str| arguments.get(function.parameters.iter().position(|known| known == parameter)?);
                match what.split_once('.') {
                    Some((options, field)) => self.touch_option(kind, argument(options), field, call.at),
                    None => {
                        let what = match (argument(&what).and_then(literal_text), kind) {
                            (None, _) => Some(Right::ALL.to_owned()),
                            // What is no address will be refused.
                            (Some(url), Kind::Host) => host_of(url),
                            (Some(what), _) => Some(what.to_owned()),
                        };
                        what.into_iter().for_each(|what| self.ask(Right::new(kind, what), call.at));
                    }
                }
            }
        }
    }

    fn call_of_helper(&mut self, function: &Function, called: &Called, arguments: &[Expr], at: Position) {
        let (name, is_given) = match called {
            Called::Operation(name) => (Some(name.as_str()), false),
            Called::Argument(parameter) => {
                let position = function.parameters.iter().position(|it| it == parameter);
                let argument = position.and_then(|position| arguments.get(position));
                let name = argument.and_then(literal_text);
                if name.is_none() {
                    self.may_be_any(argument.map_or(at, start));
                }
                (name, true)
            }
        };
        if let Some(operation) = name.and_then(|name| self.library.catalog.find(name)) {
            self.add(&operation, literal::effect(&operation, None), at);
            // Of its own operations a helper says itself what files they take.
            if is_given {
                self.add_files(&operation, None, at);
            }
        }
    }

    fn add(&mut self, operation: &Operation, effect: Effect, at: Position) {
        let known = self.rights.operations.entry(operation.full_name()).or_insert(effect);
        *known = effect.max(*known);
        self.ask(Right::call(&operation.full_name(), effect), at);
    }

    /// The files whose content these fields of an operation are; any if the fields are not known.
    fn add_files(&mut self, operation: &Operation, fields: Option<&Map>, at: Position) {
        let files = operation.input.properties.iter().filter(|(_, schema)| Schema::is_binary(schema));
        for (field, _) in files {
            let given = fields.map(|fields| fields.get(field.as_str()));
            self.touch(Kind::FilesRead, given.unwrap_or(Some(&literal::unknown())), at);
        }
    }

    /// What is said by a field of a map of options.
    fn touch_option(&mut self, kind: Kind, options: Option<&Expr>, field: &str, at: Position) {
        let options = options.map_or_else(literal::unknown, literal::value);
        match options.as_map_ref() {
            Ok(options) => self.touch(kind, options.get(field), at),
            Err(_) => self.touch(kind, Some(&literal::unknown()), at),
        };
    }

    /// What is given for a path, if something is; any where it is not written out.
    fn touch(&mut self, kind: Kind, given: Option<&Dynamic>, at: Position) {
        let Some(given) = given else { return };
        let what = given.clone().into_immutable_string();
        match what {
            Ok(what) => self.ask(Right::new(kind, what.as_str()), at),
            Err(_) if given.is::<Unknown>() => self.ask(Right::new(kind, Right::ALL), at),
            // It is no path: the call will be refused.
            Err(_) => {}
        }
    }

    fn ask(&mut self, right: Right, at: Position) {
        let place = self.place(at);
        self.rights.ask(right, place);
    }

    fn place(&self, at: Position) -> Place {
        Place {
            file: self.program.files[self.file].source.name.clone(),
            line: at.line().unwrap_or(1),
            column: at.position().unwrap_or(1),
        }
    }

    fn may_be_any(&mut self, at: Position) {
        let place = self.place(at);
        self.rights.unknown.push(place);
    }
}

/// Where an expression begins: of a call the language tells where its name is, of an operator its sign.
fn start(expression: &Expr) -> Position {
    match expression {
        Expr::FnCall(call, at) if call.op_token.is_some() => call.args.first().map_or(*at, start).min(*at),
        Expr::FnCall(call, at) => call.namespace.path.first().map_or(*at, |module| module.pos),
        other => other.start_position(),
    }
}
