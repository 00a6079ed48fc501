//! Who may push what, and where to.

use super::{polyv::Polyv, wechat::Wechat};
use crate::{
    Error,
    config::{Account, Config, Events, Vendor},
    error::Kind,
    message::Key,
    secret::Secret,
};
use std::{collections::BTreeSet, time::Duration};

/// How far the timestamp of a push may be off, unless juben.toml says otherwise.
const WINDOW: Duration = Duration::from_secs(600);
/// What `juben serve` itself answers.
const TAKEN: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// A path that takes the pushes about one account.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// Such as `/events/main`.
    pub path: String,
    /// The account's name.
    pub account: String,
    /// Who pushes.
    pub sender: Sender,
}

/// Who pushes.
#[derive(Debug, Clone)]
pub enum Sender {
    /// WeChat.
    Wechat(Wechat),
    /// Polyv.
    Polyv(Polyv),
}

/// The receivers of `[events.NAME]`, with their secrets.
pub fn receivers(config: &Config) -> Result<Vec<Receiver>, Error> {
    let mut paths = BTreeSet::new();
    let receiver = |(name, events): (&String, &Events)| {
        let known = config.account.keys().map(String::as_str);
        let account = config.account.get(name).ok_or_else(|| {
            Error::new(Kind::Config, format!("[events.{name}] is of no account")).hint_names(name, known)
        })?;
        let path = path(name, events)?;
        if !paths.insert(path.clone()) {
            let error = Error::new(Kind::Config, format!("[events.{name}]: another account has the path {path}"));
            return Err(error.hint("give each its own path: it tells which account an event is about"));
        }
        Ok(Receiver { path, account: name.clone(), sender: sender(name, account, events, config)? })
    };
    config.events.iter().map(receiver).collect()
}

fn path(name: &str, events: &Events) -> Result<String, Error> {
    let path = events.path.clone().unwrap_or_else(|| format!("/events/{name}"));
    let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '/' | '-' | '_' | '.' | '~');
    if !path.starts_with('/') || path.len() == 1 || !path.chars().all(plain) {
        let error = Error::new(Kind::Config, format!("[events.{name}]: the path {path:?} is none"));
        return Err(
            error.hint("a path begins with / and has letters, digits, - and _, such as path = \"/events/main\"")
        );
    }
    if TAKEN.contains(&path.as_str()) {
        let error =
            Error::new(Kind::Config, format!("[events.{name}]: the path {path} is that of `juben serve` itself"));
        return Err(error.hint("choose another one, such as path = \"/events/main\""));
    }
    Ok(path)
}

fn sender(name: &str, account: &Account, events: &Events, config: &Config) -> Result<Sender, Error> {
    match account.platform {
        Vendor::Polyv => {
            let source = account.secretkey.as_ref().ok_or_else(|| {
                let error =
                    Error::new(Kind::Config, format!("account `{name}` has no `secretkey`, which signs its callbacks"));
                error.hint(format!("add secretkey = \"env:NAME\" to [account.{name}]"))
            })?;
            Ok(Sender::Polyv(Polyv { secretkey: source.read(&format!("the secretkey of account `{name}`"))? }))
        }
        Vendor::Wechat | Vendor::Api => {
            let token = events.token.as_ref().ok_or_else(|| {
                let error = Error::new(Kind::Config, format!("[events.{name}] has no `token`, which signs the pushes"));
                error.hint("it is the Token that the console asks for beside the URL: token = \"env:NAME\"")
            })?;
            let token = token.read(&format!("the token of [events.{name}]"))?;
            let key = events.key.as_ref().map(|source| source.read(&format!("the key of [events.{name}]")));
            let key = key.transpose()?.map(|text| key_of(name, &text)).transpose()?;
            let component = account.component.as_ref().and_then(|component| config.component.get(component));
            let appids = account.appid.iter().chain(component.map(|it| &it.appid)).cloned().collect();
            let window = events.window.map_or(WINDOW, |window| window.duration());
            Ok(Sender::Wechat(Wechat { appids, token, key, window }))
        }
    }
}

fn key_of(name: &str, text: &Secret) -> Result<Key, Error> {
    text.reveal().parse().map_err(|reason| {
        Error::new(Kind::Config, format!("the key of [events.{name}] is no EncodingAESKey")).hint(format!("{reason}"))
    })
}
