//! What the entries of a prompt leave to those after them: variables, functions, imports.

use super::{Piece, Script, Sources, build, compile, judged, known, on_thread, parts::parts_of_entries};
use crate::{
    Error,
    analysis::{Function, Import, Library, Names, Variable, tokens},
    config::Limits,
    host::{Host, type_name},
};
use indexmap::IndexMap;
use rhai::{AST, ASTFlags, Dynamic, Engine, Expr, FnPtr, Ident, Map, Module, Position, Scope, Shared, Stmt};
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    path::PathBuf,
    sync::Arc,
};

/// The variable with the last value is written `_`, which the language keeps for itself; inside it is this letter, which is
/// as wide.
const LAST: &str = "ˍ";

/// A session of entries, each evaluated as a script of its own.
#[derive(Debug, Default)]
pub struct Session {
    /// In the order of their definition. A constant is a value that is read-only.
    variables: IndexMap<String, Dynamic>,
    /// All functions of all entries; no statements.
    functions: AST,
    /// The entry that has defined a function.
    homes: HashMap<String, String>,
    imports: IndexMap<String, Imported>,
    /// Those that later entries need: a listing calls its filters by the engine that it was made in.
    engines: Vec<Arc<Engine>>,
    /// What did not fail: what it has left may be called at any time.
    entries: Vec<Script>,
    sources: Sources,
}

#[derive(Debug, Clone)]
struct Imported {
    name: String,
    module: Shared<Module>,
}

/// What an entry works on: copies, so that a session is as it was when the entry fails or is left behind.
struct Entry {
    script: Script,
    host: Arc<Host>,
    limits: Limits,
    sources: Sources,
    scope: Scope<'static>,
    functions: AST,
    homes: HashMap<String, String>,
    imports: IndexMap<String, Imported>,
}

/// What an entry leaves.
struct Left {
    value: Dynamic,
    scope: Scope<'static>,
    functions: AST,
    homes: HashMap<String, String>,
    imports: IndexMap<String, Imported>,
    engine: Arc<Engine>,
}

impl Session {
    /// An empty one, whose texts are kept there.
    pub fn new(sources: Sources) -> Session {
        Session { sources, ..Session::default() }
    }

    /// Evaluate an entry. When it fails, and when its future is dropped, the session is as it was.
    pub async fn evaluate(&mut self, script: Script, host: Arc<Host>, limits: Limits) -> Result<Dynamic, Error> {
        let run = host.clone();
        let evaluated = script.clone();
        let entry = Entry {
            scope: self.scope_for(&script.text),
            functions: constants(&self.variables).merge(&self.functions),
            homes: self.homes.clone(),
            imports: self.imports.clone(),
            sources: self.sources.clone(),
            limits,
            host,
            script,
        };
        let left = on_thread(move || entry.run()).await;
        run.ended().await;
        let Left { value, scope, functions, homes, imports, engine } = left?;
        if scope.iter_raw().map(|(_, _, value)| value).chain([&value]).any(is_native) {
            self.engines.push(engine);
        }
        self.variables.extend(scope.into_iter().map(|(name, value, _)| (name, value)));
        (self.functions, self.homes, self.imports) = (functions, homes, imports);
        self.entries.push(evaluated);
        if !value.is_unit() {
            self.variables.insert(LAST.to_owned(), value.clone());
        }
        Ok(value)
    }

    /// The pieces of all that was evaluated, and of an entry that comes next. Its own imports start in this folder.
    pub fn parts(&self, next: &Script, library: &Library, folder: PathBuf) -> Result<Vec<Piece>, Error> {
        let entries: Vec<_> = self.entries.iter().chain([next]).collect();
        parts_of_entries(&entries, library, folder, &self.sources)
    }

    /// Let entries import the packages of these sources from now on.
    pub fn import_from(&mut self, sources: Sources) {
        self.sources = sources;
    }

    /// Copies of the variables that a text names: to copy all of them for each entry would take long.
    fn scope_for(&self, text: &str) -> Scope<'static> {
        let named: HashSet<_> = text.split(|it: char| !it.is_alphanumeric() && it != '_').collect();
        let mut scope = Scope::new();
        // What `eval` names is only known when it runs; what is called by `f!()` names variables elsewhere.
        let all = named.contains("eval") || text.contains("!(");
        let wanted = |name: &str| all || named.contains(name);
        for (name, value) in self.variables.iter().filter(|(name, _)| wanted(shown(name))) {
            if !value.is_read_only() {
                scope.push_dynamic(name, value.clone());
            }
        }
        scope
    }

    /// The variables and constants, in the order of their definition.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &Dynamic)> {
        self.variables.iter().map(|(name, value)| (shown(name), value))
    }

    /// What an entry can name, apart from accounts and files.
    pub fn names(&self) -> Names {
        let functions = self.functions.iter_functions().filter(|it| !it.name.contains('$'));
        Names {
            variables: self.variables().map(|(name, value)| variable(name, value)).collect(),
            functions: functions
                .map(|it| Function {
                    module: String::new(),
                    name: it.name.to_owned(),
                    parameters: it.params.iter().map(|name| (*name).to_owned()).collect(),
                    text: it.comments.join("\n"),
                    imported: false,
                })
                .collect(),
            imports: self
                .imports
                .iter()
                .map(|(alias, it)| Import { alias: alias.clone(), name: it.name.clone() })
                .collect(),
            ..Names::default()
        }
    }

    /// The texts of the entries, for reports.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }
}

