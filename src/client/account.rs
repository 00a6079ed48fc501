//! Which account makes a call, and the values that it brings.

use crate::{
    Error,
    catalog::{Operation, Sign},
    config::{self, Component, Config, SecretSource, Vendor},
    error::Kind,
    secret::Secret,
};
use base64::prelude::{BASE64_STANDARD, Engine};
use rhai::Dynamic;
use std::sync::Arc;

/// An account by its name.
#[derive(Debug, Clone)]
pub struct Account {
    /// The name in `juben.toml`.
    pub name: String,
    /// Its settings.
    pub settings: config::Account,
    /// The third-party platform that acts for it.
    pub component: Option<Component>,
}

/// All accounts.
#[derive(Debug)]
pub struct Accounts {
    all: Vec<Arc<Account>>,
    /// Those of `[[api]]`, each for the module of its name.
    apis: Vec<Arc<Account>>,
    default: Option<String>,
}

impl Account {
    /// Where its calls of this operation go.
    pub fn server<'a>(&'a self, operation: &'a Operation) -> &'a str {
        self.settings.base_url.as_ref().unwrap_or(&operation.server)
    }
}

impl Accounts {
    /// Those of the configuration.
    pub fn new(config: &Config) -> Self {
        let account = |(name, settings): (&String, &config::Account)| {
            let component = settings.component.as_ref().and_then(|name| config.component.get(name)).cloned();
            Arc::new(Account { name: name.clone(), settings: settings.clone(), component })
        };
        let api = |api: &config::Api| {
            let settings = config::Account {
                secret: api.token.clone(),
                userid: api.user.clone(),
                secretkey: api.password.clone(),
                base_url: api.base_url.clone(),
                // Many documents do not say where they are served, so an address here tells nothing.
                production: api.production.or(Some(true)),
                ..config::Account::new(Vendor::Api)
            };
            Arc::new(Account { name: api.name.clone(), settings, component: None })
        };
        Accounts {
            all: config.account.iter().map(account).collect(),
            apis: config.api.iter().map(api).collect(),
            default: config.default_account.clone(),
        }
    }

    /// All of them, in the order of the configuration.
    pub fn all(&self) -> &[Arc<Account>] {
        &self.all
    }

    /// All of them, and those of `[[api]]`.
    pub(super) fn every(&self) -> impl Iterator<Item = &Account> {
        self.all.iter().chain(&self.apis).map(|account| &**account)
    }

    /// That of the `[[api]]` of that name.
    pub fn api(&self, name: &str) -> Option<Arc<Account>> {
        self.apis.iter().find(|api| api.name == name).cloned()
    }

    /// The account of that name.
    pub fn named(&self, name: &str) -> Result<Arc<Account>, Error> {
        self.all.iter().find(|account| account.name == name).cloned().ok_or_else(|| {
            let error = Error::new(Kind::Config, format!("there is no account `{name}`")).hint(NO_ACCOUNT);
            error.hint_names(name, self.all.iter().map(|account| account.name.as_str()))
        })
    }

    /// The account that calls this operation: that of its `[[api]]`, or the wanted one, or the default if it is of the right platform, or the
    /// only one of that platform.
    pub fn for_operation(&self, operation: &Operation, wanted: Option<&str>) -> Result<Arc<Account>, Error> {
        if let Some(api) = self.apis.iter().find(|api| api.name == operation.module) {
            return Ok(Arc::clone(api));
        }
        let vendor = vendor_of(operation);
        if let Some(account) = wanted.map(|name| self.named(name)).transpose()?
            && account.settings.platform == vendor
        {
            return Ok(account);
        }
        let of_vendor: Vec<_> = self.all.iter().filter(|account| account.settings.platform == vendor).collect();
        let default = of_vendor.iter().find(|account| Some(&account.name) == self.default.as_ref());
        match (default, &of_vendor[..]) {
            (Some(account), _) | (None, [account]) => Ok(Arc::clone(account)),
            (None, []) => {
                Err(Error::new(Kind::Config, format!("there is no {} account", vendor.name())).hint(NO_ACCOUNT))
            }
            (None, several) => {
                let names: Vec<_> = several.iter().map(|account| account.name.as_str()).collect();
                let message = format!("there are several {} accounts and none is chosen", vendor.name());
                Err(Error::new(Kind::Config, message).hint(format!(
                    "use --account, set default_account in juben.toml, or give #{{ account: \"{}\" }} as the last parameter; \
                     there are: {}",
                    names[0],
                    names.join(", ")
                )))
            }
        }
    }
}

