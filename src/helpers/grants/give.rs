//! Giving grants. What is so already is not given again.

use super::{
    Grant, Report, Rules, Scope, Way,
    list::own_appid,
    settle::{Deed, Work, ends, ends_of},
};
use crate::{Error, client::Client};
use std::sync::Arc;

/// Give grants until their ends. Those that are so already are not given again.
pub async fn give(client: &Arc<Client>, grants: Vec<Grant>, rules: Rules, way: &Way) -> Result<Report, Error> {
    let mut work = Work::new(client, way, &grants);
    work.give(grants, rules).await?;
    Ok(work.reported())
}

impl Work<'_> {
    pub(super) async fn give(&mut self, grants: Vec<Grant>, rules: Rules) -> Result<(), Error> {
        let Some(first) = grants.first() else { return Ok(()) };
        rules.check(&grants, &own_appid(self.client, first.scope.giver(), &self.way.options)?)?;
        // All is read before anything is sent: a listing that fails must not end the work in its middle.
        let mut open = Vec::new();
        for (scope, wanted) in by_scope(grants) {
            let there = match &self.way.there {
                Some(there) => ends_of(there),
                None => ends(self.client, scope, &self.way.options).await?,
            };
            let (already, left): (Vec<_>, _) = wanted.into_iter().partition(|grant| Deed::Give.is_so(&there, grant));
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

/// The kinds that there are, with their rows in order.
pub(super) fn by_scope(grants: Vec<Grant>) -> Vec<(Scope, Vec<Grant>)> {
    let of = |scope| grants.iter().filter(move |grant| grant.scope == scope).cloned().collect::<Vec<_>>();
    Scope::ALL.into_iter().map(|scope| (scope, of(scope))).filter(|(_, grants)| !grants.is_empty()).collect()
}
