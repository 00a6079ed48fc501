//! `juben.toml` as it is written: accounts, HTTP settings, limits of a run, jobs and what serves them.

mod jobs;
mod lasting;
mod serve;

pub use crate::secret::SecretSource;
pub use jobs::{AfterCrash, CatchUp, Job, Notices, Overlap, Patterns, Retry};
pub use lasting::Lasting;
pub use serve::{Events, Notify, Robot, Serve};

use crate::{Error, error::Kind};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
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
}

/// One account of a platform.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Whose account it is.
    pub platform: Vendor,
    /// WeChat's appid, or Polyv's appId of a sub-account.
    pub appid: Option<String>,
    /// WeChat's AppSecret, or the secret of a Polyv sub-account.
    pub secret: Option<SecretSource>,
    /// Which call fetches the token of a WeChat account.
    #[serde(default)]
    pub token: TokenKind,
    /// The third-party platform that acts for this account.
    pub component: Option<String>,
    /// What that third-party platform was given when the account authorised it.
    pub refresh_token: Option<SecretSource>,
    /// Polyv's main account.
    pub userid: Option<String>,
    /// The key of Polyv's main account.
    pub secretkey: Option<SecretSource>,
    /// Polyv's key for uploads.
    pub writetoken: Option<SecretSource>,
    /// Send the calls of this account here.
    pub base_url: Option<String>,
    /// Whether people depend on what it holds.
    pub production: Option<bool>,
    /// Calls a minute by operation, where the platform has granted another number.
    #[serde(default)]
    pub calls_a_minute: IndexMap<String, usize>,
}

impl Account {
    /// An account of that platform, with nothing else known of it.
    pub fn new(platform: Vendor) -> Self {
        Account {
            platform,
            appid: None,
            secret: None,
            token: TokenKind::default(),
            component: None,
            refresh_token: None,
            userid: None,
            secretkey: None,
            writetoken: None,
            base_url: None,
            production: None,
            calls_a_minute: IndexMap::new(),
        }
    }

    /// Whether people depend on what it holds: if it says so, else unless its calls go elsewhere.
    pub fn is_production(&self) -> bool {
        self.production.unwrap_or(self.base_url.is_none())
    }
}

/// Whose API an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Vendor {
    /// WeChat mini programs.
    Wechat,
    /// Polyv.
    Polyv,
    /// Whoever has written the document of an `[[api]]`.
    #[serde(skip)]
    Api,
}

impl Vendor {
    /// The word in `juben.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Vendor::Wechat => "wechat",
            Vendor::Polyv => "polyv",
            Vendor::Api => "api",
        }
    }
}

/// Which call fetches a token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// The stable one, which several programs may share.
    #[default]
    Stable,
    /// The plain one; fetching it ends the one before.
    Plain,
}

/// A third-party platform of WeChat.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Its appid.
    pub appid: String,
    /// Its secret.
    pub secret: SecretSource,
    /// The newest `component_verify_ticket`.
    pub ticket: SecretSource,
}

/// An API that a document of the user's describes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// The module of its operations.
    pub name: String,
    /// The OpenAPI document.
    pub document: PathBuf,
    /// Where its calls go, instead of where the document says.
    pub base_url: Option<String>,
    /// Whether people depend on what it holds; they do unless it says otherwise.
    pub production: Option<bool>,
    /// The bearer token or the key.
    pub token: Option<SecretSource>,
    /// The user of HTTP basic authentication.
    pub user: Option<String>,
    /// The password of that user.
    pub password: Option<SecretSource>,
}

/// How requests are sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// A proxy for all requests.
    pub proxy: Option<String>,
    /// A PEM file with certificates to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Seconds that one attempt may take.
    pub timeout: u64,
    /// Seconds that a call may take with all its attempts.
    pub deadline: u64,
    /// How often a call is repeated at most.
    pub retries: u32,
    /// Milliseconds: the limit of the first pause before a retry; it doubles each time.
    pub backoff_ms: u64,
    /// The largest reply, in bytes.
    pub max_reply: u64,
}

impl Default for Http {
    fn default() -> Self {
        Http {
            proxy: None,
            ca_file: None,
            timeout: 30,
            deadline: 300,
            retries: 3,
            backoff_ms: 500,
            max_reply: 64 << 20,
        }
    }
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

fn is_base_url(text: &str) -> bool {
    reqwest::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.query().is_none())
}

impl Api {
    fn check(&self) -> Result<(), Error> {
        let wrong = |message: String, hint: &str| Err(Error::new(Kind::Config, message).hint(hint));
        let Api { name, base_url, .. } = self;
        if !rhai::is_valid_function_name(name) {
            return wrong(
                format!("[[api]] has the name {name:?}, which cannot be the name of a module"),
                "a name is made of letters, digits and _, and no word of the language, such as crm",
            );
        }
        match base_url.as_deref().filter(|base| !is_base_url(base)) {
            Some(base) => wrong(
                format!("[[api]] `{name}` has the base_url {base:?}, which is not an address"),
                "base_url looks like https://crm.example.com/v1",
            ),
            None => Ok(()),
        }
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
        let named = named.map(Path::to_owned).or_else(|| env::var_os("JUBEN_CONFIG").map(PathBuf::from));
        let Some(path) = named.or_else(|| find(folder)) else { return Ok((Config::default(), None)) };
        let text = std::fs::read_to_string(&path).map_err(|error| {
            Error::new(Kind::Config, format!("cannot read {}: {error}", path.display()))
                .hint("`juben init` writes a juben.toml with comments")
        })?;
        Ok((Config::of_file(&text, &path)?, Some(path)))
    }

