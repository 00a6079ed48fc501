//! Taking grants back. What is not there cannot be told from a wrong id, so it is never called done.

use super::{
    Grant, Report, Way,
    settle::{Deed, Work},
};
use crate::{Error, client::Client};
use std::sync::Arc;

/// Take grants back. Those that are not there are reported as `already`.
pub async fn take(client: &Arc<Client>, grants: Vec<Grant>, way: &Way) -> Result<Report, Error> {
    let mut work = Work::new(client, way, grants)?;
    work.take(work.all()).await?;
    Ok(work.reported())
}

impl Work<'_> {
    /// Take back those at these places.
    pub(super) async fn take(&mut self, places: Vec<usize>) -> Result<(), Error> {
        for (scope, places) in self.by_scope(&places) {
            self.settle(Deed::Take, scope, places).await?;
        }
        Ok(())
    }
}
