//! Builds the script engine, runs a script within its limits, and points at what went wrong.

mod arguments;
mod asked;
mod callbacks;
mod failure;
mod limits;
mod manual;
mod modules;
mod names;
mod parts;
mod report;
mod session;
mod trial;

pub use manual::{language_definitions, library, manual};
pub use modules::{finder, stdlib};
pub use parts::{Piece, judge, parts, parts_of_modules};
pub use report::report;
pub use session::{Session, uses_last};
pub use trial::{Defined, defined, only_defined, run_test};

use crate::{
    Error, analysis,
    config::Limits,
    error::Kind,
    files::{self, LARGEST_TEXT},
    host::{self, Host},
    lock::lock,
    packages::Installed,
};
use rhai::{AST, Dynamic, Engine, EvalAltResult, Scope};
use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

/// A script's stack: deep recursion ends in an error of the script, not of the process.
const STACK: usize = 64 << 20;

/// The texts of the script and the modules it imports, by name; a report shows lines of them.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    texts: Arc<Mutex<Texts>>,
    /// The packages that may be imported.
    packages: Arc<Installed>,
}

#[derive(Debug, Default)]
struct Texts {
    by_name: HashMap<String, String>,
    /// At a prompt, the entry that has defined a function.
    homes: HashMap<String, String>,
}

impl Sources {
    /// None yet; these packages may be imported.
    pub fn of(packages: Arc<Installed>) -> Sources {
        Sources { packages, ..Sources::default() }
    }

    /// The same texts for a run that may import these packages.
    pub fn with(&self, packages: Arc<Installed>) -> Sources {
        Sources { texts: self.texts.clone(), packages }
    }

    /// The packages that may be imported.
    pub fn packages(&self) -> &Arc<Installed> {
        &self.packages
    }

    /// Keep a text.
    pub fn add(&self, name: &str, text: &str) {
        lock(&self.texts).by_name.insert(name.to_owned(), text.to_owned());
    }

    fn get(&self, name: &str) -> Option<String> {
        lock(&self.texts).by_name.get(name).cloned()
    }

    /// The text whose name ends so.
    fn ending(&self, end: &str) -> Option<String> {
        let texts = lock(&self.texts);
        texts.by_name.iter().find(|(name, _)| name.ends_with(end)).map(|(_, text)| text.clone())
    }

    fn settle(&self, homes: HashMap<String, String>) {
        lock(&self.texts).homes = homes;
    }

    /// Where a function of the script is defined.
    fn home(&self, function: &str) -> Option<String> {
        lock(&self.texts).homes.get(function).cloned()
    }
}

/// A script to run.
#[derive(Debug, Clone)]
pub struct Script {
    /// Its name, as the user gave it.
    pub name: String,
    /// Its text.
    pub text: String,
}

impl Script {
    /// Read a script.
    pub fn read(path: &Path) -> Result<Script, Error> {
        let name = path.display().to_string();
        let bytes = files::bytes_of_any(path, LARGEST_TEXT).map_err(|error| {
            Error::new(Kind::Usage, format!("cannot read the script {name}: {error}"))
                .hint("give the path of a .rhai file; scripts/ has some that are ready to run")
        })?;
        let text = String::from_utf8(bytes).map_err(|error| {
            Error::new(
                Kind::Usage,
                format!("the script {name} is not UTF-8 at byte {}", error.utf8_error().valid_up_to()),
            )
            .hint("save it as UTF-8")
        })?;
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        Ok(Script { name, text })
    }
}

/// Run a script to its end, on a thread of its own. The result is its last value, or what went wrong.
pub async fn run(script: Script, host: Arc<Host>, limits: Limits, sources: Sources) -> Result<Dynamic, Error> {
    host.is_of(&script.name);
    let folder = host.folder.clone();
    run_part(Part { script, function: None, folder }, host, limits, sources).await
}

/// What is run of a script.
struct Part {
    script: Script,
    /// Called after the statements, if there is one.
    function: Option<String>,
    /// Where its imports start.
    folder: PathBuf,
}

async fn run_part(part: Part, host: Arc<Host>, limits: Limits, sources: Sources) -> Result<Dynamic, Error> {
    let run = host.clone();
    let outcome = on_thread(move || {
        let mut engine = build(&host, &limits, &sources);
        engine.set_module_resolver(modules::Modules::new(part.folder, sources.clone(), &part.script.name));
        let engine = known(engine, &host);
        let mut scope = Scope::new();
        let outcome = compile(&engine, &part.script, &sources).and_then(|ast| {
            let outcome = match &part.function {
                Some(function) => engine.call_fn(&mut scope, &ast, function, ()),
                None => engine.eval_ast_with_scope(&mut scope, &ast),
            };
            judged(outcome, &engine, &part.script.name, &host, &sources)
        });
        (outcome, (engine, scope))
    })
    .await;
    run.ended().await;
    outcome
}

/// Do this on a thread with a script's stack. The rest that it gives is taken down when nobody waits any more: the process
/// may be about to end.
async fn on_thread<T: Send + 'static, R>(
    work: impl FnOnce() -> (Result<T, Error>, R) + Send + 'static,
) -> Result<T, Error> {
    let (done, result) = tokio::sync::oneshot::channel();
    let work = move || {
        let failed = || Error::new(Kind::Script, "juben itself failed; please report this");
        let (outcome, _rest) = match catch_unwind(AssertUnwindSafe(work)) {
            Ok((outcome, rest)) => (outcome, Some(rest)),
            Err(_) => (Err(failed()), None),
        };
        done.send(outcome).ok();
    };
    let thread = std::thread::Builder::new().name("script".into()).stack_size(STACK).spawn(work);
    thread.map_err(|error| Error::new(Kind::Limit, format!("no thread for the script: {error}")))?;
    result.await.unwrap_or_else(|_| Err(Error::new(Kind::Script, "the script's thread ended early")))
}

fn compile(engine: &Engine, script: &Script, sources: &Sources) -> Result<AST, Error> {
    sources.add(&script.name, &script.text);
    let mut ast = engine.compile(&script.text).map_err(|error| {
        let at = failure::place(&script.name, error.position());
        at.into_iter().fold(failure::parsing(error.err_type()), Error::at)
    })?;
    ast.set_source(script.name.as_str());
    Ok(ast)
}

/// How it ended, in our words.
fn judged(
    outcome: Result<Dynamic, Box<EvalAltResult>>,
    engine: &Engine,
    name: &str,
    host: &Host,
    sources: &Sources,
) -> Result<Dynamic, Error> {
    match (outcome, host.must_end()) {
        // A native function that was stopped, such as a sort, returns as if it were done.
        (Ok(_), Some(reason)) => Err(reason),
        (outcome, _) => outcome.map_err(|error| failure::explain(engine, host, sources, name, *error)),
    }
}

/// The engine of a run, made known to its host.
fn known(engine: Engine, host: &Host) -> Arc<Engine> {
    let engine = Arc::new(engine);
    host.engine.get_or_init(|| Arc::downgrade(&engine));
    engine
}

/// An engine for one run.
pub fn build(host: &Arc<Host>, limits: &Limits, sources: &Sources) -> Engine {
    let mut engine = Engine::new();
    analysis::speak(&mut engine);
    limits::set(&mut engine, host, limits);
    callbacks::refuse_names(&mut engine);
    engine.set_module_resolver(modules::Modules::new(host.folder.clone(), sources.clone(), ""));
    host::register(&mut engine, host);
    engine.set_fail_on_invalid_map_property(true);
    engine
}
