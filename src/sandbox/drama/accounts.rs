//! Play grants per account (账号授权): all dramas of the grantor at once.

use super::grants::{Grant, Scope, app, check_category, check_other, put};
use super::{Dramas, done, grants, refusal};
use crate::sandbox::model::{Answer, Request, answer};
use serde_json::{Value, json};

/// An end has to lie ahead; no least duration is documented.
pub(super) fn grant(dramas: &mut Dramas, request: &Request) -> Answer {
    let grantee = app(request)?;
    check_other(request, &grantee)?;
    check_category(request, &grantee)?;
    let end = request.number("authz_expire_time").unwrap_or(0);
    if end != 0 && end <= request.now {
        return Err(refusal(47003));
    }
    put(dramas, Scope::Account, request, &grantee, end);
    done()
}

pub(super) fn revoke(dramas: &mut Dramas, request: &Request) -> Answer {
    grants::revoke(dramas, Scope::Account, request, &app(request)?)?;
    done()
}

pub(super) fn granted(dramas: &mut Dramas, request: &Request) -> Answer {
    let mine = live(dramas, request.now).filter(|grant| grant.grantor == request.caller);
    let rows = mine.map(|grant| row(grant, "authorized_appid", grant.grantee.appid()));
    answer!({ "objects": rows.collect::<Vec<_>>() })
}

pub(super) fn received(dramas: &mut Dramas, request: &Request) -> Answer {
    let mine = live(dramas, request.now).filter(|grant| grant.grantee.appid() == request.caller);
    let rows = mine.map(|grant| row(grant, "authorizer_appid", &grant.grantor));
    answer!({ "objects": rows.collect::<Vec<_>>() })
}

fn live(dramas: &Dramas, now: i64) -> impl Iterator<Item = &Grant> {
    dramas.grants.iter().filter(move |grant| grant.scope == Scope::Account && grant.is_live(now))
}

fn row(grant: &Grant, side: &str, appid: &str) -> Value {
    json!({ side: appid, "authorized_time": grant.since, "authz_expire_time": grant.until })
}
