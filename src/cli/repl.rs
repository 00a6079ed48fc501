//! `juben repl` — the prompt; also `juben` alone.

use super::{
    Common,
    lines::Lines,
    output::{Output, write_result},
    packages::{installed, script},
    permit::{self, Granted, Grants},
    session::{Cassette, Running, Session, Target},
};
use crate::{
    Error,
    analysis::Library,
    client::{Client, Meter},
    config::{self, Config, Limits},
    engine::{self, Script, Sources},
    error::Kind,
    host::{Arguments, Host},
    packages::Installed,
    repl::{Consent, Prompt, Settings, World},
    rights::Rights,
    sandbox::Sandbox,
    store::Store,
};
use clap::Args;
use rhai::Dynamic;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};
use tokio::runtime::Handle;
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

/// Open the prompt; also what `juben` alone does
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  juben repl --sandbox\n  echo 'drama::list_media(#{ limit: 1 })' | juben repl --sandbox"
)]
pub(super) struct Repl {
    #[command(flatten)]
    pub flags: Flags,
}

/// How the prompt is opened.
#[derive(Debug, Args)]
pub(super) struct Flags {
    #[command(flatten)]
    target: Target,
    /// Ask nothing before a destructive call
    #[arg(long)]
    yes: bool,
    /// Keep no history
    #[arg(long)]
    no_history: bool,
    /// Do not run juben/rc.rhai of the user's configuration folder first
    #[arg(long)]
    no_rc: bool,
}

impl Repl {
    pub(super) async fn execute(self, common: &Common, sources: &Sources) -> Result<(), Error> {
        let Flags { target, yes, no_history, no_rc } = self.flags;
        let consent = Consent::new(yes);
        let settings = Settings {
            history: if no_history { None } else { history(common)? },
            rc: config::user_folder().map(|folder| folder.join("rc.rhai")).filter(|_| !no_rc),
            consent: consent.clone(),
            sources: sources.clone(),
        };
        let counting = TaskTracker::new();
        let world = Surroundings::open(target, common.clone(), consent, counting.clone()).await?;
        let runtime = Handle::current();
        // The prompt waits for keys; meanwhile this thread drives the calls and the sandbox.
        let prompt = move || Prompt::new(Box::new(world), &settings, runtime).run(&settings);
        let outcome = tokio::task::spawn_blocking(prompt).await;
        counting.close();
        counting.wait().await;
        outcome.unwrap_or_else(|error| Err(Error::new(Kind::Script, format!("the prompt itself failed: {error}"))))
    }
}

impl Flags {
    /// Whether any differs from what it is by itself.
    pub(super) fn are_given(&self) -> bool {
        self.target.is_given() || self.yes || self.no_history || self.no_rc
    }
}

/// Where entries are kept: where `JUBEN_HISTORY` says, nowhere if it says nothing, else beside all that outlives a run.
pub(super) fn history(common: &Common) -> Result<Option<PathBuf>, Error> {
    match std::env::var_os("JUBEN_HISTORY") {
        Some(path) => Ok(Some(PathBuf::from(path)).filter(|path| !path.as_os_str().is_empty())),
        None => config::state_folder(common.state.as_deref()).map(|folder| Some(folder.join("history"))),
    }
}

/// What the prompt stands in: the configured accounts, or a sandbox.
struct Surroundings {
    target: Target,
    common: Common,
    client: Arc<Client>,
    store: Arc<Store>,
    session: Opened,
    /// What entries may import.
    packages: Arc<Installed>,
    /// What they are judged by; read when the first is.
    library: OnceLock<Library>,
    granted: Granted,
    lines: Arc<Lines>,
    consent: Consent,
    runtime: Handle,
    /// Those who write what was counted.
    counting: TaskTracker,
}

/// What is left of a session when its client and store are shared.
struct Opened {
    config: Config,
    account: Option<String>,
    sandbox: Option<Running>,
    /// Its calls are counted until this is dropped.
    _counted: DropGuard,
}

impl Surroundings {
    async fn open(
        target: Target,
        common: Common,
        consent: Consent,
        counting: TaskTracker,
    ) -> Result<Surroundings, Error> {
        let Session { client, config, store, meter, account, sandbox } =
            Session::open(&target, &Cassette::default(), &common).await?;
        let packages = installed(&common)?;
        let runtime = Handle::current();
        let counted = keep_counting(meter, &store, &counting, &runtime);
        Ok(Surroundings {
            packages,
            library: OnceLock::new(),
            granted: Granted::new(),
            lines: Arc::new(Lines::new(&common)),
            client: Arc::new(consent.guard(client.keep_exchanges())),
            store,
            session: Opened { config, account, sandbox, _counted: counted },
            runtime,
            consent,
            target,
            common,
            counting,
        })
    }

