//! Tests of scripts: which functions a file has, and a run of one of them.

use super::{Part, Script, Sources, compile, manual::plain, run_part};
use crate::{Error, analysis, config::Limits, host::Host};
use rhai::{Dynamic, Engine, FnAccess, Stmt};
use std::{path::Path, sync::Arc};

/// A function that a script defines.
#[derive(Debug, Clone)]
pub struct Defined {
    /// Its name.
    pub name: String,
    /// How many arguments it takes.
    pub parameters: usize,
    /// Whether others may call it.
    pub public: bool,
    /// The line of its body's beginning.
    pub line: usize,
    /// What is written above it, without the marks of a comment.
    pub comment: String,
}

/// The functions of a script, in the order of its lines.
pub fn defined(script: &Script) -> Result<Vec<Defined>, Error> {
    let mut engine = Engine::new();
    analysis::speak(&mut engine);
    let ast = compile(&engine, script, &Sources::default())?;
    let named = ast.iter_fn_def().filter(|function| !function.name.contains('$'));
    let mut functions: Vec<_> = named
        .map(|function| Defined {
            name: function.name.to_string(),
            parameters: function.params.len(),
            public: function.access == FnAccess::Public,
            line: function.body.start_position().line().unwrap_or(1),
            comment: plain(&function.comments),
        })
        .collect();
    functions.sort_by_key(|function| function.line);
    Ok(functions)
}

/// The functions of a script that does nothing else than define them; none of one that does something.
pub fn only_defined(script: &Script) -> Result<Vec<Defined>, Error> {
    let mut engine = Engine::new();
    analysis::speak(&mut engine);
    let ast = compile(&engine, script, &Sources::default())?;
    let defines = |statement: &Stmt| match statement {
        Stmt::Import(..) | Stmt::Export(..) | Stmt::Noop(..) => true,
        Stmt::Var(variable, ..) => variable.1.is_constant(),
        _ => false,
    };
    if ast.statements().iter().all(defines) { defined(script) } else { Ok(Vec::new()) }
}

/// Run the statements of a script, and then one of its functions if one is named. Its imports start at its own folder,
/// whatever folder its files are in.
pub async fn run_test(
    script: Script,
    function: Option<String>,
    host: Arc<Host>,
    limits: Limits,
    sources: Sources,
) -> Result<Dynamic, Error> {
    let folder = Path::new(&script.name).parent().map(Path::to_owned).unwrap_or_default();
    run_part(Part { script, function, folder }, host, limits, sources).await
}
