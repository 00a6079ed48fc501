//! Third-party platforms: their tickets and their own token, and the tokens of those who authorised them.

use super::{Platform, Surroundings, TOKEN_LIFE};
use crate::sandbox::{
    model::{Answer, Refusal, Request, answer},
    options::{Account, Authorizer},
    tokens::Kind,
};
use serde_json::{Map, Value, json};

/// A ticket is valid for twelve hours.
const TICKET_LIFE: i64 = 12 * 3600;
const PREAUTH_LIFE: i64 = 1800;
const PREAUTH: &str = "preauthcode@@@";
/// The permission sets for dramas and novels.
const PERMISSIONS: [i64; 2] = [153, 169];

struct Component<'a> {
    secret: &'a str,
    ticket: &'a str,
    authorizers: &'a [Authorizer],
}

/// The third-party platform that a call names; it must be the caller.
fn component<'a>(accounts: &'a [Account], request: &Request) -> Result<Component<'a>, Refusal> {
    let given = request.text("component_appid").unwrap_or_default();
    let found = accounts.iter().find_map(|account| match account {
        Account::Component { appid, secret, ticket, authorizers } if appid == given => {
            Some(Component { secret, ticket, authorizers })
        }
        _ => None,
    });
    found.filter(|_| given == request.caller).ok_or_else(|| Refusal::new(40013, "invalid appid"))
}

impl Platform {
    /// From now on the known ticket is pushed every ten minutes, so it stays valid.
    pub(super) fn start_push_ticket(&mut self, around: &Surroundings, request: &Request) -> Answer {
        let component = component(around.accounts, request)?;
        right(component.secret, request.text("component_secret"))?;
        self.check_address(request.caller, around.ip, 61004)?;
        self.pushing.insert(request.caller.to_owned());
        Ok(Map::new())
    }

    pub(super) fn component_token(&mut self, around: &Surroundings, request: &Request) -> Answer {
        let component = component(around.accounts, request)?;
        right(component.secret, request.text("component_appsecret"))?;
        right(component.ticket, request.text("component_verify_ticket"))?;
        if !self.pushing.contains(request.caller) && request.now >= self.begun + TICKET_LIFE {
            return Err(Refusal::new(40001, "invalid credential, component_verify_ticket is expired"));
        }
        self.check_address(request.caller, around.ip, 61004)?;
        let token = self.issue(request.caller, Kind::Component, request.now);
        answer!({ "component_access_token": token, "expires_in": TOKEN_LIFE })
    }

    pub(super) fn preauth_code(&mut self, accounts: &[Account], request: &Request) -> Answer {
        const LENGTH: usize = 64;
        component(accounts, request)?;
        let code: String = (0..LENGTH).map(|_| self.random.alphanumeric()).collect();
        let code = format!("{PREAUTH}{code}");
        self.preauth_codes.retain(|_, ends| *ends > request.now);
        self.preauth_codes.insert(code.clone(), request.now + PREAUTH_LIFE);
        answer!({ "pre_auth_code": code, "expires_in": PREAUTH_LIFE })
    }

    /// There is no page here on which a merchant could authorise. So every code stands for the first one who did, or
    /// for the one whose appid it ends with; a pre-authorisation code serves as long as it lives.
    pub(super) fn query_auth(&mut self, accounts: &[Account], request: &Request) -> Answer {
        let known = component(accounts, request)?.authorizers;
        let code = request.text("authorization_code").unwrap_or_default();
        let lives = || self.preauth_codes.get(code).is_some_and(|ends| *ends > request.now);
        if code.starts_with(PREAUTH) && !lives() {
            return Err(Refusal::new(40001, "invalid credential, authorization code is invalid or expired"));
        }
        let named = known.iter().find(|it| code.ends_with(&it.appid));
        let Some(authorizer) = named.or(known.first()) else { return Err(unauthorized()) };
        let token = self.issue(&authorizer.appid, Kind::Own, request.now);
        let permissions = PERMISSIONS.map(|id| json!({ "funcscope_category": { "id": id } }));
        answer!({
            "authorization_info": {
                "authorizer_appid": authorizer.appid,
                "authorizer_access_token": token,
                "expires_in": TOKEN_LIFE,
                "authorizer_refresh_token": authorizer.refresh_token,
                "func_info": permissions,
            }
        })
    }

    pub(super) fn refresh_authorizer(&mut self, accounts: &[Account], request: &Request) -> Answer {
        let known = component(accounts, request)?.authorizers;
        let appid = request.text("authorizer_appid").unwrap_or_default();
        let Some(authorizer) = known.iter().find(|it| it.appid == appid) else { return Err(unauthorized()) };
        if request.text("authorizer_refresh_token") != Some(&authorizer.refresh_token) {
            return Err(Refusal::new(61023, "refresh_token is invalid"));
        }
        let token = self.issue(appid, Kind::Own, request.now);
        answer!({
            "authorizer_access_token": token,
            "expires_in": TOKEN_LIFE,
            "authorizer_refresh_token": authorizer.refresh_token,
        })
    }

    pub(super) fn list_authorizers(&self, accounts: &[Account], request: &Request) -> Answer {
        const A_YEAR: i64 = 365 * 86_400;
        let all = component(accounts, request)?.authorizers;
        let number = |field| usize::try_from(request.number(field).unwrap_or(0)).unwrap_or(0);
        let page = all.iter().skip(number("offset")).take(number("count"));
        let list: Vec<Value> = page
            .map(|it| {
                json!({
                    "authorizer_appid": it.appid,
                    "refresh_token": it.refresh_token,
                    "auth_time": self.begun - A_YEAR,
                })
            })
            .collect();
        answer!({ "total_count": all.len(), "list": list })
    }

    fn issue(&mut self, owner: &str, kind: Kind, now: i64) -> String {
        self.tokens.issue(&mut self.random, owner, kind, now + TOKEN_LIFE, now)
    }
}

fn unauthorized() -> Refusal {
    Refusal::new(61007, "api is unauthorized to component")
}

fn right(secret: &str, given: Option<&str>) -> Result<(), Refusal> {
    if given == Some(secret) { Ok(()) } else { Err(Refusal::new(40001, "invalid credential")) }
}
