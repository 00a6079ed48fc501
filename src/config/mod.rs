//! `juben.toml` as it is written: accounts, HTTP settings, limits of a run, jobs and what serves them.

mod accounts;
mod apis;
mod apply;
mod http;
mod jobs;
mod lasting;
mod packages;
mod rights;
mod serve;

pub use crate::secret::SecretSource;
pub use accounts::{Account, Component, TokenKind, Vendor};
pub use apis::Api;
pub use apply::Apply;
pub use http::Http;
pub use jobs::{AfterCrash, CatchUp, Job, Notices, Overlap, Patterns, Retry};
pub use lasting::Lasting;
pub use packages::{Index, Package, Trust, check_package_name};
pub use rights::{Allowed, Thing, Things};
pub use serve::{Events, Notify, Robot, Serve};

use crate::{Error, error::Kind};
use apis::is_base_url;
use indexmap::IndexMap;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::{
    collections::BTreeSet,
    env,
    path::{Path, PathBuf},
};

/// The whole configuration.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The account that is used when none is named.
    pub default_account: Option<String>,
    /// The accounts by name.
    pub account: IndexMap<String, Account>,
    /// Third-party platforms by name, which act for accounts.
    pub component: IndexMap<String, Component>,
    /// Other APIs, by documents of the user's.
    pub api: Vec<Api>,
    /// How requests are sent.
    pub http: Http,
    /// What one run of a script may use.
    pub limits: Limits,
    /// Scripts that run at their times.
    pub job: Vec<Job>,
    /// Scripts that run when a platform tells of something.
    pub on: Vec<Job>,
    /// How `juben serve` serves.
    pub serve: Serve,
    /// Who pushes events, by the account's name.
    pub events: IndexMap<String, Events>,
    /// Who is told, by the name that jobs use.
    pub notify: IndexMap<String, Notify>,
    /// What scripts may import, by the name of the package.
    pub packages: IndexMap<String, Package>,
    /// Where packages are published.
    pub index: Vec<Index>,
    /// Who may have signed packages.
    pub trust: Trust,
    /// What `juben apply` asks for.
    pub apply: Apply,
    /// What packages may do, by their names: `team/grants`, or `team/*` for all of a team.
    pub rights: IndexMap<String, Allowed>,
    /// The environment variables that hold secrets, also where others stand in for those of the accounts.
    #[serde(skip)]
    pub secret_variables: BTreeSet<String>,
    /// The files that hold secrets, the same.
    #[serde(skip)]
    pub secret_files: BTreeSet<PathBuf>,
    /// Where it was read.
    #[serde(skip)]
    pub file: Option<PathBuf>,
}

/// What one run of a script may use.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Steps of the script.
    pub operations: u64,
    /// Bytes of memory of the whole process.
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { operations: 2_000_000_000, memory: 2 << 30 }
    }
}

impl Config {
    /// Read the configuration: the named file, or `juben.toml` of this folder or one above it, or the user's own, or
    /// none at all.
    pub fn load(named: Option<&Path>) -> Result<(Config, Option<PathBuf>), Error> {
        Config::load_from(named, &env::current_dir().unwrap_or_default())
    }

    /// The same for another folder.
    pub fn load_from(named: Option<&Path>, folder: &Path) -> Result<(Config, Option<PathBuf>), Error> {
        let Some((path, text)) = file_from(named, folder)? else { return Ok((Config::default(), None)) };
        Ok((Config::of_file(&text, &path)?, Some(path)))
    }

    /// The file that `load` reads, with its text.
    pub fn file(named: Option<&Path>) -> Result<Option<(PathBuf, String)>, Error> {
        file_from(named, &env::current_dir().unwrap_or_default())
    }

    /// The configuration of a file whose text is read already.
    pub fn of_file(text: &str, path: &Path) -> Result<Config, Error> {
        let named = |error: Error| error.reworded(error.kind, format!("{}: {}", path.display(), error.message));
        let mut config = Config::parse(text).map_err(named)?;
        config.resolve_paths(path.parent().unwrap_or(Path::new(".")));
        config.file = Some(path.to_owned());
        Ok(config)
    }

