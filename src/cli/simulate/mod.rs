//! `juben simulate` — jobs, scripts and sandbox on one time that leaps.

use super::Common;
use crate::{Error, error::Kind};
use clap::Args;

/// Run the jobs of juben.toml in the sandbox, days in seconds
#[derive(Debug, Args)]
pub(super) struct Simulate {}

impl Simulate {
    pub(super) async fn execute(self, _: &Common) -> Result<(), Error> {
        Err(Error::new(Kind::Usage, "not built yet"))
    }
}
