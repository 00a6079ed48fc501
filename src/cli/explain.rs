//! `juben explain CODE` — what an error code means, and what to do about it.

use super::{Common, apis::catalog_of, width, write_out};
use crate::{
    Error,
    analysis::manual::{self, Meaning, Words},
    catalog::{Operation, Text},
    error::Kind,
};
use clap::Args;
use serde_json::{Value, json};
use std::sync::Arc;

/// Say what an error code means and what to do about it
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  juben explain 45009\n  juben explain 10145011 --operation novel.add_book_auth\n  juben explain unknown_outcome"
)]
pub(super) struct Explain {
    /// A code of a platform such as 45009, or a kind of error such as unknown_outcome
    #[arg(allow_hyphen_values = true)]
    code: String,
    /// Only what it means when this operation answers it
    #[arg(long, value_name = "OPERATION")]
    operation: Option<String>,
    /// Write the meanings as JSON
    #[arg(long)]
    json: bool,
}

impl Explain {
    pub(super) async fn execute(self, common: &Common) -> Result<(), Error> {
        let catalog = catalog_of(common)?;
        let operation = self.operation.as_deref();
        if let (true, Some(kind)) = (self.json, Kind::named(&self.code)) {
            return write_out(&format!("{:#}\n", Value::from(vec![row_of_kind(kind)])));
        }
        if self.json {
            let meanings = manual::meanings(&catalog, &self.code, operation)?;
            let rows: Vec<Value> = meanings.iter().map(row).collect();
            return write_out(&format!("{:#}\n", Value::from(rows)));
        }
        write_out(&manual::explain(&catalog, &self.code, operation, width().clamp(60, 110))?)
    }
}

/// A kind is of no document and no group: it has the rest of what a code has.
fn row_of_kind(kind: Kind) -> Value {
    let Words { meaning, meaning_zh, cure, cure_zh } = manual::words(kind);
    json!({
        "kind": kind.name(),
        "meaning": { "en": meaning, "zh": meaning_zh },
        "hint": { "en": cure, "zh": cure_zh },
        "caught": !kind.ends_the_run(),
        "exit_code": kind.exit_code(),
    })
}

fn row(meaning: &Meaning<'_>) -> Value {
    let text = |text: &Text| json!({ "en": text.en, "zh": text.zh });
    let names = |of: &[Arc<Operation>]| of.iter().map(|it| it.full_name()).collect::<Vec<_>>();
    json!({
        "document": meaning.platform,
        "group": meaning.group,
        "kind": meaning.code.kind,
        "meaning": text(&meaning.code.meaning),
        "hint": text(&meaning.code.hint),
        "typical": names(&meaning.typical),
        "operations": names(&meaning.operations),
    })
}
