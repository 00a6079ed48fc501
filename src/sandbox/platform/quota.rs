//! What is left of the day's calls, and the few times a month on which it is given back.

use super::{Platform, Surroundings};
use crate::{
    catalog::Sign,
    sandbox::{
        china,
        model::{Answer, Refusal, Request, answer},
        quota::{Counted, Quotas},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Map;

const A_MONTH: u32 = 10;

/// How often an appid cleared its quota in the month of the last time.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Clears {
    /// `2025-01`
    month: String,
    times: u32,
}

impl Platform {
    pub(super) fn clear_quota(&mut self, quotas: &mut Quotas, request: &Request) -> Answer {
        if request.text("appid") != Some(request.caller) {
            return Err(Refusal::new(40013, "invalid appid"));
        }
        let clears = self.clears.entry(request.caller.to_owned()).or_default();
        let month = china::month(request.now);
        if clears.month != month {
            *clears = Clears { month, times: 0 };
        }
        if clears.times >= A_MONTH {
            return Err(Refusal::new(45009, "reach max clear quota limit of this month"));
        }
        clears.times += 1;
        quotas.clear(request.caller);
        Ok(Map::new())
    }
}

pub(super) fn show(around: Surroundings, request: &Request) -> Answer {
    let of_wechat = |sign| matches!(sign, Sign::WechatToken | Sign::WechatComponent);
    let path = request.text("cgi_path").unwrap_or_default();
    let found = around.endpoints.at(path).filter(|endpoint| endpoint.operation.family.is_some_and(of_wechat));
    let Some(endpoint) = found else { return Err(Refusal::new(40066, "invalid url")) };
    let call = Counted { endpoint, caller: request.caller, ip: around.ip, now: request.now };
    let (used, limit) = around.quotas.today(call);
    answer!({ "quota": { "daily_limit": limit, "used": used, "remain": limit.saturating_sub(used) } })
}