const NO_OAUTH: &str = "juben does not sign in by OAuth 2; let `token` of its [[api]] be an access token, such as \
                        \"cmd:COMMAND\" with a command that prints one";
const NO_ACCOUNT: &str = "try it without an account by --sandbox, or write a juben.toml by `juben init`";

fn vendor_of(operation: &Operation) -> Vendor {
    match operation.family {
        Some(Sign::PolyvV2 | Sign::PolyvV3) => Vendor::Polyv,
        _ => Vendor::Wechat,
    }
}

impl Account {
    /// Where its calls of this operation go, and as whom: what one account has made there is no other's.
    pub fn target(&self, operation: &Operation) -> String {
        let base = self.server(operation);
        let owner = self.settings.appid.as_ref().or(self.settings.userid.as_ref());
        format!("{} {}", base.trim_end_matches('/'), owner.map_or("", String::as_str))
    }

    /// Where its secrets are, and those of its component.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &SecretSource> {
        let config::Account { secret, refresh_token, secretkey, writetoken, .. } = &self.settings;
        let component = self.component.iter().flat_map(|it| [&it.secret, &it.ticket]);
        [secret, refresh_token, secretkey, writetoken].into_iter().flatten().chain(component)
    }

    /// The value of `x-juben-from`.
    pub(super) fn value(&self, from: &str) -> Result<Dynamic, Error> {
        let secret = |source: &Option<SecretSource>, what: &str| self.secret(source.as_ref(), what).map(Dynamic::from);
        let settings = &self.settings;
        match from {
            "account.appid" => self.text(&settings.appid, "appid").map(Dynamic::from),
            "account.userid" => self.text(&settings.userid, "userid").map(Dynamic::from),
            "account.secret" => secret(&settings.secret, "secret"),
            "account.writetoken" => secret(&settings.writetoken, "writetoken"),
            "account.refresh_token" => secret(&settings.refresh_token, "refresh_token"),
            "component.appid" => Ok(self.component()?.appid.clone().into()),
            "component.secret" => secret(&Some(self.component()?.secret.clone()), "component secret"),
            "component.ticket" => secret(&Some(self.component()?.ticket.clone()), "component ticket"),
            "api.token" => secret(&settings.secret, "token"),
            "api.bearer" | "api.oauth" => {
                let token = self.secret(settings.secret.as_ref(), "token").map_err(|error| match from {
                    "api.oauth" => error.hint(NO_OAUTH),
                    _ => error,
                })?;
                Ok(Dynamic::from(Secret::new(format!("Bearer {}", token.reveal()))))
            }
            "api.basic" => Ok(Dynamic::from(Secret::new(format!("Basic {}", self.basic()?.reveal())))),
            _ if from.starts_with("api.") => {
                let message = format!("the document asks for the authorisation `{}`", from.trim_start_matches("api."));
                Err(Error::new(Kind::Config, message)
                    .hint("juben can send a bearer token, an API key, or user and password"))
            }
            _ => Err(Error::new(Kind::Config, format!("the catalog asks for `{from}`, which no account has"))),
        }
    }

    /// User and password, as HTTP sends them.
    pub(super) fn basic(&self) -> Result<Secret, Error> {
        let user = self.text(&self.settings.userid, "user")?;
        let password = self.secret(self.settings.secretkey.as_ref(), "password")?;
        Ok(Secret::new(BASE64_STANDARD.encode(format!("{user}:{}", password.reveal()))))
    }

    pub(super) fn text(&self, value: &Option<String>, what: &str) -> Result<String, Error> {
        value.clone().ok_or_else(|| self.lacks(what))
    }

    pub(super) fn secret(&self, source: Option<&SecretSource>, what: &str) -> Result<Secret, Error> {
        source.ok_or_else(|| self.lacks(what))?.read(&format!("the {what} of {}", self.shown()))
    }

    fn component(&self) -> Result<&Component, Error> {
        self.component.as_ref().ok_or_else(|| self.lacks("component"))
    }

    fn lacks(&self, what: &str) -> Error {
        let table = match self.settings.platform {
            Vendor::Api => "its [[api]]".to_owned(),
            _ => format!("[account.{}]", self.name),
        };
        Error::new(Kind::Config, format!("{} has no `{what}`", self.shown()))
            .hint(format!("add `{what}` to {table} in juben.toml"))
    }

    fn shown(&self) -> String {
        match self.settings.platform {
            Vendor::Api => format!("[[api]] `{}`", self.name),
            _ => format!("account `{}`", self.name),
        }
    }
}
