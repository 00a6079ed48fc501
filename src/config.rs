//! `juben.toml` as it is written: accounts, HTTP settings, limits of a run.

use crate::{Error, error::Kind, secret::Secret};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
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
    /// How requests are sent.
    pub http: Http,
    /// What one run of a script may use.
    pub limits: Limits,
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
            calls_a_minute: IndexMap::new(),
        }
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
}

impl Vendor {
    /// The word in `juben.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Vendor::Wechat => "wechat",
            Vendor::Polyv => "polyv",
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

/// Where a secret is: `env:NAME`, `file:PATH` or `cmd:COMMAND`. It is read when it is needed.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub enum SecretSource {
    /// An environment variable.
    Env(String),
    /// The first line of a file.
    File(PathBuf),
    /// The first line that a command prints.
    Command(String),
    /// One that is known already: of the sandbox.
    Known(Secret),
}

impl TryFrom<String> for SecretSource {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("env", name)) => Ok(SecretSource::Env(name.trim().to_owned())),
            Some(("file", path)) => Ok(SecretSource::File(path.trim().into())),
            Some(("cmd", command)) => Ok(SecretSource::Command(command.trim().to_owned())),
            _ => Err("a secret is not written into juben.toml; write where it is: \"env:NAME\", \"file:PATH\" or \
                      \"cmd:COMMAND\""
                .to_owned()),
        }
    }
}

impl SecretSource {
    /// Read the secret; `what` names it in an error.
    pub fn read(&self, what: &str) -> Result<Secret, Error> {
        let missing = |reason: String, hint: String| {
            Error::new(Kind::Config, format!("{what} cannot be read: {reason}")).hint(hint)
        };
        let text = match self {
            SecretSource::Known(secret) => return Ok(secret.clone()),
            SecretSource::Env(name) => env::var(name).map_err(|_| {
                missing(format!("the environment variable {name} is not set"), format!("export {name}=…"))
            })?,
            SecretSource::File(path) => std::fs::read_to_string(path)
                .map_err(|error| missing(format!("{}: {error}", path.display()), "create the file".to_owned()))?,
            SecretSource::Command(command) => run(command)
                .map_err(|reason| missing(format!("`{command}` {reason}"), "run the command by hand".to_owned()))?,
        };
        match text.lines().next().map(str::trim).filter(|line| !line.is_empty()) {
            Some(line) => Ok(Secret::new(line)),
            None => Err(missing("it is empty".to_owned(), "its first line must be the secret".to_owned())),
        }
    }
}

fn is_base_url(text: &str) -> bool {
    reqwest::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.query().is_none())
}

fn run(command: &str) -> Result<String, String> {
    let output =
        Command::new("sh").args(["-c", command]).output().map_err(|error| format!("did not start: {error}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(format!("ended with {}", output.status)),
    }
}

impl Config {
    /// Read the configuration: the named file, or `juben.toml` of this folder or one above it, or the user's own, or
    /// none at all.
    pub fn load(named: Option<&Path>) -> Result<(Config, Option<PathBuf>), Error> {
        let named = named.map(Path::to_owned).or_else(|| env::var_os("JUBEN_CONFIG").map(PathBuf::from));
        let Some(path) = named.or_else(find) else { return Ok((Config::default(), None)) };
        let text = std::fs::read_to_string(&path).map_err(|error| {
            Error::new(Kind::Config, format!("cannot read {}: {error}", path.display()))
                .hint("`juben init` writes a juben.toml with comments")
        })?;
        let mut config = Config::parse(&text).map_err(|error| {
            let hint = error.hint.clone().unwrap_or_default();
            Error::new(Kind::Config, format!("{}: {}", path.display(), error.message)).hint(hint)
        })?;
        config.resolve_paths(path.parent().unwrap_or(Path::new(".")));
        Ok((config, Some(path)))
    }

    /// Read the text of a `juben.toml`.
    pub fn parse(text: &str) -> Result<Config, Error> {
        let config: Config = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            let message = error.message().lines().next().unwrap_or_default().to_owned();
            Error::new(Kind::Config, format!("line {line}: {message}"))
                .hint("`juben init` writes a juben.toml with comments; every setting is in docs/configuration.md")
        })?;
        config.check()?;
        Ok(config)
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

    /// Files are named relative to the configuration, not to where juben was started.
    fn resolve_paths(&mut self, folder: &Path) {
        let sources = self.account.values_mut().flat_map(|account| {
            [&mut account.secret, &mut account.refresh_token, &mut account.secretkey, &mut account.writetoken]
                .into_iter()
                .flatten()
        });
        let of_components = self.component.values_mut().flat_map(|it| [&mut it.secret, &mut it.ticket]);
        for source in sources.chain(of_components) {
            if let SecretSource::File(path) = source {
                *path = folder.join(&*path);
            }
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

fn find() -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    let above = here.ancestors().map(|folder| folder.join("juben.toml")).find(|path| path.is_file());
    above.or_else(|| {
        use etcetera::BaseStrategy;
        let own = etcetera::choose_base_strategy().ok()?.config_dir().join("juben/juben.toml");
        own.is_file().then_some(own)
    })
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
