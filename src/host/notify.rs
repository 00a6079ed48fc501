//! `notify::` — telling people: robots of WeCom, DingTalk and Feishu groups, and webhooks, as `[notify.NAME]` in juben.toml
//! names them.
//!
//! A script does not wait for a robot, and does not fail because of one: what cannot be told is a warning in its log. More
//! than `per_minute` messages are told as one. In the sandbox, in a replay and in a dry run nothing leaves the machine: the
//! log says what would be told.

use super::{Host, Line, Reply, given::Given, thrown};
use crate::{
    Error,
    config::{Notify, SecretSource},
    error::Kind,
    helpers::notify::{Message, Notifier, is_here, no_target},
    rights,
};
use rhai::{Map, plugin::*};
use std::sync::Arc;
use tracing::Level;

#[export_module]
pub mod module {
    /// Tell somebody something.
    /// - `name`: string, as in `[notify.NAME]`.
    /// - `text`: string; a robot gets what it can take of it.
    /// - throws: `config` when nobody has that name, `argument` when there is no text.
    /// - tells: `name`.
    /// ```rhai
    /// notify::send("team", "3 grants end this week");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn send(call: NativeCallContext, name: &str, text: &str) -> Reply<()> {
        tell(&call, name, Ok(Message { text: text.to_owned(), ..Message::default() }))
    }

    /// The same with a title, or in Markdown.
    /// - `name`: string.
    /// - `message`: map: `title` (string), `text` (string), `markdown` (bool, whether the text is Markdown as far as the
    ///   robot knows it).
    /// - throws: as above.
    /// - tells: `name`.
    /// ```rhai
    /// notify::send("team", #{ title: "Grants", text: "**3** end this week", markdown: true });
    /// ```
    #[rhai_fn(return_raw, name = "send")]
    pub fn send_message(call: NativeCallContext, name: &str, message: Map) -> Reply<()> {
        tell(&call, name, read(message))
    }

    /// Tell somebody, once, and wait until it is taken: for what must not be lost.
    /// - `name`: string.
    /// - `message`: map as above.
    /// - throws: as above; `refused`, `auth`, `throttled`, `server` or `network` when it is not taken.
    /// - tells: `name`.
    /// ```rhai
    /// notify::deliver("team", #{ title: "Grants", text: "3 end this week" });
    /// ```
    #[rhai_fn(return_raw)]
    pub fn deliver(call: NativeCallContext, name: &str, message: Map) -> Reply<()> {
        let host = Host::of(&call);
        let leaving = read(message).and_then(|message| leaves(&host, name, message));
        let Some(message) = leaving.map_err(|error| thrown(&call, error))? else { return Ok(()) };
        let notifier = notifier(&host).map_err(|error| thrown(&call, error))?;
        host.wait(&call, notifier.try_now(name, &message)).map(drop)
    }
}

fn read(message: Map) -> Result<Message, Error> {
    let mut given = Given::new(message);
    let message = Message {
        title: given.string("title")?,
        text: given.string("text")?.unwrap_or_default(),
        markdown: given.flag("markdown")?,
        about: None,
    };
    given.ends().map(|()| message)
}

fn tell(call: &NativeCallContext, name: &str, message: Result<Message, Error>) -> Reply<()> {
    let host = Host::of(call);
    let told = message.and_then(|message| match leaves(&host, name, message)? {
        Some(message) => notifier(&host)?.send(name, message),
        None => Ok(()),
    });
    told.map_err(|error| thrown(call, error))
}

/// The message, if it may be told and leaves the machine; of another the log says what would be told.
fn leaves(host: &Host, name: &str, message: Message) -> Result<Option<Message>, Error> {
    if message.text.trim().is_empty() && message.title.is_none() {
        return Err(Error::new(Kind::Argument, "there is nothing to tell: the text is empty"));
    }
    host.may(rights::Kind::Notify, name)?;
    if !stays_here(host, name)? {
        return Ok(Some(message));
    }
    let title = message.title.map(|title| title + ": ").unwrap_or_default();
    (host.output)(Line::Logged(Level::INFO, &format!("would tell {name}: {title}{}", message.text)));
    Ok(None)
}

/// Whether the message must not leave the machine. Where nobody is configured at all, as in the examples, any name will do.
fn stays_here(host: &Host, name: &str) -> Result<bool, Error> {
    let (client, robots) = (&host.client, host.client.robots());
    let only_tells = client.is_dry_run() || client.stays_here();
    match robots.get(name) {
        Some(_) if client.is_dry_run() => Ok(true),
        Some(robot) => Ok(only_tells && !leads_here(robot)),
        None if only_tells && robots.is_empty() => Ok(true),
        None => Err(no_target(name, robots.keys().map(String::as_str))),
    }
}

/// A test may have a robot of its own. No command is run to find out.
fn leads_here(robot: &Notify) -> bool {
    let read = |source: &SecretSource| source.read("`url`").ok();
    Some(&robot.url).filter(|source| !source.is_command()).and_then(read).is_some_and(|url| is_here(&url))
}

fn notifier(host: &Arc<Host>) -> Result<&Notifier, Error> {
    if let Some(notifier) = host.own.notifier.get() {
        return Ok(notifier);
    }
    let run = Arc::downgrade(host);
    let warn = move |text: &str| match run.upgrade() {
        Some(run) => (run.output)(Line::Logged(Level::WARN, text)),
        None => tracing::warn!("{text}"),
    };
    let client = &host.client;
    let notifier = Notifier::new(client.robots(), client.plain(), &host.store, host.runtime.clone(), warn)?;
    Ok(host.own.notifier.get_or_init(|| notifier))
}
