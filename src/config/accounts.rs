//! `[account.NAME]` and `[component.NAME]`: who calls, and where the secrets are.

use super::is_base_url;
use crate::{Error, error::Kind, secret::SecretSource};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

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

    /// What is wrong with it.
    pub(super) fn check(&self, name: &str, components: &IndexMap<String, Component>) -> Result<(), Error> {
        let wrong = |message: String, hint: &str| Err(Error::new(Kind::Config, message).hint(hint));
        match (self.platform, &self.component) {
            (_, Some(component)) if !components.contains_key(component) => wrong(
                format!("account `{name}` names the component `{component}`, which is not there"),
                "add a [component.NAME] table",
            ),
            (Vendor::Wechat, _) if self.appid.is_none() => {
                wrong(format!("account `{name}` has no `appid`"), "a WeChat appid looks like wx1234567890abcdef")
            }
            (Vendor::Polyv, _) if self.appid.is_none() && self.userid.is_none() => wrong(
                format!("account `{name}` has neither `appid` nor `userid`"),
                "give appid and secret (sub-account), or userid and secretkey (main account), or both",
            ),
            _ => match self.base_url.as_deref().filter(|base| !is_base_url(base)) {
                Some(base) => wrong(
                    format!("account `{name}` has the base_url {base:?}, which is not an address"),
                    "base_url looks like https://api.weixin.qq.com",
                ),
                None => Ok(()),
            },
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
