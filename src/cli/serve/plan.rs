//! What is read from the disk: the configuration, its jobs, and when any of it changes.

use super::jobs;
use crate::{
    Error,
    cli::{Common, attempt::Setting, permit::packages},
    config::Config,
    engine::Sources,
    scheduler::Job,
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// File systems keep the time of a change no more exactly.
const TICK: Duration = Duration::from_millis(20);

/// What is served.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub config: Config,
    pub jobs: Vec<Job>,
    /// With the packages that scripts may import.
    pub sources: Sources,
    /// `juben.toml` and its text.
    file: Option<(PathBuf, String)>,
    /// What has changed since may not have been seen.
    read_at: SystemTime,
}

impl Plan {
    /// Read all, or say what is wrong.
    pub(super) fn read(common: &Common, sources: &Sources) -> Result<Plan, Error> {
        let read_at = SystemTime::now() - TICK;
        let Some((path, text)) = Config::file(common.config.as_deref())? else {
            let sources = sources.with(Default::default());
            return Ok(Plan { config: Config::default(), jobs: Vec::new(), sources, file: None, read_at });
        };
        let config = Config::of_file(&text, &path)?;
        let sources = sources.with(packages(Some((&path, &text)))?);
        let jobs = jobs(&config, path.parent().unwrap_or(Path::new("")), &sources)?;
        Ok(Plan { config, jobs, sources, file: Some((path, text)), read_at })
    }

    /// What runs begin with.
    pub(super) fn setting(&self, state: &Path) -> Result<Setting, Error> {
        Setting::new(self.file.as_ref().map(|(path, text)| (path.as_path(), text.as_str())), state)
    }

    /// Where `juben.toml` is.
    pub(super) fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|(path, _)| path.as_path())
    }

    /// How its files were when it was read.
    pub(super) fn look(&self) -> Look {
        let Look(mut files) = Look::at(&self.files());
        for file in &mut files {
            *file = file.filter(|(changed, _)| *changed < self.read_at);
        }
        Look(files)
    }

    /// The files that it is made of.
    pub(super) fn files(&self) -> BTreeSet<PathBuf> {
        let scripts = self.jobs.iter().map(|job| job.script.as_path());
        self.path().into_iter().chain(scripts).map(Path::to_owned).collect()
    }
}

/// How files were when they were looked at: when each was changed, and its length.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Look(Vec<Option<(SystemTime, u64)>>);

impl Look {
    pub(super) fn at(files: &BTreeSet<PathBuf>) -> Look {
        let of_file = |path: &PathBuf| fs::metadata(path).ok().and_then(|it| Some((it.modified().ok()?, it.len())));
        Look(files.iter().map(of_file).collect())
    }
}
