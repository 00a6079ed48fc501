//! `juben test [PATHS]` — run the tests of scripts.

use super::Common;
use crate::{Error, error::Kind};
use clap::Args;

/// Run the tests of scripts, each in a sandbox of its own
#[derive(Debug, Default, Args)]
pub(super) struct Test {}

impl Test {
    pub(super) async fn execute(self, _common: &Common) -> Result<(), Error> {
        Err(Error::new(Kind::Usage, "not built yet"))
    }
}
