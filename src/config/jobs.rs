//! `[[job]]` and `[[on]]`: which script runs when, and by which rules.

use super::{Config, Lasting};
use crate::{Error, error::Kind, secret::SecretSource};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, path::PathBuf};

/// A script that runs at its times (`[[job]]`) or when a platform tells of something (`[[on]]`).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// What it is called by; that of an `[[on]]` may be left out.
    #[serde(default)]
    pub name: String,
    /// The script.
    pub script: PathBuf,
    /// What the script reads by `args::get`.
    #[serde(default)]
    pub parameters: IndexMap<String, toml::Value>,
    /// The account for the whole run.
    pub account: Option<String>,
    /// When it is due: one pattern, or several. Without one it runs only by hand.
    pub cron: Option<Patterns>,
    /// The time zone of the patterns.
    pub zone: Option<String>,
    /// The event that it runs on: `drama.media_uploaded`, or the platform's own name.
    pub event: Option<String>,
    /// What fields of the event must be, by their path: one value or several that do.
    #[serde(default, rename = "where")]
    pub filter: IndexMap<String, toml::Value>,
    /// What happens when it is due while it runs.
    #[serde(default)]
    pub overlap: Overlap,
    /// With `overlap = "queue"`: so many wait at most.
    #[serde(default = "hundred")]
    pub queue: usize,
    /// What happens to due times at which nobody was there.
    #[serde(default)]
    pub catch_up: CatchUp,
    /// Due times that are longer ago are not caught up.
    #[serde(default = "day")]
    pub catch_up_window: Lasting,
    /// An attempt is stopped when it takes longer.
    #[serde(default = "hour")]
    pub timeout: Lasting,
    /// Whether it may remove or overwrite on production accounts, where a run by hand asks.
    #[serde(default)]
    pub yes: bool,
    /// What happens when an attempt fails.
    #[serde(default)]
    pub retry: Retry,
    /// What happens to a run that juben itself did not survive.
    #[serde(default)]
    pub after_crash: AfterCrash,
    /// A due time is put off by up to so much, always by the same.
    #[serde(default)]
    pub jitter: Lasting,
    /// Whether its due times are passed over.
    #[serde(default)]
    pub paused: bool,
    /// The address of a dead-man switch, which is asked after each run that went well.
    pub ping: Option<SecretSource>,
    /// Who is told of what, as named in `[notify.NAME]`.
    #[serde(default)]
    pub notify: Notices,
}

/// One cron pattern, or several: due when one of them is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Patterns {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl Patterns {
    /// All of them.
    pub fn all(&self) -> &[String] {
        match self {
            Patterns::One(pattern) => std::slice::from_ref(pattern),
            Patterns::Many(patterns) => patterns,
        }
    }
}

/// What happens when a job is due while it runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// The new run is left out.
    #[default]
    Skip,
    /// It begins when the one before has ended.
    Queue,
    /// The old run is stopped, and then the new one begins.
    CancelOld,
    /// Both run.
    Allow,
}

/// What happens to due times at which nobody was there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatchUp {
    /// They are missed.
    None,
    /// The last one runs.
    #[default]
    Last,
    /// All run, in their order.
    All,
}

/// What happens to a run that juben itself did not survive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterCrash {
    /// It is noted as unknown: nobody knows how far it came.
    #[default]
    Unknown,
    /// It is started again.
    Again,
}

/// What happens when an attempt fails.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retry {
    /// How often it is tried again.
    pub times: u32,
    /// The pause before the first repetition; it doubles each time.
    pub pause: Lasting,
    /// The kinds of errors after which it is tried again.
    pub on: Vec<String>,
}

impl Default for Retry {
    fn default() -> Self {
        Retry {
            times: 0,
            pause: Lasting::from_seconds(60),
            on: ["network", "server", "throttled"].map(str::to_owned).to_vec(),
        }
    }
}

