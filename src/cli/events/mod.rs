//! `juben events` — what platforms have told.

use super::Common;
use crate::{Error, error::Kind};
use clap::Args;

/// List what platforms have told; show or replay it
#[derive(Debug, Args)]
pub(super) struct Events {}

impl Events {
    pub(super) async fn execute(self, _: &Common) -> Result<(), Error> {
        Err(Error::new(Kind::Usage, "not built yet"))
    }
}
