//! `juben notify` — whether a robot takes messages.

use super::Common;
use crate::{Error, error::Kind};
use clap::Args;

/// Send a message to a [notify.NAME], to try it
#[derive(Debug, Args)]
pub(super) struct Notify {}

impl Notify {
    pub(super) async fn execute(self, _: &Common) -> Result<(), Error> {
        Err(Error::new(Kind::Usage, "not built yet"))
    }
}
