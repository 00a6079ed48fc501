//! `juben lsp` — the language server on standard input and output.

use super::{Common, apis};
use crate::{
    Error,
    analysis::Source,
    catalog::Catalog,
    config::{self, Config},
    engine,
    error::Kind,
    lock::lock,
    lsp::{Finder, Home, Setting, serve},
    packages::{Installed, LOCK, Project},
};
use clap::Args;
use std::{
    fs,
    io::{BufReader, IsTerminal, stdin, stdout},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::SystemTime,
};

/// Serve an editor: completion, hover, diagnostics
#[derive(Debug, Default, Args)]
#[command(after_help = "An editor starts this by itself: docs/editors.md shows how to set it up.")]
pub(super) struct Lsp {
    /// Talk on standard input and output, as it always does; many editors add this
    #[arg(long, hide = true)]
    stdio: bool,
}

impl Lsp {
    pub(super) async fn execute(self, common: &Common) -> Result<(), Error> {
        if stdin().is_terminal() {
            tracing::info!("this waits for an editor that speaks to it; Ctrl-C ends it");
        }
        let home = Machine { config: common.config.clone(), state: common.state.clone(), packages: Mutex::default() };
        serve(home, BufReader::new(stdin()), stdout())
    }
}

/// What the server is told of the machine that it runs on.
struct Machine {
    config: Option<PathBuf>,
    state: Option<PathBuf>,
    packages: Mutex<Option<Known>>,
}

/// The packages of a project, as they were when its files had last changed: to look at all of them for each word that is
/// typed would take long.
struct Known {
    file: PathBuf,
    changed: [Option<SystemTime>; 2],
    packages: Arc<Installed>,
}

impl Machine {
    /// The packages that scripts of this folder can import; none where something is wrong with them, which `juben check`
    /// tells.
    fn packages(&self, folder: &Path) -> Option<Arc<Installed>> {
        let file = Config::load_from(self.config.as_deref(), folder).ok()?.1?;
        let files = [file.clone(), file.with_file_name(LOCK)];
        let changed = files.map(|file| fs::metadata(file).and_then(|it| it.modified()).ok());
        let mut known = lock(&self.packages);
        if let Some(known) = known.as_ref().filter(|it| it.file == file && it.changed == changed) {
            return Some(known.packages.clone());
        }
        let installed = Project::open(&file).and_then(|project| project.installed());
        let packages = Arc::new(installed.inspect_err(|error| tracing::warn!("{error}")).unwrap_or_default());
        *known = Some(Known { file, changed, packages: packages.clone() });
        Some(packages)
    }
}

impl Home for Machine {
    fn setting(&self, folder: &Path) -> Result<Setting, Error> {
        let (config, _) = Config::load_from(self.config.as_deref(), folder)?;
        let accounts = config.account.keys().cloned().collect();
        Ok(setting(apis::catalog(&config)?, accounts))
    }

    fn builtin(&self) -> Setting {
        setting(Catalog::builtin(), Vec::new())
    }

    fn finder(&self, folder: &Path) -> Finder {
        Box::new(engine::finder(folder.to_owned(), self.packages(folder).unwrap_or_default()))
    }

    fn copy(&self, module: &Source) -> Result<PathBuf, Error> {
        let path = config::state_folder(self.state.as_deref())?.join(&module.name);
        write_copy(&path, &module.text)
            .map_err(|error| Error::new(Kind::File, format!("cannot write {}: {error}", path.display())))?;
        Ok(path)
    }
}

fn setting(catalog: Arc<Catalog>, accounts: Vec<String>) -> Setting {
    Setting { library: engine::library(catalog), accounts }
}

/// Changing a copy would change nothing, so it cannot be written to.
fn write_copy(path: &Path, text: &str) -> std::io::Result<()> {
    if fs::read(path).is_ok_and(|content| content == text.as_bytes()) {
        return Ok(());
    }
    fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
    // That of another version cannot be written to either.
    fs::remove_file(path).ok();
    fs::write(path, text)?;
    let mut permissions = fs::metadata(path)?.permissions();
    permissions.set_readonly(true);
    fs::set_permissions(path, permissions)
}
