//! The language server: what the analysis knows of a script, told to an editor. It knows nothing by itself.

mod capabilities;
mod changes;
mod colours;
mod completion;
mod diagnostics;
mod documents;
mod modules;
mod positions;
mod requests;
mod server;
mod symbols;
mod view;
mod wire;
mod workspaces;

use crate::{
    Error,
    analysis::{Library, Source},
    error::Kind,
};
use std::{
    io::{BufRead, Write},
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
};

/// A stack for texts that are deeply nested.
const STACK: usize = 64 << 20;

/// What scripts of a folder can use.
#[derive(Debug)]
pub struct Setting {
    /// The operations and functions.
    pub library: Library,
    /// The accounts of the configuration.
    pub accounts: Vec<String>,
}

/// How an imported module is found: by who imports it, and its name.
pub type Finder = Box<dyn Fn(&str, &str) -> Option<Source>>;

/// What the server cannot know by itself.
pub trait Home: Send {
    /// What scripts of this folder can use, as the configuration says.
    fn setting(&self, folder: &Path) -> Result<Setting, Error>;
    /// What scripts can use where the configuration cannot be read.
    fn builtin(&self) -> Setting;
    /// How the imports of scripts of this folder are found.
    fn finder(&self, folder: &Path) -> Finder;
    /// The file that shows a module which is none itself.
    fn copy(&self, module: &Source) -> Result<PathBuf, Error>;
}

/// Serve an editor until it says `exit`. It is an error if that was not agreed on before.
pub fn serve(
    home: impl Home + 'static,
    input: impl BufRead + Send + 'static,
    output: impl Write + Send + 'static,
) -> Result<(), Error> {
    let no_thread = |error| Error::new(Kind::Limit, format!("no thread for the language server: {error}"));
    let (sender, incoming) = mpsc::channel();
    // It ends with the process: reading standard input cannot be interrupted.
    thread::Builder::new().name("lsp input".into()).spawn(move || wire::read_all(input, &sender)).map_err(no_thread)?;
    let server = server::Server::new(Box::new(home), incoming, wire::Outbox::new(Box::new(output)));
    let thread = thread::Builder::new().name("lsp".into()).stack_size(STACK).spawn(|| server.run());
    let failed = |_| Err(Error::new(Kind::Script, "the language server itself failed; please report this"));
    thread.map_err(no_thread)?.join().unwrap_or_else(failed)
}
