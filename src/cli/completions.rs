//! `juben completions SHELL` — the completions of a shell.

use super::Common;
use crate::{Error, error::Kind};
use clap::Args;

/// Write the completions of a shell
#[derive(Debug, Default, Args)]
pub(super) struct Completions {}

impl Completions {
    pub(super) async fn execute(self, _common: &Common) -> Result<(), Error> {
        Err(Error::new(Kind::Usage, "not built yet"))
    }
}
