//! What keeps an account from working: whether its platform answers, what time it is there, and whether it takes the
//! credential.

use super::{Account, Client, Options, transport::failure};
use crate::{
    Error,
    catalog::{Effect, Operation, Sign},
    config::{TokenKind, Vendor},
    error::Kind,
};
use reqwest::header;
use rhai::Map;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// The answer of a server, whatever it says.
#[derive(Debug)]
pub struct Reached {
    /// How long it took, with name, connection and TLS.
    pub took: Duration,
    /// The time of the server, as it writes it.
    pub date: Option<String>,
}

impl Client {
    /// Ask a server for nothing in particular.
    pub async fn reach(&self, address: &str) -> Result<Reached, Error> {
        let begun = Instant::now();
        let sent = self.transport.client()?.get(address).send().await;
        let response = sent.map_err(|error| failure(error).into_error())?;
        let date = response.headers().get(header::DATE).and_then(|date| date.to_str().ok());
        Ok(Reached { took: begun.elapsed(), date: date.map(str::to_owned) })
    }

    /// Where the calls of an account go.
    pub fn address(&self, account: &Account) -> Option<String> {
        let own = account.settings.base_url.clone();
        let module = |operation: &Arc<Operation>| operation.module == account.name;
        let server = || match account.settings.platform {
            Vendor::Api => self.catalog.operations().find(module),
            vendor => self.catalog.operations().find(|operation| family(operation) == Some(vendor)),
        };
        own.or_else(|| server().map(|operation| operation.server.clone())).filter(|address| !address.is_empty())
    }

    /// Let the platform look at the credential of an account; nothing is changed by it. The result is what was asked, or
    /// `None` where there is no question without a consequence.
    pub async fn try_credential(&self, account: &Account) -> Result<Option<String>, Error> {
        let settings = &account.settings;
        match settings.platform {
            Vendor::Wechat if settings.token == TokenKind::Plain && account.component.is_none() => Ok(None),
            Vendor::Wechat => {
                self.own_token(account, Sign::WechatToken, None).await?;
                Ok(Some("a token".to_owned()))
            }
            Vendor::Polyv => {
                let signs = [(Sign::PolyvV3, &settings.appid), (Sign::PolyvV2, &settings.userid)];
                let mut asked = Vec::new();
                for (sign, _) in signs.iter().filter(|(_, id)| id.is_some()) {
                    let operation = self.harmless(*sign)?;
                    let name = operation.full_name();
                    let about = |error: Error| error.operation(&name);
                    self.attempts(&operation, account, Map::new(), &Options::default()).await.map_err(about)?;
                    asked.push(name);
                }
                Ok(Some(asked.join(" and ")))
            }
            Vendor::Api => Ok(None),
        }
    }

    /// A read that is signed so and needs no fields.
    fn harmless(&self, sign: Sign) -> Result<Arc<Operation>, Error> {
        let fits = |it: &Arc<Operation>| {
            let plain = it.input.required.is_empty() && it.input.any_of.is_empty();
            it.sign == Some(sign) && it.effects.default == Effect::Read && plain
        };
        let found = self.catalog.operations().find(fits);
        found.ok_or_else(|| Error::new(Kind::Config, "the catalog has no read that any account may make"))
    }
}

fn family(operation: &Operation) -> Option<Vendor> {
    match operation.family? {
        Sign::PolyvV2 | Sign::PolyvV3 => Some(Vendor::Polyv),
        Sign::WechatToken | Sign::WechatComponent => Some(Vendor::Wechat),
    }
}
