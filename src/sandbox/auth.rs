//! Finds out who calls, by token or signature.

use super::{
    clock::real_now,
    endpoint::Endpoint,
    model::Refusal,
    options::Account,
    signature::{self, Parameters},
    tokens::{Kind, Tokens},
    wire::Wire,
};
use crate::catalog::Sign;
use serde_json::Value;

/// How far a signature's time may be from now, in seconds.
const VALID: i64 = 180;

/// What is known of the callers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Doorkeeper<'a> {
    pub accounts: &'a [Account],
    pub tokens: &'a Tokens,
    pub now: i64,
}

impl Doorkeeper<'_> {
    /// The caller: an appid of WeChat, a userid of Polyv.
    pub fn caller(&self, endpoint: &Endpoint, wire: &Wire) -> Result<String, Refusal> {
        let text = |name: &str| wire.texts.get(name).map_or("", String::as_str);
        match endpoint.operation.sign {
            Some(Sign::WechatToken) => self.tokens.owner(text("access_token"), Kind::Own, self.now).map(str::to_owned),
            Some(Sign::WechatComponent) => {
                let given = [text("component_access_token"), text("access_token")];
                let token = given.into_iter().find(|token| !token.is_empty()).unwrap_or_default();
                self.tokens.owner(token, Kind::Component, self.now).map(str::to_owned)
            }
            Some(Sign::PolyvV3) => self.polyv_v3(endpoint, &wire.texts),
            Some(Sign::PolyvV2) => self.polyv_v2(endpoint, wire),
            None => Ok(self.claimed(wire)),
        }
    }

    fn polyv_v3(&self, endpoint: &Endpoint, sent: &Parameters) -> Result<String, Refusal> {
        const PLAY_TOKEN_VALID: i64 = 600;
        let account = self.accounts.iter().find_map(|account| match account {
            Account::Polyv { app_id, secret, userid, .. } if Some(app_id) == sent.get("appId") => {
                Some((secret, userid))
            }
            _ => None,
        });
        let Some((secret, user)) = account else { return Err(Refusal::new(101, "application not exist")) };
        let own_time = endpoint.operation.input.properties.contains_key("ts");
        let (name, valid) = if own_time { ("ts", PLAY_TOKEN_VALID) } else { ("timestamp", VALID) };
        if self.age(sent.get(name)).is_none_or(|age| age.abs() > valid) {
            return Err(Refusal::new(100, "invalid timestamp"));
        }
        if sent.get("sign") != Some(&signature::v3(secret, sent)) {
            return Err(Refusal::new(104, "invalid signature"));
        }
        Ok(user.clone())
    }

    fn polyv_v2(&self, endpoint: &Endpoint, wire: &Wire) -> Result<String, Refusal> {
        let refused = |message: &str| Err(Refusal::new(400, message));
        let (user, secretkey) = self.main_account(endpoint, wire)?;
        let Some(sign) = wire.texts.get("sign").filter(|sign| !sign.is_empty()) else {
            return refused("sign can not be empty.");
        };
        match self.age(wire.texts.get("ptime")) {
            Some(age) if age > VALID => return refused("ptime is too old."),
            Some(age) if age >= -VALID => {}
            _ => return refused("ptime is illegal."),
        }
        if !accepted(&endpoint.operation.name, secretkey, user, &wire.texts).contains(sign) {
            return refused("the sign is not right.");
        }
        Ok(user.to_owned())
    }

    /// The userid that a v2 call names, and its secretkey.
    fn main_account<'a>(&'a self, endpoint: &Endpoint, wire: &'a Wire) -> Result<(&'a str, &'a str), Refusal> {
        let key = if endpoint.operation.input.properties.contains_key("userId") { "userId" } else { "userid" };
        let user = wire.fields.get(key).and_then(Value::as_str).or(wire.texts.get(key).map(String::as_str));
        let Some(user) = user.filter(|user| !user.is_empty()) else {
            return Err(Refusal::new(400, "userid is blank."));
        };
        let secretkey = self.accounts.iter().find_map(|account| match account {
            Account::Polyv { userid, secretkey, .. } if userid == user => Some(secretkey.as_str()),
            _ => None,
        });
        match secretkey {
            Some(secretkey) => Ok((user, secretkey)),
            None => Err(Refusal::new(400, format!("Could not find user by {key}."))),
        }
    }

    /// Who a call without a signature says that it is.
    fn claimed(&self, wire: &Wire) -> String {
        const LONGEST: usize = 64;
        if let Some(given) = wire.fields.get("writetoken") {
            let writer = self.accounts.iter().find_map(|account| match account {
                Account::Polyv { userid, writetoken, .. } if given == writetoken => Some(userid.clone()),
                _ => None,
            });
            return writer.unwrap_or_default();
        }
        let found = ["appid", "component_appid"].iter().find_map(|name| wire.fields.get(*name)?.as_str());
        found.unwrap_or_default().chars().take(LONGEST).collect()
    }

    /// How many seconds ago a time in milliseconds was. Callers live in real time even when the sandbox's clock was
    /// moved, so the nearer of the two counts.
    fn age(&self, stamp: Option<&String>) -> Option<i64> {
        let stamp = stamp?;
        let at = stamp.parse::<i64>().ok().filter(|_| stamp.len() == 13)? / 1000;
        [self.now - at, real_now() - at].into_iter().min_by_key(|age| age.abs())
    }
}

/// Every signature that some page of the manual allows for this call.
fn accepted(operation: &str, secretkey: &str, user: &str, sent: &Parameters) -> Vec<String> {
    let mut signs = vec![signature::v2(secretkey, sent)];
    if let Some(names) = fixed_names(operation) {
        let fixed = only(names, user, sent);
        signs.push(signature::v2(secretkey, &fixed));
        if operation == "v2_view_log_day" {
            // The newer page does not sort them.
            let pairs = names.iter().filter_map(|name| Some((*name, fixed.get(*name)?.as_str())));
            signs.push(signature::v2_in_order(secretkey, pairs));
        }
    }
    signs
}

/// Older pages sign fixed sets of names on these operations.
fn fixed_names(operation: &str) -> Option<&'static [&'static str]> {
    Some(match operation {
        "v2_get_categories" => &["userid", "ptime"],
        "v2_delete_category" => &["userid", "cataid", "ptime"],
        "v2_move_videos" => &["userid", "vids", "cataid", "ptime"],
        "v2_rename_category" => &["userid", "cataname", "cataid", "ptime"],
        "v2_view_log_day" => &["userid", "ptime", "day"],
        _ => return None,
    })
}

fn only(names: &[&str], user: &str, sent: &Parameters) -> Parameters {
    let mut chosen: Parameters = sent.clone();
    chosen.retain(|name, _| names.contains(&name.as_str()));
    chosen.insert("userid".into(), user.to_owned());
    chosen
}
