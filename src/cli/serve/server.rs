//! The server: the scheduler, what listens, and what reads the configuration again, until it is told to stop.

use super::{
    Counting, Place, Refused, Serve, connections,
    herald::{Addresses, Herald},
    http, metrics,
    metrics::Metrics,
    plan::{Look, Plan},
    refused_jobs,
    signals::{Reload, Signals},
    welcome::welcome,
};
use crate::{
    Error,
    cli::{
        Common, apis,
        attempt::{Children, Setting},
        colour,
        session::{Running, to_sandbox},
        width, write_out,
    },
    client::Meter,
    config::{self, Lasting},
    engine::{Sources, report},
    error::Kind,
    events,
    host::stopped,
    lock::lock,
    scheduler::{Clock, Scheduler, Settings},
    store::Store,
};
use axum::Router;
use jiff::SignedDuration;
use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// So often files are looked at.
const BEAT: Duration = Duration::from_secs(1);

/// All that works together.
pub(super) struct Server {
    common: Common,
    store: Arc<Store>,
    state: PathBuf,
    /// Where the sandbox answers, if it does.
    sandbox: Option<String>,
    clock: Arc<dyn Clock>,
    scheduler: Arc<Scheduler>,
    children: Arc<Children>,
    herald: Arc<Herald>,
    desk: Arc<http::Desk>,
    listener: TcpListener,
    lasting: Option<Lasting>,
}

impl Server {
    /// Get all ready; whatever is wrong is said now.
    pub(super) async fn open(
        serve: &Serve,
        common: &Common,
        plan: &Plan,
        place: &Place,
        sandbox: Option<&Running>,
    ) -> Result<Server, Error> {
        let listen = serve.listen.unwrap_or(plan.config.serve.listen);
        let password = http::password(&plan.config.serve, listen)?;
        let metrics = Metrics::begin()?;
        let store = place.store.clone();
        let sandbox = sandbox.map(|running| running.sandbox.url());
        let herald = Arc::new(Herald::new(Addresses::of(plan, &store, sandbox.is_none())?, serve.log));
        let children = Arc::new(Children::new(setting(plan, &place.folder, sandbox.as_deref())?)?);
        let clock = serve.clock();
        let told = herald.clone();
        let tell = Arc::new(move |news| told.tell(&news));
        let settings = settings(&plan.config.serve);
        let meter = Arc::new(Meter::new(&apis::catalog(&plan.config)?));
        let executor = Arc::new(Counting { children: children.clone(), meter: meter.clone() });
        let scheduler = Scheduler::open(store.clone(), clock.clone(), executor, settings, tell).await?;
        let listener = TcpListener::bind(listen).await.map_err(|error| {
            Error::new(Kind::Usage, format!("cannot listen on {listen}: {error}"))
                .hint("give another place by --listen, such as --listen 127.0.0.1:0 for any port that is free")
        })?;
        let desk = http::Desk {
            store: store.clone(),
            metrics,
            meter,
            password,
            stopping: CancellationToken::new(),
            pushes: Mutex::new(Router::new()),
        };
        Ok(Server {
            common: common.clone(),
            store,
            state: place.folder.clone(),
            sandbox,
            clock,
            scheduler,
            children,
            herald,
            desk: Arc::new(desk),
            listener,
            lasting: serve.lasting,
        })
    }

    /// Run jobs and listen, until it is told to stop: once to let runs end, twice to end at once.
    pub(super) async fn run(self, plan: Plan) -> Result<(), Error> {
        let failed = |error: std::io::Error| Error::new(Kind::Limit, format!("cannot hear signals: {error}"));
        let (mut signals, reload) = (Signals::listen().map_err(failed)?, Reload::listen().map_err(failed)?);
        let address = self.listener.local_addr().map_err(failed)?;
        let pushes = self.take_pushes(&plan)?;
        self.scheduler.set_jobs(plan.jobs.clone());
        metrics::config_is(true);
        metrics::jobs_are(plan.jobs.len());
        write_out(&welcome(&plan, address, &pushes, self.clock.now()))?;
        if plan.jobs.is_empty() {
            let path = plan.path().map_or_else(|| "juben.toml".to_owned(), |path| path.display().to_string());
            tracing::warn!("there is nothing to run: add a [[job]] or an [[on]] to {path}; docs/jobs.md shows one");
        }
        self.warn_of_refusals(&plan).await;

        let (stop, hung_up) = (self.desk.stopping.clone(), CancellationToken::new());
        let Server { listener, .. } = &self;
        let answers = connections::serve(listener, http::router(self.desk.clone()), hung_up.clone());
        let work = async {
            let counted = self.desk.meter.clone().keep_written(self.store.clone(), hung_up.clone());
            let served = async {
                let outcome = self.scheduler.run(stop.clone()).await;
                hung_up.cancel();
                outcome
            };
            let (outcome, ()) = tokio::join!(served, counted);
            self.herald.finish().await;
            outcome
        };
        let ended = async { tokio::join!(answers, work).1 };
        let told_twice = async {
            tokio::select! {
                () = signals.end() => {}
                () = self.time_is_up() => {}
            }
            let grace = plan.config.serve.grace;
            tracing::info!("stops: what runs has {grace} to end; Ctrl-C again ends it at once");
            stop.cancel();
            signals.end().await;
        };
        tokio::select! {
            outcome = ended => outcome,
            () = told_twice => Err(stopped()),
            never = self.keep_up(plan.clone(), reload) => never,
        }
    }

