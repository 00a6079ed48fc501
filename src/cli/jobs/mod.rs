//! `juben jobs` — what runs when, how it went, and what a person wants of it.

use super::Common;
use crate::{Error, error::Kind};
use clap::Args;

/// List the jobs of juben.toml; run, pause or look into them
#[derive(Debug, Args)]
pub(super) struct Jobs {}

impl Jobs {
    pub(super) async fn execute(self, _: &Common) -> Result<(), Error> {
        Err(Error::new(Kind::Usage, "not built yet"))
    }
}