/// The name of a variable as a person writes it.
fn shown(name: &str) -> &str {
    if name == LAST { "_" } else { name }
}

/// Where `_` is the last value: wherever it does not stand for the other cases of a `switch`.
fn places_of_last(text: &str) -> Vec<Range<usize>> {
    let tokens = tokens(text);
    let piece = |index: usize| tokens.get(index).map(|token| &text[token.span.clone()]);
    let is_last = |index: &usize| piece(*index) == Some("_") && piece(index + 1) != Some("=>");
    (0..tokens.len()).filter(is_last).map(|index| tokens[index].span.clone()).collect()
}

/// Whether an entry uses the last value, which only a prompt has.
pub fn uses_last(text: &str) -> bool {
    !places_of_last(text).is_empty()
}

/// A text in which the last value has a name that the language knows.
pub(super) fn with_last(text: &str) -> String {
    let mut written = String::new();
    let mut end = 0;
    for place in places_of_last(text) {
        written += &text[end..place.start];
        written += LAST;
        end = place.end;
    }
    written + &text[end..]
}

fn variable(name: &str, value: &Dynamic) -> Variable {
    let keys = |map: &Map| map.keys().map(ToString::to_string).collect();
    let first = value.as_array_ref().ok().and_then(|items| Some(keys(&*items.first()?.as_map_ref().ok()?)));
    let fields = value.as_map_ref().map_or_else(|_| first.unwrap_or_default(), |map| keys(&map));
    Variable { name: name.to_owned(), kind: type_name(value).to_owned(), fields }
}

impl Entry {
    fn run(mut self) -> (Result<Left, Error>, Arc<Engine>) {
        let engine = self.engine();
        let captured = captured(&self.scope);
        let outcome = self.evaluate(&engine);
        if outcome.is_err() {
            for (mut shared, value) in captured {
                if let Some(mut shared) = shared.write_lock::<Dynamic>() {
                    *shared = value;
                }
            }
        }
        (outcome, engine)
    }

    /// Earlier imports are modules that are simply there: functions see them, too.
    fn engine(&self) -> Arc<Engine> {
        let mut engine = build(&self.host, &self.limits, &self.sources);
        for (alias, imported) in &self.imports {
            engine.register_static_module(alias, imported.module.clone());
        }
        known(engine, &self.host)
    }

    fn evaluate(&mut self, engine: &Arc<Engine>) -> Result<Left, Error> {
        let Script { name, text } = &self.script;
        let ast = compile(engine, &Script { name: name.clone(), text: with_last(text) }, &self.sources);
        // A report shows what was written.
        self.sources.add(name, text);
        let ast = ast?;
        let mut homes = std::mem::take(&mut self.homes);
        homes.extend(ast.iter_functions().map(|function| (function.name.to_owned(), name.clone())));
        self.sources.settle(homes.clone());
        let ast = self.functions.merge(&ast);
        let outcome = engine.eval_ast_with_scope(&mut self.scope, &ast);
        let value = judged(outcome, engine, &self.script.name, &self.host, &self.sources)?;
        let mut imports = std::mem::take(&mut self.imports);
        imports.extend(imported(engine, &ast));
        let scope = std::mem::take(&mut self.scope);
        let functions = ast.clone_functions_only();
        Ok(Left { value, scope, functions, homes, imports, engine: engine.clone() })
    }
}

/// Whether a value is of a type of the program's own, not of the language's.
fn is_native(value: &Dynamic) -> bool {
    value.type_name().starts_with(env!("CARGO_PKG_NAME"))
}

/// Statements that define the constants anew: functions see only those that are defined where they are called.
fn constants(variables: &IndexMap<String, Dynamic>) -> AST {
    let define = |(name, value): (&String, &Dynamic)| {
        let name = Ident { name: name.into(), pos: Position::NONE };
        let value = Expr::DynamicConstant(value.clone().into(), Position::NONE);
        Stmt::Var((name, value, None).into(), ASTFlags::CONSTANT, Position::NONE)
    };
    AST::new(variables.iter().filter(|(_, value)| value.is_read_only()).map(define), Module::new())
}

/// The values that variables share with closures, with copies of what they are now.
fn captured(scope: &Scope) -> Vec<(Dynamic, Dynamic)> {
    let mut all = Vec::new();
    for (_, _, value) in scope.iter_raw() {
        let closure = value.read_lock::<FnPtr>();
        let curried = closure.iter().flat_map(|function| function.iter_curry());
        all.extend(curried.chain([value]).filter(|it| it.is_shared()).map(|it| (it.clone(), it.flatten_clone())));
    }
    all
}

/// The modules that an evaluated text has imported; they are loaded, so this only asks for them.
fn imported(engine: &Engine, ast: &AST) -> Vec<(String, Imported)> {
    let import = |statement: &Stmt| {
        let Stmt::Import(import, position) = statement else { return None };
        let Expr::StringConstant(name, _) = &import.0 else { return None };
        let alias = import.1.name.as_str();
        let module = engine.module_resolver().resolve(engine, None, name, *position).ok()?;
        (!alias.is_empty()).then(|| (alias.to_owned(), Imported { name: name.to_string(), module }))
    };
    ast.statements().iter().filter_map(import).collect()
}