    async fn time_is_up(&self) {
        let length = self.lasting.and_then(|length| SignedDuration::try_from(length.duration()).ok());
        match length.and_then(|length| self.clock.now().checked_add(length).ok()) {
            Some(moment) => self.clock.sleep_until(moment).await,
            None => std::future::pending().await,
        }
    }

    /// Read the configuration again when it has changed, or when somebody wants that. One that is wrong is refused.
    async fn keep_up<T>(&self, plan: Plan, mut reload: Reload) -> T {
        let mut files = plan.files();
        let mut look = plan.look();
        loop {
            let wanted = tokio::time::timeout(BEAT, reload.wanted()).await.is_ok();
            self.desk.metrics.tidy();
            let now = Look::at(&files);
            if !wanted && now == look {
                continue;
            }
            look = now;
            let sources = Sources::default();
            match Plan::read(&self.common, &sources).and_then(|plan| self.take_up(plan)) {
                Ok(plan) => {
                    tracing::info!("juben.toml was read again: {} jobs", plan.jobs.len());
                    self.warn_of_refusals(&plan).await;
                    files = plan.files();
                    look = plan.look();
                }
                Err(error) => refused(&error, &sources),
            }
        }
    }

    /// What would be refused in the night is told while somebody looks.
    async fn warn_of_refusals(&self, plan: &Plan) {
        match refused_jobs(&plan.jobs, &plan.config, &plan.sources, &self.store).await {
            Ok(refused) => refused.iter().for_each(Refused::warn),
            Err(error) => tracing::warn!("{error}"),
        }
    }

    /// From now on this is served.
    fn take_up(&self, mut plan: Plan) -> Result<Plan, Error> {
        let setting = setting(&plan, &self.state, self.sandbox.as_deref())?;
        if let Some(url) = &self.sandbox {
            to_sandbox(&mut plan.config, url);
        }
        let addresses = Addresses::of(&plan, &self.store, self.sandbox.is_none())?;
        self.take_pushes(&plan)?;
        self.children.set(setting)?;
        self.herald.set(addresses);
        self.scheduler.set_jobs(plan.jobs.clone());
        metrics::config_is(true);
        metrics::jobs_are(plan.jobs.len());
        Ok(plan)
    }

    /// Take the pushes of these accounts, and no others; the paths.
    fn take_pushes(&self, plan: &Plan) -> Result<Vec<String>, Error> {
        let receivers = events::receivers(&plan.config)?;
        let paths = receivers.iter().map(|receiver| receiver.path.clone()).collect();
        let (clock, scheduler) = (self.clock.clone(), self.scheduler.clone());
        let router = events::router_by(move || clock.now(), receivers, self.store.clone(), move || scheduler.wake());
        *lock(&self.desk.pushes) = router;
        Ok(paths)
    }
}

/// What runs begin with.
fn setting(plan: &Plan, state: &Path, sandbox: Option<&str>) -> Result<Setting, Error> {
    let setting = plan.setting(state)?;
    Ok(sandbox.into_iter().fold(setting, Setting::in_sandbox))
}

fn refused(error: &Error, sources: &Sources) {
    metrics::config_is(false);
    tracing::error!("the new juben.toml is refused; what was read before goes on");
    let text = report(error, sources, colour(&std::io::stderr()), width().clamp(60, 120));
    std::io::stderr().write_all(text.as_bytes()).ok();
}

/// What holds for all jobs.
pub(in crate::cli) fn settings(serve: &config::Serve) -> Settings {
    Settings {
        runs_at_once: serve.runs_at_once,
        grace: serve.grace.duration(),
        keep: serve.keep.duration(),
        keep_runs: serve.keep_runs,
    }
}
