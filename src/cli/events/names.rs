//! `juben events names` — what platforms tell of, for the `event` of an `[[on]]`.

use super::super::{
    apis,
    output::{Form, write_rows},
};
use crate::{Error, catalog::Event, config::Config};
use clap::Args;
use rhai::{Array, Dynamic, Map};

/// What a terminal shows; a pipe has all.
const COLUMNS: [&str; 2] = ["event", "summary"];

/// List what platforms tell of: the names for [[on]]
#[derive(Debug, Args)]
pub(super) struct Names {
    #[command(flatten)]
    form: Form,
}

impl Names {
    pub(super) fn execute(self, config: &Config) -> Result<(), Error> {
        let rows: Array = apis::catalog(config)?.events().map(row).collect();
        write_rows(&rows.into(), &COLUMNS, self.form.output)
    }
}

fn row(event: Event) -> Dynamic {
    let fields: Vec<_> = event.schema.properties.keys().map(String::as_str).collect();
    Dynamic::from_map(Map::from_iter([
        ("event".into(), event.full_name().into()),
        ("summary".into(), event.summary.into()),
        ("name".into(), event.raw.into()),
        ("fields".into(), fields.join(", ").into()),
    ]))
}
