//! `juben repl` — the prompt; also `juben` alone.

use super::Common;
use crate::{Error, error::Kind};
use clap::Args;

/// Open the prompt
#[derive(Debug, Default, Args)]
pub(super) struct Repl {}

impl Repl {
    pub(super) async fn execute(self, _common: &Common) -> Result<(), Error> {
        Err(Error::new(Kind::Usage, "not built yet"))
    }
}
