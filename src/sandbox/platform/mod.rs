//! What every WeChat call needs: tokens, third-party platforms, materials and quotas.

mod component;
mod material;
mod token;

use super::{
    endpoint::Endpoints,
    model::{Answer, Refusal, Request, answer},
    options::Account,
    quota::{Counted, Quotas},
    state::Done,
    tokens::Tokens,
};
use fastrand::Rng;
use material::Materials;
use serde_json::Map;
use std::collections::HashMap;
use token::Stable;

/// Tokens live this long, in seconds.
const TOKEN_LIFE: i64 = 7200;
/// How long an old token lives on beside its successor, in seconds.
const OVERLAP: i64 = 300;

/// All that the platform operations know and change.
#[derive(Debug)]
pub(super) struct Platform {
    pub tokens: Tokens,
    random: Rng,
    /// The newest plain token of each appid.
    plain: HashMap<String, String>,
    /// The stable token of each appid.
    stable: HashMap<String, Stable>,
    materials: Materials,
    /// How often each appid cleared its quota in a month.
    clears: HashMap<(String, i64), u32>,
}

/// What lies around the platform operations.
#[derive(Debug)]
pub(super) struct Surroundings<'a> {
    pub accounts: &'a [Account],
    pub quotas: &'a mut Quotas,
    pub endpoints: &'a Endpoints,
    pub ip: &'a str,
}

impl Platform {
    pub fn new(random: Rng) -> Self {
        Self {
            tokens: Tokens::default(),
            random,
            plain: HashMap::new(),
            stable: HashMap::new(),
            materials: Materials::default(),
            clears: HashMap::new(),
        }
    }

    /// The reply to one call; `None` for an operation that has no model.
    pub fn answer(&mut self, request: &Request, around: Surroundings) -> Option<Result<Done, Refusal>> {
        let answer = match request.operation.trim_start_matches("platform.") {
            "get_access_token" => self.plain_token(around.accounts, request),
            "get_stable_access_token" => self.stable_token(around.accounts, request),
            "start_push_ticket" => component::start_push_ticket(around.accounts, request),
            "get_component_access_token" => self.component_token(around.accounts, request),
            "create_preauth_code" => self.preauth_code(request),
            "query_auth" => self.query_auth(around.accounts, request),
            "refresh_authorizer_token" => self.refresh_authorizer(around.accounts, request),
            "list_authorizers" => component::list_authorizers(around.accounts, request),
            "upload_temp_media" => self.materials.upload(&mut self.random, request),
            "get_temp_media" => return Some(self.materials.get(request).map(Done::File)),
            "get_permanent_material" => return Some(material::permanent(request).map(Done::File)),
            "clear_quota" => self.clear_quota(request, around),
            "get_api_quota" => quota(request, around),
            _ => return None,
        };
        Some(answer.map(Done::Fields))
    }

    fn clear_quota(&mut self, request: &Request, around: Surroundings) -> Answer {
        const MONTH: i64 = 30 * 86_400;
        const A_MONTH: u32 = 10;
        if request.text("appid") != Some(request.caller) {
            return Err(Refusal::new(40013, "invalid appid"));
        }
        let used = self.clears.entry((request.caller.to_owned(), request.now / MONTH)).or_default();
        if *used >= A_MONTH {
            return Err(Refusal::new(45009, "reach max clear quota limit of this month"));
        }
        *used += 1;
        around.quotas.clear(request.caller);
        Ok(Map::new())
    }
}

fn quota(request: &Request, around: Surroundings) -> Answer {
    let path = request.text("cgi_path").unwrap_or_default();
    let Some(endpoint) = around.endpoints.at(path) else { return Err(Refusal::new(40066, "invalid url")) };
    let call = Counted { endpoint, caller: request.caller, ip: around.ip, now: request.now };
    let (used, limit) = around.quotas.today(call);
    answer!({ "quota": { "daily_limit": limit, "used": used, "remain": limit.saturating_sub(used) } })
}

/// The documented code for a field that does not fit the schema, by its path.
pub(super) fn misfit(path: &str) -> i64 {
    match path {
        "grant_type" => 40002,
        "appid" => 41002,
        "secret" | "component_secret" | "component_appsecret" | "component_verify_ticket" => 40001,
        "component_appid" => 41018,
        "type" => 40004,
        "media_id" => 40007,
        "media" => 44002,
        "count" => 40170,
        "cgi_path" => 40066,
        _ => 47003,
    }
}
