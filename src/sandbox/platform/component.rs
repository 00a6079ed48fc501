//! Third-party platforms: their own token, and the tokens of those who authorised them.

use super::{Platform, TOKEN_LIFE};
use crate::sandbox::{
    model::{Answer, Refusal, Request, answer},
    options::{Account, Authorizer},
    tokens::Kind,
};
use serde_json::{Map, Value, json};

const PREAUTH_LIFE: i64 = 1800;
/// The permission sets for dramas and novels.
const PERMISSIONS: [i64; 2] = [153, 169];

struct Component<'a> {
    secret: &'a str,
    ticket: &'a str,
    authorizers: &'a [Authorizer],
}

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

pub(super) fn start_push_ticket(accounts: &[Account], request: &Request) -> Answer {
    let component = component(accounts, request)?;
    right(component.secret, request.text("component_secret"))?;
    Ok(Map::new())
}

pub(super) fn list_authorizers(accounts: &[Account], request: &Request) -> Answer {
    const A_YEAR: i64 = 365 * 86_400;
    let all = component(accounts, request)?.authorizers;
    let number = |field| usize::try_from(request.number(field).unwrap_or(0)).unwrap_or(0);
    let page = all.iter().skip(number("offset")).take(number("count"));
    let list: Vec<Value> = page
        .map(|it| {
            json!({
                "authorizer_appid": it.appid,
                "refresh_token": it.refresh_token,
                "auth_time": request.now - A_YEAR,
            })
        })
        .collect();
    answer!({ "total_count": all.len(), "list": list })
}

impl Platform {
    pub(super) fn component_token(&mut self, accounts: &[Account], request: &Request) -> Answer {
        let component = component(accounts, request)?;
        right(component.secret, request.text("component_appsecret"))?;
        right(component.ticket, request.text("component_verify_ticket"))?;
        let token = self.issue(request.caller, Kind::Component, request.now);
        answer!({ "component_access_token": token, "expires_in": TOKEN_LIFE })
    }

    pub(super) fn preauth_code(&mut self, request: &Request) -> Answer {
        const LENGTH: usize = 64;
        if request.text("component_appid") != Some(request.caller) {
            return Err(Refusal::new(40013, "invalid appid"));
        }
        let code: String = (0..LENGTH).map(|_| self.random.alphanumeric()).collect();
        answer!({ "pre_auth_code": format!("preauthcode@@@{code}"), "expires_in": PREAUTH_LIFE })
    }

    /// Every code stands for the first who authorised: there is no page here on which another could.
    pub(super) fn query_auth(&mut self, accounts: &[Account], request: &Request) -> Answer {
        let Some(authorizer) = component(accounts, request)?.authorizers.first() else {
            return Err(Refusal::new(61007, "api is unauthorized to component"));
        };
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
        let Some(authorizer) = known.iter().find(|it| it.appid == appid) else {
            return Err(Refusal::new(61007, "api is unauthorized to component"));
        };
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

    fn issue(&mut self, owner: &str, kind: Kind, now: i64) -> String {
        self.tokens.issue(&mut self.random, owner, kind, now + TOKEN_LIFE, now)
    }
}

fn right(secret: &str, given: Option<&str>) -> Result<(), Refusal> {
    if given == Some(secret) { Ok(()) } else { Err(Refusal::new(40001, "invalid credential")) }
}
