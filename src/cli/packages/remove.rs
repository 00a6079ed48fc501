//! `juben remove` — take a package out of the project.

use super::{changes::Leave, desk::Desk, edit, show, unknown};
use crate::{
    Error,
    cli::{Common, session::until_stopped},
    engine::Sources,
    packages::Name,
};
use clap::Args;
use tokio_util::sync::CancellationToken;

/// Take a package out of the project, with those that nothing else needs
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  juben remove team/grants")]
pub(in crate::cli) struct Remove {
    /// Its name, as team/name
    name: Name,
}

impl Remove {
    pub(in crate::cli) async fn execute(self, common: &Common, sources: &Sources) -> Result<(), Error> {
        until_stopped(CancellationToken::new(), None, self.remove(common, sources)).await
    }

    async fn remove(self, common: &Common, sources: &Sources) -> Result<(), Error> {
        let mut desk = Desk::open(common, sources).await?;
        if desk.project.wants(&self.name).is_none() {
            return Err(unknown(&self.name, &desk.project));
        }
        let text = edit::without(&desk.text, &self.name)?;
        let settled = desk.settle(text, |_| false).await?;
        show(&desk.changes(&settled))?;
        desk.finish(&settled, &Leave::default())
    }
}
