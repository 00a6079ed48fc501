//! Giving grants. What is so already is not given again.

use super::{
    Grant, Report, Rules, Way,
    list::own_appid,
    settle::{Deed, Work, ends, ends_of},
};
use crate::{Error, client::Client};
use std::sync::Arc;

/// Give grants until their ends. Those that are so already are not given again.
pub async fn give(client: &Arc<Client>, grants: Vec<Grant>, rules: Rules, way: &Way) -> Result<Report, Error> {
    let mut work = Work::new(client, way, grants)?;
    work.give(work.all(), rules).await?;
    Ok(work.reported())
}

impl Work<'_> {
    /// Give those at these places.
    pub(super) async fn give(&mut self, places: Vec<usize>, rules: Rules) -> Result<(), Error> {
        let Some(first) = places.first() else { return Ok(()) };
        let own = own_appid(self.client, self.grants[*first].scope.giver(), &self.way.options)?;
        places.iter().try_for_each(|place| rules.check(*place, &self.grants[*place], &own))?;
        // All is read before anything is sent: a listing that fails must not end the work in its middle.
        let mut open = Vec::new();
        for (scope, wanted) in self.by_scope(&places) {
            let there = match &self.way.there {
                Some(there) => ends_of(there),
                None => ends(self.client, scope, &self.way.options).await?,
            };
            let (already, left): (Vec<_>, _) =
                wanted.into_iter().partition(|place| self.is_so(Deed::Give, &there, *place));
            self.report.already.extend(already);
            open.push((scope, left));
        }
        self.tell();
        for (scope, left) in open {
            self.settle(Deed::Give, scope, left).await?;
        }
        Ok(())
    }
}
