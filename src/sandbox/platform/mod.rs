//! What every WeChat call needs: tokens, third-party platforms, materials and quotas.

mod component;
mod material;
mod quota;
#[cfg(test)]
mod tests;
mod token;

use super::{
    endpoint::Endpoints,
    model::{Refusal, Request},
    options::Account,
    quota::Quotas,
    saved,
    state::Done,
    tokens::Tokens,
};
use fastrand::Rng;
use material::Materials;
use quota::Clears;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use token::Stable;

/// Tokens live this long, in seconds.
const TOKEN_LIFE: i64 = 7200;
/// How long an old token lives on beside its successor, in seconds.
const OVERLAP: i64 = 300;

/// All that the platform operations know and change.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Platform {
    pub tokens: Tokens,
    #[serde(with = "saved::random")]
    random: Rng,
    /// When the sandbox began, in seconds since 1970.
    begun: i64,
    /// The newest plain token of each appid.
    plain: BTreeMap<String, String>,
    /// The stable token of each appid.
    stable: BTreeMap<String, Stable>,
    /// The third-party platforms that started the push of their tickets.
    pushing: BTreeSet<String>,
    /// When each pre-authorisation code ends.
    preauth_codes: BTreeMap<String, i64>,
    materials: Materials,
    /// How often each appid cleared its quota.
    clears: BTreeMap<String, Clears>,
    /// The addresses that may ask for tokens of an appid; without a list any may.
    whitelists: BTreeMap<String, BTreeSet<String>>,
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
    pub fn new(random: Rng, now: i64) -> Self {
        Self {
            tokens: Tokens::default(),
            random,
            begun: now,
            plain: BTreeMap::new(),
            stable: BTreeMap::new(),
            pushing: BTreeSet::new(),
            preauth_codes: BTreeMap::new(),
            materials: Materials::default(),
            clears: BTreeMap::new(),
            whitelists: BTreeMap::new(),
        }
    }

    /// The reply to one call; `None` for an operation that has no model.
    pub fn answer(&mut self, request: &Request, around: Surroundings) -> Option<Result<Done, Refusal>> {
        let answer = match request.operation.trim_start_matches("platform.") {
            "get_access_token" => self.plain_token(&around, request),
            "get_stable_access_token" => self.stable_token(&around, request),
            "start_push_ticket" => self.start_push_ticket(&around, request),
            "get_component_access_token" => self.component_token(&around, request),
            "create_preauth_code" => self.preauth_code(around.accounts, request),
            "query_auth" => self.query_auth(around.accounts, request),
            "refresh_authorizer_token" => self.refresh_authorizer(around.accounts, request),
            "list_authorizers" => self.list_authorizers(around.accounts, request),
            "upload_temp_media" => self.materials.upload(&mut self.random, request),
            "get_temp_media" => return Some(self.materials.get(request).map(Done::File)),
            "get_permanent_material" => return Some(material::permanent(request).map(Done::File)),
            "clear_quota" => self.clear_quota(around.quotas, request),
            "get_api_quota" => quota::show(around, request),
            _ => return None,
        };
        Some(answer.map(Done::Fields))
    }

    /// Whether that address may ask for tokens of this appid; `code` says that it may not.
    fn check_address(&self, appid: &str, ip: &str, code: i64) -> Result<(), Refusal> {
        if self.whitelists.get(appid).is_none_or(|listed| listed.contains(ip)) {
            return Ok(());
        }
        Err(Refusal::new(code, format!("invalid ip {ip}, not in whitelist")))
    }
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
