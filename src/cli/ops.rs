//! `juben ops [WORDS]` — find operations.

use super::{Common, apis::catalog_of, output::Output, write_out};
use crate::{Error, analysis::manual, host::table};
use clap::Args;
use rhai::Map;
use std::io::IsTerminal;

/// List the operations, or find some by words
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  juben ops\n  juben ops novel grant\n  juben ops 授权\n  juben ops drama. --output jsonl"
)]
pub(super) struct Ops {
    /// Words that the name, the vendor's name or the summary contains; all must
    words: Vec<String>,
    /// How the list is written
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

impl Ops {
    pub(super) fn execute(self, common: &Common) -> Result<(), Error> {
        let found = manual::find(&*catalog_of(common)?, &self.words)?;
        let rows: Vec<Map> = found.iter().map(|operation| manual::row(operation)).collect();
        if self.output != Output::Table {
            let rows: Vec<rhai::Dynamic> = rows.into_iter().map(Into::into).collect();
            return super::output::write_result(&rows.into(), Some(self.output));
        }
        let columns = manual::COLUMNS.map(str::to_owned);
        let fitted = std::io::stdout().is_terminal().then(|| u16::try_from(super::width()).unwrap_or(u16::MAX));
        let count = found.len();
        let plural = if count == 1 { "" } else { "s" };
        write_out(&format!(
            "{}\n{count} operation{plural}; `juben doc NAME` tells all about one\n",
            table(&columns, &rows, fitted)
        ))
    }
}
