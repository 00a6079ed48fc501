//! `juben quota` — the calls of today, and what is left.

use super::Common;
use crate::{Error, error::Kind};
use clap::Args;

/// Show the calls of today, by account and operation
#[derive(Debug, Args)]
pub(super) struct Quota {}

impl Quota {
    pub(super) async fn execute(self, _: &Common) -> Result<(), Error> {
        Err(Error::new(Kind::Usage, "not built yet"))
    }
}
