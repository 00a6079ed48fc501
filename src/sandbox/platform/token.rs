//! The two kinds of a mini program's own token; neither touches the other.

use super::{OVERLAP, Platform, TOKEN_LIFE};
use crate::sandbox::{
    model::{Answer, Refusal, Request, answer},
    options::Account,
    tokens::Kind,
};

/// The stable token of one appid.
#[derive(Debug, Default)]
pub(super) struct Stable {
    token: String,
    /// When `force_refresh` was obeyed.
    forced: Vec<i64>,
}

const DAY: i64 = 86_400;
const FORCED_A_DAY: usize = 20;
const BETWEEN_FORCED: i64 = 30;

impl Platform {
    /// A new token; the one before it ends after a short overlap.
    pub(super) fn plain_token(&mut self, accounts: &[Account], request: &Request) -> Answer {
        let appid = known(accounts, request)?;
        let ends = request.now + TOKEN_LIFE;
        let token = self.tokens.issue(&mut self.random, appid, Kind::Own, ends, request.now);
        if let Some(old) = self.plain.insert(appid.to_owned(), token.clone()) {
            self.tokens.replace(&old, request.now + OVERLAP);
        }
        answer!({ "access_token": token, "expires_in": TOKEN_LIFE })
    }

    /// The same token while it is valid; a new one in its last minutes or when it is asked for.
    pub(super) fn stable_token(&mut self, accounts: &[Account], request: &Request) -> Answer {
        let appid = known(accounts, request)?;
        let now = request.now;
        let stable = self.stable.entry(appid.to_owned()).or_default();
        let ends = self.tokens.ends(&stable.token).unwrap_or(now);
        let force = request.flag("force_refresh") && stable.may_force(now)?;
        if !force && ends > now + OVERLAP {
            return answer!({ "access_token": stable.token, "expires_in": ends - now });
        }
        if force {
            stable.forced.push(now);
            self.tokens.replace(&stable.token, now);
        }
        stable.token = self.tokens.issue(&mut self.random, appid, Kind::Own, now + TOKEN_LIFE, now);
        answer!({ "access_token": stable.token, "expires_in": TOKEN_LIFE })
    }
}

impl Stable {
    fn may_force(&mut self, now: i64) -> Result<bool, Refusal> {
        self.forced.retain(|at| at + DAY > now);
        if self.forced.len() >= FORCED_A_DAY {
            return Err(Refusal::new(45009, "reach max api daily quota limit"));
        }
        Ok(self.forced.last().is_none_or(|at| at + BETWEEN_FORCED <= now))
    }
}

/// The appid of a request whose secret is right.
fn known<'a>(accounts: &[Account], request: &'a Request) -> Result<&'a str, Refusal> {
    let text = |field| request.text(field).unwrap_or_default();
    if text("grant_type") != "client_credential" {
        return Err(Refusal::new(40002, "invalid grant_type"));
    }
    let appid = text("appid");
    let secret = accounts.iter().find_map(|account| match account {
        Account::Wechat { appid: known, secret } if known == appid => Some(secret),
        _ => None,
    });
    match secret {
        None => Err(Refusal::new(40013, "invalid appid")),
        Some(secret) if secret != text("secret") => {
            Err(Refusal::new(40001, "invalid credential, appsecret is invalid or not of this appid"))
        }
        Some(_) => Ok(appid),
    }
}
