//! `juben doctor` — what keeps juben from working here, and what to do about it.

use super::Common;
use crate::{Error, error::Kind};
use clap::Args;

/// Look for what keeps juben from working here
#[derive(Debug, Default, Args)]
pub(super) struct Doctor {}

impl Doctor {
    pub(super) async fn execute(self, _common: &Common) -> Result<(), Error> {
        Err(Error::new(Kind::Usage, "not built yet"))
    }
}
