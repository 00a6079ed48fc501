//! What a script may do, read off its syntax tree.

use super::{
    Called, Find, Function, Library, Module, Program, Source, literal,
    tree::{Call, Scope, Visitor, literal_text},
};
use crate::{
    catalog::{Effect, Operation},
    error::Place,
};
use rhai::{Expr, Ident, Namespace, Position};
use std::collections::{BTreeMap, BTreeSet};

/// What a script may do on the platforms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    /// The operations it can call, itself, by its modules or by helpers, each with the strongest effect it can have.
    pub operations: BTreeMap<String, Effect>,
    /// Where a helper is given the name of an operation that is only known when the script runs: it may be any.
    pub unknown: Vec<Place>,
}

impl Rights {
    /// Those of a script.
    pub fn of(script: &Source, library: &Library, find: Find<'_>) -> Rights {
        of_program(&Program::read(script, find), library)
    }
}

/// A piece of a program that can be reached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// What is in no function of this file.
    Body(usize),
    /// The functions of that name.
    Functions(usize, String),
    /// Those of them that are methods of a type.
    Methods(usize, String),
    /// All functions.
    All(usize),
}

/// Of a script all functions count, of a module those that the script can reach.
pub(in crate::analysis) fn of_program(program: &Program, library: &Library) -> Rights {
    let mut rights = Rights::default();
    let mut seen = BTreeSet::new();
    let mut waiting = vec![Part::Body(0), Part::All(0)];
    while let Some(part) = waiting.pop() {
        if !seen.insert(part.clone()) {
            continue;
        }
        let (Part::Body(file) | Part::Functions(file, _) | Part::Methods(file, _) | Part::All(file)) = part;
        let tree = &program.files[file].tree;
        let mut reader = Reader { program, library, file, rights: &mut rights, reached: &mut waiting };
        match part {
            Part::Body(_) => tree.walk_body(&mut reader),
            Part::Functions(_, name) => tree.forms(&name).for_each(|it| tree.walk_function(it, &mut reader)),
            Part::Methods(_, name) => {
                tree.forms(&name).filter(|it| it.of_type).for_each(|it| tree.walk_function(it, &mut reader));
            }
            Part::All(_) => tree.functions.iter().for_each(|it| tree.walk_function(it, &mut reader)),
        }
    }
    rights.unknown.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    rights.unknown.dedup();
    rights
}

/// Reads one piece.
struct Reader<'a> {
    program: &'a Program,
    library: &'a Library,
    file: usize,
    rights: &'a mut Rights,
    reached: &'a mut Vec<Part>,
}

impl Visitor for Reader<'_> {
    fn call(&mut self, call: &Call<'_>, scope: &Scope) {
        let name = call.of.name.as_str();
        let path = &call.of.namespace.path;
        let [module, inner @ ..] = &path[..] else {
            if call.of.op_token.is_none() {
                self.call_of_its_own(name, call);
            }
            return;
        };
        let imported = self.program.imported(path, scope);
        match imported {
            Module::File(file) => self.reached.push(Part::Functions(file, name.to_owned())),
            Module::Unknown => self.may_be_any(call.at),
            Module::None => {}
        }
        // What a name means in a function is known only when it is called: it sees what was imported by then.
        if scope.in_function || matches!(imported, Module::None) {
            let files = self.program.imported_elsewhere(&module.name, inner);
            self.reached.extend(files.map(|file| Part::Functions(file, name.to_owned())));
            if inner.is_empty() {
                self.call_of_library(&module.name, call);
            }
        }
    }

    /// The name of a function is a pointer, to what has that name where it is called.
    fn variable(&mut self, name: &str, _: &Namespace, _: Position, scope: &Scope) {
        if !scope.has_variable(name) {
            self.reach(|file| Part::Functions(file, name.to_owned()));
        }
    }

    fn import(&mut self, module: &Expr, _: &Ident, at: Position, _: &Scope) {
        match literal_text(module) {
            Some(name) => self.reached.extend(self.program.module(name).map(Part::Body)),
            None => self.may_be_any(at),
        }
    }
}

impl Reader<'_> {
    fn call_of_its_own(&mut self, name: &str, call: &Call<'_>) {
        let mut own = self.program.files[self.file].tree.forms(name);
        match own.any(|it| it.parameters.len() == call.of.args.len()) {
            true => self.reached.push(Part::Functions(self.file, name.to_owned())),
            // What a file does not have is looked for in those that have called it.
            false => self.reach(|file| Part::Functions(file, name.to_owned())),
        }
        if call.is_method {
            return self.reach(|file| Part::Methods(file, name.to_owned()));
        }
        match (name, call.of.args.first().and_then(literal_text)) {
            // It means a function of the file in which it is called.
            ("Fn", Some(name)) => self.reach(|file| Part::Functions(file, name.to_owned())),
            ("Fn", None) => self.reach(Part::All),
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
            self.add(&operation, literal::effect(&operation, fields.as_ref()));
        }
        let library = self.library;
        for function in library.forms(module, name).filter(|it| it.parameters.len() == arguments.len()) {
            for called in function.calls() {
                self.call_of_helper(function, &called, arguments, call.at);
            }
        }
    }

    fn call_of_helper(&mut self, function: &Function, called: &Called, arguments: &[Expr], at: Position) {
        let name = match called {
            Called::Operation(name) => Some(name.as_str()),
            Called::Argument(parameter) => {
                let position = function.parameters.iter().position(|it| it == parameter);
                let argument = position.and_then(|position| arguments.get(position));
                let name = argument.and_then(literal_text);
                if name.is_none() {
                    self.may_be_any(argument.map_or(at, start));
                }
                name
            }
        };
        if let Some(operation) = name.and_then(|name| self.library.catalog.find(name)) {
            self.add(&operation, literal::effect(&operation, None));
        }
    }

    fn add(&mut self, operation: &Operation, effect: Effect) {
        let known = self.rights.operations.entry(operation.full_name()).or_insert(effect);
        *known = effect.max(*known);
    }

    fn may_be_any(&mut self, at: Position) {
        let place = |line| Place {
            file: self.program.files[self.file].source.name.clone(),
            line,
            column: at.position().unwrap_or(1),
        };
        self.rights.unknown.extend(at.line().map(place));
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
