//! Play grants per drama (剧目授权).

use super::grants::{Grant, Scope, app, check_category, check_other, each_drama, grantable, pick, put, until};
use super::{Dramas, grants};
use crate::sandbox::model::{Answer, Request, answer};
use serde_json::{Value, json};

pub(super) fn grant(dramas: &mut Dramas, request: &Request) -> Answer {
    let (grantee, end) = (app(request)?, until(request, "authz_expire_time")?);
    check_other(request, &grantee)?;
    each_drama(request.list("drama_id"), None, |id| {
        check_category(request, &grantee)?;
        grantable(dramas, request, id)?;
        put(dramas, Scope::Play(id), request, &grantee, end);
        Ok(())
    })
}

pub(super) fn revoke(dramas: &mut Dramas, request: &Request) -> Answer {
    let grantee = app(request)?;
    each_drama(request.list("drama_id"), None, |id| grants::revoke(dramas, Scope::Play(id), request, &grantee))
}

pub(super) fn granted(dramas: &mut Dramas, request: &Request) -> Answer {
    let drama_id = request.number("drama_id").filter(|id| *id != 0);
    let grantee = request.text("authorized_appid").filter(|appid| !appid.is_empty());
    let (total, found) = pick(dramas, request, |grant| {
        matches!(grant.scope, Scope::Play(id) if drama_id.is_none_or(|wanted| wanted == id))
            && grant.grantor == request.caller
            && grantee.is_none_or(|appid| grant.grantee.appid() == appid)
    });
    let rows = found.into_iter().map(|grant| row(grant, "authorized_appid", grant.grantee.appid()));
    answer!({ "total_count": total, "objects": rows.collect::<Vec<_>>() })
}

pub(super) fn received(dramas: &mut Dramas, request: &Request) -> Answer {
    let grantor = request.text("authorizer_appid").filter(|appid| !appid.is_empty());
    let (total, found) = pick(dramas, request, |grant| {
        matches!(grant.scope, Scope::Play(_))
            && grant.grantee.appid() == request.caller
            && grantor.is_none_or(|appid| grant.grantor == appid)
    });
    let rows = found.into_iter().map(|grant| row(grant, "authorizer_appid", &grant.grantor));
    answer!({ "total_count": total, "objects": rows.collect::<Vec<_>>() })
}

/// With the other side as the listing names it.
fn row(grant: &Grant, side: &str, appid: &str) -> Value {
    let Scope::Play(id) = grant.scope else { return Value::Null };
    json!({ "drama_id": id, side: appid, "authorized_time": grant.since, "authz_expire_time": grant.until })
}
