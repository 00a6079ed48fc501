//! `juben attempt` — one run of a job, in a process of its own; `juben serve` starts it.

use super::Common;
use crate::{Error, error::Kind};
use clap::Args;

/// Carry out one run of a job
#[derive(Debug, Args)]
pub(super) struct Attempt {}

impl Attempt {
    pub(super) async fn execute(self, _: &Common) -> Result<(), Error> {
        Err(Error::new(Kind::Usage, "not built yet"))
    }
}
