//! `juben events` — the events, the latest last, where the eye is.

use super::{
    super::{
        apis,
        output::{Form, write_rows},
    },
    received,
};
use crate::{
    Error,
    catalog::Catalog,
    config::Config,
    store::{Event, EventFilter, Reacted, Store},
};
use clap::Args;
use rhai::{Array, Dynamic, Map};

/// What a terminal shows; a pipe has all.
const COLUMNS: [&str; 5] = ["id", "received", "account", "event", "ran"];

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only of this account
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Only of this name, such as drama.media_uploaded
    #[arg(long, value_name = "EVENT")]
    name: Option<String>,
    /// So many at most
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    last: u32,
    #[command(flatten)]
    form: Form,
}

impl List {
    pub(super) async fn execute(self, store: &Store, config: &Config) -> Result<(), Error> {
        let catalog = apis::catalog(config)?;
        let name = self.name.as_deref().map(|name| catalog.event(name)).transpose()?;
        let meant = EventFilter { account: self.account, name, after: 0, last: Some(self.last) };
        let events = store.events(&meant).await?;
        let reacted = match (events.first(), events.last()) {
            (Some(first), Some(last)) => store.reacted(first.id, last.id).await?,
            _ => Vec::new(),
        };
        let rows: Array = events.iter().map(|event| row(event, &reacted, &catalog, config)).collect();
        write_rows(&rows.into(), &COLUMNS, self.form.output)
    }
}

fn row(event: &Event, reacted: &[Reacted], catalog: &Catalog, config: &Config) -> Dynamic {
    let ours = reacted.iter().filter(|it| it.event == event.id);
    let ran: Vec<_> = ours.map(|it| format!("{} ({})", it.job, it.state)).collect();
    let known = catalog.raw_event(&event.told.name);
    let name = known.map_or_else(|| event.told.name.clone(), |known| known.full_name());
    Dynamic::from_map(Map::from_iter([
        ("id".into(), event.id.into()),
        ("received".into(), received(event, config).into()),
        ("account".into(), event.told.account.clone().into()),
        ("event".into(), name.into()),
        ("ran".into(), ran.join(", ").into()),
        ("name".into(), event.told.name.clone().into()),
        ("handled".into(), event.handled.into()),
    ]))
}
