//! `juben notify` — whether a robot takes messages.

use super::{
    Common,
    output::{Output, write_rows},
    write_out,
};
use crate::{
    Error,
    client::Plain,
    config::{self, Config},
    error::Kind,
    helpers::notify::{self, Message, Notice, Notifier},
    store::Store,
};
use clap::Args;
use rhai::{Dynamic, INT, Map};
use std::sync::Arc;
use tokio::runtime::Handle;

/// Send a message to a [notify.NAME], to try it; without a name, list them
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  juben notify\n  juben notify team\n  juben notify team \"3 grants end this week\" --title Grants\n\nWithout a text it tells what a job would when it fails, in the words of the target's template."
)]
pub(super) struct Notify {
    /// Who is told
    name: Option<String>,
    /// What it is told
    text: Option<String>,
    /// A title above the text
    #[arg(long, requires = "text", value_name = "TITLE")]
    title: Option<String>,
    /// The text is Markdown
    #[arg(long, requires = "text")]
    markdown: bool,
    /// How the list is written [default: table on a terminal, jsonl otherwise]
    #[arg(long, value_enum, conflicts_with = "name")]
    output: Option<Output>,
}

impl Notify {
    pub(super) async fn execute(self, common: &Common) -> Result<(), Error> {
        let (config, _) = Config::load(common.config.as_deref())?;
        let Some(name) = &self.name else { return list(&config, self.output) };
        let store = Arc::new(Store::at(config::state_folder(common.state.as_deref())?));
        let http = Plain::new(&config.http, false);
        // What cannot be told is the error that this ends with.
        let notifier = Notifier::new(&config.notify, http, &store, Handle::current(), |_| {})?;
        let message = match self.text {
            Some(text) => Message { title: self.title, text, markdown: self.markdown, about: None },
            None => notifier.worded(name, failure())?,
        };
        let answer = notifier.try_now(name, &message).await?;
        write_out(&format!("{name} answers: {answer}\n"))
    }
}

fn failure() -> Notice {
    let [job, what, due, run, reason, hint, error] = [
        "example",
        "failed",
        &jiff::Zoned::now().strftime("%Y-%m-%d %H:%M").to_string(),
        "1",
        "nothing has failed: this is a test by `juben notify`",
        "nothing is to be done",
        "network",
    ]
    .map(str::to_owned);
    Notice { job, what, due, run, reason, hint, error }
}

fn list(config: &Config, output: Option<Output>) -> Result<(), Error> {
    if config.notify.is_empty() {
        let message = "there is nobody to tell: juben.toml has no [notify.NAME]";
        return Err(Error::new(Kind::Config, message).hint(notify::example("team")));
    }
    let row = |(name, robot): (&String, &config::Notify)| {
        Dynamic::from_map(Map::from_iter([
            ("name".into(), name.as_str().into()),
            ("kind".into(), robot.kind.name().into()),
            ("signed".into(), robot.secret.is_some().into()),
            ("per_minute".into(), INT::from(robot.per_minute).into()),
        ]))
    };
    let rows: Vec<_> = config.notify.iter().map(row).collect();
    write_rows(&rows.into(), &["name", "kind", "signed", "per_minute"], output)
}