    /// The zone in which moments are written, and the times of jobs that name none are.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.serve.zone).unwrap_or(TimeZone::UTC)
    }

    /// The zone that the times of a job are in: its own, or that of all jobs.
    pub fn zone_of(&self, job: &str) -> TimeZone {
        let job = self.job.iter().find(|it| it.name == job);
        let zone = job.and_then(|job| job.zone.as_ref()).unwrap_or(&self.serve.zone);
        TimeZone::get(zone).unwrap_or(TimeZone::UTC)
    }

    /// Read the text of a `juben.toml`.
    pub fn parse(text: &str) -> Result<Config, Error> {
        let mut config: Config = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            let message = error.message().lines().next().unwrap_or_default().to_owned();
            Error::new(Kind::Config, format!("line {line}: {message}"))
                .hint("`juben init` writes a juben.toml with comments; every setting is in docs/configuration.md")
        })?;
        config.name_reactions();
        config.check()?;
        config.secret_variables = config.secrets().filter_map(|source| source.variable().cloned()).collect();
        Ok(config)
    }

    /// An `[[on]]` without a name is called by its event and its script.
    fn name_reactions(&mut self) {
        for on in self.on.iter_mut().filter(|on| on.name.is_empty()) {
            let script = on.script.file_stem().unwrap_or_default().to_string_lossy();
            on.name = format!("{}:{script}", on.event.as_deref().unwrap_or_default());
        }
    }

    fn check(&self) -> Result<(), Error> {
        let wrong = |message: String, hint: &str| Err(Error::new(Kind::Config, message).hint(hint));
        for (name, account) in &self.account {
            account.check(name, &self.component)?;
        }
        self.api.iter().try_for_each(Api::check)?;
        jobs::check(self)?;
        packages::check(&self.packages, &self.index, &self.trust)?;
        packages::check_keys("[apply]", &self.apply.keys)?;
        if self.http.timeout == 0 || self.http.deadline == 0 {
            return wrong("http.timeout and http.deadline are seconds, 1 or more".to_owned(), "leave them out");
        }
        match &self.default_account {
            Some(name) if !self.account.contains_key(name) => {
                wrong(format!("default_account is `{name}`, which is not there"), "add an [account.NAME] table")
            }
            _ => Ok(()),
        }
    }

    /// Where its secrets are.
    fn secrets(&mut self) -> impl Iterator<Item = &mut SecretSource> {
        let of_accounts = self.account.values_mut().flat_map(|account| {
            [&mut account.secret, &mut account.refresh_token, &mut account.secretkey, &mut account.writetoken]
                .into_iter()
                .flatten()
        });
        let of_components = self.component.values_mut().flat_map(|it| [&mut it.secret, &mut it.ticket]);
        let of_apis = self.api.iter_mut().flat_map(|api| [&mut api.token, &mut api.password].into_iter().flatten());
        let of_events = self.events.values_mut().flat_map(|it| [&mut it.token, &mut it.key].into_iter().flatten());
        let of_notify =
            self.notify.values_mut().flat_map(|it| [Some(&mut it.url), it.secret.as_mut()].into_iter().flatten());
        let of_jobs = self.job.iter_mut().chain(&mut self.on).flat_map(|job| &mut job.ping);
        let of_serve = self.serve.password.iter_mut().chain(of_events).chain(of_notify).chain(of_jobs);
        of_accounts.chain(of_components).chain(of_apis).chain(of_serve)
    }

    /// Files are named relative to the configuration, not to where juben was started.
    fn resolve_paths(&mut self, folder: &Path) {
        for source in self.secrets() {
            if let SecretSource::File(path) = source {
                *path = folder.join(&*path);
            }
        }
        self.secret_files = self.secrets().filter_map(|source| source.file().cloned()).collect();
        for job in self.job.iter_mut().chain(&mut self.on) {
            // What no file is named may be a module of a package: team/grants/report.
            let path = folder.join(&job.script);
            if job.script.extension().is_some() || path.exists() {
                job.script = path;
            }
        }
        for allowed in self.rights.values_mut() {
            allowed.folder = folder.to_owned();
        }
        for api in &mut self.api {
            api.document = folder.join(&api.document);
        }
        if let Some(path) = &mut self.http.ca_file {
            *path = folder.join(&*path);
        }
    }
}

/// The folder of what outlives a run: the named one, or that of the environment, or the user's own.
pub fn state_folder(named: Option<&Path>) -> Result<PathBuf, Error> {
    let named = named.map(Path::to_owned).or_else(|| env::var_os("JUBEN_STATE").map(PathBuf::from));
    named.filter(|folder| !folder.as_os_str().is_empty()).map_or_else(own_state, Ok)
}

fn own_state() -> Result<PathBuf, Error> {
    use etcetera::BaseStrategy;
    let strategy = etcetera::choose_base_strategy().map_err(|error| {
        Error::new(Kind::Config, format!("there is no folder for juben's state: {error}"))
            .hint("name one by --state DIR or JUBEN_STATE")
    })?;
    Ok(strategy.data_dir().join("juben"))
}

fn file_from(named: Option<&Path>, folder: &Path) -> Result<Option<(PathBuf, String)>, Error> {
    let named = named.map(Path::to_owned).or_else(|| env::var_os("JUBEN_CONFIG").map(PathBuf::from));
    let Some(path) = named.or_else(|| find(folder)) else { return Ok(None) };
    let text = std::fs::read_to_string(&path).map_err(|error| {
        Error::new(Kind::Config, format!("cannot read {}: {error}", path.display()))
            .hint("`juben init` writes a juben.toml with comments")
    })?;
    Ok(Some((path, text)))
}

fn find(folder: &Path) -> Option<PathBuf> {
    let above = folder.ancestors().map(|folder| folder.join("juben.toml")).find(|path| path.is_file());
    above.or_else(|| user_folder().map(|folder| folder.join("juben.toml")).filter(|path| path.is_file()))
}

/// The folder of the user's own configuration.
pub fn user_folder() -> Option<PathBuf> {
    use etcetera::BaseStrategy;
    Some(etcetera::choose_base_strategy().ok()?.config_dir().join("juben"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_the_file_is_refused_and_not_repeated() {
        let error =
            Config::parse("[account.a]\nplatform = \"wechat\"\nappid = \"wx1\"\nsecret = \"abc123\"").unwrap_err();
        assert!(error.message.contains("line 4") && error.message.contains("env:NAME"), "{}", error.message);
        assert!(!error.message.contains("abc123"));
    }

    #[test]
    fn an_unknown_setting_is_named() {
        let error = Config::parse("[http]\ntimout = 3").unwrap_err();
        assert!(error.message.contains("line 2") && error.message.contains("timout"), "{}", error.message);
    }
}
