//! `juben serve` — run jobs at their times and on events, until it is stopped.

mod connections;
mod counting;
mod granted;
mod herald;
mod http;
mod jobs;
mod metrics;
mod plan;
mod server;
mod signals;
mod welcome;

pub(super) use counting::Counting;
pub(super) use granted::{Refused, refused_jobs};
pub(super) use jobs::{instead, jobs};
pub(super) use server::settings;

use super::{
    Common, apis, logging,
    session::{Running, against_sandbox},
};
use crate::{
    Error,
    config::{self, Config, Lasting},
    engine::Sources,
    error::Kind,
    sandbox,
    scheduler::{Clock, Real},
    store::{Lock, Store},
};
use clap::Args;
use jiff::Timestamp;
use plan::Plan;
use server::Server;
use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::time::timeout;

/// What is locked by the one who runs the jobs of a state.
pub(super) const LOCK: &str = "serve";

/// Who has it is waited for so long.
const PATIENCE: Duration = Duration::from_secs(1);

/// Run the jobs of juben.toml at their times and on events
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Serve {
    /// Where it listens, instead of where juben.toml says [default: 127.0.0.1:18180]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Answer from the built-in sandbox; no platform is contacted, nobody is told
    #[arg(long)]
    sandbox: bool,
    /// With --sandbox: where the clock starts, such as 2026-12-01T03:29:50+08:00
    #[arg(long, value_name = "TIME", requires = "sandbox")]
    now: Option<Timestamp>,
    /// With --sandbox: so many seconds pass in a real one
    #[arg(long, value_name = "N", requires = "sandbox", default_value_t = 1.0, value_parser = speed)]
    clock_speed: f64,
    /// How the log on standard error is written
    #[arg(long, value_enum, default_value = "text", value_name = "FORM")]
    pub log: logging::Server,
    /// Stop by itself after so long, such as 10s or 2h
    #[arg(long = "for", value_name = "LENGTH")]
    lasting: Option<Lasting>,
}

const HELP: &str = "Examples:
  juben serve
  juben serve --sandbox --now 2026-12-01T03:29:50+08:00 --clock-speed 5
  juben serve --listen 127.0.0.1:9000 --state /var/lib/juben

Jobs are written in juben.toml; docs/jobs.md tells how, and `juben jobs` what becomes of
them. Ctrl-C lets runs end first; again, it ends at once. SIGHUP, or a change of
juben.toml, has it read again.";

/// A clock that stands still would never come to a due time.
fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().map_err(|_| "give a number".to_owned())?;
    sandbox::check_speed(speed)?;
    if speed > 0.0 { Ok(speed) } else { Err("give a number above 0".to_owned()) }
}

impl Serve {
    pub(super) async fn execute(self, common: &Common, sources: &Sources) -> Result<(), Error> {
        let mut plan = Plan::read(common, sources)?;
        let place = self.place(common).await?;
        let sandbox = if self.sandbox { Some(self.start_sandbox(&mut plan.config).await?) } else { None };
        let server = Server::open(&self, common, &plan, &place, sandbox.as_ref()).await?;
        server.run(plan).await
    }

    /// Where the state is. That of a sandbox ends with it.
    async fn place(&self, common: &Common) -> Result<Place, Error> {
        let temporary = (self.sandbox && common.state.is_none()).then(tempfile::tempdir).transpose();
        let temporary =
            temporary.map_err(|error| Error::new(Kind::File, format!("no folder for the state: {error}")))?;
        let folder = match &temporary {
            Some(folder) => folder.path().to_owned(),
            None => config::state_folder(common.state.as_deref())?,
        };
        let store = Arc::new(Store::at(&folder));
        // A command that only looks whether somebody serves has it for a moment.
        let lock = timeout(PATIENCE, store.lock(LOCK, || {})).await.map_err(|_| {
            Error::new(Kind::Conflict, format!("another juben runs jobs with the state in {}", folder.display()))
                .hint("stop that one, or give this one a state of its own by --state DIR")
        })??;
        Ok(Place { folder, store, _lock: lock, _temporary: temporary })
    }

    async fn start_sandbox(&self, config: &mut Config) -> Result<Running, Error> {
        let options = sandbox::Options {
            now: self.now.map(Timestamp::as_second),
            clock_speed: self.clock_speed,
            ..sandbox::Options::default()
        };
        let catalog = apis::catalog(config)?;
        against_sandbox(config, &catalog, options).await
    }

    /// The time that jobs are due by: with a sandbox, the same as its own.
    fn clock(&self) -> Arc<dyn Clock> {
        match (self.now, self.clock_speed) {
            (None, 1.0) => Arc::new(Real::machine()),
            (now, speed) => Arc::new(Real::running(now.unwrap_or_else(Timestamp::now), speed)),
        }
    }
}

/// A state that nobody else serves.
struct Place {
    folder: PathBuf,
    store: Arc<Store>,
    _lock: Lock,
    _temporary: Option<TempDir>,
}
