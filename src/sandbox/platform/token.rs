//! The two kinds of a mini program's own token; neither touches the other.

use super::{OVERLAP, Platform, Surroundings, TOKEN_LIFE};
use crate::sandbox::{
    china,
    model::{Answer, Refusal, Request, answer},
    options::Account,
    tokens::Kind,
};
use serde::{Deserialize, Serialize};

/// The stable token of one appid.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Stable {
    token: String,
    /// When `force_refresh` was obeyed: today, and the last time.
    forced: Vec<i64>,
}

const FORCED_A_DAY: usize = 20;
const BETWEEN_FORCED: i64 = 30;

impl Platform {
    /// A new token; the one before it ends after a short overlap.
    pub(super) fn plain_token(&mut self, around: &Surroundings, request: &Request) -> Answer {
        let appid = self.known(around, request)?;
        let ends = request.now + TOKEN_LIFE;
        let token = self.tokens.issue(&mut self.random, appid, Kind::Own, ends, request.now);
        if let Some(old) = self.plain.insert(appid.to_owned(), token.clone()) {
            self.tokens.replace(&old, request.now + OVERLAP);
        }
        answer!({ "access_token": token, "expires_in": TOKEN_LIFE })
    }

    /// The same token while it is valid; a new one in its last minutes or when it is asked for.
    pub(super) fn stable_token(&mut self, around: &Surroundings, request: &Request) -> Answer {
        let appid = self.known(around, request)?;
        let now = request.now;
        let stable = self.stable.entry(appid.to_owned()).or_default();
        let ends = self.tokens.ends(&stable.token).unwrap_or(now);
        let force = request.flag("force_refresh") && stable.may_force(now)?;
        if !force && ends > now + OVERLAP {
            return answer!({ "access_token": stable.token, "expires_in": ends - now });
        }
        if force {
            stable.note_forced(now);
            self.tokens.replace(&stable.token, now);
        }
        stable.token = self.tokens.issue(&mut self.random, appid, Kind::Own, now + TOKEN_LIFE, now);
        answer!({ "access_token": stable.token, "expires_in": TOKEN_LIFE })
    }

    /// The appid of a request whose secret and address are right.
    fn known<'a>(&self, around: &Surroundings, request: &'a Request) -> Result<&'a str, Refusal> {
        let text = |field| request.text(field).unwrap_or_default();
        if text("grant_type") != "client_credential" {
            return Err(Refusal::new(40002, "invalid grant_type"));
        }
        let appid = text("appid");
        let secret = around.accounts.iter().find_map(|account| match account {
            Account::Wechat { appid: known, secret } if known == appid => Some(secret),
            _ => None,
        });
        match secret {
            None => Err(Refusal::new(40013, "invalid appid")),
            Some(secret) if secret != text("secret") => {
                Err(Refusal::new(40001, "invalid credential, appsecret is invalid or not of this appid"))
            }
            Some(_) => self.check_address(appid, around.ip, 40164).map(|()| appid),
        }
    }
}

impl Stable {
    /// A repeat that comes too fast does not refresh; too many in a day are refused.
    fn may_force(&self, now: i64) -> Result<bool, Refusal> {
        if self.forced.last().is_some_and(|at| at + BETWEEN_FORCED > now) {
            return Ok(false);
        }
        let today = self.forced.iter().filter(|at| china::day(**at) == china::day(now));
        if today.count() < FORCED_A_DAY {
            Ok(true)
        } else {
            Err(Refusal::new(45009, "reach max api daily quota limit"))
        }
    }

    fn note_forced(&mut self, now: i64) {
        self.forced.retain(|at| china::day(*at) == china::day(now));
        self.forced.push(now);
    }
}
