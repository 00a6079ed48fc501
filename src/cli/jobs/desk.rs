//! What the commands share: the configuration with its jobs, the state, and how moments are written.

use super::super::{Common, attempt::Setting, permit::packages, serve};
use crate::{
    Error,
    cli::packages::script,
    client::sha256,
    config::{self, Config},
    engine::Sources,
    error::Kind,
    packages::Installed,
    scheduler::{Job, Trigger, schedule::Schedule},
    store::{PastFire, PastRun, Store},
};
use jiff::{Timestamp, tz::TimeZone};
use rhai::Dynamic;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

/// The configuration and the state.
pub(super) struct Desk<'a> {
    pub config: Config,
    pub store: Arc<Store>,
    sources: &'a Sources,
    /// Found when they are first asked for: each is hashed.
    packages: OnceLock<Arc<Installed>>,
    /// `juben.toml` and its text.
    file: Option<(PathBuf, String)>,
    /// Where the state is.
    state: PathBuf,
}

impl Desk<'_> {
    pub(super) fn open<'a>(common: &Common, sources: &'a Sources) -> Result<Desk<'a>, Error> {
        let file = Config::file(common.config.as_deref())?;
        let config = file.as_ref().map(|(path, text)| Config::of_file(text, path)).transpose()?.unwrap_or_default();
        let state = config::state_folder(common.state.as_deref())?;
        Ok(Desk { config, store: Arc::new(Store::at(&state)), sources, packages: OnceLock::new(), file, state })
    }

    /// The jobs, checked.
    pub(super) fn jobs(&self) -> Result<Vec<Job>, Error> {
        serve::jobs(&self.config, self.folder(), &self.sources()?)
    }

    /// The texts, with the packages that scripts may import.
    pub(super) fn sources(&self) -> Result<Sources, Error> {
        let file = self.file.as_ref().map(|(path, text)| (path.as_path(), text.as_str()));
        let found = self.packages.get().cloned().map_or_else(|| packages(file), Ok)?;
        Ok(self.sources.with(self.packages.get_or_init(|| found).clone()))
    }

    /// Those that would be refused if they were due now.
    pub(super) async fn refused<'a>(&self, jobs: &'a [Job]) -> Result<Vec<serve::Refused<'a>>, Error> {
        serve::refused_jobs(jobs, &self.config, &self.sources()?, &self.store).await
    }

    /// SHA-256 of a job's script, which says whether it is still the one that ran.
    pub(super) fn hash(&self, job: &Job) -> Option<String> {
        let chosen = script(&job.script, self.sources().ok()?.packages(), self.folder()).ok()?;
        Some(sha256(chosen.script.text.as_bytes()))
    }

    /// That of `juben.toml`.
    fn folder(&self) -> &Path {
        self.file.as_ref().and_then(|(path, _)| path.parent()).unwrap_or(Path::new(""))
    }

    /// What a run begins with.
    pub(super) fn setting(&self) -> Result<Setting, Error> {
        Setting::new(self.file.as_ref().map(|(path, text)| (path.as_path(), text.as_str())), &self.state)
    }

    /// The job of that name.
    pub(super) fn job(&self, name: &str) -> Result<Job, Error> {
        let mut jobs = self.jobs()?;
        match jobs.iter().position(|job| job.name == name) {
            Some(place) => Ok(jobs.swap_remove(place)),
            None => Err(self.no_job(name)),
        }
    }

    pub(super) fn no_job(&self, name: &str) -> Error {
        let names: Vec<_> = self.names().collect();
        let error = Error::new(Kind::Usage, format!("there is no job `{name}`"));
        match names.is_empty() {
            true => error.hint("juben.toml has no [[job]] and no [[on]]; docs/jobs.md shows one"),
            false => error.hint_names(name, names),
        }
    }

    /// The names of the jobs, also of those that cannot be read.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.config.job.iter().chain(&self.config.on).map(|job| job.name.as_str())
    }

    /// The run of that number.
    pub(super) async fn run(&self, number: i64) -> Result<PastRun, Error> {
        self.store.past_run(number).await?.ok_or_else(|| {
            Error::new(Kind::Usage, format!("there is no run {number}"))
                .hint("`juben jobs history NAME` lists the runs of a job; the oldest are forgotten")
        })
    }

    /// Whether a server is running jobs with this state.
    pub(super) fn is_served(&self) -> Result<bool, Error> {
        Ok(self.store.try_lock(serve::LOCK)?.is_none())
    }
}

/// A moment as the clock on the wall shows it there: `2026-11-23 03:30:00+08:00`.
pub(in crate::cli) fn written(moment: Timestamp, zone: &TimeZone) -> String {
    moment.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S%:z").to_string()
}

/// The same as a value; `()` where there is none.
pub(super) fn value(moment: Option<Timestamp>, zone: &TimeZone) -> Dynamic {
    moment.map_or(Dynamic::UNIT, |moment| written(moment, zone).into())
}

/// A text, or `()`.
pub(super) fn text(text: Option<&String>) -> Dynamic {
    text.map_or(Dynamic::UNIT, |text| text.as_str().into())
}

/// What a job's own patterns are; none of a job that runs on events.
fn schedules(job: &Job) -> &[Schedule] {
    match &job.trigger {
        Trigger::Times { schedules, .. } => schedules,
        Trigger::Event { .. } => &[],
    }
}

/// When a job is due first after a moment.
pub(in crate::cli) fn next_of(job: &Job, moment: Timestamp) -> Option<Timestamp> {
    schedules(job).iter().filter_map(|schedule| schedule.next(moment)).min()
}

/// When a job is due after a moment, in order.
pub(super) fn due_after(job: &Job, moment: Timestamp) -> impl Iterator<Item = Timestamp> {
    std::iter::successors(next_of(job, moment), |due| next_of(job, *due))
}

/// How a fire ended, in a word: that of its last run, if it has run.
pub(super) fn outcome<'a>(fire: &'a PastFire, runs: &'a [PastRun]) -> &'a str {
    match runs.last() {
        Some(run) if fire.state == "ran" => &run.state,
        _ => &fire.state,
    }
}
