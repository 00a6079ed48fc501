//! Where a test runs: a sandbox or a recording, a folder, an engine and a time of its own.

use super::case::{Case, Deed, Ended, Outcome};
use crate::{
    Error,
    catalog::Catalog,
    cli::{
        Common, apis,
        packages::installed,
        permit::Grants,
        sandbox::{faults, read},
        session::{Running, against_sandbox},
    },
    client::{Client, Player},
    config::Config,
    engine::{self, Script, Sources},
    error::{Kind, Place},
    host::{Arguments, Host, Line, Own, out_of_time},
    lock::lock,
    packages::Installed,
    rights::{Kind as RightKind, Overlay, Right},
    sandbox,
    store::Store,
};
use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{runtime::Handle, time::Instant};
use tokio_util::sync::CancellationToken;
use tracing::Level;

/// Every test in a sandbox begins at 2027-01-01 09:00 in China.
const START: i64 = 1_798_765_200;

/// A native function that is busy is not waited for.
const PATIENCE: Duration = Duration::from_millis(200);

/// What the tests share.
#[derive(Debug)]
pub(super) struct Stage {
    config: Config,
    catalog: Arc<Catalog>,
    packages: Arc<Installed>,
    timeout: Duration,
    verbose: bool,
    /// The folders of the tests are in it.
    folders: PathBuf,
}

/// What one test has.
struct Set {
    client: Client,
    config: Config,
    account: Option<String>,
    /// Begins with the files beside the test.
    folder: Overlay,
    _temporary: TempDir,
}

impl Stage {
    pub(super) fn new(common: &Common, timeout: Duration, folders: &Path) -> Result<Stage, Error> {
        let (config, _) = Config::load(common.config.as_deref())?;
        let catalog = apis::catalog(&config)?;
        let packages = installed(common)?;
        Ok(Stage { config, catalog, packages, timeout, verbose: common.verbose > 0, folders: folders.to_owned() })
    }

    /// Run a test to its end.
    pub(super) async fn run(&self, case: &Case, cancel: &CancellationToken) -> Ended {
        let begun = Instant::now();
        let (sources, output) = (Sources::of(self.packages.clone()), Arc::new(Mutex::new(String::new())));
        let outcome = match &case.deed {
            Deed::Broken { error, text } => {
                sources.add(&case.file, text);
                Err(error.clone())
            }
            Deed::Function { name, text } => self.perform(case, text, Some(name), cancel, &sources, &output).await,
            Deed::Example { text, file } => {
                let outcome = self.perform(case, text, None, cancel, &sources, &output).await;
                sources.add(&case.file, file);
                outcome
            }
        };
        let outcome = match outcome {
            Ok(()) => Outcome::Passed,
            Err(_) if cancel.is_cancelled() => Outcome::NotRun,
            Err(error) => Outcome::Failed(error),
        };
        let output = std::mem::take(&mut *lock(&output));
        Ended { took: begun.elapsed(), output, sources, ..case.ended(outcome) }
    }

    async fn perform(
        &self,
        case: &Case,
        text: &str,
        function: Option<&String>,
        cancel: &CancellationToken,
        sources: &Sources,
        output: &Arc<Mutex<String>>,
    ) -> Result<(), Error> {
        let Set { client, config, account, folder, _temporary } = self.set(case).await?;
        let stop = cancel.child_token();
        let script = Script { name: case.file.clone(), text: text.to_owned() };
        let home = Path::new(&case.file).parent().map(Path::to_owned).unwrap_or_default();
        let find = engine::finder(home.clone(), self.packages.clone());
        let arguments = script.arguments_from(folder.folder.clone(), Vec::new(), case.head.arguments.clone(), &find)?;
        // What a package may do in tests is what juben.toml says: answers of a person are not everybody's.
        let (catalog, store) = (client.catalog().clone(), Store::in_memory());
        let files =
            [RightKind::FilesRead, RightKind::FilesWrite].map(|kind| Right::new(kind, folder.folder.to_string_lossy()));
        let grants = Grants { besides: files.into_iter().collect(), ..Grants::of_others(&config, &catalog, &store) };
        let guard = grants.guard_beside(&home, &script, &folder.folder, sources).await?.at_home(&folder.folder);
        let client = Arc::new(client.guarded(Arc::new(guard)).over(folder.clone()));
        let own = Own::with_environment(case.head.environment.clone());
        let host = Arc::new(Host {
            account: account.into(),
            folder: folder.folder,
            own,
            ..self.host(client.clone(), arguments, stop.clone(), output.clone())
        });
        let run = engine::run_test(script, function.cloned(), host, config.limits.clone(), sources.clone());
        let outcome = tokio::time::timeout(self.timeout + PATIENCE, run).await.unwrap_or_else(|_| Err(out_of_time()));
        // Whoever is still at it, such as a native function, shall not go on behind the back of the others.
        stop.cancel();
        client.ended(outcome).map(drop).map_err(|error| self.judged(case, error))
    }