    /// The same with what the configuration says now; nothing is changed when it cannot be opened.
    fn reopen(&mut self) -> Result<(), Error> {
        let cassette = Cassette::default();
        let session = self.runtime.block_on(Session::open(&self.target, &cassette, &self.common))?;
        let Session { client, config, store, meter, account, sandbox } = session;
        self.packages = installed(&self.common)?;
        (self.library, self.granted) = (OnceLock::new(), Granted::new());
        self.client = Arc::new(self.consent.guard(client.keep_exchanges()));
        self.store = store;
        let counted = keep_counting(meter, &self.store, &self.counting, &self.runtime);
        self.session = Opened { config, account, sandbox, _counted: counted };
        Ok(())
    }

    /// A client that does what an entry may do. Where there are no packages, that is everything.
    fn client_of(&mut self, entry: &Script, session: &engine::Session) -> Result<Arc<Client>, Error> {
        if self.packages.packages().is_empty() {
            return Ok(self.client.clone());
        }
        let library = self.library.get_or_init(|| engine::library(self.client.catalog().clone()));
        let grants = Grants {
            allow: None,
            config: &self.session.config,
            catalog: self.client.catalog(),
            store: &Store::at(config::state_folder(self.common.state.as_deref())?),
            may_ask: permit::can_ask(),
            by_command: false,
            besides: Rights::default(),
        };
        let guard = self.runtime.block_on(grants.guard_of_entry(entry, session, library, &mut self.granted))?;
        Ok(Arc::new(Client::clone(&self.client).guarded(Arc::new(guard))))
    }

    fn sandbox(&self) -> Result<&Sandbox, Error> {
        self.session
            .sandbox
            .as_ref()
            .map(|own| &own.sandbox)
            .ok_or_else(|| Error::new(Kind::Usage, "no sandbox answers here").hint("`:sandbox` lets one answer"))
    }
}

/// Write what is counted, until the result is dropped.
fn keep_counting(meter: Arc<Meter>, store: &Arc<Store>, counting: &TaskTracker, runtime: &Handle) -> DropGuard {
    let stop = CancellationToken::new();
    counting.spawn_on(meter.keep_written(store.clone(), stop.clone()), runtime);
    stop.drop_guard()
}

impl World for Surroundings {
    fn client(&self) -> &Arc<Client> {
        &self.client
    }

    fn limits(&self) -> Limits {
        self.session.config.limits.clone()
    }

    fn write(&self, value: &Dynamic) -> Result<(), Error> {
        write_result(value, Some(Output::Jsonl))
    }

    fn host(
        &mut self,
        entry: &Script,
        session: &engine::Session,
        account: Option<&str>,
        cancel: CancellationToken,
    ) -> Result<Host, Error> {
        let client = self.client_of(entry, session)?;
        let lines = self.lines.clone();
        Ok(Host {
            client,
            store: self.store.clone(),
            runtime: self.runtime.clone(),
            cancel,
            deadline: None,
            folder: PathBuf::new(),
            arguments: Arguments::default(),
            output: Box::new(move |line| lines.write(line)),
            account: account.map(str::to_owned).into(),
            called: Default::default(),
            engine: Default::default(),
            job: None,
            own: Default::default(),
        })
    }

    fn script(&self, path: &Path) -> Result<Script, Error> {
        Ok(script(path, &self.packages, Path::new(""))?.script)
    }

    fn sources(&self, texts: &Sources) -> Sources {
        texts.with(self.packages.clone())
    }

    fn account(&self) -> Option<String> {
        self.session.account.clone().or_else(|| self.session.config.default_account.clone())
    }

    fn is_sandbox(&self) -> bool {
        self.session.sandbox.is_some()
    }

    fn switch(&mut self, sandbox: bool) -> Result<(), Error> {
        let before = std::mem::replace(&mut self.target.sandbox, sandbox);
        let reopened = self.reopen();
        if reopened.is_err() {
            self.target.sandbox = before;
        }
        reopened
    }

    fn reset(&mut self) -> Result<(), Error> {
        self.sandbox().map(Sandbox::reset)
    }

    fn advance(&mut self, seconds: i64) -> Result<i64, Error> {
        let sandbox = self.sandbox()?;
        sandbox.advance(seconds);
        Ok(sandbox.now())
    }

    fn reload(&mut self) -> Result<(), Error> {
        self.reopen()
    }
}
