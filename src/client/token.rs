//! The tokens of WeChat: one that is live for each account, fetched once however many calls wait for it.

use super::{Client, account::Account};
use crate::{Error, catalog::Sign, config::TokenKind, error::Kind, lock::lock, secret::Secret};
use rhai::Map;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::time::Instant;

/// A token is no longer used this long before it ends.
const MARGIN: Duration = Duration::from_secs(120);

/// The operations that bring tokens, and the fields that hold them.
const COMPONENT: (&str, &str) = ("platform.get_component_access_token", "component_access_token");
const AUTHORIZER: (&str, &str) = ("platform.refresh_authorizer_token", "authorizer_access_token");
const STABLE: (&str, &str) = ("platform.get_stable_access_token", "access_token");
const PLAIN: (&str, &str) = ("platform.get_access_token", "access_token");

/// Whether that operation brings a token.
pub fn brings_token(operation: &str) -> bool {
    [COMPONENT, AUTHORIZER, STABLE, PLAIN].iter().any(|(name, _)| *name == operation)
}

/// The tokens that are known, by account and kind.
#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<HashMap<String, Arc<Slot>>>);

#[derive(Debug, Default)]
struct Slot {
    /// What came of the last fetch. Held while one is going on.
    last: tokio::sync::Mutex<Option<Result<Token, Error>>>,
    /// So many have failed.
    failed: AtomicUsize,
}

#[derive(Debug, Clone)]
struct Token {
    value: Secret,
    ends: Instant,
}

impl Client {
    /// The token that signs a call, or `None` where a call is signed otherwise. One that fails is replaced, unless
    /// somebody has replaced it already.
    pub(super) async fn own_token(
        &self,
        account: &Account,
        sign: Sign,
        failing: Option<&Secret>,
    ) -> Result<Option<Secret>, Error> {
        let slot = match sign {
            Sign::WechatToken => self.tokens.slot(account, "access"),
            Sign::WechatComponent => self.tokens.slot(account, "component"),
            Sign::PolyvV2 | Sign::PolyvV3 => return Ok(None),
        };
        let fails = |token: &Token| failing == Some(&token.value);
        let failed = slot.failed.load(Relaxed);
        let mut last = slot.last.lock().await;
        match &*last {
            Some(Ok(token)) if token.ends > self.time.instant() && !fails(token) => {
                return Ok(Some(token.value.clone()));
            }
            // Who has waited for it need not find out again.
            Some(Err(error)) if slot.failed.load(Relaxed) != failed => return Err(error.clone()),
            _ => {}
        }
        let mut fetched = self.fetch(account, sign, false).await;
        if fetched.as_ref().is_ok_and(fails) {
            // The stable call gives the same token while it thinks it good; only force brings another.
            fetched = self.fetch(account, sign, true).await;
        }
        if fetched.is_err() {
            slot.failed.fetch_add(1, Relaxed);
        }
        let token = fetched.clone().map(|token| Some(token.value));
        *last = Some(fetched);
        token
    }

    async fn fetch(&self, account: &Account, sign: Sign, force: bool) -> Result<Token, Error> {
        let stable = account.settings.token == TokenKind::Stable;
        let (operation, field) = match (sign, &account.component) {
            (Sign::WechatComponent, _) => COMPONENT,
            (_, Some(_)) => AUTHORIZER,
            (_, None) if stable => STABLE,
            (_, None) => PLAIN,
        };
        let mut fields = Map::new();
        if force && operation == STABLE.0 {
            fields.insert("force_refresh".into(), true.into());
        }
        tracing::debug!(operation, account = account.name, force, "fetching a token");
        let operation = self.operation(operation)?;
        // A token is no deed of a run's: it is not noted.
        let unnoted = Client { audit: None, ..self.clone() };
        let reply = Box::pin(unnoted.attempts(&operation, account, fields, &Default::default())).await;
        // What went wrong is the credential, not the call that needs it, of which nothing was sent.
        let reply = reply.map_err(|error| known_outcome(error).operation(&operation.full_name()))?;
        let lifetime = reply.get("expires_in").and_then(|seconds| seconds.as_int().ok()).unwrap_or(0);
        let value = reply.get(field).and_then(|token| token.read_lock::<Secret>().map(|token| token.clone()));
        let value = value.ok_or_else(|| Error::new(Kind::Auth, "the platform gave no token"))?;
        let lifetime = Duration::from_secs(lifetime.max(0).unsigned_abs());
        let ends = self.time.instant() + lifetime.saturating_sub(MARGIN).max(lifetime / 2);
        Ok(Token { value, ends })
    }
}

/// A token that was given and lost is no harm.
fn known_outcome(error: Error) -> Error {
    if error.kind != Kind::UnknownOutcome {
        return error;
    }
    Error::new(Kind::Network, "no token: its answer was lost").hint("check the network, and try again later")
}

impl Tokens {
    fn slot(&self, account: &Account, kind: &str) -> Arc<Slot> {
        // The component's token is the component's own, whichever account asks.
        let owner = match &account.component {
            Some(component) if kind == "component" => &component.appid,
            _ => &account.name,
        };
        let mut slots = lock(&self.0);
        slots.entry(format!("{kind} {owner}")).or_default().clone()
    }
}
