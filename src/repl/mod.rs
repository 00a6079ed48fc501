//! The prompt: line editing, completion, colours, and the commands that begin with a colon.

mod ask;
pub mod commands;
mod consent;
mod input;
mod pager;
mod running;
mod screen;
mod secret;
mod show;
mod table;
mod tree;
mod world;

pub use ask::ask;
pub use consent::Consent;
pub use screen::Screen;
pub use show::Mode;
pub use world::World;

use crate::{
    Error,
    analysis::Names,
    client::Account,
    engine::{Script, Session, Sources},
    error::Kind,
};
use input::{Input, Read};
use rhai::Dynamic;
use std::{
    fmt,
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::runtime::Handle;

/// Where it goes on after a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// To the next line.
    Stay,
    /// Away.
    Leave,
}

/// How a prompt is opened.
#[derive(Debug, Default)]
pub struct Settings {
    /// Where entries are kept from one session to the next; nowhere if there is none.
    pub history: Option<PathBuf>,
    /// The script that is run first.
    pub rc: Option<PathBuf>,
    /// Who is asked before a destructive call.
    pub consent: Consent,
    /// Where the texts of entries are kept, for reports.
    pub sources: Sources,
}

/// An open prompt.
pub struct Prompt {
    /// Who makes the calls.
    pub world: Box<dyn World>,
    /// What earlier entries have left.
    pub session: Session,
    /// The account in use, if one was chosen.
    pub account: Option<String>,
    /// Where results are written.
    pub screen: Screen,
    /// How results are shown.
    pub mode: Mode,
    /// Who is asked before a destructive call.
    pub consent: Consent,
    /// What was entered in this session and did not fail, the oldest first.
    pub entered: Vec<Entered>,
    /// When the last entry began.
    pub began: SystemTime,
    /// How long it took.
    pub took: Duration,
    /// The script that was loaded last, for `:load` to run it again.
    pub loaded: Option<PathBuf>,
    runtime: Handle,
    ctrl_c: running::CtrlC,
    count: usize,
    /// `:quit` was entered.
    leaves: bool,
}

/// An entry that was evaluated.
#[derive(Debug, Clone)]
pub struct Entered {
    /// By which errors and `:save` name it.
    pub number: usize,
    /// Its text.
    pub text: String,
    /// Whether it may hold a secret.
    pub secret: bool,
}

impl Prompt {
    /// A prompt in this world. Calls are made in `runtime`, which another thread must drive.
    pub fn new(world: Box<dyn World>, settings: &Settings, runtime: Handle) -> Prompt {
        Prompt {
            account: world.account(),
            session: Session::new(world.sources(&settings.sources)),
            world,
            screen: Screen::of_terminal(),
            mode: Mode::default(),
            consent: settings.consent.clone(),
            entered: Vec::new(),
            began: SystemTime::now(),
            took: Duration::ZERO,
            loaded: None,
            ctrl_c: running::CtrlC::default(),
            runtime,
            count: 0,
            leaves: false,
        }
    }

    /// Read and do entries until the user leaves, or, without a terminal, until one fails.
    pub fn run(mut self, settings: &Settings) -> Result<(), Error> {
        let mut input = Input::open(&self, settings)?;
        if input.is_interactive() {
            self.greet(settings)?;
        }
        loop {
            let text = match input.read(&self)? {
                Read::Entry(text) => text,
                Read::Nothing => continue,
                Read::End => return Ok(()),
            };
            match self.take(&text) {
                Ok(Flow::Stay) => {}
                Ok(Flow::Leave) => return Ok(()),
                Err(error) if input.is_interactive() => {
                    if error.kind == Kind::Cancelled {
                        // The terminal has written `^C` where the cursor was.
                        self.screen.write("\n")?;
                    }
                    self.screen.error(&error, self.session.sources())?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// What a person should know, and what they want to be done first.
    fn greet(&mut self, settings: &Settings) -> Result<(), Error> {
        self.screen.note("`:help` lists the commands, Tab completes, Ctrl-D leaves")?;
        if self.world.client().accounts().all().is_empty() {
            self.screen
                .note("there is no account: `:sandbox` lets a sandbox answer, `juben init` writes a juben.toml")?;
        }
        if let Some(path) = settings.rc.as_deref().filter(|path| path.is_file()) {
            let outcome = Script::read(path).and_then(|script| self.evaluate(script));
            outcome.err().map_or(Ok(()), |error| self.screen.error(&error, self.session.sources()))?;
        }
        Ok(())
    }

    /// Do what was entered: a command, or a piece of script.
    pub fn take(&mut self, text: &str) -> Result<Flow, Error> {
        let text = text.trim_end();
        self.consent.begin();
        if text.trim_start().starts_with(':') {
            return commands::run(self, text.trim());
        }
        if !text.trim().is_empty() {
            self.count += 1;
            let name = format!("entry {}", self.count);
            let evaluated = self.evaluate(Script { name, text: text.to_owned() });
            // A script that is done in part throws what it has done along with what it has not.
            if let Err(error) = &evaluated
                && error.kind == Kind::Partial
                && let Some(result) = error.reply.as_ref().and_then(|reply| reply.get("result"))
            {
                self.show(result)?;
            }
            let value = evaluated?;
            let secret = secret::may_be_in(text, self.world.client());
            self.entered.push(Entered { number: self.count, text: text.to_owned(), secret });
            self.show(&value)?;
        }
        Ok(Flow::Stay)
    }

    /// What an entry can name.
    pub fn names(&self) -> Names {
        let accounts = self.world.client().accounts().all().iter().map(|account| account.name.clone());
        Names { accounts: accounts.collect(), ..self.session.names() }
    }

    /// Whether people depend on what the account in use holds.
    pub fn is_production(&self) -> bool {
        self.account().is_some_and(|account| account.settings.is_production())
    }

    /// What stands before each entry: `main · wechat`.
    fn sign(&self) -> String {
        match (self.world.is_sandbox(), self.account()) {
            (true, None) => "sandbox".to_owned(),
            (true, Some(account)) if account.name.starts_with("sandbox") => account.name.clone(),
            (true, Some(account)) => format!("sandbox · {}", account.name),
            (false, Some(account)) => format!("{} · {}", account.name, account.settings.platform.name()),
            (false, None) => "juben".to_owned(),
        }
    }

    /// The account in use, or the only one.
    fn account(&self) -> Option<Arc<Account>> {
        let accounts = self.world.client().accounts();
        match (&self.account, accounts.all()) {
            (Some(name), _) => accounts.named(name).ok(),
            (None, [only]) => Some(only.clone()),
            (None, _) => None,
        }
    }

    /// Show a value in the present mode.
    pub fn show(&self, value: &Dynamic) -> Result<(), Error> {
        match self.screen.terminal || self.mode != Mode::Table {
            true => self.screen.value(value, self.mode),
            false => self.world.write(value),
        }
    }
}

impl fmt::Debug for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prompt").field("account", &self.account).field("mode", &self.mode).finish_non_exhaustive()
    }
}
