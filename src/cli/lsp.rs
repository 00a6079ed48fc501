//! `juben lsp` — the language server on standard input and output.

use super::Common;
use crate::{Error, error::Kind};
use clap::Args;

/// Serve an editor: completion, hover, diagnostics
#[derive(Debug, Default, Args)]
pub(super) struct Lsp {}

impl Lsp {
    pub(super) async fn execute(self, _common: &Common) -> Result<(), Error> {
        Err(Error::new(Kind::Usage, "not built yet"))
    }
}
