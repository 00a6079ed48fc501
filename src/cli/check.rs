//! `juben check FILES` — what is wrong with scripts, without running them.

use super::Common;
use crate::{Error, error::Kind};
use clap::Args;

/// Look for mistakes in scripts without running them
#[derive(Debug, Default, Args)]
pub(super) struct Check {}

impl Check {
    pub(super) async fn execute(self, _common: &Common) -> Result<(), Error> {
        Err(Error::new(Kind::Usage, "not built yet"))
    }
}
