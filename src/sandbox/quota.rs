//! Counts calls and refuses those above a documented limit.

use super::{endpoint::Endpoint, model::Refusal};
use crate::catalog::{Quota, Scope};
use std::collections::HashMap;

pub(super) const DAY: u64 = 86_400;
const MINUTE: u64 = 60;
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
        let full = limits.iter().find(|limit| self.count(call, limit).calls >= limit.calls);
        let refusal = full.map(|limit| refusal(call, limit));
        for limit in limits.iter().filter(|limit| refusal.is_none() || limit.refused_count) {
            self.count(call, limit).calls += 1;
        }
        if !has_daily(call.endpoint) && refusal.is_none() {
            self.count(call, &usual()).calls += 1;
        }
        refusal.map_or(Ok(()), Err)
    }

    /// The call was admitted, but then refused for another reason.
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
        let count = self.counts.entry((who.to_owned(), what.clone(), limit.seconds)).or_default();
        let length = i64::try_from(limit.seconds).unwrap_or(i64::MAX).max(1);
        let window = (call.now + CHINA).div_euclid(length);
        if count.window != window {
            *count = Count { window, calls: 0 };
        }
        count
    }
}

fn usual() -> Quota {
    Quota { calls: USUAL_DAILY_LIMIT, seconds: DAY, scope: Scope::Account, refused_count: false }
}

fn has_daily(endpoint: &Endpoint) -> bool {
    endpoint.operation.quota.iter().any(|limit| limit.seconds == DAY)
}

fn refusal(call: Counted, limit: &Quota) -> Refusal {
    match limit.seconds {
        _ if call.endpoint.operation.module == "polyv" => Refusal::new(403, "too many requests from this ip"),
        DAY => Refusal::new(45009, "reach max api daily quota limit"),
        MINUTE => Refusal::new(45011, "api minute-quota reach limit, must slower, retry next minute"),
        _ => Refusal::new(45011, "api quota reach limit, must slower"),
    }
}
