//! `juben serve` — run jobs at their times and on events, until it is stopped.

mod jobs;

pub(super) use jobs::{instead, jobs};

use super::Common;
use crate::{Error, error::Kind};
use clap::Args;

/// What is locked by the one who runs the jobs of a state.
pub(super) const LOCK: &str = "serve";

/// Run the jobs of juben.toml at their times and on events
#[derive(Debug, Args)]
pub(super) struct Serve {}

impl Serve {
    pub(super) async fn execute(self, _: &Common) -> Result<(), Error> {
        Err(Error::new(Kind::Usage, "not built yet"))
    }
}
