//! Taking grants back. What is not there cannot be told from a wrong id, so it is never called done.

use super::{
    Grant, Report, Way,
    give::by_scope,
    rules::check_repeats,
    settle::{Deed, Work},
};
use crate::{Error, client::Client};
use std::sync::Arc;

/// Take grants back. Those that are not there are reported as `already`.
pub async fn take(client: &Arc<Client>, grants: Vec<Grant>, way: &Way) -> Result<Report, Error> {
    check_repeats(&grants)?;
    let mut work = Work::new(client, way, &grants);
    work.take(grants).await?;
    Ok(work.reported())
}

impl Work<'_> {
    pub(super) async fn take(&mut self, grants: Vec<Grant>) -> Result<(), Error> {
        for (scope, grants) in by_scope(grants) {
            self.settle(Deed::Take, scope, grants).await?;
        }
        Ok(())
    }
}
