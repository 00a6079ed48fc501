//! A push of WeChat: signed always, encrypted in the safe mode.

use super::{query::Query, refusal::Refusal};
use crate::{
    message::{Key, Unreadable, read, verify},
    secret::Secret,
};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::time::Duration;

/// Who pushes, and what he proves it by.
#[derive(Debug, Clone)]
pub struct Wechat {
    /// Whose messages are taken: the account's appid, or that of the third-party platform which acts for it.
    pub appids: Vec<String>,
    /// The token of the console.
    pub token: Secret,
    /// The key of the safe mode. Then nothing plain is taken.
    pub key: Option<Key>,
    /// How far the timestamp of a push may be off.
    pub window: Duration,
}

impl Wechat {
    /// What proves that we know the token, when the URL is entered into the console.
    pub(super) fn echo(&self, query: &Query, now: Timestamp) -> Result<String, Refusal> {
        let echo = query.find("echostr").ok_or(Refusal::Method)?;
        self.admit(query, now)?;
        match &self.key {
            // Some consoles ask in the safe mode, too.
            Some(key) if query.find("msg_signature").is_some() => {
                self.check("msg_signature", query, &[echo])?;
                self.decrypt(key, echo)
            }
            _ => Ok(echo.to_owned()),
        }
    }

    /// Judge what stands in the URL, before anything of the body is read.
    pub(super) fn admit(&self, query: &Query, now: Timestamp) -> Result<(), Refusal> {
        let sent = query.get("timestamp").parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        let off = sent.ok_or(Refusal::Stale)?.duration_since(now).unsigned_abs();
        if off > self.window {
            return Err(Refusal::Stale);
        }
        // That of the safe mode is judged with the ciphertext.
        match (query.find("signature"), query.find("msg_signature")) {
            (None, Some(_)) if self.key.is_some() => Ok(()),
            _ => self.check("signature", query, &[]),
        }
    }

    /// The message of a push that was admitted.
    pub(super) fn open(&self, query: &Query, body: &str) -> Result<Map<String, Value>, Refusal> {
        let outer = read(body)?;
        let encrypted = outer.get("Encrypt").and_then(Value::as_str);
        let message = match (&self.key, encrypted) {
            (Some(key), Some(encrypted)) => {
                self.check("msg_signature", query, &[encrypted])?;
                read(&self.decrypt(key, encrypted)?)?
            }
            (Some(_), None) => return Err(Refusal::Plain),
            (None, Some(_)) if !outer.contains_key("MsgType") => return Err(Refusal::Locked),
            // In the compatible mode the plain message stands beside the ciphertext.
            (None, _) => outer.into_iter().filter(|(name, _)| name != "Encrypt").collect(),
        };
        match message.get("AppId").and_then(Value::as_str) {
            Some(appid) if !self.appids.iter().any(|it| it == appid) => Err(Refusal::Stranger),
            _ => Ok(message),
        }
    }

    fn check(&self, name: &str, query: &Query, more: &[&str]) -> Result<(), Refusal> {
        let signature = query.find(name).ok_or(Refusal::Unsigned)?;
        let parts = [&[self.token.reveal(), query.get("timestamp"), query.get("nonce")], more].concat();
        if verify(signature, &parts) { Ok(()) } else { Err(Refusal::Forged) }
    }

    fn decrypt(&self, key: &Key, text: &str) -> Result<String, Refusal> {
        let mut tried = self.appids.iter().map(|appid| key.decrypt(text, appid));
        let opened = tried.find(|outcome| *outcome != Err(Unreadable::Appid));
        Ok(opened.unwrap_or(Err(Unreadable::Appid))?)
    }
}
