//! Counts calls and refuses those above a documented limit.

use super::{china, endpoint::Endpoint, model::Refusal};
use crate::catalog::{Quota, Scope};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const DAY: u64 = 86_400;
const MINUTE: u64 = 60;
/// Polyv shuts an address out for so long, in seconds.
const SHUT_OUT: i64 = 300;
/// Old counts are forgotten when more callers than this were counted.
const MOST: usize = 10_000;
/// What the sandbox takes for a daily limit where none is documented.
const USUAL_DAILY_LIMIT: usize = 100_000;

/// Who calls what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted<'a> {
    pub endpoint: &'a Endpoint,
    pub caller: &'a str,
    pub ip: &'a str,
    pub now: i64,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Quotas {
    /// By who calls, what is called, and the seconds of the window.
    counts: BTreeMap<String, BTreeMap<String, BTreeMap<u64, Count>>>,
    /// Until when an address is shut out.
    shut_out: BTreeMap<String, i64>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
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
            self.shut_out.retain(|_, until| *until > call.now);
            self.shut_out.insert(call.ip.to_owned(), call.now + SHUT_OUT);
        }
        let refusal = full.map(refusal);
        for limit in limits.iter().filter(|limit| refusal.is_none() || limit.refused_count) {
            self.count(call, limit).calls += 1;
        }
        if documented(call.endpoint).is_none() && refusal.is_none() {
            self.count(call, &daily(call.endpoint)).calls += 1;
        }
        refusal.map_or(Ok(()), Err)
    }

    /// The call was admitted, but then refused for another reason: the day counts it only where that is documented.
    pub fn take_back(&mut self, call: Counted) {
        let daily = daily(call.endpoint);
        if !daily.refused_count {
            let count = self.count(call, &daily);
            count.calls = count.calls.saturating_sub(1);
        }
    }

    /// The calls of this day, and how many there may be.
    pub fn today(&mut self, call: Counted) -> (usize, usize) {
        let daily = daily(call.endpoint);
        (self.count(call, &daily).calls, daily.calls)
    }

    /// Forget what this caller used today.
    pub fn clear(&mut self, caller: &str) {
        for windows in self.counts.get_mut(caller).into_iter().flat_map(BTreeMap::values_mut) {
            windows.remove(&DAY);
        }
    }

    fn count(&mut self, call: Counted, limit: &Quota) -> &mut Count {
        let (who, what) = match limit.scope {
            Scope::Account => (call.caller, &call.endpoint.name),
            Scope::Ip => (call.ip, &call.endpoint.operation.module),
        };
        if self.counts.len() >= MOST && !self.counts.contains_key(who) {
            self.tidy(call.now);
        }
        let windows = self.counts.entry(who.to_owned()).or_default().entry(what.clone()).or_default();
        let count = windows.entry(limit.seconds).or_default();
        let window = window(call.now, limit.seconds);
        if count.window != window {
            *count = Count { window, calls: 0 };
        }
        count
    }

    /// Forget the windows that are over, or everything when that makes no room.
    fn tidy(&mut self, now: i64) {
        for calls in self.counts.values_mut() {
            for windows in calls.values_mut() {
                windows.retain(|seconds, count| count.window == window(now, *seconds));
            }
            calls.retain(|_, windows| !windows.is_empty());
        }
        self.counts.retain(|_, calls| !calls.is_empty());
        if self.counts.len() >= MOST {
            self.counts.clear();
        }
    }
}

/// Which day, minute or the like it is.
fn window(now: i64, seconds: u64) -> i64 {
    let length = i64::try_from(seconds).unwrap_or(i64::MAX).max(1);
    (now + china::AHEAD).div_euclid(length)
}

/// The documented limit of a day.
fn documented(endpoint: &Endpoint) -> Option<&Quota> {
    endpoint.operation.quota.iter().find(|limit| limit.seconds == DAY)
}

/// The limit of a day; where none is documented, one that is shown and counted but not kept.
fn daily(endpoint: &Endpoint) -> Quota {
    let usual = Quota { calls: USUAL_DAILY_LIMIT, seconds: DAY, scope: Scope::Account, refused_count: false };
    documented(endpoint).cloned().unwrap_or(usual)
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
