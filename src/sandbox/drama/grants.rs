//! Grants of every kind: to play one drama or all of them, and copyright.

use super::dramas::Drama;
use super::{Dramas, page, refusal};
use crate::sandbox::grants::Grant as Ending;
use crate::sandbox::model::{Answer, Refusal, Request, answer, is_appid, number};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A grant with an end lasts at least seven days.
const SHORTEST: i64 = 7 * 86_400;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Grant {
    pub scope: Scope,
    pub grantor: String,
    pub grantee: Grantee,
    #[serde(default)]
    pub since: i64,
    /// 0 for ever
    #[serde(default)]
    pub until: i64,
    /// Kept, because a second revoke has a code of its own.
    #[serde(default)]
    pub revoked: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Scope {
    /// To play one drama.
    Play(i64),
    /// To play all dramas of the grantor.
    Account,
    Copyright(i64),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Grantee {
    App(String),
    /// A legal subject, by its unified social credit code.
    Subject(String),
}

impl Grant {
    pub fn is_live(&self, now: i64) -> bool {
        !self.revoked && (self.until == 0 || self.until > now)
    }
}

impl Grantee {
    /// The appid; empty for a legal subject.
    pub fn appid(&self) -> &str {
        match self {
            Grantee::App(appid) => appid,
            Grantee::Subject(_) => "",
        }
    }
}

/// The owner may play a drama, and whoever was granted it or all dramas of the owner.
pub(super) fn may_play(dramas: &Dramas, drama_id: i64, drama: &Drama, request: &Request) -> bool {
    let reaches = |grant: &Grant| {
        (grant.scope == Scope::Play(drama_id) || grant.scope == Scope::Account)
            && grant.grantor == drama.owner
            && grant.grantee.appid() == request.caller
            && grant.is_live(request.now)
    };
    drama.owner == request.caller || dramas.grants.iter().any(reaches)
}

/// A grant of the same to the same is replaced.
pub(super) fn put(dramas: &mut Dramas, scope: Scope, request: &Request, grantee: &Grantee, until: i64) {
    dramas.grants.retain(|old| old.scope != scope || old.grantor != request.caller || old.grantee != *grantee);
    let (grantor, grantee) = (request.caller.into(), grantee.clone());
    dramas.grants.push(Grant { scope, grantor, grantee, since: request.now, until, revoked: false });
}

pub(super) fn revoke(dramas: &mut Dramas, scope: Scope, request: &Request, grantee: &Grantee) -> Result<(), Refusal> {
    let same =
        |grant: &&mut Grant| grant.scope == scope && grant.grantor == request.caller && grant.grantee == *grantee;
    match dramas.grants.iter_mut().find(same) {
        Some(grant) if grant.revoked => Err(refusal(10090039)),
        Some(grant) if grant.is_live(request.now) => {
            grant.revoked = true;
            Ok(())
        }
        _ => Err(refusal(10090043)),
    }
}

/// The live grants that end by then.
pub(super) fn ending(dramas: &Dramas, now: i64, by: i64) -> impl Iterator<Item = Ending> {
    let ends = move |grant: &&Grant| grant.is_live(now) && grant.until != 0 && grant.until <= by;
    dramas.grants.iter().filter(ends).map(|grant| {
        let (kind, id) = match grant.scope {
            Scope::Play(id) => ("drama", Some(id)),
            Scope::Account => ("all_dramas", None),
            Scope::Copyright(id) => ("copyright", Some(id)),
        };
        let drama = id.and_then(|id| dramas.dramas.get(&id));
        let (Grantee::App(grantee) | Grantee::Subject(grantee)) = &grant.grantee;
        Ending {
            expires_at: grant.until,
            kind,
            item: id.map(|id| id.to_string()).unwrap_or_default(),
            title: drama.map(|drama| drama.text("name").to_owned()).unwrap_or_default(),
            grantor: grant.grantor.clone(),
            grantee: grantee.clone(),
        }
    })
}

/// One page of the live grants that are meant, and how many there are.
pub(super) fn pick<'a>(
    dramas: &'a Dramas,
    request: &Request,
    meant: impl Fn(&Grant) -> bool,
) -> (usize, Vec<&'a Grant>) {
    let found: Vec<&Grant> = dramas.grants.iter().filter(|it| meant(it) && it.is_live(request.now)).collect();
    (found.len(), page(found, request, 100))
}

/// The mini program that a call names.
pub(super) fn app(request: &Request) -> Result<Grantee, Refusal> {
    let appid = request.text("authorized_appid").unwrap_or_default();
    if is_appid(appid) { Ok(Grantee::App(appid.into())) } else { Err(refusal(10093014)) }
}

/// Nobody grants anything to itself.
pub(super) fn check_other(request: &Request, grantee: &Grantee) -> Result<(), Refusal> {
    if grantee.appid() == request.caller { Err(refusal(47003)) } else { Ok(()) }
}

pub(super) fn check_category(request: &Request, grantee: &Grantee) -> Result<(), Refusal> {
    if request.lacks_category(grantee.appid()) { Err(refusal(10090038)) } else { Ok(()) }
}

/// When a grant ends; 0 or absent: never.
pub(super) fn until(request: &Request, field: &str) -> Result<i64, Refusal> {
    match request.number(field).unwrap_or(0) {
        0 => Ok(0),
        moment if moment < request.now + SHORTEST => Err(refusal(47003)),
        moment => Ok(moment),
    }
}

/// Run a call drama by drama and report each; the outer code stays 0. Not every call says `ok` of what went well.
pub(super) fn each_drama(ids: &[Value], ok: Option<&str>, mut run: impl FnMut(i64) -> Result<(), Refusal>) -> Answer {
    let mut row = |id: &Value| {
        let (code, message) = match run(number(id).unwrap_or(0)) {
            Ok(()) => (0, ok.map(str::to_owned)),
            Err(refusal) => (refusal.code, Some(refusal.message)),
        };
        let mut row = Map::from_iter([("drama_id".into(), id.clone()), ("errcode".into(), code.into())]);
        row.extend(message.map(|message| ("errmsg".into(), message.into())));
        Value::Object(row)
    };
    answer!({ "result": ids.iter().map(&mut row).collect::<Vec<_>>() })
}

/// A drama of the caller that has passed.
pub(super) fn grantable<'a>(dramas: &'a Dramas, request: &Request, id: i64) -> Result<&'a Drama, Refusal> {
    let drama = dramas.dramas.get(&id).filter(|drama| drama.owner == request.caller);
    let drama = drama.ok_or_else(|| refusal(10093030))?;
    if drama.passed() { Ok(drama) } else { Err(refusal(10093011)) }
}
