//! Grants per book: grantor, book, grantee and an end.

use super::book::Book;
use super::{Novels, done, refusal};
use crate::sandbox::model::{Answer, Refusal, Request, answer, is_appid, number};
use serde_json::{Value, json};

/// The last moment that a grant may end at.
const LATEST: i64 = 2_147_483_646;

#[derive(Debug)]
pub(super) struct BookGrant {
    pub book_id: String,
    pub grantor: String,
    pub grantee: String,
    pub expire_time: i64,
}

/// All books of the grantor.
#[derive(Debug)]
pub(super) struct AppGrant {
    pub grantor: String,
    pub grantee: String,
    pub expire_time: i64,
}

impl BookGrant {
    pub fn json(&self) -> Value {
        json!({
            "book_id": self.book_id,
            "grantor_appid": self.grantor,
            "grantee_appid": self.grantee,
            "expire_time": self.expire_time,
        })
    }
}

/// Until when a grant lets this account use the book.
pub(super) fn end_of(novels: &Novels, book: &Book, grantee: &str) -> Option<i64> {
    let alone = novels.book_grants.iter().filter(|grant| grant.book_id == book.id && grant.grantee == grantee);
    let all = novels.app_grants.iter().filter(|grant| grant.grantor == book.owner && grant.grantee == grantee);
    alone.map(|grant| grant.expire_time).chain(all.map(|grant| grant.expire_time)).max()
}

pub(super) fn reaches(novels: &Novels, book: &Book, grantee: &str, now: i64) -> bool {
    end_of(novels, book, grantee).is_some_and(|end| end > now)
}

/// Row by row; the outer code tells that some failed, the results tell which.
pub(super) fn add(novels: &mut Novels, request: &Request) -> Answer {
    each_row(request.list("books"), |row| {
        check(row, request)?;
        let book_id = row["book_id"].as_str().unwrap_or_default();
        if novels.book(book_id).is_none_or(|book| book.owner != request.caller) {
            return Err(refusal(10145004));
        }
        put(novels, book_id, row, request.caller);
        Ok(())
    })
}

/// Run the rows of a call in order and report each.
pub(super) fn each_row(rows: &[Value], mut run: impl FnMut(&Value) -> Result<(), Refusal>) -> Answer {
    if rows.is_empty() || rows.len() > 20 {
        return Err(refusal(10145008));
    }
    let outcome = |row| match run(row) {
        Ok(()) => json!({ "errcode": 0, "errmsg": "ok" }),
        Err(refusal) => json!({ "errcode": refusal.code, "errmsg": refusal.message }),
    };
    let results: Vec<Value> = rows.iter().map(outcome).collect();
    let failed = results.iter().any(|result| result["errcode"] != 0);
    let fields = answer!({ "results": results })?;
    if failed { Err(Refusal { fields, ..refusal(10145010) }) } else { Ok(fields) }
}

/// What has to hold for the grantee and the end of any grant.
pub(super) fn check(row: &Value, request: &Request) -> Result<(), Refusal> {
    let grantee = row["grantee_appid"].as_str().unwrap_or_default();
    let end = number(&row["expire_time"]).unwrap_or(0);
    match () {
        () if !is_appid(grantee) => Err(refusal(10145011)),
        () if grantee == request.caller => Err(refusal(10145012)),
        () if end <= request.now || end > LATEST => Err(refusal(10145007)),
        () if request.lacks_category(grantee) => Err(refusal(10145006)),
        () => Ok(()),
    }
}

/// A grant of the same book to the same account is replaced where it stands.
fn put(novels: &mut Novels, book_id: &str, row: &Value, grantor: &str) {
    let grant = BookGrant {
        book_id: book_id.into(),
        grantor: grantor.into(),
        grantee: row["grantee_appid"].as_str().unwrap_or_default().into(),
        expire_time: number(&row["expire_time"]).unwrap_or(0),
    };
    let same = |old: &&mut BookGrant| old.book_id == grant.book_id && old.grantee == grant.grantee;
    match novels.book_grants.iter_mut().find(same) {
        Some(old) => *old = grant,
        None => novels.book_grants.push(grant),
    }
}

/// Expired grants are gone. The total comes only when asked for, and only on the granting side.
pub(super) fn query(novels: &mut Novels, request: &Request) -> Answer {
    let Some(count) = request.number("count").filter(|count| *count > 0) else { return Err(refusal(10140001)) };
    if count > 100 {
        return Err(refusal(10145009));
    }
    let received = request.number("type") == Some(1);
    let book_id = request.text("book_id").filter(|id| !received && !id.is_empty());
    let mine = |grant: &&BookGrant| if received { &grant.grantee } else { &grant.grantor } == request.caller;
    let live = novels.book_grants.iter().filter(mine).filter(|grant| grant.expire_time > request.now);
    let found: Vec<_> = live.filter(|grant| book_id.is_none_or(|id| grant.book_id == id)).collect();
    let offset = request.number("offset").unwrap_or(0) as usize;
    let page: Vec<Value> = found.iter().skip(offset).take(count as usize).map(|grant| grant.json()).collect();
    match request.flag("is_sum") && !received {
        true => answer!({ "results": page, "sum": found.len() }),
        false => answer!({ "results": page }),
    }
}

pub(super) fn delete(novels: &mut Novels, request: &Request) -> Answer {
    let book_id = request.text("book_id").unwrap_or_default();
    if novels.book(book_id).is_none_or(|book| book.owner != request.caller) {
        return Err(refusal(10145004));
    }
    let grantee = request.text("grantee_appid").unwrap_or_default();
    let meant = |grant: &BookGrant| grant.book_id == book_id && grant.grantee == grantee;
    if !novels.book_grants.iter().any(|grant| meant(grant) && grant.expire_time > request.now) {
        return Err(refusal(10145001));
    }
    novels.book_grants.retain(|grant| !meant(grant));
    done()
}
