//! `juben doc NAME` — all about an operation, a module or a function, for a terminal.

use super::{Common, apis::catalog_of, width, write_out};
use crate::{Error, analysis::manual, engine};
use clap::Args;

/// Tell all about an operation, a module or a function
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  juben doc drama.list_media\n  juben doc novel::add_book_auth\n  juben doc time\n  juben doc grants.renew"
)]
pub(super) struct Doc {
    /// An operation such as drama.list_media, a module such as time, or one of its functions
    name: String,
}

impl Doc {
    pub(super) fn execute(self, common: &Common) -> Result<(), Error> {
        let library = engine::library(catalog_of(common)?);
        write_out(&manual::about(&library, &self.name, width().clamp(60, 110))?)
    }
}
