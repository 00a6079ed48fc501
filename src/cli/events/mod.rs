//! `juben events` — what platforms have told, and what ran on it.

mod list;
mod names;
mod replay;

use super::{
    Common,
    jobs::written,
    output::{Output, write_result},
};
use crate::{
    Error,
    client::decode,
    config::{self, Config},
    engine::Sources,
    error::Kind,
    store::{Event, Store},
};
use clap::{Args, Subcommand};
use jiff::Timestamp;

/// List what platforms have told; show or replay it
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  juben events\n  juben events --name drama.media_uploaded --last 5\n  juben events show 12\n  juben events replay 12\n  juben events names\n\n`juben serve` receives them; docs/events.md tells how to set that up."
)]
pub(super) struct Events {
    #[command(subcommand)]
    deed: Option<Deed>,
    #[command(flatten)]
    list: list::List,
}

#[derive(Debug, Subcommand)]
enum Deed {
    /// Show an event with its message
    Show {
        /// Its number, as `juben events` lists it
        id: i64,
        /// How it is written [default: json]
        #[arg(long, value_enum)]
        output: Option<Output>,
    },
    Replay(replay::Replay),
    Names(names::Names),
}

impl Events {
    pub(super) async fn execute(self, common: &Common, sources: &Sources) -> Result<(), Error> {
        let store = Store::at(config::state_folder(common.state.as_deref())?);
        let (config, path) = Config::load(common.config.as_deref())?;
        match self.deed {
            None => self.list.execute(&store, &config).await,
            Some(Deed::Names(names)) => names.execute(&config),
            Some(Deed::Show { id, output }) => show(&event(&store, id).await?, output),
            Some(Deed::Replay(replay)) => {
                let folder = path.as_deref().and_then(|path| path.parent()).unwrap_or("".as_ref());
                replay.execute(&store, &config, folder, sources).await
            }
        }
    }
}

fn show(event: &Event, output: Option<Output>) -> Result<(), Error> {
    let shown = decode(event.to_json().to_string().as_bytes());
    let shown = shown.map_err(|error| Error::new(Kind::File, format!("event {} cannot be read: {error}", event.id)))?;
    write_result(&shown, output.or(Some(Output::Json)))
}

async fn event(store: &Store, id: i64) -> Result<Event, Error> {
    store.event(id).await?.ok_or_else(|| {
        Error::new(Kind::Usage, format!("there is no event {id}")).hint("`juben events` lists them with their numbers")
    })
}

/// When it came, as the clock on the wall of the jobs shows it.
fn received(event: &Event, config: &Config) -> String {
    written(Timestamp::from_millisecond(event.told.received).unwrap_or_default(), &config.zone())
}
