//! Where it all happens: a scheduler, its runs and a sandbox, on one time.

use super::{diary::Diary, events, findings::Findings, runs::Runs, watch::Watch};
use crate::{
    Error,
    cli::{Common, apis, asked_to_stop, lines::Lines, serve},
    client::Client,
    config::Config,
    engine::Sources,
    helpers::progress::Progress,
    host::Line,
    sandbox::Sandbox,
    scheduler::{Clock, Job, Leaping, Scheduler, Settings, Trigger},
    store::Store,
};
use jiff::{Timestamp, tz::TimeZone};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

const DAY: i64 = 86_400;

/// What it takes.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    /// With its accounts in the sandbox.
    pub config: Config,
    pub jobs: Vec<Job>,
    /// With the packages that scripts may import.
    pub sources: Sources,
    pub sandbox: &'a Sandbox,
    /// What moments are shown in.
    pub zone: TimeZone,
    pub start: Timestamp,
    /// What is due then is no longer run.
    pub until: Timestamp,
}

impl Stage<'_> {
    /// Let the time pass, until its end or Ctrl-C.
    pub(super) async fn play(self, common: &Common) -> Result<Findings, Error> {
        let clock = Leaping::starting(self.start);
        let diary = Arc::new(Diary::new(&clock, &self.zone, common.verbose > 0));
        let store = Arc::new(Store::in_memory());
        let scheduler = self.scheduler(&clock, &diary, &store).await?;
        scheduler.set_jobs(self.jobs.clone());
        let accounts = self.accounts();
        let mut watch = Watch::new(self.sandbox, &accounts);
        let lines = Lines::new(common);
        let end = async {
            let _here = clock.enter();
            clock.sleep_until(self.until).await;
        };
        let pass = clock.pass(|_, to| {
            watch.move_on(to);
            lines.write(Line::Progress(&self.progress(to)));
        });
        let ended = tokio::select! {
            biased;
            () = asked_to_stop() => Ok(()),
            () = end => Ok(()),
            ended = scheduler.run(CancellationToken::new()) => ended,
            ended = events::deliver(self.sandbox, &accounts, &store, &scheduler, &clock) => ended,
            () = events::look(&self.jobs, &clock) => Ok(()),
            () = pass => Ok(()),
        };
        lines.write(Line::Abandoned);
        ended?;
        let (pages, reached) = (diary.close(), clock.now());
        let (lapsed, soon) = (watch.lapsed(), watch.soon());
        let jobs = self.jobs.iter().map(|job| (job.name.clone(), on(job))).collect();
        let Stage { start, until, zone, .. } = self;
        Ok(Findings { start, until, reached, zone, jobs, runs: pages.runs, passed: pages.passed, lapsed, soon })
    }

    async fn scheduler(
        &self,
        clock: &Leaping,
        diary: &Arc<Diary>,
        store: &Arc<Store>,
    ) -> Result<Arc<Scheduler>, Error> {
        let runs = Runs {
            client: Client::new(apis::catalog(&self.config)?, &self.config).direct(),
            store: store.clone(),
            config: Arc::new(self.config.clone()),
            sources: self.sources.clone(),
            clock: clock.clone(),
            diary: diary.clone(),
        };
        let told = diary.clone();
        let tell = Arc::new(move |news| told.news(news));
        // Nobody waits for what still runs at the end.
        let settings = Settings { grace: Duration::ZERO, ..serve::settings(&self.config.serve) };
        Scheduler::open(store.clone(), Arc::new(clock.clone()), Arc::new(runs), settings, tell).await
    }

    /// The names of the accounts by their appids.
    fn accounts(&self) -> HashMap<String, String> {
        let named = self.config.account.iter();
        named.filter_map(|(name, account)| Some((account.appid.clone()?, name.clone()))).collect()
    }

    fn progress(&self, now: Timestamp) -> Progress {
        let days = |moment: Timestamp| (moment.as_second() - self.start.as_second()) / DAY;
        let [done, total] = [now, self.until].map(|moment| usize::try_from(days(moment)).unwrap_or(0));
        Progress::of_items("days", done, total)
    }
}

/// What a job runs on, in a few words.
fn on(job: &Job) -> String {
    match &job.trigger {
        Trigger::Times { schedules, .. } if schedules.is_empty() => "by hand".to_owned(),
        Trigger::Times { written, .. } => written.clone(),
        Trigger::Event { name, .. } => format!("event {name}"),
    }
}