    /// A test that took too long has no other place than its own.
    fn judged(&self, case: &Case, error: Error) -> Error {
        if error.message != out_of_time().message {
            return error;
        }
        let message = format!("the time for this test is up: {} s", self.timeout.as_secs_f64());
        let place = Place { file: case.file.clone(), line: case.line, column: 1 };
        error.place.iter().cloned().chain([place]).fold(error.reworded(Kind::Limit, message), Error::at)
    }

    async fn set(&self, case: &Case) -> Result<Set, Error> {
        let (folder, _temporary) = self.folder(case).map_err(no_folder)?;
        let mut config = self.config.clone();
        if let Some(path) = &case.head.cassette {
            let player = Player::open(path)?;
            player.set_accounts(&mut config);
            let account = player.account().map(str::to_owned);
            let client = Client::new(self.catalog.clone(), &config).replay(player);
            return Ok(Set { client, config, account, folder, _temporary });
        }
        let faults = case.head.faults.as_deref().map(|file| faults(file, &self.catalog));
        let options = sandbox::Options {
            now: Some(START),
            clock_speed: 0.0,
            world: case.head.world.as_deref().map(read).transpose()?,
            faults: faults.transpose()?.unwrap_or_default(),
            ..sandbox::Options::default()
        };
        let Running { sandbox, stop } = against_sandbox(&mut config, &self.catalog, options).await?;
        let client = Client::new(self.catalog.clone(), &config).direct();
        // The sandbox lives as long as the client.
        let client = client.leaping(sandbox.now(), move |seconds| {
            let _lives = &stop;
            sandbox.advance(i64::try_from(seconds).unwrap_or(i64::MAX));
        });
        Ok(Set { client, config, account: None, folder, _temporary })
    }

    /// A folder that goes with the test; what it reads there is beside the test.
    fn folder(&self, case: &Case) -> io::Result<(Overlay, TempDir)> {
        let temporary = tempfile::tempdir_in(&self.folders)?;
        let beneath = Path::new(".").join(&case.file).parent().unwrap_or(Path::new(".")).canonicalize()?;
        Ok((Overlay { folder: std::path::absolute(temporary.path())?, beneath }, temporary))
    }

    fn host(
        &self,
        client: Arc<Client>,
        arguments: Arguments,
        cancel: CancellationToken,
        output: Arc<Mutex<String>>,
    ) -> Host {
        let verbose = self.verbose;
        Host {
            client,
            store: Arc::new(Store::in_memory()),
            runtime: Handle::current(),
            cancel,
            deadline: Some(Instant::now() + self.timeout),
            folder: PathBuf::new(),
            arguments,
            output: Box::new(move |line| match line {
                Line::Printed(text) => *lock(&output) += &format!("{text}\n"),
                Line::Logged(Level::DEBUG, _) if !verbose => {}
                Line::Logged(level, text) => *lock(&output) += &format!("{}{text}\n", mark(level)),
                Line::Progress(_) | Line::Finished(_) | Line::Abandoned => {}
            }),
            account: Default::default(),
            called: Default::default(),
            engine: Default::default(),
            job: None,
            own: Default::default(),
        }
    }
}

fn mark(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error: ",
        Level::WARN => "warning: ",
        _ => "",
    }
}

pub(super) fn no_folder(error: io::Error) -> Error {
    Error::new(Kind::File, format!("a test needs a folder of its own: {error}"))
}
