//! `juben definitions DIR` — what scripts can call, as `.d.rhai` files.

use super::Common;
use crate::{Error, error::Kind};
use clap::Args;

/// Write what scripts can call as definition files for editors
#[derive(Debug, Default, Args)]
pub(super) struct Definitions {}

impl Definitions {
    pub(super) async fn execute(self, _common: &Common) -> Result<(), Error> {
        Err(Error::new(Kind::Usage, "not built yet"))
    }
}
