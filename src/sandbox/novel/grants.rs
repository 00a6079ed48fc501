//! Grants per book: grantor, book, grantee and an end.

use super::ledger::Grant;
use super::text::Text;
use super::{Novels, done, refusal};
use crate::sandbox::model::{Answer, Refusal, Request, answer, is_appid, number};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// The last moment that a grant may end at.
const LATEST: i64 = 2_147_483_646;
/// How many grants one call may bring.
const AT_MOST: usize = 20;

/// Row by row; the outer code tells that some failed, the results tell which.
pub(super) fn add(novels: &mut Novels, request: &Request) -> Answer {
    each_row(request, "books", |row| {
        let (grantee, expire_time) = granted(row, request)?;
        let book_id = needed(row, "book_id")?.as_str().unwrap_or_default();
        let book = novels.books.by_id(book_id).filter(|book| *book.owner == *request.caller);
        let book_id = book.ok_or_else(|| refusal(10145004))?.id.clone();
        novels.book_grants.put(Grant { book_id, grantor: request.caller.into(), grantee, expire_time });
        Ok(())
    })
}

/// Run the rows of a call in order and report each.
pub(super) fn each_row(
    request: &Request,
    field: &str,
    mut run: impl FnMut(&Map<String, Value>) -> Result<(), Refusal>,
) -> Answer {
    let rows = needed(&request.fields, field)?.as_array().ok_or_else(|| refusal(10140001))?;
    if !(1..=AT_MOST).contains(&rows.len()) {
        return Err(refusal(10145008));
    }
    if request.lacks_category(request.caller) {
        return Err(refusal(10145005));
    }
    let outcome = |row: &Value| match row.as_object().ok_or_else(|| refusal(10140001)).and_then(&mut run) {
        Ok(()) => json!({ "errcode": 0, "errmsg": "ok" }),
        Err(refusal) => json!({ "errcode": refusal.code, "errmsg": refusal.message }),
    };
    let results: Vec<Value> = rows.iter().map(outcome).collect();
    let failed = results.iter().any(|result| result["errcode"] != 0);
    let fields = answer!({ "results": results })?;
    if failed { Err(Refusal { fields, ..refusal(10145010) }) } else { Ok(fields) }
}

/// The grantee and the end of any grant.
pub(super) fn granted(row: &Map<String, Value>, request: &Request) -> Result<(Text, i64), Refusal> {
    let grantee = appid(row, "grantee_appid")?;
    let end = number(needed(row, "expire_time")?).unwrap_or(0);
    match () {
        () if grantee == request.caller => Err(refusal(10145012)),
        () if end <= request.now || end > LATEST => Err(refusal(10145007)),
        () if request.lacks_category(grantee) => Err(refusal(10145006)),
        () => Ok((grantee.into(), end)),
    }
}

pub(super) fn appid<'a>(fields: &'a Map<String, Value>, field: &str) -> Result<&'a str, Refusal> {
    let appid = needed(fields, field)?.as_str().filter(|appid| is_appid(appid));
    appid.ok_or_else(|| refusal(10145011))
}

fn needed<'a>(fields: &'a Map<String, Value>, field: &str) -> Result<&'a Value, Refusal> {
    fields.get(field).filter(|value| !value.is_null()).ok_or_else(|| refusal(10145003))
}

/// How many rows are asked for: up to 100, as the older manual allows.
pub(super) fn page_size(request: &Request) -> Result<usize, Refusal> {
    match number(needed(&request.fields, "count")?) {
        Some(count @ 1..=100) => Ok(count as usize),
        Some(101..) => Err(refusal(10145009)),
        _ => Err(refusal(10140001)),
    }
}

/// The total comes only when asked for, and only on the granting side.
pub(super) fn query(novels: &mut Novels, request: &Request) -> Answer {
    let count = page_size(request)?;
    let offset = number(needed(&request.fields, "offset")?).and_then(|offset| usize::try_from(offset).ok());
    let offset = offset.ok_or_else(|| refusal(10140001))?;
    let received = request.number("type") == Some(1);
    let found = if received { novels.book_grants.received_by(request.caller).into() } else { given(novels, request) };
    let page = found.get(offset..).unwrap_or_default();
    let rows: Vec<Value> = novels.book_grants.numbered(page).take(count).map(|grant| json!(grant)).collect();
    match request.flag("is_sum") && !received {
        true => answer!({ "results": rows, "sum": found.len() }),
        false => answer!({ "results": rows }),
    }
}

/// All grants that the caller gave, or those of one book.
fn given<'a>(novels: &'a Novels, request: &Request) -> Cow<'a, [i64]> {
    let all = novels.book_grants.given_by(request.caller);
    match request.text("book_id").unwrap_or_default() {
        "" => all.into(),
        id => novels.book_grants.of_book(all, id).into(),
    }
}

pub(super) fn delete(novels: &mut Novels, request: &Request) -> Answer {
    let book_id = needed(&request.fields, "book_id")?.as_str().unwrap_or_default();
    let grantee = appid(&request.fields, "grantee_appid")?;
    if novels.books.by_id(book_id).is_none_or(|book| *book.owner != *request.caller) {
        return Err(refusal(10145004));
    }
    if novels.book_grants.remove(book_id, grantee) { done() } else { Err(refusal(10145001)) }
}
