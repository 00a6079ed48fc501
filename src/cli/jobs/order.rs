//! `juben jobs run NAME` and `juben jobs replay RUN` — a job now: by the server if there is one, else here.

use super::{
    super::{lines::Lines, serve},
    desk::Desk,
    follow::{follow, settle},
};
use crate::{
    Error,
    cli::{Common, apis, asked_to_stop, attempt::Children, calls, output::Output, run::named},
    client::Meter,
    error::Kind,
    scheduler::{Cause, Job, Real, Scheduler},
    store::{Given, PastRun},
};
use clap::Args;
use jiff::Timestamp;
use std::{process::ExitCode, sync::Arc};
use tokio_util::sync::CancellationToken;

/// Run a job now, and wait for its end: by the server that runs, or else here
#[derive(Debug, Args)]
pub(super) struct Run {
    /// The job
    name: String,
    /// What the script reads by `args::get`, instead of what juben.toml says; may be given several times
    #[arg(long = "arg", value_name = "NAME=VALUE", value_parser = named)]
    named: Vec<(String, String)>,
    #[command(flatten)]
    manner: Manner,
}

/// Run again what has run: the same job with the same parameters and the same event
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// The run's number
    run: i64,
    #[command(flatten)]
    manner: Manner,
}

#[derive(Debug, Args)]
struct Manner {
    /// Only order it from the server; `juben jobs history NAME` then tells what became of it
    #[arg(long)]
    no_wait: bool,
    /// How the result is written [default: table on a terminal, jsonl otherwise]
    #[arg(long, value_enum)]
    output: Option<Output>,
}

impl Run {
    pub(super) async fn execute(self, desk: &Desk<'_>, common: &Common) -> Result<ExitCode, Error> {
        let job = desk.job(&self.name)?;
        let parameters = serve::instead(&job, &self.named, &desk.sources()?)?;
        let given = Given { parameters: parameters.into_iter().collect(), ..Given::default() };
        self.manner.order(desk, common, job, Cause::Hand, given).await
    }
}

impl Replay {
    pub(super) async fn execute(self, desk: &Desk<'_>, common: &Common) -> Result<ExitCode, Error> {
        let run = desk.run(self.run).await?;
        let job = desk.job(&run.job)?;
        warn_of_changes(&run, &job, desk);
        let fire = desk.store.past_fire(run.fire).await?;
        let given = fire.and_then(|fire| fire.given).and_then(|given| serde_json::from_str::<Given>(&given).ok());
        let given = Given {
            parameters: serde_json::from_str(&run.parameters).unwrap_or_default(),
            account: run.account,
            event: given.and_then(|given| given.event),
        };
        self.manner.order(desk, common, job, Cause::Replay, given).await
    }
}

fn warn_of_changes(run: &PastRun, job: &Job, desk: &Desk<'_>) {
    let now = desk.hash(job);
    if job.script.to_string_lossy() != run.script {
        tracing::warn!("run {} ran {}; the job runs {} now", run.id, run.script, job.script.display());
    } else if run.script_hash.is_some() && run.script_hash != now {
        tracing::warn!("{} has changed since run {}: this may end otherwise", job.script.display(), run.id);
    }
}

impl Manner {
    /// Order it, and see it through.
    async fn order(
        self,
        desk: &Desk<'_>,
        common: &Common,
        job: Job,
        cause: Cause,
        given: Given,
    ) -> Result<ExitCode, Error> {
        let now = Timestamp::now();
        // Two orders of the same millisecond are two.
        let mark = format!("{now} {:016x}", fastrand::u64(..));
        let lock = desk.store.try_lock(serve::LOCK)?;
        if lock.is_none() && self.no_wait {
            desk.store.order(&job.name, cause.name(), &mark, now, Some(&given)).await?;
            tracing::info!("ordered: `juben jobs history {}` tells what becomes of it", job.name);
            return Ok(ExitCode::SUCCESS);
        }
        if self.no_wait {
            return Err(Error::new(Kind::Conflict, "no `juben serve` runs with this state, so nobody would run it")
                .hint("leave out --no-wait, and it runs here; or start `juben serve`"));
        }
        let (fire, _) = desk.store.order(&job.name, cause.name(), &mark, now, Some(&given)).await?;
        let lines = Lines::new(common);
        match lock {
            Some(_lock) => here(desk, job, fire, &lines).await?,
            None => by_the_server(desk, fire, &lines).await?,
        }
        settle(desk, fire, self.output).await
    }
}

/// Somebody else runs it; Ctrl-C only ends the watching.
async fn by_the_server(desk: &Desk<'_>, fire: i64, lines: &Lines) -> Result<(), Error> {
    tokio::select! {
        ended = follow(desk, fire, lines) => ended,
        () = asked_to_stop() => {
            let runs = desk.store.past_runs(fire).await?;
            let run = runs.last().map_or_else(|| "RUN".to_owned(), |run| run.id.to_string());
            Err(Error::new(Kind::Cancelled, "nobody watches any more; the server goes on with it")
                .hint(format!("`juben jobs log {run} --follow` watches it, `juben jobs cancel {run}` stops it")))
        }
    }
}

/// Run it in this process, as the server would; Ctrl-C asks it to stop.
async fn here(desk: &Desk<'_>, job: Job, fire: i64, lines: &Lines) -> Result<(), Error> {
    let children = Arc::new(Children::new(desk.setting()?)?);
    let settings = serve::settings(&desk.config.serve);
    let (store, clock) = (desk.store.clone(), Arc::new(Real::machine()));
    let meter = Arc::new(Meter::new(&apis::catalog(&desk.config)?));
    let executor = serve::Counting { children, meter: meter.clone() };
    let scheduler = Scheduler::open(store, clock, Arc::new(executor), settings, Arc::new(|_| {})).await?;
    let stop = CancellationToken::new();
    let asked = async {
        asked_to_stop().await;
        stop.cancel();
        std::future::pending().await
    };
    let work = async { tokio::try_join!(scheduler.run_fire(job, fire, stop.clone()), follow(desk, fire, lines)) };
    let ended = tokio::select! {
        ended = work => ended.map(drop),
        never = asked => never,
    };
    calls::keep(&meter, &desk.store).await;
    ended
}
