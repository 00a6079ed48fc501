//! Play grants per drama (剧目授权).

use super::grants::{Grant, Scope, app, check_category, each_drama, grantable, put, until};
use super::{Dramas, grants, page};
use crate::sandbox::model::{Answer, Request, answer};
use serde_json::{Value, json};

pub(super) fn grant(dramas: &mut Dramas, request: &Request) -> Answer {
    let (grantee, end) = (app(request)?, until(request, "authz_expire_time")?);
    each_drama(request.list("drama_id"), |id| {
        check_category(request, &grantee)?;
        grantable(dramas, request, id)?;
        put(dramas, Scope::Play(id), request, &grantee, end);
        Ok(())
    })
}

pub(super) fn revoke(dramas: &mut Dramas, request: &Request) -> Answer {
    let grantee = app(request)?;
    each_drama(request.list("drama_id"), |id| grants::revoke(dramas, Scope::Play(id), request, &grantee))
}

pub(super) fn granted(dramas: &mut Dramas, request: &Request) -> Answer {
    let drama_id = request.number("drama_id").filter(|id| *id != 0);
    let grantee = request.text("authorized_appid").filter(|appid| !appid.is_empty());
    let found = rows(dramas, request.now, |grant, id| {
        let meant = grant.grantor == request.caller
            && drama_id.is_none_or(|wanted| wanted == id)
            && grantee.is_none_or(|appid| grant.grantee.appid() == appid);
        meant.then(|| ("authorized_appid", grant.grantee.appid()))
    });
    answer!({ "total_count": found.len(), "objects": page(found, request, 100) })
}

pub(super) fn received(dramas: &mut Dramas, request: &Request) -> Answer {
    let grantor = request.text("authorizer_appid").filter(|appid| !appid.is_empty());
    let found = rows(dramas, request.now, |grant, _| {
        let meant = grant.grantee.appid() == request.caller && grantor.is_none_or(|appid| grant.grantor == appid);
        meant.then_some(("authorizer_appid", grant.grantor.as_str()))
    });
    answer!({ "total_count": found.len(), "objects": page(found, request, 100) })
}

/// The live grants that `other` wants, with the other side as it names it.
fn rows<'a>(
    dramas: &'a Dramas,
    now: i64,
    other: impl Fn(&'a Grant, i64) -> Option<(&'static str, &'a str)>,
) -> Vec<Value> {
    let row = |grant: &'a Grant| {
        let Scope::Play(id) = grant.scope else { return None };
        let (side, appid) = other(grant, id)?;
        Some(json!({
            "drama_id": id, side: appid, "authorized_time": grant.since, "authz_expire_time": grant.until
        }))
    };
    dramas.grants.iter().filter(|grant| grant.is_live(now)).filter_map(row).collect()
}
