//! Counts calls and refuses those above a documented limit.

use super::{endpoint::Endpoint, model::Refusal};
use crate::catalog::{Quota, Scope};
use std::collections::HashMap;

pub(super) const DAY: u64 = 86_400;
const MINUTE: u64 = 60;
/// Polyv shuts an address out for so long, in seconds.
const SHUT_OUT: i64 = 300;
/// Old counts are forgotten when there are more than this.
const MOST: usize = 10_000;
/// What the sandbox takes for a daily limit where none is documented.
const USUAL_DAILY_LIMIT: usize = 100_000;
/// The platforms' days begin at midnight in China.
const CHINA: i64 = 8 * 3600;

/// Who calls what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted<'a> {
    pub endpoint: &'a Endpoint,
    pub caller: &'a str,
    pub ip: &'a str,
    pub now: i64,
}

#[derive(Debug, Default)]
pub(super) struct Quotas {
    counts: HashMap<(String, String, u64), Count>,
    /// Until when an address is shut out.
    shut_out: HashMap<String, i64>,
}

#[derive(Debug, Default)]
struct Count {
    window: i64,
    calls: usize,
}

impl Quotas {
    /// Count this call, or refuse it.
    pub fn admit(&mut self, call: Counted) -> Result<(), Refusal> {
        let limits = &call.endpoint.operation.quota;
        let by_address = limits.iter().any(|limit| limit.scope == Scope::Ip);
        if by_address && self.shut_out.get(call.ip).is_some_and(|until| *until > call.now) {
            return Err(too_many());
        }
        let full = limits.iter().find(|limit| self.count(call, limit).calls >= limit.calls);
        if full.is_some_and(|limit| limit.scope == Scope::Ip) {
            self.shut_out.insert(call.ip.to_owned(), call.now + SHUT_OUT);
        }
        let refusal = full.map(refusal);
        for limit in limits.iter().filter(|limit| refusal.is_none() || limit.refused_count) {
            self.count(call, limit).calls += 1;
        }
        if !has_daily(call.endpoint) && refusal.is_none() {
            self.count(call, &usual()).calls += 1;
        }
        refusal.map_or(Ok(()), Err)
    }

    /// The call was admitted, but then refused for another reason: the day counts it only where that is documented.
    pub fn take_back(&mut self, call: Counted) {
        for limit in call.endpoint.operation.quota.iter().filter(|limit| !limit.refused_count && limit.seconds == DAY) {
            let count = self.count(call, limit);
            count.calls = count.calls.saturating_sub(1);
        }
    }

    /// The calls of this day, and how many there may be.
    pub fn today(&mut self, call: Counted) -> (usize, usize) {
        let usual = usual();
        let daily = call.endpoint.operation.quota.iter().find(|limit| limit.seconds == DAY).unwrap_or(&usual);
        (self.count(call, daily).calls, daily.calls)
    }

    /// Forget what this caller used today.
    pub fn clear(&mut self, caller: &str) {
        self.counts.retain(|(who, _, seconds), _| who != caller || *seconds != DAY);
    }

    fn count(&mut self, call: Counted, limit: &Quota) -> &mut Count {
        let (who, what) = match limit.scope {
            Scope::Account => (call.caller, &call.endpoint.name),
            Scope::Ip => (call.ip, &call.endpoint.operation.module),
        };
        if self.counts.len() > MOST {
            self.counts.retain(|(_, _, seconds), count| count.window == window(call.now, *seconds));
        }
        let window = window(call.now, limit.seconds);
        let count = self.counts.entry((who.to_owned(), what.clone(), limit.seconds)).or_default();
        if count.window != window {
            *count = Count { window, calls: 0 };
        }
        count
    }
}

/// Which day, minute or the like it is.
fn window(now: i64, seconds: u64) -> i64 {
    let length = i64::try_from(seconds).unwrap_or(i64::MAX).max(1);
    (now + CHINA).div_euclid(length)
}

fn usual() -> Quota {
    Quota { calls: USUAL_DAILY_LIMIT, seconds: DAY, scope: Scope::Account, refused_count: false }
}

fn has_daily(endpoint: &Endpoint) -> bool {
    endpoint.operation.quota.iter().any(|limit| limit.seconds == DAY)
}

fn too_many() -> Refusal {
    Refusal::new(403, "too many requests from this ip")
}

fn refusal(limit: &Quota) -> Refusal {
    match limit.seconds {
        _ if limit.scope == Scope::Ip => too_many(),
        DAY => Refusal::new(45009, "reach max api daily quota limit"),
        MINUTE => Refusal::new(45011, "api minute-quota reach limit, must slower, retry next minute"),
        _ => Refusal::new(45011, "api quota reach limit, must slower"),
    }
}
