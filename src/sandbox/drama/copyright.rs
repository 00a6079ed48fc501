//! Copyright grants (版权授权), to a mini program or to a legal subject.

use super::grants::{Grant, Grantee, Scope, app, check_category, check_other, each_drama, grantable, pick, put, until};
use super::{Dramas, grants, refusal};
use crate::sandbox::model::{Answer, Refusal, Request, answer};
use serde_json::{Value, json};

const SUBJECT: i64 = 1;
const APP: i64 = 2;

/// Only dramas under copyright protection.
pub(super) fn grant(dramas: &mut Dramas, request: &Request) -> Answer {
    let (grantee, end) = (grantee(request)?, until(request, "expire_time")?);
    check_other(request, &grantee)?;
    each_drama(request.list("drama_ids"), Some("ok"), |id| {
        check_category(request, &grantee)?;
        if !grantable(dramas, request, id)?.protected() {
            return Err(refusal(10093011));
        }
        put(dramas, Scope::Copyright(id), request, &grantee, end);
        Ok(())
    })
}

pub(super) fn revoke(dramas: &mut Dramas, request: &Request) -> Answer {
    let grantee = grantee(request)?;
    let revoke = |id| grants::revoke(dramas, Scope::Copyright(id), request, &grantee);
    each_drama(request.list("drama_ids"), Some("ok"), revoke)
}

fn grantee(request: &Request) -> Result<Grantee, Refusal> {
    if request.number("authorization_type") == Some(APP) {
        return app(request);
    }
    let code = request.text("authorized_subject_cert_no").ok_or_else(|| refusal(47003))?;
    let fits = code.len() == 18 && code.bytes().all(|sign| sign.is_ascii_digit() || sign.is_ascii_uppercase());
    if fits { Ok(Grantee::Subject(code.into())) } else { Err(refusal(10093014)) }
}

pub(super) fn granted(dramas: &mut Dramas, request: &Request) -> Answer {
    let wanted = match request.number("authorization_type").unwrap_or(0) {
        0 => None,
        _ => Some(grantee(request)?),
    };
    let drama_id = request.number("drama_id").filter(|id| *id != 0);
    listed(dramas, request, |grant, id| {
        grant.grantor == request.caller
            && wanted.as_ref().is_none_or(|grantee| grant.grantee == *grantee)
            && drama_id.is_none_or(|wanted| wanted == id)
    })
}

/// The sandbox knows no subject of a mini program, so grants to subjects are on the other side's list only.
pub(super) fn received(dramas: &mut Dramas, request: &Request) -> Answer {
    let grantor = request.text("authorizer_appid").filter(|appid| !appid.is_empty());
    listed(dramas, request, |grant, _| {
        grant.grantee.appid() == request.caller && grantor.is_none_or(|appid| grant.grantor == appid)
    })
}

fn listed(dramas: &Dramas, request: &Request, meant: impl Fn(&Grant, i64) -> bool) -> Answer {
    let (total, found) = pick(dramas, request, |grant| matches!(grant.scope, Scope::Copyright(id) if meant(grant, id)));
    answer!({ "total_count": total, "list": found.into_iter().map(row).collect::<Vec<_>>() })
}

fn row(grant: &Grant) -> Value {
    let Scope::Copyright(drama_id) = grant.scope else { return Value::Null };
    let (kind, subject) = match &grant.grantee {
        Grantee::App(_) => (APP, ""),
        Grantee::Subject(code) => (SUBJECT, code.as_str()),
    };
    json!({
        "authorizer_appid": grant.grantor,
        "authorization_type": kind,
        "authorized_appid": grant.grantee.appid(),
        "authorized_subject_cert_no": subject,
        "drama_id": drama_id,
        "authorized_time": grant.since,
        "expire_time": grant.until,
    })
}