/// Who is told of what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notices {
    /// A run failed, with all its attempts.
    pub failure: Vec<String>,
    /// It went well again.
    pub recovery: Vec<String>,
    /// Nobody was there when it was due, or its end is unknown.
    pub missed: Vec<String>,
}

impl Notices {
    /// All who are told of something.
    pub fn all(&self) -> impl Iterator<Item = &String> {
        self.failure.iter().chain(&self.recovery).chain(&self.missed)
    }
}

fn hundred() -> usize {
    100
}

fn day() -> Lasting {
    Lasting::from_seconds(86_400)
}

fn hour() -> Lasting {
    Lasting::from_seconds(3600)
}

impl Job {
    /// What is wrong with it by itself; `what` is `[[job]]` or `[[on]]`.
    fn check(&self, what: &str) -> Result<(), Error> {
        let wrong = |message: String, hint: &str| Err(Error::new(Kind::Config, message).hint(hint));
        let name = &self.name;
        if name.is_empty() || name.chars().any(char::is_whitespace) {
            return wrong(
                format!("{what} has the name {name:?}"),
                "a name is one word, such as renew-grants; commands take it",
            );
        }
        if let Some(kind) = self.retry.on.iter().find(|kind| Kind::named(kind).is_none()) {
            let known: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
            let error =
                Error::new(Kind::Config, format!("{what} `{name}`: retry.on has {kind:?}, which is no kind of error"));
            return Err(error.hint_names(kind, known));
        }
        if self.timeout.seconds() <= 0 {
            return wrong(
                format!("{what} `{name}`: timeout is {}", self.timeout),
                "leave it out, or give it as \"30m\"",
            );
        }
        match (what, &self.event, &self.cron) {
            (TIMES, Some(_), _) => {
                wrong(format!("{what} `{name}` has an `event`"), "what runs on an event is an [[on]]")
            }
            (EVENTS, None, _) => {
                wrong(format!("{what} `{name}` has no `event`"), "such as event = \"drama.media_uploaded\"")
            }
            (EVENTS, _, Some(_)) => {
                wrong(format!("{what} `{name}` has a `cron`"), "what runs at its times is a [[job]]")
            }
            _ => Ok(()),
        }
    }

    /// What it names is there.
    fn check_names(&self, what: &str, config: &Config) -> Result<(), Error> {
        let name = &self.name;
        let missing =
            |message: String| Err(Error::new(Kind::Config, format!("{what} `{name}` {message}, which is not there")));
        if let Some(account) = self.account.as_ref().filter(|account| !config.account.contains_key(*account)) {
            let known = config.account.keys().map(String::as_str);
            return missing(format!("names the account `{account}`"))
                .map_err(|error| error.hint(format!("add an [account.{account}] table")).hint_names(account, known));
        }
        match self.notify.all().find(|told| !config.notify.contains_key(*told)) {
            Some(told) => {
                missing(format!("tells `{told}`")).map_err(|error| error.hint(format!("add a [notify.{told}] table")))
            }
            None => Ok(()),
        }
    }
}

const TIMES: &str = "[[job]]";
const EVENTS: &str = "[[on]]";

/// What is wrong with the jobs.
pub(super) fn check(config: &Config) -> Result<(), Error> {
    let mut names = BTreeSet::new();
    let all = config.job.iter().map(|job| (TIMES, job)).chain(config.on.iter().map(|on| (EVENTS, on)));
    for (what, job) in all {
        job.check(what)?;
        job.check_names(what, config)?;
        if !names.insert(&job.name) {
            return Err(Error::new(Kind::Config, format!("two jobs have the name `{}`", job.name))
                .hint("give each [[job]] and [[on]] a name of its own"));
        }
    }
    match config.events.keys().find(|name| !config.account.contains_key(*name)) {
        Some(name) => Err(Error::new(Kind::Config, format!("[events.{name}] is of no account"))
            .hint("its name is that of an [account.NAME]")),
        None => Ok(()),
    }
}
