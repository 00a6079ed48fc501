//! The difference between the grants that there are and those that are wanted, and making it so.

use super::{
    FOREVER, Grant, Key, Report, Rules, Scope, Way, list,
    settle::{Ends, Work, ends},
};
use crate::{
    Error,
    client::{Client, Options},
    error::Kind,
};
use std::{collections::HashMap, sync::Arc};

/// What has to be done.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// What changes, in the order of the wanted list; what is to be taken back comes last.
    pub changes: Vec<Change>,
    /// How many are as wanted.
    pub unchanged: usize,
}

/// One grant that changes.
#[derive(Debug, Clone)]
pub struct Change {
    /// The grant as it is to be; of one that is taken back, as it is.
    pub grant: Grant,
    /// When it ends now; `None` when it is not there.
    pub before: Option<i64>,
    /// Whether it is taken back.
    pub revoke: bool,
}

impl Change {
    /// `add`, `extend`, `shorten` or `revoke`.
    pub fn name(&self) -> &'static str {
        let later = |end: i64| if end == FOREVER { i64::MAX } else { end };
        match self.before {
            _ if self.revoke => "revoke",
            None => "add",
            Some(before) if later(self.grant.expires_at) > later(before) => "extend",
            Some(_) => "shorten",
        }
    }
}

/// Compare what is wanted with what is there, for the kinds that are wanted.
pub async fn plan(
    client: &Arc<Client>,
    wanted: Vec<Grant>,
    scopes: &[Scope],
    options: &Options,
) -> Result<Plan, Error> {
    let mut there = Vec::new();
    for scope in scopes {
        there.extend(list(client, *scope, false, options).await?);
    }
    let mut open: HashMap<Key, Grant> = there.iter().map(|grant| (grant.key(), grant.clone())).collect();
    let mut plan = Plan::default();
    for grant in wanted {
        match open.remove(&grant.key()).map(|there| there.expires_at) {
            Some(end) if end == grant.expires_at => plan.unchanged += 1,
            before => plan.changes.push(Change { grant, before, revoke: false }),
        }
    }
    let surplus = there.into_iter().filter(|grant| open.contains_key(&grant.key()));
    plan.changes.extend(surplus.map(|grant| Change { before: Some(grant.expires_at), grant, revoke: true }));
    Ok(plan)
}

/// Do what a plan says, and only that. When what it started from is no longer so, nothing is done.
pub async fn apply(client: &Arc<Client>, plan: Plan, rules: Rules, way: &Way) -> Result<Report, Error> {
    let (changes, grants): (Vec<_>, Vec<_>) =
        plan.changes.into_iter().map(|change| ((change.before, change.revoke), change.grant)).unzip();
    let mut work = Work::new(client, way, grants)?;
    let mut there = Ends::new();
    for scope in Scope::ALL {
        if work.grants.iter().any(|grant| grant.scope == scope) {
            there.extend(ends(client, scope, &way.options).await?);
        }
    }
    let moved: Vec<_> = work.all().into_iter().filter(|place| work.end(&there, *place) != changes[*place].0).collect();
    if let Some(first) = moved.first() {
        let key = work.grants[*first].key();
        let message = format!("{} grants are no longer as planned, the first: {key}", moved.len());
        return Err(Error::new(Kind::Conflict, message).hint("make a new plan; nothing was changed"));
    }
    let (revoked, given): (Vec<_>, Vec<_>) = work.all().into_iter().partition(|place| changes[*place].1);
    work.give(given, rules).await?;
    work.take(revoked).await?;
    Ok(work.reported())
}
