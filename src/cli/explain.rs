//! `juben explain CODE` — what an error code means, and what to do about it.

use super::Common;
use crate::{Error, error::Kind};
use clap::Args;

/// Say what an error code means and what to do about it
#[derive(Debug, Default, Args)]
pub(super) struct Explain {}

impl Explain {
    pub(super) async fn execute(self, _common: &Common) -> Result<(), Error> {
        Err(Error::new(Kind::Usage, "not built yet"))
    }
}