    /// The configuration of a file whose text is read already.
    pub fn of_file(text: &str, path: &Path) -> Result<Config, Error> {
        let named = |error: Error| error.reworded(error.kind, format!("{}: {}", path.display(), error.message));
        let mut config = Config::parse(text).map_err(named)?;
        config.resolve_paths(path.parent().unwrap_or(Path::new(".")));
        Ok(config)
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
            match (account.platform, &account.component) {
                (_, Some(component)) if !self.component.contains_key(component) => {
                    return wrong(
                        format!("account `{name}` names the component `{component}`, which is not there"),
                        "add a [component.NAME] table",
                    );
                }
                (Vendor::Wechat, _) if account.appid.is_none() => {
                    return wrong(
                        format!("account `{name}` has no `appid`"),
                        "a WeChat appid looks like wx1234567890abcdef",
                    );
                }
                (Vendor::Polyv, _) if account.appid.is_none() && account.userid.is_none() => {
                    return wrong(
                        format!("account `{name}` has neither `appid` nor `userid`"),
                        "give appid and secret (sub-account), or userid and secretkey (main account), or both",
                    );
                }
                _ => {}
            }
            if let Some(base) = account.base_url.as_deref().filter(|base| !is_base_url(base)) {
                return wrong(
                    format!("account `{name}` has the base_url {base:?}, which is not an address"),
                    "base_url looks like https://api.weixin.qq.com",
                );
            }
        }
        self.api.iter().try_for_each(Api::check)?;
        self.check_jobs()?;
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

    fn check_jobs(&self) -> Result<(), Error> {
        let wrong = |message: String, hint: &str| Err(Error::new(Kind::Config, message).hint(hint));
        let mut names = BTreeSet::new();
        let all = self.job.iter().map(|job| ("[[job]]", job)).chain(self.on.iter().map(|on| ("[[on]]", on)));
        for (what, job) in all {
            job.check(what)?;
            let name = &job.name;
            match (what, &job.event, &job.cron) {
                ("[[job]]", Some(_), _) => {
                    return wrong(format!("[[job]] `{name}` has an `event`"), "what runs on an event is an [[on]]");
                }
                ("[[on]]", None, _) => {
                    return wrong(
                        format!("[[on]] `{name}` has no `event`"),
                        "such as event = \"drama.media_uploaded\"",
                    );
                }
                ("[[on]]", _, Some(_)) => {
                    return wrong(format!("[[on]] `{name}` has a `cron`"), "what runs at its times is a [[job]]");
                }
                _ => {}
            }
            if !names.insert(name) {
                return wrong(
                    format!("two jobs have the name `{name}`"),
                    "give each [[job]] and [[on]] a name of its own",
                );
            }
            if let Some(account) = job.account.as_ref().filter(|account| !self.account.contains_key(*account)) {
                let error = Error::new(
                    Kind::Config,
                    format!("{what} `{name}` names the account `{account}`, which is not there"),
                );
                return Err(error.hint_names(account, self.account.keys().map(String::as_str)));
            }
            if let Some(told) = job.notify.all().find(|told| !self.notify.contains_key(*told)) {
                let error = Error::new(Kind::Config, format!("{what} `{name}` tells `{told}`, which is not there"));
                return Err(error.hint(format!("add a [notify.{told}] table")));
            }
        }
        match self.events.keys().find(|name| !self.account.contains_key(*name)) {
            Some(name) => wrong(format!("[events.{name}] is of no account"), "its name is that of an [account.NAME]"),
            None => Ok(()),
        }
    }

    /// Files are named relative to the configuration, not to where juben was started.
    fn resolve_paths(&mut self, folder: &Path) {
        let sources = self.account.values_mut().flat_map(|account| {
            [&mut account.secret, &mut account.refresh_token, &mut account.secretkey, &mut account.writetoken]
                .into_iter()
                .flatten()
        });
        let of_components = self.component.values_mut().flat_map(|it| [&mut it.secret, &mut it.ticket]);
        let of_apis = self.api.iter_mut().flat_map(|api| [&mut api.token, &mut api.password].into_iter().flatten());
        let of_events = self.events.values_mut().flat_map(|it| [&mut it.token, &mut it.key].into_iter().flatten());
        let of_notify =
            self.notify.values_mut().flat_map(|it| [Some(&mut it.url), it.secret.as_mut()].into_iter().flatten());
        let of_jobs = self.job.iter_mut().chain(&mut self.on).flat_map(|job| {
            job.script = folder.join(&job.script);
            &mut job.ping
        });
        let of_serve = self.serve.password.iter_mut().chain(of_events).chain(of_notify).chain(of_jobs);
        for source in sources.chain(of_components).chain(of_apis).chain(of_serve) {
            if let SecretSource::File(path) = source {
                *path = folder.join(&*path);
            }
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
